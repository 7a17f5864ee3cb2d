"""Errors that are correlated between near units (Conley 1999), within units over any time.

The coefficient is one for all periods, so the scores of a unit can be summed first. With x the
residualised regressor, e the residuals, w weights, s_i = sum_t w_it x_it e_it and
d_ij the distance between units,

    V = sum_i sum_j K(d_ij / cutoff) s_i s_j / (sum w x^2)^2,

which allows any correlation over time within a unit and between near units. K is 1 - u below 1
("bartlett") or 1 up to 1 ("uniform").

Conley, T. G. (1999), GMM estimation with cross sectional dependence, Journal of Econometrics
92(1), 1-45; Hsiang, S. M. (2010), PNAS 107(35), 15367-15372, for the variant with a lag cutoff.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import PanelDesign, listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.exposure_model import ExposureModel, projection, unit_values, weighted
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.sandwich import Fit, Inference, by_t
from valley_analysis.spatial.distances import great_circle_km

Kernel = Literal["bartlett", "uniform"]
CUTOFFS_KM = (250.0, 500.0, 1000.0, 2000.0)
NEGATIVE = "the kernel gives no positive variance at this cutoff; try 'bartlett' or another cutoff"
_NOTHING = 1e-10
INDEFINITE = "the kernel is not positive semidefinite on these points"


@entry
def conley(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str | None = None,
    since: object = None,
    regressor: str | None = None,
    lon: str,
    lat: str,
    cutoff_km: float | Sequence[float] = CUTOFFS_KM,
    kernel: Kernel = "bartlett",
    time_lags: int | None = None,
    weights: str | None = None,
    controls: Sequence[str] | str = (),
    level: float = 0.95,
) -> EffectResult:
    """Return one coefficient with errors that allow for correlation up to several distances.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period; gaps are allowed; it is not changed.
    unit, period, outcome
        Columns.
    exposure, since
        The regressor is the exposure (one value a unit) from `since` on; or give `regressor`.
    regressor
        A column that varies over units and periods, instead.
    lon, lat
        Columns in degrees, one value a unit.
    cutoff_km
        Great-circle distances from which on errors are unrelated. 0 leaves errors clustered
        by unit (and units at the very same point).
    kernel
        "bartlett" or "uniform".
    time_lags
        None: any correlation over time, within units and between near ones. A number L: near
        units in the same period only, and a unit with itself up to L places in the order of
        periods apart, with weights 1 - lag/(L + 1).
    weights, controls
        As in `ExposureModel.of`.
    level
        Coverage.

    Returns
    -------
    EffectResult
        One row a cutoff, with `cutoff_km`, `neighbours` (mean number of other units within the
        cutoff), `df` and `note`. No headline: no single cutoff is right. A kernel may give
        no positive variance: nan, and the note says so.

    Raises
    ------
    DesignError
        As `ExposureModel.of`; or for missing coordinates, a negative cutoff, both or neither
        of exposure and regressor.

    Notes
    -----
    Variances carry the same correction as errors clustered by unit (see `Fit.correction`), so
    that a cutoff of 0 gives exactly those; intervals use t(G - 1). Large cutoffs leave few
    independent areas, and intervals are then too short.
    """
    cutoffs = _cutoffs(cutoff_km, kernel, time_lags)
    if regressor is None and exposure is not None and since is not None:
        model = ExposureModel.of(
            frame,
            unit=unit,
            period=period,
            outcome=outcome,
            exposure=exposure,
            since=since,
            weights=weights,
            controls=controls,
        )
        fit, units, what = model.fit, model.units, model.estimand
    elif regressor is not None and exposure is None:
        names = PanelDesign(unit, period, outcome, weights=weights, controls=listed(controls))
        fit, units = _regressed(frame, names, regressor)
        what = f"slope of {outcome!r} on {regressor!r} beside unit and period effects"
    else:
        found = f"exposure {exposure!r}, since {since!r}, regressor {regressor!r}"
        raise DesignError("conley", [found], "give exposure and since, or a regressor alone")
    distances = unit_distances(frame, unit, units, lon, lat)
    found_rows = {
        f"{cutoff:g} km": conley_inference(fit, distances, cutoff, kernel, time_lags, level)
        for cutoff in cutoffs
    }
    return EffectResult(
        method="conley",
        outcome=outcome,
        table=_table(fit, found_rows, cutoffs, distances),
        headline="",
        estimand=what,
        inference=_described(kernel, time_lags),
        n_obs=len(fit.x),
        n_units=len(units),
        n_periods=fit.within.periods.count,
        level=level,
    )


def unit_distances(
    frame: pd.DataFrame, unit: str, units: pd.Index, lon: str, lat: str
) -> np.ndarray:
    """Return the distances between units in km, N x N, from columns in degrees."""
    return great_circle_km(
        unit_values(frame, unit, units, lon).to_numpy(float),
        unit_values(frame, unit, units, lat).to_numpy(float),
    )


def conley_inference(
    fit: Fit,
    distances: np.ndarray,
    cutoff_km: float,
    kernel: Kernel = "bartlett",
    time_lags: int | None = None,
    level: float = 0.95,
) -> Inference:
    """Return the inference of one cutoff.

    Parameters
    ----------
    fit
        The regression.
    distances
        N x N in km, in the order of the fit's units.
    cutoff_km, kernel, time_lags, level
        See `conley`.
    """
    weight = kernel_weights(distances, cutoff_km, kernel)
    units = fit.within.units
    if time_lags is None:
        scores = units.sum(fit.scores)
        meat = float(scores @ weight @ scores)
    else:
        meat = _lagged(fit, weight, time_lags)
    variance = meat / fit.spread**2 * fit.correction(units)
    notes = [f"G = {units.count}"]
    if np.linalg.eigvalsh(weight)[0] < -1e-9:
        notes.append(INDEFINITE)
    if meat <= _NOTHING * float((fit.scores**2).sum()):
        # Scores sum to zero: with all pairs inside the cutoff only rounding is left.
        variance = float("nan")
        notes.append(NEGATIVE)
    return by_t(fit.estimate, variance, units.count - 1, level, "; ".join(notes))


def kernel_weights(distances: np.ndarray, cutoff_km: float, kernel: Kernel) -> np.ndarray:
    """Return the weight of each pair, N x N; 1 at distance 0, whatever the cutoff.

    Examples
    --------
    >>> kernel_weights(np.array([[0.0, 100], [100, 0]]), 400, "bartlett").tolist()
    [[1.0, 0.75], [0.75, 1.0]]
    """
    if cutoff_km == 0:
        return (distances == 0).astype(float)
    if kernel == "uniform":
        return (distances <= cutoff_km).astype(float)
    tapered: np.ndarray = np.maximum(1 - distances / cutoff_km, 0)
    return tapered


def _lagged(fit: Fit, weight: np.ndarray, time_lags: int) -> float:
    """Near units of the same period, and each unit's own neighbouring periods."""
    units = fit.within.units
    grid = np.zeros((units.count, fit.within.periods.count))
    np.add.at(grid, (units.codes, fit.within.periods.codes), fit.scores)
    meat = float(np.einsum("it,ij,jt->", grid, weight, grid))
    for lag in range(1, min(time_lags, grid.shape[1] - 1) + 1):
        meat += 2 * (1 - lag / (time_lags + 1)) * float((grid[:, lag:] * grid[:, :-lag]).sum())
    return meat


def _regressed(frame: pd.DataFrame, names: PanelDesign, regressor: str) -> tuple[Fit, pd.Index]:
    """Fit a regressor that varies over time; rows without it are left out."""
    if regressor not in frame:
        found = ", ".join(map(str, frame.columns))
        raise DesignError(
            "the frame", [f"no column {regressor!r}; found {found}"], "name a column of your frame"
        )
    present = frame.dropna(subset=[regressor])
    rows = weighted(names.prepare(present), names.weights)
    keys = [names.unit, names.period]
    x = rows[keys].merge(present[[*keys, regressor]], on=keys, how="left", validate="1:1")
    fit = Fit.of(
        projection(rows, names),
        x[regressor].to_numpy(float),
        rows[names.outcome].to_numpy(float),
    )
    return fit, pd.Index(rows[names.unit].unique(), name=names.unit)


def _table(
    fit: Fit, found: dict[str, Inference], cutoffs: Sequence[float], distances: np.ndarray
) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(
        {
            term: {
                "estimate": fit.estimate,
                "se": one.se,
                "low": one.low,
                "high": one.high,
                "p_value": one.p_value,
                "cutoff_km": cutoff,
                "neighbours": float((distances <= cutoff).sum(axis=1).mean() - 1),
                "df": one.df,
                "note": one.note,
            }
            for (term, one), cutoff in zip(found.items(), cutoffs, strict=True)
        },
        orient="index",
    )
    return table.rename_axis("term")


def _cutoffs(
    cutoff_km: float | Sequence[float], kernel: Kernel, time_lags: int | None
) -> tuple[float, ...]:
    cutoffs = tuple(np.atleast_1d(np.asarray(cutoff_km, dtype=float)).tolist())
    problems = [f"cutoff {value} km" for value in cutoffs if not 0 <= value < np.inf]
    if not cutoffs:
        problems.append("no cutoff")
    if kernel not in ("bartlett", "uniform"):
        problems.append(f"kernel {kernel!r}; expected 'bartlett' or 'uniform'")
    if time_lags is not None and time_lags < 0:
        problems.append(f"time_lags {time_lags}; expected None or a number from 0")
    if problems:
        raise DesignError("conley", problems, "give distances in km, a kernel and lags from 0")
    return cutoffs


def _described(kernel: Kernel, time_lags: int | None) -> str:
    time = (
        "any correlation over time"
        if time_lags is None
        else f"near units within a period, own lags up to {time_lags}"
    )
    return f"Conley, {kernel} kernel of great-circle distance, {time}; t with G - 1"
