"""Spatial weights from borders, from lists of pairs, and from distances between points.

What becomes of a unit without neighbours is a parameter everywhere, ``islands``:

- "none" (the default): its row is zero, and statistics leave it out and say so. No neighbour
  is made up.
- "nearest": it is linked, both ways, to its nearest units by great-circle distance, and the
  weights name it in ``linked``.

Of the Russian regions Kaliningrad and Sakhalin have no neighbour over land.
"""

from collections.abc import Hashable, Iterable
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pandas.api.types import is_numeric_dtype
from scipy import sparse

from valley_analysis.errors import DesignError
from valley_analysis.gate import plain_frame, whole
from valley_analysis.spatial.distances import great_circle_km
from valley_analysis.spatial.weights import Islands, SpatialWeights

if TYPE_CHECKING:
    import geopandas as gpd


def contiguity(
    geometries: "gpd.GeoSeries",
    *,
    tolerance: float = 0.0,
    islands: Islands = "none",
    nearest: int = 1,
) -> SpatialWeights:
    """Return queen contiguity: polygons that share a border or a corner are neighbours.

    Parameters
    ----------
    geometries
        Polygons indexed by unit, in any coordinate reference system.
    tolerance
        Gap across which polygons still count as neighbours, in the units of that system: for
        borders that were simplified apart. An overlap counts at any tolerance.
    islands
        "none" or "nearest", see the module.
    nearest
        To how many units an island is linked, by distance between points inside the polygons.

    Raises
    ------
    DesignError
        For units that repeat, empty geometries, a negative tolerance, or islands to be linked
        without a coordinate reference system.

    Examples
    --------
    >>> import geopandas as gpd
    >>> boxes = [shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2), shapely.box(2.1, 1, 3, 2)]
    >>> squares = gpd.GeoSeries(boxes, ["a", "b", "c"])
    >>> contiguity(squares).islands, contiguity(squares, tolerance=0.2).islands
    (('c',), ())
    """
    shapes = geometries.array
    void = [u for u, gone in zip(geometries.index, _void(shapes), strict=True) if gone]
    problems = [f"unit {unit!r}: no geometry" for unit in void]
    if not tolerance >= 0:
        problems.append(f"tolerance {tolerance}; expected zero or more")
    if islands == "nearest" and geometries.crs is None:
        problems.append("no coordinate reference system, so distances in km are unknown")
    if problems:
        raise DesignError("borders", problems, "give one polygon a unit, with its crs")
    first, second = shapely.STRtree(shapes).query(shapes, "dwithin", tolerance)
    made = f"queen contiguity, tolerance {tolerance:g}"
    points = _points_inside(geometries) if islands == "nearest" else None
    matrix = _adjacency(len(shapes), first, second)
    return _finish(geometries.index, matrix, made, islands, nearest, points)


def from_pairs(
    pairs: pd.DataFrame,
    *,
    units: Iterable[Hashable] | None = None,
    points: pd.DataFrame | None = None,
    islands: Islands = "none",
    nearest: int = 1,
) -> SpatialWeights:
    """Return weights from a list of pairs.

    Parameters
    ----------
    pairs
        Columns focal, neighbor, and optionally weight (one if absent). Directed: a mutual
        neighbourhood takes two rows.
    units
        All units, islands included; those that occur in pairs, in order of appearance, if not
        given.
    points
        Columns lon, lat in degrees, by unit; needed for islands "nearest" only.
    islands, nearest
        See the module.

    Raises
    ------
    DesignError
        For missing columns, a pair that repeats or names an unknown unit.

    Examples
    --------
    >>> pairs = pd.DataFrame({"focal": ["a", "b"], "neighbor": ["b", "a"]})
    >>> from_pairs(pairs, units=["a", "b", "c"]).islands
    ('c',)
    """
    if len(pairs):
        pairs = plain_frame(pairs, "pairs")
    lacking = [name for name in ("focal", "neighbor") if name not in pairs]
    if lacking:
        raise DesignError("pairs", [f"no column {n!r}" for n in lacking], "name the two columns so")
    named = pd.unique(pd.concat([pairs["focal"], pairs["neighbor"]]))
    known = pd.Index(list(units) if units is not None else named)
    problems = [f"unit {unit!r}: not among the units" for unit in pd.Index(named).difference(known)]
    repeated = pairs[pairs.duplicated(["focal", "neighbor"])]
    problems += [
        f"pair {f!r}, {n!r}: repeated"
        for f, n in zip(repeated.focal, repeated.neighbor, strict=True)
    ]
    if "weight" in pairs and not is_numeric_dtype(pairs["weight"]):
        problems.append(f"column 'weight': {pairs['weight'].dtype}; expected numbers")
    if problems:
        raise DesignError("pairs", problems, "name every pair once, among the units")
    given = pairs["weight"].to_numpy(float) if "weight" in pairs else np.ones(len(pairs))
    places = (known.get_indexer(pairs["focal"]), known.get_indexer(pairs["neighbor"]))
    matrix = sparse.csr_array((given, places), shape=(len(known), len(known)))
    return _finish(known, matrix, "a list of pairs", islands, nearest, points)


def knn(points: pd.DataFrame, k: int) -> SpatialWeights:
    """Return weights of the k nearest units by great-circle distance; nobody is an island.

    Not symmetric: the nearest of a remote unit has others nearer by. Of units equally far the
    one named first is taken.

    Parameters
    ----------
    points
        Columns lon, lat in degrees, by unit.
    k
        Neighbours of each unit.

    Raises
    ------
    DesignError
        If k is below one or not below the number of units, or a coordinate is missing.

    Examples
    --------
    >>> line = pd.DataFrame({"lon": [0.0, 1.0, 3.0], "lat": [0.0, 0.0, 0.0]}, ["a", "b", "c"])
    >>> knn(line, 1).neighbours("c").to_dict()
    {'b': 1.0}
    """
    if not 1 <= whole(k, "k") < len(points):
        raise DesignError("points", [f"k = {k} for {len(points)} units"], "take 1 <= k < units")
    chosen = _nearest(_distances(points), k)
    rows = np.repeat(np.arange(len(points)), k)
    matrix = _adjacency(len(points), rows, chosen.ravel())
    return SpatialWeights.of(points.index, matrix, f"{k} nearest by great-circle distance")


def distance_band(
    points: pd.DataFrame,
    km: float,
    *,
    islands: Islands = "none",
    nearest: int = 1,
) -> SpatialWeights:
    """Return weights in which all units within a distance are neighbours, equally.

    Parameters
    ----------
    points
        Columns lon, lat in degrees, by unit.
    km
        Great-circle distance up to which units are neighbours.
    islands, nearest
        See the module.

    Raises
    ------
    DesignError
        If the distance is not above zero or a coordinate is missing.

    Examples
    --------
    >>> line = pd.DataFrame({"lon": [0.0, 1.0, 3.0], "lat": [0.0, 0.0, 0.0]}, ["a", "b", "c"])
    >>> distance_band(line, 112).islands
    ('c',)
    """
    if not (isinstance(km, Real) and km > 0):
        raise DesignError("points", [f"a band of {km!r} km"], "take a distance above zero")
    first, second = np.nonzero(_distances(points) <= km)
    made = f"within {km:g} km"
    matrix = _adjacency(len(points), first, second)
    return _finish(points.index, matrix, made, islands, nearest, points)


def _adjacency(n: int, first: np.ndarray, second: np.ndarray) -> sparse.csr_array:
    apart = first != second
    ones = np.ones(int(apart.sum()))
    return sparse.csr_array((ones, (first[apart], second[apart])), shape=(n, n))


def _finish(
    units: pd.Index,
    matrix: sparse.csr_array,
    made: str,
    islands: Islands,
    nearest: int,
    points: pd.DataFrame | None,
) -> SpatialWeights:
    """Apply the policy for islands to a matrix that is not yet standardised."""
    plain = SpatialWeights.of(units, matrix, f"{made}; islands {islands}")
    if islands not in ("none", "nearest"):
        raise DesignError("islands", [f"policy {islands!r}"], "take 'none' or 'nearest'")
    if islands == "none" or not plain.islands:
        return plain
    problems = [] if 1 <= nearest < len(units) else [f"nearest = {nearest} for {len(units)} units"]
    if points is None or not units.isin(points.index).all():
        problems.append("islands are to be linked, but not every unit has a point")
    if problems or points is None:
        raise DesignError("islands", problems, "give points with columns lon, lat for all units")
    alone = units.get_indexer(list(plain.islands))
    chosen = _nearest(_distances(points.reindex(units)), nearest)[alone]
    rows, columns = np.repeat(alone, nearest), chosen.ravel()
    links = _adjacency(len(units), np.r_[rows, columns], np.r_[columns, rows])
    # A link weighs as an average pair does; two islands that are each other's nearest are one link.
    links.data[:] = matrix.data.mean() if matrix.nnz else 1.0
    return SpatialWeights.of(units, matrix + links, plain.made, plain.islands)


def _distances(points: pd.DataFrame) -> np.ndarray:
    lacking = [name for name in ("lon", "lat") if name not in points]
    if lacking:
        raise DesignError(
            "points", [f"no column {n!r}" for n in lacking], "name the two columns so"
        )
    return great_circle_km(points["lon"], points["lat"])


def _nearest(distances: np.ndarray, k: int) -> np.ndarray:
    others = distances.copy()
    np.fill_diagonal(others, np.inf)
    return np.argsort(others, axis=1, kind="stable")[:, :k]


def _void(shapes: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.is_missing(shapes) | shapely.is_empty(shapes))


def _points_inside(geometries: "gpd.GeoSeries") -> pd.DataFrame:
    inside = geometries.representative_point().to_crs(4326)
    return pd.DataFrame({"lon": inside.x, "lat": inside.y}, geometries.index)
