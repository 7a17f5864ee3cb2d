"""What decree years can show, on the real panel with planted effects."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from valley_analysis import regions, studies, valleys
from valley_analysis.charts import study_text
from valley_analysis.errors import DesignError

pytestmark = pytest.mark.slow

MAIN = "imports_far_grp"
FEW: dict[str, Any] = {"permutations": 39, "replications": 10}


@pytest.fixture(scope="module")
def data(latest: pd.DataFrame) -> studies.ValleyData:
    cohorts = valleys.decree_years(valleys.load_register())
    return studies.valley_data(latest, "rd_staff", cohorts, MAIN, regions.scope())


@pytest.fixture(scope="module")
def plain(data: studies.ValleyData) -> studies.ValleyEffect:
    return studies.valley_effect(data, **FEW)


def test_eleven_hosts_enter_with_their_decree_years(data: studies.ValleyData) -> None:
    assert len(data.cohorts) == 11
    assert data.cohorts["RU-MOW"] == 2019
    assert not data.left_out
    assert data.frame.groupby("region")["stratum"].nunique().eq(1).all()


def test_hosts_without_a_year_on_each_side_stay_out(latest: pd.DataFrame) -> None:
    """R&D money ends in 2022: valleys decreed later have nothing after their decree."""
    cohorts = valleys.decree_years(valleys.load_register())
    short = studies.valley_data(latest, "rd_expenditure", cohorts, MAIN, regions.scope())
    assert {"RU-KHM", "RU-SPE"} == set(short.left_out)
    assert not set(short.left_out) & set(short.frame["region"]), "nor are they controls"


def test_controls_that_wait_for_a_valley_are_left_out_of_a_variant(latest: pd.DataFrame) -> None:
    register = valleys.load_register()
    waiting = valleys.pending_regions(register)["region"]
    cohorts = valleys.decree_years(register)
    found = studies.valley_data(
        latest, "rd_staff", cohorts, MAIN, regions.scope(), pending=[*waiting, "RU-SPE"]
    )
    assert found.pending == ("RU-LEN", "RU-NVS", "RU-SVE", "RU-TAM"), "a host waits for nothing"
    effect = studies.valley_effect(found, **FEW)
    assert effect.settled is not None
    rest = replace(found, frame=found.settled, pending=())
    again = studies.valley_effect(rest, **FEW)
    assert again.group_time.estimate == pytest.approx(effect.settled.estimate)
    assert again.settled is None
    assert effect.settled.estimate != pytest.approx(effect.group_time.estimate)


def test_the_design_finds_a_planted_effect_above_what_it_says_it_can_see(
    data: studies.ValleyData,
) -> None:
    plain = studies.valley_effect(data, permutations=99, replications=30)
    frame = data.frame.copy()
    frame["y"] += 1.6 * plain.smallest_seen * frame["treated"]
    found = studies.valley_effect(replace(data, frame=frame), permutations=99, replications=30)
    shift = found.group_time.estimate - plain.group_time.estimate
    assert shift == pytest.approx(1.6 * plain.smallest_seen, rel=1e-6)
    assert found.randomised.p_value <= 0.05
    assert found.synthetic.estimate - plain.synthetic.estimate == pytest.approx(shift, rel=0.05)
    assert len(found.hosts) == 11
    assert plain.randomised.estimate == pytest.approx(plain.group_time.estimate)


def test_the_card_holds_every_check_and_follows_from_them(
    data: studies.ValleyData, plain: studies.ValleyEffect
) -> None:
    found = plain
    names = [check.name for check in found.card.checks]
    assert len(names) == len(set(names))
    assert {*found.card.required, "calibration", "forbidden_comparisons", "prefit"} <= set(names)
    assert set(found.card.untested) <= set(found.card.undecided)
    told = found.card.check("calibration")
    assert told.facts["placebo"].endswith("decrees")
    left_out = found.card.check("leave_one_unit_out").table
    assert set(left_out.index) == set(data.cohorts.index)
    host = left_out.index[0]
    rest = replace(data, frame=data.frame[data.frame["region"] != host])
    again = studies.valley_effect(rest, **FEW)
    assert again.group_time.estimate == pytest.approx(left_out.loc[host, "estimate"])
    assert found.card.check("redrawn_cohorts").facts["permutations"] == 39
    assert found.bacon.estimate == pytest.approx(
        (found.bacon.frames["pairs"]["estimate"] * found.bacon.frames["pairs"]["weight"]).sum()
    )


def test_beside_controls_nothing_that_goes_with_them_is_left(
    data: studies.ValleyData, plain: studies.ValleyEffect
) -> None:
    """What moves with exposure, size or its third in any year is in no headline."""
    year, exposure = data.frame["year"], data.frame["exposure"]
    course = 0.3 * exposure + 0.1 * data.frame["log_population"]
    course += 0.2 * data.frame["stratum"].eq("high")
    # Without a movement of all regions, from which the penalty of synthetic weights is made.
    course -= course.mean()
    moved = data.frame.assign(y=data.frame["y"] + course * (year - 2014) ** 2 / 9)
    found = studies.valley_effect(replace(data, frame=moved), **FEW)
    assert list(found.bare) == ["group_time", "imputed", "synthetic", "plain"]
    for name in found.bare:
        one, other = getattr(found, name), getattr(plain, name)
        assert one.estimate == pytest.approx(other.estimate, abs=1e-6), name
    assert found.card.result.p_value == plain.card.result.p_value
    apart = found.bare["group_time"].estimate - plain.bare["group_time"].estimate
    assert abs(apart) > 0.02, "without controls the same movement counts as the valleys'"


def test_an_effect_of_hosts_stays_beside_controls(
    data: studies.ValleyData, plain: studies.ValleyEffect
) -> None:
    planted = data.frame.assign(y=data.frame["y"] + 0.2 * data.frame["treated"])
    found = studies.valley_effect(replace(data, frame=planted), **FEW)
    for name in ("group_time", "imputed", "plain"):
        moves = getattr(found, name).estimate - getattr(plain, name).estimate
        assert moves == pytest.approx(0.2), name


def test_the_primary_test_decides_and_its_baselines_add_up(
    data: studies.ValleyData, plain: studies.ValleyEffect
) -> None:
    found = plain
    assert found.card.result.p_value == found.randomised.p_value
    assert found.randomised.estimate == pytest.approx(found.group_time.estimate)
    low, high = found.card.result.interval
    assert (low <= 0 <= high) == (found.randomised.p_value > 0.05)
    rest = data.frame.groupby("region")["year"].transform("nunique")
    whole = replace(data, frame=data.frame[rest == rest.max()].reset_index(drop=True))
    again = studies.valley_effect(whole, **FEW)
    assert again.mean.estimate == pytest.approx(
        again.randomised.estimate + again.contrast.estimate, abs=1e-9
    )


def test_outcomes_of_valleys_share_their_draws(latest: pd.DataFrame) -> None:
    cohorts = valleys.decree_years(valleys.load_register())
    found = studies.valley_family(latest, cohorts, MAIN, regions.scope(), permutations=39)
    assert "rd_staff" in found.index
    assert "patents" not in found.index
    assert (found["romano_wolf"] >= found["p_value"]).all()


def test_hosts_left_out_are_named(latest: pd.DataFrame, plain: studies.ValleyEffect) -> None:
    cohorts = valleys.decree_years(valleys.load_register())
    more = pd.concat([cohorts, pd.Series({"UA-43": 2022})])  # Crimea is not in this scope
    data = studies.valley_data(latest, "rd_staff", more, MAIN, regions.scope())
    assert data.left_out == ("UA-43",)
    found = replace(plain, data=data)
    about = study_text.about_outcome("rd_staff", regions.scope())
    assert "Crimea" in study_text.can_see(found, about)


def test_the_method_that_most_hosts_have_years_of_is_taken(latest: pd.DataFrame) -> None:
    """Innovation activity was redefined in 2017; the old method ends before any decree."""
    cohorts = valleys.decree_years(valleys.load_register())
    data = studies.valley_data(latest, "innovation_activity", cohorts, MAIN, regions.scope())
    assert len(data.cohorts) == 11
    assert data.years[0] == 2017
    with pytest.raises(DesignError, match="0 with a year before"):
        studies.valley_data(
            latest, "innovation_activity", cohorts, MAIN, regions.scope(), method=""
        )


def test_a_count_is_refused(latest: pd.DataFrame) -> None:
    cohorts = valleys.decree_years(valleys.load_register())
    with pytest.raises(DesignError, match="linear"):
        studies.valley_data(latest, "patents", cohorts, MAIN, regions.scope())
