"""The batch gives what scoring one by one gives."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import SpecError
from valley_analysis.scoring import aggregate, rank
from valley_analysis.scoring.average import average
from valley_analysis.scoring.engine import branches, exponent, rank_batch, score_batch
from valley_analysis.scoring.structure import Node, Structure

pytestmark = pytest.mark.slow


def random_structure(rng: np.random.Generator) -> Structure:
    """Two or three levels, some of them skipped, thresholds at random."""
    nodes = [Node("index", threshold=float(rng.choice([0.3, 0.5, 0.8])))]
    for group in "abc"[: rng.integers(1, 4)]:
        nodes.append(Node(group, "index", rng.random() + 0.1, threshold=0.5))
        nodes += [Node(f"{group}{i}", group, rng.random()) for i in range(rng.integers(1, 4))]
        if rng.random() < 0.5:
            nodes.append(Node(f"{group}-sub", group, rng.random() + 0.1, threshold=1.0))
            nodes += [Node(f"{group}-s{i}", f"{group}-sub") for i in range(2)]
    if rng.random() < 0.5:
        nodes.append(Node("direct", "index", 0.7))
    return Structure(tuple(nodes))


def one_by_one(values, structure, weights, powers, floor=0.0):
    """One replication, group by group, through the plain step."""
    frame = pd.DataFrame(values, columns=list(structure.leaves))
    of_node = pd.Series(weights, [node.name for node in structure.nodes])
    for name, power in zip(structure.groups, powers, strict=True):
        children = list(structure.children(name))
        lifted = floor + frame[children] * (1 - floor / 100) if power != 1 else frame[children]
        inside = np.log(lifted) if power == 0 else lifted**power
        mean, _ = average(inside, of_node[children], structure.by_name[name].threshold)
        mean = np.exp(mean) if power == 0 else mean ** (1 / power)
        frame[name] = (mean - floor) / (1 - floor / 100) if power != 1 else mean
    return frame[structure.top].to_numpy()


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.2, 0.6]), st.booleans())
def test_equal_to_the_plain_path_with_gaps(seed, gaps, varying):
    rng = np.random.default_rng(seed)
    structure = random_structure(rng)
    units, many, leaves = 7, 5, len(structure.leaves)
    values = rng.uniform(1, 100, (many, units, leaves) if varying else (units, leaves))
    values[rng.random(values.shape) < gaps] = np.nan
    weights = rng.random((many, len(structure.nodes))) + 0.01
    powers = rng.choice([1.0, 0.0, -1.0, 0.5], (many, len(structure.groups)))
    floor = float(rng.choice([0.0, 1.0]))
    found = score_batch(values, structure, weights, powers, floor)
    for row in range(many):
        table = values[row] if varying else values
        expected = one_by_one(table, structure, weights[row], powers[row], floor)
        np.testing.assert_allclose(found[row], expected, rtol=0, atol=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_collapsed_weights_equal_the_plain_path(seed):
    rng = np.random.default_rng(seed)
    structure = random_structure(rng)
    values = rng.uniform(0, 100, (6, len(structure.leaves)))
    weights = rng.random((4, len(structure.nodes))) + 0.01
    found = score_batch(values, structure, weights)
    for row in range(4):
        ones = np.ones(len(structure.groups))
        expected = one_by_one(values, structure, weights[row], ones)
        np.testing.assert_allclose(found[row], expected, rtol=0, atol=1e-9)


def test_weight_zero_takes_no_part_and_an_empty_group_is_missing():
    tree = Structure.from_groups({"a": ("x", "y"), "b": ("z",)}, threshold=0.6)
    values = np.array([[10.0, 30.0, 60.0], [np.nan, 30.0, 60.0]])
    weights = np.array([[1, 1, 0, 1, 1, 1], [1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 0, 0.0]])
    found = score_batch(values, tree, weights)
    assert found[0].tolist() == [45.0, 45.0]
    assert np.isnan(found[1]).all()  # half of the index has no indicator: below 0.6
    assert found[2, 0] == 20.0
    assert np.isnan(found[2, 1])


def test_the_structures_own_means_are_the_default():
    tree = Structure((Node("i", method="geometric"), Node("x", "i"), Node("y", "i")))
    assert score_batch(np.array([[4.0, 9.0]]), tree) == pytest.approx(6.0)
    tree = Structure((Node("i", method="power", power=2), Node("x", "i"), Node("y", "i")))
    assert score_batch(np.array([[1.0, 7.0]]), tree) == pytest.approx(5.0)


def test_zeros_need_a_floor_under_geometric_and_harmonic_means():
    tree = Structure.from_groups({"a": ("x", "y")})
    values = np.array([[0.0, 50.0]])
    for power in (0.0, -1.0):
        powers = np.full((1, 2), power)
        with pytest.raises(SpecError, match="a: value 0 under a mean"):
            score_batch(values, tree, exponents=powers)
        assert 0 < score_batch(values, tree, exponents=powers, floor=1.0)[0, 0] < 25
    with pytest.raises(SpecError, match="value -1 under"):
        score_batch(np.array([[-1.0, 5.0]]), tree, exponents=np.full((1, 2), 0.5))


def test_methods_that_do_not_exist_are_refused():
    with pytest.raises(SpecError, match="method 'median'"):
        exponent("median")


TOPS = [("copeland", 1.0), ("mazziotta_pareto", 1.0), ("power", np.inf), ("power", -20.0)]


@pytest.mark.parametrize(("method", "power"), TOPS)
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_what_is_no_sum_equals_the_plain_step(method, power, gaps):
    """Copeland, Mazziotta-Pareto and steep means, with weights that differ by replication."""
    rng = np.random.default_rng(3)
    for _ in range(5):
        structure = random_structure(rng)
        nodes = tuple(
            replace(node, method=method, power=power) if not node.parent else node
            for node in structure.nodes
        )
        structure = Structure(nodes)
        values = rng.uniform(1, 100, (9, len(structure.leaves))).round(0)  # some tie
        values[rng.random(values.shape) < gaps] = np.nan
        weights = rng.random((4, len(nodes))) + 0.01
        found = score_batch(values, structure, weights)
        for row, drawn in zip(found, weights, strict=True):
            plain = aggregate(
                pd.DataFrame(values, columns=list(structure.leaves)),
                structure.with_weights(dict(zip(structure.by_name, drawn, strict=True))),
            ).index
            np.testing.assert_allclose(row, plain, rtol=1e-9, atol=1e-9)


def test_branches_follow_their_children():
    tree = Structure.from_groups({"a": ("x", "y"), "b": ("z",)})
    assert [branch.name for branch in branches(tree)] == ["a", "b", "index"]


@given(st.integers(0, 10**6), st.integers(1, 40))
def test_ranks_equal_the_plain_ones(seed, units):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 12, (20, units)) + rng.integers(0, 3, (20, units)) * 0.7e-9
    scores[rng.random(scores.shape) < 0.2] = np.nan
    for row, found in zip(scores, rank_batch(scores), strict=True):
        assert found.tolist() == rank(pd.Series(row)).fillna(0).tolist()


DIGEST = """
import hashlib
import numpy as np
from valley_analysis.scoring.engine import score_batch
from valley_analysis.scoring.structure import Structure

tree = Structure.from_groups({g: tuple(f"{g}{i}" for i in range(11)) for g in "abcd"})
rng = np.random.default_rng(0)
values, weights = rng.random((83, 44)), rng.random((3000, 49)) + 0.1
print(hashlib.md5(score_batch(values, tree, weights).tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_the_number_of_threads_changes_no_digit():
    found = set()
    for threads in "12":
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        environment = {**os.environ, **dict.fromkeys(names, threads)}
        command = [sys.executable, "-c", DIGEST]
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        found.add(done.stdout)
    assert len(found) == 1
