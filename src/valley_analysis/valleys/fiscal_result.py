"""Tax forgone for one participant under one regime against another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from valley_analysis.bilingual import Bilingual
from valley_analysis.errors import PeriodError
from valley_analysis.escape import paragraph
from valley_analysis.typed import calendar_years, within
from valley_analysis.valleys.fiscal_bill import COLUMNS, Bill, tax_bill
from valley_analysis.valleys.fiscal_notes import NOTES
from valley_analysis.valleys.fiscal_profile import ParticipantProfile
from valley_analysis.valleys.fiscal_rules import BenefitEnd
from valley_analysis.valleys.incentives import Incentives, Use, load_incentives

DISCOUNT = 0.12
INDEXATION = 0.06


@dataclass(frozen=True)
class FiscalResult:
    """Tax forgone: what the participant would pay under `against`, less what it pays.

    Attributes
    ----------
    profile, regime, against, as_of, discount_rate, indexation
        What was asked.
    forgone
        Year x item (see `fiscal_bill.COLUMNS`), mln RUB; VAT and its customers' part may be
        negative.
    bill, bill_against
        Taxes under either regime, with the dates on which benefits end.
    discount
        Factor of each year; 1 in the first.
    notes
        What the figures mean and leave out.

    Examples
    --------
    >>> from valley_analysis.valleys.fiscal_profile import load_profiles
    >>> start_up = load_profiles()["software_startup"]
    >>> found = fiscal_cost(start_up, range(2024, 2027), date(2026, 11, 25))
    >>> found.total.index.tolist(), bool((found.forgone["contributions"] > 0).all())
    ([2024, 2025, 2026], True)
    """

    profile: ParticipantProfile
    regime: str
    against: str
    as_of: date
    discount_rate: float
    indexation: float
    forgone: pd.DataFrame
    bill: Bill
    bill_against: Bill
    discount: pd.Series
    notes: tuple[Bilingual, ...] = NOTES

    @property
    def total(self) -> pd.Series:
        """Tax forgone by year, mln RUB."""
        return self.forgone.sum(axis=1).rename("total")

    @property
    def present_value(self) -> float:
        """Sum of all years, discounted to the first, mln RUB."""
        return float((self.total * self.discount).sum())

    @property
    def present_values(self) -> pd.Series:
        """Present value by item, mln RUB."""
        return self.forgone.mul(self.discount, axis=0).sum().rename("present_value")

    @property
    def table(self) -> pd.DataFrame:
        """Year x (items, total, present value), mln RUB."""
        total = self.total
        return self.forgone.assign(total=total, present_value=total * self.discount)

    @property
    def ends(self) -> tuple[BenefitEnd, ...]:
        """When each benefit of the regime ends and why."""
        return self.bill.ends

    @property
    def uses(self) -> tuple[Use, ...]:
        """The register's values that went into either bill, without repeats."""
        both = (*self.bill.uses, *self.bill_against.uses)
        return tuple({(use.parameter, use.value.start): use for use in both}.values())

    @property
    def unverified(self) -> tuple[Use, ...]:
        """Those of them that no source states for this very regime: to be marked wherever shown."""
        return tuple(use for use in self.uses if use.value.doubtful)

    @property
    def doubtful_rules(self) -> frozenset[str]:
        """The items with a value that is not verified, whether or not it moves money here."""
        return frozenset(use.parameter.split(".")[1] for use in self.unverified)

    @property
    def doubtful_items(self) -> frozenset[str]:
        """The items, as in `forgone`, that rest on a value that is not verified."""
        items = self.doubtful_rules
        moved = {name for name in COLUMNS if self.forgone[name].abs().max() > 0}
        return frozenset(name for name in moved if name.removesuffix("_customers") in items)

    @property
    def projected_from(self) -> int | None:
        """The first year for which later law is unknown; none if all years have been."""
        later = [int(year) for year in self.forgone.index if year > self.as_of.year]
        return later[0] if later else None

    def _repr_html_(self) -> str:
        head = (
            f"{self.profile.name.en}: {self.regime} against {self.against}, mln RUB; "
            f"present value {self.present_value:,.1f} at {100 * self.discount_rate:g} %"
        )
        return str(paragraph(head) + self.table.round(1).to_html())


def fiscal_cost(
    profile: ParticipantProfile,
    years: Iterable[int],
    as_of: date,
    regime: str = "istc",
    against: str = "ordinary",
    *,
    discount_rate: float = DISCOUNT,
    indexation: float = INDEXATION,
    register: Incentives | None = None,
) -> FiscalResult:
    """Return the tax forgone for a participant, year by year and as a present value.

    Static: without any change of behaviour. See `FiscalResult.notes` for how VAT is valued and
    what happens in the year in which a cap is passed.

    Parameters
    ----------
    profile
        The participant; its status date is the clock.
    years
        Calendar years, from the start of its paths on.
    as_of
        The day whose state of the law is applied, also to later years.
    regime, against
        Regimes of the register.
    discount_rate
        Yearly, nominal (0.12: 12 %); the first year is not discounted.
    indexation
        Yearly growth of contribution limits and minimum wage beyond the last known one.
    register
        The register of regimes; the project's own unless given.

    Raises
    ------
    PeriodError
        If no year is given, or one before the participant's paths or the register begin.
    """
    chosen: Sequence[int] = calendar_years(years)
    if not chosen or chosen[0] < profile.start:
        raise PeriodError(
            f"years {chosen[:1] or 'none'}: the paths of {profile.id} begin in {profile.start}; "
            "choose years from then on"
        )
    within("discount_rate", discount_rate, -0.5, 10)
    within("indexation", indexation, -0.5, 10)
    register = register or load_incentives()
    bill, other = (
        tax_bill(profile, name, chosen, as_of, register, indexation) for name in (regime, against)
    )
    forgone = other.due - bill.due
    steps = forgone.index.to_series() - chosen[0]
    discount = ((1 + discount_rate) ** -steps).rename("discount")
    return FiscalResult(
        profile, regime, against, as_of, discount_rate, indexation, forgone, bill, other, discount
    )
