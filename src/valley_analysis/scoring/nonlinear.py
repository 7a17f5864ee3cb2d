"""Groups that no weighted sum reaches, replication by replication.

Copeland and Mazziotta-Pareto, and power means so steep that powers would overflow. Slower than
`engine`, which takes the ordinary means, and with the same result as `aggregate`.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from valley_analysis.scoring import means
from valley_analysis.scoring.branches import (
    COPELAND,
    MAZZIOTTA_PARETO,
    SLACK,
    STEEP,
    Branch,
    Floats,
    Scale,
)
from valley_analysis.scoring.copeland import EVEN
from valley_analysis.scoring.ranks import TIE

CELLS = 2_000_000  # numbers in one array of the work


def is_nonlinear(powers: Floats) -> bool:
    """Whether any group needs the slower way.

    Examples
    --------
    >>> is_nonlinear(np.array([1.0, 0.0])), is_nonlinear(np.array([1.0, COPELAND]))
    (False, True)
    """
    return bool((np.abs(powers) > STEEP).any())


def score_nonlinear(
    values: Floats,
    tree: Sequence[Branch],
    weights: Floats,
    powers: Floats,
    floor: float,
    least: float,
) -> Floats:
    """Score replications that share their means; see `engine.score_batch`.

    Parameters
    ----------
    values
        Units x leaves, or replications x units x leaves.
    tree
        The groups, deepest first.
    weights
        Replications x nodes.
    powers
        One a group: exponent, `COPELAND` or `MAZZIOTTA_PARETO`.
    floor, least
        See `Scale`.
    """
    many, units = len(weights), values.shape[-2]
    widest = max(len(branch.leaves) + len(branch.groups) for branch in tree)
    cells = units * max(widest, units if (powers == COPELAND).any() else 1)
    step = max(CELLS // max(cells, 1), 1)
    scores = np.empty((many, units))
    for start in range(0, many, step):
        rows = slice(start, start + step)
        part = values[rows] if values.ndim == 3 else values[None]
        scores[rows] = _score(part, tree, weights[rows], powers, floor, least)
    return scores


def _score(
    values: Floats,
    tree: Sequence[Branch],
    weights: Floats,
    powers: Floats,
    floor: float,
    least: float,
) -> Floats:
    found: dict[int, Floats] = {}
    for branch in tree:
        children = np.stack(list(_children(values, found, branch, len(weights))), axis=-1)
        own = np.hstack([weights[:, branch.leaf_nodes], weights[:, branch.group_nodes]])
        there = ~np.isnan(children) & (own > 0)[:, None, :]
        known = np.where(there, own[:, None, :], 0.0)
        present, whole = known.sum(axis=-1), own.sum(axis=1)[:, None]
        enough = (present > 0) & (present >= (branch.threshold - SLACK) * whole)
        used = known / np.where(enough, present, np.nan)[..., None]
        power = float(powers[branch.position])
        if power == COPELAND:
            field = np.where(enough[..., None], children, np.nan)
            ties = np.r_[np.zeros(len(branch.leaves)), np.full(len(branch.groups), TIE)]
            found[branch.position] = copeland_rows(field, own, ties)
            continue
        flat, shares = (each.reshape(-1, each.shape[-1]) for each in (children, used))
        mean = _mean(flat, shares, power, Scale(power, floor, least), branch.name)
        found[branch.position] = mean.reshape(present.shape)
    return found[tree[-1].position]


def _children(
    values: Floats, found: dict[int, Floats], branch: Branch, many: int
) -> Iterator[Floats]:
    """Values of a group's children, each replications x units."""
    for leaf in branch.leaves:
        yield np.broadcast_to(values[..., leaf], (many, values.shape[-2]))
    for group in branch.groups:
        yield found.pop(group)


def _mean(values: Floats, used: Floats, power: float, scale: Scale, group: str) -> Floats:
    part = used > 0
    if power == MAZZIOTTA_PARETO:
        # Errors may take a value below 0, where a penalty would become a reward.
        positive = np.maximum(values, 0.0) if scale.least else values
        return means.mazziotta_pareto(positive, used)
    if power == 1.0:
        return means.arithmetic(values, used)
    lifted = np.ones_like(values)
    lifted[part] = scale.lift(values[part], group)
    return scale.lower(means.power_mean(lifted, used, power))


def copeland_rows(values: Floats, weights: Floats, ties: npt.NDArray[np.float64]) -> Floats:
    """Return Copeland scores (wins minus losses) within each replication.

    Parameters
    ----------
    values
        Replications x units x children; missing values allowed.
    weights
        Replications x children, none negative.
    ties
        Values of a child no further apart than this tie.

    Examples
    --------
    >>> copeland_rows(np.array([[[3.0, 1.0], [2.0, 0.0]]]), np.ones((1, 2)), np.zeros(2)).tolist()
    [[1.0, -1.0]]
    """
    many, units, _ = values.shape
    total = weights.sum(axis=1, keepdims=True)
    shares = weights / np.where(total > 0, total, 1.0)
    lead = np.zeros((many, units, units))
    for child, tie in enumerate(ties):
        column = values[:, :, child]
        with np.errstate(invalid="ignore"):
            apart = column[:, :, None] - column[:, None, :]
            sign = (apart > tie).astype(np.int8) - (apart < -tie)
        lead += shares[:, child, None, None] * sign
    here = (~np.isnan(values)).astype(float)
    common = np.matmul(here * shares[:, None, :], here.transpose(0, 2, 1))
    wins = (lead > EVEN * common).sum(axis=2) - (lead < -EVEN * common).sum(axis=2)
    scored = ((here > 0) & (shares > 0)[:, None, :]).any(axis=2)
    return np.where(scored, wins.astype(float), np.nan)
