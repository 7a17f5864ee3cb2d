"""The one gate for frames that a caller brings: made plain, or refused with column, row and why.

"Plain" means rows numbered from 0, each named column present once, and columns of numpy's numbers,
of text, or of dates. A frame with an index of its own, with nullable, pyarrow or categorical
columns gives what the same frame gives without them.
"""

import operator
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype, is_list_like, is_numeric_dtype

from valley_analysis.errors import DesignError, ProblemsError

LARGEST, SMALLEST = 1e100, 1e-100
"""Sizes beyond which squares of numbers leave what a double can hold."""
_TINY = 1e-12
_NEXT = "bring one row for each thing that is compared, each column named once"


def plain_frame(
    frame: pd.DataFrame, where: str = "the frame", error: type[ProblemsError] = DesignError
) -> pd.DataFrame:
    """Return a frame as plain as its values allow; the caller's is not changed.

    Parameters
    ----------
    frame
        Any frame.
    where, error
        What it is called in a message, and what is raised.

    Raises
    ------
    ProblemsError
        Of the kind of `error`: if it is no frame, has no row, names columns at several levels or
        one of them twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": pd.Categorical(["b", "a"]), "y": pd.array([1, None])})
    >>> found = plain_frame(frame.set_index("unit", drop=False))
    >>> found.index.tolist(), found["unit"].tolist(), found["y"].tolist()
    ([0, 1], ['b', 'a'], [1.0, nan])
    """
    if not isinstance(frame, pd.DataFrame):
        found = f"a {type(frame).__name__}; expected a DataFrame"
        raise error(where, [found], "bring a pandas DataFrame, one row a unit and period")
    problems = [] if len(frame) else ["it has no row"]
    problems += [] if frame.shape[1] else ["it has no column"]
    if frame.columns.nlevels > 1:
        problems.append(f"columns named at {frame.columns.nlevels} levels; expected one name each")
    twice = frame.columns[frame.columns.duplicated()].unique()
    counted = frame.columns.value_counts()
    problems += [f"column {name!r}: stands {counted[name]} times" for name in twice]
    if problems:
        raise error(where, problems, _NEXT)
    if frame.attrs:  # pandas compares them when frames are joined, whatever they hold
        frame = frame.copy(deep=False)
        frame.attrs = {}
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    made = [plain_column(column) for column in columns]
    rows = pd.RangeIndex(len(frame))
    named = frame.columns.name is not None
    if frame.index.identical(rows) and not named and all(map(operator.is_, columns, made)):
        return frame
    plain = pd.concat([column.set_axis(rows) for column in made], axis=1)
    return plain.set_axis(frame.columns.rename(None), axis=1)


def plain_column(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column as numpy's numbers, text or dates, if its values are such.

    Parameters
    ----------
    column
        Of any type; integers without gaps stay integers, a missing number becomes nan.

    Examples
    --------
    >>> plain_column(pd.Series([1, None], dtype="Int64")).tolist()
    [1.0, nan]
    >>> plain_column(pd.Series(["2014", "2015"], dtype="category")).dtype
    <StringDtype(na_value=nan)>
    """
    dtype = column.dtype
    if dtype == "str" or isinstance(dtype, pd.PeriodDtype | pd.DatetimeTZDtype):
        return column
    if isinstance(dtype, np.dtype) and dtype.kind in "biufcmM":
        wide = {"i": "int64", "u": "int64", "f": "float64"}.get(dtype.kind, dtype)
        if dtype == "uint64":
            wide = "float64"
        return column if dtype == wide else column.astype(wide)
    if is_numeric_dtype(dtype) and dtype.kind in "biuf":  # nullable, pyarrow, sparse
        if dtype.kind == "f" or column.isna().any():
            return pd.Series(
                column.to_numpy(float, na_value=np.nan), column.index, name=column.name
            )
        return column.astype({"b": "bool", "f": "float64"}.get(dtype.kind, "int64"))
    if isinstance(dtype, pd.CategoricalDtype) and dtype.categories.dtype == "str":
        return column.astype("str")
    return _from_objects(column.astype(object))


def _from_objects(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Python's own values: numbers, text and dates are told by looking at all of them."""
    kind = infer_dtype(column, skipna=True)
    if kind == "decimal" or kind.startswith("mixed"):  # a signalling nan cannot even be compared
        column = column.map(lambda v: np.nan if isinstance(v, Decimal) and v.is_snan() else v)
        kind = infer_dtype(column, skipna=True)
    gaps = bool(column.isna().any())
    whole = column.where(column.notna(), np.nan)
    if kind.startswith("mixed") and all(isinstance(value, Real | Decimal) for value in whole):
        kind = "decimal"
    try:
        if kind in ("integer", "boolean") and not gaps:
            return whole.astype("int64" if kind == "integer" else "bool")
        if kind in ("integer", "boolean", "floating", "mixed-integer-float", "decimal", "empty"):
            return whole.astype("float64")
        if kind == "string":
            return column.astype("str")
        if kind in ("date", "datetime", "datetime64"):
            return pd.to_datetime(whole)
        if kind == "period":
            return pd.Series(pd.PeriodIndex(column), column.index, name=column.name)
    except (TypeError, ValueError, OverflowError):
        return column
    return column


def number_problems(
    frame: pd.DataFrame,
    columns: Iterable[str],
    keys: Mapping[str, str] | None = None,
    *,
    sized: bool = True,
) -> Iterator[str]:
    """Yield what keeps columns from being numbers of a usable size, each with its row.

    Parameters
    ----------
    frame
        A plain frame.
    columns
        Names; those that are absent are passed over.
    keys
        What names a row in a message: word -> column, such as unit and period.
    sized
        Whether sizes are bounded too; steps that only compare or divide need no bound.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["a", "b"], "y": ["1", "n/a"], "x": [1.0, np.inf]})
    >>> for problem in number_problems(frame, ["y", "x"], {"unit": "code"}):
    ...     print(problem)
    column 'y': str; expected numbers, unit 'a' holds '1'
    column 'x', unit 'b': infinite
    """
    for name in dict.fromkeys(columns):
        if name not in frame or not len(frame):
            continue
        values = frame[name]
        if not (is_numeric_dtype(values) and values.dtype.kind in "biuf"):
            first = int(values.notna().to_numpy().argmax())
            held = f"{_at(frame, first, keys)} holds {plain(values.iloc[first])!r}"
            yield f"column {name!r}: {values.dtype}; expected numbers, {held}"
            continue
        size = np.abs(values.to_numpy(float))
        if np.isinf(size).any():
            yield f"column {name!r}, {_at(frame, int(np.isinf(size).argmax()), keys)}: infinite"
            continue
        largest = float(np.nanmax(size, initial=0.0)) if sized else 0.0
        if largest > LARGEST or 0 < largest < SMALLEST:
            row = _at(frame, int(np.nanargmax(size)), keys)
            yield f"column {name!r}, {row}: {largest:g} is beyond any unit; divide by a constant"


def label_problems(frame: pd.DataFrame, columns: Iterable[str]) -> Iterator[str]:
    """Yield which columns hold values that cannot be put in order, as keys and groups must be.

    Parameters
    ----------
    frame
        A plain frame.
    columns
        Names; those that are absent are passed over.

    Examples
    --------
    >>> list(label_problems(pd.DataFrame({"unit": ["a", 1]}), ["unit"]))
    ["column 'unit': holds int and str; expected values of one kind"]
    """
    for name in dict.fromkeys(columns):
        if name in frame and frame[name].dtype == object:
            values = frame[name][frame[name].notna()]
            if values.map(is_list_like).any():
                first = values[values.map(is_list_like)].iloc[0]
                found = f"holds {type(first).__name__} such as {first!r:.40}"
                yield f"column {name!r}: {found}; expected text, numbers or dates"
                continue
            try:
                sorted(values.unique())
            except TypeError:
                found = " and ".join(sorted({type(value).__name__ for value in values}))
                yield f"column {name!r}: holds {found}; expected values of one kind"


def whole_numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return years, or codes of units, that a gap elsewhere made 2014.0 as 2014 again.

    Parameters
    ----------
    column
        Plain; others than whole floating point numbers without a gap are returned as they are.

    Examples
    --------
    >>> whole_numbers(pd.Series([2014.0, 2015.0])).tolist()
    [2014, 2015]
    >>> whole_numbers(pd.Series([2014.0, 2014.5])).tolist()
    [2014.0, 2014.5]
    """
    if column.dtype.kind != "f" or not len(column):
        return column
    values = column.to_numpy()
    exact = bool((np.abs(values) < 2**53).all() and (values == np.floor(values)).all())
    return column.astype("int64") if exact else column


def as_moment(periods: "pd.Series[Any]", value: Any) -> Any:
    """Return a moment as one of a column's kind, such as the date that a text names.

    Parameters
    ----------
    periods
        A plain column of years, dates, texts.
    value
        A moment.

    Raises
    ------
    TypeError
        If it does not compare with them.

    Examples
    --------
    >>> as_moment(pd.Series(pd.to_datetime(["2014-01-01"])), "2014-03").month
    3
    """
    if is_list_like(value):
        raise TypeError("no moment")
    try:
        if periods.dtype.kind == "M" and not isinstance(value, Real):
            value = pd.Timestamp(value)
        elif isinstance(periods.dtype, pd.PeriodDtype):
            year = str(value) if isinstance(value, Integral) else value
            value = pd.Period(year, freq=periods.dtype.freq)
    except ValueError as error:
        raise TypeError(str(error)) from None
    if value is None or pd.isna(value) or isinstance(value, bool):
        raise TypeError("no moment")
    if isinstance(value, Real) and np.isfinite(float(value)):  # written as the periods are
        if periods.dtype.kind == "f":
            value = float(value)
        elif float(value).is_integer():
            value = int(float(value))
    bool((periods < value).any())
    return value


def share(value: Any, what: str = "level") -> float:
    """Return a number that must lie between 0 and 1, both left out.

    Raises
    ------
    DesignError
        If it does not.

    Examples
    --------
    >>> share(0.95)
    0.95
    """
    if (
        not isinstance(value, Real)
        or isinstance(value, bool)
        or not _TINY <= float(value) <= 1 - _TINY
    ):
        hint = f"; {value} % is {value / 100:g}" if _percent(value) else ""
        problem = f"{what}={value!r}; expected a share between 0 and 1{hint}"
        raise DesignError(what, [problem], f"give {what} as a share, such as 0.95 or 0.05")
    return float(value)


def whole(value: Any, what: str, most: int | None = None) -> int:
    """Return a number that must be whole, not negative, and no larger than what can be drawn.

    Raises
    ------
    DesignError
        If it is not.

    Examples
    --------
    >>> whole(999, "permutations")
    999
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or int(value) < 0:
        problem = f"{what}={value!r}; expected a whole number from 0 on"
        raise DesignError(what, [problem], f"give {what} as a whole number, such as 999")
    if most is not None and int(value) > most:
        problem = f"{what}={value!r}; expected at most {most:,}"
        raise DesignError(what, [problem], f"ask for fewer {what}, such as 9999")
    return int(value)


def plain(value: object) -> object:
    """Return a value as Python writes it: 1, where numpy would write np.int64(1).

    Examples
    --------
    >>> repr(plain(np.int64(1)))
    '1'
    """
    return value.item() if isinstance(value, np.generic) else value


def _at(frame: pd.DataFrame, row: int, keys: Mapping[str, str] | None) -> str:
    said = {word: plain(frame[name].iloc[row]) for word, name in (keys or {}).items()}
    told = [f"{word} {value if word == 'period' else repr(value)}" for word, value in said.items()]
    return ", ".join(told) or f"row {row}"


def _percent(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and 1 < float(value) < 100
