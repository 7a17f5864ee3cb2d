"""Weights from data: by hand, by law, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import FrameError, SpecError
from valley_analysis.scoring.weigh import METHODS, weights

few = settings(max_examples=30, deadline=None)
nan = np.nan
FROM_DATA = ("pca", "entropy", "critic")


def sample(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.random(30)
    return pd.DataFrame({name: common + rng.random(30) for name in "wxyz"})


@pytest.mark.parametrize("method", [each for each in METHODS if each != "given"])
@given(st.integers(0, 500))
@few
def test_weights_are_shares_and_follow_the_columns(method, seed):
    frame = sample(seed)
    found = weights(frame, method).values
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    if method != "random":
        turned = weights(frame[list("zxwy")], method).values
        assert turned[list("wxyz")].to_numpy() == pytest.approx(found.to_numpy())
        shuffled = weights(frame.sample(frac=1, random_state=1), method).values
        assert shuffled.to_numpy() == pytest.approx(found.to_numpy())


@pytest.mark.parametrize("method", FROM_DATA)
@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_a_change_of_unit_changes_no_weight(method, scale):
    frame = sample()
    factors = pd.Series({"w": 1.0, "x": scale, "y": 7.0, "z": 1.0})
    found = weights(frame * factors, method).values
    assert found.to_numpy() == pytest.approx(weights(frame, method).values.to_numpy())


def test_given_weights_times_a_constant_change_nothing():
    given_ = {"w": 0.1, "x": 0.0, "y": 0.7, "z": 2.0}
    one = weights(sample(), "given", given=given_).values
    for factor in (1e-300, 3.0, 1e300):
        other = weights(sample(), "given", given=pd.Series(given_) * factor).values
        assert other.to_numpy() == pytest.approx(one.to_numpy())


def test_random_weights_come_from_their_seed():
    one, same, other = (weights(sample(), "random", seed=seed).values for seed in (1, 1, 2))
    pd.testing.assert_series_equal(one, same)
    assert not np.allclose(one, other)


def test_equal_weights_of_the_first_component_for_equal_correlations():
    """Three indicators that correlate at 0.5: loadings equal, first eigenvalue 1 + 2 x 0.5."""
    base = np.linalg.qr(np.c_[np.ones(9), np.random.default_rng(0).normal(size=(9, 3))])[0][:, 1:]
    root = np.linalg.cholesky(np.array([[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]]))
    found = weights(pd.DataFrame(base @ root.T, columns=list("xyz")), "pca")
    assert found.values.to_numpy() == pytest.approx(1 / 3)
    assert found.explained == pytest.approx(2 / 3)
    assert found.report["loading"].to_numpy() == pytest.approx(np.sqrt(2 / 3))


def test_a_negative_loading_gets_no_weight_and_is_reported():
    frame = sample().assign(z=lambda t: -t["w"] - t["x"])
    found = weights(frame, "pca")
    assert found.values["z"] == 0
    assert found.values.sum() == pytest.approx(1)
    assert found.report.loc["z", "loading"] < 0
    (change,) = found.changes.to_dict("records")
    assert (change["indicator"], change["to"]) == ("z", 0.0)
    assert change["from"] < 0


def test_loadings_that_cancel_are_refused():
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 5.0], "y": [5.0, 4.0, 3.0, 1.0]})
    with pytest.raises(FrameError, match="loadings of the first component cancel"):
        weights(frame, "pca")


def test_entropy_by_hand():
    """x: shares 1/2 and 1/2, entropy 1; y: shares 1/4 and 3/4, entropy 0.811 (base 2)."""
    found = weights(pd.DataFrame({"x": [1.0, 1.0, 0.0], "y": [1.0, 3.0, 0.0]}), "entropy")
    bits = np.log(3) / np.log(2)
    x = 1 / bits
    y = -(0.25 * np.log2(0.25) + 0.75 * np.log2(0.75)) / bits
    assert found.report["entropy"].to_numpy() == pytest.approx([x, y])
    assert found.values.to_numpy() == pytest.approx(np.array([1 - x, 1 - y]) / (2 - x - y))


def test_critic_by_hand():
    """x and y are alike, z goes against both: conflicts 2, 2 and 4, contrasts equal."""
    frame = pd.DataFrame({"x": [0.0, 1.0, 2.0], "y": [5.0, 6.0, 7.0], "z": [9.0, 8.0, 7.0]})
    found = weights(frame, "critic")
    assert found.report["conflict"].tolist() == pytest.approx([2, 2, 4])
    assert found.report["contrast"].tolist() == pytest.approx([0.5] * 3)
    assert found.values.tolist() == pytest.approx([0.25, 0.25, 0.5])


def test_critic_on_copies_is_equal():
    frame = pd.DataFrame({"x": [0.0, 1.0, 3.0], "y": [5.0, 6.0, 8.0]})
    assert weights(frame, "critic").values.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("method", FROM_DATA)
def test_columns_that_cannot_be_weighed_are_named_at_once(method):
    frame = sample().assign(x=2.0, y=nan)
    with pytest.raises(FrameError) as caught:
        weights(frame, method)
    assert len(caught.value.problems) == 2
    assert caught.value.problems[0].startswith("x: constant at 2 (0, 1, 2")
    assert caught.value.problems[1] == "y: no value"


def test_pairs_without_a_correlation_are_named():
    frame = pd.DataFrame({"x": [1.0, 2, 3, nan, nan, nan], "y": [nan, nan, nan, 1.0, 2, 3]})
    for method in ("pca", "critic"):
        with pytest.raises(FrameError, match="x and y: no correlation"):
            weights(frame, method)


def test_entropy_refuses_negative_values_by_name():
    with pytest.raises(FrameError, match="y: negative for b"):
        weights(pd.DataFrame({"x": [1.0, 2.0], "y": [1.0, -2.0]}, ["a", "b"]), "entropy")


def test_bad_settings_are_refused_at_once():
    with pytest.raises(SpecError) as caught:
        weights(sample(), "given", given={"w": -1, "x": nan, "v": 1, "y": 1})
    assert len(caught.value.problems) == 4
    with pytest.raises(SpecError, match="sum to 0"):
        weights(sample(), "given", given=dict.fromkeys("wxyz", 0))
    with pytest.raises(SpecError, match="without weights"):
        weights(sample(), "given")
    with pytest.raises(SpecError, match="unknown method 'guess'"):
        weights(sample(), "guess")


def test_the_result_shows_itself():
    assert "Weights, pca" in weights(sample(), "pca")._repr_html_()
