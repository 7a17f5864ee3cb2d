"""Rank flow: the same regions under other specifications, side by side."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valley_analysis.charts.editions import spread_labels
from valley_analysis.charts.names import unit_names
from valley_analysis.charts.robustness_text import word
from valley_analysis.charts.style import (
    CATEGORICAL,
    FAINT,
    GRID,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    source_text,
    wrap,
)
from valley_analysis.errors import ValleyError
from valley_analysis.frames import Scope
from valley_analysis.text import Lang, number

_LABELS = 1.4  # inches on either side
_HEADS = 0.85  # inches above for names of alternatives
_EVERY = 10  # places between the lines that show ranks


def plot_rank_flow(
    ranks: pd.DataFrame,
    labels: Mapping[str, str],
    units: Sequence[str],
    lang: Lang = "en",
    *,
    scope: Scope,
    period: int,
    title: str | None = None,
) -> Figure:
    """Draw ranks under several specifications as parallel lines.

    Parameters
    ----------
    ranks
        Units x alternatives; missing where a unit has no rank.
    labels
        Names of the alternatives.
    units
        Codes to highlight.
    lang
        "en" or "ru".
    scope, period
        The units and the edition, for the line below.
    title
        Above the chart; a standard one unless given.

    Raises
    ------
    ValleyError
        If a highlighted unit is not among those ranked.
    """
    unknown = [unit for unit in units if unit not in ranks.index]
    if unknown:
        raise ValleyError(
            f"{', '.join(unknown)} not among the ranked units. Next step: choose codes of them."
        )
    with house():
        fig = new_figure(8.6)
        heading = title or word("title_flow", lang, period=period)
        source = source_text(lang, scope=scope, edition=period)
        room = dress(fig, heading, word("reading_flow", lang), source)
        width, height = fig.get_size_inches()
        ax = fig.add_axes(
            (room[0] + _LABELS / width, room[1] + 0.1 / height,
             room[2] - 2 * _LABELS / width, room[3] - (_HEADS + 0.15) / height)
        )  # fmt: skip
        _lines(ax, ranks, units)
        ax.set_ylim(len(ranks) + 1, -3.5)
        room_of_one = (width * room[2] - 2 * _LABELS) / max(len(ranks.columns) - 1, 1)
        names = [wrap(fig, labels[name], 7, room_of_one - 0.06) for name in ranks]
        ax.set_xticks(range(len(names)), names, fontsize=7, va="bottom")
        _rank_lines(ax, len(ranks), lang)
        ax.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
        ax.set_yticks([])
        ax.spines[:].set_visible(False)
        ax.set_xlim(0, max(len(names) - 1, 1))
        for name in range(len(names)):
            ax.axvline(name, color=FAINT, linewidth=0.6, zorder=0)
        for side in (0, -1):
            _ends(ax, ranks.iloc[:, side].loc[list(units)].dropna(), side, lang, units)
    return fig


def _rank_lines(ax: Axes, last: int, lang: Lang) -> None:
    """Faint lines at every tenth place, numbered between the first two alternatives."""
    for place in range(_EVERY, last + 1, _EVERY):
        ax.axhline(place, color=GRID, linewidth=0.6, zorder=0)
        around = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}
        text = number(place, 0, lang)
        ax.text(0.5, place, text, fontsize=6.5, color=MUTED, ha="center", va="center", bbox=around)


def colour_of(units: Sequence[str], unit: str) -> str:
    """Return the colour of a highlighted unit.

    Examples
    --------
    >>> colour_of(["a", "b"], "b")
    '#E69F00'
    """
    return CATEGORICAL[list(units).index(unit) % len(CATEGORICAL)]


def _lines(ax: Axes, ranks: pd.DataFrame, units: Sequence[str]) -> None:
    x = list(range(len(ranks.columns)))
    for unit, row in ranks.astype(float).iterrows():
        if unit not in units:
            ax.plot(x, row, color=FAINT, linewidth=0.6, zorder=1)
    for place, unit in enumerate(units):
        row, style = ranks.loc[unit].astype(float), "-" if place < len(CATEGORICAL) else "--"
        ax.plot(x, row, style, marker="o", markersize=4, linewidth=1.8, zorder=3, gid=unit,
                color=colour_of(units, unit), clip_on=False)  # fmt: skip


def _ends(ax: Axes, ranks: "pd.Series[int]", side: int, lang: Lang, units: Sequence[str]) -> None:
    """Names and ranks at one end, moved apart where they would collide."""
    inches = ax.get_position().height * ax.figure.get_figure(root=True).get_figheight()
    low, high = ax.get_ylim()
    placed = spread_labels(ranks.astype(float).tolist(), 8 * 1.25 / 72 * (low - high) / inches)
    names = unit_names(ranks.index, lang)
    left = side == 0
    for (unit, rank), at in zip(ranks.items(), placed, strict=True):
        text = f"{names[str(unit)]}  {rank}" if left else f"{rank}  {names[str(unit)]}"
        ax.annotate(
            text,
            (0 if left else ax.get_xlim()[1], at),
            (-8 if left else 8, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center",
            fontsize=8,
            color=colour_of(units, str(unit)),
            annotation_clip=False,
        )
