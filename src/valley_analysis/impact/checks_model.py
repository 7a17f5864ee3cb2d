"""What every check of an exposure effect shares: the sample, one fast fit, the rule of decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Required, TypedDict

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.gate import plain
from valley_analysis.impact.checks_fit import Effects, poisson
from valley_analysis.impact.design import PanelDesign, listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.exposure_model import weighted
from valley_analysis.impact.panel_fit import Family, interactions
from valley_analysis.impact.sandwich import Fit, Inference, bias_reduced
from valley_analysis.impact.within import Groups

_DRAWS = 20_000
_NEGLIGIBLE = 1e-10


class Columns(TypedDict, total=False):
    """Which columns a check uses: the keywords of `difference_in_differences`.

    Attributes
    ----------
    unit, period, outcome, exposure
        Columns; the exposure has one value a unit.
    since
        First treated period.
    weights, controls, cluster, family, flag, parts
        As in `difference_in_differences`.
    """

    unit: Required[str]
    period: Required[str]
    outcome: Required[str]
    exposure: Required[str]
    since: Required[Any]
    weights: str | None
    controls: Sequence[str] | str
    cluster: str | None
    family: Family
    flag: str | None
    parts: Mapping[str, Sequence[str]] | None


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows of a design, and the regression of a check on them.

    Attributes
    ----------
    rows
        n rows, sorted by unit and period, each with another one in its unit and in its period.
    design
        Columns by role.
    since
        First treated period.
    family
        "gaussian" or "poisson".

    Examples
    --------
    >>> rows = [(u, t, u * (t > 1) + t + 0.1 * (u * t % 2)) for u in range(5) for t in (1, 2)]
    >>> panel = pd.DataFrame(rows, columns=["u", "t", "y"]).assign(x=lambda f: f.u)
    >>> sample = Sample.of(panel, unit="u", period="t", outcome="y", exposure="x", since=2)
    >>> round(sample.base.estimate, 6)
    1.0
    """

    rows: pd.DataFrame
    design: PanelDesign
    since: Any
    family: Family = "gaussian"

    @classmethod
    @entry
    def of(
        cls,
        frame: pd.DataFrame,
        *,
        unit: str,
        period: str,
        outcome: str,
        exposure: str,
        since: Any,
        weights: str | None = None,
        controls: Sequence[str] | str = (),
        cluster: str | None = None,
        family: Family = "gaussian",
        flag: str | None = None,
        parts: Mapping[str, Sequence[str]] | None = None,
    ) -> "Sample":
        """Prepare the sample from a tidy frame, which is not changed.

        Parameters
        ----------
        frame
            One row a unit and period; gaps are allowed.
        unit, period, outcome, exposure, since
            See `Columns`.
        weights, controls, cluster, family, flag, parts
            See `Columns`.

        Raises
        ------
        DesignError
            See `PanelDesign.prepare`; also without a period before or after, or for a Poisson
            outcome below zero.
        """
        design = PanelDesign(
            unit,
            period,
            outcome,
            exposure,
            weights=weights,
            controls=listed(controls),
            cluster=cluster,
            flag=flag,
            parts=parts or {},
        )
        rows = weighted(design.prepare(frame), weights)
        _refuse(rows, design, family)
        sample = cls(_telling(rows, design, family), design, since, family)
        _two_sides(sample)
        return sample

    @cached_property
    def after(self) -> np.ndarray:
        """Which rows lie in or after the first treated period, n."""
        found: np.ndarray = (self.rows[self.design.period] >= self.since).to_numpy(bool)
        return found

    @cached_property
    def x(self) -> np.ndarray:
        """Exposure times "after", n."""
        return self.exposure_rows * self.after

    @property
    def exposure_rows(self) -> np.ndarray:
        """The exposure of each row, n."""
        return self.rows[str(self.design.exposure)].to_numpy(float)

    @cached_property
    def exposure(self) -> pd.Series:
        """The exposure by unit."""
        return self.rows.groupby(self.design.unit)[str(self.design.exposure)].first()

    @property
    def iqr(self) -> float:
        """Third less first quartile of the exposure over units."""
        return float(np.subtract(*np.quantile(self.exposure, [0.75, 0.25])))

    @cached_property
    def clusters(self) -> Groups:
        """Groups of rows within which errors may be correlated: the cluster, or the unit."""
        column = self.rows[self.design.cluster or self.design.unit]
        return Groups.of(pd.factorize(column)[0])

    @cached_property
    def base(self) -> Fit:
        """The effect as the estimator has it."""
        return self.fit(self.x)

    def judged(self, fit: Fit | None = None, level: float = 0.95) -> Inference:
        """Return CR2 inference with Satterthwaite degrees of freedom."""
        return bias_reduced(fit or self.base, self.clusters, level)

    def fit(
        self, x: np.ndarray, beside: np.ndarray | None = None, y: np.ndarray | None = None
    ) -> Fit:
        """Return the coefficient of a regressor, n, beside effects, controls and others.

        Parameters
        ----------
        x
            n.
        beside
            n x k further regressors.
        y
            n other outcomes.

        Raises
        ------
        DesignError
            If nothing is left of regressor or outcome, or Poisson does not converge.
        """
        outcome = self.rows[self.design.outcome].to_numpy(float) if y is None else y
        effects = self._effects(beside)
        if self.family == "gaussian":
            fit = Fit.of(effects.within(self.weight), x, outcome)
        else:
            fit = poisson(effects, self.weight, outcome, x)
        # Poisson's working outcome is relative to what is expected, whatever the unit of counts.
        whole = outcome if self.family == "gaussian" else np.ones(len(outcome))
        if np.linalg.norm(fit.y) <= _NEGLIGIBLE * max(float(np.linalg.norm(whole)), 1e-300):
            raise DesignError(
                f"outcome {self.design.outcome!r}",
                ["unit effects, period effects and controls leave nothing of it"],
                "choose an outcome, or periods, in which units differ",
            )
        return fit

    def expected(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what Poisson without the effect expects, and y / expected - 1, n each."""
        y = self.rows[self.design.outcome].to_numpy(float)
        fit = poisson(self._effects(), self.weight, y, None)
        return fit.within.weights / self.weight, fit.y

    @property
    def weight(self) -> np.ndarray:
        """Weights of the rows, n; ones by default."""
        weights = self.design.weights
        return self.rows[weights].to_numpy(float) if weights else np.ones(len(self.rows))

    def _effects(self, beside: np.ndarray | None = None) -> Effects:
        names = self.design
        absorb = interactions(self.rows, names.controls, names.period).to_numpy(float)
        if beside is not None:
            absorb = np.column_stack([absorb, beside])
        unit, period = (pd.factorize(self.rows[c])[0] for c in (names.unit, names.period))
        return Effects(unit, period, absorb)

    def keep(self, mask: np.ndarray) -> "Sample":
        """Return the sample of some rows, less those that then stand alone."""
        rows = self.rows[mask].reset_index(drop=True)
        return replace(self, rows=_telling(rows, self.design, self.family))


def _refuse(rows: pd.DataFrame, design: PanelDesign, family: Family) -> None:
    problems = []
    if family not in ("gaussian", "poisson"):
        problems.append(f"family {family!r}; expected 'gaussian' or 'poisson'")
    if family == "poisson" and rows[design.outcome].lt(0).any():
        row = rows[rows[design.outcome].lt(0)].iloc[0]
        problems.append(
            f"column {design.outcome!r}, unit {plain(row[design.unit])!r}, period "
            f"{row[design.period]}: {row[design.outcome]:g} is below zero; 'poisson' takes zero "
            "and more"
        )
    if problems:
        raise DesignError(f"outcome {design.outcome!r}", problems, "choose the family that fits")


def _telling(rows: pd.DataFrame, design: PanelDesign, family: Family) -> pd.DataFrame:
    """Leave out rows that fit themselves: alone in unit or period, or of a unit all zero."""
    while True:
        kept = rows
        for column in (design.unit, design.period):
            own = kept.groupby(column)[design.outcome]
            telling = own.transform("size") > 1
            if family == "poisson":
                telling &= own.transform("max") > 0
            kept = kept[telling]
        if len(kept) == len(rows):
            return rows.reset_index(drop=True)
        rows = kept


def _two_sides(sample: Sample) -> None:
    column = sample.rows[sample.design.period]
    try:
        after = sample.after
    except TypeError:
        told = f"column {sample.design.period!r} holds {column.dtype}; since is {sample.since!r}"
        raise DesignError("since", [told], "give `since` as a period of the frame") from None
    if after.all() or not after.any():
        found = ", ".join(map(str, sorted(column.unique()))) or "no period"
        told = (
            f"column {sample.design.period!r}: needs periods before and from {sample.since} on; "
            f"found {found}"
        )
        raise DesignError(
            f"outcome {sample.design.outcome!r}", [told], "choose another first period"
        )


def check_alpha(alpha: float) -> float:
    """Return one less `alpha`, the level of intervals.

    Raises
    ------
    DesignError
        If it is no probability.

    Examples
    --------
    >>> check_alpha(0.05)
    0.95
    """
    if not 0 < alpha < 1:
        raise DesignError("alpha", [f"{alpha}"], "take a level between 0 and 1, such as 0.05")
    return round(1 - alpha, 12)


def conclusion(estimate: float, p_value: float, alpha: float) -> int:
    """Return 1 or -1 for an effect that is distinguishable and its sign, else 0.

    Examples
    --------
    >>> conclusion(-2.0, 0.01, 0.05), conclusion(-2.0, 0.2, 0.05)
    (-1, 0)
    """
    return int(np.sign(estimate)) if p_value < alpha else 0


def told(found: int) -> str:
    """Return a conclusion in words.

    Examples
    --------
    >>> told(-1)
    'below zero'
    """
    return {1: "above zero", -1: "below zero", 0: "not distinguishable from zero"}[found]


def row(estimate: float, said: Inference) -> dict[str, float]:
    """Return an estimate and its inference as a row of a table."""
    return {
        "estimate": estimate,
        "se": said.se,
        "low": said.low,
        "high": said.high,
        "p_value": said.p_value,
    }


def largest_of(
    fits: Sequence[Fit], p_values: Sequence[float], clusters: Groups, seed: int
) -> np.ndarray:
    """Return p-values adjusted for having looked at several coefficients of the same rows.

    The deviates that belong to the p-values are compared with the largest of as many normal
    ones, correlated as the cluster scores are (single-step maximum).

    Parameters
    ----------
    fits
        m regressions on the same n rows.
    p_values
        m, two-sided.
    clusters
        Of the rows.
    seed
        Of 20,000 draws.

    Notes
    -----
    Hothorn, T., Bretz, F. and Westfall, P. (2008), Simultaneous inference in general parametric
    models, Biometrical Journal 50(3), 346-363, eq. 4.
    """
    scores = np.column_stack([clusters.sum(fit.scores) / fit.spread for fit in fits])
    length = np.linalg.norm(scores, axis=0)
    length[length == 0] = 1.0
    # Normal draws with the scores' correlation R'R, in as many dimensions as there are fits.
    root = np.linalg.qr(scores / length, mode="r")
    draws = np.random.default_rng(seed).standard_normal((_DRAWS, len(root)))
    largest = np.abs(draws @ root).max(axis=1)
    seen = stats.norm.isf(np.asarray(p_values) / 2)
    count = (largest[:, None] >= seen).sum(axis=0)
    adjusted: np.ndarray = np.maximum((1 + count) / (1 + _DRAWS), p_values)
    return adjusted
