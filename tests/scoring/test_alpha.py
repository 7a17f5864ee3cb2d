"""Cronbach's alpha: its other well-known form, its laws, what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import FrameError
from valley_analysis.scoring.alpha import cronbach_alpha

few = settings(max_examples=30, deadline=None)
nan = np.nan


def sample(seed: int, columns: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(20, columns)) + rng.normal(size=(20, 1)))


def test_by_hand():
    """Variances 1 and 4, covariance 2: 2^2 x 2 / (1 + 4 + 2 x 2)."""
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.0]})
    assert cronbach_alpha(frame) == pytest.approx(8 / 9, abs=1e-12)


def test_pairs_use_the_units_that_both_have():
    """Variances 1 (three units) and 4.5 (two), covariance 1.5 over the two in common."""
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [nan, 2.0, 5.0]})
    assert cronbach_alpha(frame) == pytest.approx(4 * 1.5 / (1 + 4.5 + 3), abs=1e-12)


@given(st.integers(0, 500), st.integers(2, 6))
@few
def test_it_is_the_textbook_form(seed, columns):
    """k / (k - 1) (1 - sum of variances / variance of the sum)."""
    frame = sample(seed, columns)
    share = frame.var().sum() / frame.sum(axis=1).var()
    assert cronbach_alpha(frame) == pytest.approx(columns / (columns - 1) * (1 - share))


def test_copies_have_1_and_orthogonal_indicators_0():
    x = pd.Series([1.0, 2.0, 4.0, 7.0])
    assert cronbach_alpha(pd.DataFrame({"x": x, "y": x + 3, "z": x})) == pytest.approx(1)
    frame = pd.DataFrame({"x": [1.0, 1.0, -1.0, -1.0], "y": [1.0, -1.0, 1.0, -1.0]})
    assert cronbach_alpha(frame) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1e300])
def test_one_factor_for_all_changes_nothing(scale):
    assert cronbach_alpha(sample(1) * scale) == pytest.approx(cronbach_alpha(sample(1)), rel=1e-9)


def test_nothing_to_divide_by_is_missing():
    x = pd.Series([1.0, 2.0, 3.0])
    assert np.isnan(cronbach_alpha(pd.DataFrame({"x": x, "y": -x})))


def test_bad_frames_are_named():
    with pytest.raises(FrameError, match="one indicator"):
        cronbach_alpha(pd.DataFrame({"x": [1.0, 2.0]}))
    with pytest.raises(FrameError) as caught:
        cronbach_alpha(pd.DataFrame({"x": [1.0, 2.0, nan], "y": [nan, 2.0, 3.0]}))
    assert caught.value.problems == ("x and y: 1 units in common",)
