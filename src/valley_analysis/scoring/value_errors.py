"""Random errors in values: measured, suppressed and imputed ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from valley_analysis.scoring.batch import NOTHING, Assumption, Batch
from valley_analysis.scoring.engine import Floats, Ints
from valley_analysis.scoring.noise import Noise
from valley_analysis.scoring.states import State


@dataclass(frozen=True)
class MeasurementError(Assumption):
    """Normal errors on every observed value, independent of each other.

    Attributes
    ----------
    sd
        Standard deviation, for all indicators or by indicator (others have none).
    unit
        "points" of the normalised scale, or "raw": in the indicator's unit, translated by
        its goalposts.
    within
        Where normalised values are cut off; by default the range of the scale, `State.ends`.
    """

    sd: float | Mapping[str, float]
    unit: str = "points"
    within: tuple[float, float] | None = None
    name: str = "measurement error"

    def problems(self) -> Iterator[str]:
        """Yield what contradicts itself."""
        if self.unit not in ("points", "raw"):
            yield f"{self.name}: unit {self.unit!r}; expected points or raw"
        sizes = self.sd.values() if isinstance(self.sd, Mapping) else [self.sd]
        for size in sizes:
            if not 0 <= size < np.inf:
                yield f"{self.name}: standard deviation {size}; expected 0 or more"

    def _points(self, state: State) -> Floats:
        leaves = state.structure.leaves
        if isinstance(self.sd, Mapping):
            sizes = np.array([self.sd.get(name, 0.0) for name in leaves])
        else:
            sizes = np.full(len(leaves), self.sd)
        return np.nan_to_num(sizes * state.points) if self.unit == "raw" else sizes

    def touches(self, state: State) -> Ints:
        """Return the units whose values it changes."""
        return np.arange(len(state.normalised)) if self._points(state).any() else NOTHING

    def apply(self, batch: Batch, noise: Noise) -> None:
        """Add errors to the values of each replication."""
        sizes = self._points(batch.state)
        columns = np.flatnonzero(sizes)
        if not len(columns):
            return
        errors = noise.normals((len(batch.units), len(columns))) * sizes[columns]
        if len(columns) == len(sizes):
            batch.values += errors
        else:
            batch.values[:, :, columns] += errors
        np.clip(batch.values, *(self.within or batch.state.ends), out=batch.values)


@dataclass(frozen=True)
class SuppressedRange(Assumption):
    """Suppressed values anywhere between their bounds, uniformly, instead of in the middle."""

    name: str = "suppressed values"

    def touches(self, state: State) -> Ints:
        """Return the units whose values it changes."""
        return np.unique(state.suppressed.rows)

    def apply(self, batch: Batch, noise: Noise) -> None:
        """Draw the suppressed values of each replication."""
        cells = batch.state.suppressed
        if len(cells.rows):
            share = noise.uniforms((len(cells.rows),))
            rows, columns = batch.at(cells)
            batch.values[:, rows, columns] = cells.low + share * (cells.high - cells.low)


@dataclass(frozen=True)
class ImputationError(Assumption):
    """Normal errors on imputed values (but for suppressed ones, see `SuppressedRange`).

    Attributes
    ----------
    sd
        Standard deviation in points of the normalised scale.
    within
        Where normalised values are cut off; by default the range of the scale, `State.ends`.
    """

    sd: float
    within: tuple[float, float] | None = None
    name: str = "imputation error"

    def problems(self) -> Iterator[str]:
        """Yield what contradicts itself."""
        if not 0 <= self.sd < np.inf:
            yield f"{self.name}: standard deviation {self.sd}; expected 0 or more"

    def touches(self, state: State) -> Ints:
        """Return the units whose values it changes."""
        return np.unique(state.imputed.rows)

    def apply(self, batch: Batch, noise: Noise) -> None:
        """Add errors to the imputed values of each replication."""
        cells = batch.state.imputed
        if len(cells.rows):
            rows, columns = batch.at(cells)
            moved = batch.values[:, rows, columns] + self.sd * noise.normals((len(cells.rows),))
            batch.values[:, rows, columns] = np.clip(moved, *(self.within or batch.state.ends))
