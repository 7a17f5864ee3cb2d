"""How far a series left its own course: the shift of a structural model, with its band."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, num2date
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter
from scipy import stats

from valley_analysis.charts.impact_look import BLUE, legend_row, side_label
from valley_analysis.charts.impact_text import About, estimate_text, foot, print_numbers, word
from valley_analysis.charts.style import FAINT, GRID, MUTED, dress, house, new_figure, panels
from valley_analysis.impact.results import EffectResult
from valley_analysis.text import Lang, capital, number, short_month


def plot_structural(
    result: EffectResult, lang: Lang = "en", *, about: About, title: str | None = None
) -> Figure:
    """Draw the shift of a series from its own course, with its band, around the intervention.

    Observed, fitted and counterfactual lines are not drawn: next to a band of a few per cent of a
    seasonal series they are one line.

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
    level = number(100 * result.level, 0, lang)
    reading = word(
        "reading_structural",
        lang,
        outcome=capital(about.outcome),
        since=about.since,
        estimate=estimate_text(result, about, lang),
    )
    with house():
        fig = new_figure(3.6)
        heading = title or word("title_structural", lang)
        room = dress(fig, heading, reading, foot(about, lang, result=result))
        handles = [Patch(color=FAINT, label=word("panel_effect", lang, level=level))]
        room = legend_row(fig, room, handles)
        (ax,) = panels(fig, room, 1, 1, (0.85, 0.4, 0.2, 0.1))
        after = path[path["after"]]
        _effect(ax, after, result.level, about)
        ax.set_xlim(path.index[-2 * len(after)], path.index[-1])
        ax.grid(axis="y", color=GRID)
        ax.axvline(after.index[0], color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)))
        ax.tick_params(axis="x", labelsize=8)
        ticks = AutoDateLocator(minticks=3, maxticks=8)
        ax.xaxis.set_major_locator(ticks)
        ax.xaxis.set_major_formatter(
            FuncFormatter(lambda at, _: short_month(num2date(at).date(), lang))
        )
        print_numbers(ax.yaxis, lang)
        side_label(ax, word("axis_shift", lang, unit=about.unit_text(lang)))
    return fig


def _effect(ax: Axes, after: pd.DataFrame, level: float, about: About) -> None:
    z = stats.norm.ppf(0.5 + level / 2)
    effect, band = after["effect"], z * after["effect_se"]
    low, middle, high = (about.effect(line) for line in (effect - band, effect, effect + band))
    ax.fill_between(after.index, low, high, color=FAINT, gid="band")
    ax.plot(after.index, middle, color=BLUE, linewidth=2.0, gid="shift")
    ax.axhline(0, color=MUTED, linewidth=0.8)
