"""The dated ladder: valleys x steps, each with its date, how sure it is, and whose act it was."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from valley_analysis.charts.style import (
    CATEGORICAL,
    FAINT,
    MUTED,
    PAPER,
    dress,
    house,
    ink_on,
    new_figure,
    text_width,
    wrap,
)
from valley_analysis.charts.valley_text import (
    by_decree,
    foot,
    months_text,
    span_text,
    step_name,
    valley_names,
    word,
)
from valley_analysis.text import Lang
from valley_analysis.valleys import STEPS, Ladder, Register
from valley_analysis.valleys.entries import Actor

ACTORS: dict[Actor, str] = {
    "initiator": CATEGORICAL[1],
    "federal": CATEGORICAL[5],
    "region": CATEGORICAL[2],
    "manager": CATEGORICAL[3],
    "participants": CATEGORICAL[7],
}
"""Whose act a step was: the colour of the strip at a cell's left edge."""

_ROW, _HEAD, _NAMES, _RIGHT = 0.36, 0.62, 1.35, 0.85  # inches
LOOKS: dict[str, dict[str, Any]] = {
    "primary": {"facecolor": "#225ea8", "edgecolor": PAPER},
    "press": {"facecolor": "#8fb8de", "edgecolor": PAPER},
    "inferred": {"facecolor": "#dbe8f5", "edgecolor": "#8fb8de", "hatch": "////"},
    "implied": {"facecolor": "#f4f5f6", "edgecolor": FAINT, "hatch": "...."},
    "unverified": {"facecolor": PAPER, "edgecolor": MUTED, "linestyle": (0, (3, 2))},
    "unseen": {"facecolor": PAPER, "edgecolor": "#e4e7eb"},
}
"""How a cell is filled: the surer, the darker; what is inferred or unverified hatched or hollow."""


def look_of_step(row: pd.Series) -> str:
    """Return the look of a step: its confidence if dated, else its state.

    Examples
    --------
    >>> look_of_step(pd.Series({"state": "dated", "confidence": "press"}))
    'press'
    >>> look_of_step(pd.Series({"state": "implied", "confidence": "unverified"}))
    'implied'
    """
    return str(row["confidence"] if row["state"] == "dated" else row["state"])


def by_progress(found: Ladder) -> list[str]:
    """Return ids, most steps first; of equal ones the older decree first."""
    furthest = found.furthest()
    order = furthest.loc[by_decree(found.steps, found.valleys)]
    return list(order.sort_values(["number", "reached"], ascending=False, kind="stable").index)


def plot_valley_ladder(
    register: Register, found: Ladder, lang: Lang = "en", *, title: str | None = None
) -> Figure:
    """Draw valleys x steps: the date of each step, how sure it is, and whose act it was.

    Parameters
    ----------
    register
        What `load_register` returns.
    found
        The ladder.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    order = by_progress(found)
    names = valley_names(register, lang)
    with house():
        fig = new_figure(2.1 + _HEAD + _ROW * (len(order) + 1))
        room = dress(
            fig,
            title or word("title_ladder", lang),
            word("reading_ladder", lang),
            foot(found.as_of, lang, n=len(order)),
        )
        ax = _axes(fig, room, len(order))
        head_steps(fig, ax, lang)
        for place, valley in enumerate(order):
            draw_steps(ax, place, found.steps.loc[valley], lang)
        _margins(fig, ax, found, order, names, lang)
        step_legend(fig, ax, room, found.steps, lang)
    return fig


def _axes(fig: Figure, room: tuple[float, float, float, float], rows: int) -> Axes:
    wide, tall = fig.get_figwidth(), fig.get_figheight()
    height = _ROW * (rows + 1) / tall
    bottom = room[1] + room[3] - _HEAD / tall - height
    left = room[0] + _NAMES / wide
    ax = fig.add_axes((left, bottom, room[2] - (_NAMES + _RIGHT) / wide, height))
    ax.set_xlim(0, len(STEPS))
    ax.set_ylim(rows + 1, 0)
    ax.set_axis_off()
    return ax


def head_steps(fig: Figure, ax: Axes, lang: Lang) -> None:
    """Write the names of the steps above their columns."""
    width = ax.get_position().width * fig.get_figwidth() / len(STEPS) - 0.06
    for place, step in enumerate(STEPS):
        text = wrap(fig, f"{place + 1}. {step_name(step, lang)}", 7.5, width, "bold")
        ax.text(place + 0.5, -0.12, text, fontsize=7.5, fontweight="bold", ha="center", va="bottom")


def draw_steps(ax: Axes, place: int, steps: pd.DataFrame, lang: Lang) -> None:
    """Draw the steps of one valley as cells of a row.

    Parameters
    ----------
    ax
        Axes one unit wide for each step, rows one unit high, the first on top.
    place
        Of the row, from 0.
    steps
        Of one valley, indexed by step.
    lang
        "en" or "ru".
    """
    for column, step in enumerate(STEPS):
        row = steps.loc[step]
        look = look_of_step(row)
        box = Rectangle((column + 0.03, place + 0.05), 0.94, 0.9, linewidth=0.7, zorder=2,
                        gid=f"{place}:{step}:{look}", **LOOKS[look])  # fmt: skip
        ax.add_patch(box)
        if row["actor"] and look != "implied":
            _strip(ax, column, place, row["actor"], lang)
        _cell_text(ax, column, place, row, look, lang)


def _strip(ax: Axes, column: int, place: int, actor: Actor, lang: Lang) -> None:
    """Whose act, by colour and by letter: some readers see two of the colours as one."""
    colour = ACTORS[actor]
    ax.add_patch(Rectangle((column + 0.03, place + 0.05), 0.12, 0.9, linewidth=0, zorder=3,
                           facecolor=colour))  # fmt: skip
    ax.text(column + 0.09, place + 0.5, word(f"letter_{actor}", lang), fontsize=6.5, zorder=4,
            fontweight="bold", color=ink_on(colour), ha="center", va="center_baseline",
            gid=f"actor {place}:{STEPS[column]}")  # fmt: skip


def _cell_text(ax: Axes, column: int, place: int, row: pd.Series, look: str, lang: Lang) -> None:
    text = {"unseen": "–", "implied": word("implied", lang)}.get(look) or span_text(row, lang)
    text = text.replace(" – ", "\n– ")
    dark = look in ("unseen", "implied", "unverified")
    colour = MUTED if dark else ink_on(str(LOOKS[look]["facecolor"]))
    fig = ax.figure.get_figure(root=True)
    width = 0.78 * ax.get_position().width * fig.get_figwidth() / len(STEPS)
    widest = max(text_width(fig, line, 7.5) for line in text.split("\n"))
    size = min(7.5, 7.5 * width / widest)
    shift = 0.56 if row["actor"] and look != "implied" else 0.5
    ax.text(column + shift, place + 0.5, text, fontsize=size, ha="center", va="center", zorder=4,
            color=colour, style="italic" if look == "unverified" else "normal", linespacing=1.05,
            gid=f"{place}:{STEPS[column]}",
            bbox={"facecolor": LOOKS[look]["facecolor"], "edgecolor": "none", "pad": 0.6}
            if "hatch" in LOOKS[look] else None)  # fmt: skip


def _margins(
    fig: Figure, ax: Axes, found: Ladder, order: list[str], names: dict[str, str], lang: Lang
) -> None:
    """Names on the left, ages on the right, how many valleys have each step below."""
    ages, rows = found.ages(), len(order)
    right = len(STEPS) + 0.15
    head = wrap(fig, word("age_head", lang), 7.5, _RIGHT - 0.1)
    ax.text(right, -0.12, head, fontsize=7.5, color=MUTED, va="bottom", ha="left")
    for place, valley in enumerate(order):
        ax.text(-0.1, place + 0.5, names[valley], fontsize=8.5, ha="right", va="center")
        ax.text(right + 0.45, place + 0.5, months_text(*ages.loc[valley]), fontsize=8, ha="right",
                va="center", color=MUTED)  # fmt: skip
    certain = found.states().isin(["dated", "implied"]).sum()
    ax.plot([0, len(STEPS)], [rows + 0.08] * 2, color=MUTED, linewidth=0.6)
    ax.text(-0.1, rows + 0.55, word("valleys_with", lang), fontsize=7.5, ha="right", va="center",
            color=MUTED)  # fmt: skip
    for place, step in enumerate(STEPS):
        text = word("k_of_n", lang, k=int(certain[step]), n=rows)
        ax.text(place + 0.5, rows + 0.55, text, fontsize=8, ha="center", va="center")


def step_legend(
    fig: Figure,
    ax: Axes,
    room: tuple[float, float, float, float],
    steps: pd.DataFrame,
    lang: Lang,
) -> None:
    """Add the legends of the states and actors that are drawn, below the cells."""
    looks = {look_of_step(row) for _, row in steps.iterrows()}
    drawn = steps.loc[steps["state"].ne("implied"), "actor"]
    cells = [Patch(linewidth=0.7, label=word(f"look_{name}", lang), **look)
             for name, look in LOOKS.items() if name in looks]  # fmt: skip
    acts = [Patch(facecolor=colour, linewidth=0, label=_actor_label(name, lang))
            for name, colour in ACTORS.items() if name in set(drawn)]  # fmt: skip
    look: dict[str, Any] = {"loc": "upper left", "alignment": "left", "fontsize": 8,
                            "handlelength": 1.5, "handleheight": 1.0, "borderaxespad": 0.0,
                            "columnspacing": 1.4,
                            "title_fontproperties": {"size": 8, "weight": "bold"}}  # fmt: skip
    top, tall = ax.get_position().y0, fig.get_figheight()
    fig.legend(handles=cells, ncols=3, title=word("legend_state", lang),
               bbox_to_anchor=(room[0], top - 0.06 / tall), **look)  # fmt: skip
    fig.legend(handles=acts, ncols=5, title=word("legend_actor", lang),
               bbox_to_anchor=(room[0], top - 0.7 / tall), **look)  # fmt: skip


def _actor_label(actor: Actor, lang: Lang) -> str:
    return f"{word(f'letter_{actor}', lang)}  {word(f'actor_{actor}', lang)}"
