"""Money of different years in prices of one year, by the chained consumer price index."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from valley_analysis.errors import PeriodError


@dataclass(frozen=True)
class Prices:
    """Which prices money is expressed in.

    Attributes
    ----------
    base
        Year whose prices are used.
    deflator
        "national": the country's CPI for every region. "regional": each region's own,
        which also removes regional differences of inflation, not of price levels.
    """

    base: int = 2021
    deflator: Literal["national", "regional"] = "national"


DEFAULT = Prices()


def deflator(cpi: pd.DataFrame, prices: Prices) -> pd.DataFrame:
    """Return the factor that turns money of a period into prices of the base year.

    The published index compares Decembers. The mean level of a year is taken as the
    geometric mean of the Decembers at its two ends.

    Parameters
    ----------
    cpi
        Regions down (with the country as "RU"), consecutive periods across: December, in
        percent of the previous December.
    prices
        Base year, and whose index to use.

    Returns
    -------
    The same shape; 1.0 in the base year. Under "regional", a region whose index has a gap
    between a period and the base year has no factor there.

    Raises
    ------
    PeriodError
        If the base year is not among the periods.

    Examples
    --------
    >>> cpi = pd.DataFrame({2020: [110.0], 2021: [110.0]}, index=["RU"])
    >>> round(float(deflator(cpi, Prices(base=2021)).loc["RU", 2020]), 6)
    1.1
    """
    if prices.base not in cpi:
        raise PeriodError(
            f"no consumer price index for the base year {prices.base}; "
            f"it covers {min(cpi.columns)}-{max(cpi.columns)}. Next step: choose one of these."
        )
    cpi = cpi.sort_index(axis=1)
    if prices.deflator == "national":
        cpi = pd.DataFrame(np.tile(cpi.loc["RU"].to_numpy(), (len(cpi), 1)), cpi.index, cpi.columns)
    rates = np.log(cpi / 100)
    december = rates.cumsum(axis=1, skipna=False)
    mean = december - rates / 2
    if prices.deflator == "regional":
        mean = _chain_back(rates, prices.base)
    return np.exp(-mean.sub(mean[prices.base], axis=0))


def _chain_back(rates: pd.DataFrame, base: int) -> pd.DataFrame:
    """Log mean level relative to the base year, chained outwards from it."""
    steps = (rates + rates.shift(axis=1)) / 2
    after = steps.loc[:, base + 1 :].cumsum(axis=1, skipna=False)
    before = -steps.loc[:, :base].iloc[:, ::-1].cumsum(axis=1, skipna=False).shift(axis=1)
    before = before.iloc[:, ::-1]
    before[base] = 0.0
    return pd.concat([before, after], axis=1)
