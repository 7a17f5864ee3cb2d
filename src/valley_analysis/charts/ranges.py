"""Rank ranges: where each region stands over the stated assumptions."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from valley_analysis.charts.names import unit_names
from valley_analysis.charts.ranking import ROW
from valley_analysis.charts.robustness_text import foot, word
from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    GRID,
    INK,
    MUTED,
    PAPER,
    SEQUENTIAL,
    dress,
    house,
    ink_on,
    new_figure,
)
from valley_analysis.scoring import EIS, GroupRule, UncertaintyResult
from valley_analysis.text import Lang, number, span

_ONE_PANEL = 45
_NAMES, _RANGE = 1.85, 0.62  # inches left and right of the bars
_BAR = "#9ecae1"
_LEGEND = 0.3


def by_rank(found: UncertaintyResult) -> pd.DataFrame:
    """Return the ranges of units that have a nominal rank, best first."""
    return found.ranges.dropna(subset=["rank"]).sort_values(["rank", "rank_median"], kind="stable")


def plot_rank_ranges(
    found: UncertaintyResult,
    lang: Lang = "en",
    *,
    title: str | None = None,
    highlight: Sequence[str] = (),
) -> Figure:
    """Draw for every unit its nominal rank, its median rank and the range between.

    Parameters
    ----------
    found
        What `vary` returns.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    highlight
        Codes whose names stand out.
    """
    table = by_rank(found)
    with house():
        fig, axes, rows = _columns(
            len(table),
            title or word("title_ranges", lang, period=found.period),
            word("reading_ranges", lang, share=_percent(found, lang)),
            foot(found, lang, _notes(found, lang), n=len(table)),
            beside=_RANGE,
        )
        handles = [
            Line2D([], [], marker="o", color="none", markerfacecolor=ACCENT, markersize=5,
                   markeredgewidth=0, label=word("nominal_rank", lang)),
            Line2D([], [], marker="|", color="none", markeredgecolor=INK, markersize=9,
                   markeredgewidth=1.4, label=word("median_rank", lang)),
            Patch(facecolor=_BAR, label=word("range_rank", lang, share=_percent(found, lang))),
        ]  # fmt: skip
        _legend(fig, axes[0], handles)
        for place, ax in enumerate(axes):
            part = table.iloc[place * rows : (place + 1) * rows]
            _name_rows(ax, part, rows, lang, highlight)
            _ranges(ax, part, len(found.scope))
    return fig


def _percent(found: UncertaintyResult, lang: Lang) -> str:
    low, high = (number(100 * share, 0, lang) for share in found.between)
    return f"{low}–{high}"


def _notes(found: UncertaintyResult, lang: Lang) -> list[str]:
    gone = found.ranges.index[(found.ranges["scored"] < 1) & (found.ranges["scored"] > 0)]
    names = ", ".join(unit_names(gone, lang))
    return [word("not_always", lang, names=names)] if len(gone) else []


def _ranges(ax: Axes, part: pd.DataFrame, units: int) -> None:
    y = range(len(part))
    low, high = (part[c].astype(float) for c in ("rank_low", "rank_high"))
    ax.barh(y, high - low + 0.8, left=low - 0.4, height=0.62, color=_BAR, linewidth=0)
    ax.plot(part["rank_median"], y, "|", color=INK, markersize=8, markeredgewidth=1.4)
    ax.plot(part["rank"], y, "o", color=ACCENT, markersize=4, markeredgewidth=0)
    ax.set_xlim(0, units + 1)
    ax.set_xticks([1, *range(10, units + 1, 10)])
    ax.xaxis.grid(True)
    inches = ax.get_position().width * ax.figure.get_figure(root=True).get_figwidth()
    look: dict[str, Any] = {"va": "center", "ha": "right", "fontsize": 7.5, "color": INK}
    for row, (one, other) in enumerate(zip(low, high, strict=True)):
        text = span(one, other)
        ax.text(1 + 0.5 / inches, row, text, transform=ax.get_yaxis_transform(), **look)


def plot_group_shares(
    found: UncertaintyResult,
    lang: Lang = "en",
    *,
    rule: GroupRule = EIS,
    title: str | None = None,
) -> Figure:
    """Draw for every unit the share of replications in which it is in each group.

    Parameters
    ----------
    found
        What `vary` returns when it was given a grouping.
    lang
        "en" or "ru".
    rule
        By which the groups were cut.
    title
        Above the chart; a standard one unless given.

    Raises
    ------
    ValueError
        If the groups were not counted.
    """
    if found.groups.empty:
        raise ValueError("groups were not counted: call vary(..., grouping=...)")
    table = by_rank(found)
    names = list(found.groups.columns)
    colours = dict(zip(names, reversed(SEQUENTIAL[min(max(len(names), 3), 7)]), strict=False))
    with house():
        cuts = ", ".join(number(100 * cut, 0, lang) for cut in rule.cuts)
        fig, axes, rows = _columns(
            len(table),
            title or word("title_groups", lang, period=found.period),
            word("reading_groups", lang, cuts=cuts),
            foot(found, lang, _notes(found, lang), n=len(table)),
            beside=0.12,
        )
        handles = [Patch(facecolor=colours[n], label=word(f"group_{n}", lang)) for n in names]
        _legend(fig, axes[0], handles)
        for place, ax in enumerate(axes):
            part = table.iloc[place * rows : (place + 1) * rows]
            _name_rows(ax, part, rows, lang, ())
            _shares(ax, 100 * found.groups.loc[part.index], colours, lang)
    return fig


def _shares(ax: Axes, shares: pd.DataFrame, colours: dict[str, str], lang: Lang) -> None:
    start = pd.Series(0.0, index=shares.index)
    for name, colour in colours.items():
        ax.barh(range(len(shares)), shares[name], left=start, height=0.78, color=colour,
                linewidth=0)  # fmt: skip
        for row, (at, width) in enumerate(zip(start, shares[name], strict=True)):
            if width >= 9:
                ax.text(at + width / 2, row, number(width, 0, lang), ha="center", va="center",
                        fontsize=6.5, color=ink_on(colour))  # fmt: skip
        start += shares[name]
    ax.set_xlim(0, 100)


def _columns(
    count: int, title: str, reading: str, source: str, beside: float
) -> tuple[Figure, list[Axes], int]:
    """A figure with one or two columns of rows, and how many rows each has."""
    panels = 1 if count <= _ONE_PANEL else 2
    rows = -(-count // panels)
    fig = new_figure(2.1 + ROW * rows)
    left, bottom, width, height = dress(fig, title, reading, source)
    inches, tall = fig.get_figwidth(), fig.get_figheight()
    wide, names = width / panels, _NAMES / inches
    height -= (_LEGEND + 0.12) / tall
    boxes = [
        (left + p * wide + names, bottom, wide - names - beside / inches - 0.015, height)
        for p in range(panels)
    ]
    return fig, [fig.add_axes(box) for box in boxes], rows


def _legend(fig: Figure, ax: Axes, handles: Sequence[Any]) -> None:
    top = ax.get_position().y1 + (_LEGEND + 0.12) / fig.get_figheight()
    fig.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.012, top), ncols=len(handles),
               borderaxespad=0.0, borderpad=0.0, handlelength=1.2, columnspacing=1.6)  # fmt: skip


def _name_rows(
    ax: Axes, part: pd.DataFrame, rows: int, lang: Lang, highlight: Sequence[str]
) -> None:
    """Rank and name left of each row, and the look that all such charts share."""
    ax.set_yticks(range(len(part)), unit_names(part.index, lang).tolist(), fontsize=7.5)
    ax.set_ylim(rows - 0.4, -0.6)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    ax.tick_params(axis="x", labelsize=7.5, labelcolor=MUTED, pad=1)
    inches = ax.get_position().width * ax.figure.get_figure(root=True).get_figwidth()
    left = -_NAMES / inches + 0.01
    look: dict[str, Any] = {"fontsize": 7.5, "color": MUTED, "va": "center", "ha": "left"}
    for row, (unit, place) in enumerate(part["rank"].items()):
        ax.text(left, row, str(place), transform=ax.get_yaxis_transform(), **look)
        if unit in highlight:
            ax.get_yticklabels()[row].set(color=CATEGORICAL[0], fontweight="bold")
        if row % 5 == 0 and row:
            ax.axhline(row - 0.5, color=GRID, linewidth=0.5, zorder=0)
    ax.set_facecolor(PAPER)
