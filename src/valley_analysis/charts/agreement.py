"""Scatter plots of ranks here against published places of other ratings."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valley_analysis.charts.labels import place_labels
from valley_analysis.charts.names import unit_names
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    FAINT,
    MUTED,
    dress,
    house,
    new_figure,
    panels,
    source_text,
    wrap,
)
from valley_analysis.errors import ValleyError
from valley_analysis.frames import Scope
from valley_analysis.scoring import Agreement
from valley_analysis.text import Lang, number

_COLUMNS = 3
_LABELLED = 6


def plot_agreement(
    agreements: Mapping[tuple[str, int, int], Agreement],
    lang: Lang = "en",
    *,
    title: str | None = None,
    scope: Scope,
) -> Figure:
    """Draw one scatter plot for each comparison, with its number of regions.

    Parameters
    ----------
    agreements
        By (rating, year, edition), as `scoring.rating_agreements` gives them.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    scope
        The units that could have been in common.

    Raises
    ------
    ValleyError
        If there is no comparison.
    """
    if not agreements:
        raise ValleyError("no rating has enough regions in common. Next step: lower `minimum`.")
    rows = -(-len(agreements) // _COLUMNS)
    with house():
        fig = new_figure(1.6 + 3.35 * rows)
        source = f"{phrase('rosstat', lang)}; {phrase('news_pages', lang)}"
        foot = source_text(lang, scope=scope, source=source, notes=[phrase("truncation", lang)])
        room = dress(fig, title or phrase("title_agreement", lang), "", foot)
        grid = panels(fig, room, len(agreements), _COLUMNS, (0.4, 0.45, 0.25, 0.72))
        for place, (ax, (key, found)) in enumerate(zip(grid, agreements.items(), strict=True)):
            _scatter(ax, found, lang)
            _words(ax, key, found, lang)
            if place + _COLUMNS >= len(agreements):  # no panel below
                ax.set_xlabel(wrap(fig, phrase("our_rank", lang), 8, 2.9), fontsize=8)
            if place % _COLUMNS == 0:
                ax.set_ylabel(wrap(fig, phrase("their_rank", lang), 8, 2.3), fontsize=8)
    return fig


def _scatter(ax: Axes, found: Agreement, lang: Lang) -> None:
    table = found.table
    limit = found.n + max(1.0, 0.06 * found.n)
    low = 1 - max(0.6, 0.06 * found.n)
    ax.set_box_aspect(1)
    ax.set_anchor("NW")
    ax.set(xlim=(low, limit), ylim=(limit, low))
    ax.plot([1, found.n], [1, found.n], color=FAINT, linewidth=1, zorder=1)
    ax.scatter(table["ours"], table["theirs"], s=18, color=CATEGORICAL[0], linewidth=0, zorder=2)
    ticks = [1, *range(10, found.n + 1, 10)] if found.n > 12 else list(range(1, found.n + 1, 2))
    ax.set_xticks(ticks)
    ax.set_yticks(ticks)
    ax.tick_params(labelsize=8)
    points = {str(u): (float(row.ours), float(row.theirs)) for u, row in _rows(table)}
    # Points along the line of equality, so that no name crosses it.
    points |= {f"line {k}": (k, k) for k in np.arange(low, limit, (limit - low) / 60)}
    far = table[table["difference"].abs() >= max(1, 0.12 * found.n)].head(_LABELLED)
    names = unit_names(map(str, far.index), lang)
    marked = far.loc[list(place_labels(ax, points, names.to_dict()))]
    ax.scatter(marked["ours"], marked["theirs"], s=18, color=ACCENT, linewidth=0, zorder=3)


def _rows(table: Any) -> Any:
    return zip(table.index, table.itertuples(), strict=True)


def _words(ax: Axes, key: tuple[str, int, int], found: Agreement, lang: Lang) -> None:
    rating, year, edition = key
    head = phrase("agreement_head", lang, rating=phrase(rating, lang), year=year, edition=edition)
    values = {
        name: number(getattr(found, name), 2, lang)
        for name in ("spearman", "kendall", "low", "high")
    }
    if math.isnan(found.low):
        values |= {"low": "–", "high": "–"}
    numbers = phrase("agreement_numbers", lang, n=found.n, **values)
    ax.set_title(head, fontsize=8.5, pad=31, linespacing=1.25)
    look: dict[str, Any] = {"fontsize": 8, "color": MUTED, "linespacing": 1.25}
    ax.annotate(numbers, (0, 1), (0, 4), "axes fraction", "offset points", va="bottom", **look)
