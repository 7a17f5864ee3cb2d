from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest

from valley_analysis import valleys
from valley_analysis.errors import ValleyError
from valley_analysis.valleys.register import Register

Make = Callable[..., Register]
TODAY = date(2026, 11, 25)


@pytest.fixture
def told(make: Make, write: SimpleNamespace):
    claims = [
        write.claim("participants", 10, "2021-01-01"),
        write.claim("participants", 16, "2022-11-20"),
        write.claim("participants", 13, "2022-12-07"),
        write.claim("participants", 5, "2022-12-20", part="cluster"),
        write.claim("participants", 50, "2022", nature="promise", due="2025"),
        write.claim("participants", 12, "2022", nature="promise", due="2030"),
        write.claim("jobs", 100, "2021", nature="promise", due="2025"),
        write.claim("jobs", 200, "2021", nature="plan", due="2031"),
        write.claim("investment", 7, "2021", nature="plan"),
    ]
    return valleys.claims_frame(make(write.entry("one", claims="\n".join(claims))), TODAY)


@pytest.mark.parametrize(
    ("rule", "value"), [("latest", 13), ("lowest_recent", 13), ("highest_recent", 16)]
)
def test_a_named_rule_picks_the_value_and_the_conflict_stays_visible(told, rule, value) -> None:
    chosen = valleys.choose(told, "one", "participants", rule=rule)
    assert chosen is not None
    assert (chosen.value, chosen.low, chosen.high, chosen.conflict) == (value, 13, 16, True)
    assert len(chosen.others) == 1


def test_an_old_figure_is_no_conflict_and_a_part_is_another_thing(told) -> None:
    (pair,) = valleys.conflicts(told[told["nature"] == "actual"]).to_dict("records")
    assert (pair["earlier_value"], pair["later_value"], pair["days"]) == (16, 13, 17)
    part = valleys.choose(told, "one", "participants", part="cluster")
    assert part is not None
    assert part.value == 5


def test_nobody_said_so_is_none_and_an_unknown_rule_raises(told) -> None:
    assert valleys.choose(told, "one", "revenue") is None
    with pytest.raises(ValleyError, match="expected one of latest"):
        valleys.choose(told, "one", "participants", rule="best")


def test_promises_are_held_against_what_was_achieved(told) -> None:
    found = valleys.promised_against_achieved(told, TODAY)
    verdicts = dict(
        zip(zip(found["metric"], found["value"], strict=True), found["verdict"], strict=True)
    )
    assert verdicts == {
        ("participants", 50): "untold",
        ("participants", 12): "reached_early",
        ("jobs", 100): "unknown",
        ("jobs", 200): "open",
        ("investment", 7): "unknown",
    }
    assert found["share"].iloc[0] == pytest.approx(13 / 50)


def test_a_number_reached_after_the_due_date_did_not_keep_the_promise(
    make: Make, write: SimpleNamespace
) -> None:
    claims = [
        write.claim("participants", 50, "2021", nature="promise", due="2023"),
        write.claim("participants", 25, "2023-01-25"),
        write.claim("participants", 78, "2026-02-05"),
    ]
    told = valleys.claims_frame(make(write.entry("one", claims="\n".join(claims))), TODAY)
    (row,) = valleys.promised_against_achieved(told, TODAY).to_dict("records")
    assert (row["achieved"], row["verdict"]) == (25, "untold")


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ([], "unknown"),
        ([(25, "2023-12-07", "exact")], "untold"),  # three weeks short of the due date
        ([(25, "2023-12-07", "exact"), (66, "2024-10-16", "exact")], "untold"),
        ([(25, "2023-12-31", "exact")], "missed"),
        ([(25, "2023", "exact")], "missed"),
        ([(25, "2023-12-07", "exact"), (40, "2024-10-16", "exact")], "missed"),
        ([(25, "2023-12-07", "exact"), (40, "2024-10-16", "more_than")], "untold"),
        ([(25, "2023-12-07", "exact"), (60, "2024", "exact"), (40, "2025", "exact")], "untold"),
        ([(51, "2023-06", "exact"), (40, "2024-10-16", "exact")], "kept"),
    ],
)  # fmt: skip
def test_a_promise_is_missed_only_if_a_figure_of_its_date_or_later_is_short(
    make: Make, write: SimpleNamespace, told, verdict
) -> None:
    claims = [write.claim("participants", 50, "2021", nature="promise", due="2023")]
    claims += [write.claim("participants", value, day, bound=bound) for value, day, bound in told]
    frame = valleys.claims_frame(make(write.entry("one", claims="\n".join(claims))), TODAY)
    (row,) = valleys.promised_against_achieved(frame, TODAY).to_dict("records")
    assert row["verdict"] == verdict


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ((34660, "exact"), (34000, "more_than"), False),
        ((2000, "more_than"), (2500, "more_than"), False),
        ((100, "about"), (104, "exact"), False),
        ((100, "exact"), (104, "exact"), True),
        ((3000, "less_than"), (3500, "more_than"), True),
    ],
)
def test_figures_that_one_number_satisfies_do_not_contradict(
    make: Make, write: SimpleNamespace, one: tuple, other: tuple, conflict: bool
) -> None:
    claims = [
        write.claim("jobs", value, day, bound=bound)
        for (value, bound), day in ((one, "2022-01-01"), (other, "2022-02-01"))
    ]
    told = valleys.claims_frame(make(write.entry("one", claims="\n".join(claims))), TODAY)
    assert (len(valleys.conflicts(told)) == 1) is conflict


def test_the_real_conflict_of_russky_is_shown() -> None:
    told = valleys.claims_frame(valleys.load_register().valleys, TODAY)
    pairs = valleys.conflicts(told)
    own = pairs[(pairs["valley"] == "russky") & (pairs["metric"] == "participants")]
    seen = set(own[["earlier_value", "later_value", "days"]].itertuples(index=False, name=None))
    assert (16.0, 13.0, 17) in seen
    area = pairs[(pairs["valley"] == "russky") & (pairs["metric"] == "territory")]
    assert {245.0, 276.0} <= set(area[["earlier_value", "later_value"]].to_numpy().ravel())
