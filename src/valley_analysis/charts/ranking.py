"""The full ranking: every region a bar of what each dimension contributes."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from valley_analysis.charts.names import dimension_name, unit_names
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.style import (
    GRID,
    INK,
    MUTED,
    dimension_colours,
    dress,
    house,
    new_figure,
    source_text,
)
from valley_analysis.scoring import IndexResult
from valley_analysis.text import Lang, number, span

ROW = 0.163  # inches
_NAMES, _SCORE, _RANGE = 1.85, 0.42, 0.62  # inches left and right of the bars
_ONE_PANEL = 45


def dimension_contributions(result: IndexResult) -> pd.DataFrame:
    """Return the points that each dimension contributes: units x dimensions.

    A row sums to the unit's score.
    """
    by_dimension = result.contributions.T.groupby(result.weights["dimension"], sort=False).sum().T
    return by_dimension.reindex(columns=list(result.spec.dimensions), fill_value=0.0)


def incomplete_units(result: IndexResult) -> tuple[str, ...]:
    """Return the units that lack values for part of the weight that the edition has."""
    full = result.weights["weight"].sum()
    present = result.scores["weight_present"]
    return tuple(result.scores.index[(present < full - 1e-9) & result.scores["score"].notna()])


def plot_ranking(
    result: IndexResult,
    lang: Lang = "en",
    *,
    title: str | None = None,
    top: int | None = None,
    ranges: pd.DataFrame | None = None,
    subtitle: str | None = None,
    notes: Sequence[str] = (),
) -> Figure:
    """Draw regions in order of rank, each a bar of contributions by dimension.

    Parameters
    ----------
    result
        One edition of an index.
    lang
        "en" or "ru".
    title, subtitle
        Above the chart; the subtitle says how to read a bar unless given.
    top
        How many to show; all if None.
    ranges
        By unit code: rank_low and rank_high, printed beside the score.
    notes
        More sentences for the line below, such as over what the ranges are taken.
    """
    ranked = result.scores.dropna(subset=["score"]).sort_values(["rank", "score"])
    shown = ranked.head(top) if top else ranked
    panels = 1 if len(shown) <= _ONE_PANEL else 2
    rows = -(-len(shown) // panels)
    with house():
        fig = new_figure(1.75 + ROW * rows + 0.3)
        usual = "contributions" if ranges is None else "contributions_ranges"
        reading = phrase(usual, lang) if subtitle is None else subtitle
        room = dress(
            fig,
            title or phrase("title_ranking", lang, period=result.period),
            reading,
            _foot(result, lang, len(shown), notes),
        )
        left, bottom, width, height = _legend(fig, room, result.spec.dimensions, lang)
        beside = (_SCORE + (_RANGE if ranges is not None else 0)) / fig.get_figwidth()
        names = _NAMES / fig.get_figwidth()
        wide = width / panels
        for panel in range(panels):
            box = (left + panel * wide + names, bottom, wide - names - beside - 0.015, height)
            part = shown.iloc[panel * rows : (panel + 1) * rows]
            ax = fig.add_axes(box)
            _bars(ax, part, result, lang, rows)
            _marks(ax, part, ranges, lang)
    return fig


def _foot(result: IndexResult, lang: Lang, shown: int, more: Sequence[str]) -> str:
    incomplete, notes = incomplete_units(result), list(more)
    n = len(result.scope) - len(result.unranked)
    if shown < n:
        notes.append(phrase("first_of", lang, top=shown, n=n))
    if incomplete:
        notes.append(phrase("incomplete", lang, n=len(incomplete)))
    if result.unranked:
        names = ", ".join(unit_names(result.unranked, lang))
        notes.append(phrase("unranked", lang, names=names))
    return source_text(
        lang,
        scope=result.scope,
        n=n,
        edition=result.period,
        provisional=result.provisional,
        notes=notes,
    )


def _legend(
    fig: Figure, room: tuple[float, ...], dimensions: Sequence[str], lang: Lang
) -> tuple[float, float, float, float]:
    """Put the dimensions' colours above the panels; return the room that is left."""
    colours = dimension_colours(dimensions)
    handles = [Patch(facecolor=colours[d], label=dimension_name(d, lang)) for d in dimensions]
    left, bottom, width, height = room
    fig.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(left, bottom + height),
        ncols=3,
        borderaxespad=0.0,
        borderpad=0.0,
        handlelength=1.2,
        columnspacing=1.6,
    )
    rows = -(-len(handles) // 3)
    return left, bottom, width, height - (0.19 * rows + 0.12) / fig.get_figheight()


def _bars(ax: Axes, part: pd.DataFrame, result: IndexResult, lang: Lang, rows: int) -> None:
    points = dimension_contributions(result).loc[part.index]
    start = pd.Series(0.0, index=part.index)
    y = list(range(len(part)))
    for dimension, colour in dimension_colours(result.spec.dimensions).items():
        ax.barh(y, points[dimension], left=start, height=0.74, color=colour, linewidth=0)
        start += points[dimension]
    incomplete = set(incomplete_units(result))
    names = unit_names(part.index, lang)
    marked = [f"{name} °" if unit in incomplete else name for unit, name in names.items()]
    ax.set_yticks(y, marked, fontsize=7.5)
    ax.set_ylim(rows - 0.4, -0.6)
    end = 10 * (int(result.scores["score"].max() // 10) + 1)
    ax.set(xlim=(0, end), xticks=range(0, end, 20))  # none at the end: there stand the heads
    ax.xaxis.grid(True)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    ax.tick_params(axis="x", labelsize=7.5, labelcolor=MUTED, pad=1)


def _marks(ax: Axes, part: pd.DataFrame, ranges: pd.DataFrame | None, lang: Lang) -> None:
    """Rank left of the name, score (and range of ranks) right of the bar."""
    inches = ax.get_position().width * ax.figure.get_figure(root=True).get_figwidth()
    at = ax.get_yaxis_transform()
    heads = {"col_score": 0.34} | ({} if ranges is None else {"col_ranks": 0.92})
    for key, right in heads.items():
        ax.text(1 + right / inches, -0.75, phrase(key, lang), ha="right", va="bottom",
                fontsize=7, color=MUTED, transform=at)  # fmt: skip
    for y, row in enumerate(part.itertuples()):
        look: dict[str, Any] = {"va": "center", "fontsize": 7.5, "transform": at}
        left = -_NAMES / inches + 0.01
        ax.text(left, y, str(row.rank), ha="left", color=MUTED, **look)
        score = number(float(str(row.score)), 1, lang)
        ax.text(1 + 0.34 / inches, y, score, ha="right", color=INK, fontweight="bold", **look)
        if ranges is not None and row.Index in ranges.index:
            low, high = (int(ranges.loc[row.Index, c]) for c in ("rank_low", "rank_high"))
            ax.text(1 + 0.92 / inches, y, span(low, high), ha="right", color=MUTED, **look)
        if y % 5 == 0 and y:
            ax.axhline(y - 0.5, color=GRID, linewidth=0.5, zorder=0)
