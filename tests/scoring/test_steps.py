"""The steps of an index on tables small enough to do by hand, and the laws they obey."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from valley_analysis.scoring import Goalposts, goalposts, rank, shared_weights
from valley_analysis.scoring.average import average
from valley_analysis.scoring.goalposts import between_posts
from valley_analysis.scoring.weights import correlated_groups

numbers = st.floats(-1e6, 1e6, allow_nan=False)
columns = st.lists(numbers, min_size=3, max_size=30)


def test_ranks_tie_at_the_smaller_place_and_skip():
    scores = pd.Series([70.0, 50.0, 70.0, np.nan, 10.0], index=list("abcde"))
    ranks = rank(scores)
    assert ranks.dropna().to_dict() == {"a": 1, "b": 3, "c": 1, "e": 4}
    assert ranks.isna().tolist() == [False, False, False, True, False]


def test_ranks_come_from_unrounded_scores():
    scores = pd.Series([50.0, 50.0000001, 50.0 + 5e-10])
    assert rank(scores).tolist() == [2, 1, 2]


def test_no_scores_no_ranks():
    assert rank(pd.Series([np.nan, np.nan])).isna().all()


@given(columns)
def test_a_rank_is_one_more_than_the_number_clearly_ahead(values):
    assume(min(abs(np.diff(sorted(set(values)))), default=1) > 1e-6)
    scores = pd.Series(values)
    ahead = [(scores > value).sum() + 1 for value in values]
    assert rank(scores).tolist() == ahead


@given(columns, st.randoms())
def test_shuffling_units_shuffles_ranks(values, random):
    scores = pd.Series(values)
    order = list(scores.index)
    random.shuffle(order)
    assert rank(scores.loc[order]).loc[scores.index].equals(rank(scores))


def test_goalposts_cut_both_tails():
    posts = goalposts(pd.Series(range(101), dtype=float), (0.05, 0.9))
    assert posts == Goalposts(low=5.0, high=90.0, n=101, clipped=15)


def test_a_constant_has_no_goalposts():
    assert goalposts(pd.Series([3.0, 3.0, np.nan]), (0.0, 1.0)) is None
    assert goalposts(pd.Series([np.nan]), (0.0, 1.0)) is None


@given(columns, st.floats(0.001, 1000), numbers)
def test_scaling_does_not_depend_on_the_unit(values, factor, shift):
    assume(np.ptp(values) > 1e-3)
    first = pd.Series(values)
    second = first * factor + shift
    one = between_posts(first, goalposts(first, (0, 1)), 1)
    other = between_posts(second, goalposts(second, (0, 1)), 1)
    assert one.to_numpy() == pytest.approx(other.to_numpy(), abs=1e-4)


@given(columns)
def test_turning_the_direction_mirrors_the_scale(values):
    series = pd.Series(values)
    posts = goalposts(series, (0.1, 0.9))
    assume(posts is not None)
    up, down = between_posts(series, posts, 1), between_posts(series, posts, -1)
    assert (up + down).to_numpy() == pytest.approx(100)
    assert up.between(0, 100).all()


def test_the_mean_renormalises_over_what_is_present():
    values = pd.DataFrame({"a": [0.0, np.nan, np.nan], "b": [100.0, 100.0, np.nan]})
    weights = pd.Series({"a": 3.0, "b": 1.0})
    mean, used = average(values, weights, 0.25)
    assert mean.tolist()[:2] == [25.0, 100.0]
    assert np.isnan(mean[2])
    assert used.loc[1, "b"] == 1.0
    strict, _ = average(values, weights, 0.5)
    assert np.isnan(strict[1])


@given(st.floats(0.01, 100))
def test_weights_times_a_constant_change_nothing(factor):
    values = pd.DataFrame({"a": [1.0, 5.0, np.nan], "b": [2.0, np.nan, 7.0], "c": [3.0, 4.0, 9.0]})
    weights = pd.Series({"a": 0.2, "b": 0.3, "c": 0.5})
    one, _ = average(values, weights, 0.4)
    other, _ = average(values, weights * factor, 0.4)
    pd.testing.assert_series_equal(one, other)


def test_near_duplicates_share_one_weight_along_a_chain():
    names = list("abcd")
    table = pd.DataFrame(np.eye(4), names, names)
    for one, other, value in (
        ("a", "b", 0.95),
        ("b", "c", 0.92),
        ("a", "c", 0.5),
        ("c", "d", -0.99),
    ):
        table.loc[one, other] = table.loc[other, one] = value
    assert shared_weights(table, 0.9).round(9).to_dict() == {
        "a": round(1 / 6, 9),
        "b": round(1 / 6, 9),
        "c": round(1 / 6, 9),
        "d": 0.5,
    }
    assert correlated_groups(table, 0.9).tolist() == [0, 0, 0, 1]


def test_an_unknown_correlation_links_nothing():
    table = pd.DataFrame([[1.0, np.nan], [np.nan, 1.0]], list("ab"), list("ab"))
    assert shared_weights(table, 0.9).tolist() == [0.5, 0.5]
