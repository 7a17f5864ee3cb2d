"""Unpacking archives that are well made, damaged, or made to do harm."""

import hashlib
import io
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from valley_analysis.errors import ChecksumError, FetchError
from valley_analysis.sources.register import Member
from valley_analysis.sources.unpack import Limits, unpack

SECTION = "Раздел 1 - Население.xlsx"


def zip_of(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = 0) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return held.getvalue()


def zip_of_raw_name(name: bytes, content: bytes = b"x") -> bytes:
    """A zip whose only member has a name in bytes that are not flagged as UTF-8."""
    stand_in = "n" * len(name)
    return zip_of((stand_in, content)).replace(stand_in.encode(), name)


def vint(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def rar5(*entries: tuple[str, bytes], link: str = "") -> bytes:
    """A RAR 5 archive of stored members, written from the published description of the format."""

    def block(*fields: bytes, data: bytes = b"") -> bytes:
        sized = vint(len(b"".join(fields))) + b"".join(fields)
        return zlib.crc32(sized).to_bytes(4, "little") + sized + data

    redirection = vint(5) + vint(1) + vint(0) + vint(len(link)) + link.encode()
    extra = vint(len(redirection)) + redirection if link else b""
    out = b"Rar!\x1a\x07\x01\x00" + block(vint(1), vint(0), vint(0))
    for name, data in entries:
        out += block(
            vint(2),
            vint(3) + vint(len(extra)) if extra else vint(2),
            vint(len(data)),
            vint(4) + vint(len(data)) + vint(0o100644) + zlib.crc32(data).to_bytes(4, "little"),
            vint(0) + vint(1) + vint(len(name.encode())) + name.encode(),
            extra,
            data=data,
        )
    return out + block(vint(5), vint(0), vint(0))


def rar4(name: bytes, data: bytes) -> bytes:
    """A RAR 4 archive of one stored member."""

    def block(kind: int, flags: int, fields: bytes = b"", data: bytes = b"") -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
        return (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little") + head + data

    size = struct.pack("<II", len(data), len(data))
    fields = size + b"\x03" + zlib.crc32(data).to_bytes(4, "little") + bytes(4)
    fields += b"\x14\x30" + struct.pack("<HI", len(name), 0o100644) + name
    member = block(0x74, 0x8000, fields, data)
    return b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6)) + member + block(0x7B, 0x4000)


@pytest.fixture
def run(tmp_path):
    """Unpack bytes into ``out``; return name -> content."""

    def unpacked(content: bytes, kind: str = "zip", **options) -> dict[str, bytes]:
        archive = tmp_path / "packed"
        archive.write_bytes(content)
        to = tmp_path / "out"
        found = unpack(archive, kind, to, **options)
        return {path.relative_to(to).as_posix(): path.read_bytes() for path in found}

    return unpacked


@pytest.fixture
def rar_run(run):
    pytest.importorskip("libarchive", reason="the optional extra `archives` is not installed")
    return lambda content, **options: run(content, "rar", **options)


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir())


def test_folders_and_files_come_out(run, tmp_path):
    content = zip_of(("a/", b""), ("a/b/c.txt", b"one"), ("d.txt", b"two"))
    assert run(content) == {"a/b/c.txt": b"one", "d.txt": b"two"}
    assert left(tmp_path) == ["out", "packed"]


def test_a_new_archive_replaces_the_whole_folder(run, tmp_path):
    run(zip_of(("old.txt", b"x")))
    run(zip_of(("new.txt", b"x")))
    assert left(tmp_path / "out") == ["new.txt"]


@pytest.mark.parametrize("encoding", ["cp866", "utf-8"])
def test_names_without_a_flag_are_read(run, encoding):
    assert run(zip_of_raw_name(SECTION.encode(encoding))) == {SECTION: b"x"}


def test_names_with_the_flag_and_backslashes_are_read(run):
    assert run(zip_of((SECTION, b"x"), ("п\\я.txt", b"y"))) == {SECTION: b"x", "п/я.txt": b"y"}


def test_dos_names_climb_out_no_more_than_others(run):
    with pytest.raises(FetchError, match="climbs out"):
        run(zip_of_raw_name("..\\Раздел".encode("cp866")))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../evil.txt", "climbs out"),
        ("a/../../evil.txt", "climbs out"),
        ("a\\..\\..\\evil.txt", "climbs out"),
        ("/etc/evil.txt", "absolute path"),
        ("\\\\host\\evil.txt", "absolute path"),
        ("C:\\evil.txt", "not every system"),
        ("a.txt:stream", "not every system"),
        ("evil.txt ", "not every system"),
        ("ev\til.txt", "not every system"),
        ("a//b.txt", "not every system"),
        ("я" * 200, "not every system"),
    ],
)
def test_names_that_do_harm_are_refused(run, tmp_path, name, said):
    with pytest.raises(FetchError, match=said):
        run(zip_of(("good.txt", b"x"), (name, b"x")))
    assert left(tmp_path) == ["packed"]


def test_every_bad_member_is_named_at_once(run):
    with pytest.raises(FetchError) as caught:
        run(zip_of(("../a", b""), ("good", b""), ("/b", b"")))
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_special_files_are_refused(run, mode):
    info = zipfile.ZipInfo("link")
    info.external_attr = (mode | 0o777) << 16
    with pytest.raises(FetchError, match="a link or a special file"):
        run(zip_of((info, b"/etc/passwd")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a.txt", "A.TXT"])
def test_a_name_that_stands_twice_is_refused(run, second):
    with pytest.raises(FetchError, match="stands twice"):
        run(zip_of(("a.txt", b"1"), (second, b"2")))


def test_two_unicode_forms_are_one_name(run):
    with pytest.raises(FetchError, match="stands twice"):
        run(zip_of(("\u0439.txt", b"1"), ("\u0438\u0306.txt", b"2")))


def test_a_file_in_the_place_of_a_folder_is_refused(run, tmp_path):
    with pytest.raises((FetchError, OSError)):
        run(zip_of(("a", b"1"), ("a/b", b"2")))
    assert left(tmp_path) == ["packed"]


def test_a_bomb_is_stopped_by_its_ratio(run, tmp_path):
    bomb = zip_of(("a", bytes(20_000_000)), method=zipfile.ZIP_DEFLATED)
    with pytest.raises(FetchError, match="more than 200 times its size"):
        run(bomb)
    assert left(tmp_path) == ["packed"]


@pytest.mark.parametrize(
    ("limits", "said"),
    [(Limits(total=5), "more than 5 bytes"), (Limits(members=2), "more than 2 members")],
)
def test_limits_hold(run, limits, said):
    with pytest.raises(FetchError, match=said):
        run(zip_of(("a", b"123"), ("b", b"456"), ("c", b"")), limits=limits)


def test_a_lying_header_does_not_help(run):
    content = bytearray(zip_of(("a", bytes(3_000_000)), method=zipfile.ZIP_DEFLATED))
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(FetchError):
        run(bytes(content))


@pytest.mark.parametrize("harm", ["empty", "cut", "flipped", "none"])
def test_damaged_archives_say_so(run, tmp_path, harm):
    good = zip_of(("a", b"some content"))
    flipped = good.replace(b"some content", b"same content")
    content = {"empty": b"", "cut": good[:-30], "flipped": flipped, "none": zip_of()}[harm]
    with pytest.raises(FetchError, match=r"not a sound zip archive|holds no file"):
        run(content)
    assert left(tmp_path) == ["packed"]


def test_an_encrypted_member_is_refused(run):
    content = bytearray(zip_of(("a", b"x")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    with pytest.raises(FetchError, match="is encrypted"):
        run(bytes(content))


def test_all_differing_members_are_listed_and_the_old_folder_stays(run, tmp_path):
    run(zip_of(("old.txt", b"x")))
    wanted = [
        Member(name="a.txt", sha256=hashlib.sha256(b"other").hexdigest()),
        Member(name="b.txt", sha256=hashlib.sha256(b"b").hexdigest()),
        Member(name="c.txt"),
        Member(name="d.txt"),
    ]
    content = zip_of(("x/a.txt", b"a"), ("x/b.txt", b"b"), ("x/c.txt", b""), ("y/c.txt", b""))
    with pytest.raises(ChecksumError) as caught:
        run(content, members=wanted, label="yearbook.zip")
    message = str(caught.value)
    assert message.startswith("yearbook.zip: 3 of 4 expected members differ")
    assert "a.txt: sha256 is" in message
    assert "c.txt: found 2 times" in message
    assert "d.txt: found 0 times" in message
    assert left(tmp_path / "out") == ["old.txt"]


def test_rar_5_comes_out(rar_run):
    content = rar5((f"Приложение/{SECTION}", b"x" * 5000), ("b.txt", b""))
    member = Member(name=SECTION, sha256=hashlib.sha256(b"x" * 5000).hexdigest())
    got = rar_run(content, members=[member])
    assert got == {f"Приложение/{SECTION}": b"x" * 5000, "b.txt": b""}


def test_rar_4_with_a_dos_name_comes_out(rar_run):
    assert rar_run(rar4(SECTION.encode("cp866"), b"x" * 300)) == {SECTION: b"x" * 300}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (rar5(("../evil.txt", b"x")), "climbs out"),
        (rar5(("/evil.txt", b"x")), "absolute path"),
        (rar5(("a", b"1"), ("A", b"2")), "stands twice"),
        (rar5(("l", b""), link="/etc/passwd"), "a link or a special file"),
        (rar5(("a", b"x" * 900))[:500], "not a sound rar archive"),
        (b"PK\x03\x04", "not a RAR archive"),
    ],
    ids=["climbs", "absolute", "twice", "link", "cut", "zip"],
)
def test_bad_rar_archives_are_refused(rar_run, tmp_path, content, said):
    with pytest.raises(FetchError, match=said):
        rar_run(content)
    assert left(tmp_path) == ["packed"]


def test_a_flipped_rar_member_is_found_by_its_checksum(rar_run):
    content = rar5(("a", b"good")).replace(b"good", b"evil")
    with pytest.raises(ChecksumError, match="a: sha256 is"):
        rar_run(content, members=[Member(name="a", sha256=hashlib.sha256(b"good").hexdigest())])


def test_a_rar_member_that_ends_early_is_refused(rar_run, monkeypatch):
    import libarchive

    monkeypatch.setattr(libarchive.entry.ArchiveEntry, "get_blocks", lambda entry: [b"ab"])
    with pytest.raises(FetchError, match="has 2 bytes, expected 4"):
        rar_run(rar5(("a", b"good")))


def test_rar_without_libarchive_names_the_extra(run, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "libarchive", None)
    with pytest.raises(FetchError) as caught:
        run(rar5(("a", b"x")), "rar")
    assert "valley_analysis[archives]" in caught.value.next_step
