"""Were outcomes already coming apart before, and would one have noticed?

The joint test of leads, and what it could have seen: Roth (2022), "Pretest with caution:
event-study estimates after testing for parallel trends", American Economic Review: Insights
4(3), 305-322.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.entry import entry
from valley_analysis.impact.panel_fit import degrees_of_freedom
from valley_analysis.impact.results import CheckResult, EffectResult

_POWERS = (0.5, 0.8)
_DRAWS = 20_000


@dataclass(frozen=True)
class Path:
    """The estimated path of an event study, in order of event time, without the reference.

    Attributes
    ----------
    terms
        Names of the rows of the result.
    time
        Event time of each.
    reference
        Event time of the reference.
    estimate, covariance
        Of the terms.
    """

    terms: tuple[str, ...]
    time: np.ndarray
    reference: float
    estimate: np.ndarray
    covariance: np.ndarray

    @property
    def before(self) -> np.ndarray:
        """Which terms are leads."""
        return self.time < 0


def event_path(result: EffectResult) -> Path:
    """Return the path of an event study.

    Raises
    ------
    DesignError
        If the result has no path with a covariance and one reference.
    """
    table = result.table
    if result.covariance is None or "event_time" not in table:
        raise _no_path(result, "no event times, or no covariance of them")
    timed = table[table["event_time"].notna()].sort_values("event_time")
    if "kind" in timed:
        timed = timed[timed["kind"].eq("event")]
    free = timed[timed.index.isin(result.covariance.index)]
    fixed = timed[timed["estimate"].eq(0) & timed["se"].isna() & ~timed.index.isin(free.index)]
    if len(fixed) != 1 or free.empty:
        raise _no_path(result, f"{len(fixed)} reference rows and {len(free)} estimated ones")
    terms = tuple(free.index)
    return Path(
        terms,
        free["event_time"].to_numpy(float),
        float(fixed["event_time"].iloc[0]),
        free["estimate"].to_numpy(float),
        result.covariance.loc[list(terms), list(terms)].to_numpy(float),
    )


def _no_path(result: EffectResult, found: str) -> DesignError:
    return DesignError(
        f"result of {result.method}",
        [f"{found}; expected one reference and estimates around it"],
        "pass the result of event_study, or of group_time_att with base='universal'",
    )


@entry
def pretrend_test(result: EffectResult, *, level: float = 0.95, seed: int = 0) -> CheckResult:
    """Test all leads jointly, and say which linear trend would have gone unnoticed.

    Parameters
    ----------
    result
        From `event_study`, or any result with event times and a covariance.
    level
        One less the size of the test.
    seed
        Of the simulation behind ``bias_if_passed``.

    Returns
    -------
    CheckResult
        ``pretrend_joint``: failed if the leads are jointly different from zero. The statistic
        is Hotelling's: with k leads and G clusters, W (G - k) / (k (G - 1)) against
        F(k, G - k), since the covariance is itself estimated from G clusters. The table has
        one row a power (0.5, 0.8): ``slope``, the linear trend per period that the test finds
        with that probability; ``bias``, what it would add to the mean effect after;
        ``bias_if_passed``, the same in the samples that pass the test (Roth 2022, proposition
        1); ``bias_over_estimate``. Without leads the check is informational.

    Raises
    ------
    DesignError
        If the result has no path, or as many leads as clusters.

    Examples
    --------
    >>> from valley_analysis.impact.event_study import event_study
    >>> rng = np.random.default_rng(0)
    >>> panel = pd.DataFrame([(u, t) for u in range(30) for t in range(6)], columns=["u", "t"])
    >>> panel = panel.assign(x=panel.u / 30, y=panel.t * panel.u / 30 + rng.normal(0, 0.1, 180))
    >>> result = event_study(panel, unit="u", period="t", outcome="y", exposure="x", reference=3)
    >>> pretrend_test(result).status
    'failed'
    """
    path = event_path(result)
    leads = path.before
    k = int(leads.sum())
    if not k:
        return CheckResult(
            "pretrend_joint", "informational", "There is no lead to test.", {"leads": 0}
        )
    covariance = path.covariance[np.ix_(leads, leads)]
    clusters = degrees_of_freedom(result) + 1
    if clusters <= k:
        raise DesignError(
            f"result of {result.method}",
            [f"{k} leads and {clusters:.0f} clusters; a joint test needs more clusters than leads"],
            "pool early periods, or cluster at a finer level",
        )
    scale, bottom = _reference_law(k, clusters)
    precision = np.linalg.inv(covariance)
    wald = float(path.estimate[leads] @ precision @ path.estimate[leads])
    p_value = float(stats.f.sf(wald * scale, k, bottom))
    critical = float(stats.f.isf(1 - level, k, bottom))
    table = _power_table(result, path, critical, scale, bottom, seed)
    slope, bias = (float(table.loc[0.8, name]) for name in ("slope", "bias"))
    failed = p_value < 1 - level
    text = (
        f"The {k} leads are jointly {'' if failed else 'not '}different from zero "
        f"(p = {p_value:.3f}); a linear trend of {slope:.3g} a period would be found with "
        f"80 % probability and would by itself move the mean effect by {bias:.3g} "
        f"(estimate {_mean_after(path):.3g})."
    )
    facts = {
        "leads": k,
        "clusters": clusters,
        "statistic": wald * scale,
        "p_value": p_value,
        "slope_80": slope,
        "bias_80": bias,
        "slope_50": float(table.loc[0.5, "slope"]),
        "bias_50": float(table.loc[0.5, "bias"]),
        "estimate": _mean_after(path),
    }
    return CheckResult("pretrend_joint", "failed" if failed else "passed", text, facts, table)


def _reference_law(k: int, clusters: float) -> tuple[float, float]:
    """Return the factor from Wald to F, and the lower degrees of freedom."""
    if np.isinf(clusters):
        return 1 / k, 1e9
    return (clusters - k) / (k * (clusters - 1)), clusters - k


def _mean_after(path: Path) -> float:
    return float(path.estimate[~path.before].mean()) if (~path.before).any() else float("nan")


def _power_table(
    result: EffectResult,
    path: Path,
    critical: float,
    scale: float,
    bottom: float,
    seed: int,
) -> pd.DataFrame:
    leads = path.before
    distance = path.time - path.reference
    covariance = path.covariance[np.ix_(leads, leads)]
    noncentrality = float(distance[leads] @ np.linalg.solve(covariance, distance[leads]))
    k = int(leads.sum())
    rows = []
    for power in _POWERS:
        needed = _noncentrality(power, critical, k, bottom)
        slope = float(np.sqrt(needed / noncentrality))
        bias = slope * float(distance[~leads].mean()) if (~leads).any() else float("nan")
        passed = bias + _selection(path, slope * distance, critical / scale, seed)
        rows.append((power, slope, bias, passed, bias / abs(_mean_after(path))))
    columns = ["power", "slope", "bias", "bias_if_passed", "bias_over_estimate"]
    return pd.DataFrame(rows, columns=columns).set_index("power")


def _noncentrality(power: float, critical: float, k: int, bottom: float) -> float:
    def excess(value: float) -> float:
        return float(stats.ncf.sf(critical, k, bottom, value)) - power

    high = 1.0
    while excess(high) < 0:
        high *= 2
    return float(optimize.brentq(excess, 0, high, xtol=1e-10))


def _selection(path: Path, trend: np.ndarray, bound: float, seed: int) -> float:
    """Return how much passing the test shifts the mean effect, beyond the trend itself."""
    leads = path.before
    if leads.all():
        return float("nan")
    covariance = path.covariance[np.ix_(leads, leads)]
    draws = np.random.default_rng(seed).standard_normal((_DRAWS, int(leads.sum())))
    noise = draws @ np.linalg.cholesky(covariance).T
    found = trend[leads] + noise
    wald = np.einsum("ij,ij->i", found, np.linalg.solve(covariance, found.T).T)
    shift = noise[wald <= bound].mean(axis=0)
    cross = path.covariance[np.ix_(~leads, leads)].mean(axis=0)
    return float(cross @ np.linalg.solve(covariance, shift))
