"""Moran's I of values over units: the statistic, its moments, and permutations in plain numpy.

Sources: Moran (1950), Biometrika 37; Cliff and Ord (1981), Spatial Processes, ch. 2 for moments
under normality and randomisation, ch. 8 for residuals of a regression.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse, stats

from valley_analysis.errors import DesignError
from valley_analysis.escape import paragraph
from valley_analysis.gate import whole
from valley_analysis.spatial.weights import SpatialWeights, check_values

CELLS = 1_000_000  # permuted values held in memory at once: about what a cache holds
DENSE = 600  # units up to which a dense product beats a sparse one
FEWEST = 4  # moments under randomisation divide by n - 3


@dataclass(frozen=True)
class MoranResult:
    """Moran's I with its expectation without spatial dependence, and four p-values.

    Attributes
    ----------
    statistic
        I: above expectation where neighbours are alike, below where they differ.
    expected
        -1 / (n - 1).
    z_normal, p_normal
        Under normality; two-sided.
    z_randomisation, p_randomisation
        Under randomisation (all permutations equally likely); two-sided.
    p_permutation
        Twice the smaller tail of the drawn permutations, the observed one counted among them.
    p_greater
        The upper tail alone: positive dependence. It is what esda calls p_sim when I is above
        expectation.
    n, permutations, seed
        Units used, draws, and the seed of the draws.
    islands
        Units that were left out for want of neighbours.
    made
        How the weights were made.
    draws
        I of each permutation, for a figure.

    Examples
    --------
    >>> from valley_analysis.spatial.neighbours import from_pairs
    >>> chain = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    >>> pairs = pd.DataFrame(chain + [pair[::-1] for pair in chain], columns=["focal", "neighbor"])
    >>> values = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0})
    >>> found = moran(values, from_pairs(pairs), permutations=199, seed=1)
    >>> found.statistic, found.expected
    (0.6, -0.25)
    """

    statistic: float
    expected: float
    z_normal: float
    p_normal: float
    z_randomisation: float
    p_randomisation: float
    p_permutation: float
    p_greater: float
    n: int
    permutations: int
    seed: int
    islands: tuple[Hashable, ...] = ()
    made: str = ""
    draws: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False, compare=False)

    @property
    def table(self) -> pd.DataFrame:
        """One row a reference distribution: z, p_value (two-sided)."""
        rows = {
            "normality": (self.z_normal, self.p_normal),
            "randomisation": (self.z_randomisation, self.p_randomisation),
            "permutation": (self._z_draws, self.p_permutation),
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=["z", "p_value"])

    @property
    def _z_draws(self) -> float:
        spread = float(np.std(self.draws)) if self.draws.size else 0.0
        return (self.statistic - float(np.mean(self.draws))) / spread if spread else float("nan")

    def _repr_html_(self) -> str:
        told = (
            f"Moran's I = {self.statistic:.3f}, expected {self.expected:.3f} without spatial "
            f"dependence; n = {self.n}, {self.made}; {self.permutations} permutations, "
            f"seed {self.seed}; p-values two-sided"
        )
        return paragraph(told) + self.table.to_html(float_format="{:.4f}".format)


@dataclass(frozen=True)
class ResidualMoran:
    """Moran's I of regression residuals with the moments of Cliff and Ord.

    Attributes
    ----------
    statistic, expected, variance, z
        I, its moments under normal independent errors given the regressors, and the deviate.
    p_value
        Two-sided, normal.
    n
        Units used.
    """

    statistic: float
    expected: float
    variance: float
    z: float
    p_value: float
    n: int


def moran(
    values: "pd.Series[float]", weights: SpatialWeights, *, permutations: int = 9999, seed: int
) -> MoranResult:
    """Return Moran's I of one value a unit.

    Units of the weights without a value are left out, and the rows of the others standardised
    anew; so are islands.

    Parameters
    ----------
    values
        By unit.
    weights
        Spatial weights that know all these units.
    permutations
        Draws of the reference distribution; zero for none (their p-values are then missing).
    seed
        Of the draws.

    Raises
    ------
    DesignError
        For values that repeat, are missing, constant or too few, or units unknown to the weights.

    Examples
    --------
    See `MoranResult`.
    """
    whole(permutations, "permutations")
    whole(seed, "seed")
    deviations, matrix, islands = deviations_of(values, weights)
    n, squares = len(deviations), float(deviations @ deviations)
    statistic = float(deviations @ (matrix @ deviations)) / squares
    normal, random = _variances(deviations, matrix)
    expected = -1 / (n - 1)
    draws = _permuted(deviations, matrix, permutations, seed) / squares
    z_normal, z_random = ((statistic - expected) / v**0.5 for v in (normal, random))
    two_sided, greater = _tails(statistic, draws)
    return MoranResult(
        statistic=statistic,
        expected=expected,
        z_normal=z_normal,
        p_normal=_two_sided(z_normal),
        z_randomisation=z_random,
        p_randomisation=_two_sided(z_random),
        p_permutation=two_sided,
        p_greater=greater,
        n=n,
        permutations=permutations,
        seed=seed,
        islands=islands,
        made=weights.made,
        draws=draws,
    )


def residual_moran(
    residuals: "pd.Series[float]", regressors: pd.DataFrame, weights: SpatialWeights
) -> ResidualMoran:
    """Return Moran's I of least-squares residuals, tested as residuals are to be tested.

    Residuals of k regressors are correlated by construction; the expectation is
    n/S0 tr(MW) / (n - k) rather than -1/(n - 1) (Cliff and Ord 1981, ch. 8). Holds an n x n matrix.

    Parameters
    ----------
    residuals
        By unit.
    regressors
        By unit, without constant; a constant is added.
    weights
        Spatial weights that know all these units.

    Raises
    ------
    DesignError
        As `moran`; also if a unit has residuals and no regressors, or an island is among them
        (leaving it out would make them residuals of another regression).
    """
    _, matrix, islands = deviations_of(residuals, weights)
    problems = [f"unit {unit!r}: no neighbour; fit without it" for unit in islands]
    lacking = residuals.index.difference(regressors.index)
    problems += [f"unit {unit!r}: no regressors" for unit in lacking]
    if problems:
        raise DesignError("residuals", problems, "fit and test the same units, all with neighbours")
    given = regressors.reindex(residuals.index).to_numpy(float)
    design = np.column_stack([np.ones(len(residuals)), given])
    basis = np.linalg.svd(design, full_matrices=False)
    rank = int((basis.S / basis.S[0] > 1e-12).sum())
    within = basis.U[:, :rank]
    n, free = len(residuals), len(residuals) - rank
    projected = matrix - within @ (within.T @ matrix)  # M W
    trace = float(np.trace(projected))
    # tr(M W M W') = ||M W||^2 - ||M W Q||^2, with Q the basis of the regressors.
    both = float((projected**2).sum() - ((projected @ within) ** 2).sum())
    squared = float((projected * projected.T).sum())
    expected = trace / free
    variance = (both + squared + trace**2) / (free * (free + 2)) - expected**2
    raw = residuals.to_numpy(float)
    statistic = float(raw @ (matrix @ raw)) / float(raw @ raw)
    z = (statistic - expected) / float(np.sqrt(variance))
    return ResidualMoran(statistic, expected, variance, z, _two_sided(z), n)


def deviations_of(
    values: "pd.Series[float]", weights: SpatialWeights
) -> tuple[np.ndarray, "np.ndarray | sparse.csr_array", tuple[Hashable, ...]]:
    """Return deviations from the mean and weights of the units that have neighbours, and islands.

    Parameters
    ----------
    values
        By unit.
    weights
        Spatial weights that know all these units.

    Returns
    -------
    tuple
        n deviations, n x n weights (dense up to 600 units), units left out.

    Raises
    ------
    DesignError
        As `moran`.
    """
    check_values(values, weights)
    used = weights.keep(values.index).connected()
    islands = tuple(values.index.difference(used.units, sort=False))
    found = values.reindex(used.units).to_numpy(float)
    problems = []
    if len(found) < FEWEST:
        problems.append(
            f"{len(found)} units with a value and a neighbour; expected {FEWEST} or more"
        )
    elif np.ptp(found) <= 1e-12 * np.abs(found).max():
        problems.append(f"the same for all {len(found)} units, {found[0]:g}")
    if problems:
        raise DesignError(f"values {str(values.name or '')!r}", problems, "choose what varies")
    matrix = used.matrix.toarray() if used.n <= DENSE else used.matrix
    # In powers of two of their size, so that fourth powers of values in any unit stay finite.
    found = np.ldexp(found, -int(np.frexp(np.abs(found).max())[1]))
    return found - found.mean(), matrix, islands


def permuted_rows(values: np.ndarray, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Yield permutations of some values, a batch of rows at a time.

    Parameters
    ----------
    values
        n values.
    permutations
        Rows in all.
    seed
        Of the draws.
    """
    rng = np.random.default_rng(seed)
    step = max(1, CELLS // len(values))
    sizes = [min(step, permutations - start) for start in range(0, permutations, step)]
    for size in sizes:
        yield rng.permuted(np.broadcast_to(values, (size, len(values))), axis=1)


def _permuted(
    deviations: np.ndarray, matrix: "np.ndarray | sparse.csr_array", permutations: int, seed: int
) -> np.ndarray:
    """z'Wz of each permutation of z."""
    draws = [
        np.einsum("ij,ij->i", rows, (matrix @ rows.T).T)
        for rows in permuted_rows(deviations, permutations, seed)
    ]
    return np.concatenate(draws) if draws else np.empty(0)


def _two_sided(z: float) -> float:
    return float(2 * stats.norm.sf(abs(z)))


def _tails(statistic: float, draws: np.ndarray) -> tuple[float, float]:
    """Two-sided and upper-tail p-value of a statistic among draws of it."""
    if not draws.size:
        return float("nan"), float("nan")
    slack = 1e-12 * max(1.0, abs(statistic))  # a permutation that changes nothing ties
    above = (1 + int((draws >= statistic - slack).sum())) / (1 + draws.size)
    below = (1 + int((draws <= statistic + slack).sum())) / (1 + draws.size)
    return min(1.0, 2 * min(above, below)), above


def _variances(
    deviations: np.ndarray, matrix: "np.ndarray | sparse.csr_array"
) -> tuple[float, float]:
    """Variance of I under normality and under randomisation, for weights that sum to n."""
    n = len(deviations)
    s0 = float(n)
    s1 = float(((matrix + matrix.T) ** 2).sum()) / 2
    s2 = float(((matrix.sum(axis=0) + matrix.sum(axis=1)) ** 2).sum())
    expected = -1 / (n - 1)
    normal = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2) - expected**2
    kurtosis = n * float((deviations**4).sum()) / float((deviations**2).sum()) ** 2
    first = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    second = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    random = (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    return normal, random
