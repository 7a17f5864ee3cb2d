"""Changes against exposure, unit by unit: a labelled scatter with a line and its band."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from valley_analysis.charts.impact_look import (
    BLUE,
    ORANGE,
    legend_row,
    low_label,
    point,
    side_label,
)
from valley_analysis.charts.impact_sentences import label_text
from valley_analysis.charts.impact_text import (
    About,
    compact,
    foot,
    period_text,
    print_numbers,
    word,
)
from valley_analysis.charts.labels import place_labels
from valley_analysis.charts.style import (
    INK,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    panels,
)
from valley_analysis.errors import DesignError
from valley_analysis.text import Lang, number

Kind = Literal["difference", "percent", "ratio"]
LineKind = Literal["theil_sen", "ols"]
_BAND = "#d6dbe1"
_LEAST = 4


@dataclass(frozen=True, eq=False)
class Line:
    """A line through points, with the interval of its slope and a band.

    Attributes
    ----------
    slope, intercept, low, high
        The line, and the interval of its slope.
    band
        Values of x -> lower and upper end of the band.
    """

    slope: float
    intercept: float
    low: float
    high: float
    band: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

    def at(self, x: Any) -> Any:
        """Return the line's height."""
        return self.intercept + self.slope * np.asarray(x, dtype=float)


def unit_changes(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    before: Collection[Any],
    after: Collection[Any],
    kind: Kind = "difference",
) -> pd.DataFrame:
    """Return of each unit its exposure and the change of its mean outcome.

    Parameters
    ----------
    frame
        One row a unit and period.
    unit, period, outcome, exposure
        Columns; the exposure has one value a unit.
    before, after
        Periods whose means are compared; a unit needs all of them.
    kind
        "difference"; "percent" of the mean before; or "ratio", the logarithm of the mean after over
        that before, for counts: a unit that counted nothing on either side has none.

    Returns
    -------
    DataFrame
        By unit: exposure, change.

    Raises
    ------
    DesignError
        If fewer than four units have all these periods.

    Examples
    --------
    >>> rows = [(u, t, u + t * u) for u in range(4) for t in (1, 2)]
    >>> frame = pd.DataFrame(rows, columns=["u", "t", "y"]).assign(x=lambda f: f["u"])
    >>> columns = {"unit": "u", "period": "t", "outcome": "y", "exposure": "x"}
    >>> unit_changes(frame, before=[1], after=[2], **columns)["change"].tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    wide = frame.pivot(index=unit, columns=period, values=outcome)
    wide = wide.reindex(columns=[*before, *after])
    early, late = wide[list(before)].mean(axis=1), wide[list(after)].mean(axis=1)
    if kind == "ratio":
        change = np.log(late.where(late > 0) / early.where(early > 0))
    else:
        change = late - early if kind == "difference" else 100 * (late / early - 1)
    change = change.where(wide.notna().all(axis=1))
    found = pd.DataFrame({"exposure": frame.groupby(unit)[exposure].first(), "change": change})
    found = found.replace([np.inf, -np.inf], np.nan).dropna()
    if len(found) < _LEAST:
        raise DesignError(
            f"outcome {outcome!r}",
            [f"{len(found)} units have all of {[*before, *after]} and an exposure"],
            "choose periods that more units have",
        )
    return found


def fit_line(x: Sequence[float], y: Sequence[float], kind: LineKind, level: float = 0.95) -> Line:
    """Return the line of median slopes (Theil 1950, Sen 1968), or of least squares.

    The band of the first holds the lines through the medians with the ends of the slope's
    interval; that of the second is the pointwise interval with HC3 errors (MacKinnon and White
    1985).

    Examples
    --------
    >>> line = fit_line([0.0, 1, 2, 3], [0.0, 1, 2, 30], "theil_sen")
    >>> line.slope, float(line.at(1.5))
    (5.5, 1.5)
    """
    points, values = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if kind == "theil_sen":
        found = stats.theilslopes(values, points, alpha=level)
        slope, low, high = found.slope, found.low_slope, found.high_slope
        middle, height = float(np.median(points)), float(np.median(values))

        def fan(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            ends = np.sort([height + low * (at - middle), height + high * (at - middle)], axis=0)
            return ends[0], ends[1]

        return Line(float(slope), height - float(slope) * middle, float(low), float(high), fan)
    design = np.column_stack([np.ones_like(points), points])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ values
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    pushed = design * ((values - design @ beta) / (1 - leverage))[:, None]
    covariance = inverse @ (pushed.T @ pushed) @ inverse
    t = float(stats.t.ppf(0.5 + level / 2, len(points) - 2))

    def band(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = np.column_stack([np.ones_like(at), at])
        half = t * np.sqrt(np.einsum("ij,jk,ik->i", rows, covariance, rows))
        return rows @ beta - half, rows @ beta + half

    half = t * float(np.sqrt(covariance[1, 1]))
    slope = float(beta[1])
    return Line(slope, float(beta[0]), slope - half, slope + half, band)


def plot_changes(
    frame: pd.DataFrame,
    lang: Lang = "en",
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    before: Sequence[Any],
    after: Sequence[Any],
    about: About,
    kind: Kind = "difference",
    line: LineKind = "theil_sen",
    level: float = 0.95,
    marked: Collection[Any] = (),
    marked_as: str = "",
    labels: int = 12,
    axis: str = "",
    title: str | None = None,
) -> Figure:
    """Draw the change of every unit against its exposure, all points of one size.

    Parameters
    ----------
    frame, unit, period, outcome, exposure, before, after, kind
        As in `unit_changes`.
    lang
        "en" or "ru".
    about
        Names, scope and source.
    line, level
        As in `fit_line`.
    marked, marked_as
        Units that stand out, and what they are (hosts of valleys).
    labels
        How many extremes are named.
    axis
        On which scale exposure stands, for its axis.
    title
        Above the chart; a standard one unless given.
    """
    table = unit_changes(frame, unit=unit, period=period, outcome=outcome, exposure=exposure,
                         before=before, after=after, kind=kind)  # fmt: skip
    fitted = fit_line(table["exposure"], table["change"], line, level)
    spans = {"before": _years(before, lang), "after": _years(after, lang)}
    with house():
        fig = new_figure(6.2)
        reading = word(
            "reading_ratio" if kind == "ratio" else "reading_changes",
            lang,
            outcome=about.outcome,
            line=_line_text(fitted, line, level, kind, about, lang),
            **spans,
        )
        notes = [word("n_units_note", lang, n=len(table)), word(f"band_{line}", lang),
                 word("labels_note", lang)]  # fmt: skip
        if kind == "ratio":
            notes.insert(1, word("none_note", lang))
        source = foot(about, lang, notes=notes)
        wave = period_text(about.since if about.since is not None else min(after), lang)
        heading = title or word("title_changes", lang, outcome=about.outcome, wave=wave)
        room = dress(fig, heading, reading, source)
        if marked_as:
            room = legend_row(fig, room, [point(marked_as, ORANGE, marker="s", hollow=True)])
        (ax,) = panels(fig, room, 1, 1, (0.85, 0.5, 0.15, 0.12))
        _scatter(ax, table, fitted, marked)
        print_numbers(ax.yaxis, lang)
        print_numbers(ax.xaxis, lang)
        low_label(ax, ", ".join(filter(None, (about.exposure, axis))))
        side_label(ax, word("axis_change", lang, unit=_unit(kind, about, lang)))
        names = {key: label_text(key, about, lang) for key in extremes(table, fitted, labels)}
        points = {key: (row.exposure, row.change) for key, row in zip(table.index,
                  table.itertuples(), strict=True)}  # fmt: skip
        ends = np.linspace(*ax.get_xlim(), 120)
        lines = [(x, 0.0) for x in ends] + [(x, float(fitted.at(x))) for x in ends]
        place_labels(ax, points, names, 7.5, led=list(names), avoid=lines)
    return fig


def extremes(table: pd.DataFrame, line: Line, count: int) -> list[Any]:
    """Return the units to name: most and least exposed, then the farthest from the line."""
    by_exposure = table["exposure"].sort_values(kind="stable").index
    ends = [*by_exposure[::-1][: max(1, count // 4)], *by_exposure[:1]]
    away = (table["change"] - line.at(table["exposure"])).abs()
    far = away.sort_values(ascending=False, kind="stable").index
    return list(dict.fromkeys([*far[: max(count - len(ends), 0)], *ends]))[:count]


def _scatter(ax: Axes, table: pd.DataFrame, line: Line, marked: Collection[Any]) -> None:
    x, y = table["exposure"].to_numpy(float), table["change"].to_numpy(float)
    reach = np.linspace(x.min(), x.max(), 101)
    low, high = line.band(reach)
    ax.fill_between(reach, low, high, color=_BAND, linewidth=0, alpha=0.7, zorder=1)
    ax.plot(reach, line.at(reach), color=INK, linewidth=1.4, zorder=2, gid="line")
    ax.axhline(0, color=MUTED, linewidth=0.8, zorder=1)
    own = table.index.isin(list(marked))
    for side, colour, marker in ((~own, BLUE, "o"), (own, ORANGE, "s")):
        ax.plot(x[side], y[side], marker, markersize=5.5, markerfacecolor=PAPER,
                markeredgecolor=colour, markeredgewidth=1.4, zorder=3,
                gid="points" if marker == "o" else "marked")  # fmt: skip
    for axis, values in (("x", x), ("y", y)):
        air = 0.06 * max(float(np.ptp(values)), 1e-9)
        getattr(ax, f"set_{axis}lim")(values.min() - air, values.max() + air)


def _years(periods: Sequence[Any], lang: Lang) -> str:
    ends = dict.fromkeys([period_text(min(periods), lang), period_text(max(periods), lang)])
    return "–".join(ends)


def _unit(kind: Kind, about: About, lang: Lang) -> str:
    return "%" if kind == "percent" else about.unit or word("unit_of_outcome", lang)


def _line_text(
    line: Line, shape: LineKind, level: float, kind: Kind, about: About, lang: Lang
) -> str:
    scale = 1.0 if about.iqr is None else about.iqr
    slope, low, high = (compact(v * scale, lang) for v in (line.slope, line.low, line.high))
    unit = _unit(kind, about, lang)
    slope = f"{slope}\u00a0{unit}" if about.unit or unit == "%" else slope
    share = number(100 * level, 0, lang)
    return word(
        f"line_{shape}", lang, slope=slope, low=low, high=high, level=share, per=about.per(lang)
    )
