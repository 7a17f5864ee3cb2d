"""Monthly regional figures of 2009-2016: one variable a file, areas down and months across.

Rosstat printed them month by month in its release under order 806-r; they reached us through a
transcription to plain tables, which this module checks and puts into our own form. They are
operational figures that Rosstat later revised, and they end before the wave of 2022.
"""

import csv
import difflib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valley_analysis import paths
from valley_analysis.bilingual import Entry
from valley_analysis.errors import LayoutError, UnknownSeriesError
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.sources.cells import number_of
from valley_analysis.sources.originals import (
    checksum,
    find_originals,
    print_number,
)
from valley_analysis.sources.sidecars import read_pair, require_numbers, write_pair

if TYPE_CHECKING:
    import pandas as pd

REGISTER = Path(__file__).with_name("monthly.yml")


class MonthlyVariable(Entry):
    """One variable: its names, unit, the months its file must hold, Russia's first figure.

    `until` is the last month that is kept; empty where the whole file is. `least` is the least
    figure that the unit allows.
    """

    id: str
    file: str
    en: str
    ru: str
    unit: str
    months: str
    first: float
    until: str = ""
    note: str = ""
    least: float = 0.0

    @property
    def kept_months(self) -> list[str]:
        """Months that are kept, in order."""
        months = self.expected_months
        return [month for month in months if not self.until or month <= self.until]

    @property
    def expected_months(self) -> list[str]:
        """Months that the file must hold, in order.

        Examples
        --------
        >>> load_variables().find("wage").expected_months[-1]
        '2015-12'
        """
        first, _, last = self.months.partition("..")
        return month_span(first, last)


class MonthlyRelease(Entry):
    """The release, where it comes from, and the variables that are taken from it."""

    release: str
    publisher: str
    source: str
    title: dict[str, str]
    vintage: str
    address: str
    transcription: str
    commit: str
    areas: int
    variables: tuple[MonthlyVariable, ...]

    @property
    def folder(self) -> str:
        """Folder of the release below data/raw."""
        return f"{self.publisher}/{self.release}"

    def find(self, variable: str) -> MonthlyVariable:
        """Return a variable of the register.

        Raises
        ------
        UnknownSeriesError
            If there is none of that name; the message lists the nearest.
        """
        known = {entry.id: entry for entry in self.variables}
        if variable in known:
            return known[variable]
        near = difflib.get_close_matches(variable, known, 3) or sorted(known)
        raise UnknownSeriesError(
            f"no monthly variable {variable!r}; did you mean {', '.join(near)}? "
            "Next step: choose one of sources/monthly.yml."
        )


@cache
def load_variables(path: Path = REGISTER) -> MonthlyRelease:
    """Return the register of monthly variables.

    Raises
    ------
    RegisterError
        With every key that is missing, unknown or of the wrong type.

    Examples
    --------
    >>> load_variables().find("industry-yoy").unit
    'percent'
    """
    return check_register(read_yaml(path), MonthlyRelease, path.name)


def extract_monthly(originals: Path, raw: Path) -> list[Path]:
    """Write every registered variable below `raw`; write nothing if any file is wrong.

    Parameters
    ----------
    originals
        A folder that holds the transcribed tables, at any depth.
    raw
        The folder data/raw.

    Returns
    -------
    The CSV files written, each with a sidecar beside it.

    Raises
    ------
    LayoutError
        With every wrong heading, month and figure: file, row and column.
    MissingInputError
        If files are absent; the message lists them all.
    """
    release = load_variables()
    found = find_originals(originals, [f"{entry.file}.csv" for entry in release.variables])
    problems: list[str] = []
    tables = []
    for entry in release.variables:
        path = found[f"{entry.file}.csv"]
        lines = _lines(path)
        faults = _faults(lines, entry, release.areas)
        problems += [f"{path.name}: {fault}" for fault in faults]
        if not faults:
            tables.append((entry, path, _turned(lines, entry)))
    if problems:
        raise LayoutError(release.release, problems, "compare the files with sources/monthly.yml")
    folder = raw / release.folder
    return [
        write_pair(folder / f"{entry.id}.csv", lines, _about(release, entry, path))
        for entry, path, lines in tables
    ]


def load_monthly(variable: str, raw: Path | None = None) -> "pd.DataFrame":
    """Return one variable as a tidy frame.

    Parameters
    ----------
    variable
        A name of sources/monthly.yml, for example "industry-yoy".
    raw
        The folder data/raw; the project's by default.

    Returns
    -------
    One row an area and month: `label` as published (Russia and districts included), `month` as a
    monthly period, `value`, missing where nothing was printed.

    Raises
    ------
    UnknownSeriesError
        If the register has no such variable.
    MissingInputError
        If its file is absent.
    RawError
        If its file is damaged, changed, or holds a figure that its unit does not allow.

    Examples
    --------
    >>> frame = load_monthly("industry-yoy")
    >>> frame[(frame.label == "Тульская область") & (frame.month == "2009-01")].value.item()
    78.3
    """
    import pandas as pd

    release = load_variables()
    entry = release.find(variable)
    path = (raw or paths.raw()) / release.folder / f"{entry.id}.csv"
    months = entry.kept_months
    pair = read_pair(path, columns=["label", *months])
    require_numbers(path, pair, months, least=entry.least, blank=True)
    wide = pd.DataFrame(pair.lines, columns=pair.head)[["label", *months]]
    tidy = wide.melt(id_vars="label", var_name="month", value_name="value")
    tidy["month"] = pd.PeriodIndex(tidy["month"], freq="M")
    tidy["value"] = pd.to_numeric(tidy["value"])
    return tidy


def month_span(first: str, last: str) -> list[str]:
    """Return the months from `first` to `last`.

    Examples
    --------
    >>> month_span("2009-11", "2010-02")
    ['2009-11', '2009-12', '2010-01', '2010-02']
    """
    (year, month), (last_year, last_month) = (
        (int(text[:4]), int(text[5:])) for text in (first, last)
    )
    count = (last_year - year) * 12 + last_month - month + 1
    places = range(month - 1, month - 1 + count)
    return [f"{year + place // 12}-{place % 12 + 1:02d}" for place in places]


def _lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _faults(lines: list[list[str]], entry: MonthlyVariable, areas: int) -> list[str]:
    """Everything in which a transcribed table differs from its entry."""
    if not lines or lines[0][:2] != ["", "varname"]:
        head = ", ".join(repr(cell) for cell in lines[0][:2]) if lines else "nothing"
        return [f"row 1 begins with {head}; expected '' and 'varname'"]
    labels = lines[0][2:]
    faults = []
    if len(set(labels)) != areas or len(labels) != areas:
        count = f"{len(set(labels))} areas in {len(labels)} columns"
        faults.append(f"row 1 names {count}; expected {areas}")
    faults += _month_faults([line[0] if line else "" for line in lines[1:]], entry)
    for number, line in enumerate(lines[1:], 2):
        faults += _line_faults(number, line, labels, entry)
    if not faults and float(lines[1][2] or "nan") != entry.first:
        faults.append(f"row 2, {labels[0]} reads {lines[1][2]!r}; expected {entry.first}")
    return faults


def _line_faults(
    number: int, line: list[str], labels: list[str], entry: MonthlyVariable
) -> list[str]:
    if len(line) != len(labels) + 2:
        return [f"row {number} has {len(line)} columns; expected {len(labels) + 2}"]
    faults = []
    if line[1] != entry.file:
        faults.append(f"row {number}, varname reads {line[1]!r}; expected {entry.file!r}")
    faults += [
        f"row {number}, {label} reads {text!r}; expected a number or nothing"
        for label, text in zip(labels, line[2:], strict=True)
        if text and number_of(text) is None
    ]
    return faults


def _month_faults(dates: list[str], entry: MonthlyVariable) -> list[str]:
    """The first three dates that are not the expected ones, or a wrong number of them."""
    expected = [f"{month}-01" for month in entry.expected_months]
    pairs = enumerate(zip(dates, expected, strict=False), 2)
    odd = [f"row {number}, date reads {a!r}; expected {b!r}" for number, (a, b) in pairs if a != b]
    if not odd and len(dates) != len(expected):
        return [f"{len(dates)} months; expected {len(expected)} ({entry.months})"]
    return odd[:3]


def _turned(lines: list[list[str]], entry: MonthlyVariable) -> list[list[str]]:
    """Areas down, months across, cut off after `until`."""
    months = entry.kept_months
    kept = lines[1 : len(months) + 1]
    turned = [["label", *months]]
    for place, label in enumerate(lines[0][2:], 2):
        texts = (line[place] for line in kept)
        turned.append([label, *(print_number(float(text)) if text else "" for text in texts)])
    return turned


def _about(release: MonthlyRelease, entry: MonthlyVariable, path: Path) -> dict[str, Any]:
    about = {
        "variable": entry.id,
        "source": release.source,
        "title": entry.en,
        "title_ru": entry.ru,
        "unit": entry.unit,
        "release": release.release,
        "vintage": release.vintage,
        "publisher": release.publisher,
        "address": release.address,
        "transcription": release.transcription,
        "commit": release.commit,
        "licence": "none stated for the transcription; figures are the publisher's",
        "file": path.name,
        "sha256": checksum(path),
        "done": "turned to areas down and months across; rounded to twelve digits",
        "caution": "operational figures, later revised; regions with and without okrugs both stand",
    }
    if entry.until:
        about["kept_until"] = entry.until
    if entry.note:
        about["note"] = entry.note
    return about
