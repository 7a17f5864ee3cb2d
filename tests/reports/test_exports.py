"""Exports say what the result says, and the same result gives the same bytes."""

import datetime as dt
import json

import numpy as np
import openpyxl
import pandas as pd
import pytest
from shapely.geometry import shape

from valley_analysis.errors import PeriodError
from valley_analysis.reports.exports import export_results, write_csv
from valley_analysis.reports.results import compute_results, index_table
from valley_analysis.reports.workbook import column_notes, tables, write_sheets

pytestmark = pytest.mark.slow

RANGES = ["rank_low", "rank_high"]
HEAD = ["region", "name_en", "name_ru", "period", "score", "rank"]
DIMENSIONS = [
    *("economic_base", "human_capital", "research"),
    *("technology", "innovation", "openness_digital"),
]
PARTS = ["conditions", "activity", "conditions_rank", "activity_rank"]
TAIL = ["weight_present", "scope", "provisional"]


@pytest.fixture(scope="module")
def folder(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    export_results(results, folder)
    return folder


def test_the_csv_is_the_edition(results, folder):
    table = pd.read_csv(folder / "regional_index.csv")
    assert list(table) == [*HEAD, *RANGES, *DIMENSIONS, *PARTS, *TAIL]
    assert len(table) == 85
    assert set(table["period"]) == {2022}
    assert table["provisional"].all()
    expected = results.edition.scores.loc[table["region"]]
    for column in ("score", *DIMENSIONS, "weight_present"):
        np.testing.assert_allclose(table[column], expected[column], atol=5.1e-7)
    assert table["rank"].tolist() == expected["rank"].tolist()
    assert table["rank"].is_monotonic_increasing
    assert table.loc[table["region"] == "RU-TUL", "name_ru"].item() == "Тульская область"


def test_the_long_csv_holds_every_edition(results, folder):
    table = pd.read_csv(folder / "regional_index_editions.csv")
    assert sorted(set(table["period"])) == list(range(2010, 2023))
    assert not table.duplicated(["region", "period"]).any()
    newest = table[table["period"] == 2022].reset_index(drop=True)
    edition = pd.read_csv(folder / "regional_index.csv")
    pd.testing.assert_frame_equal(newest, edition[newest.columns], check_dtype=False)


def test_ranks_stand_within_ranges_of_ranks(folder):
    table = pd.read_csv(folder / "regional_index.csv")
    assert (table["rank_low"] <= table["rank_high"]).all()
    inside = (table["rank"] >= table["rank_low"]) & (table["rank"] <= table["rank_high"])
    assert inside.mean() > 0.9
    assert table["rank_low"].min() == 1


def test_the_workbook_holds_the_same_tables(results, folder):
    book = openpyxl.load_workbook(folder / "regional_index.xlsx")
    expected = tables(results)
    assert book.sheetnames == ["notes", *expected]
    for name, table in expected.items():
        rows = list(book[name].iter_rows(values_only=True))
        assert list(rows[0]) == list(table.columns), name
        assert len(rows) == len(table) + 1, name
        assert book[name].freeze_panes is not None
        if table.empty:
            continue
        wanted = table.astype(object).where(table.notna() & (table != ""), None)
        for column, (found, right) in enumerate(
            zip(zip(*rows[1:], strict=True), wanted.T.values.tolist(), strict=True)
        ):
            assert list(found) == pytest.approx(right), (name, column)
    sums = pd.DataFrame(expected["contributions"]).set_index("region").iloc[:, 2:].sum(axis=1)
    scores = results.edition.scores["score"].dropna()
    np.testing.assert_allclose(sums[scores.index], scores)


def test_the_notes_name_method_sources_and_columns(folder):
    book = openpyxl.load_workbook(folder / "regional_index.xlsx")
    rows = {row[0]: row[1:] for row in book["notes"].iter_rows(values_only=True)}
    assert rows["edition"] == ("2022, provisional", "2022, предварительный")
    assert "percentile" in rows["treatment"][0]
    assert "share one" in rows["weights"][0]
    assert "attribute Rosstat" in rows["source yearbook-2023, vintage 2023-12"][0]
    assert rows["column flag"][0].startswith("why a value is not plainly observed")


def test_every_exported_column_is_explained_in_both_languages(results):
    indicators = set(results.spec.indicators)
    columns = {column for table in tables(results).values() for column in table} - indicators
    columns |= set(index_table(results.edition))
    assert columns <= column_notes().keys()
    assert all(set(texts) == {"en", "ru"} for texts in column_notes().values())


def test_the_boundaries_are_valid_geojson_with_scores(results, folder):
    path = folder / "regions.geojson"
    assert path.stat().st_size < 1_000_000
    content = json.loads(path.read_text("utf-8"), parse_constant=pytest.fail)
    table = index_table(results.edition).set_index("region")
    assert [one["id"] for one in content["features"]] == table.index.tolist()
    for one in content["features"]:
        properties = one["properties"]
        assert properties["score"] == pytest.approx(table.loc[one["id"], "score"], abs=1e-6)
        assert properties["rank"] == table.loc[one["id"], "rank"]
        if one["id"].startswith("UA-"):
            assert one["geometry"] is None
            continue
        drawn = shape(one["geometry"])
        assert drawn.is_valid, one["id"]
        west, south, east, north = drawn.bounds
        assert -180 <= west <= east <= 180
        assert 40 < south <= north < 83
        assert all(polygon.exterior.is_ccw for polygon in drawn.geoms)
    chukotka = next(one for one in content["features"] if one["id"] == "RU-CHU")
    assert shape(chukotka["geometry"]).bounds[0] == -180


def test_the_same_results_give_the_same_bytes(results, folder, tmp_path, monkeypatch):
    class Later(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return dt.datetime(2031, 5, 4, tzinfo=tz)

    monkeypatch.setattr("openpyxl.writer.excel.datetime.datetime", Later)
    for path in export_results(results, tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_an_unranked_region_is_empty_not_zero(results, tmp_path):
    from dataclasses import replace

    scores = results.edition.scores.copy()
    scores.loc["RU-TUL", ["score", "research"]] = float("nan")
    scores.loc["RU-TUL", "rank"] = pd.NA
    edition = replace(results.edition, scores=scores)
    export_results(replace(results, edition=edition, editions={2022: edition}), tmp_path)
    last = (tmp_path / "regional_index.csv").read_text("utf-8").splitlines()[-1]
    assert last.startswith("RU-TUL,Tula Oblast,Тульская область,2022,,,")
    content = json.loads((tmp_path / "regions.geojson").read_text("utf-8"))
    assert content["features"][-1]["properties"]["score"] is None
    assert content["features"][-1]["properties"]["rank"] is None


def test_an_edition_that_is_not_there_is_named(built):
    with pytest.raises(PeriodError, match="editions 2010-2022; found 1999"):
        compute_results(1999, "recognised", "regional_innovation", built / "data" / "processed")


def test_a_name_that_begins_like_a_formula_is_a_text(tmp_path):
    names = ["=1+1", "+7", "-5", "@x", "\tx", "#N/A", "Tula"]
    table = pd.DataFrame({"name": names, "=head": [-1.5] * 7, "n": range(7)})
    write_csv(table, tmp_path / "a.csv")
    read = pd.read_csv(tmp_path / "a.csv", keep_default_na=False)
    assert list(read) == ["name", "'=head", "n"]
    assert read["name"].tolist() == [f"'{name}" for name in names[:5]] + names[5:]
    assert (read["'=head"] == -1.5).all(), "a negative number stays a number"
    write_sheets({"a": table}, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == list(table)
    assert [row[0].value for row in rows[1:]] == names
    assert {cell.data_type for cell in (*rows[0], *(row[0] for row in rows[1:]))} == {"s"}
    assert [row[0].quotePrefix for row in rows[1:]] == [True] * 5 + [False] * 2
    assert all(row[1].value == -1.5 for row in rows[1:])
