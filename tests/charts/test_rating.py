"""Figures and tables of regions rated on their valleys, and of the brief."""

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from valley_analysis import regions, scoring, valleys
from valley_analysis.charts import rating_axes, rating_brief, rating_readiness, rating_tables
from valley_analysis.charts.rating_text import word
from valley_analysis.charts.style import ACCENT
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


@pytest.fixture(scope="module")
def layout() -> ModuleType:
    """The editor's eye of test_layout.py."""
    path = Path(__file__).with_name("test_layout.py")
    spec = importlib.util.spec_from_file_location("layout_checks", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DRAWN: dict[str, Callable[..., Figure]] = {
    "axes": lambda has, lang: rating_axes.plot_two_axes(*has("rating progress context"), lang),
    "blend": lambda has, lang: rating_axes.plot_blend(*has("rating progress context"), lang),
    "readiness": lambda has, lang: rating_readiness.plot_readiness(
        *has("ready"), {has("ready")[0].table.index[2]}, regions.scope(), lang
    ),
    "regimes": lambda has, lang: rating_readiness.plot_regimes(
        valleys.regime_years(valleys.load_register(), range(2005, 2027)), lang
    ),
}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_would_pass_an_editor(
    name: str, lang: Lang, layout: ModuleType, request: pytest.FixtureRequest
) -> None:
    figure = DRAWN[name](lambda names: map_fixtures(request, names), lang)
    figure.set_label(lang)
    layout.test_texts_do_not_overlap(figure)
    layout.test_texts_stay_inside(figure)
    layout.test_no_axes_are_empty(figure)


def map_fixtures(request: pytest.FixtureRequest, names: str) -> list[Any]:
    return [request.getfixturevalue(name) for name in names.split()]


def test_bars_end_where_the_bounds_do_and_no_dot_stands_on_progress(
    rating, progress, context
) -> None:
    ground, reach = rating_axes.plot_two_axes(rating, progress, context).axes
    spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in reach.patches]
    bounds = rating.hosts[["progress_low", "progress_high"]].to_numpy()
    np.testing.assert_allclose(spans, bounds)
    assert [bool(bar.get_hatch()) for bar in reach.patches] == (~rating.known).tolist()
    assert not [line for line in reach.lines if line.get_marker() not in ("", "None", None)]
    (dots,) = [line for line in ground.lines if line.get_marker() == "o"]
    assert list(dots.get_xdata()) == rating.hosts["context_rank"].tolist()


@pytest.mark.parametrize("lang", LANGS)
def test_under_the_threshold_no_page_names_a_side_or_a_place(
    rating, progress, context, lang: Lang
) -> None:
    silent = ~rating.known
    assert 0 < silent.sum() < len(silent)
    table = rating_tables.rating_table(rating, progress, context, lang).frame
    places = table.iloc[:, -1]
    assert (places == word("no_place", lang)).tolist() == silent.tolist()
    assert places[silent.to_numpy()].str.contains(r"\d").sum() == 0
    said = table[word("Quadrant", lang)][silent.to_numpy()]
    for key in ("reach_far", "reach_near"):
        assert not said.str.contains(word(key, lang)).any()
    fig = rating_axes.plot_blend(rating, progress, context, lang)
    assert labels(fig) == places.tolist()


@pytest.mark.parametrize("lang", LANGS)
def test_the_readiness_figure_marks_bids_and_says_how_good_the_rule_is(ready, lang: Lang) -> None:
    bids = {ready.table.index[2], ready.table.index[40]}
    fig = rating_readiness.plot_readiness(ready, bids, regions.scope(), lang)
    ticks = fig.axes[1].get_yticklabels()  # the test stands first, the list after it
    red = [tick.get_text() for tick in ticks if tick.get_color() != ticks[0].get_color()]
    assert red == [regions.name(ready.table.index[2], lang, short=True)]
    (foot,) = (
        text.get_text().replace("\n", " ") for text in fig.texts if text.get_gid() == "source"
    )
    named = [regions.name(unit, lang, short=True) for unit in bids]
    assert all(name in foot for name in named)
    # A rule that is no better than chance gives nobody a place.
    assert not any(f"{name} {place}" in foot for name in named for place in (3, 41))
    found = replace(ready, p_value=0.01)
    note = rating_readiness.bids_note(found, bids, lang)
    assert f"{regions.name(ready.table.index[40], lang, short=True)} 41" in note
    legend = fig.axes[1].get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == 2
    alone = rating_readiness.plot_readiness(ready, set(), regions.scope(), lang)
    legend = alone.axes[1].get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == 1  # no entry for what is not drawn


def test_a_verdict_follows_from_the_p_value(ready) -> None:
    assert "better than chance" in rating_readiness.check_verdict(replace(ready, p_value=0.01))
    assert "No rule found" in rating_readiness.check_verdict(replace(ready, p_value=0.06))
    assert rating_readiness.answer(replace(ready, p_value=0.535)).endswith("(p\u00a0=\u00a00.535).")
    assert "better than chance" in rating_readiness.answer(replace(ready, p_value=0.01))


def test_the_title_of_notebook_05_holds_that_nothing_tells_who_is_next(
    indicators: pd.DataFrame,
) -> None:
    """Its title and a heading say so; if the figures ever say otherwise, they must change."""
    cohorts = valleys.decree_years(valleys.load_register())
    spec, first = load_spec("regional_innovation"), int(cohorts.min()) - 3
    last = min(int(cohorts.max()) - 1, spec.editions[1])
    editions = scoring.score_editions(indicators, spec, range(first, last + 1), regions.scope())
    scores = {year: one.scores[list(spec.dimensions)] for year, one in editions.items()}
    found = valleys.readiness(scores, cohorts, period=2021, draws=2000)
    assert found.p_value > 0.05


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
    hosts = rating.hosts
    assert len(table.frame) == len(hosts)
    middle = (len(context.scope) + 1) / 2
    above, below = (hosts["context_high"] < middle).sum(), (hosts["context_low"] > middle).sum()
    said = rating_tables.headline(rating, progress, context)
    assert said.startswith(
        f"Of {len(hosts)} host regions, {above} stand above the middle of all 83"
    )
    assert f"{below} below it, and {len(hosts) - above - below} may lie on either side" in said
