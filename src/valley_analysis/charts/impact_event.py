"""Event studies: coefficients by period, with the reference, the pre-trend and robust bounds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from valley_analysis.charts.impact_look import (
    AFTER,
    BEFORE,
    BLUE,
    GREEN,
    breathe,
    head_height,
    head_lines,
    panel_head,
    point,
    side_label,
    stroke,
    whisker_points,
)
from valley_analysis.charts.impact_look import legend_row as legend
from valley_analysis.charts.impact_sentences import inference_text
from valley_analysis.charts.impact_text import (
    About,
    about_of,
    compact,
    estimate_text,
    foot,
    p_text,
    period_text,
    print_numbers,
    print_periods,
    status_text,
    word,
)
from valley_analysis.charts.style import (
    FAINT,
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    panels,
)
from valley_analysis.errors import DesignError
from valley_analysis.impact.honest import HonestResult
from valley_analysis.impact.pretrend import pretrend_test
from valley_analysis.impact.results import CheckResult, EffectResult
from valley_analysis.text import Lang, capital, number

_MARGINS = (0.75, 0.45, 0.12)  # inches left, below and right of a panel


@dataclass(frozen=True)
class _Panel:
    """One event study with what is printed beside it."""

    label: str
    result: EffectResult
    about: About
    honest: HonestResult | None
    bound: float


def plot_event_study(
    results: EffectResult | Mapping[str, EffectResult],
    lang: Lang = "en",
    *,
    about: About | Mapping[str, About] | None = None,
    honest: HonestResult | Mapping[str, HonestResult] | None = None,
    bound: float = 1.0,
    same_scale: bool = False,
    title: str | None = None,
) -> Figure:
    """Draw estimates by period with intervals, the reference period and the pre-trend test.

    Parameters
    ----------
    results
        Of `event_study`, or of `group_time_att`, by a label in the reader's language, or one.
    lang
        "en" or "ru".
    about
        What each is of, by the same labels, or one for all.
    honest
        Robust bounds of the mean effect, by the same labels, or one.
    bound
        The bound M whose interval is drawn, or the nearest that was computed.
    same_scale
        Whether panels share the vertical axis.
    title
        Above the chart; a standard one unless given.
    """
    shown = _panels(results, about, honest, bound)
    several = len(shown) > 1
    with house():
        columns = 1 if not several else 2 if len(shown) in (2, 4) else 3
        rows = -(-len(shown) // columns)
        fig = new_figure(5.2 if not several else 1.5 + 3.7 * rows)
        subject = shown[0].about.subject(lang)
        reading = "reading_event_several" if several else "reading_event"
        room = dress(
            fig,
            title or word("title_event", lang, what=_what(shown, lang)),
            word(reading, lang, subject=subject),
            _foot(shown, lang),
        )
        room = legend(fig, room, _handles(shown, lang))
        width = room[2] * fig.get_figwidth() / columns - _MARGINS[0] - _MARGINS[2]
        heads = [head_lines(fig, _head(one, several, lang), width) for one in shown]
        names = [_name(one, several, lang) for one in shown]
        above = max(head_height(name, lines) for name, lines in zip(names, heads, strict=True))
        left, below, right = _MARGINS
        grid = panels(fig, room, len(shown), columns, (left, below, right, above))
        for ax, one in zip(grid, shown, strict=True):
            _draw(ax, one, lang)
        if same_scale:
            _align(grid)
        for ax, one, name, lines in zip(grid, shown, names, heads, strict=True):
            print_numbers(ax.yaxis, lang)
            side_label(ax, one.about.axis(lang))
            panel_head(ax, name, lines)
    return fig


def _what(shown: list[_Panel], lang: Lang) -> str:
    """Of what the figure is: outcome and wave, or what several panels have in common."""
    told = dict.fromkeys(one.about.outcome for one in shown)
    if len(told) > 1:
        return ""
    about = shown[0].about
    if len(shown) > 1 or about.since is None:
        return capital(about.outcome)
    wave = period_text(about.since, lang)
    return capital(word("outcome_and_wave", lang, outcome=about.outcome, wave=wave))


def _panels(
    results: EffectResult | Mapping[str, EffectResult],
    about: About | Mapping[str, About] | None,
    honest: HonestResult | Mapping[str, HonestResult] | None,
    bound: float,
) -> list[_Panel]:
    many = results if isinstance(results, Mapping) else {"": results}
    return [
        _Panel(
            label,
            one,
            about_of(one, about.get(label) if isinstance(about, Mapping) else about),
            honest.get(label) if isinstance(honest, Mapping) else honest,
            bound,
        )
        for label, one in many.items()
    ]


def _name(one: _Panel, several: bool, lang: Lang) -> str:
    return one.label or (one.about.outcome if several else "")


def event_rows(result: EffectResult) -> pd.DataFrame:
    """Return the rows of a result that have an event time, in order of it.

    Parameters
    ----------
    result
        Of `event_study`, `group_time_att` or `imputation`.

    Raises
    ------
    DesignError
        If there is none.
    """
    table = result.table
    rows = table[table["event_time"].notna()] if "event_time" in table else table.head(0)
    if "kind" in rows:
        rows = rows[rows["kind"].eq("event")]
    if rows.empty:
        raise DesignError(
            f"result of {result.method}", ["no row with an event time"], "draw it as a table"
        )
    return rows.sort_values("event_time")


def reference_row(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Return which row is the reference: zero, without a standard error."""
    return rows["estimate"].eq(0) & rows["se"].isna()


def _draw(ax: Axes, one: _Panel, lang: Lang) -> None:
    rows, about = event_rows(one.result), one.about
    x = rows["event_time"].to_numpy(float)
    low, middle, high = (about.effect(rows[c].to_numpy(float)) for c in ("low", "estimate", "high"))
    fixed, after = reference_row(rows).to_numpy(), x >= 0
    edge = (x[after].min() + x[~after].max()) / 2 if after.any() and (~after).any() else x.min() - 1
    ax.axvspan(x.min() - 0.6, edge, color=BEFORE, linewidth=0, zorder=0)
    ax.axvspan(edge, x.max() + 0.6, color=AFTER, linewidth=0, zorder=0)
    ax.axhline(0, color=MUTED, linewidth=0.8, zorder=1)
    for side, colour in ((~after & ~fixed, MUTED), (after & ~fixed, BLUE)):
        if side.any():
            whisker_points(ax, x[side], middle[side], low[side], high[side], colour)
    ax.plot(x[fixed], middle[fixed], "D", markersize=6, markerfacecolor=PAPER,
            markeredgecolor=INK, markeredgewidth=1.3, zorder=4, gid="reference")  # fmt: skip
    strip = _strip(ax, one, x, lang)
    breathe(ax, [*low, *middle, *high, *strip["values"]], above=0.12)
    if not (rows["period"].isna().all() if "period" in rows else True):
        labels, name = rows["period"].tolist(), "axis_period"
    else:
        labels, name = x.tolist(), "axis_event_time"
    print_periods(ax.xaxis, x.tolist(), labels, lang, _most(ax, x))
    ticks = [*ax.get_xticks(), *strip["places"]]
    ax.set_xticks(ticks, [*(t.get_text() for t in ax.get_xticklabels()), *strip["labels"]])
    ax.tick_params(axis="x", labelsize=8)
    if name == "axis_event_time":
        ax.set_xlabel(word(name, lang))
    if after.any() and (~after).any() and name == "axis_period" and _inches(ax) > 5:
        start = rows["period"].to_numpy()[after][0]
        first = word("since_line", lang, since=period_text(start, lang))
        ax.annotate(first, (edge, 1), (3, -3), xycoords=("data", "axes fraction"),
                    textcoords="offset points", va="top", fontsize=7.5, color=MUTED)  # fmt: skip


def _most(ax: Axes, x: np.ndarray) -> int:
    """How many labels find room below the periods."""
    low, high = ax.get_xlim()
    return max(2, int(_inches(ax) * np.ptp(x) / (high - low) / 0.5))


def _inches(ax: Axes) -> float:
    return float(ax.get_position().width * ax.figure.get_figure(root=True).get_figwidth())


def _strip(ax: Axes, one: _Panel, x: np.ndarray, lang: Lang) -> dict[str, list]:
    """The mean effect after, and its robust interval, right of the periods."""
    found: dict[str, list] = {"places": [], "labels": [], "values": []}
    ax.set_xlim(x.min() - 0.6, x.max() + 0.6)
    if not one.result.headline:
        return found
    gap = 0.62 * (np.ptp(x) + 6) / _inches(ax)
    place = x.max() + max(1.4, gap)
    row, about = one.result.table.loc[one.result.headline], one.about
    low, middle, high = (float(about.effect(row[c])) for c in ("low", "estimate", "high"))
    whisker_points(ax, [place], [middle], [low], [high], BLUE, size=7.5, width=2.2)
    found["places"].append(place)
    found["labels"].append(word("mean_after_short", lang))
    found["values"] += [low, middle, high]
    if one.honest is not None:
        place += max(1.2, gap)
        bounds = _at_bound(one.honest, one.bound)
        low, high = (float(about.effect(bounds[c])) for c in ("low", "high"))
        ax.vlines([place], low, high, color=GREEN, linewidth=5, zorder=3, gid="robust")
        found["places"].append(place)
        found["labels"].append(word("robust_at", lang, m=_m(one.honest, one, lang)))
        found["values"] += [low, high]
    ax.set_xlim(x.min() - 0.6, place + 0.55 * max(1.2, gap))
    ax.axvline(x.max() + 0.6, color=FAINT, linewidth=0.8)
    return found


def _m(honest: HonestResult, one: _Panel, lang: Lang) -> str:
    """The bound M whose interval is drawn, on the scale of the figure."""
    m = _at_bound(honest, one.bound)["m"]
    return compact(float(one.about.effect(m) if honest.kind == "smoothness" else m), lang)


def _at_bound(honest: HonestResult, bound: float) -> "pd.Series[float]":
    return honest.table.iloc[int((honest.table["m"] - bound).abs().argmin())]


def _head(one: _Panel, several: bool, lang: Lang) -> list[str]:
    lines = [_pretrend(one, lang)]
    told = estimate_text(one.result, one.about, lang)
    if told:
        name = word("mean_after", lang)
        size, rest = told.split(" (", maxsplit=1)
        narrow = f"{capital(name)}: {size}"
        lines += [narrow, rest.removesuffix(")")] if several else [f"{narrow} ({rest}"]
    return lines


def _pretrend(one: _Panel, lang: Lang) -> str:
    """The joint test before, with the trend that it would have found, without which it is idle."""
    check = _pretrend_check(one.result)
    if check is None or "p_value" not in check.facts:
        return word("pretrend_none", lang)
    told = {"p": p_text(check.facts["p_value"], lang), "status": status_text(check.status, lang)}
    slope = check.facts.get("slope_80")
    if slope is None or slope != slope:
        return word("pretrend_line", lang, **told)
    return word("pretrend_seen", lang, **told, slope=one.about.told(float(slope), lang, sign=False))


def _pretrend_check(result: EffectResult) -> CheckResult | None:
    for check in result.diagnostics:
        if check.name == "pretrend_joint":
            return check
    try:
        return pretrend_test(result, level=result.level)
    except DesignError:
        return None


def _handles(shown: list[_Panel], lang: Lang) -> list[Line2D]:
    handles = [
        point(word("estimate_before", lang), MUTED),
        point(word("estimate_after", lang), BLUE),
        point(word("reference_period", lang), INK, marker="D", hollow=True),
    ]
    rows = [event_rows(one.result) for one in shown]
    if any((row["se"].isna() & ~reference_row(row)).any() for row in rows):
        handles.append(point(word("estimate_hollow", lang), BLUE, hollow=True))
    for one in shown:
        if one.honest is not None:
            key = "robust_smooth" if one.honest.kind == "smoothness" else "robust_relative"
            label = word(key, lang, m=_m(one.honest, one, lang))
            handles.append(stroke(label, GREEN, linewidth=5, solid_capstyle="butt"))
            break
    return handles


def _foot(shown: list[_Panel], lang: Lang) -> str:
    first = shown[0]
    level = number(100 * first.result.level, 0, lang)
    told = inference_text(first.result, lang)
    notes = [word("level_note", lang, level=level, inference=capital(told))]
    notes += [_calibration(check, lang) for check in first.result.diagnostics if _unsound(check)]
    if len({(one.result.n_obs, one.result.n_units) for one in shown}) == 1:
        return foot(first.about, lang, result=first.result, notes=notes)
    sizes = [f"{_name(one, True, lang)}: n = {number(one.result.n_obs, 0, lang)}" for one in shown]
    return foot(first.about, lang, notes=[capital("; ".join(sizes)) + ".", *notes])


def _unsound(check: CheckResult) -> bool:
    return check.name == "calibration" and check.status == "failed"


def _calibration(check: CheckResult, lang: Lang) -> str:
    return word("note_calibration", lang, size=number(100 * check.facts["size"], 0, lang))


def _align(grid: list[Axes]) -> None:
    limits = [ax.get_ylim() for ax in grid]
    for ax in grid:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
