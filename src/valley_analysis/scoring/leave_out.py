"""Leave one indicator out: how far ranks move without it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.frames import Scope
from valley_analysis.scoring._linear import (
    Floats,
    Parts,
    is_weighted_sum,
    means,
    parts_of,
    rank_rows,
)
from valley_analysis.scoring.engine import score_batch
from valley_analysis.scoring.index import IndexResult
from valley_analysis.scoring.pool import pool_indicators
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.steps import checked_frame
from valley_analysis.scoring.weights import shared_weights


@dataclass(frozen=True)
class LeaveOneOut:
    """The index without each of its indicators.

    Attributes
    ----------
    summary
        Indicators down: dimension, weight (nominal), mean_shift and max_shift (places, absolute),
        unit (that moves most), shift (its move, positive where it falls without the indicator),
        unranked (units that lose their score).
    scores, ranks
        Units x indicators: score and rank without the indicator.
    shifts
        Units x indicators: rank without the indicator minus rank.
    """

    summary: pd.DataFrame
    scores: pd.DataFrame
    ranks: pd.DataFrame
    shifts: pd.DataFrame

    def _repr_html_(self) -> str:
        return str(self.summary.sort_values("mean_shift", ascending=False).round(2).to_html())


def leave_one_out(result: IndexResult, correlations: pd.DataFrame | None = None) -> LeaveOneOut:
    """Score the index again without each indicator.

    Goalposts stay. Where near-duplicates share a weight, they do so among those left; else the
    others of the dimension keep their proportions. Any means: arithmetic ones are averaged in
    one go, others as `vary` does.

    Parameters
    ----------
    result
        One edition of an index.
    correlations
        Square, all indicators of the specification: `pooled_correlations`, by which
        near-duplicates are found anew. Without it an indicator's weight goes to its
        near-duplicates as they stand, or else to the whole dimension; that differs only where
        the indicator was the link between others.

    Raises
    ------
    FrameError
        If `correlations` lack an indicator.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 7. COINr 1.1,
    `remove_elements`.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> leave_one_out(small_index()).summary.loc["exports", ["shift", "unit"]].to_dict()
    {'shift': 1.0, 'unit': 'A'}
    """
    names = list(result.weights.index)
    correlations = None if correlations is None else _square(correlations, result.spec)
    parts = parts_of(result, exact=False)
    weights = _weights_without(result, parts, correlations)
    if is_weighted_sum(result, parts):
        scores = _scores_without(parts, weights)
    else:
        scores = _scores_anyhow(result, parts, weights)
    ranks = rank_rows(scores.T).T
    before = result.scores["rank"].to_numpy(dtype=float, na_value=np.nan)
    shifts = ranks - before[:, None]
    units = result.normalised.index
    return LeaveOneOut(
        _summary(result, shifts),
        *(pd.DataFrame(table, units, names) for table in (scores, ranks, shifts)),
    )


def pooled_correlations(indicators: pd.DataFrame, spec: IndexSpec, scope: Scope) -> pd.DataFrame:
    """Return the correlations by which an index finds its near-duplicates.

    Parameters
    ----------
    indicators
        A frame that keeps `frames.INDICATORS`.
    spec, scope
        Of the index.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import random_indicators
    >>> pooled_correlations(*random_indicators(40, 5)).shape
    (5, 5)
    """
    scaled = pool_indicators(indicators, spec, scope).scaled["value"]
    first, last = spec.reference
    periods = scaled.index.get_level_values("period")
    return scaled[(periods >= first) & (periods <= last)].corr(min_periods=30)


def _weights_without(
    result: IndexResult, parts: Parts, correlations: pd.DataFrame | None
) -> Floats:
    """One row an indicator left out: the weights of the others."""
    table, spec = result.weights, result.spec
    places = {name: place for place, name in enumerate(table.index)}
    labels = list(zip(table["dimension"], table["group"], strict=True))
    rows = np.tile(parts.weights, (len(places), 1))
    np.fill_diagonal(rows, 0.0)
    if spec.weighting != "shared":
        return rows  # the others keep their proportions
    for name, place in places.items():
        mates = [other for other, label in enumerate(labels) if label == labels[place]]
        mates.remove(place)
        if not mates:
            continue  # the others keep their proportions
        if correlations is None:
            rows[place, mates] *= 1 + parts.weights[place] / parts.weights[mates].sum()
            continue
        rest = [other for other in spec.of_dimension(labels[place][0]) if other != name]
        found = shared_weights(correlations.loc[rest, rest], spec.shared_above)
        known = [other for other in rest if other in places]
        rows[place, [places[other] for other in known]] = found[known].to_numpy()
    return rows


def _square(correlations: pd.DataFrame, spec: IndexSpec) -> pd.DataFrame:
    table = checked_frame(correlations, "leave_one_out")
    lost = [name for name in spec.indicators if name not in table or name not in table.index]
    if lost:
        problems = [f"correlations lack {name}" for name in lost]
        raise FrameError("leave_one_out", problems, "take them from pooled_correlations")
    return table


def _scores_anyhow(result: IndexResult, parts: Parts, weights: Floats) -> Floats:
    """Units x indicators left out, through the tree with its own means."""
    tree, names = result.structure, list(result.weights.index)
    places = {node.name: place for place, node in enumerate(tree.nodes)}
    rows = np.tile([node.weight for node in tree.nodes], (len(names), 1))
    for row, name in enumerate(names):
        with np.errstate(invalid="ignore", divide="ignore"):
            moved = np.nan_to_num(weights[row] / parts.weights)  # share taken over from the one
        for other, factor in zip(names, moved, strict=True):
            rows[row, places[other]] *= factor
        at = name
        while at != tree.top and not any(
            rows[row, places[mate]] > 0 for mate in tree.children(tree.by_name[at].parent)
        ):
            at = tree.by_name[at].parent
            rows[row, places[at]] *= at == tree.top
    values = result.normalised.reindex(columns=list(tree.leaves)).to_numpy(dtype=float)
    return score_batch(values, tree, rows, floor=result.spec.floor).T


def _scores_without(parts: Parts, weights: Floats) -> Floats:
    """Units x indicators left out; only the one dimension is averaged again."""
    known = ~np.isnan(parts.points)
    filled = np.where(known, parts.points, 0.0)
    dimensions, present = means(parts)
    kept = np.where(present, dimensions, 0.0) * parts.nominal
    scores = np.full_like(filled, np.nan)
    for row, inside in enumerate(parts.members):
        mine = weights[np.ix_(inside, inside)]
        whole = mine.sum(axis=1)
        there = known[:, inside] @ mine.T
        enough = (there >= whole * (parts.thresholds[0] - 1e-12)) & (there > 0)
        mean = np.divide(filled[:, inside] @ mine.T, there, out=np.zeros_like(there), where=enough)
        others = np.arange(len(parts.nominal)) != row
        nominal = parts.nominal[row] * (whole > 0)  # a dimension left empty is no more
        sums = kept[:, others].sum(axis=1)[:, None] + mean * nominal
        weight = (present[:, others] @ parts.nominal[others])[:, None] + enough * nominal
        limit = parts.nominal[others].sum() + nominal
        heavy = (weight >= (parts.thresholds[1] - 1e-12) * limit) & (weight > 0)
        scores[:, inside] = np.divide(sums, weight, out=np.full_like(sums, np.nan), where=heavy)
    return scores


def _summary(result: IndexResult, shifts: Floats) -> pd.DataFrame:
    ranked = result.scores["rank"].notna().to_numpy()
    size = np.where(np.isnan(shifts), -1.0, np.abs(shifts))
    most = size.argmax(axis=0)
    columns = np.arange(shifts.shape[1])
    counted = (size >= 0).sum(axis=0)
    mean = np.where(size >= 0, size, 0.0).sum(axis=0) / np.where(counted, counted, np.nan)
    return pd.DataFrame(
        {
            "dimension": result.weights["dimension"],
            "weight": result.weights["weight"],
            "mean_shift": mean,
            "max_shift": np.where(counted > 0, size[most, columns], np.nan),
            "unit": result.normalised.index.to_numpy()[most],
            "shift": shifts[most, columns],
            "unranked": (np.isnan(shifts) & ranked[:, None]).sum(axis=0),
        }
    )
