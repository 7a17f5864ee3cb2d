"""Values over units that are as alike among neighbours as the real ones, and otherwise random.

Moran spectral randomisation: the coefficients of the values on the eigenvectors of the doubly
centred spatial weights keep their size and get a random sign, so that Moran's I stays; then the
real values are put in that order, so that their distribution stays too.

Wagner, H. H. and Dray, S. (2015), Generating spatially constrained null models for irregularly
spaced data using Moran spectral randomization methods, Methods in Ecology and Evolution 6(10),
1169-1178.
"""

from dataclasses import replace

import numpy as np

from valley_analysis.impact.exposure_model import ExposureModel
from valley_analysis.impact.inversion import Draws, Tails
from valley_analysis.spatial import SpatialWeights


def spatially_alike(
    values: np.ndarray,
    weights: np.ndarray,
    number: int,
    seed: int = 0,
    base: np.ndarray | None = None,
) -> np.ndarray:
    """Return random values with the spatial correlation and the distribution of the real ones.

    Parameters
    ----------
    values
        N values, one a unit.
    weights
        N x N spatial weights; those of both directions are averaged.
    number
        How many to draw.
    seed
        Of the signs.
    base
        N values that stay in every draw, such as what controls explain; the mean by default.

    Returns
    -------
    number x N.

    Examples
    --------
    >>> ring = np.roll(np.eye(6), 1, axis=1)
    >>> drawn = spatially_alike(np.arange(6.0), ring, 3)
    >>> drawn.shape, sorted(drawn[0].tolist())
    ((3, 6), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    """
    count = len(values)
    kept = np.full(count, values.mean()) if base is None else base
    centre = np.eye(count) - 1 / count
    _, vectors = np.linalg.eigh(centre @ (weights + weights.T) / 2 @ centre)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (number, count))
    drawn = kept + (signs * (vectors.T @ (values - kept))) @ vectors.T
    found: np.ndarray = np.sort(values)[drawn.argsort(axis=1).argsort(axis=1)]
    return found


def alike_draws(
    model: ExposureModel,
    weights: SpatialWeights,
    number: int,
    seed: int = 0,
    tails: Tails = "equal",
) -> Draws:
    """Return the studentised statistics of a model under exposures as alike among neighbours.

    What controls leave of exposure is drawn, as in `randomisation.permuted`; but over all units,
    since a spatial pattern does not stop at a stratum.

    Parameters
    ----------
    model
        Its exposures are judged.
    weights
        Of its units at least.
    number, seed
        Of the draws.
    tails
        See `Draws`.

    Examples
    --------
    >>> import pandas as pd
    >>> from valley_analysis.spatial import SpatialWeights
    >>> rows = [(u, t, u % 3 * t) for u in range(8) for t in range(4)]
    >>> frame = pd.DataFrame(rows, columns=["u", "t", "y"]).assign(x=lambda f: f.u**2)
    >>> model = ExposureModel.of(frame, unit="u", period="t", outcome="y", exposure="x", since=2)
    >>> ring = SpatialWeights.of(range(8), np.roll(np.eye(8), 1, axis=1), "ring")
    >>> len(alike_draws(model, ring, 99))
    99
    """
    matrix = weights.keep(list(model.units)).matrix.toarray()
    return replace(
        model.draws(spatially_alike(model.unexplained, matrix, number, seed)), tails=tails
    )
