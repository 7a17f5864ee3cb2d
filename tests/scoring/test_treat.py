"""Treatment of outliers against scipy and a plain loop, and the laws it obeys."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from valley_analysis.errors import FrameError, SpecError
from valley_analysis.scoring.treat import box_cox, log_form, skewness_kurtosis, treat

few = settings(max_examples=30, deadline=None)
columns = st.lists(
    st.one_of(st.integers(-9, 9), st.floats(-1e4, 1e4, allow_subnormal=False), st.just(5e4)),
    min_size=4,
    max_size=40,
)


def frame_of(values, name="x") -> pd.DataFrame:
    return pd.DataFrame({name: np.asarray(values, dtype=float)})


def heavy(size: int = 40) -> np.ndarray:
    return np.random.default_rng(3).lognormal(sigma=2.5, size=size)


@given(columns)
@few
def test_skewness_and_kurtosis_are_those_of_scipy(values):
    assume(np.ptp(values) > 1e-3)
    skew, kurt = skewness_kurtosis(np.array(values, dtype=float)[:, None])
    assert skew[0] == pytest.approx(stats.skew(values, bias=False), rel=1e-9, abs=1e-9)
    assert kurt[0] == pytest.approx(stats.kurtosis(values, bias=False), rel=1e-9, abs=1e-9)


def test_skewness_ignores_gaps_and_needs_enough_values():
    values = np.array([[1.0, 2.0, np.nan], [2.0, np.nan, np.nan], [9.0, 2.0, np.nan]])
    values = np.vstack([values, [[np.nan, 2.0, np.nan]]])
    skew, kurt = skewness_kurtosis(values)
    assert skew[0] == pytest.approx(stats.skew([1, 2, 9], bias=False))
    assert np.isnan(skew[1:]).all()
    assert np.isnan(kurt).all()


@pytest.mark.parametrize("scale", [1e-300, 1e-10, 1e10, 1e300])
def test_skewness_has_no_scale(scale):
    values = np.array([1.0, 2.0, 4.0, 100.0, 3.0])[:, None]
    one, other = skewness_kurtosis(values), skewness_kurtosis(values * scale)
    assert np.allclose(one, other, rtol=1e-12)


def plainly(values: np.ndarray, winmax: int) -> np.ndarray:
    """The rule, word for word."""

    def passes(x):
        skew, kurt = stats.skew(x, bias=False), stats.kurtosis(x, bias=False)
        return abs(skew) < 2 - 1e-12 or kurt < 3.5 - 1e-12

    x = values.copy()
    while not passes(x) and (x != values).sum() < winmax:
        sign = 1 if stats.skew(x, bias=False) > 0 else -1
        rest = x[sign * x < (sign * x).max()]
        x[sign * x == (sign * x).max()] = sign * (sign * rest).max()
        if np.ptp(x) == 0:
            return values
    if passes(x):
        return x
    low, high = values.min(), values.max()
    return np.log(values - low + 0.01 * (high - low))


@given(columns, st.integers(0, 6))
@few
def test_winsorising_keeps_to_the_rule(values, winmax):
    values = np.array(values, dtype=float)
    assume(np.ptp(values) > 1e-3)
    treated = treat(frame_of(values), winmax=winmax)
    assert treated.frame["x"].to_numpy() == pytest.approx(plainly(values, winmax), abs=1e-9)


@given(columns)
@few
def test_every_change_is_in_the_log_and_nothing_else(values):
    before = frame_of(values)
    treated = treat(before)
    after = before["x"].copy()
    assert (treated.changes["from"].to_numpy() == after[treated.changes["unit"]].to_numpy()).all()
    after[treated.changes["unit"]] = treated.changes["to"].to_numpy()
    pd.testing.assert_series_equal(after, treated.frame["x"])
    assert treated.report.loc["x", "moved"] == len(treated.changes)


@given(columns)
@few
def test_winsorising_mirrors_with_the_sign(values):
    one = treat(frame_of(values), fallback="none").frame
    other = treat(-frame_of(values), fallback="none").frame
    pd.testing.assert_frame_equal(one, -other)


@given(columns, st.randoms())
@few
def test_the_order_of_units_plays_no_part(values, random):
    frame = frame_of(values)
    order = list(frame.index)
    random.shuffle(order)
    shuffled = treat(frame.loc[order]).frame.loc[frame.index]
    pd.testing.assert_frame_equal(shuffled, treat(frame).frame, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-6, 1e6, 1e298])
@pytest.mark.parametrize("method", ["winsorise", "quantiles"])
def test_cutting_does_not_depend_on_the_unit(method, scale):
    values = np.r_[np.arange(30.0), 500, 800]
    one = treat(frame_of(values), method).frame * scale
    other = treat(frame_of(values * scale), method).frame
    assert other.to_numpy() == pytest.approx(one.to_numpy(), rel=1e-12)


def test_the_log_form_holds_at_extreme_scales():
    plain = log_form(np.array([0.0, 1.0, 10.0]))
    for power in (-990, 1000):
        scaled = log_form(np.ldexp([0.0, 1.0, 10.0], power))
        assert scaled == pytest.approx(plain + power * np.log(2), rel=1e-12)
    assert np.isfinite(log_form(np.array([-1.5e308, 0.0, 1.5e308]))).all()


def test_box_cox_takes_the_most_likely_power():
    values = heavy()
    form, power = box_cox(values)
    positive = (values - values.min()) / np.ptp(values) + 0.01
    assert power == pytest.approx(stats.boxcox_normmax(positive, method="mle"), abs=1e-4)
    assert form == pytest.approx(stats.boxcox(positive, power))
    assert treat(frame_of(values), "box_cox").report.loc["x", "parameter"] == power


def test_quantiles_are_type_7():
    values = heavy()
    low, high = np.quantile(values, [0.1, 0.8])
    treated = treat(frame_of(values), "quantiles", quantiles=(0.1, 0.8))
    assert treated.frame["x"].to_numpy() == pytest.approx(np.clip(values, low, high))


def test_columns_that_pass_can_be_left_alone():
    frame = frame_of(range(20)).assign(y=heavy(20))
    for method in ("log", "box_cox", "quantiles"):
        everywhere = treat(frame, method).report["treatment"].tolist()
        failing = treat(frame, method, only_failing=True).report["treatment"].tolist()
        assert everywhere == [method, method]
        assert failing == ["none", method]


def test_a_panel_is_judged_as_a_whole_or_by_period():
    rows = pd.MultiIndex.from_product([[2020, 2021], range(12)])
    frame = pd.DataFrame({"x": [*range(12), *range(11), 99]}, rows).astype(float)
    pooled, each = treat(frame), treat(frame, pooled=False)
    assert pooled.report.index.tolist() == ["x"]
    assert each.report["treatment"].to_dict() == {(2020, "x"): "none", (2021, "x"): "winsorised"}
    assert each.changes[["period", "unit", "from", "to"]].values.tolist() == [[2021, 11, 99, 10]]


def test_nothing_is_done_to_the_callers_frame():
    frame = frame_of(heavy())
    copy = frame.copy()
    treat(frame)
    pd.testing.assert_frame_equal(frame, copy)


def test_bad_frames_are_refused_with_all_their_faults():
    frame = pd.DataFrame({"x": [1.0, np.inf, -np.inf], "y": [np.inf, 1, 2]}, ["a", "b", "c"])
    with pytest.raises(FrameError) as caught:
        treat(frame)
    assert caught.value.problems == ("x: infinite for b, c", "y: infinite for a")
    with pytest.raises(FrameError, match="unit more than once: a"):
        treat(pd.DataFrame({"x": [1.0, 2.0]}, ["a", "a"]))
    with pytest.raises(FrameError, match="x: not numeric"):
        treat(pd.DataFrame({"x": ["one", "two"]}))
    with pytest.raises(FrameError, match="no unit"):
        treat(pd.DataFrame({"x": []}))
    with pytest.raises(FrameError, match="a list"):
        treat([1.0, 2.0])
    with pytest.raises(FrameError, match="3 levels of rows"):
        treat(pd.DataFrame({"x": [1.0]}, pd.MultiIndex.from_tuples([(1, 2, 3)])))


def test_bad_settings_are_refused_at_once():
    with pytest.raises(SpecError, match="unknown method 'cut'"):
        treat(frame_of([1, 2]), "cut")
    with pytest.raises(SpecError) as caught:
        treat(frame_of([1, 2]), skewness=0, winmax=-1, fallback="sqrt", quantiles=(0.9, 0.1))
    assert len(caught.value.problems) == 4


def test_the_result_shows_itself():
    assert "1 of 1 columns treated" in treat(frame_of(heavy()))._repr_html_()
