"""Made-up cross-sections with a known truth, for examples in documentation and for tests."""

import numpy as np
import pandas as pd

from valley_analysis.spatial import SpatialWeights


def ring(n: int, *, rho: float, beta: float, seed: int) -> tuple[pd.DataFrame, SpatialWeights]:
    """Return units on a ring, each with two neighbours, and a spatial lag of the outcome.

    Parameters
    ----------
    n
        Units.
    rho, beta
        y = rho W y + beta x + e, e normal with standard deviation 0.3.
    seed
        Of x and e.

    Returns
    -------
    tuple
        Frame with columns unit, x, y; the weights.

    Examples
    --------
    >>> frame, weights = ring(5, rho=0.0, beta=1.0, seed=1)
    >>> weights.neighbours("u0").to_dict()
    {'u1': 0.5, 'u4': 0.5}
    """
    rng = np.random.default_rng(seed)
    units = [f"u{number}" for number in range(n)]
    shifted = np.roll(np.eye(n), 1, axis=1)
    weights = SpatialWeights.of(units, shifted + shifted.T, "a ring")
    x = rng.normal(size=n)
    right = beta * x + 0.3 * rng.normal(size=n)
    y = np.linalg.solve(np.eye(n) - rho * weights.matrix.toarray(), right)
    return pd.DataFrame({"unit": units, "x": x, "y": y}), weights


def shifted_regions(
    n: int, sectors: int, *, beta: float, seed: int, common: float = 1.0
) -> tuple[pd.DataFrame, pd.DataFrame, "pd.Series[float]"]:
    """Return regions exposed to sector shocks, with residuals that sectors share as well.

    Parameters
    ----------
    n, sectors
        Regions and sectors; shares are random and sum to one.
    beta
        Effect of the shift-share variable.
    seed
        Of everything.
    common
        Standard deviation of sector effects in the residual: they make regions with alike
        shares alike, wherever they lie.

    Returns
    -------
    tuple
        Frame with columns region, y; shares (regions x sectors); shocks by sector.

    Examples
    --------
    >>> frame, shares, shocks = shifted_regions(40, 10, beta=1.0, seed=1)
    >>> shares.shape, shares.sum(axis=1).round(9).unique().tolist()
    ((40, 10), [1.0])
    """
    rng = np.random.default_rng(seed)
    regions = [f"r{number}" for number in range(n)]
    names = [f"s{number}" for number in range(sectors)]
    shares = pd.DataFrame(rng.dirichlet(np.full(sectors, 0.3), n), regions, names)
    shocks = pd.Series(rng.normal(size=sectors), names, name="shock")
    felt = shares.to_numpy() @ (beta * shocks.to_numpy() + common * rng.normal(size=sectors))
    frame = pd.DataFrame({"region": regions, "y": felt + 0.1 * rng.normal(size=n)})
    return frame, shares, shocks
