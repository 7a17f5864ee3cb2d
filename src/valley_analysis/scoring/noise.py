"""Random numbers for replications: a stream for many, or a seed for each."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from valley_analysis.scoring.engine import Floats, Ints

Rows = npt.NDArray[np.integer] | slice


class Noise(Protocol):
    """Random numbers of one assumption; the first axis is always replications."""

    def take(self, rows: Ints) -> "Noise":
        """Return the random numbers of some replications."""

    def uniform(self) -> Floats:
        """Return one number in [0, 1) a replication."""

    def uniforms(self, shape: tuple[int, ...]) -> Floats:
        """Return an array in [0, 1) a replication."""

    def normals(self, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Return an array of standard normal numbers a replication."""

    def gammas(self, shapes: Floats) -> Floats:
        """Return gamma numbers of these shapes (replications x any)."""


class Stream:
    """Numbers of one generator, one replication after the other.

    Parameters
    ----------
    generator
        Where the numbers come from.
    count
        Replications.
    """

    def __init__(self, generator: np.random.Generator, count: int) -> None:
        self.generator = generator
        self.count = count

    def take(self, rows: Ints) -> "Stream":
        """Return the same stream, for so many replications."""
        return Stream(self.generator, len(rows))

    def uniform(self) -> Floats:
        """Return one number in [0, 1) a replication."""
        return self.generator.random(self.count)

    def uniforms(self, shape: tuple[int, ...]) -> Floats:
        """Return an array in [0, 1) a replication."""
        return self.generator.random((self.count, *shape))

    def normals(self, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Return an array of standard normal numbers a replication."""
        return self.generator.standard_normal((self.count, *shape), dtype=np.float32)

    def gammas(self, shapes: Floats) -> Floats:
        """Return gamma numbers of these shapes."""
        return self.generator.standard_gamma(shapes)


class Seeded:
    """Numbers that depend on a replication's own u alone: the same u, the same numbers.

    This is how a variance-based analysis treats an assumption that is random in itself:
    u in [0, 1) picks the seed.

    Parameters
    ----------
    u
        One number in [0, 1) a replication.
    """

    def __init__(self, u: Floats) -> None:
        self.u = u

    def take(self, rows: Ints) -> "Seeded":
        """Return the random numbers of some replications."""
        return Seeded(self.u[rows])

    def uniform(self) -> Floats:
        """Return u itself."""
        return self.u

    def uniforms(self, shape: tuple[int, ...]) -> Floats:
        """Return an array in [0, 1) a replication."""
        return self._each(shape, lambda generator, _: generator.random(shape), np.float64)

    def normals(self, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Return an array of standard normal numbers a replication."""
        return self._each(
            shape,
            lambda generator, _: generator.standard_normal(shape, dtype=np.float32),
            np.float32,
        )

    def gammas(self, shapes: Floats) -> Floats:
        """Return gamma numbers of these shapes."""
        return self._each(
            shapes.shape[1:],
            lambda generator, row: generator.standard_gamma(shapes[row]),
            np.float64,
        )

    def _each(
        self,
        shape: tuple[int, ...],
        draw: Callable[[np.random.Generator, int], npt.NDArray[np.floating]],
        kind: type,
    ) -> npt.NDArray:
        found: npt.NDArray = np.empty((len(self.u), *shape), dtype=kind)
        for row, seed in enumerate((self.u * 2**53).astype(np.uint64)):
            found[row] = draw(np.random.Generator(np.random.Philox(key=int(seed))), row)
        return found


def stream(seed: np.random.SeedSequence, number: int, count: int) -> Stream:
    """Return the stream of one assumption in one chunk of replications.

    It is the child that `seed.spawn` would give at this place; unlike `spawn`, asking twice
    gives the same.
    """
    key = (*seed.spawn_key, number)
    child = np.random.SeedSequence(entropy=seed.entropy, spawn_key=key)
    return Stream(np.random.default_rng(child), count)
