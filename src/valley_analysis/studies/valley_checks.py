"""The report card of the effect of valleys: every check of a small, staggered experiment."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from valley_analysis.impact.checks_course import trend_of_path
from valley_analysis.impact.checks_data import attrition
from valley_analysis.impact.checks_influence import influence
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.margin import Bias, by_margin, exactly
from valley_analysis.impact.pretrend import pretrend_test
from valley_analysis.impact.randomisation_cohorts import redrawn_cohorts
from valley_analysis.impact.report_card import ReportCard, report_card
from valley_analysis.impact.results import CheckResult, EffectResult
from valley_analysis.studies.calibration import DECREES, calibration_checks
from valley_analysis.studies.valley_data import (
    NAMES,
    PANEL,
    ValleyData,
    complete,
    net_of_controls,
)

_ROW = ["estimate", "se", "low", "high", "p_value"]


def valley_card(
    data: ValleyData,
    group_time: EffectResult,
    randomised: EffectResult,
    synthetic: EffectResult,
    bacon: EffectResult,
    smallest_seen: float,
    *,
    alpha: float = 0.05,
    seed: int = 0,
    beside: Mapping[str, Any] | None = None,
) -> ReportCard:
    """Put the estimate of group-time effects to every check.

    Parameters
    ----------
    data
        What `valley_data` returns.
    group_time
        The headline: against regions never treated.
    randomised
        The same when decrees are drawn anew.
    synthetic
        Whose checks of fit and of an earlier date stand beside.
    bacon
        The comparisons behind the two-way coefficient.
    smallest_seen
        The effect that the design finds four times in five.
    alpha
        Level of every decision.
    seed
        Of permutations.
    beside
        What stands beside the headline in the verdict, see `report_card`.
    """
    checks = (
        _pretrend(data, alpha, seed),
        one_host_out(data, group_time, alpha),
        redrawn_cohorts(group_time, randomised, alpha),
        _attrition(data, alpha, seed),
        *bacon.diagnostics,
        *(one for one in synthetic.diagnostics if one.name in ("prefit", "in_time_placebo")),
        *calibration_checks(DECREES, data.outcome_id),
    )
    row = randomised.table.loc[randomised.headline, ["se", "low", "high", "p_value"]].to_dict()
    judged = group_time.judged(randomised.inference, **row)
    return report_card(judged, checks, smallest_seen=smallest_seen, beside=beside)


def one_host_out(data: ValleyData, whole: EffectResult, alpha: float = 0.05) -> CheckResult:
    """Estimate without each host in turn.

    Parameters
    ----------
    data
        What `valley_data` returns.
    whole
        The estimate with all hosts.
    alpha
        Level of the conclusion that has to stay.
    """
    rows = {}
    for host in data.cohorts.index:
        rest = net_of_controls(data.frame[data.frame["region"] != host])
        found = group_time_att(rest, **NAMES, controls="never", replications=0)
        rows[host] = found.table.loc[found.headline, _ROW]
    table = pd.DataFrame(rows).T.astype(float).rename_axis("host")
    told = {"estimate": whole.estimate, "p_value": whole.p_value}
    return influence("leave_one_unit_out", "host", told, table, alpha, data.outcome.margin)


def _pretrend(data: ValleyData, alpha: float, seed: int) -> CheckResult:
    """Every year against the last before the decree, which a joint test of leads needs."""
    names = {**NAMES, "controls": "never", "base": "universal"}
    found = group_time_att(net_of_controls(data.frame), **names, replications=0)
    check = pretrend_test(found, level=1 - alpha, seed=seed)
    if check.status == "informational":
        return check
    return by_margin(check, trend_of_path(found), data.outcome.margin)


def _attrition(data: ValleyData, alpha: float, seed: int) -> CheckResult:
    frame = data.frame.assign(host=data.frame["cohort"].notna().astype(float))
    columns = PANEL | {"exposure": "host", "since": int(data.cohorts.min())}
    check = attrition(frame, kinds=(), alpha=alpha, seed=seed, **columns)
    whole = group_time_att(net_of_controls(data.frame), **NAMES, controls="never", replications=0)
    rest = complete(data.frame)
    if len(rest) == len(data.frame) or rest["cohort"].isna().all():
        return by_margin(check, exactly(0.0), data.outcome.margin)
    part = group_time_att(net_of_controls(rest), **NAMES, controls="never", replications=0)
    # Hausman's variance of the difference of a whole sample and a part of it.
    value, half = whole.estimate - part.estimate, abs(part.se**2 - whole.se**2) ** 0.5 * 1.645
    return by_margin(check, Bias(value, value - half, value + half), data.outcome.margin)
