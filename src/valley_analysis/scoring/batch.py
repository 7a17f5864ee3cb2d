"""Replications in the making, and the base of everything that changes them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from valley_analysis.scoring.engine import Floats, Ints
from valley_analysis.scoring.noise import Noise
from valley_analysis.scoring.states import Cells, State

NOTHING = np.array([], dtype=np.int64)


@dataclass(eq=False)
class Batch:
    """Replications of one state while assumptions change them.

    Attributes
    ----------
    state
        What they share.
    weights
        Replications x nodes.
    exponents
        Replications x groups.
    floor
        See `score_batch`.
    units
        Units whose values differ between replications.
    values
        Replications x these units x leaves.
    """

    state: State
    weights: Floats
    exponents: Floats
    floor: float
    units: Ints
    values: Floats

    def at(self, cells: Cells) -> tuple[Ints, Ints]:
        """Return the places of cells in `values`."""
        return np.searchsorted(self.units, cells.rows), cells.columns


class Assumption:
    """Base of everything that can be varied."""

    name: str

    def problems(self) -> Iterator[str]:
        """Yield what contradicts itself."""
        yield from ()

    def touches(self, state: State) -> Ints:
        """Return the units whose values it changes."""
        return NOTHING

    def apply(self, batch: Batch, noise: Noise) -> None:
        """Change the replications of a batch."""


class Choice(Assumption):
    """Base of assumptions that choose among states; each option has the same share."""

    @property
    def count(self) -> int:
        """Number of options."""
        raise NotImplementedError


def pick(u: Floats, options: int) -> npt.NDArray[np.int64]:
    """Turn numbers in [0, 1) into options of equal share, directly."""
    return np.minimum((u * options).astype(np.int64), options - 1)
