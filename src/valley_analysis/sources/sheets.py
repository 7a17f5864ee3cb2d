"""Reading a published sheet: find the header, the columns, the rows and the footnotes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valley_analysis.errors import LayoutError
from valley_analysis.sources.cells import is_reason, read_cell, read_year, split_marks, value_of
from valley_analysis.sources.published import Column, Row
from valley_analysis.sources.tables import TableSpec

_RULE = re.compile(r"^[_¾\-–—]{3,}\s*$")
_FOOTNOTE = re.compile(r"^[¹²³⁴⁵⁶⁷⁸⁹⁰]*\*?\d{0,2}\s?[)⁾]|^\*+|^[\"«][-–—.…]+[\"»]")
_CONFIDENTIAL = re.compile(r"конфиденциальност|282\s*-?\s*ФЗ", re.IGNORECASE)
_SUPERSCRIPT = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰⁾", "1234567890)")
_HEADER_DEPTH = 30

Grid = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Sheet:
    """A sheet as read: columns, rows, marked cells, and which marks mean confidential."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    marks: dict[str, tuple[str, ...]]
    confidential: tuple[str, ...]


def open_workbook(path: Path) -> Any:
    """Open a workbook (.xls or .xlsx) with calamine.

    Raises
    ------
    LayoutError
        If the file cannot be read as a workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(str(path))
    except CalamineError as error:
        raise LayoutError(
            path.name, [f"not a workbook: {error}"], "fetch the original again"
        ) from error


def read_sheet(grid: Grid, spec: TableSpec) -> Sheet:
    """Read a sheet as the register describes it.

    Parameters
    ----------
    grid
        Rows of cells, the sheet's first row first, its first column first.
    spec
        What the register says of the table: title fragment, years, methods, block.

    Raises
    ------
    LayoutError
        With everything that differs from the register: title, years, methods, cells that
        are neither a number nor a published reason.

    Examples
    --------
    >>> from valley_analysis.sources.tables import TableSpec
    >>> grid = [["1.1. NUMBER"], ["", 2020.0, 2021.0], ["Tula", 5.0, "…1)"], ["1) 282-ФЗ"]]
    >>> spec = TableSpec(id="1.1", sheet="1.1.", title="n", unit="1", years="2020-2021")
    >>> sheet = read_sheet(grid, spec)
    >>> sheet.rows[0].texts, sheet.marks, sheet.confidential
    (('5', '…'), {'1': ('C3',)}, ('1',))
    """
    problems = [] if _has_title(grid, spec.expect) else [f"no title with {spec.expect!r}"]
    header = find_header(grid)
    if header is None:
        problems.append("no row of years near the top")
        raise LayoutError(spec.where, problems, _NEXT_STEP)
    columns, faults = _columns(grid, header, spec)
    problems += faults
    rows, marks, faults = _body(grid, header, columns)
    problems += faults
    if not rows:
        problems.append("no rows of figures below the header")
    if problems:
        raise LayoutError(spec.where, problems, _NEXT_STEP)
    withheld = sorted({*_confidential(grid, header), *spec.confidential})
    return Sheet(tuple(columns), tuple(rows), marks, tuple(withheld))


_NEXT_STEP = "compare the sheet with its entry in sources/tables.yml"


def _has_title(grid: Grid, expect: str) -> bool:
    wanted = "".join(expect.split()).lower()
    top = ("".join(str(cell).split()).lower() for row in grid[:12] for cell in row)
    return any(wanted in cell for cell in top)


def find_header(grid: Grid) -> int | None:
    """Return the position of the row of years, or None if there is none near the top."""
    for number, row in enumerate(grid[:_HEADER_DEPTH]):
        if any(read_year(cell) is not None for cell in row[1:]):
            return number
    return None


def _columns(grid: Grid, header: int, spec: TableSpec) -> tuple[list[Column], list[str]]:
    """Columns of the wanted block, each with its year and method."""
    block = year_blocks(grid, header)
    if spec.block >= len(block):
        return [], [f"{len(block)} blocks of years; expected number {spec.block + 1}"]
    chosen = block[spec.block]
    if spec.part is not None:
        chosen = _part(chosen, spec.part)
    found = sorted({year for _, year, _ in chosen})
    problems = []
    if found != spec.expected_years:
        problems.append(f"years {_span(found)}; expected {_span(spec.expected_years)}")
    columns = []
    for year in found:
        at = [(index, mark) for index, y, mark in chosen if y == year]
        methods = spec.methods_of(year)
        if len(at) != len(methods):
            problems.append(f"{year} has {len(at)} columns; expected {len(methods)}")
        columns += [
            Column(year, method, letters(index), mark)
            for (index, mark), method in zip(at, methods, strict=False)
        ]
    return columns, problems


def year_blocks(grid: Grid, header: int) -> list[list[tuple[int, int, str]]]:
    """Runs of rising years in the header; a blank heading over a subheading repeats its year."""
    sub = grid[header + 1] if header + 1 < len(grid) else []
    blocks: list[list[tuple[int, int, str]]] = []
    last = None
    for index, cell in enumerate(grid[header]):
        printed = read_year(cell) if index else None
        if printed is None:
            blank = str(cell).strip() == ""
            if not (blank and last and index < len(sub) and _is_heading(sub[index])):
                continue
            printed = (last, "")
        year, mark = printed
        if last is None or year < last:
            blocks.append([])
        blocks[-1].append((index, year, mark))
        last = year
    return blocks


def _is_heading(cell: object) -> bool:
    return isinstance(cell, str) and bool(re.search(r"[А-Яа-я]", cell))


def _part(block: list[tuple[int, int, str]], part: int) -> list[tuple[int, int, str]]:
    chosen, seen = [], 0
    for position, column in enumerate(block):
        seen = 0 if position == 0 or column[1] != block[position - 1][1] else seen + 1
        if seen == part:
            chosen.append(column)
    return chosen


def _body(
    grid: Grid, header: int, columns: list[Column]
) -> tuple[list[Row], dict[str, tuple[str, ...]], list[str]]:
    rows: list[Row] = []
    marks: dict[str, list[str]] = {}
    problems: list[str] = []
    indexes = [column_index(column.letter) for column in columns]
    for number, label, mark, cells in _labelled(grid, header):
        texts = []
        for index, column in zip(indexes, columns, strict=True):
            cell = read_cell(cells[index] if index < len(cells) else "")
            if not is_reason(cell.text) and value_of(cell.text) is None:
                problems.append(
                    f"{column.letter}{number} reads {cell.text!r}; expected a number or a dash"
                )
            if cell.mark:
                marks.setdefault(cell.mark, []).append(f"{column.letter}{number}")
            texts.append(cell.text)
        rows.append(Row(number, label, mark, tuple(texts)))
    return rows, {mark: tuple(cells) for mark, cells in marks.items()}, problems


def _labelled(grid: Grid, header: int) -> list[tuple[int, str, str, Sequence[Any]]]:
    """Rows of the body: sheet row, label, its marks, cells; broken names are put together."""
    found: list[tuple[int, str, str, Sequence[Any]]] = []
    for number, cells in enumerate(grid[header + 1 :], header + 2):
        text = " ".join(str(cells[0]).split()) if cells else ""
        if _RULE.match(text) or _FOOTNOTE.match(text):
            break
        label, mark = split_marks(text)
        blank = all(str(cell).strip() == "" for cell in cells[1:])
        if not label or (blank and label.rstrip(":").lower() == "в том числе"):
            continue
        if found and label[:1].islower() and not label.startswith("в том числе"):
            _, head, head_mark, head_cells = found[-1]
            if all(str(cell).strip() == "" for cell in head_cells[1:]):
                found[-1] = (number, f"{head} {label}", head_mark or mark, cells)
                continue
        found.append((number, label, mark, cells))
    return found


def _confidential(grid: Grid, header: int) -> set[str]:
    """Marks whose footnote names the confidentiality of primary data (law 282-FZ)."""
    marks = set()
    for row in grid[header + 1 :]:
        text = " ".join(str(row[0]).split()) if row else ""
        if _FOOTNOTE.match(text) and _CONFIDENTIAL.search(text):
            found = re.match(r"(\d{1,2}|\*)\s?\)", text.translate(_SUPERSCRIPT))
            if found:
                marks.add(found.group(1))
    return marks


def letters(index: int) -> str:
    """Return the workbook letters of a column counted from 0.

    Examples
    --------
    >>> letters(0), letters(27), column_index("AB")
    ('A', 'AB', 27)
    """
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_index(name: str) -> int:
    """Return the position, from 0, of a column's workbook letters."""
    index = 0
    for letter in name:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _span(years: Sequence[int]) -> str:
    return f"{years[0]}-{years[-1]} ({len(years)})" if years else "none"
