"""Writing files so that a reader sees the old one or the new one, never half of one."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from valley_analysis.errors import ChecksumError, MissingInputError, WriteError

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def writing(path: Path, stands: str = "what stood there before stands") -> Iterator[None]:
    """Turn a failure to write into one sentence: what could not be written, what stands.

    Parameters
    ----------
    path
        What the block writes.
    stands
        What a reader finds as it was.

    Raises
    ------
    WriteError
        If the block raises an OSError: no space, a limit, a folder that may only be read. One
        about something else (a file to read that is not there, a time limit) goes on.
    """
    try:
        yield
    except _NOT_WRITING:
        raise
    except OSError as error:
        raise write_error(path, error, stands) from error


def write_error(path: Path, error: OSError, stands: str) -> WriteError:
    """Return the error that says what could not be written, why, and what to do.

    Examples
    --------
    >>> full = OSError(errno.ENOSPC, "No space left on device")
    >>> print(write_error(Path("a.csv"), full, "the last good report stands"))
    a.csv could not be written: No space left on device; the last good report stands. \
Next step: free space there, then run it again.
    """
    why = error.strerror or str(error) or type(error).__name__
    step = _STEPS.get(error.errno or 0, "mend that")
    return WriteError(
        f"{path} could not be written: {why}; {stands}. Next step: {step}, then run it again."
    )


_NOT_WRITING = (FileNotFoundError, TimeoutError, ConnectionError, ChildProcessError)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_BARRED = (errno.EACCES, errno.EPERM, errno.EROFS)
_STEPS = {
    **dict.fromkeys(_FULL, "free space there"),
    **dict.fromkeys(_BARRED, "make that folder writable"),
    errno.EFBIG: "raise the limit on the size of files (`ulimit -f`)",
    errno.EMFILE: "raise the limit on open files (`ulimit -n`)",
    errno.ENOTDIR: "move the file that stands where a folder belongs",
    errno.EEXIST: "move the file that stands where a folder belongs",
}


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; rename it to `path` if the block succeeds.

    Raises
    ------
    WriteError
        If it cannot be written; a file that stood there stands.
    """
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            temporary.replace(path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_aside(path: Path, text: str) -> Path:
    """Write a text file, aside first and then renamed."""
    with aside(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return path


def is_file(path: Path) -> bool:
    """Whether a file stands there; a name that no system takes is none.

    Examples
    --------
    >>> is_file(Path("a" * 5000))
    False
    """
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


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
