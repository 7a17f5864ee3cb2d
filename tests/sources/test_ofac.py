"""Counts of listed entries by region: placing an address, counting, faults, re-extraction."""

from collections import Counter
from pathlib import Path

import pytest

from valley_analysis.errors import LayoutError, MissingInputError, RegisterError
from valley_analysis.registers import read_yaml
from valley_analysis.sources.ofac import (
    ADDRESSES,
    COLUMNS,
    TYPES,
    extract_ofac,
    load_cities,
    load_ofac,
    load_postcodes,
    place,
    plain_name,
    read_records,
)

HEAD = "ent_num,Add_num,City/State/Province/Postal Code,Country\n"
ROWS = """\
1,1,Tula 300041,Russia
1,2,Tula,Russia
1,3,Moscow 101000,Russia
2,4,"Kazan, Republic of Tatarstan",Russia
3,5,-0-,Russia
4,6,Rostov,Russia
5,7,Kaluga 300041,Russia
6,8,"Khimki, Moscow",Russia
7,9,Moscow 010100,Russia
"""
KINDS = "ent_num,Type,Program\n1,-0-,A\n2,individual,A\n3,vessel,A\n7,vessel,B\n\x1a,,\n"


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    folder = tmp_path / "originals"
    folder.mkdir()
    (folder / ADDRESSES).write_text(HEAD + ROWS, "utf-8")
    (folder / TYPES).write_text(KINDS, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Tula 300041", "RU-TUL"),
        ("Tula", "RU-TUL"),
        ("St. Petersburg", "RU-SPE"),
        ("Novy Urengoy 629300", "RU-YAN"),
        ("Surgut, Tyumen region 628400", "RU-KHM"),
        ("Tutayev 152 300", "RU-YAR"),  # a blank inside the postcode
        ("Moscow 12528", "RU-MOW"),  # five digits are no postcode: the name decides
        ("Moscow 1212471", "RU-MOW"),  # nor are seven
        ("Kirov", ""),  # Kirov and Kaluga regions have one each
        ("Rostov", ""),  # Rostov and Yaroslavl regions
        ("Khimki, Moscow", ""),  # the parts name two regions
        ("-0-", ""),
        ("Simferopol 295000", "UA-43"),
        ("Sevastopol 299011", "UA-40"),
    ],
)
def test_placing_an_address(text: str, region: str) -> None:
    assert place("1", text).region == region


def test_the_postcode_wins_and_the_contradiction_is_told() -> None:
    address = place("1", "Kaluga 300041")
    assert (address.region, address.by_name) == ("RU-TUL", {"RU-KLU"})
    assert address.contradicts
    assert not place("1", "Tula 300041").contradicts
    assert not place("1", "Somewhere 300041").contradicts


@pytest.mark.parametrize(
    ("prefix", "region"),
    [("101", "RU-MOW"), ("143", "RU-MOS"), ("166", "RU-NEN"), ("299", "UA-40"), ("308", "RU-BEL"),
     ("364", "RU-CE"), ("428", "RU-CU"), ("457", "RU-CHE"), ("648", "RU-KYA"), ("649", "RU-AL"),
     ("656", "RU-ALT"), ("679", "RU-YEV"), ("689", "RU-CHU"), ("694", "RU-SAK")],
)  # fmt: skip
def test_known_prefixes(prefix: str, region: str) -> None:
    assert load_postcodes()[prefix] == region


def test_the_tables_cover_every_region() -> None:
    postcodes, cities = load_postcodes(), load_cities()
    assert len(set(postcodes.values())) == 85
    assert set(cities.values()) <= set(postcodes.values())
    assert all(plain_name(spelling) == spelling for spelling in cities)


def test_counting(originals: Path, tmp_path: Path) -> None:
    (path,) = extract_ofac(originals, tmp_path / "raw")
    counts = load_ofac(tmp_path / "raw")
    frame = counts.frame.set_index("region")
    assert tuple(counts.frame.columns) == COLUMNS
    # entry 1 has two addresses in Tula and one in Moscow: once in each
    assert frame.loc["RU-TUL"].tolist() == [2, 1, 0, 0, 1]
    assert frame.loc["RU-MOW"].tolist() == [2, 1, 0, 1, 0]
    assert frame.loc["RU-TA"].tolist() == [1, 0, 1, 0, 0]
    assert frame["entries"].sum() == 5
    assert (counts.total, counts.share_unplaced) == (7, round(3 / 7, 6))
    about = read_yaml(path.with_suffix(".yml"))
    assert about["entries"]["in_several_regions"] == 1
    assert about["addresses"] == {
        "total": 9,
        "placed_by_postcode": 3,
        "placed_by_name": 3,
        "unplaced_without_city": 1,
        "unplaced_with_city": 2,
        "of_these_naming_two_regions": 1,
        "unknown_postcode": 1,
    }
    assert about["contradictions"]["cases"] == {"kaluga 300: RU-KLU by name, RU-TUL by postcode": 1}


def test_stored_counts() -> None:
    counts = load_ofac()
    frame = counts.frame.set_index("region")
    # counted by eye in the list of addresses
    assert frame.loc["RU-TUL", "entries"] == 33
    assert frame.loc["RU-CHU"].tolist() == [7, 0, 0, 0, 7]
    assert frame.loc["RU-NEN", "entries"] == 4
    assert frame.loc["RU-AL", "entries"] == 1
    assert frame.loc["RU-YEV", "entries"] == 0
    assert "UA-43" not in frame.index, "the list files Crimea under another country"
    assert (frame[list(COLUMNS[2:])].sum(axis=1) == frame["entries"]).all()
    assert frame.index.is_monotonic_increasing
    assert counts.total == 5187
    assert 0.2 < counts.share_unplaced < 0.25


def test_stored_sidecar_warns_and_adds_up(root: Path) -> None:
    about = read_yaml(root / "data/raw/ofac/sdn-2025-11/entries_by_region.yml")
    assert "descriptive only" in about["caution"]
    parts = Counter(about["addresses"])
    assert parts["total"] == sum(
        parts[name] for name in parts if name.startswith(("placed", "unplaced"))
    )
    cases = about["contradictions"]
    assert sum(cases["cases"].values()) == cases["addresses"]
    assert cases["addresses"] / cases["of"] < 0.01


def test_faults_name_their_rows(originals: Path, tmp_path: Path) -> None:
    (originals / ADDRESSES).write_text(HEAD + "x1,1,Tula,Russia\n2,2,Kyiv,Ukraine\n", "utf-8")
    (originals / TYPES).write_text("ent_num,Type\nabc,-0-\n", "utf-8")
    with pytest.raises(LayoutError) as caught:
        extract_ofac(originals, tmp_path / "raw")
    assert caught.value.problems == (
        f"{ADDRESSES}: row 2, ent_num reads 'x1'",
        f"{ADDRESSES}: row 3, Country reads 'Ukraine'",
        f"{TYPES}: row 2, ent_num reads 'abc'",
    )
    assert not (tmp_path / "raw").exists()


def test_an_absent_column_and_a_short_row(originals: Path, tmp_path: Path) -> None:
    (originals / ADDRESSES).write_text("ent_num,Add_num,Country\n1,1\n", "utf-8")
    with pytest.raises(LayoutError) as caught:
        extract_ofac(originals, tmp_path / "raw")
    assert caught.value.problems == (
        "no column 'City/State/Province/Postal Code' in row 1",
        "row 2 has 2 cells; expected 3",
    )


def test_absent_files(originals: Path, tmp_path: Path) -> None:
    (originals / TYPES).unlink()
    with pytest.raises(MissingInputError, match=TYPES):
        extract_ofac(originals, tmp_path / "raw")
    with pytest.raises(MissingInputError, match="entries_by_region"):
        load_ofac(tmp_path)


def test_a_wrong_mapping_names_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "postcodes.csv"
    path.write_text("prefix,region\n30,RU-TUL\n301,Tula\n302,RU-ORL\n302,RU-ORL\n", "utf-8")
    with pytest.raises(RegisterError) as caught:
        load_postcodes(path)
    assert caught.value.problems == (
        "row 2, prefix reads '30'",
        "row 3, region reads 'Tula'; expected RU-XX or RU-XXX",
        "row 5: prefix '302' stands twice",
    )
    path.write_text("spelling,region\nSt. Petersburg,RU-SPE\n", "utf-8")
    with pytest.raises(RegisterError, match=r"row 2, spelling reads 'St\. Petersburg'"):
        load_cities(path)


def test_records_are_numbered_from_the_heading(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    assert list(read_records(path, ("a",))) == [(2, {"a": "1", "b": "2"})]


@pytest.mark.shared
def test_the_prefixes_use_the_codes_of_the_crosswalk(shared: Path) -> None:
    path = shared / "data" / "region-codes" / "regions_crosswalk.csv"
    known = {line["iso_3166_2"] for _, line in read_records(path, ("iso_3166_2",))}
    assert set(load_postcodes().values()) == known - {""}


@pytest.mark.shared
def test_extracting_again_changes_no_byte(shared: Path, root: Path, tmp_path: Path) -> None:
    (path,) = extract_ofac(shared / "data", tmp_path)
    stored = root / "data" / "raw" / path.relative_to(tmp_path)
    assert path.read_bytes() == stored.read_bytes()
    assert path.with_suffix(".yml").read_bytes() == stored.with_suffix(".yml").read_bytes()
