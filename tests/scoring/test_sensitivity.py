"""Variance-based indices against analytic values, and laws they must keep."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import SpecError
from valley_analysis.frames import Scope
from valley_analysis.scoring import IndexSpec, Member
from valley_analysis.scoring.assumptions import (
    AggregationChoice,
    Alternatives,
    DropIndicator,
    Vintages,
    WeightNoise,
)
from valley_analysis.scoring.plan import Uncertainty
from valley_analysis.scoring.sensitivity import sensitivity
from valley_analysis.scoring.sobol import sobol_indices
from valley_analysis.scoring.value_errors import MeasurementError

pytestmark = pytest.mark.slow

SCOPE = Scope("eight", tuple("ABCDEFGH"))
SPEC = IndexSpec(
    "small",
    tuple(Member(name, "one" if name in "ab" else "two") for name in "abcd"),
    winsorise=(0.0, 1.0),
    reference=(2021, 2021),
    editions=(2021, 2021),
)


def indicators(seed: int = 0) -> pd.DataFrame:
    keys = pd.MultiIndex.from_product([SCOPE.units, (2021,), list("abcd")])
    frame = keys.to_frame(index=False, name=["region", "period", "indicator"])
    frame["value"] = np.random.default_rng(seed).normal(50, 15, len(frame))
    frame["low"] = frame["high"] = frame["value"]
    return frame.assign(flag="observed", method="", inputs="")


FRAME = indicators()


def ishigami(u):
    """Ishigami and Homma (1990), a = 7, b = 0.1."""
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_the_ishigami_function_has_its_analytic_indices():
    first, total = np.array([0.3139, 0.4424, 0.0]), np.array([0.5576, 0.4424, 0.2437])
    found = sobol_indices(ishigami, 3, 2**15, bootstrap=0)
    assert found.first.ravel() == pytest.approx(first, abs=0.01)
    assert found.total.ravel() == pytest.approx(total, abs=0.01)
    assert found.variance == pytest.approx(13.845, rel=0.01)
    rough = sobol_indices(ishigami, 3, 2**10, bootstrap=200, between=(0.005, 0.995))
    assert (rough.first_low.ravel() < first).all()
    assert (first < rough.first_high.ravel()).all()
    assert (rough.total_low.ravel() < total).all()
    assert (total < rough.total_high.ravel()).all()


def test_a_linear_function_has_the_squares_of_its_coefficients():
    def linear(u):
        return 1000.0 + u @ np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 1.0]])

    found = sobol_indices(linear, 3, 2**12)
    expected = np.array([1, 4, 9]) / 14
    assert found.first[:, 0] == pytest.approx(expected, abs=0.01)
    assert found.total[:, 0] == pytest.approx(expected, abs=0.01)
    assert found.first[:2, 1].tolist() == [0, 0]
    assert found.total[:2, 1].tolist() == [0, 0]
    assert found.total[2, 1] == pytest.approx(1, abs=0.01)


def test_discrete_options_are_not_binned_over_the_range_of_the_draw():
    found = sobol_indices(lambda u: np.floor(3 * u[:, 0]) + np.floor(3 * u[:, 1]), 2, 2**10)
    assert found.first.ravel() == pytest.approx([0.5, 0.5], abs=0.02)


def test_a_constant_output_has_no_indices():
    found = sobol_indices(lambda u: np.ones(len(u)), 2, 16)
    assert np.isnan(found.first).all()


@pytest.mark.parametrize(("k", "n"), [(0, 16), (2, 100), (2, 1)])
def test_sizes_that_a_sobol_sequence_cannot_have_are_refused(k, n):
    with pytest.raises(SpecError, match="power of two"):
        sobol_indices(ishigami, k, n)


def run(*assumptions, seed=3, n=128, **settings):
    plan = Uncertainty(assumptions, seed=seed)
    return sensitivity(FRAME, SPEC, 2021, SCOPE, plan, n=n, bootstrap=50, **settings)


def test_identical_alternatives_have_exactly_no_share():
    found = run(
        WeightNoise(concentration=10),
        Alternatives("idle", ({}, {"max_lag": 3})),
        Alternatives("twice", ({"winsorise": (0.1, 0.9)}, {"winsorise": (0.1, 0.9)})),
        AggregationChoice(("arithmetic", "arithmetic")),
        Vintages({"one": FRAME, "same": FRAME.copy()}),
        DropIndicator(0.0),
        MeasurementError(0.0),
    )
    for table in (found.rank_shift, found.unit("C"), found.unit("C", "score")):
        idle = table.drop(index="weights")
        assert (idle[["first", "total", "first_low", "total_high"]] == 0).all(axis=None)
    assert found.unit("C", "score").loc["weights", "total"] == pytest.approx(1, abs=0.1)


def test_random_assumptions_share_the_variance():
    found = run(
        WeightNoise(concentration=10),
        MeasurementError(5.0),
        Alternatives("treatment", ({}, {"winsorise": (0.1, 0.9)})),
        n=256,
    )
    table = found.unit("A", "score")
    assert (table["total"] > 0.005).all()
    assert 0.8 < table["first"].sum() < 1.2
    assert (found.rank_shift["total"] >= found.rank_shift["total_low"]).all()
    assert "shares of the variance" in found._repr_html_()


def test_the_seed_and_the_order_of_units():
    chosen = (WeightNoise(), MeasurementError(3.0))
    first = run(*chosen)
    pd.testing.assert_frame_equal(first.rank_shift, run(*chosen).rank_shift, check_exact=True)
    assert not run(*chosen, seed=4).rank_shift.equals(first.rank_shift)
    plan, turned = Uncertainty(chosen, seed=3), Scope("eight", tuple("HGFEDCBA"))
    second = sensitivity(FRAME, SPEC, 2021, turned, plan, n=128, bootstrap=50)
    pd.testing.assert_frame_equal(first.unit("B"), second.unit("B"))


def test_progress_and_unknown_units():
    seen = []
    found = run(WeightNoise(), n=16, progress=lambda *at: seen.append(at))
    assert seen[-1] == (48, 48)
    with pytest.raises(SpecError, match=r"Z .* is no unit of the scope"):
        found.unit("Z")


def test_an_output_that_is_not_always_defined_has_no_indices():
    strict = Alternatives("threshold", ({}, {"index_threshold": 1.0, "dimension_threshold": 1.0}))
    frame = FRAME.copy()
    gap = (frame["region"] == "B") & (frame["indicator"] == "a")
    frame.loc[gap, ["value", "low", "high"]] = np.nan
    plan = Uncertainty((strict, WeightNoise()), seed=1)
    spec = replace(SPEC, index_threshold=0.4, dimension_threshold=0.4)
    found = sensitivity(frame, spec, 2021, SCOPE, plan, n=64, bootstrap=20)
    assert found.unit("B").isna().all(axis=None)
    assert found.unit("A").notna().all(axis=None)
