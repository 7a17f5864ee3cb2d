"""Balance, dose, neighbours, several outcomes, what could have been seen."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_design import balance, dose_response, residual_moran
from valley_analysis.impact.checks_examples import example_panel
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.checks_outcomes import minimum_detectable, multiple_outcomes
from valley_analysis.impact.did import difference_in_differences, two_way
from valley_analysis.impact.randomisation import joint_randomisation
from valley_analysis.impact.spatial_examples import ring
from valley_analysis.spatial import residual_moran as published_moran

PANEL, NAMES = example_panel()
AFTER = PANEL["year"] >= 6


def with_covariates(number: int = 4, seed: int = 1) -> pd.DataFrame:
    drawn = np.random.default_rng(seed).normal(size=(40, number))
    return PANEL.assign(**{f"c{k}": drawn[PANEL["unit"], k] for k in range(number)})


class TestBalance:
    def test_passes_when_drawn_apart_and_names_what_goes_with_exposure(self):
        panel = with_covariates()
        clean = balance(panel, covariates=["c0", "c1", "c2", "c3"], **NAMES)
        assert clean.status == "passed"
        tilted = panel.assign(c2=panel["c2"] + 4 * panel["x"])
        check = balance(tilted, covariates=["c0", "c1", "c2", "c3"], **NAMES)
        assert (check.status, check.facts["failed"]) == ("failed", ["c2"])

    def test_slope_and_error_are_those_of_statsmodels(self):
        panel = with_covariates()
        units = panel.groupby("unit").first()
        design = sm.add_constant((units["x"] - units["x"].mean()) / units["x"].std(ddof=0))
        y = (units["c0"] - units["c0"].mean()) / units["c0"].std(ddof=0)
        fitted = sm.OLS(y, design).fit(cov_type="HC3", use_t=True)
        table = balance(panel, covariates=["c0"], **NAMES).table
        assert table.loc["c0", "slope"] == pytest.approx(np.corrcoef(units["x"], y)[0, 1])
        assert table.loc["c0", "se"] == pytest.approx(fitted.bse["x"])
        assert table.loc["c0", "p_value"] == pytest.approx(fitted.pvalues["x"])

    def test_controls_explain_what_they_share(self):
        panel = PANEL.assign(
            x=PANEL["x"] + PANEL["size"], wage=3 * PANEL["size"] + 0.01 * PANEL["x"]
        )
        panel["wage"] += np.random.default_rng(0).normal(size=40)[panel["unit"]]
        assert balance(panel, covariates=["wage"], **NAMES).status == "failed"
        assert balance(panel, covariates=["wage"], controls="size", **NAMES).status == "passed"

    def test_only_periods_before_count(self):
        panel = PANEL.assign(wage=PANEL["size"] + 100 * PANEL["x"] * AFTER)
        assert balance(panel, covariates=["wage"], **NAMES).status == "passed"

    def test_all_bad_covariates_are_named(self):
        panel = PANEL.assign(name="a", same=1.0, rare=PANEL["size"].where(PANEL["unit"] < 3))
        with pytest.raises(DesignError, match=r"'name': .*expected numbers(.|\n)*"):
            balance(panel, covariates=["gone", "name"], **NAMES)
        with pytest.raises(DesignError, match=r"'rare': 3 units(.|\n)*'same': the same"):
            balance(panel, covariates=["same", "rare"], **NAMES)


class TestDose:
    def test_passes_for_a_line_and_fails_for_a_bend(self):
        assert dose_response(PANEL, **NAMES).status == "passed"
        bent = PANEL.assign(y=PANEL["y"] + 3 * (PANEL["x"] - 0.5) ** 2 * AFTER)
        assert dose_response(bent, **NAMES).status == "failed"

    def test_terciles_are_dummies_beside_each_other(self):
        table = dose_response(PANEL, **NAMES).table
        third = np.digitize(PANEL["x"], [13.5 / 39, 26.5 / 39])
        panel = PANEL.assign(high=(third == 2) * AFTER * 1.0, mid=(third == 1) * AFTER * 1.0)
        both = two_way(panel, unit="unit", period="year", outcome="y", regressors=["high", "mid"])
        assert table["units"].tolist() == [14, 13, 13]
        assert table.loc["low", "estimate"] == 0
        found = table.loc[["high", "middle"], "estimate"].tolist()
        assert found == pytest.approx(both.table["estimate"].tolist())

    def test_two_values_are_no_dose(self):
        binary = PANEL.assign(x=(PANEL["x"] > 0.5) * 1.0)
        assert dose_response(binary, **NAMES).status == "informational"

    def test_counts(self):
        mean = np.exp(1 + PANEL["size"] / 4 + 2 * (PANEL["x"] - 0.5) ** 2 * AFTER)
        panel = PANEL.assign(y=np.random.default_rng(0).poisson(mean * 20).astype(float))
        assert dose_response(panel, **NAMES, family="poisson").status == "failed"


def on_a_ring(rho: float, seed: int = 1) -> tuple[pd.DataFrame, dict, object]:
    units, weights = ring(60, rho=rho, beta=1.0, seed=seed)
    rng = np.random.default_rng(seed)
    level = units["unit"].map(dict(zip(units["unit"], rng.normal(size=60), strict=True)))
    parts = [units.assign(t=t, y=units["y"] * (t == 2) + level + t) for t in (0, 1, 2)]
    names = {"unit": "unit", "period": "t", "outcome": "y", "exposure": "x", "since": 2}
    return pd.concat(parts), names, weights


class TestResidualMoran:
    def test_passes_for_independent_changes_and_fails_for_those_of_neighbours(self):
        for rho, status in ((0.0, "passed"), (0.7, "failed")):
            panel, names, weights = on_a_ring(rho)
            assert residual_moran(panel, spatial=weights, **names).status == status

    def test_is_the_test_of_a_regression_of_changes(self):
        panel, names, weights = on_a_ring(0.4)
        wide = panel.pivot_table(index="unit", columns="t", values="y")
        change = wide[2] - (wide[0] + wide[1]) / 2
        exposure = panel.groupby("unit")[["x"]].first()
        left = sm.OLS(change, sm.add_constant(exposure)).fit().resid
        expected = published_moran(left, exposure, weights)
        found = residual_moran(panel, spatial=weights, **names).facts
        assert found["statistic"] == pytest.approx(expected.statistic)
        assert found["p_value"] == pytest.approx(expected.p_value)

    def test_units_without_neighbours_or_periods_are_left_out_and_counted(self):
        panel, names, weights = on_a_ring(0.0)
        gone = (panel["unit"] == "u3") & (panel["t"] == 2)
        fewer = weights.keep([u for u in weights.units if u not in ("u10", "u12")])
        check = residual_moran(panel[~gone], spatial=fewer, **names)
        assert check.facts["left_out"] == 4  # u3, u10, u12, and u11 between them
        assert len(check.table) == 56

    def test_counts(self):
        panel, names, weights = on_a_ring(0.85, seed=2)
        mean = np.exp(3 + panel["y"].where(panel["t"] == 2, 0.0) / 3)
        panel["y"] = np.random.default_rng(0).poisson(mean).astype(float)
        check = residual_moran(panel, spatial=weights, **names, family="poisson")
        assert check.status == "failed"


class TestMinimumDetectable:
    @pytest.mark.slow
    def test_that_effect_is_found_four_times_in_five(self):
        """Effects of the size that the check names, in 150 panels."""
        found = 0
        for seed in range(150):
            panel, names = example_panel(effect=0.0, units=20, periods=6, seed=seed)
            facts = minimum_detectable(panel, **names).facts
            panel["y"] += facts["per_unit"] * panel["x"] * (panel["year"] >= 4)
            found += Sample.of(panel, **names).judged().p_value < 0.05
        assert found / 150 == pytest.approx(0.8, abs=0.11)

    def test_units_of_the_numbers(self):
        facts = minimum_detectable(PANEL, **NAMES).facts
        units = PANEL.groupby("unit")["x"].first()
        assert facts["iqr"] == pytest.approx(units.quantile(0.75) - units.quantile(0.25))
        assert facts["per_iqr"] == pytest.approx(facts["per_unit"] * facts["iqr"])
        before = PANEL.loc[PANEL["year"] < 6, "y"].std()
        assert facts["in_sd"] == pytest.approx(facts["per_iqr"] / before)
        assert 2.8 < facts["per_unit"] / facts["se"] < 3.0

    def test_counts_speak_of_ratios(self):
        panel = PANEL.assign(y=np.random.default_rng(0).poisson(9, len(PANEL)).astype(float))
        check = minimum_detectable(panel, **NAMES, family="poisson")
        assert check.facts["ratio"] == pytest.approx(np.exp(check.facts["per_iqr"]))
        assert "a ratio of" in check.text


def many(effects: dict[str, float], seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns = {
        name: effect * PANEL["x"] * AFTER + rng.normal(0, 0.3, len(PANEL))
        for name, effect in effects.items()
    }
    return PANEL.assign(**columns)


class TestMultipleOutcomes:
    def test_a_clear_effect_survives_and_a_chance_one_does_not(self):
        panel = many({f"n{k}": 0.0 for k in range(8)})
        rest = [f"n{k}" for k in range(8)]
        clear = multiple_outcomes(panel, outcomes=rest, permutations=499, **NAMES)
        assert "y" in clear.facts["kept"]
        weak = panel.assign(y=PANEL["y"] - 0.78 * PANEL["x"] * AFTER)
        check = multiple_outcomes(weak, outcomes=rest, permutations=499, **NAMES)
        assert check.table.loc["y", "p_value"] < 0.05 < check.table.loc["y", "p_adjusted"]
        assert check.status == "failed"
        assert "y" in check.facts["lost"]

    def test_no_effect_leaves_nothing_to_adjust(self):
        panel = many({"a": 0.0, "b": 0.0}, seed=3)
        names = {**NAMES, "outcome": "a"}
        found = multiple_outcomes(panel, outcomes=["b"], permutations=199, **names)
        assert found.status == "informational"

    @pytest.mark.parametrize("method", ["romano_wolf", "holm", "benjamini_hochberg"])
    def test_adjustments_are_those_of_joint_randomisation(self, method):
        panel = many({"a": 0.2, "b": 0.1})
        joint = joint_randomisation(
            panel, unit="unit", period="year", outcomes=["y", "a", "b"], exposure="x", since=6,
            permutations=299, seed=4,
        ).table  # fmt: skip
        found = multiple_outcomes(
            panel, outcomes=["a", "b"], method=method, permutations=299, seed=4, **NAMES
        )
        assert found.table["p_adjusted"].tolist() == joint[method].tolist()

    def test_counts_are_adjusted_by_false_discovery_rate_only(self):
        rng = np.random.default_rng(0)
        panel = PANEL.assign(
            y=rng.poisson(np.exp(2 + PANEL["x"] * AFTER)).astype(float),
            z=rng.poisson(9, len(PANEL)).astype(float),
        )
        counts = {**NAMES, "family": "poisson"}
        found = multiple_outcomes(panel, outcomes=["z"], method="benjamini_hochberg", **counts)
        alone = difference_in_differences(panel, **{**counts, "outcome": "z"})
        assert found.table.loc["z", "estimate"] == pytest.approx(alone.estimate)
        assert found.facts["kept"] == ["y"]
        with pytest.raises(DesignError, match="needs permutations"):
            multiple_outcomes(panel, outcomes=["z"], **counts)

    def test_one_outcome_is_not_several(self):
        with pytest.raises(DesignError, match="expected two or more"):
            multiple_outcomes(PANEL, outcomes=["y"], **NAMES)


@pytest.mark.slow
def test_false_positives_keep_to_alpha():
    """120 clean panels: 5 % fail, within three Monte Carlo errors."""
    failed = {"balance": 0, "dose": 0, "moran": 0}
    for seed in range(120):
        panel, names = example_panel(seed=seed)
        drawn = np.random.default_rng(seed).normal(size=(40, 5))[panel["unit"]]
        panel[list("abcde")] = drawn
        failed["balance"] += balance(panel, covariates=list("abcde"), **names).status == "failed"
        failed["dose"] += dose_response(panel, **names).status == "failed"
        panel, names, weights = on_a_ring(0.0, seed=seed)
        failed["moran"] += residual_moran(panel, spatial=weights, **names).status == "failed"
    assert all(0 < count <= 13 for count in failed.values()), failed
