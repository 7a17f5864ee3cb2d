"""A published table in our own form: a CSV of figures and a sidecar that says where from.

The CSV has one line a row of the table and one column a year, as published; the sidecar
holds what tracing needs: release, workbook, sheet, checksum, and which workbook column
and row each figure stands in.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from valley_analysis.errors import RawError, RegisterError
from valley_analysis.registers import check_register
from valley_analysis.sources.cells import is_reason, value_of
from valley_analysis.sources.sidecars import (
    ACCEPTED,
    NEXT_STEP,
    SUM,
    Pair,
    name_of,
    read_pair,
    require_sum,
    write_pair,
)

_COLUMN = r"^([A-Z]{1,3}) (\d{4})(?::(\S+))?(?: \[(.+)\])?$"
_ColumnText = Annotated[str, Field(pattern=_COLUMN)]


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


class Sidecar(BaseModel):
    """What the sidecar of a published table must say; it may say more."""

    model_config = ConfigDict(frozen=True, extra="allow")

    table: str
    release: str
    vintage: Annotated[str, Field(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")]
    rows: Annotated[str, Field(pattern=r"^\d{1,7}(-\d{1,7})?(,\d{1,7}(-\d{1,7})?)*$")]
    columns: Annotated[tuple[_ColumnText, ...], Field(min_length=1, max_length=500)]
    row_marks: dict[int, str] = {}
    marks: dict[str, str] = {}
    confidential: tuple[str, ...] = ()


_LAYOUT = (*(set(Sidecar.model_fields) - {"table", "release", "vintage"}), SUM, ACCEPTED)


def write_table(table: PublishedTable, folder: Path) -> Path:
    """Write a table's CSV and sidecar into `folder`, each aside first and then renamed."""
    head = ["label", *(column.heading for column in table.columns)]
    lines = [[row.label, *row.texts] for row in table.rows]
    return write_pair(folder / f"{table.name}.csv", [head, *lines], _sidecar(table))


def read_table(path: Path) -> PublishedTable:
    """Read back what `write_table` wrote.

    Raises
    ------
    MissingInputError
        If the CSV or its sidecar is absent.
    RawError
        With everything in which the two are damaged, contradict each other, or differ from
        the checksum that the sidecar holds.
    """
    pair = read_pair(path, checked=False)
    table = parse_table(path, pair)
    require_sum(path, pair)
    return table


def parse_table(path: Path, pair: Pair) -> PublishedTable:
    """Put a table together from its file and sidecar; cells are read by their heading.

    Raises
    ------
    RawError
        With every key of the sidecar that is wrong, every heading and row that is not the
        sidecar's, and every cell that is neither a number nor a published reason.
    """
    sidecar = path.with_suffix(".yml").name
    try:
        said = check_register(pair.about, Sidecar, sidecar)
    except RegisterError as error:
        problems = [f"{sidecar}: {problem}" for problem in error.problems]
        raise RawError(name_of(path), problems, NEXT_STEP) from error
    columns = tuple(_read_column(entry) for entry in said.columns)
    numbers, problems = _row_numbers(said.rows, len(pair.lines))
    problems += _faults(path, said, columns, pair)
    if problems:
        raise RawError(name_of(path), problems, NEXT_STEP)
    places = [pair.head.index(name) for name in ("label", *(one.heading for one in columns))]
    rows = []
    for number, line in zip(numbers, pair.lines, strict=True):
        label, *texts = (line[place] for place in places)
        rows.append(Row(number, label, said.row_marks.get(number, ""), tuple(texts)))
    marks = {mark: tuple(cells.split()) for mark, cells in said.marks.items()}
    about = {key: value for key, value in pair.about.items() if key not in _LAYOUT}
    return PublishedTable(about, columns, tuple(rows), marks, said.confidential)


def _faults(path: Path, said: Sidecar, columns: tuple[Column, ...], pair: Pair) -> list[str]:
    """Where the file, the sidecar and their names contradict each other; cells that say nothing."""
    wanted = ("label", *(column.heading for column in columns))
    problems = [
        f"the sidecar is that of {name} {found!r}; expected {expected!r}"
        for name, found, expected in (
            ("table", said.table, path.stem),
            ("release", said.release, path.parent.name),
        )
        if found != expected
    ]
    twice = [name for name, count in Counter(wanted).items() if count > 1]
    problems += [f"the sidecar lists column {name!r} twice" for name in twice]
    problems += [
        f"row 1: no column {name!r}, which the sidecar lists"
        for name in wanted
        if name not in pair.head
    ]
    problems += [
        f"row 1: column {name!r} is not in the sidecar" for name in pair.head if name not in wanted
    ]
    for number, line in enumerate(pair.lines, 2):
        problems += [
            f"row {number}, {heading}: {text!r}; expected a number, a dash, … or nothing"
            for heading, text in zip(pair.head, line, strict=True)
            if heading != "label" and not is_reason(text) and value_of(text) is None
        ]
    return problems


def _row_numbers(text: str, count: int) -> tuple[list[int], list[str]]:
    """The workbook rows, if there are as many as lines: counted before they are written out."""
    spans = [
        tuple(int(end) for end in (part + "-" + part).split("-")[:2]) for part in text.split(",")
    ]
    listed = sum(max(0, last - first + 1) for first, last in spans)
    if listed != count:
        return [], [f"{count} rows of figures; the sidecar lists {listed:,} (rows: {text:.40})"]
    return expand_rows(text), []


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


def _sidecar(table: PublishedTable) -> dict[str, Any]:
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
    return content


def _read_column(entry: str) -> Column:
    letter, year, method, mark = re.findall(_COLUMN, entry)[0]
    return Column(int(year), method, letter, mark)
