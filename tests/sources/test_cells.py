"""Cells as published: numbers, reasons for having none, footnote marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.sources.cells import (
    Cell,
    is_reason,
    read_cell,
    read_year,
    split_marks,
    value_of,
)


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
        ("4099³⁾", "4099", "3", 4099.0),
        ("4099³", "4099", "3", 4099.0),
        ("4099³)", "4099", "3", 4099.0),
        ("4099¹⁾²⁾", "4099", "1;2", 4099.0),
        ("4099¹,²⁾", "4099", "1;2", 4099.0),
        ("4099 12)", "4099", "12", 4099.0),
        ("1 194¹⁾", "1194", "1", 1194.0),
        ("1 194 12)", "1194", "12", 1194.0),
        ("1 1943)", "1194", "3", 1194.0),
        ("12⁵⁾", "12", "5", 12.0),
        ("17,8³⁾", "17.8", "3", 17.8),
        ("-0,4²⁾", "-0.4", "2", -0.4),
        ("в 2,4 р.³⁾", "в 2,4 р.", "3", 240.0),
        ("…¹⁾", "…", "1", None),
        ("…⁴", "…", "4", None),
        ("–²⁾", "–", "2", None),
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
        ("2022¹⁾", (2022, "1")),
        ("2022¹", (2022, "1")),
        ("2022 ¹²⁾", (2022, "12")),
        ("2016/2017³⁾", (2016, "3")),
        ("2022¹⁾²⁾", (2022, "1;2")),
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


RAISED = str.maketrans("1234567890", "¹²³⁴⁵⁶⁷⁸⁹⁰")
SEPARATORS = {
    "raised with a raised bracket": lambda mark: f"{mark.translate(RAISED)}⁾",
    "raised with a bracket": lambda mark: f"{mark.translate(RAISED)})",
    "raised alone": lambda mark: mark.translate(RAISED),
    "raised after a space": lambda mark: f" {mark.translate(RAISED)}⁾",
    "after a space": lambda mark: f" {mark})",
    "after a hard space": lambda mark: f"\u00a0{mark})",
}


@given(
    st.integers(0, 10**9),
    st.integers(0, 9),
    st.lists(st.integers(1, 19).map(str), min_size=1, max_size=3, unique=True),
    st.sampled_from([" ", "\u00a0", ""]),
    st.sampled_from(["", "-", "−"]),
    st.booleans(),
    st.sampled_from(sorted(SEPARATORS)),
    st.sampled_from(["", ";", ", "]),
)
def test_the_border_between_a_figure_and_its_marks_is_kept(
    whole, tenth, marks, grouping, sign, decimal, separator, between
):
    figure = f"{whole:,}".replace(",", grouping) + (f",{tenth}" if decimal else "")
    if separator == "raised alone":
        marks = marks[:1]  # two raised numbers side by side are one
    printed = sign + figure + between.join(SEPARATORS[separator](mark) for mark in marks)
    value = (whole + tenth / 10 * decimal) * (-1 if sign else 1)
    cell = read_cell(printed)
    assert (value_of(cell.text), cell.mark) == (pytest.approx(value), ";".join(marks)), printed


@given(
    st.integers(1990, 2099),
    st.lists(st.integers(1, 19).map(str), max_size=3, unique=True),
    st.sampled_from(sorted(set(SEPARATORS) - {"raised alone"})),
)
def test_a_heading_keeps_its_year_and_its_marks(year, marks, separator):
    printed = str(year) + ";".join(SEPARATORS[separator](mark) for mark in marks)
    assert read_year(printed) == (year, ";".join(marks))


@pytest.mark.parametrize("label", ["Площадь, км²", "м³ на чел.", "Тульская область"])
def test_a_raised_number_of_a_unit_is_no_mark(label):
    assert split_marks(label) == (label, "")


def test_a_raised_mark_of_a_label_needs_its_bracket():
    assert split_marks("Московская область¹⁾ ²⁾") == ("Московская область", "1;2")
