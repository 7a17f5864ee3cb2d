"""Languages, and how each of them prints numbers, counts and dates: one style for every reader."""

import math
from datetime import date
from typing import Literal, get_args

from valley_analysis.errors import ValleyError

Lang = Literal["en", "ru"]
LANGS: tuple[Lang, ...] = get_args(Lang)
MINUS = "−"
NBSP = "\u00a0"
"""Keeps a unit or a mark on the line of its number."""
NONE: dict[Lang, str] = {"en": "none", "ru": "нет"}
"""What stands where a list or a table holds nothing."""
FORMS: dict[Lang, int] = {"en": 2, "ru": 3}
"""How many forms a counted word has: one and many; one, few and many."""
_MONTHS: dict[Lang, str] = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}


def check_lang(lang: str) -> Lang:
    """Return `lang` if the suite speaks it.

    Raises
    ------
    ValleyError
        For any other language.
    """
    for known in LANGS:
        if lang == known:
            return known
    raise ValleyError(f"lang is {lang!r}; expected one of {', '.join(LANGS)}")


def number(value: float, digits: int = 1, lang: Lang = "en") -> str:
    """Print a number: ``12,345.6`` in English, ``12 345,6`` in Russian.

    Thousands are grouped by a comma or by a no-break space; the minus is a true one and never
    stands before a zero; a missing value is an en dash.

    Examples
    --------
    >>> number(12345.61), number(-3.26), number(-0.01), number(float("-inf"))
    ('12,345.6', '−3.3', '0.0', '−∞')
    >>> number(float("nan"))
    '–'
    """
    if value != value:
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    printed = f"{abs(value):,.{digits}f}"
    if lang == "ru":
        printed = printed.replace(",", NBSP).replace(".", ",")
    below = value < 0 and any(figure in printed for figure in "123456789")
    return MINUS + printed if below else printed


def signed(value: float, digits: int = 1, lang: Lang = "en") -> str:
    """Print a change: a number with its sign, a zero and a missing value without one.

    Examples
    --------
    >>> signed(2.64), signed(-2.64, 1, "ru"), signed(0.01)
    ('+2.6', '−2,6', '0.0')
    """
    printed = number(value, digits, lang)
    above = value > 0 and any(figure in printed for figure in "123456789∞")
    return f"+{printed}" if above else printed


def percent(share: float, digits: int = 0, lang: Lang = "en") -> str:
    """Print a share as per cent, on one line; a missing one is an en dash alone.

    Examples
    --------
    >>> percent(0.267, 1) == "26.7\u00a0%", percent(float("nan"))
    (True, '–')
    """
    printed = number(100 * share, digits, lang)
    return printed if share != share else f"{printed}{NBSP}%"


def span(low: float, high: float, digits: int = 0, lang: Lang = "en") -> str:
    """Print what a number lies between: ends that print alike are one number.

    Examples
    --------
    >>> span(5, 17), span(2, 2), span(-0.4, 11), span(-3, 2)
    ('5–17', '2', '0–11', '−3 … 2')
    """
    first, last = number(low, digits, lang), number(high, digits, lang)
    if first == last:
        return first
    return f"{first} … {last}" if MINUS in first + last else f"{first}–{last}"


def plural(n: float, *forms: str, lang: Lang = "en") -> str:
    """Return the form of a word that a number takes.

    Parameters
    ----------
    n
        The number.
    forms
        One and many in English; one, few and many in Russian.
    lang
        "en" or "ru".

    Raises
    ------
    ValleyError
        If the language has another number of forms.

    Examples
    --------
    >>> plural(1, "year", "years"), plural(0, "year", "years")
    ('year', 'years')
    >>> [plural(n, "год", "года", "лет", lang="ru") for n in (1, 3, 11, 21, 1.5)]
    ['год', 'года', 'лет', 'год', 'года']
    """
    if len(forms) != FORMS[lang]:
        raise ValleyError(
            f"{'|'.join(forms)!r}: found {len(forms)} forms of a word in {lang}; expected "
            f"{FORMS[lang]}. Next step: correct the phrase."
        )
    if lang == "en":
        return forms[0 if n == 1 else 1]
    if n != int(n):
        return forms[1]
    tens, ones = abs(int(n)) % 100, abs(int(n)) % 10
    if 10 < tens < 20 or ones == 0 or ones > 4:
        return forms[2]
    return forms[0 if ones == 1 else 1]


def counted(n: float, *forms: str, lang: Lang = "en") -> str:
    """Return a number with its word.

    Examples
    --------
    >>> counted(1, "building", "buildings"), counted(1200, "building", "buildings")
    ('1 building', '1,200 buildings')
    >>> counted(22, "здание", "здания", "зданий", lang="ru")
    '22 здания'
    """
    digits = next((k for k in (0, 1) if abs(n - round(n, k)) < 1e-9), 2)
    return f"{number(n, digits, lang)} {plural(n, *forms, lang=lang)}"


def day_text(day: date, lang: Lang = "en") -> str:
    """Return a day as prose has it.

    Examples
    --------
    >>> day_text(date(2026, 11, 5)), day_text(date(2026, 11, 5), "ru")
    ('5 November 2026', '5 ноября 2026 года')
    """
    tail = " года" if lang == "ru" else ""
    return f"{day.day} {_MONTHS[lang].split()[day.month - 1]} {day.year}{tail}"


def short_day(day: date, lang: Lang = "en") -> str:
    """Return a day as tables and figures have it.

    Examples
    --------
    >>> short_day(date(2022, 4, 25)), short_day(date(2022, 4, 25), "ru")
    ('25 Apr 2022', '25.04.2022')
    """
    return f"{day:%d.%m.%Y}" if lang == "ru" else f"{day.day} {short_month(day)}"


def short_month(day: date, lang: Lang = "en") -> str:
    """Return the month of a day as tables and figures have it.

    Examples
    --------
    >>> short_month(date(2022, 9, 1)), short_month(date(2022, 9, 1), "ru")
    ('Sep 2022', '09.2022')
    """
    name = _MONTHS["en"].split()[day.month - 1][:3]
    return f"{day:%m.%Y}" if lang == "ru" else f"{name} {day.year}"


def capital(text: str) -> str:
    """Return a text as a sentence begins.

    Examples
    --------
    >>> capital("имя"), capital("R&D staff"), capital("")
    ('Имя', 'R&D staff', '')
    """
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """Return a name as it stands within a sentence; abbreviations stay as they are.

    Examples
    --------
    >>> small("В среднем"), small("GRP per person"), small("R&D staff")
    ('в среднем', 'GRP per person', 'R&D staff')
    """
    first = text.partition(" ")[0]
    return text if sum(map(str.isupper, first)) > 1 else text[:1].lower() + text[1:]
