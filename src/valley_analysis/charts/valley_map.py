"""A map of the valleys: where each is, how many steps up, and the other regimes beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from valley_analysis.charts.maps import outlines
from valley_analysis.charts.style import (
    INK,
    MUTED,
    PAPER,
    SEQUENTIAL,
    dress,
    house,
    ink_on,
    new_figure,
)
from valley_analysis.charts.valley_ground import (
    LOCAL,
    country_axes,
    enlarged_axes,
    frame_enlarged,
    is_enlarged,
    projected,
)
from valley_analysis.charts.valley_marks import Taken, around, label_marks, spread
from valley_analysis.charts.valley_text import DOUBTFUL, foot, step_name, valley_names, word
from valley_analysis.regions import ALBERS, load_boundaries
from valley_analysis.text import Lang
from valley_analysis.valleys import STEPS, Ladder, Register
from valley_analysis.valleys.entries import Kind, Site, Valley

_MARKS: dict[Kind, str] = {"skolkovo": "D", "sez_technology": "s", "state_company": "^"}
_DISC, _SMALL = 6.6, 2.4  # radii in points
_DASHED = (0, (1.6, 1.2))


@dataclass(frozen=True)
class _Place:
    """A site to draw, in degrees."""

    entry: Valley
    site: Site
    lon: float
    lat: float

    @property
    def key(self) -> str:
        return self.entry.id

    @property
    def is_main(self) -> bool:
        return self.entry.kind == "istc" and self.site.role == "main"

    @property
    def is_elsewhere(self) -> bool:
        homes = {site.region for site in self.entry.sites if site.role == "main"}
        return self.is_branch and self.site.region not in homes

    @property
    def is_branch(self) -> bool:
        return self.entry.kind == "istc" and self.site.role != "main"


def step_colour(number: int) -> str:
    """Return the colour of the furthest step: steps before the decree share the lightest.

    Examples
    --------
    >>> step_colour(1) == step_colour(3), step_colour(8)
    (True, '#253494')
    """
    return SEQUENTIAL[6][min(max(number, 3), 8) - 3]


def plot_valley_map(
    register: Register, found: Ladder, lang: Lang = "en", *, title: str | None = None
) -> Figure:
    """Draw where the valleys are: a numbered disc each, the number that of its furthest step.

    Parameters
    ----------
    register
        What `load_register` returns: valleys and territories under other regimes, which are
        drawn small and never counted.
    found
        The ladder of the valleys on the date of the map.
    lang
        "en" or "ru".
    title
        Above the map; a standard one unless given.

    Examples
    --------
    >>> from datetime import date
    >>> from valley_analysis.valleys import ladder, load_register
    >>> everything = load_register()
    >>> figure = plot_valley_map(everything, ladder(everything, date(2026, 11, 25)))
    >>> len(figure.axes)
    2
    """
    places = _places(register, found)
    furthest = found.furthest()
    doubtful = doubtful_stages(found)
    hosts = {one.site.region for one in places if one.is_main}
    branches = {one.site.region for one in places if one.is_branch} - hosts
    with house():
        fig = new_figure(7.7)
        room = dress(
            fig,
            title or word("title_map", lang),
            word("reading_map", lang),
            foot(found.as_of, lang, n=len(found.valleys), notes=_notes(places, lang)),
        )
        main = country_axes(fig, room, hosts, branches)
        inset = enlarged_axes(fig, room, hosts, branches, lang)
        names = valley_names(register, lang)
        lines = [frame_enlarged(main), *_branch_lines(main, places)]
        outside, inside = (
            [p for p in places if is_enlarged(p.lon, p.lat) is side] for side in (False, True)
        )
        _draw(main, ALBERS, outside, furthest, doubtful, names, lines, lang)
        _draw(inset, LOCAL, inside, furthest, doubtful, names, [], lang)
        _mirror(main, inside, furthest["number"])
        _legend(fig, inset, room, places, furthest["number"], lang)
    return fig


def doubtful_stages(found: Ladder) -> set[str]:
    """Return the valleys whose furthest step is dated by an inference.

    Parameters
    ----------
    found
        The ladder.
    """
    furthest = found.furthest()["step"]
    return {
        valley
        for valley, step in furthest.items()
        if step and found.steps.loc[(valley, step), "confidence"] in DOUBTFUL
    }


def _places(register: Register, found: Ladder) -> list[_Place]:
    """Sites that stand on the date, main sites of valleys first."""
    rows = [
        _Place(entry, site, *_point(site))
        for entry in register.entries
        if entry.kind != "istc" or entry.id in found.valleys
        for site in entry.sites
        if site.since.first <= found.as_of
        and (site.until is None or site.until.first > found.as_of)
    ]
    return sorted(rows, key=lambda one: (one.entry.kind != "istc", one.site.role != "main"))


def _point(site: Site) -> tuple[float, float]:
    """Its own point, or one inside its region."""
    if site.lon is not None and site.lat is not None:
        return site.lon, site.lat
    return _inner_points()[site.region]


@cache
def _inner_points() -> dict[str, tuple[float, float]]:
    borders = load_boundaries("lonlat")
    points = borders.geometry.representative_point()
    return {
        region: (point.x, point.y) for region, point in zip(borders["region"], points, strict=True)
    }


def _notes(places: Sequence[_Place], lang: Lang) -> list[str]:
    rough = [one for one in places if one.entry.kind == "istc" and not one.site.exact]
    notes = [word("other_regimes_note", lang)]
    if rough:
        notes.append(word("points_rough", lang, n=len(rough)))
    drawn = word("scope_map", lang, n=len(outlines(ALBERS)))
    return [*notes, drawn, word("boundaries", lang)]


def _project(places: Sequence[_Place], crs: str) -> np.ndarray:
    if not places:
        return np.empty((0, 2))
    return projected(tuple((one.lon, one.lat) for one in places), crs)


def _draw(
    ax: Axes,
    crs: str,
    places: list[_Place],
    furthest: pd.DataFrame,
    doubtful: set[str],
    names: dict[str, str],
    lines: Sequence[np.ndarray],
    lang: Lang,
) -> None:
    """Discs with their labels, branches, and the small marks of other regimes."""
    scale = ax.figure.dpi / 72
    dots = ax.transData.transform(_project(places, crs))
    radii = np.array([(_DISC if one.is_main else _SMALL) * scale + 1 for one in places])
    placed = spread(dots, radii)
    taken = Taken([around(at[0], at[1], radius) for at, radius in zip(placed, radii, strict=True)])
    for line in lines:
        for point in _dense(ax.transData.transform(line)):
            taken.add(around(point[0], point[1], 1.5))
    for one, dot, at in zip(places, dots, placed, strict=True):
        _lead(ax, dot, at)
        if one.is_main:
            _disc(ax, one, at, int(furthest.loc[one.key, "number"]), one.key in doubtful)
        else:
            _small(ax, one, at)
    marks = {str(k): at for k, at in enumerate(placed)}
    main = {str(k): names[one.key] for k, one in enumerate(places) if one.is_main}
    label_marks(ax, marks, main, taken, radius=_DISC, size=8.5)
    label_marks(ax, marks, _branch_texts(places, names, lang), taken, radius=_SMALL, size=7.5)
    others: dict[str, str] = {}
    for k, one in enumerate(places):
        if one.entry.kind != "istc" and names[one.key] not in others.values():
            others[str(k)] = names[one.key]
    label_marks(ax, marks, others, taken, radius=_SMALL, size=6.5, colour=MUTED, must=False)


def _branch_texts(places: Sequence[_Place], names: dict[str, str], lang: Lang) -> dict[str, str]:
    """One label for the branches of each valley, at the last of them."""
    last = {one.key: k for k, one in enumerate(places) if one.is_elsewhere}
    return {str(k): word("branches_of", lang, name=names[key]) for key, k in last.items()}


def _dense(line: np.ndarray) -> np.ndarray:
    """Points along a line, at most five dots apart."""
    parts = []
    for start, end in pairwise(line):
        count = int(np.hypot(*(end - start)) // 5) + 1
        parts.append(start + (end - start) * np.linspace(0, 1, count, endpoint=False)[:, None])
    return np.vstack(parts)


def _lead(ax: Axes, dot: np.ndarray, at: np.ndarray) -> None:
    """A short line from the true place to a mark that had to move."""
    if np.hypot(*(at - dot)) > 1:
        ends = ax.transData.inverted().transform(np.vstack([dot, at]))
        ax.plot(*ends.T, color=INK, linewidth=0.6, zorder=3.5)
        ax.plot(*ends[0], marker="o", markersize=1.8, color=INK, zorder=3.6)


def _disc(ax: Axes, one: _Place, at: np.ndarray, number: int, doubtful: bool) -> None:
    x, y = ax.transData.inverted().transform(at)
    colour = step_colour(number)
    ax.scatter(
        x, y, s=(2 * _DISC) ** 2, color=colour, edgecolor=INK, linewidth=1.2 if doubtful else 0.9,
        linestyle=_DASHED if doubtful else "-", zorder=5, gid=one.key,
    )  # fmt: skip
    ax.text(
        x, y, str(number), fontsize=8, fontweight="bold", color=ink_on(colour),
        ha="center", va="center_baseline", zorder=5.5, gid=f"step {one.key}",
    )  # fmt: skip


def _small(ax: Axes, one: _Place, at: np.ndarray) -> None:
    x, y = ax.transData.inverted().transform(at)
    look: dict[str, Any] = {"marker": "o", "markersize": 4.2, "markerfacecolor": PAPER}
    if not one.is_branch:
        look = {"marker": _MARKS[one.entry.kind], "markersize": 4.6, "markerfacecolor": "#8c8c8c"}
    edge = INK if one.is_branch else PAPER
    ax.plot(
        x, y, markeredgecolor=edge, markeredgewidth=0.7, zorder=4, gid=f"site {one.key}", **look
    )


def _branch_lines(ax: Axes, places: Sequence[_Place]) -> list[np.ndarray]:
    """Draw thin lines from a valley to the sites that work under its mandate elsewhere."""
    found = []
    for one in (one for one in places if one.is_elsewhere):
        home = next((p for p in places if p.key == one.key and p.is_main), None)
        if home is not None:
            line = _project([home, one], ALBERS)
            ax.plot(*line.T, color=INK, linewidth=0.6, linestyle=(0, (4, 2)), zorder=2.5)
            found.append(line)
    return found


def _mirror(main: Axes, places: list[_Place], numbers: "pd.Series[int]") -> None:
    """Small dots on the map of the country for what is enlarged."""
    shown = [p for p in places if p.is_main]
    for one, (x, y) in zip(shown, _project(shown, ALBERS), strict=True):
        main.plot(
            x, y, marker="o", markersize=4, color=step_colour(int(numbers[one.key])),
            markeredgecolor=INK, markeredgewidth=0.6, zorder=4,
        )  # fmt: skip


def _legend(
    fig: Figure,
    ax: Axes,
    room: tuple[float, ...],
    places: Sequence[_Place],
    numbers: "pd.Series[int]",
    lang: Lang,
) -> None:
    handles = [
        Line2D([], [], marker="o", color="none", markerfacecolor=step_colour(k), markersize=8,
               markeredgecolor=INK, markeredgewidth=0.7,
               label=f"{k}  {step_name(step, lang)} ({int((numbers == k).sum())})")
        for k, step in enumerate(STEPS, 1)
        if k >= 3
    ]  # fmt: skip
    small: list[Any] = [
        ax.scatter([], [], s=64, color=PAPER, edgecolor=INK, linestyle=_DASHED, linewidth=1.2,
                   label=word("stage_doubtful", lang))
    ]  # fmt: skip
    if any(one.is_branch for one in places):
        small.append(
            Line2D([], [], marker="o", color=INK, linestyle=(0, (4, 2)), linewidth=0.6,
                   markerfacecolor=PAPER, markersize=4.2, label=word("branch", lang))
        )  # fmt: skip
    for kind, mark in _MARKS.items():
        count = len({one.key for one in places if one.entry.kind == kind})
        if count:
            label = f"{word(f'kind_{kind}', lang)} ({count})"
            small.append(
                Line2D([], [], marker=mark, color="none", markerfacecolor="#8c8c8c",
                       markeredgecolor=PAPER, markersize=5, label=label)
            )  # fmt: skip
    look: dict[str, Any] = {"alignment": "left", "labelspacing": 0.35, "borderaxespad": 0.0,
                            "fontsize": 8,
                            "title_fontproperties": {"size": 8, "weight": "bold"}}  # fmt: skip
    left, base = room[0] + 0.4 * room[2], room[1] + 0.01
    fig.legend(handles=handles, title=word("legend_step", lang), loc="lower left",
               bbox_to_anchor=(left, base), **look)  # fmt: skip
    fig.legend(handles=small, title=word("legend_other", lang), loc="lower left",
               bbox_to_anchor=(left + 0.28, base), **look)  # fmt: skip
