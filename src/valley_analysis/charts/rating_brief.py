"""The brief's two pictures: who has waited how long for which step, and what nobody has said."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

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
    metric_name,
    metric_unit,
    step_name,
    valley_names,
)
from valley_analysis.text import Lang, number
from valley_analysis.valleys import Moved, load_register

_ROW = 0.3
_STUCK = 24


def plot_waiting(found: Moved, lang: Lang = "en") -> Figure:
    """Draw how long each valley has been at its furthest step, and which one is next.

    Parameters
    ----------
    found
        What `moved` returns.
    lang
        "en" or "ru".
    """
    rows = found.stuck.sort_values("months_since")
    names = valley_names(load_register(), lang)
    with house():
        fig = new_figure(2.0 + _ROW * len(rows))
        source = foot(found.now.as_of, lang, n=len(rows))
        room = dress(fig, word("title_waiting", lang), word("reading_waiting", lang), source)
        left, bottom, width, height = room
        tall = fig.get_figheight()
        ax = fig.add_axes((left + 0.2, bottom + 0.4 / tall, width - 0.47, height - 0.75 / tall))
        months = rows["months_since"].to_numpy()
        colours = [ACCENT if value >= _STUCK else CATEGORICAL[0] for value in months]
        ax.barh(range(len(rows)), months, color=colours, height=0.6, linewidth=0)
        ax.set_yticks(range(len(rows)), [names[v] for v in rows.index])
        ax.set(xlim=(0, months.max() * 1.02), ylim=(len(rows) - 0.4, -0.6))
        ax.set_xlabel(word("axis_waiting", lang))
        ax.grid(axis="x", color=GRID)
        told = [(CATEGORICAL[0], "waited_short"), (ACCENT, "waited_long")]
        handles = [Patch(color=colour, label=word(key, lang)) for colour, key in told]
        ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
        for place, row in enumerate(rows.itertuples()):
            step = row.next_step
            text = (
                word("next_step", lang, step=step_name(step, lang))
                if step
                else word("all_steps", lang)
            )
            label = f"{number(row.months_since, 0, lang)} · {text}"
            ax.annotate(
                label,
                (row.months_since, place),
                (5, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
                annotation_clip=False,
            )
    return fig


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
                look: dict[str, Any] = (
                    {"color": CATEGORICAL[4]}
                    if there
                    else {"facecolor": "white", "edgecolor": FAINT, "hatch": "///"}
                )
                ax.add_patch(Rectangle((x + 0.03, y - 0.42), 0.94, 0.84, linewidth=0.5, **look))
                if there:
                    text = f"{figure_text(value, lang=lang)} · {date_text(day, lang)}"
                    ax.text(x + 0.5, y, text, ha="center", va="center", fontsize=8)
        ax.set(xlim=(0, len(known.columns)), ylim=(len(known) - 0.5, -0.5))
        ax.set_yticks(range(len(known)), [names[v] for v in known.index])
        ax.xaxis.tick_top()
        centres = [x + 0.5 for x in range(len(known.columns))]
        ax.set_xticks(
            centres,
            [f"{metric_name(m, lang)},\n{metric_unit(m, lang)}" for m in known.columns],
            fontsize=8,
        )
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        fig.legend(
            handles=[
                Patch(color=CATEGORICAL[4], label=word("said", lang)),
                Patch(facecolor="white", edgecolor=FAINT, hatch="///", label=word("unsaid", lang)),
            ],
            loc="upper right",
            ncols=2,
            bbox_to_anchor=(0.99, 0.995),
            labelcolor=MUTED,
        )
    return fig
