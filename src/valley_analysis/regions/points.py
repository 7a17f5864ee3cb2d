"""One point a region, for distances: inside its outline, or its seat where none is drawn."""

from functools import cache
from pathlib import Path

import pandas as pd

from valley_analysis.frames import Scope
from valley_analysis.regions.boundaries import load_boundaries
from valley_analysis.registers import check_register, read_yaml

_SEATS = Path(__file__).with_name("points.yml")


def points(scope: Scope) -> pd.DataFrame:
    """Return a point of every unit of a scope.

    Parameters
    ----------
    scope
        Disjoint units.

    Returns
    -------
    Indexed by region: lon, lat in degrees.

    Examples
    --------
    >>> from valley_analysis.regions import scope
    >>> table = points(scope("rosstat"))
    >>> bool(table.notna().all(axis=None)), table.loc["UA-43"].tolist()
    (True, [34.1, 45.0])
    """
    borders = load_boundaries("lonlat").set_index("unit").geometry
    inside = borders.representative_point()
    table = pd.DataFrame({"lon": inside.x, "lat": inside.y}).reindex(list(scope.units))
    return table.fillna(_seats()).rename_axis("region")


@cache
def _seats() -> pd.DataFrame:
    found = check_register(read_yaml(_SEATS), dict[str, tuple[float, float]], _SEATS.name)
    return pd.DataFrame.from_dict(found, orient="index", columns=["lon", "lat"])
