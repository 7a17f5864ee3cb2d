"""Figures that leave their series' path further than the series ever did elsewhere."""

import numpy as np
import pandas as pd

from valley_analysis.panel.plain import plain
from valley_analysis.panel.series import load_series
from valley_analysis.panel.vintages import compare_vintages

COLUMNS = (
    *("series", "region", "period", "method", "vintage"),
    *("before", "value", "after", "times", "others"),
)
LEAST = 5.0
MARGIN = 2.0
_LINE = ["series", "method", "vintage", "region"]


def far_jumps(panel: pd.DataFrame) -> pd.DataFrame:
    """List the figures that are several times, or a fraction of, what stands beside them.

    A figure is compared with both neighbouring years, the first and the last of a line with the
    two years next to them; it counts only if it lies above or below both.
    It is listed if it differs `LEAST` times or more, and more than `MARGIN` times as much as any
    figure did in another region that is as large. One unit of the table is added to every
    figure, so that zero compares and handfuls do not jump. A figure that another vintage prints
    `LEAST` times otherwise is listed too.

    Parameters
    ----------
    panel
        All vintages (`build_panel`). Derived figures and series that may be negative, whose
        quotients say nothing, are left out.

    Returns
    -------
    Columns series, region, period, method, vintage, before, value, after (the neighbouring
    years), times (how far off, 10 up or down alike), others (the largest of that kind in other
    regions as large; missing for another vintage).

    Examples
    --------
    >>> rows = [("a", 90.0), ("a", 900.0), ("a", 95.0), ("b", 80.0), ("b", 85.0), ("b", 90.0)]
    >>> panel = pd.DataFrame(rows, columns=["region", "value"]).assign(
    ...     period=[2000, 2001, 2002] * 2, series="researchers", method="",
    ...     vintage="2023-12", flag="observed", source="table")
    >>> far_jumps(panel)[["region", "period", "value", "times"]].round(1).to_dict("records")
    [{'region': 'a', 'period': 2001, 'value': 900.0, 'times': 9.4}]
    """
    register = load_series()
    names = [name for name, one in register.items() if one.least >= 0]
    rows = plain(panel).dropna(subset=["value"])
    rows = rows[rows["series"].isin(names) & (rows["flag"] != "derived")]
    rows = rows[np.isfinite(rows["value"]) & (rows["value"] >= 0)]  # the rest is impossible
    return pd.concat([_beyond(_neighbours(rows)), _revised(rows)], ignore_index=True)[list(COLUMNS)]


def _neighbours(rows: pd.DataFrame) -> pd.DataFrame:
    """Each figure beside those of the years around it, and its distance from them."""
    rows = rows.sort_values([*_LINE, "period"])
    line = rows.groupby(_LINE, sort=False)

    def beside(years: int) -> "pd.Series[float]":
        adjacent = line["period"].shift(years) == rows["period"] - years
        return line["value"].shift(years).where(adjacent)

    before, after = beside(1), beside(-1)
    first, last = before.isna(), after.isna()
    own = _log(rows, rows["value"])
    one = own - _log(rows, before.where(~first, after))
    other = own - _log(rows, after.where(~last, beside(2)).where(~first, beside(-2)))
    other = other.fillna(one)  # a line of two figures
    off = np.minimum(one.abs(), other.abs()).where(one * other > 0, 0.0)
    return rows.assign(
        before=before,
        after=after,
        size=np.fmax(before, after),
        inner=~first & ~last,
        step=(own - _log(rows, before)).abs(),
        off=off,
    )


def _log(rows: pd.DataFrame, values: "pd.Series[float]") -> "pd.Series[float]":
    scale = rows["series"].map({name: one.scale for name, one in load_series().items()})
    logs: pd.Series[float] = np.log(values + scale.astype(float))
    return logs


def _beyond(lines: pd.DataFrame) -> pd.DataFrame:
    """Figures that are further off than those of other regions as large in the same series."""
    series, _ = pd.factorize(lines["series"])
    region, _ = pd.factorize(lines["region"])
    size, inner = lines["size"].to_numpy(), lines["inner"].to_numpy()
    off = lines["off"].to_numpy()
    # Inside a line with what stands inside lines, at its ends with every step of a year.
    measures = {True: np.where(inner, off, 0.0), False: np.nan_to_num(lines["step"].to_numpy())}
    ends = np.searchsorted(series, np.arange(series.max() + 2))
    (far,) = np.nonzero(off >= np.log(LEAST))
    others = np.zeros(len(far))
    for place, cell in enumerate(far):
        same = slice(ends[series[cell]], ends[series[cell] + 1])
        as_large = (size[same] >= size[cell]) & (region[same] != region[cell])
        others[place] = measures[bool(inner[cell])][same].max(where=as_large, initial=0.0)
    found = lines.iloc[far].assign(times=np.exp(off[far]), others=np.exp(others))
    return found[found["times"] > MARGIN * found["others"]]


def _revised(rows: pd.DataFrame) -> pd.DataFrame:
    pairs = compare_vintages(rows).dropna(subset=["value_old", "value_new"])
    pairs = pairs.rename(
        columns={"vintage_new": "vintage", "value_new": "value", "value_old": "before"}
    )
    off = (_log(pairs, pairs["value"]) - _log(pairs, pairs["before"])).abs()
    found = pairs.assign(times=np.exp(off), after=float("nan"), others=float("nan"))
    return found[off >= np.log(LEAST)].astype({"period": int})
