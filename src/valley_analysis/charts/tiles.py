"""Tile maps: every region one square of equal size, with its abbreviation."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from valley_analysis.charts.classes import Classes, Scheme, classify, on_scope
from valley_analysis.charts.legend import class_legend, look_of
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.style import (
    PAPER,
    dress,
    house,
    ink_on,
    new_figure,
    panels,
    source_text,
)
from valley_analysis.frames import Scope
from valley_analysis.regions import tile_layout
from valley_analysis.text import Lang, number


def plot_tile_map(
    values: "pd.Series[float]",
    *,
    title: str,
    scope: Scope,
    what: str,
    lang: Lang = "en",
    classes: Scheme | Sequence[float] = "quantiles",
    k: int = 5,
    digits: int = 0,
    subtitle: str = "",
    edition: int | None = None,
    provisional: bool = False,
    source: str | None = None,
) -> Figure:
    """Draw one square a region, with its abbreviation and value, in the colours of `plot_map`.

    Parameters
    ----------
    values, title, subtitle, scope, what, lang, classes, k, edition, provisional, source
        As in `plot_map`.
    digits
        Decimals in the squares; the legend has one more.

    Examples
    --------
    >>> from valley_analysis import regions
    >>> units = regions.scope()
    >>> ones = pd.Series(range(len(units)), index=list(units.units), dtype=float)
    >>> len(plot_tile_map(ones, title="Order", scope=units, what="place").axes)
    1
    """
    table = on_scope(values, scope)
    sorted_in = classify(table, classes, k)
    with house():
        fig = new_figure(7.3)
        notes = [phrase(sorted_in.scheme, lang), phrase("tile_note", lang)]
        foot = source_text(
            lang,
            scope=scope,
            n=int(table.notna().sum()),
            edition=edition,
            provisional=provisional,
            source=source,
            notes=[*notes, phrase("remainders", lang)],
        )
        ax = fig.add_axes(dress(fig, title, subtitle, foot))
        printed = {unit: number(value, digits, lang) for unit, value in table.items()}
        draw_tiles(ax, sorted_in, scope, lang, printed)
        legend = class_legend(ax, sorted_in, what=what, lang=lang, digits=digits + 1)
        legend.set_bbox_to_anchor((0.64, 0.42), transform=ax.transAxes)
    return fig


def plot_tile_maps(
    table: pd.DataFrame,
    names: Mapping[str, str],
    *,
    title: str,
    scope: Scope,
    what: str,
    lang: Lang = "en",
    classes: Scheme | Sequence[float] = "quantiles",
    k: int = 5,
    subtitle: str = "",
    edition: int | None = None,
    provisional: bool = False,
    source: str | None = None,
) -> Figure:
    """Draw a tile map for each column of a table, classes taken anew for each.

    Parameters
    ----------
    table
        Units down, one map a column.
    names
        Column -> what stands above its map.
    title, scope, what, lang, classes, k, subtitle, edition, provisional, source
        As in `plot_map`.

    Examples
    --------
    >>> from valley_analysis import regions
    >>> units = regions.scope()
    >>> table = pd.DataFrame({"a": 1.0, "b": range(83)}, index=list(units.units))
    >>> names = {"a": "Ones", "b": "Order"}
    >>> len(plot_tile_maps(table, names, title="Two", scope=units, what="place").axes)
    2
    """
    rows = -(-len(table.columns) // 2)
    with house():
        fig = new_figure(1.0 + 3.35 * rows)
        notes = [phrase("own_classes", lang), phrase("tile_note", lang)]
        foot = source_text(
            lang,
            scope=scope,
            edition=edition,
            provisional=provisional,
            source=source,
            notes=[*notes, phrase("remainders", lang)],
        )
        room = dress(fig, title, subtitle, foot)
        grid = panels(fig, room, len(table.columns), 2, (0.0, 0.0, 0.05, 0.3))
        for ax, column in zip(grid, table.columns, strict=True):
            sorted_in = classify(on_scope(table[column], scope), classes, k)
            draw_tiles(ax, sorted_in, scope, lang)
            ax.set_title(names[str(column)], fontsize=9.5)
            legend = class_legend(ax, sorted_in, what=what, lang=lang, size=7.0)
            legend.set_bbox_to_anchor((0.62, 0.43), transform=ax.transAxes)
    return fig


def draw_tiles(
    ax: Axes, classes: Classes, scope: Scope, lang: Lang, printed: dict[Any, str] | None = None
) -> None:
    """Draw the squares of a tile map into axes, each with its unit's code as gid."""
    layout = tile_layout(scope.name)
    for tile in layout.itertuples():
        unit, column, row = str(tile.region), int(tile.tile_col), int(tile.tile_row)
        label = str(tile.tile_label_en if lang == "en" else tile.tile_label_ru)
        ax.add_patch(_square(column, row, 0.94, classes, unit))
        look: dict[str, Any] = {"color": ink_on(classes.colour(unit))}
        if classes.members.isna()[unit]:
            look["bbox"] = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.4}
        look |= {"ha": "center", "va": "center"}
        if printed is None:
            ax.text(column, row, label, fontsize=5.2, **look)
        else:
            ax.text(column, row - 0.17, label, fontsize=7.5, fontweight="bold", **look)
            ax.text(column, row + 0.2, printed[unit], fontsize=7.5, **look)
    ax.set_xlim(-0.55, layout["tile_col"].max() + 0.55)
    ax.set_ylim(layout["tile_row"].max() + 0.55, -0.55)
    ax.set_aspect("equal")
    ax.set_axis_off()


def _square(column: float, row: float, side: float, classes: Classes, unit: str) -> Rectangle:
    corner = (column - side / 2, row - side / 2)
    return Rectangle(corner, side, side, gid=unit, **look_of(classes, unit))
