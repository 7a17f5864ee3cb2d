"""Copeland scores: who wins more pairwise comparisons than it loses.

Source: Copeland (1951); OECD/JRC Handbook on Constructing Composite Indicators (2008), step 6
(non-compensatory multi-criteria analysis, outranking matrix); Munda and Nardo (2009).
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.scoring.steps import Array, blocks, checked_frame, refuse, weight_shares

EVEN = 1e-12  # sums of weights closer than this are equal
CELLS = 2_000_000  # comparisons held in memory at once


def copeland(
    frame: pd.DataFrame,
    weights: "Mapping[str, float] | pd.Series[float] | None" = None,
    *,
    tie: float = 0.0,
    pooled: bool = False,
    rescale: bool = False,
) -> "pd.Series[float]":
    """Score units by pairwise comparison: +1 a win, -1 a loss, 0 a draw.

    A unit beats another if the indicators on which it is ahead, ties counting half, have more
    than half of the weight. A pair is compared on the indicators that both have, their weights
    renormalised; a pair with none in common is a draw. The order of rows plays no part.

    Parameters
    ----------
    frame
        Units, or (period, unit), down; indicators across; more is better; gaps allowed.
    weights
        Indicator -> weight; equal if not given.
    tie
        Values no further apart than this tie.
    pooled
        Compare a (period, unit) frame over all periods instead of within each.
    rescale
        Return 50 (1 + wins minus losses / opponents), from 0 to 100, instead of wins minus
        losses.

    Returns
    -------
    One score a unit; missing for a unit without any value of positive weight.

    Raises
    ------
    SpecError
        With every weight that is negative, missing, or of an unknown indicator.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [3, 2, 1], "y": [1, 2, 3], "z": [3, 1, 2]}, ["a", "b", "c"])
    >>> copeland(frame).to_dict()
    {'a': 2.0, 'b': -2.0, 'c': 0.0}
    """
    _check_tie(tie)
    table = checked_frame(frame, "copeland")
    shares = _shares(table.columns, weights)
    values, scores = table.to_numpy(), np.full(len(table), np.nan)
    for _, at in blocks(table.index, pooled):
        scores[at] = copeland_scores(values[at], shares, tie, rescale)
    return pd.Series(scores, table.index, name="copeland")


def outranking(
    frame: pd.DataFrame,
    weights: "Mapping[str, float] | pd.Series[float] | None" = None,
    *,
    tie: float = 0.0,
) -> pd.DataFrame:
    """Return the outranking matrix: share of weight on which the row is ahead of the column.

    Parameters
    ----------
    frame, weights, tie
        As for `copeland`.

    Returns
    -------
    Units x units; e_ij + e_ji = 1, ties counting half to each; missing on the diagonal and
    for pairs without a common indicator.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [3, 2], "y": [1, 1], "z": [1, 2]}, ["a", "b"])
    >>> outranking(frame, {"x": 2, "y": 1, "z": 1}).loc["a", "b"]
    np.float64(0.625)
    """
    _check_tie(tie)
    table = checked_frame(frame, "outranking")
    values, shares = table.to_numpy(), _shares(table.columns, weights)
    lead, common = _lead(values, values, shares, np.full(len(shares), tie))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(common > 0, 0.5 * (1 + lead / common), np.nan)
    np.fill_diagonal(share, np.nan)
    return pd.DataFrame(share, table.index, table.index)


def copeland_scores(
    values: Array, weights: Array, tie: "float | Array" = 0.0, rescale: bool = False
) -> Array:
    """Return Copeland scores of the rows of an array.

    Parameters
    ----------
    values
        Units x indicators; missing values allowed.
    weights
        One a column, none negative.
    tie
        Values no further apart tie: for all columns, or one a column.
    rescale
        As for `copeland`.
    """
    ties = np.broadcast_to(np.asarray(tie, dtype=float), weights.shape)
    scored = (~np.isnan(values) & (weights > 0)).any(axis=1)
    field = values[scored]
    wins = np.empty(len(field))
    step = max(1, CELLS // max(1, len(field)))
    for start in range(0, len(field), step):
        lead, common = _lead(field[start : start + step], field, weights, ties)
        ahead, behind = lead > EVEN * common, lead < -EVEN * common
        wins[start : start + step] = ahead.sum(axis=1) - behind.sum(axis=1).astype(float)
    if rescale:
        wins = 50.0 * (1 + wins / max(1, len(field) - 1))
    scores = np.full(len(values), np.nan)
    scores[scored] = wins
    return scores


def _lead(some: Array, all_: Array, weights: Array, ties: Array) -> tuple[Array, Array]:
    """Weight ahead minus weight behind, and weight in common, of some rows against all.

    Terms are added in the same order for every pair, so that the lead of one over the other
    is exactly minus the lead of the other, whatever the order of rows.
    """
    lead = np.zeros((len(some), len(all_)))
    for j in np.flatnonzero(weights > 0):
        mine, theirs = some[:, j, None], all_[None, :, j]
        if ties[j] > 0:
            with np.errstate(over="ignore"):
                apart = mine - theirs
            ahead, behind = apart > ties[j], apart < -ties[j]
        else:
            ahead, behind = mine > theirs, mine < theirs
        lead += weights[j] * (ahead.view(np.int8) - behind.view(np.int8))
    here, there = (_present(each) for each in (some, all_))
    return lead, (here * weights) @ there.T


def _present(values: Array) -> npt.NDArray[np.float64]:
    return (~np.isnan(values)).astype(float)


def _check_tie(tie: float) -> None:
    if not tie >= 0:
        refuse("copeland", [f"tie {tie}; expected 0 or more"], "correct this setting")


def _shares(columns: pd.Index, weights: "Mapping[str, float] | pd.Series[float] | None") -> Array:
    if weights is None:
        return np.full(len(columns), 1.0 / len(columns))
    return weight_shares(columns, weights, "copeland")
