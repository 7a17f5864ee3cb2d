"""Weighted arithmetic mean over what is present, above a threshold of weight."""

import pandas as pd


def average(
    values: pd.DataFrame, weights: "pd.Series[float]", threshold: float
) -> tuple["pd.Series[float]", pd.DataFrame]:
    """Average columns with weights that are renormalised over the present ones.

    Parameters
    ----------
    values
        Units down, children across; missing values allowed.
    weights
        One a child; any positive sum.
    threshold
        Share of the weight that must be present, else the unit's mean is missing.

    Returns
    -------
    The mean of each unit, and the weight that each child had in it (rows sum to 1, or are
    missing where the mean is).

    Examples
    --------
    >>> values = pd.DataFrame({"a": [10.0, float("nan")], "b": [30.0, 30.0]})
    >>> mean, used = average(values, pd.Series({"a": 1.0, "b": 3.0}), 0.5)
    >>> mean.tolist(), used["b"].tolist()
    ([25.0, 30.0], [0.75, 1.0])
    """
    weights = weights.reindex(values.columns)
    present = values.notna().mul(weights, axis=1)
    share = present.sum(axis=1) / weights.sum()
    used = present.div(present.sum(axis=1), axis=0).where(share >= threshold - 1e-12)
    return (values.fillna(0.0) * used).sum(axis=1, skipna=False), used
