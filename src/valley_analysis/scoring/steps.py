"""What every step of an index shares: checks of a frame, exact scaling, the log of changes.

A frame here has units down, or (period, unit) in a MultiIndex, and indicators across.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.errors import FrameError, SpecError
from valley_analysis.gate import plain_column

Array = npt.NDArray[np.float64]
NEXT = "correct these cells, or leave these indicators out"


def checked_frame(frame: pd.DataFrame, step: str) -> pd.DataFrame:
    """Return a frame as floating point numbers, or say everything that is wrong with it.

    Parameters
    ----------
    frame
        Units, or (period, unit), down; indicators across; missing values allowed.
    step
        What is to be done, for the message.

    Raises
    ------
    FrameError
        With every repeated unit or indicator, column that is not numeric and infinite value.

    Examples
    --------
    >>> checked_frame(pd.DataFrame({"x": [1, 2]}, ["a", "b"]), "treat")["x"].tolist()
    [1.0, 2.0]
    """
    if not isinstance(frame, pd.DataFrame):
        raise FrameError(step, [f"a {type(frame).__name__}; expected a DataFrame"], NEXT)
    problems = list(_shape_problems(frame))
    if problems:
        raise FrameError(step, problems, NEXT)
    columns = [plain_column(frame.iloc[:, place]) for place in range(frame.shape[1])]
    for name, column in zip(frame.columns, columns, strict=True):
        if column.dtype.kind not in "biuf":
            first = int(column.notna().to_numpy().argmax())
            held = f"{units_text(frame.index[[first]])} holds {column.iloc[first]!r}"
            problems.append(f"{name}: not numeric ({frame[name].dtype}); {held}")
    if problems:
        raise FrameError(step, problems, NEXT)
    values = np.column_stack([column.to_numpy(dtype=float) for column in columns])
    for name, column in zip(frame.columns, values.T, strict=True):
        if np.isinf(column).any():
            problems.append(f"{name}: infinite for {units_text(frame.index[np.isinf(column)])}")
    if problems:
        raise FrameError(step, problems, NEXT)
    return pd.DataFrame(values.copy(), frame.index, frame.columns)


def _shape_problems(frame: pd.DataFrame) -> Iterator[str]:
    if not len(frame.index):
        yield "no unit"
    if not len(frame.columns):
        yield "no indicator"
    if is_panel(frame.index) and frame.index.nlevels != 2:
        yield f"{frame.index.nlevels} levels of rows; expected units, or (period, unit)"
    if frame.columns.nlevels != 1:
        yield f"{frame.columns.nlevels} levels of columns; expected indicators"
    for axis, kind in ((frame.index, "unit"), (frame.columns, "indicator")):
        if axis.has_duplicates:
            again = axis[axis.duplicated()].unique()
            yield f"{kind} more than once: {units_text(again)}"
        if axis.hasnans if axis.nlevels == 1 else any(level.hasnans for level in axis.levels):
            yield f"{kind} without a name"


def is_panel(index: pd.Index) -> bool:
    """Whether rows are (period, unit)."""
    return isinstance(index, pd.MultiIndex)


def units_text(labels: Iterable[object]) -> str:
    """Write units one after another; a period stands before its unit."""
    return ", ".join(
        " ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in labels
    )


def blocks(index: pd.Index, pooled: bool) -> list[tuple[object, npt.NDArray[np.intp]]]:
    """Return the rows that are treated together: all of them, or those of each period.

    Examples
    --------
    >>> rows = pd.MultiIndex.from_product([[2020, 2021], ["a", "b"]])
    >>> [(period, at.tolist()) for period, at in blocks(rows, pooled=False)]
    [(2020, [0, 1]), (2021, [2, 3])]
    >>> [(period, at.tolist()) for period, at in blocks(rows, pooled=True)]
    [(None, [0, 1, 2, 3])]
    """
    if pooled or not is_panel(index):
        return [(None, np.arange(len(index)))]
    codes, periods = pd.factorize(index.get_level_values(0), sort=True)
    return [(period, np.flatnonzero(codes == number)) for number, period in enumerate(periods)]


def report_frame(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> pd.DataFrame:
    """Return a report, one row an indicator, or a period and indicator where these differ."""
    table = pd.DataFrame(list(rows), columns=["period", "indicator", *columns])
    if table["period"].isna().all():
        return table.drop(columns="period").set_index("indicator")
    return table.set_index(["period", "indicator"])


def log_cells(frame: pd.DataFrame, cells: npt.NDArray[np.bool_], **columns: object) -> pd.DataFrame:
    """List cells of a frame, indicator by indicator.

    Parameters
    ----------
    frame
        Where the cells are.
    cells
        Which of them, as an array of the frame's shape.
    columns
        What to say of each: an array of the frame's shape, or one value for all;
        `from_` becomes "from".

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1.0, 9.0]}, ["a", "b"])
    >>> log_cells(frame, np.array([[False], [True]]), from_=frame.to_numpy(), why="cut")
      unit indicator  from  why
    0    b         x   9.0  cut
    """
    across, down = np.nonzero(np.asarray(cells).T)
    found: dict[str, object] = {}
    if is_panel(frame.index):
        found["period"] = frame.index.get_level_values(0)[down]
        found["unit"] = frame.index.get_level_values(1)[down]
    else:
        found["unit"] = frame.index[down]
    found["indicator"] = frame.columns[across]
    for name, value in columns.items():
        whole = np.ndim(value) == 2  # type: ignore[arg-type]
        found[name.rstrip("_")] = value[down, across] if whole else value  # type: ignore[index]
    return pd.DataFrame(found, index=pd.RangeIndex(len(down)))


def log_changes(before: pd.DataFrame, after: Array, why: object) -> pd.DataFrame:
    """List the values that a step changed: unit, indicator, from, to, why."""
    old = before.to_numpy()
    changed = (old != after) & ~(np.isnan(old) & np.isnan(after))
    return log_cells(before, changed, from_=old, to=after, why=why)


def lowest(values: Array) -> Array:
    """Return the smallest known value of each column; missing if there is none."""
    least: Array = np.fmin.reduce(values, axis=0)
    return least


def highest(values: Array) -> Array:
    """Return the largest known value of each column; missing if there is none."""
    most: Array = np.fmax.reduce(values, axis=0)
    return most


def exponents(*values: Array) -> npt.NDArray[np.int32]:
    """Return the power of two just above the largest magnitude of each column."""
    largest = [np.fmax.reduce(np.abs(np.atleast_2d(each)), axis=0, initial=0.0) for each in values]
    found: npt.NDArray[np.int32] = np.frexp(np.fmax.reduce(largest, axis=0))[1]
    return found


def rescaled(values: Array) -> tuple[Array, npt.NDArray[np.int32]]:
    """Divide columns by powers of two, which is exact, so that nothing overflows.

    Returns
    -------
    Values of at most 1 in magnitude, and the exponents e: values = scaled * 2**e.

    Examples
    --------
    >>> scaled, e = rescaled(np.array([[1e300], [-1.5e308]]))
    >>> bool(abs(scaled).max() <= 1), (np.ldexp(scaled, e) == [[1e300], [-1.5e308]]).all().item()
    (True, True)
    """
    powers = exponents(values)
    scaled: Array = np.ldexp(values, -powers)
    return scaled, powers


def choose(method: str, methods: Iterable[str], step: str) -> None:
    """Refuse a method that a step does not know.

    Raises
    ------
    SpecError
        With the methods that it knows.
    """
    known = tuple(methods)
    if method not in known:
        raise SpecError(step, [f"unknown method {method!r}"], f"name one of {', '.join(known)}")


def refuse(step: str, problems: Iterable[str], next_step: str) -> None:
    """Raise one error with all problems of a step's settings, if there are any.

    Raises
    ------
    SpecError
        With every problem.
    """
    found = list(problems)
    if found:
        raise SpecError(step, found, next_step)


def weight_shares(
    columns: pd.Index, weights: "Mapping[str, float] | pd.Series[float]", step: str
) -> Array:
    """Return weights of indicators as shares that sum to 1.

    Raises
    ------
    SpecError
        With every weight that is negative, missing, or of an unknown indicator.

    Examples
    --------
    >>> weight_shares(pd.Index(["x", "y"]), {"y": 3, "x": 1}, "example").tolist()
    [0.25, 0.75]
    """
    weights = plain_mapping(weights, step)
    refuse(step, _weight_problems(columns, weights), "correct these weights")
    found = np.array([float(weights[name]) for name in columns])
    found = found / found.max()
    shares: Array = found / found.sum()
    return shares


def plain_mapping(given: "Mapping[Any, Any] | pd.Series[Any]", step: str) -> dict[Any, float]:
    """Return numbers by name as a plain dict; what is no number becomes nan.

    Raises
    ------
    SpecError
        If it is no mapping, or names something twice.

    Examples
    --------
    >>> plain_mapping(pd.Series({"x": 1, "y": None}, dtype="Int64"), "example")
    {'x': 1.0, 'y': nan}
    """
    if not isinstance(given, Mapping | pd.Series):
        problem = f"a {type(given).__name__}; expected a number for each name"
        raise SpecError(step, [problem], "pass a dict or a series")
    if isinstance(given, pd.Series) and given.index.has_duplicates:
        again = given.index[given.index.duplicated()].unique()
        raise SpecError(step, [f"{units_text(again)} stands more than once"], "keep one")
    return {name: _number(value) for name, value in given.items()}


def _number(value: object) -> float:
    try:
        return float("nan") if np.iscomplexobj(value) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def _weight_problems(columns: pd.Index, weights: Mapping[Any, float]) -> Iterator[str]:
    lost = [name for name in columns if name not in weights]
    if lost:
        yield f"no weight for {units_text(lost)}"
    for name, weight in weights.items():
        if name not in columns:
            yield f"weight of {name!r}, which is no indicator of the frame"
        elif not (weight >= 0 and np.isfinite(weight)):
            yield f"{name}: weight {weight}; expected a number of 0 or more"
    if not lost and not any(weights[name] > 0 for name in columns):
        yield "the weights sum to 0"
