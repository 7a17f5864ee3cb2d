"""Figures and tables of valleys: every valley has its mark, every fact leads to its address."""

from collections.abc import Callable
from datetime import date
from itertools import combinations

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from valley_analysis import valleys
from valley_analysis.charts import (
    valley_claim_tables,
    valley_claims,
    valley_dossier,
    valley_dossier_text,
    valley_gap_tables,
    valley_headline,
    valley_ladder,
    valley_lanes,
    valley_map,
    valley_network,
    valley_order,
    valley_progress,
    valley_promises,
    valley_tables,
)
from valley_analysis.charts.style import house, renderer
from valley_analysis.charts.tables import Table
from valley_analysis.charts.valley_headline import headline
from valley_analysis.charts.valley_text import valley_names
from valley_analysis.text import LANGS, Lang
from valley_analysis.valleys.network import load_network
from valley_analysis.valleys.register import Register

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 25)
REGISTER = valleys.load_register()
LADDER = valleys.ladder(REGISTER, DAY)
CLAIMS = valleys.claims_frame(REGISTER.valleys, DAY)
PROMISES = valleys.promised_against_achieved(CLAIMS, DAY)


@pytest.fixture(scope="module")
def result() -> valleys.ProgressResult:
    return valleys.progress(REGISTER, DAY, replications=200)


FIGURES: dict[str, Callable[[Lang, valleys.ProgressResult], Figure]] = {
    "map": lambda lang, result: valley_map.plot_valley_map(REGISTER, LADDER, lang),
    "ladder": lambda lang, result: valley_ladder.plot_valley_ladder(REGISTER, LADDER, lang),
    "lanes": lambda lang, result: valley_lanes.plot_valley_lanes(REGISTER, LADDER, lang),
    "age": lambda lang, result: valley_lanes.plot_valley_lanes(REGISTER, LADDER, lang, clock="age"),
    "order": lambda lang, result: valley_order.plot_valley_order(
        REGISTER, valleys.dominance(LADDER), LADDER, lang
    ),
    "pairs": lambda lang, result: valley_order.plot_valley_pairs(
        REGISTER, valleys.dominance(LADDER), lang
    ),
    "claims": lambda lang, result: valley_claims.plot_valley_claims(REGISTER, DAY, lang),
    "promises": lambda lang, result: valley_promises.plot_valley_promises(
        REGISTER, PROMISES, DAY, lang
    ),
    "progress": lambda lang, result: valley_progress.plot_valley_progress(REGISTER, result, lang),
    "network": lambda lang, result: valley_network.plot_valley_network(REGISTER, DAY, lang),
}


def words(fig: Figure) -> str:
    return "\n".join(text.get_text() for text in fig.findobj(plt.Text))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", FIGURES)
def test_every_valley_is_named_and_nothing_is_cut_off(
    name: str, lang: Lang, result: valleys.ProgressResult
) -> None:
    fig = FIGURES[name](lang, result)
    printed = words(fig)
    for valley in valley_names(REGISTER.valleys, lang).values():
        assert valley in printed.replace("\n", " "), (name, valley)
    with house():
        fig.draw_without_rendering()
    width, height = (inches * fig.dpi for inches in fig.get_size_inches())
    ticks = {
        id(label) for ax in fig.axes for label in (*ax.get_xticklabels(), *ax.get_yticklabels())
    }
    for text in fig.findobj(plt.Text):
        if text.get_visible() and text.get_text().strip() and id(text) not in ticks:
            box = text.get_window_extent(renderer(fig))
            assert box.x0 > -3, text.get_text()
            assert box.x1 < width + 3, text.get_text()
            assert box.y0 > -3, text.get_text()
            assert box.y1 < height + 3, text.get_text()


@pytest.mark.parametrize("lang", LANGS)
def test_names_on_the_map_do_not_cover_each_other(lang: Lang) -> None:
    fig = valley_map.plot_valley_map(REGISTER, LADDER, lang)
    with house():
        fig.draw_without_rendering()
    names = set(valley_names(REGISTER, lang).values())
    boxes = [
        plt.Text.get_window_extent(text, renderer(fig))
        for ax in fig.axes
        for text in ax.texts
        if text.get_text() in names
    ]
    assert len(boxes) >= len(REGISTER.valleys)
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_an_unseen_step_has_no_date() -> None:
    table = valley_tables.ladder_table(REGISTER, LADDER)
    unseen = LADDER.steps[LADDER.steps["state"] == "unseen"]
    assert unseen["first"].isna().all()
    assert len(table.frame) > 0


TABLES: dict[str, Callable[[Lang], Table]] = {
    "valleys": lambda lang: valley_tables.valleys_table(REGISTER, LADDER, lang),
    "ladder": lambda lang: valley_tables.ladder_table(REGISTER, LADDER, lang),
    "claims": lambda lang: valley_claim_tables.claims_table(REGISTER, CLAIMS, DAY, lang),
    "promises": lambda lang: valley_claim_tables.promises_table(REGISTER, PROMISES, lang),
    "conflicts": lambda lang: valley_claim_tables.conflicts_table(REGISTER, CLAIMS, lang),
    "partners": lambda lang: valley_gap_tables.partners_table(REGISTER.valleys, lang),
    "regimes": lambda lang: valley_tables.regimes_table(REGISTER, lang),
    "candidates": lambda lang: valley_tables.candidates_table(valleys.load_candidates(), lang),
    "law": lambda lang: valley_tables.law_table(load_network(), lang),
    "sources": lambda lang: valley_tables.sources_table(REGISTER, lang),
}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", TABLES)
def test_tables_lead_to_addresses(name: str, lang: Lang) -> None:
    table = TABLES[name](lang)
    assert len(table.frame) > 0
    addresses = [address for column in table.links.values() for address in column if address]
    assert addresses
    assert all(address.startswith(("http://", "https://")) for address in addresses)
    assert "<a href=" in table._repr_html_()


def test_every_claim_stands_in_the_table_with_its_own_address() -> None:
    table = valley_claim_tables.claims_table(REGISTER, CLAIMS, DAY)
    linked = {address for column in table.links.values() for address in column if address}
    assert linked == {source for source in CLAIMS["source"] if source}


def test_the_named_rule_stands_with_the_conflict_it_settles() -> None:
    table = valley_claim_tables.conflicts_table(REGISTER, CLAIMS)
    printed = str(table)
    assert "16" in printed
    assert "13" in printed
    other = str(valley_claim_tables.conflicts_table(REGISTER, CLAIMS, rule="highest_recent"))
    assert other != printed


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("valley", REGISTER.valleys.ids)
def test_every_valley_has_a_dossier(
    valley: str, lang: Lang, result: valleys.ProgressResult
) -> None:
    only = Register((REGISTER[valley],))
    told = valley_dossier_text.dossier_headline(REGISTER, LADDER, result, valley, lang)
    assert REGISTER[valley].name[lang] in told or REGISTER[valley].short[lang] in told
    assert len(valley_dossier_text.about_table(REGISTER, valley, lang).frame) >= 4
    assert valley_dossier.plot_valley_steps(REGISTER, LADDER, valley, lang).axes
    assert valley_dossier.plot_valley_figures(REGISTER, DAY, valley, lang)
    assert len(valley_tables.steps_table(LADDER, valley, lang).frame) == len(valleys.STEPS)
    assert valley_gap_tables.gaps_table(REGISTER, LADDER, lang, only=valley).frame.shape[0] == 1
    assert valley_tables.sources_table(only, lang).links


@pytest.mark.parametrize("lang", LANGS)
def test_the_headline_counts_what_the_results_hold(
    lang: Lang, result: valleys.ProgressResult
) -> None:
    ahead = valleys.dominance(LADDER)
    told = valley_headline.headline(REGISTER, LADDER, ahead, PROMISES, result, lang)
    assert str(len(LADDER.valleys)) in told
    early = valleys.ladder(REGISTER, date(2020, 12, 31))
    assert len(early.valleys) < len(LADDER.valleys)
    assert valley_ladder.plot_valley_ladder(REGISTER, early, lang).axes


# What is told twice is told alike


def test_the_headline_and_the_figure_count_the_same_promises() -> None:
    latest = valley_promises.latest_promises(PROMISES)
    dropped = len(PROMISES) - len(latest)
    ladder = valleys.ladder(REGISTER, DAY)
    told = headline(
        REGISTER,
        ladder,
        valleys.dominance(ladder),
        PROMISES,
        valleys.progress(REGISTER, DAY, replications=20),
    )
    figure = words(valley_promises.plot_valley_promises(REGISTER, PROMISES, DAY)).replace("\n", " ")
    for text in (told, figure):
        assert f"Of {len(latest)} plans and promises, with {dropped} repeated" in text
    caption = valley_claim_tables.promises_table(REGISTER, PROMISES).caption
    assert f"{len(PROMISES)}, repeated or replaced later: {dropped}" in caption


def test_one_figure_is_shown_for_one_quantity() -> None:
    claims = valleys.claims_frame(REGISTER.valleys, DAY)
    frame = valley_claim_tables.conflicts_table(REGISTER, claims).frame
    pairs = valleys.conflicts(claims)
    assert len(frame) == len(pairs)
    shown = frame[frame["Shown"].ne("")]
    assert len(shown) == len(pairs.drop_duplicates(["valley", "metric", "nature", "part"]))
    assert not shown.duplicated(["Valley", "Quantity", "Nature"]).any()
    by_name = shown.set_index(["Valley", "Quantity"])["Shown"]
    assert by_name["Unity Park", "territory"] == "65–75", "two said on one day"
    assert by_name["Unity Park", "cost of the project"] == ">50,000"
    assert by_name["MSU Valley", "floor area"] == "479,000"


def test_a_strip_has_a_letter_and_the_legend_only_what_is_drawn() -> None:
    fig = valley_ladder.plot_valley_ladder(REGISTER, valleys.ladder(REGISTER, DAY))
    letters = {
        text.get_text()
        for text in fig.findobj(plt.Text)
        if str(text.get_gid()).startswith("actor ")
    }
    assert letters == {"I", "F", "R", "M", "P"}
    labels = [text.get_text() for legend in fig.legends for text in legend.get_texts()]
    assert "from the press" in labels
    assert "seen in the act itself or at its publisher" not in labels, "no cell is dated so"


def test_branches_are_hatched_and_not_dark() -> None:
    fig = valley_map.plot_valley_map(REGISTER, valleys.ladder(REGISTER, DAY))
    land = {patch.get_gid(): patch for patch in fig.axes[0].patches if patch.get_gid()}
    for region in ("RU-KYA", "RU-IRK", "RU-KK", "RU-TY"):
        assert land[f"branch {region}"].get_hatch()
        assert land[region].get_facecolor() != land["RU-SPE"].get_facecolor()
    assert "branch RU-SPE" not in land
    assert "without Crimea and Sevastopol" in words(fig).replace("\n", " ")
