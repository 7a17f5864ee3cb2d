"""Laws of performance groups; natural breaks against all possible breaks."""

import pickle
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.scoring.groups import (
    AIRR,
    EIS,
    HSE,
    JENKS,
    QUARTILES,
    GroupRule,
    assign,
    group_units,
    membership_shares,
)
from valley_analysis.scoring.jenks import jenks_borders

RULES = (AIRR, EIS, HSE, JENKS, QUARTILES)
scores = st.lists(st.integers(1, 400).map(lambda n: n / 4), min_size=4, max_size=9)


def spread(values, borders) -> float:
    """Sum of squared distances from class means."""
    classes = np.searchsorted(np.sort(borders), values, side="right")
    return sum(
        float(np.square(part - part.mean()).sum())
        for number in range(len(borders) + 1)
        if len(part := values[classes == number])
    )


@given(scores, st.integers(2, 4))
def test_natural_breaks_have_the_least_spread_of_all_breaks(numbers, count):
    values = np.array(numbers)
    found = jenks_borders(values[None, :], count)[0]
    distinct = np.unique(values)[1:]
    size = min(count - 1, len(distinct))
    best = min(spread(values, np.array(chosen)) for chosen in combinations(distinct, size))
    assert spread(values, found[~np.isnan(found)]) == pytest.approx(best, abs=1e-9)


@given(scores, st.floats(1e-6, 1e6), st.integers(-1000, 1000))
def test_natural_breaks_do_not_depend_on_the_unit(numbers, factor, shift):
    values = np.unique(numbers)
    # Breaks that are equally good may swap under rounding: compare the spread they leave.
    found = jenks_borders(values[None, :], 3)[0]
    moved = (jenks_borders((values * factor + shift * factor)[None, :], 3)[0]) / factor - shift
    left = [spread(values, part[~np.isnan(part)] - 1e-7) for part in (found, moved)]
    assert left[0] == pytest.approx(left[1], rel=1e-6, abs=1e-6)


def test_rows_are_cut_one_by_one_gaps_included():
    draw = np.random.default_rng(1)
    matrix = draw.normal(50, 10, (40, 12))
    matrix[draw.random(matrix.shape) < 0.1] = np.nan
    for rule in RULES:
        together = assign(matrix, rule)
        for row, codes in zip(matrix, together, strict=True):
            assert (assign(row[None, :], rule)[0] == codes).all()
            one = group_units(pd.Series(row), rule).groups.fillna(0).to_numpy() - 1
            assert (one == codes).all()


@given(st.lists(st.floats(1, 100), min_size=2, max_size=12), st.sampled_from(RULES))
def test_a_better_score_is_never_in_a_worse_group(numbers, rule):
    values = np.sort(numbers)
    assert (np.diff(assign(values[None, :], rule)[0]) <= 0).all()


@given(st.permutations(range(6)), st.sampled_from(RULES))
def test_the_order_of_units_does_not_matter(order, rule):
    values = np.array([[10.0, 30, 31, 55, 80, 81]])
    assert (assign(values[:, order], rule) == assign(values, rule)[:, order]).all()


def test_membership_shares_count_replications():
    shares = membership_shares(
        np.array([[100.0, 50.0, np.nan], [100.0, 90.0, 10.0]]), HSE, pd.Index(["a", "b", "c"])
    )
    assert shares.loc["a"].tolist() == [1, 0, 0, 0]
    assert shares.loc["b"].tolist() == [0.5, 0, 0.5, 0]
    assert shares.loc["c"].tolist() == [0, 0, 0, 0.5]


def test_a_rule_travels_to_other_processes():
    step = pickle.loads(pickle.dumps(partial(assign, rule=EIS)))
    assert step(np.array([[90.0, 10.0]])).tolist() == [[0, 3]]
    assert EIS.names[0] == "leader"
    assert GroupRule("two", "mean", (1.0,)).names == ("1", "2")
