"""Did valleys help? Decree years as cohorts, and what a dozen treated regions can show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from valley_analysis.impact.bacon import bacon_decomposition
from valley_analysis.impact.did import two_way
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.imputation import imputation
from valley_analysis.impact.power import minimum_detectable_effect
from valley_analysis.impact.randomisation_cohorts import permute_cohorts
from valley_analysis.impact.report_card import ReportCard
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.synthetic_did import synthetic_did
from valley_analysis.studies.valley_checks import valley_card
from valley_analysis.studies.valley_data import (
    NAMES,
    PANEL,
    ValleyData,
    complete,
    net_of_exposure,
    with_exposure,
)


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
    plain
        Two-way fixed effects, which weigh some comparisons wrongly.
    bacon
        The comparisons that they are made of, in regions that have every year.
    beside
        Key of an estimator (group_time, imputed, synthetic, plain) -> the same beside exposure x
        year: hosts are among the most exposed, and what sanctions did to them is not the valleys'.
    settled
        Group-time effects without controls that wait for a valley of their own; none if none do.
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
    card
        Every check of the group-time estimate.
    """

    data: ValleyData
    group_time: EffectResult
    imputed: EffectResult
    plain: EffectResult
    bacon: EffectResult
    synthetic: EffectResult
    hosts: pd.DataFrame
    randomised: EffectResult
    smallest_seen: float
    card: ReportCard
    beside: Mapping[str, EffectResult]
    settled: EffectResult | None = None


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
    balanced = complete(frame)
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
    least = minimum_detectable_effect(float(randomised.frames["draws"]["statistic"].std()))
    found = _models(frame, replications, seed)
    bacon = bacon_decomposition(balanced, **NAMES)
    net = net_of_exposure(frame)
    beside = {**_models(net, replications, seed), "plain": _plain(*with_exposure(frame))}
    judged = (found["group_time"], randomised, found["synthetic"], bacon, least)
    return ValleyEffect(
        data=data,
        **found,
        plain=_plain(frame),
        bacon=bacon,
        hosts=_by_host(balanced, replications, seed),
        randomised=randomised,
        smallest_seen=least,
        card=valley_card(data, *judged, seed=seed),
        beside=beside,
        settled=_group_time(data.settled, seed) if data.pending else None,
    )


def _models(frame: pd.DataFrame, replications: int, seed: int) -> dict[str, EffectResult]:
    return {
        "group_time": _group_time(frame, seed),
        "imputed": imputation(frame, **NAMES),
        "synthetic": synthetic_did(complete(frame), **NAMES, replications=replications, seed=seed),
    }


def _group_time(frame: pd.DataFrame, seed: int) -> EffectResult:
    return group_time_att(frame, **NAMES, controls="never", replications=999, seed=seed)


def _plain(frame: pd.DataFrame, more: Sequence[str] = ()) -> EffectResult:
    return two_way(frame, **PANEL, regressors=["treated", *more])


def _statistic(frame: pd.DataFrame) -> float:
    return group_time_att(frame, **NAMES, controls="never", replications=0).estimate


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
