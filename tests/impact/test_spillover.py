"""Neighbours' exposure beside one's own: dummies by hand, a known truth, and islands."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.spatial_examples import ring
from valley_analysis.impact.spillover import TOGETHER, spillover
from valley_analysis.spatial import SpatialWeights

CHOICE = {"unit": "unit", "period": "year", "outcome": "y", "exposure": "x", "since": 3}
OWN, THEIRS = "x x 3", "neighbours' x x 3"


def smooth_exposure(n: int, seed: int) -> tuple[pd.DataFrame, SpatialWeights]:
    """Units on a ring whose exposure is like their neighbours'."""
    units, weights = ring(n, rho=0.0, beta=0.0, seed=seed)
    x = np.linalg.solve(np.eye(n) - 0.6 * weights.matrix.toarray(), units["x"].to_numpy())
    return pd.DataFrame({"unit": units["unit"], "x": x}), weights


def made(n: int, own: float, near: float, seed: int) -> tuple[pd.DataFrame, SpatialWeights]:
    units, weights = smooth_exposure(n, seed)
    rng = np.random.default_rng([seed, 2])
    units["wx"] = weights.lag(units.set_index("unit")["x"]).to_numpy()
    units["level"] = rng.normal(size=n)
    panel = pd.concat([units.assign(year=t) for t in range(1, 5)], ignore_index=True)
    moved = (panel["year"] >= 3) * (own * panel["x"] + near * panel["wx"])
    panel["y"] = panel["level"] + 0.3 * panel["year"] + moved + 0.5 * rng.normal(size=len(panel))
    return panel.drop(columns=["wx", "level"]), weights


def by_hand(panel: pd.DataFrame, weights: SpatialWeights) -> tuple[np.ndarray, np.ndarray]:
    """Least squares on dummies; errors clustered by unit with nested unit effects not counted."""
    exposed = panel.groupby("unit")["x"].first()
    near = panel["unit"].map(weights.lag(exposed.reindex(weights.units)))
    after = panel["year"] >= 3
    interest = np.column_stack([panel["x"] * after, near * after]).astype(float)
    dummies = pd.get_dummies(panel[["unit", "year"]].astype(str), dtype=float).to_numpy()
    full = np.column_stack([interest, dummies])
    slopes = np.linalg.lstsq(full, panel["y"], rcond=None)[0]
    left = panel["y"].to_numpy() - full @ slopes
    partial = interest - dummies @ np.linalg.lstsq(dummies, interest, rcond=None)[0]
    scores = (
        pd.DataFrame(partial * left[:, None]).groupby(panel["unit"].to_numpy()).sum().to_numpy()
    )
    bread = np.linalg.inv(partial.T @ partial)
    groups, n = len(scores), len(panel)
    counted = 2 + panel["year"].nunique()
    factor = groups / (groups - 1) * (n - 1) / (n - counted)
    return slopes[:2], np.sqrt(factor * np.diag(bread @ scores.T @ scores @ bread))


@pytest.mark.parametrize("gaps", [False, True])
def test_estimates_and_errors_are_those_of_dummies(gaps):
    panel, weights = made(30, 1.0, 0.5, seed=1)
    if gaps:
        panel = panel.sample(frac=0.9, random_state=1)
        assert panel["unit"].nunique() == 30
    slopes, errors = by_hand(panel, weights)
    found = spillover(panel, weights=weights, **CHOICE)
    assert found.headline == THEIRS
    assert found.table.loc[[OWN, THEIRS], "estimate"].to_numpy() == pytest.approx(slopes, rel=1e-6)
    assert found.table.loc[[OWN, THEIRS], "se"].to_numpy() == pytest.approx(errors, rel=1e-3)
    assert found.table.loc[TOGETHER, "estimate"] == pytest.approx(slopes.sum(), rel=1e-6)


def test_own_exposure_alone_takes_the_neighbours_part_for_its_own():
    found = []
    for seed in range(6):
        panel, weights = made(40, 1.0, 0.8, seed)
        fit = spillover(panel, weights=weights, **CHOICE)
        row = fit.table["estimate"]
        found.append((row[OWN], row[THEIRS], fit.frames["alone"].loc[OWN, "estimate"]))
    own, theirs, alone = np.mean(found, axis=0)
    assert own == pytest.approx(1.0, abs=0.1)
    assert theirs == pytest.approx(0.8, abs=0.15)
    assert alone > 1.3


@pytest.mark.slow
def test_no_spillover_is_found_where_there_is_none():
    drawn = [made(40, 1.0, 0.0, seed) for seed in range(60)]
    found = [spillover(panel, weights=weights, **CHOICE) for panel, weights in drawn]
    assert (
        np.mean([fit.distinguishable for fit in found]) <= 0.117
    )  # two Monte Carlo errors above 5 %


def test_counts_take_a_poisson_model():
    panel, weights = made(40, 0.3, 0.2, seed=3)
    rng = np.random.default_rng(3)
    counts = panel.assign(y=rng.poisson(np.exp(4 + panel["y"])))
    found = spillover(counts, weights=weights, family="poisson", **CHOICE)
    assert found.table.loc[TOGETHER, "estimate"] == pytest.approx(0.5, abs=0.25)
    assert "log of a ratio" in found.estimand


def test_units_without_neighbours_are_left_out_and_named():
    panel, weights = made(20, 1.0, 0.5, seed=1)
    wide = SpatialWeights.of(
        [*weights.units, "isle"], np.pad(weights.matrix.toarray(), ((0, 1), (0, 1)))
    )
    isle = pd.DataFrame({"unit": "isle", "x": 9.0, "year": [1, 2, 3, 4], "y": [0.0, 0, 9, 9]})
    found = spillover(pd.concat([panel, isle]), weights=wide, **CHOICE)
    assert "Units left out: isle." in found.notes
    whole = spillover(panel, weights=weights, **CHOICE)
    pd.testing.assert_frame_equal(found.table, whole.table)


def test_exposures_that_move_together_fail_the_check():
    panel, weights = made(30, 1.0, 0.0, seed=1)
    assert spillover(panel, weights=weights, **CHOICE).diagnostics[0].status == "passed"
    steps = dict(zip(weights.units, np.sin(np.linspace(0, 2 * np.pi, 31)[:-1]), strict=True))
    slow = panel.assign(x=panel["unit"].map(steps) + 0.01 * panel["x"])
    check = spillover(slow, weights=weights, **CHOICE).diagnostics[0]
    assert check.status == "failed"
    assert check.facts["correlation"] > 0.95


def test_all_problems_are_named_at_once():
    panel, weights = made(20, 1.0, 0.5, seed=1)
    bad = panel.replace({"unit": {"u0": "zz"}})
    bad.loc[1, "x"] += 1
    with pytest.raises(DesignError) as raised:
        spillover(bad, weights=weights, **CHOICE)
    told = " ".join(raised.value.problems)
    assert "column 'x' (exposure), unit 'u1': changes" in told
    assert "unit 'zz': not in the spatial weights" in told
    with pytest.raises(DesignError, match="needs periods before and from 9 on; found 1, 2, 3, 4"):
        spillover(panel, weights=weights, **{**CHOICE, "since": 9})
    pairs = SpatialWeights.of(weights.units, np.ones((20, 20)) - np.eye(20))
    one = panel.assign(x=(panel["unit"] == "u0").astype(float))
    with pytest.raises(DesignError):  # neighbours' average is one less own exposure, scaled
        spillover(one, weights=pairs, **CHOICE)
