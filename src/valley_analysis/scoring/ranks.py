"""Ranks from unrounded scores."""

import numpy as np
import pandas as pd

from valley_analysis.scoring.brought import numbers_of

TIE = 1e-9


def rank(scores: "pd.Series[float]") -> "pd.Series[int]":
    """Rank scores: 1 is best, ties share the smaller rank, a missing score has no rank.

    Scores closer than 1e-9 to their neighbour tie.

    Parameters
    ----------
    scores
        Higher is better; not rounded.

    Returns
    -------
    Nullable integers on the same index.

    Raises
    ------
    FrameError
        If they are no numbers, or infinite.

    Examples
    --------
    >>> rank(pd.Series([50.0, 70.0, 50.0, float("nan")])).tolist()
    [2, 1, 2, <NA>]
    """
    given = numbers_of(scores, "rank", "scores", unique=False)
    values = given.to_numpy()
    order = np.argsort(-values, kind="stable")[: int((~np.isnan(values)).sum())]
    steps = -np.diff(values[order], prepend=np.inf)
    places = np.arange(1, len(order) + 1)
    found = np.zeros(len(values), dtype=np.int64)
    found[order] = np.maximum.accumulate(np.where(steps > TIE, places, 1)) if len(order) else 0
    ranks = pd.Series(found, given.index).astype("Int64")
    return ranks.mask(found == 0)
