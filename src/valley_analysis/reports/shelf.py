"""The folder of runs: one at a time, the last good one behind `latest`, old ones removed."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from valley_analysis.errors import ReportError
from valley_analysis.files import writing

LATEST = "latest"
RUNS = "runs"
FAILED = ".failed"
PARTIAL = ".partial"
_LOCK = ".lock"
_ID = re.compile(r"^\d{8}T\d{6}Z-[0-9a-f]{6}(-\d+)?$")


@contextmanager
def only_one(reports: Path) -> Iterator[None]:
    """Keep a second run out for as long as the block takes; a crash leaves nothing locked.

    Raises
    ------
    ReportError
        If another process is publishing; the message names it.
    """
    import fcntl

    with writing(reports / _LOCK, standing(reports)):
        reports.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(reports / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = lock.read().strip() or "another process"
            raise ReportError(
                f"a report is being made by {holder}. "
                "Next step: wait until it has ended; `latest` stays as it is until then."
            ) from error
        with suppress(OSError):  # on a full disk the lock holds all the same, without its name
            lock.truncate(0)
            lock.write(f"process {os.getpid()}")
            lock.flush()
        yield
        with suppress(OSError):
            lock.seek(0)
            lock.truncate(0)


def standing(reports: Path) -> str:
    """Say in words what `latest` leads to.

    Examples
    --------
    >>> standing(Path("no such folder"))
    'no report was published before'
    """
    link = reports / LATEST
    if not link.is_dir():
        return "no report was published before"
    return f"{link} leads to run {link.resolve().name} as before"


def new_folder(reports: Path, run: str) -> tuple[str, Path]:
    """Make the folder in which a run is put together; give the run a number if its id is taken.

    What killed runs have left behind is kept as failed.
    """
    runs = reports / RUNS
    runs.mkdir(parents=True, exist_ok=True)
    for left in runs.glob(f".*{PARTIAL}"):
        _replace(left, runs / (left.name[1:].removesuffix(PARTIAL) + FAILED))
    name, number = run, 1
    while (runs / name).exists() or (runs / f"{name}{FAILED}").exists():
        number += 1
        name = f"{run}-{number}"
    folder = runs / f".{name}{PARTIAL}"
    folder.mkdir()
    return name, folder


def publish_folder(reports: Path, run: str, folder: Path, *, lead: bool = True) -> Path:
    """Give a complete run its name, then let `latest` point to it, in one rename.

    Parameters
    ----------
    reports, run, folder
        The folder of reports, the id of the run and where it was put together.
    lead
        Whether `latest` is to point to it.

    Raises
    ------
    ReportError
        If `latest` is something else than a link: it is not touched.
    """
    link = reports / LATEST
    if link.exists() and not link.is_symlink():
        raise ReportError(
            f"{LATEST} in the folder of reports is not a link. Next step: move it away."
        )
    final = reports / RUNS / run
    folder.rename(final)
    if not lead:
        return final
    fresh = reports / f".{LATEST}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path(RUNS) / run, target_is_directory=True)
    fresh.replace(link)
    return final


def keep_failed(reports: Path, run: str, folder: Path) -> Path:
    """Set a run that failed aside, under its name and ``.failed``."""
    return _replace(folder, reports / RUNS / f"{run}{FAILED}")


def prune(reports: Path, keep: int) -> list[str]:
    """Remove all but the newest runs, and all but the newest failed ones.

    The run behind `latest` always stays, the newest that was made whole does, and so does
    everything that is no run.
    """
    runs = reports / RUNS
    safe = {(reports / LATEST).resolve(), _newest_whole(runs)}
    removed = []
    for failed in (False, True):
        found = sorted(
            path
            for path in runs.iterdir()
            if path.is_dir()
            and path.name.endswith(FAILED) == failed
            and _ID.match(path.name.removesuffix(FAILED))
            and path.resolve() not in safe
        )
        spare = keep if failed else max(keep - 1, 0)
        for path in found[: max(len(found) - spare, 0)]:
            shutil.rmtree(path, ignore_errors=True)
            removed.append(path.name)
    return removed


def _newest_whole(runs: Path) -> Path | None:
    """The newest run that holds every notebook, made at one go."""
    for path in sorted(runs.iterdir(), reverse=True):
        if _ID.match(path.name) and read_manifest(path).get("made") == "whole":
            return path.resolve()
    return None


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run; empty if there is none that can be read."""
    try:
        content = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _replace(folder: Path, target: Path) -> Path:
    with suppress(FileNotFoundError):
        shutil.rmtree(target)
    return folder.rename(target)
