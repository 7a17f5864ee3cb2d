"""Poisson with unit and period effects, fast enough to be refitted for every unit left out.

The last step of iterated weighted least squares is a weighted regression whose scores are those
of the likelihood, so every robust variance of a `Fit` holds for it (Correia, S., Guimarães, P.
and Zylkin, T. 2020, Fast Poisson estimation with high-dimensional fixed effects, Stata Journal
20(1), 95-115).
"""

from dataclasses import dataclass, replace

import numpy as np

from valley_analysis.errors import DesignError
from valley_analysis.impact.sandwich import Fit
from valley_analysis.impact.units import size
from valley_analysis.impact.within import Within

_TOLERANCE = 1e-11
_COUNT = 2.0**12
_ROUNDS = 200
_SMALLEST = 1e-10
_NOTHING = 1e-7


@dataclass(frozen=True, eq=False)
class Effects:
    """What goes out of a regression.

    Attributes
    ----------
    unit, period
        Labels of the n rows.
    absorb
        n x k further columns.
    """

    unit: np.ndarray
    period: np.ndarray
    absorb: np.ndarray

    def within(self, weight: np.ndarray) -> Within:
        """Return the projection under weights, n."""
        return Within.of(self.unit, self.period, weight, self.absorb)


def poisson(effects: Effects, weight: np.ndarray, y: np.ndarray, x: np.ndarray | None) -> Fit:
    """Return the last step of iterated weighted least squares: a `Fit` with Poisson scores.

    Parameters
    ----------
    effects
        What goes out.
    weight
        n, above zero.
    y
        n, zero or more.
    x
        n, the regressor; None for the effects alone.

    Raises
    ------
    DesignError
        If the regressor separates rows of zero from the others.

    Examples
    --------
    >>> effects = Effects(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.empty((4, 0)))
    >>> fit = poisson(effects, np.ones(4), np.array([1.0, 6, 2, 4]), np.array([0.0, 1, 0, 0]))
    >>> round(float(np.exp(fit.estimate)), 6)
    3.0
    """
    # The rounds end by how the deviance changes, which has the unit of the counts.
    unit = size(y) / _COUNT
    y = y / unit
    mean, last = (y + y.mean()) / 2, np.inf
    for _ in range(_ROUNDS):
        within = effects.within(weight * mean)
        working = np.log(mean) + (y - mean) / mean
        left = within.residuals(working)
        fit = Fit(within, np.zeros_like(y), left) if x is None else Fit.of(within, x, working)
        rest = left if x is None else fit.residuals
        ended = np.exp(np.clip(working - rest, np.log(_SMALLEST), 50))
        deviance = _deviance(y, ended, weight)
        if abs(deviance - last) <= _TOLERANCE * (abs(deviance) + 0.1):
            _refuse_separated(effects, weight, y, x, ended)
            return _in_unit(fit, unit)
        mean, last = ended, deviance
    raise _separated(f"no convergence in {_ROUNDS} rounds")


def _in_unit(fit: Fit, unit: float) -> Fit:
    """Return the fit with the weights, which are expected counts, in the caller's unit."""
    within = fit.within
    scaled = replace(
        within,
        weights=within.weights * unit,
        totals=within.totals * unit,
        basis=within.basis / np.sqrt(unit),
    )
    return replace(fit, within=scaled)


def _refuse_separated(
    effects: Effects, weight: np.ndarray, y: np.ndarray, x: np.ndarray | None, mean: np.ndarray
) -> None:
    """Refuse a coefficient that runs off: without rows fitted as zero nothing of x is left."""
    kept = mean > _NOTHING * y.mean()
    if x is None or kept.all():
        return
    rest = Effects(effects.unit[kept], effects.period[kept], effects.absorb[kept])
    try:
        Fit.of(rest.within(weight[kept]), x[kept], y[kept])
    except DesignError:
        raise _separated(f"{(~kept).sum()} rows are fitted as zero") from None


def _separated(found: str) -> DesignError:
    return DesignError(
        "poisson",
        [f"{found}: the regressor separates rows of zero from the others"],
        "leave out units or periods that are nearly always zero",
    )


def _deviance(y: np.ndarray, mean: np.ndarray, weight: np.ndarray) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(y > 0, y * np.log(y / mean), 0.0) - (y - mean)
    return float((weight * each).sum())
