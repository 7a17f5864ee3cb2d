"""Names of units, dimensions and indicators as charts and tables print them."""

from collections.abc import Iterable

import pandas as pd

from valley_analysis.indicators import load_catalogue
from valley_analysis.indicators.catalogue import DIMENSIONS
from valley_analysis.regions import name
from valley_analysis.text import Lang, check_lang


def dimension_name(dimension: str, lang: Lang = "en") -> str:
    """Return the name of a dimension; its id if the catalogue does not have it.

    Examples
    --------
    >>> dimension_name("research", "ru")
    'Исследования'
    """
    return DIMENSIONS.get(dimension, {}).get(check_lang(lang), dimension)


def indicator_name(indicator: str, lang: Lang = "en") -> str:
    """Return the name of an indicator; its id if the catalogue does not have it.

    Examples
    --------
    >>> indicator_name("patents_per_100k")
    'Patents granted for inventions'
    """
    entry = load_catalogue().get(indicator)
    return entry.name[check_lang(lang)] if entry else indicator


def unit_names(units: Iterable[str], lang: Lang = "en") -> "pd.Series[str]":
    """Return the short names of units by code.

    Examples
    --------
    >>> unit_names(["RU-TUL"], "ru").to_dict()
    {'RU-TUL': 'Тульская обл.'}
    """
    codes = list(units)
    return pd.Series([name(code, lang, short=True) for code in codes], index=codes, dtype="str")
