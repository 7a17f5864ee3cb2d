"""From the labels that publishers print to codes of the register."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from valley_analysis.errors import RegisterError, UnknownRegionError
from valley_analysis.regions.register import HERE, load_registry
from valley_analysis.registers import read_yaml

# Letters that look alike once the case is folded; k, m, t, h and b do so as capitals.
_LATIN, _CYRILLIC = "abcehkmoptxy", "авсенкмортху"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_ONLY_CYRILLIC = re.compile(f"[а-яё](?<![{_CYRILLIC}])")
_ONLY_LATIN = re.compile(f"[a-z](?<![{_LATIN}])")

_WORD = re.compile(r"[^\W\d_]+")

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_DASHES = re.compile(r"\s*[-_‐‑‒–—―−]+\s*")
# 1)  1);2)  *)  * after a letter or a bracket, and the bare digit left of a superscript.
_FOOTNOTE = re.compile(
    r"(?<=[^\W\d_]|\))[\s;,]*(?:\d{1,2}\s*\)|\*+\s*\)?)|(?<=[^\W\d_])\s*\d{1,2}$"
)
_LEAD_IN = re.compile(r"^(?:в том числе|из них)\s*:?\s+(?=\S)")
_CITY = re.compile(r"^(?:г\.|г\b|гор\.|город\b)\s*")
# A unit of measurement behind the name of the country's row. Nothing else after a comma may
# be cut: "..., без автономного округа" is another unit.
_MEASURE = re.compile(r"\s*,\s*(?:тыс|млн|млрд|трлн|процент|рубл|человек|единиц|%).*$")
_BRACKET = re.compile(r"\s*\(\s*")
_SHORT_FORMS = (
    (re.compile(r"\bавт\.\s*(?=окр|обл)"), "автономный "),
    (re.compile(r"\bобл(?:\.|$)"), "область "),
    (re.compile(r"\bресп(?:\.|\b)"), "республика "),
    (re.compile(r"\bао$"), "автономный округ"),
    (re.compile(r"\bавтономный области\b"), "автономной области"),
    (re.compile(r"\bавтономный область\b"), "автономная область"),
    (re.compile(r"\bавтономный округа\b"), "автономного округа"),
    (re.compile(r"\bавтономный округов\b"), "автономных округов"),
)


@lru_cache(maxsize=65536)
def normalise_label(text: str) -> str:
    """Return the form of a label in which two spellings of one name are equal.

    Undone are differences of case, spaces, line breaks, soft hyphens, dashes, ё, footnote
    marks, Latin letters in Cyrillic words (and the reverse), a leading "г." or
    "в том числе", a unit of measurement after a comma, and the abbreviations of
    "автономный", "область", "республика". Nothing else is touched: a misprint stays one.

    Parameters
    ----------
    text
        A label as printed.

    Examples
    --------
    >>> normalise_label("Бpянская  область1);2)")
    'брянская область'
    >>> normalise_label("в том числе:\\n Ненецкий авт.округ")
    'ненецкий автономный округ'
    """
    plain = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold()
    plain = " ".join(plain.translate(_INVISIBLE).split())
    plain = _one_script(plain).replace("ё", "е")
    plain = _FOOTNOTE.sub("", plain)
    plain = _MEASURE.sub("", plain)
    plain = _BRACKET.sub(" (", _DASHES.sub("-", plain)).replace(" )", ")")
    plain = _CITY.sub("", _LEAD_IN.sub("", plain))
    for pattern, full in _SHORT_FORMS:
        plain = pattern.sub(full, plain)
    return " ".join(plain.split()).strip(" .,:;")


def _one_script(text: str) -> str:
    """Bring each word of look-alike letters to the script that its other letters are in.

    A word of look-alikes only follows the label; a label of look-alikes only is Cyrillic
    (every letter of "Москва" has a Latin twin).
    """
    if not any("a" <= letter <= "z" for letter in text):
        return text
    latin = _ONLY_LATIN.search(text) is not None and _ONLY_CYRILLIC.search(text) is None
    return _WORD.sub(lambda word: _word(word.group(), latin), text)


def _word(word: str, in_latin_label: bool) -> str:
    if _ONLY_CYRILLIC.search(word):
        return word.translate(_TO_CYRILLIC)
    if _ONLY_LATIN.search(word) or in_latin_label:
        return word.translate(_TO_LATIN)
    return word.translate(_TO_CYRILLIC)


class Labels(NamedTuple):
    """Normalised labels: those of regions with their codes, those of no region with a reason."""

    regions: Mapping[str, str]
    not_regions: Mapping[str, str]


@cache
def load_labels() -> Labels:
    """Return all known labels in their normalised form.

    Raises
    ------
    RegisterError
        If two regions' labels collide, or an alias is superfluous or has an unknown code;
        all problems at once.
    """
    return read_labels(read_yaml(HERE / "aliases.yml"))


def read_labels(content: Mapping[str, Any]) -> Labels:
    """Check the content of an alias file against the register.

    Raises
    ------
    RegisterError
        As `load_labels` says.
    """
    known: dict[str, str] = {}
    refused: dict[str, str] = {}
    problems = [*_add_names(known), *_add_aliases(known, content["aliases"])]
    for row in content["not_regions"]:
        key = normalise_label(row["label"])
        if key in known:
            problems.append(f"{row['label']!r} is no region here, but {known[key]} above")
        if key in refused and refused[key] != row["why"]:
            problems.append(f"{row['label']!r} stands twice with different reasons")
        refused[key] = row["why"]
    if problems:
        raise RegisterError("aliases.yml", problems, "drop or mend the entry")
    return Labels(MappingProxyType(known), MappingProxyType(refused))


def _add_names(known: dict[str, str]) -> Iterator[str]:
    for region in load_registry().values():
        for label in (region.name_ru, region.name_en):
            key = normalise_label(label)
            if known.setdefault(key, region.code) != region.code:
                yield f"{label!r} is the name of {region.code} and of {known[key]}"


def _add_aliases(known: dict[str, str], rows: list[dict[str, str]]) -> Iterator[str]:
    codes = load_registry()
    for row in rows:
        key, code = normalise_label(row["label"]), row["region"]
        if code not in codes:
            yield f"{row['label']!r}: {code!r} is no code of ours"
        elif known.get(key) == code:
            yield f"{row['label']!r} is superfluous: it resolves to {code} without"
        elif key in known:
            yield f"{row['label']!r} is an alias of {code}, but resolves to {known[key]}"
        known.setdefault(key, code)


def not_regions() -> Mapping[str, str]:
    """Return the normalised labels that are known to be no region, each with the reason.

    Examples
    --------
    >>> not_regions()["байконур"]
    'a leased city in Kazakhstan'
    """
    return load_labels().not_regions


def match_regions(labels: Iterable[str], *, where: str = "labels") -> dict[str, str]:
    """Resolve every label to a code of the register, or raise.

    A label resolves only if, normalised, it equals a name or an alias; likeness is never
    enough. Historical units have codes of their own (``RU-KOP``) and never resolve to the
    region of today.

    Parameters
    ----------
    labels
        Labels as printed, with repeats: a column can be passed as it is.
    where
        The file or table they come from, for the message.

    Returns
    -------
    dict of str to str
        One entry a distinct label; "" for rows known to be no region (see `not_regions`).

    Raises
    ------
    UnknownRegionError
        With every label that is neither, and the nearest names.

    Examples
    --------
    >>> match_regions(["г. Москва2)", "Московская область", "в том числе:"])
    {'г. Москва2)': 'RU-MOW', 'Московская область': 'RU-MOS', 'в том числе:': ''}
    """
    known, refused = load_labels()
    matched: dict[str, str] = {}
    unknown: list[object] = []
    for label in dict.fromkeys(labels):
        key = normalise_label(label) if isinstance(label, str) else ""
        if key in known:
            matched[label] = known[key]
        elif key in refused:
            matched[label] = ""
        else:
            unknown.append(label)
    if unknown:
        raise UnknownRegionError(
            where,
            [_describe(label, known) for label in unknown],
            "add the spelling to regions/aliases.yml (aliases, or not_regions with a reason), "
            "or leave the row out when reading",
        )
    return matched


def _describe(label: object, known: Mapping[str, str]) -> str:
    if not isinstance(label, str) or not label.strip():
        return f"{label!r} is no text"
    near = difflib.get_close_matches(normalise_label(label), list(known), n=8, cutoff=0.6)
    codes = list(dict.fromkeys(known[key] for key in near))[:3]
    names = ", ".join(f"{load_registry()[code].name_ru} ({code})" for code in codes)
    return f"{label!r} matches no region; nearest: {names or 'none'}"
