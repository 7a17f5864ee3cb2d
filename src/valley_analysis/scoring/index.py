"""Scoring an edition: pick the latest values, scale, weigh, average, rank."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from valley_analysis.frames import Scope
from valley_analysis.scoring.average import average
from valley_analysis.scoring.edition import pick_edition
from valley_analysis.scoring.goalposts import Goalposts
from valley_analysis.scoring.pool import Pool, pool_indicators
from valley_analysis.scoring.ranks import rank
from valley_analysis.scoring.spec import IndexSpec


@dataclass(frozen=True)
class IndexResult:
    """One edition of an index.

    Attributes
    ----------
    spec, period, scope
        What was asked for.
    scores
        Units down: score, rank, one column a dimension, weight_present (share of the
        indicators' weight that the unit has values for).
    contributions
        Units x indicators, in points; a row sums to the unit's score.
    normalised
        Units x indicators, 0-100 with direction applied.
    values, flags
        Units x indicators as they went in, in their units.
    weights
        Indicators down: dimension, direction, group (near-duplicates that share a weight),
        weight (nominal share of the index), used (share in this edition).
    lags
        Indicators down: period, lag, units (with a value), method.
    dropped
        Indicators that are too old or absent: last_period, weight lost.
    imputed
        Suppressed values that entered as the middle of their bounds.
    goalposts
        By (indicator, method): values that became 0 and 100.
    """

    spec: IndexSpec
    period: int
    scope: Scope
    scores: pd.DataFrame
    contributions: pd.DataFrame
    normalised: pd.DataFrame
    values: pd.DataFrame
    flags: pd.DataFrame
    weights: pd.DataFrame
    lags: pd.DataFrame
    dropped: pd.DataFrame
    imputed: pd.DataFrame
    goalposts: dict[tuple[str, str], Goalposts]

    @property
    def provisional(self) -> bool:
        """Whether part of the sources of this edition is not published yet."""
        return self.period in self.spec.provisional

    @property
    def unranked(self) -> tuple[str, ...]:
        """Units without a score: too much of their weight is missing."""
        return tuple(self.scores.index[self.scores["score"].isna()])

    def _repr_html_(self) -> str:
        top = self.scores.sort_values("rank").head(10).round(1)
        head = f"{self.spec.name} {self.period}, scope {self.scope.name}, n = {len(self.scope)}"
        return f"<p>{head}: the first ten</p>{top.to_html()}"


def score_index(
    indicators: pd.DataFrame, spec: IndexSpec, period: int, scope: Scope
) -> IndexResult:
    """Score one edition of an index.

    Each indicator enters with its latest period that is no older than `spec.max_lag` and
    has values for at least half of the units; denominators are of that same period.

    Parameters
    ----------
    indicators
        A frame that keeps `frames.INDICATORS`.
    spec
        The specification.
    period
        The edition.
    scope
        The units to compare.

    Raises
    ------
    PeriodError
        If the edition lies outside `spec.editions`, or nothing is published for it.
    UnknownIndicatorError
        If the frame lacks an indicator of the specification.
    """
    return _score(pool_indicators(indicators, spec, scope), period)


def score_editions(
    indicators: pd.DataFrame, spec: IndexSpec, periods: Iterable[int], scope: Scope
) -> dict[int, IndexResult]:
    """Score several editions; what they share is computed once."""
    pool = pool_indicators(indicators, spec, scope)
    return {period: _score(pool, period) for period in periods}


def _score(pool: Pool, period: int) -> IndexResult:
    edition = pick_edition(pool, period)
    weights = _weights(pool, edition.lags)
    dimensions, inside = _average_dimensions(pool, edition.normalised, weights)
    equal = pd.Series(1.0, index=dimensions.columns)
    total, between = average(dimensions, equal, pool.spec.index_threshold)
    shares = inside * pd.DataFrame(
        {name: between[weights.loc[name, "dimension"]] for name in inside.columns}
    )
    present = edition.normalised.notna().mul(weights["weight"], axis=1).sum(axis=1)
    scores = pd.DataFrame({"score": total, "rank": rank(total)}).join(dimensions)
    return IndexResult(
        spec=pool.spec,
        period=period,
        scope=pool.scope,
        scores=scores.assign(weight_present=present),
        contributions=(edition.normalised.fillna(0.0) * shares).where(total.notna(), axis=0),
        normalised=edition.normalised,
        values=edition.values,
        flags=edition.flags,
        weights=weights,
        lags=edition.lags,
        dropped=edition.dropped,
        imputed=edition.imputed,
        goalposts=pool.posts,
    )


def _average_dimensions(
    pool: Pool, normalised: pd.DataFrame, weights: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score of each dimension, and the weight that each indicator had inside it."""
    means, inside = {}, []
    for dimension in pool.spec.dimensions:
        names = weights.index[weights["dimension"] == dimension]
        mean, used = average(
            normalised.reindex(columns=names),
            pool.weights.reindex(names),
            pool.spec.dimension_threshold,
        )
        means[dimension] = mean
        inside.append(used.fillna(0.0))
    return pd.DataFrame(means), pd.concat(inside, axis=1)[list(normalised.columns)]


def _weights(pool: Pool, lags: pd.DataFrame) -> pd.DataFrame:
    """Nominal shares of the index, and the shares left in an edition's indicators."""
    members = {member.indicator: member for member in pool.spec.members}
    table = pd.DataFrame(
        {
            "dimension": {name: members[name].dimension for name in pool.spec.indicators},
            "direction": {name: members[name].direction for name in pool.spec.indicators},
            "group": pool.groups,
            "weight": pool.weights / len(pool.spec.dimensions),
        }
    ).loc[list(lags.index)]
    inside = table["weight"] / table.groupby("dimension")["weight"].transform("sum")
    return table.assign(used=inside / table["dimension"].nunique())
