"""Unpacking a publisher's archive without trusting it: names, links, sizes, checksums."""

import hashlib
import secrets
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from valley_analysis.errors import ChecksumError, FetchError
from valley_analysis.sources.register import Member

_CHUNK = 1 << 16
_RATIO_FROM = 1_000_000
_RAR = b"Rar!\x1a\x07"
_NEXT = "do not use this archive; fetch it again, or take it from another place with --mirror"


@dataclass(frozen=True)
class Limits:
    """What an archive may become: bytes in all, files, bytes written per byte of archive."""

    total: int = 500_000_000
    members: int = 2_000
    ratio: float = 200.0


@dataclass(frozen=True)
class _Entry:
    """An entry of an archive as it says of itself; `chunks` gives its bytes."""

    name: str
    kind: Literal["file", "folder", "link", "other"]
    chunks: Callable[[], Iterable[bytes]]
    encrypted: bool = False
    size: int | None = None


def unpack(
    archive: Path,
    kind: Literal["zip", "rar"],
    to: Path,
    *,
    members: Sequence[Member] = (),
    limits: Limits | None = None,
    label: str = "",
) -> list[Path]:
    """Unpack an archive into the folder `to`, which appears (or changes) only if all is well.

    Parameters
    ----------
    archive
        The file; its name does not matter.
    kind
        "zip", or "rar" (which needs the optional extra ``archives``).
    to
        The folder to make; what it held before is replaced.
    members
        Files that must be there, wherever in the archive, with the checksums known of them.
    limits
        Measured while the bytes are written, whatever the archive's headers say.
    label
        What messages call the archive; its file name by default.

    Returns
    -------
    list of Path
        The unpacked files, sorted.

    Raises
    ------
    FetchError
        If the archive is damaged, encrypted or too large, or if a member is a link, climbs
        out of the folder or stands twice: with every such member.
    ChecksumError
        With every expected member that is absent or has other bytes.

    Notes
    -----
    A zip member's own CRC is verified. Of RAR, libarchive verifies it for compressed members
    only: a stored member is verified by its size, and by its sha256 where one is registered.
    """
    label = label or archive.name
    budget = _Budget(label, archive.stat().st_size, limits or Limits())
    to.parent.mkdir(parents=True, exist_ok=True)
    staged = to.with_name(f".{to.name}.{secrets.token_hex(4)}")
    staged.mkdir()
    try:
        with _sound(kind, label):
            sums = _write(_open(archive, kind, label), label, staged, budget)
        check_members(label, sums, members)
        _swap(staged, to)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return sorted(to / name for name in sums)


def check_tools(kind: Literal["none", "zip", "rar"], label: str) -> None:
    """Raise, before anything is transferred, if an archive of this kind cannot be unpacked here.

    Raises
    ------
    FetchError
        For "rar" without libarchive; the message names the extra to install.
    """
    if kind == "rar":
        _libarchive(label)


@contextmanager
def _sound(kind: str, label: str) -> Iterator[None]:
    """Turn what the unpackers raise, whenever they read, into one error."""
    faults: tuple[type[Exception], ...] = (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
    )
    if kind == "rar":
        faults = (_libarchive(label).exception.ArchiveError,)
    try:
        yield
    except faults as error:
        raise FetchError(label, [f"not a sound {kind} archive: {error}"], _NEXT) from error


def _open(archive: Path, kind: str, label: str) -> Iterator[_Entry]:
    if kind == "zip":
        return _zip_entries(archive)
    if kind == "rar":
        return _rar_entries(archive, label)
    raise ValueError(f"kind is {kind!r}; expected zip or rar")


def _write(
    entries: Iterator[_Entry], label: str, folder: Path, budget: "_Budget"
) -> dict[str, str]:
    """Write the files; return name -> sha256. Unsafe entries are gathered and refused at once."""
    sums: dict[str, str] = {}
    seen: set[str] = set()
    problems: list[str] = []
    for entry in entries:
        budget.count()
        problem = _refusal(entry, seen)
        if problem:
            problems.append(problem)
        elif entry.kind == "file" and not problems:
            name = _normal(entry.name)
            sums[name], size = _write_file(folder / name, entry.chunks(), budget)
            if entry.size not in (None, size):
                problems.append(f"member {name!r} has {size} bytes, expected {entry.size}")
    if problems:
        raise FetchError(label, problems, _NEXT)
    if not sums:
        raise FetchError(label, ["the archive holds no file"], _NEXT)
    return sums


class _Budget:
    """Counts what has been unpacked and stops a bomb."""

    def __init__(self, label: str, packed: int, limits: Limits) -> None:
        self._name = label
        self._packed = max(1, packed)
        self._limits = limits
        self._members = 0
        self._total = 0

    def count(self) -> None:
        self._members += 1
        if self._members > self._limits.members:
            self._stop(f"it has more than {self._limits.members} members")

    def spend(self, size: int) -> None:
        self._total += size
        if self._total > self._limits.total:
            self._stop(f"it unpacks to more than {self._limits.total} bytes")
        if self._total > max(_RATIO_FROM, self._limits.ratio * self._packed):
            self._stop(f"it unpacks to more than {self._limits.ratio:g} times its size")

    def _stop(self, problem: str) -> None:
        raise FetchError(self._name, [problem], _NEXT)


def _write_file(path: Path, chunks: Iterable[bytes], budget: _Budget) -> tuple[str, int]:
    """Write one file; return its checksum and its size."""
    digest, size = hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as handle:
        for chunk in chunks:
            size += len(chunk)
            budget.spend(len(chunk))
            digest.update(chunk)
            handle.write(chunk)
    return digest.hexdigest(), size


def _refusal(entry: _Entry, seen: set[str]) -> str:
    """Why an entry is refused; empty if it is not."""
    shown = f"member {entry.name!r}"
    if entry.kind in ("link", "other"):
        return f"{shown} is a link or a special file"
    if entry.encrypted:
        return f"{shown} is encrypted"
    parts = entry.name.replace("\\", "/").rstrip("/").split("/")
    if parts[0] == "":
        return f"{shown} has an absolute path"
    if ".." in parts:
        return f"{shown} climbs out of the folder"
    if any(_is_odd(part) for part in parts):
        return f"{shown} has a name that not every system can hold"
    # Two names that differ in case or in Unicode form are one file on some systems.
    key = _normal(entry.name).casefold()
    if entry.kind == "file" and key in seen:
        return f"{shown} stands twice"
    if entry.kind == "file":
        seen.add(key)
    return ""


def _is_odd(part: str) -> bool:
    if part in ("", ".") or part != part.rstrip(". ") or len(part.encode()) > 255:
        return True
    return any(char in '<>:"|?*' or unicodedata.category(char) in ("Cc", "Cs") for char in part)


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def check_members(archive: str, sums: dict[str, str], members: Sequence[Member]) -> None:
    """Compare unpacked files (name -> sha256) with those expected.

    Raises
    ------
    ChecksumError
        With every member that is absent, stands twice or has other bytes.
    """
    problems = []
    for member in members:
        wanted = unicodedata.normalize("NFC", member.name)
        found = {name: sha for name, sha in sums.items() if name.rsplit("/", 1)[-1] == wanted}
        if len(found) != 1:
            problems.append(f"{member.name}: found {len(found)} times, expected once")
        elif member.sha256 and member.sha256 not in found.values():
            got = next(iter(found.values()))
            problems.append(f"{member.name}: sha256 is {got}, the register has {member.sha256}")
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise ChecksumError(
            f"{archive}: {len(problems)} of {len(members)} expected members differ\n{listed}\n"
            "Next step: if the publisher has revised the release, register it as a new vintage; "
            "else fetch it again or from another place."
        )


def _swap(staged: Path, to: Path) -> None:
    """Put the new folder in the place of the old one."""
    former = to.with_name(f"{staged.name}.former")
    if to.exists():
        to.rename(former)
    try:
        staged.rename(to)
    except OSError:
        if former.exists():
            former.rename(to)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _zip_entries(archive: Path) -> Iterator[_Entry]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            yield _Entry(
                name=_zip_name(info),
                kind=_zip_kind(info),
                chunks=partial(_zip_chunks, opened, info),
                encrypted=bool(info.flag_bits & 0x1),
            )


def _zip_chunks(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with opened.open(info) as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk


def _zip_kind(info: zipfile.ZipInfo) -> Literal["file", "folder", "other"]:
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "other"
    is_folder = info.is_dir() or info.orig_filename.endswith("\\") or mode == stat.S_IFDIR
    return "folder" if is_folder else "file"


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Name of a member; without the UTF-8 flag it is UTF-8 all the same, or else CP866.

    Russian publishers pack with tools that write DOS names, which the standard reads as CP437.
    """
    if info.flag_bits & 0x800:
        return info.orig_filename
    return _decode(info.orig_filename.encode("cp437"))


def _decode(written: bytes) -> str:
    """Read a name of unknown encoding: UTF-8 if it is valid, or else CP866, which all bytes are."""
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode("cp866")


def _rar_entries(archive: Path, label: str) -> Iterator[_Entry]:
    libarchive = _libarchive(label)
    with archive.open("rb") as handle:
        if handle.read(len(_RAR)) != _RAR:
            raise FetchError(label, ["not a RAR archive: it begins otherwise"], _NEXT)
    with libarchive.file_reader(str(archive)) as entries:
        for entry in entries:
            yield _Entry(
                name=_rar_name(entry.pathname),
                kind=_rar_kind(entry),
                chunks=entry.get_blocks,
                # libarchive takes a RAR 5 archive that is cut off for one that ends.
                size=entry.size,
            )


def _rar_name(name: str | bytes | None) -> str:
    return _decode(name) if isinstance(name, bytes) else name or ""


def _rar_kind(entry: Any) -> Literal["file", "folder", "link", "other"]:
    if entry.issym or entry.islnk:
        return "link"
    if entry.isdir:
        return "folder"
    return "file" if entry.isfile else "other"


def _libarchive(label: str) -> ModuleType:
    """Return the libarchive module; it raises several things where its library is absent."""
    try:
        import libarchive
    except (ImportError, OSError, AttributeError, TypeError) as error:
        raise FetchError(
            label,
            ["a RAR archive is unpacked by libarchive, which is not installed here"],
            'pip install "valley_analysis[archives]" (and the system library libarchive 3.4 or '
            "later), or unpack it with another tool",
        ) from error
    module: ModuleType = libarchive
    return module
