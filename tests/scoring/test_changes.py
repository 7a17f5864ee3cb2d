"""Laws of Shapley values, and of the change that they split."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.frames import Scope
from valley_analysis.scoring import score_index
from valley_analysis.scoring.changes import COMPONENTS, Inputs, explain_change
from valley_analysis.scoring.examples import random_indicators
from valley_analysis.scoring.shapley import shapley_decomposition

pytestmark = pytest.mark.slow

NAMES = ("a", "b", "c")
games = st.lists(st.floats(-1e3, 1e3), min_size=8, max_size=8)


def game(values: list[float]):
    return lambda new: pd.Series({"u": values[sum(2 ** NAMES.index(name) for name in new)]})


@given(games)
def test_parts_sum_to_the_move(values):
    parts = shapley_decomposition(game(values), NAMES).loc["u"]
    assert parts["total"] == values[7] - values[0]
    assert parts[list(NAMES)].sum() == pytest.approx(parts["total"], abs=1e-9)


@given(games)
def test_a_part_is_the_mean_over_all_orders(values):
    value = game(values)
    found = dict.fromkeys(NAMES, 0.0)
    for order in permutations(NAMES):
        for place, name in enumerate(order):
            steps = value(frozenset(order[: place + 1])) - value(frozenset(order[:place]))
            found[name] += float(steps["u"]) / 6
    parts = shapley_decomposition(value, NAMES).loc["u"]
    assert parts[list(NAMES)].to_dict() == pytest.approx(found, abs=1e-9)


@given(games)
def test_a_dummy_has_no_part(values):
    doubled = values[:4] * 2  # c changes nothing
    assert shapley_decomposition(game(doubled), NAMES).loc["u", "c"] == pytest.approx(0, abs=1e-9)


@given(games)
def test_symmetric_components_have_equal_parts(values):
    even = list(values)
    even[2], even[6] = even[1], even[5]  # b does what a does, with c and without
    parts = shapley_decomposition(game(even), NAMES).loc["u"]
    assert parts["a"] == pytest.approx(parts["b"], abs=1e-9)


@given(games, games)
def test_parts_of_a_sum_are_sums_of_parts(one, other):
    both = [a + b for a, b in zip(one, other, strict=True)]
    parts = [shapley_decomposition(game(v), NAMES).loc["u"] for v in (one, other, both)]
    assert (parts[0] + parts[1]).to_numpy() == pytest.approx(parts[2].to_numpy(), abs=1e-9)


def test_each_set_is_asked_for_once_and_a_gap_leaves_no_parts():
    calls = []

    def value(new):
        calls.append(new)
        return pd.Series({"u": float(len(new)), "v": np.nan if new == {"a"} else 1.0})

    parts = shapley_decomposition(value, NAMES)
    assert len(calls) == len(set(calls)) == 8
    assert parts.loc["v"].isna().all()
    assert parts.loc["u", list(NAMES)].tolist() == pytest.approx([1, 1, 1])


def test_no_components_no_move():
    assert shapley_decomposition(game([3.0] * 8), []).loc["u"].to_dict() == {"total": 0.0}


@pytest.fixture(scope="module")
def four_ways():
    """Two ends that differ in everything."""
    frame, spec, scope = random_indicators(14, 10, (2020, 2021, 2022), seed=3)
    spec = replace(spec, editions=(2020, 2022))
    draw = np.random.default_rng(4)
    before = frame[(frame["period"] <= 2020) & ~frame["region"].isin(["u13"])]
    before = before.sample(frac=0.97, random_state=5)
    after = frame[frame["period"] <= 2021].copy()
    after["value"] *= np.where(draw.random(len(after)) < 0.2, 1.3, 1.0)
    after["low"] = after["high"] = after["value"]
    old = Inputs(before, spec, 2020, Scope("less", scope.units[:-1]))
    fewer = replace(spec, members=spec.members[1:], winsorise=(0.0, 1.0))
    return old, Inputs(after, fewer, 2021, Scope("other", scope.units[1:]))


@pytest.fixture(scope="module")
def change(four_ways):
    return explain_change(*four_ways)


def test_four_components_sum_to_the_moves_between_the_two_results(four_ways, change):
    old, new = four_ways
    assert change.differing == COMPONENTS
    results = [score_index(i.indicators, i.spec, i.period, i.scope) for i in (old, new)]
    both = list(old.scope.units[1:])
    for table, column in ((change.scores, "score"), (change.ranks, "rank")):
        assert list(table.index) == both
        for end, result in zip(("old", "new"), results, strict=True):
            expected = result.scores.loc[both, column].astype(float)
            assert table[end].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-12)
        assert table[list(COMPONENTS)].sum(axis=1).to_numpy() == pytest.approx(
            (table["new"] - table["old"]).to_numpy(), abs=1e-9
        )
        assert (table[list(COMPONENTS)].abs().sum() > 0).all()
    assert change.apart["why"].to_dict() == {"u13": "entered", "u0": "left"}


def test_an_edition_is_scored_at_most_sixteen_times(four_ways):
    calls = []

    def counted(*asked):
        calls.append(asked)
        return score_index(*asked)

    explain_change(*four_ways, score=counted)
    assert len(calls) == 16
    calls.clear()
    old = four_ways[0]
    explain_change(old, replace(old, period=2020), score=counted)
    assert len(calls) == 1


def test_the_order_of_rows_does_not_matter_and_the_callers_frames_stay(four_ways, change):
    mixed = [end.indicators.sample(frac=1, random_state=1) for end in four_ways]
    copies = [frame.copy() for frame in mixed]
    ends = [replace(end, indicators=m) for end, m in zip(four_ways, mixed, strict=True)]
    again = explain_change(*ends)
    pd.testing.assert_frame_equal(again.scores, change.scores, atol=1e-9, rtol=0)
    for frame, copy in zip(mixed, copies, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
