"""Agreement of rankings, and specifications restricted to some indicators."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr

from valley_analysis.errors import SpecError, ValleyError
from valley_analysis.scoring import IndexSpec, Member, rank_agreement, rating_agreements

orders = st.integers(5, 40).flatmap(lambda n: st.permutations(range(1, n + 1)))


def series(places: list[int]) -> "pd.Series[int]":
    return pd.Series(places, index=[f"u{k}" for k in range(len(places))])


@given(orders)
def test_coefficients_are_those_of_scipy(places: list[int]) -> None:
    ours, theirs = series(sorted(places)), series(places)
    found = rank_agreement(ours, theirs)
    assert found.spearman == pytest.approx(spearmanr(ours, theirs).statistic)
    assert found.kendall == pytest.approx(kendalltau(ours, theirs).statistic)
    assert found.n == len(places)


@given(orders)
def test_agreement_is_mutual_and_the_interval_holds_the_coefficient(places: list[int]) -> None:
    one = rank_agreement(series(sorted(places)), series(places))
    other = rank_agreement(series(places), series(sorted(places)))
    assert one.spearman == pytest.approx(other.spearman)
    assert (one.table["difference"] == -other.table["difference"].reindex(one.table.index)).all()
    if not math.isnan(one.low):
        assert -1 <= one.low <= one.spearman <= one.high <= 1


def test_places_are_ranked_again_within_the_common_set() -> None:
    ours = pd.Series({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6})
    theirs = pd.Series({"f": 80, "b": 7, "d": 30, "e": 30, "x": 1})
    table = rank_agreement(ours, theirs).table.sort_index()
    assert table["ours"].to_dict() == {"b": 1, "d": 2, "e": 3, "f": 4}
    assert table["theirs"].to_dict() == {"b": 1, "d": 2, "e": 2, "f": 4}


def test_the_largest_disagreement_comes_first() -> None:
    found = rank_agreement(series([1, 2, 3, 4, 5]), series([5, 2, 3, 4, 1]))
    assert set(found.disagreements(2).index) == {"u0", "u4"}
    assert "n = 5, Spearman -0.60" in found._repr_html_()


def test_missing_ranks_are_left_out() -> None:
    ours = series([1, 2, 3, 4, 5]).astype("Int64")
    ours["u2"] = pd.NA
    assert rank_agreement(ours, series([1, 2, 3, 4, 5])).n == 4


def test_perfect_agreement_has_no_interval() -> None:
    found = rank_agreement(series([1, 2, 3, 4]), series([4, 3, 2, 1]))
    assert (found.spearman, found.kendall) == (-1, -1)
    assert math.isnan(found.low)


def test_interval_of_bonett_and_wright() -> None:
    """r = 0.8 and n = 4 worked by hand: atanh(0.8) -+ 1.96 sqrt(1.32)."""
    found = rank_agreement(series([1, 2, 3, 4]), series([1, 3, 2, 4]))
    half = 1.959964 * math.sqrt(1.32)
    assert found.low == pytest.approx(math.tanh(math.atanh(0.8) - half), abs=1e-6)
    assert found.high == pytest.approx(math.tanh(math.atanh(0.8) + half), abs=1e-6)


@pytest.mark.slow
def test_interval_covers_about_as_often_as_it_says() -> None:
    rng, truth, covered = np.random.default_rng(7), 6 / math.pi * math.asin(0.35), 0
    for _ in range(400):
        both = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=40)
        ours, theirs = (pd.Series(column).rank() for column in both.T)
        found = rank_agreement(ours, theirs)
        covered += found.low <= truth <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_cutting_a_list_at_the_top_lowers_the_correlation() -> None:
    """What the chart says of partial lists, on average over simulated rankings."""
    rng, full, head = np.random.default_rng(3), [], []
    for _ in range(100):
        score = rng.normal(size=80)
        ours = pd.Series(-(score + rng.normal(scale=0.5, size=80))).rank()
        theirs = pd.Series(-(score + rng.normal(scale=0.5, size=80))).rank()
        full.append(rank_agreement(ours, theirs).spearman)
        head.append(rank_agreement(ours, theirs[theirs <= 20]).spearman)
    assert np.mean(head) < np.mean(full) - 0.15


@pytest.mark.parametrize(
    ("theirs", "message"),
    [
        (pd.Series([1, 2, 3], index=["u0", "u1", "u2"]), "3 units are in both rankings"),
        (pd.Series([1, 2], index=["u0", "u0"]), "stands more than once"),
    ],
)
def test_what_cannot_be_compared_is_told(theirs: "pd.Series[int]", message: str) -> None:
    with pytest.raises(ValleyError, match=message):
        rank_agreement(series([1, 2, 3, 4, 5]), theirs)


def test_ratings_are_compared_with_the_nearest_edition() -> None:
    units = [f"u{k}" for k in range(8)]
    ranks = pd.DataFrame({2020: range(1, 9), 2021: range(8, 0, -1)}, index=units)
    places = pd.DataFrame(
        {
            "rating": ["A"] * 8 + ["B"] * 6 + ["C"] * 8 + ["D"] * 3,
            "year": [2019] * 8 + [2023] * 6 + [pd.NA] * 8 + [2021] * 3,
            "region": units + units[:6] + units + units[:3],
            "rank": [*range(1, 9), *range(1, 7), *range(1, 9), 1, 2, 3],
        }
    ).astype({"year": "Int64"})
    found = rating_agreements(ranks, places)
    assert list(found) == [("A", 2019, 2020), ("B", 2023, 2021)]
    assert [one.spearman for one in found.values()] == [1, -1]


def test_only_keeps_order_and_settings() -> None:
    members = (Member("a", "x"), Member("b", "y", -1), Member("c", "x"))
    spec = IndexSpec("three", members, max_lag=2)
    part = spec.only({"c", "a"})
    assert part.indicators == ("a", "c")
    assert part.max_lag == 2
    assert spec.only(spec.indicators) == spec


@pytest.mark.parametrize(
    ("names", "problem"),
    [(["a", "z"], "z is not a member"), ([], "no members; expected at least one")],
)
def test_only_tells_what_it_cannot_do(names: list[str], problem: str) -> None:
    with pytest.raises(SpecError, match=problem):
        IndexSpec("one", (Member("a", "x"),)).only(names)
