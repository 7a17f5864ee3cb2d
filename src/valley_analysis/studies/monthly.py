"""The country as a whole, month by month: did a series leave its own course in 2014?"""

import numpy as np
import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.time_series import interrupted_time_series

COUNTRY = "Российская Федерация"
SINCE = "2014-08-01"
"""The first whole month after the sectoral measures of 16 to 31 July 2014."""


def national_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Chain month-on-month indices of the country into a level.

    Parameters
    ----------
    frame
        What `sources.load_monthly` returns for a month-on-month index: label, month (monthly
        periods), value (per cent of the month before).

    Returns
    -------
    Columns month (its first day) and y (the month before the first = 100).

    Raises
    ------
    FrameError
        If a month of the country is missing in between.
    """
    own = frame[frame["label"] == COUNTRY].dropna(subset=["value"]).sort_values("month")
    months = pd.PeriodIndex(own["month"])
    wanted = pd.period_range(months.min(), months.max(), freq="M")
    gaps = [str(month) for month in wanted.difference(months)]
    if gaps:
        raise FrameError("monthly series", [f"{COUNTRY}: no {', '.join(gaps)}"], "take another one")
    level = 100 * np.cumprod(own["value"].to_numpy(float) / 100)
    return pd.DataFrame({"month": months.to_timestamp(), "y": level})


def national_break(frame: pd.DataFrame, since: str = SINCE) -> EffectResult:
    """Estimate a lasting shift of a national series with a structural model.

    Parameters
    ----------
    frame
        What `national_index` returns.
    since
        First month after.

    Notes
    -----
    Nothing is compared with anything: whatever else began at that date, such as the fall of the
    oil price, is part of the estimate.
    """
    return interrupted_time_series(
        frame, period="month", outcome="y", since=since, seasonal=12, log=True
    )
