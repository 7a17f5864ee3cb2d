"""Strengths and weaknesses of a unit, against all units and against its peers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.errors import ValleyError
from valley_analysis.escape import paragraph
from valley_analysis.scoring.brought import nearest
from valley_analysis.scoring.index import IndexResult


@dataclass(frozen=True)
class Profile:
    """How a unit stands.

    Attributes
    ----------
    unit, period
        Whose, and of which edition.
    near_in
        Dimension in which the peers are nearest; its own gaps are small by construction.
    peers
        Nearest first: distance (standard deviations an indicator), shared (indicators that
        both have), score, rank.
    indicators
        Indicators down: dimension, value, rank, of (units with a value), tied (others with the
        same value), standing (0 worst to 1 best, ties in the middle), points, peers_median and
        gap (in the indicator's unit), peers_points (median) and gap_points, contribution,
        peers_contribution (mean) and contribution_gap; the last sums to the unit's score less
        the mean score of its peers.
    dimensions
        Dimensions and "score" down: score, rank, of, peers_median, gap.
    strengths, weaknesses
        Rows of `indicators` with the best and the worst standing.
    """

    unit: str
    period: int
    near_in: str
    peers: pd.DataFrame
    indicators: pd.DataFrame
    dimensions: pd.DataFrame
    strengths: pd.DataFrame
    weaknesses: pd.DataFrame

    def _repr_html_(self) -> str:
        columns = ["dimension", "rank", "of", "tied", "value", "peers_median", "gap_points"]
        parts = [
            paragraph(f"{self.unit} {self.period}: {title}") + table[columns].round(2).to_html()
            for title, table in (("strengths", self.strengths), ("weaknesses", self.weaknesses))
        ]
        return "".join(parts)


def profile(
    result: IndexResult,
    unit: str,
    near_in: str,
    *,
    peers: int | Sequence[str] = 8,
    show: int = 5,
) -> Profile:
    """Find strengths and weaknesses of a unit.

    Parameters
    ----------
    result
        One edition of an index.
    unit
        Its code.
    near_in
        Dimension in which peers resemble the unit, such as the economic base.
    peers
        How many of the nearest units, or their codes.
    show
        How many strengths and weaknesses.

    Raises
    ------
    ValleyError
        If the unit, a peer or the dimension is not in the result.

    References
    ----------
    COINr 1.1 `get_str_weak`; HSE, Russian Regional Innovation Scoreboard, regional profiles.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> found = profile(small_index(), "G", "economy", peers=3, show=1)
    >>> found.strengths.index.tolist(), found.weaknesses.index.tolist()
    (['exports'], ['jobless'])
    """
    named = [] if isinstance(peers, int) else [peers] if isinstance(peers, str) else list(peers)
    if show < 0 or (isinstance(peers, int) and peers < 0) or len(set(named)) != len(named):
        raise ValleyError(f"show {show}, peers {peers}. Next step: name each peer once.")
    _check(result, [unit, *named], near_in)
    distance = distances(result, unit, near_in)
    near = distance.dropna(subset=["distance"])
    chosen = named or list(near.index[: peers if isinstance(peers, int) else 0])
    table = _indicators(result, unit, chosen)
    ordered = table.dropna(subset=["standing"]).sort_values(
        ["standing", "gap_points"], kind="stable"
    )
    return Profile(
        unit=unit,
        period=result.period,
        near_in=near_in,
        peers=distance.loc[chosen].join(result.scores[["score", "rank"]]),
        indicators=table,
        dimensions=_dimensions(result, unit, chosen),
        strengths=ordered.iloc[::-1].head(show),
        weaknesses=ordered.head(show),
    )


def distances(result: IndexResult, unit: str, dimension: str) -> pd.DataFrame:
    """Measure how far other units are from one, in the indicators of a dimension.

    The distance is the root of the mean squared difference of scaled values, each in standard
    deviations over units, weighted as in the index, so that near-duplicates count once. Units
    that share less than half of the dimension's weight with the unit have none.

    Parameters
    ----------
    result
        One edition of an index.
    unit
        Its code.
    dimension
        One of the index.

    Returns
    -------
    The other units down, nearest first: distance, shared (indicators).

    Raises
    ------
    ValleyError
        If the unit or the dimension is not in the result.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> distances(small_index(), "A", "economy").index[0]
    'C'
    """
    _check(result, [unit], dimension)
    names = result.weights.index[result.weights["dimension"] == dimension]
    points = result.normalised[names]
    weights = result.weights.loc[names, "weight"]
    spread = points.std()
    steps = (points - points.loc[unit]) / spread.where(spread > 0)
    known = steps.notna()
    weight = known.mul(weights, axis=1).sum(axis=1)
    enough = weight >= weights.sum() / 2
    square = (steps**2).mul(weights, axis=1).sum(axis=1) / weight.where(enough)
    table = pd.DataFrame({"distance": np.sqrt(square), "shared": known.sum(axis=1)})
    return table.drop(unit).sort_values("distance", kind="stable")


def _check(result: IndexResult, units: Sequence[str], dimension: str) -> None:
    unknown = [unit for unit in units if unit not in result.scores.index]
    if unknown:
        raise ValleyError(
            f"{nearest(unknown, list(result.scores.index))} not in scope "
            f"{result.scope.name!r}. Next step: choose codes of its units."
        )
    if dimension not in set(result.weights["dimension"]):
        raise ValleyError(
            f"no dimension {nearest([dimension], result.spec.dimensions)} in this edition. "
            f"Next step: choose one of {', '.join(result.spec.dimensions)}."
        )


def _indicators(result: IndexResult, unit: str, peers: list[str]) -> pd.DataFrame:
    """Values of the unit beside its peers' and its place among all units."""
    direction = result.weights["direction"]
    better = result.values.astype(float).mul(direction, axis=1)
    own = better.loc[unit]
    size = better.notna().sum()
    ahead, level = (better > own).sum(), (better == own).sum() - 1
    worse = size - 1 - ahead - level
    medians = result.values.loc[peers].astype(float).median()
    points, contributions = result.normalised, result.contributions
    table = pd.DataFrame(
        {
            "dimension": result.weights["dimension"],
            "value": result.values.loc[unit].astype(float),
            "rank": (ahead + 1).astype("Int64").where(own.notna()),
            "of": size,
            "tied": level.clip(lower=0),
            "standing": ((worse + level / 2) / (size - 1).where(size > 1)).where(own.notna()),
            "points": points.loc[unit],
            "peers_median": medians,
            "gap": result.values.loc[unit].astype(float) - medians,
            "peers_points": points.loc[peers].median(),
            "gap_points": points.loc[unit] - points.loc[peers].median(),
            "contribution": contributions.loc[unit],
            "peers_contribution": contributions.loc[peers].mean(),
        }
    )
    gap = table["contribution"] - table["peers_contribution"]
    return table.assign(contribution_gap=gap)


def _dimensions(result: IndexResult, unit: str, peers: list[str]) -> pd.DataFrame:
    names = [*(d for d in result.spec.dimensions if d in result.scores), "score"]
    scores = result.scores[names].astype(float)
    own, medians = scores.loc[unit], scores.loc[peers].median()
    return pd.DataFrame(
        {
            "score": own,
            "rank": ((scores > own).sum() + 1).astype("Int64").where(own.notna()),
            "of": scores.notna().sum(),
            "peers_median": medians,
            "gap": own - medians,
        }
    )
