"""Bounds under violations of parallel trends, against the authors' own package.

HonestDiD for R is the implementation of Rambachan and Roth (2023). Its output comes from a grid
of effects and a simulated critical value, so that its ends are exact to a grid step.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from valley_analysis.errors import DesignError
from valley_analysis.impact import relative_magnitudes as magnitudes
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.honest import honest_did
from valley_analysis.impact.pretrend import Path, event_path
from valley_analysis.impact.results import EffectResult, estimates
from valley_analysis.impact.smoothness import Bends


def symmetric(rows: list[list[float]]) -> np.ndarray:
    lower = np.zeros((len(rows), len(rows)))
    for place, row in enumerate(rows):
        lower[place, : len(row)] = row
    return (lower + np.tril(lower, -1).T) * 1e-5


def published(estimate: list[float], covariance: np.ndarray, time: list[float]) -> EffectResult:
    names = [f"t{k:g}" for k in time]
    se = pd.Series(np.sqrt(np.diag(covariance)), names)
    table = estimates(pd.Series(estimate, names), se)
    table["event_time"] = time
    table.loc["ref"] = [0.0, *[np.nan] * 4, -1.0]
    v = pd.DataFrame(covariance, names, names)
    return EffectResult("published", "y", table, "", "", "", covariance=v)


# Medicaid expansion, the example of the README of HonestDiD: event study of insurance coverage,
# 43 states, 2008-2015, reference 2013, clustered by state, computed from the data it loads.
MEDICAID = published(
    [-0.00528535, -0.0112973, -0.00267599, -0.00141931, 0.000339664, 0.0464469, 0.0692062],
    symmetric(
        [
            [7.48848],
            [6.03987, 7.2665],
            [4.44462, 3.78933, 5.05205],
            [3.38576, 2.86658, 2.67368, 4.00322],
            [4.32801, 4.54332, 2.77819, 2.41286, 5.46266],
            [4.76588, 4.42885, 3.06064, 2.38087, 3.68253, 8.37567],
            [2.42513, 2.82466, 0.963753, 0.292388, 0.972295, 6.3214, 10.7124],
        ]
    ),
    [-6, -5, -4, -3, -2, 0, 1],
)

# Benzarti and Carloni (2019), profits of restaurants after a cut of value added tax: data set
# BCdata_EventStudy of HonestDiD.
RESTAURANTS = published(
    [0.00669635, 0.029345, -0.00647297, 0.073015, 0.195961, 0.312064, 0.239542, 0.126043],
    symmetric(
        [
            [84.2836],
            [47.6869, 64.2542],
            [26.1805, 39.8743, 52.2995],
            [23.5422, 24.3552, 21.1769, 30.896],
            [16.7637, 22.0196, 18.4072, 11.9787, 35.997],
            [11.2871, 18.0459, 14.5853, 13.3408, 24.7882, 42.6395],
            [1.99282, 3.84377, 7.0052, 10.1634, 17.4958, 21.7144, 48.867],
            [-13.6827, -2.96042, 5.95299, 10.7905, 16.5426, 28.9275, 38.0532, 76.1739],
        ]
    ),
    [-5, -4, -3, -2, 0, 1, 2, 3],
)


@pytest.mark.parametrize(
    ("m", "low", "high"),
    [(0.5, 0.0240, 0.0672), (1, 0.0170, 0.0720), (1.5, 0.00824, 0.0797), (2, -0.000916, 0.0881)],
)
def test_medicaid_relative_magnitudes_as_in_the_readme(m: float, low: float, high: float) -> None:
    step = 40 * np.sqrt(8.37567e-5) / 999
    found = honest_did(MEDICAID, grid=[m], target="t0").table.iloc[0]
    assert found["low"] == pytest.approx(low, abs=step)
    assert found["high"] == pytest.approx(high, abs=step)


@pytest.mark.parametrize(
    ("m", "low", "high"),
    [
        (0.0, 0.0259, 0.0607),
        (0.01, 0.0132, 0.0787),
        (0.02, 0.00286, 0.0907),
        (0.03, -0.00714, 0.101),
        (0.04, -0.0171, 0.111),
        (0.05, -0.0271, 0.121),
    ],
)
def test_medicaid_smoothness_as_in_the_readme(m: float, low: float, high: float) -> None:
    found = honest_did(MEDICAID, kind="smoothness", grid=[m], target="t0").table.iloc[0]
    assert found["low"] == pytest.approx(low, abs=1.2e-4)
    assert found["high"] == pytest.approx(high, abs=3e-4)


def test_medicaid_breakdown_values_as_in_the_readme() -> None:
    assert honest_did(MEDICAID, target="t0").breakdown == pytest.approx(2, abs=0.1)
    assert 0.02 < honest_did(MEDICAID, kind="smoothness", target="t0").breakdown < 0.03


@pytest.mark.parametrize(("m", "low", "high"), [(0.5, 0.06775, 0.36919), (1, -0.06969, 0.50663)])
def test_restaurants_mean_effect_as_in_r(m: float, low: float, high: float) -> None:
    """HonestDiD 0.2.8, C-LF, mean of four periods, 10,000 grid points over 80 errors."""
    found = honest_did(RESTAURANTS, grid=[m]).table.iloc[0]
    assert found["low"] == pytest.approx(low, abs=5e-4)
    assert found["high"] == pytest.approx(high, abs=5e-4)


@pytest.mark.parametrize(
    ("target", "m", "low", "high"),
    [
        ("t0", 0.0, 0.13141, 0.21617),
        ("t0", 0.01, 0.15497, 0.27038),
        ("t0", 0.02, 0.17730, 0.31596),
        (None, 0.0, 0.13319, 0.23036),
        (None, 0.01, 0.12414, 0.36804),
        (None, 0.02, 0.11390, 0.47674),
    ],
)
def test_restaurants_smoothness_as_in_r(
    target: str | None, m: float, low: float, high: float
) -> None:
    """HonestDiD 0.2.8, FLCI, whose quantile of the folded normal is simulated."""
    found = honest_did(RESTAURANTS, kind="smoothness", grid=[m], target=target).table.iloc[0]
    assert found["low"] == pytest.approx(low, abs=1e-3)
    assert found["high"] == pytest.approx(high, abs=1e-3)
    assert found["high"] - found["low"] <= (high - low) * 1.002


def moments(found: magnitudes.Steps, m: float, place: int, sign: int, effect: float) -> tuple:
    """The paper's moments Y - X tau <= sigma eta, for a linear programme."""
    step = sign * found.before[place]
    rows = np.vstack([found.after - m * step, -found.after - m * step])
    n_after = len(found.weights)
    post = rows[:, -n_after:]
    inner = found.after[:, -n_after:]
    target = inner.T @ found.weights
    basis = np.vstack([target, np.eye(n_after)[1:]])
    turned = post @ np.linalg.inv(basis)
    y = rows @ found.estimate - turned[:, 0] * effect
    return y, turned[:, 1:], np.sqrt(np.diag(rows @ found.covariance @ rows.T))


@pytest.mark.parametrize("seed", range(6))
def test_closed_form_of_the_statistic_equals_the_linear_programme(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(7, 7))
    path = Path(
        tuple("abcdefg"),
        np.array([-4.0, -3, -2, 0, 1, 2, 3]),
        -1.0,
        rng.normal(size=7),
        root @ root.T + 0.1 * np.eye(7),
    )
    found = magnitudes.steps(path, rng.uniform(0.1, 1, size=4))
    for m, place, sign, effect in [(0.5, 0, 1, 0.3), (1.0, 2, -1, -2.0), (2.0, 1, 1, 4.0)]:
        y, x, sigma = moments(found, m, place, sign, effect)
        solved = optimize.linprog(
            np.r_[1.0, np.zeros(x.shape[1])],
            A_ub=-np.column_stack([sigma, x]),
            b_ub=-y,
            bounds=[(None, None)] * (1 + x.shape[1]),
        )
        made = magnitudes._moments(found, m, 0.05, place, sign)
        values = made.vertices @ np.array([made.centre - effect, made.step])
        assert values.max() == pytest.approx(solved.fun, rel=1e-7)


def test_least_favourable_quantile_is_what_simulation_finds() -> None:
    vertices = np.array([[1.0, -0.7], [-0.8, -0.5], [0.0, -0.4], [0.0, -0.2]])
    spread = np.array([[1.0, 0.4], [0.4, 2.0]])
    bound = magnitudes.least_favourable(vertices, spread, 0.05)
    drawn = np.random.default_rng(0).multivariate_normal([0, 0], spread, 200_000)
    assert ((drawn @ vertices.T).max(axis=1) > bound).mean() == pytest.approx(0.05, abs=0.002)


@pytest.mark.parametrize("m", [0.0, 1.0])
def test_relative_magnitudes_cover_the_worst_violation_they_allow(m: float) -> None:
    """Largest step 0.3 before; after, every step is m times it, all in one direction."""
    path = event_path(RESTAURANTS)
    covariance = path.covariance * 100
    step = 0.3
    violation = np.array([0.0, 0.0, 0.0, -step, m * step, 2 * m * step, 3 * m * step, 4 * m * step])
    weights = np.full(4, 0.25)
    truth = 0.7
    mean = violation + np.r_[np.zeros(4), np.full(4, truth)]
    drawn = np.random.default_rng(2).multivariate_normal(mean, covariance, 250)
    covered = []
    for estimate in drawn:
        found = magnitudes.steps(
            Path(path.terms, path.time, path.reference, estimate, covariance), weights
        )
        covered.append(magnitudes.HonestTest(found, m, 0.05).accepts(np.array([truth]))[0])
    assert np.mean(covered) >= 0.92
    assert m > 0 or np.mean(covered) <= 0.98


@pytest.mark.parametrize("bend", [-0.05, 0.05])
def test_smoothness_covers_a_path_that_bends_as_much_as_allowed(bend: float) -> None:
    path = event_path(RESTAURANTS)
    weights, truth = np.full(4, 0.25), 0.4
    curve = 0.02 * (path.time + 1) + bend * (path.time + 1) ** 2 / 2
    mean = curve + np.r_[np.zeros(4), np.full(4, truth)]
    drawn = np.random.default_rng(3).multivariate_normal(mean, path.covariance, 400)
    covered = []
    bends = Bends(path, weights)
    low, high = bends.interval(abs(bend), 0.05)
    best = bends._best(abs(bend), 0.05)
    centres = drawn @ bends.rows.T @ best
    covered = np.abs(centres - truth) <= (high - low) / 2
    assert covered.mean() >= 0.93


def panel(slope: float = 0.0, effect: float = 1.0, units: int = 40, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(u, t) for u in range(units) for t in range(9)], columns=["u", "t"])
    frame["x"] = (frame["u"] + 1) / units
    trend = slope * frame["t"] + effect * (frame["t"] >= 6)
    return frame.assign(y=frame["x"] * trend + rng.normal(0, 0.2, len(frame)))


DESIGN = {"unit": "u", "period": "t", "outcome": "y", "exposure": "x", "reference": 5}


def test_without_violations_the_interval_is_the_usual_one() -> None:
    result = event_study(panel(), **DESIGN)
    row = honest_did(result, grid=[0]).table.iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(result.interval, abs=1e-3 * result.se)


def test_a_sudden_effect_survives_and_a_trend_does_not() -> None:
    sudden = event_study(panel(effect=2.0), **DESIGN)
    drifting = event_study(panel(slope=0.5, effect=0.0), **DESIGN)
    assert sudden.distinguishable
    assert drifting.distinguishable
    assert honest_did(sudden).breakdown > 1
    assert honest_did(drifting).breakdown < 1
    assert honest_did(sudden, kind="smoothness").breakdown > 0.05
    assert honest_did(drifting, kind="smoothness").breakdown == 0
    assert "already with exactly straight trends" in honest_did(drifting, kind="smoothness").text


@pytest.mark.parametrize("kind", ["relative_magnitudes", "smoothness"])
def test_larger_violations_give_wider_intervals_and_breakdown_is_where_zero_enters(
    kind: str,
) -> None:
    result = event_study(panel(), **DESIGN)
    found = honest_did(result, kind=kind)
    assert (np.diff(found.table["high"] - found.table["low"]) > 0).all()
    at = [0.97 * found.breakdown, 1.03 * found.breakdown]
    inside, outside = honest_did(result, kind=kind, grid=at).table.to_dict("records")
    assert inside["low"] > 0 >= outside["low"]


@pytest.mark.parametrize("kind", ["relative_magnitudes", "smoothness"])
def test_the_unit_of_the_outcome_scales_the_bounds(kind: str) -> None:
    frame = panel()
    one = honest_did(event_study(frame, **DESIGN), kind=kind)
    two = honest_did(event_study(frame.assign(y=10 * frame["y"]), **DESIGN), kind=kind)
    np.testing.assert_allclose(
        10 * one.table[["low", "high"]], two.table[["low", "high"]], rtol=1e-3, atol=1e-3
    )
    scale = 10 if kind == "smoothness" else 1
    assert two.breakdown == pytest.approx(scale * one.breakdown, rel=5e-3)


@pytest.mark.parametrize("kind", ["relative_magnitudes", "smoothness"])
def test_the_choice_of_the_reference_does_not_matter_for_the_first_step(kind: str) -> None:
    """Violations are steps between neighbours; which period is set to zero only shifts levels."""
    frame = panel(effect=0.5)
    last = honest_did(
        event_study(frame, **DESIGN), kind=kind, grid=[0.5 if kind[0] == "r" else 0.05]
    )
    earlier = event_study(frame, **{**DESIGN, "reference": 3}, since=6)
    moved = honest_did(earlier, kind=kind, grid=last.table["m"].tolist())
    steps = magnitudes.steps(event_path(earlier), np.full(3, 1 / 3))
    shift = float(steps.weights @ steps.after @ steps.estimate)
    assert shift == pytest.approx(last.estimate)
    np.testing.assert_allclose(moved.table[["low", "high"]], last.table[["low", "high"]], atol=1e-4)


def test_group_time_effects_can_be_bounded() -> None:
    frame = panel(units=60, effect=0)
    frame["since"] = np.where(frame["u"] < 30, 6.0, np.nan)
    frame["y"] += 1.0 * (frame["t"] >= frame["since"])
    design = {"unit": "u", "period": "t", "outcome": "y", "cohort": "since"}
    found = honest_did(group_time_att(frame, **design, base="universal"))
    assert found.estimate == pytest.approx(1, abs=0.2)
    assert found.breakdown > 1


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        (panel(), {"grid": [-1]}, "expected bounds from zero on"),
        (panel(), {"target": "2"}, "no row '2' after the event; found 6, 7, 8"),
        (panel(), {"kind": "smooth"}, "kind 'smooth'; expected relative_magnitudes or smoothness"),
        (panel().query("t >= 5"), {}, "no estimate before the event"),
        (panel().query("t != 3"), {}, "gaps end at event times -2"),
    ],
)
def test_what_cannot_be_bounded_is_refused(
    frame: pd.DataFrame, options: dict[str, object], said: str
) -> None:
    with pytest.raises(DesignError, match=said):
        honest_did(event_study(frame, **DESIGN), **options)


def test_every_other_year_is_evenly_spaced() -> None:
    frame = panel().assign(t=lambda f: 2 * f["t"])
    one = honest_did(event_study(panel(), **DESIGN), grid=[1]).table
    two = honest_did(event_study(frame, **{**DESIGN, "reference": 10}), grid=[1]).table
    np.testing.assert_allclose(one, two)


def test_bounds_say_with_which_quantiles():
    """Normal quantiles are the published ones; t quantiles of few clusters are wider."""
    few = panel(units=8)
    result = event_study(few, unit="u", period="t", outcome="y", exposure="x", reference=4)
    by_t, by_normal = (honest_did(result, grid=[0.0], quantiles=kind) for kind in ("t", "normal"))
    assert by_t.inference.endswith("degrees of freedom")
    assert by_normal.inference.endswith("normal quantiles")
    wide, narrow = ((one.table["high"] - one.table["low"])[0] for one in (by_t, by_normal))
    assert wide > narrow
    with pytest.raises(DesignError, match="'z'; expected 't' or 'normal'"):
        honest_did(result, quantiles="z")
