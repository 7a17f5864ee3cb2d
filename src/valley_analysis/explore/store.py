"""A cache of arrays in a folder, so that a rerun computes only what changed."""

import re
from collections.abc import Iterator, MutableMapping
from pathlib import Path

import numpy as np

from valley_analysis import paths
from valley_analysis.files import aside

_KEY = re.compile(r"[0-9a-f]{8,64}")


class ArrayStore(MutableMapping[str, np.ndarray]):
    """Arrays by key, one file each; what is written is whole or absent.

    Parameters
    ----------
    folder
        Where to; ``data/processed/cache/arrays`` unless given. It may be emptied at any time.

    Examples
    --------
    >>> import tempfile
    >>> store = ArrayStore(Path(tempfile.mkdtemp()))
    >>> store["00ff00ff"] = np.array([1.0, 2.0])
    >>> store["00ff00ff"].sum(), len(store)
    (np.float64(3.0), 1)
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or paths.processed() / "cache" / "arrays"
        self.folder.mkdir(parents=True, exist_ok=True)

    def __getitem__(self, key: str) -> np.ndarray:
        try:
            found: np.ndarray = np.load(self._path(key), allow_pickle=False)
        except (FileNotFoundError, EOFError, ValueError) as error:
            raise KeyError(key) from error
        return found

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._path(key).is_file()

    def __setitem__(self, key: str, value: np.ndarray) -> None:
        with aside(self._path(key)) as temporary, temporary.open("wb") as file:
            np.save(file, np.asarray(value), allow_pickle=False)

    def __delitem__(self, key: str) -> None:
        self._path(key).unlink()

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in sorted(self.folder.glob("*.npy")))

    def __len__(self) -> int:
        return sum(1 for _ in self.folder.glob("*.npy"))

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise KeyError(f"{key!r}; expected a mark of 8 to 64 hexadecimal digits")
        return self.folder / f"{key}.npy"
