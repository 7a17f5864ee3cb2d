"""Published labels, from the shared originals where they are at hand."""

import csv
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from valley_analysis import paths
from valley_analysis.regions import normalise_label

FIRST, LAST = "центральный федеральный округ", "чукотский автономный округ"


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = paths.root().parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the published workbooks (shared/data beside the clone) are absent")
    return folder


def labels_of_rows(workbook: Path) -> list[str]:
    """Every label in column A between the first and the last region of each sheet."""
    book = CalamineWorkbook.from_path(workbook)
    found: list[str] = []
    for sheet in book.sheet_names:
        rows = book.get_sheet_by_name(sheet).to_python()
        labels = [str(row[0]) if row else "" for row in rows]
        keys = [normalise_label(label) for label in labels]
        if FIRST in keys and LAST in keys:
            start = keys.index(FIRST)
            end = len(keys) - keys[::-1].index(LAST)
            found += [label for label in labels[start:end] if label.strip()]
            found += [label for label in labels if "Российская" in label[:14]]
    return found


@pytest.fixture(scope="session")
def rosstat_labels(shared: Path) -> list[str]:
    books = [
        *sorted((shared / "rosstat-regions-2023").glob("*.xlsx")),
        *sorted((shared / "rosstat-science-2025").glob("*.xls*")),
    ]
    return [label for book in books for label in labels_of_rows(book)]


@pytest.fixture(scope="session")
def monthly_labels(shared: Path) -> list[str]:
    found: list[str] = []
    for path in sorted((shared / "rosstat-monthly-2009-2016").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            found += next(csv.reader(lines))[2:]
    return found


@pytest.fixture(scope="session")
def icsid_rows(shared: Path) -> list[list[object]]:
    book = CalamineWorkbook.from_path(next((shared / "icsid-1998-2014").glob("*.xlsx")))
    return [list(row) for row in book.get_sheet_by_index(0).to_python()[1:]]
