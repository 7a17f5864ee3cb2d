"""Imputing missing values: from other periods, other units, or the other indicators.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 3 (single
imputation by mean, regression and expectation-maximisation; Little and Rubin 2002).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.escape import paragraph
from valley_analysis.scoring.impute_models import Filled, fill_em, fill_regression
from valley_analysis.scoring.steps import (
    Array,
    blocks,
    checked_frame,
    choose,
    is_panel,
    log_cells,
    refuse,
    rescaled,
    units_text,
)

METHODS = ("previous", "interpolate", "regression", "em", "group_mean", "group_median", "none")
OVER_TIME = ("previous", "interpolate")


@dataclass(frozen=True)
class Imputed:
    """A frame with values in place of missing ones.

    Attributes
    ----------
    frame
        Like the one that came in; observed values untouched.
    changes
        Every value imputed: (period,) unit, indicator, from (missing), to, why, error (its
        standard error, missing where the method gives none).
    left
        Every value still missing: (period,) unit, indicator, why.
    errors
        Like `frame`: standard error of imputation in the indicator's unit; 0 where observed,
        missing where unknown.
    report
        Indicators down: missing (before), imputed, kept (missing on purpose), left.
    convergence
        Of "em", one row a dimension: rows, indicators, iterations, change, converged.
    """

    frame: pd.DataFrame
    changes: pd.DataFrame
    left: pd.DataFrame
    errors: pd.DataFrame
    report: pd.DataFrame
    convergence: pd.DataFrame

    def _repr_html_(self) -> str:
        head = f"{len(self.changes)} values imputed, {len(self.left)} still missing"
        return str(paragraph(head) + self.report.to_html())


@dataclass(frozen=True)
class _Task:
    """What a method needs beside the values."""

    index: pd.Index
    columns: pd.Index
    limit: int | None
    dimensions: list[tuple[str, list[int]]]
    groups: npt.NDArray[np.object_]
    tolerance: float
    iterations: int


def impute(
    frame: pd.DataFrame,
    method: str,
    *,
    dimensions: Mapping[str, str] | None = None,
    groups: Mapping[object, object] | None = None,
    keep_missing: pd.DataFrame | None = None,
    limit: int | None = 1,
    tolerance: float = 1e-8,
    iterations: int = 1000,
) -> Imputed:
    """Put values in place of missing ones, and say of each how.

    - "previous": the unit's latest earlier value, at most `limit` periods old.
    - "interpolate": on the straight line between the unit's neighbouring periods, in gaps of
      at most `limit` missing periods; never beyond the first or last value.
    - "regression": least squares on those other indicators of the dimension that the row has,
      over rows complete in them; standard error s sqrt(1 + x'(X'X)^-1 x).
    - "em": conditional mean under a multivariate normal per dimension, fitted by expectation
      maximisation (Dempster, Laird and Rubin 1977); standard error is the conditional
      standard deviation, without the uncertainty of the fit.
    - "group_mean", "group_median": of the units of the same group, in the same period;
      standard error of the mean s sqrt(1 + 1/n), of the median none.
    - "none".

    Only observed values are used to impute others. Regression and EM pool all rows.

    Parameters
    ----------
    frame
        Units, or (period, unit), down; indicators across, each in its own unit.
    method
        One of `impute.METHODS`; "previous" and "interpolate" need (period, unit) rows with
        numeric periods.
    dimensions
        Indicator -> its dimension; one dimension if not given.
    groups
        Unit -> its group; one group if not given.
    keep_missing
        True where a cell must stay missing (suppressed), with the rows and columns of `frame`.
    limit
        Missing periods in a row that may be bridged; None for any number.
    tolerance, iterations
        EM stops when no mean or covariance (of standardised values) moves by more than
        `tolerance`, or after so many iterations; the result says which.

    Raises
    ------
    FrameError
        If the frame, its periods or `keep_missing` are not as described.
    SpecError
        With every setting that is out of range, indicator without dimension and unit without
        group.

    Examples
    --------
    >>> rows = pd.MultiIndex.from_product([[2020, 2021, 2022], ["a"]])
    >>> frame = pd.DataFrame({"x": [1.0, np.nan, 5.0]}, rows)
    >>> impute(frame, "interpolate").changes[["period", "unit", "to", "why"]].values.tolist()
    [[2021, 'a', 3.0, 'between 2020 and 2022']]
    """
    choose(method, METHODS, "impute")
    before = checked_frame(frame, "impute")
    settings = _setting_problems(before, dimensions, groups, limit, tolerance, iterations)
    refuse("impute", settings, "correct these settings")
    kept = _kept(before, keep_missing)
    if method in OVER_TIME:
        _check_periods(before.index, method)
    task = _Task(
        before.index,
        before.columns,
        limit,
        _dimensions(before.columns, dimensions),
        _groups(before.index, groups),
        tolerance,
        iterations,
    )
    scaled, powers = rescaled(before.to_numpy())
    filled = _METHODS[method](scaled, task)
    values, errors = np.ldexp(filled.values, powers), np.ldexp(filled.errors, powers)
    return _result(before, Filled(values, errors, filled.why, filled.convergence), kept)


def _result(before: pd.DataFrame, filled: Filled, kept: npt.NDArray[np.bool_]) -> Imputed:
    old = before.to_numpy()
    missing = np.isnan(old)
    imputed = missing & ~np.isnan(filled.values) & ~kept
    left = missing & ~imputed
    new = np.where(imputed, filled.values, old)
    errors = np.where(imputed, filled.errors, np.where(missing, np.nan, 0.0))
    why = np.where(kept, "not to be imputed", filled.why)
    counts = {"missing": missing, "imputed": imputed, "kept": missing & kept, "left": left & ~kept}
    return Imputed(
        frame=pd.DataFrame(new, before.index, before.columns),
        changes=log_cells(before, imputed, from_=np.nan, to=new, why=why, error=errors),
        left=log_cells(before, left, why=why),
        errors=pd.DataFrame(errors, before.index, before.columns),
        report=pd.DataFrame({key: at.sum(axis=0) for key, at in counts.items()}, before.columns),
        convergence=filled.convergence,
    )


def _setting_problems(
    frame: pd.DataFrame,
    dimensions: Mapping[str, str] | None,
    groups: Mapping[object, object] | None,
    limit: int | None,
    tolerance: float,
    iterations: int,
) -> Iterator[str]:
    if limit is not None and not limit >= 1:
        yield f"limit {limit}; expected 1 or more, or None"
    if not tolerance > 0:
        yield f"tolerance {tolerance}; expected above 0"
    if not iterations >= 1:
        yield f"iterations {iterations}; expected 1 or more"
    if dimensions is not None:
        lost = [name for name in frame.columns if name not in dimensions]
        if lost:
            yield f"no dimension for {units_text(lost)}"
    if groups is not None:
        units = frame.index.get_level_values(-1).unique()
        lost = [unit for unit in units if unit not in groups]
        if lost:
            yield f"no group for {units_text(lost)}"


def _kept(frame: pd.DataFrame, mask: pd.DataFrame | None) -> npt.NDArray[np.bool_]:
    if mask is None:
        return np.zeros(frame.shape, dtype=bool)
    if not isinstance(mask, pd.DataFrame):
        found = f"a {type(mask).__name__}; expected a DataFrame"
        raise FrameError("impute, keep_missing", [found], "pass a mask like the frame")
    problems = []
    for kind, ours, theirs in (
        ("rows", frame.index, mask.index),
        ("columns", frame.columns, mask.columns),
    ):
        if len(ours) != len(theirs) or set(ours) != set(theirs):
            problems.append(f"its {kind} are not those of the frame")
    if not problems and not (
        all(map(pd.api.types.is_bool_dtype, mask.dtypes)) and mask.notna().all(axis=None)
    ):
        problems.append("it holds other values than True and False")
    if problems:
        raise FrameError("impute, keep_missing", problems, "pass a mask like the frame")
    kept: npt.NDArray[np.bool_] = mask.loc[frame.index, frame.columns].to_numpy(dtype=bool)
    return kept


def _check_periods(index: pd.Index, method: str) -> None:
    if not is_panel(index):
        problem = f"{method!r} needs rows of (period, unit); found units only"
    elif not pd.api.types.is_numeric_dtype(index.levels[0]):
        problem = f"{method!r} needs numeric periods; found {index.levels[0].dtype}"
    else:
        return
    raise FrameError("impute", [problem], "index the frame by year and unit")


def _dimensions(
    columns: pd.Index, dimensions: Mapping[str, str] | None
) -> list[tuple[str, list[int]]]:
    if dimensions is None:
        return [("all", list(range(len(columns))))]
    found: dict[str, list[int]] = {}
    for number, name in enumerate(columns):
        found.setdefault(dimensions[name], []).append(number)
    return list(found.items())


def _groups(index: pd.Index, groups: Mapping[object, object] | None) -> npt.NDArray[np.object_]:
    units = index.get_level_values(-1)
    names = ["all"] * len(units) if groups is None else [groups[unit] for unit in units]
    found = np.empty(len(units), dtype=object)
    found[:] = names
    return found


def _nothing(values: Array, task: _Task) -> Filled:
    return Filled.start(values, "no imputation asked for")


def _over_groups(values: Array, task: _Task, statistic: str) -> Filled:
    """Mean or median of the group, in the same period."""
    filled = Filled.start(values, "no value in its group")
    for period, at in blocks(task.index, pooled=False):
        labels, names = pd.factorize(pd.Series(task.groups[at], dtype=object))
        for number, group in enumerate(names):
            rows = at[labels == number]
            for j in range(values.shape[1]):
                column = values[rows, j]
                known = column[~np.isnan(column)]
                if not len(known) or len(known) == len(column):
                    continue
                spread = known.std(ddof=1) if len(known) > 1 else np.nan
                error = spread * np.sqrt(1 + 1 / len(known))
                value = known.mean() if statistic == "mean" else np.median(known)
                when = "" if period is None else f" in {period}"
                why = f"{statistic} of {group}{when} (n = {len(known)})"
                filled.put(
                    rows[np.isnan(column)], j, value, error if statistic == "mean" else np.nan, why
                )
    return filled


def _group_mean(values: Array, task: _Task) -> Filled:
    return _over_groups(values, task, "mean")


def _group_median(values: Array, task: _Task) -> Filled:
    return _over_groups(values, task, "median")


@dataclass(frozen=True)
class _Cube:
    """Values by period, unit and indicator; where each row of the frame stands in it."""

    values: Array
    periods: npt.NDArray[np.float64]
    labels: list[str]
    at: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]

    @classmethod
    def of(cls, values: Array, index: pd.Index) -> "_Cube":
        when, periods = pd.factorize(index.get_level_values(0), sort=True)
        who, units = pd.factorize(index.get_level_values(1))
        cube = np.full((len(periods), len(units), values.shape[1]), np.nan)
        cube[when, who] = values
        labels = [str(period) for period in periods]
        return cls(cube, np.asarray(periods, dtype=float), labels, (when, who))

    def last_known(self) -> npt.NDArray[np.intp]:
        """Number of the latest period before each with a value; -1 if there is none."""
        known = np.where(np.isnan(self.values), -1, np.arange(len(self.periods))[:, None, None])
        upto: npt.NDArray[np.intp] = np.maximum.accumulate(known, axis=0)
        return upto

    def next_known(self) -> npt.NDArray[np.intp]:
        """Number of the first period after each with a value; the count if there is none."""
        count = len(self.periods)
        known = np.where(np.isnan(self.values), count, np.arange(count)[:, None, None])
        return np.minimum.accumulate(known[::-1], axis=0)[::-1]

    def take(self, number: npt.NDArray[np.intp]) -> Array:
        """Values at a period number for each cell."""
        inside = np.clip(number, 0, len(self.periods) - 1)
        return np.take_along_axis(self.values, inside, axis=0)


def _previous(values: Array, task: _Task) -> Filled:
    filled = Filled.start(values, "no earlier value")
    cube = _Cube.of(values, task.index)
    before = cube.last_known()
    age = cube.periods[:, None, None] - cube.periods[before]
    near = before >= 0
    if task.limit is not None:
        filled.why[(near & (age > task.limit))[cube.at]] = f"last value older than {task.limit}"
        near &= age <= task.limit
    found, number = cube.take(before)[cube.at], before[cube.at]
    for i, j in np.argwhere(near[cube.at] & np.isnan(values)):
        filled.put(i, j, found[i, j], np.nan, f"value of {cube.labels[number[i, j]]}")
    return filled


def _interpolate(values: Array, task: _Task) -> Filled:
    filled = Filled.start(values, "not between two values")
    cube = _Cube.of(values, task.index)
    before, after = cube.last_known(), cube.next_known()
    inside = (before >= 0) & (after < len(cube.periods))
    start = cube.periods[before]
    stop = cube.periods[np.minimum(after, len(cube.periods) - 1)]
    if task.limit is not None:
        wide = inside & (stop - start - 1 > task.limit)
        filled.why[wide[cube.at]] = f"gap of more than {task.limit}"
        inside &= ~wide
    share = (cube.periods[:, None, None] - start) / np.where(stop > start, stop - start, 1)
    line = (cube.take(before) * (1 - share) + cube.take(after) * share)[cube.at]
    first, second = before[cube.at], after[cube.at]
    for i, j in np.argwhere(inside[cube.at] & np.isnan(values)):
        ends = cube.labels[first[i, j]], cube.labels[second[i, j]]
        filled.put(i, j, line[i, j], np.nan, f"between {ends[0]} and {ends[1]}")
    return filled


def _regression(values: Array, task: _Task) -> Filled:
    return fill_regression(values, task.columns, task.dimensions)


def _em(values: Array, task: _Task) -> Filled:
    return fill_em(values, task.dimensions, task.tolerance, task.iterations)


_METHODS: dict[str, Callable[[Array, _Task], Filled]] = {
    "previous": _previous,
    "interpolate": _interpolate,
    "regression": _regression,
    "em": _em,
    "group_mean": _group_mean,
    "group_median": _group_median,
    "none": _nothing,
}
