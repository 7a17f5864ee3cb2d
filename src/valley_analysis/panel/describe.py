"""Statistics for the audit of the panel: how much there is, how it spreads, where it breaks."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import PeriodError
from valley_analysis.frames import FLAGS
from valley_analysis.panel.plain import plain
from valley_analysis.panel.quality import reconcile
from valley_analysis.panel.series import find_series, is_share, load_series
from valley_analysis.text import Lang, check_lang

NOT_PRINTED = "not_printed"
STATES = (*FLAGS, NOT_PRINTED)
THEMES = (
    *("population", "labour", "incomes", "education", "product", "organisations"),
    *("digital", "research", "technology", "innovation", "prices", "trade"),
)
MOSCOW = "RU-MOW"
# Sections of the yearbook by theme; section 18 is told apart by its tables.
_SECTIONS = {
    **{"01": "population", "02": "labour", "03": "incomes", "04": "education"},
    **{"08": "product", "09": "product", "10": "product", "11": "organisations"},
    **{"12": "organisations", "17": "digital", "20": "prices", "21": "trade"},
}


def theme(series: str) -> str:
    """Return the theme of a series: the section of the yearbook that prints it.

    Examples
    --------
    >>> theme("grp"), theme("patents"), theme("shipments_surveyed")
    ('product', 'technology', 'innovation')
    """
    table = find_series(series).tables[0].partition("/")[2]
    section, _, rest = table.partition(".")
    if section in _SECTIONS:
        return _SECTIONS[section]
    number = rest.partition(".")[0]
    if not number.isdigit() or int(number) >= 12:
        return "innovation"
    return "technology" if int(number) >= 9 else "research"


def series_labels(lang: Lang = "en") -> dict[str, str]:
    """Return the names of all series, ordered by theme.

    Examples
    --------
    >>> series_labels()["grp"]
    'Gross regional product'
    """
    chosen = check_lang(lang)
    register = load_series()
    ordered = sorted(register, key=lambda name: THEMES.index(theme(name)))
    return {name: str(getattr(register[name].name, chosen)) for name in ordered}


def series_units(lang: Lang = "en") -> dict[str, str]:
    """Return the units of measurement of all series.

    Examples
    --------
    >>> series_units("ru")["grp"]
    'млн руб.'
    """
    chosen = check_lang(lang)
    return {name: str(getattr(series.unit, chosen)) for name, series in load_series().items()}


def gini(values: Iterable[float]) -> float:
    """Return the Gini coefficient, corrected for the number of values.

    0 where all are equal, 1 where one has everything; missing for fewer than two values, for
    negative ones, and where all are zero.

    Examples
    --------
    >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 8])
    (0.0, 1.0)
    """
    x = np.sort(np.asarray([value for value in values if value == value], dtype=float))
    n = len(x)
    if n < 2 or x[0] < 0 or x.sum() == 0:
        return float("nan")
    place = 2 * np.arange(1, n + 1) - n - 1
    return float((place * x).sum() / ((n - 1) * x.sum()))


def panel_contents(panel: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
    """Count what a panel holds.

    Parameters
    ----------
    panel
        All vintages (`load_panel("all")`).
    units
        Disjoint units.

    Returns
    -------
    Columns what (series, methods: series under more than one method, periods, vintages,
    regions: units) and count, as text.
    """
    methods = panel[["series", "method"]].drop_duplicates()["series"].value_counts()
    counts = {
        "series": str(panel["series"].nunique()),
        "methods": str(int((methods > 1).sum())),
        "periods": f"{panel['period'].min()}–{panel['period'].max()}",
        "vintages": ", ".join(sorted(panel["vintage"].astype("str").unique())),
        "regions": str(len(units)),
    }
    return pd.DataFrame({"what": list(counts), "count": list(counts.values())})


def describe_series(
    panel: pd.DataFrame,
    series: str | Sequence[str] | None,
    period: int,
    units: Sequence[str],
) -> pd.DataFrame:
    """Describe how series spread over units in one period.

    Parameters
    ----------
    panel
        One row a cell and method (`load_panel()`).
    series
        One id, several, or None for all that print the period.
    period
        The year described.
    units
        Disjoint units.

    Returns
    -------
    One row a series and method: n, mean, sd (n - 1), cv (%), min, median, max, min_region,
    max_region, skewness, gini; of additive series moscow_share and top5_share (% of the
    published national total); then the number of cells with each flag. Concentration is
    missing where a value is negative.

    Raises
    ------
    PeriodError
        If no unit has a cell of that period.
    """
    wanted = [series] if isinstance(series, str) else list(series or load_series())
    for name in wanted:
        find_series(name)
    rows = plain(panel[(panel["period"] == period) & panel["series"].isin(wanted)])
    cells = rows[rows["region"].isin(list(units))]
    if cells.empty:
        raise PeriodError(
            f"no unit has a cell of {', '.join(wanted[:3])} in {period}. "
            f"Next step: choose a period of {panel['period'].min()}-{panel['period'].max()}."
        )
    totals = rows[rows["region"] == "RU"].set_index(["series", "method"])["value"]
    found = [
        {"series": key[0], "method": key[1], **_statistics(group, key[0], totals.get(key))}
        for key, group in cells.groupby(["series", "method"])
    ]
    table = pd.DataFrame(found)
    order = {name: place for place, name in enumerate(series_labels())}
    return table.sort_values("series", key=lambda s: s.map(order), kind="stable", ignore_index=True)


def _statistics(cells: pd.DataFrame, series: str, total: float | None) -> dict[str, Any]:
    values = cells.set_index("region")["value"].dropna()
    flags = {flag: int((cells["flag"] == flag).sum()) for flag in FLAGS}
    if values.empty:
        return {"n": 0, **flags}
    mean, sd = values.mean(), values.std()
    positive = values.min() >= 0
    shares = load_series()[series].additive and positive and bool(total)
    whole = total if shares and total else float("nan")
    return {
        **{"n": len(values), "mean": mean, "sd": sd},
        "cv": 100 * sd / mean if positive and mean > 0 else float("nan"),
        **{"min": values.min(), "median": values.median(), "max": values.max()},
        **{"min_region": values.idxmin(), "max_region": values.idxmax()},
        "skewness": float(values.skew()),
        "gini": gini(values),
        "moscow_share": 100 * values.get(MOSCOW, float("nan")) / whole,
        "top5_share": 100 * values.nlargest(5).sum() / whole,
        **flags,
    }


def coverage_table(panel: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
    """Count, for every series and period, how many units are observed and why others are not.

    Parameters
    ----------
    panel
        One row a cell and method.
    units
        Disjoint units. Where a unit is printed under two methods, the one with a value counts.

    Returns
    -------
    Columns series, period, units, filled (with a value), share (filled of units), flag (the
    most frequent state), then one count a state: the flags, and not_printed for cells that
    no table holds. Every series has all periods of the panel.
    """
    rows = plain(panel[panel["region"].isin(list(units))])
    rows = rows.assign(filled=rows["value"].notna()).sort_values("filled", kind="stable")
    cells = rows.drop_duplicates(["series", "region", "period"], keep="last")
    periods = range(int(panel["period"].min()), int(panel["period"].max()) + 1)
    every = pd.MultiIndex.from_product([list(series_labels()), periods], names=["series", "period"])
    by = ["series", "period"]
    counts = cells.pivot_table(index=by, columns="flag", values="region", aggfunc="count")
    counts = counts.reindex(index=every, columns=list(FLAGS)).fillna(0).astype(int)
    counts[NOT_PRINTED] = len(units) - counts.sum(axis=1)
    filled = cells.groupby(by)["filled"].sum().reindex(every, fill_value=0).astype(int)
    table = counts.assign(
        units=len(units), filled=filled, share=filled / len(units), flag=counts.idxmax(axis=1)
    )
    return table[["units", "filled", "share", "flag", *STATES]].reset_index()


def method_breaks(panel: pd.DataFrame) -> pd.DataFrame:
    """List every change of method, with the national figure before and after.

    Parameters
    ----------
    panel
        One row a cell and method.

    Returns
    -------
    One row a change: series, old, old_first, old_last, new, new_first, new_last, overlap
    (periods printed under both methods, as text), old_period, old_value, new_period,
    new_value, change_percent. Both periods are the last one of the overlap; without one
    they are the last of the old and the first of the new method, so that the change
    mixes method and time.
    """
    national = plain(panel[(panel["region"] == "RU") & panel["value"].notna()])
    national = national[national["method"] != ""]
    found = []
    for series in series_labels():
        rows = national[national["series"] == series]
        spans = {
            method: group.set_index("period")["value"] for method, group in rows.groupby("method")
        }
        order = sorted(spans, key=lambda method: int(spans[method].index.min()))
        found += [
            _break(series, old, spans[old], new, spans[new])
            for old, new in itertools.pairwise(order)
        ]
    return pd.DataFrame(found)


def _break(
    series: str, old: str, before: "pd.Series[float]", new: str, after: "pd.Series[float]"
) -> dict[str, Any]:
    both = sorted(set(before.index) & set(after.index))
    last, first = (both[-1], both[-1]) if both else (before.index.max(), after.index.min())
    change = 100 * (after[first] / before[last] - 1)
    return {
        **{"series": series, "old": old, "old_first": int(before.index.min())},
        **{"old_last": int(before.index.max()), "new": new, "new_first": int(after.index.min())},
        **{"new_last": int(after.index.max()), "overlap": ", ".join(str(year) for year in both)},
        **{"old_period": int(last), "old_value": before[last]},
        **{"new_period": int(first), "new_value": after[first], "change_percent": change},
    }


def continuity(panel: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
    """Compare each period with the one before, within one method: breaks that nobody marked.

    Parameters
    ----------
    panel
        One row a cell and method.
    units
        Disjoint units.

    Returns
    -------
    Columns series, method, period, n (units in both), rank_correlation (Spearman, between
    the two periods), usual (median of that correlation over all periods), median_change
    (% change of the median; missing for shares and where a value is negative), median_points
    (change of the median of a share, in percentage points). A correlation far below the
    usual one says that the order of the regions was reshuffled at once.
    """
    rows = plain(panel[panel["region"].isin(list(units))])
    found: list[dict[str, Any]] = []
    for (series, method), group in rows.groupby(["series", "method"]):
        found += _steps(
            series, method, group.pivot(index="region", columns="period", values="value")
        )
    table = pd.DataFrame(found)
    usual = table.groupby(["series", "method"])["rank_correlation"].transform("median")
    table.insert(5, "usual", usual)
    return table


def _steps(series: str, method: str, wide: pd.DataFrame) -> Iterator[dict[str, Any]]:
    columns = {int(period): wide[period].to_numpy() for period in wide}
    for period in sorted(columns):
        if period - 1 not in columns:
            continue
        old, new = columns[period - 1], columns[period]
        both = ~np.isnan(old) & ~np.isnan(new)
        old, new = old[both], new[both]
        varied = len(old) > 2 and np.ptp(old) > 0 and np.ptp(new) > 0
        signed = not len(old) or min(old.min(), new.min()) < 0
        middle = 0.0 if signed else float(np.median(old))
        yield {
            **{"series": series, "method": method, "period": period, "n": len(old)},
            "rank_correlation": (
                float(np.corrcoef(_ranks(old), _ranks(new))[0, 1]) if varied else float("nan")
            ),
            "median_change": (
                100 * (float(np.median(new)) / middle - 1)
                if middle > 0 and not is_share(series)
                else float("nan")
            ),
            "median_points": (
                float(np.median(new) - np.median(old))
                if len(old) and is_share(series)
                else float("nan")
            ),
        }


def _ranks(values: "np.ndarray") -> "np.ndarray":
    """Ranks from 1, ties sharing their mean (scipy.stats.rankdata without its import)."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks: np.ndarray = (np.cumsum(count) - (count - 1) / 2)[place]
    return ranks


def total_gaps(panel: pd.DataFrame) -> pd.DataFrame:
    """Return `quality.reconcile` with the gap in per cent, for series in the panel's order.

    Returns
    -------
    The columns of `reconcile`, and gap_percent (gap as % of the published total).
    """
    sums = reconcile(plain(panel))
    sums = sums.assign(gap_percent=100 * sums["gap"] / sums["total"].abs())
    order = {name: place for place, name in enumerate(series_labels())}
    return sums.sort_values(
        ["series", "period"],
        key=lambda s: s.map(order) if s.name == "series" else s,
        ignore_index=True,
    )
