"""How scores and ranks range over stated assumptions.

All assumptions are varied at once, as Saisana, Saltelli and Tarantola propose (2005,
"Uncertainty and sensitivity analysis techniques as tools for the quality assessment of
composite indicators", Journal of the Royal Statistical Society A 168(2), 307-323). What
comes out are ranges and shares over these assumptions, and nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from valley_analysis.errors import SpecError
from valley_analysis.escape import paragraph
from valley_analysis.frames import Scope
from valley_analysis.scoring.batch import Choice
from valley_analysis.scoring.cost import Cost, tell
from valley_analysis.scoring.engine import Floats, Places
from valley_analysis.scoring.executors import Executor, Progress, run
from valley_analysis.scoring.ledger import write_ledger
from valley_analysis.scoring.plan import Uncertainty
from valley_analysis.scoring.replicate import (
    NOMINAL,
    Model,
    Workshop,
    choices,
    chunk_size,
    distinct,
)
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.states import limits
from valley_analysis.scoring.steps import refuse
from valley_analysis.scoring.summaries import Summary
from valley_analysis.scoring.tally import MANY, Grouping, Tally, Wanted

TASK_CHUNKS = 4
KEPT_CELLS = 20_000_000


@dataclass(frozen=True, eq=False)
class UncertaintyResult:
    """Ranges of scores and ranks over the assumptions of a plan.

    Attributes
    ----------
    spec, period, scope, plan
        What was asked for.
    between
        Shares at which the ranges end.
    top
        How many places count as the top.
    ranges
        Units down: score, rank (nominal); score_median, score_low, score_high, rank_median,
        rank_low, rank_high (ranks that occur: inverted distribution function); top (share
        of replications among the first `top`); scored (share of replications with a score,
        over which everything else is taken).
    groups
        Units x performance groups: shares of replications; no columns without a grouping.
    ahead
        Units x units: share of replications in which the row is ahead of the column, ties
        half, so that a pair sums to 1; None if pairs were not wanted.
    rank_counts
        Units x ranks: number of replications. Above 2,000 units about 1,000 classes of ranks,
        named by their first; without `ranks`, ends of ranges are the outer ends of classes.
    ledger
        Assumptions down: whether each took effect, see `write_ledger`.
    scores, ranks
        Replications x units; without a score, the score is missing and the rank 0. None above
        `plan.keep` replications (or 20 million cells).
    impossible
        Options that the figures do not allow -> why; the nominal setting stood in for them.
    """

    spec: IndexSpec
    period: int
    scope: Scope
    plan: Uncertainty
    between: tuple[float, float]
    top: int
    ranges: pd.DataFrame
    groups: pd.DataFrame
    ahead: pd.DataFrame | None
    rank_counts: pd.DataFrame
    ledger: pd.DataFrame
    scores: pd.DataFrame | None
    ranks: pd.DataFrame | None
    impossible: Mapping[str, str] = field(default_factory=dict)

    def not_distinguishable(self, share: float = 0.95) -> dict[str, tuple[str, ...]]:
        """List for each unit those that it is neither ahead of nor behind almost always.

        Parameters
        ----------
        share
            Share of replications from which on one counts as ahead.

        Returns
        -------
        Unit -> the others, by nominal rank.

        Raises
        ------
        SpecError
            If pairs were not compared.
        """
        if self.ahead is None:
            raise SpecError(
                "not_distinguishable", ["pairs were not compared"], "call vary(..., pairs=True)"
            )
        order = self.ranges["rank"].sort_values(kind="stable").index
        ahead = self.ahead.loc[order, order].to_numpy()
        close = (np.maximum(ahead, ahead.T) < share) & ~np.eye(len(order), dtype=bool)
        found = {unit: tuple(order[row]) for unit, row in zip(order, close, strict=True)}
        return {unit: found[unit] for unit in self.ranges.index}

    @property
    def without_effect(self) -> tuple[str, ...]:
        """Assumptions that changed no score."""
        return tuple(self.ledger.index[~self.ledger["took_effect"]])

    def _repr_html_(self) -> str:
        low, high = (f"{100 * share:g}" for share in self.between)
        head = (
            f"{self.spec.name} {self.period}, scope {self.scope.name}, n = {len(self.scope)}: "
            f"{self.plan.replications:,} replications over {', '.join(self.plan.names)}; "
            f"ranges hold {low}-{high} % of them"
        )
        idle = self.without_effect
        note = paragraph(f"Without any effect: {', '.join(idle)}") if idle else ""
        if self.impossible:
            note += paragraph(f"Not possible with these figures: {', '.join(self.impossible)}")
        columns = ["rank", "rank_low", "rank_median", "rank_high", "score", "top"]
        table = self.ranges.sort_values("rank").head(10)[columns].round(2)
        return str(paragraph(head) + note + table.to_html())


def vary(
    indicators: pd.DataFrame,
    spec: IndexSpec,
    period: int,
    scope: Scope,
    plan: Uncertainty,
    *,
    top: int = 10,
    between: tuple[float, float] = (0.05, 0.95),
    grouping: Grouping | None = None,
    pairs: bool | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> UncertaintyResult:
    """Score an edition again and again under varied assumptions.

    Parameters
    ----------
    indicators, spec, period, scope
        As for `score_index`.
    plan
        What is varied, how often, from which seed.
    top
        How many places count as the top.
    between
        Shares at which ranges end.
    grouping
        Performance groups to count.
    pairs
        Whether to compare all pairs (time and memory grow with the square of the units); by
        default up to 2,000 units.
    executor
        See `executors.run`; the result does not depend on it.
    progress
        Called with replications done and in all.

    Raises
    ------
    PeriodError, UnknownIndicatorError, FrameError
        As `score_index`, with a note that names the varied setting.
    SpecError
        If the plan names settings that the specification lacks, a setting here is out of range,
        or so many units do not fit in memory.

    Notes
    -----
    An option that the figures do not allow (no mean above 0 for a ratio, nothing left to scale)
    is told in `impossible`, and the nominal setting stands in for it. In a replication no value
    enters a mean that zeros would end (geometric, harmonic) below a tenth of a point. What many
    units will cost is logged before anything is computed.
    """
    refuse("vary", _problems(top, between), "correct these arguments")
    pairs = len(scope) <= MANY if pairs is None else pairs
    tell(Cost(len(scope), plan.replications, len(spec.members), pairs))
    return varied(
        Workshop(indicators, spec, period, scope, plan),
        top=top,
        between=between,
        grouping=grouping,
        pairs=pairs,
        executor=executor,
        progress=progress,
    )


def varied(
    workshop: Workshop,
    *,
    top: int = 10,
    between: tuple[float, float] = (0.05, 0.95),
    grouping: Grouping | None = None,
    pairs: bool = False,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> UncertaintyResult:
    """Return what `vary` does, of a workshop that may share its preparation with others."""
    plan, scope = workshop.plan, workshop.scope
    chunks = _chunks(plan, len(scope))
    model = workshop.model([*_single(plan), *_occurring(workshop.model([]), chunks)])
    keeps = plan.replications <= plan.keep and plan.replications * len(scope) <= KEPT_CELLS
    wanted = Wanted(None if keeps else limits(model.states), pairs, grouping, top)
    tasks = [
        _Task(model, tuple(chunks[start : start + TASK_CHUNKS]), wanted, keeps)
        for start in range(0, len(chunks), TASK_CHUNKS)
    ]
    tally, kept = _collect(tasks, plan, len(scope), executor, progress)
    found = Summary(scope.units, workshop.order, model.nominal(), tally, *kept, wanted)
    return UncertaintyResult(
        spec=workshop.shelf.spec,
        period=workshop.shelf.period,
        scope=scope,
        plan=plan,
        between=between,
        top=top,
        ranges=found.ranges(between),
        groups=found.groups(),
        ahead=found.ahead(),
        rank_counts=found.rank_counts(),
        ledger=write_ledger(model, plan.seed),
        scores=found.kept(found.scores),
        ranks=found.kept(found.ranks),
        impossible=dict(workshop.shelf.impossible),
    )


def _problems(top: int, between: tuple[float, float]) -> Iterator[str]:
    if not top >= 1:
        yield f"top {top}; expected 1 or more"
    low, high = between
    if not 0 <= low < high <= 1:
        yield f"between {between}; expected two rising shares from 0 to 1, such as (0.05, 0.95)"


@dataclass(frozen=True, eq=False)
class _Task:
    """Some chunks for a worker."""

    model: Model
    chunks: tuple[tuple[np.random.SeedSequence, int], ...]
    wanted: Wanted
    keeps: bool


def _collect(
    tasks: list[_Task],
    plan: Uncertainty,
    units: int,
    executor: Executor | None,
    progress: Progress | None,
) -> tuple[Tally, tuple[Floats | None, Places | None]]:
    """Run the tasks and put their results together."""
    tally = Tally.empty(units, tasks[0].wanted)
    kept: list[tuple[Floats, Places]] = []
    done = 0
    for task, (part, scores, ranks) in zip(tasks, run(_count, tasks, executor), strict=True):
        tally.merge(part)
        if scores is not None and ranks is not None:
            kept.append((scores, ranks))
        done += sum(count for _, count in task.chunks)
        if progress is not None:
            progress(done, plan.replications)
    if not kept:
        return tally, (None, None)
    return tally, (np.concatenate([s for s, _ in kept]), np.concatenate([r for _, r in kept]))


def _count(task: _Task) -> tuple[Tally, Floats | None, Places | None]:
    """Score and count the chunks of a task."""
    tally = Tally.empty(len(task.model.states[0].normalised), task.wanted)
    kept = []
    for seed, count in task.chunks:
        scores = task.model.scores(task.model.streams(seed, count), count)
        ranks = tally.add(scores, task.wanted)
        if task.keeps:
            kept.append((scores, ranks))
    if not kept:
        return tally, None, None
    return tally, np.concatenate([s for s, _ in kept]), np.concatenate([r for _, r in kept])


def _chunks(plan: Uncertainty, units: int) -> list[tuple[np.random.SeedSequence, int]]:
    """Cut the replications; the first n are the same whatever their number in all."""
    size = chunk_size(units)
    sizes = [min(size, plan.replications - start) for start in range(0, plan.replications, size)]
    seeds = np.random.SeedSequence(plan.seed).spawn(len(sizes))
    return list(zip(seeds, sizes, strict=True))


def _occurring(
    model: Model, chunks: list[tuple[np.random.SeedSequence, int]]
) -> Iterator[tuple[int, ...]]:
    """Yield the combinations of options that the replications will need."""
    if not model.choices:
        return
    for seed, count in chunks:
        yield from distinct(model.options(model.streams(seed, count), count))[0]


def _single(plan: Uncertainty) -> Iterator[tuple[int, ...]]:
    """Yield each option of each choice with all others nominal."""
    places = choices(plan.assumptions)
    for place, number in enumerate(places):
        item = plan.assumptions[number]
        for option in range(item.count if isinstance(item, Choice) else 0):
            yield tuple(option if p == place else NOMINAL for p in range(len(places)))
