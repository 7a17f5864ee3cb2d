"""The frame that an estimator takes, from the real panel and from hand-made rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis import regions, sanctions, studies
from valley_analysis.errors import DesignError, UnknownSeriesError

MAIN = "imports_far_grp"


@pytest.fixture(scope="module")
def exposures(latest: pd.DataFrame) -> dict[int, sanctions.ExposureResult]:
    scope = regions.scope()
    return {
        wave: sanctions.exposure(latest, sanctions.find_exposure(MAIN, wave), scope)
        for wave in sanctions.waves()
    }


def frame_of(latest, exposures, outcome: str, wave: int = 2022, **more):
    return sanctions.estimation_frame(
        latest, outcome, sanctions.find_wave(wave), [exposures[wave]], regions.scope(), **more
    )


def test_one_row_a_region_and_year_with_everything_fixed_before_the_wave(latest, exposures) -> None:
    found = frame_of(latest, exposures, "rd_staff", hosts=["RU-TUL"])
    frame = found.frame
    assert found.years == (2016, 2024)
    assert len(frame) == 83 * 9
    assert not frame.duplicated(["region", "year"]).any()
    fixed = [MAIN, "host", "resource", "district", *sanctions.CONTROLS]
    assert frame.groupby("region")[fixed].nunique().max().max() == 1
    assert frame.loc[frame["host"] == 1, "region"].unique().tolist() == ["RU-TUL"]
    tula = frame[(frame["region"] == "RU-TUL") & (frame["year"] == 2021)].iloc[0]
    assert tula["y"] == pytest.approx(np.log(tula["value"]))


def test_an_outcome_keeps_to_one_method(latest, exposures) -> None:
    """Innovation activity changed its method in 2017: before 2014 and after 2022 are two series."""
    early = frame_of(latest, exposures, "innovation_activity", 2014)
    late = frame_of(latest, exposures, "innovation_activity", 2022)
    assert (early.method, early.years[1]) == ("oslo3", 2017)
    assert (late.method, late.years[0]) == ("oslo4", 2017)


def test_a_count_stays_a_count_and_a_zero_has_no_logarithm(latest, exposures) -> None:
    counts = frame_of(latest, exposures, "technologies_developed")
    assert counts.family == "poisson"
    assert (counts.frame["y"] == 0).any()
    logs = frame_of(latest, exposures, "rd_staff").frame
    assert logs.loc[logs["value"] == 0, "y"].isna().all()


def test_an_outcome_that_ends_before_the_wave_is_refused(latest, exposures, monkeypatch) -> None:
    from valley_analysis.sanctions import estimation, outcomes

    trade = outcomes.find_outcome("rd_staff").model_copy(update={"series": "exports_cis"})
    monkeypatch.setattr(estimation, "find_outcome", lambda name: trade)
    with pytest.raises(DesignError, match="no year from 2022 on is published"):
        frame_of(latest, exposures, "exports_cis")


def test_an_exposure_of_another_scope_is_refused(latest, exposures) -> None:
    with pytest.raises(DesignError, match="scope recognised; the frame has rosstat"):
        sanctions.estimation_frame(
            latest,
            "rd_staff",
            sanctions.find_wave(2022),
            [exposures[2022]],
            regions.scope("rosstat"),
        )


def test_an_unknown_outcome_lists_the_known_ones() -> None:
    with pytest.raises(UnknownSeriesError, match="there are rd_staff, researchers"):
        sanctions.find_outcome("happiness")


def test_samples_leave_out_what_they_say(latest, exposures) -> None:
    frame = frame_of(latest, exposures, "innovative_goods").frame
    without = frame.loc[~frame["no_capitals"].astype(bool), "region"].unique()
    assert set(without) == {"RU-MOW", "RU-SPE"}
    balanced = frame[frame["balanced"]]
    assert balanced.groupby("region")["y"].count().eq(frame["year"].nunique()).all()
    assert {"RU-KHM", "RU-YAN", "RU-SAK"} <= set(frame.loc[frame["resource"] == 1, "region"])


def test_the_outcomes_share_no_series_with_the_exposure(latest, exposures) -> None:
    for outcome in sanctions.load_outcomes():
        parts = frame_of(latest, exposures, outcome, 2014).parts
        assert not set(parts["y"]) & set(parts[MAIN]), outcome


def test_every_outcome_is_a_series_of_the_panel_and_speaks_both_languages() -> None:
    from valley_analysis.panel import load_series

    for name, outcome in sanctions.load_outcomes().items():
        assert outcome.series in load_series(), name
        for text in filter(None, (outcome.name, outcome.caveat)):
            assert any("а" <= letter <= "я" for letter in text.ru.lower())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"id": "ofac_2023"}, "ofac_2023: listings are post-treatment"),
        ({"periods": (2020, 2022)}, "measured in 2022, not before the wave of 2022"),
    ],
)
def test_an_exposure_that_the_wave_could_have_moved_enters_no_model(
    latest, exposures, changed, told
) -> None:
    """The wave's own counts and years are refused where the frame of every model is laid out."""
    late = replace(exposures[2022], spec=replace(exposures[2022].spec, before=None, **changed))
    with pytest.raises(DesignError, match=told):
        frame_of(latest, {2022: late}, "rd_staff")


def test_counts_of_listings_are_refused_by_every_way_to_a_model(latest, exposures) -> None:
    found = frame_of(latest, exposures, "rd_staff")
    columns = {"exposure": MAIN, "controls": (), "parts": dict(found.parts)}
    studies.WaveData(found, exposures[2022], columns)
    for wrong in (
        {"exposure": "ofac_entries"},
        {"controls": "OFAC_2023"},
        {"controls": ["log_population", "ofac_entries"]},
        {"weights": "ofac_entries"},
        {"parts": {MAIN: ("ofac_entries", "grp")}},
    ):
        with pytest.raises(DesignError, match="listings are post-treatment"):
            studies.WaveData(found, exposures[2022], columns | wrong)
    with pytest.raises(DesignError, match="listings are post-treatment"):
        sanctions.curve_choices(found, [MAIN, "ofac_entries"])
