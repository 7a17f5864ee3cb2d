"""Scoring many replications of an index at once, with the same result as one by one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from valley_analysis.scoring.branches import (
    SLACK,
    Branch,
    Floats,
    Ints,
    Scale,
    branches,
    exponent,
    own_exponents,
)
from valley_analysis.scoring.nonlinear import is_nonlinear, score_nonlinear
from valley_analysis.scoring.ranks import TIE
from valley_analysis.scoring.structure import Structure

__all__ = [
    "Branch",
    "Floats",
    "Ints",
    "Places",
    "branches",
    "exponent",
    "own_exponents",
    "rank_batch",
    "score_batch",
    "score_replications",
]

Places = npt.NDArray[np.integer]
Ends = tuple[float, float]  # floor and least of a `Scale`
SMALL_PRODUCT, SMALL_VECTOR = 200_000, 9_000  # multiplications that OpenBLAS leaves to one thread


def score_batch(
    normalised: Floats,
    structure: Structure,
    weights: Floats | None = None,
    exponents: Floats | None = None,
    floor: float = 0.0,
) -> Floats:
    """Score many replications of an index.

    Every group is a power mean of its children, sum(w x^p) / sum(w) to the power of 1/p:
    arithmetic p = 1, geometric p = 0 (the limit), harmonic p = -1; or Copeland or
    Mazziotta-Pareto, for which an exponent is `branches.exponent`. Weights are renormalised
    over the children that are present; a group is missing where their share lies below its
    threshold.

    Parameters
    ----------
    normalised
        Units x indicators in the order of `structure.leaves`, higher is better, missing
        values allowed; or replications x units x indicators.
    structure
        The tree, with thresholds, and with the weights and methods to use by default.
    weights
        Replications x nodes in the order of `structure.nodes` (the top's is not used). An
        indicator or group of weight 0 takes no part; a group whose children all have
        weight 0 is missing.
    exponents
        Replications x groups (or one row for all) in the order of `structure.groups`.
    floor
        Where an exponent is not 1, values x from 0 to 100 enter as floor + x (100 - floor)
        / 100, and the mean is scaled back: otherwise one zero would make the geometric
        and harmonic mean zero, whatever the rest.

    Returns
    -------
    Replications x units.

    Raises
    ------
    SpecError
        If a power mean other than the arithmetic meets values that are negative, or the
        geometric or harmonic one meets zeros, even above the floor.

    Examples
    --------
    >>> tree = Structure.from_groups({"a": ("x", "y"), "b": ("z",)})
    >>> values = np.array([[10.0, 30.0, 60.0], [50.0, np.nan, 70.0]])
    >>> score_batch(values, tree).tolist()
    [[40.0, 60.0]]
    >>> heavier_x = [[1, 1, 3, 1, 1, 1]]  # nodes: index, a, x, y, b, z
    >>> score_batch(values, tree, np.array(heavier_x, float)).tolist()
    [[37.5, 60.0]]
    """
    nominal = np.array([node.weight for node in structure.nodes])
    weights = nominal[None] if weights is None else np.asarray(weights, dtype=float)
    powers = np.atleast_2d(own_exponents(structure) if exponents is None else exponents)
    many = max(len(weights), len(powers), len(normalised) if normalised.ndim == 3 else 1)
    if len(weights) != many:
        weights = np.broadcast_to(weights, (many, weights.shape[1]))
    return score_replications(normalised, branches(structure), weights, powers, floor)


def score_replications(
    normalised: Floats,
    tree: Sequence[Branch],
    weights: Floats,
    powers: Floats,
    floor: float,
    least: float = 0.0,
) -> Floats:
    """Do what `score_batch` describes; the rows of each choice of means together.

    `least` is that of `Scale`.
    """
    first = powers[0]
    if len(powers) == 1 or bool((powers == first).all()):
        return _score_alike(normalised, tree, weights, first, (floor, least))
    scores = np.empty((len(weights), normalised.shape[-2]))
    kinds, which = np.unique(powers, axis=0, return_inverse=True)
    for number, kind in enumerate(kinds):
        rows = np.flatnonzero(which.ravel() == number)
        values = normalised[rows] if normalised.ndim == 3 else normalised
        scores[rows] = _score_alike(values, tree, weights[rows], kind, (floor, least))
    return scores


def _score_alike(
    values: Floats, tree: Sequence[Branch], weights: Floats, powers: Floats, ends: Ends
) -> Floats:
    """Score replications that share their means: units without gaps, then the others."""
    if is_nonlinear(powers):
        return score_nonlinear(values, tree, weights, powers, *ends)
    used = np.zeros(values.shape[-1], dtype=bool)
    for branch in tree:
        used[branch.leaves] = (weights[:, branch.leaf_nodes] > 0).any(axis=0)
    gaps = (np.isnan(values) & used).any(axis=-1)
    gappy = gaps.any(axis=0) if values.ndim == 3 else gaps
    if not gappy.any():
        return _score_full(values, tree, weights, powers, ends)
    if gappy.all():
        return _score_gappy(values, tree, weights, powers, ends)
    scores = np.empty((len(weights), values.shape[-2]))
    scores[:, ~gappy] = _score_full(values[..., ~gappy, :], tree, weights, powers, ends)
    scores[:, gappy] = _score_gappy(values[..., gappy, :], tree, weights, powers, ends)
    return scores


def _score_full(
    values: Floats, tree: Sequence[Branch], weights: Floats, powers: Floats, ends: Ends
) -> Floats:
    """Score units that have all values: shares of weight do not depend on the unit."""
    # Only indicators of weight 0 may be missing here; any positive number stands in for them.
    values = np.where(np.isnan(values), 100.0, values) if np.isnan(values).any() else values
    shares, missing = _shares(tree, weights)
    if (powers == 1.0).all():
        return _dot(_collapse(tree, weights, shares, missing), values)
    means: dict[int, Floats] = {}
    for branch in tree:
        scale = Scale(float(powers[branch.position]), *ends)
        part = scale.forward(values[..., branch.leaves], branch.name)
        total = _dot(weights[:, branch.leaf_nodes], part)
        for node, group in zip(branch.group_nodes, branch.groups, strict=True):
            there = ~missing[:, group]
            weight = (weights[:, node] * there)[:, None]
            mean = np.where(there[:, None], means.pop(group), 100.0)
            total += weight * scale.forward(mean, branch.name)
        total *= shares[:, [branch.position]]
        means[branch.position] = scale.back(total)
    return means[tree[-1].position]


def _shares(tree: Sequence[Branch], weights: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """One over the weight present in each group (missing where too little), and its absence."""
    inverse = np.full((len(weights), len(tree)), np.nan)
    missing = np.ones((len(weights), len(tree)), dtype=bool)
    for branch in tree:
        groups = weights[:, branch.group_nodes]
        present = weights[:, branch.leaf_nodes].sum(axis=1)
        total = present + groups.sum(axis=1)
        present = present + (groups * ~missing[:, branch.groups]).sum(axis=1)
        enough = (total > 0) & (present >= (branch.threshold - SLACK) * total)
        missing[:, branch.position] = ~enough
        np.divide(1.0, present, where=enough, out=inverse[:, branch.position])
    return inverse, missing


def _collapse(
    tree: Sequence[Branch], weights: Floats, shares: Floats, missing: npt.NDArray[np.bool_]
) -> Floats:
    """One weight an indicator: the product of the shares on its way to the top."""
    leaves = sum(len(branch.leaves) for branch in tree)
    collapsed = np.zeros((len(weights), leaves))
    factors = np.zeros((len(weights), len(tree)))
    factors[:, tree[-1].position] = 1.0
    for branch in reversed(tree):
        factor = factors[:, [branch.position]]
        # A group that is missing has factor 0, and no share: it takes nothing further down.
        factor = np.where(factor > 0, factor * shares[:, [branch.position]], 0.0)
        collapsed[:, branch.leaves] = weights[:, branch.leaf_nodes] * factor
        there = ~missing[:, branch.groups]
        factors[:, branch.groups] = np.where(there, weights[:, branch.group_nodes] * factor, 0.0)
    collapsed[missing[:, tree[-1].position]] = np.nan
    return collapsed


def _score_gappy(
    values: Floats, tree: Sequence[Branch], weights: Floats, powers: Floats, ends: Ends
) -> Floats:
    """Score units with gaps group by group, weights renormalised over what is present."""
    means: dict[int, Floats] = {}
    for branch in tree:
        scale = Scale(float(powers[branch.position]), *ends)
        part = values[..., branch.leaves]
        absent = np.isnan(part)
        own = weights[:, branch.leaf_nodes]
        total = own.sum(axis=1) + weights[:, branch.group_nodes].sum(axis=1)
        known = scale.forward(np.where(absent, 100.0, part), branch.name)
        mean = _dot(own, np.where(absent, 0.0, known))
        present = _dot(own, (~absent).astype(float))
        for node, group in zip(branch.group_nodes, branch.groups, strict=True):
            child = means.pop(group)
            gone = np.isnan(child)
            weight = np.where(gone, 0.0, weights[:, [node]])
            mean += weight * scale.forward(np.where(gone, 100.0, child), branch.name)
            present += weight
        limit = (branch.threshold - SLACK) * total[:, None]
        mean /= np.where((present >= limit) & (present > 0), present, np.nan)
        means[branch.position] = scale.back(mean)
    return means[tree[-1].position]


def _dot(weights: Floats, values: Floats) -> Floats:
    """Replications x units from replications x children and (replications x) units x children.

    Products are cut so small that BLAS does not spread them over threads: how it spreads
    them changes last digits, and workers may have fewer threads than we.
    """
    many, children = weights.shape
    units = values.shape[-2]
    found = np.empty((many, units))
    if values.ndim == 3:
        step = max(SMALL_VECTOR // max(children, 1), 1)
        for start in range(0, units, step):
            part = np.matmul(values[:, start : start + step], weights[:, :, None])
            found[:, start : start + step] = part[:, :, 0]
        return found
    step = min(units, 1024)
    rows = max(SMALL_PRODUCT // max(step * children, 1), 1)
    for start in range(0, units, step):
        part = values[start : start + step].T
        for row in range(0, many, rows):
            found[row : row + rows, start : start + step] = weights[row : row + rows] @ part
    return found


def rank_batch(scores: Floats) -> Places:
    """Rank each replication as `rank` does: 1 is best, ties share the smaller.

    Parameters
    ----------
    scores
        Replications x units, higher is better; scores closer than 1e-9 to their neighbour tie.

    Returns
    -------
    Replications x units; 0 where a unit has no score.

    Examples
    --------
    >>> rank_batch(np.array([[50.0, 70.0, 50.0, np.nan]])).tolist()
    [[2, 1, 2, 0]]
    """
    many, units = scores.shape
    kind = np.int16 if units < 2**15 else np.int32
    below = -scores
    order = np.argsort(below, axis=1)
    below = np.take_along_axis(below, order, axis=1)
    places = np.broadcast_to(np.arange(1, units + 1, dtype=kind), scores.shape)
    tied = np.flatnonzero((np.diff(below, axis=1) <= TIE).any(axis=1))
    if len(tied):
        apart = np.diff(below[tied], axis=1, prepend=-np.inf) > TIE
        places = places.copy()
        places[tied] = np.maximum.accumulate(np.where(apart, places[tied], 1), axis=1)
    ranks = np.empty(many * units, dtype=kind)
    order += (np.arange(many) * units)[:, None]
    ranks[order.ravel()] = places.ravel()
    ranks = ranks.reshape(scores.shape)
    if np.isnan(below[:, -1]).any():  # missing scores come last
        ranks[np.isnan(scores)] = 0
    return ranks
