"""The panel against figures read off the published tables by eye."""

import pandas as pd
import pytest

from valley_analysis.errors import MissingInputError
from valley_analysis.frames import FLAGS, SERIES
from valley_analysis.panel import load_panel, load_series, write_panel


def cell(frame, series, region, period, method=None):
    rows = frame[
        (frame["series"] == series) & (frame["region"] == region) & (frame["period"] == period)
    ]
    if method is not None:
        rows = rows[rows["method"] == method]
    assert len(rows) == 1, rows
    return rows.iloc[0]


@pytest.mark.parametrize(
    ("series", "region", "period", "method", "value", "flag"),
    [
        ("rd_organisations", "RU", 2022, None, 4195, "observed"),  # 18.1, X6
        ("rd_organisations", "RU-BEL", 2021, None, 31, "observed"),
        ("population_end", "RU", 2022, None, 146_447_400, "observed"),  # thousand people
        ("technologies_used", "RU", 2022, None, 269_541, "observed"),
        ("innovation_activity", "RU", 2017, "oslo3", 8.5, "observed"),
        ("innovation_activity", "RU", 2017, "oslo4", 14.605187775341275, "observed"),
        ("innovation_activity", "RU", 2024, "oslo4", 12.527458207677128, "observed"),
        ("rd_staff", "RU", 2024, None, 675_696, "observed"),
        ("technologies_developed", "RU-BRY", 2007, None, None, "suppressed"),
        ("technologies_developed", "RU-BRY", 2001, None, 0, "absent"),  # a dash, countable
        ("rd_expenditure", "RU-YEV", 2022, None, None, "suppressed"),
        ("exports_far", "RU-TUL", 2022, None, None, "closed"),
        ("students", "RU", 2022, None, 4_130_000, "observed"),  # 2022/2023
        ("unemployment_rate", "RU-IN", 2022, None, 28.5, "observed"),
        ("innovative_goods_share", "RU-SAK", 2014, None, 60.1, "observed"),
    ],
)
def test_figures_read_off_the_tables(latest, series, region, period, method, value, flag):
    row = cell(latest, series, region, period, method)
    assert row["flag"] == flag
    assert pd.isna(row["value"]) if value is None else row["value"] == value


def test_the_panel_keeps_its_contract(panel):
    SERIES.check(panel)
    assert set(panel["flag"]) <= set(FLAGS)
    assert set(panel["series"]) == set(load_series())
    assert panel["period"].between(2000, 2024).all()
    unvalued = panel[panel["value"].isna()]["flag"]
    assert not {"observed", "derived", "corrected"} & set(unvalued)


def test_growth_printed_as_times_is_percent(latest):
    row = cell(latest, "investment_volume_index", "RU-KL", 2001)
    rows = latest[latest["series"] == "investment_volume_index"]
    assert row["value"] > 0
    assert rows["value"].max() >= 200  # "в 2,4 р." is 240, not 2.4
    assert rows["value"].min() > 5


def test_regions_count_from_the_year_they_are_published(latest):
    crimea = latest[latest["region"].isin(["UA-43", "UA-40"])]
    assert crimea["period"].min() == 2014
    assert len(crimea[crimea["series"] == "patents"]) == 2 * 9


def test_remainders_are_derived_where_no_row_prints_them(latest):
    early = cell(latest, "grp", "RU-TYU-X", 2005)
    parts = [cell(latest, "grp", r, 2005)["value"] for r in ("RU-TYU", "RU-KHM", "RU-YAN")]
    assert early["flag"] == "derived"
    assert early["value"] == pytest.approx(parts[0] - parts[1] - parts[2])
    printed = cell(latest, "grp", "RU-TYU-X", 2021)
    assert printed["flag"] == "observed"
    rate = cell(latest, "investment_volume_index", "RU-ARK-X", 2005)
    assert (rate["flag"], pd.isna(rate["value"])) == ("unavailable", True)


def test_a_remainder_of_a_suppressed_part_is_never_derived(latest):
    wide = latest.astype({"region": "str"}).pivot_table(
        index=["series", "period", "method"],
        columns="region",
        values="flag",
        aggfunc="first",
        observed=True,
    )
    hidden = wide["RU-NEN"].eq("suppressed")
    assert hidden.sum() > 10
    assert not wide.loc[hidden, "RU-ARK-X"].eq("derived").any()


def test_the_written_panel_loads_back(panel, tmp_path):
    write_panel(panel, tmp_path)
    assert load_panel("all", tmp_path).equals(panel)
    newest = load_panel(processed=tmp_path)
    assert not newest.duplicated(["series", "region", "period", "method"]).any()
    old = load_panel("2023-12", tmp_path)
    assert set(old["vintage"]) == {"2023-12"}
    assert old["period"].max() == 2022


def test_a_panel_that_was_not_built_says_how(tmp_path):
    with pytest.raises(MissingInputError, match="valley build"):
        load_panel(processed=tmp_path)
