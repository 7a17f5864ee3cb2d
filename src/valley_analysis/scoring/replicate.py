"""From assumptions to scores: chunks of replications, each from its own seed."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.frames import Scope
from valley_analysis.scoring.assumptions import Alternatives, Vintages
from valley_analysis.scoring.batch import NOTHING, Assumption, Batch, Choice, pick
from valley_analysis.scoring.branches import COPELAND
from valley_analysis.scoring.brought import edition, refuse_frame, scope_problems
from valley_analysis.scoring.engine import Floats, Ints, score_replications
from valley_analysis.scoring.noise import Noise, stream
from valley_analysis.scoring.plan import Uncertainty
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.states import Pools, Shelf, State

CHUNK_CELLS = 250_000  # replications x units: a few arrays of this size fit the cache
VALUE_CELLS = 2_000_000  # replications x units x indicators, where values differ
NOMINAL = -1
LEAST = 0.1  # points that enter a mean which 0 would end, in a replication


def chunk_size(units: int) -> int:
    """Return how many replications share a seed: a function of the units alone."""
    return int(np.clip(CHUNK_CELLS // max(units, 1), 16, 4096))


@dataclass(frozen=True, eq=False)
class Model:
    """Everything that replications need; picklable, so that workers can have it.

    Attributes
    ----------
    assumptions
        What is varied.
    states
        Normalised values under the discrete choices.
    lookup
        Options of the `Choice` assumptions (-1 is nominal) -> number of the state.
    """

    assumptions: tuple[Assumption, ...]
    states: tuple[State, ...]
    lookup: Mapping[tuple[int, ...], int]

    @property
    def choices(self) -> tuple[int, ...]:
        """Places of the assumptions that choose among states."""
        return choices(self.assumptions)

    def streams(
        self, seed: np.random.SeedSequence, count: int, only: int | None = None
    ) -> list[Noise | None]:
        """Return the random numbers of a chunk; None where an assumption stays nominal."""
        return [
            stream(seed, number, count) if only in (None, number) else None
            for number in range(len(self.assumptions))
        ]

    def options(self, noises: Sequence[Noise | None], count: int) -> Ints:
        """Draw the option of each choice: replications x choices."""
        found = np.full((count, len(self.choices)), NOMINAL)
        for place, number in enumerate(self.choices):
            noise, choice = noises[number], self.assumptions[number]
            if noise is not None and isinstance(choice, Choice):
                found[:, place] = pick(noise.uniform(), choice.count)
        return found

    def scores(self, noises: Sequence[Noise | None], count: int) -> Floats:
        """Score replications x units."""
        kinds, which = distinct(self.options(noises, count))
        numbers = np.array([self.lookup[kind] for kind in kinds])[which]
        active = [
            (assumption, noise)
            for assumption, noise in zip(self.assumptions, noises, strict=True)
            if noise is not None and not isinstance(assumption, Choice)
        ]
        # The nominal values can be averaged as they are; errors may carry one below 0.
        least = LEAST if any(noise is not None for noise in noises) else 0.0
        scores = np.empty((count, len(self.states[0].normalised)))
        for number in np.unique(numbers):
            state = self.states[number]
            units = _touched(state, [assumption for assumption, _ in active])
            for rows in _blocks(np.flatnonzero(numbers == number), state, len(units)):
                batch = _batch(state, units, len(rows))
                for assumption, noise in active:
                    assumption.apply(batch, noise.take(rows))
                scores[rows] = _evaluate(batch, least)
        return scores

    def nominal(self) -> Floats:
        """Score the units under the nominal specification."""
        return self.scores([None] * len(self.assumptions), 1)[0]


def choices(assumptions: Sequence[Assumption]) -> tuple[int, ...]:
    """Places of the assumptions that choose among states."""
    return tuple(n for n, item in enumerate(assumptions) if isinstance(item, Choice))


def distinct(options: Ints) -> tuple[list[tuple[int, ...]], npt.NDArray[np.intp]]:
    """Return the different rows, and which of them each row is."""
    if not options.shape[1]:
        return [()], np.zeros(len(options), dtype=np.intp)
    kinds, which = np.unique(options, axis=0, return_inverse=True)
    return [tuple(int(option) for option in kind) for kind in kinds], which.ravel()


def _touched(state: State, assumptions: Sequence[Assumption]) -> Ints:
    units = [NOTHING, *(assumption.touches(state) for assumption in assumptions)]
    return np.unique(np.concatenate(units))


def _blocks(rows: Ints, state: State, units: int) -> Iterator[Ints]:
    """Cut replications so that values that differ between them fit in little memory."""
    size = max(VALUE_CELLS // max(units * state.normalised.shape[1], 1), 1)
    yield from (rows[start : start + size] for start in range(0, len(rows), size))


def _batch(state: State, units: Ints, count: int) -> Batch:
    values = np.repeat(state.normalised[None, units], count, axis=0) if len(units) else None
    return Batch(
        state=state,
        weights=np.repeat(state.weights[None], count, axis=0),
        exponents=np.repeat(state.exponents[None], count, axis=0),
        floor=state.floor,
        units=units,
        values=np.empty((count, 0, len(state.points))) if values is None else values,
    )


def _evaluate(batch: Batch, least: float) -> Floats:
    """Score units whose values are the same in all replications, and the others."""
    state = batch.state
    rest = (state.tree, batch.weights, batch.exponents, batch.floor, least)
    if not len(batch.units):
        return score_replications(state.normalised, *rest)
    if len(batch.units) == len(state.normalised):
        return score_replications(batch.values, *rest)
    if (batch.exponents == COPELAND).any():  # units are compared with each other
        values = np.repeat(state.normalised[None], len(batch.weights), axis=0)
        values[:, batch.units] = batch.values
        return score_replications(values, *rest)
    fixed = np.setdiff1d(np.arange(len(state.normalised)), batch.units)
    scores = np.empty((len(batch.weights), len(state.normalised)))
    scores[:, fixed] = score_replications(state.normalised[fixed], *rest)
    scores[:, batch.units] = score_replications(batch.values, *rest)
    return scores


class Workshop:
    """Makes models: states are computed when a choice first needs them, and kept.

    Parameters
    ----------
    indicators, spec, period, scope
        As for `score_index`.
    plan
        What is varied.
    shared
        Whether other editions will be asked for, see `at`.
    """

    def __init__(
        self,
        indicators: pd.DataFrame,
        spec: IndexSpec,
        period: int,
        scope: Scope,
        plan: Uncertainty,
        *,
        shared: bool = False,
    ) -> None:
        plan.check(spec)
        refuse_frame("scope", scope_problems(scope))
        frames = {"": indicators}
        for item in plan.assumptions:
            frames |= dict(item.frames) if isinstance(item, Vintages) else {}
        # Random errors belong to units, so that the order of units does not matter.
        ordered = replace(scope, units=tuple(sorted(scope.units)))
        places = {unit: place for place, unit in enumerate(ordered.units)}
        self.scope = scope
        self.order = [places[unit] for unit in scope.units]
        self.plan = plan
        self.shelf = Shelf(Pools(frames, ordered, shared), spec, edition(period))
        self.lookup: dict[tuple[int, ...], int] = {}

    def at(self, period: int) -> "Workshop":
        """Return a workshop of another edition that shares what does not hang on the edition."""
        other = copy(self)
        other.shelf = Shelf(self.shelf.pools, self.shelf.spec, edition(period))
        other.lookup = {}
        return other

    def model(self, kinds: Sequence[tuple[int, ...]]) -> Model:
        """Return a model that knows these options (and the nominal ones)."""
        places = choices(self.plan.assumptions)
        for kind in [(NOMINAL,) * len(places), *kinds]:
            if kind not in self.lookup:
                self.lookup[kind] = self._place(dict(zip(places, kind, strict=True)))
        return Model(self.plan.assumptions, tuple(self.shelf.states), dict(self.lookup))

    def _place(self, options: Mapping[int, int]) -> int:
        vintage = ""
        changes: dict[str, object] = {}
        for number, option in options.items():
            item = self.plan.assumptions[number]
            if option == NOMINAL:
                continue
            if isinstance(item, Vintages):
                vintage = list(item.frames)[option]
            elif isinstance(item, Alternatives):
                changes |= dict(item.options[option])
        return self.shelf.place(vintage, changes)
