"""Scoring an edition: pick the latest values, scale, weigh, average, rank."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from valley_analysis.escape import paragraph
from valley_analysis.frames import Scope
from valley_analysis.scoring.brought import edition
from valley_analysis.scoring.combine import aggregate_structure
from valley_analysis.scoring.edition import pick_edition
from valley_analysis.scoring.goalposts import Goalposts
from valley_analysis.scoring.pool import Pool, pool_indicators
from valley_analysis.scoring.ranks import rank
from valley_analysis.scoring.scalings import Scaling
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.structure import Structure
from valley_analysis.scoring.tree import arithmetic, present


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
        Units x indicators, in points: share of the weight times normalised value. A row sums
        to the unit's score where every mean is arithmetic (see `exact`); under other means it
        sums to the score that the arithmetic ones would give.
    normalised
        Units x indicators with direction applied, 0-100 unless the specification's
        normalisation has another scale.
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
        Suppressed values that entered as the middle of their bounds. Values imputed by
        `spec.imputation` are flagged "imputed".
    goalposts
        By (indicator, method): values at which others are cut; under min-max they become 0
        and 100.
    structure
        The tree with the weights of this edition; what it lacks has weight 0.
    levels
        Units x groups of the tree, the index first.
    steps
        By (indicator, method): form (of the values: "as it is", "log", "box_cox", "root"),
        low, high (cuts), n (values they come from), clipped (how many of these were cut).
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
    structure: Structure
    levels: pd.DataFrame
    steps: pd.DataFrame

    @property
    def exact(self) -> bool:
        """Whether contributions sum to the score: every mean is arithmetic."""
        return _linear(self.structure)

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
        return str(paragraph(f"{head}: the first ten") + top.to_html())


def score_index(
    indicators: pd.DataFrame, spec: IndexSpec, period: int, scope: Scope
) -> IndexResult:
    """Score one edition of an index.

    Each indicator enters with its latest period that is no older than `spec.max_lag` and
    has values for at least half of the units; denominators are of that same period.

    Parameters
    ----------
    indicators
        A frame that keeps `frames.INDICATORS`; region, period, indicator and value do.
    spec
        The specification.
    period
        The entered.
    scope
        The units to compare.

    Raises
    ------
    PeriodError
        If the edition lies outside `spec.editions`, or nothing is published for it.
    UnknownIndicatorError
        If the frame lacks an indicator of the specification.
    FrameError
        If the frame is not as described, or a step of the specification refuses the values, as
        a geometric mean does zeros.
    """
    return _score(pool_indicators(indicators, spec, scope), edition(period))


def score_editions(
    indicators: pd.DataFrame, spec: IndexSpec, periods: Iterable[int], scope: Scope
) -> dict[int, IndexResult]:
    """Score several editions; what they share is computed once."""
    pool = pool_indicators(indicators, spec, scope)
    return {period: _score(pool, period) for period in map(edition, periods)}


def _score(pool: Pool, period: int) -> IndexResult:
    entered = pick_edition(pool, period)
    weights = _weights(pool, entered.lags)
    tree = present(pool.structure, set(weights.index))
    points = entered.normalised.reindex(columns=list(tree.leaves))
    lift = 100.0 * pool.spec.floor / (100.0 - pool.spec.floor)  # see `score_batch`
    found = aggregate_structure(points, tree, shift=lift)
    linear = found if _linear(tree) else aggregate_structure(points, arithmetic(tree))
    total = found.index
    here = entered.normalised.notna().mul(weights["weight"], axis=1).sum(axis=1)
    scores = pd.DataFrame({"score": total, "rank": rank(total)}, index=total.index)
    dimensions = found.scores.join(points)[list(pool.spec.dimensions)]
    return IndexResult(
        spec=pool.spec,
        period=period,
        scope=pool.scope,
        scores=scores.join(dimensions).assign(weight_present=here),
        contributions=linear.contributions.reindex(columns=entered.normalised.columns).where(
            total.notna(), axis=0
        ),
        normalised=entered.normalised,
        values=entered.values,
        flags=entered.flags,
        weights=weights,
        lags=entered.lags,
        dropped=entered.dropped,
        imputed=entered.imputed,
        goalposts={key: scaling.posts for key, scaling in _used(pool, entered.lags).items()},
        structure=tree,
        levels=found.scores,
        steps=_steps(pool, entered.lags),
    )


def _linear(tree: Structure) -> bool:
    nodes = [tree.by_name[name] for name in tree.groups]
    return all(n.method == "arithmetic" or (n.method == "power" and n.power == 1) for n in nodes)


def _used(pool: Pool, lags: pd.DataFrame) -> dict[tuple[str, str], Scaling]:
    """Scalings by (indicator, method): all if pooled, else those of the edition's periods."""
    periods = lags["period"].to_dict()
    return {
        (name, method): scaling
        for (name, method, period), scaling in pool.scalings.items()
        if period is None or periods.get(name) == period
    }


def _steps(pool: Pool, lags: pd.DataFrame) -> pd.DataFrame:
    """What treatment and normalisation did, by indicator and method."""
    rows = [
        (*key, one.form, one.posts.low, one.posts.high, one.posts.n, one.posts.clipped)
        for key, one in _used(pool, lags).items()
    ]
    names = ["indicator", "method", "form", "low", "high", "n", "clipped"]
    return pd.DataFrame(rows, columns=names).set_index(["indicator", "method"])


def _weights(pool: Pool, lags: pd.DataFrame) -> pd.DataFrame:
    """Nominal shares of the index, and the shares left in an edition's indicators."""
    spec, nominal = pool.spec, pool.structure.leaf_weights()
    directions = {member.indicator: member.direction for member in spec.members}
    table = pd.DataFrame(
        {
            "dimension": spec.dimension_of,
            "direction": directions,
            "group": pool.groups,
            "weight": nominal,
        }
    ).loc[list(lags.index)]
    gone = tuple(name for name in spec.indicators if name not in lags.index)
    kept = present(pool.structure, set(lags.index)).without(gone)
    return table.assign(used=pd.Series(kept.leaf_weights()))
