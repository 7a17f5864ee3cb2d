"""Natural breaks (Fisher-Jenks): exact, by dynamic programming, for many rows at once."""

import numpy as np
from numpy.typing import NDArray

from valley_analysis.scoring._linear import Floats

Places = NDArray[np.intp]
_CHUNK = 4_000_000  # cells of working memory


def jenks_borders(scores: Floats, count: int) -> Floats:
    """Find the classes with the least sum of squared distances from class means.

    Parameters
    ----------
    scores
        Rows x units; missing scores are left out of their row.
    count
        Classes, 2 or more. A row with fewer units has as many classes as units.

    Returns
    -------
    Rows x (count - 1): the least score of each class but the lowest, from the top down;
    missing where a row has fewer classes.

    References
    ----------
    Fisher, W.D. (1958), On grouping for maximum homogeneity, Journal of the American
    Statistical Association 53, 789-798. Jenks, G.F. (1967), The data model concept in
    statistical mapping, International Yearbook of Cartography 7, 186-190.

    Examples
    --------
    >>> jenks_borders(np.array([[1.0, 2.0, 10.0, 11.0, 30.0]]), 3).tolist()
    [[30.0, 10.0]]
    """
    known = (~np.isnan(scores)).sum(axis=1)
    found = np.full((len(scores), count - 1), np.nan)
    for size in np.unique(known[known > 0]):
        chosen = np.flatnonzero(known == size)
        ordered = np.sort(scores[chosen], axis=1)[:, :size]  # missing ones sort last
        classes = min(count, int(size))
        step = max(1, _CHUNK // (int(size) * classes))
        for start in range(0, len(chosen), step):
            part = ordered[start : start + step]
            begins = _begins(part, classes)
            borders = np.take_along_axis(part, begins, axis=1)
            found[chosen[start : start + step], : classes - 1] = borders
    return found


def _begins(x: Floats, classes: int) -> Places:
    """Position at which each class but the lowest begins, from the top down.

    Rows ascend and miss nothing.
    """
    size = x.shape[1]
    span = np.maximum(np.ptp(x, axis=1, keepdims=True), np.finfo(float).tiny)
    scaled = (x - x[:, :1]) / span  # squares of small numbers lose less
    sums = np.pad(scaled.cumsum(axis=1), ((0, 0), (1, 0)))
    squares = np.pad(np.square(scaled).cumsum(axis=1), ((0, 0), (1, 0)))
    best = np.full((len(x), size + 1), np.inf)
    best[:, 0] = 0.0
    starts = np.zeros((classes, len(x), size + 1), dtype=np.intp)
    every = np.arange(len(x))
    for number in range(classes):
        following = np.full_like(best, np.inf)
        for end in range(number + 1, size + 1):
            begin = np.arange(number, end)
            total = sums[:, [end]] - sums[:, begin]
            spread = squares[:, [end]] - squares[:, begin] - total**2 / (end - begin)
            cost = best[:, begin] + np.maximum(spread, 0.0)
            at = cost.argmin(axis=1)
            starts[number, :, end] = begin[at]
            following[:, end] = cost[every, at]
        best = following
    return _trace(starts)


def _trace(starts: Places) -> Places:
    """Walk back from the last class to the first, noting where each begins."""
    classes, rows, size = starts.shape
    every, end = np.arange(rows), np.full(rows, size - 1)
    begins = np.empty((rows, classes - 1), dtype=np.intp)
    for number in range(classes - 1, 0, -1):
        end = starts[number, every, end]
        begins[:, classes - 1 - number] = end
    return begins
