"""Figures and tables of incentives hold what they claim, marked and linked, in both languages."""

import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from matplotlib.figure import Figure

from valley_analysis.charts import incentive_tables as tables
from valley_analysis.charts import incentive_text as text
from valley_analysis.charts import incentives as charts
from valley_analysis.charts.incentive_text import DAGGER, money, word
from valley_analysis.text import LANGS, NBSP, Lang
from valley_analysis.valleys import fiscal
from valley_analysis.valleys.incentives import INCENTIVES, NAMES, load_incentives

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 25)
PAY = 150_000
LATIN: set[str] = set()


@pytest.fixture(scope="module")
def layout() -> ModuleType:
    """The editor's eye of test_layout.py."""
    path = Path(__file__).with_name("test_layout.py")
    spec = importlib.util.spec_from_file_location("layout_checks", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Cost:
    """Everything that is drawn."""

    valley: list[fiscal.FiscalResult]
    regimes: list[fiscal.FiscalResult]
    ranges: dict[str, pd.DataFrame]
    history: pd.DataFrame

    @property
    def by_profile(self) -> dict[str, fiscal.FiscalResult]:
        return {found.profile.id: found for found in self.valley}


@pytest.fixture(scope="module")
def cost() -> Cost:
    profiles = fiscal.load_profiles().values()
    spans = {profile.id: range(profile.start, profile.start + 12) for profile in profiles}
    regimes = [
        fiscal.fiscal_cost(profile, spans[profile.id], TODAY, regime)
        for profile in profiles
        for regime in profile.open_to
    ]
    return Cost(
        [found for found in regimes if found.regime == "istc"],
        regimes,
        {
            profile.id: fiscal.fiscal_ranges(profile, spans[profile.id], TODAY)
            for profile in profiles
        },
        fiscal.rate_history(list(load_incentives().content.regimes), range(2019, 2027), TODAY, PAY),
    )


DRAWN: dict[str, Callable[[Cost, Lang], Figure]] = {
    "rates": lambda cost, lang: charts.plot_rates(cost.history, TODAY, PAY, lang),
    "forgone": lambda cost, lang: charts.plot_forgone(cost.valley, lang),
    "one": lambda cost, lang: charts.plot_forgone(cost.valley[:1], lang),
    "regimes": lambda cost, lang: charts.plot_regimes(cost.regimes, lang),
    "ranges": lambda cost, lang: charts.plot_fiscal_ranges(cost.ranges, cost.by_profile, lang),
}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_would_pass_an_editor(
    name: str, lang: Lang, cost: Cost, layout: ModuleType
) -> None:
    figure = DRAWN[name](cost, lang)
    figure.set_label(lang)
    layout.test_texts_do_not_overlap(figure)
    layout.test_texts_stay_inside(figure)
    layout.test_no_axes_are_empty(figure)
    layout.test_russian_figures_are_russian(figure)


@pytest.mark.parametrize("name", DRAWN)
def test_doubt_is_marked_in_every_figure(name: str, cost: Cost) -> None:
    figure = DRAWN[name](cost, "en")
    (foot,) = [one for one in figure.texts if one.get_gid() == "source"]
    assert f"{DAGGER} rests on a value" in foot.get_text().replace("\n", " ")
    assert "Law as known on 25 November 2026" in foot.get_text().replace("\n", " ")


def test_bars_stack_to_the_total(cost: Cost) -> None:
    found = cost.valley[1]
    (ax,) = [ax for ax in charts.plot_forgone([found]).axes if ax.patches]
    heights = pd.Series(
        [(round(bar.get_x()), bar.get_height()) for bar in ax.patches]  # type: ignore[attr-defined]
    )
    sums = heights.groupby(heights.str[0]).apply(lambda group: group.str[1].sum())
    assert sums.tolist() == pytest.approx(found.total.tolist())


def test_one_hue_is_one_item_in_every_year_and_years_to_come_are_striped(cost: Cost) -> None:
    found = cost.valley[:1]
    figure = charts.plot_forgone(found)
    (ax,) = [ax for ax in figure.axes if ax.patches]
    bars = [bar for bar in ax.patches if bar.get_height()]  # type: ignore[attr-defined]
    legend = figure.legends[0]
    named = {
        patch.get_facecolor()[:3]: text.get_text()
        for patch, text in zip(legend.legend_handles, legend.get_texts(), strict=True)
        if hasattr(patch, "get_facecolor")
    }
    assert {bar.get_facecolor()[:3] for bar in bars} <= set(named)  # no shade that is not named
    for bar in bars:
        assert bar.get_alpha() is None
        striped = "/" in (bar.get_hatch() or "")
        assert striped == (round(bar.get_x() - 0.09) > TODAY.year)  # type: ignore[attr-defined]
    lost = [bar for bar in bars if "." in (bar.get_hatch() or "")]
    assert sum(bar.get_height() for bar in lost) == pytest.approx(  # type: ignore[attr-defined]
        found[0].forgone["vat_customers"].sum()
    )
    assert all(bar.get_height() < 0 for bar in lost)  # type: ignore[attr-defined]


def test_ends_are_marked_where_they_fall(cost: Cost) -> None:
    (found,) = [one for one in cost.valley if one.profile.id == "biotech_lab"]
    (ax,) = [ax for ax in charts.plot_forgone([found]).axes if ax.patches]
    marks = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--"]  # type: ignore[index]
    days = sorted({end.end for end in found.ends if end.end})
    assert marks == pytest.approx([day.year + (day.month - 1) / 12 for day in days])
    said = " ".join(one.get_text() for one in ax.texts)
    assert word("reason_revenue_cap") in said
    assert word("reason_profit_cap") in said


def test_regimes_are_labelled_with_their_sum(cost: Cost) -> None:
    labels = [one.get_text() for ax in charts.plot_regimes(cost.regimes).axes for one in ax.texts]
    expected = [
        money(found.present_value, "en", 0) + (NBSP + DAGGER if found.doubtful_items else "")
        for found in cost.regimes
    ]
    assert labels == expected


def test_both_ends_of_a_range_are_named(cost: Cost) -> None:
    one = cost.valley[1].profile.id
    figure = charts.plot_fiscal_ranges({one: cost.ranges[one]}, cost.by_profile)
    (ax,) = figure.axes
    said = " ".join(label.get_text() for label in ax.texts)
    assert {"0 %", "100 %", "8 %", "16 %"} <= set(re.findall(r"\d+ %", said))
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    top = cost.ranges[one].iloc[0]
    assert sorted(dots[0].get_xdata()) == pytest.approx(sorted([top["pv_low"], top["pv_high"]]))


def test_table_of_regimes_marks_doubt_and_leads_to_sources() -> None:
    table = tables.regime_table(TODAY, "en", ("ordinary", "istc", "skolkovo"))
    frame = table.frame.set_index("Rule")
    cap = frame.loc[word("name_profit_tax_revenue_cap")]
    assert cap["valley (ISTC)"].startswith(f"1 bn RUB a year{NBSP}{DAGGER}\nTax Code 246.1")
    assert DAGGER not in cap["Skolkovo"].split("\n")[0]
    assert cap["ordinary"] == "none"
    printed = table._repr_html_()
    source = load_incentives().content.sources["code_246_1"].address
    assert f'<a href="{source}">[1]</a>' in printed
    assert "<br>" in printed


@pytest.mark.parametrize("lang", LANGS)
def test_the_subject_stands_first_and_no_cell_of_a_wide_table_keeps_one_line(
    lang: Lang, cost: Cost
) -> None:
    regimes = load_incentives().content.regimes
    table = tables.regime_table(TODAY, lang, subject="skolkovo")
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)<', table._repr_html_())
    assert heads[:3] == [word("col_rule", lang), *(regimes[one].short[lang]
                         for one in ("skolkovo", "ordinary"))]  # fmt: skip
    for wide in (table, tables.unverified_table(cost.valley, lang), tables.sources_table(lang)):
        cells = re.findall(r'<t[dh][^>]*style="([^"]*)"', wide._repr_html_())
        assert cells
        assert all("white-space: normal" in style and "max-width" in style for style in cells)


def test_table_of_regimes_is_that_of_its_day() -> None:
    column = "ordinary"
    then, now = (
        tables.regime_table(day, "en", (column,)).frame[column][0]
        for day in (date(2024, 6, 1), TODAY)
    )
    assert (then.split("\n")[0], now.split("\n")[0]) == ("20 %", "25 %")


@pytest.mark.parametrize("lang", LANGS)
def test_every_address_of_the_register_is_a_link(lang: Lang) -> None:
    table = tables.sources_table(lang)
    printed = table._repr_html_()
    addresses = set(re.findall(r"address: (\S+)", INCENTIVES.read_text("utf-8")))
    assert addresses
    assert all(f'<a href="{address}">{address}</a>' in printed for address in addresses)
    assert (table.frame.iloc[:, 1] != "").all()  # each supports something


def test_a_link_cannot_carry_markup() -> None:
    frame = pd.DataFrame({"a": ['x<b>"']})
    table = tables.LinkedTable(frame, addresses={(0, "a"): ('https://x.org/?a="><script>',)})
    assert "<script>" not in table._repr_html_()
    assert "<b>" not in table._repr_html_()


def test_tables_hold_the_results(cost: Cost) -> None:
    found = cost.valley[0]
    table = tables.forgone_table(found).frame
    mark = NBSP + DAGGER
    assert table["Total" + mark].tolist()[:-1] == [money(one) for one in found.total]
    assert table["Present value" + mark].tolist()[-1] == money(found.present_value)
    doubts = tables.unverified_table(cost.valley).frame
    assert set(doubts["How sure"]) == {"inferred", "unverified"}
    ends = tables.ends_table(cost.valley).frame
    assert len(ends) == sum(len(one.ends) for one in cost.valley)
    assert "right not used" in set(ends["Why"])


@pytest.mark.parametrize("lang", LANGS)
def test_every_table_and_sentence_speaks_its_language(lang: Lang, cost: Cost) -> None:
    profiles = [one.profile for one in cost.valley]
    even = [
        fiscal.break_even({2022: 5}, revenue, 0.1)
        for revenue in (None, {2022: 1.0}, {2022: 100.0}, {2023: 1.0})
    ]
    said = [
        text.summary(cost.valley, lang),
        tables.notes_text(cost.valley[0], lang),
        *(text.even_text(one, lang) for one in even),
        *(str(tables.even_table(one, lang)) for one in even),
        *(
            str(table)
            for table in (
                tables.regime_table(TODAY, lang),
                tables.forgone_table(cost.valley[2], lang),
                tables.ends_table(cost.valley, lang),
                tables.totals_table(cost.regimes, lang),
                tables.profiles_table(profiles, 12, lang),
                tables.assumptions_table(profiles, lang),
                tables.unverified_table(cost.valley, lang),
            )
        ),
    ]
    whole = "\n".join(said)
    pattern = r"[A-Za-z]{2,}" if lang == "ru" else r"[А-яЁё]+"
    assert not set(re.findall(pattern, whole)) - LATIN


def test_not_computable_is_said_with_what_is_missing() -> None:
    said = text.even_text(fiscal.break_even(None, None, None))
    assert "not computable" in said
    assert "actual revenue" in said


def test_every_parameter_and_item_has_a_name() -> None:
    for one in load_incentives().content.parameters:
        for lang in LANGS:
            assert text.parameter_name(one.id, lang)
    known = {f"name_{item}_{name}" for item, name in NAMES}
    assert not {key for key in word.texts if key.startswith("name_")} - known
