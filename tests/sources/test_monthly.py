"""Monthly figures: known values, the way through files, faults, re-extraction."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from valley_analysis.errors import (
    LayoutError,
    MissingInputError,
    RegisterError,
    UnknownSeriesError,
)
from valley_analysis.sources.monthly import (
    MonthlyVariable,
    extract_monthly,
    load_monthly,
    load_variables,
    month_span,
)
from valley_analysis.sources.originals import print_number

RELEASE = load_variables()


def write_originals(folder: Path) -> Path:
    """Every registered file, with 97 areas that each repeat Russia's first figure."""
    labels = ["Российская Федерация", *(f"Область {n}" for n in range(1, RELEASE.areas))]
    for entry in RELEASE.variables:
        lines = [["", "varname", *labels]]
        figures = [str(entry.first)] * RELEASE.areas
        lines += [[f"{month}-01", entry.file, *figures] for month in entry.expected_months]
        with (folder / f"{entry.file}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
    return folder


def change(path: Path, row: int, column: int, text: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    lines[row - 1][column] = text
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    folder = tmp_path / "originals"
    folder.mkdir()
    return write_originals(folder)


@pytest.mark.parametrize(
    ("variable", "label", "month", "value"),
    [
        # read in the transcribed tables by eye
        ("industry-yoy", "Российская Федерация", "2009-01", 81.7),
        ("industry-yoy", "Брянская область", "2009-01", 56.1),
        ("industry-yoy", "Чукотский авт. округ", "2009-02", 151.8),
        ("shipments", "Российская Федерация", "2015-12", 8295699.35304),
        ("wage", "Республика Саха (Якутия)", "2014-12", 80007.9),
        ("wage", "г. Севастополь", "2015-06", 23932.5),
        ("consumer-prices", "Республика Крым", "2014-12", 142.5),
        ("profit-net", "г. Москва", "2009-01", -187662),
        ("wage-arrears-people", "Тульская область", "2016-02", 178),
    ],
)
def test_known_figures(variable: str, label: str, month: str, value: float) -> None:
    frame = load_monthly(variable)
    row = frame[(frame["label"] == label) & (frame["month"] == pd.Period(month, "M"))]
    assert row["value"].tolist() == [value]


@pytest.mark.parametrize("entry", RELEASE.variables, ids=lambda entry: entry.id)
def test_every_variable_is_whole(entry: MonthlyVariable) -> None:
    frame = load_monthly(entry.id)
    months = [month for month in entry.expected_months if not entry.until or month <= entry.until]
    assert list(frame.columns) == ["label", "month", "value"]
    assert isinstance(frame["month"].dtype, pd.PeriodDtype)
    assert frame["month"].astype(str).drop_duplicates().tolist() == months
    assert frame["label"].nunique() == RELEASE.areas
    assert not frame.duplicated(["label", "month"]).any()
    russia = frame[frame["label"] == "Российская Федерация"]
    assert russia["value"].iloc[0] == entry.first
    assert frame["value"].notna().mean() > 0.85


def test_quarters_that_were_counted_as_months_are_left_out() -> None:
    frame = load_monthly("vacancies")
    assert frame["month"].max() == pd.Period("2012-12", "M")
    russia = frame[frame["label"] == "Российская Федерация"].set_index("month")["value"]
    assert russia["2012-12"] == 342.6
    assert (russia < 400).all(), "a quarter would stand out at over 800"


def test_names_in_both_languages_and_sizes() -> None:
    assert len(RELEASE.variables) >= 20
    assert len({entry.id for entry in RELEASE.variables}) == len(RELEASE.variables)
    assert all(entry.en and entry.ru and entry.unit for entry in RELEASE.variables)


def test_round_trip(originals: Path, tmp_path: Path) -> None:
    written = extract_monthly(originals, tmp_path / "raw")
    assert len(written) == len(RELEASE.variables)
    assert all(path.with_suffix(".yml").is_file() for path in written)
    frame = load_monthly("wage", tmp_path / "raw")
    assert (frame["value"] == 17118.7).all()
    assert len(frame) == 97 * 84


def test_a_blank_is_missing(originals: Path, tmp_path: Path) -> None:
    change(originals / "WAGE_VAL_RUB.csv", 3, 4, "")
    extract_monthly(originals, tmp_path / "raw")
    frame = load_monthly("wage", tmp_path / "raw")
    assert frame["value"].isna().sum() == 1


def test_all_faults_at_once_with_their_places(originals: Path, tmp_path: Path) -> None:
    change(originals / "WAGE_VAL_RUB.csv", 5, 4, "12,5")
    change(originals / "CPI_IND_YTD.csv", 1, 1, "name")
    change(originals / "PROD_IND_YOY.csv", 2, 2, "99.9")
    change(originals / "PROD_IND_ROG.csv", 4, 0, "2009-04-01")
    change(originals / "MAN_IND_YOY.csv", 6, 1, "MAN_IND_ROG")
    with pytest.raises(LayoutError) as caught:
        extract_monthly(originals, tmp_path / "raw")
    problems = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 5
    assert "WAGE_VAL_RUB.csv: row 5, Область 2 reads '12,5'" in problems
    assert "CPI_IND_YTD.csv: row 1 begins with '', 'name'" in problems
    assert "PROD_IND_YOY.csv: row 2, Российская Федерация reads '99.9'; expected 81.7" in problems
    assert "PROD_IND_ROG.csv: row 4, date reads '2009-04-01'; expected '2009-03-01'" in problems
    assert "MAN_IND_YOY.csv: row 6, varname reads 'MAN_IND_ROG'" in problems
    assert not (tmp_path / "raw").exists(), "nothing is written if any file is wrong"


@pytest.mark.parametrize("cut", ["column", "row", "area"])
def test_a_table_of_the_wrong_shape(originals: Path, tmp_path: Path, cut: str) -> None:
    path = originals / "WAGE_VAL_RUB.csv"
    lines = path.read_text("utf-8").splitlines()
    if cut == "column":
        lines[4] = lines[4].rpartition(",")[0]
    elif cut == "row":
        lines = lines[:-1]
    else:
        lines[0] = lines[0].replace("Область 2,", "Область 1,")
    path.write_text("\n".join(lines), "utf-8")
    expected = {"column": "row 5 has 98 columns", "row": "83 months", "area": "96 areas"}[cut]
    with pytest.raises(LayoutError, match=expected):
        extract_monthly(originals, tmp_path / "raw")


def test_an_empty_file(originals: Path, tmp_path: Path) -> None:
    (originals / "WAGE_VAL_RUB.csv").write_text("", "utf-8")
    with pytest.raises(LayoutError, match="begins with nothing"):
        extract_monthly(originals, tmp_path / "raw")


def test_absent_files_are_all_named(originals: Path, tmp_path: Path) -> None:
    (originals / "WAGE_VAL_RUB.csv").unlink()
    (originals / "CPI_IND_YTD.csv").unlink()
    with pytest.raises(MissingInputError, match=r"(?s)2 problems.*CPI_IND_YTD.*WAGE_VAL_RUB"):
        extract_monthly(originals, tmp_path / "raw")


def test_an_unknown_variable_names_the_nearest() -> None:
    with pytest.raises(UnknownSeriesError, match="did you mean industry-yoy"):
        load_monthly("industri-yoy")


def test_an_absent_table(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"wage\.csv or its sidecar is absent"):
        load_monthly("wage", tmp_path)


def test_a_wrong_register(tmp_path: Path) -> None:
    path = tmp_path / "monthly.yml"
    path.write_text("release: x\nvariables: []\n", "utf-8")
    with pytest.raises(RegisterError, match="publisher"):
        load_variables(path)


def test_months_and_numbers() -> None:
    assert month_span("2012-12", "2013-01") == ["2012-12", "2013-01"]
    assert month_span("2012-12", "2012-11") == []
    assert print_number(4.1e-05) == "4.1e-05"
    assert print_number(1e15) == "1000000000000000"
    assert print_number(-0.5) == "-0.5"


@pytest.mark.shared
def test_extracting_again_changes_no_byte(shared: Path, root: Path, tmp_path: Path) -> None:
    for path in extract_monthly(shared / "data", tmp_path):
        stored = root / "data" / "raw" / path.relative_to(tmp_path)
        assert path.read_bytes() == stored.read_bytes()
        assert path.with_suffix(".yml").read_bytes() == stored.with_suffix(".yml").read_bytes()


def test_stored_tables_stay_small(root: Path) -> None:
    folder = root / "data" / "raw" / RELEASE.folder
    files = sorted(folder.iterdir())
    assert {path.stem for path in files} == {entry.id for entry in RELEASE.variables}
    assert sum(path.stat().st_size for path in files) < 1_500_000
