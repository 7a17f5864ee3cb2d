"""Internal consistency of indicators: Cronbach's coefficient alpha.

Source: Cronbach (1951); OECD/JRC Handbook on Constructing Composite Indicators (2008), step 4.
"""

import numpy as np
import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.scoring.steps import checked_frame, exponents


def cronbach_alpha(frame: pd.DataFrame) -> float:
    """Return Cronbach's alpha of a set of indicators.

    alpha = k^2 c / S, with c the mean covariance of two different indicators and S the sum of
    all entries of the covariance matrix, covariances being pairwise (n - 1, over the units
    that have both). 1 if all measure the same; low or negative if they do not go together.

    Parameters
    ----------
    frame
        Units, or (period, unit), down; at least two indicators across, in one scale and with
        direction applied; missing values are left out pair by pair.

    Returns
    -------
    Missing if the sum of covariances is 0.

    Raises
    ------
    FrameError
        If there are fewer than two indicators, or with every pair that has fewer than two
        units in common.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.0]})
    >>> round(cronbach_alpha(frame), 6)
    0.888889
    """
    table = checked_frame(frame, "Cronbach alpha")
    values = table.to_numpy()
    count = values.shape[1]
    if count < 2:
        problem = f"one indicator ({table.columns[0]}); expected two or more"
        raise FrameError("Cronbach alpha", [problem], "add an indicator")
    known = (~np.isnan(values)).astype(float)
    shared = known.T @ known
    few = [
        f"{table.columns[i]} and {table.columns[j]}: {shared[i, j]:.0f} units in common"
        for i, j in np.argwhere(shared < 2)
        if i <= j
    ]
    if few:
        raise FrameError("Cronbach alpha", few, "impute, or leave one of each pair out")
    common = exponents(values).max()  # one power of two for all, which leaves alpha as it is
    table = pd.DataFrame(np.ldexp(values, -common), columns=table.columns)
    covariances = table.cov(min_periods=2).to_numpy()
    total = covariances.sum()
    if total == 0:
        return float("nan")
    between = (total - np.trace(covariances)) / (count * (count - 1))
    return float(count**2 * between / total)
