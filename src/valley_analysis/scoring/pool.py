"""What all editions of an index share: wide tables, scaling and weights."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.errors import UnknownIndicatorError
from valley_analysis.frames import Scope
from valley_analysis.scoring.brought import indicator_rows, refuse_frame, scope_problems
from valley_analysis.scoring.fill import fill_tables
from valley_analysis.scoring.scalings import Key, Scaling, fit_all
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.structure import Structure
from valley_analysis.scoring.tree import structure_of, weigh_indicators


@dataclass(frozen=True)
class Pool:
    """Indicators of one scope, wide, with what is fixed over all editions.

    Attributes
    ----------
    tables
        "value", "low", "high", "flag", "method", and "filled" (imputed here): rows
        (period, unit), columns indicators.
    scaled
        "value", "low", "high" normalised, each by what holds for its method.
    scalings
        Treatment and normalisation by (indicator, method, period); the period is None where
        they are pooled.
    weights
        Nominal weight of each indicator in its dimension or group, where they sum to 1.
    groups
        Number of the near-duplicate group of each indicator in its dimension.
    """

    spec: IndexSpec
    scope: Scope
    tables: dict[str, pd.DataFrame]
    scaled: dict[str, pd.DataFrame]
    scalings: dict[Key, Scaling]
    weights: "pd.Series[float]"
    groups: "pd.Series[int]"

    def scaling(self, indicator: str, method: str, period: int) -> Scaling | None:
        """Return how values of a period are scaled; None if they cannot be."""
        return self.scalings.get((indicator, method, None if self.spec.pooled else period))

    @cached_property
    def structure(self) -> Structure:
        """The tree with the nominal weights."""
        return structure_of(self.spec, self.weights)


def pool_indicators(indicators: pd.DataFrame, spec: IndexSpec, scope: Scope) -> Pool:
    """Put the indicators of a scope side by side and take goalposts and weights from them.

    Parameters
    ----------
    indicators
        A frame that keeps `frames.INDICATORS`, see `brought.indicator_rows`.
    spec
        The specification.
    scope
        The units to compare.

    Raises
    ------
    UnknownIndicatorError
        If the frame lacks an indicator of the specification.
    FrameError
        If the frame is not as described, or a step of the specification refuses the values.
    """
    tables = lay_out(indicators, spec, scope)
    check_known(indicators, spec)
    return pool_tables(tables, spec, scope)


def check_known(indicators: pd.DataFrame, spec: IndexSpec) -> None:
    """Refuse a frame that lacks an indicator of the specification.

    Raises
    ------
    UnknownIndicatorError
        With every indicator that it lacks.
    """
    known = set(map(str, indicators["indicator"].unique()))
    unknown = [name for name in spec.indicators if name not in known]
    if unknown:
        raise UnknownIndicatorError(
            f"specification {spec.name!r} uses {', '.join(unknown)}, which the frame of "
            "indicators does not hold. Next step: rebuild it, or mend the specification."
        )


def pool_tables(tables: dict[str, pd.DataFrame], spec: IndexSpec, scope: Scope) -> Pool:
    """Impute, treat, normalise and weigh indicators that stand side by side, see `lay_out`.

    Raises
    ------
    FrameError
        If a step of the specification refuses the values.
    """
    tables = fill_tables(tables, spec)
    masks = _masks(tables["method"])
    scalings = fit_all(*_columns(tables, masks, spec), spec)
    scaled = _scale(tables, masks, scalings)
    reference = scaled["value"][_inside(scaled["value"].index, spec)]
    return Pool(spec, scope, tables, scaled, scalings, *weigh_indicators(reference, spec))


def lay_out(indicators: pd.DataFrame, spec: IndexSpec, scope: Scope) -> dict[str, pd.DataFrame]:
    """Put indicators side by side: "value", "low", "high", "flag", "method", see `Pool`."""
    refuse_frame("scope", scope_problems(scope))
    rows = indicator_rows(indicators, spec.indicators, scope)
    rows = rows.set_index(["period", "region", "indicator"])
    return {
        column: rows[column].unstack("indicator").reindex(columns=list(spec.indicators))
        for column in ("value", "low", "high", "flag", "method")
    }


def _masks(methods: pd.DataFrame) -> dict[tuple[str, str], npt.NDArray[np.bool_]]:
    """For each indicator and method the rows that hold it."""
    found: dict[tuple[str, str], npt.NDArray[np.bool_]] = {}
    for name in methods:
        codes, kinds = pd.factorize(methods[name])
        found |= {(str(name), str(kind)): codes == code for code, kind in enumerate(kinds)}
    return found


def _inside(index: pd.Index, spec: IndexSpec) -> npt.NDArray[np.bool_]:
    first, last = spec.reference
    periods = index.get_level_values("period")
    return np.asarray((periods >= first) & (periods <= last))


def _columns(
    tables: dict[str, pd.DataFrame],
    masks: dict[tuple[str, str], npt.NDArray[np.bool_]],
    spec: IndexSpec,
) -> tuple[pd.DataFrame, dict[int, tuple[str, str]]]:
    """What scaling is taken from: a numbered column for each indicator and method.

    Values that were imputed do not move goalposts. Pooled, the reference periods count.
    """
    values = tables["value"].mask(tables["filled"])
    keys = dict(enumerate(masks))
    found = {
        number: np.where(masks[key], values[key[0]].to_numpy(dtype=float), np.nan)
        for number, key in keys.items()
    }
    columns = pd.DataFrame(found, values.index)
    return (columns[_inside(columns.index, spec)] if spec.pooled else columns), keys


def _scale(
    tables: dict[str, pd.DataFrame],
    masks: dict[tuple[str, str], npt.NDArray[np.bool_]],
    scalings: dict[Key, Scaling],
) -> dict[str, pd.DataFrame]:
    columns = ("value", "low", "high")
    arrays = {column: tables[column].to_numpy(dtype=float) for column in columns}
    scaled = {column: np.full(array.shape, np.nan) for column, array in arrays.items()}
    places = {name: place for place, name in enumerate(tables["value"].columns)}
    periods = tables["value"].index.get_level_values("period").to_numpy()
    for (name, method, period), scaling in scalings.items():
        mask, place = masks[name, method], places[name]
        mask = mask if period is None else mask & (periods == period)
        for column in columns:
            scaled[column][mask, place] = scaling.apply(arrays[column][mask, place])
    return {
        column: pd.DataFrame(found, tables[column].index, tables[column].columns)
        for column, found in scaled.items()
    }
