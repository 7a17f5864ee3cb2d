"""What all editions of an index share: wide tables, goalposts and weights."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.errors import UnknownIndicatorError
from valley_analysis.frames import Scope
from valley_analysis.scoring.goalposts import Goalposts, between_posts, goalposts
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.weights import correlated_groups, shared_weights


@dataclass(frozen=True)
class Pool:
    """Indicators of one scope, wide, with what is fixed over all editions.

    Attributes
    ----------
    tables
        "value", "low", "high", "flag", "method": rows (period, unit), columns indicators.
    scaled
        "value", "low", "high" normalised, each by the goalposts of its method.
    posts
        Goalposts by (indicator, method).
    weights
        Nominal weight of each indicator in its dimension; they sum to 1 a dimension.
    groups
        Number of the near-duplicate group of each indicator in its dimension.
    """

    spec: IndexSpec
    scope: Scope
    tables: dict[str, pd.DataFrame]
    scaled: dict[str, pd.DataFrame]
    posts: dict[tuple[str, str], Goalposts]
    weights: "pd.Series[float]"
    groups: "pd.Series[int]"


def pool_indicators(indicators: pd.DataFrame, spec: IndexSpec, scope: Scope) -> Pool:
    """Put the indicators of a scope side by side and take goalposts and weights from them.

    Parameters
    ----------
    indicators
        A frame that keeps `frames.INDICATORS`.
    spec
        The specification.
    scope
        The units to compare.

    Raises
    ------
    UnknownIndicatorError
        If the frame lacks an indicator of the specification.
    """
    known = set(indicators["indicator"].unique())
    unknown = [name for name in spec.indicators if name not in known]
    if unknown:
        raise UnknownIndicatorError(
            f"specification {spec.name!r} uses {', '.join(unknown)}, which the frame of "
            "indicators does not hold. Next step: rebuild it, or mend the specification."
        )
    return pool_tables(lay_out(indicators, spec, scope), spec, scope)


def pool_tables(tables: dict[str, pd.DataFrame], spec: IndexSpec, scope: Scope) -> Pool:
    """Do what `pool_indicators` does with indicators that already stand side by side."""
    masks = _masks(tables["method"])
    posts = _posts(tables["value"], masks, spec)
    scaled = _scale(tables, masks, posts, spec)
    return Pool(spec, scope, tables, scaled, posts, *_weights(scaled["value"], spec))


def lay_out(indicators: pd.DataFrame, spec: IndexSpec, scope: Scope) -> dict[str, pd.DataFrame]:
    """Put indicators side by side: "value", "low", "high", "flag", "method", see `Pool`."""
    rows = indicators[
        indicators["indicator"].isin(list(spec.indicators))
        & indicators["region"].isin(list(scope.units))
    ]
    rows = rows.astype(dict.fromkeys(["region", "indicator", "flag", "method"], "str"))
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


def _posts(
    values: pd.DataFrame,
    masks: dict[tuple[str, str], npt.NDArray[np.bool_]],
    spec: IndexSpec,
) -> dict[tuple[str, str], Goalposts]:
    first, last = spec.reference
    periods = values.index.get_level_values("period")
    inside = np.asarray((periods >= first) & (periods <= last))
    posts = {}
    for (name, method), mask in masks.items():
        found = goalposts(values[name][mask & inside], spec.winsorise)
        if found is not None:
            posts[name, method] = found
    return posts


def _scale(
    tables: dict[str, pd.DataFrame],
    masks: dict[tuple[str, str], npt.NDArray[np.bool_]],
    posts: dict[tuple[str, str], Goalposts],
    spec: IndexSpec,
) -> dict[str, pd.DataFrame]:
    columns = ("value", "low", "high")
    scaled = {column: np.full(tables[column].shape, np.nan) for column in columns}
    places = {name: place for place, name in enumerate(spec.indicators)}
    directions = {member.indicator: member.direction for member in spec.members}
    arrays = {column: tables[column].to_numpy() for column in columns}
    for (name, method), found in posts.items():
        mask, place = masks[name, method], places[name]
        for column in columns:
            values = arrays[column][mask, place]
            scaled[column][mask, place] = between_posts(values, found, directions[name])
    return {
        column: pd.DataFrame(found, tables[column].index, tables[column].columns)
        for column, found in scaled.items()
    }


def _weights(scaled: pd.DataFrame, spec: IndexSpec) -> tuple["pd.Series[float]", "pd.Series[int]"]:
    """Weights within each dimension, from correlations pooled over the reference periods."""
    first, last = spec.reference
    periods = scaled.index.get_level_values("period")
    pooled = scaled[(periods >= first) & (periods <= last)]
    weights, groups = [], []
    for dimension in spec.dimensions:
        table = pooled[list(spec.of_dimension(dimension))].corr(min_periods=30)
        weights.append(shared_weights(table, spec.shared_above))
        groups.append(correlated_groups(table, spec.shared_above))
    return pd.concat(weights), pd.concat(groups)
