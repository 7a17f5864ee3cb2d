"""Who neighbours whom: a row-standardised sparse matrix that knows its units and its islands."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from scipy import sparse

from valley_analysis.errors import DesignError
from valley_analysis.escape import paragraph
from valley_analysis.gate import LARGEST

Islands = Literal["none", "nearest"]
_SHOWN = 5
_NO_WEIGHT = "a weight is missing, infinite or below zero"
_NEXT = "give each unit once, all of them among the units of the weights"


@dataclass(frozen=True, eq=False)
class SpatialWeights:
    """Spatial weights: one row a unit, each row summing to one, or to zero for an island.

    Attributes
    ----------
    units
        Names of the units, in the order of rows and columns.
    matrix
        n x n CSR array, zero on the diagonal, rows standardised.
    made
        How they were made, in words.
    linked
        Units without a neighbour of their own that were linked to their nearest.

    Raises
    ------
    DesignError
        If units repeat, the matrix has another shape, a weight is negative or missing, or a
        unit neighbours itself.

    Examples
    --------
    >>> row = SpatialWeights.of(["a", "b", "c", "d"], [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0],
    ...                                                [0, 0, 0, 0]], "borders")
    >>> row.neighbours("b").to_dict(), row.islands
    ({'a': 0.5, 'c': 0.5}, ('d',))
    >>> row.lag(pd.Series({"a": 2.0, "b": 1.0, "c": 4.0, "d": 5.0})).tolist()
    [1.0, 3.0, 1.0, nan]
    """

    units: pd.Index
    matrix: sparse.csr_array
    made: str = ""
    linked: tuple[Hashable, ...] = ()

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise DesignError(
                "spatial weights", problems, "name each unit once, weights above zero"
            )

    @classmethod
    def of(
        cls,
        units: Iterable[Hashable],
        matrix: "np.ndarray | sparse.sparray | Sequence[Sequence[float]]",
        made: str = "",
        linked: Iterable[Hashable] = (),
    ) -> "SpatialWeights":
        """Return weights from any n x n matrix: standardises rows, keeps no explicit zero.

        Raises
        ------
        DesignError
            As the class.
        """
        try:
            whole = sparse.csr_array(matrix, dtype=float)
        except (TypeError, ValueError) as error:
            found = [f"a {type(matrix).__name__}: {error}"]
            raise DesignError("spatial weights", found, "give an n x n matrix of numbers") from None
        if not np.isfinite(whole.data).all() or (whole.data < 0).any():
            raise DesignError("spatial weights", [_NO_WEIGHT], "take weights from zero on")
        sums = np.asarray(whole.sum(axis=1)).ravel()
        scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums != 0)
        whole = sparse.csr_array(sparse.diags_array(scale) @ whole)
        whole.eliminate_zeros()
        whole.sort_indices()
        return cls(_index(units), whole, made, tuple(linked))

    def _problems(self) -> Iterator[str]:
        for unit in self.units[self.units.duplicated()].unique()[:_SHOWN]:
            yield f"unit {unit!r}: stands more than once"
        if self.matrix.shape != (len(self.units),) * 2:
            yield f"matrix of shape {self.matrix.shape} for {len(self.units)} units"
            return
        if not np.isfinite(self.matrix.data).all() or (self.matrix.data < 0).any():
            yield _NO_WEIGHT
        for place in np.flatnonzero(self.matrix.diagonal())[:_SHOWN]:
            yield f"unit {self.units[place]!r}: neighbours itself"
        sums = np.asarray(self.matrix.sum(axis=1)).ravel()
        for place in np.flatnonzero((sums != 0) & (np.abs(sums - 1) > 1e-9))[:_SHOWN]:
            yield f"unit {self.units[place]!r}: weights sum to {sums[place]:g}; expected one"

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.units)

    @property
    def islands(self) -> tuple[Hashable, ...]:
        """Units without any neighbour."""
        return tuple(self.units[np.diff(self.matrix.indptr) == 0])

    @property
    def symmetric(self) -> bool:
        """Whether every neighbour is a neighbour in return."""
        pattern = self.matrix != 0
        return (pattern != pattern.T).nnz == 0

    def neighbours(self, unit: Hashable) -> "pd.Series[float]":
        """Return the neighbours of a unit with their weights.

        Raises
        ------
        DesignError
            For a unit that the weights do not know.
        """
        if unit not in self.units:
            raise DesignError("spatial weights", [f"unit {unit!r}: unknown"], _NEXT)
        place = self.units.get_loc(unit)
        start, stop = self.matrix.indptr[place], self.matrix.indptr[place + 1]
        found = self.units[self.matrix.indices[start:stop]]
        return pd.Series(self.matrix.data[start:stop], found, name="weight")

    def lag(self, values: "pd.Series[float]") -> "pd.Series[float]":
        """Return the neighbours' average of each unit; missing for an island.

        Parameters
        ----------
        values
            One number a unit, of every unit of the weights, in any order.

        Raises
        ------
        DesignError
            With each unit that is absent, repeated, unknown or without a value.
        """
        check_values(values, self, everyone=True)
        ordered = values.reindex(self.units)
        lagged = self.matrix @ ordered.to_numpy(float)
        lagged[np.diff(self.matrix.indptr) == 0] = np.nan
        return pd.Series(lagged, self.units, name=f"neighbours' {values.name}").reindex(
            values.index
        )

    def keep(self, units: Iterable[Hashable]) -> "SpatialWeights":
        """Return the weights among some units, in their order, rows standardised anew.

        A unit all of whose neighbours are left out becomes an island.

        Raises
        ------
        DesignError
            With each unit that is unknown or repeated.
        """
        wanted = _index(units)
        problems = [
            f"unit {u!r}: not in the spatial weights" for u in wanted.difference(self.units)
        ]
        problems += [f"unit {u!r}: repeated" for u in wanted[wanted.duplicated()].unique()]
        if problems:
            raise DesignError("spatial weights", problems, _NEXT)
        at = self.units.get_indexer(wanted)
        linked = [unit for unit in self.linked if unit in wanted]
        return self.of(wanted, self.matrix[at][:, at], self.made, linked)

    def connected(self) -> "SpatialWeights":
        """Return the weights without islands; standardised anew, until none is left."""
        found = self
        while found.islands:
            found = found.keep(found.units.difference(found.islands, sort=False))
        return found

    def _repr_html_(self) -> str:
        size = f"{self.n} units, {self.matrix.nnz / max(self.n, 1):.1f} neighbours on average"
        alone = f"; islands: {', '.join(map(str, self.islands))}" if self.islands else ""
        tied = f"; linked to the nearest: {', '.join(map(str, self.linked))}" if self.linked else ""
        return paragraph(f"Spatial weights ({self.made}): {size}{alone}{tied}")


def check_values(
    values: "pd.Series[float]", weights: SpatialWeights, *, everyone: bool = False
) -> None:
    """Check one number a unit against spatial weights.

    Parameters
    ----------
    values
        By unit.
    weights
        The weights.
    everyone
        Whether each unit of the weights must have a value.

    Raises
    ------
    DesignError
        With each unit that is repeated, unknown to the weights, or has no finite value.
    """
    problems = list(_value_problems(values, weights))
    if everyone and isinstance(values, pd.Series):
        lacking = weights.units.difference(values.index)
        problems += [f"unit {unit!r}: in the spatial weights, without a value" for unit in lacking]
    if problems:
        raise DesignError(f"values {getattr(values, 'name', None) or ''!r}", problems, _NEXT)


def _value_problems(values: "pd.Series[float]", weights: SpatialWeights) -> Iterator[str]:
    if not isinstance(values, pd.Series):
        yield f"a {type(values).__name__}; expected a Series by unit"
        return
    if not is_numeric_dtype(values) or values.dtype.kind not in "biuf":
        yield f"{values.dtype}; expected numbers"
        return
    for unit in values.index[values.index.duplicated()].unique():
        yield f"unit {unit!r}: stands more than once"
    for unit in values.index.difference(weights.units):
        yield f"unit {unit!r}: not in the spatial weights"
    for unit in values.index[~np.isfinite(values.to_numpy(float))]:
        yield f"unit {unit!r}: no finite value; leave it out by values.dropna()"
    for unit in values.index[(values.abs() > LARGEST).fillna(False).to_numpy(bool)]:
        yield f"unit {unit!r}: {values[unit]:g} is beyond any unit; divide by a constant"


def _index(units: Iterable[Hashable]) -> pd.Index:
    return units if isinstance(units, pd.Index) else pd.Index(list(units))
