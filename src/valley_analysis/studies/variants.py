"""The same effect estimated otherwise: beside other exposures, as a contrast, with neighbours."""

from typing import Any

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.spatial_models import lm_diagnostics, spatial_error, spatial_lag
from valley_analysis.impact.spillover import spillover
from valley_analysis.impact.synthetic_contrast import contrast
from valley_analysis.sanctions import shift_share as industry_shares
from valley_analysis.studies.wave import WaveData, WaveStudy, neighbours


def variants(study: WaveStudy) -> dict[str, EffectResult]:
    """Return the estimates of one effect that a reader may want side by side.

    Returns
    -------
    Key -> result: "main" (difference in differences), "dynamic" (mean of the event study after the
    wave, against the year before), "with_hosts" (beside host of a valley x period, where hosts are
    known), "with_controls" (beside size and income x period).
    """
    found = {
        "main": study.effect,
        "dynamic": study.dynamic,
        "with_hosts": study.with_hosts,
        "with_controls": study.with_controls,
    }
    return {name: one for name, one in found.items() if one is not None}


def neighbours_too(data: WaveData) -> EffectResult:
    """Return what the exposure of neighbours adds; regions without a land neighbour drop out."""
    return spillover(data.frame, weights=neighbours(data.exposure.scope), **data.columns)


def high_against_low(data: WaveData, replications: int = 499, seed: int = 0) -> EffectResult | None:
    """Return the most exposed third against a weighted mean of the least exposed third.

    A contrast of groups, not an effect of the wave; None for counts, whose zeros no weighting
    of logarithms can take, and where too few regions have every year.
    """
    if data.found.family != "gaussian":
        return None
    kept = {key: data.columns[key] for key in ("unit", "period", "outcome", "exposure", "since")}
    try:
        return contrast(data.frame, **kept, replications=replications, seed=seed)
    except DesignError:
        return None


def changes(data: WaveData) -> pd.DataFrame:
    """Return of each region its exposure and the change of its mean outcome over the wave."""
    frame, name = data.frame, data.exposure.spec.id
    after = frame["year"] >= data.found.wave.first_treated
    means = frame.groupby(["region", after])["y"].mean().unstack()
    table = pd.DataFrame({"change": means[True] - means[False]})
    table[name] = frame.groupby("region")[name].first()
    return table.dropna().reset_index()


def across_space(data: WaveData) -> dict[str, EffectResult]:
    """Return spatial models of the change of each region; islands drop out.

    Returns
    -------
    "diagnostics" (ordinary least squares with the Lagrange multiplier tests), "error" and "lag".
    """
    table, weights = changes(data), neighbours(data.exposure.scope)
    table = table[~table["region"].isin(weights.islands)]
    columns: dict[str, Any] = {"unit": "region", "outcome": "change"}
    columns |= {"weights": weights.keep(table["region"].tolist())}
    columns |= {"regressors": [data.exposure.spec.id]}
    return {
        "diagnostics": lm_diagnostics(table, **columns),
        "error": spatial_error(table, **columns),
        "lag": spatial_lag(table, **columns),
    }


def by_industry(data: WaveData, investment: pd.DataFrame) -> EffectResult:
    """Return the effect of industries aimed at, by shares of foreign investment before 2014.

    Parameters
    ----------
    data
        What `wave_data` returns.
    investment
        Shares of regions by industry, as `sanctions.shift_share` takes them.

    Notes
    -----
    Exploratory wherever its check "effective_shocks" fails; the headline's interval is AKM0,
    which calibration finds sound on this panel, unlike AKM.
    """
    found = industry_shares(investment, data.found.wave.id, data.exposure.scope)
    shares = found.shares.dropna()
    shares = shares.loc[:, shares.sum() > 0]
    table = changes(data)
    table = table[table["region"].isin(shares.index)]
    shares = shares.loc[table["region"]]
    result = shift_share(
        table, unit="region", outcome="change", shares=shares, shocks=found.shock[shares.columns]
    )
    akm0 = result.frames["inference"].loc["akm0", ["se", "low", "high", "p_value"]]
    return result.judged("AKM0 (Adao, Kolesar and Morales 2019)", **akm0)
