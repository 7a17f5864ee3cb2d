"""A panel made ready for an estimator: validated in full before anything is fitted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from valley_analysis.errors import DesignError
from valley_analysis.gate import number_problems, plain, plain_frame

_SHOWN = 5
_WHY = {
    "exposure": "an exposure is predetermined",
    "control": "a contemporaneous control is itself an outcome; use its value before the wave",
    "cluster": "errors of a unit would count as independent; give each unit one cluster",
}


@dataclass(frozen=True)
class PanelDesign:
    """Which columns of a tidy frame play which part.

    Attributes
    ----------
    unit, period, outcome
        Columns; a unit and a period name one row. Periods may be years or dates.
    exposure
        Column of a predetermined intensity: one value a unit.
    cohort
        Column of the first treated period of a unit; missing where never treated.
    reference
        The period in which every effect is zero.
    weights, cluster
        Columns, if any.
    controls
        Columns measured before the wave: one value a unit; they enter times period.
    flag
        Column that says how a value came about; "imputed" values are refused.
    parts
        Column -> names of the quantities it is computed from. The outcome must share none with
        the exposure: a common denominator correlates them by itself.
    """

    unit: str
    period: str
    outcome: str
    exposure: str | None = None
    cohort: str | None = None
    reference: object = None
    weights: str | None = None
    controls: tuple[str, ...] = ()
    cluster: str | None = None
    flag: str | None = None
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Every column that is used, once."""
        one = (self.unit, self.period, self.outcome, self.exposure, self.cohort)
        more = (self.weights, *self.controls, self.cluster, self.flag)
        return list(dict.fromkeys(name for name in (*one, *more) if name))

    def prepare(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with an outcome, sorted, if the design holds for them.

        Rows without outcome, exposure, weight or control are left out; the caller's frame is
        not changed.

        Raises
        ------
        DesignError
            With everything that is wrong, each with column, unit and period.
        """
        frame = plain_frame(frame)
        missing = [column for column in self.columns if column not in frame]
        if missing:
            raise DesignError(
                "the frame",
                [
                    f"no column {name!r}; found {', '.join(map(str, frame.columns))}"
                    for name in missing
                ],
                "name the columns of your frame",
            )
        problems = [*self._shape(frame), *self._roles(frame)]
        if not problems:
            used = self._used(frame)
            problems = list(self._support(used))
        if problems:
            raise DesignError(
                f"outcome {self.outcome!r}", problems, "change the design or the rows"
            )
        return used

    def _used(self, frame: pd.DataFrame) -> pd.DataFrame:
        needed = [self.outcome, self.exposure, self.weights, self.cluster, *self.controls]
        present = frame[self.columns].dropna(subset=[name for name in needed if name])
        numbers = [self.outcome, self.exposure, self.weights, *self.controls]
        present = present.astype({name: float for name in numbers if name})
        return present.sort_values([self.unit, self.period], ignore_index=True)

    def _shape(self, frame: pd.DataFrame) -> Iterator[str]:
        for role in ("unit", "period"):
            column = getattr(self, role)
            if frame[column].isna().any():
                yield f"column {column!r} ({role}): {frame[column].isna().sum()} rows have none"
        repeated = frame[frame.duplicated([self.unit, self.period], keep=False)]
        for unit, period in list(repeated.groupby([self.unit, self.period]).groups)[:_SHOWN]:
            yield (
                f"unit {plain(unit)!r}, period {period}: stands more than once (for units drawn "
                "anew each period see repeated_cross_sections)"
            )
        for column in filter(None, (self.outcome, self.exposure, self.weights, *self.controls)):
            if frame[column].isna().all():
                yield f"column {column!r}: no row has a value"
            else:
                keys = {"unit": self.unit, "period": self.period}
                yield from number_problems(frame, [column], keys)
        if (
            self.weights
            and is_numeric_dtype(frame[self.weights])
            and (frame[self.weights] < 0).any()
        ):
            yield f"column {self.weights!r}: a weight below zero"

    def _roles(self, frame: pd.DataFrame) -> Iterator[str]:
        if self.flag:
            imputed = frame[frame[self.flag].eq("imputed") & frame[self.outcome].notna()]
            first = imputed.head(_SHOWN)
            for unit, period in zip(first[self.unit], first[self.period], strict=True):
                yield (
                    f"column {self.outcome!r}, unit {plain(unit)!r}, period {period}: imputed; "
                    "drop it, an estimator takes none"
                )
        if self.outcome in (self.exposure, *self.controls):
            yield f"column {self.outcome!r}: stands on both sides"
        shared = set(self.parts.get(self.outcome, ())) & set(
            self.parts.get(self.exposure or "", ())
        )
        if shared:
            yield (
                f"column {self.outcome!r}: shares {', '.join(sorted(shared))} with exposure "
                f"{self.exposure!r}; a common part correlates them by itself"
            )
        for column, role in [(self.exposure, "exposure"), *((c, "control") for c in self.controls)]:
            if column:
                yield from self._constant(frame, column, role)
        if self.cluster and self.cluster not in (self.unit, self.period):
            yield from self._constant(frame, self.cluster, "cluster")
        yield from self._one_cohort(frame)

    def _constant(self, frame: pd.DataFrame, column: str, role: str) -> Iterator[str]:
        """A predetermined column has one value a unit."""
        varied = frame.groupby(self.unit)[column].nunique()
        changing = varied.index[varied > 1]
        if not len(changing):
            return
        first = frame[frame[self.unit] == changing[0]].dropna(subset=[column])
        moved = first[first[column] != first[column].iloc[0]].iloc[0]
        why = _WHY[role]
        yield (
            f"column {column!r} ({role}), unit {plain(changing[0])!r}: changes in period "
            f"{moved[self.period]}, and in {len(changing)} units; {why}"
        )

    def _one_cohort(self, frame: pd.DataFrame) -> Iterator[str]:
        if not self.cohort:
            return
        counted = frame.groupby(self.unit)[self.cohort].nunique(dropna=False)
        for unit in counted.index[counted > 1][:_SHOWN]:
            cohorts = frame.loc[frame[self.unit] == unit, self.cohort].unique()
            found = ", ".join(sorted(map(str, cohorts)))
            yield f"column {self.cohort!r}, unit {plain(unit)!r}: in two cohorts, {found}"

    def _support(self, used: pd.DataFrame) -> Iterator[str]:
        if used.empty:
            yield "no row has outcome, exposure, weights and controls together"
            return
        if self.reference is not None and not (used[self.period] == self.reference).any():
            found = ", ".join(map(str, sorted(used[self.period].unique())))
            yield (
                f"column {self.period!r}: reference period {self.reference} is absent; "
                f"found {found}"
            )
        if self.exposure and used.groupby(self.unit)[self.exposure].first().nunique() < 2:
            yield f"column {self.exposure!r}: the same for every unit"
        yield from self._pre_periods(used)
        yield from self._clusters(used)
        yield from self._collinear(used)

    def _pre_periods(self, used: pd.DataFrame) -> Iterator[str]:
        if not self.cohort:
            return
        treated = used.dropna(subset=[self.cohort])
        first = treated.groupby(self.unit)[self.period].min()
        since = treated.groupby(self.unit)[self.cohort].first()
        try:
            late = first >= since
        except TypeError:
            yield (
                f"column {self.cohort!r}: {since.dtype} does not compare with the periods of "
                f"{self.period!r}, {first.dtype}"
            )
            return
        for unit in first.index[late][:_SHOWN]:
            hint = " (a unit that is never treated has no cohort)" if since[unit] == 0 else ""
            yield (
                f"column {self.cohort!r}, unit {plain(unit)!r}: treated from {since[unit]}, but "
                f"its first period is {first[unit]}; it has none before{hint}"
            )

    def _clusters(self, used: pd.DataFrame) -> Iterator[str]:
        if not self.cluster:
            return
        sizes = used.groupby(self.cluster)[self.unit].nunique()
        if len(sizes) < 2:
            yield f"column {self.cluster!r}: one cluster only"
        if self.cluster != self.unit and (sizes == 1).any():
            alone = ", ".join(map(str, sizes.index[sizes == 1]))
            yield f"column {self.cluster!r}: clusters of a single unit, {alone}"

    def _collinear(self, used: pd.DataFrame) -> Iterator[str]:
        columns = [name for name in (self.exposure, *self.controls) if name]
        if len(columns) < 2:
            return
        yield from collinear(used.groupby(self.unit)[columns].first())


def collinear(values: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence for each column that the columns before it (and a constant) determine.

    Examples
    --------
    >>> list(collinear(pd.DataFrame({"x": [1.0, 2, 4], "twice": [2.0, 4, 8]})))
    ["column 'twice': collinear with 'x'"]
    """
    basis = np.ones((len(values), 1))
    kept: list[str] = []
    for name in values:
        column = values[name].to_numpy(float)
        rest = column - basis @ np.linalg.lstsq(basis, column, rcond=None)[0]
        if np.linalg.norm(rest) <= 1e-8 * max(float(np.linalg.norm(column)), 1e-300):
            others = ", ".join(repr(k) for k in kept) or "a constant"
            yield f"column {name!r}: collinear with {others}"
        else:
            basis = np.column_stack([basis, column])
            kept.append(str(name))


def listed(controls: Sequence[str] | str) -> tuple[str, ...]:
    """Return one or more column names as a tuple."""
    return (controls,) if isinstance(controls, str) else tuple(controls)
