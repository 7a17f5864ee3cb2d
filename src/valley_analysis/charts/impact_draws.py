"""What chance alone gives: the statistic under permutation, and the one observed."""

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from valley_analysis.charts.impact_look import BLUE, ORANGE, legend_row, low_label
from valley_analysis.charts.impact_text import About, compact, foot, p_text, print_numbers, word
from valley_analysis.charts.style import FAINT, dress, house, new_figure, panels
from valley_analysis.impact.results import EffectResult
from valley_analysis.text import Lang, number

_BINS = 41


def plot_randomisation(
    result: EffectResult, lang: Lang = "en", *, about: About, title: str | None = None
) -> Figure:
    """Draw the statistics of all permutations, and where the observed one lies among them.

    Parameters
    ----------
    result
        Of `randomisation_inference` or `permute_cohorts`.
    lang
        "en" or "ru".
    about
        What was estimated.
    title
        Above the chart; a standard one unless given.
    """
    draws = result.frames["draws"]["statistic"].to_numpy(float)
    of_cohorts = result.method == "permute_cohorts"
    studentised = result.method == "randomise_cohorts"
    observed = result.estimate if of_cohorts else result.estimate / result.se
    told = compact(observed, lang)
    key = "reading_cohorts" if of_cohorts else "reading_randomisation"
    if studentised:
        key, about = "reading_treatment", replace(about, exposure="")
    values = {"outcome": about.outcome, "subject": about.subject(lang)}
    if of_cohorts:
        told, values["mean"] = (about.told(float(v), lang) for v in (observed, np.nanmean(draws)))
        draws, observed = about.effect(draws), float(about.effect(observed))
    reading = word(
        key, lang, **values, n=number(len(draws), 0, lang), p=p_text(result.p_value, lang)
    )
    with house():
        fig = new_figure(4.4)
        heading = title or word("title_randomisation", lang)
        room = dress(fig, heading, reading, foot(about, lang, result=result))
        handles = [
            Patch(color=ORANGE, label=word("as_extreme", lang)),
            Patch(color=FAINT, label=word("less_extreme", lang)),
        ]
        room = legend_row(fig, room, handles)
        (ax,) = panels(fig, room, 1, 1, (0.75, 0.5, 0.3, 0.3))
        known = draws[np.isfinite(draws)]
        edges = np.linspace(min(known.min(), observed), max(known.max(), observed), _BINS)
        far = np.abs(known) >= abs(observed) * (1 - 1e-9)
        ax.hist([known[far], known[~far]], edges.tolist(), stacked=True, color=[ORANGE, FAINT])
        ax.axvline(observed, color=BLUE, linewidth=1.6)
        line = word("observed_is", lang, value=told)
        ax.annotate(line, (observed, 1), (4, 2), ("data", "axes fraction"), "offset points",
                    fontsize=8.5, color=BLUE)  # fmt: skip
        print_numbers(ax.xaxis, lang)
        low_label(ax, about.axis(lang) if of_cohorts else word("axis_t", lang))
        ax.set_ylabel(word("axis_draws", lang))
    return fig
