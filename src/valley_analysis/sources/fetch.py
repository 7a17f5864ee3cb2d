"""Fetching originals: from the publisher or a mirror, into the cache, verified.

A file in the cache is always whole and verified. It is received beside its place
(``<name>.part``), checked, and renamed; a bad file never replaces a good one. Archives are
unpacked into ``members/`` before they are accepted, since often only the checksums of their
members are known.
"""

import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from valley_analysis.errors import ChecksumError, FetchError
from valley_analysis.sources import fetch_http, lock
from valley_analysis.sources.fetch_cache import Job, Options, admit, cached, sha256_of
from valley_analysis.sources.fetch_parts import Answer, forget
from valley_analysis.sources.fetch_types import Failure, Fetched, Progress, Retries, Step, Timeouts
from valley_analysis.sources.register import REGISTER, Original, Source, select
from valley_analysis.sources.unpack import check_tools

__all__ = ["Fetched", "Progress", "Retries", "Step", "Timeouts", "fetch_all", "fetch_one"]

_CHUNK = 1 << 20
_KEPT = "what was fetched is kept; run it again for the rest"


def fetch_all(
    ids: Iterable[str] | None = None,
    *,
    cache: Path,
    mirror: str | Path | None = None,
    ca_bundle: Path | None = None,
    timeout: Timeouts | None = None,
    retries: Retries | None = None,
    progress: Progress | None = None,
    refresh: bool = False,
    lock_file: Path | None = None,
    accept_revisions: bool = False,
    register: Path = REGISTER,
) -> list[Fetched]:
    """Fetch sources into ``<cache>/<source id>/``, each file verified.

    Parameters
    ----------
    ids
        Sources to fetch; by default those that the register marks so.
    cache
        Folder of originals. A file that is there, intact, is not fetched again.
    mirror
        A folder, or an http(s) address, that holds ``<source id>/<file name>``; the checks
        are the same as for the publisher.
    ca_bundle
        PEM file of authorities to trust besides the system's, in this call.
    timeout, retries
        See `Timeouts`, `Retries`.
    progress
        Called with a `Step` as bytes arrive, and on each retry, end and failure.
    refresh
        Ask the publisher also for files that are in the cache.
    lock_file
        Where to record what was fetched; a checksum that differs from the record raises.
    accept_revisions
        Record changed checksums instead of raising.
    register
        The register to read.

    Returns
    -------
    list of Fetched
        In the register's order of files, sources as named.

    Raises
    ------
    UnknownSourceError
        Before anything is fetched, with the nearest ids.
    FetchError
        After every file was tried: all failures at once. Fetched files stay.
    ChecksumError
        If a file differs from the one recorded in `lock_file`.
    """
    sources = select(None if ids is None else list(ids), register=register)
    options = _options(mirror, ca_bundle, timeout, retries, progress, refresh)
    jobs = [Job(source, file, cache, options) for source in sources for file in source.files]
    fetched, problems, steps = _run_each(jobs)
    try:
        if lock_file is not None:
            _record(lock_file, fetched, accept_revisions)
    except ChecksumError as error:
        if not problems:
            raise
        problems.append(str(error))
    if problems:
        steps += [_KEPT] if fetched else []
        raise FetchError("valley fetch", problems, "; ".join(dict.fromkeys(steps)))
    return fetched


def fetch_one(
    source: Source,
    file: Original,
    *,
    cache: Path,
    mirror: str | Path | None = None,
    ca_bundle: Path | None = None,
    timeout: Timeouts | None = None,
    retries: Retries | None = None,
    progress: Progress | None = None,
    refresh: bool = False,
) -> Fetched:
    """Fetch one file of one source; see `fetch_all`.

    Raises
    ------
    FetchError
        If it could not be fetched or is not the file that the register describes.
    """
    options = _options(mirror, ca_bundle, timeout, retries, progress, refresh)
    job = Job(source, file, cache, options)
    try:
        return _run(job)
    except Failure as failure:
        raise FetchError(job.name, [failure.problem], failure.next_step) from failure


def _options(
    mirror: str | Path | None,
    ca_bundle: Path | None,
    timeout: Timeouts | None,
    retries: Retries | None,
    progress: Progress | None,
    refresh: bool,
) -> Options:
    """Fill in the defaults; refuse at once what would fail for every file."""
    timeout = timeout or Timeouts()
    place = None if mirror is None else str(mirror)
    try:
        if ca_bundle is not None:
            with fetch_http.client(ca_bundle, timeout):
                pass
        if place is not None and not _is_address(place):
            _check_folder(place)
    except Failure as failure:
        raise FetchError("valley fetch", [failure.problem], failure.next_step) from failure
    return Options(
        place, ca_bundle, timeout, retries or Retries(), progress or (lambda step: None), refresh
    )


def _is_address(place: str) -> bool:
    return urlsplit(place).scheme in ("http", "https")


def _check_folder(place: str) -> None:
    if "://" in place:
        raise Failure(
            f"the mirror {fetch_http.shown(place)} is neither a folder nor an http(s) address",
            "name a folder, or an address that begins with http:// or https://",
        )
    if not Path(place).is_dir():
        raise Failure(f"the mirror {place} is not a folder", "name the folder of the copies")


def _run_each(jobs: list[Job]) -> tuple[list[Fetched], list[str], list[str]]:
    """Try every file; return what was fetched, the problems, and what to do about them."""
    fetched: list[Fetched] = []
    problems: list[str] = []
    steps: list[str] = []
    for job in jobs:
        try:
            fetched.append(_run(job))
        except Failure as failure:
            problems.append(f"{job.name}: {failure.problem}")
            steps.append(failure.next_step)
    return fetched, problems, steps


def _record(path: Path, fetched: list[Fetched], accept: bool) -> None:
    """Record new files; refuse changed ones unless they are accepted."""
    known = lock.read_lock(path)
    try:
        lock.compare(known, fetched)
    except ChecksumError:
        if not accept:
            same = [item for item in fetched if item.file not in known.get(item.source, {})]
            lock.write_lock(path, same)
            raise
    lock.write_lock(path, fetched)


def _run(job: Job) -> Fetched:
    """Fetch one file, or find it in the cache."""
    tell = job.options.progress
    try:
        check_tools(job.file.archive, job.file.name)
        held = None if job.options.refresh else cached(job)
        if held is not None:
            tell(Step(job.source.id, job.file.name, "cached", held.size, held.size))
            return held
        job.path.parent.mkdir(parents=True, exist_ok=True)
        fetched = admit(job, _receive(job))
    except Failure as failure:
        tell(Step(job.source.id, job.file.name, "failed", note=failure.problem))
        raise
    except FetchError as error:
        raise Failure("; ".join(error.problems), error.next_step) from error
    except OSError as error:
        raise Failure(f"cannot be stored: {error}", "check the disk and its rights") from error
    tell(Step(job.source.id, job.file.name, "done", fetched.size, fetched.size))
    return fetched


def _receive(job: Job) -> Fetched:
    """Bring the bytes into the part and measure them."""
    answer = _transfer(job)
    sha256 = sha256_of(job.part)
    if answer.resumed_at and job.file.sha256 not in (None, sha256):
        # The earlier bytes may be at fault: once more, from the start.
        forget(job.part)
        answer = _transfer(job)
        sha256 = sha256_of(job.part)
    return Fetched(
        source=job.source.id,
        file=job.file.name,
        path=job.path,
        sha256=sha256,
        size=job.part.stat().st_size,
        address=answer.address,
        etag=answer.etag,
        last_modified=answer.last_modified,
        fetched=datetime.now(UTC).isoformat(timespec="seconds"),
        proof=_proof(job, answer),
    )


def _proof(job: Job, answer: Answer) -> str:
    """What will have said that the bytes are whole, once they are admitted."""
    if job.file.sha256 is not None:
        return "sha256"
    if job.file.members and all(member.sha256 for member in job.file.members):
        return "members"
    return "none" if answer.expected is None else "length"


def _transfer(job: Job) -> Answer:
    mirror, tell = job.options.mirror, job.options.progress
    if mirror is not None and not _is_address(mirror):
        return _copy(job, Path(mirror) / job.source.id / job.file.name)
    request = _request(job)
    name = (job.source.id, job.file.name)
    with fetch_http.client(job.options.ca_bundle, job.options.timeout) as client:
        return fetch_http.download(
            client,
            request,
            job.part,
            timeouts=job.options.timeout,
            retries=job.options.retries,
            on_bytes=lambda got, of: tell(Step(*name, "received", got, of)),
            on_retry=lambda why: tell(Step(*name, "retry", note=why)),
        )


def _request(job: Job) -> fetch_http.Request:
    if job.options.mirror is not None:
        place = f"{job.options.mirror.rstrip('/')}/{quote(job.source.id)}/{quote(job.file.name)}"
        return fetch_http.Request(place, max_bytes=job.file.max_bytes)
    if job.file.address is None:
        raise Failure(
            "no download address is known",
            f"look on {job.source.page} and put the file into a folder "
            f"{job.source.id}/ that you name with --mirror",
        )
    return fetch_http.Request(
        job.file.address,
        redirect_hosts=job.source.redirect_hosts,
        certificate=job.source.certificate,
        max_bytes=job.file.max_bytes,
    )


def _copy(job: Job, path: Path) -> Answer:
    if not path.is_file():
        raise Failure(
            f"the mirror holds no {job.source.id}/{job.file.name}",
            "put the file there, or fetch it from the publisher (without --mirror)",
        )
    if path.stat().st_size > job.file.max_bytes:
        raise Failure(
            f"the mirror's file is longer than the {job.file.max_bytes} bytes allowed",
            "check the file; if it has grown, raise its max_bytes in the register",
        )
    forget(job.part)
    with path.open("rb") as found, job.part.open("wb") as part:
        shutil.copyfileobj(found, part, _CHUNK)
        part.flush()
        os.fsync(part.fileno())
    return Answer(requested="", address=f"mirror:{job.source.id}/{job.file.name}")
