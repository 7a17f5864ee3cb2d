"""Fake dates, fake outcomes, early effects, permuted exposures; and the fit beneath all checks."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_examples import example_panel
from valley_analysis.impact.checks_model import Sample, check_alpha
from valley_analysis.impact.checks_placebo import (
    anticipation,
    placebo_date,
    placebo_outcome,
    randomisation,
)
from valley_analysis.impact.did import difference_in_differences, two_way
from valley_analysis.impact.inference import compare_inference
from valley_analysis.impact.randomisation import randomisation_inference
from valley_analysis.impact.sandwich import clustered

PANEL, NAMES = example_panel()


def moved(change) -> pd.DataFrame:
    """The clean panel with something added to its outcome."""
    return PANEL.assign(y=PANEL["y"] + change(PANEL))


def counts(seed: int = 3) -> pd.DataFrame:
    panel, _ = example_panel(seed=seed)
    rng = np.random.default_rng(seed)
    panel["w"] = rng.uniform(0.2, 2, len(panel))
    panel["y"] = rng.poisson(np.exp(panel["y"] - panel["x"] + 0.5)).astype(float)
    panel.loc[panel["unit"] == 4, "y"] = 0.0  # says nothing about ratios
    return panel.sample(frac=0.9, random_state=seed)


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
@pytest.mark.parametrize("more", [{}, {"weights": "w"}, {"controls": "size"}], ids=str)
def test_the_fast_fit_is_the_estimator(family, more):
    panel = counts()
    fitted = difference_in_differences(panel, **NAMES, family=family, **more)
    sample = Sample.of(panel, **NAMES, family=family, **more)
    assert sample.base.estimate == pytest.approx(fitted.estimate, abs=1e-8)
    assert clustered(sample.base, sample.clusters).se == pytest.approx(fitted.se, rel=1e-6)


def test_errors_follow_the_cluster():
    panel = counts().assign(district=lambda f: f["unit"] % 7)
    sample = Sample.of(panel, **NAMES, cluster="district")
    fitted = difference_in_differences(panel, **NAMES, cluster="district")
    assert clustered(sample.base, sample.clusters).se == pytest.approx(fitted.se)


def test_judgement_is_cr2_of_the_comparison_of_inference():
    table = compare_inference(PANEL, **NAMES, permutations=0, replications=0).table
    judged = Sample.of(PANEL, **NAMES).judged()
    assert judged.p_value == pytest.approx(table.loc["cr2_unit", "p_value"])


def test_a_regressor_that_separates_rows_of_zero_has_no_estimate():
    panel = PANEL.assign(y=np.where((PANEL["year"] >= 6) & (PANEL["unit"] < 3), 0.0, 5.0))
    panel["x"] = (panel["unit"] < 3) * 1.0
    with pytest.raises(DesignError, match="12 rows are fitted as zero"):
        assert Sample.of(panel, **NAMES, family="poisson").base


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_an_outcome_that_never_differs_is_refused_and_does_not_pass(family):
    panel = PANEL.assign(y=PANEL["y"] + 9, same=PANEL["year"] + 1.0)
    with pytest.raises(DesignError, match=r"'same'(.|\n)*leave nothing of it"):
        placebo_outcome(panel, placebo="same", **NAMES, family=family)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"since": 99}, "needs periods before and from 99 on"),
        ({"since": "2014"}, "since '2014' does not compare with the periods of 'year', int64"),
        ({"family": "poisson"}, "is below zero; 'poisson' takes zero and more"),
        ({"family": "logit"}, "family 'logit'"),
        ({"controls": "y"}, "stands on both sides"),
    ],
)
def test_a_design_that_cannot_be_estimated_is_refused(more, said):
    with pytest.raises(DesignError, match=said):
        placebo_date(PANEL, **{**NAMES, **more})


@pytest.mark.parametrize("alpha", [0.0, 1.0, 5])
def test_alpha_is_a_share(alpha):
    with pytest.raises(DesignError, match="alpha"):
        check_alpha(alpha)


class TestPlaceboDate:
    def test_passes_though_the_real_effect_is_large(self):
        check = placebo_date(moved(lambda f: 50 * f["x"] * (f["year"] >= 6)), **NAMES)
        assert check.status == "passed"
        assert check.facts["real"] == pytest.approx(51, abs=0.5)
        assert abs(check.facts["estimate"]) < 1

    def test_fails_where_exposed_units_were_moving_apart_already(self):
        check = placebo_date(moved(lambda f: 0.3 * f["x"] * f["year"]), **NAMES)
        assert check.status == "failed"
        assert set(check.facts["failed"]) <= {1, 2, 3, 4, 5}

    def test_a_date_is_the_regression_on_the_periods_before(self):
        before = PANEL[PANEL["year"] < 6]
        alone = difference_in_differences(before, **{**NAMES, "since": 3})
        table = placebo_date(PANEL, **NAMES).table
        assert table.index.tolist() == [1, 2, 3, 4, 5]
        assert table.loc[3, "estimate"] == pytest.approx(alone.estimate)

    def test_one_date_needs_no_adjustment(self):
        table = placebo_date(PANEL, fake=3, **NAMES).table
        assert table["p_adjusted"].item() == pytest.approx(table["p_value"].item(), abs=0.01)

    def test_adjustment_lies_between_none_and_bonferroni(self):
        table = placebo_date(moved(lambda f: 0.06 * f["x"] * f["year"]), **NAMES).table
        assert (table["p_adjusted"] >= table["p_value"]).all()
        assert (table["p_adjusted"] <= 5 * table["p_value"] + 0.01).all()
        assert table["p_adjusted"].min() < 4 * table["p_value"].min()  # dates go together

    def test_one_period_before_decides_nothing(self):
        check = placebo_date(PANEL[PANEL["year"] >= 5], **NAMES)
        assert (check.status, check.facts["dates"]) == ("informational", 0)

    @pytest.mark.parametrize("fake", [0, 6, [3, 9]])
    def test_a_fake_date_lies_among_the_periods_before(self, fake):
        with pytest.raises(DesignError, match="before 6 there are 0, 1, 2, 3, 4, 5"):
            placebo_date(PANEL, fake=fake, **NAMES)

    def test_dates_and_counts(self):
        panel = counts().assign(y=lambda f: f["y"] * np.exp(0.5 * f["x"] * f["year"]))
        panel["year"] = pd.to_datetime((panel["year"] + 2010).astype(str), format="%Y")
        names = {**NAMES, "since": pd.Timestamp("2016-01-01")}
        assert placebo_date(panel, **names, family="poisson").status == "failed"


class TestPlaceboOutcome:
    def test_fails_if_it_moved_with_exposure(self):
        rng = np.random.default_rng(0)
        rain = rng.normal(size=len(PANEL))
        still = PANEL.assign(rain=rain)
        wet = still.assign(rain=rain + 2 * PANEL["x"] * (PANEL["year"] >= 6))
        assert placebo_outcome(still, placebo="rain", **NAMES).status == "passed"
        assert placebo_outcome(wet, placebo="rain", **NAMES).status == "failed"

    def test_is_the_estimator_on_the_other_column(self):
        panel = PANEL.assign(rain=PANEL["y"].iloc[::-1].to_numpy())
        alone = difference_in_differences(panel, **{**NAMES, "outcome": "rain"})
        check = placebo_outcome(panel, placebo="rain", **NAMES)
        assert check.facts["estimate"] == pytest.approx(alone.estimate)
        assert check.facts["in_sd"] == pytest.approx(alone.estimate / panel["rain"].std())

    def test_the_outcome_is_no_placebo(self):
        with pytest.raises(DesignError, match="is the outcome itself"):
            placebo_outcome(PANEL, placebo="y", **NAMES)


class TestAnticipation:
    @pytest.mark.parametrize("periods", [1, 2])
    def test_fails_if_the_effect_came_early(self, periods):
        early = moved(lambda f: f["x"] * f["year"].between(6 - periods, 5))
        assert anticipation(PANEL, periods=periods, **NAMES).status == "passed"
        assert anticipation(early, periods=periods, **NAMES).status == "failed"

    def test_is_a_lead_beside_the_effect(self):
        panel = PANEL.assign(
            lead=PANEL["x"] * (PANEL["year"] == 5), post=PANEL["x"] * (PANEL["year"] >= 6)
        )
        both = two_way(panel, unit="unit", period="year", outcome="y", regressors=["lead", "post"])
        without = difference_in_differences(panel[panel["year"] != 5], **NAMES)
        facts = anticipation(panel, **NAMES).facts
        assert facts["lead"] == pytest.approx(both.estimate)
        assert facts["without"] == pytest.approx(without.estimate)

    def test_a_lead_needs_something_before_it(self):
        assert anticipation(PANEL, periods=6, **NAMES).status == "informational"
        with pytest.raises(DesignError, match="one or more"):
            anticipation(PANEL, periods=0, **NAMES)


class TestRandomisation:
    def test_p_value_is_that_of_the_estimator(self):
        panel, names = example_panel(effect=0.2)
        found = randomisation_inference(panel, **names, permutations=499, seed=5)
        check = randomisation(panel, **names, permutations=499, seed=5)
        assert check.facts["p_randomisation"] == found.p_value

    def test_fails_where_one_exposed_unit_makes_errors_too_small(self):
        """One unit far out: clustered errors hardly see its own noise; permutations do."""
        found = []
        for seed in range(12):
            panel, names = example_panel(effect=0.0, units=12, seed=seed)
            panel["x"] = np.where(panel["unit"] == 0, 1.0, 0.001 * panel["unit"])
            panel["y"] += 1.5 * (panel["unit"] == 0) * (panel["year"] >= 6)
            found.append(randomisation(panel, **names, permutations=499).status)
        assert "failed" in found

    @pytest.mark.slow
    def test_permuting_counts_agrees_with_the_law_of_the_score(self):
        """Of 200 panels without effect about one in twenty is rejected, permuting the score."""
        rejected = 0
        for seed in range(200):
            panel, names = example_panel(effect=0.0, units=25, periods=6, seed=seed)
            rng = np.random.default_rng(seed)
            panel["y"] = rng.poisson(np.exp(panel["y"])).astype(float)
            check = randomisation(panel, **names, family="poisson", permutations=199, seed=seed)
            rejected += check.facts["p_randomisation"] < 0.05
        assert 3 <= rejected <= 18

    def test_counts_with_an_effect_are_found(self):
        panel, names = example_panel(effect=2.0)
        panel["y"] = np.random.default_rng(0).poisson(np.exp(panel["y"])).astype(float)
        check = randomisation(panel, **names, family="poisson", permutations=199)
        assert check.facts["p_randomisation"] == pytest.approx(1 / 200)
        assert check.status == "passed"


@pytest.mark.slow
def test_false_positives_keep_to_alpha():
    """100 clean panels: 5 % fail, within three Monte Carlo errors."""
    failed = {"date": 0, "outcome": 0, "lead": 0}
    for seed in range(1000, 1100):
        panel, names = example_panel(seed=seed)
        panel["rain"] = np.random.default_rng(seed).normal(size=len(panel))
        failed["date"] += placebo_date(panel, **names).status == "failed"
        failed["outcome"] += placebo_outcome(panel, placebo="rain", **names).status == "failed"
        failed["lead"] += anticipation(panel, **names).status == "failed"
    assert all(0 < count <= 12 for count in failed.values()), failed
