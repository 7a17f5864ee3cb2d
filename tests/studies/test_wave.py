"""The study of an outcome and a wave on the real panel: parts agree, planted effects are found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis import regions, studies
from valley_analysis.charts.impact_event import plot_event_study
from valley_analysis.charts.impact_sentences import check_text
from valley_analysis.charts.study_text import about_wave, variants_table
from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_placebo import randomisation
from valley_analysis.impact.did import difference_in_differences
from valley_analysis.impact.results import EffectResult
from valley_analysis.sources.icsid import load_fdi_shares
from valley_analysis.studies import wave_checks
from valley_analysis.studies.variants import changes, tried

pytestmark = pytest.mark.slow

QUICK = studies.Settings(permutations=199, replications=199, cutoffs_km=(1000.0,))
MAIN = "imports_far_grp"


@pytest.fixture(scope="module")
def staff(latest: pd.DataFrame) -> studies.WaveData:
    return studies.wave_data(latest, "rd_staff", 2022, MAIN, regions.scope(), hosts=["RU-TUL"])


@pytest.fixture(scope="module")
def study(staff: studies.WaveData) -> studies.WaveStudy:
    return studies.study_wave(staff, QUICK)


@pytest.fixture(scope="module")
def developed(latest: pd.DataFrame) -> studies.WaveStudy:
    data = studies.wave_data(latest, "technologies_developed", 2014, MAIN, regions.scope())
    return studies.study_wave(data, QUICK)


def test_every_check_of_the_issue_is_on_the_card(study: studies.WaveStudy) -> None:
    made = {check.name for check in study.card.checks}
    assert made >= {
        "pretrend_joint",
        "placebo_date",
        "placebo_outcome",
        "anticipation",
        "randomisation",
        "leave_one_unit_out",
        "leave_one_cluster_out",
        "leave_groups_out",
        "attrition",
        "balance",
        "dose_response",
        "residual_moran",
        "minimum_detectable",
        "spillovers",
        "inference_agreement",
        "calibration",
    }
    assert set(study.card.untested) <= set(study.card.undecided)


def test_the_headline_is_beside_size_income_and_strata(study: studies.WaveStudy) -> None:
    data = study.data
    assert data.controls == ("log_population", "log_grp_person", "resource")
    columns = {**data.columns, "controls": ()}
    assert study.bare.estimate == difference_in_differences(data.frame, **columns).estimate
    assert study.effect.estimate != study.bare.estimate
    shifted = data.frame.copy()
    size = shifted["log_population"] - shifted["log_population"].mean()
    shifted["y"] += 0.1 * size * (shifted["year"] - 2016) ** 2
    moved = studies.effect(replace(data, found=replace(data.found, frame=shifted)), settings=QUICK)
    assert moved.estimate == pytest.approx(study.effect.estimate, abs=1e-9)
    assert moved.p_value == study.effect.p_value


def test_hosts_are_no_control_of_a_wave_before_the_law(latest: pd.DataFrame) -> None:
    data = studies.wave_data(latest, "rd_staff", 2014, MAIN, regions.scope(), hosts=["RU-TUL"])
    assert not data.hosts_known
    assert studies.across_space(data, studies.HOSTS) == {}
    assert "host" not in wave_checks.covariates(data)


def test_one_p_value_everywhere(study: studies.WaveStudy) -> None:
    """Effect, table of inference, check and family tell the primary p of the same draws."""
    assert study.inference.table.loc["randomisation", "p_value"] == study.effect.p_value
    check = study.card.check("randomisation")
    assert check.facts["p_randomisation"] == study.effect.p_value
    low, high = study.effect.interval
    assert (low <= 0 <= high) == (study.effect.p_value > 0.05)


def test_both_baselines_differ_by_the_movement_before(study: studies.WaveStudy) -> None:
    assert study.last
    assert study.contrast
    apart = study.effect.estimate - study.last.estimate
    assert apart == pytest.approx(study.contrast.estimate, abs=0.003)  # a few regions lack years


def test_the_family_is_of_the_register_and_adjusts_upwards(latest: pd.DataFrame) -> None:
    settings = replace(QUICK, permutations=99)
    found = studies.wave_family(latest, 2014, MAIN, regions.scope(), settings)
    assert "graduates" not in found.index
    assert {"rd_staff", "technologies_developed", "patents"} <= set(found.index)
    assert (found["romano_wolf"] >= found["p_value"]).all()
    data = studies.wave_data(latest, "rd_staff", 2014, MAIN, regions.scope())
    assert studies.effect(data, settings=settings).p_value == found.loc["rd_staff", "p_value"]


def test_one_estimate_stands_under_every_inference(study: studies.WaveStudy) -> None:
    table = study.inference.table
    assert np.ptp(table["estimate"]) == 0
    assert table["estimate"].iloc[0] == pytest.approx(study.effect.estimate, rel=1e-6)
    own = table.loc["clustered_unit", "se"]
    assert own == pytest.approx(study.effect.se, rel=1e-6)


def test_what_cannot_be_separated_is_part_of_the_verdict(study: studies.WaveStudy) -> None:
    for told in study.data.found.wave.concurrent:
        assert told.en in study.card.text


def test_a_planted_effect_is_found_and_its_size_told(
    staff: studies.WaveData, study: studies.WaveStudy
) -> None:
    frame = staff.frame.copy()
    frame["y"] += 0.4 * frame[MAIN] * (frame["year"] >= 2022)
    planted = replace(staff, found=replace(staff.found, frame=frame))
    after = studies.study_wave(planted, QUICK)
    assert after.effect.estimate == pytest.approx(study.effect.estimate + 0.4)
    assert after.card.direction == "higher"
    assert after.card.conclusion != "not distinguishable"


def test_every_variant_moves_by_a_planted_effect_also_beside_hosts(
    staff: studies.WaveData, study: studies.WaveStudy
) -> None:
    frame = staff.frame.copy()
    frame["y"] += 0.4 * frame[MAIN] * (frame["year"] >= 2022)
    planted = replace(staff, found=replace(staff.found, frame=frame))
    plain, moved = study, studies.study_wave(planted, QUICK)
    for hosts in (False, True):
        before, after = (
            studies.variants(one, load_fdi_shares(), hosts=hosts) for one in (plain, moved)
        )
        assert list(before) == list(after)
        assert {"main", "bare", "dynamic", "spillover", "industry"} <= set(before)
        for name in ("main", "bare", "dynamic"):
            moves = after[name].estimate - before[name].estimate
            assert moves == pytest.approx(0.4), (name, hosts)
        assert after["spillover"].estimate == pytest.approx(before["spillover"].estimate, abs=1e-9)
        if not hosts:
            without = before
    assert before["main"].estimate != without["main"].estimate
    assert "RU-TUL" in without["contrast"].frames["groups"].index
    assert "RU-TUL" not in before["contrast"].frames["groups"].index


def test_valley_hosts_have_a_column_of_their_own(study: studies.WaveStudy) -> None:
    about = about_wave(study.data)
    found, beside = (
        studies.variants(study, load_fdi_shares(), hosts=hosts) for hosts in (False, True)
    )
    frame = variants_table(found, about, about, beside=beside).frame
    assert list(frame)[-2:] == ["Beside hosts × year", "p, beside hosts"]
    assert len(frame) == len(found)
    told = frame.set_index(frame.columns[0]).eq("–").any(axis=1)
    assert told[told].index.tolist() == ["against the last year before the wave"]


def test_a_planted_trend_fails_the_checks(staff: studies.WaveData) -> None:
    frame = staff.frame.copy()
    frame["y"] += 0.25 * frame[MAIN] * (frame["year"] - 2016)
    bent = replace(staff, found=replace(staff.found, frame=frame))
    card = studies.study_wave(bent, QUICK).card
    assert {"pretrend_joint", "placebo_date"} <= set(card.failed)
    assert card.conclusion == "fragile"


def test_counts_go_through_a_poisson_model(developed: studies.WaveStudy) -> None:
    found = developed
    assert found.data.columns["family"] == "poisson"
    assert found.inference.estimate == pytest.approx(found.effect.estimate, rel=1e-6)
    assert studies.variants(found, load_fdi_shares(), hosts=True) == {}  # no host was named
    assert np.isfinite(found.effect.estimate)


def test_islands_have_no_neighbours_and_everybody_else_has() -> None:
    weights = studies.neighbours(regions.scope())
    assert set(weights.islands) == {"RU-KGD", "RU-SAK"}


def test_counts_are_judged_by_permutation_at_the_estimate_of_the_model(
    latest: pd.DataFrame,
) -> None:
    data = studies.wave_data(latest, "technologies_developed", 2014, MAIN, regions.scope())
    found = studies.effect(data, settings=QUICK)
    plain = difference_in_differences(data.frame, **data.columns)
    assert found.estimate == plain.estimate
    check = randomisation(data.frame, tails="equal", **QUICK.draws, **data.columns)
    assert found.p_value == check.facts["p_randomisation"]
    low, high = found.interval
    assert low < found.estimate < high
    assert (low > 0 or high < 0) == (found.p_value <= 0.05)
    assert high - low > plain.interval[1] - plain.interval[0], "clustered errors are too small"
    assert "permutations of exposure within strata" in found.inference
    assert studies.effect(data, ("urban_share",), QUICK).estimate != found.estimate


def test_counts_stand_under_every_inference_but_the_wild_one(developed: studies.WaveStudy) -> None:
    study, data = developed, developed.data
    table = study.inference.table
    assert np.ptp(table["estimate"]) == 0
    assert table["estimate"].iloc[0] == pytest.approx(study.effect.estimate, rel=1e-6)
    assert table.loc["randomisation", "p_value"] == study.effect.p_value
    plain = difference_in_differences(data.frame, **data.columns)
    assert table.loc["clustered_unit", "se"] == pytest.approx(plain.se, rel=1e-3)
    assert table.loc["clustered_unit", "se"] < table.loc["cr2_unit", "se"]
    assert "conley_1000km" in table.index
    assert not [term for term in table.index if term.startswith("wild")]


def test_before_the_wave_counts_are_tested_by_permutation(developed: studies.WaveStudy) -> None:
    """The Wald test of leads rejects a quarter of shuffled exposures on these counts."""
    study, data = developed, developed.data
    check = study.card.check("pretrend_joint")
    assert check.facts["permutations"] == QUICK.permutations
    by_year = study.dynamic.diagnostics
    assert by_year[0] is check
    assert by_year[1].status != "passed", "clustered errors of single years are too small"
    told = study.card.check("calibration")
    assert (told.status, told.facts["placebo"]) == ("failed", "spatial_size_exposures")
    assert study.card.facts["oversized"]
    assert study.card.facts["sound"] == "spectral"
    assert study.card.facts["p_sound"] == study.inference.table.loc["spectral", "p_value"]
    fig = plot_event_study(study.dynamic, about=about_wave(data))
    short = any("Too short" in text.get_text() for text in fig.texts)
    assert short is (by_year[1].status == "failed")


def test_units_without_exposure_are_left_out_and_named(latest: pd.DataFrame) -> None:
    data = studies.wave_data(latest, "rd_staff", 2014, MAIN, regions.scope("rosstat"))
    assert set(data.left_out) == {"UA-40", "UA-43"}
    assert not set(data.left_out) & set(data.frame["region"])
    assert any("Crimea" in note for note in about_wave(data).notes)


def test_the_wider_scope_can_be_studied_whole(latest: pd.DataFrame) -> None:
    """Crimea and Sevastopol have no outline: a point stands for them, and no neighbour."""
    data = studies.wave_data(latest, "rd_staff", 2022, MAIN, regions.scope("rosstat"))
    assert {"UA-40", "UA-43"} <= set(data.frame["region"])
    study = studies.study_wave(data, QUICK)
    assert np.isfinite(study.inference.table.loc["conley_1000km", "se"])
    assert {"UA-40", "UA-43"} <= set(studies.neighbours(regions.scope("rosstat")).islands)
    assert np.isfinite(studies.neighbours_too(data).estimate)


def test_a_check_that_sees_only_a_huge_bias_is_undecided(latest: pd.DataFrame) -> None:
    """Fake waves of technologies developed could have shown no less than a doubling."""
    data = studies.wave_data(latest, "technologies_developed", 2014, MAIN, regions.scope())
    found = {check.name: check for check in wave_checks.wave_checks(data, QUICK)}
    check = found["placebo_date"]
    assert check.facts["detectable"] * data.iqr > 0.5
    assert check.status == "undecided"
    assert check.facts["margin"] == pytest.approx(0.05 / data.iqr)
    about = about_wave(data)
    assert "cannot tell whether that exceeds the margin of ±5.1" in check_text(check, "en", about)
    least = found["minimum_detectable"].facts
    assert least["iqr"] == data.iqr, "one smallest effect: that of all regions"


def test_counts_have_no_linear_models_of_changes(latest: pd.DataFrame) -> None:
    data = studies.wave_data(latest, "patents", 2014, MAIN, regions.scope())
    models = studies.across_space(data)
    assert set(models) == {"diagnostics", "error", "lag"}
    assert not studies.fitted(models)
    frame = variants_table(models, about_wave(data), about_wave(data)).frame
    assert frame.iloc[:, 1].str.startswith("not estimated: a count").all()
    with pytest.raises(DesignError, match="no scale that regions of all sizes share"):
        changes(data)


def test_a_model_that_raises_is_a_row_that_says_so() -> None:
    def broken() -> EffectResult:
        raise ValueError("singular matrix")

    assert tried(broken) == studies.Unfitted("failed", "singular matrix")
