"""Incentives as figures: rates over years, tax forgone, regimes side by side, ranges."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from valley_analysis.charts.incentive_text import (
    DAGGER,
    end_groups,
    foot,
    item_name,
    known_lever,
    money,
    tried_text,
    word,
)
from valley_analysis.charts.style import (
    ACCENT,
    CATEGORICAL,
    FAINT,
    GRID,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    ink_on,
    new_figure,
    panels,
    wrap,
)
from valley_analysis.text import NBSP, Lang, day_text, number
from valley_analysis.valleys.fiscal import COLUMNS, FiscalResult
from valley_analysis.valleys.incentives import ITEMS, load_incentives

# One hue an item; what customers lose is VAT with the other sign, so it has VAT's hue and dots.
_COLOURS = dict(zip(COLUMNS, CATEGORICAL, strict=False)) | {"customs": "#8c8c8c"}
_COLOURS["vat_customers"] = _COLOURS["vat"]
_LOST, _TO_COME = "....", "////"
_BLUES = ("#f2f5f8", "#dce8f1", "#b9d3e5", "#86b3d1", "#4d8cb8", "#25679b")
_SMALL = 7.5


def plot_rates(
    history: pd.DataFrame, as_of: date, pay: float, lang: Lang = "en", *, title: str | None = None
) -> Figure:
    """Draw the rate of each item as strips, one a regime, that break where it changes.

    Parameters
    ----------
    history
        What `fiscal.rate_history` returned.
    as_of
        The date of the law.
    pay
        The monthly pay behind contributions, RUB.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    regimes = list(dict.fromkeys(history["regime"]))
    rows = len(regimes)
    with house():
        fig = new_figure(1.35 + 3 * (0.62 + 0.27 * rows))
        room = dress(
            fig,
            title or word("title_rates", lang),
            word("reading_rates", lang, pay=number(pay, 0, lang)),
            foot(lang, as_of, bool(history["doubtful"].any()), static=False),
        )
        axes = panels(fig, room, len(ITEMS), 2, (1.25, 0.3, 0.1, 0.32))
        for ax, item in zip(axes, ITEMS, strict=True):
            _strips(ax, history[history["item"] == item], regimes, item, lang)
    return fig


def _strips(ax: Axes, history: pd.DataFrame, regimes: Sequence[str], item: str, lang: Lang) -> None:
    names = load_incentives().content.regimes
    top = max(float(history["rate"].max()), 1e-9)
    for row, regime in enumerate(regimes):
        own = history[history["regime"] == regime].sort_values("year")
        printed = own["rate"].round(1).astype(str) + own["doubtful"].astype(str)
        for _, run in own.groupby((printed != printed.shift()).cumsum()):
            rate, first, span = float(run["rate"].iloc[0]), int(run["year"].iloc[0]), len(run)
            colour = _BLUES[min(int(rate / top * (len(_BLUES) - 1) + 0.5), len(_BLUES) - 1)]
            ax.barh(row, span, left=first, height=0.86, color=colour, edgecolor="white",
                    linewidth=1.2)  # fmt: skip
            digits = 0 if abs(rate - round(rate)) < 0.05 else 1
            mark = DAGGER if run["doubtful"].iloc[0] else ""
            ax.text(first + span / 2, row, number(rate, digits, lang) + mark, fontsize=_SMALL,
                    color=ink_on(colour), ha="center", va="center")  # fmt: skip
    years = sorted(history["year"].unique())
    ax.set_xlim(years[0], years[-1] + 1)
    ax.set_xticks([year + 0.5 for year in years], [str(year) for year in years])
    ax.set_ylim(len(regimes) - 0.45, -0.55)
    ax.set_yticks(range(len(regimes)), [names[regime].short[lang] for regime in regimes])
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0, labelsize=_SMALL)
    plain = f"{word(f'item_{item}', lang)}, %"
    ax.set_title(word("strip_customs", lang) if item == "customs" else plain, fontsize=9)


def plot_forgone(
    results: Sequence[FiscalResult], lang: Lang = "en", *, title: str | None = None
) -> Figure:
    """Draw the tax forgone per year, stacked by item, one panel a participant.

    Parameters
    ----------
    results
        What `fiscal_cost` returned for several participants under the same regimes.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    first, rows = results[0], -(-len(results) // 2)
    names = load_incentives().content.regimes
    lines = max(len(_end_lines(found, lang)) for found in results)
    with house():
        fig = new_figure(1.8 + rows * (2.6 + 0.17 * lines))
        room = dress(
            fig,
            title or word("title_forgone", lang, regime=names[first.regime].short[lang]),
            word("reading_forgone", lang, against=names[first.against].short[lang]),
            foot(lang, first.as_of, any(found.doubtful_items for found in results)),
        )
        room = _item_legend(fig, room, results, lang, total=True)
        margins = (0.55, 0.42 + 0.17 * lines, 0.15, 0.34)
        for ax, found in zip(panels(fig, room, len(results), 2, margins), results, strict=True):
            _stack(ax, found, lang)
            _mark_ends(ax, found, lang)
    return fig


def _item_legend(
    fig: Figure,
    room: tuple[float, float, float, float],
    results: Sequence[FiscalResult],
    lang: Lang,
    *,
    total: bool,
) -> tuple[float, float, float, float]:
    """A legend of the items that occur, above the axes; return the room that is left."""
    doubtful = frozenset().union(*(found.doubtful_items for found in results))
    shown = [name for name in COLUMNS if any(found.forgone[name].abs().max() > 0.05
                                             for found in results)]  # fmt: skip
    handles: list[Any] = [
        Patch(**_look(name), label=item_name(name, lang, doubtful)) for name in shown
    ]
    if total:
        if any(found.forgone.index[-1] > found.as_of.year for found in results):
            handles.append(Patch(facecolor=MUTED, edgecolor=PAPER, hatch=_TO_COME, linewidth=0,
                                 label=word("years_to_come", lang)))  # fmt: skip
        handles.append(Line2D([], [], marker="D", color=INK, markersize=3.5, linewidth=0.9,
                              label=word("total_line", lang)))  # fmt: skip
    columns = 4
    rows = -(-len(handles) // columns)
    tall = (0.2 * rows + 0.1) / fig.get_figheight()
    fig.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.012, room[1] + room[3]),
               ncols=columns, borderaxespad=0.0, borderpad=0.0, handlelength=1.3,
               columnspacing=1.6)  # fmt: skip
    return room[0], room[1], room[2], room[3] - tall


def _look(name: str, *, to_come: bool = False) -> dict[str, Any]:
    """Fill and hatch of an item: the same hue in every year, stripes where the year is to come."""
    colour = _COLOURS[name]
    if name == "vat_customers":
        hatch = _LOST + (_TO_COME if to_come else "")
        return {"facecolor": PAPER, "edgecolor": colour, "hatch": hatch, "linewidth": 0.6}
    stripes = {"hatch": _TO_COME, "edgecolor": PAPER} if to_come else {}
    return {"facecolor": colour, "linewidth": 0, **stripes}


def _stack(ax: Axes, found: FiscalResult, lang: Lang) -> None:
    years = found.forgone.index.to_numpy()
    up, down = (pd.Series(0.0, index=found.forgone.index) for _ in range(2))
    for name in COLUMNS:
        values = found.forgone[name]
        base = up.where(values >= 0, down)
        for year, value, bottom in zip(years, values, base, strict=True):
            look = _look(name, to_come=year > found.as_of.year)
            ax.bar(year + 0.5, value, bottom=bottom, width=0.82, **look)
        up, down = up + values.clip(lower=0), down + values.clip(upper=0)
    ax.plot(years + 0.5, found.total, "D-", color=INK, markersize=3, linewidth=0.9)
    ax.axhline(0, color=MUTED, linewidth=0.7)
    ax.yaxis.grid(True)
    ax.set_xlim(years[0], years[-1] + 1)
    ax.set_xticks(years[::2] + 0.5, [str(year) for year in years[::2]])
    ax.yaxis.set_major_formatter(lambda value, _: money(value, lang, 0))
    low, high = float(down.min()), float(up.max())
    pad = 0.14 * (high - low or 1.0)
    ax.set_ylim(low - (0.05 * (high - low) if low < 0 else 0), high + pad)
    ax.set_title(found.profile.name[lang], pad=6)


def _end_lines(found: FiscalResult, lang: Lang) -> list[str]:
    """The legend below a panel: number, date, reason, what ends; wrapped to the panel."""
    lines = []
    for mark, (day, reasons) in enumerate(end_groups(found, lang), start=1):
        said = "; ".join(f"{reason}: {', '.join(what)}" for reason, what in reasons.items())
        with house():
            fig = new_figure(1.0)
            broken = wrap(fig, f"{mark}{NBSP} {day_text(day, lang)} – {said}", _SMALL, 4.35)
        lines += broken.split("\n")
    return lines


def _mark_ends(ax: Axes, found: FiscalResult, lang: Lang) -> None:
    top = ax.get_ylim()[1]
    for mark, (day, _) in enumerate(end_groups(found, lang), start=1):
        at = day.year + (day.month - 1) / 12
        ax.axvline(at, color=ACCENT, linewidth=0.9, linestyle=(0, (3, 2)), zorder=3)
        ax.annotate(str(mark), (at, top), (2, -2), textcoords="offset points", fontsize=8,
                    fontweight="bold", color=ACCENT, ha="left", va="top")  # fmt: skip
    tall = ax.get_position().height * ax.figure.get_figure(root=True).get_figheight()
    for row, line in enumerate(_end_lines(found, lang)):
        ax.text(-0.06, -(0.36 + 0.17 * row) / tall, line, transform=ax.transAxes,
                fontsize=_SMALL, color=INK, va="top")  # fmt: skip


def plot_regimes(
    results: Sequence[FiscalResult], lang: Lang = "en", *, title: str | None = None
) -> Figure:
    """Draw the present value of tax forgone under each regime, one panel a participant.

    Parameters
    ----------
    results
        What `fiscal_cost` returned, for several participants and regimes.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    """
    first = results[0]
    by: dict[str, list[FiscalResult]] = {}
    for found in results:
        by.setdefault(found.profile.id, []).append(found)
    most, rows = max(map(len, by.values())), -(-len(by) // 2)
    with house():
        fig = new_figure(1.75 + rows * (0.75 + 0.34 * most))
        rate = number(100 * first.discount_rate, 0, lang)
        room = dress(
            fig,
            title or word("title_compare", lang),
            word("reading_compare", lang, rate=rate, years=len(first.forgone)),
            foot(lang, first.as_of, any(found.doubtful_items for found in results)),
        )
        room = _item_legend(fig, room, results, lang, total=False)
        for ax, group in zip(
            panels(fig, room, len(by), 2, (1.3, 0.3, 0.3, 0.34)), by.values(), strict=True
        ):
            _regime_bars(ax, group, most, lang)
    return fig


def _regime_bars(ax: Axes, group: Sequence[FiscalResult], most: int, lang: Lang) -> None:
    names, widest, lowest = load_incentives().content.regimes, 0.0, 0.0
    for row, found in enumerate(group):
        right = left = 0.0
        for name in COLUMNS:
            value = float(found.present_values[name])
            ax.barh(row, value, left=right if value >= 0 else left, height=0.62, **_look(name))
            right, left = right + max(value, 0.0), left + min(value, 0.0)
        mark = NBSP + DAGGER if found.doubtful_items else ""
        ax.annotate(
            money(found.present_value, lang, 0) + mark,
            (right, row),
            (4, 0),
            textcoords="offset points",
            fontsize=8,
            fontweight="bold",
            va="center",
        )
        widest, lowest = max(widest, right), min(lowest, left)
    ax.axvline(0, color=MUTED, linewidth=0.7)
    ax.set_xlim(lowest * 1.05, max(widest, 1.0) * 1.22)
    ax.set_ylim(most - 0.45, -0.55)
    ax.set_yticks(range(len(group)), [names[found.regime].short[lang] for found in group])
    ax.xaxis.grid(True)
    ax.xaxis.set_major_formatter(lambda value, _: money(value, lang, 0))
    ax.locator_params(axis="x", nbins=6)
    ax.spines["left"].set_visible(False)
    ax.set_title(group[0].profile.name[lang], pad=4)


def plot_fiscal_ranges(
    ranges: Mapping[str, pd.DataFrame],
    results: Mapping[str, FiscalResult],
    lang: Lang = "en",
    *,
    title: str | None = None,
    most: int = 7,
) -> Figure:
    """Draw how far the present value moves with one thing changed at a time.

    Parameters
    ----------
    ranges
        Profile id -> what `fiscal_ranges` returned.
    results
        Profile id -> the nominal result.
    lang
        "en" or "ru".
    title
        Above the chart; a standard one unless given.
    most
        How many rows each panel shows, widest first.
    """
    first = next(iter(results.values()))
    rows = -(-len(ranges) // 2)
    with house():
        fig = new_figure(1.8 + rows * (0.85 + 0.36 * most))
        marked = any((table["kind"] == "parameter").any() for table in ranges.values())
        rate = number(100 * first.discount_rate, 0, lang)
        room = dress(
            fig,
            title or word("title_ranges", lang),
            word("reading_ranges", lang),
            foot(lang, first.as_of, marked, notes=[word("note_discount", lang, rate=rate)]),
        )
        handles = [
            Patch(facecolor=CATEGORICAL[0], label=word("kind_assumption", lang)),
            Patch(facecolor=CATEGORICAL[1], label=word("kind_parameter", lang)),
            Line2D([], [], color=INK, linewidth=1.0, label=word("nominal_line", lang)),
        ]
        fig.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.012, room[1] + room[3]),
                   ncols=3, borderaxespad=0.0, borderpad=0.0, handlelength=1.3)  # fmt: skip
        room = (*room[:3], room[3] - 0.28 / fig.get_figheight())
        axes = panels(fig, room, len(ranges), 2, (1.75, 0.3, 0.1, 0.34))
        for ax, (name, table) in zip(axes, ranges.items(), strict=True):
            _tornado(ax, table.head(most), results[name], most, lang)
    return fig


def _tornado(ax: Axes, table: pd.DataFrame, nominal: FiscalResult, most: int, lang: Lang) -> None:
    pv = nominal.present_value
    low = min(float(table[["pv_low", "pv_high"]].min().min()), pv)
    high = max(float(table[["pv_low", "pv_high"]].max().max()), pv)
    wide = (high - low) or 1.0
    doubtful = {use.parameter for use in nominal.unverified}
    names = []
    for row, one in enumerate(table.itertuples()):
        colour = CATEGORICAL[0] if one.kind == "assumption" else CATEGORICAL[1]
        _dumbbell(ax, row, one, pv, colour, lang)
        mark = NBSP + DAGGER if one.name in doubtful else ""
        names.append(known_lever(str(one.name), lang) + mark)
    ax.axvline(pv, color=INK, linewidth=1.0, zorder=3)
    ax.set_xlim(low - 0.24 * wide, high + 0.24 * wide)
    ax.set_ylim(most - 0.4, -0.6)
    fig = ax.figure.get_figure(root=True)
    assert isinstance(fig, Figure)
    ax.set_yticks(range(len(names)), [wrap(fig, text, _SMALL, 1.65) for text in names],
                  fontsize=_SMALL)  # fmt: skip
    ax.xaxis.grid(True, color=GRID)
    ax.xaxis.set_major_formatter(lambda value, _: money(value, lang, 0))
    ax.locator_params(axis="x", nbins=6)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_color(FAINT)
    mark = NBSP + DAGGER if nominal.doubtful_items else ""
    ax.set_title(f"{nominal.profile.name[lang]}: {money(pv, lang, 0)}{mark}", pad=4)


def _dumbbell(ax: Axes, row: int, one: Any, pv: float, colour: str, lang: Lang) -> None:
    """A bar from end to end and to the nominal value; what was tried stands at the outer ends."""
    ends = sorted([(float(one.pv_low), one.low), (float(one.pv_high), one.high)])
    left, right = min(ends[0][0], pv), max(ends[1][0], pv)
    ax.barh(row, right - left, left=left, height=0.22, color=colour, alpha=0.55, linewidth=0)
    ax.plot([at for at, _ in ends], [row, row], "o", color=colour, markersize=5.5, zorder=4)
    tried = [tried_text(str(one.name), float(value), lang) for _, value in ends]
    texts = {"right": (left, tried[0]), "left": (right, tried[1])}
    if ends[0][0] > pv:  # both ends on one side of the nominal value
        texts = {"left": (right, f"{tried[0]}; {tried[1]}")}
    elif ends[1][0] < pv:
        texts = {"right": (left, f"{tried[0]}; {tried[1]}")}
    for side, (at, text) in texts.items():
        ax.annotate(text, (at, row), (-6 if side == "right" else 6, 0), fontsize=6.8, color=MUTED,
                    textcoords="offset points", ha=side, va="center")  # fmt: skip
