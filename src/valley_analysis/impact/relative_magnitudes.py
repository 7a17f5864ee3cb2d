"""Bounds on relative magnitudes: the conditional least-favourable hybrid test, in closed form.

Rambachan and Roth (2023), "A more credible approach to parallel trends", Review of Economic
Studies 90(5), 2555-2591, test every value of the effect with the hybrid of Andrews, Roth and
Pakes (2023, "Inference for linear conditional moment inequalities", ibid. 90(6)) and take the
union over the pre-period step that is the largest and over its sign (their lemma 2.2).

Their moments come in pairs: for each step t after the event, plus or minus the step, less Mbar
times the largest step before. Non-negative weights on the moments that remove every nuisance
effect either follow the effect itself (up or down) or load equally on both moments of one pair.
So the vertices of the dual programme are known, four at most matter, and all of them are linear
in two normal variables: the estimate A and the step q before. No programme is solved and nothing
is simulated; one value of the effect costs a few operations, and many are tested at once.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from valley_analysis.impact.pretrend import Path

_ANGLES = 2 * np.pi * (np.arange(4096) + 0.5) / 4096
_CIRCLE = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
_FIRST_STAGE = 0.1


@dataclass(frozen=True)
class Steps:
    """Steps of a path from period to period, and a target among those after the event.

    Attributes
    ----------
    before
        Steps before the event x terms: what each is of the estimates.
    after
        Steps from the last period before the event on x terms.
    weights
        The target as a sum of the steps after.
    estimate, covariance
        Of the terms.
    """

    before: np.ndarray
    after: np.ndarray
    weights: np.ndarray
    estimate: np.ndarray
    covariance: np.ndarray


def steps(path: Path, target: np.ndarray) -> Steps:
    """Return the steps of a path; `target` has a weight for each term after the event."""
    time = np.sort(np.append(path.time, path.reference))
    differences = np.diff(np.eye(len(time)), axis=0)
    free = differences[:, time != path.reference]
    late = time[1:] >= 0
    inner = free[np.ix_(late, ~path.before)]
    return Steps(
        before=free[~late],
        after=free[late],
        weights=np.linalg.solve(inner.T, target),
        estimate=path.estimate,
        covariance=path.covariance,
    )


@dataclass(frozen=True)
class _Moments:
    """The test for one step before and one sign; vertices are rows over (A - effect, q)."""

    vertices: np.ndarray
    centre: float
    step: float
    spread: np.ndarray
    ceiling: float
    size: float

    def accepts(self, effects: np.ndarray) -> np.ndarray:
        """Return which effects the hybrid test does not reject."""
        point = np.column_stack([self.centre - effects, np.full(len(effects), self.step)])
        values = point @ self.vertices.T
        top = values.argmax(axis=1)
        statistic = values[np.arange(len(effects)), top]
        inner = self.vertices @ self.spread @ self.vertices.T
        variance = inner[top, top]
        sure = variance <= 1e-12 * inner.max()
        scale = np.where(sure, 1.0, variance)
        slope = inner[top] / scale[:, None]
        rest = values - slope * statistic[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            edge = rest / (1 - slope)
        low = np.where(slope < 1 - 1e-9, edge, -np.inf).max(axis=1)
        high = np.where(slope > 1 + 1e-9, edge, np.inf).min(axis=1)
        deviation = np.sqrt(scale)
        tail = truncated_tail(
            statistic / deviation, low / deviation, np.minimum(high, self.ceiling) / deviation
        )
        rejected = (statistic > self.ceiling) | ((statistic > 0) & (tail < self.size))
        return sure | ~rejected


def _moments(found: Steps, bound: float, alpha: float, place: int, sign: int) -> _Moments:
    step = sign * found.before[place]
    total = found.weights @ found.after
    pair = np.vstack([total, step])
    deviations = [
        np.sqrt(np.einsum("ij,jk,ik->i", rows, found.covariance, rows))
        for rows in (found.after - bound * step, -found.after - bound * step)
    ]
    up, down = np.maximum(found.weights, 0), np.maximum(-found.weights, 0)
    rising = 1 / float(up @ deviations[0] + down @ deviations[1])
    falling = 1 / float(up @ deviations[1] + down @ deviations[0])
    reach = bound * float(np.abs(found.weights).sum())
    both = 2 * bound / (deviations[0] + deviations[1])
    vertices = np.array(
        [
            [rising, -rising * reach],
            [-falling, -falling * reach],
            [0.0, -both.max()],
            [0.0, -both.min()],
        ]
    )
    centre, first = pair @ found.estimate
    spread = pair @ found.covariance @ pair.T
    kappa = _FIRST_STAGE * alpha
    return _Moments(
        vertices,
        float(centre),
        float(first),
        spread,
        least_favourable(vertices, spread, kappa),
        (alpha - kappa) / (1 - kappa),
    )


def least_favourable(vertices: np.ndarray, spread: np.ndarray, kappa: float) -> float:
    """Return the upper `kappa` quantile of the largest of `vertices` times a normal pair.

    The region where all are below c is star-shaped around zero, so its probability is a mean
    over directions: 1 - exp(-c^2 / (2 f^2)), with f the largest vertex in that direction.

    Examples
    --------
    >>> two_sided = np.array([[1.0, 0.0], [-1.0, 0.0]])
    >>> round(least_favourable(two_sided, np.eye(2), 0.05), 3)
    1.96
    """
    values, vectors = np.linalg.eigh(spread)
    root = vectors * np.sqrt(np.maximum(values, 0))
    reach = np.maximum((_CIRCLE @ root.T @ vertices.T).max(axis=1), 1e-300)

    def excess(bound: float) -> float:
        return float(np.exp(-0.5 * np.minimum(bound / reach, 1e100) ** 2).mean()) - kappa

    return float(optimize.brentq(excess, 1e-12, 40 * reach.max(), rtol=1e-9))


def truncated_tail(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return P(Z > value) for a standard normal between `low` and `high`, stable in the tails."""
    above = special.log_ndtr(-value)
    below = special.log_ndtr(-np.minimum(low, value))
    beyond = special.log_ndtr(-high)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.expm1(np.minimum(beyond - above, 0)) / np.expm1(np.minimum(beyond - below, 0))
        tail = np.exp(above - below) * share
    return np.where(np.isfinite(tail), tail, 1.0)


class HonestTest:
    """The test of one bound, for any number of effects.

    Parameters
    ----------
    found
        Steps and target.
    bound
        Mbar.
    alpha
        Size.
    """

    def __init__(self, found: Steps, bound: float, alpha: float) -> None:
        self._sets = [
            _moments(found, bound, alpha, place, sign)
            for place in range(len(found.before))
            for sign in (1, -1)
        ]
        total = found.weights @ found.after
        self.centre = float(total @ found.estimate)
        self.deviation = float(np.sqrt(total @ found.covariance @ total))
        largest = float(np.abs(found.before @ found.estimate).max())
        self._half = bound * largest * float(np.abs(found.weights).sum()) + 8 * self.deviation

    def accepts(self, effects: np.ndarray) -> np.ndarray:
        """Return which effects are compatible with some largest step before, of either sign."""
        result = np.zeros(len(effects), dtype=bool)
        for moments in self._sets:
            left = ~result
            if not left.any():
                break
            result[left] = moments.accepts(effects[left])
        return result

    def interval(self) -> tuple[float, float]:
        """Return the ends of the confidence set, by inverting the test.

        The grid is widened until its ends are rejected, and each end refined to a ten
        thousandth of a standard error; where the set has holes, its hull is returned.
        """
        half = self._half
        for _ in range(40):
            grid = np.linspace(self.centre - half, self.centre + half, 401)
            inside = np.flatnonzero(self.accepts(grid))
            if not len(inside):
                return np.nan, np.nan
            first, last = int(inside[0]), int(inside[-1])
            if first > 0 and last < len(grid) - 1:
                low = self._refine(grid[first], grid[first - 1])
                return low, self._refine(grid[last], grid[last + 1])
            half *= 2
        return -np.inf, np.inf

    def _refine(self, inner: float, outer: float) -> float:
        """Return the farthest accepted value between one that is accepted and one that is not."""
        while abs(outer - inner) > 1e-4 * self.deviation:
            grid = np.linspace(inner, outer, 12)
            last = min(int(np.flatnonzero(self.accepts(grid))[-1]), 10)
            inner, outer = grid[last], grid[last + 1]
        return float(outer)
