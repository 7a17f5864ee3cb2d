"""What all editions of an index share: wide tables, goalposts and weights."""

from dataclasses import dataclass

import pandas as pd

from valley_analysis.errors import UnknownIndicatorError
from valley_analysis.frames import Scope
from valley_analysis.scoring.normalise import Goalposts, goalposts, normalise
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
    tables = _tables(indicators, spec, scope)
    posts = _posts(tables, spec)
    scaled = {column: _scale(tables, column, posts, spec) for column in ("value", "low", "high")}
    return Pool(spec, scope, tables, scaled, posts, *_weights(scaled["value"], spec))


def _tables(indicators: pd.DataFrame, spec: IndexSpec, scope: Scope) -> dict[str, pd.DataFrame]:
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


def _posts(tables: dict[str, pd.DataFrame], spec: IndexSpec) -> dict[tuple[str, str], Goalposts]:
    first, last = spec.reference
    inside = tables["value"].index.get_level_values("period")
    inside = (inside >= first) & (inside <= last)
    posts = {}
    for name in spec.indicators:
        values, methods = tables["value"].loc[inside, name], tables["method"].loc[inside, name]
        for method in methods.dropna().unique():
            found = goalposts(values[methods == method], spec.winsorise)
            if found is not None:
                posts[name, str(method)] = found
    return posts


def _scale(
    tables: dict[str, pd.DataFrame],
    column: str,
    posts: dict[tuple[str, str], Goalposts],
    spec: IndexSpec,
) -> pd.DataFrame:
    values, methods = tables[column], tables["method"]
    scaled = pd.DataFrame(float("nan"), values.index, values.columns)
    directions = {member.indicator: member.direction for member in spec.members}
    for (name, method), found in posts.items():
        chosen = (methods[name] == method).to_numpy()
        scaled.loc[chosen, name] = normalise(values.loc[chosen, name], found, directions[name])
    return scaled


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
