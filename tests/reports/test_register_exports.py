"""Registers are exported whole, with their sources, and as they stood on the day."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from valley_analysis import sanctions, valleys
from valley_analysis.reports.register_exports import export_registers
from valley_analysis.reports.words import words


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    paths = export_registers(tmp_path_factory.mktemp("registers"), date(2026, 11, 25))
    found = {path.stem: pd.read_csv(path, keep_default_na=False) for path in paths[1:]}
    book = pd.read_excel(paths[0], sheet_name=None, keep_default_na=False, engine="openpyxl")
    return {f"{name}.csv": table for name, table in found.items()} | {"registers.xlsx": book}


@pytest.fixture
def written(exported: dict[str, Any]) -> dict[str, Any]:
    return dict(exported)


def test_every_step_of_every_valley_is_there_with_the_source_of_its_date(
    written: dict[str, Any],
) -> None:
    table = written["valley_steps.csv"]
    known = valleys.load_register().valleys.ids
    assert set(table["valley"]) == set(known)
    assert len(table) == len(known) * len(valleys.STEPS)
    dated = table[table["state"] == "dated"]
    assert dated["source"].str.startswith("http").all()
    assert dated["first"].str.fullmatch(r"\d{4}-\d{2}-\d{2}").all()
    decree = table.set_index(["valley", "step"]).loc[("msu", "decree")]
    assert decree["first"] == "2019-04-01"
    assert "МГУ" in decree["name_ru"]


def test_conflicting_claims_both_stay(written: dict[str, Any]) -> None:
    table = written["valley_claims.csv"]
    said = table[(table["valley"] == "russky") & (table["nature"] == "actual")]
    participants = set(said.loc[said["metric"] == "participants", "value"].astype(float))
    assert {13.0, 16.0} <= participants
    assert table.loc[table["source"] == "", "confidence"].eq("unverified").all()


def test_the_workbook_holds_the_same_registers(written: dict[str, Any]) -> None:
    book = written.pop("registers.xlsx")
    assert {f"{name}.csv" for name in book} == written.keys()
    for name, sheet in book.items():
        table = written[f"{name}.csv"]
        assert list(sheet) == list(table)
        assert len(sheet) == len(table) > 0
    assert (
        book["valley_steps"]["name_ru"].tolist() == written["valley_steps.csv"]["name_ru"].tolist()
    )


def test_nothing_later_than_the_day_is_told(tmp_path: Path) -> None:
    export_registers(tmp_path, date(2020, 1, 1))
    claims = pd.read_csv(tmp_path / "valley_claims.csv")
    assert (claims["first"] <= "2020-01-01").all()
    steps = pd.read_csv(tmp_path / "valley_steps.csv")
    assert (steps["first"].dropna() <= "2020-01-01").all()


def test_measures_are_the_register(written: dict[str, Any]) -> None:
    assert len(written["sanctions_measures.csv"]) == len(sanctions.measures_frame())


def test_every_file_is_explained(written: dict[str, Any]) -> None:
    assert set(written) <= set(words("en")["files"])
