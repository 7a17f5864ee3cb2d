"""The joint test of leads keeps its size, and its statement of power is true."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.pretrend import pretrend_test
from valley_analysis.impact.results import EffectResult, estimates

DESIGN = {"unit": "u", "period": "t", "outcome": "y", "exposure": "x", "reference": 5}


def study(slope: float = 0.0, seed: int = 0, units: int = 40, effect: float = 0.0) -> EffectResult:
    """Six periods before, two after; errors correlated in time."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(units, 8))
    noise[:, 1:] += 0.5 * noise[:, :-1]
    frame = pd.DataFrame([(u, t) for u in range(units) for t in range(8)], columns=["u", "t"])
    frame["x"] = (frame["u"] + 1) / units
    frame["y"] = noise.ravel() + frame["x"] * (slope * frame["t"] + effect * (frame["t"] > 5))
    return event_study(frame, **DESIGN)


def path(covariance: np.ndarray, estimate: np.ndarray) -> EffectResult:
    """A published path: four leads, the reference at -1, three lags."""
    names = [f"t{k}" for k in range(7)]
    table = estimates(pd.Series(estimate, names), pd.Series(np.sqrt(np.diag(covariance)), names))
    table["event_time"] = [-5.0, -4, -3, -2, 0, 1, 2]
    table.loc["ref"] = [0.0, *[np.nan] * 4, -1.0]
    v = pd.DataFrame(covariance, names, names)
    return EffectResult("published", "y", table, "", "", "", covariance=v)


def correlated(seed: int = 0) -> np.ndarray:
    root = np.random.default_rng(seed).normal(size=(7, 7))
    return root @ root.T / 7 + 0.3


def test_statistic_is_the_wald_statistic_of_the_leads() -> None:
    result = study()
    leads = ["0", "1", "2", "3", "4"]
    beta = result.table.loc[leads, "estimate"].to_numpy()
    wald = beta @ np.linalg.inv(result.covariance.loc[leads, leads]) @ beta
    check = pretrend_test(result)
    assert check.facts["statistic"] == pytest.approx(wald * (40 - 5) / (5 * 39))
    assert check.facts["p_value"] == pytest.approx(stats.f.sf(wald * 35 / (5 * 39), 5, 35))


def test_a_trend_before_the_event_is_flagged() -> None:
    assert pretrend_test(study(slope=1.5)).status == "failed"
    assert pretrend_test(study(slope=0.0)).status == "passed"


def test_an_effect_after_the_event_is_not_flagged() -> None:
    assert pretrend_test(study(effect=10.0)).status == "passed"


def test_power_and_bias_are_what_simulation_finds() -> None:
    v = correlated()
    check = pretrend_test(path(v, np.zeros(7) + 1e-9))
    distance = np.array([-4.0, -3, -2, -1, 1, 2, 3])
    rng = np.random.default_rng(1)
    noise = rng.multivariate_normal(np.zeros(7), v, 20_000)
    for power, row in check.table.iterrows():
        drawn = row["slope"] * distance + noise
        leads = drawn[:, :4]
        wald = np.einsum("ij,jk,ik->i", leads, np.linalg.inv(v[:4, :4]), leads)
        found = wald > stats.chi2.isf(0.05, 4)
        mean_after = drawn[:, 4:].mean(axis=1)
        assert found.mean() == pytest.approx(power, abs=0.012)
        assert mean_after.mean() == pytest.approx(row["bias"], abs=0.03)
        assert mean_after[~found].mean() == pytest.approx(row["bias_if_passed"], abs=0.05)


def test_bias_is_the_trend_carried_to_the_mean_of_the_periods_after() -> None:
    table = pretrend_test(path(correlated(), np.ones(7))).table
    np.testing.assert_allclose(table["bias"], 2 * table["slope"])
    np.testing.assert_allclose(table["bias_over_estimate"], table["bias"])


@pytest.mark.slow
def test_size_and_power_hold_with_forty_clusters() -> None:
    checks = [pretrend_test(study(seed=s)) for s in range(150)]
    rejected = np.mean([check.status == "failed" for check in checks])
    naive = [check.facts["statistic"] * 39 / 35 for check in checks]
    # Clustered errors are a little small with 40 clusters; referring the Wald statistic to
    # F(5, 39) instead would reject about twice as often as the test should.
    assert 0.03 <= rejected <= 0.1
    assert np.mean(stats.f.sf(naive, 5, 39) < 0.05) > rejected + 0.02
    slope = float(np.mean([check.facts["slope_80"] for check in checks]))
    noticed = np.mean([pretrend_test(study(slope, s)).status == "failed" for s in range(150)])
    assert 0.7 <= noticed <= 0.9


def test_without_leads_nothing_is_decided() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame([(u, t) for u in range(9) for t in (5, 6)], columns=["u", "t"])
    frame = frame.assign(x=frame["u"] / 9, y=rng.normal(size=18))
    assert pretrend_test(event_study(frame, **DESIGN)).status == "informational"


def test_as_many_leads_as_clusters_is_refused() -> None:
    with pytest.raises(DesignError, match="5 leads and 5 clusters"):
        pretrend_test(study(units=5))


def test_a_result_without_a_path_is_refused() -> None:
    result = EffectResult(
        "ols", "y", estimates(pd.Series({"x": 1.0}), pd.Series({"x": 1.0})), *"xab"
    )
    with pytest.raises(DesignError, match="no event times"):
        pretrend_test(result)


def test_group_time_results_need_the_universal_base() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame([(u, t) for u in range(30) for t in range(7)], columns=["u", "t"])
    frame["since"] = np.where(frame["u"] < 12, 4.0 + frame["u"] % 2, np.nan)
    frame["y"] = rng.normal(size=len(frame))
    design = {"unit": "u", "period": "t", "outcome": "y", "cohort": "since"}
    check = pretrend_test(group_time_att(frame, **design, base="universal"))
    assert check.facts["leads"] == 4
    with pytest.raises(DesignError, match="base='universal'"):
        pretrend_test(group_time_att(frame, **design))
