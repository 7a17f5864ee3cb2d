"""Fetching several sources: mirrors, archives, the record, and all failures at once."""

import io
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from valley_analysis.errors import ChecksumError, FetchError, RegisterError, UnknownSourceError
from valley_analysis.sources import unpack
from valley_analysis.sources.fetch import Retries, fetch_all
from valley_analysis.sources.fetch_types import Fetched
from valley_analysis.sources.lock import compare, read_lock, write_lock

WORDS = {"en": "Table", "ru": "Таблица"}


def entry(name: str, *files: dict, **more: object) -> dict:
    common = {"publisher": WORDS, "title": WORDS, "page": "https://example.org/", "terms": "none"}
    return {"id": name, "release": "r", **common, "files": list(files), **more}


def zipped(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"folder/{name}.txt", content)
    return held.getvalue()


@pytest.fixture
def world(tmp_path, fetch_loopback):
    """A cache, a mirror folder and a register; `run` fetches without sleeping."""
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    register = tmp_path / "register.yml"

    def write(*entries: dict) -> None:
        register.write_text(yaml.safe_dump(list(entries), allow_unicode=True), "utf-8")

    def put(source: str, name: str, content: bytes) -> None:
        (mirror / source).mkdir(exist_ok=True)
        (mirror / source / name).write_bytes(content)

    def run(*ids: str, **options):
        options = {"retries": Retries(count=0), "mirror": mirror, **options}
        return fetch_all(ids or None, cache=tmp_path / "cache", register=register, **options)

    return SimpleNamespace(
        run=run, write=write, put=put, mirror=mirror, cache=tmp_path / "cache", tmp=tmp_path
    )


def test_a_mirror_folder_is_verified_like_the_publisher(world, fetch_sha):
    world.write(entry("one", {"name": "a b.csv", "sha256": fetch_sha(b"good")}))
    world.put("one", "a b.csv", b"bad")
    with pytest.raises(FetchError, match=r"one/a b\.csv: its sha256 is"):
        world.run()
    world.put("one", "a b.csv", b"good")
    (got,) = world.run()
    assert got.path == world.cache / "one" / "a b.csv"
    assert got.address == "mirror:one/a b.csv"
    assert (world.mirror / "one" / "a b.csv").exists()


def test_a_mirror_address_is_asked_for_source_and_file(world, fetch_server, fetch_sha):
    world.write(entry("one", {"name": "Раздел 1.csv", "sha256": fetch_sha(b"x")}))
    path = "/copies/one/%D0%A0%D0%B0%D0%B7%D0%B4%D0%B5%D0%BB%201.csv"
    fetch_server.serve(path, b"x")
    (got,) = world.run(mirror=fetch_server.url("/copies/"))
    assert got.path.read_bytes() == b"x"


def test_a_mirror_that_is_neither_is_refused(world):
    world.write(entry("one", {"name": "a.csv"}))
    with pytest.raises(FetchError, match="neither a folder nor") as caught:
        world.run(mirror="ftp://me:secret@example.org/copies")
    assert "secret" not in str(caught.value)
    with pytest.raises(FetchError, match="is not a folder"):
        world.run(mirror=world.tmp / "absent")


def test_a_long_file_of_a_mirror_is_refused(world):
    world.write(entry("one", {"name": "a.csv", "max_bytes": 3}))
    world.put("one", "a.csv", b"long")
    with pytest.raises(FetchError, match="longer than the 3 bytes allowed"):
        world.run()


def test_all_failures_are_told_at_once_and_the_rest_is_kept(world, fetch_server):
    fetch_server.serve("/good.csv", b"x")
    world.write(
        entry("one", {"name": "a.csv", "address": fetch_server.url("/absent.csv")}),
        entry("two", {"name": "b.csv", "address": fetch_server.url("/good.csv")}),
        entry("three", {"name": "c.csv"}),
    )
    lock = world.tmp / "sources.lock.yml"
    with pytest.raises(FetchError) as caught:
        world.run(mirror=None, lock_file=lock)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "one/a.csv",
        "three/c.csv",
    ]
    assert "no download address is known" in caught.value.problems[1]
    assert "run it again for the rest" in caught.value.next_step
    assert (world.cache / "two" / "b.csv").exists()
    assert list(read_lock(lock)) == ["two"]


def test_unknown_ids_are_refused_before_anything_is_fetched(world):
    world.write(entry("yearbook", {"name": "a.csv"}))
    world.put("yearbook", "a.csv", b"x")
    with pytest.raises(UnknownSourceError) as caught:
        world.run("yearbook", "yearbok", "zzz")
    assert caught.value.problems == (
        "no source 'yearbok'; nearest: yearbook",
        "no source 'zzz'",
    )
    assert not world.cache.exists()


def test_only_sources_so_marked_are_fetched_by_default(world):
    world.write(entry("one", {"name": "a.csv"}), entry("two", {"name": "b.csv"}, by_default=False))
    world.put("one", "a.csv", b"x")
    world.put("two", "b.csv", b"y")
    assert [got.source for got in world.run()] == ["one"]
    assert [got.source for got in world.run("two", "one", "two")] == ["two", "one"]


def test_an_archive_is_accepted_with_its_members(world, fetch_sha):
    members = [{"name": "m.txt", "sha256": fetch_sha(b"x")}]
    world.write(entry("one", {"name": "a.zip", "archive": "zip", "members": members}))
    world.put("one", "a.zip", zipped(m=b"x", n=b"y"))
    (got,) = world.run()
    folder = world.cache / "one" / "members" / "folder"
    assert got.members == (folder / "m.txt", folder / "n.txt")
    (again,) = world.run()
    assert again.cached
    assert again.members == got.members


def test_members_that_were_lost_are_unpacked_again(world, fetch_sha):
    members = [{"name": "m.txt", "sha256": fetch_sha(b"x")}]
    world.write(entry("one", {"name": "a.zip", "archive": "zip", "members": members}))
    world.put("one", "a.zip", zipped(m=b"x"))
    (got,) = world.run()
    got.members[0].write_bytes(b"damaged")
    (again,) = world.run(mirror=None)
    assert again.cached
    assert again.members[0].read_bytes() == b"x"


def test_edited_members_without_a_registered_checksum_are_unpacked_again(world):
    world.write(entry("one", {"name": "a.zip", "archive": "zip", "members": [{"name": "m.txt"}]}))
    world.put("one", "a.zip", zipped(m=b"x"))
    (got,) = world.run()
    got.members[0].write_bytes(b"edited")
    (again,) = world.run(mirror=None)
    assert again.cached
    assert again.members[0].read_bytes() == b"x"


def test_an_archive_with_other_members_never_replaces_a_good_one(world, fetch_sha):
    members = [{"name": f"{name}.txt", "sha256": fetch_sha(b"x")} for name in "mno"]
    world.write(entry("one", {"name": "a.zip", "archive": "zip", "members": members}))
    good = zipped(m=b"x", n=b"x", o=b"x")
    world.put("one", "a.zip", good)
    world.run()
    world.put("one", "a.zip", zipped(m=b"x", n=b"changed"))
    with pytest.raises(FetchError) as caught:
        world.run(refresh=True)
    assert "2 of 3 expected members differ" in str(caught.value)
    assert fetch_sha(b"changed") in str(caught.value)
    assert "o.txt: found 0 times" in str(caught.value)
    assert (world.cache / "one" / "a.zip").read_bytes() == good
    assert (world.cache / "one" / "members" / "folder" / "n.txt").read_bytes() == b"x"


def test_an_archive_that_climbs_out_is_refused(world):
    world.write(entry("one", {"name": "a.zip", "archive": "zip"}))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("../../evil.txt", b"x")
    world.put("one", "a.zip", held.getvalue())
    with pytest.raises(FetchError, match="climbs out"):
        world.run()
    assert not list(world.tmp.rglob("evil.txt"))


def test_a_missing_unpacker_is_told_before_the_transfer(world, fetch_server, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "libarchive", None)
    world.write(
        entry("one", {"name": "a.rar", "archive": "rar", "address": fetch_server.url("/a.rar")})
    )
    with pytest.raises(FetchError, match="libarchive") as caught:
        world.run(mirror=None)
    assert "valley_analysis[archives]" in caught.value.next_step
    assert fetch_server.asked == []
    with pytest.raises(FetchError, match="libarchive"):
        unpack.check_tools("rar", "a.rar")


def test_a_revision_is_noticed_and_kept_apart_until_accepted(world):
    world.write(entry("one", {"name": "a.csv"}), entry("two", {"name": "b.csv"}))
    lock = world.tmp / "sources.lock.yml"
    world.put("one", "a.csv", b"first")
    world.put("two", "b.csv", b"same")
    world.run("one", lock_file=lock)
    before = read_lock(lock)["one"]
    world.put("one", "a.csv", b"second")
    with pytest.raises(ChecksumError, match=r"one/a\.csv: sha256 .* has become") as caught:
        world.run(refresh=True, lock_file=lock)
    assert "new vintage" in str(caught.value)
    assert read_lock(lock)["one"] == before
    assert "two" in read_lock(lock)
    world.run(refresh=True, lock_file=lock, accept_revisions=True)
    assert read_lock(lock)["one"] != before


def test_a_revision_and_a_failure_are_told_together(world):
    world.write(entry("one", {"name": "a.csv"}), entry("two", {"name": "b.csv"}))
    lock = world.tmp / "sources.lock.yml"
    world.put("one", "a.csv", b"first")
    world.run("one", lock_file=lock)
    world.put("one", "a.csv", b"second")
    with pytest.raises(FetchError) as caught:
        world.run(refresh=True, lock_file=lock)
    assert len(caught.value.problems) == 2
    assert "has become" in str(caught.value)


def fetched(**changed: object) -> Fetched:
    values = {"sha256": "0" * 64, "size": 1, "etag": '"1"', "fetched": "2025-09-01T00:00:00+00:00"}
    fixed = {"source": "one", "file": "Раздел 1.csv", "path": Path("a"), "last_modified": ""}
    return Fetched(**{**fixed, "address": "https://example.org/a", **values, **changed})


def test_the_record_reads_back_and_stays_still(tmp_path):
    path = tmp_path / "sources.lock.yml"
    assert read_lock(path) == {}
    item = fetched()
    assert compare({}, [item]) == [item]
    write_lock(path, [item])
    text = path.read_text("utf-8")
    assert "Раздел 1.csv" in text
    write_lock(path, [fetched(fetched="2026-01-01T00:00:00+00:00")])
    assert path.read_text("utf-8") == text
    assert compare(read_lock(path), [item]) == []
    assert read_lock(path)["one"]["Раздел 1.csv"].proof == "none"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_damaged_record_names_its_keys(tmp_path):
    path = tmp_path / "sources.lock.yml"
    path.write_text("one:\n  a.csv: {sha256: 1, size: big}\n", "utf-8")
    with pytest.raises(RegisterError, match=r"one\.a\.csv\.size"):
        read_lock(path)


def test_no_progress_is_lost_on_the_way(world, fetch_server):
    fetch_server.serve("/a.csv", b"x" * 5000)
    world.write(entry("one", {"name": "a.csv", "address": fetch_server.url("/a.csv")}))
    steps = []
    world.run(mirror=None, progress=steps.append)
    assert (steps[-2].received, steps[-2].expected) == (5000, 5000)
    assert steps[-1].state == "done"
