"""Orders of units, and orders of some of them that agree with orders of all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.impact.permutations import restrict, unit_orders


@given(st.integers(2, 12), st.data())
def test_a_restriction_is_an_order_that_keeps_what_it_can(units: int, data: st.DataObject) -> None:
    kept = sorted(data.draw(st.sets(st.integers(0, units - 1), min_size=1)))
    orders, _ = unit_orders(np.zeros(units), 5, data.draw(st.integers(0, 99)), every=False)
    found = restrict(orders, kept)
    assert np.array_equal(np.sort(found, axis=1), np.tile(np.arange(len(kept)), (5, 1)))
    for whole, part in zip(orders, found, strict=True):
        for place, unit in enumerate(kept):
            if whole[unit] in kept:
                assert kept[part[place]] == whole[unit]


def test_nothing_dropped_changes_nothing() -> None:
    orders, _ = unit_orders(np.zeros(9), 20, 1, every=False)
    assert np.array_equal(restrict(orders, np.arange(9)), orders)


def test_every_order_of_the_rest_is_as_likely() -> None:
    """All 24 orders of four units give each of the six orders of three of them four times."""
    orders, exhaustive = unit_orders(np.zeros(4), 24)
    assert exhaustive
    _, counts = np.unique(restrict(orders, [0, 1, 3]), axis=0, return_counts=True)
    assert counts.tolist() == [4] * 6


def test_strata_stay_apart() -> None:
    strata = np.array([0, 0, 0, 1, 1, 1, 1])
    orders, _ = unit_orders(strata, 50, 3, every=False)
    kept = np.array([0, 2, 3, 6])
    assert (strata[kept][restrict(orders, kept)] == strata[kept]).all()
