"""Synthetic difference-in-differences: parallel by weighting, then two differences.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), "Synthetic Difference-in-Differences",
American Economic Review 111(12), 4088-4118.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import PanelDesign
from valley_analysis.impact.entry import entry
from valley_analysis.impact.results import EffectResult, estimates
from valley_analysis.impact.synthetic_did_checks import did_checks
from valley_analysis.impact.synthetic_did_draws import (
    Cohorts,
    bootstrap_draws,
    fit_cohorts,
    jackknife_draws,
    placebo_draws,
    spread,
    summary,
)
from valley_analysis.impact.synthetic_did_weights import Fit, uniform, weighted_did
from valley_analysis.impact.synthetic_panel import (
    Floats,
    SyntheticPanel,
    synthetic_panel,
    told_period,
    told_units,
)
from valley_analysis.impact.synthetic_weights import simplex_weights

Inference = Literal["placebo", "jackknife", "bootstrap"]
HEADLINE = "att"


@dataclass(frozen=True, eq=False)
class _Laid:
    """A panel, its cohorts, and when each began."""

    panel: SyntheticPanel
    cohorts: Cohorts
    dates: tuple[Any, ...]
    notes: tuple[str, ...]


@entry
def synthetic_did(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    treated: Any = None,
    cohort: str | None = None,
    since: Any = None,
    donors: Iterable[Hashable] | None = None,
    inference: Inference = "placebo",
    flag: str | None = None,
    replications: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> EffectResult:
    """Estimate an average effect on the treated by synthetic difference-in-differences.

    Parameters
    ----------
    frame
        One row a unit and period.
    unit, period, outcome
        Columns. Controls with gaps in the outcome are left out and named in a note.
    treated, since
        A unit or several, and their first treated period; or else
    cohort
        Column of the first treated period of a unit, missing where never treated. Cohorts are
        estimated one by one against the never treated and averaged by treated cells.
    donors
        Control units; by default all that are never treated.
    inference
        "placebo" (controls in the place of the treated; the only one for a single treated
        unit; assumes that treated and controls vary alike), "jackknife" (weights kept) or
        "bootstrap" (units drawn with replacement).
    flag
        Column that says how a value came about; "imputed" values are refused.
    replications, seed
        Of placebo and bootstrap draws. All placebo choices are taken if they are no more.
    level
        Coverage of intervals.

    Returns
    -------
    EffectResult
        ``att``, then ``event_0``, ``event_1``, ... by periods since the treatment. Frames:
        unit_weights, time_weights, gaps, cohorts, comparisons (plain difference-in-differences
        and, for one cohort, synthetic control), draws.

    Raises
    ------
    DesignError
        With everything that is wrong, each with column, unit and period.

    Examples
    --------
    >>> frame = pd.DataFrame({"u": list("abcde") * 4, "t": sorted([1, 2, 3, 4] * 5)})
    >>> noise = [0.3, -0.1, 0.2, -0.3, 0.1] * 4
    >>> frame["y"] = 2.0 * frame.t + noise * frame.t + 6 * ((frame.u == "a") & (frame.t == 4))
    >>> found = synthetic_did(frame, unit="u", period="t", outcome="y", treated="a", since=4)
    >>> round(found.estimate, 1), len(found.frames["draws"])
    (6.1, 4)
    """
    _check_options(treated, cohort, since, inference, replications, level)
    if cohort is None:
        laid = _one(frame, unit, period, outcome, treated, since, donors, flag)
    else:
        laid = _several(frame, unit, period, outcome, cohort, donors, flag)
    _check_sizes(laid, unit, inference)
    fits = fit_cohorts(laid.cohorts)
    found = summary(laid.cohorts, fits)
    draws = _draws(laid.cohorts, fits, inference, replications, seed)
    names = [HEADLINE, *(f"event_{event}" for event in range(len(found) - 1))]
    index = pd.Index(names, name="term")
    errors = pd.Series(spread(draws, inference), index)
    table = estimates(pd.Series(found, index), errors, level)
    table["event_time"] = [np.nan, *range(len(found) - 1)]
    checks = did_checks(laid.cohorts, laid.panel, fits, draws, inference, level)
    wide = laid.panel.wide
    return EffectResult(
        method="synthetic_did",
        outcome=outcome,
        table=table,
        headline=HEADLINE,
        estimand=_estimand(laid, outcome),
        inference=_inference(inference, len(draws)),
        notes=laid.notes,
        diagnostics=checks,
        n_obs=wide.size,
        n_units=len(wide),
        n_periods=len(wide.columns),
        level=level,
        frames=_frames(laid, fits, draws, names),
    )


def _one(
    frame: pd.DataFrame,
    unit: str,
    period: str,
    outcome: str,
    treated: Any,
    since: Any,
    donors: Iterable[Hashable] | None,
    flag: str | None,
) -> _Laid:
    panel = synthetic_panel(
        frame,
        unit=unit,
        period=period,
        outcome=outcome,
        treated=treated,
        since=since,
        donors=donors,
        flag=flag,
    )
    cohorts = Cohorts(panel.values, (panel.own,), (int(panel.before.sum()),), panel.others)
    return _Laid(panel, cohorts, (panel.since,), (_ASSUMES, *panel.notes))


def _several(
    frame: pd.DataFrame,
    unit: str,
    period: str,
    outcome: str,
    cohort: str,
    donors: Iterable[Hashable] | None,
    flag: str | None,
) -> _Laid:
    used = PanelDesign(unit, period, outcome, cohort=cohort, flag=flag).prepare(frame)
    began = used.groupby(unit)[cohort].first()
    last = used[period].max()
    later = began[began > last].index
    began = began.mask(began > last).dropna()
    if began.empty:
        problem = f"column {cohort!r}: no unit is treated until {told_period(last)}"
        raise DesignError(f"outcome {outcome!r}", [problem], "name the first treated periods")
    first = began.min()
    panel = synthetic_panel(
        used,
        unit=unit,
        period=period,
        outcome=outcome,
        treated=list(began.sort_values(kind="stable").index),
        since=first,
        donors=donors,
    )
    dates = tuple(sorted(began.unique()))
    starts = tuple(int((panel.wide.columns < date).sum()) for date in dates)
    inside = began[list(panel.treated)]
    rows = tuple(np.flatnonzero((inside == date).to_numpy()) for date in dates)
    notes = [_ASSUMES, *panel.notes]
    if len(later):
        notes.append(f"Not yet treated by {told_period(last)}, so controls: {told_units(later)}.")
    return _Laid(panel, Cohorts(panel.values, rows, starts, panel.others), dates, tuple(notes))


_ASSUMES = (
    "Assumes that, but for the treatment, treated and weighted controls would have gone on in "
    "parallel, and that controls were not affected."
)


def _draws(
    cohorts: Cohorts, fits: Sequence[Fit], inference: str, replications: int, seed: int
) -> Floats:
    if inference == "jackknife":
        return jackknife_draws(cohorts, fits)
    make = placebo_draws if inference == "placebo" else bootstrap_draws
    return make(cohorts, replications, seed)


def _frames(
    laid: _Laid, fits: Sequence[Fit], draws: Floats, names: list[str]
) -> dict[str, pd.DataFrame]:
    panel, cohorts = laid.panel, laid.cohorts
    periods = panel.wide.columns
    heads = pd.Index(laid.dates, name="cohort")
    units = pd.DataFrame({date: fit.units for date, fit in zip(heads, fits, strict=True)})
    units.index = pd.Index(panel.donors, name="unit", tupleize_cols=False)
    times = {
        date: pd.Series(fit.periods, periods[: fit.start])
        for date, fit in zip(heads, fits, strict=True)
    }
    gaps = pd.DataFrame({date: fit.path for date, fit in zip(heads, fits, strict=True)})
    by_cohort = {
        "effect": [fit.effect for fit in fits],
        "units": [len(rows) for rows in cohorts.treated],
        "share": cohorts.cells / cohorts.cells.sum(),
        "penalty": cohorts.penalties,
    }
    return {
        "unit_weights": units.rename_axis(columns="cohort"),
        "time_weights": pd.DataFrame(times).rename_axis(columns="cohort"),
        "gaps": gaps.set_axis(periods).rename_axis(columns="cohort"),
        "cohorts": pd.DataFrame(by_cohort, index=heads),
        "comparisons": comparisons(cohorts, fits),
        "draws": pd.DataFrame(draws, columns=names),
    }


def comparisons(cohorts: Cohorts, fits: Sequence[Fit]) -> pd.DataFrame:
    """Return the effect beside those of plain differences and of synthetic control.

    Parameters
    ----------
    cohorts
        Outcomes.
    fits
        The fit of each cohort.
    """
    blocks = [cohorts.block(which) for which in range(len(fits))]
    plain = [weighted_did(block, *uniform(block)).effect for block in blocks]
    synthetic = []
    for block in blocks:
        early = block.controls[:, : block.start].T
        weights = simplex_weights(block.treated[:, : block.start].mean(axis=0), early)
        gap = block.treated.mean(axis=0) - weights @ block.controls
        synthetic.append(float(gap[block.start :].mean()))
    rows = {
        "synthetic_did": [fit.effect for fit in fits],
        "difference_in_differences": plain,
        "synthetic_control": synthetic,
    }
    found = {name: float(np.average(one, weights=cohorts.cells)) for name, one in rows.items()}
    return pd.DataFrame({"estimate": found}).rename_axis("estimator")


def _estimand(laid: _Laid, outcome: str) -> str:
    many = len(laid.panel.treated)
    which = f"{many} treated units (mean)" if many > 1 else "unit"
    dates = ", ".join(map(told_period, laid.dates))
    return (
        f"average effect on {outcome} of {which} {told_units(laid.panel.treated)} from {dates} to "
        f"{told_period(laid.panel.wide.columns[-1])}: difference to weighted controls, less that "
        "of weighted earlier periods"
    )


def _inference(inference: str, many: int) -> str:
    return {
        "placebo": f"standard error from {many} placebo choices of controls as treated",
        "jackknife": f"jackknife over {many} units with weights kept",
        "bootstrap": f"standard error from {many} bootstrap draws of units",
    }[inference] + "; normal intervals"


def _check_options(
    treated: Any, cohort: Any, since: Any, inference: str, replications: int, level: float
) -> None:
    problems = []
    if (treated is None) == (cohort is None):
        problems.append("expected either treated= with since=, or cohort=")
    elif treated is not None and since is None:
        problems.append("treated= without since=; expected the first treated period")
    elif cohort is not None and since is not None:
        problems.append("cohort= and since= together; the column says since when")
    if inference not in ("placebo", "jackknife", "bootstrap"):
        problems.append(f"inference={inference!r}; expected placebo, jackknife or bootstrap")
    if replications < 2:
        problems.append(f"replications={replications!r}; expected two or more")
    if not 0 < level < 1:
        problems.append(f"level={level!r}; expected a share between 0 and 1")
    if problems:
        raise DesignError("synthetic difference-in-differences", problems, "correct the arguments")


def _check_sizes(laid: _Laid, unit: str, inference: str) -> None:
    sizes = [len(rows) for rows in laid.cohorts.treated]
    controls = len(laid.cohorts.controls)
    problems = []
    if inference == "placebo" and controls < sum(sizes) + 2:
        problems.append(
            f"column {unit!r}: {controls} controls for {sum(sizes)} treated; placebo inference "
            "needs two more controls than treated units"
        )
    for date, size in zip(laid.dates, sizes, strict=True):
        if inference == "jackknife" and size < 2:
            problems.append(
                f"column {unit!r}, treated since {told_period(date)}: one unit; the jackknife "
                "needs two in each cohort"
            )
    if inference == "bootstrap" and sum(sizes) < 2:
        problems.append(f"column {unit!r}: one treated unit; the bootstrap needs two")
    if problems:
        raise DesignError("inference", problems, "use placebo inference or other controls")
