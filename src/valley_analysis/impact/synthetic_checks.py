"""Checks of a synthetic control, as values: fit, concentration, one donor less, an earlier date."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.impact.results import CheckResult
from valley_analysis.impact.synthetic_panel import told_period
from valley_analysis.impact.synthetic_placebo import Gaps, rank_p
from valley_analysis.impact.synthetic_study import Own, Study, own, placebos

# A gap of a quarter of a standard deviation is where Imbens and Rubin (2015, ch. 14) call
# groups unlike.
CLOSE = 0.25
_WEIGHT = 1e-6


def check_fit(study: Study, found: Own) -> CheckResult:
    """Check that the synthetic control follows the treated unit before the treatment.

    Passed if the root mean squared gap is at most a quarter of the standard deviation of the
    outcome across units.
    """
    error, spread = float(found.gaps.pre[0]), study.panel.spread
    share = error / spread if spread else float("inf")
    close = share <= CLOSE
    text = (
        f"before {told_period(study.panel.since)} the gap is {error:.3g} (root mean square), "
        f"{share:.2f} standard deviations across units; expected at most {CLOSE}"
    )
    facts = {"pre_rmspe": error, "spread": spread, "share": share, "expected": CLOSE}
    return CheckResult("prefit", "passed" if close else "failed", text, facts)


def check_perfect(units: Gaps) -> CheckResult:
    """Count the placebos that fit so closely that their ratio says little."""
    exact = units.pre < units.floor
    text = (
        f"{int(exact.sum())} of {len(exact)} placebo units are matched within "
        f"{units.floor:.3g} before the treatment; their ratios are taken to that error"
    )
    facts = {"perfect": int(exact.sum()), "placebos": len(exact), "floor": units.floor}
    names = pd.DataFrame(index=units.table().index[exact])
    return CheckResult("perfect_fit", "informational", text, facts, names)


def check_concentration(found: Own) -> CheckResult:
    """Say on how many donors the synthetic control rests: one over the sum of squared weights."""
    weights = found.weights.mean(axis=1)
    effective = float(1 / (weights**2).sum())
    largest = weights.idxmax()
    text = (
        f"the weights count as {effective:.1f} donors of {len(weights)}; the largest, "
        f"{largest}, has {weights.max():.0%}"
    )
    facts = {
        "effective": effective,
        "donors": len(weights),
        "largest": largest,
        "share": float(weights.max()),
    }
    return CheckResult("donor_concentration", "informational", text, facts)


def check_placebos(table: pd.DataFrame, cutoff: float | None) -> CheckResult:
    """Say where the treated stands among placebos, with and without a pre-fit filter."""
    whole = table.loc[float("inf")]
    text = (
        f"rank {int(whole['rank'])} of {int(whole.placebos) + 1} by the ratio of errors after to "
        f"before, p = {whole.p_value:.3f}"
    )
    facts: dict[str, Any] = {
        "rank": int(whole["rank"]),
        "of": int(whole.placebos) + 1,
        "p_value": float(whole.p_value),
    }
    chosen = 5.0 if cutoff is None else float(cutoff)
    less = table.loc[chosen]
    text += (
        f"; among the {int(less.placebos)} placebos with a squared error before of at most "
        f"{chosen:g} times the own: rank {int(less['rank'])}, p = {less.p_value:.3f}"
    )
    facts |= {
        "cutoff": chosen,
        "filtered_rank": int(less["rank"]),
        "filtered_of": int(less.placebos) + 1,
        "filtered_p_value": float(less.p_value),
    }
    return CheckResult("placebo_units", "informational", text, facts, table)


def leave_one_out(study: Study, found: Own, treated: bool = False) -> pd.DataFrame:
    """Return the estimate without each donor that has a weight (or each unit of the group)."""
    weighted = found.weights.index[(found.weights > _WEIGHT).any(axis=1)]
    dropped = study.panel.treated if treated else weighted
    rows = {}
    for unit in dropped:
        again = own(study.without([unit])).gaps
        rows[unit] = (float(again.mean[0]), float(again.pre[0]), float(again.ratio[0]))
    frame = pd.DataFrame.from_dict(rows, "index", columns=["mean_gap", "pre_rmspe", "ratio"])
    return frame.rename_axis("dropped")


def check_leave_one_out(
    name: str, table: pd.DataFrame, estimate: float, what: str = "donor"
) -> CheckResult:
    """Check that no single unit carries the estimate.

    Failed if without one of them the estimate changes sign or loses half its size.
    """
    share = table["mean_gap"] / estimate if estimate else table["mean_gap"] * float("nan")
    worst = share.idxmin() if share.notna().any() else None
    sturdy = bool((share >= 0.5).all())
    text = (
        f"without one {what} the estimate {estimate:.3g} ranges from "
        f"{table['mean_gap'].min():.3g} to {table['mean_gap'].max():.3g}"
    )
    if worst is not None:
        text += f"; it is smallest without {worst} ({share[worst]:.0%} of it)"
    facts = {
        "estimate": estimate,
        "low": float(table["mean_gap"].min()),
        "high": float(table["mean_gap"].max()),
        "worst": worst,
        "share": float(share.min()),
    }
    return CheckResult(name, "passed" if sturdy else "failed", text, facts, table)


def in_time(study: Study, date: Any, level: float) -> tuple[pd.DataFrame, CheckResult]:
    """Run a study as if treated at an earlier date, on periods before the treatment alone.

    Failed if that placebo effect is distinguishable from those of other units at the level of
    the result; informational if there are too few placebos to tell.

    Parameters
    ----------
    study
        Laid out to end before the treatment, "treated" since `date`.
    date
        The placebo date.
    level
        Coverage of intervals; one minus it is the level of the test.
    """
    found = own(study)
    _, tested = placebos(study)
    rank, p_value = rank_p(float(found.gaps.ratio[0]), tested.ratio)
    smallest = 1 / (1 + len(tested.names))
    told, estimate = told_period(date), float(found.gaps.mean[0])
    text = (
        f"as if treated since {told}: mean gap {estimate:.3g}, rank {rank} of "
        f"{1 + len(tested.names)}, p = {p_value:.3f}"
    )
    status = "passed" if p_value > 1 - level else "failed"
    status = "informational" if smallest > 1 - level else status
    facts = {"date": date, "mean_gap": estimate, "rank": rank, "p_value": p_value}
    return paths_of(study, found), CheckResult("in_time_placebo", status, text, facts)  # type: ignore[arg-type]


def paths_of(study: Study, found: Own) -> pd.DataFrame:
    """Return the gap by period under a placebo date."""
    frame = {"gap": found.gaps.gaps[0], "after": ~study.panel.before}
    return pd.DataFrame(frame, index=study.panel.wide.columns)


def placebo_date(study: Study, date: Any | None) -> Any | None:
    """Return the placebo date: the one asked for, or the middle of the pre-treatment periods.

    None if fewer than two periods would come before it or none after.
    """
    early = study.panel.wide.columns[study.panel.before]
    chosen = early[len(early) // 2] if date is None else date
    enough = int((early < chosen).sum()) >= 2 and bool((early >= chosen).any())
    return chosen if enough else None


def too_short(study: Study) -> CheckResult:
    """Say that there is no room for a placebo date."""
    early = int(study.panel.before.sum())
    text = f"{early} periods before the treatment leave no room for a placebo date"
    return CheckResult("in_time_placebo", "informational", text, {"periods": early})


def common_checks(
    study: Study,
    found: Own,
    units: Gaps,
    filtered: pd.DataFrame,
    cutoff: float | None,
    backdate: Callable[[Any], Study],
    date: Any | None,
    level: float,
) -> tuple[tuple[CheckResult, ...], dict[str, pd.DataFrame]]:
    """Return the checks that every synthetic control is put to, and their frames."""
    dropped = leave_one_out(study, found) if len(study.panel.donors) > 2 else pd.DataFrame()
    checks = [
        check_fit(study, found),
        check_placebos(filtered, cutoff),
        check_perfect(units),
        check_concentration(found),
    ]
    if len(dropped):
        estimate = float(found.gaps.mean[0])
        checks.append(check_leave_one_out("leave_one_donor_out", dropped, estimate))
    chosen = placebo_date(study, date)
    early = pd.DataFrame()
    if chosen is None:
        checks.append(too_short(study))
    else:
        early, check = in_time(backdate(chosen), chosen, level)
        checks.append(check)
    frames = {"leave_one_out": dropped, "in_time": early, "prefit_filters": filtered}
    return tuple(checks), frames


def finite(value: float) -> bool:
    """Whether a number is neither missing nor infinite."""
    return bool(np.isfinite(value))
