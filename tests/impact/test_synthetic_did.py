"""Synthetic differences in differences: the published case, laws, and planted effects."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.synthetic_did import synthetic_did

COLUMNS = {"unit": "unit", "period": "year", "outcome": "y"}


def factor_panel(
    units: int = 30, years: int = 16, seed: int = 0, noise: float = 0.3
) -> pd.DataFrame:
    """Two common factors with unit loadings: parallel trends fail, a weighted mean does not."""
    rng = np.random.default_rng(seed)
    factors = np.cumsum(rng.normal(size=(2, years)), axis=1)
    loadings = rng.uniform(0, 1, size=(units, 2))
    y = 10 + loadings @ factors + rng.normal(0, noise, size=(units, years))
    index = pd.MultiIndex.from_product([range(units), range(2000, 2000 + years)])
    return pd.Series(y.ravel(), index.set_names(["unit", "year"]), name="y").reset_index()


def plant(frame: pd.DataFrame, units: list[int], effect: float, since: int = 2010) -> pd.DataFrame:
    hit = frame["unit"].isin(units) & (frame["year"] >= since)
    return frame.assign(y=frame["y"] + effect * hit)


def test_proposition_99_as_published(shared: Path) -> None:
    folder = shared / "reference" / "prop99"
    checks = json.loads((folder / "expected.json").read_text("utf-8"))["checks"]
    expected = {one["id"]: one for one in checks}
    found = synthetic_did(
        pd.read_csv(folder / "data.csv"),
        unit="state",
        period="year",
        outcome="cigsale",
        treated="California",
        since=1989,
        replications=200,
        seed=1,
    )
    for name, value in (
        ("sdid_att", found.estimate),
        ("sdid_placebo_se", found.se),
        ("did_att", found.frames["comparisons"].loc["difference_in_differences", "estimate"]),
    ):
        assert value == pytest.approx(expected[name]["value"], abs=expected[name]["tol"]), name


def test_weights_are_shares() -> None:
    found = synthetic_did(factor_panel(), **COLUMNS, treated=3, since=2010, replications=20)
    weights = [frame for name, frame in found.frames.items() if name.endswith("weights")]
    assert len(weights) >= 2
    for frame in weights:
        shares = frame[2010].to_numpy(float)
        assert (shares >= -1e-9).all()
        assert shares.sum() == pytest.approx(1, abs=1e-6)


def test_a_planted_effect_is_added_exactly_and_found() -> None:
    """Weights see only earlier periods of the treated, so a later shift passes through whole."""
    frame = factor_panel(seed=4)
    base = synthetic_did(frame, **COLUMNS, treated=[3, 5], since=2010, replications=100)
    moved = synthetic_did(
        plant(frame, [3, 5], 5.0), **COLUMNS, treated=[3, 5], since=2010, replications=100
    )
    assert moved.estimate - base.estimate == pytest.approx(5.0)
    assert moved.se == pytest.approx(base.se)
    assert moved.distinguishable


def test_it_beats_plain_differences_where_trends_are_not_parallel() -> None:
    errors: dict[str, list[float]] = {"synthetic_did": [], "difference_in_differences": []}
    for seed in range(25):
        frame = factor_panel(seed=seed)
        treated = frame.groupby("unit")["y"].last().nlargest(3).index.tolist()
        found = synthetic_did(frame, **COLUMNS, treated=treated, since=2010, replications=2)
        for name, kept in errors.items():
            kept.append(float(found.frames["comparisons"].loc[name, "estimate"]))
    spread = {name: np.sqrt(np.mean(np.square(kept))) for name, kept in errors.items()}
    assert spread["synthetic_did"] < 0.7 * spread["difference_in_differences"]


def test_unit_constants_change_nothing() -> None:
    frame = factor_panel(seed=7)
    moved = frame.assign(y=frame["y"] + 3.0 * frame["unit"])
    one, other = (
        synthetic_did(part, **COLUMNS, treated=2, since=2010, replications=2).estimate
        for part in (frame, moved)
    )
    assert one == pytest.approx(other, abs=1e-6)


def test_cohorts_are_averaged_by_treated_cells() -> None:
    frame = plant(plant(factor_panel(seed=9, noise=0.05), [1], 2.0, 2008), [2], 4.0, 2012)
    cohort = frame["unit"].map({1: 2008.0, 2: 2012.0})
    found = synthetic_did(frame.assign(cohort=cohort), **COLUMNS, cohort="cohort", replications=2)
    base = synthetic_did(
        factor_panel(seed=9, noise=0.05).assign(cohort=cohort),
        **COLUMNS,
        cohort="cohort",
        replications=2,
    )
    cells = np.array([8.0, 4.0])  # periods after each decree up to 2015
    assert found.estimate - base.estimate == pytest.approx((cells @ [2.0, 4.0]) / cells.sum())


@pytest.mark.parametrize("inference", ["placebo", "jackknife", "bootstrap"])
def test_every_inference_gives_an_error_and_says_which(inference: str) -> None:
    found = synthetic_did(
        factor_panel(seed=3),
        **COLUMNS,
        treated=[1, 2, 3],
        since=2010,
        inference=inference,
        replications=40,
        seed=5,
    )
    assert found.se > 0
    assert inference in found.inference
    again = synthetic_did(
        factor_panel(seed=3),
        **COLUMNS,
        treated=[1, 2, 3],
        since=2010,
        inference=inference,
        replications=40,
        seed=5,
    )
    assert again.se == found.se


@pytest.mark.slow
def test_placebo_intervals_cover_nothing_where_nothing_happened() -> None:
    covered = []
    for seed in range(60):
        found = synthetic_did(
            factor_panel(units=24, seed=200 + seed),
            **COLUMNS,
            treated=[1, 2],
            since=2010,
            replications=60,
            seed=seed,
        )
        covered.append(not found.distinguishable)
    assert np.mean(covered) > 0.85


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"treated": 99}, "99"),
        ({"since": 2000}, "2000"),
        ({"since": 2050}, "2050"),
        ({"treated": None}, "treated"),
    ],
)
def test_what_cannot_be_estimated_is_named(change: dict, words: str) -> None:
    given = {"treated": 1, "since": 2010, "replications": 2} | change
    with pytest.raises(DesignError, match=words):
        synthetic_did(factor_panel(), **COLUMNS, **given)


def test_a_treated_unit_with_a_gap_is_named() -> None:
    frame = factor_panel()
    frame = frame[~((frame["unit"] == 1) & (frame["year"] == 2005))]
    with pytest.raises(DesignError, match=r"(?s)1.*2005"):
        synthetic_did(frame, **COLUMNS, treated=1, since=2010, replications=2)
