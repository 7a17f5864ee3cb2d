"""Variance-based sensitivity indices of any function.

The estimators: first order after Saltelli et al. (2010, "Variance based sensitivity analysis
of model output. Design and estimator for the total sensitivity index", Computer Physics
Communications 181(2), 259-270), total order after Jansen (1999, "Analysis of variance designs
for model output", Computer Physics Communications 117(1-2), 35-43).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.errors import FrameError, SpecError
from valley_analysis.scoring.engine import Floats

Function = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class SobolIndices:
    """First and total order indices of each factor for each output.

    Attributes
    ----------
    first, total
        Factors x outputs: share of an output's variance due to a factor alone, and due to
        it together with all interactions it has part in. Missing where the output does not
        vary or is not always defined.
    first_low, first_high, total_low, total_high
        Ends of the bootstrap intervals.
    variance
        One an output.
    n
        Rows of the base samples; the function was evaluated n (k + 2) times.
    """

    first: Floats
    total: Floats
    first_low: Floats
    first_high: Floats
    total_low: Floats
    total_high: Floats
    variance: Floats
    n: int

    def table(self, names: tuple[str, ...], output: int = 0) -> pd.DataFrame:
        """Return the indices of one output, factors down."""
        columns = ("first", "first_low", "first_high", "total", "total_low", "total_high")
        found = {column: getattr(self, column)[:, output] for column in columns}
        return pd.DataFrame(found, index=pd.Index(names, name="assumption"))

    def _repr_html_(self) -> str:
        names = tuple(f"x{number + 1}" for number in range(len(self.first)))
        return self.table(names).round(3).to_html()


def sobol_indices(
    function: Function,
    k: int,
    n: int,
    seed: int = 0,
    *,
    bootstrap: int = 500,
    between: tuple[float, float] = (0.05, 0.95),
) -> SobolIndices:
    """Estimate first and total order sensitivity indices.

    A and B are the two halves of a scrambled Sobol sequence, AB_i is A with column i from
    B. With y centred, first order: mean(yB (yAB - yA)) / Var; total order:
    sum((yA - yAB)^2) / (2 n Var). A factor that changes nothing gets exactly 0 in both.

    Parameters
    ----------
    function
        Takes points x k, each coordinate uniform in [0, 1); returns one number a point, or
        points x outputs.
    k
        Factors.
    n
        Rows of A and of B, a power of two.
    seed
        Of the sequence and of the bootstrap.
    bootstrap
        Resamples of rows for the intervals; 0 for none.
    between
        Shares of the resamples at which intervals end.

    Raises
    ------
    SpecError
        If n is not a power of two, there is no factor, or a setting is out of range.
    FrameError
        If the function returns other than one row a point, or infinite values.

    Examples
    --------
    >>> found = sobol_indices(lambda x: x[:, 0] + 0.0 * x[:, 1], k=2, n=256, bootstrap=0)
    >>> found.first.round(2).ravel().tolist(), found.total[1].tolist()
    ([1.0, 0.0], [0.0])
    """
    if k < 1 or n < 2 or n & (n - 1):
        problem = f"{k} factors and n = {n}; expected at least 1, and a power of two from 2"
        raise SpecError("sobol_indices", [problem], "choose another n, such as 1024")
    low, high = between
    if bootstrap < 0 or seed < 0 or not 0 <= low < high <= 1:
        problem = f"bootstrap {bootstrap}, seed {seed}, between {between}; expected 0 or more, "
        raise SpecError("sobol_indices", [problem + "and rising shares"], "correct these")
    base, other = _samples(k, n, seed)
    at_base, at_other = _outputs(function(base), n), _outputs(function(other), n)
    middle = np.concatenate([at_base, at_other]).mean(axis=0)
    at_base, at_other = at_base - middle, at_other - middle
    counts = _resamples(n, bootstrap, seed)
    moments = _Moments(at_base, at_other, counts)
    rows = []
    for factor in range(k):
        mixed = base.copy()
        mixed[:, factor] = other[:, factor]
        rows.append(_factor(moments, _outputs(function(mixed), n) - middle, between))
    first, total, first_low, first_high, total_low, total_high = np.array(rows).swapaxes(0, 1)
    return SobolIndices(
        first=first,
        total=total,
        first_low=first_low,
        first_high=first_high,
        total_low=total_low,
        total_high=total_high,
        variance=moments.variance[0],
        n=n,
    )


def _samples(k: int, n: int, seed: int) -> tuple[Floats, Floats]:
    from scipy.stats import qmc

    points = qmc.Sobol(2 * k, scramble=True, rng=np.random.default_rng(seed)).random(n)
    return points[:, :k].copy(), points[:, k:].copy()


def _outputs(values: Floats, n: int) -> Floats:
    try:
        values = np.asarray(values)
        values = np.empty(()) if np.iscomplexobj(values) else values.astype(float)
    except (TypeError, ValueError):
        values = np.empty(())
    if values.ndim not in (1, 2) or len(values) != n or np.isinf(values).any():
        problem = f"values of shape {values.shape}; expected finite numbers, {n} rows"
        raise FrameError("sobol_indices", [problem], "return a number for each point")
    return values[:, None] if values.ndim == 1 else values


def _resamples(n: int, bootstrap: int, seed: int) -> Floats:
    """How often each row counts: once each first, then by resampling with replacement."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    drawn = rng.multinomial(n, np.full(n, 1.0 / n), size=bootstrap)
    return np.concatenate([np.ones((1, n)), drawn.reshape(bootstrap, n)]) / n


@dataclass(eq=False)
class _Moments:
    """Outputs at A and B with their mean and variance, by resample."""

    base: Floats
    other: Floats
    counts: Floats

    def __post_init__(self) -> None:
        self.mean = self.counts @ (self.base + self.other) / 2
        squares = self.counts @ (self.base**2 + self.other**2) / 2
        constant = np.ptp(np.concatenate([self.base, self.other]), axis=0) == 0
        variance = np.where(constant, np.nan, squares - self.mean**2)
        self.variance = np.where(variance > 0, variance, np.nan)


def _factor(
    moments: _Moments, mixed: Floats, between: tuple[float, float]
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Both indices with their intervals, for one factor."""
    change = mixed - moments.base
    counts = moments.counts
    product = counts @ (moments.other * change) - moments.mean * (counts @ change)
    first = product / moments.variance
    total = counts @ change**2 / (2.0 * moments.variance)
    ends = [_interval(index[1:], between) for index in (first, total)]
    return first[0], total[0], *ends[0], *ends[1]


def _interval(values: Floats, between: tuple[float, float]) -> tuple[Floats, Floats]:
    if not len(values):
        return np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    low, high = np.quantile(values, between, axis=0)
    return low, high
