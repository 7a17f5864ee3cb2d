"""Synthetic control: the two paths, the gap among placebo gaps, and who the donors are."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from valley_analysis.charts.impact_look import (
    AFTER,
    BLUE,
    ORANGE,
    breathe,
    legend_row,
    low_label,
    panel_head,
    stroke,
)
from valley_analysis.charts.impact_sentences import label_text
from valley_analysis.charts.impact_text import (
    About,
    estimate_text,
    foot,
    period_text,
    print_numbers,
    word,
)
from valley_analysis.charts.style import (
    FAINT,
    GRID,
    INK,
    MUTED,
    dress,
    house,
    new_figure,
    panels,
    text_width,
)
from valley_analysis.impact.results import EffectResult
from valley_analysis.text import Lang, number

_DONORS = 8


def plot_gaps(result: EffectResult, lang: Lang = "en", *, about: About, name: str) -> Figure:
    """Draw observed and synthetic, their gap among those of the test, and the donors.

    Parameters
    ----------
    result
        Of `synthetic_control` or `contrast`.
    lang
        "en" or "ru".
    about
        What the outcome is. Logarithms are drawn as an index, gaps as per cent.
    name
        What was treated.
    """
    path, tested = result.frames["gaps"], result.frames["tested_gaps"]
    rank = next(one.facts for one in result.diagnostics if one.name == "placebo_units")
    since = path.index[path["after"]][0]
    reading = word(
        "reading_gaps",
        lang,
        outcome=about.outcome,
        since=period_text(since, lang),
        estimate=estimate_text(result, about, lang),
        rank=number(rank["rank"], 0, lang),
        of=number(rank["of"], 0, lang),
    )
    with house():
        fig = new_figure(4.6)
        heading = word("title_gaps", lang, name=name)
        room = dress(fig, heading, reading, foot(about, lang, result=result))
        handles = [
            stroke(word("observed", lang), INK),
            stroke(word("synthetic", lang), ORANGE, linestyle=(0, (4, 2))),
            stroke(word("placebo_gaps", lang, n=number(len(tested), 0, lang)), FAINT),
        ]
        room = legend_row(fig, room, handles)
        weights = result.frames["weights"].mean(axis=1)
        donors = _donors(weights, about, lang)
        named = min(max(text_width(fig, one, 8.0) for one in donors.index) + 0.1, 1.9)
        left, middle, right = panels(fig, room, 3, 3, (0.65, 0.45, 0.15, 0.45))
        _narrow(right, named)
        _paths(left, path, about, lang)
        _gaps(middle, path, tested, about, lang)
        _weights(right, donors, lang)
        panel_head(left, word("panel_paths", lang))
        panel_head(middle, word("panel_gaps", lang))
        panel_head(right, word("panel_donors", lang), [_effective(weights, lang)])
        for ax in (left, middle):
            ax.axvspan(_edge(path), ax.get_xlim()[1], color=AFTER, linewidth=0, zorder=0)
            ax.grid(axis="y", color=GRID)
            ax.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
            print_numbers(ax.yaxis, lang)
    return fig


def _effective(weights: "pd.Series[float]", lang: Lang) -> str:
    """As how many donors of equal weight the donors count."""
    effective = number(float(1 / (weights**2).sum()), 1, lang)
    return word("donors_effective", lang, effective=effective, n=number(len(weights), 0, lang))


def _edge(path: pd.DataFrame) -> float:
    """Where the treatment begins: between two periods."""
    x = np.arange(len(path), dtype=float)
    return float(x[path["after"]][0]) - 0.5


def _narrow(ax: Axes, inches: float) -> None:
    """Keep room for names left of the axes."""
    fig = ax.figure.get_figure(root=True)
    place, extra = ax.get_position(), (inches - 0.65) / fig.get_figwidth()
    ax.set_position((place.x0 + extra, place.y0, place.width - extra, place.height))


def _time(ax: Axes, path: pd.DataFrame, lang: Lang) -> np.ndarray:
    x = np.arange(len(path), dtype=float)
    step = max(1, -(-len(x) // 5))
    ax.set_xticks(x[::step], [period_text(value, lang) for value in path.index[::step]])
    ax.set_xlim(x[0] - 0.5, x[-1] + 0.5)
    ax.tick_params(axis="x", labelsize=8)
    return x


def _paths(ax: Axes, path: pd.DataFrame, about: About, lang: Lang) -> None:
    x = _time(ax, path, lang)
    last = path.index[~path["after"]][-1]
    lines = path[["observed", "synthetic"]]
    if about.percent:
        lines = 100 * np.exp(lines - path.loc[last, "observed"])
    ax.plot(x, lines["observed"], color=INK, linewidth=1.8, zorder=4)
    ax.plot(x, lines["synthetic"], color=ORANGE, linestyle=(0, (4, 2)), linewidth=1.8, zorder=5)
    shown = word("axis_base", lang, last=period_text(last, lang))
    ax.set_ylabel(shown if about.percent else about.unit_text(lang))


def _gaps(ax: Axes, path: pd.DataFrame, tested: pd.DataFrame, about: About, lang: Lang) -> None:
    x = _time(ax, path, lang)
    lines = about.effect(tested.to_numpy(float))
    faint = float(np.clip(12 / max(len(lines), 1), 0.06, 0.8))
    ax.plot(x, lines.T, color=MUTED, linewidth=0.7, alpha=faint, zorder=2, gid="placebos")
    own = about.effect(path["gap"].to_numpy(float))
    ax.plot(x, own, color=BLUE, linewidth=2.2, zorder=5, gid="gap")
    ax.axhline(0, color=MUTED, linewidth=0.8)
    # Placebos that run away leave the panel; the own gap always fits.
    reach = np.quantile(np.abs(lines), 0.98) if len(lines) else 0.0
    breathe(ax, [*own, -reach, reach])
    ax.set_ylabel(word("axis_gap", lang, unit=about.unit_text(lang)))


def _donors(weights: "pd.Series[float]", about: About, lang: Lang) -> "pd.Series[float]":
    """The largest weights, named, and the rest together."""
    order = weights.sort_values(ascending=False, kind="stable")
    shown = order.head(_DONORS)
    shown = shown[shown > 0.005]
    shown.index = pd.Index([label_text(label, about, lang) for label in shown.index])
    rest = order.iloc[len(shown) :]
    if rest.sum() > 0.005:
        shown[word("donors_rest", lang, n=number(len(rest), 0, lang))] = rest.sum()
    return shown


def _weights(ax: Axes, donors: "pd.Series[float]", lang: Lang) -> None:
    y = np.arange(len(donors))
    ax.barh(y, 100 * donors, color=BLUE, height=0.65)
    ax.set_yticks(y, list(donors.index), fontsize=8)
    ax.set_ylim(max(len(donors), 4) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    print_numbers(ax.xaxis, lang)
    low_label(ax, word("axis_share_of_weight", lang))
