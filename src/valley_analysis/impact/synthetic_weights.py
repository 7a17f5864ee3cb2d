"""Weights of synthetic controls: exact least squares on the simplex.

Abadie, Diamond and Hainmueller (2010), "Synthetic Control Methods for Comparative Case
Studies", Journal of the American Statistical Association 105(490), 493-505.
"""

import numpy as np
from scipy.optimize import nnls

from valley_analysis.impact.synthetic_panel import Floats

# Ridge, as a share of squared differences, that picks among weights which all fit perfectly.
_EVEN = 1e-10


def simplex_weights(target: Floats, donors: Floats, ridge: float = 0.0) -> Floats:
    """Return the weights, none negative and summing to one, that come nearest to a target.

    Minimises ``|donors @ w - target|^2 + ridge |w|^2``. It is solved exactly: with differences
    ``D = donors - target`` the nonnegative least squares solution ``u`` of ``D u = 0`` and
    ``sum(u) = 1`` is proportional to ``w``, since for a given direction the best length depends
    on ``|D w|`` alone. Where many weights fit perfectly, the most even ones are taken, so that
    the result does not depend on the order of the donors.

    Parameters
    ----------
    target
        Values to match, one a row.
    donors
        Rows x donors.
    ridge
        Penalty on squared weights.

    Examples
    --------
    >>> simplex_weights(np.array([1.0, 2.0]), np.array([[0.0, 4.0, 9.0], [2.0, 2.0, 9.0]])).round(9)
    array([0.75, 0.25, 0.  ])
    """
    return nearest_in_hull(donors - target[:, None], ridge)


def nearest_in_hull(difference: Floats, ridge: float = 0.0) -> Floats:
    """Return simplex weights that minimise ``|difference @ w|^2 + ridge |w|^2``.

    Parameters
    ----------
    difference
        Rows x donors: donors less target.
    ridge
        Penalty on squared weights.

    Examples
    --------
    >>> nearest_in_hull(np.array([[-1.0, 3.0]])).round(9)
    array([0.75, 0.25])
    """
    many = difference.shape[1]
    size = float(np.sqrt((difference**2).sum() / many + ridge))
    if size == 0:
        return np.full(many, 1 / many)
    scaled = difference / size
    weights = _solve(scaled, ridge / size**2)
    if not ridge and np.abs(scaled @ weights).max(initial=0.0) < 1e-9:
        return _solve(scaled, _EVEN)
    return weights


def _solve(difference: Floats, ridge: float) -> Floats:
    many = difference.shape[1]
    parts = [difference, np.ones((1, many))]
    if ridge:
        parts.insert(1, np.sqrt(ridge) * np.eye(many))
    left = np.concatenate(parts)
    right = np.zeros(len(left))
    right[-1] = 1.0
    found, _ = nnls(left, right, maxiter=50 * many)
    weights: Floats = found / found.sum()
    return weights
