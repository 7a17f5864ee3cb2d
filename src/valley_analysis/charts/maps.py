"""A map of one value a region: outlines in classes of colour, small regions enlarged."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

from valley_analysis.charts.classes import Classes, Scheme, classify, on_scope
from valley_analysis.charts.legend import class_legend, look_of
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.style import (
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    ink_on,
    new_figure,
    source_text,
)
from valley_analysis.frames import Scope
from valley_analysis.regions import ALBERS, frame, load_boundaries
from valley_analysis.text import Lang

if TYPE_CHECKING:
    import geopandas as gpd

# An inset: its projection (north up), the units that fill it, and a margin in metres.
_LOCAL = "+proj=aea +lat_1=42 +lat_2=60 +lat_0=50 +lon_0={lon} +datum=WGS84 +units=m +no_defs"
_INSETS: dict[str, tuple[str, tuple[str, ...], float]] = {
    "spb": (_LOCAL.format(lon=30), ("RU-SPE",), 60e3),
    "centre": (_LOCAL.format(lon=38), ("RU-MOS", "RU-MOW"), 35e3),
    "caucasus": (
        _LOCAL.format(lon=44),
        ("RU-AD", "RU-KC", "RU-KB", "RU-SE", "RU-IN", "RU-CE", "RU-STA", "RU-DA"),
        25e3,
    ),
}

# Longitude and latitude of names that do not fit into their units.
_BESIDE = {
    "RU-SPE": (29.45, 59.55),
    "RU-MOW": (36.2, 56.35),
    "RU-AD": (38.95, 43.55),
    "RU-KC": (40.75, 42.75),
    "RU-KB": (42.1, 42.3),
    "RU-SE": (43.35, 41.9),
    "RU-IN": (44.7, 41.75),
}


def plot_map(
    values: "pd.Series[float]",
    *,
    title: str,
    scope: Scope,
    what: str,
    lang: Lang = "en",
    classes: Scheme | Sequence[float] = "quantiles",
    k: int = 5,
    digits: int = 1,
    subtitle: str = "",
    edition: int | None = None,
    provisional: bool = False,
    source: str | None = None,
) -> Figure:
    """Draw a map of regions coloured by class.

    Parameters
    ----------
    values
        By unit code of the scope; a unit that is absent or missing is hatched.
    title, subtitle
        Above the map.
    scope
        The units; units that the boundary source lacks are drawn as squares.
    what
        The quantity and its unit, above the legend.
    lang
        "en" or "ru".
    classes, k
        How values are sorted, as `classify` takes it.
    digits
        Decimals in the legend.
    edition, provisional, source
        For the line below the map.

    Raises
    ------
    UnknownRegionError
        If a code is not in the register.

    Examples
    --------
    >>> from valley_analysis import regions
    >>> units = regions.scope()
    >>> ones = pd.Series(range(len(units)), index=list(units.units), dtype=float)
    >>> fig = plot_map(ones, title="Order", scope=units, what="place in the register")
    >>> len(fig.axes)
    4
    """
    table = on_scope(values, scope)
    sorted_in = classify(table, classes, k)
    with house():
        fig = new_figure(7.4 + (0.3 if subtitle else 0.0))
        notes = _map_notes(scope, sorted_in, lang)
        if sorted_in.alike(digits, lang):
            notes.append(phrase("alike_bounds", lang))
        n = int(table.notna().sum())
        foot = source_text(
            lang,
            scope=scope,
            n=n,
            edition=edition,
            provisional=provisional,
            source=source,
            notes=notes,
        )
        room = dress(fig, title, subtitle, foot)
        main = _main_axes(fig, room)
        drawn = _draw_units(main, sorted_in, ALBERS)
        _main_view(main, room, fig)
        for place in _INSETS:
            _draw_inset(fig, room, place, sorted_in, lang)
        _draw_squares(main, sorted_in, [u for u in scope.units if u not in drawn], lang)
        class_legend(main, sorted_in, what=what, lang=lang, digits=digits, loc="lower right")
    return fig


def _map_notes(scope: Scope, classes: Classes, lang: Lang) -> list[str]:
    notes = [phrase(classes.scheme, lang), phrase("boundaries", lang), phrase("remainders", lang)]
    absent = _not_drawn(scope)
    if absent:
        names = frame(absent)["short_en" if lang == "en" else "short_ru"]
        notes.append(phrase("not_drawn", lang, names=", ".join(names)))
    return notes


def _not_drawn(scope: Scope) -> list[str]:
    drawn = set(frame_of_outlines()["unit"])
    return [unit for unit in scope.units if unit not in drawn]


@cache
def frame_of_outlines() -> pd.DataFrame:
    """Return which unit each outline of the boundary source shows."""
    return pd.DataFrame(load_boundaries("lonlat")[["region", "unit"]])


@cache
def outlines(crs: str) -> dict[str, tuple[Outline, tuple[float, float, float, float]]]:
    """Return path and bounds (west, south, east, north) of each unit in a projection."""
    borders: gpd.GeoDataFrame = load_boundaries("lonlat").to_crs(crs)
    return {
        unit: (_path(shape), tuple(shape.bounds))
        for unit, shape in zip(borders["unit"], borders.geometry, strict=True)
    }


def _path(shape: Any) -> Outline:
    """All rings of a polygon or multipolygon as one path."""
    parts = getattr(shape, "geoms", [shape])
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return Outline.make_compound_path(*(Outline(ring.coords, closed=True) for ring in rings))


def _draw_units(ax: Axes, classes: Classes, crs: str, within: Any = None) -> set[str]:
    """Draw the outlines of units in the classes; return which were drawn."""
    drawn = set()
    for unit, (path, bounds) in outlines(crs).items():
        if unit not in classes.members.index or (within and not _touch(bounds, within)):
            continue
        ax.add_patch(PathPatch(path, gid=unit, joinstyle="round", **look_of(classes, unit)))
        drawn.add(unit)
    ax.set_aspect("equal")
    return drawn


def _touch(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _main_axes(fig: Figure, room: tuple[float, float, float, float]) -> Axes:
    ax = fig.add_axes(room)
    ax.set_axis_off()
    return ax


def _main_view(ax: Axes, room: tuple[float, float, float, float], fig: Figure) -> None:
    """Fit the country into the upper part of the axes; below it is room for insets."""
    bounds = pd.DataFrame([box for _, box in outlines(ALBERS).values()])
    west, east = bounds[0].min(), bounds[2].max()
    span = (east - west) * 1.01
    height = span * room[3] * fig.get_figheight() / (room[2] * fig.get_figwidth())
    top = bounds[3].max() + 1e4
    ax.set_xlim(west - 0.005 * span, west + span)
    ax.set_ylim(top - height, top)


_PLACES = {
    # left and bottom as shares of the room for axes; height in inches
    "caucasus": (0.0, 0.0, 1.95),
    "spb": (0.34, 0.0, 1.3),
    "centre": (0.535, 0.0, 1.3),
}


def _draw_inset(
    fig: Figure, room: tuple[float, ...], place: str, classes: Classes, lang: Lang
) -> None:
    crs, units, margin = _INSETS[place]
    boxes = pd.DataFrame([outlines(crs)[unit][1] for unit in units])
    view = (
        boxes[0].min() - margin,
        boxes[1].min() - margin,
        boxes[2].max() + margin,
        boxes[3].max() + margin,
    )
    left, bottom, inches = _PLACES[place]
    tall = inches / fig.get_figheight()
    wide = inches * (view[2] - view[0]) / (view[3] - view[1]) / fig.get_figwidth()
    ax = fig.add_axes((room[0] + left * room[2], room[1] + bottom, wide, tall))
    _draw_units(ax, classes, crs, within=view)
    ax.set_xlim(view[0], view[2])
    ax.set_ylim(view[1], view[3])
    ax.set(xticks=[], yticks=[], facecolor="#f4f5f6")
    ax.spines[["top", "right"]].set_visible(True)
    ax.set_title(phrase(f"inset_{place}", lang), fontsize=8, fontweight="normal", color=MUTED)
    _name_small(ax, units, crs, classes, lang)


def _name_small(ax: Axes, units: Sequence[str], crs: str, classes: Classes, lang: Lang) -> None:
    """Write abbreviations on the units that an inset is for."""
    names = frame(units).set_index("region")["tile_label_en" if lang == "en" else "tile_label_ru"]
    anchors, beside = _anchors(crs), _beside(crs)
    middle: dict[str, Any] = {"fontsize": 6.5, "ha": "center", "va": "center"}
    for unit in units:
        if unit in beside:
            line = {"arrowstyle": "-", "linewidth": 0.6, "color": INK, "shrinkA": 0, "shrinkB": 0}
            ax.annotate(
                names[unit],
                anchors[unit],
                beside[unit],
                arrowprops=line,
                bbox={"facecolor": PAPER, "edgecolor": MUTED, "linewidth": 0.4, "pad": 1.2},
                **middle,
            )
        elif unit in classes.members.index:
            ax.text(*anchors[unit], names[unit], color=ink_on(classes.colour(unit)), **middle)


@cache
def _anchors(crs: str) -> dict[str, tuple[float, float]]:
    """A point inside each unit."""
    borders = load_boundaries("lonlat").to_crs(crs)
    points = borders.geometry.representative_point()
    return {u: (p.x, p.y) for u, p in zip(borders["unit"], points, strict=True)}


@cache
def _beside(crs: str) -> dict[str, tuple[float, float]]:
    """Where the names of `_BESIDE` stand in a projection."""
    import geopandas as gpd

    points = gpd.GeoSeries.from_xy(*zip(*_BESIDE.values(), strict=True), crs="EPSG:4326")
    return {u: (p.x, p.y) for u, p in zip(_BESIDE, points.to_crs(crs), strict=True)}


def _draw_squares(ax: Axes, classes: Classes, units: Sequence[str], lang: Lang) -> None:
    """Squares for units without an outline, south of the Volga's mouth."""
    names = frame(units)["short_en" if lang == "en" else "short_ru"]
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    side = 0.018 * (east - west)
    for row, (unit, name) in enumerate(zip(units, names, strict=True)):
        x = west + 0.125 * (east - west)
        y = south + 0.43 * (north - south) - 1.5 * side * row
        ax.add_patch(Rectangle((x, y), side, side, gid=unit, **look_of(classes, unit)))
        ax.text(x + 1.3 * side, y + side / 2, name, fontsize=7.5, va="center")
