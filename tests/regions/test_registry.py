import csv
from pathlib import Path

import pytest

from valley_analysis.errors import (
    DoubleCountError,
    PeriodError,
    RegisterError,
    UnknownRegionError,
    ValleyError,
)
from valley_analysis.regions import (
    check_disjoint,
    district_of,
    frame,
    load_registry,
    match_regions,
    name,
    region,
    regions,
    units,
)
from valley_analysis.regions.membership import load_moves
from valley_analysis.regions.register import HERE, read_registry

OKRUGS = {"RU-NEN": "RU-ARK", "RU-KHM": "RU-TYU", "RU-YAN": "RU-TYU"}


def test_scopes() -> None:
    assert (len(regions()), len(regions("rosstat"))) == (83, 85)
    assert {r.code for r in regions("rosstat")} - {r.code for r in regions()} == {"UA-43", "UA-40"}
    assert len(regions("rosstat", 2013)) == 83
    assert len(units("rosstat", 2014)) == 85
    with pytest.raises(ValleyError, match="expected recognised"):
        units("all")


@pytest.mark.parametrize("scope", ["recognised", "rosstat"])
def test_units_are_disjoint_and_cover_the_same_land(scope: str) -> None:
    check_disjoint(units(scope))
    oblasts = [r for r in regions(scope) if r.code not in OKRUGS]
    whole = sum(r.area_km2 or 0 for r in oblasts)
    parts = sum(region(code).area_km2 or 0 for code in units(scope))
    assert parts == pytest.approx(whole)


def test_areas_add_up_to_the_country() -> None:
    total = sum(region(code).area_km2 or 0 for code in units("rosstat"))
    assert total == pytest.approx(region("RU").area_km2, abs=200)


@pytest.mark.parametrize(
    ("codes", "pair"),
    [
        (["RU-ARK", "RU-NEN"], "RU-NEN (Nenets Autonomous Okrug) lies in RU-ARK"),
        (["RU-TYU", "RU-YAN", "RU-TUL"], "RU-YAN .* lies in RU-TYU"),
        (["RU-ARK", "RU-ARK-X"], "RU-ARK-X .* lies in RU-ARK "),
        (["FD-URAL", "RU-KHM"], "RU-KHM .* lies in FD-URAL"),
        (["FD-SIBERIAN", "RU-BU"], "RU-BU .* lies in FD-SIBERIAN"),
        (["RU", "RU-TUL"], "RU-TUL .* lies in RU "),
        (["RU", "FD-VOLGA"], "FD-VOLGA .* lies in RU "),
        (["RU-PER", "RU-KOP"], "RU-KOP .* lies in RU-PER"),
    ],
)
def test_double_counts_are_refused(codes: list[str], pair: str) -> None:
    with pytest.raises(DoubleCountError, match=pair.replace("(", r"\(").replace(")", r"\)")):
        check_disjoint(codes)


def test_disjoint_codes_pass() -> None:
    check_disjoint(["RU-ARK-X", "RU-NEN", "RU-TYU-X", "RU-KHM", "RU-YAN"])
    check_disjoint(["FD-URAL", "FD-VOLGA", "RU-TUL", "RU-TUL"])
    check_disjoint(["FD-SIBERIAN", "RU-BU"], period=2019)
    with pytest.raises(UnknownRegionError):
        check_disjoint(["RU-TLU"])


@pytest.mark.parametrize(
    ("code", "period", "district"),
    [
        ("RU-BU", None, "FD-FAREAST"),
        ("RU-ZAB", 2017, "FD-SIBERIAN"),
        ("RU-ZAB", 2018, "FD-FAREAST"),
        ("RU-CHI", 2005, "FD-SIBERIAN"),
        ("RU-STA", 2009, "FD-SOUTHERN"),
        ("RU-STA", 2010, "FD-NCAUCASUS"),
        ("UA-40", 2015, "FD-CRIMEAN"),
        ("UA-40", 2016, "FD-SOUTHERN"),
        ("RU-TYU-X", 2001, "FD-URAL"),
        ("FD-URAL", 2001, ""),
    ],
)
def test_districts_have_dates(code: str, period: int | None, district: str) -> None:
    assert district_of(code, period) == district


def test_no_district_before_there_was_one() -> None:
    with pytest.raises(PeriodError, match="2014 or later"):
        district_of("UA-43", 2013)
    with pytest.raises(PeriodError, match="2000 or later"):
        district_of("RU-TUL", 1999)


def test_moves_end_where_the_register_says() -> None:
    assert all(move.act.startswith("Decree") for move in load_moves())
    assert len(load_moves()) == 13


def test_names() -> None:
    assert name("RU-SA") == "Sakha Republic (Yakutia)"
    assert name("RU-SA", "ru", short=True) == "Якутия"
    with pytest.raises(UnknownRegionError, match="RU-TUL"):
        name("RU-TULA")
    with pytest.raises(ValleyError, match="lang"):
        name("RU-SA", "de")  # type: ignore[arg-type]


def test_frame_keeps_the_order_asked_for_and_belongs_to_the_caller() -> None:
    table = frame(["UA-43", "RU-TUL"])
    assert table["region"].tolist() == ["UA-43", "RU-TUL"]
    table.loc[0, "name_en"] = "changed"
    assert frame(["UA-43"])["name_en"].tolist() == ["Republic of Crimea"]
    assert len(frame()) == len(load_registry())
    assert frame(["RU-KDA"])["okato"].tolist() == ["03000000"]


def test_remainders_are_drawn_on_their_oblasts_tile() -> None:
    for okrugless, oblast in (("RU-ARK-X", "RU-ARK"), ("RU-TYU-X", "RU-TYU")):
        one, other = region(okrugless), region(oblast)
        assert (one.tile_row, one.tile_col) == (other.tile_row, other.tile_col)
        assert one.iso == oblast


def broken(tmp_path: Path, old: str, new: str) -> Path:
    text = (HERE / "registry.csv").read_text("utf-8")
    assert old in text
    path = tmp_path / "registry.csv"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("RU-BRY,region,RU-BRY", "RU-BEL,region,RU-BEL", "code 'RU-BEL' stands 2 times"),
        ("14000000,14000000", "14000000,1400000", "oktmo is '1400000'"),
        ("FD-CENTRAL,,27.1", "FD-CENTRE,,27.1", "district 'FD-CENTRE' is not"),
        ("FD-CENTRAL,,27.1,8,4", "FD-CENTRAL,,27.1,8,5", "is taken by RU-BEL"),
        (",27.1,", ",27,", "area_1000km2 is '27'"),
        ("Belg,Белг", "Belgorod,Белг", "longer than five"),
        ("2014-03-18", "2014-02-31", "since is '2014-02-31'"),
        ("RU-BEL,region", "RU-BEL,oblast", "kind is 'oblast'"),
        ("code,kind", "code,sort", "columns are"),
    ],
)
def test_a_broken_register_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(RegisterError) as caught:
        read_registry(broken(tmp_path, old, new))
    assert problem in str(caught.value)


@pytest.mark.shared
def test_codes_agree_with_the_crosswalk(shared: Path) -> None:
    path = shared / "region-codes" / "regions_crosswalk.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["iso_3166_2"]]
    assert len(rows) == 85
    for row in rows:
        found = region(row["iso_3166_2"])
        assert (found.okato, found.oktmo) == (row["okato"], row["oktmo"])
        assert found.name_ru == row["name_ru"]
        assert name(found.district, "ru") == row["federal_district"]


@pytest.mark.shared
def test_areas_agree_with_those_printed_before_2012(icsid_rows: list[list[object]]) -> None:
    codes = match_regions({str(row[3]) for row in icsid_rows})
    printed = {codes[str(row[3])]: row[5] for row in icsid_rows if isinstance(row[5], float)}
    ours = {code: region(code).area_km2 for code in printed}
    differ = {code for code, area in printed.items() if ours[code] != round(1000 * area)}
    assert differ - {code for code, area in ours.items() if area is None} == {"RU-MOW", "RU-MOS"}
    assert len(printed) > 80
