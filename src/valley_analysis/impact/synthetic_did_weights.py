"""Synthetic difference-in-differences of one block: weights of units and periods, and the effect.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), "Synthetic Difference-in-Differences",
American Economic Review 111(12), 4088-4118.
"""

from dataclasses import dataclass

import numpy as np

from valley_analysis.impact.synthetic_panel import Floats
from valley_analysis.impact.synthetic_weights import nearest_in_hull

# Of the noise level: the penalty that only makes time weights unique (p. 4092).
_TIME_PENALTY = 1e-6


@dataclass(frozen=True, eq=False)
class Block:
    """Treated and control outcomes of one cohort.

    Attributes
    ----------
    treated, controls
        Units x periods.
    start
        Number of periods before the treatment.
    """

    treated: Floats
    controls: Floats
    start: int

    @property
    def penalty(self) -> float:
        """Zeta of equation (2.2): the fourth root of treated cells times the noise level."""
        cells = len(self.treated) * (self.treated.shape[1] - self.start)
        return float(cells**0.25 * self.noise)

    @property
    def noise(self) -> float:
        """Standard deviation of first differences of controls before the treatment."""
        return float(np.diff(self.controls[:, : self.start], axis=1).std(ddof=1))


@dataclass(frozen=True, eq=False)
class Fit:
    """Weights and effects of one block.

    Attributes
    ----------
    units
        Weights of the controls.
    periods
        Weights of the periods before the treatment.
    path
        Gap in every period less the weighted gap before: periods.
    start
        Number of periods before the treatment.
    """

    units: Floats
    periods: Floats
    path: Floats
    start: int

    @property
    def effect(self) -> float:
        """Mean of the path since the treatment."""
        return float(self.path[self.start :].mean())


def fit_block(block: Block, penalty: float | None = None) -> Fit:
    """Fit unit and time weights, and take the weighted double difference.

    Parameters
    ----------
    block
        Outcomes.
    penalty
        Zeta; by default the block's own. Placebos and draws keep that of the estimate.

    Examples
    --------
    >>> controls = np.array([[1.0, 2, 3, 4], [2.0, 4, 5, 7], [0.0, 2, 2, 3]])
    >>> found = fit_block(Block(controls[:1] + 5 + np.array([0, 0, 0, 9.0]), controls, 3))
    >>> round(found.effect, 2), found.units.round(2).tolist()
    (8.72, [0.44, 0.28, 0.28])
    """
    zeta = block.penalty if penalty is None else penalty
    return weighted_did(block, unit_weights(block, zeta), time_weights(block))


def unit_weights(block: Block, penalty: float) -> Floats:
    """Return weights of controls that move parallel to the treated mean before the treatment.

    Equation (2.1): an intercept is allowed, squared weights are penalised.

    Examples
    --------
    >>> flat = Block(np.array([[5.0, 6.0, 0.0]]), np.array([[1.0, 2.0, 0.0], [4.0, 3.0, 0.0]]), 2)
    >>> unit_weights(flat, 0.0).round(6).tolist()
    [1.0, 0.0]
    """
    early = block.controls[:, : block.start]
    target = block.treated[:, : block.start].mean(axis=0)
    difference = (early - early.mean(axis=1, keepdims=True)).T - (target - target.mean())[:, None]
    return nearest_in_hull(difference, penalty**2 * block.start)


def time_weights(block: Block) -> Floats:
    """Return weights of early periods that are parallel, over controls, to the later mean.

    Equation (2.3), with the same kind of intercept and a negligible penalty.

    Examples
    --------
    >>> controls = np.array([[1.0, 2.0, 2.0], [4.0, 3.0, 3.0], [0.0, 6.0, 6.0]])
    >>> time_weights(Block(controls[:1], controls, 2)).round(3).tolist()
    [0.0, 1.0]
    """
    early = block.controls[:, : block.start]
    target = block.controls[:, block.start :].mean(axis=1)
    difference = early - early.mean(axis=0) - (target - target.mean())[:, None]
    penalty = (_TIME_PENALTY * block.noise) ** 2 * len(early)
    return nearest_in_hull(difference, penalty)


def weighted_did(block: Block, units: Floats, periods: Floats) -> Fit:
    """Return the double difference for given weights; uniform ones give the plain one.

    Examples
    --------
    >>> block = Block(np.array([[1.0, 1, 6]]), np.array([[0.0, 2, 2], [0.0, 2, 4]]), 2)
    >>> weighted_did(block, np.full(2, 0.5), np.full(2, 0.5)).effect
    3.0
    """
    gap = block.treated.mean(axis=0) - units @ block.controls
    return Fit(units, periods, gap - periods @ gap[: block.start], block.start)


def uniform(block: Block) -> tuple[Floats, Floats]:
    """Return equal weights of controls and of periods before the treatment.

    Examples
    --------
    >>> uniform(Block(np.ones((1, 3)), np.ones((4, 3)), 2))[1].tolist()
    [0.5, 0.5]
    """
    many = len(block.controls)
    return np.full(many, 1 / many), np.full(block.start, 1 / block.start)
