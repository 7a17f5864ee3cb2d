"""What a person may type: addresses that a reader may follow, numbers within bounds."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.bilingual import Entry
from valley_analysis.errors import PeriodError, RegisterError, ValleyError
from valley_analysis.registers import check_register
from valley_analysis.typed import Address, Amount, Number, Year, calendar_years, within


class Line(Entry):
    """One of each."""

    address: Address = "https://example.org/a"
    number: Number = 0.0
    amount: Amount = 0.0
    year: Year = 2024
    plain: float = 0.0


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.org/a",
        "//example.org/a",
        "HTTPS:example.org",
        "https://",
        "https:///path",
        "https://host-without-a-dot/a",
        'https://example.org/"onerror="x',
        "https://example.org/<script>",
        "https://example.org/a b",
        "https://example.org/a\nb",
        "https://example.org/a\u202eb",
        "https://example.org/a\x00b",
        "https://example.org/" + "a" * 2_000,
        "",
    ],
)
def test_an_address_that_no_reader_may_follow_is_refused(address: str) -> None:
    with pytest.raises(RegisterError, match="begins with http:// or https://"):
        check_register({"address": address}, Line, "a.yml")


@pytest.mark.parametrize(
    "address",
    ["http://a.ru", "https://xn--80a.xn--p1ai/x?y=1&z=(2)#w", "https://e.org/статья"],
)
def test_addresses_of_the_web_are_taken(address: str) -> None:
    assert check_register({"address": address}, Line, "a.yml").address == address


@pytest.mark.parametrize("key", ["number", "amount", "plain", "year"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_no_register_takes_a_number_that_is_none(key: str, value: float) -> None:
    with pytest.raises(RegisterError, match=key):
        check_register({key: value}, Line, "a.yml")


@pytest.mark.parametrize(
    ("key", "value"),
    [("number", 1e13), ("number", -1e13), ("amount", -1), ("amount", 1e13), ("year", 1989),
     ("year", 10**9)],
)  # fmt: skip
def test_numbers_beyond_bounds_are_refused(key: str, value: float) -> None:
    with pytest.raises(RegisterError, match=key):
        check_register({key: value}, Line, "a.yml")


@given(st.one_of(st.floats(), st.integers(), st.text(), st.none(), st.booleans()))
def test_within_gives_back_the_number_or_refuses_it(value: object) -> None:
    try:
        assert within("x", value, 1, 30) == value  # type: ignore[arg-type]
    except ValleyError as error:
        assert "expected" in str(error)
    else:
        assert 1 <= value <= 30


def test_years_without_end_are_refused_at_once() -> None:
    for years in (range(10**9), itertools.count(2020), [10**9], [float("nan")], ["2020"], [2020.5]):
        with pytest.raises(PeriodError, match="expected years from 1990 to 2100"):
            calendar_years(years)  # type: ignore[arg-type]
    assert calendar_years([2022, 2020, 2022.0]) == [2020, 2022]  # type: ignore[list-item]
