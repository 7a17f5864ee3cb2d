"""What a regime charges a participant in a month, and until when, as the register has it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from valley_analysis.errors import PeriodError
from valley_analysis.valleys.fiscal_contributions import Tariff
from valley_analysis.valleys.fiscal_profile import ParticipantProfile
from valley_analysis.valleys.incentives import BASE, ITEMS, Incentives, Use

Reason = Literal["term", "revenue_cap", "profit_cap", "law", "open", "not_used"]
ZERO_RATE = "zero_rate"  # profit at the reduced rate, after the revenue cap
# Set anew each year: where the law of a later year is not known, they are carried forward.
_INDEXED = frozenset({"limit", "limit_social", "minimum_wage"})


@dataclass(frozen=True)
class BenefitEnd:
    """When a benefit starts and ends, and why.

    Attributes
    ----------
    item
        An item of the register, or `zero_rate`: profit at the reduced rate after the revenue cap.
    start
        First day covered.
    end
        First day no longer covered; none if the law sets no end.
    reason
        "term", "revenue_cap", "profit_cap", "law" (the rule itself runs out), "open" (no end set),
        "not_used" (the participant does not use its right).
    """

    item: str
    start: date
    end: date | None
    reason: Reason


@dataclass
class Rules:
    """The rules of one regime for one participant; remembers which values it was asked for.

    Attributes
    ----------
    register, regime, as_of
        Which law: the regime's, as known on that day.
    profile
        The participant.
    indexation
        Yearly growth of limits and minimum wage beyond the last known one.
    """

    register: Incentives
    regime: str
    as_of: date
    profile: ParticipantProfile
    indexation: float
    uses: dict[tuple[str, date], Use] = field(default_factory=dict)
    ended: dict[str, tuple[date, Reason]] = field(default_factory=dict)
    looked_up: dict[tuple[str, str, str, date], Use | None] = field(default_factory=dict)

    def value(self, item: str, name: str, day: date, *, own: bool = False) -> float | None:
        """Return a parameter on a day: the regime's, or the ordinary one where it has none."""
        return self._noted(self._found("own" if own else self.regime, item, name, day), name, day)

    def _found(self, holder: str, item: str, name: str, day: date) -> Use | None:
        """Look a rule up once: a bill asks for the same ones month by month."""
        key = (holder, item, name, day)
        if key not in self.looked_up:
            register = self.register
            self.looked_up[key] = (
                register.own(self.regime, item, name, day, self.as_of)
                if holder == "own"
                else register.find(holder, item, name, day, self.as_of)
            )
        return self.looked_up[key]

    def ordinary(self, item: str, name: str, day: date) -> float:
        """Return a parameter of the ordinary regime on a day.

        Raises
        ------
        PeriodError
            If the register does not reach back to that day.
        """
        found = self._noted(self._found(BASE, item, name, day), name, day)
        if found is None:
            raise PeriodError(
                f"incentives.yml has no {BASE}.{item}.{name} for {day} as known on {self.as_of}; "
                "choose years and an as_of that the register covers"
            )
        return found

    def _noted(self, found: Use | None, name: str, day: date) -> float | None:
        if found is None:
            return None
        self.uses[found.parameter, found.value.start] = found
        years = day.year - found.value.start.year if name in _INDEXED else 0
        return float(found.value.value * (1 + self.indexation) ** years)

    @property
    def start(self) -> date:
        """The first day that the status covers."""
        status = self.profile.status
        if self.register.content.regimes[self.regime].starts == "same_month":
            return status.replace(day=1)
        return date(status.year + status.month // 12, status.month % 12 + 1, 1)

    def term_end(self, item: str) -> date | None:
        """Return the day on which the term of a benefit is over; none if it has no term."""
        years = self.value(item, "term_years", self.start, own=True)
        return None if years is None else anniversary(self.profile.status, int(years))

    def covers(self, item: str, day: date) -> bool:
        """Whether the regime's own rule for an item holds in the month that begins on `day`."""
        if self.regime == BASE or day < self.start:
            return False
        if item == "vat" and not self.profile.uses_vat_exemption:
            return False
        return all(day < end for end in (self.term_end(item), self._cap_end(item)) if end)

    def _cap_end(self, item: str) -> date | None:
        return self.ended[item][0] if item in self.ended else None

    def rate(self, item: str, day: date) -> float:
        """Return the rate of property or land tax in a month, per cent."""
        own = self.value(item, "rate", day) if self.covers(item, day) else None
        return self.ordinary(item, "rate", day) if own is None else own

    def profit_rate(self, day: date) -> tuple[float, bool]:
        """Return the rate of profit tax in a month, and whether a loss of it is carried on.

        Losses of a time without tax, or at the reduced rate after the revenue cap, are not
        carried forward (Tax Code 283 p.1).
        """
        if not self.covers("profit_tax", day):
            if (
                day < self.start
                or "profit_tax" not in self.ended
                or (ZERO_RATE in self.ended and day >= self.ended[ZERO_RATE][0])
            ):
                return self.ordinary("profit_tax", "rate", day), True
            term = self.term_end("profit_tax")
            after = self.value("profit_tax", "rate_after_cap", day, own=True)
            if after is None or (term is not None and day >= term):
                return self.ordinary("profit_tax", "rate", day), True
            return after, False
        own = self.value("profit_tax", "rate", day)
        exempt = self._found("own", "profit_tax", "revenue_cap", day)
        return (self.ordinary("profit_tax", "rate", day) if own is None else own), exempt is None

    def exempt_from_vat(self, day: date) -> bool:
        """Whether sales of the month bear no VAT because of the regime."""
        return self.covers("vat", day) and bool(self.value("vat", "exempt", day, own=True))

    def refund(self, day: date) -> float:
        """Return the share of customs payments that is given back or not charged, 0 to 1."""
        if not self.covers("customs", day):
            return 0.0
        return (self.value("customs", "refund_share", day, own=True) or 0.0) / 100

    def tariff(self, day: date) -> Tariff:
        """Return the contribution rates of a month."""
        covered = self.covers("contributions", day)

        def ask(name: str) -> float | None:
            if covered:
                return self.value("contributions", name, day)
            return self._noted(self._found(BASE, "contributions", name, day), name, day)

        for name in ("rate", "rate_above", "limit"):
            self.ordinary("contributions", name, day)  # raises where the register does not reach
        multiple = ask("floor_multiple")
        wage = ask("minimum_wage") if multiple is not None else None
        return Tariff(
            rate=ask("rate") or 0.0,
            rate_above=ask("rate_above") or 0.0,
            limit=ask("limit") or 0.0,
            rate_middle=ask("rate_middle"),
            limit_social=ask("limit_social"),
            floor=None if multiple is None or wage is None else multiple * wage,
            rate_over_floor=ask("rate_over_floor") or 0.0,
        )

    def ends(self) -> Iterator[BenefitEnd]:
        """Yield start, end and reason of each benefit that the regime gives."""
        for item in ITEMS:
            if not self._gives(item):
                continue
            if item == "vat" and not self.profile.uses_vat_exemption:
                yield BenefitEnd(item, self.start, self.start, "not_used")
                continue
            yield self._end(item)
            if item == "profit_tax" and item in self.ended:
                yield self._zero_rate()

    def _gives(self, item: str) -> bool:
        """Whether the regime has a rule of its own for an item that differs from the ordinary."""
        if self.regime == BASE:
            return False
        name = {"vat": "exempt", "customs": "refund_share"}.get(item, "rate")
        own = self.register.parameters.get((self.regime, item, name))
        base = self.register.parameters.get((BASE, item, name))
        usual = {row.value for row in base.values} if base else {0.0}
        return own is not None and {row.value for row in own.values} != usual

    def _end(self, item: str) -> BenefitEnd:
        term = self.term_end(item)
        if item in self.ended and (term is None or self.ended[item][0] < term):
            return BenefitEnd(item, self.start, *self.ended[item])
        last = self.register.parameters[self.regime, item, "rate"].values[-1] if (
            (self.regime, item, "rate") in self.register.parameters
        ) else None  # fmt: skip
        if term is None and last is not None and last.end is not None:
            return BenefitEnd(item, self.start, date(last.end.year + 1, 1, 1), "law")
        return BenefitEnd(item, self.start, term, "open" if term is None else "term")

    def _zero_rate(self) -> BenefitEnd:
        begin, term = self.ended["profit_tax"][0], self.term_end("profit_tax")
        begin = max(begin, self.start)
        if ZERO_RATE in self.ended and (term is None or self.ended[ZERO_RATE][0] < term):
            return BenefitEnd(ZERO_RATE, begin, *self.ended[ZERO_RATE])
        return BenefitEnd(ZERO_RATE, begin, term, "open" if term is None else "term")


def anniversary(day: date, years: int) -> date:
    """Return the same day `years` later; 1 March for a 29 February that is not there.

    Examples
    --------
    >>> anniversary(date(2024, 2, 29), 10)
    datetime.date(2034, 3, 1)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
