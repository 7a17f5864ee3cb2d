"""Benefit of the doubt: each unit weighed as suits it best (data envelopment analysis).

Source: Cherchye, Moesen, Rogge and Van Puyenbroeck (2007), An introduction to "benefit of the
doubt" composite indicators, Social Indicators Research 82; OECD/JRC Handbook on Constructing
Composite Indicators (2008), step 6.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.escape import paragraph
from valley_analysis.scoring.steps import (
    Array,
    checked_frame,
    exponents,
    highest,
    plain_mapping,
    refuse,
    units_text,
)

Bounds = float | Mapping[str, float]
EXACT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


@dataclass(frozen=True)
class BenefitOfDoubt:
    """Scores under the weights that suit each unit best.

    Attributes
    ----------
    scores
        One a unit, 0 to 1; 1 is on the frontier. Missing for a unit with a gap.
    weights
        Units x indicators, per unit of the indicator; one optimal choice where several are.
    shares
        Units x indicators: part of the score that each gives; a row sums to 1.
    report
        Units that have no score, or 0 because of a bound: unit, why.
    """

    scores: "pd.Series[float]"
    weights: pd.DataFrame
    shares: pd.DataFrame
    report: pd.DataFrame

    def _repr_html_(self) -> str:
        best = int((self.scores > 1 - 1e-9).sum())
        head = f"Benefit of the doubt: {best} of {len(self.scores)} units on the frontier"
        return str(paragraph(head) + self.shares.assign(score=self.scores).to_html())


def benefit_of_doubt(
    frame: pd.DataFrame, lower: Bounds = 0.0, upper: Bounds = 1.0
) -> BenefitOfDoubt:
    """Score each unit with the weights that put it in the best light.

    For unit c: maximise sum_j w_j y_cj over w >= 0 such that no unit i scores more than 1,
    sum_j w_j y_ij <= 1, and each indicator gives between `lower` and `upper` of the unit's
    own score: L_j <= w_j y_cj / sum_k w_k y_ck <= U_j. One linear programme a unit (HiGHS).

    Scores do not depend on the indicators' units. A unit with a gap has no score and is no
    peer; a unit with 0 in an indicator whose lower bound is above 0 scores 0. Both are
    reported. Rows of (period, unit) are compared over all periods.

    Parameters
    ----------
    frame
        Units down, indicators across, values of 0 or more, more being better.
    lower, upper
        Bounds on the share of an indicator in the score: for all, or indicator -> bound
        (those not named are free).

    Raises
    ------
    FrameError
        With every negative value and indicator that is 0 or missing throughout.
    SpecError
        If no shares can keep the bounds.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [4.0, 1.0, 2.0], "y": [1.0, 4.0, 2.0]}, ["a", "b", "c"])
    >>> benefit_of_doubt(frame).scores.round(6).to_dict()
    {'a': 1.0, 'b': 1.0, 'c': 0.8}
    >>> benefit_of_doubt(frame, 0.5, 0.5).shares.loc["a"].to_dict()
    {'x': 0.5, 'y': 0.5}
    """
    table = checked_frame(frame, "benefit of the doubt")
    lower, upper = (_plain(bound) for bound in (lower, upper))
    names = table.columns
    low, high = (_bound(names, each, free) for each, free in ((lower, 0.0), (upper, 1.0)))
    problems = [*_bound_problems(names, low, high), *_names(names, lower), *_names(names, upper)]
    refuse("benefit of the doubt", problems, "correct these bounds")
    _check_values(table)
    values = table.to_numpy()
    complete = ~np.isnan(values).any(axis=1)
    powers = exponents(values[complete])
    scaled = np.ldexp(values[complete], -powers)
    most = highest(scaled)
    found = _solve(scaled / most, low, high)
    weights, parts = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    with np.errstate(over="ignore"):  # the weight of a number near the smallest has no double
        weights[complete] = np.ldexp(found / most, -powers)
    parts[complete] = found * (scaled / most)
    return _result(table, weights, parts)


def _result(table: pd.DataFrame, weights: Array, parts: Array) -> BenefitOfDoubt:
    scores = parts.sum(axis=1)
    whole = np.where(scores > 0, scores, np.nan)
    why = np.where(np.isnan(scores), "has a gap", "")
    why = np.where(scores == 0, "scores 0: a value of 0 where a share is due", why)
    said = why != ""
    return BenefitOfDoubt(
        pd.Series(scores, table.index, name="score"),
        pd.DataFrame(weights, table.index, table.columns),
        pd.DataFrame(parts / whole[:, None], table.index, table.columns),
        pd.DataFrame({"unit": table.index[said], "why": why[said]}),
    )


def _solve(unit: Array, low: Array, high: Array) -> Array:
    """Best weights of each unit; `unit` has 1 as the maximum of each column."""
    from scipy.optimize import linprog

    found = np.zeros_like(unit)
    identity = np.eye(unit.shape[1])
    lower, upper = np.flatnonzero(low > 0), np.flatnonzero(high < 1)
    peers = np.unique(unit, axis=0)  # equal units bind once
    limits = np.r_[np.ones(len(peers)), np.zeros(len(lower) + len(upper))]
    for number, own in enumerate(unit):
        if (own[lower] == 0).any() or not own.any():
            continue
        rows = [peers, (low[lower, None] - identity[lower]) * own]
        rows.append((identity[upper] - high[upper, None]) * own)
        answer = linprog(-own, np.vstack(rows), limits, bounds=(0, None), options=EXACT)
        if answer.status != 0:
            raise ArithmeticError(f"the linear programme of row {number} failed: {answer.message}")
        found[number] = np.maximum(answer.x, 0.0)
    return found


def _plain(bound: Bounds) -> Bounds:
    many = isinstance(bound, Mapping | pd.Series)
    return plain_mapping(bound, "benefit of the doubt") if many else bound


def _bound(names: pd.Index, bound: Bounds, free: float) -> Array:
    if isinstance(bound, Mapping | pd.Series):
        return np.array([float(bound.get(name, free)) for name in names])
    return np.full(len(names), float(bound))


def _names(names: pd.Index, bound: Bounds) -> Iterator[str]:
    if isinstance(bound, Mapping | pd.Series):
        yield from (f"bound of {name!r}, no indicator" for name in bound if name not in names)


def _bound_problems(names: pd.Index, low: Array, high: Array) -> Iterator[str]:
    for name, least, most in zip(names, low, high, strict=True):
        if not 0 <= least <= most <= 1:
            yield f"{name}: shares from {least:g} to {most:g}; expected rising, within 0 and 1"
    if low.sum() > 1 + 1e-12:
        yield f"lower bounds sum to {low.sum():g}; expected at most 1"
    if high.sum() < 1 - 1e-12:
        yield f"upper bounds sum to {high.sum():g}; expected at least 1"


def _check_values(table: pd.DataFrame) -> None:
    values = table.to_numpy()
    complete = ~np.isnan(values).any(axis=1)
    problems = [
        f"{name}: negative for {units_text(table.index[values[:, j] < 0])}"
        for j, name in enumerate(table.columns)
        if (values[:, j] < 0).any()
    ]
    if not complete.any():
        problems.append("no unit has all indicators")
    else:
        problems += [
            f"{name}: 0 for every unit that has all indicators"
            for j, name in enumerate(table.columns)
            if (values[complete, j] == 0).all()
        ]
    if problems:
        raise FrameError("benefit of the doubt", problems, "normalise or impute first")
