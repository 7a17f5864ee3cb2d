"""Settings of an estimator: of the kind that its signature says, or refused before it runs.

The annotation of a parameter is its contract: numbers, words, sequences, mappings, results. Types
that say nothing about a value (`Any`, `object`, quoted ones) are left to the function.
"""

import inspect
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError

_SAID = {
    float: "a number",
    int: "a whole number",
    bool: "True or False",
    str: "text",
    NoneType: "None",
}


def check_settings(parameters: Mapping[str, inspect.Parameter], given: Mapping[str, Any]) -> None:
    """Refuse what is not of the kind that a signature says.

    Parameters
    ----------
    parameters
        Of the function.
    given
        What it is called with; a mapping for its keywords at large (`**columns`).

    Raises
    ------
    DesignError
        With every setting that is not.

    Examples
    --------
    >>> def fit(seasonal: int | None = None, trend: Literal["level", "trend"] = "level"): ...
    >>> check_settings(inspect.signature(fit).parameters, {"seasonal": "4", "trend": "level"})
    Traceback (most recent call last):
    valley_analysis.errors.DesignError: settings: 1 problem
      - seasonal='4'; expected a whole number or None
    Next step: give each setting as its documentation says
    """
    problems: list[str] = []
    for name, value in given.items():
        kind = parameters[name].annotation
        if parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            columns = getattr(next(iter(get_args(kind)), None), "__annotations__", {})
            for one in value.keys() & columns.keys():
                problems += _problem(one, value[one], _unwrapped(columns[one]))
        else:
            problems += _problem(name, value, kind)
    if problems:
        next_step = "give each setting as its documentation says"
        raise DesignError("settings", sorted(problems), next_step)


def _problem(name: str, value: Any, kind: Any) -> Iterator[str]:
    kinds = list(_kinds(kind))
    if not all(map(_known, kinds)) or any(_is(value, one) for one in kinds):
        return
    shown = repr(value).split("\n")[0]
    shown = shown if len(shown) <= 40 else f"a {type(value).__name__}"
    yield f"{name}={shown}; expected {' or '.join(dict.fromkeys(map(_told, kinds)))}"


def _unwrapped(kind: Any) -> Any:
    """The type in `NotRequired[...]`."""
    name = getattr(get_origin(kind), "_name", None)
    return get_args(kind)[0] if name in ("NotRequired", "Required") else kind


def _kinds(kind: Any) -> Iterator[Any]:
    if get_origin(kind) in (Union, UnionType):
        for one in get_args(kind):
            yield from _kinds(one)
    else:
        yield NoneType if kind is None else kind


def _known(kind: Any) -> bool:
    base = get_origin(kind) or kind
    if base is Literal:
        return True
    return isinstance(base, type) and base not in (object, Any, Hashable, inspect.Parameter.empty)


def _is(value: Any, kind: Any) -> bool:
    base = get_origin(kind) or kind
    if base is Literal:
        return isinstance(value, str)  # which words there are, functions tell with their meaning
    if base in (int, float):
        number = Integral if base is int else Real
        return isinstance(value, number) and not isinstance(value, bool)
    if base is bool:
        return isinstance(value, bool | np.bool_)
    if base in (Sequence, Iterable, Set):
        return _listed(value, next(iter(get_args(kind)), Any))
    return isinstance(value, base)


def _listed(value: Any, of: Any) -> bool:
    """Whether it is a list of such things; text is one thing, and a mapping is no list."""
    if isinstance(value, str | bytes | Mapping | pd.DataFrame) or not np.iterable(value):
        return False
    if np.ndim(value) != 1 if isinstance(value, np.ndarray) else False:
        return False
    kinds = list(_kinds(of))
    if isinstance(of, TypeVar) or not all(map(_known, kinds)) or isinstance(value, Iterator):
        return True
    return all(any(_is(one, kind) for kind in kinds) for one in value)


def _told(kind: Any) -> str:
    base = get_origin(kind) or kind
    if base is Literal:
        return "one of " + ", ".join(map(repr, get_args(kind)))
    if base in (Sequence, Iterable, Set):
        of = [_SAID[one].removeprefix("a ") for one in _kinds(get_args(kind)[0]) if one in _SAID]
        return f"a list of {' or '.join(of)}" if of else "a list"
    if base is Mapping:
        return "a mapping"
    return _SAID.get(base, f"a {base.__name__}").replace("a Eff", "an Eff")
