"""Legends of classes: swatch, interval, number of regions."""

from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.patches import Patch

from valley_analysis.charts.classes import Classes
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.style import FAINT, INK, MUTED, PAPER
from valley_analysis.text import Lang

HATCH = "/////"


def missing_look() -> dict[str, Any]:
    """Return how a unit without a value is filled."""
    return {"facecolor": PAPER, "edgecolor": MUTED, "hatch": HATCH, "linewidth": 0.4}


def look_of(classes: Classes, unit: str) -> dict[str, Any]:
    """Return how a unit is filled: its class's colour, or hatched where it has no value."""
    if classes.members.isna()[unit]:
        return missing_look()
    return {"facecolor": classes.colour(unit), "edgecolor": INK, "linewidth": 0.3}


def class_legend(
    ax: Axes,
    classes: Classes,
    *,
    what: str,
    lang: Lang,
    digits: int = 1,
    loc: Literal["upper left", "lower right"] = "upper left",
    size: float = 8.5,
) -> Legend:
    """Add a legend of classes: highest first, missing last.

    Parameters
    ----------
    ax
        Where it stands.
    classes
        What `classify` returned.
    what
        The quantity and its unit.
    lang
        "en" or "ru".
    digits
        Decimals of the limits.
    loc
        Place in the axes, as matplotlib names it.
    size
        Of its text.
    """
    handles = [
        Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.4, label=label)
        for colour, label in zip(classes.colours, classes.labels(digits, lang), strict=True)
    ][::-1]
    if classes.missing:
        look = missing_look() | {"label": f"{phrase('missing', lang)}  ({classes.missing})"}
        handles.append(Patch(**look))
    legend = ax.legend(
        handles=handles,
        title=phrase("legend_classes", lang, what=what),
        loc=loc,
        alignment="left",
        handlelength=1.7,
        handleheight=1.1,
        borderaxespad=0.0,
        labelspacing=0.35,
        fontsize=size,
        title_fontproperties={"size": size, "weight": "bold"},
    )
    legend.get_frame().set_edgecolor(FAINT)
    return legend
