"""Benefit of the doubt: by hand, and as an optimum that no other weights beat."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import FrameError, SpecError
from valley_analysis.scoring.benefit import benefit_of_doubt

few = settings(max_examples=30, deadline=None)
nan = np.nan
THREE = pd.DataFrame({"x": [4.0, 1.0, 2.0], "y": [1.0, 4.0, 2.0]}, list("abc"))


def sample(seed: int, units: int = 12) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).random((units, 3)), columns=list("xyz"))


def test_by_hand():
    """c: w = (1/5, 1/5) puts a and b at 1 and c at 4/5; a and b are on the frontier."""
    found = benefit_of_doubt(THREE)
    assert found.scores.to_dict() == pytest.approx({"a": 1, "b": 1, "c": 0.8}, abs=1e-9)
    assert found.weights.loc["c"].tolist() == pytest.approx([0.2, 0.2], abs=1e-9)
    assert found.shares.loc["c"].tolist() == pytest.approx([0.5, 0.5], abs=1e-9)


def test_with_equal_shares_by_hand():
    """a needs 4 wx = wy; b binds: wx + 4 wy = 17 wx = 1, so a scores 4 wx + wy = 8/17."""
    found = benefit_of_doubt(THREE, 0.5, 0.5)
    assert found.scores.to_dict() == pytest.approx({"a": 8 / 17, "b": 8 / 17, "c": 0.8}, abs=1e-9)


@given(st.integers(0, 300))
@settings(max_examples=20, deadline=None)
def test_no_other_weights_serve_a_unit_better(seed):
    frame = sample(seed)
    found = benefit_of_doubt(frame)
    assert found.scores.max() == pytest.approx(1)
    for weights in np.random.default_rng(seed).dirichlet(np.ones(3), size=50):
        total = frame.to_numpy() @ weights
        assert (total / total.max() <= found.scores.to_numpy() + 1e-9).all()


@given(st.integers(0, 300), st.floats(0, 0.3), st.floats(0.4, 1))
@settings(max_examples=20, deadline=None)
def test_bounds_are_kept_and_lower_every_score(seed, low, high):
    frame = sample(seed)
    found = benefit_of_doubt(frame, low, high)
    assert (found.shares >= low - 1e-8).all(axis=None)
    assert (found.shares <= high + 1e-8).all(axis=None)
    assert found.shares.sum(axis=1).to_numpy() == pytest.approx(1)
    totals = frame.to_numpy() @ found.weights.to_numpy().T
    assert (totals <= 1 + 1e-8).all()
    assert np.diag(totals) == pytest.approx(found.scores.to_numpy())
    assert (found.scores <= benefit_of_doubt(frame).scores + 1e-9).all()


@pytest.mark.parametrize("scale", [1e-290, 1e-3, 1e290])
def test_a_change_of_unit_changes_no_score(scale):
    frame = sample(1)
    found = benefit_of_doubt(frame * [1.0, scale, 5.0], 0.1, 0.6)
    expected = benefit_of_doubt(frame, 0.1, 0.6)
    assert found.scores.to_numpy() == pytest.approx(expected.scores.to_numpy(), abs=1e-9)


def test_the_order_of_units_plays_no_part():
    frame = sample(2)
    one = benefit_of_doubt(frame).scores
    other = benefit_of_doubt(frame.iloc[::-1]).scores[frame.index]
    assert other.to_numpy() == pytest.approx(one.to_numpy(), abs=1e-9)


def test_bounds_by_indicator_leave_the_others_free():
    found = benefit_of_doubt(THREE, {"x": 0.5}).shares
    assert found["x"].min() == pytest.approx(0.5)
    assert found.loc["a", "x"] == pytest.approx(1)


def test_gaps_and_zeros_are_reported():
    frame = pd.DataFrame({"x": [4.0, 1.0, nan, 0.0], "y": [1.0, 4.0, 9.0, 3.0]}, list("abcd"))
    found = benefit_of_doubt(frame, {"x": 0.1})
    assert np.isnan(found.scores["c"])
    assert found.scores["d"] == 0
    assert found.scores["b"] == pytest.approx(1)  # c, with its gap, is no peer
    assert found.report.values.tolist() == [
        ["c", "has a gap"],
        ["d", "scores 0: a value of 0 where a share is due"],
    ]


def test_a_unit_of_zeros_scores_zero():
    frame = pd.concat([THREE, pd.DataFrame({"x": [0.0], "y": [0.0]}, ["z"])])
    found = benefit_of_doubt(frame)
    assert found.scores["z"] == 0
    assert found.shares.loc["z"].isna().all()


def test_bad_data_are_named_at_once():
    frame = pd.DataFrame({"x": [-1.0, 2.0], "y": [0.0, 0.0]}, ["a", "b"])
    with pytest.raises(FrameError) as caught:
        benefit_of_doubt(frame)
    assert caught.value.problems == (
        "x: negative for a",
        "y: 0 for every unit that has all indicators",
    )
    with pytest.raises(FrameError, match="no unit has all"):
        benefit_of_doubt(pd.DataFrame({"x": [nan, 1.0], "y": [1.0, nan]}))


@pytest.mark.parametrize(
    ("lower", "upper", "problem"),
    [
        (0.6, 1.0, "lower bounds sum to 1.2"),
        (0.0, 0.4, "upper bounds sum to 0.8"),
        (0.5, 0.3, "x: shares from 0.5 to 0.3"),
        ({"w": 0.1}, 1.0, "bound of 'w', no indicator"),
    ],
)
def test_bounds_that_cannot_be_kept_are_refused(lower, upper, problem):
    with pytest.raises(SpecError, match=problem):
        benefit_of_doubt(THREE, lower, upper)


def test_the_result_shows_itself():
    assert "2 of 3 units on the frontier" in benefit_of_doubt(THREE)._repr_html_()
