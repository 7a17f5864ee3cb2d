"""A table of data/raw and the sidecar beside it: read whole, checked together, or refused.

The sidecar's `figures_sha256` is the checksum of the pair: of every figure, by its heading, and
of what the sidecar says of them. The order of the columns, the quoting and the ends of lines
play no part in it; a changed figure, heading, mark or vintage does.
"""

import csv
import hashlib
import io
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valley_analysis.errors import MissingInputError, RawError, RegisterError
from valley_analysis.files import write_aside
from valley_analysis.registers import read_yaml
from valley_analysis.sources.cells import number_of

SUM = "figures_sha256"
ACCEPTED = "accepted"
MOST_BYTES = {".csv": 20_000_000, ".yml": 1_000_000}
NEXT_STEP = (
    "restore both files from git, or write them again with `valley extract`; an edit that was "
    "reviewed is taken over by `valley accept FILE --reason TEXT`"
)

Lines = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Pair:
    """A table as stored: its sidecar, its headings, its lines of as many cells each."""

    about: dict[str, Any]
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]

    @property
    def checksum(self) -> str:
        """The checksum that the sidecar should hold."""
        return figures_checksum(self.about, self.head, self.lines)


def figures_checksum(about: Mapping[str, Any], head: Sequence[str], lines: Lines) -> str:
    """Return the checksum of a table together with what its sidecar says of it.

    Parameters
    ----------
    about
        The sidecar; its own checksum and the list of accepted edits are left out.
    head, lines
        The table, one heading a column; columns are taken in the order of their headings.

    Examples
    --------
    >>> one = figures_checksum({}, ["label", "2020", "2021"], [["Tula", "5", "7"]])
    >>> one == figures_checksum({}, ["label", "2021", "2020"], [["Tula", "7", "5"]])
    True
    >>> one == figures_checksum({}, ["label", "2020", "2021"], [["Tula", "7", "5"]])
    False
    """
    order = sorted(range(len(head)), key=lambda place: head[place])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([line[place] for place in order] for line in (head, *lines))
    said = {key: value for key, value in about.items() if key not in (SUM, ACCEPTED)}
    words = json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(f"{words}\n{out.getvalue()}".encode()).hexdigest()


def write_pair(path: Path, lines: Sequence[Sequence[object]], about: Mapping[str, Any]) -> Path:
    """Write a table and the sidecar that says where it comes from; return the table's path."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    head, *body = csv.reader(io.StringIO(out.getvalue()))
    write_aside(path, out.getvalue())
    write_aside(
        path.with_suffix(".yml"), dump_sidecar({**about, SUM: figures_checksum(about, head, body)})
    )
    return path


def require_numbers(
    path: Path,
    pair: Pair,
    columns: Sequence[str],
    *,
    least: float = -math.inf,
    most: float = math.inf,
    whole: bool = False,
    blank: bool = False,
) -> None:
    """Refuse a table whose figures are not possible for their unit.

    Parameters
    ----------
    path, pair
        The table.
    columns
        Its columns of figures.
    least, most
        Bounds of the unit.
    whole
        Only whole numbers.
    blank
        Whether a cell may be empty.

    Raises
    ------
    RawError
        With the row and heading of every figure that is none, is not finite or lies outside.
    """
    kind = f"a {'whole ' if whole else ''}number from {least:g} to {most:g}"
    places = [(pair.head.index(name), name) for name in columns]
    problems = [
        f"row {number}, {name} reads {line[place]!r}; expected {kind}"
        for number, line in enumerate(pair.lines, 2)
        for place, name in places
        if not (blank and line[place] == "") and not _within(line[place], least, most, whole)
    ]
    if problems:
        raise RawError(name_of(path), problems, NEXT_STEP)


def _within(text: str, least: float, most: float, whole: bool) -> bool:
    value = number_of(text)
    return value is not None and least <= value <= most and not (whole and value % 1)


def dump_sidecar(about: Mapping[str, Any]) -> str:
    """Return a sidecar as it is written."""
    import yaml

    return str(yaml.safe_dump(dict(about), allow_unicode=True, sort_keys=False, width=100))


def need(path: Path) -> Path:
    """Return the path of a table if it and its sidecar are there.

    Raises
    ------
    MissingInputError
        If one of the two is absent.
    """
    if path.is_file() and path.with_suffix(".yml").is_file():
        return path
    raise MissingInputError(
        f"{name_of(path)} or its sidecar is absent; expected both. "
        "Next step: restore them from git, or run `valley extract`."
    )


def name_of(path: Path) -> str:
    """Return the name that messages give a file: its folder and its name."""
    return f"{path.parent.name}/{path.name}"


def read_pair(path: Path, *, columns: Sequence[str] = (), checked: bool = True) -> Pair:
    """Read a table and its sidecar.

    Parameters
    ----------
    path
        The table (.csv); the sidecar lies beside it (.yml).
    columns
        Headings that must be there.
    checked
        Whether the checksum must be the sidecar's.

    Raises
    ------
    MissingInputError
        If one of the two is absent.
    RawError
        With everything that is wrong with the two: bytes that are no text in UTF-8, headings
        that are absent or stand twice, lines that are too short or too long, another checksum.
    """
    need(path)
    problems: list[str] = []
    about = _read_sidecar(path.with_suffix(".yml"), problems)
    head, lines = read_lines(path, problems)
    problems += [f"row 1: no column {name!r}" for name in columns if lines and name not in head]
    if problems:
        raise RawError(name_of(path), problems, NEXT_STEP)
    pair = Pair(about, head, lines)
    if checked:
        require_sum(path, pair)
    return pair


def require_sum(path: Path, pair: Pair) -> None:
    """Refuse a table whose checksum is not the one that its sidecar holds.

    Raises
    ------
    RawError
        If it differs, or the sidecar holds none.
    """
    found, expected = pair.checksum, pair.about.get(SUM)
    if found == expected:
        return
    problem = (
        f"the sidecar has no {SUM}; expected the checksum of its figures"
        if expected is None
        else "the figures, or what the sidecar says of them, are not those that were extracted: "
        f"{SUM} is {found[:12]}…; expected {str(expected)[:12]}…"
    )
    raise RawError(name_of(path), [problem], NEXT_STEP)


def _read_sidecar(path: Path, problems: list[str]) -> dict[str, Any]:
    if _too_long(path, problems):
        return {}
    try:
        content = read_yaml(path)
    except RegisterError as error:
        problems += [f"{path.name}: {problem}" for problem in error.problems]
        return {}
    except ValueError as error:  # no UTF-8, or a date that does not exist
        problems.append(f"{path.name}: cannot be read ({error})")
        return {}
    if not isinstance(content, dict) or not content:
        kind = "is empty" if not content else f"holds a {type(content).__name__}"
        problems.append(f"{path.name} {kind}; expected a mapping of keys")
        return {}
    return {str(key): value for key, value in content.items()}


def _too_long(path: Path, problems: list[str]) -> bool:
    size, most = path.stat().st_size, MOST_BYTES[path.suffix]
    if size > most:
        problems.append(f"{path.name} has {size:,} bytes; expected at most {most:,}")
    return size > most


def read_lines(
    path: Path, problems: list[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Read the headings and the lines of a CSV file; add what is wrong with it to the problems."""
    if _too_long(path, problems):
        return (), ()
    try:
        text = path.read_bytes().decode("utf-8-sig")
        head, *lines = list(csv.reader(io.StringIO(text, newline=""), strict=True)) or [[]]
    except UnicodeDecodeError as error:
        before = path.read_bytes()[: error.start].count(b"\n") + 1
        problems.append(f"row {before}: not text in UTF-8; expected the file as it was written")
        return (), ()
    except csv.Error as error:
        problems.append(f"cannot be read as CSV: {error}")
        return (), ()
    if not head:
        problems.append("row 1 is empty; expected headings")
        return (), ()
    problems += [
        f"row 1: heading {name!r} stands {count} times"
        for name, count in Counter(head).items()
        if count > 1
    ]
    problems += [
        f"row {number} has {len(line)} cells; expected {len(head)}"
        for number, line in enumerate(lines, 2)
        if len(line) != len(head)
    ]
    return tuple(head), tuple(tuple(line) for line in lines)
