"""Profiles: places with ties and gaps, peers by distance, gaps that add up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import ValleyError
from valley_analysis.frames import Scope
from valley_analysis.scoring import IndexSpec, Member, score_index
from valley_analysis.scoring.examples import random_indicators, small_index
from valley_analysis.scoring.profile import distances, profile

TABLE = {
    "wealth": (10.0, 12.0, 11.0, 50.0, 60.0),
    "decay": (5.0, 5.0, 4.0, 1.0, 0.0),
    "patents": (0.0, 0.0, 9.0, 0.0, 4.0),
    "firms": (3.0, np.nan, 2.0, 7.0, 5.0),
}
MEMBERS = (
    Member("wealth", "base"),
    Member("decay", "base", -1),
    Member("patents", "work"),
    Member("firms", "work"),
)


@pytest.fixture(scope="module")
def result():
    rows = [(u, 2021, n, v) for n, vs in TABLE.items() for u, v in zip("ABCDE", vs, strict=True)]
    frame = pd.DataFrame(rows, columns=["region", "period", "indicator", "value"]).dropna()
    frame = frame.assign(low=frame.value, high=frame.value, flag="observed", method="", inputs="")
    spec = IndexSpec(
        "five", MEMBERS, (0.0, 1.0), (2021, 2021), index_threshold=0.5, editions=(2021, 2021)
    )
    return score_index(frame, spec, 2021, Scope("five", tuple("ABCDE")))


def test_places_by_hand(result):
    """A ties with B and D at no patents: third of five, in the middle of the lower half."""
    table = profile(result, "A", "base", peers=2).indicators
    assert table["rank"].to_dict() == {"wealth": 5, "decay": 4, "patents": 3, "firms": 3}
    assert table["of"].to_dict() == {"wealth": 5, "decay": 5, "patents": 5, "firms": 4}
    assert table["tied"].to_dict() == {"wealth": 0, "decay": 1, "patents": 2, "firms": 0}
    standing = {"wealth": 0.0, "decay": 0.125, "patents": 0.25, "firms": 1 / 3}
    assert table["standing"].to_dict() == pytest.approx(standing)


def test_strengths_and_weaknesses_are_the_ends_of_that_order(result):
    found = profile(result, "A", "base", peers=2, show=2)
    assert found.weaknesses.index.tolist() == ["wealth", "decay"]
    assert found.strengths.index.tolist() == ["firms", "patents"]


def test_peers_are_the_nearest_in_the_chosen_dimension(result):
    found = profile(result, "A", "base", peers=2)
    assert found.peers.index.tolist() == ["B", "C"]
    spread = result.normalised[["wealth", "decay"]].std()
    steps = (result.normalised.loc["B"] - result.normalised.loc["A"])[["wealth", "decay"]]
    expected = np.sqrt(((steps / spread) ** 2).mean())
    assert found.peers.loc["B", "distance"] == pytest.approx(expected)
    assert found.peers["shared"].tolist() == [2, 2]


def test_gaps_are_to_the_peers_median_in_units_and_points(result):
    table = profile(result, "A", "base", peers=2).indicators
    assert table.loc["wealth", ["peers_median", "gap"]].tolist() == [11.5, -1.5]
    assert table.loc["decay", "gap"] == 0.5  # more decay than the peers
    assert table.loc["decay", "gap_points"] == pytest.approx(-10)
    assert table.loc["firms", "peers_median"] == 2.0  # B has none


def test_a_missing_value_has_no_place(result):
    found = profile(result, "B", "base", peers=["A", "C"])
    assert found.indicators.loc["firms", ["rank", "standing", "gap"]].isna().all()
    assert "firms" not in found.strengths.index.union(found.weaknesses.index)
    assert found.peers.index.tolist() == ["A", "C"]


@pytest.mark.parametrize("unit", list("ABCDE"))
def test_differences_of_contributions_sum_to_the_difference_of_scores(result, unit):
    found = profile(result, unit, "base", peers=3)
    scores = result.scores["score"]
    expected = scores[unit] - scores[list(found.peers.index)].mean()
    assert found.indicators["contribution_gap"].sum() == pytest.approx(expected)


def test_dimensions_and_score_are_compared_too(result):
    table = profile(result, "E", "base", peers=2).dimensions
    assert table.index.tolist() == ["base", "work", "score"]
    assert table.loc["score", "rank"] == result.scores.loc["E", "rank"]
    assert (table["gap"] == table["score"] - table["peers_median"]).all()


def test_near_duplicates_count_once_in_a_distance():
    frame, spec, scope = random_indicators(40, 5, seed=5)
    copy = frame[frame["indicator"] == "i0"].assign(indicator="i5")
    twice = IndexSpec(
        "twice", (*spec.members, Member("i5", "d0")), reference=(2021, 2021), editions=(2021, 2021)
    )
    one = distances(score_index(frame, spec, 2021, scope), "u0", "d0")
    two = distances(score_index(pd.concat([frame, copy]), twice, 2021, scope), "u0", "d0")
    assert two["distance"].to_numpy() == pytest.approx(one["distance"].to_numpy())


def test_a_unit_that_shares_too_little_has_no_distance(result):
    table = distances(result, "B", "work")
    assert table["shared"].eq(1).all()
    assert table["distance"].notna().all()  # half of the weight is enough
    thin = result.normalised.copy()
    thin.loc["C", ["patents", "firms"]] = np.nan
    assert np.isnan(distances(replace(result, normalised=thin), "B", "work").loc["C", "distance"])


@pytest.mark.parametrize(
    ("unit", "dimension", "peers", "message"),
    [
        ("Q", "economy", 3, "Q .nearest: none. not in scope"),
        ("A", "virtue", 3, "no dimension virtue .nearest"),
        ("A", "economy", ["B", "Q"], "Q .nearest: none. not in scope"),
    ],
)
def test_what_cannot_be_asked(unit, dimension, peers, message):
    with pytest.raises(ValleyError, match=message):
        profile(small_index(), unit, dimension, peers=peers)


def test_a_profile_shows_itself():
    html = profile(small_index(), "G", "economy", peers=3)._repr_html_()
    assert "G 2021: strengths" in html
    assert "weaknesses" in html
