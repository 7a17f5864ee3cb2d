"""The projection against least squares on dummies, and the laws that it keeps."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import DesignError
from valley_analysis.impact.within import Groups, Within

few = settings(max_examples=25, deadline=None)


def unbalanced(units: int = 12, periods: int = 7, seed: int = 0) -> pd.DataFrame:
    """Rows in random order, a fifth of them missing, with weights and three columns."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [(f"u{u}", 2000 + t) for u in range(units) for t in range(periods)],
        columns=["unit", "year"],
    )
    frame["weight"] = rng.uniform(0.1, 5, len(frame))
    frame[["y", "x", "z"]] = rng.normal(size=(len(frame), 3)) + frame[["year"]].to_numpy()
    return frame.sample(frac=0.8, random_state=seed).reset_index(drop=True)


def dummies(frame: pd.DataFrame, *more: np.ndarray) -> np.ndarray:
    named = pd.get_dummies(frame[["unit", "year"]].astype(str), dtype=float).to_numpy()
    return np.column_stack([named, *more])


def by_lstsq(columns: np.ndarray, design: np.ndarray, weights: np.ndarray) -> np.ndarray:
    root = np.sqrt(weights)
    scaled = (columns.T * root).T
    fitted = np.linalg.lstsq((design.T * root).T, scaled, rcond=1e-12)[0]
    return columns - design @ fitted


@pytest.mark.parametrize("size", [(12, 7), (5, 9), (3, 3)])
@pytest.mark.parametrize("weighted", [False, True])
def test_residuals_are_those_of_least_squares_on_dummies(size, weighted):
    frame = unbalanced(*size)
    weights = frame["weight"].to_numpy() if weighted else np.ones(len(frame))
    within = Within.of(frame["unit"], frame["year"], weights if weighted else None)
    columns = frame[["y", "x", "z"]].to_numpy()
    assert within.residuals(columns) == pytest.approx(
        by_lstsq(columns, dummies(frame), weights), abs=1e-9
    )
    assert within.residuals(columns[:, 0]) == pytest.approx(within.residuals(columns)[:, 0])
    assert within.rank == np.linalg.matrix_rank(dummies(frame))


def test_further_columns_go_out_too_whatever_their_scale_and_redundant_ones_change_nothing():
    frame = unbalanced()
    level = frame["unit"].str[1:].astype(int).to_numpy() ** 2 * 1e6
    extra = level[:, None] * pd.get_dummies(frame["year"], dtype=float).to_numpy()
    weights = frame["weight"].to_numpy()
    within = Within.of(
        frame["unit"], frame["year"], weights, np.column_stack([extra, extra, level])
    )
    design = dummies(frame, extra / 1e6)
    assert within.residuals(frame["y"].to_numpy()) == pytest.approx(
        by_lstsq(frame["y"].to_numpy(), design, weights), abs=1e-9
    )
    assert within.rank == np.linalg.matrix_rank(design)


def test_a_panel_in_two_parts_without_a_common_period_loses_one_rank_more():
    unit, period = ["a", "a", "b", "b", "c", "c"], [1, 2, 1, 2, 8, 9]
    assert Within.of(unit, period).rank == 3 + 4 - 2


@pytest.mark.filterwarnings("ignore:The inplace keyword:pandas.errors.Pandas4Warning")
@pytest.mark.parametrize("weights", [None, "weight"])
def test_slopes_agree_with_pyfixest(weights):
    pf = pytest.importorskip("pyfixest")
    frame = unbalanced(20, 8)
    fitted = pf.feols(
        "y ~ x + z | unit + year", frame, weights=weights, demeaner=pf.MapDemeaner(fixef_tol=1e-13)
    )
    within = Within.of(frame["unit"], frame["year"], None if weights is None else frame[weights])
    slopes = within.slopes(frame["y"].to_numpy(), frame[["x", "z"]].to_numpy())
    assert slopes == pytest.approx(fitted.coef()[["x", "z"]].to_numpy(), abs=1e-9)


def test_slopes_of_many_outcomes_are_those_of_each():
    frame = unbalanced()
    within = Within.of(frame["unit"], frame["year"])
    y, x = frame[["y", "z"]].to_numpy(), frame["x"].to_numpy()
    assert within.slopes(y, x).shape == (1, 2)
    assert within.slopes(y, x)[0, 1] == pytest.approx(within.slopes(y[:, 1], x)[0])


def test_slopes_of_dependent_regressors_are_missing():
    frame = unbalanced()
    within = Within.of(frame["unit"], frame["year"])
    x = frame["x"].to_numpy()
    assert np.isnan(within.slopes(frame["y"].to_numpy(), np.column_stack([x, 2 * x]))).all()


@given(st.integers(0, 10_000))
@few
def test_projecting_twice_is_projecting_once_and_effects_leave_nothing(seed):
    frame = unbalanced(6, 5, seed)
    within = Within.of(frame["unit"], frame["year"], frame["weight"])
    left = within.residuals(frame["y"].to_numpy())
    assert within.residuals(left) == pytest.approx(left, abs=1e-9)
    rng = np.random.default_rng(seed)
    effects = rng.normal(size=9)[pd.factorize(frame["unit"])[0]] + frame["year"].to_numpy() ** 2
    assert within.residuals(frame["y"].to_numpy() + effects) == pytest.approx(left, abs=1e-7)


@given(st.integers(0, 10_000), st.randoms())
@few
def test_labels_and_the_order_of_rows_do_not_matter(seed, random):
    frame = unbalanced(6, 5, seed)
    names = sorted(frame["unit"].unique())
    random.shuffle(names)
    renamed = frame["unit"].map({name: place for place, name in enumerate(names)})
    dates = pd.to_datetime(frame["year"].astype(str))
    order = np.random.default_rng(seed).permutation(len(frame))
    one = Within.of(frame["unit"], frame["year"], frame["weight"])
    other = Within.of(renamed[order], dates[order], frame["weight"][order])
    y = frame["y"].to_numpy()
    assert other.residuals(y[order]) == pytest.approx(one.residuals(y)[order], abs=1e-9)


def test_groups_sum_rows_that_stand_in_any_order():
    groups = Groups.of(["b", "a", "b", "c"])
    assert groups.sum(np.arange(8.0).reshape(4, 2)).tolist() == [[2, 3], [4, 6], [6, 7]]
    assert [rows.tolist() for rows in groups.rows()] == [[1], [0, 2], [3]]


def test_groups_nest_others_if_none_of_those_is_torn():
    units = Groups.of(["a", "a", "b", "c"])
    assert Groups.of(["x", "x", "x", "y"]).nests(units)
    assert units.nests(units)
    assert not Groups.of(["x", "y", "y", "y"]).nests(units)


@pytest.mark.parametrize(
    ("weights", "told"),
    [([1, 1, 0], "row 2 has 0"), ([1, np.nan, 1], "row 1 has nan"), ([1, 1], "2 weights")],
)
def test_bad_weights_are_named(weights, told):
    with pytest.raises(DesignError, match=told):
        Within.of(["a", "a", "b"], [1, 2, 1], weights)
