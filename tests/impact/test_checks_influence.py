"""Leaving units, groups, sectors and cells out: against refits, and where one carries it all."""

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_examples import example_panel
from valley_analysis.impact.checks_influence import (
    influential_cells,
    leave_groups_out,
    leave_one_cluster_out,
    leave_one_sector_out,
    leave_one_unit_out,
)
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.did import difference_in_differences
from valley_analysis.impact.sandwich import clustered
from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.spatial_examples import shifted_regions

PANEL, NAMES = example_panel()
# Unequal lengths: the even rows of some units are missing.
GAPS = PANEL[(PANEL["unit"] % 3 > 0) | (PANEL["year"] % 2 > 0)]


def one_driver() -> pd.DataFrame:
    """No effect but in the most exposed unit, where it is enormous, with little noise."""
    panel, _ = example_panel(effect=0.0, noise=0.05)
    panel["x"] = np.where(panel["unit"] == 7, 3.0, panel["x"])
    panel["y"] += 2.0 * (panel["unit"] == 7) * (panel["year"] >= 6)
    return panel


class TestUnits:
    @pytest.mark.parametrize("family", ["gaussian", "poisson"])
    @pytest.mark.parametrize("more", [{}, {"controls": "size"}], ids=str)
    def test_each_row_is_the_estimator_without_the_unit(self, family, more):
        panel = GAPS[GAPS["unit"] < 9].assign(
            y=lambda f: np.random.default_rng(0).poisson(np.exp(f["y"] + 1)).astype(float)
        )
        table = leave_one_unit_out(panel, **NAMES, family=family, **more).table
        assert sorted(table.index) == list(range(9))
        for unit in (2, 6):
            rest = panel[panel["unit"] != unit]
            alone = difference_in_differences(rest, **NAMES, family=family, **more)
            assert table.loc[unit, "estimate"] == pytest.approx(alone.estimate, abs=1e-7)
            assert table.loc[unit, "p_value"] == pytest.approx(alone.p_value, rel=1e-4)

    def test_every_unit_against_dummy_variables(self):
        table = leave_one_unit_out(GAPS, **NAMES).table
        for unit in table.index:
            rest = GAPS[GAPS["unit"] != unit]
            columns = [rest["x"] * (rest["year"] >= 6)]
            columns += [rest["unit"] == u for u in rest["unit"].unique()]
            columns += [rest["year"] == t for t in rest["year"].unique()]
            design = np.column_stack([np.asarray(c, dtype=float) for c in columns])
            slope = np.linalg.lstsq(design, rest["y"].to_numpy(), rcond=None)[0][0]
            assert table.loc[unit, "estimate"] == pytest.approx(slope, abs=1e-9)

    def test_passes_where_all_share_the_effect(self):
        check = leave_one_unit_out(PANEL, **NAMES)
        assert (check.status, check.facts["turned"]) == ("passed", [])

    def test_fails_and_names_the_unit_that_drives_it(self):
        check = leave_one_unit_out(one_driver(), **NAMES)
        assert check.status == "failed"
        assert check.facts["largest"] == 7
        assert check.facts["turned"] == [7]
        assert "7 moves it most" in check.text
        assert not check.table.loc[7, "kept"]

    def test_fails_where_one_unit_hides_an_effect(self):
        panel, names = example_panel(effect=0.5)
        top = panel.loc[panel["x"].idxmax(), "unit"]
        panel["y"] -= 12 * (panel["unit"] == top) * (panel["year"] >= 6)
        check = leave_one_unit_out(panel, **names)
        assert check.facts["conclusion"] == "not distinguishable from zero"
        assert top in check.facts["turned"]

    def test_a_unit_without_which_there_is_no_estimate_fails_it(self):
        panel = PANEL.assign(x=(PANEL["unit"] == 5) * 1.0)
        check = leave_one_unit_out(panel, **NAMES)
        assert check.status == "failed"
        assert check.table.index[0] == 5
        assert check.table.loc[5, "conclusion"] == "no estimate"

    def test_a_change_of_sign_near_zero_is_told_and_does_not_fail_it(self):
        panel, names = example_panel(effect=0.0)
        slope = Sample.of(panel, **names).base.estimate
        panel["y"] -= slope * panel["x"] * (panel["year"] >= 6)  # now exactly zero
        check = leave_one_unit_out(panel, **names)
        assert check.status == "passed"
        assert check.facts["sign_changed"]

    def test_83_units_take_well_under_a_second(self):
        panel, names = example_panel(units=83, periods=15)
        start = time.process_time()
        leave_one_unit_out(panel, **names)
        assert time.process_time() - start < 1


class TestGroups:
    def test_a_district_that_carries_the_effect_is_named(self):
        panel = PANEL.assign(district=PANEL["unit"] // 8)
        gained = PANEL["x"] * (PANEL["year"] >= 6)
        assert leave_one_cluster_out(panel, by="district", **NAMES).status == "passed"
        alone = panel.assign(y=panel["y"] - gained + 4 * gained * (panel["district"] == 2))
        check = leave_one_cluster_out(alone, by="district", **NAMES)
        assert check.status == "failed"
        assert check.facts["turned"] == [2]

    def test_named_groups_may_overlap(self):
        groups = {"capital": [7], "south": [7, 8, 9]}
        check = leave_groups_out(one_driver(), groups=groups, **NAMES)
        assert sorted(check.facts["turned"]) == ["capital", "south"]
        rest = one_driver().query("unit not in [7, 8, 9]")
        alone = difference_in_differences(rest, **NAMES)
        assert check.table.loc["south", "estimate"] == pytest.approx(alone.estimate)
        assert leave_groups_out(PANEL, groups=groups, **NAMES).status == "passed"

    def test_all_wrong_groups_are_told_at_once(self):
        groups = {"far": ["x"], "all": list(range(40))}
        with pytest.raises(DesignError, match=r"no unit 'x'(.|\n)*'all': all units"):
            leave_groups_out(PANEL, groups=groups, **NAMES)
        with pytest.raises(DesignError, match="no group"):
            leave_groups_out(PANEL, groups={}, **NAMES)

    def test_a_unit_is_in_one_cluster(self):
        with pytest.raises(DesignError, match="expected one a unit"):
            leave_one_cluster_out(PANEL, by="year", **NAMES)


class TestSectors:
    def test_passes_when_shocks_agree_and_fails_when_one_does_it_all(self):
        frame, shares, shocks = shifted_regions(200, 40, beta=3.0, seed=1)
        known = {"unit": "region", "outcome": "y", "shares": shares}
        clean = shift_share(frame, shocks=shocks, **known)
        assert leave_one_sector_out(clean).status == "passed"
        name = shares.columns[3]
        alone = frame.assign(y=frame["y"] - 3.0 * (shares @ shocks).to_numpy())
        moved = 40.0 * shares[name].to_numpy() * np.sign(shocks[name])
        huge = shocks.where(shocks.index != name, 20.0 * np.sign(shocks[name]))
        driven = shift_share(alone.assign(y=alone["y"] + moved), shocks=huge, **known)
        check = leave_one_sector_out(driven)
        assert check.status == "failed"
        assert name in check.facts["turned"]

    def test_rule_on_a_table_made_by_hand(self):
        frame, shares, shocks = shifted_regions(200, 40, beta=3.0, seed=1)
        fit = shift_share(frame, unit="region", outcome="y", shares=shares, shocks=shocks)
        low, high = fit.interval
        sectors = fit.frames["sectors"].assign(without=fit.estimate)
        for value, status in [(low + 1e-6, "passed"), (high + 1e-6, "failed"), (np.nan, "failed")]:
            sectors.iloc[2, sectors.columns.get_loc("without")] = value
            assert leave_one_sector_out(replace(fit, frames={"sectors": sectors})).status == status

    def test_other_results_have_no_sectors(self):
        with pytest.raises(DesignError, match="no frame of sectors"):
            leave_one_sector_out(difference_in_differences(PANEL, **NAMES))


class TestCells:
    def test_is_the_estimate_without_the_cell(self):
        check = influential_cells(GAPS, **NAMES)
        first = check.table.iloc[0]
        own = (GAPS["unit"] == first["unit"]) & (GAPS["year"] == first["year"])
        alone = difference_in_differences(GAPS[~own], **NAMES)
        assert first["without"] == pytest.approx(alone.estimate)

    def test_fails_for_a_slip_of_the_decimal_point(self):
        slip = (PANEL["unit"] == 3) & (PANEL["year"] == 8)
        level = PANEL.assign(y=PANEL["y"] + 10)
        wrong = level.assign(
            y=level["y"].mask(slip, level["y"] * 10), x=PANEL["x"] + slip.max() * 0
        )
        wrong["x"] = wrong["x"].where(wrong["unit"] != 3, 1.0)
        check = influential_cells(wrong, **NAMES, limit=0.9)
        assert influential_cells(level, **NAMES, limit=0.9).status == "passed"
        assert check.status == "failed"
        assert (check.facts["unit"], check.facts["period"]) == (3, 8)
        assert "most does 3 in 8" in check.text

    def test_the_limit_is_above_zero(self):
        with pytest.raises(DesignError, match="above 0"):
            influential_cells(PANEL, limit=0, **NAMES)


def test_whole_estimate_is_judged_as_the_estimator_judges_it():
    facts = leave_one_unit_out(PANEL, **NAMES).facts
    sample = Sample.of(PANEL, **NAMES)
    assert facts["p_value"] == clustered(sample.base, sample.clusters).p_value
    assert facts["p_value"] == pytest.approx(difference_in_differences(PANEL, **NAMES).p_value)
