"""What spatial regressions of a cross-section share: a checked sample with its neighbours."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.cross_section import cross_section, left_out
from valley_analysis.impact.extras import library
from valley_analysis.impact.units import EXACT, size, slack_of
from valley_analysis.spatial import SpatialWeights

CONSTANT, RHO, LAMBDA = "constant", "rho", "lambda"


@dataclass(frozen=True, eq=False)
class SpatialSample:
    """What a spatial regression needs.

    Attributes
    ----------
    outcome, names
        Columns: the outcome, the regressors.
    y
        n x 1.
    x
        n x (1 + k), the constant first.
    weights
        Among the n units, without islands.
    notes
        Weights used, and what was left out.
    sizes
        What outcome and columns of x were divided by, powers of two: outcome first.
    """

    outcome: str
    names: tuple[str, ...]
    y: np.ndarray
    x: np.ndarray
    weights: SpatialWeights
    notes: tuple[str, ...]
    sizes: np.ndarray

    @property
    def back(self) -> np.ndarray:
        """What brings coefficients of x to the caller's units; 1 for one more, of the lag."""
        return np.append(self.sizes[0] / self.sizes[1:], 1.0)

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.y)

    def pysal(self) -> Any:
        """Return the weights as libpysal's."""
        neighbours, values = {}, {}
        matrix = self.weights.matrix
        for i, (start, stop) in enumerate(zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)):
            neighbours[i] = matrix.indices[start:stop].tolist()
            values[i] = matrix.data[start:stop].tolist()
        made = library("libpysal.weights").W(neighbours, values, silence_warnings=True)
        made.transform = "r"
        return made


def spatial_sample(
    frame: pd.DataFrame,
    unit: str,
    outcome: str,
    regressors: tuple[str, ...],
    weights: SpatialWeights,
) -> SpatialSample:
    """Return the units with all values and a neighbour, checked.

    Parameters
    ----------
    frame
        One row a unit.
    unit, outcome, regressors
        Columns.
    weights
        Spatial weights that know all units.

    Raises
    ------
    DesignError
        With everything that is wrong.

    Examples
    --------
    >>> from valley_analysis.impact.spatial_examples import ring
    >>> frame, weights = ring(9, rho=0.5, beta=1.0, seed=1)
    >>> spatial_sample(frame, "unit", "y", ("x",), weights).x.shape
    (9, 2)
    """
    reserved = {CONSTANT, RHO, LAMBDA}.intersection(regressors)
    problems = [f"column {name!r}: the name of a term of the model" for name in sorted(reserved)]
    problems += [] if regressors else ["no regressor"]
    if problems:
        raise DesignError("regressors", problems, "name or rename the regressors")
    used = cross_section(
        frame, unit=unit, outcome=outcome, regressors=regressors, known=weights.units
    )
    kept = weights.keep(used.index).connected()
    alone = used.index.difference(kept.units, sort=False)
    if kept.n < len(regressors) + 4:
        raise DesignError(
            f"outcome {outcome!r}",
            [f"{kept.n} units with values and neighbours for {len(regressors)} regressors"],
            "give more units, or weights in which more of them have neighbours",
        )
    rows = used.loc[kept.units]
    plain = rows[[outcome, *regressors]].to_numpy()
    sizes = np.array([size(plain[:, 0]), 1.0, *(size(column) for column in plain[:, 1:].T)])
    y, x = plain[:, :1] / sizes[0], np.column_stack([np.ones(kept.n), plain[:, 1:]]) / sizes[1:]
    _unexplained(y, x, outcome)
    note = f"Without a neighbour, left out: {', '.join(map(str, alone))}."
    used_notes = (f"Spatial weights: {weights.made}.", *left_out(frame, used))
    notes = (*used_notes, note) if len(alone) else used_notes
    return SpatialSample(outcome, regressors, y, x, kept, notes, sizes)


def _unexplained(y: np.ndarray, x: np.ndarray, outcome: str) -> None:
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    if np.abs(left).max() <= max(slack_of(y), EXACT * float(np.ptp(y))):
        raise DesignError(
            f"outcome {outcome!r}",
            [f"column {outcome!r}: the regressors give it to the last digits; no error is left"],
            "choose an outcome that is not computed from the regressors",
        )


@contextmanager
def fitting(model: str, ready: SpatialSample) -> Iterator[None]:
    """Turn whatever a library raises while it fits into a refusal that says which model.

    Parameters
    ----------
    model
        In words.
    ready
        What it was to be fitted on.

    Raises
    ------
    DesignError
        With the library's own words.

    Examples
    --------
    >>> from valley_analysis.impact.spatial_examples import ring
    >>> frame, weights = ring(9, rho=0.5, beta=1.0, seed=1)
    >>> ready = spatial_sample(frame, "unit", "y", ("x",), weights)
    >>> with fitting("a spatial lag", ready):
    ...     raise ZeroDivisionError("no spread")
    Traceback (most recent call last):
    valley_analysis.errors.DesignError: outcome 'y': 1 problem
      - a spatial lag of 9 units on x cannot be fitted: no spread
    Next step: leave out units far from the others, or use a panel estimator
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            # spreg passes scipy a tolerance that its method does not take.
            warnings.filterwarnings("ignore", "Method 'bounded' does not", RuntimeWarning)
            yield
    except DesignError:
        raise
    except Exception as error:  # spreg raises bare exceptions
        told = f"{model} of {ready.n} units on {', '.join(ready.names)} cannot be fitted: {error}"
        step = "leave out units far from the others, or use a panel estimator"
        raise DesignError(f"outcome {ready.outcome!r}", [told], step) from error
