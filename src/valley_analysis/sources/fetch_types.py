"""What fetching is told and what it returns: settings, steps, fetched files, failures."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CA_STEP = (
    "obtain the Russian Trusted Root CA from a source you trust and pass its file with "
    "--ca-bundle, or use --mirror with copies from elsewhere (their checksums are verified)"
)


@dataclass(frozen=True)
class Timeouts:
    """Seconds to wait: for a connection, for the next bytes, for one file in all."""

    connect: float = 15.0
    read: float = 30.0
    total: float = 900.0

    def __post_init__(self) -> None:
        if min(self.connect, self.read, self.total) <= 0:
            raise ValueError(f"timeouts are positive numbers of seconds; found {self}")


@dataclass(frozen=True)
class Retries:
    """How often to try again after a passing failure, and how long to wait before it.

    The wait doubles from `first` up to `longest`, less up to half of it drawn with `seed`;
    where the server names a wait (Retry-After) it is kept, up to `longest_asked`.
    """

    count: int = 4
    first: float = 1.0
    longest: float = 30.0
    longest_asked: float = 120.0
    seed: int = 0
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError(f"the count of retries is not negative; found {self.count}")


@dataclass(frozen=True)
class Step:
    """What `progress` is called with.

    Attributes
    ----------
    source, file
        Which file.
    state
        "cached" (already there and intact), "received" (some more bytes), "retry", "done"
        or "failed".
    received, expected
        Bytes so far and in all, where known.
    note
        Why, for "retry" and "failed".
    """

    source: str
    file: str
    state: Literal["cached", "received", "retry", "done", "failed"]
    received: int = 0
    expected: int | None = None
    note: str = ""


Progress = Callable[[Step], None]


@dataclass(frozen=True)
class Fetched:
    """One original in the cache, verified.

    Attributes
    ----------
    source, file
        Ids in the register.
    path
        The file in the cache.
    sha256, size
        Of its bytes.
    address
        The address that answered, or the place in a mirror.
    etag, last_modified
        As the server gave them; empty if it did not.
    fetched
        When, UTC, ISO 8601.
    cached
        True if it lay in the cache already and nothing was transferred.
    members
        Unpacked files of an archive.
    proof
        What says that the bytes are whole: "sha256" or "members" (registered checksums),
        "length" (as the server announced), or "none".
    """

    source: str
    file: str
    path: Path
    sha256: str
    size: int
    address: str
    etag: str
    last_modified: str
    fetched: str
    cached: bool = False
    members: tuple[Path, ...] = ()
    proof: str = "none"


class Failure(Exception):  # noqa: N818 - collected into one FetchError, never seen outside
    """One file that could not be fetched: the problem, and what to do about it."""

    def __init__(self, problem: str, next_step: str) -> None:
        self.problem = problem
        self.next_step = next_step
        super().__init__(problem)


class Passing(Failure):
    """A failure that another attempt may cure; `wait` is what the server asked for."""

    def __init__(self, problem: str, next_step: str, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(problem, next_step)
