"""What the extractors share: finding originals, checksums, writing a table with its sidecar."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from valley_analysis.errors import LayoutError, MissingInputError, OriginalsError
from valley_analysis.files import write_aside


def find_originals(
    originals: Path, names: Iterable[str], *, where: str = "originals", own: str = ""
) -> dict[str, Path]:
    """Find files by name below a folder.

    Parameters
    ----------
    originals
        The folder to search, at any depth.
    names
        File names that must be there exactly once.
    where
        The release, for the message.
    own
        A folder directly below, such as a fetched cache has for each source: if it exists,
        only it is searched.

    Raises
    ------
    OriginalsError
        Naming every file that is absent, or there more than once.
    """
    folder = originals / own if own and (originals / own).is_dir() else originals
    found: dict[str, list[Path]] = {name: [] for name in sorted(set(names))}
    for path in sorted(folder.rglob("*")):
        if path.name in found:
            found[path.name].append(path)
    problems = [f"{name} is absent" for name, paths in found.items() if not paths]
    problems += [
        f"{name} is there {len(paths)} times: {', '.join(path.parent.name for path in paths)}"
        for name, paths in found.items()
        if len(paths) > 1
    ]
    if problems:
        raise OriginalsError(
            where, problems, "run `valley fetch`, or name the folder of one release with --from"
        )
    return {name: paths[0] for name, paths in found.items()}


def write_pair(path: Path, lines: Iterable[Sequence[object]], about: dict[str, Any]) -> Path:
    """Write a table and the sidecar that says where it comes from; return the table's path."""
    import yaml

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    sidecar = yaml.safe_dump(about, allow_unicode=True, sort_keys=False, width=100)
    write_aside(path, out.getvalue())
    write_aside(path.with_suffix(".yml"), sidecar)
    return path


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
        f"{path.parent.name}/{path.name} or its sidecar is absent; expected both. "
        "Next step: restore them from git, or extract them again."
    )


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def print_number(value: float, digits: int = 12) -> str:
    """Print a figure without the dust of binary arithmetic.

    Examples
    --------
    >>> print_number(239.30089999999998), print_number(2092.0), print_number(8295699.35304)
    ('239.3009', '2092', '8295699.35304')
    """
    text = f"{value:.{digits}g}"
    return repr(float(text)).removesuffix(".0") if "e" in text else text


def read_records(path: Path, columns: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the lines of a CSV file with their numbers, the heading being line 1.

    Raises
    ------
    LayoutError
        Naming every wanted column that is absent and every line that is too short or too long.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        head = next(reader, [])
        body = list(reader)
    problems = [f"no column {column!r} in row 1" for column in columns if column not in head]
    problems += [
        f"row {number} has {len(line)} columns; expected {len(head)}"
        for number, line in enumerate(body, 2)
        if len(line) != len(head)
    ]
    if problems:
        raise LayoutError(path.name, problems, "restore the original, or mend its reader")
    for number, line in enumerate(body, 2):
        yield number, dict(zip(head, line, strict=True))
