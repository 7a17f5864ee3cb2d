"""Host regions on two axes, and what the blend of both allows."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from valley_analysis.charts.names import unit_names
from valley_analysis.charts.rating_text import word
from valley_analysis.charts.style import (
    CATEGORICAL,
    GRID,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    source_text,
)
from valley_analysis.charts.valley_text import word as valley_word
from valley_analysis.scoring import UncertaintyResult
from valley_analysis.text import Lang, day_text, number, span
from valley_analysis.valleys import ProgressResult, RatingResult
from valley_analysis.valleys.rating import OPEN

_ROW = 0.36
_BLUE, _ORANGE, _PALE = CATEGORICAL[0], CATEGORICAL[1], CATEGORICAL[4]
_SILENT: dict[str, Any] = {"facecolor": PAPER, "hatch": "////", "linewidth": 0.7}


def plot_two_axes(
    rating: RatingResult,
    progress: ProgressResult,
    context: UncertaintyResult,
    lang: Lang = "en",
) -> Figure:
    """Draw context and progress of host regions side by side, each with its interval.

    Parameters
    ----------
    rating
        What `rate_regions` returns.
    progress
        What it was made from.
    context
        The edition of the index under stated assumptions.
    lang
        "en" or "ru".
    """
    hosts, n = rating.hosts, len(context.scope)
    with house():
        fig = new_figure(2.15 + _ROW * len(hosts))
        title = word("title_axes", lang, period=context.period)
        foot = rating_foot(rating, progress, context, lang)
        left, bottom, _, height = dress(fig, title, word("reading_axes", lang, n=n), foot)
        tall = fig.get_figheight()
        low, high = bottom + 0.45 / tall, height - 0.85 / tall
        ground = fig.add_axes((left + 0.15, low, 0.25, high))
        reach = fig.add_axes((left + 0.44, low, 0.27, high))
        _context_rows(ground, hosts, n, lang)
        _progress_rows(reach, hosts, rating, lang)
        for ax, middle in ((ground, rating.context_middle), (reach, rating.progress_middle)):
            ax.set(ylim=(len(hosts) - 0.4, -0.6))
            ax.axvline(middle, color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)), zorder=1)
            ax.grid(axis="x", color=GRID)
        ground.set_yticks(range(len(hosts)), unit_names(hosts.index, lang))
        reach.set_yticks([])
        for place, row in enumerate(hosts.itertuples()):
            told = sides_text(str(row.ground), str(row.reach), lang)
            beside: dict[str, Any] = {
                "xytext": (8, 0),
                "textcoords": "offset points",
                "va": "center",
            }
            reach.annotate(told, (100, place), fontsize=8, annotation_clip=False, **beside)
        _legend(fig, rating, room=(left, bottom + height), lang=lang)
    return fig


def sides_text(ground: str, reach: str, lang: Lang = "en") -> str:
    """Say on which side of each axis a region lies for sure; "open" where on none.

    Examples
    --------
    >>> sides_text("strong", "open"), sides_text("weak", "far", "ru"), sides_text("open", "open")
    ('strong context, progress open', 'слабая среда, продвинулись', 'open')
    """
    if ground == reach == OPEN:
        return word("open_both", lang)
    return f"{word(f'ground_{ground}', lang)}, {word(f'reach_{reach}', lang)}"


def _context_rows(ax: Axes, hosts: pd.DataFrame, n: int, lang: Lang) -> None:
    y = range(len(hosts))
    ax.hlines(y, hosts["context_low"], hosts["context_high"], color=_ORANGE, linewidth=3)
    ax.plot(hosts["context_rank"], y, "o", color=_ORANGE, markersize=6, markeredgecolor=INK,
            markeredgewidth=0.5)  # fmt: skip
    ax.set(xlim=(n + 1, -1), xticks=[1, *range(20, n + 1, 20)])
    ax.set_xlabel(word("axis_context", lang, n=n))


def _progress_rows(ax: Axes, hosts: pd.DataFrame, rating: RatingResult, lang: Lang) -> None:
    for place, (row, heard) in enumerate(zip(hosts.itertuples(), rating.known, strict=True)):
        look: dict[str, Any] = (
            {"color": _BLUE, "linewidth": 0} if heard else {**_SILENT, "edgecolor": MUTED}
        )
        ax.barh(place, row.progress_high - row.progress_low, left=row.progress_low, height=0.34,
                **look)  # fmt: skip
    ax.set(xlim=(0, 100), xticks=range(0, 101, 25))
    ax.set_xlabel(word("axis_progress", lang))


def _legend(fig: Figure, rating: RatingResult, room: tuple[float, float], lang: Lang) -> None:
    share = number(100 * rating.threshold, 0, lang)
    handles = [
        Line2D([], [], marker="o", color=_ORANGE, linewidth=3, label=word("rank_range", lang)),
        Patch(color=_BLUE, label=word("evidence_enough", lang, share=share)),
        Patch(**_SILENT, edgecolor=MUTED, label=word("evidence_short", lang)),
        Line2D([], [], color=MUTED, linestyle=(0, (3, 2)), label=word("middle_line", lang)),
    ]
    fig.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=room,
        ncols=2,
        columnspacing=1.4,
        borderaxespad=0,
        handlelength=1.6,
    )


def rating_foot(
    rating: RatingResult, progress: ProgressResult, context: UncertaintyResult, lang: Lang
) -> str:
    """Return the source line of a figure of rated regions."""
    return source_text(
        lang,
        scope=context.scope,
        edition=context.period,
        source=f"{valley_word('register_source', lang)}; {word('rosstat_short', lang)}",
        notes=[
            valley_word("as_of", lang, day=day_text(progress.as_of, lang)),
            word(f"several_{rating.several}", lang),
        ],
    )


def plot_blend(
    rating: RatingResult, progress: ProgressResult, context: UncertaintyResult, lang: Lang = "en"
) -> Figure:
    """Draw for every host region context, progress and the blend, with the places it allows.

    Parameters
    ----------
    rating, progress, context
        As `plot_two_axes` takes them.
    lang
        "en" or "ru".
    """
    hosts = rating.hosts
    with house():
        fig = new_figure(2.2 + _ROW * len(hosts))
        shares = {
            "weight": number(100 * rating.weight, 0, lang),
            "rest": number(100 * (1 - rating.weight), 0, lang),
        }
        foot = rating_foot(rating, progress, context, lang)
        room = dress(fig, word("title_blend", lang), word("reading_blend", lang, **shares), foot)
        left, bottom, width, height = room
        tall = fig.get_figheight()
        ax = fig.add_axes((left + 0.19, bottom + 0.42 / tall, width - 0.3, height - 0.95 / tall))
        _rows(ax, rating, context.ranges)
        ax.set_yticks(range(len(hosts)), unit_names(hosts.index, lang))
        ax.set(xlim=(0, 100), ylim=(len(hosts) - 0.4, -0.6))
        ax.set_xlabel(word("axis_blend", lang))
        ax.grid(axis="x", color=GRID)
        for place, text in enumerate(places_texts(hosts, lang)):
            ax.annotate(text, (100, place), (8, 0), textcoords="offset points", va="center",
                        fontsize=8, annotation_clip=False)  # fmt: skip
        diamond: dict[str, Any] = {"marker": "D", "color": "none", "markeredgewidth": 0}
        ax.legend(
            handles=[
                Line2D([], [], markerfacecolor=_ORANGE, label=word("context_part", lang),
                       **diamond),
                Line2D([], [], color=MUTED, linewidth=1.2, label=word("progress_part", lang)),
                Patch(color=_PALE, label=word("blend_part", lang)),
                Patch(**_SILENT, edgecolor=_PALE, label=word("blend_silent", lang)),
            ],
            loc="lower left",
            bbox_to_anchor=(-0.2, 1.0),
            ncols=2,
        )  # fmt: skip
    return fig


def places_texts(hosts: pd.DataFrame, lang: Lang = "en") -> list[str]:
    """Return the places that the bounds allow each host, or that it has none."""
    ends = zip(hosts["rank_best"], hosts["rank_worst"], strict=True)
    return [
        word("no_place", lang) if pd.isna(best) else span(int(best), int(worst), 0, lang)
        for best, worst in ends
    ]


def _rows(ax: Axes, rating: RatingResult, ranges: pd.DataFrame) -> None:
    hosts, y = rating.hosts, range(len(rating.hosts))
    for place, (row, heard) in enumerate(zip(hosts.itertuples(), rating.known, strict=True)):
        look: dict[str, Any] = (
            {"color": _PALE, "linewidth": 0} if heard else {**_SILENT, "edgecolor": _PALE}
        )
        wide = row.blend_high - row.blend_low
        ax.barh(place, wide, left=row.blend_low, height=0.5, **look)
    ax.hlines(y, hosts["progress_low"], hosts["progress_high"], color=MUTED, linewidth=1.2)
    own = ranges.loc[hosts.index]
    ax.hlines(y, own["score_low"], own["score_high"], color=_ORANGE, linewidth=2.5)
    ax.plot(
        hosts["context"],
        y,
        "D",
        color=_ORANGE,
        markersize=5,
        markeredgecolor=INK,
        markeredgewidth=0.4,
    )
