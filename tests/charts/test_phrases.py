"""Every word that a chart prints exists in both languages, and is printed somewhere."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import nbformat
import pandas as pd
import pytest

import valley_analysis
from valley_analysis import charts
from valley_analysis.charts.impact_sentences import sentence
from valley_analysis.charts.phrases import Phrasebook, forms, phrase
from valley_analysis.charts.tables import method_name
from valley_analysis.errors import RegisterError
from valley_analysis.panel.published_ranks import published_ranks
from valley_analysis.text import FORMS, LANGS

BOOKS = {
    book.name: Phrasebook(book)
    for book in sorted(Path(charts.__file__).parent.glob("*phrases.yml"))
}
EVERY = [(name, key) for name, book in BOOKS.items() for key in book.texts]

# Names and symbols that Russian text writes in Latin letters.
LATIN = {"DCW", "GMT", "SHA", "OFAC", "SARMA"}
STATISTICS = {"AKM", "CR", "HC", "LM", "F", "I", "M", "n", "p", "t", "z"}

# Ranges over assumptions are not confidence intervals, and must not be called so.
AS_SURE = re.compile(r"confiden|probab|likel|вероятн|довери|уверенност", re.IGNORECASE)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(("book", "key"), EVERY)
def test_phrase_is_complete(book: str, key: str) -> None:
    texts = BOOKS[book].texts[key]
    assert set(texts) == set(LANGS)
    assert all(text.strip() for text in texts.values())
    assert fields(texts["en"]) == fields(texts["ru"])
    bare = re.sub(r"\{[^}]*\}", "", texts["ru"])
    assert set(re.findall(r"[A-Za-z]+", bare)) <= LATIN | STATISTICS
    assert not re.search(r"[А-яЁё]", texts["en"])


COUNTED = re.compile(
    r"(?<![}\d])\{(\w+)\}(?:\*\*)? (region|change|observation|specification|permutation"
    r"|unit|sector|cluster|indicator|draw|year|host|outcome|pair|valley|partner|day|month|fact|centre|industr|dimension"
    r"|site|step|building|compan|figure)(?:s|ies|y)\b"
)
"""A count and a word that would stand in the plural beside one."""


@pytest.mark.parametrize("book", BOOKS)
def test_a_counted_word_takes_the_form_of_its_number(book: str) -> None:
    fixed = {
        key: found.group()
        for key, texts in BOOKS[book].texts.items()
        if not key.startswith("title_") and (found := COUNTED.search(texts["en"]))
    }
    assert not fixed, "write {n:region|regions}"


@pytest.mark.parametrize(("book", "key"), EVERY)
def test_forms_of_a_counted_word_are_those_of_the_language(book: str, key: str) -> None:
    for lang in LANGS:
        for _, _, spec, _ in Formatter().parse(BOOKS[book].texts[key][lang]):
            if spec and "|" in spec:
                assert len(spec.removeprefix("|").split("|")) == FORMS[lang], spec
                assert forms(1, spec, lang) != forms(5, spec, lang), spec
                assert forms("21", spec, lang) == forms(21, spec, lang)


@pytest.mark.parametrize(("book", "key"), EVERY)
def test_no_phrase_doubles_a_sign_or_writes_a_hyphen_for_a_minus(book: str, key: str) -> None:
    for lang in LANGS:
        text = BOOKS[book].texts[key][lang]
        assert not re.search(r"(?<![\w}])-[\d{]", text), "a minus is −"
        # A sign of its own beside a word that says the direction: "fell by −26.7 %".
        moved = r"(fell|rose|lower|higher|grew|упал\w*|выр\w*|сниз\w*) (by|на) \{\w+:[ei]\}"
        assert not re.search(moved, text), "print the size without its sign, as :a does"
        assert not re.search(r"\d{4}-\d\d-\d\d", text), "a day is printed by text.py"
        assert not re.search(r"\bm RUB|₽", text), "mln RUB, млн руб."


def test_ranges_over_assumptions_are_not_called_confidence() -> None:
    for key, texts in BOOKS["robustness_phrases.yml"].texts.items():
        assert not AS_SURE.search(texts["en"] + texts["ru"]), key


def _code() -> Iterator[str]:
    package = Path(valley_analysis.__file__).parent
    yield from (file.read_text("utf-8") for file in package.rglob("*.py"))
    for file in (Path(__file__).parents[2] / "notebooks").rglob("*.ipynb"):
        cells = nbformat.read(file, as_version=4).cells
        yield from (cell.source for cell in cells if cell.cell_type == "code")


@cache
def _strings() -> tuple[frozenset[str], re.Pattern[str]]:
    """Return what code quotes, and the keys it puts together from words and values."""
    quoted, made = set(), set()
    for code in _code():
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                quoted.add(node.value)
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else ".+"
                         for part in node.values]  # fmt: skip
                made.add("".join(map(str, parts)))
    prefixes = {f"{text}.+" for text in quoted if text.endswith("_")}
    keys = {text for text in made | prefixes if re.fullmatch(r"[a-z_]{3,}\.\+|\.\+_[a-z_]+", text)}
    return frozenset(quoted), re.compile("|".join(sorted(keys)))


def _printed(key: str) -> bool:
    quoted, made = _strings()
    names = {key, key.partition("__")[0]}
    return bool(names & quoted) or any(made.fullmatch(name) for name in names)


@pytest.mark.parametrize("book", BOOKS)
def test_every_phrase_is_printed_somewhere(book: str, indicators: pd.DataFrame) -> None:
    data = {word for method in indicators["method"].unique() for word in str(method).split("+")}
    data |= set(published_ranks()["rating"])
    unused = [key for key in BOOKS[book].texts if key not in data and not _printed(key)]
    assert not unused, unused


def test_methods_and_ratings_have_names(indicators: pd.DataFrame) -> None:
    for method in indicators["method"].unique():
        assert not set(re.findall(r"[A-Za-z]+", method_name(str(method), "ru"))), method
    for rating in published_ranks()["rating"].unique():
        assert phrase(rating, "ru") != rating


def test_unknown_phrase_is_told() -> None:
    with pytest.raises(RegisterError, match=r"no phrase 'absent' in 'ru'"):
        phrase("absent", "ru")
    assert phrase.known("absent", "own", "ru") == "own"
    assert "absent" not in phrase


def test_the_words_of_a_status_go_before_words_with_more_figures() -> None:
    facts = {"size": 0.2, "low": 0.183, "high": 0.218, "draws": 2000, "power": 0.9, "bias": 0.0}
    facts |= {"placebo": "spatial_exposures", "where": "measured here"}
    fail = {"estimate": 1.0, "lowest": 0.5, "highest": 2.0, "largest": "RU-TUL", "n": 3}
    told = sentence(
        "check_leave_one_unit_out", fail | {"conclusion": "above zero", "turned": ["RU-TUL"]},
        status="failed",
    )  # fmt: skip
    assert told is not None
    assert "is another one without" in told
    passed = sentence(
        "check_leave_one_unit_out", fail | {"conclusion": "above zero"}, status="passed"
    )
    assert passed is not None
    assert "another one" not in passed
    told = sentence("check_calibration", facts | {"verdict": "rejects too often"}, "ru")
    assert told is not None
    assert "20,0\u00a0%" in told
    assert "от 18,3\u00a0% до 21,8\u00a0%" in told
    assert "столь же похожей у соседей" in told
    assert "слишком часто" in told
