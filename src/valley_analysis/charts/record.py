"""What a figure draws, as a table: its texts and the data coordinates of its artists."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.colors as colours
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from valley_analysis.files import write_aside

FOLDER = "VALLEY_RECORD"
"""Environment variable: the folder into which every figure that is shown is recorded."""
COLUMNS = ("axes", "kind", "name", "x", "y", "to_x", "to_y", "colour", "text")
Row = dict[str, object]


def figure_record(fig: Figure) -> pd.DataFrame:
    """Return what a figure draws.

    Parameters
    ----------
    fig
        Any figure of matplotlib.

    Returns
    -------
    One row a text, point of a line, mark, bar or area: ``axes`` (its number; missing for the
    figure's own texts), ``kind``, ``name`` (gid or label), ``x, y`` (in data coordinates; of
    texts where they are anchored), ``to_x, to_y`` (the far corner of bars and areas), ``colour``
    and ``text``. Hidden artists are left out.

    Examples
    --------
    >>> fig = Figure()
    >>> _ = fig.subplots().plot([1, 2], [3, 4], label="path")
    >>> found = figure_record(fig)
    >>> found.loc[found["name"] == "path", ["kind", "x", "y"]].to_numpy().tolist()
    [['line', 1.0, 3.0], ['line', 2.0, 4.0]]
    """
    inside = {id(text): number for number, axes in enumerate(fig.axes, 1) for text in _texts(axes)}
    rows = [_text(text, inside.get(id(text))) for text in _texts(fig)]
    for number, axes in enumerate(fig.axes, start=1):
        drawn = (one for one in axes.get_children() if one.get_visible())
        drawn = (one for one in drawn if one is not axes.patch and not isinstance(one, Spine))
        rows += [{"axes": number, "name": _name(one)} | row for one in drawn for row in _of(one)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def record(fig: Figure) -> None:
    """Write a figure's record into the folder that `FOLDER` names, numbered; without one, nothing.

    Examples
    --------
    >>> record(Figure())
    """
    asked = os.environ.get(FOLDER)
    if not asked:
        return
    folder = Path(asked)
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + sum(1 for _ in folder.glob("*.csv"))
    table = figure_record(fig).to_csv(index=False, float_format="%.9g")
    write_aside(folder / f"{number:02}.csv", table)


def _texts(parent: Artist) -> list[Text]:
    """All texts within that are shown, those of ticks and legends too."""
    found = (one for one in parent.findobj(Text) if isinstance(one, Text))
    return [one for one in found if one.get_text() and one.get_visible()]


def _text(one: Text, axes: int | None) -> Row:
    x, y = one.get_position()
    found = {"axes": axes, "kind": "text", "name": _name(one), "text": one.get_text()}
    return found | {"x": float(x), "y": float(y)}


def _name(artist: Artist) -> str:
    label = str(artist.get_label() or "")
    return artist.get_gid() or ("" if label.startswith("_") else label)


def _of(artist: Artist) -> Iterator[Row]:
    if isinstance(artist, Line2D):
        for x, y in np.asarray(artist.get_xydata(), dtype=float):
            yield {"kind": "line", "x": x, "y": y, "colour": _hex(artist.get_color())}
    elif isinstance(artist, LineCollection):
        for segment in artist.get_segments():
            for x, y in np.asarray(segment, dtype=float):
                yield {"kind": "segment", "x": x, "y": y}
    elif isinstance(artist, Collection):
        yield from _marks(artist)
    elif isinstance(artist, Patch):
        box = artist.get_path().get_extents(artist.get_patch_transform())
        yield {"kind": "bar", "colour": _hex(artist.get_facecolor())} | _corners(box)
    elif isinstance(artist, AxesImage):
        values: np.ndarray = np.ma.filled(np.ma.asarray(artist.get_array(), dtype=float), np.nan)
        for place in np.ndindex(values.shape[:2]):
            yield {"kind": "cell", "x": place[1], "y": place[0], "text": str(values[place])}


def _hex(colour: Any) -> str:
    return colours.to_hex(colour, keep_alpha=True)


def _marks(artist: Collection) -> Iterator[Row]:
    """Points of a scatter, else the areas that a collection's paths cover."""
    faces = [_hex(one) for one in np.atleast_2d(artist.get_facecolor())] or [""]
    if isinstance(artist, PathCollection):
        for number, (x, y) in enumerate(np.asarray(artist.get_offsets(), dtype=float)):
            yield {"kind": "point", "x": x, "y": y, "colour": faces[number % len(faces)]}
        return
    for number, path in enumerate(artist.get_paths()):
        yield {"kind": "area", "colour": faces[number % len(faces)]} | _corners(path.get_extents())


def _corners(box: Bbox) -> Row:
    x, y, to_x, to_y = (float(one) for one in np.ravel(box.get_points()))
    return {"x": x, "y": y, "to_x": to_x, "to_y": to_y}
