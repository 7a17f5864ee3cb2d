"""Did valleys help? Decree years as cohorts, and what ten treated regions can show."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.frames import Scope
from valley_analysis.impact.did import two_way
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.imputation import imputation
from valley_analysis.impact.power import minimum_detectable_effect
from valley_analysis.impact.randomisation_cohorts import permute_cohorts
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.synthetic_did import synthetic_did
from valley_analysis.sanctions import (
    exposure,
    find_exposure,
    find_outcome,
    resource_regions,
)
from valley_analysis.sanctions.outcomes import Outcome

WAVE = 2022
BEFORE = 6
TERCILES = 3
_NAMES: dict[str, Any] = {"unit": "region", "period": "year", "outcome": "y", "cohort": "cohort"}


@dataclass(frozen=True, eq=False)
class ValleyData:
    """A panel of regions with the year of their first decree.

    Attributes
    ----------
    frame
        One row a region and year: ``region, year, y`` (on the outcome's scale), ``cohort``
        (missing without a valley), ``treated`` (1 from the decree on), ``exposure`` to the wave of
        2022, ``stratum`` (its tercile), ``resource``.
    outcome
        Of outcomes.yml.
    left_out
        Hosts without a year before their decree or without an outcome.
    """

    frame: pd.DataFrame
    outcome: Outcome
    left_out: tuple[str, ...]

    @property
    def cohorts(self) -> "pd.Series[int]":
        """Year of the decree by host that enters."""
        rows = self.frame.dropna(subset=["cohort"]).groupby("region")["cohort"].first()
        return rows.astype(int).sort_values(kind="stable")


def valley_data(
    series: pd.DataFrame,
    outcome: str,
    cohorts: "pd.Series[int]",
    exposure_id: str,
    scope: Scope,
    *,
    method: str = "",
) -> ValleyData:
    """Lay out outcome, decree years and exposure.

    Parameters
    ----------
    series
        What `panel.load_panel` returns.
    outcome
        A key of outcomes.yml on the scale "log" or "share".
    cohorts
        Year of the first decree by host region (`valleys.decree_years`).
    exposure_id
        A key of exposures.yml: regions are compared within terciles of it.
    scope
        Disjoint units.
    method
        Under which the outcome was published.

    Raises
    ------
    DesignError
        For a count, or if fewer than two hosts have a year before their decree.
    """
    about = find_outcome(outcome)
    if about.scale == "count":
        raise DesignError(
            f"outcome {outcome!r}",
            ["a count: the estimators of cohorts are linear"],
            "choose an outcome on a logarithmic scale or in per cent",
        )
    rows = series[series["series"].eq(about.series) & series["method"].astype(str).eq(method)]
    rows = rows.assign(region=rows["region"].astype(str))
    first = int(cohorts.min()) - BEFORE
    rows = rows[rows["region"].isin(scope.units) & rows["period"].ge(first)]
    values = (
        rows["value"].where(rows["value"] > 0).map(np.log)
        if about.scale == "log"
        else rows["value"]
    )
    frame = pd.DataFrame(
        {"region": rows["region"], "year": rows["period"].astype(int), "y": values.astype(float)}
    ).dropna()
    starts = frame.groupby("region")["year"].min()
    usable = [host for host in cohorts.index if host in starts and starts[host] < cohorts[host]]
    if len(usable) < 2:
        raise DesignError("hosts", [f"{len(usable)} with a year before"], "choose another outcome")
    frame["cohort"] = frame["region"].map(cohorts[usable]).astype(float)
    frame["treated"] = (frame["year"] >= frame["cohort"]).astype(float)
    left_out = tuple(host for host in cohorts.index if host not in usable)
    frame = frame[~frame["region"].isin(left_out)]
    found = exposure(series, find_exposure(exposure_id, WAVE), scope)
    units = found.values.reindex(frame["region"].unique()).dropna()
    frame = frame[frame["region"].isin(units.index)].assign(
        exposure=lambda f: f["region"].map(units)
    )
    terciles = pd.qcut(units, TERCILES, labels=["low", "middle", "high"]).astype(str)
    resource = resource_regions(series, WAVE, scope).frame["resource"]
    frame = frame.assign(
        stratum=frame["region"].map(terciles), resource=frame["region"].map(resource)
    )
    return ValleyData(frame.reset_index(drop=True), about, left_out)


@dataclass(frozen=True, eq=False)
class ValleyEffect:
    """What the decree years can show.

    Attributes
    ----------
    data
        What it was made from.
    group_time
        Group-time effects against regions never treated, with aggregations.
    imputed
        The imputation estimator.
    plain, with_exposure
        Two-way fixed effects, without and with exposure x period: they weigh some comparisons
        wrongly, and stand here because the second shows what exposure does to the first.
    synthetic
        Synthetic differences in differences of all hosts.
    hosts
        One row a host: the synthetic estimate for it alone, se, low, high, p_value (placebo).
    randomised
        The group-time estimate when decrees are drawn anew over regions and dates, within
        terciles of exposure.
    smallest_seen
        The effect that this design would find four times in five, from the spread of estimates
        when decrees are drawn anew.
    """

    data: ValleyData
    group_time: EffectResult
    imputed: EffectResult
    plain: EffectResult
    with_exposure: EffectResult
    synthetic: EffectResult
    hosts: pd.DataFrame
    randomised: EffectResult
    smallest_seen: float


def valley_effect(
    data: ValleyData,
    *,
    permutations: int = 999,
    replications: int = 200,
    seed: int = 20260101,
    progress: Callable[[int, int], None] | None = None,
) -> ValleyEffect:
    """Estimate whether outcomes of hosts moved after their decree.

    Parameters
    ----------
    data
        What `valley_data` returns.
    permutations
        Of decrees over regions and dates.
    replications
        Of placebo standard errors.
    seed
        Of everything random.
    progress
        Called with the number of permutations done and in all.
    """
    frame = data.frame
    balanced = _balanced(frame)
    randomised = permute_cohorts(
        frame,
        _statistic,
        unit="region",
        cohort="cohort",
        strata="stratum",
        dates="across",
        permutations=permutations,
        seed=seed,
        progress=progress,
    )
    spread = float(randomised.frames["draws"]["statistic"].std())
    years = [column for column in _exposed(frame) if column.startswith("exposure_")]
    names: dict[str, Any] = {"unit": "region", "period": "year", "outcome": "y"}
    return ValleyEffect(
        data,
        group_time_att(frame, **_NAMES, controls="never", replications=999, seed=seed),
        imputation(frame, **_NAMES),
        two_way(frame, **names, regressors=["treated"]),
        two_way(_exposed(frame), **names, regressors=["treated", *years]),
        synthetic_did(balanced, **_NAMES, replications=replications, seed=seed),
        _by_host(balanced, replications, seed),
        randomised,
        minimum_detectable_effect(spread),
    )


def _balanced(frame: pd.DataFrame) -> pd.DataFrame:
    counted = frame.groupby("region")["year"].nunique()
    return frame[frame["region"].map(counted) == frame["year"].nunique()]


def _statistic(frame: pd.DataFrame) -> float:
    return group_time_att(frame, **_NAMES, controls="never", replications=0).estimate


def _exposed(frame: pd.DataFrame) -> pd.DataFrame:
    """Add exposure x year columns, the first year being the one set to zero."""
    years = sorted(frame["year"].unique())[1:]
    added = {
        f"exposure_{year}": frame["exposure"].where(frame["year"] == year, 0.0) for year in years
    }
    return frame.assign(**added)


def _by_host(frame: pd.DataFrame, replications: int, seed: int) -> pd.DataFrame:
    """One host at a time against regions never treated."""
    cohorts = frame.dropna(subset=["cohort"]).groupby("region")["cohort"].first()
    never = sorted(set(frame["region"]) - set(cohorts.index))
    rows = {}
    for host, since in cohorts.sort_values(kind="stable").items():
        part = frame[frame["region"].isin([host, *never])]
        found = synthetic_did(
            part,
            unit="region",
            period="year",
            outcome="y",
            treated=host,
            since=int(since),
            replications=replications,
            seed=seed,
        )
        rows[host] = {"decree": int(since), **found.table.loc[found.headline].to_dict()}
    return pd.DataFrame(rows).T.rename_axis("region")
