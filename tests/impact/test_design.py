"""What makes an effect impossible to estimate is said before anything is fitted."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact import panel_fit
from valley_analysis.impact.bacon import bacon_decomposition
from valley_analysis.impact.did import difference_in_differences
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.imputation import imputation

EVENT = {"unit": "region", "period": "year", "outcome": "y", "exposure": "x", "reference": 2013}
COHORT = {"unit": "region", "period": "year", "outcome": "y", "cohort": "since"}


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    rows = [(f"R{u}", t) for u in range(12) for t in range(2011, 2017)]
    frame = pd.DataFrame(rows, columns=["region", "year"])
    number = frame["region"].str[1:].astype(int)
    frame["x"] = number / 12
    frame["size"] = (number * 7) % 5 + 1.0
    frame["y"] = rng.normal(size=len(frame))
    frame["district"] = np.where(number < 6, "north", "south")
    frame["since"] = np.where(number < 5, 2014.0, np.nan)
    frame["flag"] = "observed"
    return frame


@pytest.fixture
def no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test if a design that should be refused reaches the fit."""

    def reached(name: str) -> None:
        raise AssertionError(f"{name} was called although the design is impossible")

    monkeypatch.setattr(panel_fit, "library", reached)


def at(frame: pd.DataFrame, region: str, year: int) -> pd.Series:
    return frame["region"].eq(region) & frame["year"].eq(year)


def refused(frame: pd.DataFrame, **changes: object) -> str:
    with pytest.raises(DesignError) as caught:
        event_study(frame, **{**EVENT, **changes})
    return str(caught.value)


@pytest.mark.usefixtures("no_fit")
class TestEventStudyRefuses:
    def test_contemporaneous_control(self) -> None:
        frame = panel().assign(grp=lambda f: f["size"])
        frame.loc[at(frame, "R3", 2015), "grp"] += 1
        said = refused(frame, controls="grp")
        assert "column 'grp' (control), unit 'R3': changes in period 2015" in said
        assert "contemporaneous control" in said

    def test_imputed_cells(self) -> None:
        frame = panel()
        frame.loc[at(frame, "R4", 2012), "flag"] = "imputed"
        assert "column 'y', unit 'R4', period 2012: imputed" in refused(frame, flag="flag")

    def test_imputed_cells_in_columns_of_any_name(self) -> None:
        frame = panel().rename(columns={"region": "region code", "year": "year of account"})
        frame["flag"] = "imputed"
        said = refused(frame, unit="region code", period="year of account", flag="flag")
        assert "unit 'R0', period 2011: imputed" in said

    def test_shared_denominator(self) -> None:
        parts = {"y": ["used technologies", "grp"], "x": ["imports", "grp"]}
        said = refused(panel(), parts=parts)
        assert "column 'y': shares grp with exposure 'x'" in said

    def test_absent_reference(self) -> None:
        said = refused(panel(), reference=2010)
        assert "column 'year': reference period 2010 is absent; found 2011, 2012" in said

    def test_exposure_that_varies_in_time(self) -> None:
        frame = panel()
        frame.loc[at(frame, "R2", 2014), "x"] = 9.0
        assert "column 'x' (exposure), unit 'R2': changes in period 2014" in refused(frame)

    def test_singleton_cluster(self) -> None:
        frame = panel()
        frame.loc[frame["region"] == "R11", "district"] = "island"
        said = refused(frame, cluster="district")
        assert "column 'district': clusters of a single unit, island" in said

    def test_one_cluster(self) -> None:
        frame = panel().assign(district="all")
        assert "column 'district': one cluster only" in refused(frame, cluster="district")

    def test_collinear_control(self) -> None:
        frame = panel().assign(doubled=lambda f: 2 * f["x"] + 1)
        said = refused(frame, controls=("size", "doubled"))
        assert "column 'doubled': collinear with 'x', 'size'" in said

    def test_all_missing_outcome(self) -> None:
        assert "column 'y': no row has a value" in refused(panel().assign(y=np.nan))

    def test_unit_and_period_that_stand_twice(self) -> None:
        frame = panel()
        twice = pd.concat([frame, frame[at(frame, "R5", 2012)]])
        assert "unit 'R5', period 2012: stands more than once" in refused(twice)

    def test_infinite_outcome(self) -> None:
        frame = panel()
        frame.loc[at(frame, "R1", 2016), "y"] = np.inf
        assert "column 'y', unit 'R1', period 2016: infinite" in refused(frame)

    def test_outcome_on_both_sides(self) -> None:
        assert "column 'y': stands on both sides" in refused(panel(), exposure="y")

    def test_exposure_without_variation(self) -> None:
        assert "column 'x': the same for every unit" in refused(panel().assign(x=1.0))

    def test_exposure_without_variation_in_one_period(self) -> None:
        frame = panel()
        said = refused(frame[(frame["year"] != 2015) | (frame["region"] == "R3")])
        assert "2015" in said

    def test_reference_that_is_not_before_the_event(self) -> None:
        assert "reference 2013 is not before 2012" in refused(panel(), since=2012)
        assert "no period after the reference 2016" in refused(panel(), reference=2016)

    def test_event_of_another_kind_than_the_periods(self) -> None:
        assert "does not compare with the periods of 'year'" in refused(panel(), since="2014")

    def test_negative_outcome_of_a_count_model(self) -> None:
        assert "is below zero; family 'poisson'" in refused(panel(), family="poisson")

    def test_missing_columns_with_what_was_found(self) -> None:
        said = refused(panel(), weights="population")
        assert "no column 'population'; found region, year" in said

    def test_everything_at_once(self) -> None:
        frame = panel().assign(flag="imputed")
        frame.loc[at(frame, "R2", 2014), "x"] = 9.0
        said = refused(frame, flag="flag")
        assert "imputed" in said
        assert "changes in period 2014" in said


@pytest.mark.usefixtures("no_fit")
class TestCohortDesignsRefuse:
    ESTIMATORS = (group_time_att, imputation, bacon_decomposition)

    @pytest.mark.parametrize("estimator", ESTIMATORS)
    def test_treated_unit_without_pre_period(self, estimator: object) -> None:
        frame = panel()
        frame = frame[~(frame["region"].eq("R2") & frame["year"].lt(2014))]
        with pytest.raises(DesignError, match=r"unit 'R2': treated from 2014\.0, but its first"):
            estimator(frame, **COHORT)

    @pytest.mark.parametrize("estimator", ESTIMATORS)
    def test_unit_in_two_cohorts(self, estimator: object) -> None:
        frame = panel()
        frame.loc[at(frame, "R1", 2016), "since"] = 2015.0
        with pytest.raises(DesignError, match=r"unit 'R1': in two cohorts, 2014\.0, 2015\.0"):
            estimator(frame, **COHORT)

    @pytest.mark.parametrize("estimator", ESTIMATORS)
    def test_zero_as_a_mark_of_never_treated(self, estimator: object) -> None:
        with pytest.raises(DesignError, match="a unit that is never treated has no cohort"):
            estimator(panel().fillna({"since": 0.0}), **COHORT)

    @pytest.mark.parametrize("estimator", ESTIMATORS)
    def test_nobody_treated(self, estimator: object) -> None:
        with pytest.raises(DesignError, match="column 'since': no unit is treated"):
            estimator(panel().assign(since=2030.0), **COHORT)

    @pytest.mark.parametrize("estimator", ESTIMATORS)
    def test_cohort_of_another_kind_than_the_periods(self, estimator: object) -> None:
        frame = panel().assign(since="2014")
        with pytest.raises(DesignError, match="does not compare with the periods"):
            estimator(frame, **COHORT)


@pytest.mark.usefixtures("no_fit")
def test_difference_in_differences_needs_periods_on_both_sides() -> None:
    design = {name: EVENT[name] for name in ("unit", "period", "outcome", "exposure")}
    for since in (2000, 2030):
        with pytest.raises(DesignError, match=f"needs periods before and from {since} on"):
            difference_in_differences(panel(), **design, since=since)


def test_no_estimator_changes_the_callers_frame() -> None:
    frame = panel()
    before = frame.copy(deep=True)
    event_study(frame, **EVENT, controls="size")
    for estimator in TestCohortDesignsRefuse.ESTIMATORS:
        estimator(frame, **COHORT)
    pd.testing.assert_frame_equal(frame, before)
