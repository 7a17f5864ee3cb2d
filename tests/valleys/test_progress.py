"""Progress between bounds: what is unknown widens them, what is known narrows them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from valley_analysis import valleys
from valley_analysis.errors import SpecError
from valley_analysis.valleys.register import Register

Make = Callable[..., Register]
TODAY = date(2024, 1, 1)
ALL = "fund land first_participant first_building revenue"


def complete(write: SimpleNamespace, name: str = "full") -> str:
    """A valley of which everything is known, and everything was done on the first day."""
    steps = "\n".join(write.step(one, "2020-01-01") for one in ALL.split())
    told = "\n".join(
        [
            write.claim("participants", 300, "2024-01-01"),
            write.claim("participants", 100, "2021-01-01"),
            write.claim("participants", 200, "2022-12-01"),
            write.claim("participants", 200, "2020-01-01", nature="promise", due="2023"),
            write.claim("jobs", 10, "2020-01-01", nature="promise", due="2030"),
            write.claim("jobs", 10, "2023-12-01"),
            write.claim("federal_money", 30000, "2023-12-01"),
            write.claim("federal_money", 30000, "2020-01-01", nature="plan"),
        ]
    )
    return write.entry(name, milestones=steps, claims=told)


def test_a_valley_of_which_nothing_is_known_but_its_decree_is_anywhere(
    make: Make, write: SimpleNamespace
) -> None:
    found = valleys.progress(make(write.entry("bare")), TODAY, replications=50)
    row = found.scores.loc["bare"]
    assert row["low"] == pytest.approx(100 * 3 / 8 / 2 / 4)  # the decree implies two more steps
    assert row["high"] == 100
    assert not row["ranked"]
    assert found.scores["rank_best"].isna().all()


def test_a_valley_that_did_everything_at_once_is_at_the_top_of_what_it_can_be(
    make: Make, write: SimpleNamespace
) -> None:
    found = valleys.progress(make(complete(write)), TODAY, replications=50)
    low, high = found.low.loc["full"], found.high.loc["full"]
    assert low["steps"] == high["steps"] == 100
    assert low["pace"] == high["pace"] == pytest.approx(100)
    assert low["stock"] == high["stock"] == pytest.approx(100)
    assert low["kept"] == high["kept"] == low["on_course"] == 100
    assert low["money_share"] == 100
    # 300 participants in 48 months, 200 gained in 36
    assert low["per_month"] == pytest.approx(100)
    assert low["entries"] == pytest.approx(100)
    assert found.scores.loc["full", "evidence"] == 1


def test_pace_does_not_punish_youth(make: Make, write: SimpleNamespace) -> None:
    """Both reached every step half-way through their lives."""
    old = "\n".join(write.step(one, "2022-01-01") for one in ALL.split())
    young = "\n".join(write.step(one, "2023-07-02") for one in ALL.split())
    register = make(
        write.entry("old", decree="2020-01-01", milestones=old),
        write.entry("young", decree="2023-01-01", milestones=young),
    )
    pace = valleys.progress(register, TODAY, replications=10).low["pace"]
    assert pace["old"] == pytest.approx(pace["young"], abs=0.3)


def test_a_part_bounds_the_whole_from_below_only(make: Make, write: SimpleNamespace) -> None:
    entry = write.entry("one", claims=write.claim("participants", 78, "2023-12-01", part="hall"))
    found = valleys.progress(make(entry), TODAY, replications=10)
    assert 0 < found.low.loc["one", "stock"] < 100
    assert found.high.loc["one", "stock"] == 100
    assert found.evidence.loc["one", "stock"] == 0.5


def test_conflicts_and_age_widen_the_bounds(make: Make, write: SimpleNamespace) -> None:
    def width(*claims: str) -> float:
        found = valleys.progress(
            make(write.entry("one", claims="\n".join(claims))), TODAY, replications=10
        )
        return float(found.high.loc["one", "stock"] - found.low.loc["one", "stock"])

    fresh = width(write.claim("participants", 16, "2024-01-01"))
    stale = width(write.claim("participants", 16, "2022-01-01"))
    torn = width(
        write.claim("participants", 16, "2023-12-15"), write.claim("participants", 13, "2024-01-01")
    )
    assert fresh == pytest.approx(0)
    assert stale > 0
    assert torn > 0


def test_promises_due_and_not_due(make: Make, write: SimpleNamespace) -> None:
    told = "\n".join(
        [
            write.claim("participants", 40, "2020-01-01", nature="promise", due="2023"),
            write.claim("participants", 80, "2022-01-01", nature="promise", due="2025-12-31"),
            write.claim("participants", 20, "2023-12-31"),
            write.claim("jobs", 5, "2020-01-01", nature="promise", due="2022"),
        ]
    )
    found = valleys.progress(make(write.entry("one", claims=told)), TODAY, replications=10)
    assert found.low.loc["one", "kept"] == pytest.approx(100 * (0.5 + 0) / 2)
    assert found.high.loc["one", "kept"] == pytest.approx(100 * (0.5 + 1) / 2)
    # two of four years have passed, so 40 of 80 would be on course
    assert found.low.loc["one", "on_course"] == pytest.approx(50, abs=0.1)


def test_more_facts_never_widen_what_they_speak_of(make: Make, write: SimpleNamespace) -> None:
    bare = valleys.progress(make(write.entry("full")), TODAY, replications=10)
    full = valleys.progress(make(complete(write)), TODAY, replications=10)
    assert (full.low >= bare.low - 1e-9).all(axis=None)
    assert (full.high <= bare.high + 1e-9).all(axis=None)


def test_ranks_are_ranges_and_only_for_those_above_the_threshold(
    make: Make, write: SimpleNamespace
) -> None:
    register = make(complete(write, "a"), complete(write, "b"), write.entry("bare"))
    scores = valleys.progress(register, TODAY, replications=500).scores
    assert scores["ranked"].to_dict() == {"a": True, "b": True, "bare": False}
    ranked = scores[scores["ranked"]]
    assert ranked["rank_best"].tolist() == [1, 1]
    assert ranked["rank_worst"].tolist() == [1, 1]  # they tie exactly
    assert (ranked["rank_low"] <= ranked["rank_high"]).all()
    assert (ranked["rank_low"] >= ranked["rank_best"]).all()


def test_the_same_seed_gives_the_same_ranks() -> None:
    register = valleys.load_register()
    day = date(2026, 11, 25)
    one, other = (valleys.progress(register, day, replications=300).scores for _ in range(2))
    assert one.equals(other)


def test_bad_settings_are_all_named() -> None:
    with pytest.raises(SpecError, match=r"(?s)threshold is 2.*drift is -1"):
        replace(valleys.ProgressSpec(), threshold=2, drift=-1)
    with pytest.raises(SpecError, match=r"(?s)unknown pillar 'luck'.*no weight for 'money'"):
        valleys.ProgressSpec(weights={"stage": 1, "participants": 1, "delivery": 1, "luck": 1})


def test_real_bounds_contain_each_other_and_stay_on_the_scale() -> None:
    found = valleys.progress(valleys.load_register(), date(2026, 11, 25), replications=200)
    assert (found.low >= 0).all(axis=None)
    assert (found.high <= 100 + 1e-9).all(axis=None)
    assert (found.low <= found.high + 1e-9).all(axis=None)
    assert len(found.scores) == len(valleys.load_register().valleys)
    assert found.scores["evidence"].between(0, 1).all()
    assert found.scores.loc["msu", "low"] > found.scores.loc["humantech", "low"]
