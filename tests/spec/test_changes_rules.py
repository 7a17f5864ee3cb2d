"""What changed, as tables: which ingredient moved a score, and by how much."""

from dataclasses import replace

import pandas as pd
import pytest

from valley_analysis.errors import PeriodError
from valley_analysis.frames import Scope
from valley_analysis.scoring import IndexSpec, Member
from valley_analysis.scoring.changes import Inputs, explain_change

SPEC = IndexSpec(
    "rules",
    (Member("x", "one"), Member("y", "two")),
    winsorise=(0.0, 1.0),
    reference=(2020, 2020),  # goalposts do not move with later figures
    editions=(2020, 2021),
    index_threshold=1.0,
)
SCOPE = Scope("four", ("A", "B", "C", "D"))
OLD = """
indicator period  A    B    C    D
x         2020    0    20   60   100
y         2020    0    40   80   100
"""
NEXT = """
x         2021    0    40   60   100
y         2021    0    40   90   100
"""
FIVE = """
indicator period  A    B    C    D    E
x         2020    0    20   60   100  50
y         2020    0    40   80   100  50
"""


def frame(table: str) -> pd.DataFrame:
    rows = []
    head, *lines = (line.split() for line in table.strip().splitlines())
    for name, period, *cells in lines:
        for region, cell in zip(head[2:], cells, strict=True):
            if cell != "-":
                rows.append((region, int(period), name, float(cell)))
    made = pd.DataFrame(rows, columns=["region", "period", "indicator", "value"])
    return made.assign(low=made.value, high=made.value, flag="observed", method="", inputs="")


def ends(old: str, new: str, **changes) -> tuple[Inputs, Inputs]:
    one = Inputs(frame(old), SPEC, 2020, SCOPE)
    return one, replace(one, indicators=frame(new), **changes)


def parts(change, unit: str) -> dict[str, float]:
    row = change.scores.loc[unit]
    assert row[["period", "revision", "method", "scope"]].sum() == pytest.approx(row["total"])
    assert row["new"] - row["old"] == pytest.approx(row["total"])
    return {name: round(row[name], 9) for name in ("period", "revision", "method", "scope")}


def only(**expected: float) -> dict[str, float]:
    return {name: expected.get(name, 0.0) for name in ("period", "revision", "method", "scope")}


def test_nothing_changed():
    change = explain_change(*ends(OLD, OLD))
    assert change.differing == ()
    assert (change.scores["total"] == 0).all()
    assert (change.ranks["total"] == 0).all()


def test_a_new_period_alone():
    """B gains 20 of 100 in x, half of the index; C gains 10 in y."""
    change = explain_change(*ends(OLD, OLD + NEXT.lstrip(), period=2021))
    assert change.differing == ("period",)
    assert parts(change, "B") == only(period=10.0)
    assert parts(change, "C") == only(period=5.0)
    assert parts(change, "A") == only()


def test_a_revision_alone():
    """C's x of 2020 is corrected from 60 to 10: it falls behind B."""
    change = explain_change(*ends(OLD, OLD.replace("20   60", "20   10")))
    assert change.differing == ("revision",)
    assert parts(change, "C") == only(revision=-25.0)
    assert change.ranks["revision"].to_dict() == {"A": 0, "B": 0, "C": 0, "D": 0}


def test_a_rank_is_split_like_a_score():
    change = explain_change(*ends(OLD, OLD.replace("20   60", "90   10")))
    assert change.ranks["revision"].to_dict() == {"A": 0, "B": -1, "C": 1, "D": 0}


def test_a_revision_and_a_new_period_apart():
    """B's x: 20 as first published, 30 revised, 40 in the new year."""
    new = OLD.replace("0    20   60", "0    30   60") + NEXT.lstrip()
    change = explain_change(*ends(OLD, new, period=2021))
    assert change.differing == ("period", "revision")
    # The revision of 2020 shows only while 2020 is the edition: half of the orders.
    assert parts(change, "B") == only(period=7.5, revision=2.5)


def test_a_late_figure_is_a_revision():
    """C's y of 2020 came late: without it the old vintage left C unranked."""
    old = OLD.replace("0    40   80", "0    40   -")
    change = explain_change(*ends(old, OLD))
    assert change.differing == ("revision",)
    assert change.apart["why"].to_dict() == {"C": "unranked"}
    assert change.apart.loc["C", "new_score"] == pytest.approx(70)
    assert "C" not in change.scores.index


def test_a_withdrawn_figure_is_a_revision():
    change = explain_change(*ends(OLD, OLD.replace("0    40   80", "0    40   -")))
    assert change.apart["why"].to_dict() == {"C": "unranked"}


def test_another_method_alone():
    """x alone instead of x and y: C falls from 70 to 60."""
    change = explain_change(*ends(OLD, OLD, spec=replace(SPEC, members=SPEC.members[:1])))
    assert change.differing == ("method",)
    assert parts(change, "C") == only(method=-10.0)


def test_a_new_indicator_that_the_old_vintage_lacks_comes_with_the_method():
    """z gives C 0 of 100 in a third dimension: 140 / 3 instead of 140 / 2."""
    new = OLD + "z         2020    0    20   0    100\n"
    spec = replace(SPEC, members=(*SPEC.members, Member("z", "three")))
    change = explain_change(*ends(OLD, new, spec=spec))
    assert change.differing == ("method",)
    assert parts(change, "C") == only(method=round(140 / 3 - 70, 9))
    back = explain_change(*reversed(ends(OLD, new, spec=spec)))
    assert parts(back, "C") == only(method=round(70 - 140 / 3, 9))


def test_another_set_of_units():
    """E enters at 50, between B and C: C stays, B falls a place; scores do not move."""
    wide = Scope("five", ("E", *SCOPE.units))
    change = explain_change(*ends(FIVE, FIVE, scope=wide))
    assert change.differing == ("scope",)
    assert (change.scores["scope"] == 0).all()
    assert change.ranks["scope"].to_dict() == {"A": 1, "B": 1, "C": 0, "D": 0}
    assert change.apart["why"].to_dict() == {"E": "entered"}
    assert change.apart.loc["E", "new_rank"] == 3
    back = explain_change(*reversed(ends(FIVE, FIVE, scope=wide)))
    assert back.apart["why"].to_dict() == {"E": "left"}


def test_units_that_the_old_vintage_lacks_come_with_the_scope():
    change = explain_change(*ends(OLD, FIVE, scope=Scope("five", (*SCOPE.units, "E"))))
    assert change.differing == ("scope",)


def test_the_order_of_units_is_no_change():
    turned = Scope("four", tuple(reversed(SCOPE.units)))
    assert explain_change(*ends(OLD, OLD, scope=turned)).differing == ()


def test_going_back_gives_the_opposite():
    new = OLD.replace("0    20   60", "0    30   60") + NEXT.lstrip()
    wide = replace(SPEC, members=SPEC.members[:1])
    one, other = ends(OLD + NEXT.lstrip(), new, period=2021, spec=wide)
    there, back = explain_change(one, other), explain_change(other, one)
    assert there.differing == back.differing == ("period", "revision", "method")
    columns = ["period", "revision", "method", "scope", "total"]
    pd.testing.assert_frame_equal(there.scores[columns], -back.scores[columns], atol=1e-12)


def test_a_method_that_does_not_cover_the_other_edition_is_still_compared():
    spec = replace(SPEC, editions=(2021, 2021), name="later")
    change = explain_change(*ends(OLD, OLD + NEXT.lstrip(), period=2021, spec=spec))
    assert parts(change, "B") == only(period=10.0)


def test_an_end_outside_its_own_method_is_refused():
    old, new = ends(OLD, OLD, spec=replace(SPEC, editions=(2021, 2021)))
    with pytest.raises(PeriodError, match="editions 2021-2021"):
        explain_change(old, new)


def test_a_change_shows_itself():
    change = explain_change(*ends(OLD, OLD + NEXT.lstrip(), period=2021))
    assert "From rules 2020, scope four to rules 2021" in change._repr_html_()
    assert change.summary.loc["period", "max_points"] == pytest.approx(10)
