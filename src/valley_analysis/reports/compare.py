"""What differs between two published runs: tables cell by cell, pages line by line."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import pandas as pd

from valley_analysis.errors import ReportError

Line = tuple[str, ...]
COLUMNS = ("file", "place", "old", "new")
_BLOCKS = ("p", "li", "tr", "h1", "h2", "h3", "h4", "div", "pre", "figcaption", "caption", "br")
_UNSEEN = ("style", "script", "details.code", "head")
_RECORD = "/figures/"
_END = "\x1e"  # of a block; line breaks in the source are none on the page
# What tells one run from another and nothing of its results.
_OWN = ("manifest.json", "run.log")


def compare_runs(old: Path, new: Path) -> pd.DataFrame:
    """Return what differs between two published runs.

    Compared are the exported tables (CSV, every sheet of a workbook, features and outlines of
    GeoJSON), what figures drew where both runs recorded it, and the text and tables of every
    page, pictures by what they are called. Code cells, the manifest and the log are not.

    Parameters
    ----------
    old, new
        Folders of runs, such as ``reports/runs/<id>`` or ``reports/latest``.

    Returns
    -------
    One row a difference, in the order of files: ``file`` (with its sheet), ``place`` (row and
    column of a table, line of a page), ``old`` and ``new``; empty where one side has nothing.

    Raises
    ------
    ReportError
        If one of them is no folder of a run.
    """
    for folder in (old, new):
        if not (folder / "manifest.json").is_file():
            raise ReportError(
                f"{folder} is no published run: it holds no manifest.json. "
                "Next step: name a folder of reports/runs, or reports/latest."
            )
    before, after = _readable(old), _readable(new)
    recorded = all(any(_RECORD in name for name in one) for one in (before, after))
    rows = [
        (name, *difference)
        for name in sorted(before.keys() | after.keys())
        if recorded or _RECORD not in name
        for difference in _differences(before.get(name), after.get(name))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def listed(found: pd.DataFrame, details: int) -> str:
    """Return differences as text: how many a file has, and the first of them.

    Examples
    --------
    >>> print(listed(pd.DataFrame([("a.csv", "line 2, y", "1", "2")], columns=COLUMNS), 10))
    a.csv: 1
      line 2, y
        - 1
        + 2
    1 differences in 1 files
    """
    lines = []
    for name, differences in found.groupby("file", sort=False):
        lines.append(f"{name}: {len(differences)}")
        shown = differences.head(details).itertuples()
        lines += [f"  {one.place}\n    - {one.old}\n    + {one.new}" for one in shown]
    return "\n".join([*lines, f"{len(found)} differences in {found['file'].nunique()} files"])


def _readable(folder: Path) -> dict[str, list[Line]]:
    """Every part of a run that is compared: its name -> its lines."""
    found: dict[str, list[Line]] = {}
    for path in sorted(folder.rglob("*")):
        read = _READERS.get(path.suffix)
        if read and path.is_file() and path.name not in _OWN:
            name = path.relative_to(folder).as_posix()
            found |= {f"{name}{part}": lines for part, lines in read(path).items()}
    return found


def _csv(path: Path) -> dict[str, list[Line]]:
    table = pd.read_csv(path, header=None, dtype=str, keep_default_na=False)
    return {"": list(table.itertuples(index=False, name=None))}


def _workbook(path: Path) -> dict[str, list[Line]]:
    plain = {"header": None, "dtype": str, "keep_default_na": False}
    sheets = pd.read_excel(path, sheet_name=None, engine="calamine", **plain)
    return {
        f" [{name}]": list(sheet.itertuples(index=False, name=None))
        for name, sheet in sheets.items()
    }


def _features(path: Path) -> dict[str, list[Line]]:
    features = json.loads(path.read_text("utf-8"))["features"]
    names = sorted({name for one in features for name in one["properties"]})
    lines = [(*names, "outline")]
    for one in features:
        outline = hashlib.sha256(json.dumps(one["geometry"]).encode()).hexdigest()[:16]
        lines.append((*(str(one["properties"].get(name, "")) for name in names), outline))
    return {"": lines}


def _page(path: Path) -> dict[str, list[Line]]:
    from bs4 import BeautifulSoup

    page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    for unseen in page.select(", ".join(_UNSEEN)):
        unseen.decompose()
    for picture in page.find_all("img"):
        picture.replace_with(f"{_END}[{picture.get('alt', '')}]{_END}")
    for cell in page.find_all(["td", "th"]):
        cell.append(" | ")
    for block in page.find_all(_BLOCKS):
        block.append(_END)
    lines = (" ".join(line.split()) for line in page.get_text().split(_END))
    return {"": [(line,) for line in lines if line]}


_READERS: dict[str, Callable[[Path], dict[str, list[Line]]]] = {
    ".csv": _csv,
    ".xlsx": _workbook,
    ".geojson": _features,
    ".html": _page,
}


def _differences(
    old: Sequence[Line] | None, new: Sequence[Line] | None
) -> Iterator[tuple[str, str, str]]:
    if old is None or new is None:
        yield "the whole", "" if old is None else "there", "" if new is None else "there"
        return
    for kind, start, end, to_start, to_end in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if kind == "replace" and end - start == to_end - to_start:
            for shift in range(end - start):
                yield from _cells(old[start + shift], new[to_start + shift], start + shift, old[0])
        elif kind != "equal":
            yield from ((_row(at), _told(old[at]), "") for at in range(start, end))
            yield from ((_row(at), "", _told(new[at])) for at in range(to_start, to_end))


def _cells(old: Line, new: Line, row: int, head: Line) -> Iterator[tuple[str, str, str]]:
    if len(old) != len(new):
        yield _row(row), _told(old), _told(new)
        return
    for place, (one, other) in enumerate(zip(old, new, strict=True)):
        if one != other:
            column = f", {head[place]}" if len(old) > 1 else ""
            yield f"{_row(row)}{column}", one, other


def _row(number: int) -> str:
    return f"line {number + 1}"


def _told(line: Line) -> str:
    return " | ".join(line)
