"""The laws of normalising: units, directions, order; what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from valley_analysis.errors import FrameError, SpecError
from valley_analysis.scoring import Goalposts
from valley_analysis.scoring.goalposts import between_posts
from valley_analysis.scoring.scale import METHODS, normalise_frame

few = settings(max_examples=30, deadline=None)
nan = np.nan
columns = st.lists(st.integers(-1000, 1000).map(lambda n: n / 8), min_size=3, max_size=25)
BY_RANK = ("rank", "borda", "percentile")


def frame_of(values) -> pd.DataFrame:
    return pd.DataFrame({"x": np.asarray(values, dtype=float)})


def varied(values) -> pd.DataFrame:
    assume(np.ptp(values) > 0)
    return frame_of(values)


def sample(seed: int = 0, gaps: float = 0.1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product([[2020, 2021, 2022], list("abcdef")])
    frame = pd.DataFrame(rng.lognormal(size=(18, 3)), rows, list("xyz"))
    return frame.mask(rng.random(frame.shape) < gaps)


SETTINGS = {
    "goalposts": {"posts": {"x": (0, 2), "y": (0.5, 3), "z": (0, 1)}},
    "reference": {"unit": (2021, "c")},
    "target": {"targets": {"x": 20, "y": 20, "z": 20}},
}


@given(columns, st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
@few
@pytest.mark.parametrize("method", ["minmax", "zscore"])
def test_a_change_of_unit_changes_nothing(method, values, factor, shift):
    one = normalise_frame(varied(values), method).frame
    other = normalise_frame(frame_of(values) * factor + shift, method).frame
    assert other.to_numpy() == pytest.approx(one.to_numpy(), abs=1e-6)


@given(columns)
@few
def test_the_direction_mirrors(values):
    frame = varied(values)
    for method, whole in (("minmax", 100), ("zscore", 0)):
        up, down = normalise_frame(frame, method).frame, normalise_frame(frame, method, -1).frame
        assert (up + down).to_numpy() == pytest.approx(whole, abs=1e-9)
    for method in BY_RANK:
        down = normalise_frame(frame, method, -1).frame
        pd.testing.assert_frame_equal(down, normalise_frame(-frame, method).frame)


@given(columns)
@few
def test_ranks_are_those_of_scipy(values):
    frame = varied(values)
    places = stats.rankdata(values, method="min")
    assert normalise_frame(frame, "rank").frame["x"].tolist() == places.tolist()
    assert normalise_frame(frame, "borda").frame["x"].tolist() == (places - 1).tolist()
    share = normalise_frame(frame, "percentile", scale=100.0).frame["x"].to_numpy()
    assert share == pytest.approx(100 * (places - 1) / (len(values) - 1))


@given(columns)
@few
def test_zscores_have_the_mean_and_deviation_asked_for(values):
    found = normalise_frame(varied(values), "zscore", mean=100.0, sd=10.0).frame["x"]
    assert found.mean() == pytest.approx(100)
    assert found.std(ddof=1) == pytest.approx(10)
    plain = normalise_frame(frame_of(values), "zscore").frame["x"]
    assert plain.to_numpy() == pytest.approx(stats.zscore(values, ddof=1), abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("direction", [1, {"x": 1, "y": -1, "z": 1}])
def test_the_order_of_rows_plays_no_part(method, direction):
    frame, settings = sample(gaps=0), SETTINGS.get(method, {})
    if method == "target":
        direction = 1
    if method == "reference" and direction != 1:
        settings = {"unit": frame["y"].idxmin()}
    shuffled = frame.sample(frac=1, random_state=3)
    one = normalise_frame(frame, method, direction, **settings).frame
    other = normalise_frame(shuffled, method, direction, **settings).frame.loc[frame.index]
    pd.testing.assert_frame_equal(one, other, rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_more_is_better_in_every_method_and_gaps_stay_gaps(method):
    frame = sample()
    settings = SETTINGS.get(method, {})
    if method == "reference":
        settings = {"unit": (2021, "c")}
        frame.loc[(2021, "c")] = 9.0
    found = normalise_frame(frame, method, **settings).frame
    assert (found.isna() == frame.isna()).all(axis=None)
    for name in frame.columns:
        order = frame[name].dropna().sort_values().index
        assert (found.loc[order, name].diff().dropna() >= -1e-12).all()


@pytest.mark.parametrize("scale", [1e-305, 1e-9, 1e9, 1e305])
@pytest.mark.parametrize("method", ["minmax", "zscore", "eis", "ratio", "rank", "percentile"])
def test_extreme_scales_lose_nothing(method, scale):
    values = [1.0, 2.0, 4.0, 8.0, 100.0]
    one = normalise_frame(frame_of(values), method).frame.to_numpy()
    other = normalise_frame(frame_of(np.array(values) * scale), method).frame.to_numpy()
    assert other == pytest.approx(one, rel=1e-9)


def test_the_widest_range_does_not_overflow():
    frame = frame_of([-1.7e308, 0.0, 1.7e308])
    assert normalise_frame(frame, "minmax").frame["x"].tolist() == [0, 50, 100]
    assert normalise_frame(frame, "zscore").frame["x"].tolist() == pytest.approx([-1, 0, 1])
    posts = {"x": (-1.7e308, 1.7e308)}
    assert normalise_frame(frame_of([1e-300]), "goalposts", posts=posts).frame["x"].tolist() == [50]


def test_pooled_goalposts_compare_periods_and_others_do_not():
    rows = pd.MultiIndex.from_product([[2020, 2021], ["a", "b"]])
    frame = pd.DataFrame({"x": [0.0, 10.0, 20.0, 40.0]}, rows)
    assert normalise_frame(frame).frame["x"].tolist() == [0, 25, 50, 100]
    each = normalise_frame(frame, pooled=False)
    assert each.frame["x"].tolist() == [0, 100, 0, 100]
    assert each.report["best"].to_dict() == {(2020, "x"): 10, (2021, "x"): 40}


def test_goalposts_agree_with_those_of_one_column():
    values = pd.Series([-1.0, 0.3, 0.9, 4.0])
    posts = Goalposts(0.0, 2.0, 4, 2)
    for direction in (1, -1):
        found = normalise_frame(frame_of(values), "goalposts", direction, posts={"x": posts})
        expected = between_posts(values, posts, direction)
        assert found.frame["x"].to_numpy() == pytest.approx(expected.to_numpy())


def test_unusable_columns_are_named_at_once():
    frame = pd.DataFrame({"x": [1.0, 1, 1], "y": [nan] * 3, "z": [1.0, 2, 3]}, list("abc"))
    with pytest.raises(FrameError) as caught:
        normalise_frame(frame)
    assert caught.value.problems == ("x: constant at 1 (a, b, c)", "y: no value")
    result = normalise_frame(frame, unusable="missing")
    assert result.frame[["x", "y"]].isna().all(axis=None)
    assert result.frame["z"].tolist() == [0, 50, 100]
    assert result.report["note"].tolist() == ["x: constant at 1 (a, b, c)", "y: no value", ""]
    nothing = normalise_frame(frame[["x", "y"]], unusable="missing")
    assert nothing.frame.isna().all(axis=None)


def test_a_column_constant_in_one_period_is_named_with_it():
    rows = pd.MultiIndex.from_product([[2020, 2021], ["a", "b"]])
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 3.0]}, rows)
    with pytest.raises(FrameError, match=r"x: constant at 3 \(2021 a, 2021 b\) in 2021"):
        normalise_frame(frame, pooled=False)
    found = normalise_frame(frame, pooled=False, unusable="missing").frame["x"]
    assert found.isna().tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        ({"direction": 0}, ["direction 0; expected 1 or -1"]),
        (
            {"direction": {"x": 2, "w": 1}},
            [
                "no direction for y",
                "x: direction 2; expected 1 or -1",
                "direction of 'w', which is ",
            ],
        ),
        ({"sd": 2.0}, ["unknown setting 'sd'; expected low, high"]),
        ({"method": "rank", "low": 1}, ["unknown setting 'low'; expected none"]),
        ({"method": "goalposts"}, ["setting 'posts' is missing"]),
        ({"unusable": "drop"}, ["unusable='drop'"]),
        ({"low": 5, "high": 5}, ["scale from 5 to 5"]),
        ({"method": "zscore", "sd": 0}, ["sd 0; expected above 0"]),
        ({"method": "squash"}, ["unknown method 'squash'"]),
        (
            {"method": "goalposts", "posts": {"x": (2, 1)}},
            ["no goalposts for y", "x: goalposts 2 and 1"],
        ),
        ({"method": "target", "targets": {"x": nan}}, ["x: target nan", "no target for y"]),
        (
            {"method": "target", "targets": {"x": 0, "y": 5}},
            ["x: target 0 is no better than the worst value"],
        ),
        ({"method": "reference", "unit": "q"}, ["unit 'q' names 0 rows"]),
        ({"method": "ratio", "national": {"x": 1.0}}, ["no national for y"]),
    ],
)
def test_settings_are_refused_with_all_their_faults(settings, problems):
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 2.0]}, ["a", "b"])
    with pytest.raises(SpecError) as caught:
        normalise_frame(frame, **settings)
    assert len(caught.value.problems) == len(problems)
    for problem in problems:
        assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("method", "values", "settings", "problem"),
    [
        ("ratio", [-1.0, -2.0, 3.0], {}, "the level to compare with is 0"),
        ("ratio", [1.0, 2.0, 3.0], {"national": {"x": -1.0}}, "expected above 0"),
        ("eis", [-1.0, 0, 0, 0, 0, 0, 0, 90.0], {}, "x: negative for 0"),
        ("reference", [1.0, 2.0, 3.0], {"unit": 0}, "the reference 0 is itself the worst, at 1"),
        ("reference", [nan, 2.0, 3.0], {"unit": 0}, "the reference 0 has no value"),
    ],
)
def test_data_that_a_method_cannot_take_are_named(method, values, settings, problem):
    with pytest.raises(FrameError, match=problem):
        normalise_frame(frame_of(values), method, **settings)


def test_a_reference_unit_in_a_panel():
    frame = sample(gaps=0)
    frame.loc[(slice(None), "c"), :] = 9.0
    with pytest.raises(SpecError, match="unit 'c' names 3 rows"):
        normalise_frame(frame, "reference", unit="c")
    pooled = normalise_frame(frame, "reference", unit=(2021, "c")).frame
    each = normalise_frame(frame, "reference", pooled=False, unit="c").frame
    assert (pooled.xs("c", level=1) == 1).all(axis=None)
    assert (each.xs("c", level=1) == 1).all(axis=None)
    assert each.groupby(level=0).min().to_numpy() == pytest.approx(0)


def test_the_result_shows_itself():
    assert "1 indicators normalised" in normalise_frame(frame_of([1, 2]))._repr_html_()
