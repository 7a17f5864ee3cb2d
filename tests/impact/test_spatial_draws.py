"""Placebo values keep what they should, and their test holds where permutation does not."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.impact.exposure_model import ExposureModel
from valley_analysis.impact.permutations import unit_orders
from valley_analysis.impact.spatial_draws import alike_draws, spatially_alike
from valley_analysis.spatial import SpatialWeights

SIDE = 7
UNITS = SIDE**2


def grid() -> np.ndarray:
    """A chess board of units, each beside those it shares an edge with."""
    place = np.array([divmod(unit, SIDE) for unit in range(UNITS)])
    return (np.abs(place[:, None] - place).sum(axis=2) == 1).astype(float)


def smooth(rng: np.random.Generator, rho: float = 0.9) -> np.ndarray:
    matrix = grid()
    matrix /= matrix.sum(axis=1, keepdims=True)
    return np.linalg.solve(np.eye(UNITS) - rho * matrix, rng.normal(size=UNITS))


def moran(x: np.ndarray) -> float:
    near, apart = grid(), x - x.mean()
    return float(len(x) / near.sum() * (apart @ near @ apart) / (apart @ apart))


def test_draws_keep_the_values_and_how_alike_neighbours_are() -> None:
    x = smooth(np.random.default_rng(3))
    drawn = spatially_alike(x, grid(), 200, seed=1)
    assert np.array_equal(np.sort(drawn, axis=1), np.tile(np.sort(x), (200, 1)))
    assert np.mean([moran(one) for one in drawn]) == pytest.approx(moran(x), abs=0.08)
    assert moran(x) > 0.4
    assert abs(np.mean([np.corrcoef(x, one)[0, 1] for one in drawn])) < 0.1
    shuffled = x[unit_orders(np.zeros(UNITS), 200, 1, every=False)[0]]
    assert np.mean([moran(one) for one in shuffled]) < 0.05


def test_what_is_explained_stays_in_every_draw() -> None:
    rng = np.random.default_rng(4)
    size = rng.normal(size=UNITS)
    x = 2 * size + smooth(rng)
    drawn = spatially_alike(x, grid(), 200, seed=1, base=2 * size)
    real = np.corrcoef(x, size)[0, 1]
    assert np.mean([np.corrcoef(one, size)[0, 1] for one in drawn]) == pytest.approx(real, abs=0.1)


@pytest.mark.slow
def test_it_holds_its_level_where_outcomes_and_exposures_are_both_smooth() -> None:
    """Permutation takes two smooth maps for an effect; draws that are as smooth do not."""
    rng = np.random.default_rng(5)
    weights = SpatialWeights.of(range(UNITS), grid(), "edges")
    orders, _ = unit_orders(np.zeros(UNITS), 99, 2, every=False)
    p_values = []
    for _ in range(120):
        x, change = smooth(rng), smooth(rng)
        rows = pd.DataFrame({"u": np.repeat(range(UNITS), 2), "t": [0, 1] * UNITS})
        rows["x"], rows["y"] = x[rows["u"]], change[rows["u"]] * rows["t"]
        names = {"unit": "u", "period": "t", "outcome": "y", "exposure": "x"}
        model = ExposureModel.of(rows, **names, since=1)
        permuted = model.draws(model.unexplained[orders])
        p_values.append((permuted.p_value(), alike_draws(model, weights, 99, seed=2).p_value()))
    often, alike = (np.array(p_values) <= 0.05).mean(axis=0)
    assert often > 0.15
    assert alike < 0.11
