"""Which assumption the ranges of scores and ranks are due to.

Variance-based indices of the whole index as a function of its assumptions: Saisana, Saltelli
and Tarantola (2005), as cited in `uncertainty`; the estimators are in `sobol`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.escape import paragraph
from valley_analysis.frames import Scope
from valley_analysis.scoring.brought import edition, nearest
from valley_analysis.scoring.engine import Floats, rank_batch
from valley_analysis.scoring.executors import Executor, Progress, run
from valley_analysis.scoring.noise import Noise, Seeded
from valley_analysis.scoring.plan import Uncertainty
from valley_analysis.scoring.replicate import Model, Workshop, chunk_size, distinct
from valley_analysis.scoring.sobol import SobolIndices, sobol_indices
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.steps import refuse


@dataclass(frozen=True, eq=False)
class SensitivityResult:
    """Shares of variance by assumption.

    Attributes
    ----------
    spec, period, scope, plan
        What was asked for.
    rank_shift
        Assumptions down: first, total (shares of the variance of the mean absolute shift of
        ranks from the nominal ones) with the ends of their bootstrap intervals.
    indices
        The same for all outputs: rank shift, then the score of each unit, then its rank.
    """

    spec: IndexSpec
    period: int
    scope: Scope
    plan: Uncertainty
    rank_shift: pd.DataFrame
    indices: SobolIndices

    def unit(self, unit: str, of: str = "rank") -> pd.DataFrame:
        """Return the indices of one unit's rank or score.

        Parameters
        ----------
        unit
            One of the scope.
        of
            "rank" or "score".

        Raises
        ------
        SpecError
            If there is no such unit or output.
        """
        problems = [] if of in ("rank", "score") else [f"of={of!r}; expected rank or score"]
        if unit not in self.scope.units:
            problems.append(f"{nearest([unit], self.scope.units)} is no unit of the scope")
        refuse("sensitivity", problems, "correct these arguments")
        place = 1 + self.scope.units.index(unit) + (len(self.scope) if of == "rank" else 0)
        return self.indices.table(self.plan.names, place)

    def _repr_html_(self) -> str:
        head = (
            f"{self.spec.name} {self.period}, scope {self.scope.name}: shares of the variance "
            f"of the mean rank shift, n = {self.indices.n} rows"
        )
        return str(paragraph(head) + self.rank_shift.round(3).to_html())


def sensitivity(
    indicators: pd.DataFrame,
    spec: IndexSpec,
    period: int,
    scope: Scope,
    plan: Uncertainty,
    *,
    n: int = 1024,
    bootstrap: int = 500,
    between: tuple[float, float] = (0.05, 0.95),
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> SensitivityResult:
    """Share out the variance of ranks and scores among the assumptions of a plan.

    Each assumption is one factor u in [0, 1). A discrete one takes option floor(u options);
    one that is random in itself (weights, errors) takes u as the seed of its random numbers.

    Parameters
    ----------
    indicators, spec, period, scope
        As for `score_index`.
    plan
        What is varied, and the seed; its number of replications plays no part.
    n
        Rows of the base samples, a power of two; n (k + 2) replications are scored for k
        assumptions.
    bootstrap, between
        See `sobol_indices`.
    executor
        See `executors.run`; the result does not depend on it.
    progress
        Called with replications done and in all.
    """
    workshop = Workshop(indicators, spec, period, scope, plan)
    model = _Factors(workshop, executor, progress, n * (len(plan.assumptions) + 2))
    found = sobol_indices(
        model.outputs, len(plan.assumptions), n, plan.seed, bootstrap=bootstrap, between=between
    )
    shift = found.table(plan.names)
    return SensitivityResult(spec, edition(period), scope, plan, shift, found)


class _Factors:
    """The index as a function of one number in [0, 1) an assumption."""

    def __init__(
        self, workshop: Workshop, executor: Executor | None, progress: Progress | None, total: int
    ) -> None:
        self.workshop = workshop
        self.executor = executor
        self.progress = progress
        self.total = total
        self.done = 0

    def outputs(self, u: Floats) -> Floats:
        """Return the mean rank shift, then scores, then ranks of the units."""
        model = self.workshop.model([])
        noises: list[Noise | None] = [Seeded(column) for column in u.T]
        model = self.workshop.model(distinct(model.options(noises, len(u)))[0])
        size = chunk_size(len(self.workshop.scope))
        tasks = [(model, u[start : start + size]) for start in range(0, len(u), size)]
        scores = np.concatenate(list(self._watched(tasks)))[:, self.workshop.order]
        nominal = rank_batch(model.nominal()[None, self.workshop.order])
        ranks = rank_batch(scores)
        known = (ranks > 0) & (nominal > 0)
        moved = np.where(known, np.abs(ranks.astype(float) - nominal), 0.0)
        count = known.sum(axis=1, keepdims=True)
        shift = np.where(count > 0, moved.sum(axis=1, keepdims=True) / np.maximum(count, 1), np.nan)
        return np.hstack([shift, scores, np.where(ranks > 0, ranks, np.nan)])

    def _watched(self, tasks: list[tuple[Model, Floats]]) -> Iterator[Floats]:
        for scores in run(_score, tasks, self.executor):
            self.done += len(scores)
            if self.progress is not None:
                self.progress(self.done, self.total)
            yield scores


def _score(task: tuple[Model, Floats]) -> Floats:
    model, u = task
    return model.scores([Seeded(column) for column in u.T], len(u))
