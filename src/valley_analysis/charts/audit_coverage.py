"""What there is and what is missing: a heat map of states, and the suppressed cells."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from valley_analysis.charts.audit_text import word
from valley_analysis.charts.style import (
    FAINT,
    GRID,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    ink_on,
    new_figure,
    palette,
    source_text,
)
from valley_analysis.frames import Scope
from valley_analysis.text import Lang, capital

# State -> colour and hatch; told apart in grey, by the colour-blind, and by pattern.
LOOKS = {
    "observed": ("#9cc3de", ""),
    "corrected": ("#5b9bc4", ""),
    "derived": ("#2f6f9f", ""),
    "imputed": ("#5b9bc4", "..."),
    "provisional": ("#c6dcec", ""),
    "absent": ("#efe3b4", ""),
    "suppressed": ("#d55e00", "//////"),
    "unavailable": ("#8b939b", "xxx"),
    "closed": ("#33383d", ""),
    "not_printed": (PAPER, ""),
}
LEAST = 1 / 8
_ROW = 0.155  # inches
_LABELS = 3.35
_GAP = 1.3  # rows between themes


def plot_coverage(
    coverage: pd.DataFrame,
    breaks: pd.DataFrame,
    labels: Mapping[str, str],
    themes: Mapping[str, str],
    *,
    scope: Scope,
    lang: Lang = "en",
) -> Figure:
    """Draw which cells of the panel are observed, and why the others are not.

    Parameters
    ----------
    coverage
        What `panel.describe.coverage_table` returns.
    breaks
        What `panel.describe.method_breaks` returns; each change is a vertical tick.
    labels
        Names of the series, in the order of the rows.
    themes
        Theme of each series; rows of one theme stand together.
    scope
        The units that were counted.
    lang
        "en" or "ru".
    """
    rows = _rows(labels, themes)
    first, last = int(coverage["period"].min()), int(coverage["period"].max())
    with house():
        depth = max(rows.values()) + 2
        fig = new_figure(depth * _ROW + 1.9)
        title = word("coverage_title", lang, n=len(labels), first=first, last=last)
        room = dress(fig, title, word("coverage_subtitle", lang), source_text(lang, scope=scope))
        ax = _axes(fig, room, first, last, depth)
        present = _draw_states(ax, coverage, rows)
        _draw_breaks(ax, breaks, rows)
        _name_rows(ax, rows, labels, themes, first, lang)
        _legend(fig, ax, present, lang)
    return fig


def _rows(labels: Mapping[str, str], themes: Mapping[str, str]) -> dict[str, float]:
    """Place of each series, top down, with room for the name of its theme."""
    places: dict[str, float] = {}
    place, theme = -1.0, ""
    for series in labels:
        place += 1.0 + (_GAP if themes[series] != theme else 0.0)
        theme = themes[series]
        places[series] = place
    return places


def _axes(
    fig: Figure, room: tuple[float, float, float, float], first: int, last: int, depth: float
) -> Axes:
    width, height = fig.get_size_inches()
    left = _LABELS / width
    top = room[1] + room[3] - 0.58 / height
    ax = fig.add_axes(
        (left, room[1] + 0.2 / height, 1 - left - 0.012, top - room[1] - 0.2 / height)
    )
    ax.set(xlim=(first - 0.5, last + 0.5), ylim=(depth - 0.6, -0.2))
    ax.set_xticks(range(first, last + 1), [f"{year % 100:02d}" for year in range(first, last + 1)])
    ax.tick_params(top=True, labeltop=True, length=0, labelsize=8)
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    return ax


def _draw_states(ax: Axes, coverage: pd.DataFrame, rows: Mapping[str, float]) -> list[str]:
    """Stack the shares of each cell; return the states that occur."""
    states = [state for state in LOOKS if state in coverage]
    shares = coverage[states].div(coverage["units"], axis=0).to_numpy()
    drawn = np.where(shares > 0, np.maximum(shares, LEAST), 0.0)
    upper = np.cumsum(drawn / drawn.sum(axis=1, keepdims=True), axis=1)
    lower = np.hstack([np.zeros((len(upper), 1)), upper[:, :-1]])
    base = coverage["series"].map(dict(rows)).to_numpy() + 0.45
    x = coverage["period"].to_numpy()
    for k, state in enumerate(states):
        chosen = shares[:, k] > 0
        if state == "not_printed" or not chosen.any():
            continue
        boxes = [
            [(c - 0.46, b - 0.9 * lo), (c - 0.46, b - 0.9 * hi), (c + 0.46, b - 0.9 * hi),
             (c + 0.46, b - 0.9 * lo)]
            for c, b, lo, hi in zip(
                x[chosen], base[chosen], lower[chosen, k], upper[chosen, k], strict=True
            )
        ]  # fmt: skip
        colour, hatch = LOOKS[state]
        edge = PAPER if hatch else "none"
        ax.add_collection(
            PolyCollection(boxes, facecolor=colour, edgecolor=edge, hatch=hatch, linewidth=0)
        )
    return [state for k, state in enumerate(states) if (shares[:, k] > 0).any()]


def _draw_breaks(ax: Axes, breaks: pd.DataFrame, rows: Mapping[str, float]) -> None:
    ticks = [
        [
            (row.new_first - 0.5, rows[row.series] - 0.56),
            (row.new_first - 0.5, rows[row.series] + 0.56),
        ]
        for row in breaks.itertuples()
    ]
    ax.add_collection(LineCollection(ticks, colors=INK, linewidths=1.6, zorder=4, gid="breaks"))


def _name_rows(
    ax: Axes,
    rows: Mapping[str, float],
    labels: Mapping[str, str],
    themes: Mapping[str, str],
    first: int,
    lang: Lang,
) -> None:
    named: set[str] = set()
    left = first - 0.7
    for series, place in rows.items():
        if themes[series] not in named:
            named.add(themes[series])
            theme = word(f"theme_{themes[series]}", lang)
            ax.text(left, place - 1.05, theme, ha="right", va="center", fontsize=8, weight="bold")
        ax.text(left, place, labels[series], ha="right", va="center", fontsize=7.2)


def _legend(fig: Figure, ax: Axes, present: Sequence[str], lang: Lang) -> None:
    handles: list[Patch | Line2D] = [
        Patch(
            facecolor=LOOKS[state][0],
            hatch=LOOKS[state][1],
            edgecolor=PAPER if LOOKS[state][1] else MUTED,
            linewidth=0.4,
            label=word(f"flag_{state}", lang),
        )
        for state in present
    ]
    tick = Line2D([], [], color=INK, marker="|", markersize=9, markeredgewidth=1.6, linestyle="",
                  label=word("method_break", lang))  # fmt: skip
    height = fig.get_figheight()
    top = ax.get_position().y1 + 0.66 / height
    fig.legend(
        handles=[*handles, tick],
        loc="upper left",
        bbox_to_anchor=(0.004, top),
        ncols=5,
        fontsize=7.5,
        columnspacing=1.2,
        handlelength=1.6,
    )


def plot_suppression(
    coverage: pd.DataFrame, labels: Mapping[str, str], *, scope: Scope, lang: Lang = "en"
) -> Figure:
    """Draw how many units are suppressed, by series and period.

    Parameters
    ----------
    coverage
        What `panel.describe.coverage_table` returns.
    labels
        Names of the series, in the order of the rows; series without a suppressed cell
        are left out.
    scope
        The units that were counted.
    lang
        "en" or "ru".
    """
    hidden = coverage.pivot(index="series", columns="period", values="suppressed")
    printed = coverage.pivot(index="series", columns="period", values="not_printed")
    some = hidden.sum(axis=1) > 0
    order = [series for series in labels if some.get(series, False)]
    years = [year for year in hidden if year >= hidden.columns[hidden.sum() > 0].min()]
    hidden, printed = hidden.loc[order, years], printed.loc[order, years]
    with house():
        fig = new_figure(0.25 * len(order) + 1.7)
        foot = source_text(lang, scope=scope, notes=[_sentence(word("not_printed_year", lang))])
        title = word("suppression_title", lang)
        room = dress(fig, title, word("suppression_subtitle", lang), foot)
        left = _LABELS / fig.get_figwidth()
        down = 0.25 / fig.get_figheight()
        ax = fig.add_axes((left, room[1] + down, 1 - left - 0.012, room[3] - down))
        _count_cells(ax, hidden, printed == len(scope))
        ax.set_xticks(range(len(years)), [str(year) for year in years])
        ax.set_yticks(range(len(order)), [labels[series] for series in order])
        ax.tick_params(length=0, labelsize=8)
        ax.spines[:].set_visible(False)
    return fig


def _sentence(text: str) -> str:
    return f"{capital(text)}."


def _count_cells(ax: Axes, hidden: pd.DataFrame, blank: pd.DataFrame) -> None:
    limits = (1, 3, 6, 11, 21)
    colours = palette(len(limits))
    ax.set(xlim=(-0.5, hidden.shape[1] - 0.5), ylim=(hidden.shape[0] - 0.5, -0.5))
    for row, column in np.ndindex(hidden.shape):
        count = int(hidden.iloc[row, column])
        shade = GRID if blank.iloc[row, column] else PAPER
        if count:
            shade = colours[max(k for k, least in enumerate(limits) if count >= least)]
        ax.add_patch(
            Rectangle((column - 0.47, row - 0.44), 0.94, 0.88, facecolor=shade, edgecolor=FAINT)
        )
        if count:
            ax.text(column, row, str(count), ha="center", va="center_baseline", fontsize=8,
                    color=ink_on(shade))  # fmt: skip
