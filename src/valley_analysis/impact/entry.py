"""What every estimator and check asks of the frame and the settings that it is called with.

What a column must hold follows from the parameter that names it: `unit`, `period`, `outcome`,
`exposure`, `cohort`, `cluster` and so on mean the same in all of them.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.gate import (
    as_moment,
    label_problems,
    number_problems,
    plain,
    plain_frame,
    share,
    whole,
    whole_numbers,
)
from valley_analysis.impact.settings import check_settings

P = ParamSpec("P")
R = TypeVar("R")

_KEYS = ("unit", "period")
_NUMBERS = ("covariates", "regressor", "lon", "lat")
# Checked as numbers by the design, together with what else it asks of them.
_DESIGN = ("outcome", "outcomes", "exposure", "weights", "controls", "value", "regressors")
_LABELS = ("group", "by", "cohort", "cluster", "strata", "period_by", "flag", "share_sum")
_DISTINCT = ("unit", "period", "outcome", "exposure", "cohort", "strata")
_MOMENTS = ("since", "reference", "placebo_date")
# A key cannot be one of these besides; a cluster or a group may be the unit itself.
_NO_KEYS = ("controls", "covariates", "regressors", "weights", "outcomes")
_SETS = ("outcomes", "covariates", "regressors")
_SHARES = ("level", "alpha", "power")
_COUNTS = ("permutations", "replications", "seed")
_CHECKED = (*_SHARES, *_COUNTS, *_MOMENTS)
MOST_DRAWS = 10_000_000
_NEXT = (
    "name columns of your frame that stand in it once, and periods as the frame has them; one row "
    "a unit and period"
)


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """Put a function's frame and settings through the gate before it runs.

    `since` and `reference` are brought to the kind of the periods; `level` and `alpha` are shares,
    draws and seeds whole numbers.

    Raises
    ------
    DesignError
        With all that is wrong with the columns, or with the first setting that is.

    Examples
    --------
    >>> @entry
    ... def mean(frame, *, outcome, level=0.95):
    ...     return frame[outcome].mean()
    >>> mean(pd.DataFrame({"y": pd.array([1, 3], "Int64")}), outcome="y").item()
    2.0
    >>> mean(pd.DataFrame({"y": [1, 3]}), outcome="y", level=95)
    Traceback (most recent call last):
    valley_analysis.errors.DesignError: level: 1 problem
      - level=95; expected a share between 0 and 1; 95 % is 0.95
    Next step: give level as a share, such as 0.95 or 0.05
    """
    signature = inspect.signature(function)
    parameters = signature.parameters.values()
    choices = {p.name for p in parameters if isinstance(p.default, str)}
    spread = next((p.name for p in parameters if p.kind is p.VAR_KEYWORD), "")

    @wraps(function)
    def admitted(*args: P.args, **kwargs: P.kwargs) -> R:
        bound = signature.bind(*args, **kwargs)
        given = bound.arguments
        said = {**given, **given.get(spread, {})}
        for name in said.keys() & set(_SHARES):
            share(said[name], name)
        for name in said.keys() & set(_COUNTS):
            whole(said[name], name, None if name == "seed" else MOST_DRAWS)
        rest = {name: one for name, one in given.items() if name not in (*_CHECKED, "frame")}
        check_settings(signature.parameters, rest)
        if "frame" in given:
            given["frame"] = _coded(plain_frame(given["frame"]), said)
            # A parameter whose default is a text is a choice between words, never a column.
            named = {name: value for name, value in said.items() if name not in choices}
            moments = named_columns(given["frame"], named)
            given.update({name: moments[name] for name in moments.keys() & given.keys()})
            if spread in given:
                own = {name: moments[name] for name in moments.keys() & given[spread].keys()}
                given[spread] = {**given[spread], **own}
        return function(*bound.args, **bound.kwargs)

    return admitted


def named_columns(frame: pd.DataFrame, said: Mapping[str, Any]) -> dict[str, Any]:
    """Check the columns that are named; return moments as the periods are.

    Parameters
    ----------
    frame
        A plain frame.
    said
        Parameter -> column or columns, or a moment.

    Raises
    ------
    DesignError
        With all that is wrong.

    Examples
    --------
    >>> frame = pd.DataFrame({"u": ["a"], "t": pd.to_datetime(["2014-01-01"])})
    >>> named_columns(frame, {"unit": "u", "period": "t", "since": "2014-01"})["since"].year
    2014
    """
    roles = {name: _names(said.get(name)) for name in (*_KEYS, *_NUMBERS, *_DESIGN, *_LABELS)}
    keys = {role: roles[role][0] for role in _KEYS if roles[role]}
    problems = list(_column_problems(frame, roles))
    known = {role: name for role, name in keys.items() if name in frame}
    problems += number_problems(frame, _of(roles, _NUMBERS), known)
    problems += label_problems(frame, _of(roles, (*_KEYS, *_LABELS)))
    moments = {}
    series = not (roles["unit"] or roles["group"])  # has its own calendar
    for name in _MOMENTS if "period" in known and not series else ():
        if said.get(name) is not None:
            periods = frame[keys["period"]]
            try:
                moments[name] = as_moment(periods, said[name])
            except TypeError:
                problems.append(
                    f"{name} {said[name]!r} does not compare with the periods of "
                    f"{keys['period']!r}, {periods.dtype} such as {plain(periods.iloc[0])!r}"
                )
    if problems:
        raise DesignError("the frame", problems, _NEXT)
    return moments


def _coded(frame: pd.DataFrame, said: Mapping[str, Any]) -> pd.DataFrame:
    """Years and codes of units as whole numbers, where a gap in the file made them 2014.0."""
    names = [said.get(role) for role in (*_KEYS, "group")]
    columns = [name for name in names if isinstance(name, str) and name in frame]
    coded = {name: whole_numbers(frame[name]) for name in columns if frame[name].dtype.kind == "f"}
    return frame.assign(**coded) if coded else frame


def _column_problems(frame: pd.DataFrame, roles: Mapping[str, list[Any]]) -> Iterator[str]:
    found = ", ".join(map(str, frame.columns))
    odd = [name for name in _of(roles, roles) if not isinstance(name, str)]
    yield from (f"column {name!r}: columns are named by text" for name in odd)
    for name in dict.fromkeys(name for name in _of(roles, roles) if isinstance(name, str)):
        if name not in frame:
            yield f"no column {name!r}; found {found}"
    keys = _of(roles, _KEYS)
    for role in _NO_KEYS:
        yield from (
            f"column {name!r}: a key of the rows; it cannot be among the {role}"
            for name in roles[role]
            if name in keys
        )
    for role in _SETS:
        listed = roles[role]
        again = [name for name in listed if listed.count(name) > 1]
        yield from (f"column {name!r}: twice among the {role}" for name in dict.fromkeys(again))
    seen: dict[Any, str] = {}
    for role in _DISTINCT:
        for name in roles[role] if not odd else ():
            if name in seen and {seen[name], role} != {"outcome", "exposure"}:
                yield f"column {name!r}: named both as {seen[name]} and as {role}"
            seen.setdefault(name, role)


def _of(roles: Mapping[str, list[Any]], chosen: Iterable[str]) -> list[Any]:
    return [name for role in chosen for name in roles[role]]


def _names(value: Any) -> list[Any]:
    """The columns that a parameter names: one or several."""
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, list | tuple | pd.Index) else []
