"""Shares of foreign investment by industry: known shares, sums, faults, re-extraction."""

from pathlib import Path
from typing import Any

import pytest

from valley_analysis.errors import LayoutError, MissingInputError
from valley_analysis.registers import read_yaml
from valley_analysis.sources import icsid
from valley_analysis.sources.icsid import (
    INDUSTRIES,
    UNITS,
    WITHIN,
    WORKBOOK,
    Investment,
    extract_icsid,
    load_fdi_shares,
    read_investment,
)

HEAD = ["reg_name", "reg_year"] + [
    f"reg_fdi_{part}_{name}" for part in ("incl", "sav") for name in ("total", *INDUSTRIES)
]


def sheet(**first: Any) -> list[list[Any]]:
    """A sheet of 89 regions of which the first has some figures, by column."""
    grid = [HEAD, *([f"Region {n}", 2010.0] + [""] * 32 for n in range(UNITS))]
    for column, value in first.items():
        grid[1][HEAD.index(column)] = value
    return grid


def share(label: str, year: int, measure: str, industry: str, of: str) -> float:
    frame = load_fdi_shares()
    row = frame[
        (frame["label"] == label)
        & (frame["year"] == year)
        & (frame["measure"] == measure)
        & (frame["industry"] == industry)
    ]
    return row[f"share_of_{of}"].item()


def test_known_shares() -> None:
    # from the workbook's figures by hand, thousand dollars, and Russia's published totals
    kaluga = ("Калужская область", 2010, "inflow")
    assert share(*kaluga, "d", "region") == pytest.approx(947095.41 / 1055445.32, abs=1e-6)
    assert share(*kaluga, "total", "country") == pytest.approx(1055445.32 / 13810042, abs=1e-6)
    sakhalin = ("Сахалинская область", 2011, "stock")
    assert share(*sakhalin, "c", "region") == pytest.approx(14524306.13 / 15045759.05, abs=1e-6)
    assert share(*sakhalin, "total", "country") == pytest.approx(15045759.05 / 139150149, abs=1e-6)


def test_regions_add_up_to_the_country_without_okrugs() -> None:
    frame = load_fdi_shares()
    once = frame[frame["within"] == ""]
    sums = once.groupby(["measure", "year", "industry"])["share_of_country"].sum()
    printed = sums[sums != 0]
    assert printed.to_numpy() == pytest.approx(1, abs=5e-5)
    assert frame.loc[frame["within"] != "", "label"].isin(WITHIN).all()


def test_industries_add_up_to_the_region() -> None:
    frame = load_fdi_shares()
    key = ["label", "year", "measure"]
    total = frame[frame["industry"] == "total"].set_index(key)["share_of_region"]
    parts = frame[frame["industry"] != "total"].groupby(key)["share_of_region"].sum(min_count=1)
    both = total[total <= 1.02].to_frame("total").join(parts.rename("parts")).dropna()
    assert (both["total"] - both["parts"]).abs().max() < 1e-4
    blank = total[total > 1.02]
    assert sorted(blank.index) == [
        ("Республика Дагестан", 2012, "stock"),
        ("Ямало-Ненецкий авт.округ", 2010, "inflow"),
    ]
    assert parts[blank.index].isna().all()


def test_the_frame() -> None:
    frame = load_fdi_shares()
    assert not frame.duplicated(["label", "year", "measure", "industry"]).any()
    assert set(frame["industry"]) == {"total", *INDUSTRIES}
    spans = frame.groupby("measure")["year"].agg(["min", "max"])
    assert spans.to_dict("index") == {
        "inflow": {"min": 2004, "max": 2013},
        "stock": {"min": 2005, "max": 2013},
    }
    assert frame["share_of_country"].dropna().between(-0.01, 1).all()
    assert frame["share_of_region"].dropna().between(-0.02, 3.6).all()


def test_text_cells_are_read() -> None:
    (found,) = read_investment(sheet(reg_fdi_sav_total=" 1 200,5", reg_fdi_sav_d="600.25"))
    assert found == Investment("Region 0", 2010, "stock", 1200.5, {"d": 600.25})
    assert found.covered == 0.5
    assert found.adds_up


def test_a_line_that_does_not_add_up() -> None:
    (found,) = read_investment(sheet(reg_fdi_incl_total=10.0, reg_fdi_incl_j=12.0))
    assert not found.adds_up
    assert found.smallest == 1.2


def test_faults_name_their_cells() -> None:
    with pytest.raises(LayoutError) as caught:
        read_investment(sheet(reg_fdi_incl_total="много", reg_fdi_sav_d=5.0, reg_name="Region 1"))
    assert caught.value.problems == (
        "88 regions in reg_name; expected 89",
        "C2 reads 'много'; expected a number or nothing",
        "row 2, Region 1: industries of stock without a total",
    )


def test_absent_columns_are_all_named() -> None:
    with pytest.raises(LayoutError) as caught:
        read_investment([HEAD[:-2]])
    assert caught.value.problems == (
        "no column 'reg_fdi_sav_n' in row 1",
        "no column 'reg_fdi_sav_o' in row 1",
    )
    with pytest.raises(LayoutError, match="no column 'reg_name'"):
        read_investment([])


def test_shares_of_a_region_and_of_the_country() -> None:
    okrug = next(iter(WITHIN))
    found = [
        Investment("A", 2010, "inflow", 30.0, {"a": 10.0, "d": 20.0}),
        Investment("B", 2010, "inflow", 10.0, {"d": 5.0}),
        Investment(okrug, 2010, "inflow", 5.0, {"d": 5.0}),
    ]
    country = icsid._country(found)[2010, "inflow"]
    assert (country["total"], country["a"], country["d"]) == (40.0, 10.0, 25.0)
    of_region, of_country = icsid._shares(found[1], country)
    assert of_region[:10] == ["B", "", 2010, "inflow", "region", "0.5", "", "", "", "0.5"]
    assert of_country[:10] == ["B", "", 2010, "inflow", "country", "0.25", "", "", "", "0.2"]


def test_absent_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="ICSID"):
        extract_icsid(tmp_path, tmp_path / "raw")
    (tmp_path / WORKBOOK).write_text("no workbook", "utf-8")
    with pytest.raises(LayoutError, match="not a workbook"):
        extract_icsid(tmp_path, tmp_path / "raw")
    with pytest.raises(MissingInputError, match="fdi_industry_shares"):
        load_fdi_shares(tmp_path)


def test_the_sidecar_attributes_and_holds_no_level(root: Path) -> None:
    about = read_yaml(root / "data/raw/icsid/v121/fdi_industry_shares.yml")
    assert "ICSID" in about["publisher"]
    assert "no level" in about["licence"]
    assert len(about["region_shares_left_blank"]) == 2
    frame = load_fdi_shares()
    assert frame[["share_of_region", "share_of_country"]].max().max() < 4


@pytest.mark.shared
def test_extracting_again_changes_no_byte(shared: Path, root: Path, tmp_path: Path) -> None:
    (path,) = extract_icsid(shared / "data", tmp_path)
    stored = root / "data" / "raw" / path.relative_to(tmp_path)
    assert path.read_bytes() == stored.read_bytes()
    assert path.with_suffix(".yml").read_bytes() == stored.with_suffix(".yml").read_bytes()


@pytest.mark.shared
def test_the_sum_of_regions_is_the_published_total_of_russia(shared: Path) -> None:
    path = next((shared / "data").rglob(WORKBOOK))
    grid = icsid.open_workbook(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    country = icsid._country(read_investment(grid))
    # Rosstat's totals, million dollars: direct investment received, accumulated at the end
    for key, total in {
        (2007, "inflow"): 27797,
        (2008, "inflow"): 27027,
        (2011, "inflow"): 18415,
        (2011, "stock"): 139150,
    }.items():
        assert round(country[key]["total"] / 1000) == total
