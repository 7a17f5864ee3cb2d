"""Words of the data audit's charts and tables, in both languages."""

from pathlib import Path

from valley_analysis.charts.phrases import Phrasebook
from valley_analysis.text import Lang

word = Phrasebook(Path(__file__).with_name("audit_phrases.yml"))
"""Phrases of the data audit's charts and tables."""

# Large figures: unit -> what they are divided by, and what the quotient is measured in.
_LARGER = {
    "people": (1e6, "mln people"),
    "чел.": (1e6, "млн чел."),
    "mln RUB": (1e6, "trn RUB"),
    "млн руб.": (1e6, "трлн руб."),
    "bn RUB": (1e3, "trn RUB"),
    "млрд руб.": (1e3, "трлн руб."),
}


def method_name(method: str, lang: Lang = "en") -> str:
    """Return what a method is called; its id if it has no name yet.

    Examples
    --------
    >>> method_name("oslo4"), method_name("newer")
    ('Oslo Manual, 4th ed.', 'newer')
    """
    return word.known(f"method_{method}", method, lang)


def larger_unit(unit: str, largest: float) -> tuple[float, str]:
    """Return a divisor and the unit of the quotient, so that axes print short numbers.

    Examples
    --------
    >>> larger_unit("people", 146e6), larger_unit("%", 60)
    ((1000000.0, 'mln people'), (1.0, '%'))
    """
    if largest >= 1e5 or (largest >= 1e4 and unit in {"bn RUB", "млрд руб."}):
        return _LARGER.get(unit, (1.0, unit))
    return 1.0, unit
