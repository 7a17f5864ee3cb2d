"""Words that charts print, in both languages, as data beside the code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from numbers import Real
from pathlib import Path
from string import Formatter
from typing import Any

from valley_analysis.errors import RegisterError
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.text import NBSP, Lang, check_lang, counted, plural


@cache
def _read(path: Path) -> dict[str, dict[str, str]]:
    return check_register(read_yaml(path), dict[str, dict[str, str]], path.name)


class _Filled(Formatter):
    """Braces that may hold forms of a counted word.

    ``{n:step|steps}`` prints the number with its word, ``{n:|is|are}`` the word alone; Russian
    has three forms. Counts are given as numbers then.
    """

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return a value printed as its braces say."""
        if "|" in format_spec and isinstance(value, Real | str):
            return forms(value, format_spec, self.lang)
        return str(super().format_field(value, format_spec))


def forms(value: Any, spec: str, lang: Lang) -> str:
    """Return a number with the form of a word that it takes, or the word alone.

    A number that is printed already keeps its print; of a span the last one decides.

    Examples
    --------
    >>> forms(1, "step|steps", "en"), forms(3, "|шаг|шага|шагов", "ru")
    ('1 step', 'шага')
    >>> forms("1,000–1,001", "step|steps", "en")
    '1,000–1,001 steps'
    """
    words = spec.removeprefix("|").split("|")
    size = _last_number(value, lang) if isinstance(value, str) else float(value)
    if spec.startswith("|"):
        return plural(size, *words, lang=lang)
    if isinstance(value, str):
        return f"{value} {plural(size, *words, lang=lang)}"
    return counted(size, *words, lang=lang)


def _last_number(printed: str, lang: Lang) -> float:
    plain = printed.replace(NBSP, "")
    plain = plain.replace(",", ".") if lang == "ru" else plain.replace(",", "")
    found = re.findall(r"\d+(?:\.\d+)?", plain)
    return float(found[-1]) if found else 0.0


@dataclass(frozen=True)
class Phrasebook:
    """The phrases of one subject: called with a key, it returns the text.

    Attributes
    ----------
    path
        A YAML file: key -> language -> text with braces.

    Examples
    --------
    >>> phrase("values_for", "ru", n=83)
    'Со значением: 83.'
    >>> phrase.known("of_its_own", "own")
    'own'
    """

    path: Path

    @property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """All phrases: key -> language -> text."""
        return _read(self.path)

    def __call__(self, key: str, lang: Lang = "en", **values: object) -> str:
        """Return a phrase with its values put in.

        Parameters
        ----------
        key
            A key of the file.
        lang
            "en" or "ru".
        values
            What its braces stand for; numbers are given already printed.

        Raises
        ------
        RegisterError
            If there is no such phrase, or none in that language.
        """
        text = self.texts.get(key, {}).get(check_lang(lang))
        if text is None:
            raise RegisterError(
                self.path.name, [f"no phrase {key!r} in {lang!r}"], "add it, in both languages"
            )
        return _Filled(lang).vformat(text, (), values)

    def __contains__(self, key: str) -> bool:
        """Whether there is such a phrase."""
        return key in self.texts

    def known(self, key: str, default: str, lang: Lang = "en") -> str:
        """Return a phrase if there is one, else the default: for names that users may add to."""
        return self(key, lang) if key in self else default


phrase = Phrasebook(Path(__file__).with_name("phrases.yml"))
"""What all charts say."""
