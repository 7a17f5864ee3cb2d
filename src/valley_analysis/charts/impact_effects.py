"""Several estimates side by side, and what would have been too small to see."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from valley_analysis.charts.impact_look import BLUE, legend_row, low_label, point
from valley_analysis.charts.impact_text import About, foot, print_numbers, word
from valley_analysis.charts.style import (
    FAINT,
    GRID,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    panels,
    text_width,
)
from valley_analysis.impact.results import EffectResult
from valley_analysis.text import Lang, capital, signed

_ROW = 0.3
_COLUMNS = ("estimate", "low", "high")


def plot_effects(
    rows: pd.DataFrame,
    lang: Lang = "en",
    *,
    about: About,
    title: str,
    reading: str = "",
    smallest: float | Mapping[str, float] | None = None,
    result: EffectResult | None = None,
    notes: Sequence[str] = (),
) -> Figure:
    """Draw estimates with their intervals, one row each.

    Parameters
    ----------
    rows
        Indexed by what each is called: estimate, low, high; without an interval it is hollow.
    lang
        "en" or "ru".
    about
        What was estimated, and on which scale.
    title, reading
        Above the chart; the outcome is named before the reading.
    smallest
        The smallest effect that would have been found (as estimated): one for all rows, or by
        row; drawn as a pale bar around zero.
    result
        Whose numbers of observations, units and periods are printed below the chart.
    notes
        Further sentences there.
    """
    names = list(map(str, rows.index))
    with house():
        fig = new_figure(1.75 + _ROW * len(rows))
        line = foot(about, lang, result=result, notes=notes)
        room = dress(fig, title, f"{capital(about.outcome)}. {reading}".strip(), line)
        handles: list = [point(word("row_estimate", lang), BLUE)]
        if not rows[["low", "high"]].notna().all(axis=None):
            handles.append(point(word("row_hollow", lang), BLUE, hollow=True))
        if smallest is not None:
            handles.append(Patch(color=GRID, label=word("row_smallest", lang)))
        room = legend_row(fig, room, handles)
        left = min(max(text_width(fig, name, 8.5) for name in names) + 0.15, 4.2)
        (ax,) = panels(fig, room, 1, 1, (left, 0.5, 1.0, 0.12))
        values = about.effect(rows[list(_COLUMNS)].to_numpy(float))
        _bars(ax, names, smallest, about)
        _rows(ax, values, about, lang)
        ax.set_yticks(range(len(rows)), names)
        print_numbers(ax.xaxis, lang)
        low_label(ax, about.axis(lang))
    return fig


def _bars(
    ax: Axes, names: Sequence[str], smallest: float | Mapping[str, float] | None, about: About
) -> None:
    if smallest is None:
        return
    for row, name in enumerate(names):
        size = smallest.get(name) if isinstance(smallest, Mapping) else smallest
        if size is not None:
            low, high = float(about.effect(-size)), float(about.effect(size))
            ax.barh(row, high - low, left=low, height=0.8, color=GRID, linewidth=0, zorder=0)


def _rows(ax: Axes, values: np.ndarray, about: About, lang: Lang) -> None:
    ax.axvline(0, color=MUTED, linewidth=0.8)
    # One number of decimals for a column: a tenth, finer only where all are below one.
    digits = 1 if np.nanmax(np.abs(values[:, 0])) >= 1 else 2
    for row, (middle, low, high) in enumerate(values):
        known = np.isfinite([low, high]).all()
        if known:
            ax.hlines(row, low, high, color=BLUE, linewidth=1.6, zorder=3)
        face = BLUE if known else PAPER
        ax.plot(middle, row, "o", markersize=6, markerfacecolor=face, markeredgecolor=BLUE,
                markeredgewidth=1.3, zorder=4, gid="estimates" if known else "hollow")  # fmt: skip
        ax.annotate(
            signed(float(middle), digits, lang),
            (1, row),
            (8, 0),
            ("axes fraction", "data"),
            "offset points",
            va="center",
            fontsize=8.0,
        )
    low, high = ax.get_xlim()
    ax.set_xlim(low - 0.04 * (high - low), high + 0.04 * (high - low))
    ax.set_ylim(len(values) - 0.4, -0.6)
    ax.grid(axis="x", color=FAINT, linewidth=0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
