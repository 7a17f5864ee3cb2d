"""A structural time-series model with regression effects, fitted by maximum likelihood.

Harvey (1989), "Forecasting, Structural Time Series Models and the Kalman Filter"; Durbin and
Koopman (2012), "Time Series Analysis by State Space Methods", chapters 3 and 5-7.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import minimize
from statsmodels.tsa.statespace.structural import UnobservedComponents

from valley_analysis.impact.synthetic_panel import Floats

Trend = Literal["local level", "local linear trend", "smooth trend", "fixed level", "fixed trend"]
TRENDS = {
    "local level": "llevel",
    "local linear trend": "lltrend",
    "smooth trend": "strend",
    "fixed level": "dconstant",
    "fixed trend": "dtrend",
}
# Variances over that of the series: below the one they are as good as zero.
_LOWEST, _HIGHEST = float(np.log(1e-9)), float(np.log(1e2))


@dataclass(frozen=True, eq=False)
class StructuralFit:
    """A fitted model.

    Attributes
    ----------
    coefficients, covariance
        Of the regressors, given the estimated variances.
    signal
        Smoothed expectation of the series without its irregular part.
    residuals
        Standardised one-step prediction errors; missing where the state was still unknown.
    variances
        By name: of the irregular part, level, slope, seasonal.
    loglik
        Diffuse log-likelihood of the series over its standard deviation.
    converged
        Whether the search for variances ended well.
    """

    coefficients: Floats
    covariance: Floats
    signal: Floats
    residuals: Floats
    variances: dict[str, float]
    loglik: float
    converged: bool


def fit_structural(
    series: Floats,
    regressors: Floats,
    trend: Trend = "local level",
    seasonal: int | None = None,
    starts: int = 2,
) -> StructuralFit:
    """Fit a structural model; regression coefficients are diffuse states, not searched.

    Parameters
    ----------
    series
        Values in order of time; missing ones are skipped by the filter.
    regressors
        Periods x regressors, none missing.
    trend
        How the level moves; "fixed ..." makes the seasonal pattern fixed too, which is
        ordinary least squares.
    seasonal
        Number of seasons, or None.
    starts
        From how many places, at most three, the variances are searched.

    Examples
    --------
    >>> step = np.repeat([0.0, 1.0], 10)
    >>> noise = np.resize([0.3, -0.3], 20)
    >>> found = fit_structural(5 + 2 * step + noise, step[:, None], "fixed level")
    >>> float(found.coefficients[0].round(6))
    2.0
    """
    # The start of a state is unknown up to a variance of a million: so all is put near one.
    centre, size = float(np.nanmean(series)), float(np.nanstd(series)) or 1.0
    widths = regressors.std(axis=0)
    widths = np.where(widths > 0, widths, 1.0)
    model = UnobservedComponents(
        (series - centre) / size,
        level=TRENDS[trend],
        seasonal=seasonal,
        stochastic_seasonal=not trend.startswith("fixed"),
        exog=(regressors - regressors[0]) / widths,
        mle_regression=False,
    )
    variances, converged = _search(model, starts)
    found = model.smooth(variances)
    many = regressors.shape[1]
    scale = size / widths
    results = found.filter_results
    spread = results.forecasts_error_cov[0, 0]
    # A state still unknown makes an error's variance millions of times the usual one.
    known = (spread < 1e3 * np.median(spread)) & (np.arange(len(series)) >= model.k_states)
    residuals = np.where(known, results.standardized_forecasts_error[0], np.nan)
    residuals = np.where(np.isnan(series), np.nan, residuals)
    # Regressors make the design vary in time; without them it stays one matrix.
    design = model["design"].reshape(model.k_states, -1)
    signal = (design * found.smoothed_state).sum(axis=0)
    names = [name.removeprefix("sigma2.") for name in model.param_names]
    return StructuralFit(
        found.smoothed_state[-many:, -1] * scale,
        found.smoothed_state_cov[-many:, -many:, -1] * np.outer(scale, scale),
        centre + signal * size,
        residuals,
        {name: float(v) * size**2 for name, v in zip(names, variances, strict=True)},
        float(found.llf),
        converged,
    )


def _search(model: UnobservedComponents, many: int) -> tuple[Floats, bool]:
    """Variances of the highest likelihood, searched in logarithms from several places.

    Within bounds, because a variance often is zero: there the likelihood is flat in logarithms
    and a search without bounds never ends.
    """
    count = len(model.param_names)
    known = max(1, int(np.isfinite(model.endog).sum()))

    def cost(logs: Floats) -> float:
        value = float(model.loglike(np.exp(logs), transformed=True))
        return -value / known if np.isfinite(value) else 1e10

    shapes = [np.geomspace(0.3, 1e-3, count), np.geomspace(1e-2, 0.3, count), np.full(count, 0.1)]
    bounds = [(_LOWEST, _HIGHEST)] * count
    # Differences as wide as this are exact enough, and the filter's rounding does not show.
    options = {"eps": 1e-3}
    runs = [
        minimize(cost, np.log(shape), method="L-BFGS-B", bounds=bounds, options=options)
        for shape in shapes[:many]
    ]
    best = min(runs, key=lambda run: run.fun)
    return np.exp(best.x), bool(best.success)
