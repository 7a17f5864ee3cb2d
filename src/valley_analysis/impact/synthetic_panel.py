"""A panel laid out for synthetic estimators: complete units by periods, checked before fitting."""

import datetime
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.gate import as_moment
from valley_analysis.impact.design import PanelDesign
from valley_analysis.impact.entry import entry
from valley_analysis.impact.units import is_rounding

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class SyntheticPanel:
    """Outcomes without gaps, and who was treated since when.

    Attributes
    ----------
    wide
        Units x periods; treated units first, then donors.
    treated, donors
        Labels of the units, in the order of `wide`.
    since
        First treated period.
    notes
        What was left out, and why.
    """

    wide: pd.DataFrame
    treated: tuple[Hashable, ...]
    donors: tuple[Hashable, ...]
    since: Any
    notes: tuple[str, ...] = ()

    @property
    def values(self) -> Floats:
        """Outcomes, units x periods."""
        return self.wide.to_numpy(float)

    @property
    def before(self) -> Flags:
        """Which periods come before the treatment."""
        return np.asarray(self.wide.columns < self.since, dtype=bool)

    @property
    def own(self) -> Places:
        """Rows of the treated units."""
        return np.arange(len(self.treated))

    @property
    def others(self) -> Places:
        """Rows of the donors."""
        return np.arange(len(self.treated), len(self.wide))

    @property
    def spread(self) -> float:
        """Standard deviation across units before the treatment, mean over periods."""
        return float(self.values[:, self.before].std(axis=0, ddof=1).mean())

    def backdated(self, date: Any) -> "SyntheticPanel":
        """The panel before the treatment, as if treated since an earlier date."""
        return replace(self, wide=self.wide.loc[:, self.before], since=date)

    def without(self, dropped: Iterable[Hashable], note: str = "") -> "SyntheticPanel":
        """The panel without some units."""
        gone = set(dropped)
        return replace(
            self,
            wide=self.wide.drop(index=list(gone)),
            treated=tuple(unit for unit in self.treated if unit not in gone),
            donors=tuple(unit for unit in self.donors if unit not in gone),
            notes=(*self.notes, note) if note else self.notes,
        )


@entry
def synthetic_panel(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    treated: Any,
    since: Any,
    donors: Iterable[Hashable] | None = None,
    flag: str | None = None,
) -> SyntheticPanel:
    """Lay a tidy frame out for synthetic control and synthetic difference-in-differences.

    Donors with a gap in any period are left out and named in a note; a treated unit must
    have none.

    Parameters
    ----------
    frame
        One row a unit and period.
    unit, period, outcome
        Columns. Periods are years, dates or anything else that sorts.
    treated
        A unit, or several.
    since
        The first treated period; for a column of dates also a text such as "2014-03-01".
    donors
        Units to compare with; by default all that are not treated.
    flag
        Column that says how a value came about; "imputed" values are refused.

    Raises
    ------
    DesignError
        With everything that is wrong, each with column, unit and period.

    Examples
    --------
    >>> frame = pd.DataFrame({"u": list("aabbcc"), "t": [1, 2] * 3, "y": range(6)})
    >>> more = pd.concat([frame, frame.assign(t=frame.t + 2)])
    >>> panel = synthetic_panel(more, unit="u", period="t", outcome="y", treated="b", since=4)
    >>> panel.donors, panel.before.tolist()
    (('a', 'c'), [True, True, True, False])
    """
    used = PanelDesign(unit, period, outcome, flag=flag).prepare(frame)
    wide = used.pivot(index=unit, columns=period, values=outcome)
    chosen = as_units(treated)
    pool = as_units(donors) if donors is not None else [u for u in wide.index if u not in chosen]
    start, problems = as_period(wide.columns, since, period)
    problems += [*_members(wide, unit, chosen, pool, donors is not None)]
    problems += [*_gaps(wide, outcome, chosen)]
    values = wide.to_numpy(float)
    if is_rounding((wide.max() - wide.min()).to_numpy(), values[np.isfinite(values)]):
        problems.append(f"column {outcome!r}: the same for every unit in every period")
    if start is not None:
        problems += [*_span(wide, period, chosen, start)]
    complete = wide.notna().all(axis=1)
    kept = [u for u in wide.index if u in set(pool) and complete[u]]
    lost = [u for u in wide.index if u in set(pool) and not complete[u]]
    if len(kept) < 2:
        problems.append(
            f"column {unit!r}: {len(kept)} donors without gaps in {outcome!r}; expected two or more"
        )
    if problems:
        raise DesignError(f"outcome {outcome!r}", problems, "change the design or the rows")
    notes = (_told_lost(lost, wide, outcome),) if lost else ()
    order = [*chosen, *kept]
    return SyntheticPanel(wide.loc[order].astype(float), tuple(chosen), tuple(kept), start, notes)


def as_units(units: Any) -> list[Hashable]:
    """Return one unit, or several, as a list without repeats.

    Examples
    --------
    >>> as_units("RU-TUL"), as_units([3, 1, 3])
    (['RU-TUL'], [3, 1])
    """
    if isinstance(units, str | bytes) or not isinstance(units, Iterable):
        return [units]
    listed = list(units)
    return list(dict.fromkeys(map(str, listed) if any(map(np.ndim, listed)) else listed))


def as_period(periods: pd.Index, value: Any, column: str) -> tuple[Any, list[str]]:
    """Return a value as one of a column's kind, or a problem that says why it is not.

    Examples
    --------
    >>> as_period(pd.Index([2012, 2013]), 2013, "year")
    (2013, [])
    >>> as_period(pd.DatetimeIndex(["2014-01-01"]), "2014-03", "month")[0].month
    3
    """
    try:
        value = as_moment(periods.to_series(), value)
    except TypeError:
        first = told_period(periods[0]) if len(periods) else "none"
        return None, [
            f"column {column!r}: since={value!r} cannot be compared with its periods ({first}, ...)"
        ]
    return value, []


def told_period(value: Any) -> str:
    """Return a period as text; a date without its hours.

    Examples
    --------
    >>> told_period(pd.Timestamp("2014-03-01")), told_period(2014)
    ('2014-03-01', '2014')
    """
    if isinstance(value, datetime.datetime) and value == value.replace(hour=0, minute=0, second=0):
        return value.date().isoformat()
    return str(value)


def told_units(units: Sequence[Hashable], shown: int = 8) -> str:
    """Return labels as text, the first few of them."""
    more = f" and {len(units) - shown} more" if len(units) > shown else ""
    return ", ".join(map(str, units[:shown])) + more


def _members(
    wide: pd.DataFrame, unit: str, chosen: list[Hashable], pool: list[Hashable], named: bool
) -> Iterator[str]:
    if not chosen:
        yield f"column {unit!r}: no treated unit is named"
    for one in chosen:
        if one not in wide.index:
            found = told_units(list(wide.index), 4)
            yield f"column {unit!r}, unit {one!r}: treated, but without an outcome; found {found}"
    for one in pool if named else ():
        if one not in wide.index:
            yield f"column {unit!r}, unit {one!r}: a donor, but without an outcome"
        if one in chosen:
            yield f"column {unit!r}, unit {one!r}: both treated and a donor"


def _gaps(wide: pd.DataFrame, outcome: str, chosen: list[Hashable]) -> Iterator[str]:
    for one in chosen:
        if one in wide.index and wide.loc[one].isna().any():
            empty = [told_period(p) for p in wide.columns[wide.loc[one].isna()]]
            yield (
                f"column {outcome!r}, unit {one!r}, period {told_units(empty, _SHOWN)}: treated "
                "and without a value; leave the period or the unit out"
            )


def _span(wide: pd.DataFrame, period: str, chosen: list[Hashable], start: Any) -> Iterator[str]:
    before = int((wide.columns < start).sum())
    found = f"found {told_period(wide.columns[0])} to {told_period(wide.columns[-1])}"
    if before < 2:
        yield (
            f"column {period!r}, unit {told_units(chosen)}: {before} periods before "
            f"{told_period(start)}, expected two or more; {found}"
        )
    if before == len(wide.columns):
        yield f"column {period!r}: no period from {told_period(start)} on; {found}"


def _told_lost(lost: list[Hashable], wide: pd.DataFrame, outcome: str) -> str:
    told = []
    for one in lost:
        empty = [told_period(p) for p in wide.columns[wide.loc[one].isna()]]
        told.append(f"{one} ({told_units(empty, 3)})")
    return f"Left out of the donors for gaps in {outcome}: {'; '.join(told)}."
