"""A file that is being received: its bytes so far, and a note of where they came from."""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from valley_analysis.sources.fetch_types import Failure


@dataclass(frozen=True)
class Answer:
    """Where the bytes came from; kept beside a part so that it can be resumed."""

    requested: str
    address: str
    etag: str = ""
    last_modified: str = ""
    expected: int | None = None
    resumed_at: int = 0

    @property
    def validator(self) -> str:
        """What If-Range takes: a strong ETag, else the date, else nothing."""
        return self.etag if self.etag.startswith('"') else self.last_modified


@contextlib.contextmanager
def claim(part: Path) -> Iterator[IO[bytes]]:
    """Open the part for writing; where the system can, keep a second process out of it."""
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    with os.fdopen(descriptor, "r+b") as handle:
        with contextlib.suppress(ImportError):
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Failure(
                    f"{part.name} is being written by another process", "wait for it to end"
                ) from error
        yield handle


def note_path(part: Path) -> Path:
    """Return the small file beside a part that says where its bytes came from."""
    return part.with_name(part.name + ".json")


def write_note(part: Path, answer: Answer) -> None:
    """Note where the bytes of a part come from."""
    note_path(part).write_text(json.dumps(asdict(answer), indent=1), "utf-8")


def resumable(part: Path, requested: str) -> Answer | None:
    """What is known of a part, if it is of this address and can be asked to go on."""
    try:
        held = Answer(**json.loads(note_path(part).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return held if held.requested == requested and held.validator else None


def forget(part: Path) -> None:
    """Drop a part and its note; a part that is open is emptied first."""
    with contextlib.suppress(FileNotFoundError):
        os.truncate(part, 0)
    note_path(part).unlink(missing_ok=True)
