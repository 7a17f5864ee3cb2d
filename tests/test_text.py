"""One style for numbers, counts and dates: laws over what may be given, hand-checked words."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.charts.phrases import forms
from valley_analysis.errors import ValleyError
from valley_analysis.text import (
    LANGS,
    MINUS,
    NBSP,
    Lang,
    counted,
    day_text,
    number,
    percent,
    plural,
    short_day,
    short_month,
    signed,
    span,
)

VALUES = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
DIGITS = st.integers(0, 4)
LANG = st.sampled_from(LANGS)
YEAR = ("год", "года", "лет")


def read(printed: str, lang: Lang) -> float:
    """The number that a reader of the language takes from a text."""
    plain = printed.replace(MINUS, "-").removeprefix("+")
    if lang == "ru":
        return float(plain.replace(NBSP, "").replace(",", "."))
    return float(plain.replace(",", ""))


@given(VALUES, DIGITS, LANG)
def test_a_number_reads_back_as_its_rounded_value(value: float, digits: int, lang: Lang) -> None:
    assert read(number(value, digits, lang), lang) == pytest.approx(round(value, digits), abs=1e-9)


@given(VALUES, DIGITS, LANG)
def test_no_hyphen_stands_for_a_minus_and_no_minus_before_a_zero(
    value: float, digits: int, lang: Lang
) -> None:
    for printed in (number(value, digits, lang), signed(value, digits, lang)):
        assert "-" not in printed
        assert not re.fullmatch(rf"[{MINUS}+][0.,]+", printed)
    assert number(value, digits, lang).startswith(MINUS) == (round(value, digits) < 0)


@given(VALUES, DIGITS, LANG)
def test_a_change_and_its_opposite_differ_in_the_sign_alone(
    value: float, digits: int, lang: Lang
) -> None:
    up, down = signed(abs(value), digits, lang), signed(-abs(value), digits, lang)
    assert up.removeprefix("+") == down.removeprefix(MINUS) == number(abs(value), digits, lang)
    assert up.startswith("+") == down.startswith(MINUS)


@given(VALUES, VALUES, st.integers(0, 2), LANG)
def test_a_span_has_two_ends_only_where_they_print_apart(
    one: float, other: float, digits: int, lang: Lang
) -> None:
    low, high = sorted((one, other))
    printed = span(low, high, digits, lang)
    ends = [number(low, digits, lang), number(high, digits, lang)]
    assert re.split(" … |–", printed) == (ends[:1] if ends[0] == ends[1] else ends)
    assert f"–{MINUS}" not in printed


@given(st.integers(0, 10**6), LANG)
def test_the_word_of_a_count_depends_on_its_last_two_figures_alone(n: int, lang: Lang) -> None:
    words = ("year", "years") if lang == "en" else YEAR
    if lang == "ru":
        assert plural(n, *words, lang=lang) == plural(n % 100 + 200, *words, lang=lang)
    assert counted(n, *words, lang=lang).startswith(number(n, 0, lang) + " ")
    assert forms(n, "|".join(words), lang) == counted(n, *words, lang=lang)
    assert forms(n, "|" + "|".join(words), lang) == plural(n, *words, lang=lang)


@pytest.mark.parametrize(
    ("n", "word"),
    [(0, "лет"), (1, "год"), (2, "года"), (4, "года"), (5, "лет"), (11, "лет"), (12, "лет"),
     (14, "лет"), (21, "год"), (22, "года"), (25, "лет"), (101, "год"), (111, "лет"),
     (112, "лет"), (0.5, "года"), (2.5, "года")],
)  # fmt: skip
def test_russian_counts(n: float, word: str) -> None:
    assert plural(n, *YEAR, lang="ru") == word


def test_a_word_with_another_number_of_forms_is_refused() -> None:
    with pytest.raises(ValleyError, match="found 2 forms of a word in ru; expected 3"):
        plural(2, "год", "лет", lang="ru")


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_dates_of_a_language_are_told_apart_and_never_read_iso(day: date) -> None:
    for lang in LANGS:
        assert str(day.year) in day_text(day, lang)
        for printed in (day_text(day, lang), short_day(day, lang), short_month(day, lang)):
            assert not re.search(r"\d{4}-\d\d", printed)
    short = short_day(day).split()
    assert short == [str(day.day), day_text(day).split()[1][:3], str(day.year)]
    assert date(*map(int, reversed(short_day(day, "ru").split(".")))) == day
    assert short_day(day, "ru").endswith(short_month(day, "ru"))


@given(st.floats(-1, 1), st.integers(0, 2), LANG)
def test_a_share_keeps_its_sign_on_its_line(share: float, digits: int, lang: Lang) -> None:
    assert percent(share, digits, lang) == f"{number(100 * share, digits, lang)}{NBSP}%"
