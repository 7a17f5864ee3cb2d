"""The decomposition adds up to the coefficient it explains."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import DesignError
from valley_analysis.impact.bacon import EARLY, LATE, NEVER, bacon_decomposition
from valley_analysis.impact.did import two_way

DESIGN = {"unit": "u", "period": "t", "outcome": "y", "cohort": "since"}


def test_castle_doctrine_adds_up_to_the_two_way_coefficient(shared: Path) -> None:
    folder = shared / "reference/castle_doctrine"
    checks = json.loads((folder / "expected.json").read_text("utf-8"))["checks"]
    expected = {check["id"]: check for check in checks}
    frame = pd.read_csv(folder / "data.csv")
    frame["since"] = frame["year"].where(frame["post"] > 0).groupby(frame["state"]).transform("min")
    result = bacon_decomposition(
        frame, unit="state", period="year", outcome="l_homicide", cohort="since"
    )
    pairs, types = result.frames["pairs"], result.frames["types"]
    total = (pairs["estimate"] * pairs["weight"]).sum()
    assert total == pytest.approx(expected["bacon_sum"]["value"], abs=expected["bacon_sum"]["tol"])
    published = expected["bacon_twfe"]
    assert result.estimate == pytest.approx(published["value"], abs=published["tol"])
    assert types["weight"].sum() == pytest.approx(1)
    # Five cohorts: each against never treated, and ten pairs both ways.
    assert pairs["type"].value_counts().to_dict() == {NEVER: 5, EARLY: 10, LATE: 10}


def staggered(effects: list[float], noise: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Twelve units in three groups (from 2, from 4, never) over six periods."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(u, t) for u in range(12) for t in range(6)], columns=["u", "t"])
    frame["since"] = frame["u"].map(lambda u: {0: 2.0, 1: 4.0}.get(u % 3))
    effect = frame["since"].map({2.0: effects[0], 4.0: effects[1]}).fillna(0)
    frame["y"] = (
        frame["u"]
        + frame["t"] ** 2
        + effect * (frame["t"] >= frame["since"])
        + noise * rng.normal(size=len(frame))
    )
    return frame


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    cohorts=st.lists(st.sampled_from([1.0, 2.0, 4.0, None]), min_size=8, max_size=8),
)
def test_sums_to_the_two_way_coefficient_whatever_the_cohorts(
    seed: int, cohorts: list[float | None]
) -> None:
    distinct = set(cohorts)
    if len(distinct) < 2:
        cohorts = [1.0, None] * 4
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(u, t) for u in range(8) for t in range(6)], columns=["u", "t"])
    frame["since"] = pd.Series(cohorts, dtype=float)[frame["u"]].to_numpy()
    frame["y"] = rng.normal(size=len(frame))
    result = bacon_decomposition(frame, **DESIGN)
    pairs = result.frames["pairs"]
    treated = frame.assign(d=(frame["t"] >= frame["since"]).astype(float))
    twfe = two_way(treated, unit="u", period="t", outcome="y", regressors="d").estimate
    assert (pairs["estimate"] * pairs["weight"]).sum() == pytest.approx(twfe, abs=1e-9)
    assert pairs["weight"].min() > 0


def test_clean_comparisons_see_the_effects_themselves() -> None:
    pairs = bacon_decomposition(staggered([3.0, 1.0]), **DESIGN).frames["pairs"]
    pairs = pairs.set_index(["type", "treated"])["estimate"]
    assert pairs[NEVER, 2.0] == pytest.approx(3)
    assert pairs[NEVER, 4.0] == pytest.approx(1)
    assert pairs[EARLY, 2.0] == pytest.approx(3)


def test_a_growing_effect_biases_the_forbidden_comparison() -> None:
    frame = staggered([0.0, 0.0])
    frame["y"] += 2 * (frame["t"] - frame["since"]).clip(lower=0).fillna(0)
    result = bacon_decomposition(frame, **DESIGN)
    types = result.frames["types"]["estimate"]
    assert types[NEVER] > 0 > types[LATE]
    check = result.diagnostics[0]
    assert check.name == "forbidden_comparisons"
    assert check.facts["weight"] == pytest.approx(result.frames["types"].loc[LATE, "weight"])
    assert check.facts["without"] > result.estimate


def test_a_sign_that_only_forbidden_comparisons_give_fails() -> None:
    frame = staggered([0.0, 0.0])
    frame = frame[frame["since"].notna()]
    growth = 2.0 * (frame["t"] - 2)
    frame["y"] += growth.where((frame["since"] == 2) & (frame["t"] >= 4), 0.0)
    frame["y"] += 0.1 * (frame["t"] >= frame["since"])
    check = bacon_decomposition(frame, **DESIGN).diagnostics[0]
    assert check.status == "failed"


def test_one_cohort_has_no_forbidden_comparison() -> None:
    frame = staggered([1.0, 0.0])
    result = bacon_decomposition(frame[frame["since"] != 4], **DESIGN)
    assert result.diagnostics[0].status == "informational"
    assert result.frames["types"].index.tolist() == [NEVER]


def test_gaps_are_named() -> None:
    frame = staggered([1.0, 1.0])
    with pytest.raises(DesignError) as caught:
        bacon_decomposition(frame.drop(index=frame.index[[8, 30]]), **DESIGN)
    assert "unit 1, period 2: no value" in str(caught.value)
    assert "unit 5, period 0: no value" in str(caught.value)


def test_one_cohort_and_nobody_untreated_is_refused() -> None:
    frame = staggered([1.0, 1.0])
    with pytest.raises(DesignError, match="one cohort and no untreated unit"):
        bacon_decomposition(frame[frame["since"] == 2], **DESIGN)
