"""Tax forgone, worked by hand to the rouble, and the laws that hold for any participant."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from valley_analysis.bilingual import Bilingual
from valley_analysis.errors import PeriodError, RegisterError, ValleyError
from valley_analysis.valleys import fiscal
from valley_analysis.valleys.incentives import load_incentives

TODAY = date(2026, 11, 25)
ROUBLE = 1e-6  # of mln RUB


def firm(**about: Any) -> fiscal.ParticipantProfile:
    """A firm with nothing but what a case gives it; status from December 2023."""
    paths = {
        name: fiscal.YearPath(first=about.pop(name, 0.0))
        if not isinstance(about.get(name), fiscal.YearPath)
        else about.pop(name)
        for name in ("revenue", "purchases_share", "headcount", "monthly_pay")
    }
    start = about.pop("start", 2023)
    return fiscal.ParticipantProfile(
        id="firm",
        name=Bilingual(en="firm", ru="фирма"),
        status=about.pop("status", date(2023, 12, 1)),
        start=start,
        **paths,
        **about,
    )


def cost(profile: fiscal.ParticipantProfile, *years: int, **about: Any) -> fiscal.FiscalResult:
    return fiscal.fiscal_cost(profile, years, about.pop("as_of", TODAY), **about)


def by_year(**values: float) -> fiscal.YearPath:
    return fiscal.YearPath(values={int(year[1:]): value for year, value in values.items()})


# ---------------------------------------------------------------- contributions


def test_contributions_of_2024_under_point_2_4() -> None:
    """Ten people at 200,000 a month. Limit of 2024: 2,225,000; minimum wage: 19,242.

    Ordinary, each: 30 % of 2,225,000 + 15.1 % of 175,000 = 693,925.
    Point 2.4, each: 12 x (30 % of 19,242 + 15 % of 180,758) = 394,635.60; the month that crosses
    the limit still has 25,000 below it, which the part up to the minimum wage does not exhaust.
    """
    found = cost(firm(headcount=10, monthly_pay=200_000), 2024)
    assert found.bill_against.due.loc[2024, "contributions"] == pytest.approx(6.93925, abs=ROUBLE)
    assert found.bill.due.loc[2024, "contributions"] == pytest.approx(3.946356, abs=ROUBLE)
    assert found.forgone.loc[2024, "contributions"] == pytest.approx(2.992894, abs=ROUBLE)


def test_above_the_limit_only_the_part_up_to_the_floor_falls_to_15_1() -> None:
    """One at 300,000: the limit is passed in month 8; months 9-12 pay 15.1 % up to the floor."""
    found = cost(firm(headcount=1, monthly_pay=300_000), 2024)
    reduced = 8 * 0.30 * 19_242 + 4 * 0.151 * 19_242 + 12 * 0.15 * 280_758
    ordinary = 0.30 * 2_225_000 + 0.151 * 1_375_000
    assert found.bill.due.loc[2024, "contributions"] == pytest.approx(reduced / 1e6, abs=ROUBLE)
    assert found.bill_against.due.loc[2024, "contributions"] == pytest.approx(ordinary / 1e6)


def test_the_floor_is_one_and_a_half_minimum_wages_from_2025() -> None:
    found = cost(firm(headcount=1, monthly_pay=100_000), 2025, 2026)
    expected = [12 * (0.30 * 1.5 * wage + 0.15 * (1e5 - 1.5 * wage)) for wage in (22_440, 27_093)]
    assert found.bill.due["contributions"].tolist() == pytest.approx([x / 1e6 for x in expected])


def test_pay_below_the_floor_saves_nothing() -> None:
    found = cost(firm(headcount=5, monthly_pay=19_000), 2024)
    assert found.forgone.loc[2024, "contributions"] == pytest.approx(0, abs=ROUBLE)


def test_before_2023_it_was_14_percent_against_two_limits() -> None:
    """2021 at 150,000 a month, 1.8 mln a year: 30 % to 966,000, 27.1 % to 1,465,000, 15.1 %."""
    profile = firm(headcount=1, monthly_pay=150_000, start=2020, status=date(2020, 12, 1))
    found = cost(profile, 2021)
    ordinary = 0.30 * 966_000 + 0.271 * 499_000 + 0.151 * 335_000
    assert found.bill_against.due.loc[2021, "contributions"] == pytest.approx(ordinary / 1e6)
    assert found.bill.due.loc[2021, "contributions"] == pytest.approx(0.14 * 1.8)


def test_published_example_of_an_it_company_in_2021() -> None:
    """146,500 RUB a month came to 104,148 RUB in the consultant's table."""
    tariff = fiscal.Tariff(7.6, 0.1, 1_465_000, rate_middle=6.1, limit_social=966_000)
    assert fiscal.annual_contributions(146_500, [tariff] * 12) == pytest.approx(104_148)
    profile = firm(headcount=1, monthly_pay=146_500, start=2020, status=date(2020, 12, 1))
    due = cost(profile, 2021, regime="it").bill.due.loc[2021, "contributions"]
    assert due == pytest.approx(0.104148, abs=ROUBLE)


def test_published_rise_of_an_it_companys_contributions_in_2026() -> None:
    """Up to 220 thousand RUB a person above 250,000 a month, says the auditors' review."""
    profile = firm(headcount=1, monthly_pay=2_979_000 / 12)
    due = cost(profile, 2025, 2026, regime="it").bill.due["contributions"]
    assert (due[2026] - due[2025]) * 1e6 == pytest.approx(220_446)


# ---------------------------------------------------------------- profit tax, caps, terms


def test_profit_tax_forgone_is_the_ordinary_tax() -> None:
    found = cost(firm(revenue=100, purchases_share=0.6, uses_vat_exemption=False), 2024, 2025)
    assert found.forgone["profit_tax"].tolist() == pytest.approx([8, 10])  # 20 %, then 25 % of 40


def test_revenue_cap_ends_the_exemption_on_the_first_day_of_its_year() -> None:
    """Revenue passes 1 bn in 2025: from 1 January 2025 profit is taxed, at the reduced rate 0."""
    profile = firm(
        revenue=by_year(y2023=800, y2024=1000, y2025=1001, y2026=900),
        purchases_share=0.9,
        purchases_vat_share=0,
    )
    found = cost(profile, 2024, 2025, 2026)
    exemption, reduced = found.ends[:2]
    assert (exemption.item, exemption.end, exemption.reason) == (
        "profit_tax", date(2025, 1, 1), "revenue_cap",
    )  # fmt: skip
    assert (reduced.item, reduced.start, reduced.end) == (
        "zero_rate", date(2025, 1, 1), date(2033, 12, 1),
    )  # fmt: skip
    assert found.bill.due["profit_tax"].tolist() == [0, 0, 0]
    law = load_incentives().with_value("istc.profit_tax.rate_after_cap", 25)
    dearer = cost(profile, 2024, 2025, 2026, register=law)
    assert dearer.bill.due["profit_tax"].tolist() == pytest.approx(
        [0, *(0.25 * dearer.bill.profit[[2025, 2026]])]
    )


def test_cumulative_profit_cap_ends_everything_in_its_period() -> None:
    """Profit of 200 a year since the revenue cap of 2025: 300 is passed in mid-2026.

    Profit tax, contributions and property tax are due for all of 2026; VAT from 1 July, since its
    period is the quarter and half of the year's profit uses up what was left.
    """
    profile = firm(
        revenue=by_year(y2023=900, y2024=900, y2025=2000, y2026=2000, y2027=2000),
        purchases_share=by_year(y2023=1, y2024=1, y2025=0.9, y2026=0.9, y2027=0.9),
        purchases_vat_share=0,
    )
    found = cost(profile, 2024, 2025, 2026, 2027)
    ends = {end.item: (end.end, end.reason) for end in found.ends}
    assert ends["zero_rate"] == (date(2026, 1, 1), "profit_cap")
    assert ends["vat"] == (date(2026, 7, 1), "profit_cap")
    assert ends["contributions"] == ends["property"] == (date(2026, 1, 1), "profit_cap")
    assert found.bill.due["profit_tax"].tolist() == pytest.approx([0, 0, 50, 50])
    assert found.forgone["vat"].tolist() == pytest.approx([180, 400, 220, 0])


def test_profit_before_the_revenue_cap_does_not_count_towards_the_profit_cap() -> None:
    profile = firm(revenue=990, purchases_share=0.5, uses_vat_exemption=False)
    found = cost(profile, *range(2024, 2027))
    assert {end.reason for end in found.ends if end.item == "profit_tax"} == {"term"}


def test_term_of_ten_years_ends_within_a_year() -> None:
    """Status of 1 July 2019: covered from August 2019 to June 2029."""
    profile = firm(revenue=100, uses_vat_exemption=False, start=2019, status=date(2019, 7, 1))
    found = cost(profile, 2019, 2028, 2029, 2030)
    assert found.forgone["profit_tax"].tolist() == pytest.approx([20 * 5 / 12, 25, 12.5, 0])
    (end,) = [end for end in found.ends if end.item == "profit_tax"]
    assert (end.start, end.end, end.reason) == (date(2019, 8, 1), date(2029, 7, 1), "term")


def test_the_clock_is_the_participants_own_status() -> None:
    early, late = (
        cost(firm(revenue=10, status=date(year, 5, 20)), 2023).ends[0].end for year in (2023, 2025)
    )
    assert (early, late) == (date(2033, 5, 20), date(2035, 5, 20))


def test_losses_under_the_exemption_are_lost() -> None:
    """A loss of 60 would offset half of the next profit of 50 in the ordinary regime (50 %)."""
    profile = firm(
        revenue=by_year(y2023=100, y2024=100, y2025=100),
        purchases_share=by_year(y2023=1, y2024=1.6, y2025=0.5),
        uses_vat_exemption=False,
    )
    found = cost(profile, 2024, 2025)
    assert found.bill_against.due["profit_tax"].tolist() == pytest.approx([0, 0.25 * 25])
    assert found.bill.due["profit_tax"].tolist() == [0, 0]


# ---------------------------------------------------------------- VAT, property, customs


def test_vat_is_forgone_on_value_added_and_comes_back_through_customers() -> None:
    """Sales 100, purchases 40, 20 %: 12 less is paid; a quarter of customers lose 5 of deductions.

    The 8 of input VAT that is no longer deducted becomes a cost.
    """
    found = cost(firm(revenue=100, purchases_share=0.4, b2b_share=0.25), 2024)
    assert found.forgone.loc[2024, ["vat", "vat_customers"]].tolist() == pytest.approx([12, -5])
    assert found.bill_against.profit[2024] == pytest.approx(60)
    assert found.bill.profit[2024] == pytest.approx(52)


def test_exemption_costs_the_budget_nothing_net_where_every_customer_deducts() -> None:
    """All output VAT would have been deducted; what stays is the suppliers' VAT: a gain of 8."""
    found = cost(firm(revenue=100, purchases_share=0.4, b2b_share=1), 2024)
    assert found.forgone.loc[2024, ["vat", "vat_customers"]].sum() == pytest.approx(-8)


def test_a_right_that_is_not_used_forgoes_nothing() -> None:
    found = cost(firm(revenue=100, b2b_share=1, uses_vat_exemption=False), 2024)
    assert found.forgone.loc[2024, ["vat", "vat_customers"]].tolist() == [0, 0]
    assert {end.reason for end in found.ends if end.item == "vat"} == {"not_used"}


def test_software_from_the_register_bears_no_vat_in_any_regime() -> None:
    found = cost(firm(revenue=100, purchases_share=0.4, vat_taxable_share=0), 2024)
    assert found.forgone.loc[2024, "vat"] == 0


def test_property_and_land() -> None:
    about = {name: fiscal.YearPath(first=100) for name in ("property_value", "land_value")}
    profile = firm(**about)
    valley, zone = cost(profile, 2024), cost(profile, 2024, 2029, regime="sez_technology")
    assert valley.forgone.loc[2024, ["property", "land"]].tolist() == pytest.approx([2.2, 0])
    assert zone.forgone["property"].tolist() == pytest.approx([2.2, 2.2])
    assert zone.forgone["land"].tolist() == pytest.approx([1.5, 0])  # five years, to December 2028


def test_relief_from_import_vat_is_no_gain_where_it_would_have_been_deducted() -> None:
    """Imports of 10 at 5 %: duty 0.5, import VAT 2.1. The zone saves the duty, and only that."""
    profile = firm(revenue=100, purchases_share=0.1, imports_share=1, duty_rate=5)
    found = cost(profile, 2024, regime="sez_technology")
    assert found.forgone.loc[2024, "customs"] == pytest.approx(2.6)
    assert found.forgone.loc[2024, ["vat", "customs"]].sum() == pytest.approx(0.5)


# ---------------------------------------------------------------- law, marks, totals


def test_later_years_are_taxed_by_the_law_as_known() -> None:
    profile = firm(revenue=100)
    before = cost(profile, 2027, as_of=date(2025, 6, 1)).forgone.loc[2027, "vat"]
    after = cost(profile, 2027).forgone.loc[2027, "vat"]
    assert (before, after) == pytest.approx((20, 22))
    assert cost(profile, 2026, 2027, 2028).projected_from == 2027


def test_limits_beyond_the_known_ones_are_indexed() -> None:
    """Pay of 300,000 passes the limit of 2026 less late if that limit grows."""
    profile = firm(headcount=1, monthly_pay=300_000)
    found = cost(profile, 2027, indexation=0.1).bill_against.due.loc[2027, "contributions"]
    limit = 2_979_000 * 1.1
    assert found * 1e6 == pytest.approx(0.30 * limit + 0.151 * (3_600_000 - limit))


def test_unverified_values_are_listed_and_mark_their_items() -> None:
    found = cost(firm(revenue=500, headcount=3, monthly_pay=1e5), 2024)
    names = {use.parameter for use in found.unverified}
    assert "istc.profit_tax.revenue_cap" in names
    assert "ordinary.contributions.limit" in names  # the limit of 2024 was not read
    assert "ordinary.vat.rate" not in names
    assert {"profit_tax", "contributions"} <= found.doubtful_items
    assert "property" not in found.doubtful_items  # nothing is forgone there


def test_notes_say_what_the_figure_is() -> None:
    found = cost(firm(revenue=1), 2024)
    said = " ".join(note.en for note in found.notes)
    for part in ("Static", "input VAT", "first day of that tax period", "not the decree"):
        assert part in said
    assert "present value" in found._repr_html_()


def test_present_value() -> None:
    found = cost(firm(revenue=100, purchases_share=1, b2b_share=0), 2024, 2025, discount_rate=0.1)
    assert found.present_value == pytest.approx(found.total[2024] + found.total[2025] / 1.1)
    assert found.present_values.sum() == pytest.approx(found.present_value)
    assert found.table["total"].tolist() == found.total.tolist()


@pytest.mark.parametrize("years", [(), (2020,)])
def test_years_outside_the_paths_are_told(years: tuple[int, ...]) -> None:
    with pytest.raises(PeriodError, match="paths of firm begin in 2023"):
        cost(firm(revenue=1), *years)


def test_years_before_the_register_are_told() -> None:
    profile = firm(revenue=1, start=2017, status=date(2018, 1, 1))
    with pytest.raises(PeriodError, match="2017-01-01"):
        cost(profile, 2018)


def test_an_unknown_regime_is_told() -> None:
    with pytest.raises(RegisterError, match="no regime 'tor'"):
        cost(firm(revenue=1), 2024, regime="tor")


# ---------------------------------------------------------------- laws

profiles = st.builds(
    lambda revenue, growth, share, staff, pay, estate, b2b, imports: firm(
        revenue=fiscal.YearPath(first=revenue, growth=(growth,)),
        purchases_share=share,
        headcount=staff,
        monthly_pay=pay,
        property_value=fiscal.YearPath(first=estate),
        b2b_share=b2b,
        imports_share=imports,
        duty_rate=5,
    ),
    revenue=st.floats(1, 1500),
    growth=st.floats(-0.2, 0.6),
    share=st.floats(0, 1.1),
    staff=st.floats(0, 200),
    pay=st.floats(20_000, 600_000),
    estate=st.floats(0, 300),
    b2b=st.floats(0, 1),
    imports=st.floats(0, 1),
)
YEARS = tuple(range(2024, 2027))


@settings(max_examples=40)
@given(profiles, st.sampled_from(["ordinary", "istc", "skolkovo", "sez_technology", "it"]))
def test_a_regime_against_itself_costs_nothing(
    profile: fiscal.ParticipantProfile, regime: str
) -> None:
    found = cost(profile, *YEARS, regime=regime, against=regime)
    assert (found.forgone == 0).all().all()


@settings(max_examples=40)
@given(profiles)
def test_what_is_exempt_is_never_dearer(profile: fiscal.ParticipantProfile) -> None:
    found = cost(profile, *YEARS)
    assert (found.forgone[["contributions", "property", "land", "customs"]] > -1e-9).all().all()


@settings(max_examples=40)
@given(profiles)
def test_swapping_the_regimes_turns_the_sign(profile: fiscal.ParticipantProfile) -> None:
    one, other = (
        cost(profile, *YEARS, regime=a, against=b)
        for a, b in (("istc", "ordinary"), ("ordinary", "istc"))
    )
    pd.testing.assert_frame_equal(one.forgone, -other.forgone)


@settings(max_examples=40)
@given(profiles)
def test_present_value_without_discounting_is_the_sum(profile: fiscal.ParticipantProfile) -> None:
    found = cost(profile, *YEARS, discount_rate=0.0)
    assert found.present_value == pytest.approx(found.total.sum())


@settings(max_examples=40)
@given(profiles, st.floats(1.01, 2.0))
def test_contributions_forgone_grow_with_staff(
    profile: fiscal.ParticipantProfile, factor: float
) -> None:
    profile = profile.model_copy(update={"revenue": fiscal.YearPath(first=500)})
    larger = profile.model_copy(update={"headcount": profile.headcount.scaled(factor)})
    small, large = (cost(one, *YEARS).forgone["contributions"] for one in (profile, larger))
    assert (large >= small - 1e-9).all()


# ---------------------------------------------------------------- scenarios, break-even, profiles


def test_ranges_move_one_thing_at_a_time() -> None:
    profile = fiscal.load_profiles()["instrument_maker"]
    years = range(2023, 2028)
    table = fiscal.fiscal_ranges(profile, years, TODAY).set_index("name")
    nominal = fiscal.fiscal_cost(profile, years, TODAY)
    assert table["pv"].unique() == pytest.approx([nominal.present_value])
    b2c = fiscal.fiscal_cost(profile.model_copy(update={"b2b_share": 0.0}), years, TODAY)
    assert table.loc["b2b", "pv_low"] == pytest.approx(b2c.present_value)
    law = load_incentives().with_value("istc.customs.refund_share", 100)
    refunded = fiscal.fiscal_cost(profile, years, TODAY, register=law)
    assert table.loc["istc.customs.refund_share", "pv_high"] == pytest.approx(
        refunded.present_value
    )
    assert table.loc["istc.customs.refund_share", "pv_low"] == pytest.approx(nominal.present_value)
    spans = (table["pv_high"] - table["pv_low"]).abs()
    assert spans.is_monotonic_decreasing


def test_rates_over_years() -> None:
    found = fiscal.rate_history(["ordinary", "istc"], [2022, 2026], TODAY, 100_000)
    rates = found.set_index(["item", "regime", "year"])["rate"].sort_index()
    assert rates["profit_tax", "ordinary"].tolist() == [20, 25]
    assert rates["vat", "istc"].tolist() == [0, 0]
    floor = 1.5 * 27_093
    expected = (0.30 * floor + 0.15 * (100_000 - floor)) / 1000
    assert rates["contributions", "istc", 2026] == pytest.approx(expected)


def test_break_even_is_reached_only_on_actual_figures() -> None:
    found = fiscal.break_even({2021: 100, 2022: 20}, {2021: 0, 2022: 700, 2023: 600}, 0.1)
    assert not fiscal.break_even({2021: 100}, {2022: 700}, 0.1).computable  # 2021 is not known
    even = fiscal.break_even(
        {2021: 100, 2022: 20}, {2021: 0, 2022: 700, 2023: 600}, 0.1, discount_rate=0
    )
    assert even.table["balance"].tolist() == pytest.approx([-100, -50, 10])
    assert (even.year, even.shortfall) == (2023, 0)
    assert found.year is None  # discounted at 12 % it is not reached
    expected = 100 + 20 / 1.12 - 70 / 1.12 - 60 / 1.12**2
    assert found.shortfall == pytest.approx(expected)


@pytest.mark.parametrize(
    ("money", "revenue", "take", "missing"),
    [
        (None, {2022: 1.0}, 0.1, ["public money"]),
        ({2022: 1.0}, {}, 0.1, ["actual revenue"]),
        (None, None, None, ["public money", "actual revenue", "taxes actually paid"]),
        ({2020: 1.0}, {2020: 1.0, 2022: 1.0}, 0.1, ["2021"]),
    ],
)
def test_otherwise_break_even_says_what_is_missing(
    money: dict[int, float] | None,
    revenue: dict[int, float] | None,
    take: float | None,
    missing: list[str],
) -> None:
    found = fiscal.break_even(money, revenue, take)
    assert not found.computable
    assert found.year is None
    assert found.table.empty
    said = "; ".join(text.en for text in found.missing)
    assert all(part in said for part in missing)


def test_amounts_that_are_none_are_told() -> None:
    with pytest.raises(PeriodError, match="'2021-100' is no year and amount"):
        fiscal.amounts_by_year("2020:5 2021-100")


def test_illustrative_profiles_are_labelled_and_state_their_assumptions() -> None:
    found = fiscal.load_profiles()
    assert set(found) == {
        "software_startup", "instrument_maker", "biotech_lab", "engineering_firm",
    }  # fmt: skip
    for profile in found.values():
        assert profile.illustrative
        assert profile.assumptions
        assert profile.open_to[0] == "istc"


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"b2b_share": 1.2}, "less than or equal to 1"),
        ({"start": 2024, "status": date(2023, 1, 1)}, "paths begin in 2024"),
        ({"pay_groups": ({"share": 0.5, "pay": 1},)}, "sum to 0.5"),
        ({"revenue": {"first": 1, "values": {2024: 1}}}, "either `first`"),
        ({"revenue": {"first": -1}}, "greater than or equal to 0"),
        ({"revenue": {"first": 1, "growth": [-1.5]}}, "greater than -1"),
        ({"revenue": {"first": 1, "growth": [11]}}, "less than or equal to 10"),
        ({"revenue": {"first": float("inf")}}, "finite number"),
        ({"revenue": {"values": {10**9: 1}}}, "less than or equal to 2100"),
        ({"start": 1, "status": date(2023, 1, 1)}, "greater than or equal to 1990"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_an_impossible_profile_is_refused(about: dict[str, Any], reason: str) -> None:
    whole = {
        "id": "x", "name": {"en": "x", "ru": "х"}, "status": date(2023, 1, 1), "start": 2023,
        "revenue": {"first": 1}, "purchases_share": {"first": 0}, "headcount": {"first": 0},
        "monthly_pay": {"first": 0},
    }  # fmt: skip
    with pytest.raises(ValidationError, match=reason):
        fiscal.ParticipantProfile(**(whole | about))


def test_pay_groups_bite_into_the_limit() -> None:
    """A tenth of the staff at five times the average is charged 15.1 % on most of its pay."""
    even = firm(headcount=10, monthly_pay=150_000)
    groups = (fiscal.PayGroup(share=0.9, pay=5 / 9), fiscal.PayGroup(share=0.1, pay=5))
    spread = even.model_copy(update={"pay_groups": groups})
    due = [cost(one, 2024).bill_against.due.loc[2024, "contributions"] for one in (even, spread)]
    top = 0.30 * 2_225_000 + 0.151 * (9_000_000 - 2_225_000)
    rest = 9 * 0.30 * 12 * 150_000 * 5 / 9
    assert due == pytest.approx([0.30 * 18, (top + rest) / 1e6])


@pytest.mark.parametrize("years", [range(10**9), [10**9], [float("nan")]])
def test_years_beyond_bounds_are_refused_at_once(years: Any) -> None:
    with pytest.raises(PeriodError, match="expected years from 1990 to 2100"):
        fiscal.fiscal_cost(firm(revenue=1), years, TODAY)


@pytest.mark.parametrize("setting", ["discount_rate", "indexation"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 50.0])
def test_rates_beyond_bounds_are_refused(setting: str, value: float) -> None:
    with pytest.raises(ValleyError, match=f"{setting} is "):
        cost(firm(revenue=1), 2024, **{setting: value})


def test_amounts_by_year_are_finite_and_of_a_year() -> None:
    for text in ("2021:nan", "2021:inf", "2021:-5", "99999:1"):
        with pytest.raises(ValleyError):
            fiscal.amounts_by_year(text)
