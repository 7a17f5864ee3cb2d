"""Rebuild data/raw/boundaries/ from the Digital Chart of the World for GMT.

Run once, when the chart changes: ``python scripts/build_boundaries.py dcw-gmt.nc``. The file
comes with the Debian package gmt-dcw or the conda-forge package dcw-gmt; reading it needs
netCDF4 and shapely 2.2 (``pip install .[boundaries]``). The same chart gives the same bytes.
"""

import argparse
import hashlib
import json
from pathlib import Path

import netCDF4
import numpy as np
import pyproj
import shapely

from valley_analysis.paths import raw
from valley_analysis.regions import ALBERS, regions

GRID_M = 200.0
TOLERANCE_M = 4000.0
SLIVER_M = 2000.0
ISLET_KM2 = 150.0
DECIMALS = 3
RING_START = 65535


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chart", type=Path, help="dcw-gmt.nc")
    chart = parser.parse_args().chart
    drawn = draw(chart)
    folder = raw() / "boundaries"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "regions.geojson"
    target.write_text(as_geojson(drawn), "utf-8")
    (folder / "regions.yml").write_text(sidecar(chart, target, drawn), "utf-8")
    vertices = sum(shapely.get_num_coordinates(shape) for shape in drawn.values())
    print(f"{len(drawn)} regions, {vertices} vertices, {target.stat().st_size} bytes")


def draw(chart: Path) -> dict[str, shapely.Geometry]:
    """Return code -> outline in longitude and latitude, disjoint and simplified together."""
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", ALBERS, always_xy=True)
    to_degrees = pyproj.Transformer.from_crs(ALBERS, "EPSG:4326", always_xy=True)
    with netCDF4.Dataset(chart) as data:
        data.set_auto_maskandscale(False)
        codes = [
            one.code for one in regions() if f"{one.code.replace('-', '')}_lon" in data.variables
        ]
        shapes = {code: outline(data, code, to_metres) for code in codes}
    shapes = make_disjoint(shapes)
    shapes = {code: without_islets(shape) for code, shape in shapes.items()}
    cleaned = shapely.coverage_clean(list(shapes.values()), gap_width=SLIVER_M)
    simple = shapely.coverage_simplify(cleaned, TOLERANCE_M)
    return {
        code: shapely.normalize(shapely.transform(shape, lambda xy: round_degrees(xy, to_degrees)))
        for code, shape in zip(shapes, simple, strict=True)
    }


def outline(data: netCDF4.Dataset, code: str, to_metres: pyproj.Transformer) -> shapely.Geometry:
    """Return one region's outline in metres, snapped to the grid; holes by even-odd."""
    key = code.replace("-", "")
    lon, lat = (unpack(data.variables[f"{key}_{axis}"]) for axis in ("lon", "lat"))
    starts = np.flatnonzero(data.variables[f"{key}_lon"][:] == RING_START)
    ends = [*starts[1:], len(lon)]
    rings = []
    for start, end in zip(starts, ends, strict=True):
        x, y = to_metres.transform(lon[start + 1 : end], lat[start + 1 : end])
        if len(x) >= 4:
            rings.append(shapely.make_valid(shapely.Polygon(np.column_stack([x, y]))))
    whole = rings[0]
    for ring in rings[1:]:
        whole = whole.symmetric_difference(ring) if whole.contains(ring) else whole.union(ring)
    return polygons_only(shapely.set_precision(whole, GRID_M))


def unpack(variable: netCDF4.Variable) -> np.ndarray:
    """Return degrees: value / scale + min (`.scale` itself is another thing in netCDF4)."""
    packed = variable[:].astype("float64")
    return packed / variable.getncattr("scale") + variable.getncattr("min")


def make_disjoint(shapes: dict[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    """Cut each region's smaller neighbours out of it: enclaves, and slight overlaps."""
    small_first = sorted(shapes, key=lambda code: (shapes[code].area, code))
    done: dict[str, shapely.Geometry] = {}
    for code in small_first:
        shape = shapes[code]
        touching = [other for other in done.values() if other.intersects(shape)]
        if touching:
            shape = shapely.difference(shape, shapely.union_all(touching), grid_size=GRID_M)
        done[code] = polygons_only(shape)
    return {code: done[code] for code in shapes}


def polygons_only(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    nested = [part for part in shapely.get_parts(shape) if part.geom_type == "MultiPolygon"]
    parts += [inner for part in nested for inner in part.geoms]
    return shapely.MultiPolygon(parts)


def without_islets(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep the largest part and those that can be seen on a map of the country; fill ponds."""
    largest = max(part.area for part in shape.geoms)
    return shapely.MultiPolygon(
        [
            shapely.Polygon(part.exterior, [h for h in part.interiors if hole_counts(h)])
            for part in shape.geoms
            if part.area == largest or part.area >= ISLET_KM2 * 1e6
        ]
    )


def hole_counts(ring: shapely.LinearRing) -> bool:
    return bool(shapely.Polygon(ring).area >= ISLET_KM2 * 1e6)


def round_degrees(xy: np.ndarray, to_degrees: pyproj.Transformer) -> np.ndarray:
    """Return longitudes that run on beyond 180, so that Chukotka stays in one piece."""
    lon, lat = to_degrees.transform(xy[:, 0], xy[:, 1])
    lon = np.where(np.asarray(lon) < 0, np.asarray(lon) + 360, lon)
    return np.round(np.column_stack([lon, lat]), DECIMALS)


def as_geojson(drawn: dict[str, shapely.Geometry]) -> str:
    """Return one feature a line, so that a change of one region is a change of one line."""
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"region": code},
                "geometry": shapely.geometry.mapping(shape),
            },
            separators=(",", ":"),
        )
        for code, shape in drawn.items()
    ]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def sidecar(chart: Path, target: Path, drawn: dict[str, shapely.Geometry]) -> str:
    vertices = sum(shapely.get_num_coordinates(shape) for shape in drawn.values())
    with netCDF4.Dataset(chart) as data:
        version = data.getncattr("version")
    return SIDECAR.format(
        version=version,
        input_sha=digest(chart),
        output_sha=digest(target),
        size=target.stat().st_size,
        regions=len(drawn),
        vertices=vertices,
        grid=GRID_M,
        islet=ISLET_KM2,
        sliver=SLIVER_M,
        tolerance=TOLERANCE_M,
        decimals=DECIMALS,
        albers=ALBERS,
    )


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


SIDECAR = """\
# Written by scripts/build_boundaries.py; do not edit by hand.
file: regions.geojson
sha256: {output_sha}
bytes: {size}
source: Digital Chart of the World for GMT {version} (The GMT Team)
source_url: https://github.com/GenericMappingTools/dcw-gmt
packaged_as: Debian gmt-dcw 2.1.1-1, conda-forge dcw-gmt
input: dcw-gmt.nc
input_sha256: {input_sha}
licence: LGPL-3.0-or-later (see LICENCE.md)
regions: {regions}
vertices: {vertices}
unit: >
  ISO 3166-2 codes, polygons disjoint: RU-ARK is drawn without RU-NEN and RU-TYU without RU-KHM
  and RU-YAN, that is, as the units RU-ARK-X and RU-TYU-X. UA-43 and UA-40 are not in the chart.
coordinates: >
  Longitude and latitude (WGS 84), {decimals} decimals. Longitudes run on to 190 degrees so that
  Chukotka is one piece: draw in a projection, or on an axis that goes beyond 180.
made:
  - rings joined by region, holes by even-odd
  - "projected: {albers}"
  - snapped to a grid of {grid:.0f} m
  - smaller regions cut out of larger ones (Adygea, Moscow, Saint Petersburg; slight overlaps)
  - islands and lakes under {islet:.0f} km2 dropped, each region's largest part kept
  - gaps narrower than {sliver:.0f} m between neighbours closed (shapely coverage_clean)
  - simplified together, shared borders alike (shapely coverage_simplify, {tolerance:.0f} m)
"""

if __name__ == "__main__":
    main()
