"""Robust bounds: intervals against the size of the violation, and where the conclusion ends."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valley_analysis.charts.impact_look import (
    BLUE,
    ORANGE,
    breathe,
    legend_row,
    low_label,
    panel_head,
    point,
    side_label,
    stroke,
)
from valley_analysis.charts.impact_text import About, compact, foot, print_numbers, word
from valley_analysis.charts.style import (
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    panels,
)
from valley_analysis.impact.honest import HonestResult
from valley_analysis.text import Lang, number


def plot_honest(
    results: HonestResult | Sequence[HonestResult],
    lang: Lang = "en",
    *,
    about: About | None = None,
    title: str | None = None,
) -> Figure:
    """Draw the interval of an effect against the bound on violations of parallel trends.

    Parameters
    ----------
    results
        Of `honest_did`: one, or relative magnitudes beside smoothness.
    lang
        "en" or "ru".
    about
        What was estimated.
    title
        Above the chart; a standard one unless given.
    """
    shown = [results] if isinstance(results, HonestResult) else list(results)
    told = about or About(shown[0].outcome)
    with house():
        fig = new_figure(4.9)
        level = number(100 * shown[0].level, 0, lang)
        room = dress(
            fig,
            title or word("title_honest", lang),
            word("reading_honest", lang, subject=told.subject(lang)),
            foot(told, lang, notes=[word("source_honest", lang, level=level)]),
        )
        out = np.concatenate([_leaves_out_zero(one.table) for one in shown])
        sides = (
            ("leaves_out_zero", out.any(), BLUE, 4.0),
            ("takes_in_zero", not out.all(), ORANGE, 1.6),
        )
        handles = [
            stroke(word(name, lang), colour, linewidth=width, solid_capstyle="butt")
            for name, drawn, colour, width in sides
            if drawn
        ]
        handles.append(point(f"M = 0: {told.told(shown[0].estimate, lang)}", INK))
        room = legend_row(fig, room, handles)
        for ax, one in zip(
            panels(fig, room, len(shown), len(shown), (0.8, 0.5, 0.15, 0.55)), shown, strict=True
        ):
            _draw(ax, one, told, lang)
    return fig


def _draw(ax: Axes, one: HonestResult, about: About, lang: Lang) -> None:
    table = one.table
    m = _bound(table["m"].to_numpy(float), one, about)
    low, high = (about.effect(table[c].to_numpy(float)) for c in ("low", "high"))
    out = _leaves_out_zero(table)
    ax.axhline(0, color=MUTED, linewidth=0.8, zorder=1)
    for side, colour, width in ((out, BLUE, 4.0), (~out, ORANGE, 1.6)):
        ax.vlines(m[side], low[side], high[side], color=colour, linewidth=width, zorder=3)
    estimate = float(about.effect(one.estimate))
    ax.plot([m[0]], [estimate], "o", color=INK, markersize=5, zorder=4)
    breathe(ax, [*low, *high, estimate], above=0.14)
    span = max(float(np.ptp(m)), 1e-9)
    ax.set_xlim(m.min() - 0.06 * span, m.max() + 0.06 * span)
    ax.set_xticks(m)
    _breakdown(ax, one, about, lang)
    print_numbers(ax.yaxis, lang)
    ax.set_xticks(m, _kept(m, span, lang), fontsize=8)
    low_label(ax, word(f"axis_{one.kind}", lang))
    side_label(ax, about.axis(lang))
    panel_head(ax, word(f"honest_{one.kind}", lang), [_told(one, about, lang)])


def _leaves_out_zero(table: pd.DataFrame) -> np.ndarray:
    return np.asarray((table["low"] > 0) | (table["high"] < 0))


def _bound(m: "np.ndarray | float", one: HonestResult, about: About) -> np.ndarray:
    """Bounds on a change of slope are in the effect's units, relative ones are pure numbers."""
    return np.asarray(about.effect(m) if one.kind == "smoothness" else m, dtype=float)


def _kept(m: np.ndarray, span: float, lang: Lang) -> list[str]:
    """Labels of the bounds that stand far enough from the label before."""
    labels, last = [], -np.inf
    for value in m:
        near = value - last < 0.12 * span
        labels.append("" if near else compact(float(value), lang))
        last = last if near else value
    return labels


def _breakdown(ax: Axes, one: HonestResult, about: About, lang: Lang) -> None:
    if not np.isfinite(one.breakdown) or one.breakdown == 0:
        return
    at = float(_bound(one.breakdown, one, about))
    if at <= ax.get_xlim()[1]:
        ax.axvline(at, color=INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="breakdown")
        ax.plot([at], [0], "s", markersize=5, markerfacecolor=PAPER, markeredgecolor=INK, zorder=4)


def _told(one: HonestResult, about: About, lang: Lang) -> str:
    if one.breakdown == 0:
        return word("breakdown_zero", lang)
    if np.isinf(one.breakdown):
        return word("breakdown_never", lang)
    at = float(_bound(one.breakdown, one, about))
    return word("breakdown_at", lang, m=compact(at, lang))
