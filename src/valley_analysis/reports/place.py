"""The folder of temporary files in which a kernel works, and what killed runs left of theirs."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "valley-"
_LOCK = "lock"


@contextmanager
def workplace() -> Iterator[Path]:
    """Yield an empty folder for a kernel: its working folder, its sockets, its profile.

    The folder is locked as long as this process lives; those that nobody holds any more are
    removed first.
    """
    import fcntl

    clear_left()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        for name in ("cwd", "ipython"):
            (folder / name).mkdir()
        with (folder / f".{_LOCK}").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Only now it is named: a lock that is there is held, or its process is gone.
            (folder / f".{_LOCK}").rename(folder / _LOCK)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_left() -> list[Path]:
    """Remove the folders of our own runs that were killed; return them.

    Only folders of this user count whose lock nobody holds: a lock ends with its process.
    """
    import fcntl

    removed = []
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        lock = folder / _LOCK
        with suppress(OSError):
            about = folder.lstat()
            if folder.is_symlink() or about.st_uid != os.getuid() or lock.is_symlink():
                continue
            with lock.open("r+") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed
