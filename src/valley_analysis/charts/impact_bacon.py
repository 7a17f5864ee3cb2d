"""What a two-way coefficient is made of: its two-by-two comparisons by weight."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from valley_analysis.charts.impact_look import (
    BLUE,
    GREEN,
    ORANGE,
    legend_row,
    low_label,
    point,
    side_label,
    stroke,
)
from valley_analysis.charts.impact_text import (
    About,
    compact,
    estimate_text,
    foot,
    print_numbers,
    word,
)
from valley_analysis.charts.style import GRID, INK, MUTED, dress, house, new_figure, panels
from valley_analysis.impact.bacon import EARLY, LATE, NEVER
from valley_analysis.impact.results import EffectResult
from valley_analysis.text import Lang, number

_LOOK = {
    NEVER: ("bacon_never", BLUE, "o"),
    EARLY: ("bacon_early", GREEN, "^"),
    LATE: ("bacon_late", ORANGE, "X"),
}


def plot_bacon(
    result: EffectResult, lang: Lang = "en", *, about: About, title: str | None = None
) -> Figure:
    """Draw every comparison: its estimate against its weight, by type.

    Parameters
    ----------
    result
        Of `bacon_decomposition`.
    lang
        "en" or "ru".
    about
        What was estimated.
    title
        Above the chart; a standard one unless given.
    """
    pairs, types = result.frames["pairs"], result.frames["types"]
    told = estimate_text(result, about, lang)
    reading = word("reading_bacon", lang, outcome=about.outcome, estimate=told)
    with house():
        fig = new_figure(4.8)
        heading = title or word("title_bacon", lang)
        room = dress(fig, heading, reading, foot(about, lang, result=result))
        handles = [_sign(kind, types, about, lang) for kind in _LOOK if kind in types.index]
        handles.append(stroke(word("bacon_line", lang), INK, linestyle=(0, (4, 2))))
        room = legend_row(fig, room, handles)
        (ax,) = panels(fig, room, 1, 1, (0.75, 0.45, 0.3, 0.1))
        for kind, (_, colour, marker) in _LOOK.items():
            own = pairs[pairs["type"] == kind]
            ax.scatter(100 * own["weight"], about.effect(own["estimate"]), s=44, color=colour,
                       marker=marker, linewidth=0, zorder=3, gid=kind)  # fmt: skip
        ax.axhline(0, color=MUTED, linewidth=0.8)
        ax.axhline(float(about.effect(result.estimate)), color=INK, linestyle=(0, (4, 2)))
        ax.grid(axis="y", color=GRID)
        _weights(ax, lang)
        print_numbers(ax.yaxis, lang)
        side_label(ax, word("axis_comparison", lang, unit=about.unit_text(lang)))
        low_label(ax, word("axis_share_of_comparison", lang))
    return fig


def _sign(kind: str, types: pd.DataFrame, about: About, lang: Lang) -> Line2D:
    key, colour, marker = _LOOK[kind]
    weight = number(100 * float(types.loc[kind, "weight"]), 1, lang)
    mean = about.told(float(types.loc[kind, "estimate"]), lang)
    return point(word(key, lang, weight=weight, mean=mean), colour, marker=marker)


def _weights(ax: Axes, lang: Lang) -> None:
    """Weights run over three orders of magnitude."""
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value, lang)))
    ax.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
