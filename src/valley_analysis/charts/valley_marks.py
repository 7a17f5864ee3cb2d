"""Places on a page for marks and their labels, such that none hides another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from valley_analysis.charts.style import INK, MUTED, PAPER, renderer

_DIRECTIONS = tuple(
    2 * np.pi * k / 16 for k in (0, 8, 4, 12, 2, 6, 10, 14, 1, 7, 9, 15, 3, 5, 11, 13)
)
_STEPS = 200


def spread(points: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Move discs apart until no two meet, the smaller ones farther than the larger.

    Parameters
    ----------
    points
        Centres, n x 2, in dots of the page.
    radii
        n, in the same unit.

    Returns
    -------
    The new centres, n x 2; the given ones are left alone.

    Examples
    --------
    >>> points = np.array([[0.0, 0.0], [1.0, 0.0], [50.0, 0.0]])
    >>> moved = spread(points, np.array([5.0, 5.0, 5.0]))
    >>> bool(np.hypot(*(moved[0] - moved[1])) > 9.9), moved[2].tolist()
    (True, [50.0, 0.0])
    """
    placed = np.array(points, dtype=float)
    for _ in range(_STEPS):
        moved = False
        for k in range(len(placed)):
            for j in range(k):
                gap, need = placed[k] - placed[j], radii[k] + radii[j]
                far = float(np.hypot(*gap))
                if far >= need - 1e-6:
                    continue
                turn = 2.4 * k  # coinciding points leave in directions of their own
                along = gap / far if far > 1e-9 else np.array([np.cos(turn), np.sin(turn)])
                share = radii[j] ** 2 / (radii[j] ** 2 + radii[k] ** 2)
                placed[k] += along * (need - far) * share
                placed[j] -= along * (need - far) * (1 - share)
                moved = True
        if not moved:
            break
    return placed


@dataclass(frozen=True)
class Taken:
    """Boxes on the page that are in use, in dots."""

    boxes: list[Bbox]

    def free(self, box: Bbox) -> bool:
        """Whether a box meets none of them."""
        return not any(box.overlaps(other) for other in self.boxes)

    def add(self, box: Bbox) -> None:
        """Take a box."""
        self.boxes.append(box)


def around(x: float, y: float, radius: float) -> Bbox:
    """Return the square about a point, in dots."""
    return Bbox.from_extents(x - radius, y - radius, x + radius, y + radius)


def label_marks(
    ax: Axes,
    marks: Mapping[str, Sequence[float]],
    texts: Mapping[str, str],
    taken: Taken,
    *,
    radius: float,
    size: float = 8.0,
    colour: str = INK,
    must: bool = True,
) -> dict[str, Annotation]:
    """Write a label beside each mark, ever farther away until a place is free.

    Parameters
    ----------
    ax
        Axes whose limits are final.
    marks
        Places by key, in dots of the page.
    texts
        Labels of some of them; the earlier, the better their place.
    taken
        What must stay visible; the labels are added to it.
    radius
        Of a mark, in points.
    size, colour
        Of the text.
    must
        Whether a label may be led out far by a line; one that finds no room nearby is left out
        otherwise.

    Returns
    -------
    The labels that were placed, by key.
    """
    drawn = renderer(ax.figure.get_figure(root=True))
    room = ax.get_window_extent(drawn)
    placed = {}
    for key, text in texts.items():
        for reach in (radius + 3, *(radius + 3 + 7 * k for k in range(1, 9 if must else 3))):
            label = _first_free(ax, marks[key], text, reach, room, taken, size, colour)
            if label is not None:
                placed[key] = label
                break
    return placed


def _first_free(
    ax: Axes,
    mark: Sequence[float],
    text: str,
    reach: float,
    room: Bbox,
    taken: Taken,
    size: float,
    colour: str,
) -> Annotation | None:
    drawn = renderer(ax.figure.get_figure(root=True))
    at = ax.transData.inverted().transform(mark)
    line = {"arrowstyle": "-", "linewidth": 0.6, "color": MUTED, "shrinkA": 0, "shrinkB": 0}
    for angle in _DIRECTIONS:
        dx, dy = float(np.cos(angle)) * reach, float(np.sin(angle)) * reach
        label = ax.annotate(
            text,
            (float(at[0]), float(at[1])),
            (dx, dy),
            textcoords="offset points",
            fontsize=size,
            color=colour,
            ha="left" if dx > 1 else "right" if dx < -1 else "center",
            va="center" if abs(dy) < 1 else "bottom" if dy > 0 else "top",
            arrowprops=line if reach > 16 else None,
            path_effects=[Stroke(linewidth=2, foreground=PAPER), Normal()],
            zorder=6,
        )
        box = Annotation.get_window_extent(label, drawn) if reach <= 16 else _letters(label, drawn)
        inside = room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 <= box.y1 <= room.y1
        if inside and taken.free(box.padded(0.5)):
            taken.add(box)
            return label
        label.remove()
    return None


def _letters(label: Annotation, drawn: RendererAgg) -> Bbox:
    """The box of the letters, without the line to the mark."""
    label.update_positions(drawn)
    return Text.get_window_extent(label, drawn)
