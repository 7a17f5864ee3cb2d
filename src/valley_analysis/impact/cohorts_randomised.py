"""The primary test of a staggered treatment: studentised, within strata, controls taken out anew.

In every draw treated units and dates are drawn again, controls times period are taken out of the
outcome with slopes from the rows that are untreated then, and the group-time effects of Callaway
and Sant'Anna are averaged over treated units. The mean is divided by its error from influence
functions. Both are linear in the outcome, so each draw gives its statistic for every constant
effect, and an interval costs no second round.

Callaway, B. and Sant'Anna, P. (2021), Journal of Econometrics 225(2), 200-230; Chung, E. and
Romano, J. (2013), Exact and asymptotically robust permutation tests, Annals of Statistics 41(2),
484-507, for studentising; Gardner, J. (2022), Two-stage differences in differences, for slopes from
untreated rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from scipy.linalg import cho_solve

from valley_analysis.errors import DesignError
from valley_analysis.gate import number_problems
from valley_analysis.impact.design import PanelDesign, listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.inversion import Draws, Tails, invert
from valley_analysis.impact.permutations import enough, unit_orders
from valley_analysis.impact.randomisation_cohorts import assigned, shuffled
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.strata import stratified

Baseline = Literal["last", "mean", "apart"]
BASELINES: tuple[Baseline, ...] = ("last", "mean", "apart")
"""Against the last period before treatment; against the mean of all before; the last less the
mean, which is the movement before: the second is the first and the third together."""
_SINGULAR = 1e-7
Progress = Callable[[int, int], None]
Moments = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class CohortPanel:
    """A panel ready for thousands of assignments of treatment.

    Attributes
    ----------
    units, periods
        Sorted labels.
    place
        n x 2: unit and period of each row.
    y
        n outcomes.
    beside
        n x k: controls times period, but for the first.

    Examples
    --------
    >>> frame = pd.DataFrame({"u": [1, 1, 2, 2], "t": [1, 2, 1, 2], "y": [0.0, 3, 0, 1]})
    >>> panel = CohortPanel.of(frame, unit="u", period="t", outcome="y", controls=())
    >>> estimate, _ = panel.moments(np.array([2.0, np.nan]), panel.y[:, None])
    >>> estimate[0].item()
    2.0
    """

    units: pd.Index
    periods: np.ndarray
    place: np.ndarray
    y: np.ndarray
    beside: np.ndarray

    @classmethod
    def of(
        cls, frame: pd.DataFrame, *, unit: str, period: str, outcome: str, controls: Sequence[str]
    ) -> "CohortPanel":
        """Lay out the rows with an outcome and controls.

        Raises
        ------
        DesignError
            If periods are no numbers.
        """
        if not pd.api.types.is_numeric_dtype(frame[period]):
            problem = f"column {period!r}: {frame[period].dtype}; expected numbers"
            raise DesignError("periods", [problem], "give years")
        wrong = list(number_problems(frame, controls, {"unit": unit, "period": period}))
        if wrong:
            raise DesignError("controls", wrong, "name columns of numbers")
        rows = frame.dropna(subset=[outcome, *controls]).sort_values([unit, period])
        at_unit, units = pd.factorize(rows[unit], sort=True)
        at_period, periods = pd.factorize(rows[period], sort=True)
        dummies = (at_period[:, None] == np.arange(1, len(periods))).astype(float)
        fixed = rows[list(controls)].to_numpy(float)
        fixed = (fixed - fixed.mean(axis=0)) / np.where(fixed.std(axis=0) > 0, fixed.std(axis=0), 1)
        beside = (fixed[:, :, None] * dummies[:, None, :]).reshape(len(rows), -1)
        return cls(
            pd.Index(units),
            np.asarray(periods, dtype=float),
            np.column_stack([at_unit, at_period]),
            rows[outcome].to_numpy(float),
            beside,
        )

    def treated(self, cohort: np.ndarray) -> np.ndarray:
        """Return which rows are treated, n, for a first treated period of each unit or nan."""
        at_unit, at_period = self.place.T
        found: np.ndarray = self.periods[at_period] >= cohort[at_unit]
        return found

    def unit_effect(self, cohort: np.ndarray, baseline: Baseline) -> np.ndarray:
        """Return what an effect of one adds to each row, n, up to what controls take of it."""
        if baseline != "apart":
            return self.treated(cohort).astype(float)
        at_unit, at_period = self.place.T
        before = (self.periods[None, :] < cohort[:, None]).sum(axis=1)
        return ((at_period == before[at_unit] - 1) & ~np.isnan(cohort[at_unit])).astype(float)

    def net(self, cohort: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
        """Return outcomes, n x m, less what goes with controls in the untreated rows.

        Raises
        ------
        DesignError
            If untreated rows do not tell the slopes.
        """
        if not self.beside.shape[1]:
            return outcomes
        # Normal equations of all rows, less what the few treated ones add: no fit from scratch.
        treated = self.treated(cohort)
        design, late = self.design, self.design[treated]
        squares = self.squares - late.T @ late
        products = design.T @ outcomes - late.T @ outcomes[treated]
        try:
            lower = np.linalg.cholesky(squares)
        except np.linalg.LinAlgError:
            lower = np.zeros((1, 1))
        if np.diag(lower).min() <= _SINGULAR * np.sqrt(np.diag(self.squares).max()):
            raise DesignError(
                "controls", ["untreated rows do not tell their slopes"], "take fewer controls"
            )
        slopes = cho_solve((lower, True), products)[-self.beside.shape[1] :]
        left: np.ndarray = outcomes - self.beside @ slopes
        return left

    @cached_property
    def design(self) -> np.ndarray:
        """Units, periods but for the first, and controls times period, n x k."""
        at_unit, at_period = self.place.T
        units = (at_unit[:, None] == np.arange(len(self.units))).astype(float)
        periods = (at_period[:, None] == np.arange(1, len(self.periods))).astype(float)
        return np.column_stack([units, periods, self.beside])

    @cached_property
    def squares(self) -> np.ndarray:
        """Cross products of the design over all rows, k x k."""
        found: np.ndarray = self.design.T @ self.design
        return found

    def moments(
        self, cohort: np.ndarray, outcomes: np.ndarray, baseline: Baseline = "last"
    ) -> Moments:
        """Return the mean effect on each outcome, and the influence of each unit on it.

        Parameters
        ----------
        cohort
            First treated period of each unit, nan where never.
        outcomes
            n x m, net of controls.
        baseline
            Of `BASELINES`.

        Returns
        -------
        m estimates; units x m influences, whose squares sum to the variance.

        Raises
        ------
        DesignError
            If no cohort has a period to compare; one that has none does not enter the mean, as in
            `group_time_att`.
        """
        wide = np.full((outcomes.shape[1], len(self.units), len(self.periods)), np.nan)
        wide[:, self.place[:, 0], self.place[:, 1]] = outcomes.T
        cohort = np.where(cohort > self.periods[-1], np.nan, cohort)
        never, parts, sizes = np.isnan(cohort), [], []
        for group in np.unique(cohort[~never]):
            own, late = cohort == group, self.periods >= group
            if late.all() or not late.any():
                continue
            base = wide[:, :, ~late]
            if baseline == "last":
                change = wide[:, :, late] - base[:, :, -1:]
            else:
                mean = np.where(
                    np.isnan(base).all(axis=2), np.nan, np.nansum(base, axis=2)
                ) / np.maximum((~np.isnan(base)).sum(axis=2), 1)
                after = wide[:, :, late] if baseline == "mean" else base[:, :, -1:]
                change = after - mean[:, :, None]
            compared = _cells(change, own, never)
            if compared is not None:
                parts.append(compared)
                sizes.append(own)
        if not parts:
            raise DesignError("cohorts", ["none has a period to compare"], "choose other dates")
        return _weighted(parts, np.array(sizes, dtype=float))

    def studentised(self, cohort: np.ndarray) -> float:
        """Return the mean effect over its error for an assignment; nan where there is none."""
        try:
            net = self.net(cohort, self.y[:, None])
            estimate, influence = self.moments(cohort, net)
        except DesignError:
            return float("nan")
        return float(estimate[0] / np.sqrt((influence[:, 0] ** 2).sum()))


def _cells(change: np.ndarray, own: np.ndarray, never: np.ndarray) -> Moments | None:
    """Return the mean over periods of one cohort's change less that of units never treated.

    None where no period has a change of both.
    """
    known = ~np.isnan(change)
    estimate = np.zeros(change.shape[0])
    influence = np.zeros(change.shape[:2])
    cells = 0
    usable = (known & own[:, None]).any(axis=1) & (known & never[:, None]).any(axis=1)
    for period in np.flatnonzero(usable.all(axis=0)):
        cells += 1
        for members, sign in ((own, 1.0), (never, -1.0)):
            mask = members & known[0, :, period]
            size = int(mask.sum())
            values = change[:, mask, period]
            mean = values.mean(axis=1)
            estimate += sign * mean
            factor = np.sqrt(size / (size - 1)) if size > 1 else 1.0
            influence[:, mask] += sign * factor / size * (values - mean[:, None])
    if not cells:
        return None
    return estimate / cells, influence / cells


def _weighted(parts: list[Moments], members: np.ndarray) -> Moments:
    """Average cohorts by their sizes, which are themselves estimated."""
    estimate = np.array([part[0] for part in parts])
    influence = np.array([part[1] for part in parts])
    size, units = members.mean(axis=1), members.shape[1]
    total = size.sum()
    moved = members - size[:, None]
    shares = (moved / total - np.outer(size, moved.sum(axis=0)) / total**2) / units
    weight = size / total
    found = np.einsum("g,gmu->um", weight, influence) + shares.T @ estimate
    return weight @ estimate, found


@entry
def randomise_cohorts(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    cohort: str,
    controls: Sequence[str] | str = (),
    strata: str | None = None,
    permutations: int = 999,
    tails: Tails = "equal",
    baseline: Baseline = "last",
    seed: int = 0,
    level: float = 0.95,
    progress: Progress | None = None,
) -> EffectResult:
    """Test the mean effect on treated units by drawing units and dates of treatment anew.

    Parameters
    ----------
    frame
        Tidy panel with one cohort a unit, missing where never treated; periods are numbers.
    unit, period, outcome, cohort
        Columns.
    controls
        Columns with one value a unit, each times period, taken out with slopes of untreated rows.
    strata
        Column within which treatment moves; each stratum has its own path. Dates are shuffled over
        all treated units.
    permutations, seed
        Of the draws.
    tails
        See `Draws`.
    baseline
        "last": against the last period before treatment. "mean": against all before. "apart": the
        last before less the mean before, the movement before treatment.
    level
        Coverage of the interval, of a constant effect.
    progress
        Called with draws done and in all.

    Returns
    -------
    EffectResult
        One row, `effect`, with `monte_carlo_error`. ``frames["draws"]``: ``statistic``, the
        studentised draws, and ``estimate``, both under no effect.

    Raises
    ------
    DesignError
        As `permute_cohorts`; also if the data, or a draw, cannot be estimated.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> panel = pd.DataFrame([(u, t) for u in range(20) for t in range(4)], columns=["u", "t"])
    >>> panel["since"] = np.where(panel.u < 6, 2.0, np.nan)
    >>> panel["y"] = panel.u + panel.t + 1.0 * (panel.t >= panel.since) + rng.normal(0, 0.1, 80)
    >>> names = dict(unit="u", period="t", outcome="y", cohort="since")
    >>> found = randomise_cohorts(panel, **names, permutations=199)
    >>> round(found.estimate, 1), round(found.p_value, 2)
    (1.0, 0.01)
    """
    enough(permutations, level, "permutations", tails)
    if baseline not in get_args(Baseline):
        problem = f"baseline {baseline!r}; expected one of {', '.join(get_args(Baseline))}"
        raise DesignError("baseline", [problem], "choose one of them")
    _numbered(frame, PanelDesign(unit, period, outcome, cohort=cohort))
    told, beside = stratified(frame, unit, strata, listed(controls))
    names: dict[str, Any] = {"unit": unit, "period": period, "outcome": outcome}
    panel = CohortPanel.of(told, **names, controls=beside)
    kept = frame[frame[unit].isin(panel.units)]
    cohorts, labels = assigned(kept, unit, cohort, strata)
    drawn, _ = cohort_draws(cohorts, labels, permutations, seed)
    observed = cohorts.to_numpy(float)
    both = np.column_stack([panel.y, panel.unit_effect(observed, baseline)])
    estimate, influence = panel.moments(observed, panel.net(observed, both), baseline)
    both[:, 1] /= estimate[1]
    value, se = float(estimate[0]), float(np.sqrt((influence[:, 0] ** 2).sum()))
    numbers = []
    for done, one in enumerate(drawn, start=1):
        numbers.append(_numbers(panel, one, both, value, baseline))
        if progress is not None:
            progress(done, len(drawn))
    free, slope, c, d, e = np.array(numbers).T
    draws = Draws(value, se, free, slope, c, d, e, tails=tails)
    return _result(draws, panel, names["outcome"], strata, level)


def _numbered(frame: pd.DataFrame, design: PanelDesign) -> None:
    """Refuse what no estimator of cohorts takes, and periods that are no numbers."""
    design.prepare(frame)
    problems = list(number_problems(frame, [design.period, str(design.cohort)]))
    if problems:
        raise DesignError("cohorts", problems, "give periods and cohorts as years")


def cohort_draws(
    cohorts: "pd.Series[float]", labels: np.ndarray, permutations: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return cohorts drawn anew, draws x units, dates shuffled over all treated; and the orders."""
    orders, _ = unit_orders(labels, permutations, seed, every=False)
    own = cohorts.to_numpy(float)[orders]
    return shuffled(own, ~np.isnan(own), seed), orders


def _numbers(
    panel: CohortPanel, cohort: np.ndarray, both: np.ndarray, value: float, baseline: Baseline
) -> tuple[float, float, float, float, float]:
    """Return what `Draws` keeps of one assignment: level, slope, c, d, e."""
    estimate, influence = panel.moments(cohort, panel.net(cohort, both), baseline)
    slope, moving = float(estimate[1]), influence[:, 1]
    fixed = influence[:, 0] - value * moving
    return (
        float(estimate[0]) - value * slope,
        slope,
        float(fixed @ fixed),
        float(fixed @ moving),
        float(moving @ moving),
    )


def _result(
    draws: Draws, panel: CohortPanel, outcome: str, strata: str | None, level: float
) -> EffectResult:
    region, p_value = invert(draws, level), draws.p_value()
    row = {
        "estimate": draws.estimate,
        "se": draws.se,
        "low": region.low,
        "high": region.high,
        "p_value": p_value,
        "monte_carlo_error": draws.monte_carlo_error(p_value),
    }
    null = {"statistic": draws.statistics(), "estimate": draws.level + draws.estimate * draws.slope}
    within = f" within {strata!r}" if strata else ""
    return EffectResult(
        method="randomise_cohorts",
        outcome=outcome,
        table=pd.DataFrame([row], index=pd.Index(["effect"], name="term")),
        headline="effect",
        estimand=f"mean effect on {outcome} over treated units, each over its periods",
        inference=(
            f"{len(draws):,} draws of treated units{within} and dates, studentised, "
            f"{draws.tails} tails, interval by inversion"
        ),
        notes=(
            "Treatment is taken to have been as likely to fall on any unit"
            f"{' of its ' + repr(strata) if strata else ''}, at any of the dates; with controls "
            "the test holds approximately. A date that falls on units without values around it "
            "does not enter the mean of that draw.",
        ),
        n_obs=len(panel.y),
        n_units=len(panel.units),
        n_periods=len(panel.periods),
        level=level,
        frames={"draws": pd.DataFrame(null)},
    )
