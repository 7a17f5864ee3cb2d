"""Did valleys help? Decree years as cohorts, and what a dozen treated regions can show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.frames import Scope
from valley_analysis.impact.bacon import bacon_decomposition
from valley_analysis.impact.cohorts_randomised import (
    BASELINES,
    CohortPanel,
    cohort_draws,
    randomise_cohorts,
)
from valley_analysis.impact.did import two_way
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.imputation import imputation
from valley_analysis.impact.multiple import romano_wolf
from valley_analysis.impact.permutations import equal_tailed, permutation_p
from valley_analysis.impact.power import minimum_detectable_effect
from valley_analysis.impact.report_card import ReportCard
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.strata import stratified
from valley_analysis.impact.synthetic_did import synthetic_did
from valley_analysis.sanctions import load_outcomes
from valley_analysis.studies import primary
from valley_analysis.studies.primary import TAILS
from valley_analysis.studies.valley_checks import valley_card
from valley_analysis.studies.valley_data import (
    BESIDE,
    NAMES,
    PANEL,
    ValleyData,
    complete,
    net_of_controls,
    valley_data,
    with_controls,
)


@dataclass(frozen=True, eq=False)
class ValleyEffect:
    """What the decree years can show; every estimate beside size, income and exposure x year.

    Attributes
    ----------
    data
        What it was made from.
    group_time
        Group-time effects against regions never treated, with aggregations, against the last year
        before the decree.
    imputed
        The imputation estimator, against all years before.
    plain
        Two-way fixed effects, which weigh some comparisons wrongly.
    bacon
        The comparisons that they are made of, in regions that have every year.
    bare
        Key of an estimator (group_time, imputed, synthetic, plain) -> the same without controls.
    settled
        Group-time effects without controls that wait for a valley of their own; none if none do.
    synthetic
        Synthetic differences in differences of all hosts.
    hosts
        One row a host: the synthetic estimate for it alone, se, low, high, p_value (placebo).
    randomised
        The primary test: the group-time estimate when decrees are drawn anew over regions and
        dates, within terciles of exposure.
    mean, contrast
        The same against the mean of the years before the decree, and the difference of the two
        baselines.
    smallest_seen
        The effect that this design would find four times in five, from the spread of estimates
        when decrees are drawn anew.
    card
        The group-time estimate judged by the primary test, with every check.
    """

    data: ValleyData
    group_time: EffectResult
    imputed: EffectResult
    plain: EffectResult
    bacon: EffectResult
    synthetic: EffectResult
    hosts: pd.DataFrame
    randomised: EffectResult
    mean: EffectResult
    contrast: EffectResult
    smallest_seen: float
    card: ReportCard
    bare: Mapping[str, EffectResult]
    settled: EffectResult | None = None


def valley_effect(
    data: ValleyData,
    *,
    permutations: int = 999,
    replications: int = 200,
    seed: int = 20260101,
    family: pd.DataFrame | None = None,
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
    family
        What `valley_family` returns; without it the verdict is not adjusted for other outcomes.
    progress
        Called with the number of permutations done and in all.
    """
    frame, net = data.frame, net_of_controls(data.frame)
    drawn = {
        baseline: randomise_cohorts(
            frame,
            **NAMES,
            controls=BESIDE,
            strata="stratum",
            baseline=baseline,
            permutations=permutations,
            seed=seed,
            progress=progress if baseline == "last" else None,
        )
        for baseline in BASELINES
    }
    randomised = drawn["last"]
    least = minimum_detectable_effect(float(randomised.frames["draws"]["estimate"].std()))
    found = _models(net, replications, seed)
    bare = {**_models(frame, replications, seed), "plain": _plain(frame)}
    bacon = bacon_decomposition(complete(net), **NAMES)
    beside: dict[str, Any] = {
        "bare": primary.beside(bare["group_time"]),
        "against_mean": primary.beside(drawn["mean"]),
        "contrast": primary.beside(drawn["apart"]),
    }
    if family is not None and data.outcome_id in family.index:
        adjusted = float(family.loc[data.outcome_id, "romano_wolf"])
        beside |= {"p_family": adjusted, "family": len(family)}
    judged = (found["group_time"], randomised, found["synthetic"], bacon, least)
    return ValleyEffect(
        data=data,
        **found,
        plain=_plain(*with_controls(frame)),
        bacon=bacon,
        hosts=_by_host(complete(net), replications, seed),
        randomised=randomised,
        mean=drawn["mean"],
        contrast=drawn["apart"],
        smallest_seen=least,
        card=valley_card(data, *judged, seed=seed, beside=beside),
        bare=bare,
        settled=_group_time(net_of_controls(data.settled), seed) if data.pending else None,
    )


def valley_family(
    series: pd.DataFrame,
    cohorts: "pd.Series[int]",
    exposure_id: str,
    scope: Scope,
    *,
    permutations: int = 999,
    seed: int = 20260101,
) -> pd.DataFrame:
    """Test all outcomes with the same draws of decrees, and adjust for their number.

    The family is fixed by the register: every outcome of outcomes.yml that is no placebo and no
    count and that enough hosts have. See `wave_family` for the scale on which they are compared.

    Parameters
    ----------
    series, cohorts, exposure_id, scope
        As in `valley_data`.
    permutations, seed
        Of the draws.

    Returns
    -------
    One row an outcome: ``p_value`` and ``romano_wolf``.
    """
    found: dict[str, pd.DataFrame] = {}
    for outcome, about in load_outcomes().items():
        if about.role != "placebo" and about.scale != "count":
            try:
                found[outcome] = valley_data(series, outcome, cohorts, exposure_id, scope).frame
            except DesignError:
                continue
    # All draws are of the hosts and regions of all outcomes; each uses those that it has.
    every = pd.concat(found.values()).drop_duplicates("region").set_index("region").sort_index()
    labels = pd.factorize(every["stratum"], sort=True)[0]
    first = pd.concat(found.values()).groupby("region")["cohort"].first().reindex(every.index)
    drawn, _ = cohort_draws(first, labels, permutations, seed)
    own, statistic, columns = [], [], []
    for frame in found.values():
        told, names = stratified(frame, "region", "stratum", BESIDE)
        panel = CohortPanel.of(told, **PANEL, controls=names)
        places = every.index.get_indexer(panel.units)
        data, *null = (panel.studentised(one[places]) for one in [first.to_numpy(float), *drawn])
        own.append(permutation_p(data, np.array(null), tails=TAILS))
        p_value, p_values = equal_tailed(data, np.nan_to_num(np.array(null)))
        statistic.append(stats.norm.isf(p_value / 2))
        columns.append(stats.norm.isf(p_values / 2))
    adjusted = romano_wolf(np.array(statistic), np.column_stack(columns))
    table = {"p_value": own, "romano_wolf": np.maximum(adjusted, own)}
    return pd.DataFrame(table, index=pd.Index(list(found), name="outcome"))


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
