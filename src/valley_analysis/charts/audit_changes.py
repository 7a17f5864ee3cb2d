"""What does not add up, what was revised, and where a method changed."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from valley_analysis.charts.audit_text import larger_unit, method_name, word
from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    source_text,
)
from valley_analysis.frames import Scope
from valley_analysis.regions import name, scope
from valley_analysis.text import Lang, number

_METHOD_COLOURS = (CATEGORICAL[0], CATEGORICAL[5], CATEGORICAL[2])
_MARKERS = ("o", "D", "s", "^", "v", "P", "X", "*")
_LABELLED = 5
_TWO_DIGITS = 10
_APART = 2


def plot_reconciliation(
    gaps: pd.DataFrame, labels: Mapping[str, str], *, lang: Lang = "en", most: int = 12
) -> Figure:
    """Draw by how much the regions miss the published total, for the worst series.

    Parameters
    ----------
    gaps
        What `panel.describe.total_gaps` returns: gap_percent by series and period,
        with the number of suppressed cells.
    labels
        Names of the series.
    lang
        "en" or "ru".
    most
        How many series are shown.
    """
    size = gaps["gap_percent"].abs().groupby(gaps["series"].to_numpy()).max()
    chosen = [series for series in labels if series in size.nlargest(most).index]
    span = (int(gaps["period"].min()), int(gaps["period"].max()))
    with house():
        title = word("reconciliation_title", lang)
        about = word("reconciliation_subtitle", lang, n=len(chosen))
        fig = new_figure(1.55 * -(-len(chosen) // 3) + 1.3)
        foot = source_text(lang, scope=scope("rosstat"))
        axes = _grid(fig, dress(fig, title, about, foot), len(chosen), 3)
        for ax, series in zip(axes, chosen, strict=True):
            _gap_bars(ax, gaps[gaps["series"] == series], span, lang)
            ax.set_title(_fold(labels[series], 40), fontsize=8)
    return fig


def _gap_bars(ax: Axes, rows: pd.DataFrame, span: tuple[int, int], lang: Lang) -> None:
    colours = np.where(rows["gap_percent"] < 0, ACCENT, CATEGORICAL[0])
    ax.bar(rows["period"], rows["gap_percent"], color=colours, width=0.75)
    ax.axhline(0, color=MUTED, linewidth=0.6)
    low, high = min(rows["gap_percent"].min(), 0.0), max(rows["gap_percent"].max(), 0.0)
    room = (high - low) * 0.22
    ax.set(xlim=(span[0] - 0.7, span[1] + 0.7), ylim=(low - room * (low < 0), high + room))
    last = -2
    for row in rows[rows["suppressed"] > 0].sort_values("period").itertuples():
        if row.suppressed >= _TWO_DIGITS and row.period - last < _APART:
            continue  # two digits every year would touch
        last = row.period
        ax.text(row.period, max(row.gap_percent, 0), f"{row.suppressed}", fontsize=6, ha="center",
                va="bottom", color=INK)  # fmt: skip
    _small_axis(ax, lang)


def _small_axis(ax: Axes, lang: Lang) -> None:
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value, lang)))
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.tick_params(labelsize=7)
    ax.grid(axis="y")


def _short(value: float, lang: Lang) -> str:
    """Print a tick: as many decimals as it needs, two at most."""
    digits = next((d for d in (0, 1, 2) if abs(value - round(value, d)) < 1e-9), 2)
    return number(value, digits, lang)


def _fold(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width))


def _grid(
    fig: Figure, room: tuple[float, float, float, float], count: int, across: int
) -> list[Axes]:
    """Axes of small multiples, row by row, with room for a title of two lines each."""
    width, height = fig.get_size_inches()
    down = -(-count // across)
    cell = (room[2] / across, room[3] / down)
    axes = []
    for k in range(count):
        row, column = divmod(k, across)
        left = room[0] + column * cell[0] + 0.42 / width
        low = room[1] + (down - 1 - row) * cell[1] + 0.24 / height
        axes.append(fig.add_axes((left, low, cell[0] - 0.56 / width, cell[1] - 0.74 / height)))
    return axes


def plot_revisions(
    revisions: pd.DataFrame,
    labels: Mapping[str, str],
    *,
    units: Scope | None = None,
    lang: Lang = "en",
) -> Figure:
    """Draw revised values in per cent, and cells whose state changed, by year described.

    Parameters
    ----------
    revisions
        What `panel.compare_vintages` returns.
    labels
        Names of the series.
    units
        The units that the revisions were cut to, for the line below.
    lang
        "en" or "ru".
    """
    revisions = revisions.astype({"period": int})
    values = revisions.dropna(subset=["change_percent"])
    hidden = {side: revisions[f"flag_{side}"] == "suppressed" for side in ("old", "new")}
    states = revisions[hidden["old"] != hidden["new"]]
    span = (int(revisions["period"].min()), int(revisions["period"].max()))
    old, new = revisions["vintage_old"].min(), revisions["vintage_new"].max()
    with house():
        fig = new_figure(7.6)
        title = word("revisions_title", lang, old=old, new=new)
        foot = source_text(lang, scope=units)
        room = dress(fig, title, word("revisions_subtitle", lang), foot)
        upper, lower = _stacked(fig, room)
        _revised_values(upper, values, labels, lang)
        _changed_states(lower, states, labels, lang)
        for ax in (upper, lower):
            ax.set_xlim(span[0] - 0.7, span[1] + 0.7)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=20))
            ax.grid(axis="y")
    return fig


def _stacked(fig: Figure, room: tuple[float, float, float, float]) -> tuple[Axes, Axes]:
    width, height = fig.get_size_inches()
    left, wide = 0.62 / width, 1 - 3.4 / width
    half = room[3] / 2
    upper = fig.add_axes((left, room[1] + half + 0.3 / height, wide, half - 0.35 / height))
    return upper, fig.add_axes((left, room[1] + 0.3 / height, wide, half - 0.45 / height))


def _beside(ax: Axes, handles: Sequence[Artist]) -> None:
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(1.01, 1.02),
        fontsize=7.8,
        labelspacing=0.7,
    )


def _revised_values(ax: Axes, values: pd.DataFrame, labels: Mapping[str, str], lang: Lang) -> None:
    present = [series for series in labels if series in set(values["series"])]
    for k, series in enumerate(present):
        rows = values[values["series"] == series]
        label = _fold(f"{labels[series]} ({len(rows)})", 31)
        ax.plot(rows["period"], rows["change_percent"], _MARKERS[k], markersize=5, alpha=0.7,
                color=CATEGORICAL[k], label=label)  # fmt: skip
    ax.axhline(0, color=MUTED, linewidth=0.6)
    ax.set_ylabel(word("revisions_axis", lang))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value, lang)))
    _name_largest(ax, values, lang)
    if present:
        _beside(ax, ax.get_lines()[: len(present)])


def _name_largest(ax: Axes, values: pd.DataFrame, lang: Lang) -> None:
    """Name the largest revisions, top down, so that names do not run into each other."""
    largest = values.loc[values["change_percent"].abs().sort_values().index[-_LABELLED:]]
    low, high = ax.get_ylim()
    free: dict[int, float] = {}
    for row in largest.sort_values("change_percent", ascending=False).itertuples():
        left = bool((largest["period"] > row.period).any())
        place = min(row.change_percent, free.get(row.period, high))
        free[row.period] = place - (high - low) * 0.045
        ax.text(row.period + (-0.2 if left else 0.2), place, name(row.region, lang, short=True),
                fontsize=7, va="center", ha="right" if left else "left")  # fmt: skip


def _changed_states(ax: Axes, states: pd.DataFrame, labels: Mapping[str, str], lang: Lang) -> None:
    """Withheld cells upwards, disclosed ones downwards, a colour a series."""
    sign = np.where(states["flag_new"] == "suppressed", 1, -1)
    counts = states.groupby(["series", "period", sign]).size()
    present = [series for series in labels if series in set(states["series"])]
    tops: dict[tuple[int, int], int] = {}
    for k, series in enumerate(present):
        for (year, side), count in counts[series].items():
            bottom = tops.get((year, side), 0)
            ax.bar(year, side * count, bottom=bottom, width=0.75, color=CATEGORICAL[k],
                   edgecolor=PAPER)  # fmt: skip
            tops[year, side] = bottom + side * count
    ax.axhline(0, color=MUTED, linewidth=0.6)
    sides = (word("disclosed", lang), word("cells_axis", lang), word("withheld", lang))
    ax.set_ylabel("{} ← {} → {}".format(*sides), fontsize=8)
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(abs(value), lang)))
    handles = [
        Patch(color=CATEGORICAL[k], label=_fold(f"{labels[s]} ({counts[s].sum()})", 31))
        for k, s in enumerate(present)
    ]
    if handles:
        _beside(ax, handles)


def plot_method_breaks(
    national: pd.DataFrame,
    labels: Mapping[str, str],
    units: Mapping[str, str],
    *,
    wider: Mapping[str, int] | None = None,
    lang: Lang = "en",
) -> Figure:
    """Draw national series under every method they were printed under, never joined.

    Parameters
    ----------
    national
        Columns series, method, period, value: the country's rows of series that have
        more than one method.
    labels
        Names of the series, in the order of the panels.
    units
        Units of measurement of the series.
    wider
        Series -> the period from which the country counts Crimea and Sevastopol: a dotted line.
    lang
        "en" or "ru".
    """
    chosen = [series for series in labels if series in set(national["series"])]
    span = (int(national["period"].min()), int(national["period"].max()))
    with house():
        fig = new_figure(1.85 * -(-len(chosen) // 4) + 1.1)
        title = word("breaks_title", lang)
        foot = source_text(lang, notes=[word("breaks_scope", lang)])
        room = dress(fig, title, word("breaks_subtitle", lang), foot)
        for ax, series in zip(_grid(fig, room, len(chosen), 4), chosen, strict=True):
            rows = national[national["series"] == series]
            divisor, unit = larger_unit(units[series], rows["value"].max())
            _method_lines(ax, rows.assign(value=rows["value"] / divisor), lang)
            ax.set_xlim(span[0] - 0.7, span[1] + 0.7)
            if wider and series in wider:
                top = 1 / (1 + 0.2 * rows["method"].nunique())  # below the names of the methods
                ax.axvline(wider[series] - 0.5, 0, top, color=INK, linewidth=0.9, linestyle=":",
                           gid="wider")  # fmt: skip
            ax.set_title(_fold(labels[series], 29), fontsize=7.4, pad=11)
            ax.annotate(unit, (0, 1), (0, 2.5), textcoords="offset points", fontsize=6.6,
                        xycoords="axes fraction", color=MUTED)  # fmt: skip
    return fig


def _method_lines(ax: Axes, rows: pd.DataFrame, lang: Lang) -> None:
    order = rows.groupby("method")["period"].min().sort_values().index
    for k, method in enumerate(order):
        line = rows[rows["method"] == method].set_index("period")["value"].sort_index()
        line = line.reindex(range(line.index.min(), line.index.max() + 1))
        ax.plot(line.index, line, "-", marker=_MARKERS[k], markersize=2.4, linewidth=1.1,
                color=_METHOD_COLOURS[k], label=method_name(method, lang))  # fmt: skip
    _small_axis(ax, lang)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + (high - low) * 0.2 * len(order))
    ax.legend(loc="upper left", fontsize=6.2, handlelength=1.2, borderaxespad=0.1,
              labelspacing=0.15, handletextpad=0.4)  # fmt: skip
