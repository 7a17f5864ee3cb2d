"""Languages, and numbers as each of them prints them."""

from typing import Literal, get_args

from valley_analysis.errors import ValleyError

Lang = Literal["en", "ru"]
LANGS: tuple[Lang, ...] = get_args(Lang)


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

    Thousands are grouped by a comma or by a no-break space; a missing value is an en dash.

    Examples
    --------
    >>> number(12345.61, 1)
    '12,345.6'
    >>> number(float("nan"))
    '–'
    """
    if value != value:
        return "–"
    printed = f"{value:,.{digits}f}"
    if lang == "ru":
        printed = printed.replace(",", "\u00a0").replace(".", ",")
    return printed


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
