"""Regions that look like hosts did before their decree, how well such a rule finds hosts, and
which regimes a region has had."""

from collections.abc import Collection
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from valley_analysis.charts.impact_text import p_text
from valley_analysis.charts.names import unit_names
from valley_analysis.charts.rating_text import word
from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    FAINT,
    GRID,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    ink_on,
    new_figure,
    source_text,
)
from valley_analysis.charts.valley_text import decree_label
from valley_analysis.charts.valley_text import word as valley_word
from valley_analysis.frames import Scope
from valley_analysis.regions import frame
from valley_analysis.regions import units as units_of
from valley_analysis.text import NONE, Lang, number
from valley_analysis.valleys import ReadinessResult

_ROW = 0.25
_LEVEL = 0.05
_KINDS = ("istc", "skolkovo", "sez_technology", "state_company")


def plot_readiness(
    found: ReadinessResult,
    candidates: Collection[str],
    scope: Scope,
    lang: Lang = "en",
    top: int = 20,
) -> Figure:
    """Draw the regions most like hosts, and where hosts stand when left out.

    Parameters
    ----------
    found
        What `readiness` returns.
    candidates
        Regions from which a bid was reported.
    scope
        The units of the index.
    lang
        "en" or "ru".
    top
        How many regions to show.
    """
    table = found.table.head(top)
    reading = word(
        "reading_readiness",
        lang,
        k=found.neighbours,
        first=found.period - found.years + 1,
        last=found.period,
        years=found.years,
        verdict=check_verdict(found, lang),
    )
    with house():
        fig = new_figure(1.9 + _ROW * top)
        foot = source_text(lang, scope=scope, notes=[bids_note(found, candidates, lang)])
        room = dress(fig, word("title_readiness", lang), reading, foot)
        left, bottom, _, height = room
        tall = fig.get_figheight()
        low, high = bottom + 0.45 / tall, height - 0.85 / tall
        _check(fig.add_axes((left + 0.19, low, 0.235, high)), found, lang)
        _alike(fig.add_axes((left + 0.645, low, 0.2, high)), table, candidates, lang)
    return fig


def check_verdict(found: ReadinessResult, lang: Lang = "en") -> str:
    """Say whether the rule finds hosts better than chance, with the numbers."""
    return _said("check_verdict_", found, lang)


def answer(found: ReadinessResult, lang: Lang = "en") -> str:
    """Return Markdown that answers whether a rule tells which region comes next."""
    return _said("answer_", found, lang)


def _said(key: str, found: ReadinessResult, lang: Lang) -> str:
    share = number(100 * found.mean_share, 0, lang)
    seen = "yes" if found.p_value < _LEVEL else "no"
    return word(key + seen, lang, share=share, p=p_text(found.p_value, lang))


def bids_note(found: ReadinessResult, candidates: Collection[str], lang: Lang = "en") -> str:
    """Name the regions from which a bid was reported; their places only if the rule finds hosts."""
    bids = found.table.loc[found.table.index.isin(candidates), "place"]
    names = unit_names(bids.index, lang)
    if found.p_value < _LEVEL:
        told = ", ".join(f"{names[unit]} {place}" for unit, place in bids.items())
        return word("bid_places", lang, places=told or NONE[lang])
    return word("bids", lang, names=", ".join(names[unit] for unit in bids.index) or NONE[lang])


def _alike(ax: Axes, table: pd.DataFrame, candidates: Collection[str], lang: Lang) -> None:
    y = range(len(table))
    bid = [unit in candidates for unit in table.index]
    colours = [ACCENT if one else CATEGORICAL[0] for one in bid]
    ax.hlines(y, 0, table["distance"], color=FAINT, linewidth=1)
    ax.scatter(table["distance"], y, c=colours, s=30, linewidth=0, zorder=3)
    names = unit_names(table.index, lang)
    ax.set_yticks(y, names)
    for label, one in zip(ax.get_yticklabels(), bid, strict=True):
        label.set_color(ACCENT if one else INK)
    ax.set(ylim=(len(table) - 0.4, -0.7), xlim=(0, table["distance"].max() * 1.08))
    ax.set_xlabel(word("axis_distance", lang))
    ax.grid(axis="x", color=GRID)
    short = _tile_labels(lang)
    near = [", ".join(short[unit] for unit in row.split()) for row in table["nearest"]]
    for place, text in enumerate(near):
        ax.annotate(
            text,
            (1, place),
            (6, 0),
            ("axes fraction", "data"),
            "offset points",
            va="center",
            fontsize=7.5,
            color=MUTED,
        )
    ax.annotate(
        word("nearest", lang),
        (1, 1),
        (6, 2),
        "axes fraction",
        "offset points",
        fontsize=7.5,
        color=MUTED,
    )
    ax.set_title(word("panel_alike", lang, n=len(table)), pad=24, x=-0.68)
    marks = [(ACCENT, "candidate", any(bid)), (CATEGORICAL[0], "no_candidate", not all(bid))]
    ax.legend(
        handles=[Patch(color=one, label=word(key, lang)) for one, key, drawn in marks if drawn],
        loc="lower left",
        bbox_to_anchor=(-0.72, 1.0),
        ncols=2,
        fontsize=7.5,
        handlelength=1,
        columnspacing=1,
    )


def _tile_labels(lang: Lang) -> dict[str, str]:
    units = frame(units_of("recognised"))
    return dict(zip(units["region"], units[f"tile_label_{lang}"], strict=True))


def _check(ax: Axes, found: ReadinessResult, lang: Lang) -> None:
    check = found.check.sort_values("place")
    y = range(len(check))
    of = int(check["of"].max())
    ax.axvline((of + 1) / 2, color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)))
    ax.annotate(
        word("chance", lang),
        ((of + 1) / 2, 1),
        (0, 2),
        ("data", "axes fraction"),
        "offset points",
        ha="center",
        fontsize=7.5,
        color=MUTED,
    )
    ax.scatter(check["place"], y, color=CATEGORICAL[2], s=34, linewidth=0, zorder=3)
    for place, row in zip(y, check.itertuples(), strict=True):
        ax.annotate(
            str(row.place),
            (row.place, place),
            (0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=7,
        )
    names = unit_names(check.index, lang)
    labels = [
        f"{names[unit]}, {decree_label(str(unit), int(year))}"
        for unit, year in check["decree"].items()
    ]
    ax.set_yticks(y, labels)
    ax.set(xlim=(0, of + 1), ylim=(len(check) - 0.4, -0.7))
    ax.set_xlabel(word("axis_place", lang), fontsize=7.5)
    ax.grid(axis="x", color=GRID)
    ax.set_title(word("panel_check", lang), pad=24, x=-0.75)


def plot_regimes(years: pd.DataFrame, lang: Lang = "en") -> Figure:
    """Draw the region x regime x year matrix.

    Parameters
    ----------
    years
        What `regime_years` returns.
    lang
        "en" or "ru".
    """
    rows = _regime_rows(years)
    first, last = int(years["year"].min()), int(years["year"].max())
    with house():
        fig = new_figure(1.9 + 0.2 * len(rows))
        foot = source_text(lang, source=valley_word("register_source", lang))
        room = dress(fig, word("title_regimes", lang), word("reading_regimes", lang), foot)
        left, bottom, width, height = room
        tall = fig.get_figheight()
        ax = fig.add_axes((left + 0.34, bottom + 0.3 / tall, width - 0.35, height - 0.35 / tall))
        cells = years.set_index(["region", "kind", "year"])
        colours = dict(zip(_KINDS, CATEGORICAL, strict=False))
        for place, (region, kind) in enumerate(rows):
            for year in range(first, last + 1):
                if (region, kind, year) in cells.index:
                    _cell(ax, year, place, cells.loc[(region, kind, year)], colours[kind])
        _regime_labels(ax, rows, lang)
        ax.set(xlim=(first - 0.5, last + 0.5), ylim=(len(rows) - 0.5, -0.5))
        ax.set_xticks(range(first, last + 1, 2))
        ax.spines[["left", "bottom"]].set_visible(False)
    return fig


def _regime_rows(years: pd.DataFrame) -> list[tuple[str, str]]:
    """Regions with a valley first, then by number of regimes."""
    pairs = years[["region", "kind"]].drop_duplicates()
    order = {kind: place for place, kind in enumerate(_KINDS)}
    hosts = set(pairs.loc[pairs["kind"] == "istc", "region"])
    size = pairs.groupby("region").size()
    keyed = sorted(
        pairs.itertuples(index=False),
        key=lambda one: (one.region not in hosts, -size[one.region], one.region, order[one.kind]),
    )
    return [(str(one.region), str(one.kind)) for one in keyed]


def _cell(ax: Axes, year: int, place: int, cell: pd.Series, colour: str) -> None:
    alpha = 0.4 if cell["branch_only"] else 1.0
    look: dict[str, Any] = {"color": colour, "alpha": alpha, "linewidth": 0}
    if not cell["sure"]:
        look = {"facecolor": PAPER, "edgecolor": colour, "hatch": "////", "linewidth": 0}
    ax.bar(year, 0.8, bottom=place - 0.4, width=0.92, **look)
    if cell["territories"] > 1:
        told, ink = str(cell["territories"]), ink_on(colour)
        ax.text(year, place, told, ha="center", va="center", fontsize=7, color=ink)


def _regime_labels(ax: Axes, rows: list[tuple[str, str]], lang: Lang) -> None:
    names = unit_names(dict.fromkeys(region for region, _ in rows), lang)
    labels, before = [], ""
    for place, (region, kind) in enumerate(rows):
        labels.append(word(f"kind_{kind}", lang))
        if region != before:
            ax.axhline(place - 0.5, color=GRID, linewidth=0.6)
            ax.annotate(
                names[region],
                (0, place),
                (-247, 0),
                ("axes fraction", "data"),
                "offset points",
                va="center",
                fontsize=8.5,
                fontweight="bold",
            )
        before = region
    ax.set_yticks(range(len(rows)), labels, fontsize=7.5, color=MUTED)
    ax.set_facecolor(PAPER)
