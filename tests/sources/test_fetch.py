"""Fetching over a real connection: what is accepted, resumed, retried and refused."""

import json
import time
from types import SimpleNamespace

import pytest

from valley_analysis.errors import FetchError
from valley_analysis.sources.fetch import Retries, Step, Timeouts, fetch_one
from valley_analysis.sources.register import Source

WORDS = {"en": "Table", "ru": "Таблица"}
BODY = bytes(range(256)) * 400


def make(file: dict, **more: object) -> Source:
    return Source.model_validate(
        {
            "id": "tables",
            "release": "tables-1",
            "publisher": WORDS,
            "title": WORDS,
            "page": "https://example.org/",
            "terms": "none",
            "files": [{"name": "a.xlsx", **file}],
            **more,
        }
    )


@pytest.fixture
def fetch(tmp_path):
    """Fetch the one file of a source without ever sleeping; keeps steps and sleeps."""
    steps: list[Step] = []
    sleeps: list[float] = []

    def run(source: Source, **options):
        options = {
            "cache": tmp_path / "cache",
            "timeout": Timeouts(connect=5, read=5, total=30),
            "retries": Retries(count=3, sleep=sleeps.append),
            **options,
        }
        return fetch_one(source, source.files[0], progress=steps.append, **options)

    folder = tmp_path / "cache" / "tables"
    return SimpleNamespace(run=run, steps=steps, sleeps=sleeps, folder=folder)


def cut_after(body: bytes, sent: int, **headers: str):
    """A route that announces the whole body and hangs up after `sent` bytes."""

    def answer(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        for key, value in headers.items():
            handler.send_header(key.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body[:sent])

    return answer


def first_then(first, server, path: str) -> None:
    """Let `first` answer once before the route that stands there."""
    then = server.routes[path]
    turns = iter([first])
    server.routes[path] = lambda handler: next(turns, then)(handler)


def test_a_file_arrives_with_its_record(fetch, fetch_server, fetch_sha):
    fetch_server.serve("/a.xlsx", BODY, ETag='"1"')
    got = fetch.run(make({"address": fetch_server.url("/a.xlsx"), "sha256": fetch_sha(BODY)}))
    assert got.path.read_bytes() == BODY
    assert (got.sha256, got.size, got.etag) == (fetch_sha(BODY), len(BODY), '"1"')
    assert not got.cached
    assert fetch.steps[-1].state == "done"
    assert sorted(path.name for path in fetch.folder.iterdir()) == ["a.xlsx", "a.xlsx.json"]


def test_an_intact_file_is_not_asked_for_again(fetch, fetch_server):
    fetch_server.serve("/a.xlsx", BODY)
    source = make({"address": fetch_server.url("/a.xlsx")})
    fetch.run(source)
    assert fetch.run(source).cached
    assert len(fetch_server.asked) == 1
    (fetch.folder / "a.xlsx").write_bytes(b"damaged")
    assert not fetch.run(source).cached
    assert (fetch.folder / "a.xlsx").read_bytes() == BODY


def test_refresh_keeps_the_former_bytes(fetch, fetch_server, fetch_sha):
    source = make({"address": fetch_server.url("/a.xlsx")})
    fetch_server.serve("/a.xlsx", b"old")
    fetch.run(source)
    fetch_server.serve("/a.xlsx", b"new")
    assert fetch.run(source, refresh=True).sha256 == fetch_sha(b"new")
    (former,) = fetch.folder.glob("*.former")
    assert former.read_bytes() == b"old"


def drip_body(handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    drip(handler)


def drip_headers(handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(handler)


def drip(handler) -> None:
    """Send a byte now and then, for as long as the client listens."""
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.01)


@pytest.mark.parametrize("route", [drip_body, drip_headers])
def test_a_slow_drip_ends_with_the_budget(fetch, fetch_server, route):
    fetch_server.routes["/a.xlsx"] = route
    with pytest.raises(FetchError, match=r"not finished within 0\.3 s in all"):
        fetch.run(make({"address": fetch_server.url("/a.xlsx")}), timeout=Timeouts(total=0.3))


def test_a_silent_server_is_given_up(fetch, fetch_server):
    fetch_server.routes["/a.xlsx"] = lambda handler: handler.rfile.read(1)
    with pytest.raises(FetchError, match=r"the connection failed.*2 attempts"):
        fetch.run(
            make({"address": fetch_server.url("/a.xlsx")}),
            timeout=Timeouts(read=0.1),
            retries=Retries(count=1, sleep=fetch.sleeps.append),
        )


def test_a_truncated_body_is_never_accepted(fetch, fetch_server):
    fetch_server.routes["/a.xlsx"] = cut_after(BODY, 1000)
    with pytest.raises(FetchError, match="4 attempts"):
        fetch.run(make({"address": fetch_server.url("/a.xlsx")}))
    assert not (fetch.folder / "a.xlsx").exists()


@pytest.mark.parametrize(
    "validator", [{"ETag": '"1"'}, {"Last_Modified": "Mon, 01 Sep 2025 00:00:00 GMT"}]
)
def test_a_cut_transfer_goes_on_where_it_stopped(fetch, fetch_server, fetch_sha, validator):
    fetch_server.serve("/a.xlsx", BODY, **validator)
    first_then(cut_after(BODY, 1000, **validator), fetch_server, "/a.xlsx")
    fetch.run(make({"address": fetch_server.url("/a.xlsx"), "sha256": fetch_sha(BODY)}))
    assert [asked.get("Range") for _, asked in fetch_server.asked] == [None, "bytes=1000-"]
    assert (fetch.folder / "a.xlsx").read_bytes() == BODY


def test_a_later_call_goes_on_too(fetch, fetch_server):
    source = make({"address": fetch_server.url("/a.xlsx")})
    fetch_server.routes["/a.xlsx"] = cut_after(BODY, 1000, ETag='"1"')
    with pytest.raises(FetchError):
        fetch.run(source, retries=Retries(count=0))
    assert (fetch.folder / "a.xlsx.part").read_bytes() == BODY[:1000]
    fetch_server.serve("/a.xlsx", BODY, ETag='"1"')
    assert fetch.run(source).path.read_bytes() == BODY
    assert fetch_server.asked[-1][1]["If-Range"] == '"1"'


def test_without_a_validator_it_starts_over(fetch, fetch_server):
    fetch_server.serve("/a.xlsx", BODY)
    first_then(cut_after(BODY, 1000, ETag='W/"weak"'), fetch_server, "/a.xlsx")
    assert fetch.run(make({"address": fetch_server.url("/a.xlsx")})).path.read_bytes() == BODY
    assert "Range" not in fetch_server.asked[-1][1]


def test_a_server_that_ignores_ranges_starts_over(fetch, fetch_server):
    fetch_server.serve("/a.xlsx", BODY, ranges=False, ETag='"1"')
    first_then(cut_after(b"?" * 5000, 1000, ETag='"1"'), fetch_server, "/a.xlsx")
    assert fetch.run(make({"address": fetch_server.url("/a.xlsx")})).path.read_bytes() == BODY


def test_a_file_that_changed_between_parts_starts_over(fetch, fetch_server):
    fetch_server.serve("/a.xlsx", BODY, ETag='"2"')
    first_then(cut_after(b"?" * 5000, 1000, ETag='"1"'), fetch_server, "/a.xlsx")
    assert fetch.run(make({"address": fetch_server.url("/a.xlsx")})).path.read_bytes() == BODY


@pytest.mark.parametrize(
    "other",
    [
        {"Content-Range": "bytes 1000-6999/7000"},
        {"Last-Modified": "Tue, 02 Sep 2025 00:00:00 GMT"},
    ],
    ids=["another length", "another date"],
)
def test_a_part_of_another_version_is_dropped(fetch, fetch_server, other):
    """The same validator, or none at all, does not make another version's bytes fit."""
    date = {"Last-Modified": "Mon, 01 Sep 2025 00:00:00 GMT"}

    def wrong_part(handler) -> None:
        if "Range" not in handler.headers:
            cut_after(b"?" * 5000, 1000, **{"Last_Modified": date["Last-Modified"]})(handler)
            fetch_server.routes["/a.xlsx"] = wrong_part
            return
        fetch_server.serve("/a.xlsx", BODY)
        handler.send_response(206)
        headers = {"Content-Range": "bytes 1000-4999/5000", **date, **other}
        for key, value in {**headers, "Content-Length": "3"}.items():
            handler.send_header(key, value)
        handler.end_headers()
        handler.wfile.write(b"bad")

    fetch_server.routes["/a.xlsx"] = wrong_part
    assert fetch.run(make({"address": fetch_server.url("/a.xlsx")})).path.read_bytes() == BODY


@pytest.mark.parametrize(("announced", "proof"), [(True, "length"), (False, "none")])
def test_what_proves_a_file_whole_is_recorded(fetch, fetch_server, fetch_sha, announced, proof):
    def answer(handler) -> None:
        handler.send_response(200)
        if announced:
            handler.send_header("Content-Length", str(len(BODY)))
        handler.end_headers()
        handler.wfile.write(BODY)

    fetch_server.routes["/a.xlsx"] = answer
    address = {"address": fetch_server.url("/a.xlsx")}
    assert fetch.run(make(address)).proof == proof
    assert fetch.run(make(address | {"sha256": fetch_sha(BODY)}), refresh=True).proof == "sha256"


@pytest.mark.parametrize(
    ("etag", "begins"), [('"2"', 1000), ('"1"', 7)], ids=["other etag", "other offset"]
)
def test_a_part_of_another_file_is_dropped(fetch, fetch_server, etag, begins):
    def wrong_part(handler) -> None:
        if "Range" not in handler.headers:
            cut_after(b"?" * 5000, 1000, ETag='"1"')(handler)
            fetch_server.routes["/a.xlsx"] = wrong_part
            return
        fetch_server.serve("/a.xlsx", BODY, ETag='"2"')
        handler.send_response(206)
        handler.send_header("ETag", etag)
        handler.send_header("Content-Range", f"bytes {begins}-4999/5000")
        handler.send_header("Content-Length", "3")
        handler.end_headers()
        handler.wfile.write(b"bad")

    fetch_server.routes["/a.xlsx"] = wrong_part
    assert fetch.run(make({"address": fetch_server.url("/a.xlsx")})).path.read_bytes() == BODY
    assert len(fetch_server.asked) == 3


def test_a_complete_part_that_was_left_is_fetched_anew(fetch, fetch_server):
    fetch_server.serve("/a.xlsx", BODY, ETag='"1"')
    first_then(lambda handler: handler.send_error(416), fetch_server, "/a.xlsx")
    address = fetch_server.url("/a.xlsx")
    fetch.folder.mkdir(parents=True)
    (fetch.folder / "a.xlsx.part").write_bytes(BODY)
    note = {"requested": address, "address": address, "etag": '"1"'}
    (fetch.folder / "a.xlsx.part.json").write_text(json.dumps(note))
    assert fetch.run(make({"address": address})).path.read_bytes() == BODY


def test_a_wrong_resumed_sum_is_fetched_once_more_from_the_start(fetch, fetch_server, fetch_sha):
    fetch_server.serve("/a.xlsx", BODY, ETag='"1"')
    first_then(cut_after(b"?" * 5000, 1000, ETag='"1"'), fetch_server, "/a.xlsx")
    source = make({"address": fetch_server.url("/a.xlsx"), "sha256": fetch_sha(BODY)})
    assert fetch.run(source).path.read_bytes() == BODY
    assert len(fetch_server.asked) == 3


def test_a_wrong_sum_leaves_the_good_file(fetch, fetch_server, fetch_sha):
    source = make({"address": fetch_server.url("/a.xlsx"), "sha256": fetch_sha(BODY)})
    fetch_server.serve("/a.xlsx", BODY)
    fetch.run(source)
    fetch_server.serve("/a.xlsx", b"revised")
    with pytest.raises(FetchError) as caught:
        fetch.run(source, refresh=True)
    assert fetch_sha(b"revised") in str(caught.value)
    assert "new vintage" in caught.value.next_step
    assert (fetch.folder / "a.xlsx").read_bytes() == BODY
    assert (fetch.folder / "a.xlsx.rejected").read_bytes() == b"revised"
    assert not (fetch.folder / "a.xlsx.part").exists()
    assert fetch.run(source).cached


def test_not_found_is_not_tried_again(fetch, fetch_server):
    with pytest.raises(FetchError, match=r"/a\.xlsx answered 404 Not Found") as caught:
        fetch.run(make({"address": fetch_server.url("/a.xlsx")}))
    assert "publisher's page" in caught.value.next_step
    assert len(fetch_server.asked) == 1
    assert fetch.steps[-1].state == "failed"


def test_a_passing_error_is_tried_again_ever_later(fetch, fetch_server):
    fetch_server.serve("/a.xlsx", BODY)
    fetch_server.fail("/a.xlsx", 500, 2)
    fetch.run(make({"address": fetch_server.url("/a.xlsx")}))
    first, second = fetch.sleeps
    assert 0.5 <= first <= 1 <= second <= 2
    assert [step.state for step in fetch.steps].count("retry") == 2


def test_the_same_seed_waits_alike(fetch, fetch_server):
    for _ in range(2):
        fetch_server.serve("/a.xlsx", BODY)
        fetch_server.fail("/a.xlsx", 503, 2)
        fetch.run(make({"address": fetch_server.url("/a.xlsx")}), refresh=True)
    assert fetch.sleeps[:2] == fetch.sleeps[2:]


@pytest.mark.parametrize(
    ("asked", "waited"),
    [("7", 7), ("100000", 20), ("Mon, 01 Sep 2025 00:00:00 GMT", 0), ("-3", None), ("soon", None)],
)
def test_the_wait_that_is_asked_for_is_kept(fetch, fetch_server, asked, waited):
    fetch_server.serve("/a.xlsx", BODY)
    fetch_server.fail("/a.xlsx", 429, 1, Retry_After=asked)
    retries = Retries(count=1, longest_asked=20, sleep=fetch.sleeps.append)
    fetch.run(make({"address": fetch_server.url("/a.xlsx")}), retries=retries)
    (slept,) = fetch.sleeps
    assert slept == waited if waited is not None else 0.5 <= slept <= 1


def test_no_wait_goes_beyond_the_budget(fetch, fetch_server):
    fetch_server.fail("/a.xlsx", 503, 9, Retry_After="60")
    with pytest.raises(FetchError, match=r"not finished within 30 s .*503"):
        fetch.run(make({"address": fetch_server.url("/a.xlsx")}))
    assert fetch.sleeps == []


def redirect(target: str):
    def answer(handler) -> None:
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def test_a_redirect_on_the_same_host_is_followed(fetch, fetch_server):
    fetch_server.serve("/new.xlsx", BODY)
    fetch_server.routes["/a.xlsx"] = redirect("/new.xlsx?token=secret")
    fetch_server.serve("/new.xlsx?token=secret", BODY)
    got = fetch.run(make({"address": fetch_server.url("/a.xlsx")}))
    assert got.address == fetch_server.url("/new.xlsx")


def test_a_redirect_to_another_host_is_refused(fetch, fetch_server):
    fetch_server.serve("/new.xlsx", BODY)
    fetch_server.routes["/a.xlsx"] = redirect(fetch_server.url("/new.xlsx", host="localhost"))
    source = make({"address": fetch_server.url("/a.xlsx")})
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 redirects to another host, localhost"):
        fetch.run(source)
    assert len(fetch_server.asked) == 1
    allowed = source.model_copy(update={"redirect_hosts": ("localhost",)})
    assert fetch.run(allowed).path.read_bytes() == BODY


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ftp://127.0.0.1/a.xlsx", "redirects to a ftp address"),
        ("/a.xlsx", "more than 5 redirects"),
    ],
)
def test_other_redirects_are_refused(fetch, fetch_server, target, said):
    fetch_server.routes["/a.xlsx"] = redirect(target)
    with pytest.raises(FetchError, match=said):
        fetch.run(make({"address": fetch_server.url("/a.xlsx")}))


def test_a_file_that_says_it_is_too_long_is_refused(fetch, fetch_server):
    fetch_server.serve("/a.xlsx", BODY)
    with pytest.raises(FetchError, match="longer \\(102400 bytes\\) than the 1000 bytes allowed"):
        fetch.run(make({"address": fetch_server.url("/a.xlsx"), "max_bytes": 1000}))


def test_a_file_that_does_not_say_so_is_stopped(fetch, fetch_server):
    def unannounced(handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(BODY)

    fetch_server.routes["/a.xlsx"] = unannounced
    with pytest.raises(FetchError, match="more than 1000 bytes"):
        fetch.run(make({"address": fetch_server.url("/a.xlsx"), "max_bytes": 1000}))
    assert (fetch.folder / "a.xlsx.part").stat().st_size == 0


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Content_Type": "text/html; charset=utf-8"}, "a web page, not with the file"),
        ({"Content_Encoding": "gzip"}, "compressed the file although"),
    ],
)
def test_what_cannot_be_the_file_is_refused(fetch, fetch_server, headers, said):
    fetch_server.serve("/a.xlsx", BODY, **headers)
    with pytest.raises(FetchError, match=said):
        fetch.run(make({"address": fetch_server.url("/a.xlsx")}))


def test_an_unreachable_host_says_so(fetch, fetch_loopback):
    source = make({"address": "http://127.0.0.1:9/a.xlsx"})
    with pytest.raises(FetchError, match=r"127\.0\.0\.1:9/a\.xlsx: the connection failed"):
        fetch.run(source, retries=Retries(count=1, sleep=fetch.sleeps.append))


def test_two_processes_do_not_write_one_part(fetch, fetch_server):
    fcntl = pytest.importorskip("fcntl", reason="this system has no such locks")
    fetch_server.serve("/a.xlsx", BODY)
    fetch.folder.mkdir(parents=True)
    with (fetch.folder / "a.xlsx.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(FetchError, match="written by another process"):
            fetch.run(make({"address": fetch_server.url("/a.xlsx")}))


def test_an_unknown_authority_is_explained(fetch, fetch_tls_server):
    fetch_tls_server.serve("/a.xlsx", BODY)
    source = make({"address": fetch_tls_server.url("/a.xlsx")}, certificate="russian")
    with pytest.raises(FetchError) as caught:
        fetch.run(source)
    message = str(caught.value)
    assert "Russian Trusted Root CA of the Ministry of Digital Development" in message
    assert "--ca-bundle" in caught.value.next_step
    assert "--mirror" in caught.value.next_step
    assert not any(word in message.lower() for word in ("insecure", "verify=", "disable"))
    assert fetch.sleeps == []


def test_another_certificate_fault_is_not_called_russian(fetch, fetch_tls_server):
    source = make({"address": fetch_tls_server.url("/a.xlsx")})
    with pytest.raises(FetchError, match=r"certificate of 127\.0\.0\.1 could not be verified") as c:
        fetch.run(source)
    assert "Russian" not in str(c.value)


def test_a_wrong_host_name_is_not_called_russian(fetch, fetch_tls_server, fetch_certificate):
    address = fetch_tls_server.url("/a.xlsx", host="localhost")
    with pytest.raises(FetchError, match="certificate of localhost could not be verified") as c:
        fetch.run(make({"address": address}, certificate="russian"), ca_bundle=fetch_certificate)
    assert "Russian" not in str(c.value)


def test_a_bundle_of_authorities_is_used(fetch, fetch_tls_server, fetch_certificate):
    fetch_tls_server.serve("/a.xlsx", BODY)
    source = make({"address": fetch_tls_server.url("/a.xlsx")}, certificate="russian")
    assert fetch.run(source, ca_bundle=fetch_certificate).path.read_bytes() == BODY


def test_https_does_not_become_http(fetch, fetch_tls_server, fetch_server, fetch_certificate):
    fetch_tls_server.routes["/a.xlsx"] = redirect(fetch_server.url("/a.xlsx"))
    with pytest.raises(FetchError, match="redirects from https to http"):
        fetch.run(make({"address": fetch_tls_server.url("/a.xlsx")}), ca_bundle=fetch_certificate)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bundle_that_holds_nothing_is_refused(fetch, tmp_path, content):
    bundle = tmp_path / "ca.pem"
    if content:
        bundle.write_text(content)
    with pytest.raises(FetchError, match=r"ca\.pem holds no certificates"):
        fetch.run(make({"address": "http://127.0.0.1:9/a.xlsx"}), ca_bundle=bundle)
