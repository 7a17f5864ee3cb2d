"""How a tree is aggregated, by example."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.scoring.combine import aggregate_structure
from valley_analysis.scoring.copeland import copeland, outranking
from valley_analysis.scoring.structure import Node, Structure

nan = np.nan


def tree(method="arithmetic", weights=(1, 1), threshold=0.5, power=1.0) -> Structure:
    return Structure(
        (
            Node("index", method=method, threshold=threshold, power=power),
            *(Node(f"x{number}", "index", weight) for number, weight in enumerate(weights)),
        )
    )


def one(values, structure, **settings) -> float:
    frame = pd.DataFrame([values], columns=list(structure.leaves), dtype=float)
    return float(aggregate_structure(frame, structure, **settings).index.iloc[0])


@pytest.mark.parametrize(
    ("method", "weights", "power", "values", "score"),
    [
        ("arithmetic", (1, 1), 1, [20, 80], 50),
        ("arithmetic", (1, 3), 1, [20, 80], 65),
        ("geometric", (1, 1), 1, [20, 80], 40),
        ("geometric", (1, 3), 1, [1, 16], 8),
        ("harmonic", (1, 1), 1, [20, 80], 32),
        ("harmonic", (1, 3), 1, [1, 3], 2),
        ("power", (1, 1), 2, [1, 7], 5),
        ("power", (1, 1), -1, [20, 80], 32),
        ("power", (1, 1), 0, [20, 80], 40),
        ("power", (1, 1), 1, [-20, 80], 30),
        ("mazziotta_pareto", (1, 1), 1, [90, 110], 99),  # 100 - 10^2 / 100
        ("mazziotta_pareto", (1, 3), 1, [80, 120], 110 - 300 / 110),
    ],
)
def test_means(method, weights, power, values, score):
    assert one(values, tree(method, weights, power=power)) == pytest.approx(score, abs=1e-9)


def test_the_penalty_may_raise_and_may_count_n_less_one():
    structure = tree("mazziotta_pareto")
    assert one([90, 110], structure, penalty=1) == pytest.approx(101, abs=1e-9)
    assert one([90, 110], structure, ddof=1) == pytest.approx(98, abs=1e-9)  # s^2 = 200


@pytest.mark.parametrize(
    ("values", "additive", "geometric"), [([21, 1, 1, 1], 6.0, 2.14), ([6, 6, 6, 6], 6.0, 6.0)]
)
def test_compensation_as_in_the_handbook(values, additive, geometric):
    """OECD/JRC Handbook (2008), step 6: two countries alike under an additive index only."""
    assert one(values, tree("arithmetic", (1,) * 4)) == pytest.approx(additive, abs=1e-9)
    assert one(values, tree("geometric", (1,) * 4)) == pytest.approx(geometric, abs=0.005)


@pytest.mark.parametrize(
    ("values", "threshold", "score"),
    [
        ([20, nan, 80], 0.5, 40),  # weights 2 and 1 of 4 are present
        ([20, nan, 80], 0.76, nan),
        ([nan, nan, 80], 0.5, nan),
        ([nan, nan, 80], 0.25, 80),  # at the threshold is enough
        ([nan, nan, nan], 0.01, nan),
    ],
)
def test_weights_renormalise_over_what_is_present(values, threshold, score):
    found = one(values, tree("arithmetic", (2, 1, 1), threshold))
    assert found == pytest.approx(score, nan_ok=True)


INDEX = Structure(
    (
        Node("index", method="geometric"),
        Node("a", "index", 1),
        Node("a1", "a"),
        Node("aa", "a", method="harmonic"),
        Node("x", "aa"),
        Node("y", "aa"),
        Node("z", "index", 3),
    )
)


def test_levels_may_be_skipped_and_methods_differ():
    """aa: 2 / (1/2 + 1/6) = 3; a: (5 + 3) / 2 = 4; index: 4^(1/4) 64^(3/4) = 32."""
    frame = pd.DataFrame({"x": [2.0], "y": [6.0], "a1": [5.0], "z": [64.0]})
    scores = aggregate_structure(frame, INDEX).scores
    assert scores.columns.tolist() == ["index", "a", "aa"]
    assert scores.iloc[0].tolist() == pytest.approx([32, 4, 3], abs=1e-9)


def test_every_gap_is_listed_with_what_it_did():
    frame = pd.DataFrame(
        {"x": [2.0, nan], "y": [nan, nan], "a1": [5.0, 9.0], "z": [8.0, nan]}, ["one", "two"]
    )
    result = aggregate_structure(frame, INDEX)
    assert result.gaps.values.tolist() == [
        ["one", "aa", "y", 0.5, True],
        ["two", "aa", "x, y", 0.0, False],
        ["two", "a", "aa", 0.5, True],
        ["two", "index", "z", 0.25, False],
    ]
    assert result.scores.loc["two"].tolist() == pytest.approx([nan, 9, nan], nan_ok=True)


def test_what_each_indicator_gave_by_hand():
    """Unit two lacks y: x stands for all of its group."""
    structure = Structure.from_groups({"g": ("x", "y"), "h": ("z",)})
    frame = pd.DataFrame({"x": [40.0, 40.0], "y": [80.0, nan], "z": [10.0, 10.0]})
    result = aggregate_structure(frame, structure)
    assert result.leaf_weights.values.tolist() == [[0.25, 0.25, 0.5], [0.5, 0, 0.5]]
    assert result.contributions.values.tolist() == [[10, 20, 5], [20, 0, 5]]
    assert result.index.tolist() == [35, 25]


# Five indicators of three countries, the last four being better when lower; by hand.
COUNTRIES = pd.DataFrame(
    {
        "gdp": [25.0, 45.0, 20.0],
        "unemployment": [-15.0, -10.0, -8.0],
        "waste": [-4.0, -7.0, -3.5],
        "disparity": [-9.2, -13.2, -5.3],
        "crime": [-40.0, -52.0, -80.0],
    },
    list("ABC"),
)
WEIGHTS = {"gdp": 1, "unemployment": 1, "waste": 2, "disparity": 1, "crime": 1}


def test_pairwise_comparison_by_hand():
    """A beats B on waste, disparity and crime (4 of 6); C beats both on 4 of 6."""
    matrix = outranking(COUNTRIES, WEIGHTS)
    expected = [[nan, 4 / 6, 2 / 6], [2 / 6, nan, 2 / 6], [4 / 6, 4 / 6, nan]]
    assert matrix.to_numpy() == pytest.approx(np.array(expected), nan_ok=True)
    assert copeland(COUNTRIES, WEIGHTS).to_dict() == {"A": 0, "B": -2, "C": 2}


@pytest.mark.parametrize(
    ("a", "b", "score"),
    [
        ([2, 2], [1, 1], 1),
        ([2, 1], [1, 2], 0),  # one each: a draw
        ([2, 1], [1, 1], 1),  # ahead on one, tied on the other
        ([1, 1], [1, 1], 0),
        ([nan, 1], [9, 0], 1),  # compared on what both have
        ([nan, 1], [9, nan], 0),  # nothing in common
        ([nan, nan], [1, 1], nan),
    ],
)
def test_a_pair(a, b, score):
    found = copeland(pd.DataFrame([a, b], dtype=float)).iloc[0]
    assert found == pytest.approx(score, nan_ok=True)
