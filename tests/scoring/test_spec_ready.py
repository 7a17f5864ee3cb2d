"""The ready specifications on the real figures, and the project's own as it was before them."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valley_analysis import paths, regions
from valley_analysis.indicators import list_specs, load_spec
from valley_analysis.scoring import AIRR, EIS, group_units, score_editions, shared_weights
from valley_analysis.scoring.average import average
from valley_analysis.scoring.goalposts import between_posts, goalposts

READY = ("airr_like", "eis_like", "gii_like", "regional_innovation")


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def editions(indicators):
    return {
        name: score_editions(indicators, load_spec(name), range(2010, 2023), regions.scope())
        for name in READY
    }


def test_four_specifications_come_with_the_package():
    assert list_specs() == READY


@pytest.mark.parametrize("name", READY)
def test_every_edition_ranks_all_units(editions, name):
    for result in editions[name].values():
        assert result.unranked == ()
        ranks = result.scores["rank"].astype(int)
        assert (ranks.min(), len(ranks)) == (1, 83)
        total = result.contributions.sum(axis=1)
        assert total.to_numpy() == pytest.approx(result.scores["score"].to_numpy(), abs=1e-9)
        assert result.exact


def test_specifications_agree_as_far_as_their_methods_do(editions):
    scores = pd.DataFrame({name: each[2021].scores["score"] for name, each in editions.items()})
    agreement = scores.corr("spearman").to_numpy()
    assert agreement.min() > 0.9
    assert np.abs(scores.rank().diff(axis=1)).max().max() >= 5


def test_eis_like_weighs_every_indicator_the_same(editions):
    weights = editions["eis_like"][2021].weights["weight"]
    assert weights.to_numpy() == pytest.approx(1 / len(weights))
    assert set(editions["eis_like"][2021].steps["form"]) == {"as it is", "root"}
    assert group_units(editions["eis_like"][2021].scores["score"], EIS).borders["units"].min() > 0


def test_gii_like_moves_at_most_five_values_unless_tied(editions):
    steps = editions["gii_like"][2021].steps
    assert (steps["clipped"] > 0).any()
    assert steps["clipped"].max() <= 5


def test_airr_like_is_relative_to_the_mean_of_the_units(editions):
    result = editions["airr_like"][2021]
    ups = result.weights.index[result.weights["direction"] > 0]
    full = [name for name in ups if result.lags.loc[name, "units"] == 83]
    assert result.normalised[full].mean().to_numpy() == pytest.approx(100, abs=10)
    assert group_units(result.scores["score"], AIRR).borders["units"].sum() == 83


def by_hand(indicators: pd.DataFrame, names: list[str], directions: dict[str, int]):
    """Points of 2021 and of all reference periods, straight from the definitions."""
    rows = indicators[indicators["region"].isin(regions.scope().units)]
    points = []
    for (name, _), part in rows[rows["indicator"].isin(names)].groupby(
        ["indicator", rows["method"].astype(str)], observed=True
    ):
        inside = part[part["period"].between(2009, 2022)]
        posts = goalposts(inside["value"], (0.025, 0.975))
        if posts is not None:
            scaled = between_posts(part["value"], posts, directions[str(name)])
            points.append(part[["period", "region", "indicator"]].assign(points=scaled))
    wide = pd.concat(points).astype({"indicator": "str", "region": "str"})
    return wide.pivot(index=["period", "region"], columns="indicator", values="points")


def test_the_projects_own_index_is_what_it_was(editions, indicators):
    """Winsorised min-max by method, shared weights, arithmetic means, step by step."""
    spec, result = load_spec("regional_innovation"), editions["regional_innovation"][2021]
    directions = {member.indicator: member.direction for member in spec.members}
    points = by_hand(indicators, list(spec.indicators), directions)
    reference = points[points.index.get_level_values("period").isin(range(2009, 2023))]
    edition = points.loc[2021].reindex(list(regions.scope().units))
    for row in result.imputed.itertuples():  # the middle of close bounds
        edition.loc[row.region, row.indicator] = result.normalised.loc[row.region, row.indicator]
    means = {}
    for dimension in spec.dimensions:
        names = list(spec.of_dimension(dimension))
        weights = shared_weights(reference[names].corr(min_periods=30), 0.9)
        means[dimension] = average(edition[names], weights, 0.5)[0]
    table = pd.DataFrame(means)
    total = average(table, pd.Series(1.0, table.columns), 0.8)[0]
    assert np.abs(total - result.scores["score"]).max() < 1e-9
    assert np.abs(table - result.scores[list(table)]).max().max() < 1e-9


def test_the_example_for_another_country_runs_and_prints_what_it_says(capsys):
    text = Path(paths.root() / "docs" / "another_country.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    shown = re.search(r"```text\n(.*?)```", text, re.DOTALL)
    assert code is not None
    assert shown is not None
    exec(compile(code[1], "another_country.md", "exec"), {})
    assert capsys.readouterr().out.split() == shown[1].split()
