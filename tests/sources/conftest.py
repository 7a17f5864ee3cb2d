"""A real HTTP server on loopback, and registers of one source, for the tests of fetching."""

import hashlib
import http.server
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Route = Callable[[http.server.BaseHTTPRequestHandler], None]


class Server(http.server.ThreadingHTTPServer):
    """Answers each path with the function in `routes`; `asked` holds every request."""

    daemon_threads = False
    block_on_close = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.routes: dict[str, Route] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.scheme = "http"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the tests."""

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.server_address[1]}{path}"

    def serve(self, path: str, body: bytes, *, ranges: bool = True, **headers: str) -> None:
        """Serve a file, in parts if asked to (headers: ETag="x" and the like)."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            asked = handler.headers.get("Range", "")
            valid = handler.headers.get("If-Range") in (
                named.get("ETag"),
                named.get("Last-Modified"),
            )
            start = int(asked[6:-1]) if ranges and valid and asked else 0
            handler.send_response(206 if start else 200)
            if start:
                handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            handler.send_header("Content-Length", str(len(body) - start))
            for key, value in named.items():
                handler.send_header(key, value)
            handler.end_headers()
            handler.wfile.write(body[start:])

        self.routes[path] = answer

    def fail(self, path: str, status: int, times: int, **headers: str) -> None:
        """Answer with `status` so many times before the route that stands there."""
        then = self.routes.get(path)
        left = [times]

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            if left[0] == 0 and then is not None:
                then(handler)
                return
            left[0] -= 1
            handler.send_response(status)
            for key, value in headers.items():
                handler.send_header(key.replace("_", "-"), value)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        self.routes[path] = answer


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.close_connection = True
        route = self.server.routes.get(self.path)
        if route is None:
            self.send_error(404)
        else:
            route(self)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def fetch_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave proxies and authorities of the surroundings out."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name)


@pytest.fixture
def fetch_server(fetch_loopback: None) -> Iterator[Server]:
    with _running(Server()) as server:
        yield server


@pytest.fixture(scope="session")
def fetch_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed authority and its key in one PEM file, made now."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command, which makes the certificate, is not here")
    folder = tmp_path_factory.mktemp("authority")
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    made += ["-subj", "/CN=Loopback", "-addext", "subjectAltName=IP:127.0.0.1"]
    made += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "ca.pem")]
    subprocess.run(made, check=True, capture_output=True)
    return folder / "ca.pem"


@pytest.fixture
def fetch_tls_server(fetch_loopback: None, fetch_certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(fetch_certificate, fetch_certificate.with_name("key.pem"))
    server = Server()
    # The handshake happens in the thread of the request, where its failure is expected.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.scheme = "https"
    with _running(server):
        yield server


@pytest.fixture
def fetch_sha() -> Callable[[bytes], str]:
    return lambda content: hashlib.sha256(content).hexdigest()
