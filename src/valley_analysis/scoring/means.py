"""Means of rows under weights that differ from row to row, on plain arrays.

Every function takes rows x columns and weights of the same shape that sum to 1 a row, 0 where
a value is missing or plays no part; values with weight 0 are never looked at.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from valley_analysis.scoring.steps import Array

SMALL = 1.0  # logarithms that differ by less are averaged by the series that is exact near 0


def used_weights(values: Array, weights: Array, threshold: float) -> tuple[Array, Array]:
    """Renormalise weights over the values present.

    Parameters
    ----------
    values
        Rows x columns, missing values allowed.
    weights
        One a column, any positive sum.
    threshold
        Share of weight that must be present.

    Returns
    -------
    Weights of each row (summing to 1; missing for a row below the threshold), and the share
    of weight present.

    Examples
    --------
    >>> used, present = used_weights(np.array([[1.0, np.nan]]), np.array([1.0, 3.0]), 0.2)
    >>> used.tolist(), present.tolist()
    ([[1.0, 0.0]], [0.25])
    """
    weights = weights / weights.max()  # sums of these cannot overflow
    here = np.where(np.isnan(values), 0.0, weights / weights.sum())
    present = here.sum(axis=1)
    enough = (present > 0) & (present >= threshold - 1e-12)
    total = np.where(enough, present, np.nan)
    return here / total[:, None], present


def _fill(values: Array, weights: Array, neutral: "float | Array") -> Array:
    """Values that play a part; a neutral one elsewhere."""
    filled: Array = np.where(weights > 0, values, neutral)
    return filled


def arithmetic(values: Array, weights: Array) -> Array:
    """Return sum w x.

    Examples
    --------
    >>> arithmetic(np.array([[21.0, 1.0, 1.0, 1.0]]), np.full((1, 4), 0.25)).tolist()
    [6.0]
    """
    mean: Array = (_fill(values, weights, 0.0) * weights).sum(axis=1)
    return mean


def geometric(values: Array, weights: Array) -> Array:
    """Return exp(sum w ln x), of values above 0.

    Examples
    --------
    >>> geometric(np.array([[21.0, 1.0, 1.0, 1.0]]), np.full((1, 4), 0.25)).round(2).tolist()
    [2.14]
    """
    mean: Array = np.exp((np.log(_fill(values, weights, 1.0)) * weights).sum(axis=1))
    return mean


def harmonic(values: Array, weights: Array) -> Array:
    """Return 1 / sum (w / x), of values above 0.

    Examples
    --------
    >>> harmonic(np.array([[1.0, 3.0]]), np.full((1, 2), 0.5)).tolist()
    [1.5]
    """
    least = np.min(_fill(values, weights, np.inf), axis=1)  # a scale that cannot overflow
    least = np.where(np.isfinite(least), least, np.nan)
    ratios = least[:, None] / _fill(values, weights, 1.0)
    mean: Array = least / (ratios * weights).sum(axis=1)
    return mean


def power_mean(values: Array, weights: Array, power: float) -> Array:
    """Return (sum w x^p)^(1/p); the geometric mean for p = 0, the extremes for infinite p.

    Values must be above 0 for p <= 0, and 0 or more for any other p but 1. Computed in
    logarithms, so that neither large p nor p near 0 loses digits.

    Examples
    --------
    >>> halves, x = np.full((1, 2), 0.5), np.array([[1.0, 7.0]])
    >>> [power_mean(x, halves, p).round(6).item() for p in (-1.0, 0.0, 1.0, 2.0)]
    [1.75, 2.645751, 4.0, 5.0]
    """
    if power == 1:
        return arithmetic(values, weights)
    if power == 0:
        return geometric(values, weights)
    part = weights > 0
    if np.isinf(power):
        extreme = np.fmax if power > 0 else np.fmin
        edge: Array = extreme.reduce(np.where(part, values, np.nan), axis=1)
        return edge
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(part, np.log(np.where(part, values, 1.0)), np.nan)
        low, top = np.fmin.reduce(logs, axis=1), np.fmax.reduce(logs, axis=1)
        anchor = np.where(np.isneginf(top), 0.0, top if power > 0 else low)  # all are 0: any
        steps = np.where(part, power * (logs - anchor[:, None]), -np.inf)  # at most 0
        series = np.log1p((weights * np.expm1(steps)).sum(axis=1))
        direct = np.log((weights * np.exp(steps)).sum(axis=1))
        near = abs(power) * (top - low) < SMALL
        mean: Array = np.exp(anchor + np.where(near, series, direct) / power)
    return mean


def mazziotta_pareto(values: Array, weights: Array, penalty: int = -1, ddof: int = 0) -> Array:
    """Return M + penalty * S^2 / M: the mean less (or plus) a penalty for imbalance.

    M = sum w x and S^2 = sum w (x - M)^2, of values whose mean is above 0; where all are 0 the
    result is 0. With `ddof=1`, S^2 is divided by 1 - sum w^2, which is n - 1 in place of n for
    equal weights.

    Examples
    --------
    >>> mazziotta_pareto(np.array([[90.0, 110.0]]), np.full((1, 2), 0.5)).tolist()
    [99.0]
    """
    filled = _fill(values, weights, 0.0)
    mean = (filled * weights).sum(axis=1)
    safe = np.where(mean == 0, 1.0, mean)
    apart = (filled - mean[:, None]) / safe[:, None]
    variance = (np.where(weights > 0, apart, 0.0) ** 2 * weights).sum(axis=1)
    if ddof:
        lone = 1 - (weights**2).sum(axis=1)
        variance = np.where(lone > 1e-12, variance / np.where(lone > 1e-12, lone, 1.0), 0.0)
    result: Array = mean * (1 + penalty * variance)
    return result


def refused(values: Array, weights: Array, method: str, power: float) -> npt.NDArray[np.bool_]:
    """Return the cells that a mean cannot take: zeros, negative values.

    Examples
    --------
    >>> refused(np.array([[0.0, -1.0]]), np.full((1, 2), 0.5), "power", 2.0).tolist()
    [[False, True]]
    """
    part = weights > 0
    kind = method if method != "power" else _kind(power)
    limits: dict[str, Callable[[Array], npt.NDArray[np.bool_]]] = {
        "geometric": lambda x: x <= 0,
        "harmonic": lambda x: x <= 0,
        "rising": lambda x: x < 0,
    }
    if kind not in limits:
        return np.zeros(values.shape, dtype=bool)
    bad: npt.NDArray[np.bool_] = part & limits[kind](np.where(part, values, 1.0))
    return bad


def _kind(power: float) -> str:
    """Which limit a power mean has."""
    if power == 1 or np.isinf(power):
        return "free"
    return "rising" if power > 0 else "geometric"
