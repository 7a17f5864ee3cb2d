"""Spatial lag and spatial error regressions of a cross-section, and the tests that choose.

Fitted by spreg; coefficients of a lag model are turned into direct, indirect and total effects
(LeSage and Pace 2009, Introduction to Spatial Econometrics, section 2.7) with delta-method
standard errors.
"""

from collections.abc import Sequence
from types import ModuleType
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.extras import library
from valley_analysis.impact.results import CheckResult, EffectResult, estimates
from valley_analysis.impact.spatial_checks import residual_check
from valley_analysis.impact.spatial_design import (
    CONSTANT,
    LAMBDA,
    RHO,
    SpatialSample,
    fitting,
    spatial_sample,
)
from valley_analysis.spatial import SpatialWeights

Method = Literal["ml", "gmm"]
_LM = {
    "lm_error": ("lmErr", 1),
    "lm_lag": ("lmLag", 1),
    "robust_lm_error": ("rlmErr", 1),
    "robust_lm_lag": ("rlmLag", 1),
    "sarma": ("lmSarma", 2),
}
_AGAINST = {
    "lm_error": "spatially correlated errors",
    "lm_lag": "a spatial lag of the outcome",
    "robust_lm_error": "spatially correlated errors, allowing for a lag",
    "robust_lm_lag": "a spatial lag of the outcome, allowing for correlated errors",
    "sarma": "a lag or correlated errors",
}


@entry
def spatial_lag(
    frame: pd.DataFrame,
    *,
    unit: str,
    outcome: str,
    regressors: Sequence[str] | str,
    weights: SpatialWeights,
    method: Method = "ml",
    level: float = 0.95,
) -> EffectResult:
    """Fit y = rho W y + X beta + e and report what a regressor does here and next door.

    Parameters
    ----------
    frame
        One row a unit.
    unit, outcome, regressors
        Columns; the first regressor is the headline. A constant is added.
    weights
        Spatial weights that know all units; islands among them are left out.
    method
        "ml" (maximum likelihood, normal errors) or "gmm" (spatial two-stage least squares with
        WX and W2X as instruments; homoskedastic errors).
    level
        Coverage of intervals.

    Returns
    -------
    EffectResult
        Terms: constant, regressors, rho (``kind`` "coefficient"); then "x: direct", "x: indirect",
        "x: total". Headline: the total effect of the first regressor. ``frames["fit"]`` has
        log-likelihood and error variance.

    Raises
    ------
    DesignError
        With everything that is wrong with the columns, units or weights.

    Notes
    -----
    Anselin, L. (1988), Spatial Econometrics, ch. 6; Kelejian, H. and Prucha, I. (1998), Journal of
    Real Estate Finance and Economics 17(1). A coefficient of a lag model is not an effect: a change
    in one unit comes back through its neighbours.

    Examples
    --------
    >>> from valley_analysis.impact.spatial_examples import ring
    >>> frame, weights = ring(60, rho=0.5, beta=1.0, seed=1)
    >>> fit = spatial_lag(frame, unit="unit", outcome="y", regressors="x", weights=weights)
    >>> fit.table.loc[["rho", "x: total"], "estimate"].round(1).tolist()
    [0.5, 1.9]
    """
    _check_method(method)
    ready = spatial_sample(frame, unit, outcome, listed(regressors), weights)
    with fitting("a spatial lag", ready):
        if method == "ml":
            fit = library("spreg.ml_lag").BaseML_Lag(ready.y, ready.x, ready.pysal())
        else:
            lags = {"w": ready.pysal(), "w_lags": 2}
            fit = library("spreg.twosls_sp").BaseGM_Lag(ready.y, ready.x, **lags)
        coefficients = _coefficients(fit, ready, RHO, level)
        effects = _effects(coefficients["estimate"], _covariance(fit, ready, RHO), ready, level)
    first = ready.names[0]
    return EffectResult(
        method="spatial_lag",
        outcome=outcome,
        table=pd.concat([coefficients, effects]).rename_axis("term"),
        headline=f"{first}: total",
        estimand=(
            f"change of {outcome} when {first} rises by one everywhere: in the unit itself "
            "(direct) and through its neighbours (indirect)"
        ),
        inference=f"{_words(method, 'lag')}; effects by the delta method, normal",
        notes=(*ready.notes, "Assumes that neighbours' outcomes act on each other."),
        diagnostics=(_dependence(fit, ready, coefficients, method, RHO),),
        n_obs=ready.n,
        n_units=ready.n,
        level=level,
        covariance=_covariance(fit, ready, RHO),
        frames={"fit": _fit_frame(fit, ready)},
    )


@entry
def spatial_error(
    frame: pd.DataFrame,
    *,
    unit: str,
    outcome: str,
    regressors: Sequence[str] | str,
    weights: SpatialWeights,
    method: Method = "ml",
    level: float = 0.95,
) -> EffectResult:
    """Fit y = X beta + u, u = lambda W u + e: coefficients beside spatially correlated errors.

    Parameters
    ----------
    frame, unit, outcome, regressors, weights, level
        As for `spatial_lag`.
    method
        "ml" (maximum likelihood, normal errors) or "gmm" (generalised moments, errors of unequal
        variance: Arraiz, Drukker, Kelejian and Prucha 2010).

    Returns
    -------
    EffectResult
        Terms: constant, regressors, lambda. Headline: the first regressor.

    Raises
    ------
    DesignError
        As `spatial_lag`.

    Notes
    -----
    Anselin, L. (1988), Spatial Econometrics, ch. 6 and 8.

    Examples
    --------
    >>> from valley_analysis.impact.spatial_examples import ring
    >>> frame, weights = ring(60, rho=0.0, beta=1.0, seed=1)
    >>> fit = spatial_error(frame, unit="unit", outcome="y", regressors="x", weights=weights)
    >>> round(fit.estimate, 1), fit.headline
    (1.0, 'x')
    """
    _check_method(method)
    ready = spatial_sample(frame, unit, outcome, listed(regressors), weights)
    with fitting("spatially correlated errors", ready):
        if method == "ml":
            fit = library("spreg.ml_error").BaseML_Error(ready.y, ready.x, ready.pysal())
        else:
            sparse = ready.pysal().sparse
            fit = library("spreg.error_sp_het").BaseGM_Error_Het(ready.y, ready.x, sparse)
        coefficients = _coefficients(fit, ready, LAMBDA, level)
    return EffectResult(
        method="spatial_error",
        outcome=outcome,
        table=coefficients,
        headline=ready.names[0],
        estimand=f"change of {outcome} in a unit when its {ready.names[0]} rises by one",
        inference=f"{_words(method, 'error')}; normal",
        notes=(*ready.notes, "Assumes that errors, not outcomes, go along with the neighbours'."),
        diagnostics=(_dependence(fit, ready, coefficients, method, LAMBDA),),
        n_obs=ready.n,
        n_units=ready.n,
        level=level,
        covariance=_covariance(fit, ready, LAMBDA),
        frames={"fit": _fit_frame(fit, ready)},
    )


@entry
def lm_diagnostics(
    frame: pd.DataFrame,
    *,
    unit: str,
    outcome: str,
    regressors: Sequence[str] | str,
    weights: SpatialWeights,
    alpha: float = 0.05,
    level: float = 0.95,
) -> EffectResult:
    """Fit least squares and test what it leaves for spatial dependence.

    Parameters
    ----------
    frame, unit, outcome, regressors, weights, level
        As for `spatial_lag`.
    alpha
        Level of the tests.

    Returns
    -------
    EffectResult
        The least-squares table; ``diagnostics``: Moran's I of residuals (Cliff and Ord's moments),
        Lagrange multiplier tests against error and lag, each also robust to the other, and both
        together (sarma). A check fails where dependence is found. ``frames["tests"]``: statistic,
        df, p_value.

    Raises
    ------
    DesignError
        As `spatial_lag`.

    Notes
    -----
    Anselin, L. (1988), Geographical Analysis 20(1); Anselin, L., Bera, A., Florax, R. and Yoon, M.
    (1996), Regional Science and Urban Economics 26(1), 77-104, for the robust forms and the rule
    that the note on which model they point to applies.

    Examples
    --------
    >>> from valley_analysis.impact.spatial_examples import ring
    >>> frame, weights = ring(60, rho=0.5, beta=1.0, seed=1)
    >>> found = lm_diagnostics(frame, unit="unit", outcome="y", regressors="x", weights=weights)
    >>> {check.name: check.status for check in found.diagnostics}["lm_lag"]
    'failed'
    """
    ready = spatial_sample(frame, unit, outcome, listed(regressors), weights)
    with fitting("least squares", ready):
        ols = library("spreg.ols").BaseOLS(ready.y, ready.x)
        tests = _lm_tests(ols, ready, library("spreg.diagnostics_sp"))
    residuals = pd.Series(np.ravel(ols.u), ready.weights.units, name="residuals")
    regressed = pd.DataFrame(ready.x[:, 1:], ready.weights.units, list(ready.names))
    checks = [residual_check(residuals, regressed, ready.weights, alpha=alpha)]
    checks += [_lm_check(name, row, alpha) for name, row in tests.iterrows()]
    free = ready.n - ready.x.shape[1]
    terms = [CONSTANT, *ready.names]
    back = ready.back[:-1]
    covariance = np.asarray(ols.vm) * np.outer(back, back)
    se = pd.Series(np.sqrt(np.diag(covariance)), terms)
    slopes = pd.Series(np.ravel(ols.betas) * back, terms)
    return EffectResult(
        method="lm_diagnostics",
        outcome=outcome,
        table=estimates(slopes, se, level, free),
        headline=ready.names[0],
        estimand=f"least-squares slope of {outcome} on {ready.names[0]}",
        inference=f"homoskedastic errors, t({free}): invalid where a test below finds dependence",
        notes=(*ready.notes, _pointing(tests, alpha)),
        diagnostics=tuple(checks),
        n_obs=ready.n,
        n_units=ready.n,
        level=level,
        covariance=pd.DataFrame(covariance, terms, terms),
        frames={"tests": tests},
    )


def _check_method(method: str) -> None:
    if method not in ("ml", "gmm"):
        raise DesignError("method", [f"{method!r}; expected 'ml' or 'gmm'"], "name one of the two")


def _coefficients(fit: Any, ready: SpatialSample, spatial: str, level: float) -> pd.DataFrame:
    terms = [CONSTANT, *ready.names, spatial]
    se = np.sqrt(np.diag(_covariance(fit, ready, spatial)))
    slopes = pd.Series(np.ravel(fit.betas) * ready.back, terms)
    table = estimates(slopes, pd.Series(se, terms), level)
    return table.assign(kind="coefficient")


def _covariance(fit: Any, ready: SpatialSample, spatial: str) -> pd.DataFrame:
    terms = [CONSTANT, *ready.names, spatial]
    return pd.DataFrame(np.asarray(fit.vm) * np.outer(ready.back, ready.back), terms, terms)


def _effects(
    slopes: pd.Series, spread_of: pd.DataFrame, ready: SpatialSample, level: float
) -> pd.DataFrame:
    """Average direct, indirect and total effects: means of S = (I - rho W)^-1 times beta."""
    betas, covariance = slopes.to_numpy(), spread_of.to_numpy()
    dense = ready.weights.matrix.toarray()
    spread = np.linalg.inv(np.eye(ready.n) - betas[-1] * dense)
    steeper = spread @ dense @ spread  # its derivative by rho
    multiplier = {"direct": np.trace(spread), "total": spread.sum()}
    slope = {"direct": np.trace(steeper), "total": steeper.sum()}
    for of in (multiplier, slope):
        of["indirect"] = of["total"] - of["direct"]
    found, errors = {}, {}
    for place, name in enumerate(ready.names, start=1):
        for kind in ("direct", "indirect", "total"):
            gradient = np.zeros(len(betas))
            gradient[place] = multiplier[kind] / ready.n
            gradient[-1] = betas[place] * slope[kind] / ready.n
            term = f"{name}: {kind}"
            found[term] = betas[place] * multiplier[kind] / ready.n
            errors[term] = float(np.sqrt(gradient @ covariance @ gradient))
    table = estimates(pd.Series(found), pd.Series(errors), level)
    return table.assign(kind=[term.rsplit(": ", 1)[1] for term in table.index])


def _dependence(
    fit: Any, ready: SpatialSample, table: pd.DataFrame, method: Method, spatial: str
) -> CheckResult:
    """Likelihood ratio (ml) or Wald test (gmm) of the spatial parameter."""
    value = float(table.loc[spatial, "estimate"])
    if method == "ml":
        left = ready.y - ready.x @ np.linalg.lstsq(ready.x, ready.y, rcond=None)[0]
        plain = -ready.n / 2 * (np.log(2 * np.pi * float(np.mean(left**2))) + 1)
        statistic, named = 2 * float(np.squeeze(fit.logll) - plain), "likelihood ratio"
    else:
        statistic, named = (value / float(table.loc[spatial, "se"])) ** 2, "Wald"
    p_value = float(stats.chi2.sf(statistic, 1))
    text = f"{spatial} = {value:.3f}; {named} test of zero {statistic:.2f}, p = {p_value:.3f}."
    facts = {"parameter": spatial, "value": value, "statistic": statistic, "p_value": p_value}
    return CheckResult("spatial_parameter", "informational", text, facts)


def _fit_frame(fit: Any, ready: SpatialSample) -> pd.DataFrame:
    unit = float(ready.sizes[0])
    sigma2 = float(np.squeeze(getattr(fit, "sig2", np.nan))) * unit**2
    likelihood = float(np.squeeze(getattr(fit, "logll", np.nan))) - ready.n * np.log(unit)
    return pd.DataFrame([{"sigma2": sigma2, "log_likelihood": likelihood}])


def _words(method: Method, model: str) -> str:
    gmm = "spatial two-stage least squares" if model == "lag" else "generalised moments, robust"
    return "maximum likelihood" if method == "ml" else gmm


def _lm_tests(ols: Any, ready: SpatialSample, module: ModuleType) -> pd.DataFrame:
    weights = ready.pysal()
    shared = module.spDcache(ols, weights)
    rows = {}
    for name, (function, df) in _LM.items():
        statistic, p_value = getattr(module, function)(ols, weights, shared)
        rows[name] = {"statistic": float(statistic), "df": df, "p_value": float(p_value)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("test")


def _lm_check(name: str, row: "pd.Series[float]", alpha: float) -> CheckResult:
    statistic, p_value = float(row["statistic"]), float(row["p_value"])
    found = "found" if p_value < alpha else "not found"
    text = f"{_AGAINST[name]}: {found} (statistic {statistic:.2f}, p = {p_value:.3f})."
    facts = {"statistic": statistic, "df": int(row["df"]), "p_value": p_value, "alpha": alpha}
    return CheckResult(name, "failed" if p_value < alpha else "passed", text, facts)


def _pointing(tests: pd.DataFrame, alpha: float) -> str:
    """Which model the tests point to, by the rule of Anselin et al. (1996)."""
    p = tests["p_value"]
    lag, error = p["lm_lag"] < alpha, p["lm_error"] < alpha
    if not (lag or error):
        return f"No test finds a lag or correlated errors at {alpha:g}: least squares stands."
    if lag and error:
        lag, error = p["robust_lm_lag"] < p["robust_lm_error"], True
        model = "a spatial lag" if lag else "spatially correlated errors"
        return f"Both tests find dependence; the robust forms point to {model}."
    return f"The tests point to {'a spatial lag' if lag else 'spatially correlated errors'}."
