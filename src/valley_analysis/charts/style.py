"""The house style: one look for all figures, without touching the session's own settings."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.record import record
from valley_analysis.frames import Scope
from valley_analysis.text import Lang, capital

INK = "#1f2328"
MUTED = "#5d6670"
FAINT = "#c9ced4"
GRID = "#e4e7eb"
PAPER = "#ffffff"
ACCENT = "#b3400a"

# ColorBrewer YlGnBu: light to dark also in grey and for the colour-blind; dark ends are cut so
# that black borders stay visible.
SEQUENTIAL = {
    3: ("#edf8b1", "#7fcdbb", "#2c7fb8"),
    4: ("#ffffcc", "#a1dab4", "#41b6c4", "#225ea8"),
    5: ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
    6: ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494"),
    7: ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"),
}
# ColorBrewer RdBu with a neutral middle.
DIVERGING = ("#b2182b", "#ef8a62", "#fddbc7", "#f7f7f7", "#d1e5f0", "#67a9cf", "#2166ac")
# Okabe and Ito: told apart by people with any of the common colour blindnesses.
CATEGORICAL = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#8c8c8c",
    "#c9b400",
)

_SHARPNESS = 1.5  # dots drawn for each dot of the page
LEFT = 0.12  # inches from the figure's edge to its text
_LINE = 1.35  # height of a line of text, in sizes

_RC: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "mathtext.fontset": "dejavusans",
    # A dollar sign in a name is a dollar sign; no figure here prints formulas.
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.0,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.linewidth": 0.6,
    "axes.grid": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 0.0,
    "xtick.major.width": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "hatch.linewidth": 0.7,
    "lines.linewidth": 1.2,
    "patch.linewidth": 0.4,
    # Without hinting a text is as wide at any resolution as it was when it was measured.
    "text.hinting": "none",
    "savefig.dpi": "figure",
    "savefig.facecolor": "auto",
}


@contextmanager
def house() -> Iterator[None]:
    """Apply the house style within a block, and give the session its settings back.

    Examples
    --------
    >>> before = mpl.rcParams["axes.spines.top"]
    >>> with house():
    ...     mpl.rcParams["axes.spines.top"]
    False
    >>> mpl.rcParams["axes.spines.top"] == before
    True
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(cast("Any", _RC))
        yield


class HouseFigure(Figure):
    """A figure that no pyplot session holds, and that shows itself in a notebook.

    Nothing has to be closed, and it looks the same whether or not a plotting backend is set.
    """

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        with house():
            printed = io.BytesIO()
            self.savefig(printed, format="png", dpi=_SHARPNESS * self.dpi)
        record(self)
        width, height = self.get_size_inches() * self.dpi
        return printed.getvalue(), {"width": round(width), "height": round(height)}


def new_figure(height: float, width: float = 10.0) -> HouseFigure:
    """Return an empty figure in inches (100 dots each); call it within `house`.

    Examples
    --------
    >>> new_figure(6.0).get_size_inches().tolist()
    [10.0, 6.0]
    """
    fig = HouseFigure(figsize=(width, height), dpi=100)
    FigureCanvasAgg(fig)
    return fig


def palette(n: int) -> tuple[str, ...]:
    """Return the sequential colours of a map of `n` classes, light to dark (3 to 7)."""
    return SEQUENTIAL[min(max(n, 3), 7)][: max(n, 1)]


def dimension_colours(dimensions: Sequence[str]) -> dict[str, str]:
    """Return a colour for each dimension, in the order of the specification.

    Examples
    --------
    >>> dimension_colours(["economic_base", "research"])
    {'economic_base': '#0072B2', 'research': '#E69F00'}
    """
    return {name: CATEGORICAL[k % len(CATEGORICAL)] for k, name in enumerate(dimensions)}


def ink_on(colour: str) -> str:
    """Return the text colour, dark or white, that reads better on a colour.

    Examples
    --------
    >>> ink_on("#253494"), ink_on("#ffffcc") == INK
    ('#ffffff', True)
    """
    red, green, blue = mpl.colors.to_rgb(colour)
    return PAPER if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else INK


def renderer(fig: Figure) -> RendererAgg:
    """Return what measures and draws the figure's text."""
    canvas = fig.canvas if isinstance(fig.canvas, FigureCanvasAgg) else FigureCanvasAgg(fig)
    return canvas.get_renderer()


def text_width(fig: Figure, text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a line of text in inches."""
    probe = Text(0, 0, text, fontsize=size, fontweight=weight)
    probe.set_figure(fig)
    return float(probe.get_window_extent(renderer(fig)).width) / fig.dpi


def wrap(
    fig: Figure, text: str, size: float, width: float | None = None, weight: str = "normal"
) -> str:
    """Break a text into lines no wider than `width` inches (the figure's, less its margins)."""
    limit = fig.get_figwidth() - 2 * LEFT if width is None else width
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}".strip(" ")
            if line and text_width(fig, longer, size, weight) > limit:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return "\n".join(lines)


def source_text(
    lang: Lang,
    *,
    scope: Scope | None = None,
    n: int | None = None,
    edition: int | tuple[int, int] | None = None,
    provisional: bool = False,
    source: str | None = None,
    notes: Sequence[str] = (),
) -> str:
    """Return what stands below a figure: source, edition, scope, n, and notes.

    Parameters
    ----------
    lang
        "en" or "ru".
    scope
        The units that are compared.
    n
        How many of them have a value; left out if all have.
    edition
        The year of the index, or its first and last.
    provisional
        Whether part of its sources is not published yet.
    source
        Who published what; the statistical office unless given.
    notes
        More sentences.

    Examples
    --------
    >>> source_text("en", edition=2021, source="A")
    'Source: A; own calculations. Edition 2021.'
    """
    parts = [phrase("source", lang, source=source or phrase("rosstat", lang))]
    if isinstance(edition, tuple):
        parts.append(phrase("editions", lang, first=edition[0], last=edition[1]))
    elif edition is not None:
        parts.append(phrase("edition", lang, period=edition))
    if scope is not None:
        parts.append(phrase(f"scope_{scope.name}", lang, n=len(scope)))
        if n is not None and n != len(scope):
            parts.append(phrase("values_for", lang, n=n))
    if provisional:
        parts.append(phrase("provisional", lang))
    return " ".join([*parts, *notes])


def source_line(fig: Figure, text: str, size: float = 7.5) -> float:
    """Print what `source_text` returns at the foot of a figure; return its height in inches."""
    printed = wrap(fig, text, size)
    foot = fig.text(
        LEFT / fig.get_figwidth(),
        0.08 / fig.get_figheight(),
        printed,
        fontsize=size,
        color=MUTED,
        va="bottom",
        linespacing=_LINE,
    )
    foot.set_gid("source")
    return (printed.count("\n") + 1) * size * _LINE / 72 + 0.16


def heading(fig: Figure, title: str, subtitle: str = "") -> float:
    """Print title and subtitle at the top left of a figure; return their height in inches."""
    width, height, top = fig.get_figwidth(), fig.get_figheight(), 0.10
    rows = [(title, 12.5, "bold", INK), (subtitle, 9.0, "normal", MUTED)]
    for text, size, weight, colour in rows:
        if not text:
            continue
        printed = wrap(fig, text, size, weight=weight)
        fig.text(
            LEFT / width,
            1 - top / height,
            printed,
            fontsize=size,
            fontweight=weight,
            color=colour,
            va="top",
            linespacing=1.2,
        )
        top += (printed.count("\n") + 1) * size * _LINE / 72 + 0.02
    return top + 0.08


def dress(
    fig: Figure, title: str, subtitle: str = "", source: str = ""
) -> tuple[float, float, float, float]:
    """Print heading and source line; return the room left for axes.

    Returns
    -------
    Left, bottom, width and height as shares of the figure, as `Figure.add_axes` takes them.
    """
    height, width = fig.get_figheight(), fig.get_figwidth()
    top = heading(fig, title, capital(subtitle))
    foot = source_line(fig, source) if source else 0.1
    side = LEFT / width
    return side, foot / height, 1 - 2 * side, 1 - (top + foot) / height


def panels(
    fig: Figure,
    room: tuple[float, float, float, float],
    n: int,
    columns: int,
    margins: tuple[float, float, float, float],
    first: float = 0.0,
) -> list[Axes]:
    """Add a grid of axes, row by row.

    Parameters
    ----------
    fig, room
        What `dress` was given and returned.
    n, columns
        How many axes, and how many in a row.
    margins
        Inches kept free left, below, right and above each.
    first
        Inches kept free left of the first column, for labels that the row shares.

    Examples
    --------
    >>> fig = new_figure(4.0)
    >>> len(panels(fig, (0.0, 0.0, 1.0, 1.0), 5, 3, (0.2, 0.2, 0.2, 0.2)))
    5
    """
    width, height = fig.get_figwidth(), fig.get_figheight()
    rows = -(-n // columns)
    wide, tall = (room[2] - first / width) / columns, room[3] / rows
    left, below, right, above = margins
    return [
        fig.add_axes(
            (
                room[0] + (first + left) / width + (place % columns) * wide,
                room[1] + below / height + (rows - 1 - place // columns) * tall,
                wide - (left + right) / width,
                tall - (below + above) / height,
            )
        )
        for place in range(n)
    ]
