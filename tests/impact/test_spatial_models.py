"""Spatial lag, spatial error and their tests: published figures, simulation, hand-made changes."""

import json

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.spatial_checks import moran, residual_check
from valley_analysis.impact.spatial_examples import ring
from valley_analysis.impact.spatial_models import lm_diagnostics, spatial_error, spatial_lag
from valley_analysis.spatial import SpatialWeights, from_pairs


@pytest.fixture(scope="module")
def columbus(shared):
    folder = shared / "reference" / "columbus_spatial"
    data = pd.read_csv(folder / "data.csv")
    weights = from_pairs(pd.read_csv(folder / "neighbors_queen.csv"), units=data["POLYID"])
    choice = {"unit": "POLYID", "outcome": "CRIME", "regressors": ["INC", "HOVAL"]}
    return data, {**choice, "weights": weights}


def reproduced(data: pd.DataFrame, choice: dict) -> dict[str, float]:
    """Every figure of the published case, under its name there."""
    lag, error = spatial_lag(data, **choice), spatial_error(data, **choice)
    gmm = spatial_lag(data, **choice, method="gmm")
    tested = lm_diagnostics(data, **choice)
    tests = tested.frames["tests"]["statistic"]
    residual = tested.diagnostics[0].facts
    one = {"unit": "POLYID", "value": "CRIME", "weights": choice["weights"], "seed": 1}
    whole = moran(data, **one).facts
    names = {"const": "constant", "inc": "INC", "hoval": "HOVAL"}
    found = {
        "resid_moran": residual["statistic"],
        "resid_moran_z": residual["z"],
        "lm_err": tests["lm_error"],
        "lm_lag": tests["lm_lag"],
        "rlm_err": tests["robust_lm_error"],
        "rlm_lag": tests["robust_lm_lag"],
        "sarma": tests["sarma"],
        "lag_rho": lag.table.loc["rho", "estimate"],
        "lag_rho_se": lag.table.loc["rho", "se"],
        "lag_inc_se": lag.table.loc["INC", "se"],
        "lag_ll": lag.frames["fit"].loc[0, "log_likelihood"],
        "err_lambda": error.table.loc["lambda", "estimate"],
        "err_lambda_se": error.table.loc["lambda", "se"],
        "err_ll": error.frames["fit"].loc[0, "log_likelihood"],
        "s2sls_rho": gmm.table.loc["rho", "estimate"],
        "s2sls_inc": gmm.table.loc["INC", "estimate"],
        "moran_I": whole["statistic"],
        "moran_EI": whole["expected"],
        "moran_p_sim": whole["p_value"],
    }
    for short, term in names.items():
        found[f"lag_{short}"] = lag.table.loc[term, "estimate"]
        found[f"err_{short}"] = error.table.loc[term, "estimate"]
        found[f"ols_{short}"] = tested.table.loc[term, "estimate"]
    return found


def test_columbus_as_published_by_spdep_and_spatialreg(columbus, shared):
    file = shared / "reference" / "columbus_spatial" / "expected.json"
    checks = json.loads(file.read_text("utf-8"))["checks"]
    found = reproduced(*columbus)
    published = {check["id"]: check for check in checks}
    # The mean of local values is a check of spatial/, in tests/spatial/test_moran.py.
    assert published.keys() - found.keys() == {"local_mean"}
    wrong = {
        name: (found[name], check["value"])
        for name, check in published.items()
        if name in found and abs(found[name] - check["value"]) > check["tol"]
    }
    assert not wrong


def test_the_tests_point_to_a_lag_in_columbus(columbus):
    data, choice = columbus
    found = lm_diagnostics(data, **choice)
    statuses = {check.name: check.status for check in found.diagnostics}
    assert statuses == {
        "residual_moran": "failed",
        "lm_error": "failed",
        "lm_lag": "failed",
        "robust_lm_error": "passed",
        "robust_lm_lag": "passed",
        "sarma": "failed",
    }
    assert found.notes[-1] == "Both tests find dependence; the robust forms point to a spatial lag."


@pytest.mark.parametrize("method", ["ml", "gmm"])
def test_effects_are_those_of_moving_each_unit_by_hand(columbus, method):
    """Direct: on the unit that moves, averaged over all. Total: on everyone, of everyone moving."""
    data, choice = columbus
    fit = spatial_lag(data, **choice, method=method)
    rho, beta = fit.table.loc[["rho", "INC"], "estimate"]
    matrix = choice["weights"].matrix.toarray()
    n = len(matrix)

    def outcome(x: np.ndarray) -> np.ndarray:
        return np.linalg.solve(np.eye(n) - rho * matrix, beta * x)

    own = np.mean([outcome(np.eye(n)[i])[i] for i in range(n)])
    everyone = outcome(np.ones(n)).mean()
    effects = fit.table.loc[["INC: direct", "INC: indirect", "INC: total"], "estimate"]
    assert effects.tolist() == pytest.approx([own, everyone - own, everyone])


def test_their_errors_are_those_of_drawing_parameters(columbus):
    data, choice = columbus
    fit = spatial_lag(data, **choice)
    assert fit.covariance is not None
    terms = ["constant", "INC", "HOVAL", "rho"]
    rng = np.random.default_rng(1)
    drawn = rng.multivariate_normal(fit.table.loc[terms, "estimate"], fit.covariance, size=4000)
    matrix = choice["weights"].matrix.toarray()
    values = np.linalg.eigvals(matrix)
    direct = [d[1] * np.mean(1 / (1 - d[3] * values)).real for d in drawn]
    total = drawn[:, 1] / (1 - drawn[:, 3])
    assert fit.table.loc["INC: direct", "se"] == pytest.approx(np.std(direct), rel=0.06)
    # The total is skewed, so its spread is compared by quantiles.
    middle = np.subtract(*np.quantile(total, [0.75, 0.25])) / 1.349
    assert fit.table.loc["INC: total", "se"] == pytest.approx(middle, rel=0.06)


@pytest.mark.parametrize("method", ["ml", "gmm"])
def test_a_lag_that_was_put_in_is_found(method):
    found = []
    for seed in range(40):
        frame, weights = ring(80, rho=0.6, beta=1.0, seed=seed)
        choice = {"unit": "unit", "outcome": "y", "regressors": "x", "weights": weights}
        fit = spatial_lag(frame, **choice, method=method)
        low, high = fit.table.loc["rho", ["low", "high"]]
        inside = fit.interval[0] <= 1 / (1 - 0.6) <= fit.interval[1]
        found.append((fit.table.loc["rho", "estimate"], fit.estimate, low <= 0.6 <= high, inside))
    rho, total, covered, inside = np.mean(found, axis=0)
    assert rho == pytest.approx(0.6, abs=0.02)
    assert total == pytest.approx(2.5, abs=0.1)
    assert covered >= 0.85
    assert inside >= 0.85


def test_correlated_errors_that_were_put_in_are_found_and_not_taken_for_a_lag():
    rng = np.random.default_rng([7, 7])
    pointed, lambdas = 0, []
    for seed in range(20):
        frame, weights = ring(100, rho=0.0, beta=1.0, seed=seed)
        error = np.linalg.solve(np.eye(100) - 0.7 * weights.matrix.toarray(), rng.normal(size=100))
        frame["y"] = frame["x"] + error
        choice = {"unit": "unit", "outcome": "y", "regressors": "x", "weights": weights}
        pointed += "correlated errors" in lm_diagnostics(frame, **choice).notes[-1]
        both = [spatial_error(frame, **choice, method=m) for m in ("ml", "gmm")]
        lambdas.append([fit.table.loc["lambda", "estimate"] for fit in both])
        assert both[0].estimate == pytest.approx(both[1].estimate, abs=0.1)
    assert pointed >= 15
    assert np.mean(lambdas, axis=0) == pytest.approx([0.7, 0.7], abs=0.06)


def test_without_dependence_least_squares_stands():
    stands = 0
    for seed in range(40):
        frame, weights = ring(80, rho=0.0, beta=1.0, seed=seed)
        found = lm_diagnostics(frame, unit="unit", outcome="y", regressors="x", weights=weights)
        stands += "least squares stands" in found.notes[-1]
    assert stands >= 32


def test_islands_and_gaps_are_left_out_and_named():
    frame, weights = ring(30, rho=0.5, beta=1.0, seed=1)
    wide = SpatialWeights.of(
        [*weights.units, "isle"], np.pad(weights.matrix.toarray(), ((0, 1), (0, 1))), "a ring"
    )
    more = pd.concat([frame, pd.DataFrame({"unit": ["isle"], "x": 9.0, "y": -9.0})])
    choice = {"unit": "unit", "outcome": "y", "regressors": ["x"]}
    one, other = (
        spatial_lag(frame, **choice, weights=weights),
        spatial_lag(more, **choice, weights=wide),
    )
    pd.testing.assert_frame_equal(one.table, other.table)
    assert "Without a neighbour, left out: isle." in other.notes
    gaps = frame.assign(y=frame["y"].mask(frame["unit"] == "u3"))
    found = spatial_lag(gaps, **choice, weights=weights)
    assert found.n_obs == 29
    assert "1 of 30 units have no value and are left out." in found.notes
    assert gaps.loc[3, "unit"] == "u3"


def test_order_of_rows_and_names_of_units_play_no_part():
    frame, weights = ring(30, rho=0.5, beta=1.0, seed=1)
    numbers = frame.assign(unit=range(100, 130)).sample(frac=1, random_state=1)
    other = SpatialWeights.of(range(100, 130), weights.matrix)
    choice = {"unit": "unit", "outcome": "y", "regressors": ["x"]}
    one, two = (
        spatial_lag(f, **choice, weights=w) for f, w in ((frame, weights), (numbers, other))
    )
    pd.testing.assert_frame_equal(one.table, two.table, rtol=1e-4)


def test_nothing_is_printed(columbus, capsys):
    data, choice = columbus
    reproduced(data, choice)
    assert capsys.readouterr() == ("", "")


def test_moran_of_a_column_is_a_fact_not_a_fault():
    frame, weights = ring(60, rho=0.8, beta=0.0, seed=1)
    alike = moran(frame, unit="unit", value="y", weights=weights, permutations=999, seed=1)
    assert alike.status == "informational"
    assert "neighbours are alike" in alike.text
    noise = moran(frame, unit="unit", value="x", weights=weights, permutations=999, seed=1)
    assert "no dependence between neighbours found" in noise.text
    assert list(noise.table.index) == ["normality", "randomisation", "permutation"]


def test_all_problems_are_named_at_once():
    frame, weights = ring(30, rho=0.5, beta=1.0, seed=1)
    bad = frame.assign(same=1.0, twice=2 * frame["x"], words="a")
    bad.loc[0, "unit"], bad.loc[1, "unit"] = "u2", "zz"
    choice = {"unit": "unit", "outcome": "y", "weights": weights}
    with pytest.raises(DesignError) as raised:
        spatial_lag(bad, regressors=["x", "words"], **choice)
    assert raised.value.problems == (
        "unit 'u2': stands more than once",
        "unit 'zz': not in the spatial weights",
        "column 'words': str; expected numbers, unit 'u2' holds 'a'",
    )
    fine = bad.assign(unit=frame["unit"])
    with pytest.raises(DesignError) as raised:
        spatial_error(fine, regressors=["x", "same", "twice"], **choice)
    assert raised.value.problems == (
        "column 'same': the same for every unit",
        "column 'twice': collinear with 'x'",
    )
    with pytest.raises(DesignError, match="no column 'z'; found unit, x, y"):
        lm_diagnostics(frame, regressors="z", **choice)
    with pytest.raises(DesignError, match="'mle'; expected 'ml' or 'gmm'"):
        spatial_lag(frame, regressors="x", method="mle", **choice)
    with pytest.raises(DesignError, match="'rho': the name of a term"):
        spatial_lag(frame.rename(columns={"x": "rho"}), regressors="rho", **choice)
    with pytest.raises(DesignError, match="stands on both sides"):
        spatial_lag(frame, regressors=["y"], **choice)
    with pytest.raises(DesignError, match="3 units"):
        spatial_lag(frame[:3], regressors=["x"], **choice)


def test_residuals_of_other_units_are_refused():
    frame, weights = ring(10, rho=0.5, beta=1.0, seed=1)
    whole = frame.set_index("unit")
    with pytest.raises(DesignError, match="'u9': no regressors"):
        residual_check(whole["y"], whole[["x"]][:9], weights)
    with pytest.raises(DesignError, match="between 0 and 1"):
        residual_check(whole["y"], whole[["x"]], weights, alpha=5)
