"""Availability and statistics of the indicators of an edition."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.scoring.edition import Edition
from valley_analysis.scoring.index import IndexResult


@dataclass(frozen=True)
class Availability:
    """What is there and what is missing.

    Attributes
    ----------
    indicators
        Indicators down: dimension, units (with a value), midpoints (among them), share, period,
        lag, one column a flag with the number of units that carry it.
    units
        Units down: indicators (with a value), share, weight_present, ranked.
    """

    indicators: pd.DataFrame
    units: pd.DataFrame

    def _repr_html_(self) -> str:
        return str(self.indicators.sort_values("share").to_html())


def value_counts(found: IndexResult | Edition) -> pd.DataFrame:
    """Count the units with a value of each indicator, and how many of these are midpoints.

    A midpoint is the middle of the bounds of a suppressed value. Whatever prints how many regions
    an indicator has takes it from here.

    Returns
    -------
    Indicators down: ``units, midpoints``.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> value_counts(small_index()).loc["patents"].tolist()
    [8, 0]
    """
    midpoints = found.imputed.groupby("indicator").size()
    counts = pd.DataFrame({"units": found.values.notna().sum()})
    return counts.assign(midpoints=midpoints.reindex(counts.index, fill_value=0).astype(int))


def availability(result: IndexResult) -> Availability:
    """Count the values of each indicator and each unit.

    Parameters
    ----------
    result
        One edition of an index.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, steps 2 and 3.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> float(availability(small_index()).indicators.loc["patents", "share"])
    1.0
    """
    known = result.values.notna()
    kinds = sorted(set(pd.unique(result.flags.to_numpy(dtype=object).ravel())) - {np.nan, None})
    counts = pd.DataFrame({kind: (result.flags == kind).sum() for kind in kinds})
    indicators = pd.DataFrame(
        {
            "dimension": result.weights["dimension"],
            **value_counts(result),
            "share": known.mean(),
            "period": result.lags["period"],
            "lag": result.lags["lag"],
        }
    )
    units = pd.DataFrame(
        {
            "indicators": known.sum(axis=1),
            "share": known.mean(axis=1),
            "weight_present": result.scores["weight_present"],
            "ranked": result.scores["score"].notna(),
        }
    )
    return Availability(indicators.join(counts), units)


def shape(values: pd.DataFrame) -> pd.DataFrame:
    """Compute skewness and excess kurtosis of columns, both of type 2 (bias-adjusted).

    Values are standardised first, so that the result does not depend on their scale. A
    constant column, or one with fewer than 3 (4 for kurtosis) values, has none.

    Parameters
    ----------
    values
        Units down; missing values are left out column by column.

    References
    ----------
    Joanes, D.N. and Gill, C.A. (1998), Comparing measures of sample skewness and kurtosis,
    The Statistician 47(1), 183-189: G1 and G2.

    Examples
    --------
    >>> shape(pd.DataFrame({"a": [1.0, 2.0, 3.0, 10.0]})).round(3).to_dict("list")
    {'skewness': [1.764], 'kurtosis': [3.228]}
    """
    x = values.to_numpy(dtype=float)
    n = np.sum(~np.isnan(x), axis=0).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        span = values.max().to_numpy(dtype=float) - values.min().to_numpy(dtype=float)
        z = (x - values.min().to_numpy(dtype=float)) / np.where(span > 0, span, np.nan)
        z = z - np.nansum(z, axis=0) / n
        m2, m3, m4 = (np.nansum(z**power, axis=0) / n for power in (2, 3, 4))
        g1, g2 = m3 / m2**1.5, m4 / m2**2 - 3.0
        skew = np.where(n > 2, g1 * np.sqrt(n * (n - 1)) / (n - 2), np.nan)
        kurt = np.where(n > 3, ((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3)), np.nan)
    return pd.DataFrame({"skewness": skew, "kurtosis": kurt}, values.columns)


def statistics(result: IndexResult, skewness: float = 2.0, kurtosis: float = 3.5) -> pd.DataFrame:
    """Describe each indicator, in its unit and after scaling.

    Parameters
    ----------
    result
        One edition of an index.
    skewness, kurtosis
        An indicator has outliers if |skewness| reaches the one and kurtosis the other.

    Returns
    -------
    Indicators down: dimension, n, mean, sd (n - 1), skewness, kurtosis (type 2, excess), min,
    median, max of the values; at_worst, at_best (share of units at or beyond the goalposts);
    outliers (by the rule on the values), outliers_left (on the scaled values).

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 4. The rule and its
    limits (2 and 3.5): COINr 1.1, `qTreat`.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> table = statistics(small_index())
    >>> table.loc["income", ["n", "mean"]].round(2).tolist()
    [8.0, 49.25]
    """
    values, scaled = result.values, result.normalised
    known = scaled.notna().sum()
    raw, left = shape(values), shape(scaled)
    unusual = [(t["skewness"].abs() >= skewness) & (t["kurtosis"] >= kurtosis) for t in (raw, left)]
    return pd.DataFrame(
        {
            "dimension": result.weights["dimension"],
            "n": values.notna().sum(),
            "mean": values.mean(),
            "sd": values.std(),
            "skewness": raw["skewness"],
            "kurtosis": raw["kurtosis"],
            "min": values.min(),
            "median": values.median(),
            "max": values.max(),
            "at_worst": (scaled <= 0).sum() / known,
            "at_best": (scaled >= 100).sum() / known,
            "outliers": unusual[0],
            "outliers_left": unusual[1],
        }
    )
