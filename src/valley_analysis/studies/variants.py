"""The same effect estimated otherwise: beside other exposures, as a contrast, with neighbours."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.spatial_models import lm_diagnostics, spatial_error, spatial_lag
from valley_analysis.impact.spillover import spillover
from valley_analysis.impact.synthetic_contrast import contrast
from valley_analysis.sanctions import CONTROLS
from valley_analysis.sanctions import shift_share as industry_shares
from valley_analysis.studies.wave import WaveData, WaveStudy, by_year, effect, neighbours

HOSTS = ("host",)
"""The column that gives hosts of a valley a path of their own."""


def variants(
    study: WaveStudy, investment: pd.DataFrame, *, hosts: bool = False, seed: int = 0
) -> dict[str, EffectResult]:
    """Return the estimates of one effect that a reader may want side by side.

    Parameters
    ----------
    study
        What `study_wave` returns.
    investment
        Shares of regions by industry, see `by_industry`.
    hosts
        Whether each model has host of a valley x period beside exposure; the contrast then leaves
        hosts out.
    seed
        Of the contrast.

    Returns
    -------
    Key -> result: "main" (difference in differences), "dynamic" (mean of the event study after the
    wave, against the year before), "with_controls" (beside size and income x period), "spillover",
    "industry", "contrast" where it can be made. Empty with `hosts` where no host is known.
    """
    data, settings = study.data, study.settings
    if hosts and not data.frame["host"].any():
        return {}
    more = HOSTS if hosts else ()
    found = {
        "main": effect(data, more, settings) if hosts else study.effect,
        "dynamic": by_year(data, more) if hosts else study.dynamic,
        "with_controls": effect(data, (*CONTROLS, *more), settings),
        "spillover": neighbours_too(data, more),
        "industry": by_industry(data, investment, more),
    }
    apart = high_against_low(data, seed=seed, hosts=not hosts)
    return found | ({"contrast": apart} if apart else {})


def neighbours_too(data: WaveData, controls: Sequence[str] = ()) -> EffectResult:
    """Return what the exposure of neighbours adds; regions without a land neighbour drop out."""
    columns = {**data.columns, "controls": controls}
    return spillover(data.frame, weights=neighbours(data.exposure.scope), **columns)


def high_against_low(
    data: WaveData, replications: int = 499, seed: int = 0, *, hosts: bool = True
) -> EffectResult | None:
    """Return the most exposed third against a weighted mean of the least exposed third.

    A contrast of groups, not an effect of the wave; None for counts, whose zeros no weighting
    of logarithms can take, and where too few regions have every year. Without `hosts`, regions
    that host a valley are left out.
    """
    if data.found.family != "gaussian":
        return None
    kept = {key: data.columns[key] for key in ("unit", "period", "outcome", "exposure", "since")}
    frame = data.frame if hosts else data.frame[~data.frame["host"].astype(bool)]
    try:
        return contrast(frame, **kept, replications=replications, seed=seed)
    except DesignError:
        return None


def changes(data: WaveData) -> pd.DataFrame:
    """Return of each region its exposure, whether it is a host, and the change of its outcome."""
    frame, name = data.frame, data.exposure.spec.id
    after = frame["year"] >= data.found.wave.first_treated
    means = frame.groupby(["region", after])["y"].mean().unstack()
    table = pd.DataFrame({"change": means[True] - means[False]})
    table[[name, *HOSTS]] = frame.groupby("region")[[name, *HOSTS]].first().astype(float)
    return table.dropna().reset_index()


def across_space(data: WaveData, controls: Sequence[str] = ()) -> dict[str, EffectResult]:
    """Return spatial models of the change of each region; islands drop out.

    Parameters
    ----------
    data
        What `wave_data` returns.
    controls
        Columns of `changes` beside exposure.

    Returns
    -------
    "diagnostics" (ordinary least squares with the Lagrange multiplier tests), "error" and "lag".
    """
    table, weights = changes(data), neighbours(data.exposure.scope)
    table = table[~table["region"].isin(weights.islands)]
    columns: dict[str, Any] = {"unit": "region", "outcome": "change"}
    columns |= {"weights": weights.keep(table["region"].tolist())}
    columns |= {"regressors": [data.exposure.spec.id, *controls]}
    return {
        "diagnostics": lm_diagnostics(table, **columns),
        "error": spatial_error(table, **columns),
        "lag": spatial_lag(table, **columns),
    }


def by_industry(
    data: WaveData, investment: pd.DataFrame, controls: Sequence[str] = ()
) -> EffectResult:
    """Return the effect of industries aimed at, by shares of foreign investment before 2014.

    Parameters
    ----------
    data
        What `wave_data` returns.
    investment
        Shares of regions by industry, as `sanctions.shift_share` takes them.
    controls
        Columns of `changes`.

    Notes
    -----
    Exploratory wherever its check "effective_shocks" fails; the headline's interval is AKM0,
    which calibration finds valid on this panel, unlike AKM.
    """
    found = industry_shares(investment, data.found.wave.id, data.exposure.scope)
    shares = found.shares.dropna()
    shares = shares.loc[:, shares.sum() > 0]
    table = changes(data)
    table = table[table["region"].isin(shares.index)]
    shares = shares.loc[table["region"]]
    result = shift_share(
        table,
        unit="region",
        outcome="change",
        shares=shares,
        shocks=found.shock[shares.columns],
        controls=controls,
    )
    akm0 = result.frames["inference"].loc["akm0", ["se", "low", "high", "p_value"]]
    return result.judged("AKM0 (Adao, Kolesar and Morales 2019)", **akm0)
