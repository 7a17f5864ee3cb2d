"""A swimmer plot: one lane a valley from its decree to today, the steps on it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from valley_analysis.charts.style import (
    CATEGORICAL,
    GRID,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
)
from valley_analysis.charts.valley_text import (
    DOUBTFUL,
    by_decree,
    foot,
    step_name,
    valley_names,
    word,
)
from valley_analysis.text import Lang
from valley_analysis.valleys import STEPS, Ladder, Register, months_between

Clock = Literal["calendar", "age"]
MARKS = {
    "application": ("v", CATEGORICAL[6], 6.0),
    "approval": ("^", CATEGORICAL[6], 6.0),
    "decree": ("|", INK, 13.0),
    "fund": ("s", CATEGORICAL[0], 6.0),
    "land": ("D", CATEGORICAL[2], 5.5),
    "first_participant": ("o", CATEGORICAL[1], 7.0),
    "first_building": ("p", CATEGORICAL[5], 7.5),
    "revenue": ("*", CATEGORICAL[3], 9.5),
}
"""Shape, colour and size of the mark of each step."""

_LANE, _NAMES = 0.46, 1.35  # inches
_BAR = "#dfe6ec"
_RISE = 0.2  # of a lane, between marks that would hide each other
_HALF = 0.33  # of a lane: half the height of the bar


def plot_valley_lanes(
    register: Register,
    found: Ladder,
    lang: Lang = "en",
    *,
    clock: Clock = "calendar",
    title: str | None = None,
) -> Figure:
    """Draw one lane a valley, from the decree to the date of the ladder, with its steps.

    Parameters
    ----------
    register
        What `load_register` returns.
    found
        The ladder.
    lang
        "en" or "ru".
    clock
        "calendar" (years) or "age" (months since the decree).
    title
        Above the chart; a standard one unless given.

    Raises
    ------
    ValueError
        For any other clock.
    """
    if clock not in ("calendar", "age"):
        raise ValueError(f"clock is {clock!r}; expected 'calendar' or 'age'")
    order = by_decree(found.steps, found.valleys)
    names = valley_names(register, lang)
    with house():
        fig = new_figure(2.3 + _LANE * len(order))
        room = dress(
            fig,
            title or word(f"title_lanes_{clock}", lang),
            word("reading_lanes", lang),
            foot(found.as_of, lang, n=len(order), notes=[word(f"lanes_note_{clock}", lang)]),
        )
        wide, tall = fig.get_size_inches()
        below = 0.95 if clock == "calendar" else 1.12  # inches, for ticks and legend
        ax = fig.add_axes((room[0] + _NAMES / wide, room[1] + below / tall,
                           room[2] - (_NAMES + 0.1) / wide,
                           room[3] - (below + 0.05) / tall))  # fmt: skip
        _scale(ax, found, clock, len(order), lang)
        for place, valley in enumerate(order):
            _lane(ax, found, valley, place, clock)
            _events(ax, register, found, valley, place, clock)
        ax.set_yticks(range(len(order)), [names[valley] for valley in order])
        _legend(fig, ax, room, lang)
    return fig


def _at(day: pd.Timestamp | date, decree: pd.Timestamp, clock: Clock) -> float:
    """Where a day stands on the axis."""
    if clock == "calendar":
        return float(mdates.date2num(day))
    plain = day.date() if isinstance(day, pd.Timestamp) else day
    return months_between(decree.date(), plain)


def _scale(ax: Axes, found: Ladder, clock: Clock, rows: int, lang: Lang) -> None:
    days = found.steps["first"]
    end = pd.Timestamp(found.as_of)
    if clock == "calendar":
        first = min(days.min(), end)
        ax.set_xlim(mdates.date2num(first) - 60, mdates.date2num(end) + 40)
        ax.xaxis.set_major_locator(mdates.YearLocator())
        ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    else:
        oldest = float(found.ages()["high"].max())
        decrees = found.steps.xs("decree", level="step")["shown"]
        shown = found.steps["first"].dropna()
        since = [months_between(decrees[key[0]].date(), day.date()) for key, day in shown.items()]
        ax.set_xlim(min(0.0, *since) - 2, oldest + 3)
        low = 12 * int(np.floor(min(0.0, *since) / 12))
        ax.set_xticks([k for k in range(low, int(oldest) + 12, 12) if k <= oldest + 3])
        ax.set_xlabel(word("months_since_decree", lang), color=MUTED)
    ax.set_ylim(rows - 0.45, -0.55)
    ax.grid(axis="x", color=GRID)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0, labelsize=8.5)


def _lane(ax: Axes, found: Ladder, valley: str, place: int, clock: Clock) -> None:
    steps = found.steps.loc[valley]
    decree = steps.loc["decree", "shown"]
    sure = _at(steps.loc["decree", "last"], decree, clock)
    begin = _at(steps.loc["decree", "first"], decree, clock)
    end = _at(pd.Timestamp(found.as_of), decree, clock)
    ax.add_patch(Rectangle((sure, place - _HALF), end - sure, 2 * _HALF, facecolor=_BAR,
                           linewidth=0, zorder=1, gid=f"lane {valley}"))  # fmt: skip
    if sure > begin:
        look: dict[str, Any] = {
            "facecolor": PAPER,
            "edgecolor": MUTED,
            "hatch": "/////",
            "linewidth": 0.4,
        }
        ax.add_patch(Rectangle((begin, place - _HALF), sure - begin, 2 * _HALF, zorder=1, **look))
    dated = steps[steps["shown"].notna()]
    spans = [
        tuple(_at(row[end], decree, clock) for end in ("first", "shown", "last"))
        for _, row in dated.iterrows()
    ]
    for (step, row), span, rise in zip(dated.iterrows(), spans, _rises(ax, spans), strict=True):
        _mark(ax, str(step), row["confidence"] in DOUBTFUL, span, place + rise, valley)


def _rises(ax: Axes, spans: Sequence[tuple[float, ...]]) -> list[float]:
    """Offsets from the lane's middle, such that neither marks nor spans hide each other."""
    low, high = ax.get_xlim()
    fig = ax.figure.get_figure(root=True)
    air = 6 * (high - low) / (ax.get_position().width * fig.get_figwidth() * 72)
    used: list[tuple[float, float, float]] = []
    for first, _, last in spans:
        begin, end = first - air, last + air
        near = {level for a, b, level in used if a < end and begin < b}
        level = next((level for level in (0.0, -_RISE, _RISE) if level not in near), 0.0)
        used.append((begin, end, level))
    return [level for _, _, level in used]


def _mark(
    ax: Axes, step: str, doubtful: bool, span: Sequence[float], y: float, valley: str
) -> None:
    """The mark of a step, hollow if doubtful, on the span of days that it can mean."""
    shape, colour, size = MARKS[step]
    first, x, last = span
    if last > first:
        ax.plot([first, last], [y, y], color=colour, linewidth=1.3, zorder=2, alpha=0.75,
                marker="|", markersize=4, solid_capstyle="butt")  # fmt: skip
    if shape == "|":
        look: dict[str, Any] = {"markeredgecolor": colour, "markeredgewidth": 2.2}
    elif doubtful:
        look = {"markerfacecolor": PAPER, "markeredgecolor": colour, "markeredgewidth": 1.3}
    else:
        look = {"markerfacecolor": colour, "markeredgecolor": PAPER, "markeredgewidth": 0.6}
    ax.plot(x, y, marker=shape, markersize=size, color="none", zorder=3, gid=f"{valley}:{step}",
            **look)  # fmt: skip


def _events(
    ax: Axes, register: Register, found: Ladder, valley: str, place: int, clock: Clock
) -> None:
    """Small ticks below the lane for what happened beside the ladder."""
    decree = found.steps.loc[(valley, "decree"), "shown"]
    low, high = ax.get_xlim()
    for one in register[valley].milestones:
        if one.step is None and one.date.first <= found.as_of:
            x = _at(one.date.middle, decree, clock)
            if low <= x <= high:
                ax.plot(
                    [x, x],
                    [place + _HALF + 0.02, place + _HALF + 0.13],
                    color=MUTED,
                    linewidth=0.9,
                    zorder=1.5,
                )


def _legend(fig: Figure, ax: Axes, room: tuple[float, float, float, float], lang: Lang) -> None:
    def mark(shape: str, colour: str, size: float, label: str, **more: Any) -> Line2D:
        look = {"markerfacecolor": colour, "markeredgecolor": PAPER, "markeredgewidth": 0.6, **more}
        return Line2D([], [], color="none", marker=shape, markersize=size, label=label, **look)

    handles: list[Any] = [
        mark(shape, colour, size, step_name(step, lang),
             **({"markeredgecolor": colour, "markeredgewidth": 2.2} if shape == "|" else {}))
        for step, (shape, colour, size) in ((step, MARKS[step]) for step in STEPS)
    ]  # fmt: skip
    handles += [
        mark("o", PAPER, 6.5, word("hollow_doubtful", lang), markeredgecolor=INK,
             markeredgewidth=1.2),
        Line2D([], [], color=MUTED, linewidth=1.3, marker="|", markersize=4,
               label=word("span_imprecise", lang)),
        Line2D([], [], color="none", marker="|", markeredgecolor=MUTED, markersize=5,
               label=word("event_beside", lang)),
        Patch(facecolor=PAPER, edgecolor=MUTED, hatch="/////", linewidth=0.4,
              label=word("decree_between", lang)),
    ]  # fmt: skip
    fig.legend(handles=handles, ncols=4, loc="lower left", fontsize=8, borderaxespad=0.0,
               bbox_to_anchor=(room[0], room[1] + 0.02), columnspacing=1.4,
               handletextpad=0.5)  # fmt: skip


def marked_steps(ax: Axes, valley: str) -> Iterable[str]:
    """Return the steps of a valley that a swimmer plot draws, in order."""
    for line in ax.lines:
        name, _, step = str(line.get_gid() or "").partition(":")
        if name == valley and step:
            yield step
