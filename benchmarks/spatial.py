"""Speed of spatial statistics and shift-share errors, beside esda where it has the same.

    .venv/bin/python benchmarks/spatial.py

83 units, 9,999 permutations. Weights are eight nearest neighbours of random points. esda's local
Moran compiles at its first call of a process; both calls are shown.
"""

import warnings

import numpy as np
import pandas as pd
from _common import Cases, clock, main, table

from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.spatial_examples import ring, shifted_regions
from valley_analysis.impact.spatial_models import spatial_lag
from valley_analysis.spatial import SpatialWeights, knn, local_moran, moran

UNITS, DRAWS = 83, 9999


def inputs() -> tuple["pd.Series[float]", SpatialWeights]:
    rng = np.random.default_rng(0)
    points = pd.DataFrame({"lon": rng.uniform(28, 180, UNITS), "lat": rng.uniform(42, 70, UNITS)})
    return pd.Series(rng.normal(size=UNITS)), knn(points, 8)


def twice(step) -> tuple[float, float]:
    """First and second call."""
    seconds = []
    for _ in range(2):
        with clock() as found:
            step()
        seconds.append(found.seconds)
    return seconds[0], seconds[1]


def pysal(weights: SpatialWeights):
    from libpysal.weights import W

    near = {unit: weights.neighbours(unit) for unit in weights.units}
    made = W({u: list(n.index) for u, n in near.items()}, {u: list(n) for u, n in near.items()})
    made.transform = "r"
    return made


def global_moran() -> dict[str, float]:
    import esda

    values, weights = inputs()
    other, array = pysal(weights), values.to_numpy()
    first, second = twice(lambda: moran(values, weights, permutations=DRAWS, seed=1))
    cold, warm = twice(lambda: esda.Moran(array, other, permutations=DRAWS))
    return {"first": first, "second": second, "esda first": cold, "esda second": warm}


def locals_() -> dict[str, float]:
    import esda

    values, weights = inputs()
    other, array = pysal(weights), values.to_numpy()
    first, second = twice(lambda: local_moran(values, weights, permutations=DRAWS, seed=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        cold, warm = twice(lambda: esda.Moran_Local(array, other, permutations=DRAWS, seed=1))
    return {"first": first, "second": second, "esda first": cold, "esda second": warm}


def lag() -> dict[str, float]:
    frame, weights = ring(UNITS, rho=0.5, beta=1.0, seed=1)
    first, second = twice(
        lambda: spatial_lag(frame, unit="unit", outcome="y", regressors="x", weights=weights)
    )
    return {"first": first, "second": second}


def shares() -> dict[str, float]:
    frame, table_, shocks = shifted_regions(UNITS, 20, beta=1.0, seed=1)
    first, second = twice(
        lambda: shift_share(frame, unit="region", outcome="y", shares=table_, shocks=shocks)
    )
    return {"first": first, "second": second}


def report(found: dict[str, dict[str, float]]) -> None:
    rows = []
    for case, one in found.items():
        theirs = one.get("esda second")
        ratio = f"{theirs / one['second']:.1f} x" if theirs else "-"
        cold = f"{one['esda first']:.2f}" if theirs else "-"
        warm = f"{theirs:.3f}" if theirs else "-"
        rows.append((case, f"{one['first']:.3f}", f"{one['second']:.3f}", cold, warm, ratio))
    head = ("step", "CPU s, first call", "again", "esda, first call", "again", "esda / ours")
    table(head, rows)


CASES: Cases = {
    "Moran's I, 9,999 permutations": global_moran,
    "local Moran, 9,999 permutations": locals_,
    "spatial lag by maximum likelihood (spreg)": lag,
    "shift-share, 20 sectors, four kinds of errors": shares,
}

if __name__ == "__main__":
    main(__file__, CASES, report)
