"""A contrast of high with low exposure by synthetic control, where nobody is untreated."""

from dataclasses import replace
from typing import Any

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import PanelDesign
from valley_analysis.impact.entry import entry
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.synthetic_checks import check_leave_one_out, leave_one_out
from valley_analysis.impact.synthetic_control import asked_date, assemble
from valley_analysis.impact.synthetic_panel import (
    SyntheticPanel,
    synthetic_panel,
    told_period,
    told_units,
)
from valley_analysis.impact.synthetic_study import Study, own


@entry
def contrast(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    since: Any,
    high: float = 2 / 3,
    low: float = 1 / 3,
    placebo_date: Any | None = None,
    flag: str | None = None,
    replications: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> EffectResult:
    """Compare the mean of the most exposed units with a synthetic one made of the least exposed.

    When a wave meets every unit at once, no donor is untreated: what comes out is how the two
    groups parted, not what the wave did. Its p-value is that of a permutation test, in which
    the labels "high" and "low" are assigned anew at random.

    Parameters
    ----------
    frame
        One row a unit and period.
    unit, period, outcome
        Columns. Units with gaps in the outcome are left out of either group, with a note.
    exposure
        Column of a predetermined intensity, one value a unit.
    since
        First period of the wave.
    high, low
        Quantiles of exposure over units: at or above the one, at or below the other.
    placebo_date
        An earlier date to pretend the wave at; by default the middle of the periods before.
    flag
        Column that says how a value came about; "imputed" values are refused.
    replications, seed
        Of the permutation test.
    level
        Coverage of intervals.

    Returns
    -------
    EffectResult
        As of `synthetic_control`, with frames ``groups`` and ``leave_one_high_out`` beside.

    Raises
    ------
    DesignError
        With everything that is wrong, each with column, unit and period.

    Examples
    --------
    >>> rows = [(u, t, u / 9, u + t + (5 if u > 6 and t > 3 else 0))
    ...         for u in range(9) for t in (1, 2, 3, 4)]
    >>> frame = pd.DataFrame(rows, columns=["u", "t", "x", "y"])
    >>> found = contrast(frame, unit="u", period="t", outcome="y", exposure="x", since=4,
    ...                  high=0.8, low=0.7, replications=99)
    >>> found.estimand.split(":")[0]
    'contrast of high with low x, not an effect of what began in 4'
    """
    problems = _options(high, low, level)
    if problems:
        raise DesignError("contrast", problems, "correct the arguments")
    panel, groups = _panel(frame, unit, period, outcome, exposure, since, high, low, flag)
    study = Study(panel, "group", replications=replications, seed=seed)

    def backdate(date: Any) -> Study:
        return replace(study, panel=panel.backdated(date))

    said = _estimand(panel, outcome, exposure)
    date = asked_date(panel, placebo_date, period)
    found = assemble(study, "contrast", outcome, said, backdate, None, date, level)
    frames = {**found.frames, "groups": groups}
    checks = list(found.diagnostics)
    if len(panel.treated) > 1:
        dropped = leave_one_out(study, own(study), treated=True)
        frames["leave_one_high_out"] = dropped
        checks.append(
            check_leave_one_out(
                "leave_one_high_out", dropped, found.estimate, "highly exposed unit"
            )
        )
    return replace(found, frames=frames, diagnostics=tuple(checks))


def _panel(
    frame: pd.DataFrame,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    since: Any,
    high: float,
    low: float,
    flag: str | None,
) -> tuple[SyntheticPanel, pd.DataFrame]:
    used = PanelDesign(unit, period, outcome, exposure=exposure, flag=flag).prepare(frame)
    value = used.groupby(unit)[exposure].first()
    top, bottom = value.quantile(high), value.quantile(low)
    group = pd.Series("middle", value.index).mask(value >= top, "high").mask(value <= bottom, "low")
    if top <= bottom:
        problem = (
            f"column {exposure!r}: the quantiles {low:.2f} and {high:.2f} are {bottom:g} and "
            f"{top:g}; expected different values"
        )
        raise DesignError("contrast", [problem], "choose quantiles further apart")
    wide = used.pivot(index=unit, columns=period, values=outcome)
    complete = wide.notna().all(axis=1)
    chosen = [u for u in wide.index if group[u] == "high" and complete[u]]
    if not chosen:
        problem = f"column {outcome!r}: no unit of high {exposure!r} is without gaps"
        raise DesignError("contrast", [problem], "leave out the periods with gaps")
    panel = synthetic_panel(
        used,
        unit=unit,
        period=period,
        outcome=outcome,
        treated=chosen,
        since=since,
        donors=[u for u in wide.index if group[u] == "low"],
    )
    lost = [u for u in wide.index if group[u] == "high" and not complete[u]]
    if lost:
        note = f"Left out of the highly exposed for gaps in {outcome}: {told_units(lost)}."
        panel = replace(panel, notes=(*panel.notes, note))
    inside = value.index.isin(panel.wide.index)
    return panel, pd.DataFrame({exposure: value, "group": group, "used": inside})


def _estimand(panel: SyntheticPanel, outcome: str, exposure: str) -> str:
    return (
        f"contrast of high with low {exposure}, not an effect of what began in "
        f"{told_period(panel.since)}: mean {outcome} of {len(panel.treated)} highly exposed units "
        f"less a weighted mean of {len(panel.donors)} little exposed ones, mean over "
        f"{told_period(panel.since)} to {told_period(panel.wide.columns[-1])}; all of them met it"
    )


def _options(high: float, low: float, level: float) -> list[str]:
    problems = []
    if not 0 < low < high < 1:
        problems.append(f"high={high!r}, low={low!r}; expected 0 < low < high < 1")
    if not 0 < level < 1:
        problems.append(f"level={level!r}; expected a share between 0 and 1")
    return problems
