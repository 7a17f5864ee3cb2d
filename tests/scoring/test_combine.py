"""Aggregating a tree: the laws of means, gaps, extreme scales, what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from valley_analysis.errors import FrameError, SpecError
from valley_analysis.scoring import means
from valley_analysis.scoring.combine import aggregate_structure
from valley_analysis.scoring.copeland import copeland
from valley_analysis.scoring.structure import METHODS, Node, Structure

few = settings(max_examples=30, deadline=None)
nan = np.nan
positive = arrays.arrays(float, (4, 3), elements=st.floats(0.01, 1000))
weightings = st.lists(st.floats(0.01, 10), min_size=3, max_size=3)


def flat(method: str, weights=(1, 1, 1), **settings) -> Structure:
    leaves = [Node(name, "top", float(weight)) for name, weight in zip("xyz", weights, strict=True)]
    return Structure((Node("top", method=method, **settings), *leaves))


def frame_of(values) -> pd.DataFrame:
    return pd.DataFrame(np.asarray(values, dtype=float), columns=list("xyz"))


def score(values, method: str, weights=(1, 1, 1), power: float = 1.0, **settings) -> np.ndarray:
    tree = flat(method, weights, power=power)
    return aggregate_structure(frame_of(values), tree, **settings).index.to_numpy()


@given(positive, weightings)
@few
def test_harmonic_geometric_arithmetic_rise(values, weights):
    low, middle, high = (
        score(values, method, weights) for method in ("harmonic", "geometric", "arithmetic")
    )
    assert (low <= middle * (1 + 1e-9)).all()
    assert (middle <= high * (1 + 1e-9)).all()


@given(positive)
@few
def test_equal_weights_are_the_means_of_scipy(values):
    assert score(values, "geometric") == pytest.approx(stats.gmean(values, axis=1))
    assert score(values, "harmonic") == pytest.approx(stats.hmean(values, axis=1))
    assert score(values, "power", power=2.5) == pytest.approx(stats.pmean(values, 2.5, axis=1))


@given(positive, weightings)
@few
def test_the_power_mean_has_the_others_as_cases(values, weights):
    for power, method in ((-1.0, "harmonic"), (0.0, "geometric"), (1.0, "arithmetic")):
        expected = score(values, method, weights)
        assert score(values, "power", weights, power) == pytest.approx(expected, rel=1e-9)
    assert score(values, "power", weights, np.inf) == pytest.approx(values.max(axis=1))
    assert score(values, "power", weights, -np.inf) == pytest.approx(values.min(axis=1))


@given(positive, weightings)
@few
def test_the_power_mean_rises_with_its_power_and_is_smooth_at_0(values, weights):
    powers = (-300.0, -2.0, -1e-9, 0.0, 1e-9, 0.5, 3.0, 300.0)
    found = np.array([score(values, "power", weights, power) for power in powers])
    assert (np.diff(found, axis=0) >= -1e-9 * found[:-1]).all()
    assert found[2] == pytest.approx(found[3], rel=1e-6)
    assert found[4] == pytest.approx(found[3], rel=1e-6)


@given(st.floats(0.1, 100), weightings, st.sampled_from(METHODS[:4]))
@few
def test_the_mean_of_equals_is_their_value(value, weights, method):
    found = score([[value] * 3], method, weights, power=3.0)
    assert found == pytest.approx([value], rel=1e-12)
    assert score([[value] * 3], "mazziotta_pareto", weights) == pytest.approx([value], rel=1e-12)


@given(positive, weightings, st.sampled_from(METHODS), st.sampled_from([1e-300, 0.3, 1e300]))
@few
def test_weights_times_a_constant_change_nothing(values, weights, method, factor):
    one = score(values, method, weights, power=2.0)
    other = score(values, method, [weight * factor for weight in weights], power=2.0)
    assert other == pytest.approx(one, rel=1e-9, abs=1e-9)


@given(positive, st.sampled_from(METHODS), st.permutations(range(4)))
@few
def test_the_order_of_units_plays_no_part(values, method, order):
    holes = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=bool)
    values = np.where(holes, nan, values)
    one = score(values, method, (3, 2, 2), power=2.0)
    other = score(values[list(order)], method, (3, 2, 2), power=2.0)
    assert np.array_equal(other, one[list(order)])


@pytest.mark.parametrize("scale", [1e-305, 1e-20, 1e20, 1e305])
@pytest.mark.parametrize("method", [each for each in METHODS if each != "copeland"])
def test_means_scale_with_their_values_at_any_size(method, scale):
    values = np.array([[1.0, 2.0, 5.0], [3.0, 1.0, 1.0]])
    one = score(values, method, (1, 2, 1), power=-3.0)
    other = score(values * scale, method, (1, 2, 1), power=-3.0)
    assert other / scale == pytest.approx(one, rel=1e-9)


@pytest.mark.parametrize("power", [-300.0, -3.0, 0.5, 3.0, 300.0])
def test_the_power_mean_spans_the_whole_range(power):
    found = means.power_mean(np.array([[1e-300, 1e300]]), np.full((1, 2), 0.5), power)
    exact = 300 * np.log(10) * np.sign(power) - np.log(2) / power
    assert np.log(found) == pytest.approx([exact], rel=1e-9)


def test_a_power_mean_of_zeros():
    halves = np.full((2, 2), 0.5)
    values = np.array([[0.0, 0.0], [0.0, 8.0]])
    assert means.power_mean(values, halves, 2.0) == pytest.approx([0, 8 / np.sqrt(2)])
    assert means.power_mean(values, halves, 0.5) == pytest.approx([0, 2])


def test_a_shift_leaves_equals_alone_and_lets_zeros_in():
    values = [[0.0, 3.0, 3.0], [5.0, 5.0, 5.0]]
    with pytest.raises(FrameError, match="x is 0 or less for 0"):
        score(values, "geometric")
    assert score(values, "geometric", shift=1.0) == pytest.approx([16 ** (1 / 3) - 1, 5])
    assert score(values, "harmonic", shift=1.0) == pytest.approx([1, 5])


def test_refusals_name_every_group_indicator_and_unit():
    tree = Structure(
        (
            Node("index"),
            Node("g", "index", method="geometric"),
            Node("x", "g"),
            Node("y", "g"),
            Node("h", "index", method="harmonic"),
            Node("z", "h"),
            Node("p", "index", method="power", power=2.0),
            Node("w", "p"),
        )
    )
    frame = pd.DataFrame(
        {"x": [1.0, 0.0, -1.0], "y": [-2.0, 1, 1], "z": [0.0, 1, 1], "w": [0.0, -1, 1]}, list("abc")
    )
    with pytest.raises(FrameError) as caught:
        aggregate_structure(frame, tree)
    assert sorted(caught.value.problems) == [
        "g (geometric): x is 0 or less for b, c",
        "g (geometric): y is below 0 for a",
        "h (harmonic): z is 0 or less for a",
        "p (power): w is below 0 for b",
    ]


def test_a_value_that_plays_no_part_is_not_refused():
    values = [[0.0, 2.0, 8.0], [-1.0, nan, 4.0]]
    assert score(values, "geometric", (0, 1, 1)) == pytest.approx([4, 4])
    assert score(values, "harmonic", (0, 1, 1)) == pytest.approx([3.2, 4])


def test_mazziotta_pareto_refuses_a_negative_mean_and_takes_zeros():
    assert score([[0.0, 0.0, 0.0]], "mazziotta_pareto") == [0]
    with pytest.raises(FrameError, match=r"top \(mazziotta_pareto\): mean below 0 for 1"):
        score([[1.0, 1, 1], [-3.0, 1, 1]], "mazziotta_pareto")


@given(positive, weightings)
@few
def test_penalties_mirror_and_lower_the_mean(values, weights):
    mean = score(values, "arithmetic", weights)
    down, up = (score(values, "mazziotta_pareto", weights, penalty=sign) for sign in (-1, 1))
    assert (down <= mean + 1e-9).all()
    assert (down + up) / 2 == pytest.approx(mean)


def test_copeland_in_a_tree_is_copeland_on_its_children():
    rows = pd.MultiIndex.from_product([[2020, 2021], range(6)])
    values = np.random.default_rng(0).integers(0, 4, (12, 3)).astype(float)
    frame = pd.DataFrame(values, rows, list("xyz")).mask(values == 3)
    weights = {"x": 3.0, "y": 2.0, "z": 2.0}
    tree = flat("copeland", weights.values(), threshold=0.01)
    for options in ({}, {"pooled": True}, {"rescale": True}):
        found = aggregate_structure(frame, tree, **options).index
        expected = copeland(frame, weights, **options)
        pd.testing.assert_series_equal(found, expected, check_names=False)


def test_a_unit_below_the_threshold_meets_nobody():
    frame = frame_of([[3, 3, 3], [2, 2, 2], [9, nan, nan]])
    found = aggregate_structure(frame, flat("copeland", threshold=0.5))
    assert found.index.tolist() == pytest.approx([1, -1, nan], nan_ok=True)
    assert found.gaps["scored"].tolist() == [False]


@given(positive, st.lists(st.booleans(), min_size=12, max_size=12))
@few
def test_contributions_sum_to_the_index_where_it_is_linear(values, holes):
    values = np.where(np.reshape(holes, (4, 3)), nan, values)
    assume(not np.isnan(values).all())
    tree = Structure((Node("i"), Node("g", "i"), Node("x", "g", 2), Node("y", "g"), Node("z", "i")))
    found = aggregate_structure(frame_of(values), tree)
    total = found.contributions.sum(axis=1, skipna=False)
    assert total.to_numpy() == pytest.approx(found.index.to_numpy(), nan_ok=True)
    weights = found.leaf_weights.dropna()
    assert weights.sum(axis=1).to_numpy() == pytest.approx(1)


def test_leaf_weights_are_missing_below_a_group_that_is_not_linear():
    tree = Structure(
        (
            Node("i"),
            Node("g", "i", method="geometric"),
            Node("x", "g"),
            Node("y", "g"),
            Node("z", "i"),
        )
    )
    found = aggregate_structure(frame_of([[1, 2, 3], [nan, nan, 3]]), tree)
    assert found.leaf_weights["z"].tolist() == [0.5, 1.0]
    assert found.leaf_weights["x"].tolist() == pytest.approx([nan, 0], nan_ok=True)


def test_weights_given_apart_take_the_place_of_those_in_the_tree():
    frame = frame_of([[1, 2, 6]])
    found = aggregate_structure(frame, flat("arithmetic"), weights=pd.Series({"x": 0.0, "z": 3.0}))
    assert found.index.tolist() == [5]
    with pytest.raises(SpecError, match="weight of 'w', which is no node"):
        aggregate_structure(frame, flat("arithmetic"), weights={"w": 1})


def test_bad_input_is_refused_with_all_its_faults():
    with pytest.raises(FrameError) as lost:
        aggregate_structure(frame_of([[1, 2, 3]])[["x"]], flat("arithmetic"))
    assert lost.value.problems == ("no indicator y", "no indicator z")
    with pytest.raises(SpecError) as caught:
        aggregate_structure(
            frame_of([[1, 2, 3]]), flat("power", power=nan), shift=np.inf, penalty=0, ddof=2
        )
    assert len(caught.value.problems) == 4
    with pytest.raises(SpecError, match="no group"):
        aggregate_structure(frame_of([[1, 2, 3]]), Structure((Node("x"),)))
    with pytest.raises(FrameError, match="infinite"):
        aggregate_structure(frame_of([[1, 2, np.inf]]), flat("arithmetic"))


def test_the_result_shows_itself():
    found = aggregate_structure(frame_of([[1, 2, 3]]), flat("arithmetic"))
    assert "top: 1 units, 0 without a score" in found._repr_html_()
