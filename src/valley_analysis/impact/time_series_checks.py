"""Diagnostics of a structural time-series model, and placebo dates, as values."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.impact.results import CheckResult, Status
from valley_analysis.impact.structural_series import StructuralFit, Trend, fit_structural
from valley_analysis.impact.synthetic_panel import Floats, told_period


def diagnostics(fit: StructuralFit, seasonal: int | None, level: float) -> tuple[CheckResult, ...]:
    """Return checks of the standardised prediction errors, and of the search for variances.

    Independence, equal variance and normality, in the order of importance that Commandeur and
    Koopman (2007, "An Introduction to State Space Time Series Analysis", section 8.5) give.

    Parameters
    ----------
    fit
        The model.
    seasonal
        Number of seasons, or None.
    level
        Coverage of intervals; one minus it is the level of the tests.
    """
    errors = fit.residuals[~np.isnan(fit.residuals)]
    tests = [autocorrelation, heteroscedasticity, normality]
    arguments: list[tuple[Any, ...]] = [(seasonal, len(fit.variances)), (), ()]
    found = [test(errors, level, *more) for test, more in zip(tests, arguments, strict=True)]
    return (*found, _convergence(fit))


def autocorrelation(
    errors: Floats, level: float, seasonal: int | None = None, variances: int = 1
) -> CheckResult:
    """Ljung and Box's test: are prediction errors independent?

    Two seasons of lags (ten without seasons, a fifth of the errors at most); one degree of
    freedom less for each variance but one (Durbin and Koopman 2012, section 2.12).

    Parameters
    ----------
    errors
        Standardised prediction errors.
    level
        One minus the level of the test.
    seasonal
        Number of seasons, or None.
    variances
        Number of estimated variances.

    Examples
    --------
    >>> autocorrelation(np.resize([1.0, -1.0], 60), 0.95).status
    'failed'
    """
    many = len(errors)
    lags = max(1, min(2 * seasonal if seasonal else 10, many // 5))
    centred = errors - errors.mean()
    total = (centred**2).sum()
    shares = np.array([centred[lag:] @ centred[:-lag] / total for lag in range(1, lags + 1)])
    statistic = float(many * (many + 2) * (shares**2 / (many - np.arange(1, lags + 1))).sum())
    freedom = max(1, lags - variances + 1)
    p_value = float(stats.chi2.sf(statistic, freedom))
    text = f"Ljung-Box over {lags} lags: {statistic:.1f}, p = {p_value:.3f}"
    facts = {"statistic": statistic, "lags": lags, "p_value": p_value}
    table = pd.DataFrame({"autocorrelation": shares}, index=pd.RangeIndex(1, lags + 1, name="lag"))
    return CheckResult("residual_autocorrelation", _status(p_value, level), text, facts, table)


def heteroscedasticity(errors: Floats, level: float) -> CheckResult:
    """Compare squared prediction errors of the last and the first third.

    Examples
    --------
    >>> heteroscedasticity(np.resize([1.0, -1.0], 60) * np.linspace(1, 9, 60), 0.95).status
    'failed'
    """
    third = max(1, round(len(errors) / 3))
    ratio = float((errors[-third:] ** 2).sum() / (errors[:third] ** 2).sum())
    p_value = float(2 * min(stats.f.sf(ratio, third, third), stats.f.cdf(ratio, third, third)))
    text = f"squared errors of the last third over the first: {ratio:.2f}, p = {p_value:.3f}"
    facts = {"ratio": ratio, "p_value": p_value}
    return CheckResult("residual_heteroscedasticity", _status(p_value, level), text, facts)


def normality(errors: Floats, level: float) -> CheckResult:
    """Jarque and Bera's test of skewness and kurtosis.

    Examples
    --------
    >>> normality(np.r_[np.resize([1.0, -1.0], 60), 30.0], 0.95).status
    'failed'
    """
    found = stats.jarque_bera(errors)
    statistic, p_value = float(found.statistic), float(found.pvalue)
    skewness, kurtosis = float(stats.skew(errors)), float(stats.kurtosis(errors, fisher=False))
    text = (
        f"Jarque-Bera: {statistic:.1f}, p = {p_value:.3f} (skewness {skewness:.2f}, kurtosis "
        f"{kurtosis:.2f})"
    )
    facts = {
        "statistic": statistic,
        "skewness": skewness,
        "kurtosis": kurtosis,
        "p_value": p_value,
    }
    return CheckResult("residual_normality", _status(p_value, level), text, facts)


def _convergence(fit: StructuralFit) -> CheckResult:
    told = ", ".join(f"{name} {value:.3g}" for name, value in fit.variances.items())
    said = "converged" if fit.converged else "did not converge"
    status: Status = "passed" if fit.converged else "failed"
    text = f"the search for variances {said}: {told}"
    return CheckResult("convergence", status, text, dict(fit.variances))


def _status(p_value: float, level: float) -> Status:
    return "passed" if p_value > 1 - level else "failed"


def placebo_table(
    series: Floats,
    controls: Floats,
    periods: pd.Index,
    places: Sequence[int],
    trend: Trend,
    seasonal: int | None,
) -> pd.DataFrame:
    """Return the level shift at each placebo date, from periods before the treatment alone.

    Parameters
    ----------
    series, controls
        Before the treatment; controls are periods x columns.
    periods
        Their labels.
    places
        Positions of the placebo dates.
    trend, seasonal
        Of the model.
    """
    moving = controls[:, np.ptp(controls, axis=0) > 0]
    rows = []
    for place in places:
        step = (np.arange(len(series)) >= place).astype(float)
        fit = fit_structural(series, np.column_stack([step, moving]), trend, seasonal, 1)
        estimate, error = float(fit.coefficients[0]), float(np.sqrt(fit.covariance[0, 0]))
        p_value = float(2 * stats.norm.sf(abs(estimate) / error)) if error else 0.0
        rows.append((periods[place], estimate, error, p_value))
    return pd.DataFrame(rows, columns=["date", "estimate", "se", "p_value"]).set_index("date")


def check_placebos(table: pd.DataFrame, level: float) -> CheckResult:
    """Check that nothing is found where nothing was done, with Bonferroni's correction.

    Parameters
    ----------
    table
        One row a placebo date: estimate, se, p_value.
    level
        One minus the level of the test over all dates.

    Examples
    --------
    >>> columns = {"estimate": [1.0, 9.0], "se": 1.0, "p_value": [0.3, 1e-9]}
    >>> table = pd.DataFrame(columns, index=[2001, 2002])
    >>> check_placebos(table, 0.95).text
    'the largest of 2 placebo dates is 2002: 9, p = 0.000 after correction'
    """
    if table.empty:
        text = "too few periods before the treatment for a placebo date"
        return CheckResult("placebo_dates", "informational", text, {"dates": 0})
    worst = table["p_value"].idxmin()
    p_value = min(1.0, float(table["p_value"].min()) * len(table))
    text = (
        f"the largest of {len(table)} placebo dates is {told_period(worst)}: "
        f"{table.loc[worst, 'estimate']:.3g}, p = {p_value:.3f} after correction"
    )
    facts = {"dates": len(table), "worst": told_period(worst), "p_value": p_value}
    return CheckResult("placebo_dates", _status(p_value, level), text, facts, table)
