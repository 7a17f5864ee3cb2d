"""Checks that decide by a margin: how large a bias of the headline they rule out, or prove.

"Not significant" is no pass: a check that could have seen only a huge violation passes always. A
margin fixed beforehand, in bias of the headline, turns the question round. The check passes if its
interval of that bias lies within the margin, fails if it lies wholly beyond, and is undecided where
the data cannot tell (an equivalence test and its mirror image at once).

Schuirmann, D. J. (1987), A comparison of the two one-sided tests procedure and the power approach,
Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680; Hartman, E. and Hidalgo, F. D.
(2018), An equivalence approach to balance and placebo tests, American Journal of Political Science
62(4), 1000-1013; Dette, H. and Schumann, M. (2024), Testing for equivalence of pre-trends in
difference-in-differences estimation, Journal of Business and Economic Statistics 42(4), 1289-1301.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.results import CheckResult, Status
from valley_analysis.impact.sandwich import Fit, left_out
from valley_analysis.impact.within import Groups

LEVEL = 0.9
"""Of the interval of a bias: two one-sided tests at five per cent each."""


@dataclass(frozen=True)
class Bias:
    """What a violation does to the headline, with its 90 % interval.

    Attributes
    ----------
    value, low, high
        In the unit of the headline.

    Examples
    --------
    >>> [Bias(0.0, *ends).status(1.0) for ends in ((-0.5, 0.9), (1.2, 3), (-0.5, 3))]
    ['passed', 'failed', 'undecided']
    """

    value: float
    low: float
    high: float

    def status(self, margin: float) -> Status:
        """Passed within the margin, failed beyond it, undecided across it or where unknown."""
        if -margin <= self.low and self.high <= margin:
            return "passed"
        if self.low > margin or self.high < -margin:
            return "failed"
        return "undecided"


def exactly(value: float) -> Bias:
    """Return a bias that is known without error, such as a move by leaving one unit out."""
    return Bias(value, value, value)


def by_margin(check: CheckResult, bias: Bias, margin: float | None) -> CheckResult:
    """Return a check decided by a margin; unchanged without one.

    Parameters
    ----------
    check
        Decided in its own way, which stays among the facts as ``found``.
    bias
        Of the headline, if what the check found is taken at its word.
    margin
        Largest bias that would not matter, in the same unit.

    Raises
    ------
    DesignError
        If the margin is not above zero.

    Examples
    --------
    >>> check = CheckResult("anticipation", "passed", "Nothing found.")
    >>> by_margin(check, Bias(0.1, -2.0, 2.2), 0.5).status
    'undecided'
    """
    if margin is None:
        return check
    if not margin > 0:
        raise DesignError("margin", [f"{margin}; expected a number above 0"], "fix a margin")
    status = bias.status(margin)
    ends = {"bias": bias.value, "bias_low": bias.low, "bias_high": bias.high, "margin": margin}
    facts = {**check.facts, **ends, "found": check.status}
    said = {"passed": "within", "failed": "beyond", "undecided": "not clearly within or beyond"}
    text = (
        f"{check.text.rstrip()} In bias of the headline: {bias.value:.3g} (90 % interval "
        f"{bias.low:.3g} to {bias.high:.3g}), {said[status]} the margin of {margin:.3g}."
    )
    return replace(check, status=status, text=text, facts=facts)


def of_fit(sample: Sample, fit: Fit, factor: float = 1.0, level: float = LEVEL) -> Bias:
    """Return a bias that is a coefficient times a number, by CR2."""
    said = sample.judged(fit, level)
    ends = sorted((factor * said.low, factor * said.high))
    return Bias(factor * fit.estimate, *ends)


def without_each(sample: Sample, fit: Fit) -> "pd.Series[float]":
    """Return the coefficient without each cluster of a sample, by its label."""
    column = sample.rows[sample.design.cluster or sample.design.unit]
    codes, labels = pd.factorize(column)
    return pd.Series(left_out(fit, Groups.of(codes)), labels)


def jackknifed(
    fits: Mapping[str, tuple[Sample, Fit]], bias: Callable[[Mapping[str, float]], float]
) -> Bias:
    """Return a bias made from several coefficients, by leaving out one cluster at a time.

    Parameters
    ----------
    fits
        Name -> sample and fit; samples may differ, a cluster that one lacks leaves it unmoved.
    bias
        From the coefficients by name.

    Notes
    -----
    The cluster jackknife around the estimate itself (CR3), with t of clusters less one. Clusters
    without which a coefficient is not identified leave the interval unknown.
    """
    whole = {name: fit.estimate for name, (_, fit) in fits.items()}
    moved = pd.DataFrame({name: without_each(*pair) for name, pair in fits.items()})
    lacking = {
        name: moved[name].isna() & ~moved.index.isin(pd.unique(_labels(sample)))
        for name, (sample, _) in fits.items()
    }
    for name, absent in lacking.items():
        moved.loc[absent, name] = whole[name]
    value = bias(whole)
    apart = np.array([bias(dict(row)) for row in moved.to_dict("records")]) - value
    count = len(apart)
    half = float(stats.t.ppf(0.5 + LEVEL / 2, count - 1)) * float(
        np.sqrt((count - 1) / count * (apart**2).sum())
    )
    return Bias(value, value - half, value + half)


def _labels(sample: Sample) -> pd.Series:
    return sample.rows[sample.design.cluster or sample.design.unit]
