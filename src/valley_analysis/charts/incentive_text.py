"""Words of the charts and tables of incentives, in both languages."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from valley_analysis.charts.phrases import Phrasebook
from valley_analysis.charts.style import source_text
from valley_analysis.text import NBSP, Lang, day_text, number, signed, small
from valley_analysis.valleys.fiscal import BenefitEnd, BreakEven, FiscalResult
from valley_analysis.valleys.incentives import Use

word = Phrasebook(Path(__file__).with_name("incentive_phrases.yml"))
"""Phrases of the incentives."""
DAGGER = "†"
_BILLION = 1000.0  # in millions


def amount(value: float, unit: str, lang: Lang = "en") -> str:
    """Return a value with its unit, with as many decimals as it has (at most two).

    Examples
    --------
    >>> amount(27.1, "percent"), amount(1000, "mln_rub_year")
    ('27.1 %', '1 bn RUB a year')
    """
    if unit.startswith("mln_rub") and value >= _BILLION:
        value, unit = value / _BILLION, unit.replace("mln", "bn")
    digits = next((n for n in (0, 1) if abs(value - round(value, n)) < 1e-9), 2)
    return word(f"unit_{unit}", lang, value=number(value, digits, lang), n=value)


def money(value: float, lang: Lang = "en", digits: int = 1) -> str:
    """Return mln RUB with a proper minus, and no minus before a zero.

    Examples
    --------
    >>> money(-3.26), money(-0.01)
    ('−3.3', '0.0')
    """
    return number(value, digits, lang)


def parameter_name(parameter: str, lang: Lang = "en") -> str:
    """Return what a parameter is called, item first.

    Examples
    --------
    >>> parameter_name("istc.profit_tax.rate_after_cap")
    'Profit tax: rate after the revenue cap'
    """
    _, item, name = parameter.split(".")
    return f"{word(f'item_{item}', lang)}: {word(f'name_{item}_{name}', lang)}"


def item_name(item: str, lang: Lang = "en", doubtful: Iterable[str] = ()) -> str:
    """Return an item's name, with † if it is among the doubtful ones."""
    return word(f"item_{item}", lang) + (NBSP + DAGGER if item in set(doubtful) else "")


def end_item(end: BenefitEnd, lang: Lang = "en", doubtful: Iterable[str] = ()) -> str:
    """Return the benefit that ends, with † if it rests on a doubtful value."""
    owner = "profit_tax" if end.item == "zero_rate" else end.item
    return word(f"end_{end.item}", lang) + (NBSP + DAGGER if owner in set(doubtful) else "")


def foot(
    lang: Lang, as_of: date, marked: bool, *, static: bool = True, notes: Sequence[str] = ()
) -> str:
    """Return the source line of a figure on incentives: date of the law, † and what it means."""
    printed = [word("note_law", lang, day=day_text(as_of, lang))]
    if static:
        printed += [word("note_illustrative", lang), word("note_static", lang)]
    printed += list(notes)
    if marked:
        printed.append(word("note_dagger", lang))
    return source_text(lang, source=word("source_incentives", lang), notes=printed)


def summary(results: Sequence[FiscalResult], lang: Lang = "en") -> str:
    """Return Markdown: cost, largest item and first end of each participant, and how sure."""
    lines = [_cost_line(found, lang) for found in results]
    uses = {(use.parameter, use.value.start): use for found in results for use in found.uses}
    doubtful = [use for use in uses.values() if use.value.doubtful]
    every = all(found.doubtful_items for found in results)
    lines.append(
        word(
            "say_doubt" if every else "say_doubt_part", lang, all=len(uses), doubtful=len(doubtful)
        )
    )
    return "\n".join(f"- {line}" for line in lines)


def _cost_line(found: FiscalResult, lang: Lang) -> str:
    ends = sorted(
        (end for end in found.ends if end.end is not None and end.reason != "not_used"),
        key=lambda end: end.end or date.max,
    )
    said = word("say_no_end", lang)
    if ends and ends[0].end is not None:
        said = word(
            "say_end",
            lang,
            day=day_text(ends[0].end, lang),
            what=end_item(ends[0], lang, found.doubtful_rules),
            why=word(f"reason_{ends[0].reason}", lang),
        )
    return word(
        "say_cost",
        lang,
        profile=found.profile.name[lang],
        value=money(found.present_value, lang, 0),
        mark=NBSP + DAGGER if found.doubtful_items else "",
        years=len(found.forgone),
        item=small(item_name(str(found.present_values.idxmax()), lang)),
        ends=said,
    )


def even_text(found: BreakEven, lang: Lang = "en") -> str:
    """Return Markdown that says whether public money has come back, or what is missing."""
    if not found.computable:
        missing = "; ".join(text[lang] for text in found.missing)
        return word("even_not_computable", lang, missing=missing)
    if found.year is not None:
        return word("even_reached", lang, year=found.year)
    last = int(found.table.index[-1])
    return word("even_not_reached", lang, year=last, short=money(found.shortfall, lang))


def marked(use: Use) -> str:
    """Return the mark of a value: † if it is not verified."""
    return NBSP + DAGGER if use.value.doubtful else ""


def known_lever(name: str, lang: Lang = "en") -> str:
    """Return what is varied in a scenario: an assumption, or a parameter of the law."""
    key = f"lever_{name}"
    return word(key, lang) if key in word else parameter_name(name, lang)


def tried_text(name: str, value: float, lang: Lang = "en") -> str:
    """Return what a scenario tried: points, a share, or a value of the law in its unit.

    Examples
    --------
    >>> tried_text("growth", -0.1), tried_text("b2b", 1.0)
    ('−10', '100 %')
    """
    if name in {"growth", "margin"}:
        return signed(100 * value, 0, lang)
    if "." in name:
        return amount(value, "percent", lang)
    return f"{number(100 * value, 0, lang)} %"


def end_groups(found: FiscalResult, lang: Lang = "en") -> list[tuple[date, dict[str, list[str]]]]:
    """Return the dates within the years shown on which benefits end: reason -> what ends."""
    groups: dict[date, dict[str, list[str]]] = {}
    last = date(int(found.forgone.index[-1]) + 1, 1, 1)
    for end in sorted(found.ends, key=lambda end: end.end or date.max):
        if end.end and end.reason != "not_used" and end.end < last and _matters(found, end.item):
            reason = word(f"reason_{end.reason}", lang)
            what = end_item(end, lang, found.doubtful_rules)
            groups.setdefault(end.end, {}).setdefault(reason, []).append(what)
    return list(groups.items())


def _matters(found: FiscalResult, item: str) -> bool:
    owner = "profit_tax" if item == "zero_rate" else item
    return bool(found.forgone[owner].abs().max() > 0.05)
