"""Published places of other ratings: known places, conflicts, faults, re-extraction."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from valley_analysis.errors import LayoutError, MissingInputError, RegisterError
from valley_analysis.sources.ratings import (
    COLLECTED,
    COLUMNS,
    Place,
    check_places,
    extract_ratings,
    flag_conflicts,
    load_published_places,
    load_words,
)
from valley_analysis.sources.sidecars import write_pair

HEAD = "rating,year,region_ru,score,rank,source\n"
GOOD = """\
RIA Rating S&T,2023,Москва,81.15,1.0,https://a.example/1 (business-gazeta prints 81.51)
RIA Rating S&T,2023,Липецкая область,,42.0,https://a.example/2
RIA Rating S&T,2023,Краснодарский край,,42.0,https://a.example/3
HSE RRII,issue 8 (published December 2023),Москва,,1.0,https://a.example/4 (HSE release)
HSE RRII,issue 4 (2014 data),Томская область,,,https://a.example/5 | https://a.example/6
RIA Rating S&T,2022,Москва,80,1,https://a.example/7
RIA Rating S&T,2022,Москва,81,2,https://a.example/8
"""
ONE = Place("RIA Rating S&T", 2023, "", "Москва", 81.15, 1, "https://a.example")


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    folder = tmp_path / "originals"
    folder.mkdir()
    (folder / COLLECTED).write_text(HEAD + GOOD, "utf-8")
    return folder


def write_stored(folder: Path, *lines: str) -> Path:
    path = folder / "ratings" / "published" / "places.csv"
    write_pair(path, [COLUMNS, *(line.split(",") for line in lines)], {"release": "published"})
    return folder


@pytest.mark.parametrize(
    ("rating", "year", "label", "rank", "score"),
    [
        ("RIA Rating S&T", 2023, "Тульская область", 8, 55.42),
        ("RIA Rating S&T", 2023, "Республика Ингушетия", 85, 7.45),
        ("RIA Rating S&T", 2015, "Пензенская область", 25, 45.14),
        ("Minobrnauki national S&T rating", 2021, "Москва", 1, 212.4),
        ("AIRR block R&D (% of mean)", 2014, "Ивановская область", 6, 136.55),
    ],
)
def test_known_places(rating: str, year: int, label: str, rank: int, score: float) -> None:
    frame = load_published_places()
    row = frame[(frame["rating"] == rating) & (frame["year"] == year) & (frame["label"] == label)]
    assert row["rank"].tolist() == [rank]
    assert row["score"].tolist() == [score]


def test_the_frame() -> None:
    frame = load_published_places()
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 161
    assert (frame["rank"].dropna() >= 1).all()
    assert frame["address"].str.startswith("http").all()
    assert set(frame["rating"]) == set(load_words().ratings)
    unknown = frame[frame["year"].isna()]
    assert set(unknown["issue"]) == {"8", "10"}
    assert unknown["note"].str.contains("year of the data not given").all()


def test_conflicts_are_told_in_our_words() -> None:
    frame = load_published_places()
    told = frame[frame["conflict"]].set_index("label")["note"].to_dict()
    assert told["Москва"] == "another outlet prints 81.51"
    assert told["Краснодарский край"] == "another region is given the same place"
    assert len(told) == 6


def test_round_trip(originals: Path, tmp_path: Path) -> None:
    extract_ratings(originals, tmp_path / "raw")
    frame = load_published_places(tmp_path / "raw")
    assert frame["conflict"].tolist() == [True, True, True, False, False, True, True]
    assert frame["rank"].tolist() == [1, 42, 42, 1, pd.NA, 1, 2]
    assert frame["issue"].tolist() == ["", "", "", "8", "4", "", ""]
    assert pd.isna(frame["year"][3])
    assert frame["note"][4] == "also https://a.example/6"
    assert frame["note"][5] == "stands more than once in this edition"
    assert frame["score"][0] == 81.15


def test_repeated_places_must_be_flagged() -> None:
    twice = [ONE, replace(ONE, rank=2)]
    assert check_places(twice) == [
        "RIA Rating S&T 2023: Москва stands 2 times without a conflict flag"
    ]
    flagged = flag_conflicts(twice)
    assert len(flagged) == 2
    assert all(place.conflict for place in flagged)
    assert check_places(flagged) == []
    assert check_places([ONE, replace(ONE, year=2022), replace(ONE, issue="2")]) == []


def test_places_without_a_rank_do_not_conflict() -> None:
    places = [replace(ONE, rank=None), replace(ONE, rank=None, label="Томская область")]
    assert not any(place.conflict for place in flag_conflicts(places))


def test_all_faults_at_once(originals: Path, tmp_path: Path) -> None:
    (originals / COLLECTED).write_text(
        HEAD
        + "Other,2023,Москва,x,1.0,https://a.example\n"
        + "HSE RRII,issue 99,Москва,,0,https://a.example\n"
        + "HSE RRII,2014,,,1.5,somewhere\n"
        + "HSE RRII,2014,Москва,,abc,https://a.example (a new note)\n",
        "utf-8",
    )
    with pytest.raises(LayoutError) as caught:
        extract_ratings(originals, tmp_path / "raw")
    starts = (
        "row 2, rating reads 'Other'",
        "row 2, score reads 'x'",
        "row 3, year reads 'issue 99'",
        "row 3, rank reads '0'; expected 1 to 89",
        "row 4, region_ru is empty",
        "row 4, source reads 'somewhere'",
        "row 4, rank reads '1.5'",
        "row 5, note reads 'a new note'",
        "row 5, rank reads 'abc'",
    )
    assert len(caught.value.problems) == len(starts)
    for problem, start in zip(caught.value.problems, starts, strict=True):
        assert problem.startswith(start)
    assert not (tmp_path / "raw").exists()


def test_an_absent_column(originals: Path, tmp_path: Path) -> None:
    (originals / COLLECTED).write_text("rating,year,region_ru,score,rank\n", "utf-8")
    with pytest.raises(LayoutError, match="no column 'source' in row 1"):
        extract_ratings(originals, tmp_path / "raw")


def test_absent_files(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=COLLECTED):
        extract_ratings(tmp_path, tmp_path / "raw")
    with pytest.raises(MissingInputError, match=r"places\.csv"):
        load_published_places(tmp_path)


def test_a_stored_table_is_checked(tmp_path: Path) -> None:
    raw = write_stored(
        tmp_path,
        "R,2020,,Tula,,-1,https://a.example,,false",
        "R,2020,,Tver,,2,,,false",
        "R,soon,,Oryol,,3,https://a.example,,maybe",
        "R,2020,,Tver,,4,https://a.example,,false",
    )
    with pytest.raises(LayoutError) as caught:
        load_published_places(raw)
    assert caught.value.problems == (
        "row 2, rank reads '-1'; expected 1 to 89",
        "row 3, address reads ''; expected an address",
        "row 4, year reads 'soon'; expected a year or nothing",
        "row 4, conflict reads 'maybe'; expected true or false",
        "R 2020: Tver stands 2 times without a conflict flag",
    )


def test_a_wrong_register(tmp_path: Path) -> None:
    path = tmp_path / "ratings.yml"
    path.write_text("ratings: {}\nyears: []\nnotes: [{found: a}]\n", "utf-8")
    with pytest.raises(RegisterError, match=r"notes\.0\.note"):
        load_words(path)


@pytest.mark.shared
def test_extracting_again_changes_no_byte(shared: Path, root: Path, tmp_path: Path) -> None:
    (path,) = extract_ratings(shared / "data", tmp_path)
    stored = root / "data" / "raw" / path.relative_to(tmp_path)
    assert path.read_bytes() == stored.read_bytes()
    assert path.with_suffix(".yml").read_bytes() == stored.with_suffix(".yml").read_bytes()
