"""One series made ready for an interrupted time series: evenly spaced, checked before fitting."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from valley_analysis.errors import DesignError
from valley_analysis.gate import number_problems
from valley_analysis.impact.design import collinear
from valley_analysis.impact.synthetic_panel import Floats, as_period, told_period, told_units

# Mean days between rows, at least -> calendar unit.
_UNITS = ((360, "Y"), (85, "Q"), (27, "M"), (6.5, "W"), (0, "D"))
_SATURDAY = 5
_PERIOD = "period of the row"


@dataclass(frozen=True, eq=False)
class Series:
    """Values of one series in order of time.

    Attributes
    ----------
    values
        On the scale of the model (logarithms if asked for); missing where not observed.
    controls
        Periods x columns.
    periods
        Evenly spaced.
    start
        Position of the first treated period.
    names
        Of the controls.
    since
        The first treated period.
    """

    values: Floats
    controls: Floats
    periods: pd.Index
    start: int
    names: tuple[str, ...]
    since: Any

    @property
    def after(self) -> Floats:
        """1 from the first treated period on, else 0."""
        return (np.arange(len(self.values)) >= self.start).astype(float)

    @property
    def elapsed(self) -> Floats:
        """Periods since the first treated one, else 0."""
        return np.maximum(np.arange(len(self.values)) - self.start, 0).astype(float)


def lay_out(
    frame: pd.DataFrame,
    period: str,
    outcome: str,
    since: Any,
    controls: Sequence[str] = (),
    seasonal: int | None = None,
    log: bool = False,
    slope: bool = False,
    flag: str | None = None,
) -> Series:
    """Return the series of a frame, if an intervention in it can be estimated.

    Parameters
    ----------
    frame
        One row a period.
    period, outcome, controls, flag
        Columns.
    since
        First treated period.
    seasonal
        Number of seasons, or None.
    log
        Whether to take logarithms of the outcome.
    slope
        Whether the slope may change too.

    Raises
    ------
    DesignError
        With everything that is wrong, each with column and period.

    Examples
    --------
    >>> frame = pd.DataFrame({"t": range(2000, 2010), "y": [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]})
    >>> lay_out(frame, "t", "y", 2006).start
    6
    """
    columns = [period, outcome, *controls, *([flag] if flag else [])]
    missing = [name for name in columns if name not in frame]
    twice = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if twice:
        problems = [f"column {name!r}: named {columns.count(name)} times" for name in twice]
        raise DesignError("the frame", problems, "give each column one part")
    if missing:
        found = ", ".join(map(str, frame.columns))
        problems = [f"no column {name!r}; found {found}" for name in missing]
        raise DesignError("the frame", problems, "name the columns of your frame")
    index, problems = _periods(frame[period], period)
    start = None
    if not problems:
        start, problems = as_period(index, since, period)
    if problems:
        raise DesignError(f"outcome {outcome!r}", problems, "give one evenly spaced series")
    used = frame[columns].set_axis(index).sort_index()
    problems = [*_values(used, outcome, controls, log, flag)]
    first = int((used.index < start).sum())
    if not problems:
        problems = [*_support(used, outcome, controls, first, seasonal, slope, since)]
    if problems:
        raise DesignError(f"outcome {outcome!r}", problems, "change the design or the rows")
    values = used[outcome].to_numpy(float, na_value=np.nan)
    return Series(
        np.log(values) if log else values,
        used[list(controls)].to_numpy(float),
        used.index,
        first,
        tuple(controls),
        start,
    )


def _periods(column: pd.Series, name: str) -> tuple[pd.Index, list[str]]:
    """The periods as numbers or dates, in the order of the rows."""
    if column.isna().any():
        return pd.Index(column), [
            f"column {name!r}: {int(column.isna().sum())} rows have no period"
        ]
    index = pd.Index(column)
    if isinstance(index, pd.DatetimeIndex) and index.tz is not None:
        index = index.tz_localize(None)  # the clock of the zone that the dates are given in
    if not (is_numeric_dtype(index) or isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)):
        try:
            index = pd.DatetimeIndex(pd.to_datetime(column, format="ISO8601"))
        except (TypeError, ValueError):
            found = f"found {column.iloc[0]!r}"
            return index, [f"column {name!r}: expected years, dates or ISO texts; {found}"]
    if index.has_duplicates:
        twice = told_units([told_period(p) for p in index[index.duplicated()].unique()], 5)
        return index, [f"column {name!r}, period {twice}: more than one row; give one unit's rows"]
    return index, [*_skipped(index.sort_values(), name)]


def _skipped(index: pd.Index, name: str) -> Iterator[str]:
    if len(index) < 3:
        yield f"column {name!r}: {len(index)} periods"
        return
    if is_numeric_dtype(index):
        steps = np.diff(index.to_numpy(float))
        wide = np.flatnonzero(steps > 1.5 * steps.min())
        gaps = [f"{told_period(index[i])} to {told_period(index[i + 1])}" for i in wide]
    else:
        gaps = _calendar_gaps(index)
    if gaps:
        yield f"column {name!r}: no rows between or in {told_units(gaps, 5)}; expected even steps"


def _calendar_gaps(index: pd.Index) -> list[str]:
    if isinstance(index, pd.DatetimeIndex):
        # Gaps lengthen the mean step; the median tells the calendar unit all the same.
        days = float(pd.Series(index).diff().median() / pd.Timedelta(days=1))
        unit = next(unit for least, unit in _UNITS if days >= least)
        if unit == "D" and (index.dayofweek < _SATURDAY).all():
            working = pd.bdate_range(index[0], index[-1])
            return [told_period(one) for one in working.difference(index)]
        index = index.to_period(unit)
    expected = pd.period_range(index[0], index[-1], freq=index.freq)
    return [str(one) for one in expected.difference(index)]


def _values(
    used: pd.DataFrame, outcome: str, controls: Sequence[str], log: bool, flag: str | None
) -> Iterator[str]:
    for name in (outcome, *controls):
        keyed = used[[name]].assign(**{_PERIOD: used.index})
        yield from number_problems(keyed, [name], {"period": _PERIOD})
    if outcome in controls:
        yield f"column {outcome!r}: stands on both sides"
    for name in controls:
        if used[name].isna().any():
            where = _when(used, used[name].isna())
            yield f"column {name!r}, period {where}: a control has no value"
    if log and is_numeric_dtype(used[outcome]) and (used[outcome] <= 0).any():
        where = _when(used, used[outcome] <= 0)
        yield f"column {outcome!r}, period {where}: not above zero, so it has no logarithm"
    if flag and (imputed := used[flag].eq("imputed") & used[outcome].notna()).any():
        yield f"column {outcome!r}, period {_when(used, imputed)}: imputed; leave the value missing"


def _when(used: pd.DataFrame, where: pd.Series) -> str:
    return told_units([told_period(p) for p in used.index[where]], 5)


def _support(
    used: pd.DataFrame,
    outcome: str,
    controls: Sequence[str],
    first: int,
    seasonal: int | None,
    slope: bool,
    since: Any,
) -> Iterator[str]:
    span = f"found {told_period(used.index[0])} to {told_period(used.index[-1])}"
    if seasonal is not None and seasonal < 2:
        yield f"seasonal={seasonal!r}; expected two or more seasons, or None"
        return
    known = used[outcome].notna().to_numpy()
    before, after = int(known[:first].sum()), int(known[first:].sum())
    needed = max(5, 2 * (seasonal or 0)) + len(controls)
    if before < needed:
        yield (
            f"column {outcome!r}: {before} values before {since}, expected {needed} or more; {span}"
        )
    if after < 1 + slope:
        yield f"column {outcome!r}: {after} values from {since} on, expected {1 + slope}; {span}"
    if used[outcome].nunique() < 2:
        yield f"column {outcome!r}: the same in every period"
    step = pd.Series((np.arange(len(used)) >= first).astype(float), used.index, name="the shift")
    columns = [step]
    if slope:
        ramp = np.maximum(np.arange(len(used)) - first, 0).astype(float)
        columns.append(pd.Series(ramp, used.index, name="the change of slope"))
    design = pd.concat([*columns, *(used[name].astype(float) for name in controls)], axis=1)
    if before and after:
        yield from collinear(design[known])
