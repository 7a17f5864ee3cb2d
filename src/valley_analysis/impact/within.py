"""Unit and period effects projected out of any panel, exactly and for many columns at once.

The larger set of effects is taken out by its weighted means, what is left of the smaller set
(and of further columns) by one orthonormal basis. Both are made once a panel; after that a
projection is a matrix product, which is what thousands of permutations need.

Frisch, R. and Waugh, F. V. (1933), Partial time regressions as compared with individual trends,
Econometrica 1(4), 387-401; Baltagi, B. H. (2021), Econometric Analysis of Panel Data, ch. 9, for
unbalanced panels.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import qr

from valley_analysis.errors import DesignError
from valley_analysis.impact.units import is_rounding

# Of a column's length; below it the column is explained by those before it.
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True, eq=False)
class Groups:
    """Rows that belong together, prepared for sums.

    Attributes
    ----------
    codes
        n, from 0 to count - 1, each of them taken.
    count
        Number of groups.
    order
        Rows by group; None where they already stand so.
    starts
        First place of each group in that order.

    Examples
    --------
    >>> Groups.of(["b", "a", "b"]).sum(np.array([1.0, 2.0, 4.0])).tolist()
    [2.0, 5.0]
    """

    codes: np.ndarray
    count: int
    order: np.ndarray | None
    starts: np.ndarray

    @classmethod
    def of(cls, labels: ArrayLike) -> "Groups":
        """Group rows by label, in the order of the labels."""
        found, codes = np.unique(np.asarray(labels), return_inverse=True)
        codes = codes.ravel()
        order = None if (np.diff(codes) >= 0).all() else np.argsort(codes, kind="stable")
        ordered = codes if order is None else codes[order]
        return cls(codes, len(found), order, np.searchsorted(ordered, np.arange(len(found))))

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Return the sums of each group: count x ... for values n x ...."""
        ordered = values if self.order is None else values[self.order]
        total: np.ndarray = np.add.reduceat(ordered, self.starts, axis=0)
        return total

    def rows(self) -> Iterator[np.ndarray]:
        """Yield the rows of each group."""
        order = np.arange(len(self.codes)) if self.order is None else self.order
        yield from np.split(order, self.starts[1:])

    def nests(self, inner: "Groups") -> bool:
        """Whether each group of `inner` lies in one of these."""
        pairs = np.unique(np.column_stack([inner.codes, self.codes]), axis=0)
        return len(pairs) == inner.count


@dataclass(frozen=True, eq=False)
class Within:
    """The projection that takes unit effects, period effects and further columns out.

    Attributes
    ----------
    units, periods
        Groups of the n rows.
    weights
        n, above zero.
    means
        The groups whose effects go out by means: units, or periods if there are more of them.
    totals
        Sum of weights of each of these groups.
    basis
        n x r: everything else that goes out, orthonormal in the metric of the weights.

    Examples
    --------
    >>> within = Within.of(["a", "a", "b", "b"], [1, 2, 1, 2])
    >>> within.residuals(np.array([1.0, 2.0, 3.0, 8.0])).tolist()
    [1.0, -1.0, -1.0, 1.0]
    >>> within.rank
    3
    """

    units: Groups
    periods: Groups
    weights: np.ndarray
    means: Groups
    totals: np.ndarray
    basis: np.ndarray

    @classmethod
    def of(
        cls,
        unit: ArrayLike,
        period: ArrayLike,
        weights: ArrayLike | None = None,
        absorb: ArrayLike | None = None,
    ) -> "Within":
        """Prepare the projection of a panel; gaps and repeated cells do no harm.

        Parameters
        ----------
        unit, period
            Labels of the n rows, of any type that sorts.
        weights
            n, above zero; 1 by default.
        absorb
            Further columns to take out, n x k, such as controls times period. Columns that
            others determine change nothing.

        Raises
        ------
        DesignError
            If lengths differ or a weight is not above zero.
        """
        units, periods = Groups.of(unit), Groups.of(period)
        n = len(units.codes)
        weight = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
        further = np.empty((n, 0)) if absorb is None else np.asarray(absorb, dtype=float)
        _check(n, len(periods.codes), weight, further)
        means, other = (units, periods) if units.count >= periods.count else (periods, units)
        dummies = (other.codes[:, None] == np.arange(other.count)).astype(float)
        bare = cls(units, periods, weight, means, means.sum(weight), np.empty((n, 0)))
        basis = bare._orthonormal(np.column_stack([dummies, further.reshape(n, -1)]))
        return cls(units, periods, weight, means, bare.totals, basis)

    @property
    def rank(self) -> int:
        """Number of independent columns that go out."""
        return self.means.count + self.basis.shape[1]

    def residuals(self, values: np.ndarray) -> np.ndarray:
        """Return what is left of one column (n) or of many (n x m)."""
        columns = np.asarray(values, dtype=float).reshape(len(self.weights), -1)
        left = self._demean(columns)
        left -= self.basis @ ((self.basis * self.weights[:, None]).T @ left)
        return left.reshape(np.shape(values))

    def outcome(self, values: np.ndarray) -> np.ndarray:
        """Return what is left of an outcome, n: zero where that is no more than rounding."""
        left = self.residuals(values)
        return np.zeros_like(left) if is_rounding(left, values) else left

    def slopes(self, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Return the weighted least-squares slopes beside everything that goes out.

        Parameters
        ----------
        y
            n, or n x m for m outcomes.
        x
            n, or n x k for k regressors.

        Returns
        -------
        ndarray
            k, or k x m; nan for every regressor where they are not independent.
        """
        root = np.sqrt(self.weights)[:, None]
        right = self.residuals(np.asarray(x, dtype=float).reshape(len(root), -1)) * root
        left = self.residuals(np.asarray(y, dtype=float).reshape(len(root), -1)) * root
        found, _, rank, _ = np.linalg.lstsq(right, left, rcond=_NEGLIGIBLE)
        if rank < right.shape[1]:
            found = np.full_like(found, np.nan)
        return found[:, 0] if np.ndim(y) == 1 else found

    def _demean(self, columns: np.ndarray) -> np.ndarray:
        sums = self.means.sum(columns * self.weights[:, None])
        left: np.ndarray = columns - (sums / self.totals[:, None])[self.means.codes]
        return left

    def _orthonormal(self, columns: np.ndarray) -> np.ndarray:
        """Return a basis of what the columns span beyond the means."""
        root = np.sqrt(self.weights)[:, None]
        length = np.linalg.norm(columns * root, axis=0)
        scaled = columns[:, length > 0] / length[length > 0]
        q, r, _ = qr(self._demean(scaled) * root, mode="economic", pivoting=True)
        kept = int((np.abs(np.diag(r)) > _NEGLIGIBLE).sum())
        basis: np.ndarray = q[:, :kept] / root
        return basis


def _check(n: int, periods: int, weights: np.ndarray, absorb: np.ndarray) -> None:
    problems = []
    if not n == periods == len(weights) == len(absorb):
        problems.append(
            f"{n} units, {periods} periods, {len(weights)} weights and {len(absorb)} rows of "
            "further columns"
        )
    if not n:
        problems.append("no row")
    if not (np.isfinite(weights) & (weights > 0)).all():
        row = int(np.flatnonzero(~(weights > 0) | np.isinf(weights))[0])
        problems.append(f"weights: row {row} has {weights[row]}; expected a number above zero")
    if not np.isfinite(absorb).all():
        problems.append("further columns: a value is missing or infinite")
    if problems:
        raise DesignError(
            "panel", problems, "give one value a row and leave rows without weight out"
        )
