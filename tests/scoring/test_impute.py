"""Imputation against textbook formulas, and the laws it obeys."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from valley_analysis.errors import FrameError, SpecError
from valley_analysis.scoring.impute import METHODS, impute

few = settings(max_examples=30, deadline=None)
nan = np.nan


def related(units: int = 30, gaps: float = 0.15, seed: int = 1) -> pd.DataFrame:
    """Three indicators that go together, with gaps; every unit has one value at least."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=units)
    frame = pd.DataFrame(
        {name: common + 0.4 * rng.normal(size=units) for name in "xyz"},
        [f"u{number}" for number in range(units)],
    )
    holes = rng.random(frame.shape) < gaps
    holes[holes.all(axis=1), 0] = False
    return frame.mask(holes)


def panel(seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product([range(2015, 2021), list("abcde")])
    frame = pd.DataFrame(rng.normal(size=(30, 3)), rows, list("xyz"))
    return frame.mask(rng.random(frame.shape) < 0.2)


def test_regression_is_least_squares_with_its_prediction_error():
    frame = related(gaps=0)[["x", "y"]]
    frame.loc["u3", "y"] = nan
    imputed = impute(frame, "regression")
    known = frame.dropna()
    line = stats.linregress(known["x"], known["y"])
    at = frame.loc["u3", "x"]
    assert imputed.frame.loc["u3", "y"] == pytest.approx(line.intercept + line.slope * at)
    n, residual = len(known), known["y"] - line.intercept - line.slope * known["x"]
    centre = known["x"].mean()
    leverage = 1 / n + (at - centre) ** 2 / ((known["x"] - centre) ** 2).sum()
    error = np.sqrt((residual**2).sum() / (n - 2) * (1 + leverage))
    assert imputed.changes["error"].tolist() == pytest.approx([error])
    assert imputed.errors.loc["u3", "y"] == pytest.approx(error)
    assert imputed.errors.drop("u3").to_numpy() == pytest.approx(0)


def test_regression_uses_the_indicators_that_the_row_has_in_its_dimension():
    frame = related(gaps=0).assign(w=1.0)
    frame.loc["u3", ["y", "x"]] = nan
    imputed = impute(frame, "regression", dimensions={"x": "1", "y": "1", "z": "1", "w": "2"})
    assert imputed.changes["why"].tolist() == ["regression on z (n = 29)"] * 2


def test_a_copy_predicts_without_error():
    frame = related(gaps=0).assign(y=lambda t: 3 - 2 * t["x"], w=7.0)
    frame.loc["u3", "y"] = nan
    imputed = impute(frame, "regression")
    assert imputed.frame.loc["u3", "y"] == pytest.approx(3 - 2 * frame.loc["u3", "x"])
    assert imputed.errors.loc["u3", "y"] == pytest.approx(0, abs=1e-9)


def test_em_on_two_indicators_is_the_regression_of_maximum_likelihood():
    """With gaps in one indicator only, the likelihood factors (Little and Rubin 2002, ch. 7)."""
    frame = related(gaps=0)[["x", "y"]]
    frame.loc[["u3", "u4", "u9"], "y"] = nan
    imputed = impute(frame, "em", tolerance=1e-12)
    known = frame.dropna()
    line = stats.linregress(known["x"], known["y"])
    expected = line.intercept + line.slope * frame["x"]
    residual = known["y"] - expected[known.index]
    found = imputed.changes.set_index("unit")
    assert found["to"].to_numpy() == pytest.approx(expected[found.index].to_numpy(), abs=1e-6)
    error = np.sqrt((residual**2).mean())
    assert found["error"].to_numpy() == pytest.approx(error, abs=1e-6)
    assert imputed.convergence["converged"].tolist() == [True]


def test_em_says_when_it_did_not_converge():
    imputed = impute(related(), "em", iterations=2)
    row = imputed.convergence.iloc[0]
    assert (row["iterations"], row["converged"]) == (2, False)
    assert row["change"] > 1e-8


def test_em_climbs_to_a_fixed_point():
    frame = related()
    once, twice = impute(frame, "em"), impute(frame, "em", tolerance=1e-13, iterations=5000)
    assert once.frame.to_numpy() == pytest.approx(twice.frame.to_numpy(), abs=1e-5)


@pytest.mark.parametrize("method", ["regression", "em"])
def test_too_few_rows_are_left_with_a_reason(method):
    frame = related(4, 0)
    frame.loc["u0", "x"] = nan
    imputed = impute(frame, method)
    assert imputed.changes.empty
    assert len(imputed.left) == 1
    assert imputed.left["why"].iloc[0]


def test_a_row_or_indicator_without_any_value_is_left():
    frame = related(gaps=0).assign(w=nan)
    frame.loc["u0"] = nan
    for method in ("regression", "em", "group_mean"):
        imputed = impute(frame, method, groups={unit: unit for unit in frame.index})
        assert imputed.frame["w"].isna().all()
        assert imputed.frame.loc["u0"].isna().all()
        assert imputed.report.loc["w", "left"] == len(frame)


@pytest.mark.parametrize("method", METHODS)
@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_observed_values_stay_and_every_cell_is_accounted_for(method, seed):
    frame = panel(seed)
    mask = pd.DataFrame(
        np.random.default_rng(seed).random(frame.shape) < 0.3, frame.index, frame.columns
    )
    imputed = impute(frame, method, keep_missing=mask)
    observed = frame.notna()
    pd.testing.assert_frame_equal(imputed.frame.where(observed), frame)
    assert imputed.frame.where(mask & ~observed).isna().all(axis=None)
    gone = imputed.frame.isna().sum().sum()
    assert len(imputed.changes) + len(imputed.left) == (~observed).sum().sum()
    assert len(imputed.left) == gone
    assert imputed.changes["why"].ne("").all()
    assert imputed.left["why"].ne("").all()
    report = imputed.report
    assert (report["imputed"] + report["kept"] + report["left"] == report["missing"]).all()


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_rows_plays_no_part(method):
    frame = panel()
    shuffled = frame.sample(frac=1, random_state=5)
    one, other = impute(frame, method).frame, impute(shuffled, method).frame.loc[frame.index]
    pd.testing.assert_frame_equal(one, other, rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-300, 1e3, 1e300])
def test_a_change_of_unit_changes_nothing_else(method, scale):
    frame = panel()
    one, other = impute(frame, method), impute(frame * scale, method)
    assert other.frame.to_numpy() == pytest.approx(
        one.frame.to_numpy() * scale, rel=1e-5, nan_ok=True
    )
    assert other.errors.to_numpy() == pytest.approx(
        one.errors.to_numpy() * scale, rel=1e-4, nan_ok=True
    )


def test_over_time_needs_numeric_periods():
    with pytest.raises(FrameError, match="found units only"):
        impute(related(), "previous")
    rows = pd.MultiIndex.from_product([["one", "two"], ["a"]])
    with pytest.raises(FrameError, match="numeric periods"):
        impute(pd.DataFrame({"x": [1.0, nan]}, rows), "interpolate")


def test_bad_settings_are_refused_at_once():
    with pytest.raises(SpecError) as caught:
        impute(
            related(5),
            "em",
            limit=0,
            tolerance=0,
            iterations=0,
            dimensions={"x": "1"},
            groups={"u0": "g"},
        )
    assert caught.value.problems[3:] == ("no dimension for y, z", "no group for u1, u2, u3, u4")
    with pytest.raises(SpecError, match="unknown method 'guess'"):
        impute(related(5), "guess")


def test_a_mask_must_be_like_the_frame():
    frame = related(5)
    with pytest.raises(FrameError, match="its columns are not those"):
        impute(frame, "em", keep_missing=frame[["x"]].isna())
    with pytest.raises(FrameError, match="other values than True and False"):
        impute(frame, "em", keep_missing=frame)
    turned = frame.isna().iloc[::-1, ::-1]
    assert impute(frame, "group_mean", keep_missing=turned).changes.empty


def test_the_result_shows_itself():
    assert "values imputed, 0 still missing" in impute(related(), "group_mean")._repr_html_()
