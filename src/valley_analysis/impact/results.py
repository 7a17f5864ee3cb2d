"""What estimators and checks return: frozen values that say what was estimated, and how surely."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.escape import paragraph, text_html

Status = Literal["passed", "failed", "undecided", "informational"]
MARKS: dict[Status, str] = {"passed": "✓", "failed": "✗", "undecided": "?", "informational": "·"}
COLUMNS = ("estimate", "se", "low", "high", "p_value")


@dataclass(frozen=True)
class CheckResult:
    """One check of a design or an estimate, as a value.

    Attributes
    ----------
    name
        Key of the check, in lower case with underscores ("pretrend_joint"); texts in other
        languages are looked up by it.
    status
        "passed", "failed", "undecided" where the data cannot tell whether a violation exceeds the
        check's margin, or "informational" where nothing was to be decided.
    text
        The finding in one English sentence, with its numbers.
    facts
        The same numbers by name, from which a text in any language can be made.
    table
        What the finding rests on; may be empty.

    Examples
    --------
    >>> CheckResult("balance", "failed", "2 of 9 differ", {"n": 2, "of": 9}).mark
    '✗'
    """

    name: str
    status: Status
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    table: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def mark(self) -> str:
        """A sign for the status."""
        return MARKS[self.status]

    def _repr_html_(self) -> str:
        told = f"{self.mark} {self.name.replace('_', ' ')}: {self.text}"
        return paragraph(told) + ("" if self.table.empty else self.table.to_html())


@dataclass(frozen=True)
class EffectResult:
    """An estimate with its uncertainty, its assumptions and the checks it was put to.

    Attributes
    ----------
    method
        Name of the function that made it.
    outcome
        Column that was explained.
    table
        One row a term, indexed by ``term``; columns ``estimate, se, low, high, p_value`` first,
        then what the method adds (``period``, ``event_time``, ``cohort``, ...). A quantity
        that has no standard error has nan there.
    headline
        The term that answers the question in one number; empty if no single one does.
    estimand
        What is estimated, in words.
    inference
        How standard errors and intervals were made.
    notes
        Assumptions, and what the design cannot separate.
    diagnostics
        Checks that belong to the method itself.
    n_obs, n_units, n_periods
        What went into the fit.
    level
        Coverage of the intervals.
    covariance
        Of the estimates, terms x terms, where the method has one.
    frames
        Further tables by name: weights, paths, placebos.

    Examples
    --------
    >>> table = estimates(pd.Series({"x": 2.0}), pd.Series({"x": 1.0}))
    >>> result = EffectResult("ols", "y", table, "x", "slope", "iid", n_obs=9, n_units=9)
    >>> result.estimate, result.distinguishable
    (2.0, True)
    """

    method: str
    outcome: str
    table: pd.DataFrame
    headline: str
    estimand: str
    inference: str
    notes: tuple[str, ...] = ()
    diagnostics: tuple[CheckResult, ...] = ()
    n_obs: int = 0
    n_units: int = 0
    n_periods: int = 1
    level: float = 0.95
    covariance: pd.DataFrame | None = None
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def estimate(self) -> float:
        """The headline estimate."""
        return self._of("estimate")

    @property
    def se(self) -> float:
        """Its standard error."""
        return self._of("se")

    @property
    def p_value(self) -> float:
        """Its p-value."""
        return self._of("p_value")

    @property
    def interval(self) -> tuple[float, float]:
        """Its interval."""
        return self._of("low"), self._of("high")

    @property
    def distinguishable(self) -> bool:
        """Whether the headline's interval leaves out zero."""
        low, high = self.interval
        return bool(low > 0 or high < 0)

    def _of(self, column: str) -> float:
        return float(self.table.loc[self.headline, column]) if self.headline else float("nan")

    def judged(self, inference: str, **said: float) -> "EffectResult":
        """Return the same result with another inference for its headline.

        Parameters
        ----------
        inference
            How it was made.
        said
            ``se, low, high, p_value``.
        """
        table = self.table.copy()
        table.loc[self.headline, list(said)] = list(said.values())
        return replace(self, table=table, inference=inference)

    def with_diagnostics(self, *checks: CheckResult) -> "EffectResult":
        """Return the same result with more checks."""
        return replace(self, diagnostics=(*self.diagnostics, *checks))

    def _repr_html_(self) -> str:
        size = f"n = {self.n_obs}, units {self.n_units}, periods {self.n_periods}"
        lines = [f"{self.method}: {self.estimand}", f"{self.inference}; {size}", *self.notes]
        told = "".join(paragraph(line) for line in lines)
        checks = "".join(f"<li>{text_html(f'{c.mark} {c.text}')}</li>" for c in self.diagnostics)
        return told + self.table.to_html(float_format="{:.4g}".format) + f"<ul>{checks}</ul>"


def estimates(
    estimate: pd.Series,
    se: pd.Series,
    level: float = 0.95,
    df: float = np.inf,
) -> pd.DataFrame:
    """Return the table of an `EffectResult` from estimates and standard errors.

    Parameters
    ----------
    estimate, se
        By term.
    level
        Coverage of the intervals.
    df
        Degrees of freedom of the t distribution; normal by default.

    Examples
    --------
    >>> estimates(pd.Series({"x": 1.0}), pd.Series({"x": 0.5})).round(2).loc["x"].tolist()
    [1.0, 0.5, 0.02, 1.98, 0.05]
    """
    spread = stats.t.ppf(0.5 + level / 2, df) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stats.t.sf(np.abs(estimate / se), df)
    table = pd.DataFrame(
        {
            "estimate": estimate,
            "se": se,
            "low": estimate - spread,
            "high": estimate + spread,
            "p_value": p_value,
        }
    )
    return table.rename_axis("term").astype(float)
