"""The cache of originals: what is in it, what may enter it, and how it enters."""

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from valley_analysis.errors import ChecksumError, FetchError
from valley_analysis.sources.fetch_parts import note_path
from valley_analysis.sources.fetch_types import Failure, Fetched, Progress, Retries, Timeouts
from valley_analysis.sources.register import Original, Source
from valley_analysis.sources.unpack import check_members, unpack


@dataclass(frozen=True)
class Options:
    """How to fetch, for every file of one call."""

    mirror: str | None
    ca_bundle: Path | None
    timeout: Timeouts
    retries: Retries
    progress: Progress
    refresh: bool


@dataclass(frozen=True)
class Job:
    """One file to fetch; its places in the cache."""

    source: Source
    file: Original
    cache: Path
    options: Options

    @property
    def name(self) -> str:
        """The file as messages name it."""
        return f"{self.source.id}/{self.file.name}"

    @property
    def path(self) -> Path:
        """Where the verified file stands."""
        return self.cache / self.source.id / self.file.name

    @property
    def part(self) -> Path:
        """Where it is received."""
        return self.path.with_name(f"{self.file.name}.part")

    @property
    def record(self) -> Path:
        """What is known of the verified file."""
        return self.path.with_name(f"{self.file.name}.json")

    @property
    def members(self) -> Path:
        """Where an archive is unpacked."""
        several = sum(file.archive != "none" for file in self.source.files) > 1
        return self.path.with_name(f"members-{self.path.stem}" if several else "members")


def sha256_of(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def cached(job: Job) -> Fetched | None:
    """Return the file in the cache if its bytes are those recorded, and those registered.

    Members of an intact archive that are absent or were changed are unpacked again.
    """
    try:
        record = json.loads(job.record.read_text("utf-8"))
        sha256 = sha256_of(job.path)
        held = Fetched(**{**record, "path": job.path, "members": (), "cached": True})
    except (OSError, ValueError, TypeError):
        return None
    if held.sha256 != sha256 or job.file.sha256 not in (None, sha256):
        return None
    try:
        return replace(held, members=_members(job))
    except (ChecksumError, FetchError):
        return None


def _members(job: Job) -> tuple[Path, ...]:
    if job.file.archive == "none":
        return ()
    found = tuple(sorted(path for path in job.members.rglob("*") if path.is_file()))
    sums = {path.relative_to(job.members).as_posix(): sha256_of(path) for path in found}
    with contextlib.suppress(ChecksumError):
        check_members(job.file.name, sums, job.file.members)
        # Members without a registered checksum may have been edited: the archive has not.
        registered = [member for member in job.file.members if member.sha256]
        if found and len(registered) == len(found):
            return found
    return _unpack(job, job.path)


def _unpack(job: Job, archive: Path) -> tuple[Path, ...]:
    kind = job.file.archive
    if kind == "none":
        return ()
    unpacked = unpack(archive, kind, job.members, members=job.file.members, label=job.file.name)
    return tuple(unpacked)


def admit(job: Job, fetched: Fetched) -> Fetched:
    """Verify the part and put it into its place; a bad one is put aside, the good one stays.

    Raises
    ------
    Failure
        If the bytes, or an archive's members, are not those registered.
    """
    rejected = job.path.with_name(f"{job.file.name}.rejected")
    try:
        members = _checked(job, fetched, rejected.name)
    except Failure:
        job.part.replace(rejected)
        note_path(job.part).unlink(missing_ok=True)
        raise
    _place(job, fetched)
    return replace(fetched, members=members)


def _checked(job: Job, fetched: Fetched, rejected: str) -> tuple[Path, ...]:
    if job.file.sha256 not in (None, fetched.sha256):
        raise Failure(
            f"its sha256 is {fetched.sha256}, the register has {job.file.sha256}",
            f"look at {rejected} in the cache: if the publisher has revised the file, register "
            "it as a new vintage",
        )
    try:
        return _unpack(job, job.part)
    except FetchError as error:
        raise Failure("; ".join(error.problems), error.next_step) from error
    except ChecksumError as error:
        problem, _, step = str(error).partition("\nNext step: ")
        raise Failure(problem.replace("\n", "\n    "), step) from error


def _place(job: Job, fetched: Fetched) -> None:
    """Rename the part; other bytes that stood in its place (a former vintage) are kept aside."""
    if job.path.exists():
        former = sha256_of(job.path)
        if former != fetched.sha256:
            job.path.replace(job.path.with_name(f"{former[:12]}.{job.file.name}.former"))
    job.part.replace(job.path)
    note_path(job.part).unlink(missing_ok=True)
    record = {**asdict(fetched), "path": job.path.name, "members": []}
    draft = job.record.with_name(f".{job.record.name}")
    draft.write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")
    draft.replace(job.record)
    _sync(job.path.parent)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every system lets a folder be opened
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
