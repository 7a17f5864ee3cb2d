"""Inference with shift-share variables: arrays in, standard errors and intervals out.

Residuals of regions with alike sector shares are alike, so errors clustered by region or by place
are too small. Adao, Kolesar and Morales (2019), Shift-share designs: theory and inference,
Quarterly Journal of Economics 134(4), 1949-2010 (AKM, and AKM0 with the null imposed); Borusyak,
Hull and Jaravel (2022), Quasi-experimental shift-share research designs, Review of Economic Studies
89(1), 181-213 (the shock-level regression).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import stats

Shape = Literal["interval", "two rays", "whole line"]


@dataclass(frozen=True)
class Bounds:
    """One way of inference on one coefficient.

    Attributes
    ----------
    se
        Standard error; for AKM0 the length of the interval over 2 z, infinite if unbounded.
    low, high
        Confidence set, or its hull.
    p_value
        Of no effect, two-sided.
    shape
        "interval"; with AKM0 and a weak instrument also "two rays" (everything but a gap; the hull
        is the whole line) or "whole line".
    """

    se: float
    low: float
    high: float
    p_value: float
    shape: Shape = "interval"


@dataclass(frozen=True, eq=False)
class ShiftShareFit:
    """A shift-share regression, least squares or instrumental variables, as arrays.

    Attributes
    ----------
    y, x, z
        Outcome, regressor, shift-share variable, n each; x is z for least squares.
    controls
        n x k, with the constant and the sum of shares where that varies.
    shares
        n x s, of full column rank.
    shocks
        s.
    weights
        n, of the regression.
    clusters
        s codes 0, 1, ... of sectors whose shocks may be correlated; each its own by default.

    Examples
    --------
    Two sectors, four regions, no control but a constant:

    >>> shares = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.75, 0.25]])
    >>> shocks = np.array([1.0, -1.0])
    >>> z = shares @ shocks
    >>> fit = ShiftShareFit(2 * z, z, z, np.ones((4, 1)), shares, shocks, np.ones(4), np.arange(2))
    >>> round(fit.estimate, 12)
    2.0
    """

    y: np.ndarray
    x: np.ndarray
    z: np.ndarray
    controls: np.ndarray
    shares: np.ndarray
    shocks: np.ndarray
    weights: np.ndarray
    clusters: np.ndarray

    @cached_property
    def _partial(self) -> np.ndarray:
        """Columns y, x, z without what the controls explain."""
        root = np.sqrt(self.weights)[:, None]
        three = np.column_stack([self.y, self.x, self.z])
        slopes = np.linalg.lstsq(root * self.controls, root * three, rcond=None)[0]
        left: np.ndarray = three - self.controls @ slopes
        return left

    @cached_property
    def strength(self) -> float:
        """Sum of weight x residualised instrument x residualised regressor."""
        return float((self.weights * self._partial[:, 2] * self._partial[:, 1]).sum())

    @cached_property
    def estimate(self) -> float:
        """The coefficient of x, instrumented by z."""
        left = self._partial
        return float((self.weights * left[:, 2] * left[:, 0]).sum()) / self.strength

    @cached_property
    def residuals(self) -> np.ndarray:
        """What the regression leaves of y, n."""
        left: np.ndarray = self._partial[:, 0] - self.estimate * self._partial[:, 1]
        return left

    @cached_property
    def implied_shocks(self) -> np.ndarray:
        """Shocks without what the controls explain: residualised z regressed on the shares."""
        root = np.sqrt(self.weights)
        found: np.ndarray = np.linalg.lstsq(
            root[:, None] * self.shares, root * self._partial[:, 2], rcond=None
        )[0]
        return found

    @cached_property
    def exposure(self) -> np.ndarray:
        """Average share of each sector, summing to one: its weight among shocks."""
        average = self.weights @ self.shares
        share: np.ndarray = average / average.sum()
        return share

    @cached_property
    def demeaned_shocks(self) -> np.ndarray:
        """Shocks less their exposure-weighted mean."""
        left: np.ndarray = self.shocks - self.exposure @ self.shocks
        return left

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Return sums over regions of weight x share x value, one a sector."""
        found: np.ndarray = (self.weights * values) @ self.shares
        return found

    def shock_level(self) -> "tuple[float, np.ndarray, np.ndarray]":
        """Return the estimate of the shock-level regression and its outcome and regressor.

        Exposure-weighted averages of residualised y and x by sector; y on x and a constant,
        instrumented by the shocks, weighted by exposure (Borusyak et al. 2022, prop. 1).
        """
        size = self.weights @ self.shares
        y, x = (self.summed(self._partial[:, column]) / size for column in (0, 1))
        instrument = self.exposure * self.demeaned_shocks
        return float(instrument @ y / (instrument @ x)), y, x

    def sector_parts(self) -> tuple[np.ndarray, np.ndarray]:
        """Return Rotemberg weights and just-identified estimates of each sector.

        Weight k is the part of sector k's share, times its shock, in the covariance of instrument
        and regressor; the estimate uses that share alone as instrument (nan where irrelevant).
        Goldsmith-Pinkham, Sorkin and Swift (2020), American Economic Review 110(8), eq. 4.
        """
        y, x = (self.summed(self._partial[:, column]) for column in (0, 1))
        small = np.abs(x) <= 1e-14 * np.abs(x).max()
        alone = np.divide(y, x, out=np.full_like(y, np.nan), where=~small)
        return self.shocks * x / (self.shocks @ x), alone

    @property
    def left(self) -> int:
        """Units less coefficients."""
        return len(self.y) - self.controls.shape[1] - 1

    @cached_property
    def _scores(self) -> np.ndarray:
        scores: np.ndarray = self.weights * self._partial[:, 2] * self.residuals
        return scores

    def homoskedastic(self, level: float, small_sample: bool = True) -> Bounds:
        """Residuals alike and unrelated; their variance over n - k, or over n."""
        z = self._partial[:, 2]
        spread = float((self.weights * self.residuals**2).sum())
        spread /= self.left if small_sample else len(self.y)
        se = np.sqrt(spread * float((self.weights * z**2).sum())) / abs(self.strength)
        return self._bounds(float(se), level)

    def robust(self, level: float, small_sample: bool = True) -> Bounds:
        """Heteroskedasticity-robust, HC1 (n over n - k) or HC0: too small if sectors drive both."""
        factor = len(self.y) / self.left if small_sample else 1.0
        se = np.sqrt(float((self._scores**2).sum()) * factor) / abs(self.strength)
        return self._bounds(float(se), level)

    def clustered(self, codes: np.ndarray, level: float, small_sample: bool = True) -> Bounds:
        """Clustered by groups of units, codes 0, 1, ...: blind to alike shares elsewhere.

        With the factor G/(G - 1) (n - 1)/(n - k), or without.
        """
        groups = int(codes.max()) + 1
        factor = groups / (groups - 1) * (len(self.y) - 1) / self.left if small_sample else 1.0
        sums = np.bincount(codes, self._scores)
        se = np.sqrt(float((sums**2).sum()) * factor) / abs(self.strength)
        return self._bounds(float(se), level)

    def akm(self, level: float) -> Bounds:
        """Adao, Kolesar and Morales: any correlation of residuals through sectors."""
        parts = self._by_cluster(self.implied_shocks * self.summed(self.residuals))
        return self._bounds(float(np.sqrt((parts**2).sum())) / abs(self.strength), level)

    def shock_errors(self, level: float) -> Bounds:
        """Robust error of the shock-level regression (Borusyak, Hull and Jaravel)."""
        g = self.demeaned_shocks
        parts = self._by_cluster(g * self.summed(self.residuals))
        strength = abs(float(g @ self.summed(self._partial[:, 1])))
        return self._bounds(float(np.sqrt((parts**2).sum())) / strength, level)

    def akm0(self, level: float) -> Bounds:
        """AKM with residuals under the null: the set of values that are not rejected.

        b is kept if strength^2 (b - estimate)^2 <= z^2 sum_c (A_c - (b - estimate) B_c)^2, a
        quadratic inequality; valid with few shocks and weak instruments where AKM is not.
        """
        g = self.implied_shocks
        a = self._by_cluster(g * self.summed(self.residuals))
        b = self._by_cluster(g * self.summed(self._partial[:, 1]))
        z = float(stats.norm.ppf(0.5 + level / 2))
        under = float(np.sqrt(((a + self.estimate * b) ** 2).sum()))
        reached = abs(self.strength * self.estimate)
        p_value = float(2 * stats.norm.sf(reached / under)) if under > 0 else float(reached == 0)
        square = self.strength**2 - z**2 * float(b @ b)
        linear, constant = z**2 * float(a @ b), -(z**2) * float(a @ a)
        inside = linear**2 - square * constant
        if square <= 0:
            shape: Shape = "two rays" if inside > 0 else "whole line"
            return Bounds(np.inf, -np.inf, np.inf, p_value, shape)
        low, high = ((-linear + sign * np.sqrt(inside)) / square for sign in (-1, 1))
        se = float(high - low) / (2 * z)
        return Bounds(se, self.estimate + float(low), self.estimate + float(high), p_value)

    def _by_cluster(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.clusters, values)

    def _bounds(self, se: float, level: float) -> Bounds:
        spread = float(stats.norm.ppf(0.5 + level / 2)) * se
        p_value = float(2 * stats.norm.sf(abs(self.estimate) / se)) if se > 0 else 0.0
        return Bounds(se, self.estimate - spread, self.estimate + spread, p_value)


def effective_number(shares: np.ndarray) -> float:
    """Return the inverse Herfindahl index: how many equal shares are as concentrated.

    Borusyak et al. (2022), section 3.1, of average exposure shares.

    Parameters
    ----------
    shares
        Non-negative; scaled to sum to one.

    Examples
    --------
    >>> effective_number(np.array([1.0, 1.0, 1.0, 1.0])), effective_number(np.array([3.0, 1.0]))
    (4.0, 1.6)
    """
    part = shares / shares.sum()
    return float(1 / (part**2).sum())
