"""The method of every step as a setting of the specification, on tables small enough to check."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import FrameError, ValleyError
from valley_analysis.frames import Scope
from valley_analysis.scoring import (
    Alternatives,
    IndexSpec,
    Member,
    Node,
    Structure,
    Uncertainty,
    score_editions,
    score_index,
    vary,
    what_would_it_take,
)

UNITS = tuple("ABCDE")
SCOPE = Scope("five", UNITS)
SPEC = IndexSpec(
    "methods",
    (Member("x", "one"), Member("y", "one", -1), Member("z", "two")),
    winsorise=(0.0, 1.0),
    reference=(2020, 2021),
    editions=(2020, 2021),
    dimension_threshold=0.5,
    index_threshold=0.5,
    treatment="none",
    weighting="equal",
)
TABLE = {
    ("x", 2020): (0, 1, 2, 3, 4),
    ("x", 2021): (4, 5, 6, 7, 8),
    ("y", 2020): (1, 2, 3, 4, 5),
    ("y", 2021): (1, 2, 3, 4, 5),
    ("z", 2020): (1, 4, 9, 16, 100),
    ("z", 2021): (1, 4, 9, 16, 100),
}
GAP, HIDDEN = None, "hidden"


def frame(changes: dict | None = None, methods: dict | None = None) -> pd.DataFrame:
    """Indicators of the table with some rows changed; None is a gap, "hidden" suppressed."""
    rows = []
    for (name, period), cells in (TABLE | (changes or {})).items():
        for unit, cell in zip(UNITS, cells, strict=True):
            value = np.nan if cell in (GAP, HIDDEN) else float(cell)
            flag = {GAP: "absent", HIDDEN: "suppressed"}.get(cell, "observed")
            method = (methods or {}).get((name, period), "")
            rows.append((unit, period, name, value, value, value, flag, method, ""))
    names = ["region", "period", "indicator", "value", "low", "high", "flag", "method", "inputs"]
    return pd.DataFrame(rows, columns=names)


def score(changes: dict | None = None, period: int = 2021, **settings):
    return score_index(frame(changes), replace(SPEC, **settings), period, SCOPE)


def column(result, name: str) -> list[float]:
    return result.normalised[name].round(6).tolist()


@pytest.mark.parametrize(
    ("method", "x", "y"),
    [
        ("minmax", [50, 62.5, 75, 87.5, 100], [100, 75, 50, 25, 0]),
        (
            "percentile",
            [400 / 9, 200 / 3, 700 / 9, 800 / 9, 100],
            [800 / 9, 200 / 3, 400 / 9, 200 / 9, 0],
        ),
        ("ratio", [100, 125, 150, 175, 200], [200 - 100 / 3, 400 / 3, 100, 200 / 3, 100 / 3]),
    ],
)
def test_pooled_normalisations(method, x, y):
    """x is pooled over 0 1 2 3 4 4 5 6 7 8, of mean 4; y over 1 to 5 twice, of mean 3."""
    result = score(normalisation=method)
    assert column(result, "x") == pytest.approx(x, abs=1e-5)
    assert column(result, "y") == pytest.approx(y, abs=1e-5)


@pytest.mark.parametrize(
    ("method", "x", "y"),
    [
        ("minmax", [0, 25, 50, 75, 100], [100, 75, 50, 25, 0]),
        ("percentile", [0, 25, 50, 75, 100], [100, 75, 50, 25, 0]),
        ("rank", [20, 40, 60, 80, 100], [100, 80, 60, 40, 20]),
        (
            "ratio",
            [400 / 6, 500 / 6, 100, 700 / 6, 800 / 6],
            [500 / 3, 400 / 3, 100, 200 / 3, 100 / 3],
        ),
        (
            "zscore",
            [50 - 20 / 2.5**0.5, 50 - 10 / 2.5**0.5, 50, 50 + 10 / 2.5**0.5, 50 + 20 / 2.5**0.5],
            [50 + 20 / 2.5**0.5, 50 + 10 / 2.5**0.5, 50, 50 - 10 / 2.5**0.5, 50 - 20 / 2.5**0.5],
        ),
    ],
)
def test_normalisations_of_one_period(method, x, y):
    result = score(normalisation=method, pooled=False)
    assert column(result, "x") == pytest.approx(x, abs=1e-5)
    assert column(result, "y") == pytest.approx(y, abs=1e-5)


def test_eis_takes_the_root_of_what_is_skewed():
    """z is skewed: roots 1 2 3 4 10; x is not."""
    result = score(normalisation="eis")
    assert column(result, "z") == pytest.approx([0, 100 / 9, 200 / 9, 300 / 9, 100], abs=1e-5)
    assert column(result, "x") == [50, 62.5, 75, 87.5, 100]
    assert result.steps["form"].to_dict() == {
        ("x", ""): "as it is",
        ("y", ""): "as it is",
        ("z", ""): "root",
    }


def test_eis_leaves_a_skewed_column_with_negative_values_as_it_is():
    cells = {("z", year): (-1, 4, 9, 16, 100) for year in (2020, 2021)}
    assert score(cells, normalisation="eis").steps.loc[("z", ""), "form"] == "as it is"


def test_the_rule_of_outliers_gives_the_extreme_the_next_value():
    """In one period z fails; 100 takes the value 16, so 16 is the upper goalpost."""
    result = score(treatment="winsorise", pooled=False)
    assert column(result, "z") == pytest.approx([0, 20, 800 / 15, 100, 100], abs=1e-5)
    assert result.goalposts["z", ""].high == 16
    assert result.goalposts["z", ""].clipped == 1
    assert result.values.loc["E", "z"] == 100


def test_a_column_that_the_rule_cannot_mend_takes_logarithms():
    result = score(treatment="winsorise", outliers=(0.1, -5.0, 0), pooled=False)
    share = (np.array([1, 4, 9, 16, 100]) - 1) / 99
    logs = np.log(share + 0.01)
    expected = 100 * (logs - logs[0]) / (logs[-1] - logs[0])
    assert result.steps.loc[("z", ""), "form"] == "log"
    assert column(result, "z") == pytest.approx(expected.tolist(), abs=1e-5)
    same = score(treatment="log", pooled=False)
    assert column(same, "z") == column(result, "z")


def test_quantiles_cut_and_none_does_not():
    cut = score(treatment="quantiles", winsorise=(0.25, 0.75), pooled=False)
    assert column(cut, "x") == [0, 0, 50, 100, 100]
    assert column(score(pooled=False), "x") == [0, 25, 50, 75, 100]


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize(
    "normalisation", ["minmax", "zscore", "rank", "percentile", "eis", "ratio"]
)
def test_nothing_crosses_a_change_of_method(normalisation, pooled):
    """2020 under another definition, in other units: 2021 does not notice."""
    other = {("x", 2020): (900, 10, 70, 5, 1000)}
    spec = replace(SPEC, normalisation=normalisation, pooled=pooled)
    found = [
        score_index(frame(cells, {("x", 2020): "old"}), spec, 2021, SCOPE).normalised["x"]
        for cells in (None, other)
    ]
    pd.testing.assert_series_equal(*found)


def test_each_period_has_its_own_ends_unless_pooled():
    both = score_editions(frame(), replace(SPEC, pooled=False), (2020, 2021), SCOPE)
    assert column(both[2020], "x") == column(both[2021], "x") == [0, 25, 50, 75, 100]
    assert both[2020].goalposts["x", ""].high == 4
    both = score_editions(frame(), SPEC, (2020, 2021), SCOPE)
    assert column(both[2020], "x") == [0, 12.5, 25, 37.5, 50]


@pytest.mark.parametrize(
    ("weighting", "settings", "expected"),
    [
        ("equal", {}, [0.25, 0.25, 0.5]),
        ("flat", {}, [1 / 3, 1 / 3, 1 / 3]),
        ("given", {"given": {"x": 3, "y": 1, "z": 5}}, [0.375, 0.125, 0.5]),
        ("given", {"given": {"x": 3, "y": 1, "z": 5, "two": 3}}, [0.1875, 0.0625, 0.75]),
        ("critic", {"pooled": False}, [0.25, 0.25, 0.5]),
    ],
)
def test_weights(weighting, settings, expected):
    """x and y mirror each other in a period, so that CRITIC cannot tell them apart."""
    result = score(weighting=weighting, **settings)
    assert result.weights["weight"].tolist() == pytest.approx(expected)
    assert result.weights["used"].sum() == pytest.approx(1)


@pytest.mark.parametrize("weighting", ["pca", "entropy", "critic"])
def test_weights_from_data_sum_to_one_and_are_never_negative(weighting):
    cells = {("y", 2020): (5, 4, 1, 2, 0), ("y", 2021): (5, 3, 3, 2, 0)}
    result = score(cells, weighting=weighting)
    assert result.weights["weight"].sum() == pytest.approx(1)
    assert (result.weights["weight"] >= 0).all()


def points(**columns: tuple) -> dict:
    """Values that min-max in one period leaves as they are: 0 and 100 are among them."""
    return {(name, year): cells for name, cells in columns.items() for year in (2020, 2021)}


MEANS = points(x=(0, 100, 36, 64, 16), y=(0, 100, 36, 64, 16), z=(100, 0, 4, 36, 64))
STRAIGHT = (Member("x", "one"), Member("y", "one"), Member("z", "two"))


@pytest.mark.parametrize(
    ("method", "floor", "expected"),
    [
        ("arithmetic", 0, [50, 50, 20, 50, 40]),
        ("geometric", 50, [100 * (2**0.5 - 1)] * 2),
        ("harmonic", 50, [100 / 3] * 2),
        ("mazziotta_pareto", 0, [0, 0, 20 - 256 / 20, 50 - 196 / 50, 40 - 576 / 40]),
        ("copeland", 0, [0, 0, -1, 1, 0]),
    ],
)
def test_means_of_the_dimensions(method, floor, expected):
    """Dimensions: 0 100 36 64 16 and 100 0 4 36 64; a floor of 50 lifts 0, 100 to 50, 100."""
    result = score(MEANS, members=STRAIGHT, aggregation=("arithmetic", method), floor=floor)
    found = result.scores["score"].tolist()
    assert found[: len(expected)] == pytest.approx(expected)
    assert result.exact == (method == "arithmetic")
    assert not result.contributions.isna().any(axis=None)
    assert result.contributions.sum(axis=1).tolist() == pytest.approx([50, 50, 20, 50, 40])


def test_the_mean_inside_a_dimension_is_another_choice():
    cells = MEANS | points(y=(100, 0, 4, 36, 64))
    result = score(cells, members=STRAIGHT, aggregation=("geometric", "arithmetic"), floor=50)
    assert result.scores["one"].tolist()[:2] == pytest.approx([100 * (2**0.5 - 1)] * 2)
    word = score(cells, members=STRAIGHT, aggregation="geometric", floor=50)
    assert word.spec.aggregation == ("geometric", "geometric")


def test_a_mean_refuses_zeros_without_a_floor():
    with pytest.raises(FrameError, match=r"index \(geometric\): one is 0 or less for A"):
        score(MEANS, members=STRAIGHT, aggregation=("arithmetic", "geometric"))


def test_steps_for_weighted_sums_refuse_other_means():
    result = score(MEANS, members=STRAIGHT, aggregation="geometric", floor=1)
    with pytest.raises(ValleyError, match="no weighted arithmetic mean"):
        what_would_it_take(result, "A" if result.scores.loc["A", "rank"] > 1 else "B")


@pytest.mark.parametrize("method", ["previous", "interpolate", "regression", "em", "group_mean"])
def test_a_gap_is_imputed_and_flagged(method):
    """x is 4 to 8 in the years around, and y + 3 in all; the others' mean is 5.75."""
    settings = {"reference": (2020, 2022), "editions": (2020, 2022), "imputation": method}
    members = (Member("x", "one"), Member("y", "one"), Member("z", "two"))
    cells = {("x", 2021): (4, 5, 6, GAP, 8)} | {("x", at): (4, 5, 6, 7, 8) for at in (2020, 2022)}
    cells |= {("y", 2022): (1, 2, 3, 4, 5)}
    result = score(cells, members=members, **settings)
    expected = 5.75 if method == "group_mean" else 7.0
    assert result.values.loc["D", "x"] == pytest.approx(expected, abs=1e-6)
    assert result.flags.loc["D", "x"] == "imputed"
    assert result.lags.loc["x", "units"] == 4
    plain = score(cells, members=members, **settings | {"imputation": "none"})
    assert np.isnan(plain.values.loc["D", "x"])
    others = list("ABCE")
    pd.testing.assert_frame_equal(plain.normalised.loc[others], result.normalised.loc[others])


@pytest.mark.parametrize("method", ["previous", "regression", "em", "group_median"])
def test_what_is_suppressed_is_never_imputed(method):
    result = score({("x", 2021): (4, 5, 6, HIDDEN, 8)}, imputation=method)
    assert np.isnan(result.values.loc["D", "x"])
    assert result.flags.loc["D", "x"] == "suppressed"


@pytest.mark.parametrize("method", ["previous", "regression", "em"])
def test_imputation_does_not_cross_a_change_of_method(method):
    """The value of 2020 has another definition; of the new one D has none, nor has y's row."""
    cells = {("x", 2021): (4, 5, 6, GAP, 8), ("y", 2021): (1, 2, 3, GAP, 5)}
    methods = {("x", 2020): "old", ("y", 2020): "old"}
    spec = replace(SPEC, imputation=method)
    found = [
        score_index(frame(cells | other, methods), spec, 2021, SCOPE).values["x"]
        for other in ({}, {("x", 2020): (7, 90, 3, 4000, 1)})
    ]
    pd.testing.assert_series_equal(*found)
    assert method != "previous" or np.isnan(found[0]["D"])


TREE = Structure(
    (
        Node("whole"),
        Node("left", "whole", 2.0),
        Node("deep", "left"),
        Node("x", "deep"),
        Node("y", "deep"),
        Node("z", "left"),
        Node("w", "whole", method="arithmetic"),
    )
)
DEEP = points(x=(0, 100, 40, 60, 20), y=(100, 0, 40, 20, 60), z=(100, 0, 50, 40, 20)) | points(
    w=(0, 0, 100, 50, 50)
)
LEAVES = tuple(Member(name, "any") for name in "xyzw")


def test_a_structure_of_any_depth():
    """deep = (x + y) / 2; left = (deep + z) / 2; whole = (2 left + w) / 3."""
    result = score(DEEP, members=LEAVES, structure=TREE)
    assert result.levels["deep"].tolist() == [50, 50, 40, 40, 40]
    assert result.levels["left"].tolist() == [75, 25, 45, 40, 30]
    assert result.scores["score"].tolist() == pytest.approx([50, 50 / 3, 190 / 3, 130 / 3, 110 / 3])
    assert result.weights["weight"].tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 3, 1 / 3])
    assert result.weights["dimension"].tolist() == ["left", "left", "left", "w"]
    assert result.spec.dimensions == ("left", "w")
    assert result.scores["w"].tolist() == [0, 0, 100, 50, 50]
    total = result.contributions.sum(axis=1)
    assert total.tolist() == pytest.approx(result.scores["score"].tolist())


def test_weights_of_a_structure_count_when_they_are_given():
    tree = TREE.with_weights({"x": 3.0})
    result = score(DEEP, members=LEAVES, structure=tree, weighting="given")
    assert result.levels["deep"].tolist() == [25, 75, 40, 50, 30]
    own = score(DEEP, members=LEAVES, structure=TREE, weighting="given", given={"x": 3.0})
    assert own.levels["deep"].tolist() == [25, 75, 40, 50, 30]


def test_a_specification_stays_hashable_and_leaves_indicators_out():
    spec = replace(SPEC, members=LEAVES, structure=TREE, weighting="given", given={"x": 3.0})
    assert hash(spec) == hash(replace(spec))
    assert spec.only(["y", "w"]).structure.leaves == ("y", "w")


EVERY = (
    {"aggregation": "geometric", "floor": 1.0},
    {"aggregation": ("arithmetic", "harmonic"), "floor": 2.0},
    {"treatment": "winsorise"},
    {"treatment": "log", "pooled": False},
    {"normalisation": "zscore"},
    {"normalisation": "rank"},
    {"normalisation": "eis"},
    {"normalisation": "ratio", "pooled": False},
    {"weighting": "critic"},
    {"weighting": "flat"},
    {"imputation": "previous"},
    {"normalisation": "rank", "aggregation": "geometric"},
    {"normalisation": "rank", "aggregation": ("arithmetic", "harmonic")},
    {"structure": Structure.from_groups({"a": ("x",), "b": ("y", "z")})},
)


@pytest.mark.parametrize("option", EVERY, ids=str)
def test_alternatives_give_what_the_plain_path_gives(option):
    figures = frame({("y", 2021): (5, GAP, 4, 2, 1)})
    plan = Uncertainty((Alternatives("method", (option,)),), 3)
    found = vary(figures, SPEC, 2021, SCOPE, plan)
    plain = score_index(figures, replace(SPEC, **option), 2021, SCOPE).scores["score"]
    assert found.scores.to_numpy() == pytest.approx(np.tile(plain, (3, 1)), abs=1e-9)


def test_a_ratio_to_a_mean_that_is_not_above_zero_is_refused():
    with pytest.raises(FrameError, match="x: the mean of the units is -1"):
        score(points(x=(-5, 0, 0, 0, 0)), normalisation="ratio")
