"""The same effect estimated otherwise: beside other exposures, as a contrast, with neighbours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_influence import leave_one_sector_out
from valley_analysis.impact.results import CheckResult, EffectResult
from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.spatial_models import lm_diagnostics, spatial_error, spatial_lag
from valley_analysis.impact.spillover import spillover
from valley_analysis.impact.synthetic_contrast import contrast
from valley_analysis.sanctions import shift_share as industry_shares
from valley_analysis.studies.primary import effect
from valley_analysis.studies.wave import WaveStudy, by_year
from valley_analysis.studies.wave_data import WaveData, neighbours

HOSTS = ("host",)
"""The column that gives hosts of a valley a path of their own."""


@dataclass(frozen=True)
class Unfitted:
    """A model that was not, or could not be, fitted: a row of its own, so that the page goes on.

    Attributes
    ----------
    key
        Why: "count" (a linear model of changes, which counts have none of) or "failed".
    detail
        What the estimator said.
    diagnostics
        None: as of a result.
    """

    key: str
    detail: str = ""
    diagnostics: tuple[CheckResult, ...] = ()


Variant = EffectResult | Unfitted


def variants(
    study: WaveStudy, investment: pd.DataFrame, *, hosts: bool = False, seed: int = 0
) -> dict[str, Variant]:
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
    Key -> result: "main" (difference in differences), "bare" (without controls), "last" (against
    the last year before the wave), "dynamic" (mean of the event study after the wave), "spillover",
    "industry", "contrast" where it can be made; `Unfitted` for a model that cannot. Empty with
    `hosts` where no host is known, or none had been chosen when the wave began.
    """
    data, settings = study.data, study.settings
    if hosts and not data.hosts_known:
        return {}
    more = HOSTS if hosts else ()
    found: dict[str, Variant] = {
        "main": effect(data, more, settings) if hosts else study.effect,
        "bare": effect(data, more, settings, bare=True) if hosts else study.bare,
        **({"last": study.last} if study.last and not hosts else {}),
        "dynamic": tried(lambda: by_year(data, more)) if hosts else study.dynamic,
        "spillover": tried(lambda: neighbours_too(data, more)),
        "industry": tried(lambda: by_industry(data, investment, more), data),
    }
    apart = high_against_low(data, seed=seed, hosts=not hosts)
    return found | ({"contrast": apart} if apart else {})


def tried(fit: Callable[[], EffectResult], linear_in: WaveData | None = None) -> Variant:
    """Return what a model says, or that it could not be fitted.

    Parameters
    ----------
    fit
        Of the model.
    linear_in
        Data whose changes over the wave it is linear in, if it is: counts have no such changes,
        whose units could be told (a model of levels would follow the largest regions alone).
    """
    if linear_in is not None and linear_in.found.family != "gaussian":
        return Unfitted("count")
    try:
        return fit()
    except DesignError as error:
        return Unfitted("failed", "; ".join(error.problems))
    # Estimators of other libraries raise what they like on data that they cannot take.
    except (ValueError, ArithmeticError, np.linalg.LinAlgError, RuntimeError, IndexError) as error:
        return Unfitted("failed", str(error).splitlines()[0] if str(error) else "")


def neighbours_too(data: WaveData, controls: Sequence[str] = ()) -> EffectResult:
    """Return what the exposure of neighbours adds; regions without a land neighbour drop out."""
    columns = {**data.columns, "controls": (*data.controls, *controls)}
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
    """Return of each region exposure, controls, whether it is a host, and its outcome's change.

    Raises
    ------
    DesignError
        For counts, whose changes are in numbers that no linear model should compare.
    """
    frame, name = data.frame, data.exposure.spec.id
    if data.found.family != "gaussian":
        raise DesignError(
            f"outcome {data.found.outcome!r}",
            ["a count: its changes have no scale that regions of all sizes share"],
            "use the Poisson model (studies.effect)",
        )
    after = frame["year"] >= data.found.wave.first_treated
    means = frame.groupby(["region", after])["y"].mean().unstack()
    table = pd.DataFrame({"change": means[True] - means[False]})
    fixed = [name, *HOSTS, *data.controls]
    table[fixed] = frame.groupby("region")[fixed].first().astype(float)
    return table.dropna().reset_index()


def across_space(data: WaveData, controls: Sequence[str] = ()) -> dict[str, Variant]:
    """Return spatial models of the change of each region; islands drop out.

    Parameters
    ----------
    data
        What `wave_data` returns.
    controls
        Columns of `changes` beside exposure and the headline's controls.

    Returns
    -------
    "diagnostics" (ordinary least squares with the Lagrange multiplier tests), "error" and "lag";
    `Unfitted` for counts, and for a model that cannot be fitted. Empty if hosts are asked for whom
    nobody had chosen when the wave began.
    """
    if set(HOSTS) & set(controls) and not data.hosts_known:
        return {}
    models: dict[str, Callable[..., EffectResult]]
    models = {"diagnostics": lm_diagnostics, "error": spatial_error, "lag": spatial_lag}
    if data.found.family != "gaussian":
        return dict.fromkeys(models, Unfitted("count"))
    table, weights = changes(data), neighbours(data.exposure.scope)
    table = table[~table["region"].isin(weights.islands)]
    columns: dict[str, Any] = {"unit": "region", "outcome": "change"}
    columns |= {"weights": weights.keep(table["region"].tolist())}
    columns |= {"regressors": [data.exposure.spec.id, *data.controls, *controls]}
    return {name: tried(partial(model, table, **columns)) for name, model in models.items()}


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
        Columns of `changes` beside the headline's controls.

    Notes
    -----
    Exploratory wherever its check "effective_shocks" fails; the headline's interval is AKM0,
    which calibration on this panel finds too short beside the controls, but less so than AKM's.
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
        controls=(*data.controls, *controls),
    )
    akm0 = result.frames["inference"].loc["akm0", ["se", "low", "high", "p_value"]]
    judged = result.judged("AKM0 (Adao, Kolesar and Morales 2019)", **akm0)
    return judged.with_diagnostics(leave_one_sector_out(judged))


def fitted(found: Mapping[str, Variant]) -> dict[str, EffectResult]:
    """Return the variants that have an estimate."""
    return {name: one for name, one in found.items() if isinstance(one, EffectResult)}
