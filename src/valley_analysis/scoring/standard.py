"""The standard set of assumptions that an index is tried against, each with its reason.

Notebook and exported tables take their ranges from here, so that they agree. What counts as a
defensible alternative is itself a judgement: every range is a range over these assumptions.

- treatment: extreme values are cut at the nominal quantiles, or at `CUTS`. How much of a skewed
  tail is noise has no answer in the data.
- near_duplicates: indicators that measure almost the same share one weight, or each keeps its
  own. Sharing is our rule; most ratings have none.
- dimension_weights, indicator_weights: Dirichlet around the nominal weights, such that the
  weight of an average dimension (or of an average indicator in its dimension) has a standard
  deviation of `WEIGHT_SPREAD` of itself. Equal weights are a convention: nobody knows them.
- dimension_mean: arithmetic, geometric or half-way (power 1/2) mean of dimensions: how far a
  strong dimension makes up for a weak one. Scores are first lifted above a floor of `FLOOR`
  points, or a single zero would decide everything.
- indicator_mean: arithmetic or half-way mean inside dimensions, where a geometric one would be
  no reasonable choice: some indicators of a dimension stand in for each other.
- indicator_dropped: none or any one indicator left out; the list could have been another.
- suppressed_values: anywhere between their bounds instead of in the middle.
- measurement_error: normal errors of `ERROR` points of 100 on every value, independent of each
  other: rounding, samples, late reports and revisions.

References
----------
OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 7; Saisana, Saltelli and
Tarantola (2005), as cited in `uncertainty`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.random import SeedSequence

from valley_analysis.frames import Scope
from valley_analysis.scoring.assumptions import (
    OWN,
    AggregationChoice,
    Alternatives,
    DropIndicator,
    WeightNoise,
)
from valley_analysis.scoring.batch import Assumption
from valley_analysis.scoring.brought import indicator_rows
from valley_analysis.scoring.engine import Places, rank_batch
from valley_analysis.scoring.groups import GroupRule, assign
from valley_analysis.scoring.improve import Evaluator
from valley_analysis.scoring.index import IndexResult, score_index
from valley_analysis.scoring.plan import Uncertainty
from valley_analysis.scoring.replicate import Workshop, distinct
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.tally import Grouping
from valley_analysis.scoring.uncertainty import varied
from valley_analysis.scoring.value_errors import MeasurementError, SuppressedRange

CUTS = ((0.01, 0.99), (0.025, 0.975), (0.05, 0.95))
WEIGHT_SPREAD = 0.25
FLOOR = 10.0
ERROR = 1.5


def standard_assumptions(spec: IndexSpec) -> tuple[Assumption, ...]:
    """Return the assumptions that ranges of ranks are taken over.

    Parameters
    ----------
    spec
        What is nominal: its own settings are always among the options.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_spec
    >>> [item.name for item in standard_assumptions(small_spec())][:3]
    ['treatment', 'near_duplicates', 'dimension_weights']
    """
    cuts = [cut for cut in CUTS if (spec.treatment, spec.winsorise) != ("quantiles", cut)]
    treated = {} if spec.treatment == "quantiles" else {"treatment": "quantiles"}
    sizes = [len(spec.of_dimension(name)) for name in spec.dimensions]
    return (
        Alternatives("treatment", ({}, *({"winsorise": cut, **treated} for cut in cuts))),
        *_sharing(spec),
        WeightNoise(concentration=_concentration(len(sizes)), level=1, name="dimension_weights"),
        WeightNoise(
            concentration=_concentration(float(np.mean(sizes))), level=2, name="indicator_weights"
        ),
        *_means(spec),
        DropIndicator(name="indicator_dropped"),
        SuppressedRange(name="suppressed_values"),
        MeasurementError(ERROR, name="measurement_error"),
    )


def _sharing(spec: IndexSpec) -> tuple[Alternatives, ...]:
    """Near-duplicates; weights given by hand say already what each of them counts."""
    if spec.weighting == "given":
        return ()
    shares = spec.weighting == "shared" and spec.shared_above < 1.0
    sharing = {"weighting": "equal"} if shares else {"weighting": "shared", "shared_above": 0.9}
    return (Alternatives("near_duplicates", ({}, sharing)),)


def _means(spec: IndexSpec) -> Iterator[AggregationChoice]:
    """Means of each level, the specification's own first.

    Copeland's scores are wins minus losses: a range over them and over points of 100 would
    mean nothing, so there the means stay as they are.
    """
    levels = _own_means(spec)
    if "copeland" in [method for level in levels for method in level]:
        return
    plan = (
        ("dimension_mean", ("arithmetic", 0.5, "geometric")),
        ("indicator_mean", ("arithmetic", 0.5)),
    )
    for number, (own, (name, others)) in enumerate(zip(levels, plan, strict=False)):
        first = own[0] if len(own) == 1 else OWN
        methods = (first, *(method for method in others if method != first))
        yield AggregationChoice(methods, levels=(number,), floor=FLOOR, name=name)


def _own_means(spec: IndexSpec) -> list[list[str | float]]:
    """The different means at each level of groups, from the top."""
    if spec.structure is None:
        return [[method] for method in reversed(spec.means)]
    tree = spec.structure
    found: dict[int, list[str | float]] = {}
    for name in reversed(tree.groups):
        node = tree.by_name[name]
        method = node.power if node.method == "power" else node.method
        found.setdefault(tree.depth_of(name), []).append(method)
    return [list(dict.fromkeys(methods)) for methods in found.values()]


def _concentration(count: float) -> float:
    """Of a Dirichlet distribution whose equal shares vary by `WEIGHT_SPREAD` of themselves."""
    return max((count - 1.0) / WEIGHT_SPREAD**2 - 1.0, 1.0)


def grouping_by(rule: GroupRule) -> Grouping:
    """Return performance groups by rule as `vary` counts them.

    Examples
    --------
    >>> from valley_analysis.scoring.groups import EIS
    >>> grouping_by(EIS).names
    ('leader', 'strong', 'moderate', 'emerging')
    """
    return Grouping(rule.names, partial(assign, rule=rule))


def alternative_ranks(
    indicators: pd.DataFrame,
    nominal: IndexSpec,
    period: int,
    scope: Scope,
    others: Mapping[str, IndexSpec] | None = None,
) -> pd.DataFrame:
    """Rank units under whole alternatives, one change at a time, without any noise.

    Parameters
    ----------
    indicators, nominal, period, scope
        As for `score_index`.
    others
        Further specifications by name; one that does not have the edition is left out.

    Returns
    -------
    Units x alternatives: "nominal", the discrete options of `standard_assumptions`
    ("treatment 1", "dimension_mean geometric", ...), then the names of the others.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_indicators, small_scope, small_spec
    >>> found = alternative_ranks(small_indicators(), small_spec(), 2021, small_scope())
    >>> found.columns[:2].tolist()
    ['nominal', 'treatment 0.01']
    """
    ranks = {"nominal": score_index(indicators, nominal, period, scope).scores["rank"]}
    for name, assumption in _fixed(standard_assumptions(nominal)):
        plan = Uncertainty((assumption,), 1)
        row = _few_ranks(indicators, nominal, period, scope, plan)[0]
        ranks[name] = pd.Series(row, list(scope.units), dtype="Int64").replace(0, pd.NA)
    for name, spec in (others or {}).items():
        if spec.editions[0] <= period <= spec.editions[1]:
            ranks[name] = score_index(indicators, spec, period, scope).scores["rank"]
    return pd.DataFrame(ranks)


def edition_ranges(
    indicators: pd.DataFrame,
    spec: IndexSpec,
    periods: Iterable[int],
    scope: Scope,
    replications: int,
    seed: int,
) -> dict[int, pd.DataFrame]:
    """Return the ranges of ranks of several editions under the standard assumptions.

    Parameters
    ----------
    indicators, spec, scope
        As for `score_index`.
    periods
        The editions.
    replications, seed
        As for `Uncertainty`; the same draws serve every edition.

    Returns
    -------
    `UncertaintyResult.ranges` by edition.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_indicators, small_scope, small_spec
    >>> one = edition_ranges(small_indicators(), small_spec(), [2021], small_scope(), 50, 1)
    >>> bool((one[2021]["rank_low"] <= one[2021]["rank_high"]).all())
    True
    """
    plan = Uncertainty(standard_assumptions(spec), replications, seed)
    found: dict[int, pd.DataFrame] = {}
    workshop = None
    for period in periods:
        if workshop is None:
            workshop = Workshop(indicators, spec, period, scope, plan, shared=True)
        found[period] = varied(workshop.at(period)).ranges
    return found


def _fixed(assumptions: Iterable[Assumption]) -> Iterable[tuple[str, Assumption]]:
    """Each option of each discrete assumption but the nominal one, as its only option."""
    for item in assumptions:
        if isinstance(item, Alternatives):
            for option in filter(None, item.options):
                cut = option.get("winsorise")
                shown = cut[0] if isinstance(cut, tuple) else "other"
                yield f"{item.name} {shown}", replace(item, options=(option,))
        elif isinstance(item, AggregationChoice):
            for method in item.methods[1:]:
                yield f"{item.name} {method}", replace(item, methods=(method,))


def evaluator(indicators: pd.DataFrame, result: IndexResult, plan: Uncertainty) -> Evaluator:
    """Return what re-ranks a unit in every replication after changes of its figures.

    The changed figures enter as observed; everybody else's stay. See `what_would_it_take`.

    Parameters
    ----------
    indicators
        The frame that the result was scored from.
    result
        One edition of an index.
    plan
        Few hundred replications are enough; the same ones are used for every change.
    """

    rows = indicator_rows(indicators, result.spec.indicators, result.scope)

    def ranks(unit: str, values: Mapping[str, float]) -> np.ndarray:
        frame = rows.copy()
        for name, value in values.items():
            period = result.lags.loc[name, "period"]
            chosen = (frame["indicator"] == name) & (frame["region"] == unit)
            chosen &= frame["period"] == period
            frame.loc[chosen, ["value", "low", "high"]] = value
            frame.loc[chosen, "flag"] = "observed"
        found = _few_ranks(frame, result.spec, result.period, result.scope, plan)
        return found[:, result.scope.units.index(unit)].astype(float)

    return ranks


def _few_ranks(
    indicators: pd.DataFrame, spec: IndexSpec, period: int, scope: Scope, plan: Uncertainty
) -> Places:
    """Replications x units: ranks of one small chunk, without the ledger that `vary` writes."""
    workshop, seed = Workshop(indicators, spec, period, scope, plan), plan.seed
    model = workshop.model([])
    options = model.options(model.streams(SeedSequence(seed), plan.replications), plan.replications)
    model = workshop.model(distinct(options)[0])
    noises = model.streams(SeedSequence(seed), plan.replications)
    return rank_batch(model.scores(noises, plan.replications)[:, workshop.order])
