"""Statistics that end where exposure is high, and withheld values at their worst."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_data import attrition, suppression_bounds
from valley_analysis.impact.checks_examples import example_panel
from valley_analysis.impact.did import difference_in_differences

PANEL, NAMES = example_panel()
BOUNDS = {"low": "low", "high": "high"}
FEW = {"permutations": 399}


def thinned(chance, seed: int = 0) -> pd.DataFrame:
    """The clean panel without the outcome of some cells, as likely as said."""
    gone = np.random.default_rng(seed).random(len(PANEL)) < chance
    return PANEL.assign(y=PANEL["y"].mask(gone))


class TestAttrition:
    def test_passes_if_values_go_missing_at_random_and_fails_if_by_exposure(self):
        late = PANEL["year"] >= 6
        assert attrition(thinned(0.3 * late), **NAMES, **FEW).status == "passed"
        check = attrition(thinned(0.6 * PANEL["x"] * late), **NAMES, **FEW)
        assert (check.status, check.facts["failed"]) == ("failed", ["missing"])
        assert check.facts["slope"] == pytest.approx(0.6, abs=0.15)

    def test_values_that_were_always_missing_more_are_no_attrition(self):
        check = attrition(thinned(0.5 * PANEL["x"], seed=4), **NAMES, **FEW)
        assert check.status == "passed"

    def test_absent_rows_count_as_missing(self):
        thin = thinned(0.6 * PANEL["x"] * (PANEL["year"] >= 6))
        with_rows, without = (attrition(f, **NAMES, **FEW) for f in (thin, thin.dropna()))
        pd.testing.assert_frame_equal(with_rows.table, without.table)

    def test_slope_is_that_of_changes_in_shares_on_exposure(self):
        thin = thinned(0.4 * PANEL["x"])
        gone = thin.assign(gone=thin["y"].isna(), late=thin["year"] >= 6)
        shares = gone.pivot_table(index="unit", columns="late", values="gone", aggfunc="mean")
        exposure = thin.groupby("unit")["x"].first()
        slope, _ = np.polyfit(exposure, shares[True] - shares[False], 1)
        assert attrition(thin, **NAMES, **FEW).facts["slope"] == pytest.approx(slope)

    def test_kinds_are_told_apart(self):
        late = PANEL["year"] >= 6
        by_exposure = thinned(0.7 * PANEL["x"] * late)["y"].isna()
        at_random = thinned(0.2, seed=1)["y"].isna() & ~by_exposure
        flag = np.select([by_exposure, at_random], ["closed", "suppressed"], "observed")
        frame = PANEL.assign(y=PANEL["y"].mask(by_exposure | at_random), flag=flag)
        check = attrition(frame, flag="flag", **NAMES, **FEW)
        assert check.table.index.tolist() == ["missing", "suppressed", "closed"]
        assert "closed" in check.facts["failed"]
        assert "suppressed" not in check.facts["failed"]
        late_share = check.table.loc["closed", "after"]
        assert late_share == pytest.approx(by_exposure[late].mean())

    def test_a_series_that_ends_for_all_is_no_attrition(self):
        check = attrition(PANEL.assign(y=PANEL["y"].mask(PANEL["year"] == 9)), **NAMES)
        assert (check.status, check.facts["after"]) == ("passed", 0.0)

    def test_strata_keep_a_difference_between_them_out(self):
        """Oil regions are exposed and stop publishing; within either kind nothing is related."""
        oil = PANEL["unit"] % 2 == 0
        frame = PANEL.assign(oil=oil, x=PANEL["x"] + 2 * oil)
        frame["y"] = frame["y"].mask(oil & (frame["year"] >= 6) & (frame["unit"] % 4 == 0))
        assert attrition(frame, **NAMES, **FEW).status == "failed"
        assert attrition(frame, strata="oil", **NAMES, **FEW).status == "passed"

    def test_a_unit_without_exposure_is_named(self):
        frame = PANEL.assign(x=PANEL["x"].mask(PANEL["unit"] == 3))
        with pytest.raises(DesignError, match="unit 3: no x"):
            attrition(frame, **NAMES)


def withheld(cells: pd.Series, width: float = 1.0) -> pd.DataFrame:
    frame = PANEL.assign(low=PANEL["y"] - width, high=PANEL["y"] + width)
    return frame.assign(y=frame["y"].mask(cells))


class TestSuppression:
    def test_passes_for_narrow_bounds_and_fails_for_wide_ones(self):
        cells = pd.Series(np.random.default_rng(0).random(len(PANEL)) < 0.1)
        narrow = suppression_bounds(withheld(cells, 0.1), **BOUNDS, **NAMES)
        wide = suppression_bounds(withheld(cells, 8.0), **BOUNDS, **NAMES)
        assert (narrow.status, wide.status) == ("passed", "failed")
        assert narrow.facts["lowest"] < 1.0 < narrow.facts["highest"] + 0.2
        assert wide.facts["cells"] == cells.sum()

    @given(st.integers(0, 1000))
    @settings(max_examples=6, deadline=None)
    def test_ends_are_those_of_all_corners(self, seed):
        rng = np.random.default_rng(seed)
        small, names = example_panel(units=6, periods=4, seed=seed)
        places = rng.choice(len(small), 5, replace=False)
        low, high = small["y"] - rng.random(24), small["y"] + rng.random(24)
        frame = small.assign(low=low, high=high)
        frame.loc[places, "y"] = np.nan
        found = suppression_bounds(frame, **BOUNDS, **names).facts
        corners = []
        for ends in product(*([low[place], high[place]] for place in places)):
            y = small["y"].to_numpy().copy()
            y[places] = ends
            corners.append(slope(small.assign(y=y), names["since"]))
        assert found["lowest"] == pytest.approx(min(corners))
        assert found["highest"] == pytest.approx(max(corners))

    def test_poisson_ends_are_those_of_all_corners_here(self):
        rng = np.random.default_rng(2)
        small, names = example_panel(units=6, periods=4, seed=2)
        count = rng.poisson(np.exp(small["y"] + 2)).astype(float)
        places = rng.choice(len(small), 4, replace=False)
        frame = small.assign(y=count, low=np.maximum(count - 2, 0), high=count + 3)
        frame.loc[places, "y"] = np.nan
        found = suppression_bounds(frame, **BOUNDS, **names, family="poisson")
        assert found.facts["exact"] is False
        corners = []
        for ends in product(*frame.loc[places, ["low", "high"]].to_numpy()):
            y = count.copy()
            y[places] = ends
            filled = small.assign(y=y)
            corners.append(difference_in_differences(filled, **names, family="poisson").estimate)
        assert found.facts["lowest"] == pytest.approx(min(corners), abs=1e-6)
        assert found.facts["highest"] == pytest.approx(max(corners), abs=1e-6)

    def test_rows_are_the_estimator(self):
        frame = withheld(PANEL.index.to_series() % 13 == 0)
        table = suppression_bounds(frame, **BOUNDS, **NAMES).table
        filled = frame.assign(y=frame["y"].fillna((frame["low"] + frame["high"]) / 2))
        for name, data in (("observed", frame), ("middle", filled)):
            alone = difference_in_differences(data, **NAMES)
            assert table.loc[name, "estimate"] == pytest.approx(alone.estimate)
            assert table.loc[name, "p_value"] == pytest.approx(alone.p_value)
        assert table.loc["lowest", "estimate"] < table.loc["middle", "estimate"]

    def test_nothing_withheld_passes_with_one_estimate(self):
        check = suppression_bounds(PANEL.assign(low=0.0, high=9.0), **BOUNDS, **NAMES)
        assert (check.status, check.facts["cells"]) == ("passed", 0)
        assert len(set(check.table["estimate"])) == 1

    def test_a_missing_value_without_bounds_stays_missing(self):
        frame = withheld(PANEL.index.to_series() % 13 == 0)
        frame.loc[0, ["low", "high"]] = np.nan
        found = suppression_bounds(frame, **BOUNDS, **NAMES).facts["cells"]
        assert found == frame["y"].isna().sum() - 1

    @pytest.mark.parametrize(
        ("low", "high", "said"),
        [(2.0, 1.0, "from 2 to 1; expected"), (-np.inf, 1.0, "infinite")],
    )
    def test_bounds_the_wrong_way_round_or_infinite_are_refused(self, low, high, said):
        frame = withheld(PANEL.index.to_series() == 13)
        frame.loc[13, ["low", "high"]] = low, high
        with pytest.raises(DesignError, match=f"unit 1, period 3: {said}"):
            suppression_bounds(frame, **BOUNDS, **NAMES)

    def test_columns_that_are_absent_are_named(self):
        with pytest.raises(DesignError, match="no column 'low'"):
            suppression_bounds(PANEL, **BOUNDS, **NAMES)


def slope(panel: pd.DataFrame, since: int) -> float:
    """Balanced panels: changes of means on exposure."""
    change = (
        panel[panel["year"] >= since].groupby("unit")["y"].mean()
        - panel[panel["year"] < since].groupby("unit")["y"].mean()
    )
    return float(np.polyfit(panel.groupby("unit")["x"].first(), change, 1)[0])


@pytest.mark.slow
def test_false_positives_keep_to_alpha():
    """200 panels with values missing at random: 5 % fail, within three Monte Carlo errors."""
    failed = 0
    for seed in range(200):
        thin = thinned(0.1 + 0.2 * (PANEL["year"] >= 6), seed=seed)
        failed += attrition(thin, **NAMES, permutations=199, seed=seed).status == "failed"
    assert 2 <= failed <= 19
