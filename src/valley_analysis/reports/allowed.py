"""Which values a parameter may have: of its register, a day, between bounds.

All of it is known before a kernel starts, so a wrong value costs no run.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, get_args

from valley_analysis.errors import ValleyError
from valley_analysis.reports import listing

if TYPE_CHECKING:
    from valley_analysis.reports.parameters import Parameter, Value

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")
_LONGEST = 2_000  # letters of a text
_DRAWS = (2, 1_000_000)
# Name -> the least and the largest number that means anything, or that ends in a day.
_BOUNDS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("replications", "permutations", "curve_permutations"), _DRAWS),
    **dict.fromkeys(("weight", "evidence_threshold", "discount_rate", "tax_take"), (0, 1)),
    "seed": (0, 2**32 - 1),
    "indexation": (-0.5, 1),
    "years": (1, 50),
    "neighbours": (1, 50),
    "first": (1, 85),
    "pay": (1, 100_000_000),
}
_LISTS = {
    "outcome": "outcomes",
    "outcomes": "outcomes",
    "exposure": "exposures",
    "contrast": "exposures",
    "wave": "waves",
    "valley": "valleys",
    "chosen": "regions",
    "regime": "regimes",
    "against": "regimes",
    "profiles": "profiles",
}
_SEVERAL = {"outcomes", "others", "profiles"}
"""Parameters of several keys with spaces between, also where the default has one only."""


def not_allowed(values: Mapping[str, "Value"], declared: Mapping[str, "Parameter"]) -> list[str]:
    """Say what is wrong with the values of parameters: one line each, with what there is.

    Parameters
    ----------
    values
        Every value, defaults included.
    declared
        The parameters that a notebook declares; their defaults say which of two meanings a
        name has, and which texts are days.
    """
    problems: list[str] = []
    for name, parameter in declared.items():
        problems += _problems(name, values[name], parameter.default)
    if not problems:
        problems += _together(values, declared)
    return problems


def _problems(name: str, value: "Value", default: "Value") -> Iterator[str]:
    if isinstance(value, str):
        yield from _text_problems(name, value, str(default))
    elif name in _BOUNDS and not isinstance(value, bool):
        low, high = _BOUNDS[name]
        if not low <= value <= high:  # not a number is neither
            yield f"{name} is {value}; expected {low:g} to {high:,.10g}"
    elif isinstance(value, float) and not abs(value) < float("inf"):
        yield f"{name} is {value}; expected a finite number"
    elif name == "wave":
        yield from _unknown(name, [str(value)], "waves")


def _text_problems(name: str, value: str, default: str) -> Iterator[str]:
    if len(value) > _LONGEST:
        yield f"{name} has {len(value):,} letters; expected no more than {_LONGEST:,}"
    elif bad := [sign for sign in value if not sign.isprintable()]:
        yield f"{name} holds the sign {bad[0]!r}; expected text on one line"
    elif _DAY.fullmatch(default):
        yield from _day_problems(name, value)
    elif _MONTH.fullmatch(default):
        if not _MONTH.fullmatch(value) or not 1 <= int(value[5:]) <= 12:
            yield f"{name} is {value!r}; expected a month such as {default}"
    elif name in _WORDS:
        if value not in (words := _WORDS[name]()):
            yield f"{name} is {value!r}; expected one of {', '.join(words)}"
    elif name in _CHECKS:
        yield from _refused(name, _CHECKS[name], value)
    elif known := _list_of(name, default):
        keys = value.split()
        if name not in _SEVERAL and len(default.split()) == 1 != len(keys):
            yield f"{name} is {value!r}; expected one key (`valley list {known}`)"
        else:
            yield from _unknown(name, keys, known)


def _day_problems(name: str, value: str) -> Iterator[str]:
    try:
        day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        yield f"{name} is {value!r}; expected a day such as 2026-11-25"
    elif day < (first := _first_decree()):
        yield f"{name} is {value}; the first valley was decreed by {first}, expected a later day"


def _first_decree() -> date:
    """The first day by which a valley stood for certain."""
    from valley_analysis.valleys import STEPS, ladder, load_register

    steps = ladder(load_register(), date.max.replace(year=2100)).steps
    dated = steps.xs(STEPS[2], level="step")["last"].dropna()
    found: date = dated.min().date()
    return found


def _list_of(name: str, default: str) -> str:
    """The list that a parameter's keys are of; `others` are more of what its default holds."""
    if name != "others":
        return _LISTS.get(name, "")
    for one in ("outcomes", "regions"):
        if set(default.split()) <= _keys(one):
            return one
    return ""


def _keys(name: str) -> set[str]:
    return {key for key, _ in listing.LISTS[name]()}


def _unknown(name: str, given: Collection[str], known: str) -> Iterator[str]:
    keys = _keys(known)
    for key in given:
        if key not in keys:
            near = ", ".join(get_close_matches(key, keys, n=3))
            told = f"nearest: {near}" if near else f"there are {', '.join(sorted(keys)[:8])} ..."
            yield f"{name}: no {key!r}; {told} (`valley list {known}`)"


def _refused(name: str, check: Callable[[str], object], value: str) -> Iterator[str]:
    """What a check says against a value; nothing if it passes."""
    try:
        check(value)
    except ValleyError as error:
        told = str(error)
        yield told if told.startswith(name) else f"{name}: {told}"


def _together(values: Mapping[str, "Value"], declared: Mapping[str, "Parameter"]) -> Iterator[str]:
    """What is wrong with values that are right each by itself."""
    if "period" in declared:
        yield from _edition(values)
    if {"since", "as_of"} <= declared.keys() and not str(values["since"]) < str(values["as_of"]):
        yield f"since is {values['since']}; expected a day before as_of, {values['as_of']}"
    if {"valley", "as_of"} <= declared.keys():
        yield from _standing(str(values["valley"]), date.fromisoformat(str(values["as_of"])))
    if "scope" in declared:
        yield from _outside(values, declared)
    for name in ("exposure", "contrast"):
        if name in declared and isinstance(wave := values.get("wave"), int):
            from valley_analysis.sanctions import exposure_specs

            having = exposure_specs(wave)
            if values[name] not in having:
                yield f"{name} is {values[name]!r}; the wave of {wave} has {', '.join(having)}"


def _standing(valley: str, as_of: date) -> Iterator[str]:
    from valley_analysis.valleys import ladder, load_register

    standing = list(ladder(load_register(), as_of).valleys)
    if valley not in standing:
        yield f"valley is {valley!r}, not decreed by {as_of}; there were {', '.join(standing)}"


def _outside(values: Mapping[str, "Value"], declared: Mapping[str, "Parameter"]) -> Iterator[str]:
    from valley_analysis.regions.registry import units

    compared = units(str(values["scope"]))
    for name, parameter in declared.items():
        if _list_of(name, str(parameter.default)) == "regions":
            for code in str(values[name]).split():
                if code not in compared:
                    yield f"{name}: {code} is not of scope {values['scope']!r}"


def _edition(values: Mapping[str, "Value"]) -> Iterator[str]:
    from valley_analysis.indicators import load_spec

    spec, period = load_spec(str(values.get("spec", "regional_innovation"))), values["period"]
    first, last = spec.editions
    if not isinstance(period, int) or not first <= period <= last:
        yield f"period is {period}; specification {spec.name!r} has editions {first}-{last}"


def _lang(value: str) -> object:
    from valley_analysis.text import check_lang

    return check_lang(value)


def _scope(value: str) -> object:
    from valley_analysis.regions import check_scope

    return check_scope(value)


def _spec(value: str) -> object:
    from valley_analysis.indicators import load_spec

    return load_spec(value)


def _amounts(value: str) -> object:
    from valley_analysis.valleys.fiscal import amounts_by_year

    return amounts_by_year(value)


def _weights(value: str) -> object:
    from valley_analysis.valleys import ProgressSpec

    try:
        pairs = {name: float(weight) for name, weight in map(str.split, value.split(","))}
    except ValueError:
        raise ValleyError(f"{value!r} is not written as 'stage 1, participants 2'") from None
    return ProgressSpec(weights=pairs)


_CHECKS: dict[str, Callable[[str], object]] = {
    "lang": _lang,
    "scope": _scope,
    "spec": _spec,
    "weights": _weights,
    "public_money": _amounts,
    "actual_revenue": _amounts,
}


def _literal(name: str) -> Callable[[], tuple[str, ...]]:
    def words() -> tuple[str, ...]:
        from valley_analysis.valleys import attribution, claims, rating

        choices = {
            "attribution": attribution.Attribution,
            "rule": claims.Rule,
            "several": rating.Several,
        }
        return get_args(choices[name])

    return words


_WORDS = {name: _literal(name) for name in ("attribution", "rule", "several")}
