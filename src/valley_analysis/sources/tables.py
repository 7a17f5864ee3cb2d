"""The register of published tables that the suite uses: which sheet holds what."""

from collections import Counter
from functools import cache
from pathlib import Path

from pydantic import Field

from valley_analysis.bilingual import Entry
from valley_analysis.errors import RegisterError
from valley_analysis.registers import check_register, read_yaml

REGISTER = Path(__file__).with_name("tables.yml")


class MethodSpan(Entry):
    """A method and the years for which the publisher used it."""

    id: str
    first: int = 1900
    last: int = 2100


class TableSpec(Entry):
    """One published table: its sheet, what its title must contain, its years and methods.

    `block` counts repeated runs of years from the left, `part` the columns under one year.
    `confidential` names marks that stand for law 282-FZ although no footnote of the sheet says
    so.
    """

    id: str
    sheet: str
    title: str
    unit: str
    years: str
    expect: str = ""
    methods: tuple[MethodSpan, ...] = ()
    block: int = 0
    part: int | None = None
    confidential: tuple[str, ...] = ()
    where: str = Field(default="", exclude=True)

    @property
    def expected_years(self) -> list[int]:
        """Years that the header must print, for example ``2010,2015-2024``."""
        years: list[int] = []
        for span in self.years.split(","):
            first, _, last = span.strip().partition("-")
            years.extend(range(int(first), int(last or first) + 1))
        return years

    def methods_of(self, year: int) -> tuple[str, ...]:
        """Return the methods under which the table prints a year, in column order."""
        if not self.methods:
            return ("",)
        return tuple(m.id for m in self.methods if m.first <= year <= m.last)


class Workbook(Entry):
    """A workbook and the tables that are taken from it."""

    file: str
    tables: tuple[TableSpec, ...]


class Release(Entry):
    """A publisher's release: one vintage of its tables."""

    release: str
    publisher: str
    source: str
    vintage: str
    address: str
    title: str
    workbooks: tuple[Workbook, ...]

    @property
    def folder(self) -> str:
        """Folder of the release below data/raw."""
        return f"{self.publisher}/{self.release}"


@cache
def load_tables(path: Path = REGISTER) -> tuple[Release, ...]:
    """Return the releases with their tables.

    Raises
    ------
    RegisterError
        With every wrong key, repeated table and method without years.
    """
    releases = check_register(read_yaml(path), tuple[Release, ...], path.name)
    problems = [
        f"{release.release}: table {table} stands {count} times"
        for release in releases
        for table, count in Counter(t.id for b in release.workbooks for t in b.tables).items()
        if count > 1
    ]
    if problems:
        raise RegisterError(path.name, problems, "give each table its own id")
    return tuple(_with_places(release) for release in releases)


def _with_places(release: Release) -> Release:
    """Give each table the name that errors print, and a title fragment to look for."""
    books = [
        book.model_copy(
            update={
                "tables": tuple(
                    table.model_copy(
                        update={
                            "where": f"{book.file}, sheet {table.sheet}",
                            "expect": table.expect or table.sheet,
                        }
                    )
                    for table in book.tables
                )
            }
        )
        for book in release.workbooks
    ]
    return release.model_copy(update={"workbooks": tuple(books)})
