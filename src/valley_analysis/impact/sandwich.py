"""One coefficient after everything else was projected out, and its robust variances.

By Frisch, Waugh and Lovell the coefficient of a regressor, its residuals and therefore every
sandwich variance follow from the residualised outcome and regressor alone.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.units import EXACT, EXACTLY, ROUNDING, slack_of
from valley_analysis.impact.within import Groups, Within

_SINGULAR = 1e-9


@dataclass(frozen=True, eq=False)
class Fit:
    """A weighted least-squares coefficient beside unit and period effects.

    Attributes
    ----------
    within
        What was projected out, of which n rows.
    x, y
        n each: residualised regressor and outcome.
    slack
        What of the outcome is rounding, in its unit.

    Examples
    --------
    >>> within = Within.of(["a", "a", "b", "b", "c", "c"], [1, 2, 1, 2, 1, 2])
    >>> fit = Fit.of(within, np.array([0.0, 1, 0, 0, 0, 0]), np.array([0.0, 3, 0, 1, 0, 2]))
    >>> round(fit.estimate, 6)
    1.5
    """

    within: Within
    x: np.ndarray
    y: np.ndarray
    slack: float = 0.0

    @classmethod
    def of(cls, within: Within, x: np.ndarray, y: np.ndarray) -> "Fit":
        """Residualise a regressor and an outcome, n each.

        Raises
        ------
        DesignError
            If unit and period effects leave nothing of the regressor.
        """
        left = within.residuals(x)
        if np.linalg.norm(left) <= _SINGULAR * max(float(np.linalg.norm(x)), 1e-300):
            raise DesignError(
                "regressor",
                ["unit effects, period effects and controls leave nothing of it"],
                "choose a regressor that varies over units and periods, or fewer controls",
            )
        return cls(within, left, within.outcome(y), slack_of(y))

    @cached_property
    def spread(self) -> float:
        """Weighted sum of squares of the residualised regressor."""
        return float((self.within.weights * self.x**2).sum())

    @cached_property
    def estimate(self) -> float:
        """The coefficient."""
        return float((self.within.weights * self.x * self.y).sum() / self.spread)

    @cached_property
    def residuals(self) -> np.ndarray:
        """What the whole regression leaves of the outcome, n: zero where that is rounding."""
        left: np.ndarray = self.y - self.estimate * self.x
        return np.zeros_like(left) if np.abs(left).max(initial=0.0) <= self.least else left

    @cached_property
    def least(self) -> float:
        """Size below which residuals are rounding."""
        return max(self.slack, EXACT * float(np.abs(self.y).max(initial=0.0)))

    @cached_property
    def scores(self) -> np.ndarray:
        """Weight times regressor times residual, n."""
        score: np.ndarray = self.within.weights * self.x * self.residuals
        return score

    def correction(self, clusters: Groups) -> float:
        """Return G/(G - 1) x (n - 1)/(n - k) for G clusters.

        k counts the coefficient and every effect and control that is not nested in the
        clusters, as fixest and pyfixest do.
        """
        n, taken = len(self.x), self.within.rank + 1
        if clusters.nests(self.within.units):
            taken += 1 - self.within.units.count
        if n <= taken or clusters.count < 2:
            return float("nan")  # nothing is left to estimate an error from
        return clusters.count / (clusters.count - 1) * (n - 1) / (n - taken)


@dataclass(frozen=True)
class Inference:
    """What one way of making inference says about one estimate.

    Attributes
    ----------
    se
        Standard error; nan where the method has none.
    low, high
        Interval.
    p_value
        Against zero, two-sided.
    df
        Degrees of freedom of the t distribution; nan where another one was used.
    note
        How it was made, and what to mind.
    """

    se: float
    low: float
    high: float
    p_value: float
    df: float = float("nan")
    note: str = ""


def by_t(estimate: float, variance: float, df: float, level: float, note: str) -> Inference:
    """Return interval and p-value from a variance and the t distribution.

    A negative or missing variance gives nan throughout: it is a finding, not zero.

    Examples
    --------
    >>> round(by_t(2.0, 1.0, 10, 0.95, "").p_value, 4), by_t(2.0, -1.0, 10, 0.95, "").se
    (0.0734, nan)
    """
    if not variance > 0:
        note += f"; {EXACTLY}" if variance == 0 else ""
        return Inference(np.nan, np.nan, np.nan, np.nan, df, note)
    se = float(np.sqrt(variance))
    half = float(stats.t.ppf(0.5 + level / 2, df)) * se
    p_value = float(2 * stats.t.sf(abs(estimate) / se, df))
    return Inference(se, estimate - half, estimate + half, p_value, df, note)


def heteroskedastic(fit: Fit, level: float = 0.95) -> Inference:
    """Return HC1: every row on its own.

    White, H. (1980), Econometrica 48(4), 817-838, times n/(n - k); k counts all effects.
    Serial correlation within units, the rule in panels, is ignored: a lower benchmark.
    """
    n = len(fit.x)
    free = n - fit.within.rank - 1
    variance = (fit.scores**2).sum() / fit.spread**2 * n / free if free > 0 else float("nan")
    return by_t(fit.estimate, variance, free, level, "ignores correlation within units")


def clustered(fit: Fit, clusters: Groups, level: float = 0.95) -> Inference:
    """Return CR1: any correlation within clusters, none between them; t(G - 1).

    Liang, K.-Y. and Zeger, S. L. (1986), Biometrika 73(1), 13-22; see `Fit.correction`.
    """
    meat = (clusters.sum(fit.scores) ** 2).sum()
    variance = _beyond(meat / fit.spread**2, fit, clusters) * fit.correction(clusters)
    return by_t(fit.estimate, variance, clusters.count - 1, level, f"G = {clusters.count}")


def bias_reduced(fit: Fit, clusters: Groups, level: float = 0.95) -> Inference:
    """Return CR2 with Satterthwaite degrees of freedom.

    Residuals of a cluster are multiplied by (I - H_gg)^(-1/2), H the hat matrix of the whole
    regression with all effects; a singular block takes the Moore-Penrose root. Weights act
    as inverse variances.

    Notes
    -----
    Bell, R. M. and McCaffrey, D. F. (2002), Survey Methodology 28(2), 169-181; Pustejovsky, J. E.
    and Tipton, E. (2018), Journal of Business and Economic Statistics 36(4), 672-683, eq. 8 and
    11, for fixed effects.
    """
    root = np.sqrt(fit.within.weights)
    padded = np.zeros((len(fit.x), clusters.count))
    for g, rows in enumerate(clusters.rows()):
        values, vectors = np.linalg.eigh(np.eye(len(rows)) - _hat(fit, rows))
        power = np.where(values > _SINGULAR, np.abs(values), np.inf) ** -0.5
        padded[rows, g] = vectors @ (power * (vectors.T @ (root * fit.x)[rows]))
    variance = (((root * fit.residuals) @ padded) ** 2).sum() / fit.spread**2
    variance = _beyond(variance, fit, clusters)
    # Under errors of equal variance the estimate of the variance is a quadratic form in them.
    left = root[:, None] * fit.within.residuals(padded / root[:, None])
    left -= np.outer(root * fit.x, (root * fit.x) @ padded) / fit.spread
    gram = left.T @ left
    squares = float((gram**2).sum())
    df = float(np.trace(gram) ** 2) / squares if squares > 0 else float("nan")
    note = f"G = {clusters.count}; t with {df:.1f} degrees of freedom (Satterthwaite)"
    return by_t(fit.estimate, variance, df, level, note)


def jackknife(fit: Fit, clusters: Groups, level: float = 0.95) -> Inference:
    """Return CR3: the coefficient without each cluster in turn; t(G - 1).

    (G - 1)/G times the sum of squared differences from the coefficient of all rows; exact,
    from the hat matrix's blocks. Where one cluster alone identifies the coefficient there is
    no jackknife: nan, and the note says so.

    Notes
    -----
    MacKinnon, J. G., Nielsen, M. Ø. and Webb, M. D. (2023), Fast and reliable jackknife and
    bootstrap methods for cluster-robust inference, Journal of Applied Econometrics 38(5), eq. 17.
    """
    moved = _moves(fit, clusters)
    if np.isnan(moved).any():
        lost = int(np.isnan(moved).sum())
        note = f"G = {clusters.count}; not identified without one of {lost} clusters"
        return by_t(fit.estimate, np.nan, clusters.count - 1, level, note)
    variance = float((moved**2).sum()) * (clusters.count - 1) / clusters.count
    variance = _beyond(variance, fit, clusters)
    return by_t(fit.estimate, variance, clusters.count - 1, level, f"G = {clusters.count}")


def left_out(fit: Fit, clusters: Groups) -> np.ndarray:
    """Return the coefficient without each cluster in turn; nan where it is not identified."""
    estimates: np.ndarray = fit.estimate - _moves(fit, clusters)
    return estimates


def _moves(fit: Fit, clusters: Groups) -> np.ndarray:
    """By how much the coefficient falls when a cluster is left out, exactly."""
    root = np.sqrt(fit.within.weights)
    moved = np.empty(clusters.count)
    for g, rows in enumerate(clusters.rows()):
        x, e = (root * fit.x)[rows], (root * fit.residuals)[rows]
        # The block without the regressor: leaving rows out is adding a dummy for each.
        block = np.eye(len(rows)) - _hat(fit, rows) + np.outer(x, x) / fit.spread
        values, vectors = np.linalg.eigh(block)
        inverse = np.where(values > _SINGULAR, 1 / np.where(values > _SINGULAR, values, 1), 0)
        across = vectors @ (inverse * (vectors.T @ x))
        rest = fit.spread - x @ across
        moved[g] = across @ e / rest if rest > _SINGULAR * fit.spread else np.nan
    return moved


def _hat(fit: Fit, rows: np.ndarray) -> np.ndarray:
    """Return the block of the hat matrix, in the metric of the weights."""
    within = fit.within
    root = np.sqrt(within.weights[rows])
    code = within.means.codes[rows]
    same = code[:, None] == code
    basis = within.basis[rows]
    hat = (
        same / within.totals[code]
        + basis @ basis.T
        + np.outer(fit.x[rows], fit.x[rows]) / fit.spread
    )
    block: np.ndarray = hat * np.outer(root, root)
    return block


def rounding(fit: Fit, clusters: Groups) -> float:
    """Return the variance that rounding alone may give the coefficient.

    Residuals are known up to `Fit.least`, and sums of scores up to the rounding of their terms:
    with two units the scores of each sum to zero, and what is left of them is no error.
    """
    terms = np.abs(fit.within.weights * fit.x) * fit.least + ROUNDING * np.abs(fit.scores)
    return float((clusters.sum(terms) ** 2).sum()) / fit.spread**2


def plain_error(fit: Fit, clusters: Groups) -> tuple[float, float]:
    """Return the clustered error without small-sample factors, and the variance of rounding."""
    floor = rounding(fit, clusters)
    variance = float((clusters.sum(fit.scores) ** 2).sum()) / fit.spread**2
    return (float(np.sqrt(variance)) if variance > floor else 0.0), floor


def _beyond(variance: float, fit: Fit, clusters: Groups) -> float:
    """The variance, or zero where it is rounding."""
    return 0.0 if variance <= rounding(fit, clusters) else variance


def effective_clusters(fit: Fit, clusters: Groups) -> float:
    """Return how many equal clusters would carry as much information.

    (sum of shares)^2 / sum of shares^2, a cluster's share being its part of the regressor's
    residual sum of squares.

    Notes
    -----
    Carter, A. V., Schnepel, K. T. and Steigerwald, D. G. (2017), Asymptotic behavior of a t-test
    robust to cluster heterogeneity, Review of Economics and Statistics 99(4), 698-709, with
    independent errors within a cluster.
    """
    share = clusters.sum(fit.within.weights * fit.x**2)
    return float(share.sum() ** 2 / (share**2).sum())
