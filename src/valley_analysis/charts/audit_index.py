"""The audit of an index in pictures: correlations, weights, and the index without an indicator."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from valley_analysis.charts.names import dimension_name, indicator_name, unit_names
from valley_analysis.charts.robustness_text import foot, word
from valley_analysis.charts.style import (
    ACCENT,
    DIVERGING,
    FAINT,
    GRID,
    INK,
    MUTED,
    PAPER,
    dimension_colours,
    dress,
    house,
    new_figure,
    text_width,
    wrap,
)
from valley_analysis.scoring import Audit
from valley_analysis.text import Lang, number, signed

_NAMES = 3.05  # inches for names of indicators
_ROW = 0.158


def plot_correlations(found: Audit, lang: Lang = "en", *, title: str | None = None) -> Figure:
    """Draw the correlations of all indicators, dimension by dimension.

    Parameters
    ----------
    found
        What `audit` returns.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    groups = found.correlations.own["dimension"]
    table = found.correlations.indicators.loc[groups.index, groups.index]
    side = min(5.6, max(2.5, _ROW * 0.9 * len(table)))
    with house():
        fig = new_figure(side + 1.85)
        limits = found.correlations.limits
        about = word(
            "reading_correlations",
            lang,
            redundant=number(limits.redundant, 2, lang),
            negative=number(limits.negative, 2, lang),
        )
        heading = title or word("title_correlations", lang, period=found.period)
        room = dress(fig, heading, about, foot(found, lang))
        width, height = fig.get_size_inches()
        top = room[1] + room[3] - 0.22 / height
        box = (room[0] + _NAMES / width, top - side / height, side / width, side / height)
        ax = fig.add_axes(box)
        _matrix(ax, table)
        _marks(ax, table, groups, limits.redundant, limits.negative)
        size = min(7.5, side / len(table) * 72 / 1.25)
        names = _short(fig, groups.index, lang, size)
        numbered = [f"{name}  {k}" for k, name in enumerate(names, start=1)]
        ax.set_yticks(range(len(table)), numbered, fontsize=size)
        ax.set_xticks(
            range(len(table)), [str(k + 1) for k in range(len(table))], fontsize=min(size, 6)
        )
        ax.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
        ax.tick_params(axis="x", pad=1)
        _blocks(fig, ax, groups, lang)
        _scale(fig, ax, lang)
    return fig


def _matrix(ax: Axes, table: pd.DataFrame) -> None:
    shown = table.to_numpy(dtype=float).copy()
    np.fill_diagonal(shown, np.nan)
    colours = LinearSegmentedColormap.from_list("house", DIVERGING).with_extremes(bad=GRID)
    ax.imshow(shown, cmap=colours, vmin=-1, vmax=1, interpolation="none")
    ax.spines[:].set_visible(False)


def _marks(
    ax: Axes, table: pd.DataFrame, groups: "pd.Series[str]", redundant: float, negative: float
) -> None:
    """A dot for near-duplicates, a cross for opposites inside a dimension."""
    values = table.to_numpy(dtype=float)
    other = ~np.eye(len(values), dtype=bool)
    inside = groups.to_numpy()[:, None] == groups.to_numpy()[None, :]
    for chosen, look in (
        (other & (np.abs(values) > redundant), "o"),
        (other & inside & (values < negative), "x"),
    ):
        rows, columns = np.nonzero(chosen)
        if len(rows):
            ax.plot(columns, rows, look, markersize=2.6, markeredgewidth=0.8, linestyle="none",
                    color=PAPER if look == "o" else INK, gid=look)  # fmt: skip


def _blocks(fig: Figure, ax: Axes, groups: "pd.Series[str]", lang: Lang) -> None:
    """A border around each dimension's block, and its name at the right."""
    sizes = groups.value_counts(sort=False).reindex(list(dict.fromkeys(groups)))
    start = 0
    for dimension, size in sizes.items():
        low, high = start - 0.5, start + size - 0.5
        ax.plot([low, high, high, low, low], [low, low, high, high, low], color=INK,
                linewidth=1.1, clip_on=False)  # fmt: skip
        text = wrap(fig, dimension_name(str(dimension), lang), 7.5, 1.1)
        ax.text(len(groups) + 0.2, (low + high) / 2, text, fontsize=7.5, va="center", ha="left")
        start += size


def _scale(fig: Figure, ax: Axes, lang: Lang) -> None:
    box = ax.get_position()
    inches = fig.get_figheight()
    bar = fig.add_axes((box.x0, box.y0 - 0.24 / inches, 2.4 / fig.get_figwidth(), 0.1 / inches))
    colours = LinearSegmentedColormap.from_list("house", DIVERGING)
    bar.pcolormesh(np.linspace(-1, 1, 202), [0, 1], np.linspace(-1, 1, 201)[None, :], cmap=colours)
    ticks = (-1, -0.5, 0, 0.5, 1)
    texts = [number(t, 1, lang) for t in ticks]
    bar.set_xticks(ticks, texts, fontsize=7)
    bar.set_yticks([])
    bar.spines[:].set_visible(False)
    at = box.x0 + 2.6 / fig.get_figwidth()
    fig.text(at, box.y0 - 0.19 / inches, word("correlation_axis", lang), fontsize=7.5, va="center")


def plot_weights(found: Audit, lang: Lang = "en", *, title: str | None = None) -> Figure:
    """Draw the nominal weight of dimensions and indicators against what they decide.

    Parameters
    ----------
    found
        What `audit` returns.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    upper, lower = (found.weights.loc[level] for level in ("dimension", "indicator"))
    with house():
        fig = new_figure(2.3 + _ROW * (len(upper) + 3 + len(lower)))
        heading = title or word("title_weights", lang, period=found.period)
        room = dress(fig, heading, word("reading_weights", lang), foot(found, lang))
        colours = dimension_colours(list(upper.index))
        handles = [
            Line2D([], [], marker="o", color="none", markerfacecolor=PAPER, markeredgecolor=INK,
                   markersize=5, label=word("nominal_weight", lang)),
            Line2D([], [], marker="o", color="none", markerfacecolor=INK, markeredgecolor=INK,
                   markersize=5, label=word("effective_weight", lang)),
        ]  # fmt: skip
        boxes = _stack(fig, room, (len(upper), len(lower)))
        _legend(fig, room, handles)
        names = [dimension_name(str(name), lang) for name in upper.index]
        _pairs(fig.add_axes(boxes[0]), upper, names, colours, lang)
        ax = fig.add_axes(boxes[1])
        _pairs(ax, lower, _short(fig, lower.index, lang, 7.5), colours, lang)
        _dividers(ax, lower["dimension"])
    return fig


def _pairs(
    ax: Axes, table: pd.DataFrame, names: Sequence[str], colours: dict[str, str], lang: Lang
) -> None:
    """Hollow: nominal; full: effective; a line between them."""
    y = range(len(table))
    tint = [colours[name] for name in table["dimension"]]
    nominal, effective = 100 * table["nominal"], 100 * table["local_share"]
    ax.hlines(y, nominal, effective, colors=tint, linewidth=1.6)
    ax.scatter(effective, y, s=26, c=tint, linewidths=0, zorder=3)
    ax.scatter(nominal, y, s=26, facecolors=PAPER, edgecolors=INK, linewidths=0.9, zorder=4)
    most = float(max(nominal.max(), effective.max()))
    ax.set_xlim(-0.02 * most, 1.05 * most)
    _rows(ax, names)


def plot_leave_out(found: Audit, lang: Lang = "en", *, title: str | None = None) -> Figure:
    """Draw how far ranks move when one indicator is left out: on average, and at most.

    Parameters
    ----------
    found
        What `audit` returns.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    table = found.leave_out.summary.sort_values("mean_shift", ascending=False, kind="stable")
    dimensions = list(dict.fromkeys(found.leave_out.summary["dimension"]))
    colours = dimension_colours(dimensions)
    with house():
        fig = new_figure(2.3 + _ROW * len(table))
        heading = title or word("title_leave_out", lang, period=found.period)
        room = dress(fig, heading, word("reading_leave_out", lang), foot(found, lang))
        handles = [
            Patch(facecolor=colours[name], label=dimension_name(name, lang)) for name in dimensions
        ]
        (box,) = _stack(fig, room, (len(table),), legend=2)
        _legend(fig, room, handles)
        ax = fig.add_axes(box)
        y, tint = range(len(table)), [colours[name] for name in table["dimension"]]
        ax.hlines(y, table["mean_shift"], table["max_shift"], colors=FAINT, linewidth=1.0)
        ax.scatter(table["mean_shift"], y, s=26, c=tint, linewidths=0, zorder=3)
        ax.scatter(table["max_shift"], y, s=22, marker="|", color=INK, linewidths=1.2, zorder=3)
        _name_movers(ax, table, lang)
        _rows(ax, _short(fig, table.index, lang, 7.5))
        most = float(table["max_shift"].max())
        ax.set_xlim(-0.02 * most, 1.28 * most)
    return fig


def _name_movers(ax: Axes, table: pd.DataFrame, lang: Lang) -> None:
    names = unit_names(table["unit"], lang)
    for y, (unit, most, shift) in enumerate(
        zip(table["unit"], table["max_shift"], table["shift"], strict=True)
    ):
        text = f"{names.loc[[unit]].iloc[0]} {signed(shift, 0, lang)}"
        ax.annotate(text, (most, y), (5, 0), textcoords="offset points", fontsize=7, va="center",
                    color=ACCENT if shift > 0 else MUTED)  # fmt: skip


def _short(fig: Figure, names: Sequence[str] | pd.Index, lang: Lang, size: float) -> list[str]:
    """Names of indicators, cut where they would be wider than their place."""
    found = []
    for name in names:
        text = indicator_name(str(name), lang)
        room = _NAMES - 0.35
        if text_width(fig, text, size) > room:
            while text_width(fig, f"{text}…", size) > room:
                text = text[:-1]
            text = f"{text.rstrip(' ,(')}…"
        found.append(text)
    return found


def _rows(ax: Axes, names: Sequence[str]) -> None:
    ax.set_yticks(range(len(names)), names, fontsize=7.5)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    ax.tick_params(axis="x", labelsize=7.5, labelcolor=MUTED, pad=1)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.xaxis.grid(True)
    for y in range(len(names)):
        ax.axhline(y, color="#eef0f2", linewidth=0.5, zorder=0)


def _dividers(ax: Axes, dimensions: "pd.Series[str]") -> None:
    changes = np.flatnonzero(dimensions.to_numpy()[1:] != dimensions.to_numpy()[:-1])
    for place in changes:
        ax.axhline(place + 0.5, color=MUTED, linewidth=0.5, zorder=0)


def _stack(
    fig: Figure, room: tuple[float, ...], rows: Sequence[int], legend: int = 1
) -> list[tuple[float, float, float, float]]:
    """Boxes one above the other, each as tall as its rows."""
    height, width = fig.get_figheight(), fig.get_figwidth()
    free = room[3] * height - 0.12 - 0.19 * legend - 0.3 * len(rows)
    each = free / sum(rows)
    boxes, top = [], (room[1] + room[3]) * height - 0.12 - 0.19 * legend
    for count in rows:
        top -= 0.24 + count * each
        left = room[0] + _NAMES / width
        boxes.append((left, top / height, room[2] - (_NAMES + 0.1) / width, count * each / height))
        top -= 0.06
    return boxes


def _legend(fig: Figure, room: tuple[float, ...], handles: Sequence[Patch | Line2D]) -> None:
    fig.legend(handles=handles, loc="upper left", bbox_to_anchor=(room[0], room[1] + room[3]),
               ncols=3, borderaxespad=0.0, borderpad=0.0, handlelength=1.2,
               columnspacing=1.6)  # fmt: skip
