"""Labels beside points, placed where they hide neither each other nor a point."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from valley_analysis.charts.style import MUTED, PAPER, renderer

_OFFSETS = ((6, 0), (-6, 0), (0, 7), (0, -7), (6, 7), (-6, 7), (6, -7), (-6, -7))
_FAR = tuple((2.2 * x, 2.2 * y) for x, y in _OFFSETS)
_RINGS = tuple(range(16, 161, 8))  # points from the labelled point to the nearest edge of its name
_TURNS = tuple(np.linspace(0, 2 * np.pi, 32, endpoint=False))


def place_labels(
    ax: Axes,
    points: Mapping[str, tuple[float, float]],
    texts: Mapping[str, str],
    size: float = 7.5,
    *,
    led: Collection[str] = (),
    avoid: Sequence[tuple[float, float]] = (),
) -> dict[str, Annotation]:
    """Label some points, trying places around each until one is free.

    Parameters
    ----------
    ax
        Axes whose limits are final.
    points
        All points by key, in data units: none of them is covered.
    texts
        Labels of some of them; the earlier, the better their place.
    size
        Of the text.
    led
        Keys whose label is never left out: where there is no room beside the point, or where the
        label would stand nearer to another one, it goes farther off and a line leads to it.
    avoid
        Further places in data units that no label should cover, such as those along a line.

    Returns
    -------
    The labels that found room; one that collides everywhere is left out.
    """
    figure = ax.figure.get_figure(root=True)
    drawn = renderer(figure)
    dot = figure.dpi / 72
    own = {key: _around(ax, *point, 3.5 * dot) for key, point in points.items()}
    taken = list(own.values())
    lines = [_around(ax, *place, dot) for place in avoid]
    room, placed = ax.get_window_extent(drawn), {}
    for key, text in texts.items():
        # A label that may not be left out: at last its line may cross other lines, then points.
        for dx, dy, line, leave in _places(key in led):
            label = _label(ax, text, points[key], (dx, dy), size, line=line)
            box = _text_box(label, drawn)
            free = _within(box, room) and not any(box.overlaps(one) for one in (*taken, *lines))
            path = _path(own[key], box, dot) if line else []
            crossed = (taken, list(own.values()), [])[leave]
            if free and (key not in led or _beyond_doubt(key, box, own, path, crossed, 9 * dot)):
                taken += [box, *path]
                placed[key] = label
                break
            label.remove()
    return placed


def _places(led: bool) -> list[tuple[float, float, bool, int]]:
    """Offsets to try, the nearest first; whether a line leads there, and what it may cross."""
    near = [(x, y, False, 0) for x, y in (*_OFFSETS, *_FAR)]
    if not led:
        return near
    rings = [(r * float(np.cos(a)), r * float(np.sin(a))) for r in _RINGS for a in _TURNS]
    return near[: len(_OFFSETS)] + [(x, y, True, leave) for leave in range(3) for x, y in rings]


def _label(
    ax: Axes,
    text: str,
    point: tuple[float, float],
    offset: tuple[float, float],
    size: float,
    *,
    line: bool,
) -> Annotation:
    dx, dy = offset
    look: dict[str, Any] = {}
    if line:
        look["arrowprops"] = {"arrowstyle": "-", "color": MUTED, "linewidth": 0.5, "shrinkA": 0.0,
                              "shrinkB": 2.5, "relpos": _side(dx, dy)}  # fmt: skip
    return ax.annotate(
        text,
        point,
        offset,
        textcoords="offset points",
        fontsize=size,
        ha="left" if dx > 1 else "right" if dx < -1 else "center",
        va="bottom" if dy > 1 else "top" if dy < -1 else "center",
        path_effects=[Stroke(linewidth=2, foreground=PAPER), Normal()],
        **look,
    )


def _side(dx: float, dy: float) -> tuple[float, float]:
    """Where on its label a line ends: on the side that faces the point."""
    return (0.0 if dx > 1 else 1.0 if dx < -1 else 0.5), (
        0.0 if dy > 1 else 1.0 if dy < -1 else 0.5
    )


def _text_box(label: Annotation, drawn: Any) -> Bbox:
    """The box of the words alone, without the line that leads to them."""
    label.update_positions(drawn)
    return Text.get_window_extent(label, drawn)


def _within(box: Bbox, room: Bbox) -> bool:
    return bool(room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1)


def _beyond_doubt(
    key: str,
    box: Bbox,
    own: Mapping[str, Bbox],
    path: Sequence[Bbox],
    taken: Sequence[Bbox],
    apart: float,
) -> bool:
    """Whether a label can only be read as its own point's: near to it alone, or led to it."""
    others = {other: _away(box, place) for other, place in own.items() if other != key}
    nearest = min(others.values(), default=np.inf)
    if not path:
        return _away(box, own[key]) <= nearest
    crossed = any(one.overlaps(other) for one in path for other in taken if other is not own[key])
    return nearest > apart and not crossed


def _away(one: Bbox, other: Bbox) -> float:
    dx = max(other.x0 - one.x1, one.x0 - other.x1, 0.0)
    dy = max(other.y0 - one.y1, one.y0 - other.y1, 0.0)
    return float(np.hypot(dx, dy))


def _path(point: Bbox, box: Bbox, dot: float) -> list[Bbox]:
    """Small boxes along the line from a point to the nearest place of its label."""
    start = np.array([(point.x0 + point.x1) / 2, (point.y0 + point.y1) / 2])
    end = np.clip(start, [box.x0, box.y0], [box.x1, box.y1])
    steps = np.linspace(0.0, 1.0, max(2, int(np.hypot(*(end - start)) / (3 * dot))))[1:-1]
    return [
        Bbox.from_extents(x - dot / 2, y - dot / 2, x + dot / 2, y + dot / 2)
        for x, y in start + steps[:, None] * (end - start)
        if not (point.x0 <= x <= point.x1 and point.y0 <= y <= point.y1)
    ]


def _around(ax: Axes, x: float, y: float, radius: float) -> Bbox:
    at, up = ax.transData.transform((x, y))
    return Bbox.from_extents(at - radius, up - radius, at + radius, up + radius)
