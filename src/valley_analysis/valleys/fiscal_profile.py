"""Participants to reckon with: a firm as a few paths over years, every assumption stated."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import RegisterError
from valley_analysis.registers import check_register, read_located
from valley_analysis.typed import Amount, Year

PROFILES = Path(__file__).with_name("profiles.yml")


class YearPath(Entry):
    """A quantity over years: values by year, or a first value and its growth.

    `growth` holds the growth of each following year; the last one goes on.

    Examples
    --------
    >>> path = YearPath(first=100, growth=(0.5, 0.1))
    >>> [round(path.at(year, 2024), 2) for year in (2024, 2025, 2026, 2027)]
    [100.0, 150.0, 165.0, 181.5]
    """

    first: Amount | None = None
    growth: tuple[Annotated[float, Field(gt=-1, le=10)], ...] = ()
    values: dict[Year, Amount] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> "YearPath":
        if (self.first is None) == (not self.values):
            raise ValueError("give either `first` (with `growth`) or `values` by year")
        if self.values and self.growth:
            raise ValueError("`growth` belongs to `first`, not to `values` by year")
        return self

    def at(self, year: int, start: int) -> float:
        """Return the value of a year, when the path begins in `start`.

        Raises
        ------
        KeyError
            If values are given by year and that year is not among them.
        """
        if self.first is None:
            return self.values[year]
        value = self.first
        for step in range(year - start):
            value *= 1 + (self.growth[min(step, len(self.growth) - 1)] if self.growth else 0.0)
        return value

    def scaled(self, factor: float) -> "YearPath":
        """Return the path with every value times `factor`."""
        if self.first is not None:
            return self.model_copy(update={"first": self.first * factor})
        return self.model_copy(update={"values": {y: v * factor for y, v in self.values.items()}})

    def faster(self, points: float) -> "YearPath":
        """Return the path with growth higher by `points` (0.05: five percentage points)."""
        if self.first is None:
            first = min(self.values)
            moved = {y: v * (1 + points) ** (y - first) for y, v in self.values.items()}
            return self.model_copy(update={"values": moved})
        growth = tuple(max(rate + points, -0.99) for rate in self.growth or (0.0,))
        return self.model_copy(update={"growth": growth})


class PayGroup(Entry):
    """A part of the staff, and its pay as a multiple of the average."""

    share: float = Field(gt=0, le=1)
    pay: float = Field(gt=0, le=1000)


class ParticipantProfile(Entry):
    """A firm as the tax rules see it. Money in mln RUB without VAT, pay in RUB a month.

    Attributes
    ----------
    open_to
        Regimes that its line of business could enter, for comparisons.
    status
        The day on which the firm got its status: the clock of all terms.
    start
        The year in which the paths begin.
    revenue
        Revenue, mln RUB a year.
    purchases_share
        Goods and services bought, as a share of revenue; all of them costs of the year.
    headcount, monthly_pay
        Staff, and their average pay before tax.
    pay_groups
        How pay spreads around its average; everybody the average unless given.
    property_value, land_value
        Taxable real estate and the cadastral value of land, mln RUB.
    vat_taxable_share
        Part of revenue that the ordinary regime charges with VAT.
    purchases_vat_share
        Part of purchases on which suppliers charge VAT.
    b2b_share
        Part of taxed revenue sold to customers who deduct the VAT they pay.
    uses_vat_exemption
        Exemption from VAT is a right: a firm whose customers deduct VAT may rather not use it.
    imports_share
        Part of purchases imported for own research.
    duty_rate
        Average customs duty on these, per cent.
    """

    id: str
    name: Bilingual
    illustrative: bool = True
    open_to: tuple[str, ...] = ("istc",)
    status: date
    start: Year
    revenue: YearPath
    purchases_share: YearPath
    headcount: YearPath
    monthly_pay: YearPath
    pay_groups: tuple[PayGroup, ...] = (PayGroup(share=1, pay=1),)
    property_value: YearPath = YearPath(first=0)
    land_value: YearPath = YearPath(first=0)
    vat_taxable_share: float = Field(default=1.0, ge=0, le=1)
    purchases_vat_share: float = Field(default=1.0, ge=0, le=1)
    b2b_share: float = Field(default=0.0, ge=0, le=1)
    uses_vat_exemption: bool = True
    imports_share: float = Field(default=0.0, ge=0, le=1)
    duty_rate: float = Field(default=0.0, ge=0, le=100)
    assumptions: tuple[Bilingual, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "ParticipantProfile":
        share = sum(group.share for group in self.pay_groups)
        mean = sum(group.share * group.pay for group in self.pay_groups)
        if abs(share - 1) > 1e-9 or abs(mean - 1) > 1e-9:
            raise ValueError(
                f"shares of pay groups sum to {share:g} and their pay averages {mean:g}; "
                "both should be 1"
            )
        if self.start > self.status.year:
            raise ValueError(f"paths begin in {self.start}, after the status of {self.status}")
        return self

    def payroll(self, year: int) -> float:
        """Return pay before tax of a year, mln RUB."""
        return self.headcount.at(year, self.start) * self.pay(year) * 12 / 1e6

    def pay(self, year: int) -> float:
        """Return average monthly pay of a year, RUB."""
        return self.monthly_pay.at(year, self.start)

    def purchases(self, year: int) -> float:
        """Return goods and services bought in a year, mln RUB without VAT."""
        return self.revenue.at(year, self.start) * self.purchases_share.at(year, self.start)


def load_profiles(path: Path = PROFILES) -> dict[str, ParticipantProfile]:
    """Return the illustrative participants by id.

    Raises
    ------
    RegisterError
        With every wrong key at once, and where an id stands twice.

    Examples
    --------
    >>> all(profile.illustrative for profile in load_profiles().values())
    True
    """
    return dict(_load(path))


@cache
def _load(path: Path) -> dict[str, ParticipantProfile]:
    located = read_located(path)
    entries = check_register(located.content, tuple[ParticipantProfile, ...], path.name, located)
    found = {entry.id: entry for entry in entries}
    if len(found) < len(entries):
        raise RegisterError(path.name, ["an id stands twice"], "give each profile its own id")
    return found
