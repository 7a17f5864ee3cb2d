"""Borders of the regions, for maps and for neighbourhood; never for areas."""

import hashlib
import io
from functools import cache
from typing import TYPE_CHECKING, Literal

from valley_analysis.errors import MissingInputError, RawError, RegisterError, ValleyError
from valley_analysis.paths import raw
from valley_analysis.regions.register import HERE, load_registry
from valley_analysis.registers import read_yaml

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

# Equal-area conic over Russia: areas compare, and 190 degrees east lies in one piece.
ALBERS = "+proj=aea +lat_1=52 +lat_2=64 +lat_0=56 +lon_0=105 +datum=WGS84 +units=m +no_defs"
AREA_TOLERANCE = 3.0

Crs = Literal["albers", "lonlat"]


def load_boundaries(crs: Crs = "albers") -> "gpd.GeoDataFrame":
    """Return the borders of the 83 recognised regions.

    Polygons are disjoint: Arkhangelsk Oblast is drawn without Nenets, Tyumen Oblast without
    Khanty-Mansi and Yamalo-Nenets. Crimea and Sevastopol are not in the source.

    Parameters
    ----------
    crs
        "albers" (equal-area conic, metres; `ALBERS`) or "lonlat" (degrees, WGS 84;
        Chukotka runs on to 190 degrees east).

    Returns
    -------
    GeoDataFrame
        One row a region: region (ISO 3166-2, as the column iso of `frame`), unit (what the
        polygon shows: RU-ARK-X and RU-TYU-X, else the same code), geometry (Polygon or
        MultiPolygon).
        A new object at every call.

    Raises
    ------
    MissingInputError
        If the file is not there.
    RawError
        If its bytes are not those whose checksum the sidecar holds.
    RegisterError
        If the sidecar is absent or damaged.
    ValleyError
        For any other crs.

    Notes
    -----
    Source: Digital Chart of the World for GMT 2.1.1, LGPL-3, simplified to about 4 km; see
    data/raw/boundaries/regions.yml.

    Examples
    --------
    >>> borders = load_boundaries()
    >>> len(borders), list(borders.columns)
    (83, ['region', 'unit', 'geometry'])
    """
    if crs not in ("albers", "lonlat"):
        raise ValleyError(f"crs is {crs!r}; expected albers or lonlat")
    lonlat = _read()
    return lonlat.to_crs(ALBERS) if crs == "albers" else lonlat.copy()


@cache
def _read() -> "gpd.GeoDataFrame":
    import geopandas as gpd

    path = raw() / "boundaries" / "regions.geojson"
    if not path.is_file():
        raise MissingInputError(
            f"{path.name} is not in data/raw/boundaries. "
            "Next step: restore it from git, or run scripts/build_boundaries.py."
        )
    remainders = {r.iso: r.code for r in load_registry().values() if r.kind == "remainder"}
    content = path.read_bytes()
    about = read_yaml(path.with_suffix(".yml"))
    expected = about.get("sha256") if isinstance(about, dict) else None
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        known = f"{expected[:12]}…" if isinstance(expected, str) else "none"
        raise RawError(
            f"boundaries/{path.name}",
            [f"sha256 is {found[:12]}…; {path.stem}.yml has {known}: the borders were changed"],
            "restore both from git, or run scripts/build_boundaries.py",
        )
    table = gpd.read_file(io.BytesIO(content), columns=["region"])
    table.insert(1, "unit", table["region"].replace(remainders))
    return table


def area_check() -> "pd.DataFrame":
    """Compare the drawn areas with the official ones.

    Returns
    -------
    DataFrame
        One row a polygon, largest deviation first: region, unit, drawn_km2, official_km2,
        deviation (percent of the official area), reason (for more than 3 percent either
        way; a reason that nobody verified says so).

    Raises
    ------
    RegisterError
        If a deviation over 3 percent has no reason in regions/area_notes.yml, or a reason
        is left over.

    Examples
    --------
    >>> area_check().columns.tolist()
    ['region', 'unit', 'drawn_km2', 'official_km2', 'deviation', 'reason']
    """
    known = load_registry()
    table = load_boundaries("albers")
    drawn = (table.area / 1e6).round(1)
    table = table.drop(columns="geometry").assign(drawn_km2=drawn)
    table["official_km2"] = [known[unit].area_km2 for unit in table["unit"]]
    table["deviation"] = 100 * (table["drawn_km2"] / table["official_km2"] - 1)
    reasons = read_yaml(HERE / "area_notes.yml")
    table["reason"] = [reasons.get(code, "") for code in table["region"]]
    _check_reasons(table, reasons)
    order = table["deviation"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _check_reasons(table: "pd.DataFrame", reasons: dict[str, str]) -> None:
    wide = set(table.loc[table["deviation"].abs() > AREA_TOLERANCE, "region"])
    problems = [f"{code}: deviates, without a reason" for code in sorted(wide - set(reasons))]
    problems += [f"{code}: has a reason, but fits" for code in sorted(set(reasons) - wide)]
    if problems:
        raise RegisterError("area_notes.yml", problems, "write or drop the reason")
