"""A cross-section made ready for an estimator: validated in full before anything is fitted."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from valley_analysis.errors import DesignError
from valley_analysis.gate import number_problems
from valley_analysis.impact.design import collinear
from valley_analysis.impact.entry import entry

_SHOWN = 5


@entry
def cross_section(
    frame: pd.DataFrame,
    *,
    unit: str,
    outcome: str,
    regressors: Sequence[str] = (),
    weights: str | None = None,
    known: pd.Index | None = None,
    known_as: str = "the spatial weights",
) -> pd.DataFrame:
    """Return outcome, regressors and weights by unit, of the rows that have all of them.

    Parameters
    ----------
    frame
        One row a unit; it is not changed.
    unit, outcome, regressors, weights
        Columns.
    known
        Units that the other input (spatial weights, shares) knows; each row's must be among them.
    known_as
        What that input is called in a message.

    Returns
    -------
    DataFrame
        Indexed by unit.

    Raises
    ------
    DesignError
        With everything that is wrong: absent, non-numeric, infinite, constant or collinear
        columns, units that repeat or are unknown, too few rows.

    Examples
    --------
    >>> frame = pd.DataFrame({"who": ["a", "b", "c", "d"], "y": [1.0, 3.0, None, 2.0]})
    >>> cross_section(frame, unit="who", outcome="y").index.tolist()
    ['a', 'b', 'd']
    """
    columns = list(dict.fromkeys(c for c in (outcome, *regressors, weights) if c))
    lacking = [name for name in (unit, *columns) if name not in frame]
    if lacking:
        found = ", ".join(map(str, frame.columns))
        problems = [f"no column {name!r}; found {found}" for name in lacking]
        raise DesignError("the frame", problems, "name the columns of your frame")
    problems = [*_units(frame[unit], known, known_as)]
    for column in columns:
        problems += _numbers(frame, unit, column)
    if outcome in regressors:
        problems.append(f"column {outcome!r}: stands on both sides")
    if weights and is_numeric_dtype(frame[weights]) and (frame[weights] <= 0).any():
        problems.append(f"column {weights!r}: a weight of zero or less")
    if not problems:
        used = frame.set_index(unit)[columns].dropna().astype(float)
        problems += _support(used, outcome, regressors)
    if problems:
        raise DesignError(f"outcome {outcome!r}", problems, "change the design or the rows")
    return used


def left_out(frame: pd.DataFrame, used: pd.DataFrame) -> tuple[str, ...]:
    """Return a note on the rows without a value, if there are any.

    Parameters
    ----------
    frame
        As given.
    used
        As `cross_section` returned it.
    """
    gone = len(frame) - len(used)
    return (f"{gone} of {len(frame)} units have no value and are left out.",) if gone else ()


def _units(units: "pd.Series[str]", known: pd.Index | None, known_as: str) -> Iterator[str]:
    if units.isna().any():
        yield f"column {units.name!r} (unit): {units.isna().sum()} rows have none"
    for unit in units[units.duplicated() & units.notna()].unique()[:_SHOWN]:
        yield f"unit {unit!r}: stands more than once"
    if known is not None:
        strange = units[~units.isin(known) & units.notna()].unique()
        for unit in strange[:_SHOWN]:
            yield f"unit {unit!r}: not in {known_as}"
        if len(strange) > _SHOWN:
            yield f"{len(strange) - _SHOWN} more units are not in {known_as}"


def _numbers(frame: pd.DataFrame, unit: str, column: str) -> Iterator[str]:
    if frame[column].isna().all():
        yield f"column {column!r}: no row has a value"
    else:
        yield from number_problems(frame, [column], {"unit": unit})


def _support(used: pd.DataFrame, outcome: str, regressors: Sequence[str]) -> Iterator[str]:
    if len(used) < len(regressors) + 3:
        yield f"{len(used)} units with all values; expected {len(regressors) + 3} or more"
        return
    if used[outcome].nunique() < 2:
        yield f"column {outcome!r}: the same for every unit"
    varied = [name for name in regressors if np.ptp(used[name].to_numpy()) > 0]
    for name in set(regressors).difference(varied):
        yield f"column {name!r}: the same for every unit"
    yield from collinear(used[varied])
