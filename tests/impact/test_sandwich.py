"""Robust variances against pyfixest, against plain matrices, and against published ones."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.sandwich import (
    Fit,
    bias_reduced,
    clustered,
    effective_clusters,
    heteroskedastic,
    jackknife,
    left_out,
)
from valley_analysis.impact.within import Groups, Within


def panel(weighted: bool, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(u, t) for u in range(18) for t in range(7)], columns=["unit", "year"])
    frame["x"] = rng.normal(size=18)[frame["unit"]] * (frame["year"] >= 4)
    frame["y"] = rng.normal(size=len(frame)).cumsum() + 0.3 * frame["x"]
    frame["district"] = frame["unit"] % 5
    # pyfixest 0.60 forgets, for some orders of a set, that an effect is nested in itself: the
    # same clusters under another name are counted correctly in every process.
    frame["same"] = frame["unit"]
    frame["weight"] = rng.uniform(0.5, 3, len(frame)) if weighted else 1.0
    return frame.sample(frac=0.9, random_state=seed).sort_values(
        ["unit", "year"], ignore_index=True
    )


def fitted(frame: pd.DataFrame) -> Fit:
    within = Within.of(frame["unit"], frame["year"], frame["weight"])
    return Fit.of(within, frame["x"].to_numpy(), frame["y"].to_numpy())


@pytest.fixture(params=[False, True], ids=["unweighted", "weighted"])
def case(request):
    frame = panel(request.param)
    return frame, fitted(frame)


@pytest.mark.filterwarnings("ignore:The inplace keyword:pandas.errors.Pandas4Warning")
@pytest.mark.parametrize("by", ["hetero", "same", "district"])
def test_hc1_and_cr1_agree_with_pyfixest(case, by):
    pf = pytest.importorskip("pyfixest")
    frame, fit = case
    theirs = pf.feols(
        "y ~ x | unit + year",
        frame,
        vcov=by if by == "hetero" else {"CRV1": by},
        weights="weight",
        demeaner=pf.MapDemeaner(fixef_tol=1e-13),
    ).tidy()
    ours = heteroskedastic(fit) if by == "hetero" else clustered(fit, Groups.of(frame[by]))
    found = [fit.estimate, ours.se, ours.p_value, ours.low, ours.high]
    columns = ["Estimate", "Std. Error", "Pr(>|t|)", "2.5%", "97.5%"]
    assert found == pytest.approx(theirs.loc["x", columns].tolist(), rel=1e-7)


def plain(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Design with all dummies and the outcome, in the metric of the weights; x stands first."""
    named = pd.get_dummies(frame[["unit", "year"]].astype(str), dtype=float).to_numpy()
    root = np.sqrt(frame["weight"].to_numpy())
    return np.column_stack([frame["x"], named]) * root[:, None], frame["y"].to_numpy() * root


@pytest.mark.parametrize("by", ["unit", "district"])
def test_cr2_and_its_degrees_of_freedom_are_those_of_the_whole_hat_matrix(case, by):
    """Bell and McCaffrey's formula, written out with n x n matrices and all dummies."""
    frame, fit = case
    design, y = plain(frame)
    inverse = np.linalg.pinv(design.T @ design, rcond=1e-12)
    maker = np.eye(len(y)) - design @ inverse @ design.T
    pieces = []
    for cluster in frame[by].unique():
        rows = np.flatnonzero(frame[by] == cluster)
        values, vectors = np.linalg.eigh(maker[np.ix_(rows, rows)])
        half = np.where(values > 1e-9, np.abs(values) ** -0.5, 0)
        adjusted = vectors * half @ vectors.T
        pieces.append(maker[:, rows] @ adjusted @ design[rows] @ inverse[:, 0])
    forms = np.column_stack(pieces)
    gram = forms.T @ forms
    df = np.trace(gram) ** 2 / np.sum(gram**2)
    se = np.sqrt(np.sum((y @ forms) ** 2))
    found = bias_reduced(fit, Groups.of(frame[by]))
    assert (found.se, found.df) == pytest.approx((se, df), rel=1e-8)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(fit.estimate) / se, df))


@pytest.mark.parametrize("by", ["unit", "district"])
def test_cr3_is_the_jackknife(case, by):
    frame, fit = case
    groups = Groups.of(frame[by])
    without = [
        fitted(frame[frame[by] != cluster].reset_index(drop=True)).estimate
        for cluster in sorted(frame[by].unique())
    ]
    assert left_out(fit, groups) == pytest.approx(np.array(without), rel=1e-8)
    share = (groups.count - 1) / groups.count
    expected = np.sqrt(share * np.sum((np.array(without) - fit.estimate) ** 2))
    assert jackknife(fit, groups).se == pytest.approx(expected, rel=1e-8)


def test_cr2_is_unbiased_where_errors_are_alike():
    """The law that it is made for: its mean over errors of equal variance is the variance."""
    frame = panel(False)
    rng = np.random.default_rng(0)
    fit = fitted(frame)
    drawn = [
        Fit(fit.within, fit.x, fit.within.residuals(rng.normal(size=len(frame))))
        for _ in range(2000)
    ]
    variances = np.array([bias_reduced(one, fit.within.units).se ** 2 for one in drawn[:600]])
    error = variances.std() / np.sqrt(len(variances)) * fit.spread
    assert variances.mean() * fit.spread == pytest.approx(1, abs=4 * error)
    plain_variances = np.array([clustered(one, fit.within.units).se ** 2 for one in drawn])
    assert plain_variances.mean() * fit.spread < 0.9


def test_one_cluster_that_alone_identifies_the_coefficient_leaves_no_jackknife():
    frame = panel(False)
    frame["x"] = ((frame["unit"] == 3) & (frame["year"] >= 4)).astype(float)
    found = jackknife(fitted(frame), Groups.of(frame["unit"]))
    assert np.isnan(found.se)
    assert "not identified without one of 1 clusters" in found.note


@pytest.mark.parametrize("case_id", ["wls_c1", "ols_c1"])
def test_castle_doctrine_weighted_and_unweighted_as_published(shared, case_id):
    """Cheng and Hoekstra (2013): homicide, states and years, errors clustered by state."""
    folder = shared / "reference" / "castle_doctrine"
    checks = json.loads((folder / "expected.json").read_text("utf-8"))["checks"]
    expected = {check["id"]: (check["value"], check["tol"]) for check in checks}
    frame = pd.read_csv(folder / "data.csv").sort_values(["state", "year"], ignore_index=True)
    weights = frame["popwt"] if case_id.startswith("wls") else None
    within = Within.of(frame["state"], frame["year"], weights)
    fit = Fit.of(within, frame["cdl"].to_numpy(), frame["l_homicide"].to_numpy())
    value, tolerance = expected[case_id]
    assert fit.estimate == pytest.approx(value, abs=tolerance)
    value, tolerance = expected[f"{case_id}_se"]
    assert clustered(fit, within.units).se == pytest.approx(value, abs=tolerance)


def test_equal_clusters_are_all_effective_and_uneven_ones_are_not():
    frame = pd.DataFrame([(u, t) for u in range(8) for t in range(4)], columns=["unit", "year"])
    within = Within.of(frame["unit"], frame["year"])
    even = Fit(within, np.tile([1.0, -1, 1, -1], 8), np.zeros(32))
    assert effective_clusters(even, within.units) == pytest.approx(8)
    one = np.zeros(32)
    one[:4] = [1, -1, 1, -1]
    assert effective_clusters(Fit(within, one, np.zeros(32)), within.units) == pytest.approx(1)


def test_a_regressor_without_variation_is_refused():
    frame = panel(False)
    within = Within.of(frame["unit"], frame["year"])
    with pytest.raises(DesignError, match="leave nothing of it"):
        Fit.of(within, frame["unit"].to_numpy(float), frame["y"].to_numpy())
