"""The report card: one estimate, all its checks, and the verdict that follows from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.escape import paragraph, text_html
from valley_analysis.impact.entry import entry
from valley_analysis.impact.panel_fit import degrees_of_freedom
from valley_analysis.impact.power import minimum_detectable_effect
from valley_analysis.impact.results import MARKS, CheckResult, EffectResult

Conclusion = Literal["supported", "fragile", "untested", "not distinguishable"]
Direction = Literal["higher", "lower", "none"]

# Any of these that fails makes a distinguishable estimate fragile.
CORE = (
    "pretrend_joint",
    "placebo_date",
    "placebo_outcome",
    "anticipation",
    "leave_one_unit_out",
    "leave_one_cluster_out",
    "leave_groups_out",
    "leave_one_sector_out",
    "effective_shocks",
    "first_stage",
    "balance",
    "spillovers",
    "residual_moran",
    "inference_agreement",
    "randomisation",
    "redrawn_cohorts",
    "attrition",
    "suppression_bounds",
    "calibration",
    "prefit",
    "in_time_placebo",
    "placebo_dates",
    "residual_autocorrelation",
)
# Without a decision by each of these a distinguishable estimate is untested.
REQUIRED = (
    "pretrend_joint",
    "placebo_date",
    "leave_one_unit_out",
    "randomisation",
    "attrition",
)
_REQUIRED_OF = {
    "group_time_att": ("pretrend_joint", "leave_one_unit_out", "redrawn_cohorts", "attrition"),
    "synthetic_control": ("prefit", "in_time_placebo"),
    "synthetic_did": ("prefit", "in_time_placebo"),
    "interrupted_time_series": ("placebo_dates", "residual_autocorrelation"),
    "shift_share": ("effective_shocks", "leave_one_sector_out"),
}
_OF_EXPOSURE = (
    "event_study",
    "difference_in_differences",
    "compare_inference",
    "randomisation_inference",
    "conley",
    "wild_cluster_bootstrap",
)
_MEANING = {
    "supported": "Supported: distinguishable, and no core check failed.",
    "fragile": "Fragile: distinguishable, but core checks failed ({failed_core}).",
    "untested": "Untested: distinguishable, but not decided: {untested}.",
    "not distinguishable": "Not distinguishable from nothing.",
}

_MOVED = {
    "higher": "more exposed units rose relative to less exposed ones",
    "lower": "more exposed units fell relative to less exposed ones",
    "none": "more and less exposed units did not come apart distinguishably",
}
_OTHERWISE = {
    "bare": "Without controls",
    "against_last": "Against the last period before alone",
    "against_mean": "Against the mean of the periods before",
    "contrast": "The two baselines differ by",
}
_SHOWN = 6
_SIGNED = {
    "higher": "the estimate lies above zero",
    "lower": "the estimate lies below zero",
    "none": "the estimate cannot be told from zero",
}


@dataclass(frozen=True, eq=False)
class ReportCard:
    """An estimate, the checks it was put to, and what follows.

    Attributes
    ----------
    result
        The estimate.
    checks
        Its own diagnostics, then the others, in the order given.
    core
        Names of checks whose failure makes the estimate fragile.
    required
        Names of checks without whose decision it is untested.
    scale
        What estimates are multiplied by: the interquartile range of exposure, or one.
    per
        What that is, in words.
    smallest_seen
        The smallest effect that would have been found with 80 % probability, on the same scale.
    cannot_separate
        What the design cannot tell from the effect, in words.
    beside
        What stands beside the headline in the verdict: facts by name, see `report_card`.

    Examples
    --------
    See `report_card`.
    """

    result: EffectResult
    checks: tuple[CheckResult, ...]
    core: tuple[str, ...]
    required: tuple[str, ...]
    scale: float
    per: str
    smallest_seen: float
    cannot_separate: tuple[str, ...] = ()
    beside: Mapping[str, Any] = field(default_factory=dict)

    @property
    def conclusion(self) -> Conclusion:
        """What may be said: the weakest of estimate and checks decides."""
        if not self.result.distinguishable:
            return "not distinguishable"
        if self.failed_core:
            return "fragile"
        return "untested" if self.untested else "supported"

    @property
    def direction(self) -> Direction:
        """Where the outcome went with exposure or treatment, relative to the comparison."""
        if not self.result.distinguishable:
            return "none"
        return "higher" if self.result.estimate > 0 else "lower"

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the checks that failed, each once."""
        return _named(check for check in self.checks if check.status == "failed")

    @property
    def failed_core(self) -> tuple[str, ...]:
        """Those of them that make the estimate fragile."""
        return tuple(name for name in self.failed if name in self.core)

    @property
    def undecided(self) -> tuple[str, ...]:
        """Names of the checks whose interval crosses their margin."""
        return _named(check for check in self.checks if check.status == "undecided")

    @property
    def carried_by(self) -> tuple[Any, ...]:
        """Units that carry two fifths of the estimate, or more, each."""
        own = next((c for c in self.checks if c.name == "leave_one_unit_out"), None)
        return tuple(own.facts.get("carry", ())) if own else ()

    @property
    def untested(self) -> tuple[str, ...]:
        """Required checks that were not made, or could decide nothing."""
        decided = {check.name for check in self.checks if check.status in ("passed", "failed")}
        return tuple(name for name in self.required if name not in decided)

    @property
    def counts(self) -> dict[str, int]:
        """Number of checks by status."""
        statuses = [check.status for check in self.checks]
        return {name: statuses.count(name) for name in MARKS}

    @property
    def facts(self) -> dict[str, Any]:
        """All that the text says, by name, for a text in any language.

        ``estimate, low, high, smallest_seen`` are on the scale of `per`.
        """
        low, high = self.result.interval
        return {
            "conclusion": self.conclusion,
            "direction": self.direction,
            "method": self.result.method,
            "outcome": self.result.outcome,
            "estimand": self.result.estimand,
            "estimate": self.result.estimate * self.scale,
            "low": low * self.scale,
            "high": high * self.scale,
            "p_value": self.result.p_value,
            "level": self.result.level,
            "scale": self.scale,
            "per": self.per,
            "smallest_seen": self.smallest_seen,
            "inference": self.result.inference,
            "by_exposure": self.result.method in _OF_EXPOSURE,
            "failed": self.failed,
            "failed_core": self.failed_core,
            "undecided": self.undecided,
            "carried_by": self.carried_by,
            "untested": self.untested,
            "cannot_separate": self.cannot_separate,
            "n_units": self.result.n_units,
            "n_periods": self.result.n_periods,
            **{f"n_{status}": number for status, number in self.counts.items()},
            **self._size(),
            **self.beside,
        }

    def _size(self) -> dict[str, Any]:
        """Say how often the test that decides rejects where nothing is, unless that is sound."""
        for check in self.checks:
            told = check.facts
            if check.name == "calibration" and (told.get("often") or told.get("unsettled")):
                return {"oversized": told["often"], "size": told["size"]}
        return {}

    @property
    def text(self) -> str:
        """The verdict in English, made from `facts` alone."""
        return " ".join(_sentences(self.facts))

    def frame(self) -> pd.DataFrame:
        """Return one row a check: ``check, status, core, text``."""
        rows = [(c.name, c.status, c.name in self.core, c.text) for c in self.checks]
        return pd.DataFrame(rows, columns=["check", "status", "core", "text"])

    def check(self, name: str) -> CheckResult:
        """Return the first check of a name.

        Raises
        ------
        DesignError
            If there is none.
        """
        for found in self.checks:
            if found.name == name:
                return found
        made = ", ".join(dict.fromkeys(check.name for check in self.checks)) or "none"
        raise DesignError(
            "report card", [f"no check {name!r}; made: {made}"], "pass it to report_card"
        )

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li>{text_html(f'{check.mark} {_plain(check.name)}: {check.text}')}</li>"
            for check in self.checks
        )
        said = "".join(paragraph(sentence) for sentence in _sentences(self.facts))
        return said + f"<ul>{items}</ul>"


@entry
def report_card(
    result: EffectResult,
    checks: Iterable[CheckResult] = (),
    *,
    iqr: float | None = None,
    smallest_seen: float | None = None,
    core: Sequence[str] = CORE,
    required: Sequence[str] | None = None,
    cannot_separate: Sequence[str] = (),
    beside: Mapping[str, Any] | None = None,
) -> ReportCard:
    """Collect an estimate and its checks, and draw the verdict.

    Parameters
    ----------
    result
        The estimate, with a headline.
    checks
        Further checks; the result's own diagnostics come first.
    iqr
        Interquartile range of the exposure, per which sizes are told; by default that of the
        check ``minimum_detectable``, and without it per unit, as estimated.
    smallest_seen
        The smallest effect that would have been found, per unit of the estimate; by default
        that of ``minimum_detectable``, or from the result's standard error at 80 % power.
    core
        Checks whose failure makes a distinguishable estimate fragile.
    required
        Checks without whose decision it is untested; by default those that suit the method:
        `REQUIRED`, or for synthetic controls, time series and shift-share their own.
    cannot_separate
        What the design cannot tell from the effect: one phrase each.
    beside
        What the verdict tells beside the headline, each as far as it is there: ``p_sound``, the
        largest p-value among the ways of inference that calibration finds sound, and ``sound``, its
        name, empty if none is; ``p_family``, adjusted for the outcomes looked at, and ``family``,
        how many those are;
        ``bare, against_last, against_mean, contrast``: (estimate, low, high, p) without controls,
        against the other baseline, and the difference of the two, per unit of the estimate.

    Returns
    -------
    ReportCard
        ``supported`` if distinguishable from zero with every required check decided and no
        core check failed; ``fragile`` if a core check failed; ``untested`` if none failed but
        a required one was not decided; ``not distinguishable`` otherwise.

    Raises
    ------
    DesignError
        If the result has no headline, or a number is not above zero.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> from valley_analysis.impact.did import difference_in_differences
    >>> panel, names = example_panel(effect=0.0)
    >>> card = report_card(difference_in_differences(panel, **names), iqr=0.5)
    >>> card.conclusion, card.direction
    ('not distinguishable', 'none')
    """
    given = tuple(checks)
    own = result.diagnostics
    every = (*own, *(c for c in given if not any(c is d for d in own)))
    if not result.headline:
        raise DesignError(
            f"result of {result.method}",
            ["it has no headline: no single term answers the question"],
            "set a headline with dataclasses.replace(result, headline=...)",
        )
    told = next((c.facts for c in every if c.name == "minimum_detectable"), {})
    scale = iqr if iqr is not None else told.get("iqr")
    least = smallest_seen if smallest_seen is not None else told.get("per_unit")
    if least is None:
        least = minimum_detectable_effect(
            result.se, level=result.level, df=degrees_of_freedom(result)
        )
    problems = [
        f"{name} {value}; expected a number above zero"
        for name, value in (("iqr", scale), ("smallest_seen", least))
        if value is not None and value <= 0
    ]
    if problems:
        raise DesignError("report card", problems, "give the scale of the exposure")
    return ReportCard(
        result=result,
        checks=every,
        core=tuple(core),
        required=tuple(_REQUIRED_OF.get(result.method, REQUIRED) if required is None else required),
        scale=1.0 if scale is None else float(scale),
        per="unit" if scale is None else "interquartile range of exposure",
        smallest_seen=float(least) * (1.0 if scale is None else float(scale)),
        cannot_separate=tuple(cannot_separate),
        beside=dict(beside or {}),
    )


def _sentences(facts: dict[str, Any]) -> list[str]:
    """Make the verdict's sentences from its facts."""
    said = [_finding(facts)]
    names = {key: ", ".join(map(_plain, facts[key])) for key in ("failed_core", "untested")}
    said.append(_MEANING[facts["conclusion"]].format(**names))
    if facts["conclusion"] == "not distinguishable" and not np.isnan(facts["smallest_seen"]):
        said[-1] = (
            "Not distinguishable from nothing; the smallest effect we could have seen is "
            f"{facts['smallest_seen']:.3g} per {facts['per']}."
        )
    said += _beside(facts)
    said.append(_tally(facts))
    if facts["cannot_separate"]:
        told = "; ".join(facts["cannot_separate"])
        said.append(f"The design cannot separate the effect from: {told}.")
    return said


def _finding(facts: dict[str, Any]) -> str:
    interval = (
        f"{facts['level']:.0%} interval {facts['low']:.3g} to {facts['high']:.3g}"
        if np.isfinite([facts["low"], facts["high"]]).any()
        else "no interval"
    )
    size = f"{facts['estimate']:+.3g} per {facts['per']} ({interval})"
    words = _MOVED if facts["by_exposure"] else _SIGNED
    return f"{facts['outcome']}: {words[facts['direction']]}, {size}; {facts['estimand']}."


def _beside(facts: dict[str, Any]) -> list[str]:
    """Say what stands beside the headline, and which units carry half of it."""
    said = []
    if "size" in facts:
        how = "too often" if facts["oversized"] else "not shown to be sound"
        said.append(f"The test itself rejects {facts['size']:.1%} where nothing is: {how}.")
    if "sound" in facts and not facts["sound"]:
        said.append("No way of making inference is shown to be sound here.")
    elif "sound" in facts:
        said.append(f"The largest p among sound ways ({facts['sound']}): {facts['p_sound']:.3f}.")
    if "p_family" in facts:
        told = f"{facts['p_family']:.3f} over {facts['family']} outcomes"
        said.append(f"Adjusted (Romano and Wolf): {told}.")
    for name, words in _OTHERWISE.items():
        if name in facts:
            estimate, low, high, p = facts[name]
            ends = " to ".join(f"{end * facts['scale']:.3g}" for end in (low, high))
            said.append(f"{words}: {estimate * facts['scale']:+.3g} ({ends}; p = {p:.3f}).")
    if facts["carried_by"]:
        names = ", ".join(map(str, facts["carried_by"][:_SHOWN]))
        said.append(f"Two fifths of the estimate, or more, hang on each of: {names}.")
    return said


def _tally(facts: dict[str, Any]) -> str:
    counted = f"Checks: {facts['n_passed']} passed, {facts['n_failed']} failed"
    failed = f" ({', '.join(map(_plain, facts['failed']))})" if facts["failed"] else ""
    undecided = f", {facts['n_undecided']} undecided" if facts["undecided"] else ""
    if undecided:
        undecided += f" ({', '.join(map(_plain, facts['undecided']))})"
    return f"{counted}{failed}{undecided}, {facts['n_informational']} informational."


def _named(checks: Iterable[CheckResult]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(check.name for check in checks))


def _plain(name: str) -> str:
    return name.replace("_", " ")
