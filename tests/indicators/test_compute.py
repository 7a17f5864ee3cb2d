"""Indicators against arithmetic done by hand on published figures."""

import pandas as pd
import pytest

from valley_analysis.errors import MissingInputError, UnknownSeriesError
from valley_analysis.frames import INDICATORS
from valley_analysis.indicators import (
    Prices,
    compute_indicators,
    indicator_coverage,
    load_catalogue,
    load_indicators,
)
from valley_analysis.indicators.build import write_indicators
from valley_analysis.regions import units


def panel_of(*rows: tuple) -> pd.DataFrame:
    columns = ["region", "period", "series", "value", "flag", "method"]
    filled = [(*row, *("observed", "")[len(row) - 4 :]) for row in rows]
    frame = pd.DataFrame(filled, columns=columns)
    return frame.assign(vintage="2023-12", source="t")


def catalogue_of(*names: str):
    return {name: load_catalogue()[name] for name in names}


def value(frame, indicator, region, period, column="value"):
    rows = frame[
        (frame["indicator"] == indicator)
        & (frame["region"] == region)
        & (frame["period"] == period)
    ]
    assert len(rows) == 1
    return rows.iloc[0][column]


def test_patents_per_100_000_of_tula_by_hand(latest, indicators):
    cells = latest[(latest["region"] == "RU-TUL") & (latest["period"] == 2021)]
    cells = cells.set_index("series")["value"]
    by_hand = 100_000 * cells["patents"] / cells["population_mean"]
    assert value(indicators, "patents_per_100k", "RU-TUL", 2021) == pytest.approx(by_hand)


def test_an_unscaled_indicator_is_the_series(indicators):
    assert value(indicators, "unemployment_rate", "RU-IN", 2022) == 28.5
    assert value(indicators, "innovation_activity", "RU", 2017, "method") == "oslo4"
    assert value(indicators, "innovation_activity", "RU", 2016, "method") == "oslo3"


def test_relative_indicators_are_one_for_the_country(indicators):
    rows = indicators[
        indicators["indicator"].isin(["imports_relative", "exports_relative"])
        & (indicators["region"] == "RU")
    ]
    assert rows["value"].dropna().to_numpy() == pytest.approx(1.0)
    assert value(indicators, "imports_relative", "RU-KGD", 2021) > 5  # the exclave imports


def test_money_is_in_prices_of_the_base_year():
    panel = panel_of(
        ("RU", 2020, "cpi", 110.0),
        ("RU", 2021, "cpi", 110.0),
        ("RU-TUL", 2020, "grp", 1000.0),
        ("RU-TUL", 2021, "grp", 1100.0),
        ("RU-TUL", 2020, "employed", 10.0),
        ("RU-TUL", 2021, "employed", 10.0),
    )
    frame = compute_indicators(panel, catalogue_of("grp_per_employed"))
    assert value(frame, "grp_per_employed", "RU-TUL", 2021) == pytest.approx(110_000)
    assert value(frame, "grp_per_employed", "RU-TUL", 2020) == pytest.approx(110_000)
    older = compute_indicators(panel, catalogue_of("grp_per_employed"), prices=Prices(base=2020))
    assert value(older, "grp_per_employed", "RU-TUL", 2021) == pytest.approx(100_000)


def test_a_suppressed_numerator_is_bounded_and_never_valued():
    panel = panel_of(
        ("RU-CHU", 2021, "rd_staff", float("nan"), "suppressed"),
        ("RU-CHU", 2021, "employed", 50_000.0),
    )
    bounds = pd.DataFrame(
        [{"region": "RU-CHU", "period": 2021, "series": "rd_staff", "low": 0.0, "high": 25.0}]
    )
    frame = compute_indicators(panel, catalogue_of("rd_staff_per_10k_employed"), bounds)
    row = frame.iloc[0]
    assert pd.isna(row["value"])
    assert (row["flag"], row["low"], row["high"]) == ("suppressed", 0.0, pytest.approx(5.0))


def test_a_period_under_two_methods_uses_the_one_that_goes_on():
    panel = panel_of(
        ("RU-TUL", 2016, "innovation_activity", 8.0, "observed", "oslo3"),
        ("RU-TUL", 2017, "innovation_activity", 9.0, "observed", "oslo3"),
        ("RU-TUL", 2017, "innovation_activity", 15.0, "observed", "oslo4"),
        ("RU-TUL", 2018, "innovation_activity", 14.0, "observed", "oslo4"),
    )
    frame = compute_indicators(panel, catalogue_of("innovation_activity"))
    assert frame.set_index("period")["value"].to_dict() == {2016: 8.0, 2017: 15.0, 2018: 14.0}


def test_a_denominator_of_zero_gives_no_value():
    panel = panel_of(
        ("RU-NEN", 2021, "researchers_degree", 0.0, "absent"),
        ("RU-NEN", 2021, "researchers", 0.0, "absent"),
    )
    frame = compute_indicators(panel, catalogue_of("researchers_degree_share"))
    assert frame["value"].isna().all()
    assert frame["flag"].tolist() == ["absent"]


def test_flags_say_the_gravest_of_the_inputs():
    panel = panel_of(
        ("RU-TYU-X", 2005, "grp", 10.0, "derived"),
        ("RU-TYU-X", 2005, "rd_expenditure", 1.0),
    )
    frame = compute_indicators(panel, catalogue_of("rd_expenditure_share"))
    assert frame["flag"].tolist() == ["derived"]
    assert frame["inputs"].tolist() == ["rd_expenditure@2023-12 grp@2023-12"]


def test_a_formula_without_its_series_is_an_error():
    with pytest.raises(UnknownSeriesError, match="patents_per_100k needs patents"):
        compute_indicators(panel_of(("RU", 2021, "cpi", 1.0)), catalogue_of("patents_per_100k"))


def test_the_built_frame_keeps_its_contract(indicators):
    INDICATORS.check(indicators)
    assert set(indicators["indicator"]) == set(load_catalogue())
    valued = indicators["value"].notna()
    assert not indicators.loc[~valued, "flag"].isin(["observed", "derived"]).any()
    assert (indicators.loc[valued, "low"] == indicators.loc[valued, "value"]).all()


def test_every_scored_indicator_covers_most_units_in_2021(indicators):
    coverage = indicator_coverage(indicators, units())
    scored = [name for name, item in load_catalogue().items() if item.direction]
    assert (coverage.loc[scored, 2021] >= 55).all()
    assert (coverage.loc[scored, 2021] >= 80).mean() > 0.9


def test_indicators_load_back(indicators, tmp_path):
    with pytest.raises(MissingInputError, match="valley build"):
        load_indicators(tmp_path)
    write_indicators(indicators, tmp_path)
    assert load_indicators(tmp_path).equals(indicators)


def test_regional_prices_move_regions_not_the_country(latest):
    chosen = catalogue_of("investment_per_person")
    national = compute_indicators(latest, chosen)
    regional = compute_indicators(latest, chosen, prices=Prices(deflator="regional"))
    for frame in (national, regional):
        assert value(frame, "investment_per_person", "RU", 2010) > 0
    assert value(national, "investment_per_person", "RU", 2010) == pytest.approx(
        value(regional, "investment_per_person", "RU", 2010)
    )
    assert value(national, "investment_per_person", "RU-TUL", 2010) != pytest.approx(
        value(regional, "investment_per_person", "RU-TUL", 2010), rel=1e-3
    )
