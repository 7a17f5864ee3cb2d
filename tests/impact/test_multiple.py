"""Adjusted p-values, worked by hand, against statsmodels, and by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from statsmodels.stats.multitest import multipletests

from valley_analysis.errors import DesignError
from valley_analysis.impact.multiple import benjamini_hochberg, holm, romano_wolf

few = settings(max_examples=40, deadline=None)
nan = np.nan
p_rows = st.lists(st.floats(0, 1), min_size=1, max_size=12)
tables = arrays.arrays(float, (19, 4), elements=st.floats(-4, 4))


def test_benjamini_and_hochberg_by_hand():
    """m p / rank: .05, .05, .05, .04/4*5 ... from the largest down the smallest so far."""
    p = [0.01, 0.02, 0.03, 0.04, 0.8]
    assert benjamini_hochberg(p).tolist() == pytest.approx([0.05, 0.05, 0.05, 0.05, 0.8])


def test_holm_by_hand():
    """5 x .01, 4 x .02, 3 x .03, then 2 x .04 = .08 raised to .09."""
    p = [0.01, 0.02, 0.03, 0.04, 0.8]
    assert holm(p).tolist() == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.8])


def test_romano_and_wolf_by_hand():
    """Largest of all: 3.0, 1.5, 2.2, 0.9 against 2.1 gives (1 + 2)/5; of the last two columns
    2.2 and more never reach 1.9 but once: (1 + 1)/5, raised to 3/5; the last (1 + 2)/5."""
    observed = [-2.1, 1.9, 0.4]
    draws = [[-3.0, 0.1, 0.2], [1.5, 0.3, 0.5], [0.0, -2.2, 0.1], [0.9, 0.8, -0.7]]
    assert romano_wolf(observed, draws).tolist() == pytest.approx([0.6, 0.6, 0.6])
    assert romano_wolf(observed, draws, exhaustive=True).tolist() == pytest.approx([0.5, 0.5, 0.5])


def test_stepping_down_gains_over_the_largest_of_all():
    """Once the first is rejected, its noisy draws no longer stand in the second's way."""
    rng = np.random.default_rng(0)
    draws = np.column_stack([10 * rng.normal(size=999), rng.normal(size=999)])
    adjusted = romano_wolf([60.0, 3.0], draws)
    single_step = (1 + (np.abs(draws).max(axis=1) >= 3.0).sum()) / 1000
    assert adjusted[1] < 0.02 < 0.5 < single_step


@pytest.mark.slow
@given(p_rows)
@settings(max_examples=8, deadline=None)  # 0.05 s a call of theirs
def test_statsmodels_agrees(p):
    for ours, name in ((benjamini_hochberg, "fdr_bh"), (holm, "holm")):
        assert ours(p) == pytest.approx(multipletests(p, method=name)[1], abs=1e-12)


@given(p_rows, st.randoms())
@few
def test_order_does_not_matter_and_adjusting_never_lowers(p, random):
    order = list(range(len(p)))
    random.shuffle(order)
    for adjust in (benjamini_hochberg, holm):
        adjusted = adjust(p)
        assert (adjusted >= np.array(p) - 1e-12).all()
        assert (adjusted <= 1).all()
        shuffled = adjust([p[place] for place in order])
        assert shuffled == pytest.approx(adjusted[order], abs=1e-12)
    assert (holm(p) >= benjamini_hochberg(p) - 1e-12).all()


@given(tables, arrays.arrays(float, 4, elements=st.floats(-4, 4)), st.permutations(range(4)))
@few
def test_romano_wolf_lies_between_the_p_value_alone_and_against_the_largest_of_all(
    draws, observed, order
):
    adjusted = romano_wolf(observed, draws)
    single = (1 + (np.abs(draws) >= np.abs(observed) * (1 - 1e-9)).sum(axis=0)) / 20
    assert (adjusted >= single - 1e-12).all()
    largest = np.abs(draws).max(axis=1, keepdims=True)
    in_one_step = (1 + (largest >= np.abs(observed) * (1 - 1e-9)).sum(axis=0)) / 20
    assert (adjusted <= in_one_step + 1e-12).all()
    larger = np.argsort(-np.abs(observed), kind="stable")
    assert (np.diff(adjusted[larger]) >= -1e-12).all()
    distinct = len(set(np.abs(observed))) == 4
    if distinct:
        shuffled = romano_wolf(observed[list(order)], draws[:, list(order)])
        assert shuffled == pytest.approx(adjusted[list(order)])


def test_one_test_needs_no_adjustment():
    draws = np.random.default_rng(0).normal(size=(99, 1))
    expected = (1 + (np.abs(draws) >= 1.5).sum()) / 100
    assert romano_wolf([1.5], draws)[0] == pytest.approx(expected)
    assert holm([0.03]).tolist() == benjamini_hochberg([0.03]).tolist() == [0.03]


def test_tests_that_were_not_made_do_not_count():
    assert holm([0.01, nan, 0.04]).tolist() == pytest.approx([0.02, nan, 0.04], nan_ok=True)
    adjusted = romano_wolf([1.0, nan], [[2.0, 9.0], [0.5, 9.0]])
    assert adjusted.tolist() == pytest.approx([2 / 3, nan], nan_ok=True)
    assert np.isnan(benjamini_hochberg([nan])).all()
    assert len(holm([])) == 0


def test_missing_draws_count_against():
    assert romano_wolf([5.0], [[nan], [0.0], [0.0]]).tolist() == [0.5]


def test_any_false_rejection_is_as_rare_as_it_should_be():
    """Ten correlated true nulls, 400 times: about 5 % have a rejection, unadjusted far more."""
    rng = np.random.default_rng(0)

    def drawn(rows: int) -> np.ndarray:
        return rng.normal(size=(rows, 10)) + rng.normal(size=(rows, 1))

    draws = drawn(499)
    observed = drawn(400)
    any_wrong = np.mean([(romano_wolf(row, draws) <= 0.05).any() for row in observed])
    assert any_wrong == pytest.approx(0.05, abs=3.5 * np.sqrt(0.05 * 0.95 * (1 / 400 + 1 / 500)))


@pytest.mark.parametrize("bad", [[1.2], [-0.1], [[0.1, 0.2]]])
def test_what_are_not_p_values_is_refused(bad):
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(DesignError, match="between 0 and 1"):
            adjust(bad)


def test_statistics_and_draws_have_to_match():
    with pytest.raises(DesignError, match=r"expected \(m,\) and \(B, m\)"):
        romano_wolf([1.0, 2.0], [[1.0]])
