"""Places that intervals allow."""

import numpy as np
import pandas as pd


def interval_ranks(low: "pd.Series[float]", high: "pd.Series[float]") -> pd.DataFrame:
    """Return the best and the worst place of each unit whose score is only known between bounds.

    The best place counts those that are certainly ahead, the worst also those that may be; ties
    share the smaller place.

    Parameters
    ----------
    low, high
        Bounds by unit; higher is better.

    Returns
    -------
    Units down: rank_best, rank_worst.

    Examples
    --------
    >>> low, high = pd.Series({"a": 50.0, "b": 10.0}), pd.Series({"a": 60.0, "b": 55.0})
    >>> interval_ranks(low, high).values.tolist()
    [[1, 2], [1, 2]]
    """
    lows, highs = low.to_numpy(float), high.to_numpy(float)
    others = ~np.eye(len(lows), dtype=bool)
    ahead = (lows[None, :] > highs[:, None]) & others
    perhaps = (highs[None, :] > lows[:, None]) & others
    return pd.DataFrame(
        {"rank_best": 1 + ahead.sum(axis=1), "rank_worst": 1 + perhaps.sum(axis=1)}, low.index
    )
