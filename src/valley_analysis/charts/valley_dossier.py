"""One valley on one page: what it is, how far, on whose word, and what a participant gets."""

from collections.abc import Sequence
from datetime import date

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from valley_analysis.charts.names import indicator_name
from valley_analysis.charts.style import (
    CATEGORICAL,
    GRID,
    INK,
    MUTED,
    dress,
    house,
    new_figure,
    panels,
    wrap,
)
from valley_analysis.charts.valley_claim_tables import nature_word
from valley_analysis.charts.valley_claims import claims_legend, draw_claims
from valley_analysis.charts.valley_ladder import draw_steps, head_steps, step_legend
from valley_analysis.charts.valley_text import (
    date_text,
    figure_text,
    foot,
    metric_heading,
    months_text,
    word,
)
from valley_analysis.text import Lang, number
from valley_analysis.valleys import (
    STEPS,
    Dated,
    Ladder,
    Register,
    claims_frame,
    load_metrics,
    load_sectors,
)
from valley_analysis.valleys.claims import Rule

_MOST = 6  # quantities drawn
_FEWEST = 3  # figures that make a picture
_COLUMNS = 3


def plot_valley_steps(
    register: Register, found: Ladder, valley: str, lang: Lang = "en", *, title: str | None = None
) -> Figure:
    """Draw the ladder of one valley: each step with its date, how sure it is, and whose act.

    Parameters
    ----------
    register
        What `load_register` returns.
    found
        The ladder.
    valley
        Id.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    furthest = found.furthest().loc[valley]
    about = word(
        "doss_reading",
        lang,
        reached=int(furthest["reached"]),
        n=len(STEPS),
        months=months_text(*found.ages().loc[valley]),
    )
    with house():
        fig = new_figure(3.15)
        name = register[valley].short[lang]
        room = dress(
            fig, title or word("doss_title", lang, name=name), about, foot(found.as_of, lang)
        )
        tall = fig.get_figheight()
        ax = fig.add_axes((room[0], room[1] + room[3] - 1.05 / tall, room[2], 0.42 / tall))
        ax.set_xlim(0, len(STEPS))
        ax.set_ylim(1, 0)
        ax.set_axis_off()
        head_steps(fig, ax, lang)
        draw_steps(ax, 0, found.steps.loc[valley], lang)
        step_legend(fig, ax, room, found.steps.loc[valley], lang)
    return fig


def plot_valley_figures(
    register: Register,
    as_of: date,
    valley: str,
    lang: Lang = "en",
    *,
    rule: Rule = "latest",
    title: str | None = None,
) -> Figure:
    """Draw the claims about one valley over time, one panel a quantity.

    Parameters
    ----------
    register
        What `load_register` returns.
    as_of
        Claims that describe a later day are left out.
    valley
        Id.
    lang
        "en" or "ru".
    rule
        Which of several recent figures is printed, see `choose`.
    title
        Above the chart; a standard one unless given.
    """
    told = claims_frame(register, as_of)
    told = told[told["valley"].eq(valley)]
    shown = main_quantities(told)
    counts = told.groupby("metric").size()
    drawn = [metric for metric in shown if counts[metric] >= _FEWEST]
    with house():
        fig = new_figure(1.0)
        lines = _listed(fig, told, [metric for metric in shown if metric not in drawn], lang)
        rows, block = -(-len(drawn) // _COLUMNS), 0.19 * len(lines)
        fig.set_figheight(1.55 + 1.75 * rows + block + (0.0 if rows else -0.5))
        room = dress(
            fig,
            title or word("doss_claims", lang, name=register[valley].short[lang]),
            word(_claims_reading(shown, drawn), lang),
            foot(
                as_of,
                lang,
                notes=[word("claims_shown", lang, k=len(shown), n=told["metric"].nunique())],
            ),
        )
        tall = fig.get_figheight()
        below = (0.42 + block) / tall
        space = (room[0], room[1] + below, room[2], room[3] - below)
        edges = (0.6, 0.25, 0.12, 0.3)
        axes = panels(fig, space, len(drawn), _COLUMNS, edges) if drawn else []
        for metric, ax in zip(drawn, axes, strict=True):
            rows_of = told[told["metric"].eq(metric)]
            width = ax.get_position().width * fig.get_figwidth() + 0.5
            heading = wrap(fig, metric_heading(metric, lang), 8, width, "bold")
            ax.set_title(heading, fontsize=8, x=-0.1)
            draw_claims(ax, rows_of, rule, lang)
            _scale(ax, rows_of, as_of, lang)
        if lines:
            fig.text(room[0], room[1] + 0.04 / tall, "\n".join(lines), fontsize=8, va="bottom",
                     linespacing=1.45, gid="listed")  # fmt: skip
        if drawn:
            claims_legend(fig, room, lang, 0.06 + block)
    return fig


def _listed(fig: Figure, told: pd.DataFrame, metrics: Sequence[str], lang: Lang) -> list[str]:
    """Quantities with too few figures for a picture: each on one line."""
    lines = []
    for metric in metrics:
        rows = told[told["metric"].eq(metric)].sort_values(["last", "first"], kind="stable")
        figures = [
            f"{figure_text(row['value'], row['bound'], lang)} "
            f"({nature_word(row['nature'], lang)}, {date_text(row['as_of'], lang)})"
            for row in rows.to_dict("records")
        ]
        text = f"{metric_heading(metric, lang)}: {'; '.join(figures)}"
        lines += wrap(fig, text, 8).split("\n")
    return lines


def _claims_reading(shown: Sequence[str], drawn: Sequence[str]) -> str:
    if drawn:
        return "doss_claims_reading"
    return "doss_few_claims" if shown else "doss_no_claims"


def main_quantities(told: pd.DataFrame) -> list[str]:
    """Return six quantities at most: those of a pillar of progress, then those with most facts.


    Parameters
    ----------
    told
        Rows of `claims_frame` of one valley.
    """
    facts = told["nature"].eq("actual").groupby(told["metric"], sort=False).sum()
    count = told.groupby("metric", sort=False).size()
    pillars = {metric.id: bool(metric.pillar) for metric in load_metrics()}
    order = pd.DataFrame({"pillar": count.index.map(pillars), "facts": facts, "count": count})
    keys = ["pillar", "facts", "count"]
    return list(order.sort_values(keys, ascending=False, kind="stable").index[:_MOST])


def _scale(ax: Axes, told: pd.DataFrame, as_of: date, lang: Lang) -> None:
    """Logarithmic where figures differ twentyfold, else from zero."""
    low, high = told["value"].min(), told["value"].max()
    if low > 0 and high / low > 20:
        ax.set_yscale("log")
        ax.set_ylim(low / 1.8, high * 2.8)
    else:
        ax.set_ylim(0, high * 1.4)
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    digits = 0 if high >= 4 else 1
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, digits, lang)))
    ax.yaxis.set_minor_formatter(NullFormatter())
    dues = [Dated.parse(due).last for due in told["due"] if due]
    first, last = told["first"].min().date(), max([as_of, *dues])
    air = max((last - first).days * 0.09, 60)
    ax.set_xlim(mdates.date2num(first) - air, mdates.date2num(last) + air)
    ax.xaxis.set_major_locator(mdates.YearLocator(max(1, round((last - first).days / 365 / 4))))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    ax.axvline(mdates.date2num(as_of), color=MUTED, linewidth=0.7, linestyle=":", zorder=1)
    ax.grid(axis="y", color=GRID)
    ax.tick_params(labelsize=7.5, which="both")


def plot_valley_fit(
    register: Register,
    fit: pd.DataFrame,
    valley: str,
    as_of: date,
    lang: Lang = "en",
    *,
    period: int,
    n: int,
    title: str | None = None,
) -> Figure:
    """Draw where the valley's region stands on the indicators of the valley's fields.

    Parameters
    ----------
    register
        What `load_register` returns.
    fit
        What `specialisation_fit` returns.
    valley
        Id.
    as_of
        Printed below the chart.
    lang
        "en" or "ru".
    period, n
        Edition of the indicators, and how many regions are compared.
    title
        Above the chart; a standard one unless given.
    """
    table = fit[fit["valley"].eq(valley)]
    names = {sector.id: sector.name[lang] for sector in load_sectors()}
    fields = list(dict.fromkeys(table["sector"]))
    with house():
        count = len(table) + 0.8 * len(fields)
        fig = new_figure(1.75 + 0.235 * count)
        room = dress(
            fig,
            title or word("doss_fit", lang, name=register[valley].short[lang]),
            word("doss_fit_reading", lang) if fields else word("doss_no_fit", lang, period=period),
            foot(as_of, lang, notes=[word("doss_fit_note", lang, period=period, n=n)]),
        )
        wide, tall = fig.get_size_inches()
        below, left = 0.5 / tall, 4.3 / wide
        ax = fig.add_axes((room[0] + left, room[1] + below, room[2] - left - 0.35 / wide,
                           room[3] - below - 0.05))  # fmt: skip
        y = 0.0
        for field in fields:
            y = _field(ax, table[table["sector"].eq(field)], names[field], y, lang)
        _frame_fit(fig, ax, y, room, lang)
    return fig


def _field(ax: Axes, rows: pd.DataFrame, name: str, y: float, lang: Lang) -> float:
    """The indicators of a field from `y` down; return where the next one begins."""
    colour, mean = CATEGORICAL[0], float(rows["percentile"].mean())
    side = ax.get_yaxis_transform()
    ax.text(-0.8, y, name, transform=side, fontsize=8.5, fontweight="bold", va="center")
    start = y + 0.4
    for row in rows.itertuples():
        y += 1
        ax.text(-0.02, y, indicator_name(str(row.indicator), lang), transform=side, fontsize=8,
                ha="right", va="center")  # fmt: skip
        ax.plot([0, 100], [y, y], color=GRID, linewidth=0.6, zorder=1)
        ax.plot(row.percentile, y, marker="o", markersize=6.5, color=colour, zorder=3,
                gid=f"{row.sector}:{row.indicator}")  # fmt: skip
        ax.text(102.5, y, number(float(str(row.percentile)), 0, lang), fontsize=8, color=MUTED,
                va="center")  # fmt: skip
    ax.plot([mean, mean], [start, y + 0.4], color=INK, linewidth=1.2, zorder=2)
    return y + 1.8


def _frame_fit(
    fig: Figure, ax: Axes, y: float, room: tuple[float, float, float, float], lang: Lang
) -> None:
    ax.set_xlim(-1, 101)
    ax.set_ylim(y - 1.2, -0.5)
    ax.set_yticks([])
    ax.set_xticks([0, 25, 50, 75, 100])
    ax.spines["left"].set_visible(False)
    handles = [
        Line2D([], [], color="none", marker="o", markersize=6.5, markeredgecolor=CATEGORICAL[0],
               markerfacecolor=CATEGORICAL[0], label=word("doss_indicator", lang)),
        Line2D([], [], color=INK, linewidth=1.2, label=word("doss_mean", lang)),
    ]  # fmt: skip
    fig.legend(handles=handles, ncols=2, loc="lower left", fontsize=8, borderaxespad=0.0,
               bbox_to_anchor=(room[0], room[1] + 0.03 / fig.get_figheight()))  # fmt: skip
