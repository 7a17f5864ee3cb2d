"""Bounds on changes of slope: the fixed-length interval around the best affine estimator.

Rambachan and Roth (2023), section 4, equations 16-18: among estimators that are linear in the
coefficients before and after, the one with the shortest interval, given that the slope of the
difference in trends changes by at most M a period. Any weights give a valid interval, so that
an inexact minimum costs length and never coverage.
"""

import numpy as np
from scipy import linalg, optimize, special

from valley_analysis.impact.pretrend import Path


def folded_quantile(shift: float, alpha: float) -> float:
    """Return the 1 - alpha quantile of the absolute value of a normal with mean `shift`.

    Examples
    --------
    >>> round(folded_quantile(0.0, 0.05), 3), round(folded_quantile(5.0, 0.05), 3)
    (1.96, 6.645)
    """
    shift = abs(shift)

    def excess(value: float) -> float:
        return float(special.ndtr(-value - shift) + special.ndtr(shift - value)) - alpha

    return float(optimize.brentq(excess, 0.0, shift + 40.0, xtol=1e-12))


class Bends:
    """A path as bends (changes of slope) around a straight line through the reference.

    Parameters
    ----------
    path
        Evenly spaced.
    target
        Weight of each term after the event.
    """

    def __init__(self, path: Path, target: np.ndarray) -> None:
        time = np.sort(np.append(path.time, path.reference))
        second = np.diff(np.eye(len(time)), n=2, axis=0)[:, time != path.reference]
        self.estimate = path.estimate
        self.rows = second
        self.spread = second @ path.covariance @ second.T
        after = second[:, ~path.before].T
        # Weights on bends: one set that gives the target, plus whatever leaves it unchanged.
        self.base = np.linalg.lstsq(after, target, rcond=None)[0]
        self.free = linalg.null_space(after)

    def interval(self, bound: float, alpha: float) -> tuple[float, float]:
        """Return the ends of the interval when no bend exceeds `bound`."""
        weights = self._best(bound, alpha)
        centre = float(weights @ self.rows @ self.estimate)
        half = self._half(weights, bound, alpha)
        return centre - half, centre + half

    def _half(self, weights: np.ndarray, bound: float, alpha: float) -> float:
        deviation = float(np.sqrt(weights @ self.spread @ weights))
        bias = bound * float(np.abs(weights).sum())
        return deviation * folded_quantile(bias / deviation, alpha)

    def _best(self, bound: float, alpha: float) -> np.ndarray:
        """Return the weights with the shortest interval: least variance, least bias or between."""
        base, free, spread = self.base, self.free, self.spread
        if not free.shape[1]:
            return base
        inner = free.T @ spread @ free
        steady = base - free @ np.linalg.solve(inner, free.T @ spread @ base)
        if bound == 0:
            return steady
        ends = [steady, self._least_bias()]
        candidates = [*ends, *(self._between(end, bound, alpha) for end in ends)]
        return min(candidates, key=lambda weights: self._half(weights, bound, alpha))

    def _least_bias(self) -> np.ndarray:
        size, width = self.free.shape
        upper = np.block([[self.free, -np.eye(size)], [-self.free, -np.eye(size)]])
        solved = optimize.linprog(
            np.r_[np.zeros(width), np.ones(size)],
            A_ub=upper,
            b_ub=np.r_[-self.base, self.base],
            bounds=[(None, None)] * (width + size),
        )
        return self.base + self.free @ solved.x[:width]

    def _between(self, start: np.ndarray, bound: float, alpha: float) -> np.ndarray:
        """Minimise the half length in epigraph form, where it is smooth and convex."""
        size, width = self.free.shape
        unit = float(np.sqrt(start @ self.spread @ start))

        def split(point: np.ndarray) -> tuple[np.ndarray, float, float]:
            weights = self.base + self.free @ point[:width]
            deviation = float(np.sqrt(max(weights @ self.spread @ weights, 1e-300)))
            return weights, deviation, bound * float(point[width:].sum())

        def length(point: np.ndarray) -> float:
            _, deviation, bias = split(point)
            return deviation * folded_quantile(bias / deviation, alpha) / unit

        def gradient(point: np.ndarray) -> np.ndarray:
            weights, deviation, bias = split(point)
            shift = bias / deviation
            value = folded_quantile(shift, alpha)
            # d value / d shift, from the implicit equation of the quantile.
            turn = np.tanh(value * shift)
            by_deviation = value - shift * turn
            slope = self.free.T @ self.spread @ weights / deviation
            return np.r_[by_deviation * slope, np.full(size, bound * turn)] / unit

        limits = np.block([[self.free, np.eye(size)], [-self.free, np.eye(size)]])
        offset = np.r_[self.base, -self.base]
        first = np.r_[self.free.T @ (start - self.base), np.abs(start)]
        solved = optimize.minimize(
            length,
            first,
            jac=gradient,
            method="SLSQP",
            constraints={
                "type": "ineq",
                "fun": lambda point: limits @ point + offset,
                "jac": lambda _: limits,
            },
            options={"maxiter": 300, "ftol": 1e-10},
        )
        return self.base + self.free @ solved.x[:width]
