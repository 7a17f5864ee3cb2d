"""Tables in our own form: what is written reads back, and never half."""

import pytest

from valley_analysis import paths
from valley_analysis.errors import MissingInputError
from valley_analysis.files import write_aside
from valley_analysis.sources.published import (
    Column,
    PublishedTable,
    Row,
    collapse_rows,
    expand_rows,
    read_table,
    write_table,
)

TABLE = PublishedTable(
    about={"table": "18.12.1", "title": "Activity", "release": "r", "vintage": "2023-12"},
    columns=(Column(2017, "oslo3", "M"), Column(2017, "oslo4", "N", "5")),
    rows=(Row(9, 'Область "А", край', "", ("1.5", "…")), Row(12, "Б", "2", ("-", ""))),
    marks={"1": ("N9",), "2": ("M9", "M12")},
    confidential=("1",),
)


def test_a_table_reads_back_as_it_was_written(tmp_path):
    path = write_table(TABLE, tmp_path / "r")
    assert read_table(path) == TABLE
    first = path.read_bytes(), path.with_suffix(".yml").read_bytes()
    write_table(read_table(path), tmp_path / "r")
    assert (path.read_bytes(), path.with_suffix(".yml").read_bytes()) == first
    assert sorted(p.name for p in path.parent.iterdir()) == ["18.12.1.csv", "18.12.1.yml"]


def test_a_table_without_its_sidecar_is_missing(tmp_path):
    path = write_table(TABLE, tmp_path)
    path.with_suffix(".yml").unlink()
    with pytest.raises(MissingInputError, match=r"18\.12\.1\.csv or its sidecar is absent"):
        read_table(path)


def test_rows_collapse_to_ranges():
    numbers = [6, 7, 8, 10, 12, 13]
    assert collapse_rows(numbers) == "6-8,10,12-13"
    assert expand_rows(collapse_rows(numbers)) == numbers


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = write_aside(tmp_path / "a.txt", "good")
    with pytest.raises(UnicodeEncodeError):
        write_aside(path, "bad \ud800")
    assert path.read_text() == "good"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_every_table_in_git_has_a_sidecar_that_fits():
    tables = sorted((paths.raw() / "rosstat").glob("[ys]*/*.csv"))
    assert len(tables) > 90
    for path in tables:
        table = read_table(path)
        assert all(len(row.texts) == len(table.columns) for row in table.rows), path.name
        assert len(table.about["sha256"]) == 64
