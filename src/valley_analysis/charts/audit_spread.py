"""How quantities spread over regions: concentration, and the shape of indicators."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from valley_analysis.charts.audit_text import word
from valley_analysis.charts.names import indicator_name, unit_names
from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    FAINT,
    GRID,
    INK,
    MUTED,
    dress,
    house,
    new_figure,
    source_text,
    text_width,
)
from valley_analysis.frames import Scope
from valley_analysis.text import Lang, number

FAR = 3.0  # interquartile ranges from the median beyond which a region is named
_NAMED = 2
_FAR_SIZE = 6.8
_TICKS = (-32.0, -16.0, -8.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_BEND = 2.0  # interquartile ranges beyond which the scale is compressed


def plot_concentration(
    statistics: pd.DataFrame,
    labels: Mapping[str, str],
    *,
    scope: Scope,
    period: int,
    lang: Lang = "en",
) -> Figure:
    """Draw the Gini coefficient and Moscow's share of each additive series.

    Parameters
    ----------
    statistics
        What `panel.describe.describe_series` returns.
    labels
        Names of the series.
    scope
        The units that were described.
    period
        The year described.
    lang
        "en" or "ru".
    """
    table = statistics.dropna(subset=["gini", "moscow_share"]).sort_values("gini")
    names = [labels[series] for series in table["series"]]
    with house():
        fig = new_figure(0.2 * len(table) + 1.8)
        title = word("concentration_title", lang, period=period)
        foot = source_text(lang, scope=scope)
        room = dress(fig, title, word("concentration_subtitle", lang), foot)
        left, right = _two_panels(fig, room, 3.3)
        y = np.arange(len(table))
        left.hlines(y, 0, table["gini"], color=FAINT, linewidth=1)
        left.plot(table["gini"], y, "o", color=CATEGORICAL[0], markersize=5)
        left.set(xlim=(0, 1), xlabel=word("gini_axis", lang))
        left.set_xticks(
            [0, 0.25, 0.5, 0.75, 1], [number(v, 2, lang) for v in (0, 0.25, 0.5, 0.75, 1)]
        )
        left.set_yticks(y, names)
        _shares(right, table, y, lang)
        for ax in (left, right):
            ax.set_ylim(-0.7, len(table) - 0.3)
            ax.grid(axis="x")
            ax.spines["left"].set_visible(False)
            ax.tick_params(axis="y", labelsize=7.8)
    return fig


def _shares(ax: Axes, table: pd.DataFrame, y: "np.ndarray", lang: Lang) -> None:
    ax.hlines(y, table["moscow_share"], table["top5_share"], color=FAINT, linewidth=2)
    ax.plot(table["top5_share"], y, "D", color=CATEGORICAL[1], markersize=4.5,
            label=word("top5", lang))  # fmt: skip
    ax.plot(table["moscow_share"], y, "o", color=ACCENT, markersize=5, label=word("moscow", lang))
    ax.set(xlim=(0, 100), xlabel=word("share_axis", lang))
    ax.set_yticks([])
    handles, texts = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], texts[::-1], loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2)


def _two_panels(
    fig: Figure, room: tuple[float, float, float, float], labels: float
) -> tuple[Axes, Axes]:
    width, height = fig.get_size_inches()
    down, up = 0.5 / height, 0.28 / height
    start, gap = labels / width, 0.35 / width
    span = (1 - start - gap - 0.15 / width) / 2
    low, tall = room[1] + down, room[3] - down - up
    first = fig.add_axes((start, low, span, tall))
    return first, fig.add_axes((start + span + gap, low, span, tall))


def plot_distributions(
    values: pd.DataFrame, *, scope: Scope, period: int, lang: Lang = "en"
) -> Figure:
    """Draw each indicator of an edition as a strip, scaled to median and interquartile range.

    Parameters
    ----------
    values
        Units down, indicators across, in the order of the specification. An indicator whose
        middle half does not vary is left out.
    scope
        The units.
    period
        The edition.
    lang
        "en" or "ru".
    """
    scaled = _scale(values)
    with house():
        fig = new_figure(0.26 * scaled.shape[1] + 1.7)
        notes = [word("distributions_note", lang, limit=number(FAR, 0, lang))]
        foot = source_text(lang, scope=scope, edition=period, notes=notes)
        title = word("distributions_title", lang, period=period)
        room = dress(fig, title, word("distributions_subtitle", lang), foot)
        width, height = fig.get_size_inches()
        left, down = 3.2 / width, 0.45 / height
        ax = fig.add_axes((left, room[1] + down, 1 - left - 0.02, room[3] - down))
        _strips(ax, scaled, lang)
        ax.set_xlabel(word("distributions_axis", lang))
    return fig


def _scale(values: pd.DataFrame) -> pd.DataFrame:
    spread = values.quantile(0.75) - values.quantile(0.25)
    kept = spread.index[spread > 0]
    return (values[kept] - values[kept].median()) / spread[kept]


def bend(distance: "np.ndarray") -> "np.ndarray":
    """Compress distances beyond two interquartile ranges by a logarithm, keeping their sign.

    Examples
    --------
    >>> bend(np.array([-1.0, 0.0, 2.0])).tolist()
    [-1.0, 0.0, 2.0]
    """
    size = np.abs(distance)
    outside = _BEND + np.log2(np.maximum(size, _BEND) / _BEND) * _BEND / 2
    bent: np.ndarray = np.sign(distance) * np.where(size > _BEND, outside, size)
    return bent


def _strips(ax: Axes, scaled: pd.DataFrame, lang: Lang) -> None:
    rng = np.random.default_rng(0)  # vertical scatter only, the same in every run
    ax.axvspan(-0.5, 0.5, color=GRID, zorder=0)
    ax.axvline(0, color=MUTED, linewidth=0.8, zorder=1)
    for row, indicator in enumerate(scaled):
        places = bend(scaled[indicator].dropna().to_numpy())
        ax.plot(places, row + rng.uniform(-0.22, 0.22, len(places)), "o", markersize=3,
                color=CATEGORICAL[0], alpha=0.55, markeredgewidth=0)  # fmt: skip
    low, high = _name_far(ax, scaled, lang)
    bent = bend(scaled.to_numpy())
    least, most = np.nanmin(bent) - 1, np.nanmax(bent) + 1
    ticks = [tick for tick in _TICKS if least < bend(np.array(tick)) < most]
    ax.set_xticks([float(bend(np.array(tick))) for tick in ticks])
    ax.set_xticklabels([number(tick, 0, lang) for tick in ticks])
    ax.set(ylim=(scaled.shape[1] - 0.4, -0.6), xlim=(low, high))
    ax.set_yticks(range(scaled.shape[1]), [indicator_name(name, lang) for name in scaled])
    ax.tick_params(axis="y", labelsize=7.8)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)


def _name_far(ax: Axes, scaled: pd.DataFrame, lang: Lang) -> tuple[float, float]:
    """Name the farthest regions at the outer ends of the strips; return limits with room for it."""
    names = unit_names(scaled.index, lang)
    ends = []
    for row, indicator in enumerate(scaled):
        column = scaled[indicator].dropna()
        far = column[column.abs() > FAR]
        far = far.loc[far.abs().sort_values(ascending=False).index[:_NAMED]]
        for side in (-1, 1):
            beside = [str(names[unit]) for unit in far.index if far[unit] * side > 0]
            if beside:
                end = float(bend(np.array(far[far * side > 0].abs().max() * side)))
                ends.append((row, end + 0.09 * side, side, ", ".join(beside)))
    for row, end, side, text in ends:
        ax.text(end, row, text, fontsize=_FAR_SIZE, color=INK, va="center",
                ha="left" if side > 0 else "right")  # fmt: skip
    bent = bend(scaled.to_numpy())
    return _room(ax, float(np.nanmin(bent)), float(np.nanmax(bent)), ends)


def _room(
    ax: Axes, low: float, high: float, ends: Sequence[tuple[int, float, int, str]]
) -> tuple[float, float]:
    """Widen limits until every name fits: its width in data units grows with the limits."""
    fig = ax.get_figure(root=True)
    assert fig is not None
    inches = fig.get_figwidth() * ax.get_position().width
    widths = [text_width(fig, text, _FAR_SIZE) + 0.06 for *_, text in ends]
    low, high = low - 0.3, high + 0.3
    for _ in range(12):
        unit = (high - low) / inches
        for (_row, end, side, _text), width in zip(ends, widths, strict=True):
            low, high = min(low, end + side * width * unit), max(high, end + side * width * unit)
    return low, high
