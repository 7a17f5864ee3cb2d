"""The results as files for other programs: CSV, a workbook, boundaries with scores.

The same results give the same bytes: no clock goes into any of the files.
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from valley_analysis import regions
from valley_analysis.escape import cell_csv
from valley_analysis.files import write_aside
from valley_analysis.reports.results import Results, editions_table, ranged_table
from valley_analysis.reports.workbook import write_workbook

DIGITS = 6
_ANTIMERIDIAN = 180.0


def export_results(results: Results, folder: Path) -> list[Path]:
    """Write the results into a folder.

    Parameters
    ----------
    results
        What `compute_results` returns.
    folder
        Where to; it is made.

    Returns
    -------
    regional_index.csv (the requested edition), regional_index_editions.csv (all of them),
    regional_index.xlsx, regions.geojson.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = ranged_table(results)
    return [
        write_csv(table, folder / "regional_index.csv"),
        write_csv(editions_table(results.editions), folder / "regional_index_editions.csv"),
        write_workbook(results, folder / "regional_index.xlsx"),
        write_geojson(table, folder / "regions.geojson"),
    ]


def write_csv(table: pd.DataFrame, path: Path) -> Path:
    """Write a table as CSV (UTF-8): six decimals, true and false, nothing where it is missing.

    A text or a heading that a spreadsheet would compute stands behind an apostrophe.
    """
    printed = table.copy()
    for column in printed.select_dtypes("bool"):
        printed[column] = printed[column].map({True: "true", False: "false"})
    for column in printed.select_dtypes(["object", "str", "category"]):
        texts = printed[column].astype(object)
        printed[column] = texts.map(lambda one: cell_csv(one) if isinstance(one, str) else one)
    printed.columns = [cell_csv(str(column)) for column in printed]
    text = printed.round(DIGITS).to_csv(index=False, lineterminator="\n")
    return write_aside(path, text)


def write_geojson(table: pd.DataFrame, path: Path) -> Path:
    """Write the regions of a table with their boundaries (RFC 7946).

    Longitude and latitude; exterior rings run counter-clockwise, and what lies beyond 180
    degrees (Chukotka) is cut there. A region without a boundary has a null geometry.

    Parameters
    ----------
    table
        What `ranged_table` returns.
    path
        Where to.
    """
    borders = regions.load_boundaries("lonlat").set_index("unit")["geometry"]
    iso = regions.frame(table["region"]).set_index("region")["iso"]
    features = [
        {
            "type": "Feature",
            "id": row["region"],
            "properties": {**{k: _plain(v) for k, v in row.items()}, "iso": iso[row["region"]]},
            "geometry": _geometry(borders.get(row["region"])),
        }
        for row in table.to_dict("records")
    ]
    content = {"type": "FeatureCollection", "features": features}
    return write_aside(path, json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")


def _plain(value: Any) -> Any:
    if value is pd.NA or (isinstance(value, float) and value != value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    return round(value, DIGITS) if isinstance(value, float) else value


def _geometry(shape: Any) -> dict[str, Any] | None:
    if shape is None:
        return None
    coordinates = [
        _rings(polygon, shift)
        for part, shift in _cut(shape)
        for polygon in getattr(part, "geoms", [part])
        if polygon.geom_type == "Polygon" and not polygon.is_empty
    ]
    return {"type": "MultiPolygon", "coordinates": coordinates}


def _cut(shape: Any) -> list[tuple[Any, float]]:
    """Return what lies on either side of the antimeridian, and how far to shift it."""
    from shapely import box

    if shape.bounds[2] <= _ANTIMERIDIAN:
        return [(shape, 0.0)]
    west = shape.intersection(box(-_ANTIMERIDIAN, -90, _ANTIMERIDIAN, 90))
    east = shape.intersection(box(_ANTIMERIDIAN, -90, 3 * _ANTIMERIDIAN, 90))
    return [(west, 0.0), (east, -2 * _ANTIMERIDIAN)]


def _rings(polygon: Any, shift: float) -> list[list[list[float]]]:
    from shapely.geometry.polygon import orient

    turned = orient(polygon, sign=1.0)
    return [
        [[round(x + shift, 4), round(y, 4)] for x, y in ring.coords]
        for ring in (turned.exterior, *turned.interiors)
    ]
