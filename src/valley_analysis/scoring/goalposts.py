"""Winsorised min-max scaling with goalposts that stay the same for all editions."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.scoring.brought import numbers_of
from valley_analysis.scoring.steps import refuse

NEXT = "pass two rising quantiles from 0 to 1"


@dataclass(frozen=True)
class Goalposts:
    """Values that become 0 and 100, for one indicator under one method.

    Attributes
    ----------
    low, high
        Cuts of the pooled distribution, in the indicator's unit.
    n
        Values pooled.
    clipped
        How many of them lie outside the cuts.
    """

    low: float
    high: float
    n: int
    clipped: int


def goalposts(values: "pd.Series[float]", quantiles: tuple[float, float]) -> Goalposts | None:
    """Take goalposts from a pooled distribution.

    Parameters
    ----------
    values
        Units and periods of one method, missing values allowed.
    quantiles
        Lower and upper cut (type 7, numpy's default).

    Returns
    -------
    None if the values do not differ at the cuts, so that nothing can be scaled.

    Raises
    ------
    FrameError, SpecError
        If the values are no numbers, or the quantiles do not rise from 0 to 1.

    Examples
    --------
    >>> goalposts(pd.Series([0.0, 1.0, 2.0, 3.0, 4.0]), (0.0, 1.0))
    Goalposts(low=0.0, high=4.0, n=5, clipped=0)
    """
    low, high = quantiles
    refuse("goalposts", [] if 0 <= low < high <= 1 else [f"quantiles {quantiles}"], NEXT)
    known = numbers_of(values, "goalposts", unique=False).to_numpy()
    known = known[~np.isnan(known)]
    if len(known) == 0:
        return None
    low, high = (float(cut) for cut in np.quantile(known, quantiles))
    if not high > low:
        return None
    clipped = int(((known < low) | (known > high)).sum())
    return Goalposts(low, high, len(known), clipped)


Values = TypeVar("Values", "pd.Series[float]", "npt.NDArray[np.float64]")


def between_posts(values: Values, posts: Goalposts, direction: int) -> Values:
    """Scale values to 0-100 between goalposts; values beyond them are cut.

    Parameters
    ----------
    values
        In the indicator's unit.
    posts
        Its goalposts.
    direction
        1, or -1 where less is better (the scale is mirrored).

    Examples
    --------
    >>> between_posts(pd.Series([1.0, 9.0]), Goalposts(0.0, 4.0, 5, 0), -1).tolist()
    [75.0, 0.0]
    """
    share = (values.clip(posts.low, posts.high) - posts.low) / (posts.high - posts.low)
    scaled = 100.0 * share  # the share is exactly 1 at the upper post
    return scaled if direction > 0 else 100.0 - scaled
