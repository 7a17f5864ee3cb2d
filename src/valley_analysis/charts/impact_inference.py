"""One estimate and every way of saying how sure it is, as rows of intervals with p-values."""

import re
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valley_analysis.charts.impact_look import AFTER, BLUE, legend_row, low_label, point
from valley_analysis.charts.impact_text import (
    About,
    about_of,
    compact,
    foot,
    p_cell,
    print_numbers,
    word,
)
from valley_analysis.charts.style import (
    GRID,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    panels,
    text_width,
)
from valley_analysis.impact.results import EffectResult
from valley_analysis.text import Lang, number

_ROW = 0.29
PRIMARY = "randomisation"
_SE, _P = 1.75, 0.75  # inches from the right edge of the figure to the columns' middles


def plot_inference(
    result: EffectResult,
    lang: Lang = "en",
    *,
    about: About | None = None,
    title: str | None = None,
) -> Figure:
    """Draw the interval of one estimate by each way of making inference, with its p-value.

    Parameters
    ----------
    result
        Of `compare_inference`: rows are ways, the estimate is the same in each.
    lang
        "en" or "ru".
    about
        What was estimated; its names also serve for clusterings.
    title
        Above the chart; a standard one unless given.
    """
    told = about_of(result, about)
    table = result.table
    names = [
        word("way_primary", lang) if term == PRIMARY else way_name(str(term), told, lang)
        for term in table.index
    ]
    with house():
        fig = new_figure(2.3 + _ROW * len(table))
        level = number(100 * result.level, 0, lang)
        estimate = told.told(float(table["estimate"].iloc[0]), lang)
        reading = word(
            "reading_inference",
            lang,
            subject=told.subject(lang),
            estimate=estimate,
            level=level,
        )
        room = dress(
            fig, title or word("title_inference", lang), reading, foot(told, lang, result=result)
        )
        handles = [
            point(word("rejects", lang), BLUE),
            point(word("does_not_reject", lang), MUTED, hollow=True),
        ]
        room = legend_row(fig, room, handles)
        left = max(text_width(fig, name, 8.5) for name in names) + 0.15
        (ax,) = panels(fig, room, 1, 1, (left, 0.5, 2.25, 0.25))
        _rows(ax, table, told, lang)
        ax.set_yticks(range(len(table)), names)
        for row, term in enumerate(table.index):
            if term == PRIMARY:  # the test that decides, by the rule of all studies
                ax.axhspan(row - 0.5, row + 0.5, color=AFTER, linewidth=0, zorder=0, gid="primary")
                ax.get_yticklabels()[row].set_fontweight("bold")
        _columns(ax, table, told, lang)
        print_numbers(ax.xaxis, lang)
        low_label(ax, told.axis(lang))
    return fig


def way_name(term: str, about: About, lang: Lang = "en") -> str:
    """Return what a way of making inference is called.

    Examples
    --------
    >>> way_name("cr2_district", About("y")), way_name("conley_500km", About("y"), "ru")
    ('Bias-reduced (CR2), federal district', 'Конли, 500 км')
    """
    if term in about.names:
        return about.names[term]
    if found := re.fullmatch(r"conley_([\d.]+)km", term):
        return word("way_conley", lang, km=compact(float(found[1]), lang))
    if found := re.fullmatch(r"(clustered|cr2|cr3|wild)_(.+)", term):
        by = about.names.get(found[2]) or word.known(f"by_{found[2]}", found[2], lang)
        return word(f"way_{found[1]}", lang, by=by)
    return word.known(f"way_{term}", term, lang)


def _rows(ax: Axes, table: pd.DataFrame, about: About, lang: Lang) -> None:
    low, middle, high = (
        about.effect(table[c].to_numpy(float)) for c in ("low", "estimate", "high")
    )
    ends = np.append(np.r_[low, middle, high][np.isfinite(np.r_[low, middle, high])], 0.0)
    air = 0.07 * max(float(np.ptp(ends)), 1e-9)
    ax.set_xlim(ends.min() - air, ends.max() + air)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.axvline(0, color=MUTED, linewidth=0.8)
    ax.axvline(middle[0], color=GRID, linewidth=0.8, zorder=0)
    for row, (one, at, other) in enumerate(zip(low, middle, high, strict=True)):
        out = one > 0 or other < 0
        colour = BLUE if out else MUTED
        if not np.isnan([one, other]).any():
            _whisker(ax, row, one, other, colour)
        ax.plot([at], [row], "o", markersize=6, markerfacecolor=colour if out else PAPER,
                markeredgecolor=colour, markeredgewidth=1.3, zorder=4, gid="estimates")  # fmt: skip
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _whisker(ax: Axes, row: int, low: float, high: float, colour: str) -> None:
    """Draw one interval; an end without bound is an arrow at the edge."""
    left, right = ax.get_xlim()
    ax.hlines(row, max(low, left), min(high, right), color=colour, linewidth=1.6, zorder=3)
    for end, edge, marker in ((low, left, "<"), (high, right, ">")):
        if np.isinf(end):
            ax.plot([edge], [row], marker, color=colour, markersize=6, clip_on=False, zorder=4)


def _columns(ax: Axes, table: pd.DataFrame, about: About, lang: Lang) -> None:
    """Standard errors and p-values right of the intervals."""
    box = ax.get_position()
    inches = box.width * ax.figure.get_figure(root=True).get_figwidth()
    look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": 8.0}
    columns = (
        (word("column_se", lang, unit=about.unit_text(lang)), _SE, error_texts(table, about, lang)),
        (word("column_p", lang), _P, [p_cell(float(p), lang) for p in table["p_value"]]),
    )
    for head, place, printed in columns:
        at = 1 + (2.25 - place + 0.3) / inches
        for row, text in enumerate(printed):
            ax.text(at, row, text, transform=ax.get_yaxis_transform(), color=INK, **look)
        ax.text(at, -0.85, head, transform=ax.get_yaxis_transform(), color=MUTED,
                **(look | {"va": "bottom"}))  # fmt: skip


def error_texts(table: pd.DataFrame, about: About, lang: Lang = "en") -> list[str]:
    """Return standard errors as figures and tables print them, in the unit of the effect.

    Parameters
    ----------
    table
        Of a result: se and estimate.
    about
        On which scale effects are told; errors in per cent are by the delta method.
    lang
        "en" or "ru".
    """
    errors = about.error(table["se"].to_numpy(float), table["estimate"].to_numpy(float))
    known = errors[np.isfinite(errors)]
    least = float(known.min()) if known.size else 1.0
    digits = int(np.clip(2 - np.floor(np.log10(max(least, 1e-9))), 0, 6)) if least else 3
    return [number(float(error), digits, lang) for error in errors]
