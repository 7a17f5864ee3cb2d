"""Values, points and pairs of any kind: what the plain ones give, or a refusal of ours."""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.spatial import (
    SpatialWeights,
    distance_band,
    from_pairs,
    great_circle_km,
    knn,
    local_moran,
    moran,
    residual_moran,
)

UNITS = [f"u{number}" for number in range(12)]
RNG = np.random.default_rng(0)
POINTS = pd.DataFrame({"lon": 30 + 40 * RNG.random(12), "lat": 50 + 10 * RNG.random(12)}, UNITS)
WEIGHTS = knn(POINTS, 3)
VALUES = pd.Series(RNG.normal(size=12), UNITS, name="y")
BESIDE = pd.DataFrame({"x": RNG.normal(size=12)}, UNITS)
DRAWS = {"permutations": 99, "seed": 1}

STATISTICS: dict[str, Callable[[pd.Series], object]] = {
    "moran": lambda values: moran(values, WEIGHTS, **DRAWS),
    "local_moran": lambda values: local_moran(values, WEIGHTS, **DRAWS),
    "residual_moran": lambda values: residual_moran(values, BESIDE, WEIGHTS),
    "lag": WEIGHTS.lag,
}
ODD: dict[str, Callable[[pd.Series], object]] = {
    "nothing": lambda v: v.where(v.index != "u3"),
    "nullable, with a gap": lambda v: v.where(v.index != "u3").convert_dtypes(),
    "infinite": lambda v: v.where(v.index != "u3", np.inf),
    "constant": lambda v: v * 0 + 5,
    "one huge": lambda v: v.where(v.index != "u3", 1e90),
    "beyond any unit": lambda v: v * 1e200,
    "text": lambda v: v.astype(str),
    "complex": lambda v: v + 1j,
    "true or false": lambda v: v > 0,
    "twice": lambda v: pd.concat([v, v.head(1)]),
    "none": lambda v: v.head(0),
    "two": lambda v: v.head(2),
    "numbered": lambda v: v.reset_index(drop=True),
    "two levels": lambda v: v.set_axis(pd.MultiIndex.from_product([["a"], v.index])),
    "a frame": lambda v: v.to_frame(),
    "an array": lambda v: v.to_numpy(),
}


@pytest.fixture(autouse=True)
def strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e3, 1e12])
@pytest.mark.parametrize("dtype", ["float64", "Float64", "double[pyarrow]"])
def test_moran_does_not_depend_on_unit_or_dress(scale: float, dtype: str) -> None:
    plain = moran(VALUES, WEIGHTS, **DRAWS)
    found = moran((VALUES * scale).astype(dtype), WEIGHTS, **DRAWS)
    assert found.statistic == pytest.approx(plain.statistic, rel=1e-9)
    assert found.p_randomisation == pytest.approx(plain.p_randomisation, rel=1e-9)
    assert found.p_permutation == plain.p_permutation


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", STATISTICS)
def test_odd_values_are_used_or_refused_by_us(name: str, odd: str) -> None:
    try:
        STATISTICS[name](ODD[odd](VALUES))
    except DesignError as error:
        assert "Next step" in str(error)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: knn(POINTS, 1.5),
        lambda: knn(POINTS, "a"),
        lambda: knn(POINTS.assign(lon="a"), 3),
        lambda: knn(POINTS.assign(lon=np.inf), 3),
        lambda: knn(POINTS.assign(lat=95.0), 3),
        lambda: knn(pd.concat([POINTS, POINTS.head(1)]), 3),
        lambda: knn(POINTS.head(0), 3),
        lambda: distance_band(POINTS, None),
        lambda: distance_band(POINTS, np.nan),
        lambda: great_circle_km(["a"], [50.0]),
        lambda: moran(VALUES, WEIGHTS, permutations=1.5, seed=1),
        lambda: moran(VALUES, WEIGHTS, permutations=9, seed=-1),
        lambda: local_moran(VALUES, WEIGHTS, permutations=-9, seed=1),
        lambda: local_moran(VALUES, WEIGHTS, permutations=9, seed="a"),
        lambda: from_pairs(pd.DataFrame([["a", "b", "c"]], columns=["focal", "neighbor", "focal"])),
        lambda: from_pairs(pd.DataFrame({"focal": ["a"], "neighbor": ["a"]})),
        lambda: SpatialWeights.of(["a", "b"], None),
        lambda: SpatialWeights.of(["a", "b"], "ab"),
        lambda: SpatialWeights.of(["a", "b"], np.full((2, 2), np.nan)),
    ],
)
def test_what_makes_no_weights_is_refused_by_us(wrong: Callable[[], object]) -> None:
    with pytest.raises(DesignError):
        wrong()
