"""Normalised values under one choice of the discrete assumptions, computed the ordinary way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.errors import FrameError, PeriodError
from valley_analysis.frames import Scope
from valley_analysis.scoring.branches import (
    COPELAND,
    Branch,
    Floats,
    Ints,
    branches,
    own_exponents,
)
from valley_analysis.scoring.edition import Edition, pick_edition
from valley_analysis.scoring.pool import Pool, check_known, lay_out, pool_tables
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.structure import Structure

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Cells:
    """Some cells of a units x indicators table, with bounds.

    Attributes
    ----------
    rows, columns
        Where they stand.
    low, high
        Their bounds on the normalised scale; missing where there are none.
    """

    rows: Ints
    columns: Ints
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class State:
    """What replications share that make the same discrete choices.

    Attributes
    ----------
    structure
        The tree, with thresholds and means.
    normalised
        Units x leaves, 0-100.
    weights
        One a node; 0 for an indicator that the edition lacks.
    suppressed
        Cells that entered as the middle of their bounds.
    imputed
        Other cells that were imputed.
    points
        Points of 100 that one unit of an indicator is worth, between the goalposts of the
        method that most units have; missing where there are none.
    floor
        Where 0-100 begins under a mean that is not arithmetic.
    """

    structure: Structure
    normalised: Floats
    weights: Floats
    suppressed: Cells
    imputed: Cells
    points: Floats
    floor: float = 0.0

    @cached_property
    def tree(self) -> tuple[Branch, ...]:
        """The groups with the places of their children."""
        return branches(self.structure)

    @cached_property
    def exponents(self) -> Floats:
        """Exponent of each group's mean."""
        return own_exponents(self.structure)

    @cached_property
    def group_levels(self) -> Ints:
        """How many levels below the top each group lies."""
        return np.array([self.structure.depth_of(name) for name in self.structure.groups])

    @cached_property
    def leaf_nodes(self) -> Ints:
        """Column of the weights for each leaf."""
        places = {node.name: place for place, node in enumerate(self.structure.nodes)}
        return np.array([places[name] for name in self.structure.leaves])

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Range of the scale: 0 to 100, or wider where values lie beyond.

        Ratios and z-scores do not end at 100: cut there, units far ahead would fall back.
        """
        low = float(np.nanmin(self.normalised, initial=0.0))
        return low, float(np.nanmax(self.normalised, initial=100.0))

    @cached_property
    def content(self) -> tuple[object, ...]:
        """What two states have in common if they give the same scores."""
        arrays: list[npt.NDArray] = [self.normalised, self.weights, self.points]
        for cells in (self.suppressed, self.imputed):
            arrays += [cells.rows, cells.columns, cells.low, cells.high]
        return (self.structure, self.floor, *(array.tobytes() for array in arrays))


def state_of(pool: Pool, edition: Edition) -> State:
    """Take what replications need from an edition.

    Raises
    ------
    SpecError
        If a group has no mean.
    """
    structure = pool.structure
    leaves = list(structure.leaves)
    kept = set(edition.lags.index)
    rows = edition.lags.to_dict("index")
    scalings = [
        pool.scaling(name, rows[name]["method"], rows[name]["period"]) if name in kept else None
        for name in leaves
    ]
    weights = [0.0 if node.name in set(leaves) - kept else node.weight for node in structure.nodes]
    bounded = _bounded(pool, edition, leaves)
    flagged = (edition.flags.reindex(columns=leaves) == "imputed").to_numpy(copy=True)
    flagged[bounded.rows, bounded.columns] = False
    down, across = flagged.nonzero()
    unknown = np.full(len(down), np.nan)
    return State(
        structure=structure,
        normalised=edition.normalised.reindex(columns=leaves).to_numpy(dtype=float),
        weights=np.array(weights),
        suppressed=bounded,
        imputed=Cells(down, across, unknown, unknown),
        points=np.array([np.nan if one is None else one.points for one in scalings]),
        floor=pool.spec.floor,
    )


def _bounded(pool: Pool, edition: Edition, leaves: Sequence[str]) -> Cells:
    found = edition.imputed
    rows = edition.normalised.index.get_indexer(pd.Index(found["region"]))
    columns = pd.Index(leaves).get_indexer(pd.Index(found["indicator"]))
    cells = list(zip(found["region"], found["indicator"], strict=True))
    periods = edition.lags["period"].to_dict()
    ends = np.array(
        [
            [pool.scaled[end].loc[(periods[name], region), name] for end in ("low", "high")]
            for region, name in cells
        ],
        dtype=float,
    ).reshape(-1, 2)
    return Cells(rows, columns, ends.min(axis=1), ends.max(axis=1))


@dataclass(eq=False)
class Pools:
    """Indicators of some units, laid out and pooled; every edition is picked from the same pools.

    Parameters
    ----------
    frames
        Indicators by vintage; "" is the nominal one.
    scope
        The units.
    shared
        Whether pools are kept, for several editions; those of one edition are needed once.
    """

    frames: Mapping[str, pd.DataFrame]
    scope: Scope
    shared: bool = False
    _tables: dict[tuple[str, tuple[str, ...]], Tables] = field(default_factory=dict)
    _pools: dict[tuple[str, IndexSpec], Pool] = field(default_factory=dict)

    def pool(self, vintage: str, spec: IndexSpec) -> Pool:
        """Return the pool of a vintage under a specification."""
        if (vintage, spec) in self._pools:
            return self._pools[vintage, spec]
        key = (vintage, spec.indicators)
        if key not in self._tables:
            self._tables[key] = lay_out(self.frames[vintage], spec, self.scope)
            check_known(self.frames[vintage], spec)
        pool = pool_tables(self._tables[key], spec, self.scope)
        if self.shared:
            self._pools[vintage, spec] = pool
        return pool


@dataclass(eq=False)
class Shelf:
    """States computed once each; choices that lead to the same values share one.

    Parameters
    ----------
    pools
        The indicators.
    spec, period
        The nominal specification, the edition.
    states
        Those computed so far.
    impossible
        Choices that the figures do not allow, and why; the nominal ones stand in for them.
    """

    pools: Pools
    spec: IndexSpec
    period: int
    states: list[State] = field(default_factory=list)
    impossible: dict[str, str] = field(default_factory=dict)
    _by_choice: dict[tuple[str, IndexSpec], int] = field(default_factory=dict)
    _by_content: dict[tuple[object, ...], int] = field(default_factory=dict)

    def place(self, vintage: str, changes: Mapping[str, object]) -> int:
        """Return the number of the state under a vintage and changes of the specification."""
        try:
            spec = replace(self.spec, **changes)  # type: ignore[arg-type]
            if (vintage, spec) not in self._by_choice:
                self._by_choice[vintage, spec] = self._number(vintage, spec)
        except (FrameError, PeriodError) as error:
            if not vintage and not changes:
                raise
            said = ", ".join(f"{name} {value}" for name, value in changes.items())
            self.impossible[said or f"vintage {vintage}"] = _reason(error)
            return self.place("", {})
        except Exception as error:
            error.add_note(f"while varying the index: {dict(changes)}, vintage {vintage!r}")
            raise
        return self._by_choice[vintage, spec]

    def _number(self, vintage: str, spec: IndexSpec) -> int:
        pool = self.pools.pool(vintage, spec)
        state = state_of(pool, pick_edition(pool, self.period))
        number = self._by_content.setdefault(state.content, len(self.states))
        self.states += [state] if number == len(self.states) else []
        return number


def _reason(error: FrameError | PeriodError) -> str:
    return "; ".join(error.problems) if isinstance(error, FrameError) else str(error)


def limits(states: Sequence[State]) -> tuple[float, float]:
    """Return the lowest and highest value that a score can take, at least 0 and 100."""
    ends = [state.ends for state in states]
    if any(COPELAND in state.exponents for state in states):  # wins minus losses
        most = float(len(states[0].normalised))
        ends.append((-most, most))
    return min(low for low, _ in ends), max(high for _, high in ends)


def places_of(structure: Structure, level: int | None) -> npt.NDArray[np.bool_]:
    """Mark the nodes of a level (1 is just below the top), or all below the top."""
    depths = np.array([structure.depth_of(node.name) for node in structure.nodes])
    return depths > 0 if level is None else depths == level
