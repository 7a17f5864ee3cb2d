"""The project's own index on the real figures: what must hold of every edition."""

import pytest

from valley_analysis import regions
from valley_analysis.indicators import load_spec
from valley_analysis.scoring import score_editions

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def editions(indicators):
    spec = load_spec("regional_innovation")
    return score_editions(indicators, spec, range(2010, 2023), regions.scope())


def test_every_edition_ranks_all_units(editions):
    for period, result in editions.items():
        assert len(result.scores) == 83
        assert result.unranked == (), period
        assert sorted(result.scores["rank"].tolist()) == list(range(1, 84))
        assert result.scores["score"].between(0, 100).all()


def test_contributions_sum_to_scores_in_every_edition(editions):
    for result in editions.values():
        total = result.contributions.sum(axis=1)
        assert total.to_numpy() == pytest.approx(result.scores["score"].to_numpy(), abs=1e-9)


def test_the_last_edition_is_provisional_and_says_what_it_carries(editions):
    last = editions[2022]
    assert last.provisional
    carried = last.lags[last.lags["lag"] > 0]
    assert set(carried.index) == {"grp_per_employed", "grp_per_person", "rd_expenditure_share"}
    assert not editions[2021].provisional
    assert editions[2021].lags["lag"].sum() == 0


def test_near_duplicates_of_research_share_one_weight(editions):
    weights = editions[2021].weights
    names = [
        "rd_expenditure_per_employed",
        "rd_staff_per_10k_employed",
        "researchers_per_10k_employed",
    ]
    assert weights.loc[names, "group"].nunique() == 1
    assert weights["weight"].groupby(weights["dimension"]).sum().to_numpy() == pytest.approx(1 / 6)


def test_suppressed_values_enter_only_within_five_points(editions):
    for result in editions.values():
        assert (result.imputed["points"] <= 5).all()
        assert (result.imputed["low"] <= result.imputed["high"]).all()


def test_the_leaders_are_those_that_every_published_rating_names(editions):
    top = editions[2021].scores.sort_values("rank").index[:6]
    assert {"RU-MOW", "RU-SPE", "RU-TA"} <= set(top)
