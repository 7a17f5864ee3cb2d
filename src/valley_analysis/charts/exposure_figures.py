"""The chronology of measures on a time line, exposure on a map, and exposure to both waves."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from valley_analysis.charts.exposure_text import exposure_title
from valley_analysis.charts.impact_look import BLUE, GREEN, ORANGE, legend_row, point
from valley_analysis.charts.impact_text import compact
from valley_analysis.charts.labels import place_labels
from valley_analysis.charts.maps import plot_map
from valley_analysis.charts.names import unit_names
from valley_analysis.charts.study_words import word
from valley_analysis.charts.style import (
    CATEGORICAL,
    FAINT,
    GRID,
    INK,
    MUTED,
    dress,
    house,
    new_figure,
    panels,
    source_text,
    text_width,
)
from valley_analysis.frames import Scope
from valley_analysis.sanctions import ExposureResult, load_exposures, load_labels
from valley_analysis.text import Lang

_ROW = 0.46
_LABELLED = 12
_BREAKS = (0.2, 0.5, 1.0, 2.0)
"""Upper ends of classes of a quotient: one is the country, so that no class holds both sides."""
# Who sent a measure, and how its points look: shape and height in the row tell them apart too.
_SENDERS: dict[str, tuple[str, str]] = {
    "EU": (BLUE, "o"),
    "US": (ORANGE, "s"),
    "others": (GREEN, "^"),
    "RU": (INK, "D"),
    "private": (CATEGORICAL[3], "v"),
}
_PRIVATE = ("companies", "publishers", "science")


def plot_timeline(
    measures: pd.DataFrame, waves: Collection[pd.Timestamp], lang: Lang = "en"
) -> Figure:
    """Draw every measure on its day, one row a kind, by sender; uncertain dates hollow.

    Parameters
    ----------
    measures
        What `sanctions.measures_frame` returns, in the language of `lang`.
    waves
        Days on which waves begin.
    lang
        "en" or "ru".
    """
    rows = measures.dropna(subset=["announced"])
    rows = rows.assign(group=[_group(senders, lang) for senders in rows["senders"]])
    order = rows.groupby("kind_name")["announced"].min().sort_values(ascending=False).index
    with house():
        fig = new_figure(2.1 + _ROW * len(order))
        note = word("timeline_note", lang, n=len(rows))
        foot = source_text(lang, source=word("measures_source", lang), notes=[note])
        room = dress(fig, word("title_timeline", lang), word("reading_timeline", lang), foot)
        handles = [
            point(word(f"sender_{name}", lang), colour, marker=marker)
            for name, (colour, marker) in _SENDERS.items()
        ]
        handles += [
            point(word("dated_less", lang), MUTED, hollow=True),
            Line2D([], [], color=FAINT, linewidth=2.5, label=word("wave_begins", lang)),
        ]
        room = legend_row(fig, room, handles)
        left = max(text_width(fig, str(name), 8.5) for name in order) + 0.15
        (ax,) = panels(fig, room, 1, 1, (left, 0.35, 0.55, 0.1))
        for place, kind in enumerate(order):
            _kind(ax, rows[rows["kind_name"] == kind], place)
        for day in waves:
            ax.axvline(day, color=FAINT, linewidth=2.5, zorder=0)
        counts = rows["kind_name"].value_counts()
        ax.set_yticks(range(len(order)), list(order))
        ax.set_ylim(-0.6, len(order) - 0.4)
        for place, kind in enumerate(order):
            ax.annotate(str(counts[kind]), (1, place), (6, 0), ("axes fraction", "data"),
                        "offset points", va="center", fontsize=8, color=MUTED)  # fmt: skip
        ax.grid(axis="y", color=GRID)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
    return fig


def _group(senders: str, lang: Lang) -> str:
    """Which sign a measure has: EU, US, Russia, companies and science, or other governments."""
    keys = {label[lang]: key for key, label in load_labels()["senders"].items()}
    (sender, *more) = [keys[name] for name in senders.split("; ")]
    if more or sender not in (*_SENDERS, *_PRIVATE):
        return "others"
    return "private" if sender in _PRIVATE else sender


def _kind(ax: Axes, rows: pd.DataFrame, place: int) -> None:
    here = [name for name in _SENDERS if rows["group"].eq(name).any()]
    for lane, name in enumerate(here):
        colour, marker = _SENDERS[name]
        own = rows[rows["group"] == name]
        height = place + 0.2 * ((len(here) - 1) / 2 - lane)
        exact = own["announced_precision"] == "day"
        for part, face in ((own[exact], colour), (own[~exact], "white")):
            ax.plot(part["announced"], [height] * len(part), marker, markersize=5.0, alpha=0.85,
                    markerfacecolor=face, markeredgecolor=colour, markeredgewidth=1.0)  # fmt: skip


def plot_exposure(result: ExposureResult, lang: Lang = "en") -> Figure:
    """Draw a map of an exposure as a quotient, one being the country, with its formula above.

    Parameters
    ----------
    result
        What `sanctions.exposure` returns; its quotients are drawn, whatever form it is used in.
    lang
        "en" or "ru".
    """
    values, spec, called = result.frame["quotient"], result.spec, load_exposures().names
    parts = " + ".join(called[key][lang] for key in spec.numerator)
    top = float(values.max())
    limits = [*(one for one in _BREAKS if one < top), top]
    return plot_map(
        values,
        title=exposure_title(result, lang),
        subtitle=word(
            "map_formula", lang, numerator=parts, denominator=called[spec.denominator][lang]
        ),
        scope=result.scope,
        what=word("map_unit", lang),
        lang=lang,
        classes=limits,
        digits=2,
    )


def plot_listings(listed: pd.DataFrame, scope: Scope, lang: Lang = "en") -> Figure:
    """Draw a map of OFAC entries per 1,000 organisations of the region of their address.

    Parameters
    ----------
    listed
        What `exposure_tables.per_organisation` returns, indexed by region.
    scope
        The units.
    lang
        "en" or "ru".
    """
    rate = listed["rate"].reindex(list(scope.units)).astype(float)
    limits = [*(one for one in (0.25, 0.5, 1.0, 2.0) if one < rate.max()), float(rate.max())]
    return plot_map(
        rate,
        title=word("title_ofac", lang),
        subtitle=word("reading_ofac", lang, year=int(listed["year"].max())),
        scope=scope,
        what=word("ofac_unit", lang),
        lang=lang,
        classes=limits,
        digits=2,
        source=word("ofac_source", lang),
    )


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
            axis.set_minor_formatter(NullFormatter())
        ax.set_xlabel(word("axis_wave", lang, wave=_wave(earlier)))
        ax.set_ylabel(word("axis_wave", lang, wave=_wave(later)))
    return fig


def _wave(result: ExposureResult) -> str:
    return f"{min(result.spec.periods)}–{max(result.spec.periods)}"


def _names(ax: Axes, both: pd.DataFrame, hosts: Collection[str], lang: Lang) -> None:
    """Name every host, the ends and the largest moves, off the lines, each beyond doubt."""
    logs = np.log(both)
    moved = (logs["y"] - logs["x"]).abs().sort_values(ascending=False).index[:_LABELLED]
    by_size = both["y"].sort_values(ascending=False).index
    mine = [host for host in hosts if host in both.index]
    wanted = list(dict.fromkeys([*mine, *by_size[:6], by_size[-1], *moved]))
    points = {str(u): (float(r.x), float(r.y)) for u, r in both.iterrows()}
    low, high = ax.get_xlim()
    along = np.geomspace(low, high, 160)
    lines = [(v, v) for v in along] + [(1.0, v) for v in along] + [(v, 1.0) for v in along]
    place_labels(ax, points, unit_names(wanted, lang).to_dict(), led=wanted, avoid=lines)
