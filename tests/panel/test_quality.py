"""The checks hold on the real panel, and fail when the panel is broken on purpose."""

import pytest

from valley_analysis.errors import FrameError, QualityError
from valley_analysis.frames import SERIES
from valley_analysis.panel import check_panel, compare_vintages
from valley_analysis.panel.quality import jumps, reconcile, require


def states(checks):
    return {check.name: check.state for check in checks}


def text(latest):
    return latest.astype(dict.fromkeys(["series", "region", "method", "flag"], "str"))


def test_the_real_panel_passes(panel):
    checks = check_panel(panel)
    require(checks)
    assert sorted(states(checks).values()).count("passed") == 6
    assert all(check.found for check in checks)


def test_the_gap_in_research_spending_is_the_suppressed_cells(latest):
    sums = reconcile(text(latest)).set_index(["series", "period"])
    spending = sums.loc[("rd_expenditure", 2022)]
    assert spending["gap"] == pytest.approx(194.5137)
    assert spending["suppressed"] == 2
    assert sums.loc[("technologies_used", 2022), "gap"] == 0
    assert sums.loc[("organisations", 2022), "total"] == 3_285_118


def test_a_figure_that_is_off_fails_the_check(panel):
    broken = panel.copy()
    row = broken.index[
        (broken["series"] == "technologies_used")
        & (broken["region"] == "RU-TUL")
        & (broken["period"] == 2021)
    ]
    broken.loc[row, "value"] += 1
    checks = check_panel(broken)
    assert states(checks)["parts sum to published totals"] == "failed"
    with pytest.raises(QualityError, match="the last good panel stands"):
        require(checks)


def test_suppression_that_vanishes_fails_the_check(panel):
    broken = panel.copy()
    hidden = (broken["series"] == "rd_expenditure") & (broken["flag"] == "suppressed")
    broken.loc[hidden, "flag"] = "unavailable"
    name = "the gap in R&D expenditure is the suppressed cells"
    assert states(check_panel(broken))[name] == "failed"


def test_a_remainder_that_repeats_an_okrug_fails_the_check(panel):
    broken = panel.copy()
    rows = broken[(broken["series"] == "rd_applied") & (broken["period"] == 2002)]
    remainder = rows.index[rows["region"] == "RU-TYU-X"]
    broken.loc[remainder, "value"] = 263.8  # as published, before the correction
    check = next(c for c in check_panel(broken) if c.name == "remainders agree with their oblast")
    assert check.state == "failed"
    assert check.table["period"].tolist() == [2002]


def test_a_repeated_key_breaks_the_contract(panel):
    twice = panel.iloc[[0, 0, 1]]
    with pytest.raises(FrameError, match="stands more than once"):
        SERIES.check(twice)


def test_the_known_jumps_of_innovative_goods_are_listed(latest):
    found = jumps(text(latest), "innovative_goods")
    assert len(found) == 117
    assert ((found["ratio"] > 4) | (found["ratio"] < 0.25)).all()


def test_revisions_say_what_changed(panel):
    found = compare_vintages(panel)
    assert set(found["vintage_old"]) == {"2023-12"}
    used = found[found["series"] == "technologies_used"]
    assert len(used) > 50
    assert used["change"].abs().median() < 20
    same = panel[panel["vintage"] == "2023-12"]
    assert compare_vintages(same).empty
