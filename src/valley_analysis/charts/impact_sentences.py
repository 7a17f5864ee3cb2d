"""Sentences made from the facts of results, in either language, by templates in a data file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any

import numpy as np

from valley_analysis.charts.impact_text import (
    About,
    compact,
    p_text,
    period_text,
    word,
)
from valley_analysis.charts.phrases import forms
from valley_analysis.errors import UnknownRegionError
from valley_analysis.impact.results import MARKS, CheckResult, EffectResult
from valley_analysis.regions import name as region_name
from valley_analysis.text import NONE, Lang, number

_SHOWN = 6


@dataclass(frozen=True)
class _Fact:
    """A value that a template prints in one of these ways, by the letter after its colon.

    e: an effect per unit of exposure, as the figures scale it (a: without a plus); i: one that is
    per interquartile range already; p: a p-value; %, %1: a share; n: a label, or several; t: a
    period; w: an English word of a check, in the reader's language; digits: that many decimals;
    forms of a counted word: the number with the one it takes.
    """

    value: Any
    about: About
    lang: Lang

    def __format__(self, spec: str) -> str:
        value, lang = self.value, self.lang
        if "|" in spec:
            return forms(value, spec, lang)
        if spec in ("e", "i", "a"):
            return self.about.told(float(value), lang, per_iqr=spec == "i", sign=spec != "a")
        if spec == "p":
            return p_text(float(value), lang)
        if spec.startswith("%"):
            return f"{number(100 * float(value), int(spec[1:] or 0), lang)}\u00a0%"
        if spec == "n":
            return labels_text(value, self.about, lang)
        if spec == "t":
            return period_text(value, lang)
        if spec == "w":
            return word.known(f"said_{str(value).replace(' ', '_')}", str(value), lang)
        if spec:
            return number(float(value), int(spec), lang)
        if isinstance(value, bool | str) or not isinstance(value, int | float | np.number):
            return str(value)
        whole = isinstance(value, int | np.integer)
        return number(float(value), 0, lang) if whole else compact(float(value), lang)


def label_text(label: Any, about: About, lang: Lang = "en") -> str:
    """Return what a unit, column, sector or period of a result is called.

    Examples
    --------
    >>> label_text("RU-TUL", About("y"), "ru"), label_text("x", About("y", names={"x": "size"}))
    ('Тульская обл.', 'size')
    """
    if str(label) in about.names:
        return about.names[str(label)]
    try:
        return region_name(str(label), lang, short=True)
    except UnknownRegionError:
        return period_text(label, lang)


def labels_text(labels: Any, about: About, lang: Lang = "en") -> str:
    """Return one label or several, the first six of them by name.

    Examples
    --------
    >>> labels_text(list("abcdefgh"), About("y"))
    'a, b, c, d, e, f and 2 more'
    """
    if not isinstance(labels, list | tuple):
        return label_text(labels, about, lang)
    shown = ", ".join(label_text(one, about, lang) for one in labels[:_SHOWN])
    more = len(labels) - _SHOWN
    return f"{shown} {word('and_more', lang, n=more)}" if more > 0 else shown or NONE[lang]


def check_name(name: str, lang: Lang = "en") -> str:
    """Return what a check is called; its own name if there is no phrase for it.

    Examples
    --------
    >>> check_name("prefit", "ru"), check_name("of_its_own")
    ('Близость до воздействия', 'of its own')
    """
    return word.known(f"name_{name}", name.replace("_", " "), lang)


def check_text(check: CheckResult, lang: Lang = "en", about: About | None = None) -> str:
    """Return the finding of a check in words, made from its facts.

    Parameters
    ----------
    check
        Any check; one without a template, or with facts that no template fits, keeps its own
        English sentence.
    lang
        "en" or "ru".
    about
        Scale of effects, and names of units and columns.

    Examples
    --------
    >>> facts = {"pre_rmspe": 0.5, "spread": 4.0, "share": 0.125, "expected": 0.25}
    >>> check_text(CheckResult("prefit", "passed", "close", facts))[:41]
    'Before the treatment the root mean square'
    """
    # A check decided by a margin tells first what it found in its own way.
    own = str(check.facts.get("found", check.status))
    alone = "_one" if check.facts.get("n") == 1 and f"check_{check.name}_one" in word.texts else ""
    found = sentence(f"check_{check.name}{alone}", check.facts, lang, about, own)
    # A shortened name may end its sentence: "обл." has its full stop already.
    found = found and found.replace("..", ".")
    if found is None or "margin" not in check.facts:
        return check.text if found is None else found
    exact = check.facts["bias_low"] == check.facts["bias_high"]
    key = f"moved_{check.status}" if exact else f"margin_{check.status}"
    told = sentence(key, check.facts, lang, about)
    return f"{found} {told}"


def estimand_text(result: EffectResult, lang: Lang = "en", about: About | None = None) -> str:
    """Return what is estimated, in words, by the result's method.

    Examples
    --------
    >>> from valley_analysis.impact.results import estimates
    >>> import pandas as pd
    >>> table = estimates(pd.Series({"twfe": 2.0}), pd.Series({"twfe": 1.0}))
    >>> result = EffectResult("bacon_decomposition", "y", table, "twfe", "slope", "iid")
    >>> estimand_text(result, "ru", About("патенты"))[:40]
    'Коэффициент двусторонней регрессии для п'
    """
    told = about or About(result.outcome)
    found = sentence(f"estimand_{result.method}", _estimand_facts(result, told, lang), lang, told)
    return result.estimand if found is None else found


def inference_text(result: EffectResult, lang: Lang = "en") -> str:
    """Return how intervals were made, by the result's method; its own English text at worst."""
    facts = {"units": result.n_units, "level": result.level}
    found = sentence(f"inference_{result.method}", facts, lang)
    return result.inference if found is None or lang == "en" else found


def _estimand_facts(result: EffectResult, about: About, lang: Lang) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "outcome": about.outcome,
        "scale": word("scale_percent" if about.percent else "scale_level", lang),
    }
    if about.exposure:
        facts |= {"exposure": about.exposure, "per": about.per(lang)}
    table = result.table
    if "event_time" in table and result.method == "event_study":
        timed = table[table["event_time"].notna()]
        fixed = timed[timed["estimate"].eq(0) & timed["se"].isna()]
        facts["since"] = timed.loc[timed["event_time"] >= 0, "period"].min()
        if len(fixed):
            facts["reference"] = fixed["period"].iloc[0]
    if about.since is not None:
        facts["since"] = about.since
    if "weights" in result.frames:
        facts["donors"] = len(result.frames["weights"])
    return facts


def sentence(
    key: str,
    facts: Mapping[str, Any],
    lang: Lang = "en",
    about: About | None = None,
    status: str = "",
) -> str | None:
    """Return the template of a key that fits the facts best, filled in; None if none fits.

    Templates are ``key`` and ``key__variant``. A variant named after a status ("failed",
    "failed_seldom") serves that status alone, and goes before others; of those whose braces all
    have a fact, the one with the most is taken.
    """
    fitting = []
    for name, variant, fields in _variants(key, lang):
        of_status = variant.partition("_")[0]
        if fields <= set(facts) and (of_status not in MARKS or of_status == status):
            fitting.append((of_status == status, len(fields), name))
    if not fitting:
        return None
    *_, chosen = max(fitting)
    told = about or About("")
    values = {name: _Fact(value, told, lang) for name, value in facts.items()}
    return word(chosen, lang, **values)


@cache
def _variants(key: str, lang: Lang) -> Sequence[tuple[str, str, frozenset[str]]]:
    """Templates of a key: name, variant, names in braces."""
    found = []
    for name, texts in word.texts.items():
        base, _, variant = name.partition("__")
        if base == key:
            parsed = Formatter().parse(texts[lang])
            found.append((name, variant, frozenset(part for _, part, _, _ in parsed if part)))
    return tuple(found)
