"""Every word that a chart prints exists in both languages."""

import re
from pathlib import Path
from string import Formatter

import pandas as pd
import pytest

from valley_analysis import charts
from valley_analysis.charts.phrases import PHRASES, load_phrases, phrase
from valley_analysis.charts.tables import method_name
from valley_analysis.errors import RegisterError
from valley_analysis.panel.published_ranks import published_ranks
from valley_analysis.text import LANGS

# Names and symbols that Russian text writes in Latin letters.
LATIN = {"n", "DCW", "GMT", "SHA"}
# Keys that code puts together, or takes from data.
MADE = re.compile(
    r"scope_|inset_|quantiles|fisher_jenks|fixed|more|less|headline_|title_paths|profile_"
)
SOURCES = "\n".join(
    file.read_text("utf-8")
    for folder, pattern in (
        (Path(charts.__file__).parent, "*.py"),
        (Path(__file__).resolve().parents[2] / "notebooks", "*.ipynb"),
    )
    for file in folder.glob(pattern)
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", load_phrases())
def test_phrase_is_complete(key: str) -> None:
    texts = load_phrases()[key]
    assert set(texts) == set(LANGS)
    assert all(text.strip() for text in texts.values())
    assert fields(texts["en"]) == fields(texts["ru"])
    bare = re.sub(r"\{\w+\}", "", texts["ru"])
    assert set(re.findall(r"[A-Za-z]+", bare)) <= LATIN
    assert not re.search(r"[А-яЁё]", texts["en"])


def test_every_phrase_is_used(indicators: pd.DataFrame) -> None:
    data = {word for method in indicators["method"].unique() for word in str(method).split("+")}
    data |= set(published_ranks()["rating"])
    unused = [
        key
        for key in load_phrases()
        if not any(quoted in SOURCES for quoted in (f'"{key}"', f"'{key}'", f'\\"{key}\\"'))
        and key not in data
        and not MADE.match(key)
    ]
    assert not unused, f"{PHRASES.name}: {unused}"


def test_methods_and_ratings_have_names(indicators: pd.DataFrame) -> None:
    for method in indicators["method"].unique():
        assert not set(re.findall(r"[A-Za-z]+", method_name(str(method), "ru"))), method
    for rating in published_ranks()["rating"].unique():
        assert phrase(rating, "ru") != rating


def test_unknown_phrase_is_told() -> None:
    with pytest.raises(RegisterError, match="no phrase 'absent' in 'ru'"):
        phrase("absent", "ru")
