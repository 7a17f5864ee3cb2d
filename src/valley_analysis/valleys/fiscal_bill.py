"""The taxes of a participant under one regime, year by year, caps included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from valley_analysis.valleys.fiscal_contributions import annual_contributions
from valley_analysis.valleys.fiscal_profile import ParticipantProfile
from valley_analysis.valleys.fiscal_rules import ZERO_RATE, BenefitEnd, Reason, Rules
from valley_analysis.valleys.incentives import Incentives, Use

COLUMNS = ("profit_tax", "vat", "vat_customers", "contributions", "property", "land", "customs")


@dataclass(frozen=True)
class Bill:
    """What a participant pays under one regime.

    Attributes
    ----------
    due
        Year x item, mln RUB. `vat` is what the firm itself pays; `vat_customers` is negative:
        what its customers deduct because of it; `customs` is duty and import VAT, less refunds.
    profit
        Profit before profit tax by year, mln RUB.
    ends
        When each benefit ends and why.
    uses
        The register's values that went in.
    """

    due: pd.DataFrame
    profit: pd.Series
    ends: tuple[BenefitEnd, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class _Year:
    """Taxes of one year, mln RUB, before the profit tax, and the profit that is left."""

    vat: float
    vat_customers: float
    contributions: float
    property: float
    land: float
    customs: float
    profit: float


def tax_bill(
    profile: ParticipantProfile,
    regime: str,
    years: Sequence[int],
    as_of: date,
    register: Incentives,
    indexation: float = 0.0,
) -> Bill:
    """Return the taxes of a participant under one regime.

    Parameters
    ----------
    profile
        The participant. Its paths are followed from their first year, so that losses and caps
        of years before `years` count.
    regime
        A regime of the register.
    years
        The years to return.
    as_of
        The day whose state of the law is applied to all later years.
    register
        The register of regimes.
    indexation
        Yearly growth of limits and minimum wage beyond the last known one (0.05: 5 %).

    Raises
    ------
    PeriodError
        If the register has no ordinary rule for one of the years.
    """
    rules = Rules(register, register.check_regime(regime), as_of, profile, indexation)
    state = _State()
    rows, profits = {}, {}
    for year in range(profile.start, max(years) + 1):
        found = state.step(rules, year)
        tax = _profit_tax(rules, year, found.profit, state)
        row = {"profit_tax": tax} | {name: getattr(found, name) for name in COLUMNS[1:]}
        rows[year], profits[year] = row, found.profit
    due = pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS), dtype=float)
    due.index.name = "year"
    profit = pd.Series(profits, dtype=float, name="profit").rename_axis("year")
    chosen, uses = list(years), tuple(rules.uses.values())
    return Bill(due.loc[chosen], profit.loc[chosen], tuple(rules.ends()), uses)


@dataclass
class _State:
    """What one year hands to the next: losses to offset, and profit since the revenue cap."""

    loss: float = 0.0
    cap_year: int | None = None
    since_cap: float = 0.0

    def step(self, rules: Rules, year: int) -> _Year:
        """Taxes of a year; ends benefits whose cap is passed in it, and reckons them anew."""
        self._revenue_cap(rules, year)
        found = _year(rules, year)
        if self.cap_year is not None:
            if self._profit_cap(rules, year, found.profit):
                found = _year(rules, year)
            self.since_cap += max(found.profit, 0.0)
        return found

    def _revenue_cap(self, rules: Rules, year: int) -> None:
        """Above the cap, the exemption is lost from the first day of that tax period, the year."""
        first = date(year, 1, 1)
        covered = any(rules.covers("profit_tax", day) for day in _months(year))
        if self.cap_year is not None or not covered:
            return
        cap = rules.value("profit_tax", "revenue_cap", first, own=True)
        revenue = rules.profile.revenue.at(year, rules.profile.start)
        if cap is not None and revenue > cap:
            self.cap_year = year
            rules.ended["profit_tax"] = (first, "revenue_cap")

    def _profit_cap(self, rules: Rules, year: int, profit: float) -> bool:
        """End what ends once profit since the revenue cap passes its own; tell if anything did."""
        first, reached = date(year, 1, 1), False
        reason: Reason = "profit_cap"
        for item in ("profit_tax", "vat", "contributions", "property"):
            key = ZERO_RATE if item == "profit_tax" else item
            cap = rules.value(item, "profit_cap", first, own=True)
            if cap is None or key in rules.ended or self.since_cap + max(profit, 0.0) <= cap:
                continue
            day = first
            if item == "vat":  # its tax period is the quarter; profit is taken to come evenly
                quarter = min(int(4 * (cap - self.since_cap) / profit), 3)
                day = date(year, 3 * quarter + 1, 1)
            rules.ended[key], reached = (day, reason), True
        return reached


def _months(year: int) -> list[date]:
    return [date(year, month, 1) for month in range(1, 13)]


def _year(rules: Rules, year: int) -> _Year:
    profile, months = rules.profile, _months(year)
    revenue = profile.revenue.at(year, profile.start)
    purchases = profile.purchases(year)
    tariffs, staff = (
        [rules.tariff(day) for day in months],
        profile.headcount.at(year, profile.start),
    )
    contributions = sum(
        staff * group.share * annual_contributions(profile.pay(year) * group.pay, tariffs) / 1e6
        for group in profile.pay_groups
    )
    rate = {item: sum(rules.rate(item, m) for m in months) / 1200 for item in ("property", "land")}
    estate = profile.property_value.at(year, profile.start) * rate["property"]
    land = profile.land_value.at(year, profile.start) * rate["land"]
    vat, customers, vat_cost, customs, duty = _vat_and_customs(rules, months, revenue, purchases)
    costs = purchases + profile.payroll(year) + contributions + estate + land + vat_cost + duty
    return _Year(vat, customers, contributions, estate, land, customs, revenue - costs)


def _vat_and_customs(
    rules: Rules, months: Sequence[date], revenue: float, purchases: float
) -> tuple[float, float, float, float, float]:
    """VAT paid, customers' deductions, VAT that becomes a cost, customs payments, duty; mln RUB."""
    profile, paid, customers, cost, customs, duties = rules.profile, 0.0, 0.0, 0.0, 0.0, 0.0
    for day in months:
        rate = rules.ordinary("vat", "rate", day) / 100
        sales = revenue / 12 * profile.vat_taxable_share
        imports = purchases / 12 * profile.imports_share
        duty = imports * profile.duty_rate / 100
        kept = 1 - rules.refund(day)
        at_border = rate * (imports + duty) * kept
        input_vat = rate * (purchases / 12 - imports) * profile.purchases_vat_share + at_border
        deducted = 0.0
        if not rules.exempt_from_vat(day):
            deducted = input_vat * profile.vat_taxable_share
            paid += rate * sales - deducted
            customers -= rate * sales * profile.b2b_share
        cost += input_vat - deducted
        customs += duty * kept + at_border
        duties += duty * kept
    return paid, customers, cost, customs, duties


def _profit_tax(rules: Rules, year: int, profit: float, state: _State) -> float:
    """Profit tax of a year, mln RUB; profit is taken to come evenly over its months."""
    rates = [rules.profit_rate(day) for day in _months(year)]
    carried = [rate for rate, carries in rates if carries]
    share = len(carried) / 12
    if profit <= 0:
        state.loss -= profit * share
        return 0.0
    tax = sum(rate for rate, carries in rates if not carries) / 1200 * profit
    if carried:
        limit = rules.ordinary("profit_tax", "loss_limit", date(year, 1, 1)) / 100
        offset = min(state.loss, limit * profit * share)
        state.loss -= offset
        tax += sum(carried) / len(carried) / 100 * (profit * share - offset)
    return tax
