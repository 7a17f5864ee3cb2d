"""The ladder and the comparison at equal age, on invented valleys worked out by hand."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest

from valley_analysis import valleys
from valley_analysis.valleys.equal_age import RELATIONS
from valley_analysis.valleys.register import Register

Make = Callable[..., Register]
TODAY = date(2024, 1, 1)


def test_a_step_that_a_later_one_needs_is_implied_and_others_are_unseen(
    make: Make, write: SimpleNamespace
) -> None:
    entry = write.entry("one", milestones=write.step("first_participant", "2021-03-01"))
    states = valleys.ladder(make(entry), TODAY).states().loc["one"]
    assert states.to_dict() == {
        "application": "implied",
        "approval": "implied",
        "decree": "dated",
        "fund": "implied",  # status is given by the managing company
        "land": "unseen",  # participants may sit in rented rooms
        "first_participant": "dated",
        "first_building": "unseen",
        "revenue": "unseen",
    }


def test_an_unverified_date_is_neither_dated_nor_a_proof(
    make: Make, write: SimpleNamespace
) -> None:
    fact = "step: first_building, date: 2022, actor: manager, confidence: unverified"
    states = valleys.ladder(make(write.entry("one", milestones=fact)), TODAY).states().loc["one"]
    assert states["first_building"] == "unverified"
    assert states["land"] == "unseen"


def test_the_surest_fact_gives_the_date_and_its_kind_gives_the_span(
    make: Make, write: SimpleNamespace
) -> None:
    facts = "\n".join(
        [
            write.step("fund", "2020-05-01", confidence="inferred"),
            write.step("fund", "2020-06-01", dated_by="report"),
            write.step("fund", "2020-07-01", source='"https://example.org/other"'),
        ]
    )
    fund = valleys.ladder(make(write.entry("one", milestones=facts)), TODAY).steps.loc[
        ("one", "fund")
    ]
    assert fund["shown"].date() == date(2020, 7, 1)  # the act before its report
    assert (fund["first"].date(), fund["last"].date()) == (date(2020, 6, 1), date(2020, 7, 1))
    assert fund["n_facts"] == 3


def test_what_lies_after_the_date_is_not_known_yet(make: Make, write: SimpleNamespace) -> None:
    register = make(
        write.entry("one", milestones=write.step("fund", "2023-12-31")),
        write.entry("young", decree="2024-06-01"),
    )
    before = valleys.ladder(register, date(2023, 12, 30))
    assert before.valleys == ["one"]
    assert before.states().loc["one", "fund"] == "unseen"
    assert valleys.ladder(register, date(2024, 7, 1)).valleys == ["one", "young"]


def test_furthest_says_where_and_since_when(make: Make, write: SimpleNamespace) -> None:
    register = make(write.entry("one", milestones=write.step("first_building", "2023-01-01")))
    row = valleys.ladder(register, TODAY).furthest().loc["one"]
    assert (row["step"], row["number"], row["reached"]) == ("first_building", 7, 5)
    assert row["months_low"] == row["months_high"] == pytest.approx(365 / 30.4375)


def test_months_without_a_step_run_from_the_latest_to_the_earliest_day(
    make: Make, write: SimpleNamespace
) -> None:
    """A participant some day in 2020 or 2022: 12 months for certain, 47 at most."""
    between = write.step("first_participant", "2020-02-01/2022-12-31")
    ahead = write.step("first_participant", "2021-01-01/2026-12-31")
    register = make(write.entry("one", milestones=between), write.entry("two", milestones=ahead))
    found = valleys.ladder(register, TODAY).furthest()
    since = [(TODAY - day).days / 30.4375 for day in (date(2022, 12, 31), date(2020, 2, 1))]
    assert found.loc["one", ["months_low", "months_high"]].tolist() == pytest.approx(since)
    assert found.loc["two", "months_low"] == 0, "a day to come has not passed yet"


def test_the_age_of_a_valley_is_between_the_possible_days_of_its_decree(
    make: Make, write: SimpleNamespace
) -> None:
    register = make(write.entry("one", "2021-01-01/2023-01-01"), write.entry("two", "2022-01-01"))
    ages = valleys.ladder(register, TODAY).ages()
    assert ages.loc["one"].tolist() == pytest.approx([365 / 30.4375, 1095 / 30.4375])
    assert ages.loc["two", "low"] == ages.loc["two", "high"]
    pairs = valleys.dominance(valleys.ladder(register, TODAY)).horizons
    assert pairs.loc["one", "two"] == pytest.approx(365 / 30.4375), "the younger, at its youngest"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("fund 2020-03-01, land 2020-06-01", "fund 2020-04-01, land 2020-09-01", "ahead_if"),
        ("fund 2020-05-01, land 2020-06-01", "fund 2020-04-01, land 2020-09-01", "mixed"),
        ("fund 2020-03-01", "fund 2020-03-01", "level"),
        ("fund 2020", "fund 2020-03-01", "open"),
        (
            "fund 2020-01-01, land 2020-01-01, first_participant 2020-01-01, "
            "first_building 2020-01-01, revenue 2020-01-01",
            "fund 2020-04-01",
            "ahead",
        ),
    ],
)
def test_relations_at_equal_age(
    make: Make, write: SimpleNamespace, first: str, second: str, expected: str
) -> None:
    def entry(name: str, steps: str) -> str:
        lines = [write.step(*one.split()) for one in steps.split(", ")]
        return write.entry(name, milestones="\n".join(lines))

    found = valleys.dominance(
        valleys.ladder(make(entry("one", first), entry("two", second)), TODAY)
    )
    reverse = {"ahead": "behind", "ahead_if": "behind_if"}
    assert found.relations.loc["one", "two"] == expected
    assert found.relations.loc["two", "one"] == reverse.get(expected, expected)


def test_age_counts_not_the_calendar(make: Make, write: SimpleNamespace) -> None:
    """The later decree with the faster fund is ahead, though its fund came later by the clock."""
    slow = write.entry("slow", milestones=write.step("fund", "2020-12-01"))
    quick = write.entry("quick", decree="2022-01-01", milestones=write.step("fund", "2022-02-01"))
    found = valleys.dominance(valleys.ladder(make(slow, quick), TODAY))
    assert found.relations.loc["quick", "slow"] == "ahead_if"
    assert found.horizons.loc["quick", "slow"] == pytest.approx(730 / 30.4375)


def test_nothing_beyond_the_age_of_the_younger_is_compared(
    make: Make, write: SimpleNamespace
) -> None:
    """The elder reached land at 30 months; the younger, 24 months old, has had no such chance."""
    elder = write.entry("elder", milestones=write.step("land", "2022-07-01"))
    younger = write.entry("younger", decree="2022-01-01")
    found = valleys.dominance(valleys.ladder(make(elder, younger), TODAY))
    assert found.relations.loc["elder", "younger"] == "level"


def test_the_diagram_draws_no_arrow_that_two_others_imply(
    make: Make, write: SimpleNamespace
) -> None:
    entries = [
        write.entry(name, milestones=write.step("fund", f"2020-0{month}-01"))
        for name, month in (("one", 2), ("two", 3), ("three", 4))
    ]
    edges = valleys.dominance(valleys.ladder(make(*entries), TODAY)).edges()
    drawn = set(edges[["ahead", "behind"]].itertuples(index=False, name=None))
    assert drawn == {("one", "two"), ("two", "three")}


def test_the_real_relations_are_antisymmetric_and_of_known_kinds() -> None:
    found = valleys.dominance(valleys.ladder(valleys.load_register(), date(2026, 11, 25)))
    reverse = {"ahead": "behind", "behind": "ahead", "ahead_if": "behind_if"}
    reverse["behind_if"] = "ahead_if"
    for one in found.relations:
        for other in found.relations:
            relation = found.relations.loc[one, other]
            assert relation in RELATIONS
            assert found.relations.loc[other, one] == reverse.get(relation, relation)
