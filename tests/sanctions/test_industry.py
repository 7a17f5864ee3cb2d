"""Shift-share inputs: shares by hand, remainders, shocks from the register of measures."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.errors import DesignError, FrameError, PeriodError, RegisterError
from valley_analysis.frames import Scope
from valley_analysis.sanctions import (
    effective_number,
    load_industries,
    load_measures,
    shift_share,
    shocks,
)
from valley_analysis.sanctions.industry import REGISTER
from valley_analysis.sources.icsid import load_fdi_shares

TWO = Scope("two", ("RU-TUL", "RU-KLU"))
LABELS = {"Тульская область": 0.25, "Калужская область": 0.75}


def table(
    shares: dict[tuple[str, int], dict[str, float]], country: dict[str, float]
) -> pd.DataFrame:
    """(label, year) -> industry -> share of the region, with the label's share of the country."""
    rows = []
    for (label, year), parts in shares.items():
        for industry, share in {**parts, "total": sum(parts.values())}.items():
            whole = country[label] if industry == "total" else float("nan")
            rows.append((label, year, "inflow", industry, share, whole))
    columns = ["label", "year", "measure", "industry", "share_of_region", "share_of_country"]
    return pd.DataFrame(rows, columns=columns)


WORLD = table(
    {
        ("Тульская область", 2010): {"d": 1.0},
        ("Тульская область", 2011): {"d": 0.5, "g": 0.5},
        ("Калужская область", 2010): {"d": 0.2, "c": 0.8},
    },
    LABELS,
)


def test_shares_are_levels_summed_over_years():
    found = shift_share(WORLD, 2014, TWO)
    assert found.shares.loc["RU-TUL", ["c", "d", "g"]].tolist() == pytest.approx([0, 0.75, 0.25])
    assert found.shares.loc["RU-KLU", ["c", "d", "g"]].tolist() == pytest.approx([0.8, 0.2, 0])
    assert found.years.to_dict() == {"RU-TUL": 2, "RU-KLU": 1}


def test_the_exposure_is_the_share_of_targeted_industries():
    found = shift_share(WORLD, 2014, TWO)
    assert found.shock[["c", "d", "g"]].tolist() == [1, 1, 0]
    assert found.exposure.to_dict() == pytest.approx({"RU-TUL": 0.75, "RU-KLU": 1.0})
    assert found.exposure.name == "fdi_industry_2014"


def test_the_number_of_shocks_by_hand():
    found = shift_share(WORLD, 2014, TWO)
    # average weights: c .4, d .475, g .125
    assert found.effective_shocks == pytest.approx(1 / (0.4**2 + 0.475**2 + 0.125**2))
    assert list(found.importance.index[:2]) == ["d", "c"]
    assert found.exploratory
    assert "exploratory" in found.text()
    assert "разведочная" in found.text("ru")


def test_weights_of_regions_count_in_the_number_of_shocks():
    found = shift_share(WORLD, 2014, TWO, weights=pd.Series({"RU-TUL": 1.0, "RU-KLU": 0.0}))
    assert found.effective_shocks == pytest.approx(1 / (0.75**2 + 0.25**2))


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=30))
def test_the_effective_number_lies_between_one_and_the_number(weights):
    found = effective_number(pd.Series(weights))
    assert 1 - 1e-9 <= found <= len(weights) + 1e-9
    assert effective_number(pd.Series(weights) * 7) == pytest.approx(found)


def test_a_year_whose_industries_do_not_add_up_is_left_out():
    gap = table({("Тульская область", 2012): {"d": 0.1, "c": 0.3}}, LABELS)
    found = shift_share(pd.concat([WORLD, gap]), 2014, TWO)
    assert found.shares.equals(shift_share(WORLD, 2014, TWO).shares)


def test_an_oblast_is_taken_without_its_okrugs():
    country = {
        "Тюменская область": 0.6,
        "Ханты-Мансийский авт.округ-Югра": 0.3,
        "Ямало-Ненецкий авт.округ": 0.1,
    }
    world = table(
        {
            ("Тюменская область", 2010): {"c": 0.5, "d": 0.5},
            ("Ханты-Мансийский авт.округ-Югра", 2010): {"c": 2 / 3, "d": 1 / 3},
            ("Ямало-Ненецкий авт.округ", 2010): {"c": 1.0},
        },
        country,
    )
    scope = Scope("three", ("RU-TYU-X", "RU-KHM", "RU-YAN"))
    found = shift_share(world, 2014, scope)
    # c: .3 - .2 - .1 = 0, d: .3 - .1 = .2
    assert found.shares.loc["RU-TYU-X", ["c", "d"]].tolist() == pytest.approx([0, 1])
    partly = shift_share(world[world["label"] != "Ямало-Ненецкий авт.округ"], 2014, scope)
    assert "RU-TYU-X" not in partly.shares.index
    assert "2 of 3 units have no complete figures" in partly.text()


def test_shares_must_be_of_years_before_the_wave():
    with pytest.raises(DesignError, match=r"years \[2014\] are not before the wave of 2014"):
        shift_share(WORLD, 2014, TWO, years=(2013, 2014))
    with pytest.raises(DesignError, match="no unit of scope two has stock"):
        shift_share(WORLD, 2014, TWO, measure="stock")
    with pytest.raises(FrameError, match="no column measure"):
        shift_share(WORLD.drop(columns="measure"), 2014, TWO)
    with pytest.raises(PeriodError):
        shocks(2018)


@pytest.mark.parametrize(
    ("wave", "targeted"), [(2014, {"c", "d", "j"}), (2022, {"c", "d", "i", "j", "k", "m"})]
)
def test_which_industries_were_targeted(wave, targeted):
    found = shocks(wave, "ru")
    assert set(found.index[found["targeted"] == 1]) == targeted
    assert set(found["targeted"]) == {0.0, 1.0}
    assert found.loc[found["targeted"] == 0, "since"].isna().all()
    assert (found.loc[sorted(targeted), "since"].dt.year == wave).all()
    assert found["reason"].str.contains("[а-я]", regex=True).all()


def test_a_shock_begins_with_its_first_measure_in_force():
    assert str(shocks(2022).loc["d", "since"].date()) == "2022-02-24"
    ids = shocks(2022).loc["j", "measures"]
    assert min(load_measures()[one].in_force.date for one in ids).isoformat() == "2022-02-24"


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("[eu-2022-p9]", "[eu-2022-p99]", "no measure eu-2022-p99"),
        ("[eu-2022-p9]", "[us-2024-06-12]", "no sanction of the onset of 2022"),
        ("[eu-2022-p9]", "[ru-2022-506]", "no sanction of the onset of 2022"),
        ("2014: [us-2014-07-29,", "2018: [us-2014-07-29,", "no wave 2018"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_line(tmp_path, old, new, text):
    content = REGISTER.read_text("utf-8")
    line = content[: content.index(old)].count("\n") + 1
    path = tmp_path / "industries.yml"
    path.write_text(content.replace(old, new, 1), "utf-8")
    with pytest.raises(RegisterError, match=rf"line {line}: c: .*{text}"):
        load_industries(path)


@pytest.fixture(scope="module")
def investment() -> pd.DataFrame:
    return load_fdi_shares()


def test_the_real_table_has_four_shocks_not_twenty(investment, recognised):
    found = shift_share(investment, 2022, recognised)
    assert found.shares.sum(axis=1).to_numpy() == pytest.approx(1)
    assert len(found.shares) == 79
    assert found.effective_shocks == pytest.approx(4.1, abs=0.1)
    assert found.exploratory
    assert found.importance.index[0] == "d"
    assert found.exposure.between(0, 1 + 1e-12).all()


def test_every_industry_of_the_table_has_an_entry(investment):
    assert set(load_industries()) == set(investment["industry"]) - {"total"}
