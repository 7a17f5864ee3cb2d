"""The smallest effect that a design could have seen."""

import numpy as np
from scipy import optimize, stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.entry import entry

_NODES = 400


@entry
def minimum_detectable_effect(
    se: float, *, power: float = 0.8, level: float = 0.95, df: float = np.inf
) -> float:
    """Return the true effect that a two-sided test finds with a given probability.

    Exact for a t statistic: the noncentrality at which the noncentral t exceeds the critical
    value in either direction with probability `power`, times the standard error. About 2.8
    standard errors for 80 % power at 5 %, without degrees of freedom lost.

    Parameters
    ----------
    se
        Standard error of the estimate, in its unit; nan gives nan.
    power
        Probability of finding it, above 1 - level.
    level
        Coverage of the interval that has to leave out zero.
    df
        Degrees of freedom of the t distribution; normal by default.

    Raises
    ------
    DesignError
        If a number lies outside its range.

    Notes
    -----
    Bloom, H. S. (1995), Minimum detectable effects: a simple way to report the statistical power
    of experimental designs, Evaluation Review 19(5), 547-556, which adds two quantiles of t; the
    noncentral t is exact.

    Examples
    --------
    >>> round(minimum_detectable_effect(1.0), 3), round(minimum_detectable_effect(1.0, df=9), 3)
    (2.802, 3.15)
    """
    problems = []
    if not 0 < level < 1:
        problems.append(f"level {level}; expected a share between 0 and 1")
    elif not 1 - level < power < 1:
        problems.append(f"power {power}; expected a share between {1 - level:g} and 1")
    if se < 0:
        problems.append(f"se {se}; expected a number from 0")
    if not df > 0:
        problems.append(f"df {df}; expected a number above 0")
    if problems:
        raise DesignError("power", problems, "give shares, not per cent")
    limit = stats.t.ppf(0.5 + level / 2, df)
    nodes, shares = _error_ratios(df)

    def short(shift: float) -> float:
        beyond = stats.norm.sf(limit * nodes - shift) + stats.norm.cdf(-limit * nodes - shift)
        return float(beyond @ shares) - power

    top = 2.0
    while short(top) < 0:
        top *= 2
    return float(se * optimize.brentq(short, 0, top, xtol=1e-10))


def _error_ratios(df: float) -> tuple[np.ndarray, np.ndarray]:
    """Return estimated over true standard errors, and how likely each is.

    Integrating over them gives the noncentral t; scipy's own is nan far out on the other side.
    """
    if np.isinf(df):
        return np.ones(1), np.ones(1)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return np.sqrt(stats.chi2.ppf((nodes + 1) / 2, df) / df), weights / 2
