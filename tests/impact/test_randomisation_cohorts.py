"""Drawing treated units and dates anew, for any estimator."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.cohorts_randomised import randomise_cohorts
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.randomisation_cohorts import permute_cohorts, redrawn_cohorts
from valley_analysis.impact.results import EffectResult, estimates

NAMES = {"unit": "unit", "cohort": "since"}


def panel(cohorts: list[float]) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        [(u, 2010 + t) for u in range(len(cohorts)) for t in range(6)], columns=["unit", "year"]
    )
    frame["since"] = np.array(cohorts)[frame["unit"]]
    frame["group"] = frame["unit"] % 2
    frame["y"] = rng.normal(size=len(frame))
    return frame


def gain(frame: pd.DataFrame) -> float:
    """Mean of the treated rows less mean of the others."""
    treated = frame["year"] >= frame["since"]
    return float(frame["y"][treated].mean() - frame["y"][~treated].mean())


def test_one_treated_unit_among_five_is_compared_with_every_other():
    frame = panel([2013, np.nan, np.nan, np.nan, np.nan])
    each = [gain(frame.assign(since=np.where(frame["unit"] == u, 2013, np.nan))) for u in range(5)]
    result = permute_cohorts(frame, gain, **NAMES)
    assert result.estimate == pytest.approx(each[0])
    assert result.p_value == pytest.approx(np.mean(np.abs(each) >= abs(each[0]) - 1e-12))
    assert set(np.round(result.frames["draws"]["statistic"], 9)) == set(np.round(each, 9))


def test_the_same_assignment_is_estimated_once():
    calls = []
    permute_cohorts(
        panel([2013, np.nan, np.nan, np.nan, np.nan]),
        lambda frame: calls.append(1) or gain(frame),
        **NAMES,
    )
    assert len(calls) == 1 + 5


def test_the_number_treated_and_their_dates_are_kept():
    seen = []

    def record(frame: pd.DataFrame) -> float:
        first = frame.groupby("unit")[["since", "group"]].first()
        seen.append((sorted(first["since"].dropna()), first.dropna()["group"].value_counts()[0]))
        return gain(frame)

    frame = panel([2012, 2013, 2014, *[np.nan] * 9])
    permute_cohorts(frame, record, **NAMES, strata="group", permutations=50)
    assert all(dates == [2012, 2013, 2014] and even == 2 for dates, even in seen)


@pytest.mark.parametrize(("dates", "moved"), [("within", {2012.0}), ("across", {2012.0, 2014.0})])
def test_dates_stay_in_their_stratum_unless_shuffled_across(dates, moved):
    seen = set()

    def record(frame: pd.DataFrame) -> float:
        first = frame.groupby("unit")[["since", "group"]].first()
        seen.update(first.loc[first["group"] == 0, "since"].dropna())
        return gain(frame)

    frame = panel([2012, 2014, *[np.nan] * 8])
    permute_cohorts(frame, record, **NAMES, strata="group", dates=dates, permutations=60)
    assert seen == moved


def test_draws_that_cannot_be_estimated_count_against_and_are_told():
    frame = panel([2013, 2014, *[np.nan] * 8])

    def picky(drawn: pd.DataFrame) -> float:
        if drawn.loc[drawn["unit"] == 9, "since"].notna().any():
            raise DesignError("panel", ["unit 9 has no period before"], "leave it out")
        return 100.0 if drawn.loc[drawn["unit"] == 0, "since"].eq(2013).any() else 0.0

    result = permute_cohorts(frame, picky, **NAMES, permutations=199)
    failed = result.frames["draws"]["statistic"].isna().sum()
    same = (result.frames["draws"]["statistic"] == 100).sum()
    assert failed > 10
    assert result.p_value == pytest.approx((1 + failed + same) / 200)
    assert f"{failed} of 199 draws could not be estimated" in result.notes[1]


def test_other_errors_of_the_estimator_are_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        permute_cohorts(panel([2013, *[np.nan] * 4]), lambda _: 1 / 0, **NAMES)


@pytest.mark.slow
def test_no_effect_is_rejected_about_as_often_as_it_should_be():
    frame = panel([2012, 2013, 2014, *[np.nan] * 17])
    rng = np.random.default_rng(1)
    p_values = []
    for _ in range(80):
        drawn = frame.assign(y=rng.normal(size=len(frame)))
        p_values.append(permute_cohorts(drawn, gain, **NAMES, permutations=39).p_value)
    assert np.mean(np.array(p_values) <= 0.2) == pytest.approx(0.2, abs=3.5 * np.sqrt(0.16 / 80))


def test_dates_may_be_timestamps_and_the_frame_stays_as_it_was():
    frame = panel([2013, *[np.nan] * 5])
    frame["since"] = pd.to_datetime(
        frame["since"].map("{:.0f}".format), format="%Y", errors="coerce"
    )
    frame["year"] = pd.to_datetime(frame["year"].astype(str))
    before = frame.copy()
    found = []
    result = permute_cohorts(frame, gain, **NAMES, progress=lambda *done: found.append(done))
    assert 0 < result.p_value <= 1
    assert found[-1] == (720, 720)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("change", "options", "told"),
    [
        ({"since": np.nan}, {}, "0 of 6 units treated"),
        ({"since": 2013.0}, {}, "6 of 6 units treated"),
        ({"group": np.nan}, {"strata": "group"}, "no value"),
        ({}, {"strata": "year"}, "expected one a unit"),
        ({}, {"dates": "free"}, "choose 'within' or 'across'"),
        ({}, {"permutations": 5}, "fewer than 19"),
        ({}, {"strata": "nowhere"}, "no column 'nowhere'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, options, told):
    frame = panel([2013, *[np.nan] * 5]).assign(**change)
    with pytest.raises(DesignError, match=told):
        permute_cohorts(frame, gain, **NAMES, **options)


def test_units_with_two_cohorts_are_named():
    frame = panel([2013, *[np.nan] * 5])
    frame.loc[3, "since"] = 2014
    with pytest.raises(DesignError, match="unit 0: 2 values"):
        permute_cohorts(frame, gain, **NAMES)


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_two_estimates_are_compared_in_their_own_unit(unit):
    table = estimates(pd.Series({"att": 2.0 * unit}), pd.Series({"att": 0.5 * unit}))
    one = EffectResult("group_time_att", "y", table, "att", "mean", "clustered")
    row = estimates(pd.Series({"effect": 2.0 * unit}), pd.Series({"effect": 0.5 * unit}))
    row["monte_carlo_error"] = 0.0
    draws = {"draws": pd.DataFrame({"statistic": [0.1 * unit, -0.3 * unit, float("nan")]})}
    two = EffectResult("permute_cohorts", "y", row, "effect", "", "", frames=draws)
    assert redrawn_cohorts(one, two).status in {"passed", "failed"}
    other = replace(two, table=row.assign(estimate=1.9 * unit))
    with pytest.raises(DesignError, match="permute the statistic that was estimated"):
        redrawn_cohorts(one, other)


def test_a_drawn_date_without_values_around_it_does_not_enter_that_draw():
    """The last cohort has one unit; drawn onto units that end before, it cannot be compared."""
    frame = panel([2012, 2013, 2015, *[np.nan] * 9])
    short = frame["unit"].ge(8) & frame["year"].eq(2015)
    names = NAMES | {"period": "year", "outcome": "y"}
    found = randomise_cohorts(frame[~short], **names, permutations=99)
    assert found.frames["draws"]["statistic"].notna().all()
    assert found.estimate == pytest.approx(group_time_att(frame[~short], **names).estimate)


def test_no_cohort_that_can_be_compared_is_an_error():
    frame = panel([2015, *[np.nan] * 6])
    frame = frame[~(frame["unit"].eq(0) & frame["year"].eq(2015))]
    with pytest.raises(DesignError, match="none has a period to compare"):
        randomise_cohorts(frame, **NAMES, period="year", outcome="y", permutations=99)
