"""One file over http(s), and nothing else: redirects, resuming, retries, limits.

This module and no other speaks to the network.
"""

import contextlib
import os
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from valley_analysis.sources.fetch_parts import Answer, claim, forget, resumable, write_note
from valley_analysis.sources.fetch_types import CA_STEP, Failure, Passing, Retries, Timeouts

if TYPE_CHECKING:
    import httpx

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 5
_AGAIN = "try again later, or use --mirror"
# Which verification results mean "signed by an authority that is not held here".
_UNKNOWN_AUTHORITY = frozenset({18, 19, 20, 21})


@dataclass(frozen=True)
class Request:
    """What to ask for, and what is allowed to happen on the way."""

    address: str
    redirect_hosts: tuple[str, ...] = ()
    certificate: str = "common"
    max_bytes: int = 100_000_000


def shown(address: str) -> str:
    """Return an address without user name, password and query, fit for a message or a record.

    Examples
    --------
    >>> shown("https://me:secret@example.org/a.csv?token=1")
    'https://example.org/a.csv'
    """
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


@contextlib.contextmanager
def client(ca_bundle: Path | None, timeouts: Timeouts) -> "Iterator[httpx.Client]":
    """Open a client; `ca_bundle` adds authorities to those that the system holds.

    Raises
    ------
    Failure
        If the bundle is absent or holds no certificate.
    """
    import httpx

    context = httpx.create_ssl_context()
    if ca_bundle is not None:
        try:
            context.load_verify_locations(cafile=ca_bundle)
        except OSError as error:
            raise Failure(
                f"{ca_bundle} holds no certificates that can be read ({error.strerror or error})",
                "pass the path of a file of certificates in PEM form as --ca-bundle",
            ) from error
    waits = httpx.Timeout(timeouts.read, connect=timeouts.connect)
    with httpx.Client(verify=context, timeout=waits, follow_redirects=False) as opened:
        yield opened


def download(
    opened: "httpx.Client",
    request: Request,
    part: Path,
    *,
    timeouts: Timeouts,
    retries: Retries,
    on_bytes: Callable[[int, int | None], None],
    on_retry: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> Answer:
    """Bring one file into `part`, going on where an earlier attempt stopped.

    Raises
    ------
    Failure
        If it cannot be had: with what was found, and the next step. What has arrived stays in
        `part` (with a small ``.json`` beside it) wherever going on from it makes sense.
    """
    deadline = clock() + timeouts.total
    draw = random.Random(retries.seed)
    for attempt in range(retries.count + 1):
        try:
            with _Watch(deadline - clock()) as watch:
                answer = _attempt(opened, request, part, watch, on_bytes)
                # A body without a length ends where the connection does: here, by our own cut.
                if watch.fired:
                    raise Passing("the body was cut", _AGAIN)
                return answer
        except Passing as failure:
            delay = _delay(failure, attempt, retries, draw)
            if attempt == retries.count:
                raise Failure(f"{failure.problem} ({attempt + 1} attempts)", _AGAIN) from failure
            if watch.fired or clock() + delay >= deadline:
                raise _out_of_time(failure, timeouts) from failure
            on_retry(failure.problem)
            retries.sleep(delay)
    raise AssertionError("unreachable")


def _out_of_time(failure: Failure, timeouts: Timeouts) -> Failure:
    return Failure(
        f"not finished within {timeouts.total:g} s in all (last: {failure.problem})",
        "run it again: it goes on from what has arrived; or allow more time",
    )


def _delay(failure: Passing, attempt: int, retries: Retries, draw: random.Random) -> float:
    if failure.wait is not None:
        return min(max(0.0, failure.wait), retries.longest_asked)
    full = min(retries.longest, retries.first * 2.0**attempt)
    return full * (1.0 - 0.5 * draw.random())


class _Watch:
    """Cuts the connection when the time is up.

    A timeout of the client starts anew with every byte, so that a server that sends one byte
    now and then would never end; only closing its connection from outside does.
    """

    def __init__(self, seconds: float) -> None:
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(max(0.0, seconds), self._cut)
        self._timer.daemon = True
        self.fired = False

    def __enter__(self) -> "_Watch":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take note of each connection that the client opens, or reuses."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self.hold(info["return_value"])

    def hold(self, stream: Any) -> None:
        held = stream.get_extra_info("socket") if stream is not None else None
        if held is not None and held not in self._sockets:
            self._sockets.append(held)
        if self.fired:
            self._cut()

    def _cut(self) -> None:
        self.fired = True
        for held in list(self._sockets):
            # The plain shutdown, also for TLS: it wakes the reader and touches nothing else.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(held, socket.SHUT_RDWR)


def _attempt(
    opened: "httpx.Client",
    request: Request,
    part: Path,
    watch: _Watch,
    on_bytes: Callable[[int, int | None], None],
) -> Answer:
    import httpx

    try:
        with claim(part) as handle:
            held = resumable(part, request.address)
            offset = part.stat().st_size if held else 0
            headers = {"Accept-Encoding": "identity", "Connection": "close"}
            if held and offset:
                headers |= {"Range": f"bytes={offset}-", "If-Range": held.validator}
            with _follow(opened, request, headers, watch) as response:
                start = _start(response, part, held, offset)
                answer = _answer(response, request, start)
                # First the bytes, then the note: a note never speaks of bytes not its own.
                handle.seek(start)
                handle.truncate()
                write_note(part, answer)
                _receive(response, handle, answer, request, on_bytes)
                return answer
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _explain(error, request) from error


@contextlib.contextmanager
def _follow(
    opened: "httpx.Client", request: Request, headers: dict[str, str], watch: _Watch
) -> "Iterator[httpx.Response]":
    """Open the response, following redirects to the same or an allowed host only."""
    import httpx

    address = request.address
    for _ in range(_MAX_REDIRECTS + 1):
        asked = opened.build_request(
            "GET", address, headers=headers, extensions={"trace": watch.trace}
        )
        response = opened.send(asked, stream=True)
        try:
            if response.status_code not in _REDIRECTS:
                yield response
                return
            target = str(httpx.URL(address).join(response.headers.get("location", "")))
        finally:
            response.close()
        address = _allowed(address, target, request)
    raise Failure(f"more than {_MAX_REDIRECTS} redirects from {shown(request.address)}", _AGAIN)


def _allowed(here: str, target: str, request: Request) -> str:
    """Return the redirect's target, or refuse it."""
    before, after = urlsplit(here), urlsplit(target)
    if after.scheme not in ("http", "https"):
        raise Failure(
            f"{before.hostname} redirects to a {after.scheme or 'nameless'} address; only http(s) "
            "is followed",
            "look at the publisher's page and correct the register",
        )
    if (before.scheme, after.scheme) == ("https", "http"):
        raise Failure(f"{before.hostname} redirects from https to http", _AGAIN)
    first = urlsplit(request.address).hostname
    if after.hostname not in (first, *request.redirect_hosts):
        raise Failure(
            f"{first} redirects to another host, {after.hostname}, which its entry does not allow",
            "if that host is the publisher's too, add it to redirect_hosts in the register",
        )
    return target


def _start(response: "httpx.Response", part: Path, held: Answer | None, offset: int) -> int:
    """Return the byte at which this response begins, or raise what its status means."""
    status = response.status_code
    if status == 200:
        return 0
    if status == 206 and held and offset:
        begins = response.headers.get("content-range", "").startswith(f"bytes {offset}-")
        total = response.headers.get("content-range", "").rpartition("/")[2]
        same = response.headers.get("etag", held.etag) == held.etag
        same = same and response.headers.get("last-modified", held.last_modified) == (
            held.last_modified
        )
        if total.isdigit() and held.expected is not None:
            same = same and int(total) == held.expected
        if begins and same:
            return offset
    if status in (206, 416):
        forget(part)
        raise Passing("the file changed while it was fetched in parts", _AGAIN, 0.0)
    place = shown(str(response.url))
    if status in _PASSING:
        wait = _asked_wait(response.headers.get("retry-after"))
        raise Passing(f"{place} answered {status} {response.reason_phrase}", _AGAIN, wait)
    raise Failure(
        f"{place} answered {status} {response.reason_phrase}",
        "look for the file on the publisher's page and correct its address in the register, "
        "or use --mirror",
    )


def _asked_wait(header: str | None) -> float | None:
    """Seconds that a Retry-After asks for: a number, or a date."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _answer(response: "httpx.Response", request: Request, start: int) -> Answer:
    """Read the headers, and refuse what cannot be the file."""
    headers = response.headers
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Failure("the server compressed the file although it was asked not to", _AGAIN)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise Failure(
            f"{shown(str(response.url))} answered with a web page, not with the file",
            "open the address in a browser to see what it says, or use --mirror",
        )
    length = headers.get("content-length", "")
    expected = start + int(length) if length.isdigit() else None
    if expected is not None and expected > request.max_bytes:
        raise _too_long(request, f"{expected} bytes")
    return Answer(
        requested=request.address,
        address=shown(str(response.url)),
        etag=headers.get("etag", ""),
        last_modified=headers.get("last-modified", ""),
        expected=expected,
        resumed_at=start,
    )


def _too_long(request: Request, found: str) -> Failure:
    return Failure(
        f"{shown(request.address)} is longer ({found}) than the {request.max_bytes} bytes allowed",
        "check the address; if the file has grown, raise its max_bytes in the register",
    )


def _receive(
    response: "httpx.Response",
    handle: IO[bytes],
    answer: Answer,
    request: Request,
    on_bytes: Callable[[int, int | None], None],
) -> None:
    received = answer.resumed_at
    try:
        for chunk in response.iter_raw():
            received += len(chunk)
            if received > request.max_bytes:
                handle.seek(0)
                handle.truncate()
                raise _too_long(request, f"more than {request.max_bytes} bytes")
            handle.write(chunk)
            on_bytes(received, answer.expected)
    finally:
        handle.flush()
        os.fsync(handle.fileno())


def _explain(error: Exception, request: Request) -> Failure:
    """Say what a failure of the connection means."""
    host = urlsplit(request.address).hostname
    verification = _verification(error)
    if verification is not None:
        return _certificate(str(host), verification, request)
    text = str(error) or type(error).__name__
    return Passing(f"{shown(request.address)}: the connection failed: {text}", _AGAIN)


def _verification(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def _certificate(host: str, error: ssl.SSLCertVerificationError, request: Request) -> Failure:
    found = f"the certificate of {host} could not be verified ({error.verify_message})"
    if request.certificate == "russian" and error.verify_code in _UNKNOWN_AUTHORITY:
        return Failure(
            f"{found}: it is signed by a Russian authority (Russian Trusted Root CA of the "
            "Ministry of Digital Development) that most systems do not hold",
            CA_STEP,
        )
    return Failure(
        found, "check the clock and the authorities of this system; or --ca-bundle, or --mirror"
    )
