"""Event study: how outcomes of more and less exposed units come apart, period by period."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import PanelDesign, listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.panel_fit import (
    Family,
    between,
    fit_design,
    fit_frame,
    interactions,
    left_out,
    tabulate,
)
from valley_analysis.impact.results import EffectResult

POST = "post"
RELATIVE = "Identified is the difference between more and less exposed units, no common effect."
SCALE = {
    "gaussian": "in units of the outcome",
    "poisson": "as the log of a ratio of expected outcomes",
}


@entry
def event_study(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    reference: Any,
    since: Any = None,
    weights: str | None = None,
    controls: Sequence[str] | str = (),
    cluster: str | None = None,
    family: Family = "gaussian",
    level: float = 0.95,
    flag: str | None = None,
    parts: Mapping[str, Sequence[str]] | None = None,
) -> EffectResult:
    """Estimate the effect of a predetermined exposure in every period.

    The outcome is explained by effects of unit and period, and by exposure times each period
    but the reference (for a continuous exposure: Callaway, Goodman-Bacon and Sant'Anna 2024,
    "Difference-in-differences with a continuous treatment", NBER 32117, who show what linearity
    in the exposure assumes).

    Parameters
    ----------
    frame
        One row a unit and period; gaps and unequal lengths are fine. Periods may be integers,
        strings or dates in sorted order.
    unit, period, outcome, exposure
        Columns; the exposure has one value a unit.
    reference
        Period in which the effect is set to zero.
    since
        First treated period; by default the period after the reference.
    weights, cluster
        Columns, if any; errors are clustered by unit by default.
    controls
        Columns measured before the wave, which enter times period.
    family
        "gaussian" or "poisson" (counts and other outcomes with zeros). A log of one plus the
        outcome is not offered: its coefficient depends on the unit of measurement (Chen and
        Roth 2024, Quarterly Journal of Economics 139).
    level
        Coverage of the intervals.
    flag, parts
        See `PanelDesign`.

    Returns
    -------
    EffectResult
        One row a period with ``period`` and ``event_time`` (periods after `since`; years apart
        for integers, else places apart); the reference is a row of zero without standard
        error. The headline ``post`` is the mean over treated periods. Intervals are t with
        clusters less one.

    Raises
    ------
    DesignError
        See `PanelDesign.prepare`; also if the reference is not before `since`.

    Examples
    --------
    >>> rows = [(u, t, u * (t == 3) + 0.1 * (u * t % 3)) for u in range(6) for t in (1, 2, 3)]
    >>> panel = pd.DataFrame(rows, columns=["unit", "year", "y"]).assign(x=lambda f: f.unit)
    >>> result = event_study(panel, unit="unit", period="year", outcome="y", exposure="x",
    ...                      reference=2)
    >>> result.table.index.tolist(), round(result.estimate, 2)
    (['1', '2', '3', 'post'], 0.99)
    """
    design = PanelDesign(
        unit,
        period,
        outcome,
        exposure=exposure,
        reference=reference,
        weights=weights,
        controls=listed(controls),
        cluster=cluster,
        flag=flag,
        parts=parts or {},
    )
    used = design.prepare(frame)
    moments = pd.Index(sorted(used[period].unique()))
    start = _start(moments, design, since)
    terms = _terms(used, design, moments)
    fit = fit_design(used, terms, design, family=family)
    table, covariance = _table(fit, moments, reference, start, level)
    return EffectResult(
        method="event_study",
        outcome=outcome,
        table=table,
        headline=POST,
        estimand=(
            f"difference in {outcome} per unit of {exposure}, relative to {reference}, "
            f"{SCALE[family]}; {POST}: mean over periods from {start} on"
        ),
        inference=f"clustered by {cluster or unit} ({fit.n_clusters}), t with {fit.df} degrees",
        notes=(
            RELATIVE,
            "Assumes that without the event the outcomes of more and less exposed units would "
            "have moved alike, and an effect linear in exposure.",
            *left_out(frame, used),
            *fit.notes,
        ),
        n_obs=fit.n_obs,
        n_units=fit.n_units,
        n_periods=fit.n_periods,
        level=level,
        covariance=covariance,
        frames=fit_frame(fit),
    )


def _terms(used: pd.DataFrame, design: PanelDesign, moments: pd.Index) -> pd.DataFrame:
    """Exposure times each period but the reference, and the controls times period."""
    period, exposure = used[design.period], used[str(design.exposure)]
    own = {
        str(moment): exposure.where(period == moment, 0.0).astype(float)
        for moment in moments
        if moment != design.reference
    }
    more = interactions(used, design.controls, design.period)
    return pd.concat([pd.DataFrame(own, index=used.index), more], axis=1)


def _start(moments: pd.Index, design: PanelDesign, since: Any) -> Any:
    """Return the first treated period that the panel has."""
    try:
        return _first_treated(moments, design, since)
    except TypeError:
        raise DesignError(
            f"outcome {design.outcome!r}",
            [
                f"since {since!r} does not compare with the periods of {design.period!r}, "
                f"{moments.dtype}"
            ],
            "give since as the periods are: a year, a string, a date",
        ) from None


def _first_treated(moments: pd.Index, design: PanelDesign, since: Any) -> Any:
    if since is None:
        later = moments[moments > design.reference]
        problem = f"no period after the reference {design.reference}"
    else:
        later = moments[moments >= since]
        problem = f"no period from {since} on"
    if since is not None and not design.reference < since:
        later, problem = later[:0], f"reference {design.reference} is not before {since}"
    if later.empty:
        raise DesignError(
            f"outcome {design.outcome!r}",
            [f"column {design.period!r}: {problem}; found {', '.join(map(str, moments))}"],
            "choose reference and since among the periods that have outcomes",
        )
    return later[0]


def _table(
    fit: Any, moments: pd.Index, reference: Any, start: Any, level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = [str(moment) for moment in moments]
    timing = pd.DataFrame({"period": moments, "event_time": between(moments, start)}, index=names)
    free = [name for name in names if name != str(reference)]
    after = [name for name in free if timing.loc[name, "event_time"] >= 0]
    combinations = {name: {name: 1.0} for name in free}
    combinations[POST] = dict.fromkeys(after, 1 / len(after))
    table, covariance = tabulate(fit, combinations, level)
    table.loc[str(reference)] = [0.0, *[np.nan] * 4]
    table = table.reindex([*names, POST]).join(timing)
    return table.rename_axis("term"), covariance
