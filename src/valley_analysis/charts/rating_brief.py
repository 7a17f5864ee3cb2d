"""The brief's two pictures: who has waited how long for which step, and what nobody has said."""

from datetime import date
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from valley_analysis.charts.rating_tables import STUCK, by_waiting
from valley_analysis.charts.rating_text import word
from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    FAINT,
    GRID,
    MUTED,
    dress,
    house,
    new_figure,
)
from valley_analysis.charts.valley_text import (
    date_text,
    figure_text,
    foot,
    metric_heading,
    months_text,
    step_name,
    valley_names,
)
from valley_analysis.text import Lang
from valley_analysis.valleys import Dated, Moved, load_register, months_between

_ROW = 0.3
_PERHAPS: dict[str, Any] = {
    "facecolor": "white",
    "edgecolor": MUTED,
    "hatch": "////",
    "linewidth": 0.6,
}
_SAID: dict[str, Any] = {"facecolor": CATEGORICAL[4], "edgecolor": CATEGORICAL[4]}
_SAID_OLD: dict[str, Any] = {"facecolor": GRID, "edgecolor": FAINT}
_UNSAID: dict[str, Any] = {"facecolor": "white", "edgecolor": FAINT, "hatch": "///"}
_OLD = 24  # months after which a figure is drawn pale


def plot_waiting(found: Moved, lang: Lang = "en") -> Figure:
    """Draw how long each valley has been at its furthest step, and which one is next.

    Parameters
    ----------
    found
        What `moved` returns.
    lang
        "en" or "ru".
    """
    rows = by_waiting(found)
    names = valley_names(load_register(), lang)
    with house():
        fig = new_figure(2.0 + _ROW * len(rows))
        source = foot(found.now.as_of, lang, n=len(rows))
        room = dress(fig, word("title_waiting", lang), word("reading_waiting", lang), source)
        left, bottom, width, height = room
        tall = fig.get_figheight()
        ax = fig.add_axes((left + 0.2, bottom + 0.4 / tall, width - 0.47, height - 0.75 / tall))
        for place, row in enumerate(rows.itertuples()):
            _waiting_bar(ax, place, row, lang)
        ax.set_yticks(range(len(rows)), [names[v] for v in rows.index])
        ax.set(xlim=(0, rows["months_high"].max() * 1.02), ylim=(len(rows) - 0.4, -0.6))
        ax.set_xlabel(word("axis_waiting", lang))
        ax.grid(axis="x", color=GRID)
        handles = [
            Patch(color=CATEGORICAL[0], label=word("waited_short", lang)),
            Patch(color=ACCENT, label=word("waited_long", lang)),
            Patch(label=word("waited_perhaps", lang), **_PERHAPS),
        ]
        ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.2, 1.0), ncols=3)
    return fig


def _waiting_bar(ax: Axes, place: int, row: Any, lang: Lang) -> None:
    """The months that have passed for certain, hatched on to those that may have."""
    least, most = row.months_low, row.months_high
    colour = ACCENT if least >= STUCK else CATEGORICAL[0]
    ax.barh(place, least, color=colour, height=0.6, linewidth=0, gid=f"certain {row.Index}")
    if most > least:
        look = {**_PERHAPS, "height": 0.6}
        ax.barh(place, most - least, left=least, gid=f"perhaps {row.Index}", **look)
    step = row.next_step
    text = word("next_step", lang, step=step_name(step, lang)) if step else word("all_steps", lang)
    ax.annotate(
        f"{months_text(least, most)} · {text}",
        (most, place),
        (5, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        annotation_clip=False,
    )


def plot_unknown(found: Moved, lang: Lang = "en") -> Figure:
    """Draw which figures exist for which valley as a whole.

    Parameters
    ----------
    found
        What `moved` returns.
    lang
        "en" or "ru".
    """
    known = found.unknown
    names = valley_names(load_register(), lang)
    with house():
        fig = new_figure(1.9 + 0.27 * len(known))
        source = foot(found.now.as_of, lang, n=len(known))
        room = dress(fig, word("title_unknown", lang), word("reading_unknown", lang), source)
        left, bottom, width, height = room
        tall = fig.get_figheight()
        ax = fig.add_axes((left + 0.2, bottom + 0.05 / tall, width - 0.21, height - 0.75 / tall))
        for y, valley in enumerate(known.index):
            for x, metric in enumerate(known.columns):
                value, day = known.loc[valley, metric], found.dated.loc[valley, metric]
                there = bool(value == value)
                look = _look(day, found.now.as_of)
                ax.add_patch(Rectangle((x + 0.03, y - 0.42), 0.94, 0.84, linewidth=0.5, **look))
                if there:
                    bound = found.bounds.loc[valley, metric]
                    text = f"{figure_text(value, bound, lang)} · {date_text(day, lang)}"
                    ax.text(x + 0.5, y, text, ha="center", va="center", fontsize=8)
        ax.set(xlim=(0, len(known.columns)), ylim=(len(known) - 0.5, -0.5))
        ax.set_yticks(range(len(known)), [names[v] for v in known.index])
        ax.xaxis.tick_top()
        centres = [x + 0.5 for x in range(len(known.columns))]
        ax.set_xticks(
            centres,
            [metric_heading(m, lang).replace(", ", ",\n", 1) for m in known.columns],
            fontsize=8,
        )
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        fig.legend(
            handles=[
                Patch(label=word("said", lang), **_SAID),
                Patch(label=word("said_old", lang), **_SAID_OLD),
                Patch(label=word("unsaid", lang), **_UNSAID),
            ],
            loc="upper right",
            ncols=3,
            bbox_to_anchor=(0.99, 0.995),
            labelcolor=MUTED,
        )
    return fig


def _look(day: str, as_of: date) -> dict[str, Any]:
    """A figure, one that is older than two years, or none."""
    if not day:
        return _UNSAID
    old = months_between(Dated.parse(day).last, as_of) >= _OLD
    return _SAID_OLD if old else _SAID
