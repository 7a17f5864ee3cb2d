"""Regions on two axes, the blend, and readiness."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valley_analysis import valleys
from valley_analysis.errors import PeriodError, SpecError, ValleyError
from valley_analysis.valleys.register import Register

Make = Callable[..., Register]
TODAY = date(2024, 1, 1)


@pytest.fixture
def rated(make: Make, write: SimpleNamespace):
    steps = "\n".join(
        write.step(one, "2020-02-01")
        for one in ("fund", "land", "first_participant", "first_building", "revenue")
    )
    register = make(
        write.entry("slow"),
        write.entry("fast", milestones=steps),
        write.entry("other", region="RU-KLU"),
    )
    found = valleys.progress(register, TODAY, replications=20)
    context = pd.DataFrame(
        {
            "score": [60.0, 40.0, 50.0],
            "rank": [1, 3, 2],
            "score_low": [55.0, 35.0, 45.0],
            "score_high": [65.0, 45.0, 55.0],
            "rank_low": [1, 2, 1],
            "rank_high": [2, 3, 3],
        },
        index=["RU-TUL", "RU-KLU", "RU-BRY"],
    )
    return found, context, valleys.links(register, TODAY)


def test_a_blend_is_the_weighted_mean_of_both_and_non_hosts_have_none(rated) -> None:
    found, context, links = rated
    hosts = valleys.rate_regions(found, context, links, weight=0.25).hosts
    assert set(hosts.index) == {"RU-TUL", "RU-KLU"}
    row, own = hosts.loc["RU-TUL"], found.scores.loc["fast"]
    assert row["blend_low"] == pytest.approx(0.25 * own["low"] + 0.75 * 55)
    high = found.scores["high"].max()  # of two valleys the silent one may have come further
    assert row["blend_high"] == pytest.approx(0.25 * high + 0.75 * 65)
    assert row["valleys"] == "slow fast"


def test_a_region_with_two_valleys_takes_the_furthest_or_the_mean(rated) -> None:
    found, context, links = rated
    low = found.scores["low"]
    furthest = valleys.rate_regions(found, context, links).hosts["progress_low"]
    mean = valleys.rate_regions(found, context, links, several="mean").hosts["progress_low"]
    assert furthest["RU-TUL"] == pytest.approx(low["fast"])
    assert mean["RU-TUL"] == pytest.approx((low["fast"] + low["slow"]) / 2)


def test_weight_one_is_progress_alone_and_bounds_allow_every_place(rated) -> None:
    found, context, links = rated
    heard = replace(found, spec=valleys.ProgressSpec(threshold=0.0))
    hosts = valleys.rate_regions(heard, context, links, weight=1).hosts
    assert hosts.loc["RU-KLU", "blend_high"] == 100
    assert (hosts["rank_best"] <= hosts["rank_worst"]).all()
    assert hosts.loc["RU-KLU", ["rank_best", "rank_worst"]].tolist() == [1, 2]


def test_a_region_has_a_quadrant_only_where_both_intervals_lie_on_one_side(rated) -> None:
    found, context, links = rated
    wide = pd.DataFrame(
        {"score": 30.0, "rank": range(4, 10), "score_low": 25.0, "score_high": 35.0,
         "rank_low": 4, "rank_high": 9}, index=[f"r{k}" for k in range(6)],
    )  # fmt: skip
    context = pd.concat([context, wide])  # nine units: the middle is the fifth
    sure = SimpleNamespace(
        scores=pd.DataFrame(
            {"low": [60.0, 10.0, 45.0], "high": [80.0, 45.0, 55.0], "evidence": [0.9, 0.9, 0.9]},
            index=["fast", "other", "slow"],
        ),
        spec=found.spec,
    )
    hosts = valleys.rate_regions(sure, context, links).hosts
    assert hosts.loc["RU-TUL", ["ground", "reach", "quadrant"]].tolist() == [
        "strong", "far", "leads",
    ]  # fmt: skip
    assert hosts.loc["RU-KLU", "quadrant"] == "latent"
    for name, value, side in (
        ("rank_high", 6, "ground"), ("low", 40.0, "reach"), ("evidence", 0.4, "reach"),
    ):  # fmt: skip
        frame = context if name == "rank_high" else sure.scores
        row = "RU-TUL" if name == "rank_high" else "fast"
        before = frame.loc[row, name]
        frame.loc[row, name] = value
        other = valleys.rate_regions(sure, context, links).hosts.loc["RU-TUL"]
        assert (other[side], other["quadrant"]) == ("open", "open")
        frame.loc[row, name] = before


def test_silence_does_not_pay(rated) -> None:
    found, context, links = rated
    result = valleys.rate_regions(found, context, links)
    silent = result.hosts[~result.known]
    assert len(silent) > 0
    assert silent[["rank_best", "rank_worst"]].isna().all(axis=None)
    assert set(silent["reach"]) == {"open"}
    assert set(silent["quadrant"]) == {"open"}
    heard = result.hosts[result.known]
    assert heard[["rank_best", "rank_worst"]].notna().all(axis=None)


def test_the_furthest_of_two_lies_between_the_greater_bounds(rated) -> None:
    found, context, links = rated
    own = found.scores.loc[["slow", "fast"]]
    row = valleys.rate_regions(found, context, links).hosts.loc["RU-TUL"]
    assert row["progress_low"] == own["low"].max()
    assert row["progress_high"] == own["high"].max()  # the silent one may have come further
    assert row["evidence"] == own.loc[own["low"].idxmax(), "evidence"]


def test_settings_that_make_no_sense_are_all_named(rated) -> None:
    found, context, links = rated
    with pytest.raises(SpecError, match=r"(?s)weight is 2.*RU-KLU is not a unit"):
        valleys.rate_regions(found, context.drop("RU-KLU"), links, weight=2)


def scores_of(seed: int, hosts: list[str], lift: float) -> dict[int, pd.DataFrame]:
    """Sixty regions, three dimensions, eight years; hosts are lifted in all of them."""
    rng = np.random.default_rng(seed)
    names = [f"r{k}" for k in range(60)]
    level = pd.DataFrame(rng.normal(size=(60, 3)), names, list("abc"))
    level.loc[hosts] += lift
    return {
        year: level + 0.1 * pd.DataFrame(rng.normal(size=(60, 3)), names, list("abc"))
        for year in range(2015, 2023)
    }


HOSTS = [f"r{k}" for k in range(8)]


def test_hosts_that_are_alike_are_found_again() -> None:
    cohorts = pd.Series(2020, HOSTS)
    found = valleys.readiness(scores_of(1, HOSTS, 4.0), cohorts, period=2022, draws=2000)
    assert found.mean_share < 0.12
    assert found.p_value < 0.001
    assert not set(found.table.index) & set(HOSTS)
    assert found.table["distance"].is_monotonic_increasing


@pytest.mark.slow
def test_hosts_drawn_at_random_are_not_found() -> None:
    shares = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        drawn = [f"r{k}" for k in rng.choice(60, 8, replace=False)]
        cohorts = pd.Series(2020, drawn)
        found = valleys.readiness(
            scores_of(100 + seed, drawn, 0.0), cohorts, period=2022, draws=500
        )
        shares.append(found.p_value)
    assert 0.2 < np.mean(shares) < 0.8


def test_a_profile_uses_only_the_years_before_the_decree() -> None:
    scores = scores_of(2, HOSTS, 2.0)
    cohorts = pd.Series(2020, HOSTS)
    before = valleys.readiness(scores, cohorts, period=2022, draws=10).check
    changed = {year: frame.copy() for year, frame in scores.items()}
    for year in (2020, 2021, 2022):
        changed[year].loc[HOSTS] = changed[year].loc[HOSTS] + 50
    after = valleys.readiness(changed, cohorts, period=2022, draws=10).profiles
    same = valleys.readiness(scores, cohorts, period=2022, draws=10).profiles
    assert np.allclose(after.loc[HOSTS], same.loc[HOSTS])
    assert before["of"].eq(53).all()


def test_a_year_without_scores_is_named() -> None:
    with pytest.raises(PeriodError, match="no scores of 2013, 2014"):
        valleys.readiness(scores_of(3, HOSTS, 1.0), pd.Series(2016, HOSTS), period=2022)


@pytest.mark.parametrize(
    "settings", [{"years": 10**9}, {"years": 0}, {"neighbours": 0}, {"draws": 10**12}]
)
def test_settings_beyond_bounds_are_refused_before_anything_is_made(
    settings: dict[str, int],
) -> None:
    with pytest.raises(ValleyError, match=f"{next(iter(settings))} is "):
        valleys.readiness(scores_of(3, HOSTS, 1.0), pd.Series(2020, HOSTS), period=2022, **settings)


def test_a_decree_younger_than_the_scores_takes_their_last_years() -> None:
    scores = scores_of(4, HOSTS, 2.0)
    last = max(scores)
    young = pd.Series({HOSTS[0]: last + 3, **dict.fromkeys(HOSTS[1:], 2020)})
    plain = young.replace(last + 3, last + 1)
    found = [valleys.readiness(scores, one, period=last, draws=10) for one in (young, plain)]
    pd.testing.assert_frame_equal(found[0].profiles, found[1].profiles)
