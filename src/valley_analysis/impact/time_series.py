"""Interrupted time series: a level shift in a structural model of one series.

Harvey and Durbin (1986), "The Effects of Seat Belt Legislation on British Road Casualties: A
Case Study in Structural Time Series Modelling", Journal of the Royal Statistical Society A
149(3), 187-227; Commandeur and Koopman (2007), "An Introduction to State Space Time Series
Analysis", chapters 6-8.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.results import EffectResult, estimates
from valley_analysis.impact.structural_series import TRENDS, StructuralFit, Trend, fit_structural
from valley_analysis.impact.synthetic_panel import Floats, as_period, told_period, told_units
from valley_analysis.impact.time_series_checks import check_placebos, diagnostics, placebo_table
from valley_analysis.impact.time_series_design import Series, lay_out


@entry
def interrupted_time_series(
    frame: pd.DataFrame,
    *,
    period: str,
    outcome: str,
    since: Any,
    controls: Sequence[str] | str = (),
    seasonal: int | None = None,
    trend: Trend = "local level",
    log: bool = False,
    slope: bool = False,
    placebo_dates: int | Sequence[Any] = 4,
    flag: str | None = None,
    level: float = 0.95,
) -> EffectResult:
    """Estimate how far a series left its own course from a date on.

    Parameters
    ----------
    frame
        One row a period of a single series; missing outcomes are skipped by the filter.
    period
        Column of years, dates or ISO texts, evenly spaced.
    outcome
        Column.
    since
        First treated period.
    controls
        Columns that the intervention did not move; they enter as they are.
    seasonal
        Number of seasons (12 for months), or None.
    trend
        "local level", "local linear trend", "smooth trend", or "fixed level" and "fixed trend",
        which are ordinary least squares.
    log
        Whether to take logarithms of the outcome; the table then also has ``percent``.
    slope
        Whether the slope may change too; the headline is then the mean effect.
    placebo_dates
        Dates before `since`, or how many evenly spread ones, to pretend the intervention at.
    flag
        Column that says how a value came about; "imputed" values are refused.
    level
        Coverage of intervals.

    Returns
    -------
    EffectResult
        ``level_shift``, ``slope_change`` and ``mean_effect`` if asked for, ``percent`` in
        logarithms, then controls. Frames: path (observed, fitted, counterfactual, on the
        outcome's scale), residuals, variances, placebo_dates.

    Raises
    ------
    DesignError
        With everything that is wrong, each with column and period.

    Examples
    --------
    >>> frame = pd.DataFrame({"year": range(1990, 2020)})
    >>> frame["y"] = 10 + np.resize([0.5, -0.3, -0.2], 30) + 4 * (frame.year >= 2010)
    >>> found = interrupted_time_series(frame, period="year", outcome="y", since=2010)
    >>> round(found.estimate, 1), found.distinguishable
    (4.0, True)
    """
    if trend not in TRENDS:
        problem = f"trend={trend!r}; expected one of {', '.join(TRENDS)}"
        raise DesignError("interrupted time series", [problem], "choose one")
    series = lay_out(frame, period, outcome, since, listed(controls), seasonal, log, slope, flag)
    places = _places(series, placebo_dates, seasonal, period)
    names = ["level_shift", *(["slope_change"] if slope else []), *series.names]
    added = [series.after, *([series.elapsed] if slope else [])]
    fit = fit_structural(series.values, np.column_stack([*added, series.controls]), trend, seasonal)
    table = _table(fit, names, series, slope, log, level)
    early = placebo_table(
        series.values[: series.start],
        series.controls[: series.start],
        series.periods[: series.start],
        places,
        trend,
        seasonal,
    )
    return EffectResult(
        method="interrupted_time_series",
        outcome=outcome,
        table=table,
        headline="mean_effect" if slope else "level_shift",
        estimand=_estimand(series, outcome, log, slope),
        inference=f"maximum likelihood of a structural model ({trend}"
        + (f", {seasonal} seasons" if seasonal else "")
        + "); normal intervals given the estimated variances",
        notes=_notes(series),
        diagnostics=(*diagnostics(fit, seasonal, level), check_placebos(early, level)),
        n_obs=int((~np.isnan(series.values)).sum()),
        n_units=1,
        n_periods=len(series.values),
        level=level,
        covariance=pd.DataFrame(fit.covariance, index=names, columns=names),
        frames=_frames(fit, series, len(added), log) | {"placebo_dates": early},
    )


def _table(
    fit: StructuralFit, names: list[str], series: Series, slope: bool, log: bool, level: float
) -> pd.DataFrame:
    values, covariance = fit.coefficients, fit.covariance
    rows = {name: np.eye(len(names))[place] for place, name in enumerate(names)}
    if slope:
        mean = np.zeros(len(names))
        mean[:2] = 1.0, series.elapsed[series.start :].mean()
        rows = {"mean_effect": mean, **rows}
    combined = np.array(list(rows.values()))
    index = pd.Index(list(rows), name="term")
    estimate = pd.Series(combined @ values, index)
    errors = pd.Series(np.sqrt(np.einsum("ij,jk,ik->i", combined, covariance, combined)), index)
    table = estimates(estimate, errors, level)
    if log:
        first = table.index[0]
        table.loc["percent"] = _percent(table.loc[first])
        table = table.loc[[first, "percent", *table.index[1:-1]]]
    return table


def _percent(row: pd.Series) -> list[float]:
    """Per cent of the counterfactual; the standard error by the delta method."""
    raised = 100 * np.expm1(row[["estimate", "low", "high"]])
    error = 100 * np.exp(row["estimate"]) * row["se"]
    return [raised["estimate"], error, raised["low"], raised["high"], row["p_value"]]


def _frames(fit: StructuralFit, series: Series, added: int, log: bool) -> dict[str, pd.DataFrame]:
    parts = np.column_stack([series.after, series.elapsed])[:, :added]
    effect = parts @ fit.coefficients[:added]
    spread = np.sqrt(np.einsum("ti,ij,tj->t", parts, fit.covariance[:added, :added], parts))
    back = np.exp if log else _same
    path = pd.DataFrame(
        {
            "observed": back(series.values),
            "fitted": back(fit.signal),
            "counterfactual": back(fit.signal - effect),
            "effect": effect,
            "effect_se": spread,
            "after": series.after.astype(bool),
        },
        index=series.periods,
    )
    variances = pd.DataFrame({"variance": fit.variances}).rename_axis("component")
    residuals = pd.DataFrame({"residual": fit.residuals}, index=series.periods)
    return {"path": path, "residuals": residuals, "variances": variances}


def _same(values: Floats) -> Floats:
    return values


def _places(
    series: Series, dates: int | Sequence[Any], seasonal: int | None, period: str
) -> list[int]:
    """Positions of placebo dates, each with enough periods around it."""
    lowest = max(5, 2 * (seasonal or 0)) + len(series.names)
    highest = series.start - 1
    if isinstance(dates, int):
        if dates < 1 or highest - lowest < 1:
            return []
        dates = min(dates, highest - lowest)  # there are no more periods between
        spread = np.linspace(lowest, highest, dates + 2)[1:-1].round().astype(int)
        return sorted({int(place) for place in spread})
    places, problems = [], []
    for date in dates:
        found, wrong = as_period(series.periods, date, period)
        problems += wrong
        place = -1 if wrong else int((series.periods < found).sum())
        if not wrong and not lowest <= place <= highest:
            problems.append(
                f"column {period!r}, period {told_period(found)}: a placebo date needs {lowest} "
                f"periods before it and one until {told_period(series.since)}"
            )
        places.append(place)
    if problems:
        raise DesignError("placebo dates", problems, "choose dates between")
    return places


def _estimand(series: Series, outcome: str, log: bool, slope: bool) -> str:
    what = "mean effect (shift and change of slope)" if slope else "lasting shift of the level"
    scale = f"the logarithm of {outcome}" if log else outcome
    return (
        f"{what} of {scale} from {told_period(series.since)} to "
        f"{told_period(series.periods[-1])}, against the course the series was on"
    )


def _notes(series: Series) -> tuple[str, ...]:
    notes = [
        "Nothing else is compared: whatever else began at that date is part of the estimate. "
        "Controls must not have been moved by the intervention."
    ]
    empty = series.periods[np.isnan(series.values)]
    if len(empty):
        notes.append(f"Without a value: {told_units([told_period(p) for p in empty], 5)}.")
    return tuple(notes)
