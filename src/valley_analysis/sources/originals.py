"""What the extractors share: finding originals, checksums, records of a CSV file."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from valley_analysis.errors import LayoutError, OriginalsError
from valley_analysis.sources.sidecars import read_lines


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
    problems: list[str] = []
    head, body = read_lines(path, problems)
    absent = [f"no column {column!r} in row 1" for column in columns if column not in head]
    problems = absent + problems
    if problems:
        raise LayoutError(path.name, problems, "restore the original, or mend its reader")
    for number, line in enumerate(body, 2):
        yield number, dict(zip(head, line, strict=True))
