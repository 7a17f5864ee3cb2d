from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.valleys.dates import Dated, months_between


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31), "year"),
        (2021, date(2021, 1, 1), date(2021, 12, 31), "year"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "month"),
        (date(2021, 5, 26), date(2021, 5, 26), date(2021, 5, 26), "day"),
        ("2021-05-26/2023-08", date(2021, 5, 26), date(2023, 8, 31), "between"),
    ],
)
def test_a_date_is_no_more_exact_than_its_source(
    text: object, first: date, last: date, precision: str
) -> None:
    found = Dated.parse(text)
    assert (found.first, found.last, found.precision) == (first, last, precision)


@pytest.mark.parametrize("text", ["", "soon", "2021-13", "21-05", "2021-5", "2023-08/2021-05-26"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|month|before"):
        Dated.parse(text)


@given(*[st.dates(date(1990, 1, 1), date(2100, 12, 31))] * 2)
def test_printing_and_parsing_are_inverse(one: date, other: date) -> None:
    dated = Dated(min(one, other), max(one, other))
    assert Dated.parse(str(dated)) == dated


def test_months_are_signed() -> None:
    assert months_between(date(2021, 3, 1), date(2021, 1, 1)) == pytest.approx(-59 / 30.4375)
