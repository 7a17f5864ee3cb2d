"""The real index under audit, and what its units are told: laws that must hold on real figures."""

from dataclasses import replace

import numpy as np
import pytest

from valley_analysis import regions
from valley_analysis.indicators import load_spec
from valley_analysis.scoring import rank, score_editions, score_index
from valley_analysis.scoring.audit import audit
from valley_analysis.scoring.average import average
from valley_analysis.scoring.changes import COMPONENTS, Inputs, explain_change
from valley_analysis.scoring.goalposts import between_posts
from valley_analysis.scoring.groups import AIRR, EIS, HSE, JENKS, QUARTILES, group_units
from valley_analysis.scoring.improve import what_would_it_take
from valley_analysis.scoring.leave_out import pooled_correlations
from valley_analysis.scoring.profile import profile

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def spec():
    return load_spec("regional_innovation")


@pytest.fixture(scope="module")
def editions(indicators, spec):
    return score_editions(indicators, spec, (2020, 2021), regions.scope())


@pytest.fixture(scope="module")
def found(indicators, spec, editions):
    return audit(
        editions[2021], correlations=pooled_correlations(indicators, spec, regions.scope())
    )


def test_dimensions_and_index_hang_together(found):
    table = found.correlations.dimensions
    assert (table.drop(columns="score").to_numpy() > 0).all()
    assert (table["score"] > 0.5).all()
    assert found.alpha.loc["dimensions", "alpha"] > 0.7


def test_every_dimension_counts_at_least_half_as_much_as_meant(found):
    ratio = found.weights.loc["dimension", "ratio"]
    assert ratio.between(0.5, 2).all()


def test_every_near_duplicate_of_the_index_shares_a_weight_or_lies_across(found, editions):
    """Pairs above 0.95 in one dimension that each count fully would count one thing twice."""
    group = editions[2021].weights["group"]
    strong = found.correlations.redundant.query("same and correlation > 0.96")
    assert len(strong)
    assert all(group[row.one] == group[row.other] for row in strong.itertuples())


@pytest.mark.parametrize("name", ["researchers_per_10k_employed", "loss_making_share"])
def test_leaving_out_equals_scoring_without(name, indicators, spec, found):
    rest = spec.only([other for other in spec.indicators if other != name])
    without = score_index(indicators, rest, 2021, regions.scope()).scores
    assert found.leave_out.scores[name].to_numpy() == pytest.approx(
        without["score"].to_numpy(), abs=1e-9
    )
    assert found.leave_out.ranks[name].tolist() == without["rank"].tolist()


def test_no_indicator_carries_the_index_alone(found):
    assert found.leave_out.summary["mean_shift"].max() < 4
    assert found.leave_out.summary["unranked"].max() <= 1


@pytest.mark.parametrize("rule", [AIRR, EIS, HSE, JENKS, QUARTILES], ids=lambda rule: rule.name)
def test_groups_follow_the_scores(rule, editions):
    scores = editions[2021].scores["score"]
    groups = group_units(scores, rule)
    assert groups.borders["units"].sum() == 83
    ordered = groups.groups[scores.sort_values(ascending=False).index]
    assert ordered.is_monotonic_increasing


def test_a_year_and_a_wider_scope_explain_every_move(indicators, spec, editions):
    old = Inputs(indicators, spec, 2020, regions.scope())
    new = replace(old, period=2021, scope=regions.scope("rosstat"))
    change = explain_change(old, new)
    assert change.differing == ("period", "scope")
    assert sorted(change.apart.index) == ["UA-40", "UA-43"]
    parts = change.ranks[list(COMPONENTS)].sum(axis=1)
    assert parts.to_numpy() == pytest.approx((change.ranks["new"] - change.ranks["old"]).to_numpy())
    assert change.ranks["old"].tolist() == editions[2020].scores["rank"].tolist()


def rescored(result, unit, changes):
    """Score a unit again with other values, goalposts and weights standing still."""
    points = result.normalised.copy()
    for name, value in changes.items():
        method, way = result.lags.loc[name, "method"], result.weights.loc[name, "direction"]
        series = result.values[name].where(result.values.index != unit, value)
        points.loc[unit, name] = between_posts(series, result.goalposts[name, method], way)[unit]
    means = {}
    for dimension in result.spec.dimensions:
        names = result.weights.index[result.weights["dimension"] == dimension]
        weights = result.weights.loc[names, "weight"]
        means[dimension] = average(points[names], weights, result.spec.dimension_threshold)[0]
    table = result.scores[list(result.spec.dimensions)].assign(**means)
    equal = result.scores[list(means)].iloc[0] * 0 + 1.0
    return rank(average(table, equal, result.spec.index_threshold)[0])


@pytest.mark.parametrize("unit", ["RU-TUL", "RU-SVE", "RU-YEV", "RU-KGD"])
@pytest.mark.parametrize("cost", ["squares", "sum"])
def test_a_plan_gains_its_places(unit, cost, editions):
    result = editions[2021]
    plan = what_would_it_take(result, unit, 3, cost=cost)
    assert plan.feasible
    assert plan.alone["flag"].equals(result.flags.loc[unit, plan.alone.index].rename("flag"))
    after = rescored(result, unit, plan.together["target_value"].to_dict())
    assert after[unit] <= plan.rank - 3
    for name, row in plan.alone[plan.alone["state"] == "feasible"].iterrows():
        assert rescored(result, unit, {name: row["target_value"]})[unit] <= plan.rank - 3


@pytest.mark.parametrize("unit", ["RU-MOW", "RU-TUL", "RU-YEV"])
def test_a_profile_adds_up(unit, editions):
    result = editions[2021]
    table = profile(result, unit, "economic_base")
    gap = result.scores.loc[unit, "score"] - table.peers["score"].mean()
    assert table.indicators["contribution_gap"].sum() == pytest.approx(gap)
    assert len(table.peers) == 8
    assert np.isfinite(table.strengths["standing"]).all()
