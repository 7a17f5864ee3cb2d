"""Checks of the design: balance before the wave, a straight dose, neighbours alike."""

from collections.abc import Sequence
from typing import Unpack

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_model import Columns, Sample, check_alpha, row
from valley_analysis.impact.entry import entry
from valley_analysis.impact.margin import Bias, by_margin, exactly, jackknifed
from valley_analysis.impact.multiple import benjamini_hochberg
from valley_analysis.impact.panel_fit import interactions
from valley_analysis.impact.results import CheckResult, Status
from valley_analysis.impact.spatial_checks import residual_check
from valley_analysis.spatial import SpatialWeights

_FEWEST = 5
_TERCILES = ("low", "middle", "high")


@entry
def balance(
    frame: pd.DataFrame,
    *,
    covariates: Sequence[str],
    alpha: float = 0.05,
    margin: float | None = None,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Ask whether more exposed units differed before the wave.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    covariates
        Columns; of each unit the mean over the periods before `since`.
    alpha
        Fails if a p-value adjusted for their number (Benjamini and Hochberg) is below it.
    margin
        Decides instead, if given: the bias is the estimate less that with all covariates times
        period beside, on the units that have them. A covariate that goes with exposure and not
        with the outcome's course does no harm.
    columns
        See `Columns`; controls are taken out of covariates and exposure first.

    Returns
    -------
    CheckResult
        ``balance``; one row a covariate: ``slope`` of the standardised covariate on the
        standardised exposure (the correlation where there are no controls), HC3 ``se``,
        ``p_value``, ``p_adjusted``, ``n`` units.

    Raises
    ------
    DesignError
        See `Sample.of`; also for a covariate that is absent, no number, the same for all
        units, or known for too few.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> panel["wage"] = panel["size"] + 5 * panel["x"]
    >>> balance(panel, covariates=["size", "wage"], **names).facts["failed"]
    ['wage']
    """
    check_alpha(alpha)
    sample = Sample.of(frame, **columns)
    values = _before(frame, sample, covariates)
    design = sample.rows.groupby(sample.design.unit)[list(sample.design.controls)].first()
    table = pd.DataFrame(
        {name: _slope(values[name], sample.exposure, design) for name in covariates}
    ).T.rename_axis("covariate")
    table["p_adjusted"] = benjamini_hochberg(table["p_value"].to_numpy())
    seen = table.index[table["p_adjusted"] < alpha].tolist()
    largest = table["slope"].abs().idxmax()
    facts = {
        "covariates": len(table),
        "failed": seen,
        "slopes": {name: float(table.loc[name, "slope"]) for name in seen},
        "largest": largest,
        "slope": float(table.loc[largest, "slope"]),
        "p_adjusted": float(table.loc[largest, "p_adjusted"]),
        "alpha": alpha,
    }
    differ = ", ".join(f"{name} ({slope:+.2f})" for name, slope in facts["slopes"].items())
    text = (
        f"{len(seen)} of {len(table)} covariates before the wave go with exposure"
        + (f": {differ}" if seen else "")
        + f"; the largest standardised slope is that of {largest}, {facts['slope']:+.2f} "
        f"(p = {facts['p_adjusted']:.3f} adjusted)."
    )
    found = CheckResult("balance", "failed" if seen else "passed", text, facts, table)
    bias = _left_unadjusted(sample, values) if margin else exactly(0.0)
    return by_margin(found, bias, margin)


def _left_unadjusted(sample: Sample, covariates: pd.DataFrame) -> Bias:
    """Return the estimate less that beside covariates times period, on the same units."""
    unit = sample.rows[sample.design.unit]
    kept = sample.keep(unit.isin(covariates.dropna().index).to_numpy())
    own = kept.rows[sample.design.unit]
    rows = pd.DataFrame({name: own.map(covariates[name]) for name in covariates})
    rows[sample.design.period] = kept.rows[sample.design.period]
    scaled = (rows[list(covariates)] - covariates.mean()) / covariates.std()
    beside = interactions(
        rows.assign(**scaled), tuple(map(str, covariates)), sample.design.period
    ).to_numpy(float)
    fits = {"bare": (kept, kept.base), "beside": (kept, kept.fit(kept.x, beside=beside))}
    return jackknifed(fits, lambda e: e["bare"] - e["beside"])


def _before(frame: pd.DataFrame, sample: Sample, covariates: Sequence[str]) -> pd.DataFrame:
    absent = [f"no column {name!r}" for name in covariates if name not in frame]
    absent += [
        f"column {name!r}: {frame[name].dtype}; expected numbers"
        for name in covariates
        if name in frame and not pd.api.types.is_numeric_dtype(frame[name])
    ]
    if absent or not covariates:
        raise DesignError("covariates", absent or ["none"], "name numeric columns of your frame")
    rows = frame[frame[sample.design.period] < sample.since]
    values = rows.groupby(sample.design.unit)[list(covariates)].mean()
    values = values.reindex(sample.exposure.index)
    fewest = _FEWEST + len(sample.design.controls)
    problems = [
        f"column {name!r}: {values[name].count()} units have it before {sample.since}; expected "
        f"{fewest} or more"
        for name in covariates
        if values[name].count() < fewest
    ]
    problems += [
        f"column {name!r}: the same for every unit"
        for name in covariates
        if np.ptp(values[name].dropna()) == 0
    ]
    if problems:
        raise DesignError("covariates", problems, "leave these columns out")
    return values


def _slope(values: pd.Series, exposure: pd.Series, controls: pd.DataFrame) -> dict[str, float]:
    """Regress one standardised column on another, HC3 errors."""
    known = values.notna().to_numpy()
    y, x = (_standard(column[known].to_numpy(float)) for column in (values, exposure))
    others = np.column_stack([np.ones(known.sum()), controls[known].to_numpy(float)])
    basis = np.linalg.qr(others)[0]
    left, right = (column - basis @ (basis.T @ column) for column in (y, x))
    spread = float(right @ right)
    slope = float(right @ left) / spread
    rest = left - slope * right
    leverage = (basis**2).sum(axis=1) + right**2 / spread
    free = len(y) - others.shape[1] - 1
    apart = np.maximum(1 - leverage, 1e-9)
    se = float(np.sqrt(((right * rest / apart) ** 2).sum()) / spread)
    p_value = float(2 * stats.t.sf(abs(slope) / se, free)) if se > 0 else 0.0
    return {"slope": slope, "se": se, "p_value": p_value, "n": len(y)}


def _standard(values: np.ndarray) -> np.ndarray:
    standard: np.ndarray = (values - values.mean()) / values.std()
    return standard


@entry
def dose_response(
    frame: pd.DataFrame,
    *,
    alpha: float = 0.05,
    margin: float | None = None,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Ask whether the effect is linear in the exposure, as the model takes it to be.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    alpha
        Fails if the square of the exposure, times "after", has a p-value below it.
    margin
        Decides instead, if given: the bias is what the straight line says of the third quartile of
        exposure against the first, less what a parabola says, per unit of exposure.
    columns
        See `Columns`.

    Returns
    -------
    CheckResult
        ``dose_response``; one row a tercile of exposure: units, mean exposure, and the effect
        relative to the lowest tercile (CR2); beside it ``linear``, what the straight line says.
        Informational where the exposure has fewer than three values.

    Raises
    ------
    DesignError
        See `Sample.of`.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> dose_response(panel, **names).status
    'passed'
    >>> bent = panel.assign(y=panel["y"] + 4 * (panel["x"] - 0.5) ** 2 * (panel["year"] >= 6))
    >>> dose_response(bent, **names).status
    'failed'
    """
    level = check_alpha(alpha)
    sample = Sample.of(frame, **columns)
    if sample.exposure.nunique() < 3:
        text = f"{columns['exposure']} has two values: a dose cannot be told from a treatment."
        return CheckResult("dose_response", "informational", text, {"values": 2, "alpha": alpha})
    middle, scale = float(sample.exposure.mean()), float(sample.exposure.std())
    square = ((sample.exposure_rows - middle) / scale) ** 2 * sample.after
    fit = sample.fit(square, beside=sample.x)
    said = sample.judged(fit, level)
    facts = {
        "square": fit.estimate,
        "se": said.se,
        "p_value": said.p_value,
        "linear": sample.base.estimate * scale,
        "alpha": alpha,
    }
    text = (
        f"Beside the linear effect of {facts['linear']:.3g} per standard deviation of exposure its "
        f"square adds {fit.estimate:.3g} (p = {said.p_value:.3f}): "
        + ("not a straight line." if said.p_value < alpha else "no bend found.")
    )
    status: Status = "failed" if said.p_value < alpha else "passed"
    found = CheckResult("dose_response", status, text, facts, _terciles(sample, level))
    if margin is None:
        return found
    straight = sample.fit(sample.x, beside=square)
    ends = ((np.quantile(sample.exposure, [0.25, 0.75]) - middle) / scale) ** 2
    bent = float(np.subtract(*ends[::-1])) / max(sample.iqr, 1e-300)
    fits = {"line": sample.base, "slope": straight, "square": fit}
    bias = jackknifed(
        {name: (sample, one) for name, one in fits.items()},
        lambda e: e["line"] - e["slope"] - bent * e["square"],
    )
    return by_margin(found, bias, margin)


def _terciles(sample: Sample, level: float) -> pd.DataFrame:
    exposure = sample.exposure
    edges = np.quantile(exposure, [1 / 3, 2 / 3])
    place = np.searchsorted(edges, exposure, side="left")
    rows = np.searchsorted(edges, sample.exposure_rows, side="left")
    found = {}
    present = [k for k in range(3) if (place == k).any()]
    for k in present:
        own = exposure[place == k]
        first = {"units": len(own), "exposure": float(own.mean())}
        found[_TERCILES[k]] = first | {"estimate": 0.0 if k == present[0] else np.nan}
    dummies = {k: (rows == k) * sample.after.astype(float) for k in present[1:]}
    for k, own in dummies.items():
        rest = [other for j, other in dummies.items() if j != k]
        fit = sample.fit(own, beside=np.column_stack(rest) if rest else None)
        found[_TERCILES[k]] |= row(fit.estimate, sample.judged(fit, level))
    table = pd.DataFrame.from_dict(found, orient="index").rename_axis("tercile")
    table["linear"] = sample.base.estimate * (table["exposure"] - table["exposure"].iloc[0])
    return table


@entry
def residual_moran(
    frame: pd.DataFrame,
    *,
    spatial: SpatialWeights,
    alpha: float = 0.05,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Ask whether what the model leaves of the units' changes is alike among neighbours.

    Of each unit the mean outcome after less the mean before, periods' means taken out, is
    regressed on exposure and controls, one row a unit. For Poisson, the number after is
    compared with the expected one, in standard deviations of a Poisson split of the unit's total.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    spatial
        Spatial weights that know the units; units without a neighbour, and units that lack
        periods before or after, are left out, and counted.
    alpha
        Fails if the two-sided p-value of Moran's I is below it.
    columns
        See `Columns`; regression weights play no part.

    Returns
    -------
    CheckResult
        ``residual_moran``, with the residual of each unit as table.

    Raises
    ------
    DesignError
        See `Sample.of` and `residual_check`.

    Examples
    --------
    >>> from valley_analysis.impact.spatial_examples import ring
    >>> units, weights = ring(60, rho=0.8, beta=0.0, seed=1)
    >>> panel = pd.concat([units.assign(t=0, y=0.0), units.assign(t=1)])
    >>> names = dict(unit="unit", period="t", outcome="y", exposure="x", since=1)
    >>> residual_moran(panel, spatial=weights, **names).status
    'failed'
    """
    check_alpha(alpha)
    sample = Sample.of(frame, **columns)
    design = sample.design
    change = _poisson_changes(sample) if sample.family == "poisson" else _changes(sample)
    known = change.index[change.index.isin(spatial.units)]
    inner = spatial.keep(known).connected()
    used = change.reindex(inner.units)
    names = [str(design.exposure), *design.controls]
    regressors = sample.rows.groupby(design.unit)[names].first().reindex(inner.units).astype(float)
    basis = np.linalg.qr(np.column_stack([np.ones(len(used)), regressors.to_numpy()]))[0]
    residual = used - basis @ (basis.T @ used.to_numpy())
    found = residual_check(residual, regressors, inner, alpha=alpha)
    lost = len(sample.exposure) - len(used)
    facts = {**found.facts, "left_out": lost}
    text = found.text + (f" {lost} units could not be used." if lost else "")
    return CheckResult("residual_moran", found.status, text, facts, residual.to_frame("residual"))


def _changes(sample: Sample) -> pd.Series:
    rows, design = sample.rows, sample.design
    level = rows[design.outcome] - rows.groupby(design.period)[design.outcome].transform("mean")
    after, unit = sample.after, rows[design.unit]
    change = level[after].groupby(unit[after]).mean() - level[~after].groupby(unit[~after]).mean()
    return change.dropna()


def _poisson_changes(sample: Sample) -> pd.Series:
    fit, after, unit = sample.base, sample.after, sample.rows[sample.design.unit]
    mean = pd.Series(fit.within.weights / sample.weight)
    left = pd.Series(sample.rows[sample.design.outcome].to_numpy(float)) - mean
    late, early = (mean[side].groupby(unit[side]).sum() for side in (after, ~after))
    spread = np.sqrt(late * early / (late + early))
    return (left[after].groupby(unit[after]).sum() / spread).dropna()
