"""The index as a weighted sum: which share each indicator has in each unit's score."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valley_analysis.errors import ValleyError
from valley_analysis.scoring.index import IndexResult
from valley_analysis.scoring.ranks import TIE

Floats = NDArray[np.float64]
_EXACT = 1e-6


@dataclass(frozen=True)
class Parts:
    """What a score is made of, as arrays.

    Attributes
    ----------
    points
        Units x indicators, 0-100, missing where a unit has no value.
    weights
        Nominal weight of each indicator in the index.
    members
        Dimensions x indicators: whether an indicator belongs to a dimension.
    nominal
        Weight of each dimension.
    thresholds
        Share of weight that must be present in a dimension, and in the index.
    """

    points: Floats
    weights: Floats
    members: NDArray[np.bool_]
    nominal: Floats
    thresholds: tuple[float, float]

    def without(self, column: int) -> "Parts":
        """Return the parts less one indicator, and less its dimension if that is left empty."""
        keep = np.arange(len(self.weights)) != column
        members = self.members[:, keep]
        alive = members.any(axis=1) | ~self.members.any(axis=1)
        return replace(
            self,
            points=self.points[:, keep],
            weights=self.weights[keep],
            members=members[alive],
            nominal=self.nominal[alive],
        )


def parts_of(result: IndexResult, *, exact: bool = True) -> Parts:
    """Take a result apart.

    Parameters
    ----------
    result
        One edition of an index.
    exact
        Whether the weighted sum has to be the score.

    Raises
    ------
    ValleyError
        If the weighted sum is not the score: the index averages in another way.
    """
    spec, dimension = result.spec, result.weights["dimension"].to_numpy()
    lost = {member.indicator: member.dimension for member in spec.members}
    gone = result.dropped["weight"].groupby(result.dropped.index.map(lost)).sum()
    nominal = result.weights.groupby("dimension")["weight"].sum().add(gone, fill_value=0.0)
    parts = Parts(
        result.normalised.to_numpy(dtype=float),
        result.weights["weight"].to_numpy(dtype=float),
        np.array([dimension == name for name in spec.dimensions]),
        nominal.reindex(list(spec.dimensions)).to_numpy(dtype=float),
        (spec.dimension_threshold, spec.index_threshold),
    )
    if exact and not is_weighted_sum(result, parts):
        raise ValleyError(
            f"index {result.spec.name!r} is no weighted arithmetic mean of its indicators; this "
            "step is exact for such a mean only. Next step: use an arithmetic variant."
        )
    return parts


def is_weighted_sum(result: IndexResult, parts: Parts) -> bool:
    """Whether the parts add up to the score."""
    score = result.scores["score"].to_numpy(dtype=float)
    return np.allclose(total(*means(parts), parts), score, atol=_EXACT, equal_nan=True)


def shares(parts: Parts) -> Floats:
    """Return the weight of each indicator in each unit's score; rows sum to 1 or are missing."""
    filled = np.where(np.isnan(parts.points), 0.0, 1.0) * parts.weights
    sums = filled @ parts.members.T
    present = _present(parts, sums)
    between = np.where(present, parts.nominal, 0.0)
    heavy = between.sum(axis=1) >= (parts.thresholds[1] - 1e-12) * parts.nominal.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        between = between / np.where(heavy, between.sum(axis=1), np.nan)[:, None]
        factor = np.where(present, between / sums, np.where(heavy[:, None], 0.0, np.nan))
    return filled * (factor @ parts.members)


def means(parts: Parts) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the mean of each dimension (units x dimensions), and whether it has a score."""
    known = ~np.isnan(parts.points)
    sums = (known * parts.weights) @ parts.members.T
    present = _present(parts, sums)
    weighted = (np.where(known, parts.points, 0.0) * parts.weights) @ parts.members.T
    return np.divide(weighted, sums, out=np.full_like(sums, np.nan), where=present), present


def total(dimensions: Floats, present: NDArray[np.bool_], parts: Parts) -> Floats:
    """Average the dimensions of each unit."""
    weight = present @ parts.nominal
    heavy = weight >= (parts.thresholds[1] - 1e-12) * parts.nominal.sum()
    mean = np.where(present, dimensions, 0.0) @ parts.nominal
    return np.divide(mean, weight, out=np.full_like(mean, np.nan), where=heavy & (weight > 0))


def _present(parts: Parts, sums: Floats) -> NDArray[np.bool_]:
    whole = parts.members @ parts.weights
    enough: NDArray[np.bool_] = (sums >= whole * (parts.thresholds[0] - 1e-12)) & (sums > 0)
    return enough


def rank_rows(scores: Floats) -> Floats:
    """Rank each row: 1 is best, ties (closer than 1e-9 to the next) share the smaller place.

    Parameters
    ----------
    scores
        Rows x units, a missing score has no rank.
    """
    filled = np.where(np.isnan(scores), -np.inf, scores)
    order = np.argsort(-filled, axis=1, kind="stable")
    ordered = np.take_along_axis(filled, order, axis=1)
    with np.errstate(invalid="ignore"):
        steps = -np.diff(ordered, axis=1, prepend=np.inf)
    places = np.arange(1, scores.shape[1] + 1)
    ranks = np.maximum.accumulate(np.where(steps > TIE, places, 1), axis=1)
    found = np.empty_like(scores)
    np.put_along_axis(found, order, ranks.astype(float), axis=1)
    return np.where(np.isnan(scores), np.nan, found)


def unit_shares(result: IndexResult) -> pd.DataFrame:
    """Return `shares` of a result as units x indicators."""
    frame = result.normalised
    return pd.DataFrame(shares(parts_of(result)), frame.index, frame.columns)
