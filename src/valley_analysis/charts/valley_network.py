"""Who works with which valley: science and authorities left, companies right, gaps named."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    text_width,
)
from valley_analysis.charts.valley_text import foot, valley_names, word
from valley_analysis.text import Lang
from valley_analysis.valleys import Register, cooperation, partners_frame
from valley_analysis.valleys.partners import BUSINESS

KINDS = {
    "university": ("o", CATEGORICAL[0]),
    "institute": ("D", CATEGORICAL[4]),
    "authority": ("s", CATEGORICAL[7]),
    "state_corporation": ("p", CATEGORICAL[5]),
    "company": ("^", CATEGORICAL[2]),
}
"""Shape and colour of each kind of partner."""

_BINDS, _WORDS = "#4a6785", "#c98a3a"
_ROW = 0.205  # inches
_SWEEPS = 20


def plot_valley_network(
    register: Register, as_of: date, lang: Lang = "en", *, title: str | None = None
) -> Figure:
    """Draw valleys in the middle, science and authorities on the left, companies on the right.

    Parameters
    ----------
    register
        What `load_register` returns.
    as_of
        Printed below the chart.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    links = partners_frame(register).rename(columns={f"partner_{lang}": "partner"})
    business = links["kind"].isin(BUSINESS)
    sides = {"left": links[~business], "right": links[business]}
    order = _valleys(register.valleys.ids, links)
    columns = {side: _partners(found, order) for side, found in sides.items()}
    rows = max(len(column) for column in columns.values())
    gaps = cooperation(register)["gap"]
    with house():
        fig = new_figure(1.7 + _ROW * rows)
        room = dress(
            fig,
            title or word("title_network", lang),
            word("reading_network", lang),
            foot(as_of, lang, n=len(order), notes=[_counts(links, lang)]),
        )
        ax = _paper(fig, room)
        height = ax.get_ylim()[1] - 0.3
        mids = dict(zip(order, _even(len(order), height, 0.5), strict=True))
        for side, column in columns.items():
            spots = dict(zip(column, _even(len(column), height, 0.0), strict=True))
            _links(ax, sides[side], spots, mids, side)
            _column(fig, ax, sides[side], spots, side)
        _middle(ax, mids, valley_names(register, lang), gaps, lang)
        _heads(ax, lang)
        _legend(fig, room, lang)
    return fig


_SPOTS = {"left": 3.35, "right": 6.45}  # inches: where partners stand
_VALLEY = (4.15, 5.65)


def _counts(links: pd.DataFrame, lang: Lang) -> str:
    return word(
        "links_counted",
        lang,
        links=len(links),
        partners=links["partner"].nunique(),
        committed=int(links["committed"].sum()),
    )


def _valleys(ids: Sequence[str], links: pd.DataFrame) -> list[str]:
    """Valleys that share partners next to each other (alternating means of places)."""
    order = list(ids)
    for _ in range(_SWEEPS):
        place = {valley: float(k) for k, valley in enumerate(order)}
        theirs = links["valley"].map(place).groupby(links["partner"], sort=False).mean()
        pulled = links["partner"].map(theirs).groupby(links["valley"]).mean()
        order = list(pulled.reindex(order).fillna(place).sort_values(kind="stable").index)
    return order


def _partners(links: pd.DataFrame, order: Sequence[str]) -> list[str]:
    """Partners by the mean place of their valleys, so that lines cross little."""
    place = links["valley"].map({valley: k for k, valley in enumerate(order)})
    mean = place.groupby(links["partner"], sort=False).mean()
    return list(mean.sort_values(kind="stable").index)


def _even(n: int, height: float, inset: float) -> list[float]:
    """Places from the top down, in inches."""
    step = height / max(n, 1)
    return [height - step * (k + 0.5) for k in range(n)]


def _paper(fig: Figure, room: tuple[float, float, float, float]) -> Axes:
    wide, tall = fig.get_size_inches()
    below = 0.55 / tall
    ax = fig.add_axes((room[0], room[1] + below, room[2], room[3] - below))
    ax.set_xlim(0, room[2] * wide)
    ax.set_ylim(0, (room[3] - below) * tall)
    ax.set_axis_off()
    return ax


def _links(
    ax: Axes, links: pd.DataFrame, spots: Mapping[str, float], mids: Mapping[str, float], side: str
) -> None:
    near, far = (_VALLEY[0], _SPOTS["left"]) if side == "left" else (_VALLEY[1], _SPOTS["right"])
    for row in links.itertuples():
        start, end = (near, mids[row.valley]), (far, spots[row.partner])
        middle = (near + far) / 2
        path = Outline([start, (middle, start[1]), (middle, end[1]), end],
                       [Outline.MOVETO, *[Outline.CURVE4] * 3])  # fmt: skip
        bound = row.committed or row.role == "initiator"
        ax.add_patch(PathPatch(path, facecolor="none", zorder=1,
                               edgecolor=_BINDS if bound else _WORDS,
                               linewidth=1.3 if bound else 1.0,
                               linestyle="-" if bound else (0, (3, 2)),
                               alpha=0.9 if row.confidence in ("primary", "press") else 0.4,
                               gid=f"{row.valley}>{row.partner}"))  # fmt: skip


def _column(
    fig: Figure, ax: Axes, links: pd.DataFrame, spots: Mapping[str, float], side: str
) -> None:
    kinds = links.drop_duplicates("partner").set_index("partner")["kind"]
    shared = links.groupby("partner")["valley"].nunique().gt(1)
    x, sign = _SPOTS[side], -1 if side == "left" else 1
    room = (x - 0.15) if side == "left" else ax.get_xlim()[1] - x - 0.15
    for partner, y in spots.items():
        shape, colour = KINDS[kinds[partner]]
        ax.plot(x, y, marker=shape, markersize=6, color=colour, zorder=3)
        weight = "bold" if shared[partner] else "normal"
        width = text_width(fig, partner, 8, weight)
        size = 8 if width <= room else max(6.5, 8 * room / width)
        ax.text(x + sign * 0.12, y, partner, fontsize=size, fontweight=weight, va="center",
                ha="right" if side == "left" else "left", gid=f"partner {partner}")  # fmt: skip


def _middle(
    ax: Axes, mids: Mapping[str, float], names: Mapping[str, str], gaps: pd.Series, lang: Lang
) -> None:
    left, right = _VALLEY
    for valley, y in mids.items():
        gap = str(gaps.get(valley, ""))
        box = Rectangle(
            (left, y - 0.21),
            right - left,
            0.42,
            facecolor=PAPER,
            linewidth=1.0,
            edgecolor=ACCENT if gap else INK,
            zorder=2,
            gid=f"valley {valley}",
        )
        ax.add_patch(box)
        shift = 0.07 if gap else 0.0
        ax.text((left + right) / 2, y + shift, names[valley], fontsize=8, fontweight="bold",
                ha="center", va="center", zorder=3)  # fmt: skip
        if gap:
            ax.text((left + right) / 2, y - 0.105, word(f"gap_{gap.replace(' ', '_')}", lang),
                    fontsize=7, color=ACCENT, ha="center", va="center", zorder=3)  # fmt: skip


def _heads(ax: Axes, lang: Lang) -> None:
    top = ax.get_ylim()[1] - 0.12
    look: dict[str, Any] = {"fontsize": 8.5, "fontweight": "bold", "va": "center", "color": MUTED}
    ax.text(_SPOTS["left"] - 0.12, top, word("head_science", lang), ha="right", **look)
    ax.text(sum(_VALLEY) / 2, top, word("head_valleys", lang), ha="center", **look)
    ax.text(_SPOTS["right"] + 0.12, top, word("head_business", lang), ha="left", **look)


def _legend(fig: Figure, room: tuple[float, float, float, float], lang: Lang) -> None:
    handles: list[Any] = [
        Line2D([], [], color="none", marker=shape, markersize=6, markerfacecolor=colour,
               markeredgecolor=colour, label=word(f"partner_{kind}", lang))
        for kind, (shape, colour) in KINDS.items()
    ]  # fmt: skip
    handles += [
        Line2D([], [], color=_BINDS, linewidth=1.3, label=word("role_binds", lang)),
        Line2D([], [], color=_WORDS, linewidth=1.0, linestyle=(0, (3, 2)),
               label=word("role_words", lang)),
        Line2D([], [], color=_BINDS, linewidth=1.3, alpha=0.4, label=word("role_doubtful", lang)),
    ]  # fmt: skip
    fig.legend(handles=handles, ncols=4, loc="lower left", fontsize=8, borderaxespad=0.0,
               columnspacing=1.4, handletextpad=0.5,
               bbox_to_anchor=(room[0], room[1] + 0.06 / fig.get_figheight()))  # fmt: skip
