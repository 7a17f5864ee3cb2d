"""Labels beside points, placed where they hide neither each other nor a point."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from valley_analysis.charts.style import PAPER, renderer

_OFFSETS = ((6, 0), (-6, 0), (0, 7), (0, -7), (6, 7), (-6, 7), (6, -7), (-6, -7))
_FAR = tuple((2.2 * x, 2.2 * y) for x, y in _OFFSETS)


def place_labels(
    ax: Axes,
    points: Mapping[str, tuple[float, float]],
    texts: Mapping[str, str],
    size: float = 7.5,
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

    Returns
    -------
    The labels that found room; one that collides everywhere is left out.
    """
    figure = ax.figure.get_figure(root=True)
    drawn = renderer(figure)
    radius = 3.5 * figure.dpi / 72
    taken = [_around(ax, *point, radius) for point in points.values()]
    room, placed = ax.get_window_extent(drawn), {}
    for key, text in texts.items():
        for dx, dy in (*_OFFSETS, *_FAR):
            label = ax.annotate(
                text,
                points[key],
                (dx, dy),
                textcoords="offset points",
                fontsize=size,
                ha="left" if dx > 0 else "right" if dx < 0 else "center",
                va="bottom" if dy > 0 else "top" if dy < 0 else "center",
                path_effects=[Stroke(linewidth=2, foreground=PAPER), Normal()],
            )
            box = label.get_window_extent(drawn)
            inside = room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0
            if inside and box.y1 <= room.y1 and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                placed[key] = label
                break
            label.remove()
    return placed


def _around(ax: Axes, x: float, y: float, radius: float) -> Bbox:
    at, up = ax.transData.transform((x, y))
    return Bbox.from_extents(at - radius, up - radius, at + radius, up + radius)
