"""The ground of the map of valleys: the country, and its crowded part enlarged."""

from functools import cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

from valley_analysis.charts.maps import outlines
from valley_analysis.charts.style import INK, MUTED, PAPER
from valley_analysis.charts.valley_text import word
from valley_analysis.regions import ALBERS
from valley_analysis.text import Lang

LOCAL = "+proj=aea +lat_1=50 +lat_2=60 +lat_0=56 +lon_0=38 +datum=WGS84 +units=m +no_defs"
"""Projection of the enlarged part."""

_CENTRE = (29.6, 52.6, 45.6, 59.6)  # longitude and latitude of the enlarged part
_LAND, _HOST, _BRANCH = "#eef0f2", "#d9dee3", "#c3cad1"
_TALL = 2.72  # inches of the enlarged part


@cache
def projected(points: tuple[tuple[float, float], ...], crs: str) -> np.ndarray:
    """Return points (longitude, latitude) in metres of a projection, n x 2."""
    import geopandas as gpd

    lon, lat = zip(*points, strict=True)
    moved = gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326").to_crs(crs)
    return np.column_stack([moved.x, moved.y])


def is_enlarged(lon: float, lat: float) -> bool:
    """Whether a point lies in the part that is enlarged.

    Examples
    --------
    >>> is_enlarged(37.6, 55.8), is_enlarged(131.9, 43.0)
    (True, False)
    """
    west, south, east, north = _CENTRE
    return west <= lon <= east and south <= lat <= north


def _land(ax: Axes, crs: str, hosts: set[str], branches: set[str]) -> None:
    for unit, (path, _) in outlines(crs).items():
        region = unit.removesuffix("-X")
        colour = _HOST if region in hosts else _LAND
        ax.add_patch(
            PathPatch(path, facecolor=colour, edgecolor=PAPER, linewidth=0.4, zorder=1, gid=unit)
        )
        if region in branches:
            look = {"facecolor": "none", "edgecolor": _BRANCH, "linewidth": 0, "hatch": "/////"}
            ax.add_patch(PathPatch(path, zorder=1.1, gid=f"branch {unit}", **look))
    ax.set_aspect("equal")
    ax.set(xticks=[], yticks=[])


def _edge() -> np.ndarray:
    """The outline of the enlarged part, in degrees."""
    west, south, east, north = _CENTRE
    lon = np.concatenate([np.linspace(west, east, 20), np.full(20, east)])
    lat = np.concatenate([np.full(20, south), np.linspace(south, north, 20)])
    back = np.linspace(east, west, 20), np.full(20, north)
    down = np.full(20, west), np.linspace(north, south, 20)
    return np.column_stack(
        [np.concatenate([lon, back[0], down[0]]), np.concatenate([lat, back[1], down[1]])]
    )


def country_axes(fig: Figure, room: tuple[float, ...], hosts: set[str], branches: set[str]) -> Axes:
    """Return axes with the whole country, hosts darker, branches hatched; room is left below."""
    ax = fig.add_axes((room[0], room[1], room[2], room[3]))
    ax.set_axis_off()
    _land(ax, ALBERS, hosts, branches)
    bounds = pd.DataFrame([box for _, box in outlines(ALBERS).values()])
    west, east, top = bounds[0].min(), bounds[2].max(), bounds[3].max() + 1e4
    span = (east - west) * 1.02
    height = span * room[3] * fig.get_figheight() / (room[2] * fig.get_figwidth())
    ax.set_xlim(west - 0.01 * span, west + 0.99 * span)
    ax.set_ylim(top - height, top)
    return ax


def frame_enlarged(main: Axes) -> np.ndarray:
    """Draw the outline of the enlarged part on the map of the country; return it in metres."""
    line = projected(tuple(map(tuple, _edge())), ALBERS)
    main.plot(*line.T, color=INK, linewidth=0.7, zorder=3)
    return line


def enlarged_axes(
    fig: Figure, room: tuple[float, ...], hosts: set[str], branches: set[str], lang: Lang
) -> Axes:
    """Return axes with the enlarged part, at the lower left of the room."""
    box = projected(tuple(map(tuple, _edge())), LOCAL)
    low, high = box.min(axis=0), box.max(axis=0)
    tall = _TALL / fig.get_figheight()
    wide = _TALL * (high[0] - low[0]) / (high[1] - low[1]) / fig.get_figwidth()
    ax = fig.add_axes((room[0], room[1] + 0.005, wide, tall))
    _land(ax, LOCAL, hosts, branches)
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
    ax.set_facecolor(PAPER)
    ax.spines[["top", "right"]].set_visible(True)
    ax.set_title(word("inset_centre", lang), fontsize=8, fontweight="normal", color=MUTED, pad=3)
    return ax
