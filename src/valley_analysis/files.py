"""Writing files so that a reader sees the old one or the new one, never half of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

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


def write_frame(frame: "pd.DataFrame", path: Path) -> Path:
    """Write a frame as parquet, aside first and then renamed."""
    with aside(path) as temporary:
        frame.to_parquet(temporary, compression="zstd", index=False)
    return path
