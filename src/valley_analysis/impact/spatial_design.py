"""What spatial regressions of a cross-section share: a checked sample with its neighbours."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.cross_section import cross_section, left_out
from valley_analysis.impact.extras import library
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
    """

    outcome: str
    names: tuple[str, ...]
    y: np.ndarray
    x: np.ndarray
    weights: SpatialWeights
    notes: tuple[str, ...]

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
    note = f"Without a neighbour, left out: {', '.join(map(str, alone))}."
    used_notes = (f"Spatial weights: {weights.made}.", *left_out(frame, used))
    rows = used.loc[kept.units]
    x = np.column_stack([np.ones(kept.n), rows[list(regressors)].to_numpy()])
    notes = (*used_notes, note) if len(alone) else used_notes
    return SpatialSample(outcome, regressors, rows[[outcome]].to_numpy(), x, kept, notes)
