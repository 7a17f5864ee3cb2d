"""From the publishers' workbooks to data/raw: one published table a file, with a sidecar."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valley_analysis.errors import LayoutError, MissingInputError
from valley_analysis.sources.originals import checksum, find_originals
from valley_analysis.sources.published import PublishedTable, write_table
from valley_analysis.sources.sheets import Sheet, open_workbook, read_sheet
from valley_analysis.sources.tables import Release, TableSpec, Workbook, load_tables

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Extracted:
    """A table together with the folder, below data/raw, in which it belongs."""

    folder: str
    table: PublishedTable


def read_release(release: Release, originals: Path) -> Iterator[Extracted]:
    """Read every table that the register takes from a release.

    Parameters
    ----------
    release
        One entry of the register of tables.
    originals
        A folder that holds the workbooks, at any depth.

    Raises
    ------
    LayoutError
        With every sheet of the release that is not laid out as registered.
    OriginalsError
        With every workbook that is absent, or there more than once.
    """
    names = [book.file for book in release.workbooks]
    paths = find_originals(originals, names, where=release.release, own=release.source)
    problems: list[str] = []
    for book in release.workbooks:
        yield from _read_workbook(release, book, paths[book.file], problems)
    if problems:
        raise LayoutError(
            release.release, problems, "compare each sheet with its entry in sources/tables.yml"
        )


def extract(
    originals: Path, raw: Path, only: str | None = None, progress: Progress = lambda text: None
) -> list[Path]:
    """Write every registered table below `raw`; write nothing if any sheet is wrong.

    Parameters
    ----------
    originals
        A folder that holds the publishers' workbooks, at any depth.
    raw
        The folder data/raw.
    only
        A release to extract alone; all of them by default.
    progress
        Called with a line of text as each release is done.

    Returns
    -------
    The CSV files written.

    Raises
    ------
    LayoutError
        If a sheet is not laid out as registered.
    OriginalsError
        With every workbook that is absent, or there more than once.
    MissingInputError
        If there is no release of that name.
    """
    releases = [release for release in load_tables() if only in (None, release.release)]
    if not releases:
        known = ", ".join(release.release for release in load_tables())
        raise MissingInputError(f"no release {only!r} in the register; it holds {known}")
    written = []
    for release in releases:
        found = list(read_release(release, originals))
        written += [write_table(item.table, raw / item.folder) for item in found]
        progress(f"{release.release}: {len(found)} tables")
    return written


def _read_workbook(
    release: Release, book: Workbook, path: Path, problems: list[str]
) -> Iterator[Extracted]:
    digest = checksum(path)
    workbook = open_workbook(path)
    grids: dict[str, Any] = {}
    for spec in book.tables:
        if spec.sheet not in workbook.sheet_names:
            problems.append(f"{spec.where}: the sheet is absent")
            continue
        if spec.sheet not in grids:
            grid = workbook.get_sheet_by_name(spec.sheet).to_python(skip_empty_area=False)
            grids = {spec.sheet: grid}
        try:
            sheet = read_sheet(grids[spec.sheet], spec)
        except LayoutError as error:
            problems += [f"{error.where}: {problem}" for problem in error.problems]
            continue
        yield Extracted(release.folder, _table(release, book, spec, sheet, digest))


def _table(
    release: Release, book: Workbook, spec: TableSpec, sheet: Sheet, digest: str
) -> PublishedTable:
    about = {
        "table": spec.id,
        "title": spec.title,
        "unit": spec.unit,
        "release": release.release,
        "vintage": release.vintage,
        "publisher": release.publisher,
        "address": release.address,
        "workbook": book.file,
        "sheet": spec.sheet,
        "sha256": digest,
    }
    return PublishedTable(about, sheet.columns, sheet.rows, sheet.marks, sheet.confidential)
