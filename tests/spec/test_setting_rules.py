"""What a specification refuses: every contradiction by name, all of them at once."""

from dataclasses import replace

import pytest

from valley_analysis.errors import SpecError
from valley_analysis.scoring import IndexSpec, Member, Node, Structure

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
LEAVES = tuple(Member(name, "any") for name in "xyzw")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"treatment": "cut"}, "treatment 'cut'; expected one of winsorise, quantiles"),
        ({"normalisation": "best"}, "normalisation 'best'; expected one of minmax"),
        ({"weighting": "random"}, "weighting 'random'; expected one of shared"),
        ({"imputation": "zero"}, "imputation 'zero'; expected one of previous"),
        ({"aggregation": "copeland"}, "aggregation of a dimension 'copeland'"),
        ({"aggregation": ("arithmetic",)}, "expected the mean of a dimension, and of the index"),
        ({"imputation": "previous", "max_lag": 0}, "'previous' with max_lag 0"),
        ({"outliers": (0.0, 3.5, 5)}, "outliers"),
        ({"floor": 100.0}, "floor 100.0; expected 0 to below 100"),
        ({"given": {"x": 1}}, "given weights under weighting 'equal'"),
        ({"weighting": "given", "given": {"x": 1, "y": 1}}, "no weight given for z"),
        ({"weighting": "given", "given": dict.fromkeys("xyzv", 1)}, "weight given for 'v'"),
        ({"weighting": "given", "given": {"x": -1, "y": 1, "z": 1}}, "x: weight -1"),
        ({"structure": TREE}, "w is an indicator of the structure, but no member"),
        ({"members": LEAVES, "structure": TREE, "weighting": "flat"}, "'flat' beside a structure"),
        (
            {"members": LEAVES, "structure": TREE, "aggregation": "harmonic"},
            "beside a structure; expected methods of its groups",
        ),
        (
            {"members": LEAVES, "structure": TREE.with_weights({"x": 2.0})},
            "weights of x in the structure",
        ),
    ],
)
def test_contradictions_are_named(settings, problem):
    with pytest.raises(SpecError, match="methods") as caught:
        replace(SPEC, **settings)
    assert any(problem in each for each in caught.value.problems)
    both = {"max_lag": -2} if "max_lag" not in settings else {"shared_above": 7.0}
    with pytest.raises(SpecError) as caught:
        replace(SPEC, **settings | both)
    assert len(caught.value.problems) >= 2
