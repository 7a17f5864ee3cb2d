"""Other frameworks: worked by hand, laws, and what is printed of the project's own index."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis import indicators, regions
from valley_analysis.errors import SpecError
from valley_analysis.panel.published_ranks import published_ranks
from valley_analysis.scoring import (
    IndexSpec,
    Member,
    Uncertainty,
    framework_agreements,
    framework_ranks,
    framework_scenarios,
    rank_agreement,
    score_editions,
    score_index,
    subindex_scores,
    vary,
)
from valley_analysis.scoring.describe import availability, value_counts
from valley_analysis.scoring.examples import small_index, small_indicators, small_scope, small_spec
from valley_analysis.scoring.framework import reweighted
from valley_analysis.scoring.standard import standard_assumptions

HALVES = {"money": ("economy",), "minds": ("knowledge",)}


def test_a_halved_dimension_weighs_a_third_of_two():
    found = small_index()
    scores = found.scores
    halved = reweighted(found, {"economy": 0.5})
    np.testing.assert_allclose(halved, scores["economy"] / 3 + 2 * scores["knowledge"] / 3)
    np.testing.assert_allclose(reweighted(found, {"economy": 0.0}), scores["knowledge"])


@given(st.floats(0.1, 10))
def test_multiplying_all_weights_changes_nothing(factor):
    found = small_index()
    alike = reweighted(found, dict.fromkeys(found.spec.dimensions, factor))
    np.testing.assert_allclose(alike, found.scores["score"])


def test_scenarios_count_moves_and_ranges_left_by_hand():
    columns = pd.MultiIndex.from_tuples(
        [("nominal", ""), ("without", "x"), ("other", "y")], names=["kind", "name"]
    )
    ranks = pd.DataFrame(
        [[1, 3, 1], [2, 1, 2], [3, 2, None]], index=list("abc"), columns=columns
    ).astype("Int64")
    ranges = pd.DataFrame({"rank_low": [1, 1, 3], "rank_high": [2, 2, 3]}, index=list("abc"))
    found = framework_scenarios(ranks, ranges)
    row = found.loc["without", "x"]
    assert (row["mean_shift"], row["max_shift"], row["unit"], row["shift"]) == (4 / 3, 2, "a", 2)
    assert (row["rank"], row["outside"], row["n"]) == (1, 2, 3)
    assert row["spearman"] == pytest.approx(-0.5)
    assert found.loc["other", "y"][["mean_shift", "outside", "n"]].tolist() == [0, 0, 2]


def test_one_dimension_has_no_scenario_without_it():
    spec = small_spec().only(["income", "jobless"])
    result = score_index(small_indicators(), spec, 2021, small_scope())
    ranks = framework_ranks(small_indicators(), result, {"all": small_spec()})
    assert ranks.columns.tolist() == [("nominal", ""), ("other", "all")]


def test_a_subindex_is_an_index_of_its_dimensions():
    spec = IndexSpec(
        "small",
        small_spec().members,
        winsorise=(0.0, 1.0),
        reference=(2020, 2021),
        editions=(2020, 2021),
        subindices=HALVES,
    )
    result = score_index(small_indicators(), spec, 2021, small_scope())
    parts = subindex_scores(result)
    assert list(parts) == ["money", "minds"]
    np.testing.assert_allclose(parts.mean(axis=1), result.scores["score"])
    for name in parts:
        alone = score_index(small_indicators(), spec.subindex(name), 2021, small_scope())
        np.testing.assert_allclose(alone.scores["score"], parts[name])


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"one": ("z",)}, "'z' is no dimension; found x, y"),
        ({"one": ()}, "sub-index one: no dimensions"),
        ({"one": ("x",), "two": ("x", "y")}, "dimension x stands in 2 sub-indices"),
        ((("one", ("x",)), ("one", ("y",))), "a sub-index stands twice"),
    ],
)
def test_subindices_that_contradict_the_dimensions_are_refused(parts, said):
    with pytest.raises(SpecError, match=said):
        IndexSpec("two", (Member("a", "x"), Member("b", "y")), subindices=parts)


def test_an_unknown_subindex_is_named():
    with pytest.raises(SpecError, match="no sub-index 'mind'; found none"):
        small_spec().subindex("mind")


def test_agreement_is_that_of_the_ranks_and_small_lists_are_left_out():
    result = small_index()
    places = pd.DataFrame(
        {"rating": "theirs", "year": 2021, "region": list("ABCDEFGH"), "rank": range(8, 0, -1)}
    )
    few = places.head(4).assign(rating="short")
    found = framework_agreements({2021: result}, pd.concat([places, few]), minimum=8)
    assert set(found["rating"]) == {"theirs"}
    told = found.set_index(["kind", "part"])["spearman"]
    theirs = places.set_index("region")["rank"]
    assert told["index", ""] == rank_agreement(result.scores["rank"], theirs).spearman
    alone = rank_agreement(-result.scores["economy"], theirs).spearman
    assert told["alone", "economy"] == pytest.approx(alone)
    assert told["without", "knowledge"] == pytest.approx(alone)


@pytest.mark.slow
def test_the_project_s_own_frameworks_move_ranks_as_told():
    """Also by other code: 3 to 5 places on average, 30 at most; 12 of 83 under `airr_like`."""
    units, values = regions.scope("recognised"), indicators.load_indicators()
    spec = indicators.load_spec("regional_innovation")
    result = score_index(values, spec, 2021, units)
    plan = Uncertainty(standard_assumptions(spec), 10_000, 20260101)
    ranges = vary(values, spec, 2021, units, plan, pairs=False).ranges
    others = {"airr_like": indicators.load_spec("airr_like")}
    found = framework_scenarios(framework_ranks(values, result, others), ranges)
    assert found.loc["without", "mean_shift"].between(3, 5).all()
    assert found.loc["without", "max_shift"].max() == 30
    assert found.loc[("other", "airr_like"), ["outside", "n"]].tolist() == [12, 83]
    parts = subindex_scores(result)
    complete = parts.notna().all(axis=1) & result.scores[list(spec.dimensions)].notna().all(axis=1)
    np.testing.assert_allclose(
        parts[complete].mean(axis=1), result.scores["score"][complete].astype(float)
    )


@pytest.mark.slow
def test_other_ratings_hardly_go_by_human_capital_and_openness():
    units, values = regions.scope("recognised"), indicators.load_indicators()
    spec = indicators.load_spec("regional_innovation")
    editions = score_editions(values, spec, [2022], units)
    found = framework_agreements(editions, published_ranks("recognised"), minimum=40)
    told = found.set_index(["kind", "part"])["spearman"]
    assert set(told["alone"].nsmallest(2).index) == {"human_capital", "openness_digital"}
    assert told["subindex", "activity"] > told["subindex", "conditions"] + 0.1
    assert told["index", ""] == pytest.approx(0.92, abs=0.01)


@pytest.mark.slow
def test_regions_with_a_value_are_counted_once_midpoints_said():
    """R&D staff of 2021: 81 published, one midpoint of bounds; capital spending 61 and 14."""
    units, values = regions.scope("recognised"), indicators.load_indicators()
    result = score_index(values, indicators.load_spec("regional_innovation"), 2021, units)
    counts = value_counts(result)
    assert counts.loc["rd_staff_per_10k_employed"].tolist() == [82, 1]
    assert counts.loc["rd_capital_per_employed"].tolist() == [75, 14]
    pd.testing.assert_frame_equal(
        counts,
        availability(result).indicators[["units", "midpoints"]],
        check_dtype=False,
        check_names=False,
    )
    published = counts["units"] - counts["midpoints"]
    pd.testing.assert_series_equal(
        published, result.lags["units"], check_names=False, check_dtype=False
    )
