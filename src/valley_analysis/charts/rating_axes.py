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
    FAINT,
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
from valley_analysis.text import Lang, day_text, number
from valley_analysis.valleys import ProgressResult, RatingResult

_CORNERS = {
    "leads": (0.99, 0.6, "right", "top"),
    "carries": (0.01, 0.6, "left", "top"),
    "latent": (0.99, 0.015, "right", "bottom"),
    "needs": (0.01, 0.015, "left", "bottom"),
}
_ROW = 0.36
_TOP = 150.0  # the scale ends at 100; names stand above


def plot_quadrants(
    rating: RatingResult,
    progress: ProgressResult,
    context: UncertaintyResult,
    lang: Lang = "en",
) -> Figure:
    """Draw host regions by context and progress, each with its bounds.

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
    hosts = rating.hosts
    with house():
        fig = new_figure(7.8)
        title = word("title_quadrants", lang, period=context.period)
        room = dress(
            fig,
            title,
            word("reading_quadrants", lang),
            rating_foot(rating, progress, context, lang),
        )
        left, bottom, width, height = room
        ax = fig.add_axes((left + 0.05, bottom + 0.075, width - 0.06, height - 0.13))
        _axes(ax, rating, context, lang)
        solid = hosts["evidence"] >= progress.spec.threshold
        _crosses(ax, hosts, context.ranges, solid)
        _names(ax, hosts, lang)
        _legend(ax, progress.spec.threshold, lang)
    return fig


def _axes(ax: Axes, rating: RatingResult, context: UncertaintyResult, lang: Lang) -> None:
    scores = context.ranges["score"].dropna()
    ax.set(xlim=(scores.min() - 2, max(scores.max(), context.ranges["score_high"].max()) + 4))
    ax.set(ylim=(0, _TOP), yticks=range(0, 101, 25))
    ax.set_xlabel(word("axis_context", lang))
    ax.set_ylabel(word("axis_progress", lang))
    ax.axvline(rating.context_middle, ymax=100 / _TOP, color=MUTED, linewidth=0.8)
    ax.axhline(rating.progress_middle, color=MUTED, linewidth=0.8)
    value = number(rating.context_middle, 1, lang)
    told = word("median_of_all", lang, n=len(context.scope), value=value)
    ax.annotate(
        told,
        (rating.context_middle, 0),
        (4, 18),
        textcoords="offset points",
        fontsize=7.5,
        color=MUTED,
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.0},
        zorder=3,
    )
    for name, (x, y, ha, va) in _CORNERS.items():
        text = word(f"quadrant_{name}", lang)
        look: dict[str, Any] = {"ha": ha, "va": va, "fontsize": 8.5, "color": MUTED}
        ax.text(x, y, text, transform=ax.transAxes, style="italic", **look)
    others = scores.drop(rating.hosts.index, errors="ignore")
    ax.plot(others, [0.6] * len(others), "|", color=FAINT, markersize=7, clip_on=False)


def _crosses(ax: Axes, hosts: pd.DataFrame, ranges: pd.DataFrame, solid: pd.Series) -> None:
    for region, row in hosts.iterrows():
        colour = CATEGORICAL[0] if solid[region] else MUTED
        middle = (row["progress_low"] + row["progress_high"]) / 2
        style = "-" if solid[region] else (0, (3, 2))
        ax.plot(
            [row["context"]] * 2,
            [row["progress_low"], row["progress_high"]],
            color=colour,
            linewidth=1.6,
            linestyle=style,
        )
        own = ranges.loc[region, ["score_low", "score_high"]]
        ax.plot(own, [middle] * 2, color=colour, linewidth=1.0, alpha=0.8)
        face = colour if solid[region] else "white"
        ax.plot(
            row["context"],
            middle,
            "o",
            color=colour,
            markerfacecolor=face,
            markersize=6.5,
            zorder=4,
        )


def _names(ax: Axes, hosts: pd.DataFrame, lang: Lang) -> None:
    """Names above the bars, spread so that none covers another, each with a line to its bar."""
    ordered = hosts.sort_values("context")
    west, east = ax.get_xlim()
    gap, places = 0.027 * (east - west), ordered["context"].to_numpy(float).copy()
    for _ in range(100):
        for k in range(len(places) - 1):
            short = gap - (places[k + 1] - places[k])
            if short > 0:
                places[k] -= short / 2
                places[k + 1] += short / 2
    names = unit_names(ordered.index, lang)
    for place, name, row in zip(places, names, ordered.itertuples(), strict=True):
        ax.plot(
            [row.context, place], [row.progress_high, 104], color=FAINT, linewidth=0.7, zorder=1
        )
        ax.text(place, 105, name, rotation=48, rotation_mode="anchor", va="bottom", fontsize=8.5)


def _legend(ax: Axes, threshold: float, lang: Lang) -> None:
    share = number(100 * threshold, 0, lang)
    handles = [
        Line2D(
            [],
            [],
            marker="o",
            color=CATEGORICAL[0],
            label=word("evidence_enough", lang, share=share),
        ),
        Line2D(
            [],
            [],
            marker="o",
            color=MUTED,
            markerfacecolor="white",
            linestyle=(0, (3, 2)),
            label=word("evidence_short", lang),
        ),
        Line2D(
            [],
            [],
            marker="|",
            color=FAINT,
            linestyle="",
            markersize=8,
            label=word("others_context", lang),
        ),
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=3,
        columnspacing=1.4,
        borderaxespad=0.2,
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
        As `plot_quadrants` takes them.
    lang
        "en" or "ru".
    """
    hosts = rating.hosts
    weight = rating.weight
    with house():
        fig = new_figure(2.0 + _ROW * len(hosts))
        shares = {
            "weight": number(100 * weight, 0, lang),
            "rest": number(100 * (1 - weight), 0, lang),
        }
        foot = rating_foot(rating, progress, context, lang)
        room = dress(fig, word("title_blend", lang), word("reading_blend", lang, **shares), foot)
        left, bottom, width, height = room
        tall = fig.get_figheight()
        ax = fig.add_axes((left + 0.19, bottom + 0.42 / tall, width - 0.27, height - 0.75 / tall))
        _rows(ax, hosts, context.ranges)
        ax.set_yticks(range(len(hosts)), unit_names(hosts.index, lang))
        ax.set(xlim=(0, 100), ylim=(len(hosts) - 0.4, -0.6))
        ax.set_xlabel(word("axis_blend", lang))
        ax.grid(axis="x", color=GRID)
        for place, row in enumerate(hosts.itertuples()):
            places = f"{row.rank_best}–{row.rank_worst}"
            ax.annotate(places, (100, place), (8, 0), textcoords="offset points", va="center")
        ax.legend(
            handles=[
                Line2D(
                    [],
                    [],
                    marker="D",
                    color="none",
                    markerfacecolor=CATEGORICAL[1],
                    markeredgewidth=0,
                    label=word("context_part", lang),
                ),
                Line2D([], [], color=MUTED, linewidth=1.2, label=word("progress_part", lang)),
                Patch(color=CATEGORICAL[4], label=word("blend_part", lang)),
            ],
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=3,
        )
    return fig


def _rows(ax: Axes, hosts: pd.DataFrame, ranges: pd.DataFrame) -> None:
    y = range(len(hosts))
    ax.barh(
        y,
        hosts["blend_high"] - hosts["blend_low"],
        left=hosts["blend_low"],
        height=0.5,
        color=CATEGORICAL[4],
        linewidth=0,
    )
    ax.hlines(y, hosts["progress_low"], hosts["progress_high"], color=MUTED, linewidth=1.2)
    own = ranges.loc[hosts.index]
    ax.hlines(y, own["score_low"], own["score_high"], color=CATEGORICAL[1], linewidth=2.5)
    ax.plot(
        hosts["context"],
        y,
        "D",
        color=CATEGORICAL[1],
        markersize=5,
        markeredgecolor=INK,
        markeredgewidth=0.4,
    )
