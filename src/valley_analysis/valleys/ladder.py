"""The dated ladder: which step each valley has reached, on whose word, and how long it took."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from valley_analysis.valleys.checks import STEPS
from valley_analysis.valleys.dates import Dated, months_between
from valley_analysis.valleys.entries import CONFIDENCE, Milestone, Step, Valley
from valley_analysis.valleys.register import Register

DECREE = "decree"
AFTER_DECREE: tuple[Step, ...] = STEPS[STEPS.index("fund") :]
NEEDS: dict[Step, tuple[Step, ...]] = {
    "approval": ("application",),
    "decree": ("approval", "application"),
    "fund": ("decree",),
    "land": ("decree",),
    "first_participant": ("fund",),
    "first_building": ("land",),
    "revenue": ("first_participant",),
}
"""What a step cannot be reached without (law 216-FZ: the decree follows an approved application
and founds the fund; status is given by the managing company; one builds on land one has)."""

_DATING = ("act", "report", "announced")


@dataclass(frozen=True)
class Ladder:
    """The steps of every valley as known on a date.

    Attributes
    ----------
    as_of
        Facts dated later are left out.
    steps
        Indexed by valley and step, lowest step first:

        state
            "dated"; "implied" (not dated, but a step that needs it is); "unverified" (dated
            without a source); "unseen" (no word of it: not the same as not reached).
        first, last
            Earliest and latest day on which it can have been reached (NaT if unseen).
        shown
            Day to draw, the middle of the chosen date.
        months_low, months_high
            Since the decree, for steps that are dated.
        confidence, dated_by, actor, source, act
            Of the fact whose date is shown.
        n_facts
            How many facts say when.
    """

    as_of: date
    steps: pd.DataFrame

    @property
    def valleys(self) -> list[str]:
        """Ids, in the order of the register."""
        return list(dict.fromkeys(self.steps.index.get_level_values("valley")))

    def states(self) -> pd.DataFrame:
        """Return the state of every step: valleys x steps."""
        return self.steps["state"].unstack("step").loc[self.valleys, list(STEPS)]

    def furthest(self) -> pd.DataFrame:
        """Return the furthest step of each valley.

        Returns
        -------
        Indexed by valley: step, number (1 to 8), reached and at_best (how many steps are
        certainly, and at best, behind it), moved_first and moved_last (earliest and latest day on
        which it can have taken its latest dated step), months_low and months_high (from the
        latest and the earliest of these days to `as_of`: at least, and at most).
        """
        states = self.states()
        certain = states.isin(["dated", "implied"])

        number = certain.mul(list(range(1, len(STEPS) + 1))).max(axis=1)
        dated = self.steps[self.steps["state"] == "dated"]
        moved = dated.groupby("valley")[["first", "last"]].max().reindex(self.valleys)
        moved["last"] = moved["last"].clip(upper=pd.Timestamp(self.as_of))
        return pd.DataFrame(
            {
                "step": [STEPS[k - 1] if k else "" for k in number],
                "number": number,
                "reached": certain.sum(axis=1),
                "at_best": len(STEPS),
                "moved_first": moved["first"],
                "moved_last": moved["last"],
                "months_low": self._months_since(moved["last"]),
                "months_high": self._months_since(moved["first"]),
            }
        )

    def ages(self) -> pd.DataFrame:
        """Return months from the decree to `as_of`: low and high, by the decree's possible days."""
        decree = self.steps.xs(DECREE, level="step")
        last = decree["last"].clip(upper=pd.Timestamp(self.as_of))
        ends = {"low": self._months_since(last), "high": self._months_since(decree["first"])}
        return pd.DataFrame(ends)

    def _months_since(self, days: pd.Series) -> pd.Series:
        return days.map(lambda day: months_between(day.date(), self.as_of), na_action="ignore")


def ladder(register: Register, as_of: date) -> Ladder:
    """Return the ladder of the innovation valleys of a register.

    Parameters
    ----------
    register
        What `load_register` returns; other regimes are left out.
    as_of
        What was known on that day.

    Notes
    -----
    Where several facts date one step, the date shown is that of the surest one (primary before
    press before inferred), then of the act before its report, then the earliest; `first` and
    `last` span the facts of that same confidence.

    Examples
    --------
    >>> from valley_analysis.valleys.register import load_register
    >>> ladder(load_register(), date(2026, 11, 25)).states().loc["aero", "first_participant"]
    'dated'
    """
    rows = [
        row
        for valley in register.valleys.entries
        if _known(valley, as_of)
        for row in _steps_of(valley, as_of)
    ]
    table = pd.DataFrame(rows).set_index(["valley", "step"])
    for column in ("first", "last", "shown"):
        table[column] = pd.to_datetime(table[column])
    return Ladder(as_of, table)


def _known(valley: Valley, as_of: date) -> bool:
    return any(one.step == DECREE and one.date.first <= as_of for one in valley.milestones)


def _steps_of(valley: Valley, as_of: date) -> list[dict[str, object]]:
    facts = {step: _facts(valley, step, as_of) for step in STEPS}
    decree = _chosen(facts["decree"])
    implied = _implied(facts)
    return [
        {
            "valley": valley.id,
            "step": step,
            "number": number,
            **_row(facts[step], decree.date, step in implied),
        }
        for number, step in enumerate(STEPS, 1)
    ]


def _facts(valley: Valley, step: Step, as_of: date) -> list[Milestone]:
    """Milestones of a step that had happened by then, surest first."""
    found = [one for one in valley.milestones if one.step == step and one.date.first <= as_of]
    return sorted(found, key=_sureness)


def _sureness(one: Milestone) -> tuple[int, int, Dated]:
    return CONFIDENCE.index(one.confidence), _DATING.index(one.dated_by), one.date


def _chosen(facts: list[Milestone]) -> Milestone:
    return facts[0]


def _implied(facts: dict[Step, list[Milestone]]) -> set[Step]:
    """Steps that a verified later one needs."""
    implied: set[Step] = set()
    pending = [step for step, known in facts.items() if _verified(known)]
    while pending:
        for needed in NEEDS.get(pending.pop(), ()):
            if needed not in implied:
                implied.add(needed)
                pending.append(needed)
    return implied


def _verified(facts: list[Milestone]) -> bool:
    return any(one.confidence != "unverified" for one in facts)


def _row(facts: list[Milestone], decree: Dated, implied: bool) -> dict[str, object]:
    if not facts:
        return {
            "state": "implied" if implied else "unseen",
            **dict.fromkeys(("first", "last", "shown"), None),
            **dict.fromkeys(("months_low", "months_high"), float("nan")),
            **dict.fromkeys(("confidence", "dated_by", "actor", "source", "act"), ""),
            "n_facts": 0,
        }
    best = _chosen(facts)
    alike = [one.date for one in facts if one.confidence == best.confidence]
    first, last = min(one.first for one in alike), max(one.last for one in alike)
    verified = best.confidence != "unverified"
    return {
        "state": "dated" if verified else "implied" if implied else "unverified",
        "first": first,
        "last": last,
        "shown": best.date.middle,
        "months_low": months_between(decree.last, first),
        "months_high": months_between(decree.first, last),
        "confidence": best.confidence,
        "dated_by": best.dated_by,
        "actor": best.actor,
        "source": best.source or "",
        "act": best.act,
        "n_facts": len(facts),
    }
