"""The line at the head of a page: with which parameters it was made, in the reader's words."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from valley_analysis import regions, sanctions
from valley_analysis.errors import ValleyError
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.reports.words import words
from valley_analysis.text import Lang, check_lang, number, percent, short_day, short_month

REGISTER = Path(__file__).with_name("parameter_words.yml")
_LEADING = ("period", "scope", "spec")
_SHARES = ("evidence_threshold", "weight", "discount_rate", "indexation", "tax_take")
_BARE = ("period", "wave", "seed")
"""Numbers that are names: no thousands are set apart in them."""
_UNKNOWN = (("tax_take", 0),)
_DAY, _MONTH = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d")


@cache
def _register() -> dict[str, dict[str, dict[str, str]]]:
    return check_register(read_yaml(REGISTER), dict[str, dict[str, dict[str, str]]], REGISTER.name)


def parameter_line(values: Mapping[str, Any], lang: str) -> str:
    """Say on one line which edition, scope and other parameters a page is about.

    Parameters without a value, and those that concern the machine alone, are left out.

    Examples
    --------
    >>> parameter_line({"period": 2021, "others": "RU-TUL", "cached": True, "seed": 1}, "en")
    'edition 2021 · beside it: Tula · seed 1'
    >>> parameter_line({"scope": "rosstat", "weight": 0.5, "as_of": "2026-11-25"}, "ru")[:43]
    'охват: 85 субъектов РФ, с Крымом и Севастоп'
    """
    checked = check_lang(lang)
    names = _register()["names"]
    order = [*(name for name in _LEADING if name in values),
             *(name for name in values if name not in _LEADING)]  # fmt: skip
    parts = []
    for name in order:
        if name not in names or values[name] in ("", None) or (name, values[name]) in _UNKNOWN:
            continue
        shown = _shown(name, values[name], checked)
        between = " " if shown[:1].isdigit() and name != "scope" else ": "
        parts.append(f"{names[name][checked]}{between}{shown}")
    if _provisional(values):
        parts.insert(1, str(words(lang)["provisional"]))
    return " · ".join(parts)


def _shown(name: str, value: Any, lang: Lang) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return str(value)
    if name in _SHARES and not isinstance(value, str):
        return percent(value, 0 if abs(100 * value - round(100 * value)) < 1e-9 else 1, lang)
    if not isinstance(value, str):
        whole = value == int(value)
        return str(value) if name in _BARE else number(value, 0 if whole else 2, lang)
    if name == "spec":
        value = _spec_name(value)
    if _DAY.fullmatch(value):
        return short_day(date.fromisoformat(value), lang)
    if _MONTH.fullmatch(value):
        return short_month(date.fromisoformat(f"{value}-01"), lang)
    parts = value.split(", ") if name == "weights" else value.split()
    if name == "spec" or name in _PLAIN:
        parts = [value]
    return "; ".join(_word(name, part, lang) for part in parts)


_PLAIN = ("public_money", "actual_revenue")


def _word(name: str, part: str, lang: Lang) -> str:
    """What a reader calls a word of the code; the word itself if no register knows it."""
    known = _register()["values"]
    if name == "weights":
        pillar, _, share = part.partition(" ")
        return f"{known[pillar][lang]} {share}" if pillar in known else part
    if part in known:
        return known[part][lang]
    try:
        return _OF[name](part, lang) if name in _OF else part
    except (ValleyError, KeyError):
        return part


def _region(code: str, lang: Lang) -> str:
    return regions.name(code, lang, short=True)


def _other(name: str, lang: Lang) -> str:
    return (_region if name.startswith(("RU-", "UA-")) else _outcome)(name, lang)


def _outcome(name: str, lang: Lang) -> str:
    return str(sanctions.find_outcome(name).name[lang])


def _exposure(name: str, lang: Lang) -> str:
    from valley_analysis.sanctions.exposure_spec import load_exposures

    return str(load_exposures().exposures[name].name[lang])


def _regime(name: str, lang: Lang) -> str:
    from valley_analysis.valleys.incentives import load_incentives

    return load_incentives().content.regimes[name].short[lang]


def _participant(name: str, lang: Lang) -> str:
    from valley_analysis.valleys.fiscal import load_profiles

    return load_profiles()[name].name[lang]


def _valley(name: str, lang: Lang) -> str:
    from valley_analysis.valleys import load_register

    return {one.id: one.short[lang] for one in load_register().entries}[name]


_OF: dict[str, Callable[[str, Lang], str]] = {
    "chosen": _region,
    "others": _other,
    "outcome": _outcome,
    "outcomes": _outcome,
    "exposure": _exposure,
    "contrast": _exposure,
    "regime": _regime,
    "against": _regime,
    "profiles": _participant,
    "valley": _valley,
}


def _provisional(values: Mapping[str, Any]) -> bool:
    from valley_analysis.indicators import load_spec

    if not {"spec", "period"} <= set(values):
        return False
    return values["period"] in load_spec(str(values["spec"])).provisional


def _spec_name(value: str) -> str:
    """What a specification calls itself; of a file that is gone, what the file was called."""
    from valley_analysis.errors import ValleyError
    from valley_analysis.indicators import load_spec

    try:
        return load_spec(value).name
    except ValleyError:
        return Path(value).stem
