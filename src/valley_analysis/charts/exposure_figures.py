"""The chronology of measures on a time line, and the exposure of regions to both waves."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from valley_analysis.charts.impact_look import BLUE, ORANGE, legend_row, point
from valley_analysis.charts.impact_text import compact
from valley_analysis.charts.labels import place_labels
from valley_analysis.charts.names import unit_names
from valley_analysis.charts.study_words import word
from valley_analysis.charts.style import (
    FAINT,
    GRID,
    MUTED,
    dress,
    house,
    new_figure,
    panels,
    source_text,
    text_width,
)
from valley_analysis.sanctions import ExposureResult
from valley_analysis.text import Lang

_ROW = 0.3
_LABELLED = 16


def plot_timeline(
    measures: pd.DataFrame, waves: Collection[pd.Timestamp], lang: Lang = "en"
) -> Figure:
    """Draw every measure on its day, one row a kind; uncertain dates hollow.

    Parameters
    ----------
    measures
        What `sanctions.measures_frame` returns.
    waves
        Days on which waves begin.
    lang
        "en" or "ru".
    """
    rows = measures.dropna(subset=["announced"])
    order = rows.groupby("kind_name")["announced"].min().sort_values(ascending=False).index
    with house():
        fig = new_figure(2.0 + _ROW * len(order))
        note = word("timeline_note", lang, n=len(rows))
        foot = source_text(lang, source=word("measures_source", lang), notes=[note])
        room = dress(fig, word("title_timeline", lang), word("reading_timeline", lang), foot)
        handles = [
            point(word("dated_day", lang), BLUE),
            point(word("dated_less", lang), BLUE, hollow=True),
            Line2D([], [], color=ORANGE, label=word("wave_begins", lang)),
        ]
        room = legend_row(fig, room, handles)
        left = max(text_width(fig, str(name), 8.5) for name in order) + 0.15
        (ax,) = panels(fig, room, 1, 1, (left, 0.35, 0.55, 0.1))
        for place, kind in enumerate(order):
            _kind(ax, rows[rows["kind_name"] == kind], place)
        for day in waves:
            ax.axvline(day, color=ORANGE, linewidth=1.2, zorder=0)
        counts = rows["kind_name"].value_counts()
        ax.set_yticks(range(len(order)), list(order))
        for place, kind in enumerate(order):
            ax.annotate(str(counts[kind]), (1, place), (6, 0), ("axes fraction", "data"),
                        "offset points", va="center", fontsize=8, color=MUTED)  # fmt: skip
        ax.grid(axis="y", color=GRID)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
    return fig


def _kind(ax: Axes, rows: pd.DataFrame, place: int) -> None:
    exact = rows["announced_precision"] == "day"
    for part, face in ((rows[exact], BLUE), (rows[~exact], "white")):
        ax.plot(part["announced"], [place] * len(part), "o", markersize=5.5, markerfacecolor=face,
                markeredgecolor=BLUE, markeredgewidth=1.1, alpha=0.8)  # fmt: skip


def plot_two_waves(
    earlier: ExposureResult,
    later: ExposureResult,
    hosts: Collection[str] = (),
    lang: Lang = "en",
) -> Figure:
    """Draw the exposure of each region to one wave against that to the other.

    Parameters
    ----------
    earlier, later
        The same definition before two waves.
    hosts
        Regions with a valley, marked.
    lang
        "en" or "ru".
    """
    both = pd.concat(
        [one.frame["quotient"] for one in (earlier, later)], axis=1, keys=["x", "y"]
    ).dropna()
    both = both[(both > 0).all(axis=1)]
    with house():
        fig = new_figure(6.6)
        n = f" n = {len(both)}."
        rho = compact(float(both.corr("spearman").iloc[0, 1]), lang)
        foot = source_text(lang, scope=later.scope, notes=[word("log_axes", lang) + n])
        heading = word("title_two_waves", lang)
        room = dress(fig, heading, word("reading_two_waves", lang, rho=rho), foot)
        host = point(word("column_host", lang), ORANGE, marker="s")
        room = legend_row(fig, room, [host, point(word("other_region", lang), BLUE)])
        (ax,) = panels(fig, room, 1, 1, (0.75, 0.5, 0.3, 0.1))
        ax.set(xscale="log", yscale="log")
        ends = np.array([both.min().min() / 1.4, both.max().max() * 1.4])
        ax.plot(ends, ends, color=FAINT, linewidth=1)
        for level in (ax.axvline, ax.axhline):
            level(1, color=MUTED, linewidth=0.7, linestyle=(0, (3, 2)))
        mine = both.index.isin(list(hosts))
        ax.scatter(both["x"][~mine], both["y"][~mine], s=22, color=BLUE, linewidth=0, zorder=3)
        ax.scatter(both["x"][mine], both["y"][mine], s=26, marker="s", color=ORANGE, linewidth=0,
                   zorder=4)  # fmt: skip
        ax.set(xlim=tuple(ends), ylim=tuple(ends))
        _names(ax, both, hosts, lang)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: compact(value, lang)))
        ax.set_xlabel(word("axis_wave", lang, wave=_wave(earlier)))
        ax.set_ylabel(word("axis_wave", lang, wave=_wave(later)))
    return fig


def _wave(result: ExposureResult) -> str:
    return f"{min(result.spec.periods)}–{max(result.spec.periods)}"


def _names(ax: Axes, both: pd.DataFrame, hosts: Collection[str], lang: Lang) -> None:
    logs = np.log(both)
    moved = (logs["y"] - logs["x"]).abs().sort_values(ascending=False).index[:_LABELLED]
    top = both["y"].sort_values(ascending=False).index[:6]
    wanted = list(dict.fromkeys([*[h for h in hosts if h in both.index], *top, *moved]))
    points = {str(u): (float(r.x), float(r.y)) for u, r in both.iterrows()}
    place_labels(ax, points, unit_names(wanted, lang).to_dict())
