"""Copeland scores against a plain loop, and the laws they obey with gaps too."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from valley_analysis.errors import SpecError
from valley_analysis.scoring.copeland import copeland, copeland_scores, outranking

module = sys.modules[copeland_scores.__module__]

few = settings(max_examples=30, deadline=None)
nan = np.nan
tables = arrays.arrays(
    float, st.tuples(st.integers(1, 9), st.integers(1, 5)), elements=st.sampled_from([0, 1, 2, nan])
)
shares = st.lists(st.sampled_from([0, 1, 2, 3]), min_size=5, max_size=5)


def plainly(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The definition, pair by pair."""
    scores = np.zeros(len(values))
    for i, one in enumerate(values):
        for j, other in enumerate(values):
            both = ~np.isnan(one) & ~np.isnan(other) & (weights > 0)
            if i == j or not both.any():
                continue
            ahead = ((one > other) + 0.5 * (one == other))[both]
            share = (ahead * weights[both]).sum() / weights[both].sum()
            scores[i] += np.sign(round(share - 0.5, 12))
    scores[~(~np.isnan(values) & (weights > 0)).any(axis=1)] = nan
    return scores


@given(tables, shares)
@few
def test_scores_are_those_of_the_definition(values, weights):
    weights = np.array(weights[: values.shape[1]], dtype=float)
    if weights.sum() == 0:
        weights[:] = 1
    found = copeland_scores(values, weights)
    assert found == pytest.approx(plainly(values, weights), nan_ok=True)


@given(tables, st.randoms())
@few
def test_permuting_rows_permutes_scores_with_gaps_too(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    weights = np.linspace(0.1, 0.7, values.shape[1])
    one, other = copeland_scores(values, weights), copeland_scores(values[order], weights)
    assert np.array_equal(other, one[order], equal_nan=True)


@given(tables)
@few
def test_wins_and_losses_cancel(values):
    assert np.nansum(copeland_scores(values, np.ones(values.shape[1]))) == 0


@given(tables, st.sampled_from([1e-300, 0.3, 1e300]))
@few
def test_weights_times_a_constant_and_units_change_nothing(values, factor):
    names = [f"x{number}" for number in range(values.shape[1])]
    frame = pd.DataFrame(values, columns=names)
    weights = pd.Series(np.arange(1.0, len(names) + 1), names)
    one = copeland(frame, weights)
    pd.testing.assert_series_equal(copeland(frame, weights * factor), one)
    pd.testing.assert_series_equal(copeland(frame * factor, weights), one)


def test_sums_of_weights_that_round_differently_draw():
    """0.1 + 0.2 against 0.3."""
    frame = pd.DataFrame({"x": [1, 0], "y": [1, 0], "z": [0, 1]})
    assert copeland(frame, {"x": 0.1, "y": 0.2, "z": 0.3}).tolist() == [0, 0]


def test_blocks_of_rows_give_the_same(monkeypatch):
    values = np.random.default_rng(0).integers(0, 4, (50, 3)).astype(float)
    whole = copeland_scores(values, np.ones(3))
    monkeypatch.setattr(module, "CELLS", 120)
    assert copeland_scores(values, np.ones(3)).tolist() == whole.tolist()


def test_values_may_tie_within_a_limit():
    frame = pd.DataFrame({"x": [1.0, 1.0 + 1e-12, 1.5]})
    assert copeland(frame).tolist() == [-2, 0, 2]
    assert copeland(frame, tie=1e-9).tolist() == [-1, -1, 2]
    wide = pd.DataFrame({"x": [-1.7e308, 1.7e308]})
    assert copeland(wide, tie=1e-9).tolist() == [-1, 1]


def test_rescaled_scores_run_from_0_to_100():
    frame = pd.DataFrame({"x": [3.0, 2.0, 1.0, nan]})
    found = copeland(frame, rescale=True)
    assert found.tolist() == pytest.approx([100, 50, 0, nan], nan_ok=True)
    assert copeland(frame.head(1), rescale=True).tolist() == [50]


def test_units_meet_within_a_period_unless_pooled():
    rows = pd.MultiIndex.from_product([[2020, 2021], ["a", "b"]])
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]}, rows)
    assert copeland(frame).tolist() == [-1, 1, -1, 1]
    assert copeland(frame, pooled=True).tolist() == [-3, -1, 1, 3]


@given(tables)
@few
def test_the_outranking_matrix_is_complementary(values):
    matrix = outranking(pd.DataFrame(values)).to_numpy()
    total = matrix + matrix.T
    assert total[~np.isnan(total)] == pytest.approx(1)


def test_bad_weights_are_named():
    frame = pd.DataFrame({"x": [1.0], "y": [2.0]})
    with pytest.raises(SpecError) as caught:
        copeland(frame, {"x": -1, "w": 1})
    assert len(caught.value.problems) == 3
