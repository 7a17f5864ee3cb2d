"""Checks by a margin: the three outcomes, and intervals that hold what they should."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_course import neighbours_beside, trend_before, trend_of_path
from valley_analysis.impact.checks_design import balance
from valley_analysis.impact.checks_examples import example_panel
from valley_analysis.impact.checks_influence import influence, leave_one_unit_out
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.checks_placebo import anticipation, placebo_date
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.margin import Bias, by_margin, jackknifed
from valley_analysis.impact.results import CheckResult

PANEL, NAMES = example_panel()
ends = st.floats(-5, 5, allow_nan=False)


@given(ends, ends, st.floats(0.01, 5))
def test_one_status_follows_from_interval_and_margin(one: float, other: float, margin: float):
    low, high = sorted((one, other))
    status = Bias((low + high) / 2, low, high).status(margin)
    inside = [abs(value) <= margin for value in (low, high)]
    if all(inside):
        assert status == "passed"
    elif low > margin or high < -margin:
        assert status == "failed"
    else:
        assert status == "undecided"


def test_what_is_not_known_is_undecided_and_no_margin_changes_nothing():
    check = CheckResult("balance", "passed", "Nothing.")
    assert by_margin(check, Bias(float("nan"), float("nan"), float("nan")), 1).status == "undecided"
    assert by_margin(check, Bias(9.0, 8.0, 10.0), None) is check
    with pytest.raises(DesignError, match="above 0"):
        by_margin(check, Bias(0, 0, 0), 0.0)


def test_the_same_data_pass_a_wide_margin_and_leave_a_narrow_one_undecided():
    statuses = [placebo_date(PANEL, margin=margin, **NAMES).status for margin in (2.0, 0.05)]
    assert statuses == ["passed", "undecided"]
    drifting = PANEL.assign(y=PANEL["y"] + PANEL["x"] * PANEL["year"])
    assert placebo_date(drifting, margin=0.2, **NAMES).status == "failed"


def test_the_jackknife_of_one_coefficient_is_the_jackknife_by_hand():
    sample = Sample.of(PANEL, **NAMES)
    found = jackknifed({"one": (sample, sample.base)}, lambda e: e["one"])
    without = []
    for unit in PANEL["unit"].unique():
        rest = sample.keep((sample.rows["unit"] != unit).to_numpy())
        without.append(rest.base.estimate)
    apart = np.array(without) - sample.base.estimate
    se = np.sqrt((len(apart) - 1) / len(apart) * (apart**2).sum())
    assert found.high - found.value == pytest.approx(1.6848751 * se, rel=1e-6)  # t(39), 95 %


def test_a_trend_before_is_told_as_what_it_would_be_of_the_effect():
    """0.1 a period, five periods between the middles: 0.5 in the headline."""
    still = example_panel(effect=0.0, noise=0.01)[0]
    drifting = still.assign(y=still["y"] + 0.1 * still["x"] * still["year"])
    found = trend_before(drifting, **NAMES)
    assert found.low < 0.5 < found.high
    assert Sample.of(drifting, **NAMES).base.estimate == pytest.approx(0.5, abs=0.02)
    kept = {key: NAMES[key] for key in ("unit", "period", "outcome", "exposure")}
    path = trend_of_path(event_study(drifting, reference=5, **kept))
    assert path.value == pytest.approx(found.value, abs=1e-9)


@pytest.mark.slow
def test_intervals_of_biases_that_are_zero_hold_zero_nine_times_in_ten():
    inside = {"anticipation": 0, "trend": 0, "balance": 0}
    for seed in range(120):
        panel, names = example_panel(units=24, seed=seed)
        # A trait that goes with exposure and not with the outcome: were it unrelated to both, the
        # bias would be a product of two zeros, whose intervals hold zero nearly always.
        noise = np.random.default_rng(1000 + seed).normal(size=24)[panel["unit"]]
        panel["more"] = panel["x"] + 0.3 * noise
        checks = {
            "anticipation": anticipation(panel, margin=1.0, **names).facts,
            "balance": balance(panel, covariates=["more"], margin=1.0, **names).facts,
        }
        for name, facts in checks.items():
            inside[name] += facts["bias_low"] <= 0 <= facts["bias_high"]
        bias = trend_before(panel, **names)
        inside["trend"] += bias.low <= 0 <= bias.high
    assert all(0.8 <= count / 120 <= 0.99 for count in inside.values()), inside


def test_a_trait_does_harm_only_if_it_goes_with_exposure_and_with_the_course():
    exposed = PANEL.assign(trait=PANEL["x"] * 3 + PANEL["size"])
    assert balance(exposed, covariates=["trait"], **NAMES).status == "failed"
    assert balance(exposed, covariates=["trait"], margin=0.5, **NAMES).status == "passed"
    after = exposed["year"] >= NAMES["since"]
    moved = exposed.assign(y=exposed["y"] + 2 * exposed["trait"] * after)
    assert balance(moved, covariates=["trait"], margin=0.5, **NAMES).status == "failed"


def test_what_carries_an_estimate_is_named():
    table = pd.DataFrame(
        {"estimate": [0.05, 0.11, 0.12], "p_value": [0.6, 0.02, 0.01]}, index=["a", "b", "c"]
    )
    told = {"estimate": 0.12, "p_value": 0.01}
    found = influence("leave_one_unit_out", "unit", told, table, margin=0.1)
    assert found.facts["carry"] == ["a"]
    assert found.status == "failed", "a distinguishable effect is no longer so without a"
    nothing = table.assign(p_value=0.6)
    small = influence("x", "unit", {"estimate": 0.001, "p_value": 0.9}, nothing, margin=0.15)
    assert (small.facts["carry"], small.status) == ([], "passed")


def test_left_out_units_are_judged_by_how_far_they_move_it():
    assert leave_one_unit_out(PANEL, margin=0.5, **NAMES).status == "passed"
    assert leave_one_unit_out(PANEL, margin=1e-4, **NAMES).status == "failed"


def test_neighbours_exposure_that_is_in_the_estimate_is_seen():
    from valley_analysis.impact.spatial_examples import ring

    units, weights = ring(60, rho=0.0, beta=0.0, seed=1)
    rng = np.random.default_rng(1)
    units["x"] = rng.normal(size=60) + np.sin(np.arange(60) / 5)  # neighbours alike
    near = weights.lag(units.set_index("unit")["x"]).to_numpy()
    late = units.assign(t=1, y=3 * near + rng.normal(0, 0.1, 60))
    panel = pd.concat([units.assign(t=0, y=0.0), late])
    names = {"unit": "unit", "period": "t", "outcome": "y", "exposure": "x", "since": 1}
    found = neighbours_beside(panel, spatial=weights, margin=0.2, **names)
    assert found.status == "failed"
    assert abs(found.facts["beside"]) < 0.1 < found.facts["alone"]
