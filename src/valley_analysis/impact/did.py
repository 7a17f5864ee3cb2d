"""Difference in differences in one number, and the two-way regression beneath it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.gate import number_problems
from valley_analysis.impact.design import PanelDesign, listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.event_study import RELATIVE, SCALE
from valley_analysis.impact.panel_fit import (
    Family,
    Fit,
    fit_design,
    fit_frame,
    interactions,
    left_out,
    tabulate,
)
from valley_analysis.impact.results import EffectResult


@entry
def difference_in_differences(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    since: Any,
    weights: str | None = None,
    controls: Sequence[str] | str = (),
    cluster: str | None = None,
    family: Family = "gaussian",
    level: float = 0.95,
    flag: str | None = None,
    parts: Mapping[str, Sequence[str]] | None = None,
) -> EffectResult:
    """Estimate one effect of a predetermined exposure, before against from `since` on.

    Parameters
    ----------
    frame
        One row a unit and period.
    unit, period, outcome, exposure
        Columns; the exposure has one value a unit.
    since
        First treated period.
    weights, cluster, controls, family, level, flag, parts
        As in `event_study`.

    Returns
    -------
    EffectResult
        The row ``<exposure> x since``: effects of unit and period, controls times period.

    Raises
    ------
    DesignError
        See `PanelDesign.prepare`; also if the panel has no period before or none after.

    Examples
    --------
    >>> rows = [(u, t, 2.0 * u * (t > 1) + t + 0.1 * (u * t % 2)) for u in range(5) for t in (1, 2)]
    >>> panel = pd.DataFrame(rows, columns=["unit", "year", "y"]).assign(x=lambda f: f.unit / 1.0)
    >>> result = difference_in_differences(panel, unit="unit", period="year", outcome="y",
    ...                                    exposure="x", since=2)
    >>> round(result.estimate, 6)
    2.0
    """
    design = PanelDesign(
        unit,
        period,
        outcome,
        exposure=exposure,
        weights=weights,
        controls=listed(controls),
        cluster=cluster,
        flag=flag,
        parts=parts or {},
    )
    used = design.prepare(frame)
    treated = used[period] >= since
    if treated.all() or not treated.any():
        found = ", ".join(map(str, sorted(used[period].unique())))
        raise DesignError(
            f"outcome {outcome!r}",
            [f"column {period!r}: needs periods before and from {since} on; found {found}"],
            "choose another first period",
        )
    name = f"{exposure} x {since}"
    own = pd.DataFrame({name: used[exposure].where(treated, 0.0).astype(float)})
    terms = pd.concat([own, interactions(used, design.controls, period)], axis=1)
    fit = fit_design(used, terms, design, family=family)
    return summarised(
        fit,
        [name],
        method="difference_in_differences",
        outcome=outcome,
        estimand=(
            f"change in {outcome} from {since} on per unit of {exposure}, relative to the mean "
            f"of the periods before, {SCALE[family]}"
        ),
        cluster=cluster or unit,
        level=level,
        notes=(
            RELATIVE,
            *left_out(frame, used),
        ),
    )


@entry
def two_way(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    regressors: Sequence[str] | str,
    weights: str | None = None,
    cluster: str | None = None,
    period_by: str | None = None,
    family: Family = "gaussian",
    level: float = 0.95,
    flag: str | None = None,
) -> EffectResult:
    """Regress on columns that may vary in time, with effects of unit and period.

    The regression beneath the estimators, for designs that state their own regressors: a
    treatment that starts within a period, or published specifications. Nothing here checks
    that regressors are predetermined; with staggered adoption its coefficient weighs some
    comparisons wrongly (see `bacon_decomposition`).

    Parameters
    ----------
    frame
        One row a unit and period.
    unit, period, outcome, weights, cluster, family, level, flag
        As in `event_study`.
    regressors
        Columns; the first is the headline.
    period_by
        Column within whose values period effects are separate (district x year).

    Raises
    ------
    DesignError
        See `PanelDesign.prepare`; also for a regressor that is no number or collinear.

    Examples
    --------
    >>> rows = [(u, t, float(t > u), 3.0 * (t > u) + u + t) for u in (1, 2, 9) for t in (1, 2, 3)]
    >>> panel = pd.DataFrame(rows, columns=["unit", "year", "d", "y"])
    >>> result = two_way(panel.assign(y=panel.y + 0.01 * (panel.index % 2)), unit="unit",
    ...                  period="year", outcome="y", regressors="d")
    >>> round(result.estimate, 1)
    3.0
    """
    columns = listed(regressors)
    if not columns:
        raise DesignError("regressors", ["none is named"], "name one column or several")
    _regressors(frame, unit, period, outcome, columns, period_by)
    design = PanelDesign(unit, period, outcome, weights=weights, cluster=cluster, flag=flag)
    needed = [*columns, *([period_by] if period_by else [])]
    complete = frame.dropna(subset=needed)
    used = design.prepare(complete)
    keys = [unit, period]
    used = used.merge(complete[[*keys, *[c for c in needed if c not in used]]], on=keys)
    fit = fit_design(used, used[list(columns)], design, family=family, period_by=period_by)
    within = f" within {period_by}" if period_by else ""
    return summarised(
        fit,
        list(columns),
        method="two_way",
        outcome=outcome,
        estimand=f"coefficient of {columns[0]} on {outcome}, {SCALE[family]}",
        cluster=cluster or unit,
        level=level,
        notes=(f"Effects of {unit} and {period}{within}.", *left_out(frame, used)),
    )


def _regressors(
    frame: pd.DataFrame,
    unit: str,
    period: str,
    outcome: str,
    columns: tuple[str, ...],
    period_by: str | None,
) -> None:
    wanted = [*columns, *([period_by] if period_by else [])]
    problems = [f"no column {name!r}" for name in wanted if name not in frame]
    problems += number_problems(frame, columns, {"unit": unit, "period": period})
    for name in columns:
        if name == outcome:
            problems.append(f"column {name!r}: stands on both sides")
        if name in (unit, period):
            problems.append(f"column {name!r}: has effects of its own already")
    if problems:
        raise DesignError("the regressors", problems, "name numeric columns of your frame")


def summarised(
    fit: Fit,
    names: list[str],
    *,
    method: str,
    outcome: str,
    estimand: str,
    cluster: str,
    level: float,
    notes: tuple[str, ...],
) -> EffectResult:
    """Return the result of a fit whose terms are told as they are, the first as headline."""
    table, covariance = tabulate(fit, {name: {name: 1.0} for name in names}, level)
    return EffectResult(
        method=method,
        outcome=outcome,
        table=table,
        headline=names[0],
        estimand=estimand,
        inference=f"clustered by {cluster} ({fit.n_clusters}), t with {fit.df} degrees",
        notes=(*notes, *fit.notes),
        n_obs=fit.n_obs,
        n_units=fit.n_units,
        n_periods=fit.n_periods,
        level=level,
        covariance=covariance,
        frames=fit_frame(fit),
    )
