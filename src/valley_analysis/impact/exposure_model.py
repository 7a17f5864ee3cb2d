"""The model whose inference is laid side by side: exposure times "after", one coefficient.

y_it = unit effect + period effect + beta * exposure_i * 1[t >= since] + controls_i x period + e_it

The regressor is linear in the exposures of the units, so residualising it for any exposures
is one matrix product; `ExposureModel.span` is that matrix.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import PanelDesign, listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.inversion import Draws, quadratics
from valley_analysis.impact.sandwich import Fit, plain_error
from valley_analysis.impact.units import slack_of
from valley_analysis.impact.within import Within

_BLOCK = 256
ESTIMAND = (
    "average difference in {outcome!r} from {since} on, against the periods before, between units "
    "whose {exposure!r} differs by one"
)


@dataclass(frozen=True, eq=False)
class ExposureModel:
    """Exposure times "after" beside unit effects, period effects and controls times period.

    Attributes
    ----------
    rows
        The n rows used, sorted by unit and period: the columns of the design.
    names
        Columns of `rows` by role: unit, period, outcome, exposure.
    since
        First period after.
    units
        N labels, in the order of `exposure`.
    exposure
        N values.
    within
        The projection.
    span
        n x N: residualised "after" of each unit; `span @ exposure` is the residualised
        regressor. Memory is 8 n N bytes.
    y
        n, residualised outcome.
    slack
        What of the outcome is rounding, in its unit.
    """

    rows: pd.DataFrame
    names: PanelDesign
    since: object
    units: pd.Index
    exposure: np.ndarray
    within: Within
    span: np.ndarray
    y: np.ndarray
    slack: float = 0.0

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
        since: object,
        weights: str | None = None,
        controls: Sequence[str] | str = (),
    ) -> "ExposureModel":
        """Prepare the model from a tidy frame, which is not changed.

        Parameters
        ----------
        frame
            One row a unit and period; gaps are allowed.
        unit, period, outcome, exposure
            Columns; the exposure has one value a unit.
        since
            First period after, of the type of `period`.
        weights
            Column; rows of weight 0 are left out.
        controls
            Columns with one value a unit; each enters times period.

        Raises
        ------
        DesignError
            See `PanelDesign.prepare`; or if no period lies before or after, or nothing is left
            of the regressor.
        """
        names = PanelDesign(
            unit, period, outcome, exposure, weights=weights, controls=listed(controls)
        )
        rows = names.prepare(frame)
        rows = weighted(rows, weights)
        after = _after(rows[period], period, since)
        within = projection(rows, names)
        first = rows.groupby(unit, sort=False)[exposure].first()
        span = within.residuals(after[:, None] * _membership(within))
        y = rows[outcome].to_numpy(float)
        exposures = first.to_numpy(float)
        left = within.outcome(y)
        model = cls(rows, names, since, first.index, exposures, within, span, left, slack_of(y))
        model._identified()
        return model

    @cached_property
    def fit(self) -> Fit:
        """The coefficient of the exposures as they are."""
        return self.fit_for(self.exposure)

    @property
    def estimand(self) -> str:
        """What is estimated, in words."""
        return ESTIMAND.format(
            outcome=self.names.outcome, since=self.since, exposure=self.names.exposure
        )

    def fit_for(self, exposure: np.ndarray) -> Fit:
        """Return the coefficient of other exposures, N values, of the same outcome."""
        return Fit(self.within, self.span @ exposure, self.y, self.slack)

    @cached_property
    def unexplained(self) -> np.ndarray:
        """What the controls leave of the exposures over units, N: the part that is permuted.

        Whatever the controls explain is taken out of the model again by controls times period, so
        permuting this part keeps exposure's relation to the controls in every draw.
        """
        names = list(self.names.controls)
        fixed = self.rows.groupby(self.names.unit, sort=False)[names].first().to_numpy(float)
        scale = np.abs(fixed).max(axis=0, initial=0)
        others = np.column_stack([np.ones(len(self.units)), fixed / np.where(scale > 0, scale, 1)])
        found = np.linalg.lstsq(others, self.exposure, rcond=None)[0]
        left: np.ndarray = self.exposure - others @ found
        return left

    def with_outcome(self, y: np.ndarray) -> "ExposureModel":
        """Return the model of another outcome of the same n rows."""
        return replace(self, y=self.within.outcome(y), slack=slack_of(y))

    def with_exposure(self, exposure: np.ndarray) -> "ExposureModel":
        """Return the model of other exposures, N values, of the same outcome."""
        return replace(self, exposure=exposure)

    def draws(self, exposures: np.ndarray, exhaustive: bool = False) -> Draws:
        """Return the statistics of many exposures under every hypothesis.

        Parameters
        ----------
        exposures
            B x N: the units' exposures in each draw.
        exhaustive
            Whether these are all permutations.

        Notes
        -----
        For the hypothesis b + delta, e - delta x is what the true exposures leave of the
        outcome; it is regressed on each permuted exposure, with variances clustered by unit.
        """
        weight, units = self.within.weights[:, None], self.within.units
        fit, span = self.fit, self.span
        # By unit: sums of permuted regressor times residual, and times true regressor.
        by_e = units.sum(weight * span * fit.residuals[:, None]).T
        by_x = units.sum(weight * span * fit.x[:, None]).T
        parts = []
        for start in range(0, len(exposures), _BLOCK):
            drawn = exposures[start : start + _BLOCK]
            squares = span @ drawn.T
            squares *= squares
            squares *= weight
            own = units.sum(squares).T
            spread = own.sum(axis=1)
            along_e, along_x = drawn @ by_e, drawn @ by_x
            slopes = np.stack([along_e.sum(axis=1), along_x.sum(axis=1)]) / spread
            along_e -= slopes[0][:, None] * own
            along_x -= slopes[1][:, None] * own
            parts.append(np.vstack([slopes, quadratics(along_e, along_x) / spread**2]))
        level, slope, c, d, e = np.concatenate(parts, axis=1)
        se, floor = plain_error(fit, units)
        return Draws(fit.estimate, se, level, slope, c, d, e, exhaustive, floor=floor)

    def _identified(self) -> None:
        x = self.span @ self.exposure
        scale = np.linalg.norm(self.exposure) * max(float(np.linalg.norm(self.span)), 1e-300)
        if np.linalg.norm(x) <= 1e-10 * scale:
            raise DesignError(
                f"outcome {self.names.outcome!r}",
                [
                    f"column {self.names.exposure!r} from {self.since} on: unit effects, period "
                    "effects and controls leave nothing of it"
                ],
                "units need periods before and after; drop controls that determine the exposure",
            )


def unit_values(frame: pd.DataFrame, unit: str, units: pd.Index, column: str) -> pd.Series:
    """Return a column with one value a unit, in the order of `units`.

    Raises
    ------
    DesignError
        If the column is absent, missing for a unit or changes within one.
    """
    if not isinstance(column, str):
        problems = [f"column {column!r}: columns are named by text"]
    elif column not in frame:
        problems = [f"no column {column!r}; found {', '.join(map(str, frame.columns))}"]
    else:
        grouped = frame[frame[unit].isin(units)].groupby(unit)[column]
        values, number = (
            grouped.first().reindex(units),
            grouped.nunique().reindex(units),
        )
        problems = [
            f"column {column!r}, unit {label!r}: no value"
            for label in values.index[values.isna()][:5]
        ]
        problems += [
            f"column {column!r}, unit {label!r}: {number[label]} values; expected one a unit"
            for label in number.index[number > 1][:5]
        ]
    if problems:
        raise DesignError("the frame", problems, "give one value of the column a unit")
    return values


def weighted(rows: pd.DataFrame, weights: str | None) -> pd.DataFrame:
    """Return the rows with a weight above zero."""
    return rows[rows[weights] > 0].reset_index(drop=True) if weights else rows


def projection(rows: pd.DataFrame, names: PanelDesign) -> Within:
    """Return what takes units, periods and controls times period out of sorted rows."""
    return Within.of(
        pd.factorize(rows[names.unit])[0],
        pd.factorize(rows[names.period], sort=True)[0],
        rows[names.weights].to_numpy(float) if names.weights else None,
        _times_period(rows, names.period, names.controls),
    )


def _times_period(rows: pd.DataFrame, period: str, controls: Sequence[str]) -> np.ndarray | None:
    if not controls:
        return None
    codes = pd.factorize(rows[period])[0]
    periods = (codes[:, None] == np.arange(codes.max() + 1)).astype(float)
    return np.hstack([rows[[name]].to_numpy(float) * periods for name in controls])


def _membership(within: Within) -> np.ndarray:
    return (within.units.codes[:, None] == np.arange(within.units.count)).astype(float)


def _after(periods: pd.Series, column: str, since: object) -> np.ndarray:
    try:
        after = (periods >= since).to_numpy(float)
    except TypeError:
        problems = [f"column {column!r} holds {periods.dtype}; since is {since!r}"]
        raise DesignError("since", problems, "give `since` as a period of the frame") from None
    if after.all() or not after.any():
        found = f"{periods.min()} to {periods.max()}"
        where = "before" if after.all() else "from"
        problems = [f"column {column!r}: no period {where} {since}; found {found}"]
        raise DesignError("since", problems, "choose a period inside the panel")
    return after
