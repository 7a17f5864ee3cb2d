"""Shift-share inference: a case worked by hand, the papers' sums as loops, coverage, and laws."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.shift_share_errors import ShiftShareFit, effective_number
from valley_analysis.impact.spatial_examples import shifted_regions

few = settings(max_examples=20)
CHOICE = {"unit": "region", "outcome": "y"}


def drawn(seed: int, n: int = 60, sectors: int = 8) -> ShiftShareFit:
    """An instrumented regression with incomplete shares, controls, weights and clusters."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(sectors), n) * rng.uniform(0.3, 0.9, (n, 1))
    shocks = rng.normal(size=sectors)
    z = shares @ shocks
    controls = np.column_stack([np.ones(n), rng.normal(size=n), shares.sum(axis=1)])
    x = z + 0.2 * rng.normal(size=n)
    y = 0.7 * x + controls[:, 1] + shares @ rng.normal(size=sectors)
    clusters = np.arange(sectors) // 2
    return ShiftShareFit(y, x, z, controls, shares, shocks, rng.uniform(0.5, 2, n), clusters)


def test_six_regions_and_three_sectors_by_hand():
    """Regions live on one sector each, two a sector; shocks 1, 0, -1; residuals add up to
    -1, 2, -1 by sector. Then AKM = sqrt(1 + 1)/4, and at 50 % AKM0's half width is
    sqrt(2 z^2 / (16 - 8 z^2)) with z = 0.6745.
    """
    regions, sectors = list("abcdef"), ["oil", "cars", "bread"]
    shares = pd.DataFrame(np.repeat(np.eye(3), 2, axis=0), regions, sectors)
    shocks = pd.Series([1.0, 0.0, -1.0], sectors)
    frame = pd.DataFrame({"region": regions, "y": [3.0, 1, 2, 2, -1, -1]})
    found = shift_share(frame, shares=shares, shocks=shocks, level=0.5, **CHOICE)
    table = found.frames["inference"]
    assert found.estimate == pytest.approx(1.5)
    assert found.se == pytest.approx(np.sqrt(2) / 4)
    assert table.loc["robust", "se"] == pytest.approx(np.sqrt(3 * 6 / 4) / 4)
    z = stats.norm.ppf(0.75)
    half = np.sqrt(2 * z**2 / (16 - 8 * z**2))
    assert table.loc["akm0", "low"] == pytest.approx(1.5 - half)
    assert table.loc["akm0", "high"] == pytest.approx(1.5 + half)
    assert table.loc["akm0", "p_value"] == pytest.approx(2 * stats.norm.sf(6 / np.sqrt(20)))
    whole = shift_share(frame, shares=shares, shocks=shocks, **CHOICE).frames["inference"]
    assert whole.loc["akm0", "shape"] == "whole line"
    assert found.diagnostics[0].facts["effective_shocks"] == pytest.approx(3)
    # The sector without a shock has no weight; bread alone: (-2 - 2)/(-2) of y, x about means.
    parts = found.frames["sectors"]
    assert parts["weight"].to_dict() == pytest.approx({"oil": 0.5, "bread": 0.5, "cars": 0.0})
    assert parts.loc["bread", "estimate"] == pytest.approx(2.0)
    assert parts.loc["oil", "estimate"] == pytest.approx(1.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_errors_are_the_sums_of_the_paper(seed):
    """Adao, Kolesar and Morales' steps, region by region and sector by sector."""
    fit = drawn(seed)
    e, w = fit.weights, fit.shares
    frame = sm.WLS(np.column_stack([fit.y, fit.x, fit.z]), fit.controls, e).fit()
    y, x, z = np.asarray(frame.resid).T
    beta = sum(e * z * y) / sum(e * z * x)
    assert fit.estimate == pytest.approx(beta)
    implied = sm.WLS(z, w, e).fit().params
    sums = np.zeros(4)
    for s in range(8):
        total = sum(e[i] * w[i, s] * (y[i] - beta * x[i]) for i in range(len(y)))
        sums[fit.clusters[s]] += implied[s] * total
    assert fit.akm(0.95).se == pytest.approx(np.sqrt((sums**2).sum()) / abs(sum(e * z * x)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_akm0_keeps_exactly_what_its_test_does_not_reject(seed):
    fit = drawn(seed)
    bounds = fit.akm0(0.5)
    assert bounds.shape == "interval"

    def p_value(null: float) -> float:
        return replace(fit, y=fit.y - null * fit.x).akm0(0.5).p_value

    for end in (bounds.low, bounds.high):
        assert p_value(end) == pytest.approx(0.5, abs=1e-9)
    assert p_value(fit.estimate) == pytest.approx(1)
    assert p_value(bounds.low - 0.01) < 0.5 < p_value(bounds.low + 0.01)
    assert p_value(bounds.high + 0.01) < 0.5 < p_value(bounds.high - 0.01)


def test_the_robust_error_is_that_of_statsmodels():
    frame, shares, shocks = shifted_regions(50, 10, beta=1.0, seed=1)
    found = shift_share(frame, shares=shares, shocks=shocks, **CHOICE)
    design = sm.add_constant(shares.to_numpy() @ shocks.to_numpy())
    theirs = sm.OLS(frame["y"].to_numpy(), design).fit(cov_type="HC1")
    assert found.estimate == pytest.approx(theirs.params[1])
    assert found.frames["inference"].loc["robust", "se"] == pytest.approx(theirs.bse[1])


@given(st.integers(0, 10_000))
@few
def test_the_shock_level_regression_gives_the_same_coefficient(seed):
    """Borusyak, Hull and Jaravel: weighted IV over sectors, with a constant."""
    fit = drawn(seed)
    estimate, y, x = fit.shock_level()
    assert estimate == pytest.approx(fit.estimate, rel=1e-10, abs=1e-10)
    instruments = np.column_stack([np.ones(8), fit.shocks]) * fit.exposure[:, None]
    regressors = np.column_stack([np.ones(8), x])
    slopes = np.linalg.solve(instruments.T @ regressors, instruments.T @ y)
    assert slopes[1] == pytest.approx(fit.estimate, rel=1e-9, abs=1e-9)
    assert slopes[0] == pytest.approx(0, abs=1e-9)


@given(st.integers(0, 10_000))
@few
def test_without_controls_akm_is_the_robust_error_of_the_shock_level_regression(seed):
    frame, shares, shocks = shifted_regions(40, 10, beta=1.0, seed=seed)
    table = shift_share(frame, shares=shares, shocks=shocks, **CHOICE).frames["inference"]
    assert table.loc["akm", "se"] == pytest.approx(table.loc["shock_level", "se"])


@given(st.integers(0, 10_000))
@few
def test_sector_estimates_average_to_the_whole(seed):
    weight, alone = drawn(seed).sector_parts()
    assert weight.sum() == pytest.approx(1)
    assert weight @ alone == pytest.approx(drawn(seed).estimate)


@given(st.integers(0, 10_000))
@few
def test_instrument_and_reduced_form_agree_on_no_effect(seed):
    """Under the null of zero the AKM0 test does not look at the regressor."""
    fit = drawn(seed)
    assert replace(fit, x=fit.z).akm0(0.95).p_value == pytest.approx(fit.akm0(0.95).p_value)


def test_without_a_sector_is_a_fit_with_its_shock_set_to_zero():
    frame, shares, shocks = shifted_regions(60, 8, beta=1.0, seed=2)
    frame["x"] = shares.to_numpy() @ shocks.to_numpy() + np.random.default_rng(2).normal(size=60)
    choice = {**CHOICE, "endogenous": "x"}
    whole = shift_share(frame, shares=shares, shocks=shocks, **choice)
    refit = shift_share(frame, shares=shares, shocks=shocks.mask(shocks.index == "s3", 0), **choice)
    assert whole.frames["sectors"].loc["s3", "without"] == pytest.approx(refit.estimate)


def rates(regions: int, sectors: int, runs: int) -> dict[str, float]:
    """Coverage of the truth by each 95 % interval."""
    inside: dict[str, list[bool]] = {}
    for seed in range(runs):
        frame, shares, shocks = shifted_regions(regions, sectors, beta=1.0, seed=seed)
        w, z = shares.to_numpy(), shares.to_numpy() @ shocks.to_numpy()
        ones, own = np.ones((regions, 1)), np.arange(sectors)
        fit = ShiftShareFit(
            frame["y"].to_numpy(), z, z, ones, w, shocks.to_numpy(), ones[:, 0], own
        )
        for name in ("robust", "akm", "akm0"):
            bounds = getattr(fit, name)(0.95)
            inside.setdefault(name, []).append(bounds.low <= 1.0 <= bounds.high)
    return {name: float(np.mean(found)) for name, found in inside.items()}


def test_where_sectors_drive_residuals_akm_covers_and_robust_errors_do_not():
    """Fifty sectors; AKM is known to be a little small with few, AKM0 is not."""
    found = rates(150, 50, 300)
    assert found["robust"] < 0.75
    assert 0.89 <= found["akm"] <= 0.97
    assert 0.92 <= found["akm0"] <= 0.975


@pytest.mark.slow
def test_with_many_sectors_akm_covers_as_it_says():
    found = rates(500, 250, 400)
    assert found["robust"] < 0.85
    assert 0.93 <= found["akm"] <= 0.975
    assert 0.93 <= found["akm0"] <= 0.975


def test_clusters_of_sectors_widen_the_interval_where_they_share_a_shock():
    frame, shares, _ = shifted_regions(200, 60, beta=0.0, seed=3)
    rng = np.random.default_rng(3)
    group = pd.Series(np.arange(60) // 6, shares.columns)
    shocks = pd.Series(rng.normal(size=10)[group], shares.columns)
    frame["y"] = shares.to_numpy() @ rng.normal(size=10)[group] + 0.1 * rng.normal(size=200)
    plain = shift_share(frame, shares=shares, shocks=shocks, **CHOICE)
    grouped = shift_share(frame, shares=shares, shocks=shocks, clusters=group, **CHOICE)
    assert grouped.estimate == plain.estimate
    assert grouped.se > 1.5 * plain.se
    few_shocks = grouped.diagnostics[0]
    assert plain.diagnostics[0].status == "passed"
    assert few_shocks.status == "failed"
    assert (
        few_shocks.facts["effective_shocks"] < 10.5 < plain.diagnostics[0].facts["effective_shocks"]
    )
    assert "exploratory" in few_shocks.text


def test_incomplete_shares_are_controlled_for_or_being_exposed_passes_for_the_shocks():
    """The outcome follows the sum of shares, not the shocks, whose mean is far from zero."""
    frame, shares, shocks = shifted_regions(200, 40, beta=0.0, seed=4, common=0.0)
    size = np.random.default_rng(4).uniform(0.2, 0.9, 200)
    partial, shifted = shares.mul(size, axis=0), shocks + 3
    frame["y"] += size
    found = shift_share(frame, shares=partial, shocks=shifted, **CHOICE)
    assert abs(found.estimate) < 0.03
    assert any("their sum is controlled for" in note for note in found.notes)
    z = sm.add_constant(partial.to_numpy() @ shifted.to_numpy())
    assert sm.OLS(frame["y"].to_numpy(), z).fit().params[1] > 0.2


def test_shares_that_sum_to_the_same_need_no_control():
    frame, shares, shocks = shifted_regions(50, 10, beta=1.0, seed=1)
    whole = shift_share(frame, shares=shares, shocks=shocks, **CHOICE)
    half = shift_share(frame, shares=shares / 2, shocks=shocks * 2, **CHOICE)
    assert half.estimate == pytest.approx(whole.estimate)
    assert half.se == pytest.approx(whole.se)
    assert not any("controlled" in note for note in half.notes)


def test_an_instrument_recovers_what_least_squares_misses_and_a_weak_one_is_called_weak():
    frame, shares, shocks = shifted_regions(300, 60, beta=0.0, seed=5, common=0.1)
    rng = np.random.default_rng(5)
    hidden = rng.normal(size=300)
    felt = shares.to_numpy() @ shocks.to_numpy()
    frame["x"] = felt + 0.5 * hidden
    frame["y"] = 2 * frame["x"] + hidden + 0.1 * rng.normal(size=300)
    choice = {"shares": shares, "shocks": shocks, "endogenous": "x", **CHOICE}
    found = shift_share(frame, **choice)
    assert found.estimate == pytest.approx(2, abs=0.3)
    assert found.diagnostics[-1].status == "passed"
    rows = found.table["estimate"]
    assert rows["reduced_form"] / rows["first_stage"] == pytest.approx(rows["x"])
    assert sm.OLS(frame["y"], sm.add_constant(frame["x"])).fit().params["x"] > 2.5
    weak = shift_share(frame.assign(x=hidden), **choice)
    assert weak.diagnostics[-1].status == "failed"
    assert weak.frames["inference"].loc["akm0", "shape"] in ("two rays", "whole line")
    assert weak.frames["inference"].loc["akm0", "high"] == np.inf


def test_order_of_regions_and_sectors_and_weights_of_one_change_nothing():
    frame, shares, shocks = shifted_regions(40, 10, beta=1.0, seed=6)
    one = shift_share(frame, shares=shares, shocks=shocks, **CHOICE)
    other = shift_share(
        frame.assign(weight=3.0).sample(frac=1, random_state=1),
        shares=shares.sample(frac=1, random_state=2).sample(frac=1, axis=1, random_state=3),
        shocks=shocks.sample(frac=1, random_state=4),
        weights="weight",
        **CHOICE,
    )
    columns = ["estimate", "se", "low", "high", "p_value"]
    pd.testing.assert_frame_equal(
        other.frames["inference"][columns], one.frames["inference"][columns]
    )


def test_gaps_and_empty_sectors_are_left_out_and_told():
    frame, shares, shocks = shifted_regions(40, 10, beta=1.0, seed=6)
    gaps = frame.assign(y=frame["y"].mask(frame["region"] == "r0"))
    shares["ships"], shocks["ships"] = 0.0, 5.0
    found = shift_share(gaps, shares=shares, shocks=shocks, **CHOICE)
    assert found.n_obs == 39
    assert found.notes[0] == "1 of 40 units have no value and are left out."
    assert found.notes[1] == "Sectors without any share, left out: ships."


def test_all_problems_of_shares_and_shocks_are_named_at_once():
    frame, shares, shocks = shifted_regions(40, 10, beta=1.0, seed=6)
    bad = shares.copy()
    bad.loc["r1", "s1"], bad.loc["r2", "s2"], bad.loc["r3", "s3"] = -0.1, np.nan, 1.5
    wrong = shocks.rename({"s9": "oil"})
    wrong["s4"] = np.inf
    with pytest.raises(DesignError) as raised:
        shift_share(frame, shares=bad, shocks=wrong, clusters={"s1": 1}, **CHOICE)
    told = " | ".join(raised.value.problems)
    for part in (
        "sector 's9': has shares and no shock",
        "sector 'oil': has a shock and no shares",
        "sector 's2': a share is missing",
        "sector 's1': a share below zero, unit 'r1'",
        "unit 'r3': sum to",
        "shocks, sector 's4': missing or no number",
        "clusters, sector 's2': in none",
    ):
        assert part in told, part


def test_designs_that_identify_nothing_are_refused():
    frame, shares, shocks = shifted_regions(40, 10, beta=1.0, seed=6)
    choice = {"shares": shares, "shocks": shocks, **CHOICE}
    with pytest.raises(DesignError, match="the controls explain all of it"):
        shift_share(frame, **{**choice, "shocks": shocks * 0 + 2})
    twice = shares.assign(s0=shares["s0"] / 2, copy=shares["s0"] / 2)
    with pytest.raises(DesignError, match="other sectors' shares determine its own"):
        shift_share(
            frame,
            **{**choice, "shares": twice, "shocks": pd.concat([shocks, pd.Series({"copy": 1.0})])},
        )
    with pytest.raises(DesignError, match="8 units for 10 sectors"):
        shift_share(frame[:8], **choice)
    with pytest.raises(DesignError, match="unit 'r0': not in the shares"):
        shift_share(frame, **{**choice, "shares": shares.drop("r0")})
    with pytest.raises(DesignError, match="1 sectors with shares"):
        shift_share(frame, **{**choice, "shares": shares[["s0"]], "shocks": shocks[["s0"]]})
    size = np.random.default_rng(4).uniform(0.2, 0.9, 40)
    with pytest.raises(DesignError, match="the controls determine the sum of shares"):
        partial = shares.mul(size, axis=0)
        shift_share(frame.assign(size=size), controls="size", **{**choice, "shares": partial})


def test_effective_numbers():
    assert effective_number(np.ones(7)) == pytest.approx(7)
    assert effective_number(np.array([1.0, 0, 0])) == 1
    assert 1 < effective_number(np.array([0.9, 0.1])) < 2
