"""Randomisation inference: exact where all permutations can be written down."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import DesignError
from valley_analysis.impact.exposure_model import ExposureModel
from valley_analysis.impact.inversion import invert
from valley_analysis.impact.permutations import unit_orders
from valley_analysis.impact.randomisation import joint_randomisation, randomisation_inference

few = settings(max_examples=15, deadline=None)
NAMES = {"unit": "unit", "period": "year", "exposure": "x", "since": 2003}


def panel(units: int = 5, periods: int = 6, effect: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """A tenth of the rows missing, weights, two strata, errors that wander."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [(f"u{u:02}", 2000 + t) for u in range(units) for t in range(periods)],
        columns=["unit", "year"],
    )
    place = frame["unit"].str[1:].astype(int).to_numpy()
    frame["x"] = rng.exponential(size=units)[place]
    frame["z"] = rng.normal(size=units)[place]
    frame["stratum"] = np.where(place % 2, "oil", "other")
    frame["weight"] = rng.uniform(0.5, 2, len(frame))
    walk = rng.normal(size=(units, periods)).cumsum(axis=1).ravel()
    frame["y"] = walk + effect * frame["x"] * (frame["year"] >= 2003)
    frame["other"] = walk + rng.normal(size=len(frame))
    kept = rng.random(len(frame)) > 0.1
    return frame[kept | frame["year"].isin([2000, 2005])].reset_index(drop=True)


def by_hand(
    frame: pd.DataFrame, exposure: dict, null: float = 0.0, strata: bool = False
) -> tuple[float, float]:
    """Coefficient and clustered t, constants left out, from least squares on dummies."""
    after = (frame["year"] >= 2003).to_numpy(float)
    root = np.sqrt(frame["weight"].to_numpy())
    effects = frame[["unit", "year"]].astype(str)
    if strata:
        effects = effects.assign(year=effects["year"] + frame["stratum"])
    named = pd.get_dummies(effects, dtype=float).to_numpy()
    x = frame["unit"].map(exposure).to_numpy() * after
    y = frame["y"].to_numpy() - null * frame["x"].to_numpy() * after
    design = np.column_stack([x, named]) * root[:, None]
    solution = np.linalg.lstsq(design, y * root, rcond=1e-12)[0]
    left = y * root - design @ solution
    dummies = named * root[:, None]
    own = x * root - dummies @ np.linalg.lstsq(dummies, x * root, rcond=1e-12)[0]
    scores = pd.Series(own * left).groupby(frame["unit"].to_numpy()).sum()
    return solution[0], solution[0] / (np.sqrt((scores**2).sum()) / (own @ own))


def all_by_hand(frame: pd.DataFrame, strata: bool) -> list[tuple[float, float]]:
    units = frame.groupby("unit")[["x", "stratum"]].first()
    found = []
    for order in permutations(range(len(units))):
        kept = units["stratum"].to_numpy()[list(order)] == units["stratum"].to_numpy()
        if kept.all() or not strata:
            exposure = dict(zip(units.index, units["x"].to_numpy()[list(order)], strict=True))
            found.append(by_hand(frame, exposure, strata=strata))
    return found


@pytest.mark.parametrize("strata", [None, "stratum"])
@pytest.mark.parametrize(("statistic", "place"), [("t", 1), ("coefficient", 0)])
def test_the_p_value_is_the_share_among_all_permutations(strata, statistic, place):
    frame = panel()
    drawn = np.array(all_by_hand(frame, strata is not None))[:, place]
    own = frame.groupby("unit")["x"].first().to_dict()
    observed = by_hand(frame, own, strata=strata is not None)[place]
    result = randomisation_inference(
        frame, **NAMES, outcome="y", weights="weight", strata=strata, statistic=statistic
    )
    assert np.sort(result.frames["draws"]["statistic"]) == pytest.approx(np.sort(drawn), rel=1e-6)
    assert result.p_value == pytest.approx(np.mean(np.abs(drawn) >= abs(observed) - 1e-9))
    assert result.table.loc["x", "monte_carlo_error"] == 0
    assert len(drawn) == (12 if strata else 120)


def test_draws_under_any_hypothesis_are_regressions_of_what_it_leaves():
    frame = panel(6)
    model = ExposureModel.of(frame, **NAMES, outcome="y", weights="weight")
    orders = np.array([[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [1, 0, 2, 4, 5, 3]])
    draws = model.draws(model.exposure[orders])
    for null in (-2.0, 0.0, 0.7):
        for number, order in enumerate(orders):
            exposure = dict(zip(model.units, model.exposure[order], strict=True))
            t = by_hand(frame, exposure, null)[1]
            assert draws.statistics(null)[number] == pytest.approx(t, rel=1e-6)


@pytest.mark.slow
def test_the_test_is_exact_whichever_permutation_was_the_true_one():
    """Over all 120 assignments at most a share p of the p-values is p or less, for every p."""
    frame = panel(seed=3)
    model = ExposureModel.of(frame, **NAMES, outcome="y")
    found = []
    for order in permutations(range(5)):
        exposure = dict(zip(model.units, model.exposure[list(order)], strict=True))
        drawn = frame.assign(x=frame["unit"].map(exposure))
        found.append(randomisation_inference(drawn, **NAMES, outcome="y").p_value)
    p_values = np.sort(found)
    for p in np.unique(p_values):
        assert np.mean(p_values <= p + 1e-12) <= p + 1e-9
    assert p_values[0] == pytest.approx(1 / 120)


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.5, 2.0]), st.sampled_from([0.8, 0.9, 0.95]))
@few
def test_zero_is_in_the_interval_just_if_it_is_not_rejected(seed, effect, level):
    result = randomisation_inference(
        panel(20, effect=effect, seed=seed),
        **NAMES,
        outcome="y",
        permutations=199,
        seed=seed,
        level=level,
    )
    low, high = result.interval
    assert low <= result.estimate <= high
    if len(result.notes) == 1:  # else the set is not connected, and the result says so
        assert (low <= 0 <= high) == (result.p_value > 1 - level + 1e-12)


def test_the_ends_of_the_interval_are_where_the_p_value_falls_below():
    model = ExposureModel.of(panel(30), **NAMES, outcome="y")
    rng = np.random.default_rng(0)
    draws = model.draws(rng.permuted(np.tile(model.exposure, (999, 1)), axis=1))
    region = invert(draws, 0.9)
    width = region.high - region.low
    assert region.connected
    for end, outwards in ((region.low, -1), (region.high, 1)):
        assert draws.p_value(end) > 0.1
        assert draws.p_value(end + outwards * 1e-6 * width) <= 0.1


@given(st.integers(0, 10_000), st.floats(-3, 3), st.randoms())
@few
def test_names_of_units_effects_and_scale_do_not_matter(seed, added, random):
    frame = panel(seed=seed)
    one = randomisation_inference(frame, **NAMES, outcome="y")
    names = sorted(frame["unit"].unique())
    random.shuffle(names)
    place = {name: number for number, name in enumerate(names)}
    changed = frame.assign(
        unit=frame["unit"].map(place),
        y=3 * frame["y"] + added * frame["unit"].map(place) + added * frame["year"],
    ).sample(frac=1, random_state=seed)
    other = randomisation_inference(changed, **NAMES, outcome="y")
    assert other.p_value == pytest.approx(one.p_value)
    assert other.estimate == pytest.approx(3 * one.estimate, abs=1e-9)
    finite = np.isfinite(one.interval)
    ends = np.array(other.interval)[finite], 3 * np.array(one.interval)[finite]
    assert ends[0] == pytest.approx(ends[1], rel=1e-5, abs=1e-7)


def test_an_added_effect_moves_estimate_and_interval_by_as_much():
    base = randomisation_inference(panel(25), **NAMES, outcome="y", permutations=499)
    moved = randomisation_inference(panel(25, effect=5), **NAMES, outcome="y", permutations=499)
    assert moved.estimate - base.estimate == pytest.approx(5)
    assert np.array(moved.interval) - base.interval == pytest.approx(5, abs=1e-3)
    assert moved.p_value <= 0.002


def test_the_same_seed_gives_the_same_and_the_error_is_that_of_a_share():
    frame = panel(20)
    one, same, other = (
        randomisation_inference(frame, **NAMES, outcome="y", permutations=999, seed=seed)
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one.table, same.table)
    error = one.table.loc["x", "monte_carlo_error"]
    assert error == pytest.approx(np.sqrt(one.p_value * (1 - one.p_value) / 1000))
    assert abs(one.p_value - other.p_value) < 5 * np.hypot(error, error)


def test_controls_stay_with_their_unit():
    """A trend that follows a control is not taken for an effect of the exposure."""
    frame = panel(30, seed=5)
    frame["x"] = frame["x"] + 3 * frame["z"]
    frame["y"] = frame["y"] + 2 * frame["z"] * (frame["year"] >= 2003)
    bare = randomisation_inference(frame, **NAMES, outcome="y", permutations=499)
    with_control = randomisation_inference(
        frame, **NAMES, outcome="y", controls="z", permutations=499
    )
    assert bare.p_value < 0.01 < 0.05 < with_control.p_value
    assert any("controls" in note for note in with_control.notes)


def test_the_frame_is_not_changed():
    frame = panel()
    before = frame.copy()
    randomisation_inference(frame, **NAMES, outcome="y", strata="stratum")
    pd.testing.assert_frame_equal(frame, before)


def test_few_permutations_cannot_give_an_end_to_the_interval():
    """With 3! orders the least p-value is 1/6: nothing is rejected at 5 %."""
    result = randomisation_inference(panel(3, seed=1), **NAMES, outcome="y")
    assert result.p_value >= 1 / 6
    assert result.interval == (-np.inf, np.inf)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"permutations": 9}, "with fewer than 19 no p-value can reach 0.05"),
        ({"strata": "unit"}, "named both as unit and as strata"),
        ({"strata": "missing"}, "no column 'missing'"),
        ({"statistic": "z"}, "choose 't'"),
        ({"since": 1990}, "no period before 1990"),
        ({"since": "2003"}, "since '2003' does not compare with the periods of 'year', int64"),
        ({"strata": "year"}, "named both as period and as strata"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(changes, told):
    with pytest.raises(DesignError, match=told):
        randomisation_inference(panel(), **{**NAMES, "outcome": "y", **changes})


def test_outcomes_share_permutations_and_each_alone_is_as_before():
    frame = panel(20, effect=1.0)
    settings = {**NAMES, "permutations": 499, "seed": 3}
    joint = joint_randomisation(frame, **settings, outcomes=["y", "other"])
    for name in ("y", "other"):
        alone = randomisation_inference(frame, **settings, outcome=name)
        columns = ["estimate", "se", "low", "high", "p_value"]
        assert joint.table.loc[name, columns].tolist() == pytest.approx(
            alone.table.loc["x", columns].tolist()
        )
    drawn = joint.frames["draws"]
    assert np.corrcoef(drawn["y"], drawn["other"])[0, 1] > 0.5
    assert (joint.table["romano_wolf"] >= joint.table["p_value"]).all()
    assert (joint.table["holm"] >= joint.table["p_value"]).all()


def test_an_outcome_twice_costs_nothing_by_romano_and_wolf_but_double_by_holm():
    frame = panel(20).assign(again=lambda f: f["y"])
    joint = joint_randomisation(frame, **NAMES, outcomes=["y", "again"], permutations=499)
    assert joint.table["romano_wolf"].tolist() == joint.table["p_value"].tolist()
    assert joint.table.loc["y", "holm"] == pytest.approx(min(1, 2 * joint.table["p_value"].iloc[0]))


def test_outcomes_of_different_units_are_tested_together():
    frame = panel(12)
    frame.loc[frame["unit"].isin(["u00", "u05"]), "other"] = np.nan
    joint = joint_randomisation(
        frame, **NAMES, outcomes=["y", "other"], permutations=199, strata="stratum"
    )
    assert joint.table["n_obs"].is_monotonic_decreasing
    assert joint.table["p_value"].between(0, 1).all()


def test_what_controls_explain_of_exposure_stays_with_its_unit():
    """By hand: residuals of exposure on control and strata move, the rest does not."""
    frame = panel(12, seed=5)
    found = randomisation_inference(
        frame, **NAMES, outcome="y", weights="weight", controls="z", strata="stratum",
        permutations=199, seed=4,
    )  # fmt: skip
    units = frame.groupby("unit")[["x", "z", "stratum"]].first()
    others = np.column_stack([np.ones(12), units["z"], units["stratum"].eq("other")])
    fitted = others @ np.linalg.lstsq(others, units["x"], rcond=None)[0]
    orders, _ = unit_orders(units["stratum"], 199, 4)
    told = frame.assign(other=frame["stratum"].eq("other").astype(float))
    model = ExposureModel.of(told, **NAMES, outcome="y", weights="weight", controls=["z", "other"])
    for number in (0, 7):
        moved = model.with_exposure(fitted + (units["x"] - fitted).to_numpy()[orders[number]])
        scores = moved.within.units.sum(moved.fit.scores)
        t = moved.fit.estimate / (np.sqrt((scores**2).sum()) / moved.fit.spread)
        assert found.frames["draws"]["statistic"][number] == pytest.approx(t, rel=1e-6)


def test_a_shift_between_strata_is_in_neither_the_estimate_nor_the_draws():
    """Strata have their own path: what they have in common cannot shift the draws."""
    frame = panel(30, seed=6)
    moved = frame.assign(
        y=frame["y"] + 9.0 * (frame["stratum"] == "oil") * (frame["year"] >= 2003),
        x=frame["x"] + 3.0 * (frame["stratum"] == "oil"),
    )
    one, other = (
        randomisation_inference(f, **NAMES, outcome="y", strata="stratum", permutations=499)
        for f in (frame, moved)
    )
    assert other.estimate == pytest.approx(one.estimate)
    assert other.interval == pytest.approx(one.interval)
    assert abs(other.frames["draws"]["statistic"].mean()) < 0.3


def test_equal_tails_give_each_side_its_half():
    """Interval and p-value agree, and no side of a skewed law is given more than the other."""
    frame = panel(14, effect=0.6, seed=3)
    found = randomisation_inference(
        frame, **NAMES, outcome="y", tails="equal", permutations=999, seed=1
    )
    t = found.estimate / clustered_t_scale(frame)
    drawn = found.frames["draws"]["statistic"].to_numpy()
    sides = [(1 + (drawn >= t).sum()) / 1000, (1 + (drawn <= t).sum()) / 1000]
    assert found.p_value == pytest.approx(min(1, 2 * min(sides)))
    low, high = found.interval
    assert (low <= 0 <= high) == (found.p_value > 0.05)


def clustered_t_scale(frame: pd.DataFrame) -> float:
    fit = ExposureModel.of(frame, **NAMES, outcome="y").fit
    return float(np.sqrt((fit.within.units.sum(fit.scores) ** 2).sum()) / fit.spread)
