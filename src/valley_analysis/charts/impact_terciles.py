"""The look before any model: outcomes of thirds of the units by exposure, over time."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke

from valley_analysis.charts.impact_look import AFTER, BLUE, ORANGE, legend_row, side_label
from valley_analysis.charts.impact_text import (
    About,
    foot,
    period_text,
    print_numbers,
    print_periods,
    word,
)
from valley_analysis.charts.style import (
    FAINT,
    MUTED,
    PAPER,
    dress,
    house,
    new_figure,
    panels,
)
from valley_analysis.errors import DesignError
from valley_analysis.text import Lang, small

TERCILES = ("low", "middle", "high")
Statistic = Literal["mean", "median"]
Change = Literal["index", "ratio", "difference", "level"]
LEAST = 10
"""Fewer units than this have no mean: they are drawn one by one."""
_LOOK: dict[str, dict[str, Any]] = {
    "high": {"color": ORANGE, "marker": "s", "linestyle": "-", "linewidth": 2.0},
    "middle": {"color": MUTED, "marker": "^", "linestyle": (0, (4, 2)), "linewidth": 1.3},
    "low": {"color": BLUE, "marker": "o", "linestyle": "-", "linewidth": 2.0},
}


def exposure_terciles(exposure: "pd.Series[float]") -> "pd.Series[str]":
    """Return the third of each unit by exposure: low, middle or high.

    At or below the lower third and at or above the upper one, as `impact.contrast` has its groups.

    Examples
    --------
    >>> exposure_terciles(pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0})).tolist()
    ['low', 'low', 'high', 'high']
    """
    known = exposure.dropna()
    low, high = np.quantile(known, [1 / 3, 2 / 3])
    third = np.where(known <= low, "low", np.where(known >= high, "high", "middle"))
    return pd.Series(third, known.index, dtype=object)


def tercile_paths(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    reference: Any,
    method: str | None = None,
    statistic: Statistic = "mean",
    change: Change = "index",
    least: int = 1,
) -> pd.DataFrame:
    """Return the outcome of each third of the units by exposure, period by period.

    Parameters
    ----------
    frame
        One row a unit, period and method.
    unit, period, outcome, exposure
        Columns; the exposure has one value a unit.
    reference
        The period that is 100 (or zero); a method without it has the nearest it has.
    method
        Column of the definition under which a value was published: nothing is spliced.
    statistic
        Over the units of a third that have a value in every period of a method.
    change
        "index"; "ratio" (an outcome in logarithms, as an index: of means this is the geometric
        mean, the one that models of logarithms and their contrasts have); "difference" (for
        shares) or "level".
    least
        A third with fewer units than this has no statistic: its units come one by one.

    Returns
    -------
    DataFrame
        Columns tercile, method, period, value, n (units that are left), of (units of the third),
        unit (empty for the statistic of a third) and base (whether it is the base).

    Raises
    ------
    DesignError
        If no unit of any third has a value in every period of a method.

    Examples
    --------
    >>> rows = [(u, t, u * t) for u in (1, 2, 3) for t in (1, 2)]
    >>> frame = pd.DataFrame(rows, columns=["u", "t", "y"]).assign(x=lambda f: f["u"])
    >>> columns = {"unit": "u", "period": "t", "outcome": "y", "exposure": "x"}
    >>> tercile_paths(frame, reference=1, **columns).query("period == 2")[
    ...     "value"].tolist()
    [200.0, 200.0, 200.0]
    """
    known = frame.dropna(subset=[outcome, exposure])
    third = exposure_terciles(known.groupby(unit)[exposure].first())
    known = known.assign(_third=known[unit].map(third), _method=known[method] if method else "")
    sizes, parts = third.value_counts(), []
    for (name, segment), rows in known.groupby(["_third", "_method"], sort=False, observed=True):
        everywhere = known.loc[known["_method"] == segment, period].nunique()
        full = rows[rows.groupby(unit)[period].transform("nunique") == everywhere]
        left = full[unit].nunique()
        if left >= least:
            means = full.groupby(period)[outcome].agg(statistic)
            drawn = {"": means} if left else {}
        else:
            drawn = {
                str(one): own.set_index(period)[outcome].sort_index()
                for one, own in full.groupby(unit)
            }
        for one, values in drawn.items():
            found = _relative(values, reference, change)
            parts.append(
                found.assign(
                    tercile=str(name), method=str(segment), n=left, of=int(sizes[name]), unit=one
                )
            )
    if not parts:
        raise DesignError(
            f"outcome {outcome!r}",
            ["no unit has a value in every period of any method"],
            "leave out periods that few units have",
        )
    return pd.concat(parts, ignore_index=True)


def _relative(values: "pd.Series[float]", reference: Any, change: Change) -> pd.DataFrame:
    """Values against their base: the reference, or the nearest period that there is."""
    later = [moment for moment in values.index if moment >= reference]
    base = later[0] if later else values.index[-1]
    if change == "index":
        # A count that was zero in the base year has no index.
        values = 100 * values / values[base] if values[base] else values * np.nan
    elif change == "ratio":
        values = 100 * np.exp(values - values[base])
    elif change == "difference":
        values = values - values[base]
    found = values.rename("value").rename_axis("period").reset_index()
    return found.assign(base=found["period"] == base)


def plot_terciles(
    frame: pd.DataFrame,
    lang: Lang = "en",
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    reference: Any,
    since: Any,
    about: About,
    method: str | None = None,
    statistic: Statistic = "mean",
    change: Change = "index",
    title: str | None = None,
) -> Figure:
    """Draw outcomes of the most, middle and least exposed third of units over time.

    Parameters
    ----------
    frame, unit, period, outcome, exposure, reference, method, statistic, change
        As in `tercile_paths`.
    lang
        "en" or "ru".
    since
        First period of the wave.
    about
        Names, scope and source; its names serve for methods.
    title
        Above the chart; a standard one unless given.
    """
    paths = tercile_paths(
        frame,
        unit=unit,
        period=period,
        outcome=outcome,
        exposure=exposure,
        reference=reference,
        method=method,
        statistic=statistic,
        change=change,
        least=LEAST,
    )
    shown = "geometric" if (statistic, change) == ("mean", "ratio") else statistic
    indexed: Change = "index" if change == "ratio" else change
    with house():
        fig = new_figure(5.2)
        at = period_text(reference, lang)
        reading = word(
            "reading_terciles",
            lang,
            outcome=about.outcome,
            statistic=word(f"stat_{shown}", lang),
            exposure=small(about.exposure),
            change=word(f"change_{indexed}", lang, reference=at),
        )
        note = "note_method_breaks" if len(set(paths["method"])) > 1 else "note_base"
        notes = [_left(paths, lang)]
        if change != "level":
            notes.append(word(note, lang))
        source = foot(about, lang, notes=notes)
        heading = title or word(
            "title_terciles", lang, outcome=about.outcome, wave=period_text(since, lang)
        )
        room = dress(fig, heading, reading, source)
        present = [name for name in reversed(TERCILES) if paths["tercile"].eq(name).any()]
        room = legend_row(fig, room, [_handle(paths, name, lang) for name in present])
        (ax,) = panels(fig, room, 1, 1, (0.8, 0.32, 0.15, 0.12))
        _draw(ax, paths, since, indexed, about, lang)
        print_numbers(ax.yaxis, lang)
        label = about.unit if change == "level" else word(f"axis_{indexed}", lang, reference=at)
        if change == "difference" and about.unit:
            label = f"{about.unit}, {label}"
        side_label(ax, label)
    return fig


def _draw(
    ax: Axes, paths: pd.DataFrame, since: Any, change: Change, about: About, lang: Lang
) -> None:
    periods = sorted(paths["period"].unique())
    place = {moment: k for k, moment in enumerate(periods)}
    start = min((place[m] for m in periods if m >= since), default=len(periods))
    ax.axvspan(start - 0.5, len(periods) - 0.5, color=AFTER, linewidth=0, zorder=0)
    if change != "level":
        ax.axhline(100 if change == "index" else 0, color=MUTED, linewidth=0.8, zorder=1)
    for (name, _, one), rows in paths.groupby(["tercile", "method", "unit"], sort=False):
        x = rows["period"].map(place).to_numpy(float)
        if one:
            thin = _LOOK[name] | {"linewidth": 0.7, "marker": ""}
            ax.plot(x, rows["value"], gid=f"unit of {name}", alpha=0.7, **thin)
            continue
        ax.plot(x, rows["value"], markersize=4.5, gid=f"tercile {name}", **_LOOK[name])
        if change != "level":
            base = rows["base"].to_numpy()
            ax.plot(x[base], rows["value"][base], "o", markersize=7, markerfacecolor=PAPER,
                    markeredgecolor=MUTED, zorder=5, gid="base")  # fmt: skip
    ax.set_xlim(-0.6, len(periods) - 0.4)
    # Units drawn one by one may leave the panel; what is a statistic always fits.
    single = paths["unit"].ne("")
    ends = [*paths.loc[~single, "value"], *paths.loc[single, "value"].quantile([0.1, 0.9])]
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    ax.set_ylim(low - 0.06 * (high - low), high + 0.14 * (high - low))
    since_text = word("since_line", lang, since=period_text(since, lang))
    look: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "va": "top", "fontsize": 7.5}
    look["path_effects"] = [Stroke(linewidth=2, foreground=AFTER), Normal()]
    if start < len(periods):
        ax.annotate(since_text, (start - 0.5, 1), (3, -3), textcoords="offset points",
                    color=MUTED, **look)  # fmt: skip
    _breaks(ax, paths, place, about, look)
    print_periods(ax.xaxis, list(range(len(periods))), periods, lang, 16)


def _breaks(
    ax: Axes, paths: pd.DataFrame, place: dict[Any, int], about: About, look: dict[str, Any]
) -> None:
    """A dotted line where a method begins, and its name at the foot."""
    first = paths.groupby("method")["period"].min().sort_values()
    if len(first) < 2:
        return
    for number, (method, moment) in enumerate(first.items()):
        if number:
            ax.axvline(place[moment] - 0.5, color=FAINT, linewidth=1.2, linestyle=":")
        named = about.names.get(str(method), str(method))
        ax.annotate(named, (place[moment] - 0.5, 0), (3, 3), textcoords="offset points",
                    color=MUTED, **(look | {"va": "bottom"}))  # fmt: skip


def _handle(paths: pd.DataFrame, name: str, lang: Lang) -> Line2D:
    """A sign of the legend with how many units are left of how many; thin where they are few."""
    own = paths[paths["tercile"] == name]
    counts = sorted({int(own["n"].min()), int(own["n"].max())})
    single = own["unit"].ne("").all()
    label = word(
        "tercile_single" if single else "tercile_n",
        lang,
        name=word(f"tercile_{name}", lang),
        n="–".join(map(str, counts)),
        of=int(own["of"].iloc[0]),
    )
    look = _LOOK[name] | ({"linewidth": 0.7, "marker": ""} if single else {})
    return Line2D([], [], markersize=5, label=label, **look)


def _left(paths: pd.DataFrame, lang: Lang) -> str:
    """Say how many units are left in each third, and what became of the others."""
    per = paths.groupby("tercile")[["n", "of"]].agg({"n": "min", "of": "first"})
    if (per["n"] == per["of"]).all():
        return word("note_balanced_all", lang)
    key = "note_balanced_few" if (per["n"] < LEAST).any() else "note_balanced"
    return word(key, lang, least=LEAST)
