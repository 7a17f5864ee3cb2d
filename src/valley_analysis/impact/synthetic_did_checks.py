"""Checks of synthetic difference-in-differences, as values."""

from collections.abc import Sequence

import numpy as np

from valley_analysis.impact.results import CheckResult, Status
from valley_analysis.impact.synthetic_did_draws import (
    Cohorts,
    fit_cohorts,
    placebo_draws,
    summary,
)
from valley_analysis.impact.synthetic_did_weights import Fit
from valley_analysis.impact.synthetic_panel import Floats, SyntheticPanel, told_period
from valley_analysis.impact.synthetic_placebo import rank_p, rms

CLOSE = 0.25
_PLACEBOS = 99


def did_checks(
    cohorts: Cohorts,
    panel: SyntheticPanel,
    fits: Sequence[Fit],
    draws: Floats,
    inference: str,
    level: float,
) -> tuple[CheckResult, ...]:
    """Return fit before the treatment, concentration of weights, placebo rank, earlier date.

    Parameters
    ----------
    cohorts, panel
        Outcomes.
    fits
        The fit of each cohort.
    draws
        Draws x (effect, events) of the inference.
    inference
        Its name; only placebo draws are ranked.
    level
        Coverage of intervals.
    """
    checks = [_parallel(panel, fits), _concentration(fits)]
    if inference == "placebo":
        checks.append(_rank(summary(cohorts, fits)[0], draws[:, 0]))
    checks.append(_in_time(cohorts, panel, level))
    return tuple(checks)


def _parallel(panel: SyntheticPanel, fits: Sequence[Fit]) -> CheckResult:
    error = max(float(rms(fit.path[: fit.start] - fit.path[: fit.start].mean())) for fit in fits)
    share = error / panel.spread if panel.spread else float("inf")
    text = (
        f"before the treatment the difference to weighted controls strays by {error:.3g} (root "
        f"mean square) from parallel, {share:.2f} standard deviations across units; expected at "
        f"most {CLOSE}"
    )
    facts = {"error": error, "spread": panel.spread, "share": share, "expected": CLOSE}
    return CheckResult("prefit", "passed" if share <= CLOSE else "failed", text, facts)


def _concentration(fits: Sequence[Fit]) -> CheckResult:
    units = float(np.mean([1 / (fit.units**2).sum() for fit in fits]))
    periods = float(np.mean([1 / (fit.periods**2).sum() for fit in fits]))
    controls = len(fits[0].units)
    text = (
        f"the weights count as {units:.1f} controls of {controls} and {periods:.1f} periods before"
    )
    facts = {"effective": units, "donors": controls, "effective_periods": periods}
    return CheckResult("donor_concentration", "informational", text, facts)


def _rank(effect: float, placebos: Floats) -> CheckResult:
    rank, p_value = rank_p(abs(effect), np.abs(placebos))
    of = 1 + len(placebos)
    text = f"rank {rank} of {of} by size among placebo effects, p = {p_value:.3f}"
    facts = {"rank": rank, "of": of, "p_value": p_value}
    return CheckResult("placebo_units", "informational", text, facts)


def _in_time(cohorts: Cohorts, panel: SyntheticPanel, level: float) -> CheckResult:
    """The first cohort's pre-treatment periods, split in the middle."""
    early = min(cohorts.starts)
    middle = early // 2
    shifted = [max(middle, 2) for _ in cohorts.starts]
    many = sum(len(rows) for rows in cohorts.treated)
    if early < 4 or len(cohorts.controls) < many + 2:
        text = f"{early} periods before the treatment leave no room for a placebo date"
        if early >= 4:
            text = f"{len(cohorts.controls)} controls are too few to rank a placebo date"
        return CheckResult("in_time_placebo", "informational", text, {"periods": early})
    before = Cohorts(cohorts.values[:, :early], cohorts.treated, tuple(shifted), cohorts.controls)
    effect = float(summary(before, fit_cohorts(before))[0])
    draws = placebo_draws(before, _PLACEBOS, 0)[:, 0]
    rank, p_value = rank_p(abs(effect), np.abs(draws))
    told = told_period(panel.wide.columns[shifted[0]])
    text = (
        f"as if treated since {told}: effect {effect:.3g}, rank {rank} of {1 + len(draws)}, "
        f"p = {p_value:.3f}"
    )
    status: Status = "passed" if p_value > 1 - level else "failed"
    if 1 / (1 + len(draws)) > 1 - level + 1e-12:
        status = "informational"
    facts = {"date": told, "effect": effect, "rank": rank, "p_value": p_value}
    return CheckResult("in_time_placebo", status, text, facts)
