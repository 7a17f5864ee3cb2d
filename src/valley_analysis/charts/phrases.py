"""Words that charts print, in both languages, as data beside the code."""

from functools import cache
from pathlib import Path

from valley_analysis.errors import RegisterError
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.text import Lang, check_lang

PHRASES = Path(__file__).with_name("phrases.yml")


@cache
def load_phrases(path: Path = PHRASES) -> dict[str, dict[str, str]]:
    """Return all phrases: key -> language -> text.

    Examples
    --------
    >>> load_phrases()["missing"]["en"]
    'no data'
    """
    return check_register(read_yaml(path), dict[str, dict[str, str]], path.name)


def phrase(key: str, lang: Lang = "en", **values: object) -> str:
    """Return a phrase with its values put in.

    Parameters
    ----------
    key
        A key of charts/phrases.yml.
    lang
        "en" or "ru".
    values
        What its braces stand for; numbers are given already printed.

    Raises
    ------
    RegisterError
        If there is no such phrase, or none in that language.

    Examples
    --------
    >>> phrase("regions_count", "ru", n=83)
    'субъектов РФ: 83'
    """
    return phrase_in(PHRASES, key, lang, **values)


def phrase_in(path: Path, key: str, lang: Lang, **values: object) -> str:
    """Return a phrase of one file of phrases, see `phrase`.

    Raises
    ------
    RegisterError
        If there is no such phrase, or none in that language.
    """
    text = load_phrases(path).get(key, {}).get(check_lang(lang))
    if text is None:
        raise RegisterError(
            path.name, [f"no phrase {key!r} in {lang!r}"], "add it, in both languages"
        )
    return text.format(**values)
