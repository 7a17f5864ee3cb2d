"""Ranks from unrounded scores."""

import numpy as np
import pandas as pd

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

    Examples
    --------
    >>> rank(pd.Series([50.0, 70.0, 50.0, float("nan")])).tolist()
    [2, 1, 2, <NA>]
    """
    values = scores.dropna().sort_values(ascending=False, kind="stable")
    steps = -np.diff(values.to_numpy(), prepend=np.inf)
    places = np.arange(1, len(values) + 1)
    ranks = np.maximum.accumulate(np.where(steps > TIE, places, 1)) if len(values) else places
    return pd.Series(ranks, index=values.index).reindex(scores.index).astype("Int64")
