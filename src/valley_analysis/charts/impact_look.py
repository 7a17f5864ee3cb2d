"""What the figures of impact share: rows of legend, heads of panels, points with whiskers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from valley_analysis.charts.style import (
    CATEGORICAL,
    INK,
    MUTED,
    PAPER,
    text_width,
    wrap,
)
from valley_analysis.text import capital

Room = tuple[float, float, float, float]
BLUE, ORANGE, GREEN = CATEGORICAL[0], CATEGORICAL[5], CATEGORICAL[2]
BEFORE, AFTER = "#f3f4f6", "#e8f1f8"
"""Backgrounds of the periods before and after."""
_ROW, _HANDLE, _GAP = 0.2, 0.42, 0.25  # inches: a row of legend, its sign, between entries
_LINE = 8.0 * 1.3 / 72


def legend_row(fig: Figure, room: Room, handles: Sequence[Artist]) -> Room:
    """Print a legend at the top of the room in as few rows as fit; return the room below it."""
    if not handles:
        return room
    width, height = fig.get_figwidth(), fig.get_figheight()
    sizes = [text_width(fig, str(handle.get_label()), 8.5) + _HANDLE for handle in handles]
    count = len(sizes)
    columns = next(k for k in range(count, 0, -1) if k == 1 or _fits(sizes, k, room[2] * width))
    rows = -(-count // columns)
    fig.legend(
        handles=list(handles),
        loc="upper left",
        bbox_to_anchor=(room[0], room[1] + room[3]),
        ncols=columns,
        borderaxespad=0.0,
        borderpad=0.0,
        handlelength=1.6,
        handletextpad=0.5,
        columnspacing=1.8,
    )
    used = (_ROW * rows + 0.1) / height
    return room[0], room[1], room[2], room[3] - used


def _fits(sizes: Sequence[float], columns: int, width: float) -> bool:
    # matplotlib fills a legend column by column, the first ones longer by one.
    parts = np.array_split(np.array(sizes), columns)
    return float(sum(part.max() for part in parts)) + _GAP * (columns - 1) <= width


def head_lines(fig: Figure, lines: Sequence[str], width: float) -> list[str]:
    """Return lines of a panel's head broken to its width in inches."""
    return [part for line in lines if line for part in wrap(fig, line, 8.0, width).split("\n")]


def head_height(title: str, lines: Sequence[str]) -> float:
    """Return the inches that a panel's head needs."""
    return (0.2 if title else 0.0) + _LINE * len(lines) + 0.08


def panel_head(ax: Axes, title: str, lines: Sequence[str] = ()) -> None:
    """Print a bold title and broken lines above a panel."""
    up = 4.0
    if lines:
        look: dict[str, Any] = {"fontsize": 8.0, "color": MUTED, "va": "bottom", "linespacing": 1.3}
        printed = "\n".join(lines)
        ax.annotate(
            printed, (0, 1), (0, up), xycoords="axes fraction", textcoords="offset points", **look
        )
        up += _LINE * 72 * len(lines)
    if title:
        ax.annotate(
            capital(title),
            (0, 1),
            (0, up),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=9.5,
            fontweight="bold",
            va="bottom",
        )


def side_label(ax: Axes, text: str) -> None:
    """Print the label of the vertical axis, broken to the axes' height."""
    fig = ax.figure.get_figure(root=True)
    tall = ax.get_position().height * fig.get_figheight()
    ax.set_ylabel(wrap(fig, text, 9.0, tall), fontsize=9.0, linespacing=1.2)


def low_label(ax: Axes, text: str) -> None:
    """Print the label of the horizontal axis, broken to the axes' width."""
    fig = ax.figure.get_figure(root=True)
    wide = ax.get_position().width * fig.get_figwidth()
    ax.set_xlabel(wrap(fig, text, 9.0, wide), fontsize=9.0, linespacing=1.2)


def point(label: str, colour: str = INK, *, marker: str = "o", hollow: bool = False) -> Line2D:
    """Return the sign of a legend for points."""
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=marker,
        markersize=6,
        markerfacecolor=PAPER if hollow else colour,
        markeredgecolor=colour,
        markeredgewidth=1.2,
        label=label,
    )


def stroke(label: str, colour: str = INK, **look: Any) -> Line2D:
    """Return the sign of a legend for a line."""
    return Line2D([], [], color=colour, label=label, **look)


def whisker_points(
    ax: Axes,
    x: Sequence[float],
    estimate: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    colour: str,
    *,
    size: float = 5.5,
    width: float = 1.4,
    marker: str = "o",
) -> None:
    """Draw points with upright intervals; those without an interval are hollow."""
    at, middle, bottom, top = (np.asarray(v, dtype=float) for v in (x, estimate, low, high))
    known = np.isfinite(bottom) & np.isfinite(top)
    ax.vlines(at[known], bottom[known], top[known], color=colour, linewidth=width, zorder=3)
    for shown, face in ((known, colour), (~known, PAPER)):
        if shown.any():
            ax.plot(
                at[shown],
                middle[shown],
                marker,
                linestyle="none",
                markersize=size,
                markerfacecolor=face,
                markeredgecolor=colour,
                markeredgewidth=1.3,
                zorder=4,
                gid="estimates" if face == colour else "hollow",
            )


def breathe(ax: Axes, values: Sequence[float], above: float = 0.1, below: float = 0.06) -> None:
    """Set the vertical limits around values and zero, with some air."""
    known = np.asarray(values, dtype=float)
    known = np.append(known[np.isfinite(known)], 0.0)
    span = max(float(np.ptp(known)), 1e-9)
    ax.set_ylim(known.min() - below * span, known.max() + above * span)
