"""A quantity over time: who said what of each valley, fact apart from plan and promise."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    GRID,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    panels,
    wrap,
)
from valley_analysis.charts.valley_text import (
    figure_text,
    foot,
    listed,
    metric_name,
    metric_unit,
    valley_names,
    word,
)
from valley_analysis.text import Lang, number
from valley_analysis.valleys import Chosen, Dated, Register, choose, claims_frame, conflicts
from valley_analysis.valleys.claims import Rule

NATURES = {
    "actual": ("o", CATEGORICAL[0]),
    "plan": ("s", CATEGORICAL[1]),
    "promise": ("D", CATEGORICAL[5]),
}
"""Shape and colour of a claim's nature."""

# Drawn, since house style reads no formulas, and a sign of a font is no marker without one.
_ARROW = Path([(0, -1), (0, 1), (-0.6, 0.3), (0, 1), (0.6, 0.3)], [1, 2, 1, 2, 2])
_COLUMNS, _PANEL = 3, 1.85  # inches
_TICKS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000)


def plot_valley_claims(
    register: Register,
    as_of: date,
    lang: Lang = "en",
    *,
    metric: str = "participants",
    rule: Rule = "latest",
    title: str | None = None,
) -> Figure:
    """Draw every claim of a quantity over time: one panel a valley that has any.

    Parameters
    ----------
    register
        What `load_register` returns.
    as_of
        Claims that describe a later day are left out.
    lang
        "en" or "ru".
    metric
        Key of metrics.yml; values are on a logarithmic scale that all panels share.
    rule
        Which of several recent figures is printed, see `choose`.
    title
        Above the chart; a standard one unless given.
    """
    told = claims_frame(register.valleys, as_of)
    told = told[told["metric"].eq(metric) & told["value"].gt(0)]
    names = valley_names(register, lang)
    shown = [valley for valley in register.valleys.ids if valley in set(told["valley"])]
    silent = [valley for valley in register.valleys.ids if valley not in shown]
    with house():
        rows = -(-len(shown) // _COLUMNS)
        fig = new_figure(2.15 + _PANEL * max(rows, 1))
        room = dress(
            fig,
            title or word("title_claims", lang, metric=metric_name(metric, lang)),
            word("reading_claims", lang, unit=metric_unit(metric, lang)),
            foot(as_of, lang, n=len(register.valleys), notes=_notes(told, shown, lang)),
        )
        below = 0.72 / fig.get_figheight()
        space = (room[0], room[1] + below, room[2], room[3] - below)
        axes = panels(fig, space, len(shown), _COLUMNS, (0.46, 0.25, 0.1, 0.28))
        for valley, ax in zip(shown, axes, strict=True):
            ax.set_title(names[valley], fontsize=9)
            draw_claims(ax, told[told["valley"] == valley], rule, lang)
            _limits(ax, told, as_of, lang)
        _silent(fig, room, [names[valley] for valley in silent], lang)
        claims_legend(fig, room, lang, 0.3)
    return fig


def _notes(told: pd.DataFrame, shown: Sequence[str], lang: Lang) -> list[str]:
    return [word("claims_counted", lang, claims=len(told), valleys=len(shown))]


def draw_claims(ax: Axes, told: pd.DataFrame, rule: Rule, lang: Lang) -> None:
    """Draw the claims of one valley about one quantity.

    Parameters
    ----------
    ax
        Where.
    told
        Rows of `claims_frame` of one valley and one quantity.
    rule
        By which the figure that is printed is chosen.
    lang
        "en" or "ru".
    """
    whole = told[told["part"].eq("")]
    facts = whole[whole["nature"].eq("actual")].sort_values("last")
    ax.plot(_middles(facts), facts["value"], color=CATEGORICAL[0], linewidth=1.0, zorder=2)
    for _, part in told[told["part"].ne("") & told["nature"].eq("actual")].groupby("part"):
        line = part.sort_values("last")
        ax.plot(_middles(line), line["value"], color=CATEGORICAL[4], linewidth=0.7, zorder=1.5)
    _conflicts(ax, told)
    for row in told.itertuples():
        _point(ax, row)
    if len(facts):
        first = told.iloc[0]
        chosen = choose(told, first["valley"], first["metric"], rule=rule)
        assert chosen is not None
        text = figure_text(chosen.value, chosen.row["bound"], lang)
        if others := _others(chosen, lang):
            text += f" ({word('also', lang, figures=others)})"
        beside = chosen.row["bound"] == "more_than" and not chosen.conflict
        ax.annotate(text, (_middle(chosen.row), chosen.value), (7, 0) if beside else (0, 8),
                    textcoords="offset points", fontsize=8, fontweight="bold",
                    ha="left" if beside else "center", va="center" if beside else "bottom",
                    zorder=5)  # fmt: skip


def _others(chosen: Chosen, lang: Lang) -> str:
    """What else was said within half a year, with its signs."""
    told = chosen.others.drop_duplicates(["value", "bound"])
    return ", ".join(figure_text(one["value"], one["bound"], lang) for _, one in told.iterrows())


def _middle(row: Any) -> float:
    first, last = row["first"], row["last"]
    return float(mdates.date2num(first + (last - first) / 2))


def _middles(rows: pd.DataFrame) -> list[float]:
    return [_middle(row) for _, row in rows.iterrows()]


def _point(ax: Axes, row: Any) -> None:
    """A claim at its date; a plan or promise with a due date also points to it."""
    shape, colour = NATURES[row.nature]
    part = bool(row.part)
    if row.nature == "actual" and part:
        colour = CATEGORICAL[4]
    hollow = row.nature != "actual" or row.confidence == "unverified"
    x = mdates.date2num(row.first + (row.last - row.first) / 2)
    style: dict[str, Any] = {"marker": shape, "markersize": 4.2 if part else 6.0, "color": colour,
             "markeredgecolor": colour, "markeredgewidth": 0.8 if part else 1.2,
             "markerfacecolor": PAPER if hollow else colour,
             "fillstyle": "left" if row.confidence == "inferred" and not hollow else "full",
             "markerfacecoloralt": PAPER}  # fmt: skip
    if row.due:
        due = mdates.date2num(Dated.parse(row.due).middle)
        ax.plot(
            [x, due], [row.value] * 2, color=colour, linewidth=0.9, linestyle=(0, (3, 2)), zorder=2
        )
        ax.plot(due, row.value, zorder=3, gid=f"due {row.Index}", **style)
        x = due
    else:
        ax.plot(x, row.value, zorder=4, gid=f"claim {row.Index}", **style)
    if row.bound == "more_than":
        ax.annotate("", (x, row.value), (0, 15), textcoords="offset points", zorder=2,
                    arrowprops={"arrowstyle": "<-", "color": colour, "linewidth": 0.8,
                                "shrinkA": 0, "shrinkB": 0})  # fmt: skip


def _conflicts(ax: Axes, told: pd.DataFrame) -> None:
    """Join the two ends of every contradiction."""
    found = conflicts(told)
    for one in found.itertuples():
        ends = [Dated.parse(day).middle for day in (one.earlier_as_of, one.later_as_of)]
        ax.plot(mdates.date2num(ends), [one.earlier_value, one.later_value], color=ACCENT,
                linewidth=1.6, marker="o", markersize=10.5, markerfacecolor="none",
                markeredgecolor=ACCENT, markeredgewidth=1.2, zorder=4.5,
                gid=f"conflict {one.valley}")  # fmt: skip


def _limits(ax: Axes, told: pd.DataFrame, as_of: date, lang: Lang) -> None:
    dues = [Dated.parse(due).last for due in told["due"] if due]
    last = max([as_of, *dues])
    ax.set_xlim(mdates.date2num(told["first"].min()) - 150, mdates.date2num(last) + 150)
    ax.set_yscale("log")
    low, high = told["value"].min(), told["value"].max()
    ax.set_ylim(low / 1.7, high * 2.6)
    ax.yaxis.set_major_locator(FixedLocator([t for t in _TICKS if low / 1.7 <= t <= high * 2.6]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 0, lang)))
    ax.xaxis.set_major_locator(mdates.YearLocator(2))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    ax.axvline(mdates.date2num(as_of), color=MUTED, linewidth=0.7, linestyle=":", zorder=1)
    ax.grid(axis="y", color=GRID)


def _silent(
    fig: Figure, room: tuple[float, float, float, float], names: Sequence[str], lang: Lang
) -> None:
    """Name the valleys without a figure."""
    if names:
        text = word("no_figure", lang, n=len(names), names=listed(names, lang))
        fig.text(room[0], room[1] + 0.03 / fig.get_figheight(), wrap(fig, text, 8), fontsize=8,
                 color=ACCENT, va="bottom", gid="silent")  # fmt: skip


def claims_legend(
    fig: Figure, room: tuple[float, float, float, float], lang: Lang, rise: float
) -> None:
    """Add the legend of natures, its foot `rise` inches above that of the room."""

    def mark(shape: str, colour: str, face: str, label: str, **more: Any) -> Line2D:
        return Line2D([], [], color="none", marker=shape, markerfacecolor=face, markersize=6,
                      markeredgecolor=colour, markeredgewidth=1.2, label=label,
                      markerfacecoloralt=PAPER, **more)  # fmt: skip

    blue, light = CATEGORICAL[0], CATEGORICAL[4]
    handles = [
        mark("o", blue, blue, word("nature_actual", lang)),
        Line2D([], [], color=light, linewidth=0.7, marker="o", markersize=4,
               label=word("nature_part", lang)),
        mark("s", CATEGORICAL[1], PAPER, word("nature_plan", lang)),
        mark("D", CATEGORICAL[5], PAPER, word("nature_promise", lang)),
        mark("o", blue, blue, word("claim_inferred", lang), fillstyle="left"),
        mark("o", blue, PAPER, word("claim_unverified", lang)),
        Line2D([], [], color=ACCENT, linewidth=1.6, marker="o", markerfacecolor="none",
               markersize=8, label=word("conflict", lang)),
        Line2D([], [], color="none", marker=_ARROW, markerfacecolor="none",
               markeredgecolor=INK, markersize=7, markeredgewidth=0.9,
               label=word("more_than", lang)),
    ]  # fmt: skip
    fig.legend(handles=handles, ncols=4, loc="lower left", fontsize=8, borderaxespad=0.0,
               columnspacing=1.4, handletextpad=0.5,
               bbox_to_anchor=(room[0], room[1] + rise / fig.get_figheight()))  # fmt: skip
