"""Profiles: how chosen regions stand in each dimension, against all regions."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke

from valley_analysis.charts.names import dimension_name, unit_names
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.style import (
    FAINT,
    INK,
    MUTED,
    PAPER,
    dimension_colours,
    dress,
    house,
    new_figure,
    panels,
    source_text,
    text_width,
    wrap,
)
from valley_analysis.errors import ValleyError
from valley_analysis.scoring import IndexResult
from valley_analysis.scoring.brought import nearest
from valley_analysis.text import Lang, number, span

_COLUMNS = 3


def plot_profiles(
    result: IndexResult,
    units: Sequence[str],
    lang: Lang = "en",
    *,
    ranges: pd.DataFrame | None = None,
    title: str | None = None,
) -> Figure:
    """Draw each unit's dimension scores as dots over the median and middle half of all.

    Parameters
    ----------
    result
        One edition of an index.
    units
        Codes, one panel each, in this order.
    lang
        "en" or "ru".
    ranges
        Units down: rank_low and rank_high, printed behind the rank.
    title
        Above the chart; a standard one unless given.

    Raises
    ------
    ValleyError
        If no unit is given, or one is not in the result's scope.
    """
    outside = [unit for unit in units if unit not in result.scores.index]
    if outside or not units:
        raise ValleyError(
            f"units {nearest(outside, list(result.scores.index)) or '(none)'} are not in scope "
            f"{result.scope.name!r}. Next step: choose codes of its units."
        )
    rows = -(-len(units) // _COLUMNS)
    with house():
        fig = new_figure(1.35 + 1.95 * rows)
        foot = source_text(
            lang,
            scope=result.scope,
            edition=result.period,
            provisional=result.provisional,
        )
        room = dress(
            fig,
            title or phrase("title_profiles", lang, period=result.period),
            phrase("profile_reading", lang),
            foot,
        )
        labels = [wrap(fig, dimension_name(d, lang), 8.5, 1.75) for d in result.spec.dimensions]
        margin = max(text_width(fig, part, 8.5) for t in labels for part in t.split("\n")) + 0.1
        grid = panels(fig, room, len(units), _COLUMNS, (0.0, 0.28, 0.35, 0.44), first=margin)
        for place, (unit, ax) in enumerate(zip(units, grid, strict=True)):
            _profile(ax, result, unit, ranges, lang)
            ax.set_yticks(range(len(labels)), labels if place % _COLUMNS == 0 else [])
    return fig


def _profile(
    ax: Axes, result: IndexResult, unit: str, ranges: pd.DataFrame | None, lang: Lang
) -> None:
    dimensions = list(result.spec.dimensions)
    table = result.scores[dimensions]
    low, middle, high = (table.quantile(q) for q in (0.25, 0.5, 0.75))
    colours = dimension_colours(dimensions)
    for y, dimension in enumerate(dimensions):
        width = high[dimension] - low[dimension]
        ax.barh(y, width, left=low[dimension], height=0.5, color="#dfe3e8")
        ax.plot([middle[dimension]] * 2, [y - 0.25, y + 0.25], color=MUTED, linewidth=1.2)
        value = table.loc[unit, dimension]
        if pd.isna(value):
            ax.text(50, y, phrase("missing", lang), fontsize=7.5, color=MUTED, va="center")
            continue
        ax.plot(value, y, "o", color=colours[dimension], markersize=7, markeredgecolor=INK,
                markeredgewidth=0.5, gid=dimension)  # fmt: skip
        right = value < 84
        ax.annotate(
            number(value, 0, lang),
            (value, y),
            (6 if right else -6, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=7.5,
            path_effects=[Stroke(linewidth=2, foreground=PAPER), Normal()],
        )
    ax.set(xlim=(0, 100), ylim=(len(dimensions) - 0.5, -0.5), xticks=[0, 25, 50, 75, 100])
    ax.xaxis.grid(True)
    ax.spines["left"].set_color(FAINT)
    ax.set_title(unit_names([unit], lang)[unit], fontsize=9, y=1.0, pad=17)
    place = _place(result, unit, ranges, lang)
    ax.annotate(place, (0, 1), (0, 5), "axes fraction", "offset points", fontsize=8, color=MUTED)


def _place(result: IndexResult, unit: str, ranges: pd.DataFrame | None, lang: Lang) -> str:
    row = result.scores.loc[unit]
    if pd.isna(row["score"]):
        return phrase("profile_unranked", lang)
    place = f"{row['rank']:.0f}"
    if ranges is not None:
        low, high = ranges.loc[unit, ["rank_low", "rank_high"]]
        place = f"{place} ({span(low, high)})"
    return phrase("profile_head", lang, rank=place, score=number(row["score"], 1, lang))
