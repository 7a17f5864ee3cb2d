"""The register of sources: the shipped one is sound, a bad one names every fault."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from valley_analysis.errors import RegisterError
from valley_analysis.sources.register import (
    UnknownSourceError,
    load_register,
    select,
    source,
)

GOOD = """\
- id: one
  release: r
  publisher: {en: P, ru: П}
  title: {en: T, ru: Т}
  page: https://example.org/
  terms: none
  files:
    - {name: a.csv, address: "https://example.org/a.csv"}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "register.yml"
    path.write_text(text, "utf-8")
    return path


def test_the_yearbook_stands_with_all_its_workbooks():
    (archive,) = source("rosstat-yearbook-2023").files
    assert archive.name == "Pril_Region_Pokaz_2023.rar"
    assert not archive.address_verified
    assert len(archive.members) == 23
    assert all(member.sha256 for member in archive.members)


def test_what_is_fetched_by_default_can_be():
    defaults = select()
    assert {entry.id for entry in defaults} == {"rosstat-yearbook-2023", "rosstat-science-2025"}
    assert all(file.address for entry in defaults for file in entry.files)


def test_checksums_are_those_of_the_published_workbooks(shared):
    known = {
        item.name: item.sha256
        for entry in select(["rosstat-yearbook-2023", "rosstat-science-2025"])
        for file in entry.files
        for item in file.members or (file,)
    }
    folders = ("rosstat-regions-2023", "rosstat-science-2025")
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in (shared / "data" / folder).glob("*.xls*")
    }
    assert found == known


def test_every_source_speaks_both_languages():
    for entry in load_register():
        for words in (entry.publisher, entry.title):
            assert any("\u0400" <= letter <= "\u04ff" for letter in words.ru), entry.id
            assert words.en.isascii(), entry.id


def test_an_unknown_source_names_the_nearest():
    with pytest.raises(UnknownSourceError) as caught:
        source("rosstat-yearbok-2023")
    assert "nearest: rosstat-yearbook-2023" in caught.value.problems[0]
    assert "ofac-sdn" in caught.value.next_step


def test_every_fault_is_told_at_once_with_its_line(tmp_path):
    wrong = GOOD.replace("id: one", "id: Two!").replace("https://example.org/a", "ftp://h/a")
    doubled = GOOD.replace("  terms: none\n", "  licence: none\n")
    with pytest.raises(RegisterError) as caught:
        load_register(write(tmp_path, GOOD + wrong + doubled))
    told = "\n".join(caught.value.problems)
    assert "line 9, Two!: id: String should match" in told
    assert "line 9, Two!: files.0.address: Value error, an address begins with http" in told
    assert "line 17, one: terms: Field required" in told
    assert "line 17, one: licence: Extra inputs" in told
    assert "line 17, one: this id stands twice" in told


@pytest.mark.parametrize(
    ("found", "replaced", "said"),
    [
        ("name: a.csv", "name: ../a.csv", "String should match"),
        ("name: a.csv", "name: a.csv, members: [{name: b}]", "only an archive has members"),
        (
            "name: a.csv",
            "name: a.csv, archive: zip, members: [{name: b}, {name: B}]",
            "a member stands twice",
        ),
        ("example.org/a.csv", "me:secret@example.org/a.csv", "no user name or password"),
        ("example.org/a.csv", "example.org/", "ends with a file name"),
        ("name: a.csv", "name: a.csv, sha256: abc", "String should match"),
        ("name: a.csv", "name: a.csv, max_bytes: 0", "greater than 0"),
        ("terms: none", "terms: none\n  certificate: none", "'common' or 'russian'"),
        (GOOD, "", "the top level is not a list"),
        (GOOD, "- 1\n", "not a mapping"),
        (GOOD, "- id: [", "line 2"),
    ],
)
def test_each_rule_holds(tmp_path, found, replaced, said):
    with pytest.raises(RegisterError, match=said):
        load_register(write(tmp_path, GOOD.replace(found, replaced)))


def test_a_file_that_stands_twice_is_a_fault(tmp_path):
    with pytest.raises(RegisterError, match="a file stands twice"):
        load_register(write(tmp_path, GOOD + "    - {name: A.csv}\n"))


def test_entries_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        source("ofac-sdn").id = "other"


def test_the_register_is_light_to_import():
    code = (
        "import sys; from valley_analysis.sources import fetch, register; "
        "register.load_register(); "
        "print(sorted({'httpx', 'pandas', 'libarchive'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
