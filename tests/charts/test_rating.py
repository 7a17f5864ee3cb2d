"""Figures and tables of regions rated on their valleys, and of the brief."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from valley_analysis import regions, scoring, valleys
from valley_analysis.charts import rating_axes, rating_brief, rating_readiness, rating_tables
from valley_analysis.charts.style import ACCENT, renderer
from valley_analysis.indicators import load_spec
from valley_analysis.scoring.standard import standard_assumptions
from valley_analysis.text import LANGS, Lang

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def progress() -> valleys.ProgressResult:
    return valleys.progress(valleys.load_register(), DAY, replications=200)


@pytest.fixture(scope="module")
def context(indicators: pd.DataFrame) -> scoring.UncertaintyResult:
    spec = load_spec("regional_innovation")
    plan = scoring.Uncertainty(standard_assumptions(spec), 200, 1)
    return scoring.vary(indicators, spec, 2021, regions.scope(), plan, pairs=False)


@pytest.fixture(scope="module")
def rating(
    progress: valleys.ProgressResult, context: scoring.UncertaintyResult
) -> valleys.RatingResult:
    links = valleys.links(valleys.load_register().valleys, DAY)
    return valleys.rate_regions(progress, context.ranges, links)


@pytest.fixture(scope="module")
def ready() -> valleys.ReadinessResult:
    rng = np.random.default_rng(3)
    units = regions.scope().units
    scores = {
        year: pd.DataFrame(rng.normal(size=(len(units), 4)), units, list("abcd"))
        for year in range(2016, 2023)
    }
    cohorts = valleys.decree_years(valleys.load_register())
    return valleys.readiness(scores, cohorts, period=2021, draws=200)


@pytest.fixture(scope="module")
def moved() -> valleys.Moved:
    return valleys.moved(valleys.load_register(), date(2025, 1, 1), DAY)


def labels(fig: Figure) -> list[str]:
    return [text.get_text() for ax in fig.axes for text in ax.texts if text.get_text()]


@pytest.mark.parametrize("lang", LANGS)
def test_every_host_is_named_once_above_its_bar_and_no_name_covers_another(
    rating, progress, context, lang: Lang
) -> None:
    fig = rating_axes.plot_quadrants(rating, progress, context, lang)
    (ax,) = fig.axes
    names = [regions.name(unit, lang, short=True) for unit in rating.hosts.index]
    drawn = [text for text in ax.texts if text.get_text() in names]
    assert sorted(text.get_text() for text in drawn) == sorted(names)
    starts = sorted(text.get_position()[0] for text in drawn)
    per_unit = ax.get_window_extent(renderer(fig)).width / np.ptp(ax.get_xlim())
    size = 8.5 * fig.dpi / 72  # height of a line at 48 degrees needs this much room
    assert min(np.diff(starts)) * per_unit > size


def test_the_crosses_end_where_the_bounds_do(rating, progress, context) -> None:
    (ax,) = rating_axes.plot_quadrants(rating, progress, context).axes
    spans = {
        tuple(np.round(line.get_ydata(), 6))
        for line in ax.lines
        if len(line.get_xdata()) == 2 and line.get_xdata()[0] == line.get_xdata()[1]
    }
    for row in rating.hosts.itertuples():
        assert (round(row.progress_low, 6), round(row.progress_high, 6)) in spans


def test_the_blend_prints_the_places_that_its_bounds_allow(rating, progress, context) -> None:
    fig = rating_axes.plot_blend(rating, progress, context)
    printed = [text for text in labels(fig) if "–" in text]
    assert printed == [f"{r.rank_best}–{r.rank_worst}" for r in rating.hosts.itertuples()]


@pytest.mark.parametrize("lang", LANGS)
def test_the_readiness_figure_marks_bids_and_says_how_good_the_rule_is(ready, lang: Lang) -> None:
    bids = {ready.table.index[2], ready.table.index[40]}
    fig = rating_readiness.plot_readiness(ready, bids, regions.scope(), lang)
    ticks = fig.axes[0].get_yticklabels()
    red = [tick.get_text() for tick in ticks if tick.get_color() != ticks[0].get_color()]
    assert red == [regions.name(ready.table.index[2], lang, short=True)]
    (foot,) = (text.get_text() for text in fig.texts if text.get_gid() == "source")
    assert " 3" in foot
    assert " 41" in foot


def test_a_verdict_follows_from_the_p_value(ready) -> None:
    from dataclasses import replace

    assert "better than chance" in rating_readiness.check_verdict(replace(ready, p_value=0.01))
    assert "not find" in rating_readiness.check_verdict(replace(ready, p_value=0.06))


def test_the_regimes_of_a_branch_are_paler() -> None:
    years = valleys.regime_years(valleys.load_register(), range(2018, 2027))
    (ax,) = rating_readiness.plot_regimes(years).axes
    faint = [bar for bar in ax.patches if bar.get_alpha() and bar.get_alpha() < 1]
    assert len(faint) == int(years["branch_only"].sum()) > 0


TABLES: dict[str, Callable[..., object]] = {
    "steps": lambda moved, lang: rating_tables.steps_moved_table(moved, lang),
    "events": lambda moved, lang: rating_tables.events_table(moved, lang),
    "figures": lambda moved, lang: rating_tables.figures_table(moved, lang),
    "ladder": lambda moved, lang: rating_tables.ladder_sources_table(moved.now, lang),
}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_the_brief_leads_to_an_address_of_the_register(moved, name, lang) -> None:
    table = TABLES[name](moved, lang)
    ((column, addresses),) = table.links.items()
    assert column in table.frame
    assert len(addresses) == len(table.frame) > 0
    known = {
        fact.source
        for entry in valleys.load_register().entries
        for fact in (*entry.milestones, *entry.claims)
    }
    assert {address for address in addresses if address} <= known
    assert f'<a href="{addresses[0].replace("&", "&amp;")}">' in table._repr_html_()


@pytest.mark.parametrize("lang", LANGS)
def test_the_brief_draws_who_waits_and_what_nobody_says(moved, lang: Lang) -> None:
    waiting = rating_brief.plot_waiting(moved, lang).axes[0]
    drawn = {bar.get_gid(): bar for bar in waiting.patches if bar.get_gid()}
    for valley, row in moved.stuck.iterrows():
        assert drawn[f"certain {valley}"].get_width() == pytest.approx(row["months_low"])
        perhaps = drawn.get(f"perhaps {valley}")
        end = perhaps.get_x() + perhaps.get_width() if perhaps else row["months_low"]
        assert end == pytest.approx(row["months_high"])
    assert sum(bar.get_facecolor() == to_rgba(ACCENT) for bar in drawn.values()) == int(
        (moved.stuck["months_low"] >= 24).sum()
    ), "red is who has waited for certain"
    unknown = rating_brief.plot_unknown(moved, lang).axes[0]
    assert len(unknown.texts) == int(moved.unknown.notna().sum().sum())
    assert "–" not in rating_tables.brief(moved, lang)


def test_the_rating_table_and_the_headline_count_alike(rating, progress, context) -> None:
    table = rating_tables.rating_table(rating, progress, context)
    assert len(table.frame) == 11
    above = int((rating.hosts["context"] >= rating.context_middle).sum())
    assert f"Of 11 host regions, {above} have" in rating_tables.headline(rating, progress, context)
