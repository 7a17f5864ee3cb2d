"""Checks of the course before the wave and of what neighbours do to it, in bias of the headline."""

from typing import Unpack

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_model import Columns, Sample
from valley_analysis.impact.entry import entry
from valley_analysis.impact.margin import LEVEL, Bias, by_margin, jackknifed, of_fit
from valley_analysis.impact.panel_fit import degrees_of_freedom
from valley_analysis.impact.pretrend import event_path
from valley_analysis.impact.results import CheckResult, EffectResult
from valley_analysis.spatial import SpatialWeights


@entry
def trend_before(frame: pd.DataFrame, **columns: Unpack[Columns]) -> Bias:
    """Return what the linear trend before the wave, had it gone on, would be of the effect.

    The slope by which more and less exposed units moved apart a period, on the periods before,
    times the distance between the mean period after and the mean period before.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period; periods are numbers.
    columns
        See `Columns`.

    Returns
    -------
    Bias
        By CR2; unknown, without limits, if fewer than two periods lie before.

    Raises
    ------
    DesignError
        See `Sample.of`.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel(effect=0.0, noise=0.01)
    >>> drifting = panel.assign(y=panel["y"] + 0.1 * panel["x"] * panel["year"])
    >>> round(trend_before(drifting, **names).value, 2)
    0.5
    """
    sample = Sample.of(frame, **columns)
    period = sample.rows[sample.design.period].to_numpy(float)
    before = sample.keep(~sample.after)
    own = before.rows[before.design.period].to_numpy(float)
    if len(np.unique(own)) < 2:
        return Bias(float("nan"), -np.inf, np.inf)
    distance = np.unique(period[sample.after]).mean() - np.unique(own).mean()
    fit = before.fit(before.exposure_rows * (own - own.mean()))
    return of_fit(before, fit, float(distance))


def trend_of_path(result: EffectResult) -> Bias:
    """Return the same from an event study alone: a line through its leads and the reference.

    Parameters
    ----------
    result
        With event times, one reference and a covariance.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> from valley_analysis.impact.event_study import event_study
    >>> panel, names = example_panel(effect=0.0, noise=0.01)
    >>> kept = {key: names[key] for key in ("unit", "period", "outcome", "exposure")}
    >>> drifting = panel.assign(y=panel["y"] + 0.1 * panel["x"] * panel["year"])
    >>> round(trend_of_path(event_study(drifting, reference=5, **kept)).value, 2)
    0.5
    """
    path = event_path(result)
    leads = path.before
    times = np.append(path.time[leads], path.reference)
    if len(times) < 2 or leads.all():
        return Bias(float("nan"), -np.inf, np.inf)
    apart = times - times.mean()
    # The reference is zero by definition, so its weight falls away.
    weights = apart[:-1] / (apart @ apart) * (path.time[~leads].mean() - times.mean())
    value = float(weights @ path.estimate[leads])
    se = float(np.sqrt(weights @ path.covariance[np.ix_(leads, leads)] @ weights))
    half = float(stats.t.ppf(0.5 + LEVEL / 2, degrees_of_freedom(result))) * se
    return Bias(value, value - half, value + half)


@entry
def neighbours_beside(
    frame: pd.DataFrame,
    *,
    spatial: SpatialWeights,
    margin: float | None = None,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Ask whether the neighbours' exposure, left out of the model, is in the estimate.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    spatial
        Spatial weights that know the units; units without a neighbour are left out.
    margin
        The bias is the estimate less that beside neighbours' mean exposure, on the same units.
    columns
        See `Columns`.

    Returns
    -------
    CheckResult
        ``spillovers``: informational without a margin.

    Raises
    ------
    DesignError
        See `Sample.of`; also if no unit has a neighbour, or neighbours' exposure does not vary.

    Examples
    --------
    >>> from valley_analysis.impact.spatial_examples import ring
    >>> units, weights = ring(60, rho=0.0, beta=0.0, seed=1)
    >>> panel = pd.concat([units.assign(t=0, y=0.0), units.assign(t=1)])
    >>> names = dict(unit="unit", period="t", outcome="y", exposure="x", since=1)
    >>> neighbours_beside(panel, spatial=weights, margin=1.0, **names).status
    'passed'
    """
    sample = Sample.of(frame, **columns)
    exposed = sample.exposure[sample.exposure.index.isin(spatial.units)]
    near = spatial.keep(exposed.index).lag(exposed).dropna()
    unit = sample.rows[sample.design.unit]
    kept = sample.keep(unit.isin(near.index).to_numpy())
    if near.nunique() < 2:
        raise DesignError(
            "spatial weights",
            [f"{near.nunique()} values of neighbours' exposure over {len(near)} units"],
            "give weights under which neighbours differ",
        )
    theirs = kept.rows[sample.design.unit].map(near).to_numpy(float) * kept.after
    both = kept.fit(kept.x, beside=theirs)
    fits = {"alone": (kept, kept.base), "beside": (kept, both)}
    bias = jackknifed(fits, lambda e: e["alone"] - e["beside"])
    lost = len(sample.exposure) - len(kept.exposure)
    facts = {
        "alone": kept.base.estimate,
        "beside": both.estimate,
        "units": len(kept.exposure),
        "left_out": lost,
    }
    text = (
        f"Beside neighbours' mean exposure the estimate goes from {kept.base.estimate:.3g} to "
        f"{both.estimate:.3g} ({len(kept.exposure)} units with neighbours; {lost} left out)."
    )
    return by_margin(CheckResult("spillovers", "informational", text, facts), bias, margin)
