"""Group-time effects: one two-by-two comparison a cohort and period, and who moves it."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from valley_analysis.impact.panel_fit import between

Controls = Literal["never", "not_yet"]
Base = Literal["varying", "universal"]


@dataclass(frozen=True)
class Panel:
    """A panel as a matrix.

    Attributes
    ----------
    outcome
        Units x periods, nan where absent.
    periods
        Sorted.
    cohort
        First treated period of each unit as stated; missing if never within the panel.
    groups
        Cohorts in order.
    elapsed
        Cohorts x periods: event time.
    cluster
        Code of each unit's cluster.
    units
        Names.
    """

    outcome: np.ndarray
    periods: pd.Index
    cohort: pd.Series
    groups: tuple[Any, ...]
    elapsed: np.ndarray
    cluster: np.ndarray
    units: pd.Index

    def members(self, group: int) -> np.ndarray:
        """Return which units are in a cohort."""
        return (self.cohort == self.groups[group]).to_numpy()

    @property
    def never(self) -> np.ndarray:
        """Which units are not treated within the panel."""
        return self.cohort.isna().to_numpy()


@dataclass(frozen=True)
class Cell:
    """The effect of one cohort in one period.

    Attributes
    ----------
    group, period
        Places among cohorts and periods.
    event_time
        Periods since treatment.
    estimate
        Mean change of the cohort less mean change of its controls.
    influence
        Of each unit on the estimate, scaled to the number of units; None for the base period.
    treated
        Which units the cohort's mean is over.
    """

    group: int
    period: int
    event_time: float
    estimate: float
    influence: np.ndarray | None
    treated: np.ndarray


def lay_out(
    used: pd.DataFrame, unit: str, period: str, outcome: str, cohort: str, cluster: str | None
) -> Panel:
    """Return the panel as a matrix; cohorts after its last period count as untreated in it."""
    wide = used.pivot_table(index=unit, columns=period, values=outcome, sort=True)
    periods = pd.Index(wide.columns)
    stated = used.groupby(unit)[cohort].first().reindex(wide.index)
    within = stated.where(stated <= periods[-1])
    groups = tuple(sorted(within.dropna().unique()))
    starts = [periods[periods >= group][0] for group in groups]
    elapsed = np.array([between(periods, start) for start in starts]).reshape(-1, len(periods))
    if is_numeric_dtype(periods.dtype):
        lag = np.array([float(start) - float(g) for start, g in zip(starts, groups, strict=True)])
        elapsed = elapsed + lag[:, None]
    clusters = used.groupby(unit)[cluster or unit].first().reindex(wide.index)
    return Panel(
        wide.to_numpy(float),
        periods,
        within,
        groups,
        elapsed,
        pd.factorize(clusters)[0],
        pd.Index(wide.index),
    )


def cells(panel: Panel, controls: Controls, anticipation: int, base: Base) -> list[Cell]:
    """Return every cell that has both a cohort and controls in its period and its base period."""
    found = []
    for group in range(len(panel.groups)):
        clean = np.flatnonzero(panel.elapsed[group] < -anticipation)
        if not len(clean):
            continue
        for period in range(len(panel.periods)):
            late = panel.elapsed[group, period] >= -anticipation
            start = int(clean[-1]) if late or base == "universal" else period - 1
            if start >= 0:
                cell = _cell(panel, group, period, start, controls, anticipation)
                if cell is not None:
                    found.append(cell)
    return found


def _cell(
    panel: Panel, group: int, period: int, start: int, controls: Controls, anticipation: int
) -> Cell | None:
    change = panel.outcome[:, period] - panel.outcome[:, start]
    both = ~np.isnan(change)
    treated = panel.members(group) & both
    compared = _controls(panel, group, max(period, start), controls, anticipation) & both
    event_time = float(panel.elapsed[group, period])
    if period == start:
        return Cell(group, period, event_time, 0.0, None, treated) if treated.any() else None
    if not treated.any() or not compared.any():
        return None
    estimate = change[treated].mean() - change[compared].mean()
    influence = np.zeros(len(change))
    for members, sign in ((treated, 1.0), (compared, -1.0)):
        size = int(members.sum())
        # With few units the plain influence function understates the variance of a mean.
        factor = np.sqrt(size / (size - 1)) if size > 1 else 1.0
        deviation = change[members] - change[members].mean()
        influence[members] += sign * factor * len(change) / size * deviation
    return Cell(group, period, event_time, float(estimate), influence, treated)


def _controls(
    panel: Panel, group: int, until: int, controls: Controls, anticipation: int
) -> np.ndarray:
    allowed = panel.never
    if controls == "not_yet":
        for other in range(len(panel.groups)):
            if other != group and panel.elapsed[other, until] < -anticipation:
                allowed = allowed | panel.members(other)
    return allowed
