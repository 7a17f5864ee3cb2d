"""Who is ahead of whom at equal age: the diagram of arrows, and the table of all pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle
from matplotlib.path import Path as Outline

from valley_analysis.charts.style import (
    DIVERGING,
    FAINT,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    ink_on,
    new_figure,
    text_width,
    wrap,
)
from valley_analysis.charts.valley_layers import Layers, layered
from valley_analysis.charts.valley_text import foot, months_text, valley_names, word
from valley_analysis.text import Lang, number
from valley_analysis.valleys import Dominance, Ladder, Register

SIGNS = {
    "ahead": ("▲", DIVERGING[6]),
    "ahead_if": ("△", DIVERGING[4]),
    "level": ("=", DIVERGING[3]),
    "mixed": ("×", "#d9d9d9"),
    "open": ("?", PAPER),
    "behind_if": ("▽", DIVERGING[2]),
    "behind": ("▼", DIVERGING[0]),
}
"""Sign and colour of what the row is to the column."""

_LEVEL, _WIDE, _TALL, _ASIDE = 1.15, 1.3, 0.56, 0.95  # inches


@dataclass(frozen=True)
class _Sheet:
    """Where boxes stand, in inches."""

    ax: Axes
    layers: Layers
    alone: Sequence[str]

    @property
    def widest(self) -> int:
        rows = [
            sum(1 for _, k in self.layers.places.values() if k == n)
            for n in range(self.layers.depth)
        ]
        return max([*rows, len(self.alone), 1])

    @property
    def wide(self) -> float:
        """Width of a box, such that the widest level finds room."""
        return float(min(_WIDE, self.ax.get_xlim()[1] / self.widest - 0.08))

    @property
    def spots(self) -> dict[Any, tuple[float, float]]:
        """Centres of nodes, and of the bends of long arrows."""
        width, height = self.ax.get_xlim()[1], self.ax.get_ylim()[1]
        top = height - _TALL / 2 - 0.05
        bottom = _TALL / 2 + 0.05 + (_ASIDE if self.alone else 0.0)
        step = (top - bottom) / max(self.layers.depth - 1, 1)
        left, right = self.wide / 2 + 0.02, width - self.wide / 2 - 0.02
        return {
            node: (left + share * (right - left), top - level * step)
            for node, (share, level) in self.layers.places.items()
        }


def plot_valley_order(
    register: Register,
    found: Dominance,
    ladder: Ladder,
    lang: Lang = "en",
    *,
    title: str | None = None,
) -> Figure:
    """Draw who is ahead of whom: above, and joined by an arrow.

    Parameters
    ----------
    register
        What `load_register` returns.
    found
        What `dominance` returns.
    ladder
        The ladder it was computed from, for the ages.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    edges = found.edges()
    joined = set(edges["ahead"]) | set(edges["behind"])
    alone = [name for name in found.relations.index if name not in joined]
    layers = layered(list(zip(edges["ahead"], edges["behind"], strict=True)))
    names, ages = valley_names(register, lang), ladder.ages()
    with house():
        fig = new_figure(1.45 + _LEVEL * max(layers.depth, 1) + (_ASIDE if alone else 0.0))
        notes = [word("order_note", lang)]
        room = dress(
            fig,
            title or word("title_order", lang),
            word("reading_order", lang, **pair_counts(found)),
            foot(found.as_of, lang, n=len(found.relations), notes=notes),
        )
        ax = _paper(fig, room)
        texts = {
            name: (names[name], word("months_old", lang, n=months_text(*ages.loc[name])))
            for name in found.relations.index
        }
        sheet = _Sheet(ax, layers, alone)
        _arrows(ax, edges, layers, sheet.spots)
        for name in joined:
            _box(sheet, sheet.spots[name], texts[name], name)
        _aside(sheet, texts, lang)
        _legend_arrows(fig, room, lang)
    return fig


def _paper(fig: Figure, room: tuple[float, float, float, float]) -> Axes:
    """Axes in inches."""
    wide, tall = fig.get_size_inches()
    below = 0.3 / tall
    ax = fig.add_axes((room[0], room[1] + below, room[2], room[3] - below))
    ax.set_xlim(0, room[2] * wide)
    ax.set_ylim(0, (room[3] - below) * tall)
    ax.set_axis_off()
    return ax


def _arrows(
    ax: Axes, edges: pd.DataFrame, layers: Layers, spots: Mapping[Any, tuple[float, float]]
) -> None:
    for one in edges.itertuples():
        nodes = [one.ahead, *layers.bends[(one.ahead, one.behind)], one.behind]
        points = np.array([spots[node] for node in nodes], dtype=float)
        points[0] += _docked(edges, spots, one.ahead, "ahead", "behind", one.behind, -_TALL / 2)
        points[-1] += _docked(edges, spots, one.behind, "behind", "ahead", one.ahead, _TALL / 2)
        arrow = FancyArrowPatch(
            path=_curve(points), arrowstyle="-|>,head_length=4,head_width=2.2",
            color=INK if one.certain else "#4a86b8", linewidth=1.5 if one.certain else 1.1,
            linestyle="-" if one.certain else (0, (4, 2.5)), zorder=1, shrinkA=0, shrinkB=0,
            gid=f"{one.ahead}>{one.behind}",
        )  # fmt: skip
        ax.add_patch(arrow)


def _docked(
    edges: pd.DataFrame,
    spots: Mapping[Any, tuple[float, float]],
    node: str,
    side: str,
    far: str,
    other: str,
    rise: float,
) -> np.ndarray:
    """Where an arrow meets a box, so that several do not meet in one point."""
    found = sorted(edges.loc[edges[side] == node, far], key=lambda name: spots[name][0])
    step = min(0.14, 0.9 / len(found))
    return np.array([(found.index(other) - (len(found) - 1) / 2) * step, rise])


def _curve(points: np.ndarray) -> Outline:
    """A line through points that leaves and reaches each level upright."""
    vertices, codes = [points[0]], [Outline.MOVETO]
    for start, end in pairwise(points):
        middle = (start[1] + end[1]) / 2
        vertices += [(start[0], middle), (end[0], middle), end]
        codes += [Outline.CURVE4] * 3
    return Outline(np.array(vertices, dtype=float), codes)


def _box(sheet: _Sheet, spot: tuple[float, float], text: tuple[str, str], name: str) -> None:
    ax, wide = sheet.ax, sheet.wide
    ax.add_patch(Rectangle((spot[0] - wide / 2, spot[1] - _TALL / 2), wide, _TALL, facecolor=PAPER,
                           edgecolor=INK, linewidth=0.9, zorder=2, gid=f"node {name}"))  # fmt: skip
    fig = ax.figure.get_figure(root=True)
    printed = wrap(fig, text[0], 8, wide - 0.08, "bold")
    widest = max(text_width(fig, line, 8, "bold") for line in printed.split("\n"))
    size = min(8.0, 8 * (wide - 0.08) / widest)
    ax.text(spot[0], spot[1] + 0.08, printed, fontsize=size, fontweight="bold", ha="center",
            va="center", linespacing=1.0, zorder=3)  # fmt: skip
    ax.text(spot[0], spot[1] - 0.19, text[1], fontsize=7, color=MUTED, ha="center", va="center",
            zorder=3)  # fmt: skip


def _aside(sheet: _Sheet, texts: Mapping[str, tuple[str, str]], lang: Lang) -> None:
    """Valleys that nothing puts above or below another."""
    if not sheet.alone:
        return
    y = _TALL / 2 + 0.04
    sheet.ax.text(0.02, y + _TALL / 2 + 0.12, word("no_relation", lang), fontsize=8, color=MUTED,
                  va="center")  # fmt: skip
    for place, name in enumerate(sheet.alone):
        _box(sheet, (0.02 + sheet.wide / 2 + place * (sheet.wide + 0.08), y), texts[name], name)


def pair_counts(found: Dominance) -> dict[str, int]:
    """How many pairs there are of each sort."""
    upper = np.triu(np.ones(found.relations.shape, dtype=bool), 1)
    told = found.relations.to_numpy()[upper]
    count = {name: int((told == name).sum()) for name in SIGNS}
    return {
        "pairs": len(told),
        "certain": count["ahead"] + count["behind"],
        "only_if": count["ahead_if"] + count["behind_if"],
        "mixed": count["mixed"],
        "open": count["open"] + count["level"],
    }


def _legend_arrows(fig: Figure, room: tuple[float, float, float, float], lang: Lang) -> None:
    handles = [
        Line2D([], [], color=INK, linewidth=1.5, label=word("certain", lang)),
        Line2D([], [], color="#4a86b8", linewidth=1.1, linestyle=(0, (4, 2.5)),
               label=word("only_if", lang)),
    ]  # fmt: skip
    fig.legend(handles=handles, ncols=2, loc="lower left", borderaxespad=0.0, fontsize=8,
               handlelength=2.6, bbox_to_anchor=(room[0], room[1] + 0.01))  # fmt: skip


def plot_valley_pairs(
    register: Register, found: Dominance, lang: Lang = "en", *, title: str | None = None
) -> Figure:
    """Draw every pair: what the valley of the row is to the valley of the column.

    Parameters
    ----------
    register
        What `load_register` returns.
    found
        What `dominance` returns.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    order = by_balance(found)
    table = found.relations.loc[order, order]
    names = valley_names(register, lang)
    with house():
        fig = new_figure(6.5)
        room = dress(
            fig,
            title or word("title_pairs", lang),
            word("reading_pairs", lang),
            foot(found.as_of, lang, n=len(order)),
        )
        wide, tall = fig.get_size_inches()
        head, left = 0.85, 1.4
        side = min(room[3] * tall - head - 0.05, 5.2)
        ax = fig.add_axes((room[0] + left / wide, room[1] + room[3] - (head + side) / tall,
                           1.18 * side / wide, side / tall))  # fmt: skip
        _pairs(ax, table, found.horizons.loc[order, order], lang)
        ax.set_yticks(np.arange(len(order)) + 0.5, [names[one] for one in order], fontsize=8.5)
        ax.set_xticks(np.arange(len(order)) + 0.5, [names[one] for one in order], fontsize=8.5,
                      rotation=38, ha="left", rotation_mode="anchor")  # fmt: skip
        ax.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False, pad=2)
        _legend_pairs(fig, ax, lang)
    return fig


def by_balance(found: Dominance) -> list[str]:
    """Return ids, those ahead of most and behind fewest first."""
    worth = {"ahead": 1.0, "ahead_if": 0.5, "behind": -1.0, "behind_if": -0.5}
    total = found.relations.replace(worth).map(lambda x: x if isinstance(x, float) else 0.0)
    return list(total.sum(axis=1).sort_values(ascending=False, kind="stable").index)


def _pairs(ax: Axes, table: pd.DataFrame, horizons: pd.DataFrame, lang: Lang) -> None:
    rows = len(table)
    for i, one in enumerate(table.index):
        for j, other in enumerate(table.columns):
            if i == j:
                ax.add_patch(Rectangle((j, i), 1, 1, facecolor=FAINT, edgecolor=PAPER))
                continue
            name = str(table.loc[one, other])
            sign, colour = SIGNS[name]
            edge = "#e4e7eb" if name == "open" else PAPER
            ink = MUTED if name == "open" else ink_on(colour)
            ax.add_patch(Rectangle((j, i), 1, 1, facecolor=colour, edgecolor=edge, linewidth=1,
                                   gid=f"{one}:{other}:{name}"))  # fmt: skip
            middle: dict[str, Any] = {"ha": "center", "va": "center", "color": ink}
            ax.text(j + 0.5, i + 0.36, sign, fontsize=8.5, **middle)
            age = number(float(horizons.loc[one, other]), 0, lang)
            ax.text(j + 0.5, i + 0.76, age, fontsize=6.5, **middle)
    ax.set_xlim(0, rows)
    ax.set_ylim(rows, 0)
    ax.spines[:].set_visible(False)


def _legend_pairs(fig: Figure, ax: Axes, lang: Lang) -> None:
    width = 0.98 * fig.get_figwidth() - ax.get_position().x1 * fig.get_figwidth() - 0.55
    handles = []
    for name, (sign, colour) in SIGNS.items():
        text = wrap(fig, f"{sign}  {word(f'relation_{name}', lang)}", 8, width)
        handles.append(Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.5, label=text))
    fig.legend(handles=handles, title=wrap(fig, word("legend_pairs", lang), 8, width + 0.3, "bold"),
               loc="upper left", fontsize=8, alignment="left", labelspacing=0.7,
               bbox_to_anchor=(ax.get_position().x1 + 0.03, ax.get_position().y1),
               borderaxespad=0.0, handlelength=1.2, handleheight=1.2,
               title_fontproperties={"size": 8, "weight": "bold"})  # fmt: skip
