"""Which outcome can be looked at for which wave: rules on small frames, and the real panel."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError, FrameError
from valley_analysis.frames import Scope
from valley_analysis.sanctions import availability, availability_label, find_wave, waves

TWO = Scope("two", ("RU-TUL", "RU-KLU"))
WAVE = {2022: find_wave(2022)}


def years(series: str, span: range, method: str = "", regions: tuple[str, ...] = TWO.units):
    rows = [(region, year, series, method, 1.0) for region in regions for year in span]
    return pd.DataFrame(rows, columns=["region", "period", "series", "method", "value"])


def row(frame: pd.DataFrame, **options: float) -> pd.Series:
    return availability(frame, [str(frame["series"].iloc[0])], WAVE, TWO, **options).iloc[0]


@pytest.mark.parametrize(
    ("last", "label", "post"),
    [
        (2021, "none", 0),
        (2022, "first_year_change", 1),
        (2023, "post_years", 2),
        (2024, "post_years", 3),
    ],
)
def test_the_label_follows_from_the_last_year(last, label, post):
    found = row(years("x", range(2015, last + 1)))
    assert (found["label"], found["post_years"], found["pre_years"]) == (label, post, 7)
    assert (found["first"], found["last"]) == (2015, last)
    assert found["part_treated"] == ((2022,) if post else ())


def test_years_beyond_the_wave_do_not_count():
    assert row(years("x", range(2015, 2030)))["last"] == 2024


def test_a_year_needs_half_of_the_units_or_what_is_asked():
    frame = pd.concat(
        [years("x", range(2015, 2023)), years("x", range(2023, 2025), regions=("RU-TUL",))]
    )
    assert row(frame)["post_years"] == 3
    assert row(frame)["units_post"] == 1
    assert row(frame, least=0.9)["post_years"] == 1


def test_missing_values_and_foreign_regions_are_no_evidence():
    frame = pd.concat(
        [years("x", range(2015, 2022)), years("x", range(2022, 2024), regions=("RU", "RU-MOW"))]
    )
    frame.loc[frame["period"] == 2015, "value"] = np.nan
    found = row(frame)
    assert (found["first"], found["post_years"]) == (2016, 0)


def test_years_before_and_after_are_of_one_method():
    frame = pd.concat([years("x", range(2010, 2022), "old"), years("x", range(2017, 2025), "new")])
    found = row(frame)
    assert (found["method"], found["pre_years"], found["post_years"]) == ("new", 5, 3)


def test_a_method_without_years_before_gives_nothing():
    frame = pd.concat([years("x", range(2010, 2022), "old"), years("x", range(2022, 2025), "new")])
    found = row(frame)
    assert (found["method"], found["label"]) == ("old", "none")
    only_after = row(years("x", range(2022, 2025)))
    assert only_after["label"] == "none"
    assert pd.isna(only_after["first"])


def test_an_unknown_outcome_and_a_missing_column_are_named():
    with pytest.raises(DesignError, match="no series 'patent'"):
        availability(years("patents", range(2015, 2020)), ["patent"], WAVE, TWO)
    with pytest.raises(FrameError, match="no column value"):
        availability(years("x", range(2015, 2020)).drop(columns="value"), ["x"], WAVE, TWO)


@pytest.mark.parametrize(
    ("outcomes", "label", "post", "last"),
    [
        (
            *(("rd_staff", "researchers", "technologies_developed", "technologies_used"),),
            *("post_years", 3, 2024),
        ),
        (("innovative_goods", "innovation_activity"), "post_years", 3, 2024),
        (("rd_expenditure", "patents", "investment", "wage"), "first_year_change", 1, 2022),
        (("fdi_in", "grp", "imports_far", "exports_far"), "none", 0, 2021),
    ],
)
def test_the_real_panel_after_2022(latest, recognised, outcomes, label, post, last):
    table = availability(latest, outcomes, WAVE, recognised)
    assert set(table["label"]) == {label}
    assert set(table["post_years"]) == {post}
    assert set(table["last"]) == {last}


def test_innovation_activity_is_another_method_in_each_wave(latest, recognised):
    table = availability(latest, ["innovation_activity"], waves(), recognised).set_index("wave")
    assert table["method"].to_dict() == {2014: "oslo3", 2022: "oslo4"}
    assert table["last"].to_dict() == {2014: 2017, 2022: 2024}


def test_labels_in_words():
    assert availability_label("first_year_change", 1) == "first-year change"
    assert availability_label("post_years", 3, "ru") == "лет после начала волны: 3"
