"""Predictors of a synthetic control: means of columns over periods before the treatment."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from valley_analysis.errors import DesignError
from valley_analysis.impact.synthetic_panel import SyntheticPanel, told_period, told_units

Predictors = Mapping[str, tuple[str, Any]]
_AGGREGATIONS = ("mean", "median", "last")


def predictor_table(
    frame: pd.DataFrame, panel: SyntheticPanel, predictors: Predictors, unit: str, period: str
) -> tuple[pd.DataFrame, SyntheticPanel]:
    """Return units x predictors, and the panel of the units that have all of them.

    Donors without one of the predictors are left out with a note.

    Parameters
    ----------
    frame
        One row a unit and period.
    panel
        The same frame laid out.
    predictors
        Name -> (column, periods). Periods are one period, a list of them, a slice with both
        ends included, or "mean", "median" or "last" over all before the treatment. Values
        of several periods are averaged over those observed.
    unit, period
        Columns.

    Raises
    ------
    DesignError
        If a column is absent or not numeric, has no such period, is taken from treated
        periods, or a treated unit has no value.

    Examples
    --------
    >>> frame = pd.DataFrame({"u": list("abc") * 3, "t": [1] * 3 + [2] * 3 + [3] * 3})
    >>> frame["y"] = range(9)
    >>> from valley_analysis.impact.synthetic_panel import synthetic_panel
    >>> panel = synthetic_panel(frame, unit="u", period="t", outcome="y", treated="a", since=3)
    >>> table, _ = predictor_table(frame, panel, {"y early": ("y", slice(1, 2))}, "u", "t")
    >>> table["y early"].tolist()
    [1.5, 2.5, 3.5]
    """
    problems = [p for name in predictors for p in _problems(frame, panel, predictors[name], period)]
    if problems:
        raise DesignError("predictors", problems, "take columns as they were before the treatment")
    table = _table(frame, panel, predictors, unit, period, panel.since)
    empty = table.isna()
    problems += [
        f"column {predictors[name][0]!r}, unit {one!r}: treated, and no value for {name!r}"
        for name in table
        for one in panel.treated
        if empty.loc[one, name]
    ]
    lost = [u for u in panel.donors if empty.loc[u].any()]
    if len(panel.donors) - len(lost) < 2:
        problems.append(f"column {unit!r}: fewer than two donors have every predictor")
    if problems:
        raise DesignError("predictors", problems, "drop the predictor or choose other periods")
    if lost:
        panel = panel.without(
            lost, f"Left out of the donors for lack of predictors: {told_units(lost)}."
        )
    return table.loc[panel.wide.index], panel


def backdated_table(
    frame: pd.DataFrame,
    panel: SyntheticPanel,
    predictors: Predictors,
    unit: str,
    period: str,
    date: Any,
) -> pd.DataFrame:
    """Return the predictors as far as they were known before an earlier date.

    Parameters
    ----------
    frame, panel, predictors, unit, period
        As in `predictor_table`.
    date
        The earlier date; predictors without values before it, for all units, are left out.

    Examples
    --------
    >>> frame = pd.DataFrame({"u": list("abc") * 3, "t": [1] * 3 + [2] * 3 + [3] * 3})
    >>> frame["y"] = range(9)
    >>> from valley_analysis.impact.synthetic_panel import synthetic_panel
    >>> panel = synthetic_panel(frame, unit="u", period="t", outcome="y", treated="a", since=3)
    >>> chosen = {"early": ("y", 1), "late": ("y", 2)}
    >>> backdated_table(frame, panel, chosen, "u", "t", 2).columns.tolist()
    ['early']
    """
    table = _table(frame, panel, predictors, unit, period, date)
    return table.loc[panel.wide.index].dropna(axis=1)


def _problems(
    frame: pd.DataFrame, panel: SyntheticPanel, predictor: tuple[str, Any], period: str
) -> Iterator[str]:
    if not isinstance(predictor, tuple | list) or len(predictor) != 2:
        yield f"{predictor!r}; expected (column, periods), such as ('y', [2012, 2013])"
        return
    column, where = predictor
    if not isinstance(column, str):
        yield f"column {column!r}: columns are named by text"
        return
    if column not in frame:
        yield f"no column {column!r}; found {', '.join(map(str, frame.columns))}"
        return
    if not is_numeric_dtype(frame[column]):
        yield f"column {column!r}: {frame[column].dtype}; expected numbers"
        return
    if isinstance(where, str) and where in _AGGREGATIONS:
        return
    try:
        inside = frame.loc[within(frame[period], where), period]
    except (TypeError, ValueError):
        yield f"column {column!r}: periods {where!r}; expected {frame[period].dtype} as the frame's"
        return
    if inside.empty:
        yield f"column {column!r}: no period {where}"
    elif (inside >= panel.since).any():
        late = told_period(inside[inside >= panel.since].min())
        yield (
            f"column {column!r}, period {late}: a predictor from the treated periods "
            f"(since {told_period(panel.since)}) is itself an outcome"
        )


def within(periods: pd.Series, where: Any) -> pd.Series:
    """Return which periods are meant: one, a list, or a slice with both ends included.

    Examples
    --------
    >>> within(pd.Series([1960, 1961, 1962]), slice(1961, None)).tolist()
    [False, True, True]
    """
    if isinstance(where, slice):
        first = where.start if where.start is not None else periods.min()
        last = where.stop if where.stop is not None else periods.max()
        return periods.between(_like(periods, first), _like(periods, last))
    several = list(where) if isinstance(where, list | tuple | range | pd.Index) else [where]
    return periods.isin([_like(periods, one) for one in several])


def _like(periods: pd.Series, value: Any) -> Any:
    return pd.Timestamp(value) if pd.api.types.is_datetime64_any_dtype(periods) else value


def _table(
    frame: pd.DataFrame,
    panel: SyntheticPanel,
    predictors: Predictors,
    unit: str,
    period: str,
    date: Any,
) -> pd.DataFrame:
    early = frame[frame[period] < date].sort_values(period)
    columns = {}
    for name, (column, where) in predictors.items():
        aggregation = where if isinstance(where, str) and where in _AGGREGATIONS else None
        rows = early if aggregation else early[within(early[period], where)]
        grouped = rows.groupby(unit)[column]
        columns[name] = grouped.agg(aggregation or "mean").astype(float)
    return pd.DataFrame(columns).reindex(panel.wide.index)
