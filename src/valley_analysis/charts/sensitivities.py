"""Sobol bars: which assumption the ranges are due to."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from valley_analysis.charts.names import unit_names
from valley_analysis.charts.robustness_text import assumption_name, foot, word
from valley_analysis.charts.style import (
    CATEGORICAL,
    INK,
    dress,
    house,
    new_figure,
    panels,
    text_width,
)
from valley_analysis.scoring import SensitivityResult
from valley_analysis.text import Lang, number

_COLUMNS = 2


def plot_sensitivity(
    found: SensitivityResult,
    lang: Lang = "en",
    *,
    units: Sequence[str] = (),
    title: str | None = None,
) -> Figure:
    """Draw first and total order shares of variance by assumption, with bootstrap intervals.

    Parameters
    ----------
    found
        What `sensitivity` returns.
    lang
        "en" or "ru".
    units
        Codes whose rank gets a panel of its own, after the mean shift of all ranks.
    title
        Above the chart; a standard one unless given.
    """
    tables = {word("mean_shift", lang): found.rank_shift}
    names = unit_names(units, lang)
    tables |= {word("rank_of", lang, name=names[u]): found.unit(u) for u in units}
    order = found.rank_shift["total"].fillna(0).sort_values(ascending=False, kind="stable").index
    with house():
        columns = min(_COLUMNS, len(tables))
        rows = -(-len(tables) // columns)
        fig = new_figure(1.75 + rows * (0.55 + 0.31 * len(order)))
        heading = title or word("title_sobol", lang, period=found.period)
        source = foot(found, lang)
        room = dress(fig, heading, word("reading_sobol", lang), source)
        height = fig.get_figheight()
        handles = [
            Patch(facecolor=CATEGORICAL[0], label=word("first_order", lang)),
            Patch(facecolor=CATEGORICAL[4], label=word("total_order", lang)),
        ]
        fig.legend(handles=handles, loc="upper left", bbox_to_anchor=(room[0], room[1] + room[3]),
                   ncols=2, borderaxespad=0.0, borderpad=0.0, handlelength=1.2)  # fmt: skip
        room = (room[0], room[1], room[2], room[3] - 0.28 / height)
        labels = [assumption_name(str(name), lang) for name in order]
        first = max(text_width(fig, label, 8.5) for label in labels) + 0.12
        grid = panels(fig, room, len(tables), columns, (0.0, 0.3, 0.35, 0.3), first=first)
        longest = max(float(np.nanmax(t.to_numpy(), initial=0.1)) for t in tables.values())
        for place, (ax, (name, table)) in enumerate(zip(grid, tables.items(), strict=True)):
            _bars(ax, table.loc[order], longest, lang)
            ax.set_title(name, pad=4)
            ax.set_yticks(range(len(order)), labels if place % columns == 0 else [])
    return fig


def _bars(ax: Axes, table: pd.DataFrame, longest: float, lang: Lang) -> None:
    for kind, shift, colour in (("first", -0.19, CATEGORICAL[0]), ("total", 0.19, CATEGORICAL[4])):
        y = np.arange(len(table)) + shift
        values = table[kind].clip(lower=0).fillna(0.0)
        ends = table[[f"{kind}_low", f"{kind}_high"]].clip(lower=0).fillna(0.0).to_numpy()
        ax.barh(y, values, height=0.36, color=colour, linewidth=0)
        ax.hlines(y, ends[:, 0], ends[:, 1], color=INK, linewidth=0.9)
    ax.set(ylim=(len(table) - 0.4, -0.6), xlim=(0, max(longest * 1.04, 0.1)))
    ticks = np.arange(0, longest * 1.04, 0.2 if longest > 0.5 else 0.1)
    ax.set_xticks(ticks, [number(100 * tick, 0, lang) for tick in ticks])
    ax.xaxis.grid(True)
