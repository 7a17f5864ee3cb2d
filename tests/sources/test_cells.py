"""Cells as published: numbers, reasons for having none, footnote marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.sources.cells import Cell, is_reason, read_cell, read_year, value_of


@pytest.mark.parametrize(
    ("raw", "text", "mark", "value"),
    [
        (4099.0, "4099", "", 4099.0),
        (14.605187775341275, "14.605187775341275", "", 14.605187775341275),
        ("1\u00a0194,6", "1194.6", "", 1194.6),
        ("2 983,1", "2983.1", "", 2983.1),
        ("1569, 8", "1569.8", "", 1569.8),
        ("-0,4", "-0.4", "", -0.4),
        ("−3", "-3", "", -3.0),
        ("17,83)", "17.8", "3", 17.8),
        ("1202)", "120", "2", 120.0),
        ("в 2,4 р.", "в 2,4 р.", "", 240.0),
        ("в 3.7 р.", "в 3.7 р.", "", 370.0),
        ("в 2,2р.", "в 2,2р.", "", 220.0),
        ("… 1)", "…", "1", None),
        ("...1)", "…", "1", None),
        ("….", "…", "", None),
        ("… 3", "…", "3", None),
        ("–", "–", "", None),
        ("‐", "‐", "", None),
        ("", "", "", None),
        ("   ", "", "", None),
    ],
)
def test_each_kind_of_cell_reads_as_the_table_means_it(raw, text, mark, value):
    assert read_cell(raw) == Cell(text, mark)
    assert value_of(text) == value
    assert is_reason(text) == (value is None)


def test_a_stray_letter_is_neither_a_number_nor_a_reason():
    cell = read_cell("ё")
    assert value_of(cell.text) is None
    assert not is_reason(cell.text)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (2022.0, (2022, "")),
        ("2022 5)", (2022, "5")),
        ("20224)", (2022, "4")),
        ("2016/2017", (2016, "")),
        ("2005", (2005, "")),
        ("всего", None),
        (2022.5, None),
        (157.0, None),
        (True, None),
    ],
)
def test_headings_that_print_a_year(raw, read):
    assert read_year(raw) == read


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_number_survives_printing_and_reading(value):
    assert value_of(read_cell(value).text) == value


@given(st.integers(0, 10**9), st.integers(1, 9))
def test_a_mark_glued_to_a_whole_number_is_its_last_digit(number, mark):
    assert read_cell(f"{number}{mark})") == Cell(str(number), str(mark))
