"""A series with its structural model: observed, fitted, counterfactual, and the effect."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator
from matplotlib.figure import Figure
from scipy import stats

from valley_analysis.charts.impact_look import BLUE, ORANGE, legend_row, panel_head, stroke
from valley_analysis.charts.impact_text import About, estimate_text, foot, print_numbers, word
from valley_analysis.charts.style import FAINT, GRID, INK, MUTED, dress, house, new_figure, panels
from valley_analysis.impact.results import EffectResult
from valley_analysis.text import Lang, number


def plot_structural(
    result: EffectResult, lang: Lang = "en", *, about: About, title: str | None = None
) -> Figure:
    """Draw a series, its model, its course without the intervention, and the difference.

    Parameters
    ----------
    result
        Of `interrupted_time_series`.
    lang
        "en" or "ru".
    about
        What the series is; `since` is the first period after.
    title
        Above the chart; a standard one unless given.
    """
    path = result.frames["path"]
    reading = word(
        "reading_structural",
        lang,
        outcome=about.outcome,
        since=about.since,
        estimate=estimate_text(result, about, lang),
    )
    with house():
        fig = new_figure(5.0)
        heading = title or word("title_structural", lang)
        room = dress(fig, heading, reading, foot(about, lang, result=result))
        handles = [
            stroke(word("observed", lang), INK),
            stroke(word("fitted", lang), BLUE),
            stroke(word("counterfactual", lang), ORANGE, linestyle=(0, (4, 2))),
        ]
        room = legend_row(fig, room, handles)
        left, right = panels(fig, room, 2, 2, (0.6, 0.45, 0.2, 0.4))
        x = path.index
        left.plot(x, path["observed"], color=INK, linewidth=1.0)
        left.plot(x, path["fitted"], color=BLUE, linewidth=1.0, alpha=0.8)
        after = path[path["after"]]
        left.plot(after.index, after["counterfactual"], color=ORANGE, linestyle=(0, (4, 2)))
        level = number(100 * result.level, 0, lang)
        panel_head(right, word("panel_effect", lang, level=level))
        _effect(right, after, result.level, about)
        for ax in (left, right):
            ax.grid(axis="y", color=GRID)
            print_numbers(ax.yaxis, lang)
            ax.tick_params(axis="x", labelsize=8)
            ax.axvline(after.index[0], color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)))
        right.xaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=5))
        right.set_ylabel(about.unit_text(lang))
    return fig


def _effect(ax: Axes, after: pd.DataFrame, level: float, about: About) -> None:
    z = stats.norm.ppf(0.5 + level / 2)
    effect, band = after["effect"], z * after["effect_se"]
    low, middle, high = (about.effect(line) for line in (effect - band, effect, effect + band))
    ax.fill_between(after.index, low, high, color=FAINT)
    ax.plot(after.index, middle, color=BLUE)
    ax.axhline(0, color=MUTED, linewidth=0.8)
