"""The specification curve: every estimate in order, and the choices that made it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valley_analysis.charts.impact_look import (
    BLUE,
    ORANGE,
    breathe,
    legend_row,
    point,
    side_label,
    stroke,
)
from valley_analysis.charts.impact_text import (
    About,
    foot,
    p_text,
    print_numbers,
    word,
)
from valley_analysis.charts.style import (
    GRID,
    INK,
    MUTED,
    dress,
    house,
    new_figure,
    panels,
    text_width,
)
from valley_analysis.impact.spec_curve import CurveResult
from valley_analysis.impact.spec_plan import FACTORS, CurvePlan
from valley_analysis.text import Lang, number

_PLANNED = {"outcome": "outcomes", "exposure": "exposures", "sample": "samples"}
_ROW, _UPPER = 0.2, 2.9
_GREY = "#9aa1a9"
_KINDS = {"negative": ORANGE, "positive": BLUE, "neither": _GREY}


def plot_specification_curve(
    curve: CurveResult,
    lang: Lang = "en",
    *,
    about: About | None = None,
    main: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw all estimates with intervals, and below each the choices behind it.

    Parameters
    ----------
    curve
        Of `specification_curve`: effects per interquartile range of exposure.
    lang
        "en" or "ru".
    about
        What was estimated; its names serve for labels of options.
    main
        Choice -> option of the main specification, which is marked.
    title
        Above the chart; a standard one unless given.
    """
    told = about or About("")
    table = curve.table.assign(kind=kinds(curve.table))
    shown = options(table, curve.plan)
    with house():
        lower = _ROW * (len(shown) + shown["factor"].nunique() * 0.55) + 0.35
        fig = new_figure(2.35 + _UPPER + lower)
        room = dress(
            fig,
            title or word("title_curve", lang, n=number(len(table), 0, lang)),
            _reading(curve, told, lang),
            _foot(curve, told, lang),
        )
        room = legend_row(fig, room, _handles(table, main, lang))
        names = [_option(str(option), told, lang) for option in shown["option"]]
        heads = [word(f"factor_{factor}", lang) for factor in shown["factor"].unique()]
        left = max(
            *(text_width(fig, name, 8.0) for name in names),
            *(text_width(fig, head, 8.0, "bold") for head in heads),
            0.9,
        )
        margins = (left + 0.2, 0.0, 0.85, 0.1)
        share = lower / (room[3] * fig.get_figheight())
        upper_room = (room[0], room[1] + share * room[3], room[2], room[3] * (1 - share))
        (upper,) = panels(fig, upper_room, 1, 1, margins)
        (below,) = panels(fig, (*room[:3], share * room[3]), 1, 1, (left + 0.2, 0.28, 0.85, 0.08))
        _estimates(upper, table, told, main, lang)
        _choices(below, table, shown, names, told, lang)
        below.set_xlim(upper.get_xlim())
    return fig


def kinds(table: pd.DataFrame) -> "pd.Series[str]":
    """Return of each row whether its interval leaves out zero, and on which side."""
    found = pd.Series("neither", table.index)
    return found.mask(table["low"] > 0, "positive").mask(table["high"] < 0, "negative")


def options(table: pd.DataFrame, plan: CurvePlan) -> pd.DataFrame:
    """Return choices with more than one option: factor, option, y (from the top, with gaps)."""
    rows, y = [], 0.0
    for factor in FACTORS:
        planned = getattr(plan, _PLANNED.get(factor, factor))
        found = [option for option in planned if table[factor].eq(option).any()]
        if len(found) > 1:
            y += 0.55
            for option in found:
                rows.append((factor, option, y))
                y += 1
    return pd.DataFrame(rows, columns=["factor", "option", "y"])


def _option(name: str, about: About, lang: Lang) -> str:
    return about.names.get(name, name)


def _estimates(
    ax: Axes, table: pd.DataFrame, about: About, main: Mapping[str, str] | None, lang: Lang
) -> None:
    low, middle, high = (
        about.effect(table[c].to_numpy(float), per_iqr=True) for c in ("low", "estimate", "high")
    )
    x = np.arange(len(table))
    wide = max(0.3, min(1.8, 400 / len(table)))
    for kind, colour in _KINDS.items():
        own = (table["kind"] == kind).to_numpy()
        ax.vlines(x[own], low[own], high[own], color=colour, linewidth=wide, alpha=0.35, zorder=2)
        ax.plot(x[own], middle[own], "o", color=colour, markersize=min(4.5, 1.4 + 130 / len(table)),
                markeredgewidth=0, zorder=3, gid=f"estimates {kind}")  # fmt: skip
    ax.axhline(0, color=MUTED, linewidth=0.8, zorder=1)
    median = float(np.median(middle))
    ax.axhline(median, color=INK, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
    if main is not None:
        own = np.all([table[factor] == option for factor, option in main.items()], axis=0)
        ax.plot(x[own], middle[own], "D", markersize=7, markerfacecolor="none",
                markeredgecolor=INK, markeredgewidth=1.4, zorder=4, gid="main")  # fmt: skip
    breathe(ax, [*low, *high])
    ax.set_xlim(-0.01 * len(x) - 0.5, 1.01 * len(x) - 0.5)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    print_numbers(ax.yaxis, lang)
    side_label(ax, about.axis(lang, per_iqr=True))


def _choices(
    ax: Axes, table: pd.DataFrame, shown: pd.DataFrame, names: list[str], about: About, lang: Lang
) -> None:
    """A mark for every specification in the row of each of its options."""
    x = np.arange(len(table))
    for factor, option, y in shown.itertuples(index=False):
        for kind, colour in _KINDS.items():
            own = ((table[factor] == option) & (table["kind"] == kind)).to_numpy()
            ax.plot(x[own], np.full(own.sum(), y), "|", color=colour, markersize=6.5,
                    markeredgewidth=max(0.5, min(2.2, 300 / len(table))))  # fmt: skip
        median = about.effect(table.loc[table[factor] == option, "estimate"].median(), per_iqr=True)
        ax.annotate(about.figure(float(median), lang), (1, y), (6, 0),
                    xycoords=("axes fraction", "data"), textcoords="offset points",
                    va="center", fontsize=7.5, color=INK)  # fmt: skip
    ax.set_yticks(shown["y"], names, fontsize=8.0)
    for factor, rows in shown.groupby("factor", sort=False):
        top = rows["y"].min() - 0.82
        ax.annotate(word(f"factor_{factor}", lang), (0, top), (-4, 0),
                    xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
                    va="center", fontsize=7.0, color=MUTED)  # fmt: skip
        ax.axhline(top, color=GRID, linewidth=0.6, zorder=0)
    ax.set_ylim(shown["y"].max() + 0.6 if len(shown) else 1, -0.75)
    ax.set_xticks([])
    ax.spines[["bottom", "left"]].set_visible(False)
    ax.set_xlabel(word("curve_order", lang), fontsize=8.0)


def _handles(table: pd.DataFrame, main: Mapping[str, str] | None, lang: Lang) -> list:
    counts = table["kind"].value_counts()
    handles = [
        point(word(f"curve_{kind}", lang, n=number(int(counts.get(kind, 0)), 0, lang)), colour)
        for kind, colour in _KINDS.items()
    ]
    handles.append(stroke(word("curve_median", lang), INK, linestyle=(0, (4, 2)), linewidth=1.0))
    if main is not None:
        handles.append(point(word("curve_main", lang), INK, marker="D", hollow=True))
    return handles


def _reading(curve: CurveResult, about: About, lang: Lang) -> str:
    joint = curve.joint["p_value"]
    negative = 100 * float((curve.table["estimate"] < 0).mean())
    return word(
        "reading_curve",
        lang,
        subject=about.subject(lang),
        median=about.told(float(curve.joint.loc["median", "observed"]), lang, per_iqr=True),
        negative=number(negative, 0, lang),
        p_median=p_text(joint["median"], lang),
        p_share=p_text(joint["share_significant"], lang),
        p_t=p_text(joint["mean_t"], lang),
    )


def _foot(curve: CurveResult, about: About, lang: Lang) -> str:
    told = word(
        "curve_options",
        lang,
        permutations=number(curve.permutations, 0, lang),
        refused=number(len(curve.refused), 0, lang),
    )
    ends = curve.table["n_obs"]
    sizes = sorted({int(ends.min()), int(ends.max())})
    size = "n = " + "–".join(number(size, 0, lang) for size in sizes) + "."
    return foot(about, lang, notes=[size, told])
