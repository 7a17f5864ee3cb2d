"""The tile grid: every region one square of equal size, neighbours kept together."""

from typing import TYPE_CHECKING

from valley_analysis.errors import RegisterError
from valley_analysis.regions.registry import frame, units

if TYPE_CHECKING:
    import pandas as pd


def tile_layout(scope: str = "recognised") -> "pd.DataFrame":
    """Return where each unit of an index stands on the tile grid.

    The layout is our own: rows run from north to south, columns from west to east.
    Kaliningrad stands apart in the west, Crimea and Sevastopol in the south-west corner
    (scope "rosstat" only), Sakhalin apart in the east, Chukotka in the north-east.

    Parameters
    ----------
    scope
        "recognised" (83 units) or "rosstat" (85).

    Returns
    -------
    DataFrame
        One row a unit of `units`: region, iso, district, tile_row, tile_col (int64 from 0),
        tile_label_en, tile_label_ru (at most five letters).

    Raises
    ------
    RegisterError
        If two units would share a tile.

    Examples
    --------
    >>> layout = tile_layout()
    >>> len(layout), int(layout["tile_row"].max()), int(layout["tile_col"].max())
    (83, 11, 19)
    """
    columns = ["region", "iso", "district", "tile_row", "tile_col"]
    table = frame(units(scope))[[*columns, "tile_label_en", "tile_label_ru"]]
    table = table.astype({"tile_row": "int64", "tile_col": "int64"})
    check_tiles(table)
    return table


def check_tiles(layout: "pd.DataFrame") -> None:
    """Raise if two rows of a layout share a tile.

    Raises
    ------
    RegisterError
        Naming all regions that share one.
    """
    shared = layout[layout.duplicated(["tile_row", "tile_col"], keep=False)]
    problems = [
        f"row {place[0]}, column {place[1]}: {', '.join(group['region'])}"
        for place, group in shared.groupby(["tile_row", "tile_col"])
    ]
    if problems:
        raise RegisterError("tile layout", problems, "move one of them in regions/registry.csv")
