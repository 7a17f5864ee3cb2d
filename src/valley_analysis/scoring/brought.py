"""What a caller brings to scoring, made plain by the one gate, or refused with column and row."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import FrameError, PeriodError
from valley_analysis.frames import FLAGS, INDICATORS, Scope
from valley_analysis.gate import number_problems, plain, plain_column, plain_frame

KEYS = INDICATORS.key
NEEDED = (*KEYS, "value")
OPTIONAL = ("low", "high", "flag", "method")
NEXT = "bring one row a region, period and indicator, see frames.INDICATORS"
SHOWN = 5


def indicator_rows(
    frame: pd.DataFrame, names: Sequence[str], scope: Scope, where: str = "indicators"
) -> pd.DataFrame:
    """Return the rows of some indicators and units, plain and complete.

    An index of the caller's plays no part. Without `low` and `high` the value is its own bounds,
    a missing flag is "observed" (or "absent" where there is no value), a missing method is the
    empty one.

    Parameters
    ----------
    frame
        Columns region, period, indicator, value; low, high, flag and method if there are any.
    names
        The indicators.
    scope
        The units.
    where
        What the frame is called in a message.

    Raises
    ------
    FrameError
        With every column that is missing, stands twice or is of a wrong kind, every row without
        a key or twice, every infinite value, unknown flag and pair of bounds the wrong way round.

    Examples
    --------
    >>> frame = pd.DataFrame({"region": ["a"], "period": ["2021"], "indicator": ["x"]})
    >>> indicator_rows(frame.assign(value=1), ["x"], Scope("one", ("a",))).iloc[0].to_dict()["flag"]
    'observed'
    """
    refuse_frame(where, _column_problems(frame))
    wanted = [name for name in (*NEEDED, *OPTIONAL) if name in frame]
    rows = plain_frame(frame[wanted], where, FrameError)
    refuse_frame(where, _key_problems(rows))
    rows = rows.assign(
        region=rows["region"].astype("str"),
        indicator=rows["indicator"].astype("str"),
        period=years(rows["period"]),
    )
    chosen = rows["indicator"].isin(list(names)) & rows["region"].isin(list(scope.units))
    rows = _completed(rows[chosen])
    refuse_frame(where, _row_problems(rows))
    return rows


def refuse_frame(where: str, problems: Iterator[str]) -> None:
    """Raise one error with all problems of a frame, if there are any.

    Raises
    ------
    FrameError
        With every problem.
    """
    found = list(problems)
    if found:
        raise FrameError(where, found, NEXT)


def _column_problems(frame: pd.DataFrame) -> Iterator[str]:
    if not isinstance(frame, pd.DataFrame):
        yield f"a {type(frame).__name__}; expected a DataFrame"
        return
    if frame.columns.nlevels > 1:
        yield f"columns named at {frame.columns.nlevels} levels; expected one name each"
        return
    names = list(frame.columns)
    for name in (*NEEDED, *OPTIONAL):
        count = sum(isinstance(other, str) and other == name for other in names)
        if count > 1:
            yield f"column {name!r} stands {count} times; expected once"
        if not count and name in NEEDED:
            hidden = name in frame.index.names
            hint = "it is in the index: call reset_index()" if hidden else f"found {_few(names)}"
            yield f"no column {name!r}; {hint}"


def _key_problems(rows: pd.DataFrame) -> Iterator[str]:
    for name in KEYS:
        gaps = rows[name].isna()
        if gaps.any():
            yield f"column {name!r}: missing in {int(gaps.sum())} rows, first in row {_first(gaps)}"
    yield from _period_problems(rows["period"])
    if "method" in rows and rows["method"].dtype.kind in "fiub" and rows["method"].notna().any():
        yield f"column 'method': {rows['method'].dtype}; expected text"


def _period_problems(column: "pd.Series[Any]") -> Iterator[str]:
    known = column.dropna()
    kind = column.dtype.kind
    if kind in "iu" or (isinstance(column.dtype, pd.PeriodDtype) and _yearly(column)):
        return
    if kind == "f":
        wrong = known[~(np.isfinite(known) & (known == known.round()))]
    elif pd.api.types.is_string_dtype(column.dtype):
        wrong = known[~known.str.fullmatch(r"\s*-?\d{1,9}\s*")]
    else:
        wrong = known
    if len(wrong):
        row = f"row {wrong.index[0]} holds {plain(wrong.iloc[0])!s}"
        hint = "; take .dt.year, if that is the year meant" if kind == "M" else ""
        yield f"column 'period': {row}; expected a year such as 2021{hint}"


def _yearly(column: "pd.Series[Any]") -> bool:
    return str(column.dtype.freq.rule_code).startswith(("Y", "A"))


def years(column: "pd.Series[Any]") -> "pd.Series[int]":
    """Return periods as whole numbers: years, text of digits, or yearly periods.

    Examples
    --------
    >>> years(pd.Series(["2020", "2021"])).tolist()
    [2020, 2021]
    """
    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.year.astype("int64")
    return column.astype("int64")


def _completed(rows: pd.DataFrame) -> pd.DataFrame:
    given = [name for name in ("value", "low", "high") if name in rows]
    rows = rows.assign(**{name: plain_column(rows[name]) for name in given})
    known = rows["value"].notna()
    low, high = (rows.get(name, rows["value"]) for name in ("low", "high"))
    flag = rows["flag"] if "flag" in rows else pd.Series(np.nan, rows.index, dtype="str")
    method = rows["method"] if "method" in rows else pd.Series("", rows.index, dtype="str")
    observed = pd.Series(np.where(known, "observed", "absent"), rows.index, dtype="str")
    return rows.assign(
        value=_floats(rows["value"]),
        low=_floats(low),
        high=_floats(high),
        flag=flag.where(flag.notna(), observed).astype("str"),
        method=method.where(method.notna(), "").astype("str"),
    )[[*NEEDED, *OPTIONAL]]


def _floats(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return column.astype("float64") if column.dtype.kind in "biuf" else column


def _row_problems(rows: pd.DataFrame) -> Iterator[str]:
    numbers = ["value", "low", "high"]
    names = {"region": "region", "period": "period", "indicator": "indicator"}
    found = list(number_problems(rows, numbers, names))
    yield from found
    again = rows[rows.duplicated(list(KEYS), keep=False)]
    for key, part in list(again.groupby(list(KEYS), sort=False))[:SHOWN]:
        said = ", ".join(str(plain(each)) for each in key)
        yield f"rows {_few(part.index)}: {said} stands {len(part)} times; expected once"
    unknown = sorted(set(rows["flag"]) - set(FLAGS))
    if unknown:
        row = _first(rows["flag"] == unknown[0])
        yield f"column 'flag', row {row}: {_few(unknown)}; expected one of {', '.join(FLAGS)}"
    turned = (rows["low"] > rows["high"]) if not found else pd.Series(False, rows.index)
    if turned.any():
        yield f"row {_first(turned)}: low {rows['low'][turned].iloc[0]:g} is above high"


def scope_problems(scope: Scope) -> Iterator[str]:
    """Yield what keeps units from being compared.

    Examples
    --------
    >>> list(scope_problems(Scope("odd", ("a", "b", "a"))))
    ["scope 'odd': unit 'a' stands 2 times; expected once"]
    """
    if not scope.units:
        yield f"scope {scope.name!r}: no unit; expected at least one"
    counts = pd.Series(list(scope.units), dtype=object).value_counts()
    for unit, count in counts[counts > 1].head(SHOWN).items():
        yield f"scope {scope.name!r}: unit {unit!r} stands {count} times; expected once"


def edition(period: Any) -> int:
    """Return an edition as a whole number.

    Raises
    ------
    PeriodError
        If it is none.

    Examples
    --------
    >>> edition(2021.0), edition("2021")
    (2021, 2021)
    """
    if isinstance(period, str) and period.strip().lstrip("-").isdigit():
        return int(period)
    number = isinstance(period, Real) and not isinstance(period, bool)
    if number and np.isfinite(float(period)) and float(period).is_integer():
        return int(period)
    raise PeriodError(f"edition {period!r}; expected a year. Next step: pass one, such as 2021.")


def numbers_of(
    values: Any, where: str, name: str = "values", *, unique: bool = True
) -> "pd.Series[float]":
    """Return a series of numbers by unit as plain floats on the caller's index.

    Parameters
    ----------
    values
        A series of any numeric type, missing values allowed; a mapping or list becomes one.
    where, name
        What the step and the series are called in a message.
    unique
        Whether a unit may stand once only.

    Raises
    ------
    FrameError
        If they are no numbers, infinite, or a unit stands twice.

    Examples
    --------
    >>> numbers_of(pd.Series([1, None], ["a", "b"], dtype="Int64"), "rank").tolist()
    [1.0, nan]
    """
    if isinstance(values, pd.DataFrame) or np.ndim(values) > 1:
        raise FrameError(where, [f"{name}: a table; expected one number a unit"], "pass a column")
    given = values if isinstance(values, pd.Series) else pd.Series(values)
    found = plain_column(given)
    problems = list(
        number_problems(found.reset_index(drop=True).to_frame(name), [name], sized=False)
    )
    if unique and found.index.has_duplicates:
        again = found.index[found.index.duplicated()].unique()
        problems.append(f"{name}: unit {_few(again)} stands more than once")
    if problems:
        raise FrameError(where, problems, "pass one number a unit")
    return pd.Series(found.to_numpy(dtype=float) if len(found) else [], found.index, dtype=float)


def plain_table(scores: Any, where: str) -> pd.DataFrame:
    """Return replications x units as plain floats, from an array or a frame.

    Raises
    ------
    FrameError
        If they are no numbers, infinite, or not two-dimensional.

    Examples
    --------
    >>> plain_table([[1, None]], "assign").to_numpy().tolist()
    [[1.0, nan]]
    """
    if isinstance(scores, np.ndarray) and scores.dtype == float and scores.ndim == 2:
        table = pd.DataFrame(scores)
        problems = [] if not np.isinf(scores).any() else ["infinite scores"]
    elif np.ndim(scores) != 2:
        table, problems = pd.DataFrame(), [f"{np.ndim(scores)} dimensions; expected 2"]
    else:
        table = plain_frame(pd.DataFrame(scores), where, FrameError)
        numbered = table.set_axis([str(name) for name in range(table.shape[1])], axis=1)
        problems = list(number_problems(numbered, list(numbered.columns), sized=False))
    if problems:
        raise FrameError(where, problems, "pass replications x units, finite or missing")
    return table.astype("float64")


def nearest(unknown: Sequence[object], known: Sequence[object]) -> str:
    """Say what is nearest to unknown names.

    Examples
    --------
    >>> nearest(["RU-TULA"], ["RU-TUL", "RU-MOW"])
    'RU-TULA (nearest: RU-TUL)'
    """
    choices = [str(name) for name in known]
    said = []
    for name in unknown:
        near = get_close_matches(str(name), choices, n=3)
        said.append(f"{name} (nearest: {', '.join(near) or 'none'})")
    return ", ".join(said)


def _first(mask: "pd.Series[bool]") -> object:
    return plain(mask.index[mask.to_numpy(dtype=bool)][0])


def _few(names: Any) -> str:
    listed = [str(plain(name)) for name in names]
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more
