"""The catalogue of indicators: names, direction, formula, and what each can mislead about."""

from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import RegisterError, UnknownIndicatorError
from valley_analysis.registers import check_register, read_yaml

REGISTER = Path(__file__).with_name("catalogue.yml")

DIMENSIONS = {
    "economic_base": {"en": "Economic base", "ru": "Экономическая база"},
    "human_capital": {"en": "Human capital", "ru": "Человеческий капитал"},
    "research": {"en": "Research", "ru": "Исследования"},
    "technology": {
        "en": "Technology creation and use",
        "ru": "Создание и использование технологий",
    },
    "innovation": {"en": "Innovation in firms", "ru": "Инновации в организациях"},
    "openness_digital": {
        "en": "Openness and digital use",
        "ru": "Открытость и цифровизация",
    },
}


class Formula(Entry):
    """Sum of the series `of`, over the sum of the series `to`, times `per`.

    Attributes
    ----------
    of, to
        Series ids; `to` is the denominator, of the same period, and may be empty.
    per
        Factor, for example 100,000 (people).
    deflate
        Express `of` in prices of the base year.
    relative
        Divide by the same ratio of the whole country.
    """

    of: tuple[str, ...] = Field(min_length=1)
    to: tuple[str, ...] = ()
    per: float = 1.0
    deflate: bool = False
    relative: bool = False

    @property
    def series(self) -> tuple[str, ...]:
        """Every series that the formula uses."""
        return (*self.of, *self.to)

    def __str__(self) -> str:
        """Print the formula as one would write it."""
        text = " + ".join(self.of)
        if self.deflate:
            text = f"{text} (constant prices)"
        if self.to:
            text = f"{text} / {' + '.join(self.to)}"
        if self.per != 1:
            text = f"{text} × {self.per:,.0f}"
        return f"{text}, Russia = 1" if self.relative else text


class Indicator(Entry):
    """What is computed from series.

    Attributes
    ----------
    direction
        1: more is better; -1: less is better; 0: context, shown but not scored.
    why
        The reason for the direction.
    misleads
        What a reader could wrongly conclude from it.
    """

    id: str
    name: Bilingual
    unit: Bilingual
    dimension: Literal[
        "economic_base",
        "human_capital",
        "research",
        "technology",
        "innovation",
        "openness_digital",
    ]
    direction: Literal[-1, 0, 1]
    formula: Formula
    why: Bilingual
    misleads: Bilingual


@cache
def load_catalogue(path: Path = REGISTER) -> dict[str, Indicator]:
    """Return the catalogue by indicator id.

    Raises
    ------
    RegisterError
        With every wrong key, and every relative indicator without a denominator.
    """
    content = read_yaml(path)
    entries = [{"id": key, **value} for key, value in content.items()]
    catalogue = check_register(entries, tuple[Indicator, ...], path.name)
    problems = [
        f"{indicator.id}: relative without a denominator"
        for indicator in catalogue
        if indicator.formula.relative and not indicator.formula.to
    ]
    if problems:
        raise RegisterError(path.name, problems, "give the formula a `to`")
    return {indicator.id: indicator for indicator in catalogue}


def find_indicator(name: str) -> Indicator:
    """Return one indicator.

    Raises
    ------
    UnknownIndicatorError
        With the nearest ids.

    Examples
    --------
    >>> print(find_indicator("patents_per_100k").formula)
    patents / population_mean × 100,000
    """
    catalogue = load_catalogue()
    if name in catalogue:
        return catalogue[name]
    near = ", ".join(get_close_matches(name, catalogue, n=3)) or "none"
    raise UnknownIndicatorError(
        f"no indicator {name!r} in indicators/catalogue.yml; nearest: {near}. "
        "Next step: use one of its keys, or add an entry there."
    )
