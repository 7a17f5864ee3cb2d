"""Bounded scores of progress: from "unknown means worst" to "unknown means best"."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from valley_analysis.charts.style import (
    CATEGORICAL,
    GRID,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
)
from valley_analysis.charts.valley_text import foot, valley_names, word
from valley_analysis.text import Lang, number
from valley_analysis.valleys import PILLARS, ProgressResult, Register

PILLAR_COLOURS: Mapping[str, str] = dict(
    zip(PILLARS, (CATEGORICAL[0], CATEGORICAL[1], CATEGORICAL[2], CATEGORICAL[3]), strict=True)
)
_ROW, _NAMES, _RANK, _GAP = 0.36, 1.35, 0.95, 0.22  # inches
_WIDTHS = (2.5, *(0.85 for _ in PILLARS), 0.9)
_GREY = "#b9bfc6"


def by_score(result: ProgressResult) -> list[str]:
    """Return ids: the ranked ones by the middle of their interval, then the others."""
    table = result.scores.sort_values(["ranked", "middle"], ascending=False, kind="stable")
    return list(table.index)


def plot_valley_progress(
    register: Register, result: ProgressResult, lang: Lang = "en", *, title: str | None = None
) -> Figure:
    """Draw the interval of every valley's score, of each pillar, and the share of evidence.

    Parameters
    ----------
    register
        What `load_register` returns.
    result
        What `progress` returns.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    order = by_score(result)
    names = valley_names(register, lang)
    spec = result.spec
    weights = ", ".join(
        f"{word(f'pillar_{name}', lang)} {number(100 * w / sum(spec.weights.values()), 0, lang)} %"
        for name, w in spec.weights.items()
    )
    with house():
        fig = new_figure(2.35 + _ROW * len(order))
        room = dress(
            fig,
            title or word("title_progress", lang),
            word("reading_progress", lang, threshold=number(100 * spec.threshold, 0, lang)),
            foot(result.as_of, lang, n=len(order), notes=[
                word("ranked_count", lang, k=int(result.scores["ranked"].sum())),
                word("weights_note", lang, weights=weights)]),
        )  # fmt: skip
        axes = _axes(fig, room, len(order))
        _heads(axes, lang)
        for place, valley in enumerate(order):
            _row(axes, result, valley, place, lang)
        axes[0].set_yticks(range(len(order)), [names[valley] for valley in order])
        for label, valley in zip(axes[0].get_yticklabels(), order, strict=True):
            label.set_color(INK if result.scores.loc[valley, "ranked"] else MUTED)
        axes[-1].axvline(100 * spec.threshold, color=INK, linewidth=0.9, linestyle="--")
        _legend(fig, room, lang)
    return fig


def _axes(fig: Figure, room: tuple[float, float, float, float], rows: int) -> list[Axes]:
    wide, tall = fig.get_size_inches()
    below, above = 0.72 / tall, 0.5 / tall
    free = room[2] * wide - _NAMES - _RANK - _GAP * len(_WIDTHS) - 0.25
    scale = free / sum(_WIDTHS)
    left, found = room[0] * wide + _NAMES, []
    for place, width in enumerate(_WIDTHS):
        ax = fig.add_axes((left / wide, room[1] + below, width * scale / wide,
                           room[3] - below - above))  # fmt: skip
        ax.set_xlim(0, 100)
        ax.set_ylim(rows - 0.5, -0.5)
        ax.set_xticks([0, 50, 100])
        ax.grid(axis="x", color=GRID)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="both", length=0, labelsize=7.5)
        ax.tick_params(axis="y", labelleft=place == 0, labelsize=8.5)
        if place:
            ax.set_yticks([])
        found.append(ax)
        left += width * scale + _GAP + (_RANK if place == 0 else 0)
    return found


def _heads(axes: list[Axes], lang: Lang) -> None:
    heads = [word("score_head", lang), *(word(f"pillar_{p}", lang) for p in PILLARS),
             word("evidence_head", lang)]  # fmt: skip
    for ax, text in zip(axes, heads, strict=True):
        ax.set_title(text, fontsize=8)
    axes[0].text(1.04, 1.0, word("rank_head", lang), transform=axes[0].transAxes, fontsize=8,
                 fontweight="bold", va="bottom", linespacing=1.1)  # fmt: skip


def _row(axes: list[Axes], result: ProgressResult, valley: str, place: int, lang: Lang) -> None:
    scores = result.scores.loc[valley]
    ranked = bool(scores["ranked"])
    _interval(axes[0], scores["low"], scores["high"], place, INK if ranked else _GREY, 0.24,
              f"score {valley}", hatched=not ranked)  # fmt: skip
    look: dict[str, Any] = {"fontsize": 7.5, "va": "center", "color": INK if ranked else MUTED}
    axes[0].text(1.04, place, _ranks(scores, lang), transform=axes[0].get_yaxis_transform(), **look)
    for ax, (pillar, colour) in zip(axes[1:-1], PILLAR_COLOURS.items(), strict=True):
        low, high = result.low.loc[valley, pillar], result.high.loc[valley, pillar]
        _interval(ax, low, high, place, colour if ranked else _GREY, 0.17, f"{pillar} {valley}",
                  hatched=result.evidence.loc[valley, pillar] == 0)  # fmt: skip
    share = 100 * scores["evidence"]
    bar = Rectangle((0, place - 0.17), share, 0.34, facecolor=MUTED if ranked else _GREY,
                    linewidth=0, gid=f"evidence {valley}")  # fmt: skip
    axes[-1].add_patch(bar)
    axes[-1].text(104, place, f"{number(share, 0, lang)} %", **look)


def _interval(
    ax: Axes,
    low: float,
    high: float,
    y: float,
    colour: str,
    half: float,
    gid: str,
    *,
    hatched: bool,
) -> None:
    """A bar from the worst to the best case; hatched where nothing is known or it is unranked."""
    look: dict[str, Any] = (
        {"facecolor": PAPER, "edgecolor": colour, "hatch": "//////", "linewidth": 0.6}
        if hatched
        else {"facecolor": colour, "linewidth": 0}
    )
    width = max(high - low, 0.8)
    ax.add_patch(Rectangle((low, y - half), width, 2 * half, gid=gid, zorder=2, **look))


def _ranks(scores: pd.Series, lang: Lang) -> str:
    if not scores["ranked"]:
        return word("unranked", lang)
    best, worst = int(scores["rank_best"]), int(scores["rank_worst"])
    low, high = int(scores["rank_low"]), int(scores["rank_high"])
    return f"{_range(best, worst)} ({_range(low, high)})"


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def _legend(fig: Figure, room: tuple[float, float, float, float], lang: Lang) -> None:
    handles: list[Any] = [
        Patch(facecolor=INK, label=word("interval_ranked", lang)),
        Patch(facecolor=PAPER, edgecolor=_GREY, hatch="//////", linewidth=0.6,
              label=word("interval_unranked", lang)),
        Patch(facecolor=PAPER, edgecolor=CATEGORICAL[0], hatch="//////", linewidth=0.6,
              label=word("interval_unknown", lang)),
        Line2D([], [], color=INK, linewidth=0.9, linestyle="--", label=word("threshold", lang)),
    ]  # fmt: skip
    foot_of_it = room[1] + 0.06 / fig.get_figheight()
    fig.legend(handles=handles, ncols=2, loc="lower left", fontsize=8, borderaxespad=0.0,
               columnspacing=1.6, bbox_to_anchor=(room[0], foot_of_it))  # fmt: skip
