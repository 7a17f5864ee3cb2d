"""Whether public money has come back: only from actual figures, else said to be not computable."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from valley_analysis.bilingual import Bilingual
from valley_analysis.errors import PeriodError
from valley_analysis.typed import MOST, calendar_years, within

_MISSING = {
    "public_money": Bilingual(
        en="public money spent by year (grants, infrastructure, tax forgone), as reported",
        ru="государственные средства по годам (субсидии, инфраструктура, выпадающие доходы) "
        "по отчётам",
    ),
    "actual_revenue": Bilingual(
        en="participants' actual revenue by year",
        ru="фактическая выручка участников по годам",
    ),
    "tax_take": Bilingual(
        en="taxes actually paid per rouble of revenue",
        ru="фактически уплаченные налоги на рубль выручки",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class BreakEven:
    """Public money against the taxes that actual revenue has brought.

    Attributes
    ----------
    computable
        Whether all figures are there.
    missing
        What is not, in words.
    table
        Year x (spent, taken, balance), mln RUB discounted to the first year, balance added up;
        empty if not computable.
    year
        The first year in which the balance is not negative; none if it is not reached within the
        actual years. Nothing is extrapolated.
    """

    computable: bool
    missing: tuple[Bilingual, ...]
    table: pd.DataFrame
    year: int | None

    @property
    def shortfall(self) -> float:
        """What is still missing in the last actual year, mln RUB discounted; 0 if even."""
        return 0.0 if self.table.empty else max(-float(self.table["balance"].iloc[-1]), 0.0)


def break_even(
    public_money: Mapping[int, float] | None,
    actual_revenue: Mapping[int, float] | None,
    tax_take: float | None,
    *,
    discount_rate: float = 0.12,
) -> BreakEven:
    """Return when taxes on actual revenue have paid back public money, if that can be said.

    Parameters
    ----------
    public_money
        Year -> mln RUB spent, as reported; never a plan.
    actual_revenue
        Year -> participants' revenue, mln RUB, as reported; never a plan.
    tax_take
        Taxes paid per rouble of revenue (0.05: five kopecks).
    discount_rate
        Yearly; the first year is not discounted.

    Returns
    -------
    A result that is computable only with all three, and with revenue for every year from the
    first money on to the last revenue; otherwise it lists what is missing.

    Examples
    --------
    >>> break_even({2021: 100}, {2021: 0, 2022: 600, 2023: 700}, 0.1, discount_rate=0).year
    2023
    >>> [text.en for text in break_even({2021: 100}, None, 0.1).missing]
    ["participants' actual revenue by year"]
    """
    given = {"public_money": public_money, "actual_revenue": actual_revenue, "tax_take": tax_take}
    missing = [_MISSING[name] for name, value in given.items() if value is None or value == {}]
    empty = pd.DataFrame(columns=["spent", "taken", "balance"], dtype=float)
    if missing or not public_money or not actual_revenue or tax_take is None:
        return BreakEven(False, tuple(missing), empty, None)
    within("discount_rate", discount_rate, -0.5, 10)
    within("tax_take", tax_take, 0, 1)
    calendar_years([*public_money, *actual_revenue])
    last = max(max(actual_revenue), max(public_money))
    years = range(min(public_money), last + 1)
    gaps = [str(year) for year in years if year not in actual_revenue]
    if gaps:
        return BreakEven(False, (_gap(gaps),), empty, None)
    table = pd.DataFrame(
        {
            "spent": [public_money.get(year, 0.0) for year in years],
            "taken": [tax_take * actual_revenue[year] for year in years],
        },
        index=pd.Index(years, name="year"),
        dtype=float,
    )
    factors = pd.Series({year: (1 + discount_rate) ** (years[0] - year) for year in years})
    table = table.mul(factors, axis=0)
    table["balance"] = (table["taken"] - table["spent"]).cumsum()
    even = table.index[table["balance"] >= 0]
    return BreakEven(True, (), table, int(even[0]) if len(even) else None)


def amounts_by_year(text: str) -> dict[int, float]:
    """Return the amounts of a text such as ``2021:100 2022:35.5``; none of an empty one.

    Raises
    ------
    PeriodError
        If a part is not a year and an amount.

    Examples
    --------
    >>> amounts_by_year("2021:100 2022:35.5"), amounts_by_year("")
    ({2021: 100.0, 2022: 35.5}, {})
    """
    found = {}
    for part in text.split():
        year, _, amount = part.partition(":")
        try:
            (when,), value = calendar_years([int(year)]), float(amount)
            found[when] = within(f"amount of {when}", value, 0, MOST)
        except ValueError as error:
            raise PeriodError(
                f"{part!r} is no year and amount; write them as 2021:100 2022:35.5"
            ) from error
    return found


def _gap(years: list[str]) -> Bilingual:
    named = ", ".join(years)
    return Bilingual(en=f"actual revenue of {named}", ru=f"фактическая выручка за годы: {named}")
