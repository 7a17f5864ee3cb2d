"""Effects by cohort and by time since the treatment; cells without an error are hollow."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valley_analysis.charts.impact_look import (
    BLUE,
    GREEN,
    ORANGE,
    legend_row,
    low_label,
    panel_head,
    point,
    side_label,
    whisker_points,
)
from valley_analysis.charts.impact_text import About, foot, print_numbers, word
from valley_analysis.charts.style import (
    CATEGORICAL,
    GRID,
    INK,
    MUTED,
    dress,
    house,
    new_figure,
    panels,
)
from valley_analysis.impact.results import EffectResult
from valley_analysis.text import Lang

# One sign a cohort: no two blues, and shapes for those who do not tell colours apart.
_SIGNS = (
    (BLUE, "o"),
    (ORANGE, "s"),
    (GREEN, "^"),
    (CATEGORICAL[3], "D"),
    (INK, "v"),
    (CATEGORICAL[1], "P"),
    (CATEGORICAL[4], "X"),
)


def plot_group_time(
    result: EffectResult, lang: Lang = "en", *, about: About, title: str | None = None
) -> Figure:
    """Draw group-time effects: by cohort and period, and by time since the treatment.

    Parameters
    ----------
    result
        Of `group_time_att`.
    lang
        "en" or "ru".
    about
        What was estimated.
    title
        Above the chart; a standard one unless given.
    """
    table = result.table
    cells, events = table[table["kind"] == "cell"], table[table["kind"] == "event"]
    reading = word(
        "reading_group_time",
        lang,
        outcome=about.outcome,
        estimate=about.told(result.estimate, lang),
    )
    with house():
        fig = new_figure(5.0)
        heading = title or word("title_group_time", lang)
        room = dress(fig, heading, reading, foot(about, lang, result=result))
        sizes = cells.groupby("cohort")["n_treated"].max()
        handles = [
            point(word("cohort_n", lang, year=int(year), n=int(sizes[year])), colour, marker=marker)
            for year, (colour, marker) in zip(sizes.index, _SIGNS, strict=False)
        ]
        handles += [
            point(word("row_estimate", lang), MUTED),
            point(word("cell_hollow", lang), MUTED, hollow=True),
        ]
        room = legend_row(fig, room, handles)
        left, right = panels(fig, room, 2, 2, (0.75, 0.5, 0.2, 0.35))
        _cells(left, cells, about)
        panel_head(left, word("panel_cells", lang))
        middle, low, high = _ends(events, about)
        whisker_points(right, events["event_time"].tolist(), middle, low, high, MUTED)
        right.axvline(-0.5, color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)))
        panel_head(right, word("panel_events", lang))
        for ax in (left, right):
            ax.axhline(0, color=MUTED, linewidth=0.8)
            ax.grid(axis="y", color=GRID)
            print_numbers(ax.yaxis, lang)
        side_label(left, word("axis_effect", lang, unit=about.unit_text(lang)))
        low_label(right, word("axis_event_time", lang))
    return fig


def _ends(rows: pd.DataFrame, about: About) -> tuple[list[float], list[float], list[float]]:
    middle, low, high = (
        about.effect(rows[column].to_numpy(float)).tolist()
        for column in ("estimate", "low", "high")
    )
    return middle, low, high


def _cells(ax: Axes, cells: pd.DataFrame, about: About) -> None:
    """One colour and shape a cohort, shifted so that whiskers do not cover each other."""
    cohorts = sorted(cells["cohort"].dropna().unique())
    for place, cohort in enumerate(cohorts):
        own = cells[cells["cohort"] == cohort].sort_values("period")
        shift = 0.12 * (place - (len(cohorts) - 1) / 2)
        colour, marker = _SIGNS[place % len(_SIGNS)]
        x = own["period"].to_numpy(float) + shift
        middle, low, high = _ends(own, about)
        look: dict[str, Any] = {"size": 4.0, "width": 1.0, "marker": marker}
        whisker_points(ax, x.tolist(), middle, low, high, colour, **look)
        ax.plot(x, middle, color=colour, linewidth=0.8)
        ax.axvline(cohort - 0.5, color=colour, linewidth=0.6, linestyle=(0, (2, 2)))
    years = np.arange(int(cells["period"].min()), int(cells["period"].max()) + 1)
    ax.set_xticks(years[:: max(1, len(years) // 5)])
