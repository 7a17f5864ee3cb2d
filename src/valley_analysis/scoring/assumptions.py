"""Discrete choices and random weights: what is varied, each as a checked value of its own."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from valley_analysis.scoring.batch import Assumption, Batch, Choice, pick
from valley_analysis.scoring.branches import EXPONENTS, Ints
from valley_analysis.scoring.noise import Noise
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.states import State, places_of

OWN = "own"


@dataclass(frozen=True)
class Alternatives(Choice):
    """Other settings of the specification, each option with the same share.

    Attributes
    ----------
    name
        What reports call it.
    options
        Keyword changes given to `dataclasses.replace(spec, **option)`; an empty one is the
        nominal setting, which takes part only if it is listed.

    Examples
    --------
    >>> Alternatives("treatment", ({}, {"winsorise": (0.0, 1.0)})).count
    2
    """

    name: str
    options: tuple[Mapping[str, object], ...]

    @property
    def count(self) -> int:
        """Number of options."""
        return len(self.options)

    def problems(self) -> Iterator[str]:
        """Yield what contradicts itself."""
        if not self.options:
            yield f"{self.name}: no options; expected at least one"

    def misfits(self, spec: IndexSpec) -> Iterator[str]:
        """Yield the settings that a specification does not have."""
        known = {item.name for item in fields(spec)}
        for option in self.options:
            for setting in option.keys() - known:
                yield f"{self.name}: the specification has no setting {setting!r}"


@dataclass(frozen=True, eq=False)
class Vintages(Choice):
    """Indicators computed from data as published on other dates.

    Attributes
    ----------
    frames
        Vintage -> its indicators; each has the same share. The nominal frame takes part
        only if it is listed.
    """

    frames: Mapping[str, pd.DataFrame]
    name: str = "vintage"

    @property
    def count(self) -> int:
        """Number of options."""
        return len(self.frames)

    def problems(self) -> Iterator[str]:
        """Yield what contradicts itself."""
        if not self.frames or "" in self.frames:
            yield f"{self.name}: {len(self.frames)} frames; expected at least one, all named"


@dataclass(frozen=True)
class AggregationChoice(Assumption):
    """Other means, each with the same share of replications.

    Attributes
    ----------
    methods
        "arithmetic", "geometric", "harmonic", "mazziotta_pareto", "copeland" (whose scores are
        on another scale), a number: the exponent of a power mean, or "own": what each group
        has under the specification.
    per_level
        Whether each level of groups chooses for itself; else all choose the same.
    levels
        Levels of groups that choose (0 is the top); all if empty. Others keep their own mean.
    floor
        See `score_batch`.

    Examples
    --------
    >>> AggregationChoice(("arithmetic", "geometric"), levels=(0,)).exponents
    (1.0, 0.0)
    """

    methods: tuple[str | float, ...]
    per_level: bool = False
    levels: tuple[int, ...] = ()
    floor: float = 1.0
    name: str = "aggregation"

    @property
    def exponents(self) -> tuple[float, ...]:
        """Exponent of each mean, missing for "own"; codes for what is no mean."""
        known = EXPONENTS | {OWN: float("nan")}
        return tuple(known[m] if isinstance(m, str) else float(m) for m in self.methods)

    def problems(self) -> Iterator[str]:
        """Yield what contradicts itself."""
        if not self.methods:
            yield f"{self.name}: no methods; expected at least one"
        for method in self.methods:
            if isinstance(method, str) and method not in (*EXPONENTS, OWN):
                known = ", ".join((*EXPONENTS, OWN))
                yield f"{self.name}: method {method!r}; expected one of {known}, or an exponent"
            elif not isinstance(method, str) and math.isnan(method):
                yield f"{self.name}: exponent {method}; expected a number"
        if not 0 <= self.floor < 100:
            yield f"{self.name}: floor {self.floor}; expected 0 up to below 100"

    def apply(self, batch: Batch, noise: Noise) -> None:
        """Give each replication the exponents of its means."""
        levels = batch.state.group_levels
        chosen = [n for n in np.unique(levels) if not self.levels or n in self.levels]
        options = np.array(self.exponents)
        many = len(options) ** len(chosen) if self.per_level else len(options)
        code = pick(noise.uniform(), many)
        for level in chosen:
            drawn, mine = options[code % len(options)][:, None], levels == level
            batch.exponents[:, mine] = np.where(np.isnan(drawn), batch.exponents[:, mine], drawn)
            code = code // len(options) if self.per_level else code
        batch.floor = max(batch.floor, self.floor)


@dataclass(frozen=True)
class WeightNoise(Assumption):
    """Random weights around the nominal ones, inside each group.

    Attributes
    ----------
    kind
        "dirichlet": the shares of a group's children are Dirichlet with the nominal shares
        as means. "uniform": each weight is multiplied by a number between 1 - share and
        1 + share.
    concentration
        Of the Dirichlet distribution: a share s has standard deviation
        sqrt(s (1 - s) / (concentration + 1)).
    share
        Of the uniform noise, from 0 to 1.
    level
        Which nodes: 1 is just below the top (dimensions); all if None.

    Examples
    --------
    >>> WeightNoise("uniform", share=0.25, level=1).name
    'weights'
    """

    kind: str = "dirichlet"
    concentration: float = 20.0
    share: float = 0.25
    level: int | None = None
    name: str = "weights"

    def problems(self) -> Iterator[str]:
        """Yield what contradicts itself."""
        if self.kind not in ("dirichlet", "uniform"):
            yield f"{self.name}: kind {self.kind!r}; expected dirichlet or uniform"
        if not 0 < self.concentration < np.inf:
            yield f"{self.name}: concentration {self.concentration}; expected above 0"
        if not 0 <= self.share <= 1:
            yield f"{self.name}: share {self.share}; expected 0 to 1"

    def apply(self, batch: Batch, noise: Noise) -> None:
        """Change the weights of each replication."""
        chosen = np.flatnonzero(places_of(batch.state.structure, self.level))
        if self.kind == "uniform":
            spread = 2.0 * noise.uniforms((len(chosen),)) - 1.0
            batch.weights[:, chosen] *= 1.0 + self.share * spread
            return
        before = batch.weights
        shapes = np.zeros_like(before)
        groups = [np.append(b.leaf_nodes, b.group_nodes) for b in batch.state.tree]
        for nodes in groups:
            total = before[:, nodes].sum(axis=1, keepdims=True)
            shapes[:, nodes] = before[:, nodes] / np.where(total > 0, total, 1.0)
        drawn = np.zeros_like(before)
        drawn[:, chosen] = noise.gammas(self.concentration * shapes[:, chosen])
        for nodes in (nodes for nodes in groups if nodes[0] in chosen):
            total = drawn[:, nodes].sum(axis=1, keepdims=True)
            # Tiny shapes may all come out as 0: such a replication keeps its weights.
            share = drawn[:, nodes] / np.where(total > 0, total, 1.0)
            batch.weights[:, nodes] = np.where(total > 0, share, before[:, nodes])


@dataclass(frozen=True)
class DropIndicator(Assumption):
    """None or one indicator left out at random; its weight goes to the others of its group.

    The only indicator of an index stays.

    Attributes
    ----------
    share
        Share of replications in which one is left out; None gives "none" the same share as
        each indicator.
    """

    share: float | None = None
    name: str = "indicator dropped"

    def problems(self) -> Iterator[str]:
        """Yield what contradicts itself."""
        if self.share is not None and not 0 <= self.share <= 1:
            yield f"{self.name}: share {self.share}; expected 0 to 1"

    def apply(self, batch: Batch, noise: Noise) -> None:
        """Set the weight of the chosen indicator to 0."""
        state = batch.state
        leaves = np.flatnonzero(state.weights[state.leaf_nodes] > 0)
        share = len(leaves) / (len(leaves) + 1) if self.share is None else self.share
        u = noise.uniform()
        rows = np.flatnonzero(u < share)
        if not len(rows) or len(leaves) < 2:
            return
        chosen = leaves[pick(u[rows] / share, len(leaves))]
        batch.weights[rows[:, None], _chains(state)[chosen]] = 0.0


def _chains(state: State) -> Ints:
    """For each leaf, itself and the groups that it alone fills (repeated to equal length)."""
    structure, places = state.structure, {n.name: i for i, n in enumerate(state.structure.nodes)}
    found = []
    for leaf in structure.leaves:
        chain, at = [places[leaf]], structure.by_name[leaf].parent
        while at != structure.top and not any(
            state.weights[places[child]] > 0
            for child in structure.children(at)
            if places[child] not in chain
        ):
            chain.append(places[at])
            at = structure.by_name[at].parent
        found.append(chain + [chain[0]] * (structure.depth - len(chain)))
    return np.array(found, dtype=np.int64)
