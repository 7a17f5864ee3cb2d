"""The wild cluster bootstrap against plain resampling and against wildboottest."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import DesignError
from valley_analysis.impact.exposure_model import ExposureModel
from valley_analysis.impact.wild_bootstrap import (
    _signs,
    clusters_of,
    wild_cluster_bootstrap,
    wild_draws,
)

few = settings(max_examples=15, deadline=None)
NAMES = {"unit": "unit", "period": "year", "outcome": "y", "exposure": "x", "since": 3}


def panel(units: int = 12, districts: int = 6, effect: float = 0.4, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(u, t) for u in range(units) for t in range(6)], columns=["unit", "year"])
    frame["x"] = rng.exponential(size=units)[frame["unit"]]
    frame["district"] = (frame["unit"] % districts).map("d{}".format)
    frame["weight"] = rng.uniform(0.5, 2, len(frame))
    shock = rng.normal(size=(districts, 6))[frame["unit"] % districts, frame["year"]]
    frame["y"] = shock + rng.normal(size=len(frame)) + effect * frame["x"] * (frame["year"] >= 3)
    return frame[rng.random(len(frame)) > 0.1].reset_index(drop=True)


def by_hand(frame: pd.DataFrame, signs: np.ndarray, null: float) -> tuple[float, float]:
    """t of the data and of one resample, both for `null`, from least squares on dummies."""
    root = np.sqrt(frame["weight"].to_numpy())
    named = pd.get_dummies(frame[["unit", "year"]].astype(str), dtype=float).to_numpy()
    x = frame["x"].to_numpy() * (frame["year"] >= 3).to_numpy()
    dummies, x, y = named * root[:, None], x * root, frame["y"].to_numpy() * root
    cluster = frame["district"].to_numpy()

    def fitted(design: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        solution = np.linalg.lstsq(design, outcome, rcond=1e-12)[0]
        return solution, outcome - design @ solution

    own = fitted(dummies, x)[1]

    def statistic(outcome: np.ndarray) -> float:
        solution, left = fitted(np.column_stack([x, dummies]), outcome)
        scores = pd.Series(own * left).groupby(cluster).sum()
        return (solution[0] - null) / (np.sqrt((scores**2).sum()) / (own @ own))

    restricted, left = fitted(dummies, y - null * x)
    return statistic(y), statistic(dummies @ restricted + null * x + left * signs)


@pytest.mark.parametrize("null", [0.0, -0.8, 1.5])
def test_resamples_are_regressions_on_outcomes_with_signs_flipped(null):
    frame = panel(effect=1.0)
    model = ExposureModel.of(frame, **NAMES, weights="weight")
    clusters = clusters_of(model, frame, "district")
    draws = wild_draws(model.fit, clusters)
    assert draws.exhaustive and len(draws) == 64
    patterns = list(product((1.0, -1.0), repeat=6))
    names = sorted(frame["district"].unique())
    for number in (0, 5, 37, 63):
        signs = frame["district"].map(dict(zip(names, patterns[number], strict=True))).to_numpy()
        of_data, drawn = by_hand(frame, signs, null)
        assert draws.statistic(null) == pytest.approx(of_data, rel=1e-6)
        assert draws.statistics(null)[number] == pytest.approx(drawn, rel=1e-6)


def test_all_patterns_together_give_the_share_that_is_as_far_out():
    frame = panel(effect=0.0)
    result = wild_cluster_bootstrap(frame, **NAMES, cluster="district")
    statistics = result.frames["draws"]["statistic"].to_numpy()
    assert result.p_value == np.mean(np.abs(statistics) >= abs(statistics[0]) - 1e-9)
    assert result.table.loc["x", "monte_carlo_error"] == 0
    assert "all 64 sign patterns" in result.inference


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # numba's and numpy's about wildboottest's own code
@pytest.mark.parametrize("by", ["district", "unit"])
def test_wildboottest_agrees(by):
    """Its p-value leaves ties out: with all patterns, the data and their mirror image."""
    library = pytest.importorskip("wildboottest.wildboottest")
    frame = panel(24, 6, effect=0.5, seed=1)
    after = (frame["year"] >= 3).to_numpy(float)
    named = pd.get_dummies(
        frame[["unit", "year"]].astype(str), dtype=float, drop_first=True
    ).to_numpy()
    design = np.column_stack([frame["x"] * after, np.ones(len(frame)), named])
    pick = np.zeros(design.shape[1])
    pick[0] = 1
    codes = pd.factorize(frame[by])[0]
    theirs = library.WildboottestCL(
        X=design, Y=frame["y"].to_numpy(), cluster=codes, R=pick, B=9999, seed=1, parallel=False
    )
    theirs.get_scores(bootstrap_type="11", impose_null=True)
    theirs.get_weights(weights_type="rademacher")
    theirs.get_numer()
    theirs.get_denom()
    theirs.get_vcov()
    theirs.get_tstat()
    theirs.get_tboot()
    theirs.get_pvalue()
    ours = wild_cluster_bootstrap(frame, **NAMES, cluster=by)
    if by == "district":
        assert ours.p_value - 2 / 64 - 1e-9 <= theirs.pvalue <= ours.p_value + 1e-9
    else:
        error = ours.table["monte_carlo_error"].iloc[0]
        assert ours.p_value == pytest.approx(theirs.pvalue, abs=5 * error)


@given(st.integers(0, 10_000), st.sampled_from([None, "district"]), st.sampled_from([0.9, 0.95]))
@few
def test_zero_is_in_the_interval_just_if_it_is_not_rejected(seed, cluster, level):
    result = wild_cluster_bootstrap(
        panel(14, 7, seed=seed), **NAMES, cluster=cluster, replications=199, seed=seed, level=level
    )
    low, high = result.interval
    if "not connected" not in result.inference:
        assert (low <= 0 <= high) == (result.p_value > round(1 - level, 12))


@given(st.integers(0, 10_000), st.floats(-3, 3))
@few
def test_names_effects_and_scale_do_not_matter(seed, added):
    frame = panel(seed=seed)
    changed = frame.assign(
        district=frame["district"].map(lambda name: f"z{9 - int(name[1:])}"),
        y=2 * frame["y"] + added * frame["unit"] + added * frame["year"] ** 2,
    ).sample(frac=1, random_state=seed)
    one, other = (
        wild_cluster_bootstrap(f, **NAMES, cluster="district", weights="weight")
        for f in (frame, changed)
    )
    assert other.p_value == pytest.approx(one.p_value)
    finite = np.isfinite(one.interval)
    ends = np.array(other.interval)[finite], 2 * np.array(one.interval)[finite]
    assert ends[0] == pytest.approx(ends[1], rel=1e-5, abs=1e-7)


def test_with_four_clusters_nothing_can_be_significant_and_the_text_says_so():
    result = wild_cluster_bootstrap(panel(12, 4, effect=9.0), **NAMES, cluster="district")
    assert result.p_value >= 2 / 16
    assert result.interval == (-np.inf, np.inf)
    assert "no p-value below 0.125 is possible" in result.inference


def test_webb_weights_have_mean_zero_variance_one_and_six_values():
    frame = panel()
    model = ExposureModel.of(frame, **NAMES)
    result = wild_cluster_bootstrap(
        frame, **NAMES, cluster="district", multiplier="webb", replications=1999
    )
    assert len(result.frames["draws"]) == 1999
    rademacher = wild_cluster_bootstrap(frame, **NAMES, cluster="district")
    assert result.p_value == pytest.approx(rademacher.p_value, abs=0.12)
    values = np.unique(_signs(model.within.units.count, 999, 0, "webb")[0])
    assert len(values) == 6
    assert [values.mean(), (values**2).mean()] == pytest.approx([0, 1], abs=1e-12)


def test_more_than_twelve_clusters_are_drawn_from_the_seed():
    frame = panel(20)
    one, same, other = (
        wild_cluster_bootstrap(frame, **NAMES, replications=499, seed=seed) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one.table, same.table)
    assert not one.frames["draws"].equals(other.frames["draws"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cluster": "nowhere"}, "no column 'nowhere'"),
        ({"cluster": "year"}, "expected one a unit"),
        ({"cluster": "one"}, "one cluster only"),
        ({"multiplier": "normal"}, "choose 'rademacher' or 'webb'"),
        ({"replications": 9}, "fewer than 19"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(changes, told):
    frame = panel(20).assign(one=1)
    with pytest.raises(DesignError, match=told):
        wild_cluster_bootstrap(frame, **{**NAMES, **changes})
