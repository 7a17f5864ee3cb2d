"""Resampled t-statistics as functions of the hypothesised coefficient, and their inversion.

Under the hypothesis "the coefficient is b + delta" (b the estimate) the restricted residuals are
linear in delta. So are resampled coefficients and scores, whether signs are flipped (wild
bootstrap) or exposures permuted: five numbers a resample give its statistic for every
hypothesis, and an interval costs no second round of resampling.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

Tails = Literal["size", "equal"]

# Statistics this close (relatively, squared) tie: a resample that equals the data must count.
_TIE = 1e-9
_GRID = 128
_HALVINGS = 45
_DOUBLINGS = 16
_BLOCK = 64


@dataclass(frozen=True, eq=False)
class Draws:
    """Resamples of one coefficient.

    For a hypothesis b + delta a resample has the coefficient (beyond the hypothesis)
    `level - delta * slope` and the variance `c - 2 delta d + delta^2 e`.

    Attributes
    ----------
    estimate
        The estimate b.
    se
        Its standard error by the same formula as the resamples', constants left out.
    level, slope, c, d, e
        One number a resample each.
    exhaustive
        Whether these are all resamples there are, the data among them.
    tails
        "size": as far out as the data is what is as far from zero on either side. "equal": twice
        the smaller of the shares at or beyond the data on their own side and on the other, so that
        a false "higher" and a false "lower" are equally unlikely also where the law is skewed.
    floor
        Variances up to this are rounding: the resample fits exactly.
    """

    estimate: float
    se: float
    level: np.ndarray
    slope: np.ndarray
    c: np.ndarray
    d: np.ndarray
    e: np.ndarray
    exhaustive: bool = False
    tails: Tails = "size"
    floor: float = 0.0

    def __len__(self) -> int:
        return len(self.level)

    def statistics(self, coefficient: float = 0.0) -> np.ndarray:
        """Return the resampled t-statistics for a hypothesised coefficient."""
        delta = coefficient - self.estimate
        variance = self._variance(delta)
        with np.errstate(divide="ignore", invalid="ignore"):
            t: np.ndarray = (self.level - delta * self.slope) / np.sqrt(variance)
        return t

    def statistic(self, coefficient: float = 0.0) -> float:
        """Return the statistic of the data for a hypothesised coefficient.

        Where the data have no error it is infinite, and missing if there is no effect either.
        """
        beyond = self.estimate - coefficient
        if self.se > 0:
            return beyond / self.se
        return float(np.sign(beyond) * np.inf) if beyond else float("nan")

    def p_values(self, coefficients: np.ndarray) -> np.ndarray:
        """Return two-sided p-values of hypothesised coefficients, one each.

        The share of resamples at least as far out as the data (see `tails`); where they are a
        sample, the data count as one of them: (1 + number)/(1 + resamples).

        Notes
        -----
        Phipson, B. and Smyth, G. K. (2010), Permutation p-values should never be zero,
        Statistical Applications in Genetics and Molecular Biology 9(1), 39.
        """
        found = [
            self._count(block)
            for block in np.array_split(coefficients, -(-len(coefficients) // _BLOCK))
        ]
        count = np.concatenate(found)
        share: np.ndarray = count / len(self) if self.exhaustive else (1 + count) / (1 + len(self))
        return share

    def p_value(self, coefficient: float = 0.0) -> float:
        """Return the two-sided p-value of one hypothesised coefficient."""
        return float(self.p_values(np.array([coefficient]))[0])

    def monte_carlo_error(self, p_value: float) -> float:
        """Return the standard error that a p-value has from resampling; 0 if exhaustive."""
        return 0.0 if self.exhaustive else float(np.sqrt(p_value * (1 - p_value) / (1 + len(self))))

    def _count(self, coefficients: np.ndarray) -> np.ndarray:
        delta = (coefficients - self.estimate)[:, None]
        variance = self._variance(delta)
        moved = self.level - delta * self.slope
        if not self.se > 0:  # the data fit exactly: only a resample that does too is as far out
            exact: np.ndarray = (~((delta != 0) & (variance > 0))).sum(axis=1)
            return exact
        # What does not compare, being missing, counts against the data.
        if self.tails == "size":
            limit = (delta / self.se) ** 2 * variance * (1 - _TIE)
            number: np.ndarray = (~(moved**2 < limit)).sum(axis=1)
            return number
        limit = -delta / self.se * np.sqrt(variance)
        near = np.abs(limit) * _TIE
        above, below = (~(moved < limit - near)).sum(axis=1), (~(moved > limit + near)).sum(axis=1)
        own = 0 if self.exhaustive else 1
        both: np.ndarray = np.minimum(2 * np.minimum(above, below) + own, len(self))
        return both

    def _variance(self, delta: np.ndarray | float) -> np.ndarray:
        found: np.ndarray = np.maximum(self.c - 2 * delta * self.d + delta**2 * self.e, 0)
        return np.where(found <= self.floor, 0.0, found)


def quadratics(fixed: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """Return c, d and e of the squares of `fixed - delta * moving`, summed over clusters.

    Parameters
    ----------
    fixed, moving
        B x G: scores of the clusters in each resample.

    Returns
    -------
    ndarray
        3 x B.
    """
    pairs = ((fixed, fixed), (fixed, moving), (moving, moving))
    return np.stack([np.einsum("bg,bg->b", one, other) for one, other in pairs])


@dataclass(frozen=True)
class Region:
    """The hypotheses that are not rejected.

    Attributes
    ----------
    low, high
        Its ends; infinite where it does not end.
    connected
        Whether every tried value in between is in it; if not, the ends span a wider set.
    """

    low: float
    high: float
    connected: bool = True


def invert(draws: Draws, level: float = 0.95) -> Region:
    """Return the coefficients whose p-value exceeds 1 - level.

    Zero is always among the values tried, so that the interval and the p-value agree.

    Parameters
    ----------
    draws
        Resamples.
    level
        Coverage.
    """
    alpha = round(1 - level, 12)
    if not np.isfinite(draws.se) or draws.se <= 0:
        return Region(np.nan, np.nan)

    def kept(coefficients: np.ndarray) -> np.ndarray:
        return draws.p_values(coefficients) > alpha

    low, whole_low = _end(kept, draws, -1)
    high, whole_high = _end(kept, draws, +1)
    return Region(low, high, whole_low and whole_high)


def _end(kept: Callable[[np.ndarray], np.ndarray], draws: Draws, side: int) -> tuple[float, bool]:
    """Return the outermost value kept on one side, and whether all before it are."""
    reach = draws.se * 4.0
    for _ in range(_DOUBLINGS):
        if not kept(np.array([draws.estimate + side * reach]))[0]:
            break
        reach *= 2
    else:
        return side * np.inf, True
    steps = np.linspace(0, reach, _GRID + 1)
    zero = -side * draws.estimate
    if zero > 0:
        steps = np.unique(np.append(steps, zero))
    inside = kept(draws.estimate + side * steps)
    inside[0] = True
    last = int(np.flatnonzero(inside)[-1])
    if last + 1 == len(steps):  # zero lies beyond the reach, and is kept
        return draws.estimate + side * steps[last], False
    near, far = steps[last], steps[last + 1]
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        if kept(np.array([draws.estimate + side * middle]))[0]:
            near = middle
        else:
            far = middle
    return draws.estimate + side * near, bool(inside[: last + 1].all())
