"""The specification curve: single rows are the estimates they say, and the joint test is exact."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.did import difference_in_differences
from valley_analysis.impact.spec_curve import specification_curve
from valley_analysis.impact.spec_plan import CurvePlan


def panel(seed: int, effect: float = 0.0, units: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), 8)
    year = np.tile(np.arange(2015, 2023), units)
    x = rng.normal(size=units)
    noise = rng.normal(size=units)[unit] + 0.5 * rng.normal(size=len(unit))
    frame = pd.DataFrame({"unit": unit, "year": year, "x": x[unit], "big": (unit > 4)})
    frame["y"] = noise + effect * frame["x"] * (year >= 2020)
    frame["rank"] = frame["x"].rank(method="dense") / units
    frame["z"] = rng.normal(size=units)[unit]
    frame["group"] = np.where(unit % 3, "a", "b")
    return frame


PLAN = CurvePlan(
    "unit",
    "year",
    2020,
    outcomes={"level": "y"},
    exposures={"x": "x", "rank": "rank"},
    samples={"all": None, "big": "big"},
    controls={"none": (), "z": ("z",)},
    before={"all": None, "2019": (2019,)},
)


def test_every_row_is_the_estimate_that_its_choices_name() -> None:
    frame = panel(1, effect=0.4)
    found = specification_curve(frame, PLAN, permutations=20)
    assert len(found.table) == len(PLAN) == 16
    for row in found.table.sample(6, random_state=2).itertuples():
        choice = {"exposure": row.exposure, "sample": row.sample, "before": row.before}
        rows = PLAN.rows(
            frame, {**choice, "outcome": "level", "controls": row.controls, "weights": "equal"}
        )
        by_hand = difference_in_differences(
            rows,
            unit="unit",
            period="year",
            outcome="y",
            exposure=PLAN.exposures[row.exposure],
            since=2020,
            controls=PLAN.controls[row.controls],
        )
        per_unit = rows.groupby("unit")[PLAN.exposures[row.exposure]].first()
        iqr = per_unit.quantile(0.75) - per_unit.quantile(0.25)
        assert row.estimate == pytest.approx(by_hand.estimate * iqr)
        assert row.se == pytest.approx(by_hand.se * iqr)
        assert row.p_value == pytest.approx(by_hand.p_value)


def test_a_planted_effect_is_found_jointly_and_noise_is_not() -> None:
    planted = specification_curve(panel(3, effect=0.6), PLAN, permutations=199)
    noise = specification_curve(panel(3), PLAN, permutations=199)
    assert (planted.joint["p_value"] <= 0.01).all()
    assert (noise.joint["p_value"] > 0.05).all()
    assert planted.check().status == "passed"
    assert noise.check().status == "failed"


@pytest.mark.slow
def test_the_joint_tests_keep_their_level() -> None:
    plan = replace(PLAN, samples={"all": None}, controls={"none": ()})
    found = [
        specification_curve(panel(100 + k, units=16), plan, permutations=59).joint["p_value"]
        for k in range(200)
    ]
    rejected = (pd.DataFrame(found) <= 0.05).mean()
    assert rejected.between(0.004, 0.096).all()  # three Monte Carlo errors around 5 %


def test_a_rerun_computes_only_what_changed() -> None:
    frame, cache = panel(5), {}
    first = specification_curve(frame, PLAN, permutations=9, cache=cache)
    again = specification_curve(frame, PLAN, permutations=9, cache=cache)
    assert (first.recomputed, again.recomputed) == (16, 0)
    pd.testing.assert_frame_equal(first.table, again.table)
    frame["z"] = frame["z"] * 2
    assert specification_curve(frame, PLAN, permutations=9, cache=cache).recomputed == 8
    assert specification_curve(frame, PLAN, permutations=9, seed=1, cache=cache).recomputed == 16


def test_permutations_stay_within_strata() -> None:
    """With one exposure a stratum nothing can move, and strata leave nothing to estimate."""
    units = panel(6)["unit"].drop_duplicates().reset_index(drop=True)
    pair = pd.Series(units.index // 2, index=units)
    frame = panel(6).assign(pair=lambda f: f["unit"].map(pair), x=lambda f: f["pair"] ** 1.5)
    plan = CurvePlan("unit", "year", 2020, {"level": "y"}, {"x": "x"}, strata="pair")
    with pytest.raises(DesignError, match="collinear"):
        specification_curve(frame, plan, permutations=19)
    with pytest.raises(DesignError, match="none holds two units"):
        specification_curve(frame, replace(plan, strata="unit"), permutations=19)


@pytest.mark.slow
def test_the_joint_test_keeps_its_size_when_samples_differ() -> None:
    """Specifications that leave units out must see the same shuffling, or the test is too sharp."""
    rng = np.random.default_rng(8)
    units, years = 24, range(2016, 2024)
    base = pd.MultiIndex.from_product([range(units), years], names=["unit", "year"])
    frame = base.to_frame(index=False).assign(some=lambda f: f["unit"] >= 3)
    slopes = rng.normal(size=units)
    frame["y"] = slopes[frame["unit"]] * (frame["year"] >= 2020) + rng.normal(size=len(frame)) / 2
    plan = CurvePlan(
        "unit", "year", 2020, {"level": "y"}, {"x": "x"}, samples={"all": None, "some": "some"}
    )
    found = []
    for draw in range(400):
        x = rng.permutation(units) / units
        told = frame.assign(x=x[frame["unit"]])
        curve = specification_curve(told, plan, permutations=99, seed=draw)
        found.append(curve.joint.loc["median", "p_value"])
    p_values = np.array(found)
    for level in (0.05, 0.2, 0.5):
        error = np.sqrt(level * (1 - level) / len(p_values))
        assert abs((p_values <= level).mean() - level) < 3 * error, level


def test_what_cannot_be_estimated_is_listed_with_its_reason() -> None:
    frame = panel(7).assign(one=1.0)
    plan = CurvePlan("unit", "year", 2020, {"level": "y"}, {"x": "x", "one": "one"})
    found = specification_curve(frame, plan, permutations=9)
    assert found.refused["exposure"].tolist() == ["one"]
    assert "the same for every unit" in found.refused["reason"].iloc[0]
    with pytest.raises(DesignError, match="the same for every unit"):
        specification_curve(
            frame, CurvePlan("unit", "year", 2020, {"level": "y"}, {"one": "one"}), permutations=9
        )


def test_progress_reaches_the_end_and_the_frame_is_untouched() -> None:
    frame, told = panel(8), []
    before = frame.copy()
    specification_curve(frame, PLAN, permutations=9, progress=lambda k, n: told.append((k, n)))
    assert told[-1] == (16, 16)
    pd.testing.assert_frame_equal(frame, before)


def test_every_choice_is_summed_up() -> None:
    found = specification_curve(panel(9), PLAN, permutations=9).by_choice()
    assert found.groupby("factor")["n"].sum().eq(16).all()
    assert found["negative"].between(0, 1).all()
