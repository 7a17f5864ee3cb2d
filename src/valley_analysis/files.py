"""Writing files so that a reader sees the old one or the new one, never half of one."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from valley_analysis.errors import ChecksumError, MissingInputError

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; rename it to `path` if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_aside(path: Path, text: str) -> Path:
    """Write a text file, aside first and then renamed."""
    with aside(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return path


def checksum_path(path: Path) -> Path:
    """Return where the checksum of a table is kept, in the form that `sha256sum -c` reads."""
    return path.with_name(f"{path.name}.sha256")


def write_frame(frame: "pd.DataFrame", path: Path) -> Path:
    """Write a frame as parquet, aside first and then renamed, its checksum beside it."""
    with aside(path) as temporary:
        frame.to_parquet(temporary, compression="zstd", index=False)
        digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
        # Without a checksum nothing is read, so a crash in between cannot pair old with new.
        checksum_path(path).unlink(missing_ok=True)
    write_aside(checksum_path(path), f"{digest}  {path.name}\n")
    return path


def read_frame(path: Path) -> "pd.DataFrame":
    """Read what `write_frame` wrote, if its bytes are still those.

    A table without a checksum is one of an earlier version of this package: it is read, and
    `valley build` makes it anew before anything is published.

    Raises
    ------
    MissingInputError
        If the table is absent.
    ChecksumError
        If the bytes are not those that were written, whether or not parquet would notice.
    """
    import io

    import pandas as pd
    from pyarrow import ArrowException

    again = "Next step: run `valley build` (a few seconds)."
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise MissingInputError(f"data/processed/{path.name} is absent. {again}") from error
    kept = checksum_path(path)
    expected = kept.read_bytes()[:64].decode("ascii", "replace") if kept.exists() else None
    found = hashlib.sha256(content).hexdigest()
    if expected is not None and found != expected:
        raise ChecksumError(
            f"{path.name} ({len(content):,} bytes) is not what was built: its sha256 is "
            f"{found[:12]}…; {kept.name} has {expected[:12]}…. {again}"
        )
    try:
        return pd.read_parquet(io.BytesIO(content))
    except ArrowException as error:
        raise ChecksumError(f"{path.name} is damaged ({error}). {again}") from error
