"""Several tests at once: p-values that mind their number.

Pure functions on arrays. A missing p-value or statistic is a test that was not made: it stays
missing and does not count among the tests.
"""

import numpy as np
from numpy.typing import ArrayLike

from valley_analysis.errors import DesignError

_TIE = 1e-9


def benjamini_hochberg(p_values: ArrayLike) -> np.ndarray:
    """Return p-values adjusted for the false discovery rate.

    Rejecting those at most q, the expected share of false rejections is at most q, for
    independent or positively dependent tests.

    Parameters
    ----------
    p_values
        m, between 0 and 1 or missing.

    Notes
    -----
    Benjamini, Y. and Hochberg, Y. (1995), Journal of the Royal Statistical Society B 57(1),
    289-300: m p_(i) / i, made monotone from the largest down.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.005]).round(3).tolist()
    [0.02, 0.04, 0.04, 0.02]
    """
    values, made, order = _sorted(p_values)
    m = len(order)
    scaled = values[made][order] * m / np.arange(1, m + 1)
    stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    return _placed(values, made, order, np.minimum(stepped, 1))


def holm(p_values: ArrayLike) -> np.ndarray:
    """Return p-values adjusted for the chance of any false rejection, whatever the dependence.

    Parameters
    ----------
    p_values
        m, between 0 and 1 or missing.

    Notes
    -----
    Holm, S. (1979), Scandinavian Journal of Statistics 6(2), 65-70: (m - i + 1) p_(i), made
    monotone from the smallest up.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, 0.005]).round(3).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    values, made, order = _sorted(p_values)
    scaled = values[made][order] * np.arange(len(order), 0, -1)
    return _placed(values, made, order, np.minimum(np.maximum.accumulate(scaled), 1))


def romano_wolf(observed: ArrayLike, draws: ArrayLike, *, exhaustive: bool = False) -> np.ndarray:
    """Return p-values adjusted for the chance of any false rejection, using the dependence.

    Stepdown: the largest statistic is compared with the largest of all in each draw, the
    second with the largest of the rest, and so on; two-sided.

    Parameters
    ----------
    observed
        m statistics of the data; missing where a test was not made.
    draws
        B x m statistics under the null hypothesis, a row from one and the same resample. A
        missing one counts as beyond every limit, which can only raise p-values.
    exhaustive
        Whether the draws are all there are, the data among them.

    Raises
    ------
    DesignError
        If the shapes do not match.

    Notes
    -----
    Romano, J. P. and Wolf, M. (2005), Journal of the American Statistical Association 100(469),
    94-108; (2016), Efficient computation of adjusted p-values for resampling-based stepdown
    multiple testing, Statistics and Probability Letters 113, 38-40.

    Examples
    --------
    >>> draws = [[0.5, -1.0], [2.5, 0.1], [0.2, 3.0]]
    >>> romano_wolf([2.0, -0.4], draws).tolist()
    [0.75, 0.75]
    """
    statistic = np.abs(np.asarray(observed, dtype=float))
    drawn = np.abs(np.asarray(draws, dtype=float))
    if drawn.ndim != 2 or drawn.shape[1:] != statistic.shape or not len(drawn):
        raise DesignError(
            "statistics",
            [f"observed {statistic.shape}, draws {drawn.shape}; expected (m,) and (B, m), B > 0"],
            "give one column of draws a statistic",
        )
    made = np.flatnonzero(~np.isnan(statistic))
    order = made[np.argsort(-statistic[made], kind="stable")]
    drawn = np.where(np.isnan(drawn), np.inf, drawn)
    # Of each draw the largest among the statistics that are still to be judged.
    rest = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]
    count = (rest >= statistic[order] * (1 - _TIE)).sum(axis=0)
    share = count / len(drawn) if exhaustive else (1 + count) / (1 + len(drawn))
    adjusted = np.full(len(statistic), np.nan)
    adjusted[order] = np.maximum.accumulate(share)
    return adjusted


def _sorted(p_values: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = np.asarray(p_values, dtype=float)
    made = ~np.isnan(values)
    bad = values[made & ~((values >= 0) & (values <= 1))]
    if values.ndim != 1 or len(bad):
        found = f"shape {values.shape}" if values.ndim != 1 else f"{bad[0]}"
        raise DesignError("p-values", [found], "give a row of numbers between 0 and 1")
    return values, made, np.argsort(values[made], kind="stable")


def _placed(
    values: np.ndarray, made: np.ndarray, order: np.ndarray, adjusted: np.ndarray
) -> np.ndarray:
    found = np.full(len(values), np.nan)
    found[np.flatnonzero(made)[order]] = adjusted
    return found
