"""Effective weights: how much each indicator decides about the index, against what was meant."""

import numpy as np
import pandas as pd

from valley_analysis.scoring._linear import Floats
from valley_analysis.scoring.index import IndexResult

_GROUPS = 200
_WIDTHS = np.geomspace(0.1, 3.0, 12)


def effective_weights(result: IndexResult) -> pd.DataFrame:
    """Compare nominal weights with main effects: the correlation ratios with the index.

    The main effect of x is the share of the index's variance that the mean of the index given
    x explains. It is estimated twice: `linear` by the squared correlation, `local` by
    `correlation_ratio`, which sees curves too. Shares divide by the sum over the level, so that
    they compare with nominal weights. A main effect has no sign: read it beside `correlation`.
    Where indicators correlate, each also counts for the others.

    Parameters
    ----------
    result
        One edition of an index.

    Returns
    -------
    (level, name) down, level "indicator" or "dimension": dimension, nominal (weight in this
    edition), correlation, linear, linear_share, local, local_share, ratio (local_share over
    nominal).

    References
    ----------
    Paruolo, P., Saisana, M. and Saltelli, A. (2013), Ratings and rankings: voodoo or science?,
    Journal of the Royal Statistical Society A 176(3), 609-634.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> table = effective_weights(small_index())
    >>> table.loc["dimension", "linear_share"].round(2).to_dict()
    {'economy': 0.52, 'knowledge': 0.48}
    """
    score = result.scores["score"].to_numpy(dtype=float)
    used, dimension = result.weights["used"], result.weights["dimension"]
    nominal = used.groupby(dimension).sum().reindex(list(result.spec.dimensions)).dropna()
    levels = {
        "indicator": (result.normalised, used, dimension),
        "dimension": (result.scores[list(nominal.index)], nominal, nominal.index),
    }
    tables = {}
    for level, (values, weights, group) in levels.items():
        x = values.to_numpy(dtype=float)
        table = pd.DataFrame(
            {
                "dimension": np.asarray(group),
                "nominal": weights.to_numpy(),
                "correlation": [_correlation(column, score) for column in x.T],
                "local": [correlation_ratio(column, score) for column in x.T],
            },
            index=pd.Index(weights.index, name="name"),
        )
        tables[level] = table.assign(linear=table["correlation"] ** 2)
    joined = pd.concat(tables, names=["level"])
    for column in ("linear", "local"):
        sums = joined.groupby("level")[column].transform("sum")
        joined[f"{column}_share"] = joined[column] / sums
    joined["ratio"] = joined["local_share"] / joined["nominal"]
    order = ["linear", "linear_share", "local", "local_share", "ratio"]
    return joined[["dimension", "nominal", "correlation", *order]]


def correlation_ratio(x: Floats, y: Floats) -> float:
    """Estimate Var(E(y | x)) / Var(y) by a local linear regression of y on x.

    The kernel is Gaussian; its width, between 0.1 and 3 standard deviations of x, is the one
    that predicts left-out points best. Above 200 units points are first averaged in groups of
    neighbours, so that the cost stays linear. Variances are divided by their degrees of freedom,
    as in an adjusted R squared, or an x without any influence would seem to have some.

    Parameters
    ----------
    x, y
        One value a unit; pairs with a missing value are left out.

    Returns
    -------
    Between 0 and 1; missing where x or y does not vary, or fewer than 3 pairs exist.

    References
    ----------
    Paruolo, P., Saisana, M. and Saltelli, A. (2013), Ratings and rankings: voodoo or science?,
    Journal of the Royal Statistical Society A 176(3), 609-634, section 3.

    Examples
    --------
    >>> x = np.linspace(-1.0, 1.0, 41)
    >>> round(correlation_ratio(x, x**2), 2)  # the squared correlation would be 0
    1.0
    """
    known = ~(np.isnan(x) | np.isnan(y))
    x, y = x[known], y[known]
    if len(x) < 3 or not np.ptp(x) > 0 or not np.ptp(y) > 0:
        return float("nan")
    y = (y - y.mean()) / y.std()
    at, means, counts = _grouped((x - x.mean()) / x.std(), y)
    hat = _smoother(at, means, counts)
    count, inside = len(y), np.square(y).sum() - (counts * np.square(means)).sum()
    left = inside + (counts * np.square(means - hat @ means)).sum()
    free = count - 2 * np.trace(hat) + (np.square(hat) * counts[:, None] / counts).sum()
    if free < 1:  # hardly more units than the curve has bends
        return float(np.clip(1 - left / count, 0.0, 1.0))
    return float(np.clip(1 - (left / free) / (count / (count - 1)), 0.0, 1.0))


def _correlation(x: Floats, y: Floats) -> float:
    known = ~(np.isnan(x) | np.isnan(y))
    if known.sum() < 3 or not np.ptp(x[known]) > 0 or not np.ptp(y[known]) > 0:
        return float("nan")
    return float(np.corrcoef(x[known], y[known])[0, 1])


def _grouped(x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Put units with equal x together, and neighbours too where there are very many."""
    _, codes = np.unique(x, return_inverse=True)
    if codes.max() >= _GROUPS:
        starts = np.concatenate([[0], np.bincount(codes).cumsum()[:-1]])
        codes = (starts * _GROUPS // len(x))[codes]
        _, codes = np.unique(codes, return_inverse=True)
    counts = np.bincount(codes).astype(float)
    return np.bincount(codes, x) / counts, np.bincount(codes, y) / counts, counts


def _smoother(x: Floats, y: Floats, counts: Floats) -> Floats:
    """Matrix of the local linear fit whose width cross-validates best."""
    gaps = x[None, :] - x[:, None]
    best, chosen = np.inf, _hat(gaps, counts, 1e6)  # a straight line, if no width will do
    for width in _WIDTHS:
        hat = _hat(gaps, counts, width)
        own = np.diag(hat)
        if (own > 1 - 1e-6).any():
            continue  # a point that only fits itself says nothing about the width
        error = float((counts * np.square((y - hat @ y) / (1 - own))).sum())
        if error < best:
            best, chosen = error, hat
    return chosen


def _hat(gaps: Floats, counts: Floats, width: float) -> Floats:
    kernel = np.exp(-0.5 * np.square(gaps / width)) * counts
    s0, s1, s2 = (np.sum(kernel * gaps**power, axis=1, keepdims=True) for power in range(3))
    slope = s0 * s2 - s1**2
    steady = slope > 1e-10 * s0**2
    linear = kernel * (s2 - s1 * gaps) / np.where(steady, slope, 1.0)
    return np.where(steady, linear, kernel / s0)
