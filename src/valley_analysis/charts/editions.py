"""Ranks and dimensions over editions, with what is provisional and what changed its method."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from valley_analysis.charts.names import dimension_name, unit_names
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.style import (
    CATEGORICAL,
    GRID,
    MUTED,
    PAPER,
    dimension_colours,
    dress,
    house,
    new_figure,
    panels,
    source_text,
    text_width,
)
from valley_analysis.errors import ValleyError
from valley_analysis.scoring import IndexResult
from valley_analysis.scoring.brought import nearest
from valley_analysis.text import Lang, number

_DASHED = (0, (2, 1.5))
_MARKERS = ("o", "s", "^", "D")


def method_breaks(results: Mapping[int, IndexResult]) -> pd.DataFrame:
    """List the indicators whose method differs from that of the edition before.

    Parameters
    ----------
    results
        Editions by year.

    Returns
    -------
    Columns edition, indicator, old, new (methods), weight (share of the later edition);
    indicators that enter or leave are not breaks.
    """
    rows = []
    periods = sorted(results)
    for before, after in pairwise(periods):
        old, new = results[before].lags["method"], results[after].lags["method"]
        used = results[after].weights["used"]
        rows += [
            (after, name, old[name], new[name], used[name])
            for name in new.index.intersection(old.index)
            if old[name] != new[name]
        ]
    return pd.DataFrame(rows, columns=["edition", "indicator", "old", "new", "weight"])


def common_indicators(results: Mapping[int, IndexResult]) -> tuple[str, ...]:
    """Return the indicators that every edition uses, in the specification's order."""
    used = [set(result.lags.index) for result in results.values()]
    spec = next(iter(results.values())).spec
    return tuple(name for name in spec.indicators if all(name in one for one in used))


def plot_editions(
    results: Mapping[int, IndexResult],
    units: Sequence[str],
    lang: Lang = "en",
    *,
    ranges: Mapping[int, pd.DataFrame] | None = None,
    title: str | None = None,
    subtitle: str = "",
) -> Figure:
    """Draw the ranks of chosen regions over editions.

    Parameters
    ----------
    results
        Editions by year.
    units
        Codes of the regions to draw; at most a dozen stay readable.
    lang
        "en" or "ru".
    ranges
        By edition, units down: rank_low and rank_high, drawn as upright bars.
    title, subtitle
        Above the chart; a standard one unless given.

    Raises
    ------
    ValleyError
        If no unit is given, or one is not in the scope.
    """
    first = next(iter(results.values()))
    outside = [unit for unit in units if unit not in first.scores.index]
    if outside or not units:
        strangers = nearest(outside, list(first.scores.index)) or "(none)"
        raise ValleyError(
            f"units {strangers} are not among those of scope "
            f"{first.scope.name!r}. Next step: choose codes of its units."
        )
    ranks = pd.DataFrame({p: results[p].scores["rank"] for p in sorted(results)})
    ranks = ranks.loc[list(units)].astype("Float64").astype(float)
    with house():
        fig = new_figure(6.4)
        room = dress(fig, title or phrase("title_editions", lang), subtitle, _foot(results, lang))
        names = unit_names(units, lang)
        side = max(text_width(fig, name, 8.5) for name in names) + 0.55
        left, bottom, width, height = room
        right = side / fig.get_figwidth()
        below, above = 0.3 / fig.get_figheight(), 0.22 / fig.get_figheight()
        ax = fig.add_axes(
            (left + 0.03, bottom + below, width - 0.03 - right, height - below - above)
        )
        _rank_lines(ax, ranks, _provisional(results))
        lowest = _range_bars(ax, ranks, ranges or {})
        _rank_axes(ax, ranks, lowest, lang)
        _break_lines(ax, results)
        _end_labels(ax, ranks, names)
    return fig


def plot_dimension_paths(
    results: Mapping[int, IndexResult],
    lang: Lang = "en",
    *,
    title: str | None = None,
    constant: bool = False,
) -> Figure:
    """Draw how median and spread of each dimension moved over editions.

    Parameters
    ----------
    results
        Editions by year.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    constant
        Whether the results were scored on indicators that are in all editions; the note
        below says which it is.
    """
    periods = sorted(results)
    key = "title_paths_constant" if constant else "title_paths"
    spec = results[periods[0]].spec
    colours = dimension_colours(spec.dimensions)
    with house():
        rows = -(-len(spec.dimensions) // 3)
        fig = new_figure(1.4 + 2.15 * rows)
        bands = f"{phrase('median', lang)}; {phrase('spread', lang)}; {phrase('tails', lang)}"
        foot = _foot(results, lang, constant=constant)
        room = dress(fig, title or phrase(key, lang), bands[0].upper() + bands[1:], foot)
        grid = panels(fig, room, len(spec.dimensions), 3, (0.3, 0.28, 0.15, 0.3))
        for ax, dimension in zip(grid, spec.dimensions, strict=True):
            table = pd.DataFrame({p: results[p].scores[dimension] for p in periods})
            _bands(ax, table, colours[dimension], _provisional(results))
            ax.set_title(dimension_name(dimension, lang))
            _break_lines(ax, results)
            ax.set(xlim=(periods[0] - 0.5, periods[-1] + 0.5), ylim=(0, 100))
            ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            ax.yaxis.grid(True)
    return fig


def spread_labels(wanted: Sequence[float], gap: float) -> list[float]:
    """Move positions apart until neighbours are at least `gap` from each other.

    Positions keep their order; groups stay centred on where they wanted to be.

    Examples
    --------
    >>> spread_labels([1.0, 1.2, 5.0], 1.0)
    [0.6, 1.6, 5.0]
    """
    order = np.argsort(np.array(wanted), kind="stable")
    groups: list[tuple[list[int], float]] = []  # members, centre
    for index in order:
        groups.append(([int(index)], float(wanted[index])))
        while len(groups) > 1:
            (one, a), (two, b) = groups[-2], groups[-1]
            if b - a >= gap * (len(one) + len(two)) / 2 - 1e-12:
                break
            centre = (a * len(one) + b * len(two)) / (len(one) + len(two))
            groups[-2:] = [(one + two, centre)]
    placed = [0.0] * len(wanted)
    for members, centre in groups:
        for step, index in enumerate(members):
            placed[index] = round(centre + gap * (step - (len(members) - 1) / 2), 9)
    return placed


def _provisional(results: Mapping[int, IndexResult]) -> set[int]:
    return {period for period, result in results.items() if result.provisional}


def _rank_lines(ax: Axes, ranks: pd.DataFrame, provisional: set[int]) -> None:
    for place, (unit, row) in enumerate(ranks.iterrows()):
        colour = CATEGORICAL[place % len(CATEGORICAL)]
        marker = _MARKERS[place // len(CATEGORICAL) % len(_MARKERS)]
        for before, after in pairwise(row.index):
            ax.plot(
                [before, after],
                [row[before], row[after]],
                color=colour,
                linewidth=1.6,
                linestyle=_DASHED if after in provisional else "-",
                zorder=2,
            )
        for period, value in row.items():
            face = PAPER if period in provisional else colour
            ax.plot(period, value, marker, color=colour, markerfacecolor=face, markersize=6,
                    gid=str(unit), zorder=3)  # fmt: skip


def _range_bars(ax: Axes, ranks: pd.DataFrame, ranges: Mapping[int, pd.DataFrame]) -> float:
    """Draw the range of each rank, side by side where regions meet; return the lowest rank."""
    lowest = float(ranks.max().max())
    count = len(ranks.index)
    for place, unit in enumerate(ranks.index):
        colour = CATEGORICAL[place % len(CATEGORICAL)]
        shift = (place - (count - 1) / 2) * 0.03
        for period in ranks.columns.intersection(list(ranges)):
            low, high = ranges[period].loc[unit, ["rank_low", "rank_high"]].astype(float)
            if low > 0:
                at = [period + shift] * 2
                (bar,) = ax.plot(at, [low, high], color=colour, linewidth=2.4, alpha=0.35)
                bar.set(solid_capstyle="butt", zorder=1, gid=f"range {unit}")
                lowest = max(lowest, high)
    return lowest


def _rank_axes(ax: Axes, ranks: pd.DataFrame, lowest: float, lang: Lang) -> None:
    ax.set_ylim(lowest + max(1.0, 0.04 * lowest), 1 - max(0.6, 0.025 * lowest))
    ax.set_xlim(ranks.columns[0] - 0.4, ranks.columns[-1] + 0.15)
    ax.set_xticks(list(ranks.columns))
    step = next(s for s in (1, 2, 5, 10, 20) if lowest / s <= 16)
    ax.set_yticks([1, *range(step if step > 1 else 2, int(lowest) + 1, step)])
    ax.yaxis.grid(True)
    ax.spines[["left", "bottom"]].set_color(GRID)
    ax.set_title(phrase("Rank", lang), fontsize=8.5, fontweight="normal", x=-0.03)


def _end_labels(ax: Axes, ranks: pd.DataFrame, names: "pd.Series[str]") -> None:
    """Rank and name of each region at its last point, moved apart where they would collide."""
    last = ranks.ffill(axis=1).iloc[:, -1]
    bottom, top = ax.get_ylim()
    fig = ax.figure.get_figure(root=True)
    inches = ax.get_position().height * fig.get_figheight()
    placed = spread_labels(last.tolist(), 8.5 * 1.3 / 72 * abs(bottom - top) / inches)
    end = ranks.columns[-1]
    for place, (unit, y) in enumerate(zip(ranks.index, placed, strict=True)):
        colour = CATEGORICAL[place % len(CATEGORICAL)]
        line = {"arrowstyle": "-", "color": colour, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 4}
        label = names[unit] if pd.isna(last[unit]) else f"{last[unit]:.0f}  {names[unit]}"
        width = (ax.get_xlim()[1] - ax.get_xlim()[0]) * 0.035
        ax.annotate(
            label,
            (end, last[unit]),
            (end + width, y),
            arrowprops=line,
            fontsize=8.5,
            va="center",
            ha="left",
            annotation_clip=False,
        )


def _bands(ax: Axes, table: pd.DataFrame, colour: str, provisional: set[int]) -> None:
    periods = list(table.columns)
    q = table.quantile([0.1, 0.25, 0.5, 0.75, 0.9])
    ax.fill_between(periods, q.loc[0.1], q.loc[0.9], color=colour, alpha=0.15, linewidth=0)
    ax.fill_between(periods, q.loc[0.25], q.loc[0.75], color=colour, alpha=0.35, linewidth=0)
    for before, after in pairwise(periods):
        dashes = _DASHED if after in provisional else "-"
        ends = [q.loc[0.5, before], q.loc[0.5, after]]
        ax.plot([before, after], ends, color=colour, linewidth=2, linestyle=dashes)


def _break_lines(ax: Axes, results: Mapping[int, IndexResult]) -> None:
    for period in method_breaks(results)["edition"].unique():
        ax.axvline(float(period) - 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)


def _foot(results: Mapping[int, IndexResult], lang: Lang, *, constant: bool = False) -> str:
    periods = sorted(results)
    first, notes = results[periods[0]], []
    early = sorted(_provisional(results))
    if early:
        notes.append(phrase("provisional_short", lang, periods=", ".join(map(str, early))))
    breaks = method_breaks(results).groupby("edition")["weight"].agg(["size", "sum"])
    if len(breaks):
        items = [
            phrase(
                "break_item",
                lang,
                period=period,
                n=int(row["size"]),
                weight=number(100 * row["sum"], 0, lang),
            )
            for period, row in breaks.iterrows()
        ]
        notes.append(phrase("breaks", lang, items="; ".join(items)))
    counts = [len(result.lags) for result in results.values()]
    same = len(common_indicators(results))
    if constant:
        notes.append(phrase("constant_set", lang, same=same))
    else:
        members = {"low": min(counts), "high": max(counts), "all": len(first.spec.members)}
        notes.append(phrase("of_members", lang, same=same, **members))
    span = (periods[0], periods[-1])
    return source_text(lang, scope=first.scope, edition=span, notes=notes)
