"""Pairwise dominance: in which share of replications one region is ahead of another."""

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from valley_analysis.charts.names import unit_names
from valley_analysis.charts.ranges import by_rank
from valley_analysis.charts.robustness_text import foot, word
from valley_analysis.charts.style import (
    DIVERGING,
    INK,
    MUTED,
    dress,
    house,
    new_figure,
    wrap,
)
from valley_analysis.scoring import UncertaintyResult
from valley_analysis.text import Lang, number

_SIDE = 7.3  # inches of the map
_NAMES = 1.35
_INNER = (0.2, 0.4, 0.6, 0.8)


def plot_dominance(
    found: UncertaintyResult,
    lang: Lang = "en",
    *,
    share: float = 0.95,
    title: str | None = None,
) -> Figure:
    """Draw a map of all pairs: the share of replications in which the row is ahead.

    Rows and columns stand in order of nominal rank. A line surrounds the pairs that are not
    distinguishable: neither is ahead in at least `share` of the replications.

    Parameters
    ----------
    found
        What `vary` returns, pairs compared.
    lang
        "en" or "ru".
    share
        From which on one counts as ahead; above 0.8.
    title
        Above the chart; a standard one unless given.

    Raises
    ------
    ValueError
        If pairs were not compared.
    """
    if found.ahead is None:
        raise ValueError("pairs were not compared: call vary(..., pairs=True)")
    order = by_rank(found).index
    ahead = found.ahead.loc[order, order].to_numpy(dtype=float)
    close = (np.maximum(ahead, ahead.T) < share) & ~np.eye(len(order), dtype=bool)
    with house():
        fig = new_figure(_SIDE + 1.5)
        pairs = len(order) * (len(order) - 1) // 2
        numbers = {"pairs": pairs, "close": int(close.sum()) // 2, "share": 100 * share}
        printed = {key: number(value, 0, lang) for key, value in numbers.items()}
        about = word("reading_dominance", lang, **printed)
        source = foot(found, lang, n=len(order))
        heading = title or word("title_dominance", lang, period=found.period)
        room = dress(fig, heading, about, source)
        width, height = fig.get_size_inches()
        top = room[1] + room[3] - 0.25 / height
        side = min(_SIDE, (top - room[1]) * height - 0.02)
        box = (room[0] + _NAMES / width, top - side / height, side / width, side / height)
        ax = fig.add_axes(box)
        _cells(ax, ahead, close, share)
        every = 1 if len(order) <= 40 else 5  # or names would be too small to read
        named = [0, *range(every - 1, len(order), every)] if every > 1 else range(len(order))
        names = unit_names(order[list(named)], lang).tolist()
        printed_names = [f"{name}  {at + 1}" for at, name in zip(named, names, strict=True)]
        ax.set_yticks(list(named), printed_names, fontsize=7.5)
        ax.tick_params(axis="y", length=2 if every > 1 else 0)
        ticks = [0, *range(9, len(order), 10)]
        ax.set_xticks(ticks, [str(place + 1) for place in ticks])
        ax.tick_params(axis="x", labelsize=7.5, labelcolor=MUTED, length=0, pad=1)
        ax.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False)
        _legend(fig, ax, share, lang)
    return fig


def _bounds(share: float) -> list[float]:
    return [0.0, 1 - share + 1e-9, *_INNER, share, 1.0]


def _cells(ax: Axes, ahead: np.ndarray, close: np.ndarray, share: float) -> None:
    shown = np.where(np.eye(len(ahead), dtype=bool), np.nan, ahead)
    colours = ListedColormap(list(DIVERGING), bad="#8c8c8c")
    ax.imshow(shown, cmap=colours, norm=BoundaryNorm(_bounds(share), 7), interpolation="none")
    own = close | np.eye(len(ahead), dtype=bool)
    ax.add_collection(LineCollection(outline(own), colors=INK, linewidths=0.9, gid="close"))
    ax.spines[:].set_visible(False)


def outline(cells: np.ndarray) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the edges between cells that are true and cells that are not, in cell units.

    Examples
    --------
    >>> len(outline(np.array([[True, False], [False, False]])))
    2
    """
    found = []
    for row, column in zip(*np.nonzero(cells[:, 1:] != cells[:, :-1]), strict=True):
        found.append(((column + 0.5, row - 0.5), (column + 0.5, row + 0.5)))
    for row, column in zip(*np.nonzero(cells[1:] != cells[:-1]), strict=True):
        found.append(((column - 0.5, row + 0.5), (column + 0.5, row + 0.5)))
    return found


def _legend(fig: Figure, ax: Axes, share: float, lang: Lang) -> None:
    bounds = [100 * b for b in _bounds(share)]
    labels = [f"{number(low, 0, lang)}–{number(high, 0, lang)} %" for low, high in pairwise(bounds)]
    classes = zip(reversed(DIVERGING), reversed(labels), strict=True)
    handles: list[Patch | Line2D] = [
        Patch(facecolor=colour, edgecolor=MUTED, label=label) for colour, label in classes
    ]
    line = wrap(fig, word("not_distinguishable", lang), 7.5, 0.95)
    handles.append(Line2D([], [], color=INK, linewidth=0.9, label=line))
    box = ax.get_position()
    fig.legend(handles=handles, loc="upper left", bbox_to_anchor=(box.x1 + 0.005, box.y1),
               title=wrap(fig, word("row_ahead", lang), 7.5, 1.05), fontsize=7.5,
               title_fontsize=7.5, borderaxespad=0.0, borderpad=0.0, handlelength=1.0,
               alignment="left")  # fmt: skip
