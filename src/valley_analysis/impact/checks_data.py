"""Checks of what the data hide: units whose statistics end, and values that are withheld."""

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.gate import number_problems, plain
from valley_analysis.impact.checks_model import (
    Columns,
    Sample,
    check_alpha,
    conclusion,
    row,
    told,
)
from valley_analysis.impact.design import PanelDesign, listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.margin import Bias, by_margin, exactly, jackknifed
from valley_analysis.impact.randomisation import joint_randomisation
from valley_analysis.impact.results import CheckResult
from valley_analysis.impact.sandwich import Fit, clustered

_CLOSE = 1e-12
_PREFIX = "missing: "
KINDS = ("suppressed", "closed")
_SHOWN = 5
_ROUNDS = 50


@entry
def attrition(
    frame: pd.DataFrame,
    *,
    kinds: Sequence[str] = KINDS,
    strata: str | None = None,
    permutations: int = 1999,
    alpha: float = 0.05,
    margin: float | None = None,
    seed: int = 0,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Ask whether values go missing after the wave where exposure was higher.

    Every unit is given every period that any unit has a value in; a unit without a row there
    counts as missing. The share of missing periods after less the share before is regressed on
    exposure (and controls), weighted if the design is.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period, rows without an outcome included.
    kinds
        Values of the column `flag` that are also counted by themselves.
    strata
        Column with one value a unit: exposures are permuted within strata only.
    permutations, seed
        Of the exposure over units.
    alpha
        Fails if the p-value of missing values, or of one kind, is below it; p-values are by
        permutation, adjusted for the number of kinds (Romano and Wolf).
    margin
        Decides instead, if given: the bias is the estimate less that of units with every period
        (Verbeek and Nijman 1992, International Economic Review 33(3), 681-703).
    columns
        See `Columns`; `cluster` and `family` play no part.

    Returns
    -------
    CheckResult
        ``attrition``; one row a kind: shares before and after, slope on exposure (difference
        in shares per unit of it), p-values.

    Raises
    ------
    DesignError
        See `PanelDesign.prepare`; also if a unit's exposure is missing.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> gone = (panel["year"] >= 8) & (panel["x"] > 0.6)
    >>> attrition(panel[~gone], permutations=199, **names).status
    'failed'
    """
    level = check_alpha(alpha)
    grid = _grid(frame, columns, strata)
    missing = _missing(grid, columns, kinds)
    after = (grid[columns["period"]] >= columns["since"]).to_numpy()
    shares = pd.DataFrame({"before": missing[~after].mean(), "after": missing[after].mean()})
    units = grid[columns["unit"]]
    varied = [kind for kind in missing if np.ptp(_changes(missing[kind], units, after)) > _CLOSE]
    bias = _of_incomplete(frame, columns) if margin else exactly(0.0)
    if not varied:
        return by_margin(_none_differs(shares, alpha), bias, margin)
    told = grid.drop(columns=[c for c in missing if c in grid]).assign(
        **missing.add_prefix(_PREFIX).astype(float)
    )
    found = joint_randomisation(
        told,
        unit=columns["unit"],
        period=columns["period"],
        outcomes=[_PREFIX + kind for kind in varied],
        exposure=columns["exposure"],
        since=columns["since"],
        strata=strata,
        weights=columns.get("weights"),
        controls=columns.get("controls", ()),
        permutations=permutations,
        seed=seed,
        level=level,
    ).table.rename(index=lambda name: name.removeprefix(_PREFIX))
    more = found[["estimate", "se", "p_value"]].assign(p_adjusted=found["romano_wolf"])
    return by_margin(_attrition(shares.join(more).rename_axis("kind"), alpha), bias, margin)


def _of_incomplete(frame: pd.DataFrame, columns: Columns) -> Bias:
    """Return the estimate less that of the units which have every period."""
    sample = Sample.of(frame, **columns)
    unit = sample.rows[sample.design.unit]
    counted = unit.map(unit.value_counts())
    whole = (counted == sample.rows[sample.design.period].nunique()).to_numpy()
    if whole.all():
        return exactly(0.0)
    try:
        rest = sample.keep(whole)
        fits = {"all": (sample, sample.base), "complete": (rest, rest.base)}
        return jackknifed(fits, lambda e: e["all"] - e["complete"])
    except DesignError:  # too few complete units to estimate anything
        return Bias(np.nan, -np.inf, np.inf)


def _grid(frame: pd.DataFrame, columns: Columns, strata: str | None) -> pd.DataFrame:
    """Return every unit in every period that has values, with what is constant in a unit."""
    unit, period = columns["unit"], columns["period"]
    outcome, weights = columns["outcome"], columns.get("weights")
    fixed = [columns["exposure"], *listed(columns.get("controls", ()))]
    PanelDesign(unit, period, outcome, fixed[0], controls=tuple(fixed[1:])).prepare(frame)
    fixed += [name for name in (strata, weights) if name]
    moments = sorted(frame.loc[frame[outcome].notna(), period].unique())
    known = frame.groupby(unit)[list(dict.fromkeys(fixed))].first()
    lacking = known.index[known.isna().any(axis=1)]
    if len(lacking):
        raise DesignError(
            "attrition",
            [
                f"unit {plain(label)!r}: no {', '.join(known.columns[known.loc[label].isna()])}"
                for label in lacking[:_SHOWN]
            ],
            "give these columns in every row, or leave the units out",
        )
    cells = pd.MultiIndex.from_product([known.index, moments], names=[unit, period])
    rest = [outcome, *([flag] if (flag := columns.get("flag")) else [])]
    seen = frame.set_index([unit, period])[rest].reindex(cells).reset_index()
    return seen.join(known, on=unit)


def _missing(grid: pd.DataFrame, columns: Columns, kinds: Sequence[str]) -> pd.DataFrame:
    gone = grid[columns["outcome"]].isna()
    found = {"missing": gone}
    if flag := columns.get("flag"):
        found |= {kind: gone & grid[flag].eq(kind) for kind in kinds}
    return pd.DataFrame(found)


def _changes(gone: pd.Series, units: pd.Series, after: np.ndarray) -> pd.Series:
    """Return the share after less the share before, by unit."""
    return gone[after].groupby(units[after]).mean() - gone[~after].groupby(units[~after]).mean()


def _none_differs(shares: pd.DataFrame, alpha: float) -> CheckResult:
    share = shares.loc["missing"]
    text = (
        f"Missing values: {share['before']:.1%} before, {share['after']:.1%} after, changed alike "
        "in every unit."
    )
    facts = {"before": float(share["before"]), "after": float(share["after"]), "alpha": alpha}
    return CheckResult("attrition", "passed", text, {**facts, "failed": []}, shares)


def _attrition(table: pd.DataFrame, alpha: float) -> CheckResult:
    seen = table.index[table["p_adjusted"] < alpha].tolist()
    kind = table["p_adjusted"].idxmin()
    found = table.loc[kind]
    facts = {
        "failed": seen,
        "kind": kind,
        "slope": float(found["estimate"]),
        "p_value": float(found["p_value"]),
        "p_adjusted": float(found["p_adjusted"]),
        "before": float(table.loc["missing", "before"]),
        "after": float(table.loc["missing", "after"]),
        "alpha": alpha,
    }
    text = (
        f"Missing values: {facts['before']:.1%} before, {facts['after']:.1%} after; "
        f"{'related' if seen else 'not found to be related'} to exposure (clearest: {kind}, "
        f"{facts['slope']:+.3f} of periods per unit of exposure, p = {facts['p_adjusted']:.3f} "
        "adjusted)."
    )
    return CheckResult("attrition", "failed" if seen else "passed", text, facts, table)


@entry
def suppression_bounds(
    frame: pd.DataFrame,
    *,
    low: str,
    high: str,
    alpha: float = 0.05,
    margin: float | None = None,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Estimate with the withheld values wherever in their bounds they do most harm.

    The least-squares coefficient is a weighted sum of the outcomes, with the residualised
    regressor as weights, so the lowest estimate has every withheld value at its lower bound
    where that is positive and at its upper bound where it is negative: the ends are exact.

    Parameters
    ----------
    frame
        Tidy panel; a withheld value has no outcome and two bounds, on the scale of the outcome.
    low, high
        Columns of the bounds.
    alpha
        Fails if the conclusion at this level (clustered, t) is another one at either end than
        without the withheld cells.
    margin
        Decides instead, if given: the bias lies between the two ends, less the estimate.
    columns
        See `Columns`.

    Returns
    -------
    CheckResult
        ``suppression_bounds``; rows ``observed`` (withheld cells left out), ``lowest``,
        ``middle``, ``highest``. Passes if no cell is withheld. Poisson is not linear: its ends
        come from moving to the worst corner until nothing changes, and ``exact`` is false.
        Errors are those of each end; between the ends others are possible.

    Raises
    ------
    DesignError
        See `Sample.of`; also for bounds that are absent, infinite or the wrong way round.

    Notes
    -----
    Horowitz, J. L. and Manski, C. F. (2000), Nonparametric analysis of randomized experiments with
    missing covariate and outcome data, Journal of the American Statistical Association 95(449),
    77-84.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> panel = panel.assign(low=panel["y"] - 0.1, high=panel["y"] + 0.1)
    >>> panel.loc[::9, "y"] = np.nan
    >>> suppression_bounds(panel, low="low", high="high", **names).status
    'passed'
    """
    level = check_alpha(alpha)
    outcome = columns["outcome"]
    withheld = _withheld(frame, columns, low, high)
    middle = frame[outcome].astype(float).mask(withheld, (frame[low] + frame[high]) / 2)
    observed = Sample.of(frame, **columns)
    sample = Sample.of(frame.assign(**{outcome: middle}), **columns)
    ends = _bounds_of_rows(frame, sample, withheld, low, high)
    fits = {
        "observed": observed.base,
        "lowest": _corner(sample, *ends, side=-1),
        "middle": sample.base,
        "highest": _corner(sample, *ends, side=+1),
    }
    table = pd.DataFrame(
        {
            name: row(
                fit.estimate,
                clustered(fit, (observed if name == "observed" else sample).clusters, level),
            )
            for name, fit in fits.items()
        }
    ).T.rename_axis("values")
    moved = table["estimate"] - table.loc["observed", "estimate"]
    bias = Bias(*(float(moved[name]) for name in ("middle", "lowest", "highest")))
    return by_margin(_bounded(table, int(withheld.sum()), sample.family, alpha), bias, margin)


def _withheld(frame: pd.DataFrame, columns: Columns, low: str, high: str) -> pd.Series:
    absent = [name for name in (low, high, columns["outcome"]) if name not in frame]
    problems = [f"no column {name!r}; found {', '.join(map(str, frame))}" for name in absent]
    keys = {"unit": columns["unit"], "period": columns["period"]}
    problems += number_problems(frame, [low, high, columns["outcome"]], keys)
    if not problems:
        own = frame[columns["outcome"]].isna() & frame[low].notna() & frame[high].notna()
        ordered = np.isfinite(frame[low]) & np.isfinite(frame[high]) & (frame[low] <= frame[high])
        wrong = frame[own & ~ordered].head(_SHOWN)
        cells = zip(
            *(wrong[c] for c in (columns["unit"], columns["period"], low, high)), strict=True
        )
        problems = [
            f"unit {plain(unit)!r}, period {period}: from {least:g} to {greatest:g}; expected "
            "finite bounds, the lower first"
            for unit, period, least, greatest in cells
        ]
    if problems:
        raise DesignError(
            f"columns {low!r}, {high!r}", problems, "give bounds on the scale of the outcome"
        )
    return own


def _bounds_of_rows(
    frame: pd.DataFrame, sample: Sample, withheld: pd.Series, low: str, high: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the greatest outcome of each row of the sample."""
    keys = [sample.design.unit, sample.design.period]
    own = frame.loc[withheld].set_index(keys)[[low, high]]
    bounds = own.reindex(pd.MultiIndex.from_frame(sample.rows[keys]))
    y = sample.rows[sample.design.outcome].to_numpy(float)
    ends = bounds.to_numpy(float)
    least, greatest = (np.where(np.isnan(end), y, end) for end in ends.T)
    return least, greatest


def _corner(sample: Sample, least: np.ndarray, greatest: np.ndarray, side: int) -> Fit:
    """Return the fit with every value at the end that pushes the estimate to one side."""
    fit = sample.base
    for _ in range(_ROUNDS):
        y = np.where(side * fit.x > 0, greatest, least)
        best = sample.fit(sample.x, y=y)
        # The direction in which an outcome pulls is fixed in least squares; Poisson's moves.
        if sample.family == "gaussian" or side * (best.estimate - fit.estimate) <= 1e-9:
            return best
        fit = best
    return fit


def _bounded(table: pd.DataFrame, cells: int, family: str, alpha: float) -> CheckResult:
    ends = {
        name: conclusion(r["estimate"], r["p_value"], alpha)
        for name, r in table.to_dict("index").items()
    }
    table = table.assign(conclusion=[told(end) for end in ends.values()])
    kept = ends["lowest"] == ends["highest"] == ends["observed"]
    facts: dict[str, Any] = {
        "cells": cells,
        "estimate": float(table.loc["observed", "estimate"]),
        "lowest": float(table.loc["lowest", "estimate"]),
        "highest": float(table.loc["highest", "estimate"]),
        "low": float(table.loc["lowest", "low"]),
        "high": float(table.loc["highest", "high"]),
        "conclusions": {name: told(end) for name, end in ends.items()},
        "exact": family == "gaussian",
        "alpha": alpha,
    }
    text = (
        f"{cells} withheld cells: the estimate lies between {facts['lowest']:.3g} "
        f"({told(ends['lowest'])}) and {facts['highest']:.3g} ({told(ends['highest'])}) whatever "
        f"they are; without them {facts['estimate']:.3g} ({told(ends['observed'])})."
        if cells
        else f"No cell is withheld within bounds; the estimate stays {facts['estimate']:.3g}."
    )
    return CheckResult("suppression_bounds", "passed" if kept else "failed", text, facts, table)
