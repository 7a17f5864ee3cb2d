"""The catalogue: complete in both languages, sound formulas, no direction without reason."""

import re

import pytest

from valley_analysis.errors import RegisterError, UnknownIndicatorError
from valley_analysis.indicators import find_indicator, load_catalogue
from valley_analysis.indicators.catalogue import DIMENSIONS
from valley_analysis.panel import load_series

CATALOGUE = load_catalogue()


@pytest.mark.parametrize("item", CATALOGUE.values(), ids=CATALOGUE)
def test_each_entry_is_complete_in_both_languages(item):
    for text in (item.name, item.unit, item.why, item.misleads):
        assert text.en
        assert text.ru
        assert not re.search("[А-Яа-я]", text.en)
    for text in (item.name, item.why, item.misleads):
        assert re.search("[а-я]", text.ru)
        assert not re.search(r"\b[a-z]{3,}\b", text.ru)


@pytest.mark.parametrize("item", CATALOGUE.values(), ids=CATALOGUE)
def test_each_formula_is_dimensionally_sound(item):
    series = load_series()
    units = {series[name].unit.en for name in item.formula.of}
    assert len(units) == 1, "a sum of unlike units"
    if item.formula.deflate:
        assert "RUB" in units.pop()
        assert "2021 prices" in item.unit.en
    if not item.formula.to:
        assert item.formula.per == 1
    assert not set(item.formula.of) & set(item.formula.to)


def test_thirty_or_more_are_scored_in_six_dimensions():
    scored = [item for item in CATALOGUE.values() if item.direction]
    assert len(scored) >= 30
    assert {item.dimension for item in scored} == set(DIMENSIONS)


@pytest.mark.parametrize(
    "name", ["unemployment_rate", "fdi_relative", "imports_relative", "exports_relative"]
)
def test_what_has_no_clear_direction_is_context(name):
    assert CATALOGUE[name].direction == 0
    assert CATALOGUE[name].why.en.startswith("no direction")


def test_an_unknown_indicator_gets_the_nearest_names():
    with pytest.raises(UnknownIndicatorError, match="patents_per_100k"):
        find_indicator("patents_per_1000k")


def test_a_wrong_entry_is_named_by_key(tmp_path):
    path = tmp_path / "catalogue.yml"
    path.write_text("a: {name: {en: A, ru: А}, direction: 2, formula: {of: []}}")
    with pytest.raises(RegisterError) as caught:
        load_catalogue(path)
    assert any(problem.startswith("0.direction") for problem in caught.value.problems)
    assert any(problem.startswith("0.formula.of") for problem in caught.value.problems)
