"""Checks that ask whether one unit, group, sector or cell carries the result.

All share one rule: a conclusion is "above zero", "below zero" or "not distinguishable from
zero", and the check fails if leaving something out changes it. An estimate whose p-value stands
just beside alpha therefore fails almost surely, as it should: it rests on single units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np
import pandas as pd
from pandas.api.types import is_list_like

from valley_analysis.errors import DesignError
from valley_analysis.gate import plain
from valley_analysis.impact.checks_model import (
    Columns,
    Sample,
    check_alpha,
    conclusion,
    row,
    told,
)
from valley_analysis.impact.entry import entry
from valley_analysis.impact.exposure_model import unit_values
from valley_analysis.impact.margin import by_margin, exactly
from valley_analysis.impact.results import CheckResult, EffectResult, Status
from valley_analysis.impact.sandwich import clustered, left_out
from valley_analysis.impact.within import Groups

_SHOWN = 5
_CARRIES = 0.4
"""Share of an estimate from which on whatever carries it is named."""


@entry
def leave_one_unit_out(
    frame: pd.DataFrame,
    *,
    alpha: float = 0.05,
    margin: float | None = None,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Estimate without each unit in turn.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    alpha
        Fails if without some unit the conclusion at this level is another one, or there is no
        estimate.
    margin
        Decides instead, if given: see `influence`.
    columns
        See `Columns`.

    Returns
    -------
    CheckResult
        ``leave_one_unit_out``; one row a unit left out, the largest move first: ``estimate, se,
        low, high, p_value`` (clustered, t, as `difference_in_differences` has them), ``change``
        of the estimate, ``kept`` whether the conclusion stays.

    Raises
    ------
    DesignError
        See `Sample.of`.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> leave_one_unit_out(panel, **names).status
    'passed'
    """
    sample = Sample.of(frame, **columns)
    unit = sample.rows[sample.design.unit]
    masks = {plain(label): (unit == label).to_numpy() for label in unit.unique()}
    return _left_out("leave_one_unit_out", "unit", sample, masks, alpha, margin)


@entry
def leave_one_cluster_out(
    frame: pd.DataFrame,
    *,
    by: str,
    alpha: float = 0.05,
    margin: float | None = None,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Estimate without each value of a column in turn, such as each district.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    by
        Column with one value a unit.
    alpha, margin, columns
        As for `leave_one_unit_out`.

    Returns
    -------
    CheckResult
        ``leave_one_cluster_out``; as `leave_one_unit_out`.

    Raises
    ------
    DesignError
        See `Sample.of`; also if the column changes within a unit.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> districts = panel.assign(district=panel["unit"] % 5)
    >>> leave_one_cluster_out(districts, by="district", **names).status
    'passed'
    """
    sample = Sample.of(frame, **columns)
    units = sample.exposure.index
    values = unit_values(frame, sample.design.unit, units, by)
    own = sample.rows[sample.design.unit].map(values)
    masks = {plain(label): (own == label).to_numpy() for label in sorted(values.unique(), key=str)}
    return _left_out("leave_one_cluster_out", by, sample, masks, alpha, margin)


@entry
def leave_groups_out(
    frame: pd.DataFrame,
    *,
    groups: Mapping[str, Sequence[Any]],
    alpha: float = 0.05,
    margin: float | None = None,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Estimate without named groups of units, which may overlap.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    groups
        Label -> units, such as {"capitals": ["RU-MOW", "RU-SPE"]}.
    alpha, margin, columns
        As for `leave_one_unit_out`.

    Returns
    -------
    CheckResult
        ``leave_groups_out``; as `leave_one_unit_out`.

    Raises
    ------
    DesignError
        See `Sample.of`; also for a group with units that the frame does not have, or all of
        them.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> leave_groups_out(panel, groups={"capitals": [1, 2]}, **names).status
    'passed'
    """
    sample = Sample.of(frame, **columns)
    units, known = sample.rows[sample.design.unit], set(frame[sample.design.unit])
    odd = [label for label, group in groups.items() if not is_list_like(group)]
    if odd:
        problems = [
            f"group {label!r}: {groups[label]!r}; expected a list of units" for label in odd
        ]
        raise DesignError("groups", problems, "give each group as a list of units")
    masks = {label: units.isin(list(group)).to_numpy() for label, group in groups.items()}
    problems = [
        f"group {label!r}: no unit {unit!r}"
        for label, group in groups.items()
        for unit in list(dict.fromkeys(group))
        if unit not in known
    ]
    problems += [f"group {label!r}: all units" for label, mask in masks.items() if mask.all()]
    if problems or not groups:
        raise DesignError(
            "groups", problems or ["no group"], "name units of the frame, and leave some"
        )
    return _left_out("leave_groups_out", "group", sample, masks, alpha, margin)


def _left_out(
    name: str,
    what: str,
    sample: Sample,
    masks: Mapping[Any, np.ndarray],
    alpha: float,
    margin: float | None,
) -> CheckResult:
    level = check_alpha(alpha)
    whole = row(sample.base.estimate, clustered(sample.base, sample.clusters, level))
    table = pd.DataFrame(
        [_without(sample, mask, level) for mask in masks.values()],
        index=pd.Index(list(masks), name=what),
    )
    return influence(name, what, whole, table, alpha, margin)


def _without(sample: Sample, mask: np.ndarray, level: float) -> dict[str, float]:
    """Return the row of an estimate without some rows; missing where there is none."""
    try:
        rest = sample.keep(~mask)
        return row(rest.base.estimate, clustered(rest.base, rest.clusters, level))
    except DesignError:
        return dict.fromkeys(("estimate", "se", "low", "high", "p_value"), float("nan"))


def influence(
    name: str,
    what: str,
    whole: Mapping[str, float],
    table: pd.DataFrame,
    alpha: float = 0.05,
    margin: float | None = None,
) -> CheckResult:
    """Ask whether leaving one thing out at a time changes a conclusion.

    Parameters
    ----------
    name
        Of the check.
    what
        What was left out, in one word.
    whole
        ``estimate, p_value`` of everything.
    table
        One row a thing left out: ``estimate, se, low, high, p_value``, missing without an estimate.
    alpha
        Fails if without something the conclusion at this level is another one.
    margin
        Decides instead, if given: fails if something moves the estimate by more, or if an estimate
        that is distinguishable is no longer so without it. A move is known, so nothing of this is
        undecided but for what cannot be estimated.

    Returns
    -------
    CheckResult
        ``carry`` among its facts names whatever carries two fifths of the estimate or more; of an
        estimate that may be zero, only what also moves it by the margin. Its table has the
        largest move first, with ``change``, ``kept`` and ``conclusion``.

    Examples
    --------
    >>> rows = {"estimate": [1.0, 2.1], "p_value": [0.2, 0.01]}
    >>> table = pd.DataFrame(rows, index=["a", "b"])
    >>> influence("leave_one_unit_out", "unit", {"estimate": 2.0, "p_value": 0.01}, table).status
    'failed'
    """
    base = conclusion(whole["estimate"], whole["p_value"], alpha)
    pairs = zip(table["estimate"], table["p_value"], strict=True)
    ends = np.array([conclusion(*pair, alpha) for pair in pairs])
    change = table["estimate"] - whole["estimate"]
    missing = table["estimate"].isna()
    said = np.where(missing, "no estimate", list(map(told, ends)))
    table = table.assign(change=change, kept=(ends == base) & ~missing, conclusion=said)
    order = change.abs().sort_values(ascending=False, kind="stable", na_position="first")
    table = table.loc[order.index]
    turned = [plain(label) for label in table.index[~table["kept"]]]
    sign = np.sign(table["estimate"]) != np.sign(whole["estimate"])
    facts = {
        "what": what,
        "n": len(table),
        "estimate": whole["estimate"],
        "p_value": whole["p_value"],
        "lowest": float(table["estimate"].min()),
        "highest": float(table["estimate"].max()),
        "largest": plain(table.index[0]),
        "change": float(table["change"].iloc[0]),
        "turned": turned,
        "sign_changed": [plain(label) for label in table.index[sign]],
        "conclusion": told(base),
        "carry": _carrying(table["change"], whole["estimate"], base, margin),
        "alpha": alpha,
    }
    more = f" and {len(turned) - _SHOWN} more" if len(turned) > _SHOWN else ""
    names = ", ".join(map(str, turned[:_SHOWN]))
    text = (
        f"Without one {what} at a time the estimate of {whole['estimate']:.3g} runs from "
        f"{facts['lowest']:.3g} to {facts['highest']:.3g}; {facts['largest']} moves it most, by "
        f"{facts['change']:.3g}; "
        + (
            f"the conclusion ({told(base)}) is another one without {names}{more}."
            if turned
            else f"the conclusion stays: {told(base)}."
        )
    )
    found = CheckResult(name, "failed" if turned else "passed", text, facts, table)
    decided = by_margin(found, exactly(float(table["change"].iloc[0])), margin)
    return replace(decided, status="failed") if margin and base and turned else decided


def _carrying(
    change: "pd.Series[float]", estimate: float, base: int, margin: float | None
) -> list[Any]:
    """Return what carries two fifths of an estimate or more, and matters: or there is nothing."""
    limit = _CARRIES * abs(estimate)
    if not base and margin:  # of an estimate that may be zero every unit carries a large share
        limit = max(limit, margin)
    return [plain(label) for label in change.index[change.abs() >= limit]]


def leave_one_sector_out(result: EffectResult) -> CheckResult:
    """Ask whether one sector's shock carries a shift-share estimate.

    Parameters
    ----------
    result
        Of `shift_share`.

    Returns
    -------
    CheckResult
        ``leave_one_sector_out``; fails if without some sector's shock the estimate leaves the
        interval of the whole, is not identified, or changes its sign though the whole is
        distinguishable from zero. The table is the result's frame of sectors, with ``change``
        and ``kept``, the largest move first.

    Raises
    ------
    DesignError
        If the result has no frame of sectors.

    Examples
    --------
    >>> from valley_analysis.impact.shift_share import shift_share
    >>> from valley_analysis.impact.spatial_examples import shifted_regions
    >>> frame, shares, shocks = shifted_regions(200, 40, beta=3.0, seed=1)
    >>> fit = shift_share(frame, unit="region", outcome="y", shares=shares, shocks=shocks)
    >>> leave_one_sector_out(fit).status
    'passed'
    """
    sectors = result.frames.get("sectors")
    if sectors is None:
        raise DesignError(
            f"result of {result.method}", ["no frame of sectors"], "pass a result of shift_share"
        )
    low, high = result.interval
    without = sectors["without"]
    kept = without.between(low, high)
    if result.distinguishable:
        kept &= np.sign(without) == np.sign(result.estimate)
    table = sectors.assign(change=without - result.estimate, kept=kept)
    order = table["change"].abs().sort_values(ascending=False, kind="stable", na_position="first")
    table = table.loc[order.index]
    turned = table.index[~table["kept"]].tolist()
    facts = {
        "n": len(table),
        "estimate": result.estimate,
        "low": low,
        "high": high,
        "lowest": float(without.min()),
        "highest": float(without.max()),
        "largest": plain(table.index[0]),
        "change": float(table["change"].iloc[0]),
        "turned": turned,
    }
    text = (
        f"Without one sector's shock at a time the estimate of {result.estimate:.3g} runs from "
        f"{facts['lowest']:.3g} to {facts['highest']:.3g}; {facts['largest']} moves it most; "
        + (
            f"it leaves its interval, or its sign, without {', '.join(map(str, turned[:_SHOWN]))}."
            if turned
            else f"it stays within its interval, {low:.3g} to {high:.3g}."
        )
    )
    return CheckResult("leave_one_sector_out", "failed" if turned else "passed", text, facts, table)


@entry
def influential_cells(
    frame: pd.DataFrame, *, limit: float = 1.0, **columns: Unpack[Columns]
) -> CheckResult:
    """Ask how far single cells (a unit in a period) move the estimate.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    limit
        Fails if leaving one cell out moves the estimate by more standard errors than this.
    columns
        See `Columns`.

    Returns
    -------
    CheckResult
        ``influential_cells``; the twenty cells that move it most: unit, period, value, ``without``,
        ``in_se`` (DFBETA over the CR2 error of the whole). Exact for least squares; for Poisson
        the first step of the refit.

    Raises
    ------
    DesignError
        See `Sample.of`; also if the limit is not above zero.

    Notes
    -----
    Belsley, D. A., Kuh, E. and Welsch, R. E. (1980), Regression Diagnostics, section 2.1.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> influential_cells(panel, **names).status
    'passed'
    """
    if not limit > 0:
        raise DesignError("limit", [f"{limit}; expected a number above 0"], "try 1")
    sample = Sample.of(frame, **columns)
    design, fit = sample.design, sample.base
    without = left_out(fit, Groups.of(np.arange(len(sample.rows))))
    moved = (without - fit.estimate) / sample.judged().se
    cells = sample.rows[[design.unit, design.period, design.outcome]]
    table = cells.assign(without=without, in_se=moved)
    order = table["in_se"].abs().sort_values(ascending=False, kind="stable", na_position="first")
    table = table.loc[order.index].reset_index(drop=True)
    beyond = int((~(table["in_se"].abs() <= limit)).sum())
    first = table.iloc[0]
    facts = {
        "cells": len(table),
        "beyond": beyond,
        "limit": limit,
        "unit": plain(table[design.unit].iloc[0]),
        "period": plain(table[design.period].iloc[0]),
        "in_se": float(first["in_se"]),
        "without": float(first["without"]),
        "estimate": fit.estimate,
    }
    text = (
        f"{beyond} of {len(table)} cells move the estimate by more than {limit:g} standard errors; "
        f"most does {facts['unit']} in {facts['period']}, by {facts['in_se']:.2f} (from "
        f"{fit.estimate:.3g} to {facts['without']:.3g})."
    )
    status: Status = "failed" if beyond else "passed"
    return CheckResult("influential_cells", status, text, facts, table.head(20))
