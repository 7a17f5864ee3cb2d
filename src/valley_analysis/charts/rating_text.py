"""Words of the charts of regions rated on their valleys, and of the brief."""

from pathlib import Path

from valley_analysis.charts.phrases import phrase_in
from valley_analysis.text import Lang

PHRASES = Path(__file__).with_name("rating_phrases.yml")


def word(key: str, lang: Lang = "en", **values: object) -> str:
    """Return a phrase of these charts with its values put in.

    Raises
    ------
    RegisterError
        If there is no such phrase, or none in that language.

    Examples
    --------
    >>> word("quadrant_leads", "ru")
    'сильная среда, продвинулись'
    """
    return phrase_in(PHRASES, key, lang, **values)
