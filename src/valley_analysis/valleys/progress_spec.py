"""What a progress score is made of: pillars, indicators, goalposts, and every judgement in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from valley_analysis.errors import SpecError
from valley_analysis.typed import MOST
from valley_analysis.valleys.claims import RULES, Rule

MOST_WEIGHT = 1e6
PILLARS: dict[str, tuple[str, ...]] = {
    "stage": ("steps", "pace"),
    "participants": ("stock", "per_month", "entries"),
    "money": ("money_fact", "money_share"),
    "delivery": ("kept", "on_course"),
}


def _even() -> dict[str, float]:
    return dict.fromkeys(PILLARS, 1.0)


@dataclass(frozen=True)
class ProgressSpec:
    """How a progress score is computed; all of it is judgement, and all of it can be varied.

    Attributes
    ----------
    weights
        Pillar -> weight, any non-negative numbers; indicators share their pillar's evenly.
    threshold
        Share of the weight that must rest on evidence for a valley to be ranked.
    full_stock
        Participants of the whole valley that score 100 (1 scores 0; logarithmic between).
    full_per_month
        Participants gained per month that score 100.
    full_money
        Money reported as spent or received, m RUB, that scores 100 (1 scores 0; logarithmic).
    drift
        Relative change a year by which an old figure may have moved since, either way.
    half
        Evidence that a figure of a part of the valley counts for: it bounds from below only.
    rule
        Which of several recent claims is shown.

    Raises
    ------
    SpecError
        With every weight, share and goalpost that makes no sense.

    Examples
    --------
    >>> ProgressSpec(weights={"stage": 2, "participants": 1, "money": 0, "delivery": 1}).threshold
    0.5
    """

    weights: Mapping[str, float] = field(default_factory=_even)
    threshold: float = 0.5
    full_stock: float = 300.0
    full_per_month: float = 5.0
    full_money: float = 30_000.0
    drift: float = 0.25
    half: float = 0.5
    rule: Rule = "latest"

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise SpecError("progress", problems, "correct these settings")

    def _problems(self) -> list[str]:
        found = [f"unknown pillar {name!r}" for name in self.weights if name not in PILLARS]
        found += [f"no weight for {name!r}" for name in PILLARS if name not in self.weights]
        found += [
            f"weight of {k} is {v}; expected 0 to {MOST_WEIGHT:g}"
            for k, v in self.weights.items()
            if not 0 <= v <= MOST_WEIGHT
        ]
        if not sum(self.weights.values()) > 0:
            found.append("no pillar has weight")
        found += [
            f"{name} is {getattr(self, name)}; expected 0 to 1"
            for name in ("threshold", "half")
            if not 0 <= getattr(self, name) <= 1
        ]
        found += [
            f"{name} is {getattr(self, name)}; expected more than 1, at most {MOST:g}"
            for name in ("full_stock", "full_per_month", "full_money")
            if not 1 < getattr(self, name) <= MOST
        ]
        if not 0 <= self.drift <= 100:
            found.append(f"drift is {self.drift}; expected 0 to 100")
        if self.rule not in RULES:
            found.append(f"rule is {self.rule!r}; expected one of {', '.join(RULES)}")
        return found
