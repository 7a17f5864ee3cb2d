"""A published table in our own form: a CSV of figures and a sidecar that says where from.

The CSV has one line a row of the table and one column a year, as published; the sidecar
holds what tracing needs: release, workbook, sheet, checksum, and which workbook column
and row each figure stands in.
"""

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from valley_analysis.errors import MissingInputError
from valley_analysis.files import write_aside
from valley_analysis.registers import read_yaml


@dataclass(frozen=True)
class Column:
    """A column of figures: year, method (empty if there is one), workbook column, marks."""

    year: int
    method: str
    letter: str
    mark: str = ""

    @property
    def heading(self) -> str:
        """Heading in the CSV: ``2017``, or ``2017:oslo4`` where a method is named."""
        return f"{self.year}:{self.method}" if self.method else str(self.year)


@dataclass(frozen=True)
class Row:
    """A row of figures: workbook row, label as published, its marks, one text a column."""

    number: int
    label: str
    mark: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class PublishedTable:
    """One published table.

    Attributes
    ----------
    about
        Release, table, title, unit, publisher, address, date, workbook, sheet, sha256.
    columns, rows
        The figures, exactly as published.
    marks
        Footnote mark -> the cells ("F12") that carry it.
    confidential
        The marks whose footnote says that the figure is withheld by law 282-FZ.
    """

    about: dict[str, Any]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    marks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    confidential: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """File stem of the table."""
        return str(self.about["table"])


def write_table(table: PublishedTable, folder: Path) -> Path:
    """Write a table's CSV and sidecar into `folder`, each aside first and then renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{table.name}.csv"
    write_aside(path, _csv(table))
    write_aside(path.with_suffix(".yml"), _sidecar(table))
    return path


def read_table(path: Path) -> PublishedTable:
    """Read back what `write_table` wrote.

    Raises
    ------
    MissingInputError
        If the CSV or its sidecar is absent.
    """
    if not path.is_file() or not path.with_suffix(".yml").is_file():
        raise MissingInputError(
            f"{path.parent.name}/{path.name} or its sidecar is absent; expected both. "
            "Next step: restore them from git, or run `valley extract`."
        )
    about = read_yaml(path.with_suffix(".yml"))
    columns = tuple(_read_column(entry) for entry in about.pop("columns"))
    marks = {str(key): tuple(cells.split()) for key, cells in about.pop("marks", {}).items()}
    confidential = tuple(str(mark) for mark in about.pop("confidential", []))
    row_marks = {int(row): str(mark) for row, mark in about.pop("row_marks", {}).items()}
    numbers = expand_rows(str(about.pop("rows")))
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))[1:]
    rows = tuple(
        Row(number, line[0], row_marks.get(number, ""), tuple(line[1:]))
        for number, line in zip(numbers, lines, strict=True)
    )
    return PublishedTable(about, columns, rows, marks, confidential)


def collapse_rows(numbers: list[int]) -> str:
    """Print row numbers as ranges.

    Examples
    --------
    >>> collapse_rows([6, 7, 8, 11]), expand_rows("6-8,11")
    ('6-8,11', [6, 7, 8, 11])
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{a}-{b}" if a != b else str(a) for a, b in runs)


def expand_rows(text: str) -> list[int]:
    """Undo `collapse_rows`."""
    numbers: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    return numbers


def _csv(table: PublishedTable) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["label", *(column.heading for column in table.columns)])
    for row in table.rows:
        writer.writerow([row.label, *row.texts])
    return out.getvalue()


def _sidecar(table: PublishedTable) -> str:
    import yaml

    content: dict[str, Any] = dict(table.about)
    content["rows"] = collapse_rows([row.number for row in table.rows])
    content["columns"] = [
        f"{column.letter} {column.heading}" + (f" [{column.mark}]" if column.mark else "")
        for column in table.columns
    ]
    row_marks = {row.number: row.mark for row in table.rows if row.mark}
    if row_marks:
        content["row_marks"] = row_marks
    if table.marks:
        content["marks"] = {mark: " ".join(cells) for mark, cells in sorted(table.marks.items())}
    if table.confidential:
        content["confidential"] = list(table.confidential)
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


_COLUMN = re.compile(r"^([A-Z]+) (\d{4})(?::(\S+))?(?: \[(.+)\])?$")


def _read_column(entry: str) -> Column:
    found = _COLUMN.match(entry)
    if not found:
        raise ValueError(f"a sidecar's column reads {entry!r}; expected 'F 2017:method [mark]'")
    letter, year, method, mark = found.groups()
    return Column(int(year), method or "", letter, mark or "")
