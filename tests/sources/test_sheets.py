"""Sheets: headers, doubled years, blocks, broken names, footnotes, layouts that changed."""

import pytest

from valley_analysis.errors import LayoutError
from valley_analysis.sources.sheets import column_index, letters, read_sheet
from valley_analysis.sources.tables import MethodSpan, TableSpec


def spec(**changes: object) -> TableSpec:
    settings = {"id": "9.9", "sheet": "9.9.", "title": "t", "unit": "u", "years": "2016-2017"}
    settings |= {"expect": "9.9.", "where": "book.xlsx, sheet 9.9."}
    return TableSpec.model_validate(settings | changes)


GRID = [
    ["9.9. ЧИСЛО ОРГАНИЗАЦИЙ"],
    ["(единиц)"],
    ["", 2016.0, "2017 2)"],
    ["Российская Федерация1)", 10.0, 12.0],
    ["в том числе:", "", ""],
    ["Тамбовская", "", ""],
    ["область", 4.0, "… 3)"],
    ["Центральный федеральный округ", "", ""],
    ["Тульская область", "-", 8.0],
    ["________", "", ""],
    ["1) Оценка."],
    ["3) Данные не публикуются в целях обеспечения конфиденциальности (282-ФЗ)."],
]


def test_rows_keep_their_place_labels_and_marks():
    sheet = read_sheet(GRID, spec())
    assert [(row.number, row.label, row.mark, row.texts) for row in sheet.rows] == [
        (4, "Российская Федерация", "1", ("10", "12")),
        (7, "Тамбовская область", "", ("4", "…")),
        (8, "Центральный федеральный округ", "", ("", "")),
        (9, "Тульская область", "", ("-", "8")),
    ]
    assert [(c.heading, c.letter, c.mark) for c in sheet.columns] == [
        ("2016", "B", ""),
        ("2017", "C", "2"),
    ]
    assert sheet.marks == {"3": ("C7",)}
    assert sheet.confidential == ("3",)


def test_a_year_printed_under_two_methods_gives_two_columns():
    grid = [
        ["9.9. УРОВЕНЬ"],
        ["", 2016.0, 2017.0, "", 2018.0],
        ["", "", "по критериям 3-й редакции", "по критериям 4-й редакции", ""],
        ["Тульская область", 1.0, 2.0, 3.0, 4.0],
    ]
    methods = (MethodSpan(id="oslo3", last=2017), MethodSpan(id="oslo4", first=2017))
    sheet = read_sheet(grid, spec(years="2016-2018", methods=methods))
    assert [c.heading for c in sheet.columns] == [
        "2016:oslo3",
        "2017:oslo3",
        "2017:oslo4",
        "2018:oslo4",
    ]
    assert sheet.rows[0].texts == ("1", "2", "3", "4")


def test_blocks_and_parts_of_a_sheet_are_told_apart():
    blocks = [["9.9."], ["", 2016.0, 2017.0, 2016.0, 2017.0], ["Тула", 1.0, 2.0, 3.0, 4.0]]
    assert read_sheet(blocks, spec(block=1)).rows[0].texts == ("3", "4")
    parts = [
        ["9.9."],
        ["", 2016.0, "", 2017.0, ""],
        ["", "мобильный", "фиксированный", "мобильный", "фиксированный"],
        ["Тула", 1.0, 2.0, 3.0, 4.0],
    ]
    assert read_sheet(parts, spec(part=1)).rows[0].texts == ("2", "4")


def test_everything_that_differs_from_the_register_is_named_at_once():
    grid = [["1.1. НАСЕЛЕНИЕ"], ["", 2016.0, 2018.0], ["Тула", "десять", 1.0], ["Орёл", 1.0, "?"]]
    with pytest.raises(LayoutError) as caught:
        read_sheet(grid, spec())
    message = str(caught.value)
    assert "book.xlsx, sheet 9.9.: 4 problems" in message
    for part in ("no title with '9.9.'", "2016-2018 (2); expected 2016-2017 (2)"):
        assert part in message
    assert "B3 reads 'десять'" in message
    assert "C4 reads '?'" in message


@pytest.mark.parametrize(
    ("grid", "part"),
    [
        ([["9.9."], ["Тула", "a"]], "no row of years"),
        ([["9.9."], ["", 2016.0, 2017.0]], "no rows of figures"),
        ([["9.9."], ["", 2016.0, 2017.0, 2017.0], ["Тула", 1.0, 2.0, 3.0]], "2017 has 2 columns"),
    ],
)
def test_a_layout_that_changed_is_an_error(grid, part):
    with pytest.raises(LayoutError, match=part):
        read_sheet(grid, spec())


def test_column_letters_follow_the_workbook():
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert all(column_index(letters(n)) == n for n in range(800))
