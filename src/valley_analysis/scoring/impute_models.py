"""Imputation from other indicators: regression, and a multivariate normal fitted by EM."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.scoring.steps import Array, units_text

SPARE = 3  # rows that a regression needs beyond its coefficients
CONVERGENCE = ("dimension", "rows", "indicators", "iterations", "change", "converged")


@dataclass(frozen=True)
class Filled:
    """Values found for missing cells while a method works; its arrays are filled in place.

    Attributes
    ----------
    values, errors
        Like the frame; standard errors are missing where there is none.
    why
        How a cell was filled, or why it was not.
    convergence
        Of EM, one row a dimension.
    """

    values: Array
    errors: Array
    why: npt.NDArray[np.object_]
    convergence: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CONVERGENCE))

    @classmethod
    def start(cls, values: Array, why: str) -> "Filled":
        """Return a copy in which every missing cell is unfilled for the same reason."""
        reasons = np.where(np.isnan(values), why, "").astype(object)
        return cls(values.copy(), np.full(values.shape, np.nan), reasons)

    def put(
        self,
        rows: "int | npt.NDArray[np.intp]",
        column: int,
        value: "float | Array",
        error: "float | Array",
        why: str,
    ) -> None:
        """Fill cells of one column."""
        self.values[rows, column] = value
        self.errors[rows, column] = error
        self.why[rows, column] = why


def fill_regression(
    values: Array, columns: pd.Index, dimensions: list[tuple[str, list[int]]]
) -> Filled:
    """Predict missing values from the other indicators of the dimension that a row has.

    Parameters
    ----------
    values
        Rows x indicators, of moderate scale.
    columns
        Names of the indicators.
    dimensions
        Name and column numbers of each.
    """
    filled = Filled.start(values, "no other indicator of its dimension is known")
    known = ~np.isnan(values)
    for _, members in dimensions:
        for j in members:
            others = np.array([other for other in members if other != j], dtype=int)
            for rows, use in _patterns(known[:, others], ~known[:, j]):
                if use.any():
                    _predict(filled, values, j, others[use], rows, columns)
    return filled


def _patterns(
    known: npt.NDArray[np.bool_], wanted: npt.NDArray[np.bool_]
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]]:
    """Group the wanted rows by which columns they have."""
    at = np.flatnonzero(wanted)
    if not len(at):
        return []
    found, which = np.unique(known[at], axis=0, return_inverse=True)
    return [(at[which.ravel() == number], use) for number, use in enumerate(found)]


def _predict(
    filled: Filled,
    values: Array,
    target: int,
    use: npt.NDArray[np.intp],
    rows: npt.NDArray[np.intp],
    columns: pd.Index,
) -> None:
    complete = ~np.isnan(values[:, [*use, target]]).any(axis=1)
    names, n = units_text(columns[use]), int(complete.sum())
    if n < len(use) + 1 + SPARE:
        why = f"{n} complete rows for a regression on {names}"
        filled.why[rows, target] = why
        return
    centre, spread = values[complete][:, use].mean(axis=0), values[complete][:, use].std(axis=0)
    constant = np.ptp(values[complete][:, use], axis=0) == 0
    scale = np.where(constant, np.inf, spread)  # a constant predicts nothing

    def design(at: npt.NDArray[np.intp]) -> Array:
        return np.column_stack([np.ones(len(at)), (values[at][:, use] - centre) / scale])

    x, y = design(np.flatnonzero(complete)), values[complete, target]
    slopes, _, rank, _ = np.linalg.lstsq(x, y, rcond=1e-10)
    spare = n - int(rank)
    variance = float(((y - x @ slopes) ** 2).sum()) / spare
    new = design(rows)
    leverage = np.einsum("ij,jk,ik->i", new, np.linalg.pinv(x.T @ x, rcond=1e-10), new)
    error = np.sqrt(variance * (1 + leverage))
    filled.put(rows, target, new @ slopes, error, f"regression on {names} (n = {n})")


def fill_em(
    values: Array,
    dimensions: list[tuple[str, list[int]]],
    tolerance: float,
    iterations: int,
) -> Filled:
    """Replace missing values by their conditional mean under a multivariate normal.

    Parameters
    ----------
    values
        Rows x indicators, of moderate scale.
    dimensions
        Name and column numbers of each; every one is fitted by itself.
    tolerance
        Largest move of a mean or covariance, of standardised values, that ends the fit.
    iterations
        After how many it ends at the latest.
    """
    filled = Filled.start(values, "no value in its dimension")
    table = []
    for name, members in dimensions:
        block = values[:, members]
        bare = (~np.isnan(block)).sum(axis=0) <= SPARE
        for j in np.array(members)[bare]:
            filled.why[np.isnan(values[:, j]), j] = f"its indicator has {SPARE} values or fewer"
        use = np.array(members)[~bare]
        rows = np.flatnonzero(~np.isnan(values[:, use]).all(axis=1))
        if len(rows) <= len(use) + 1:
            if len(use):
                few = f"{len(rows)} rows for {len(use)} indicators"
                for i, j in np.argwhere(np.isnan(values[:, use])):
                    filled.why[i, use[j]] = few
            continue
        row = _fit_block(filled, values, rows, use, tolerance, iterations)
        table.append({"dimension": name, "rows": len(rows), "indicators": len(use)} | row)
    convergence = pd.DataFrame(table, columns=CONVERGENCE)
    return Filled(filled.values, filled.errors, filled.why, convergence)


def _fit_block(
    filled: Filled,
    values: Array,
    rows: npt.NDArray[np.intp],
    use: npt.NDArray[np.intp],
    tolerance: float,
    iterations: int,
) -> dict[str, object]:
    block = values[np.ix_(rows, use)]
    centre, spread = np.nanmean(block, axis=0), np.nanstd(block, axis=0)
    scale = np.where(np.nanmax(block, axis=0) > np.nanmin(block, axis=0), spread, 1.0)
    fitted, deviation, info = _em((block - centre) / scale, tolerance, iterations)
    for i, j in np.argwhere(np.isnan(block)):
        filled.put(
            rows[i],
            use[j],
            centre[j] + scale[j] * fitted[i, j],
            scale[j] * deviation[i, j],
            f"EM on {len(use)} indicators (n = {len(rows)})",
        )
    return info


def _em(x: Array, tolerance: float, iterations: int) -> tuple[Array, Array, dict[str, object]]:
    """Fit mean and covariance; return rows completed, conditional deviations, convergence."""
    n, k = x.shape
    known = ~np.isnan(x)
    patterns = _patterns(known, np.ones(n, dtype=bool))
    mean, covariance = np.zeros(k), np.diag(np.nanvar(x, axis=0))
    change, done = np.inf, 0
    while change > tolerance and done < iterations:
        fitted, variance, extra = _expect(x, patterns, mean, covariance)
        new_mean = fitted.mean(axis=0)
        centred = fitted - new_mean
        new_covariance = (centred.T @ centred + extra) / n
        change = max(np.abs(new_mean - mean).max(), np.abs(new_covariance - covariance).max())
        mean, covariance, done = new_mean, new_covariance, done + 1
    fitted, variance, _ = _expect(x, patterns, mean, covariance)
    info: dict[str, object] = {
        "iterations": done,
        "change": float(change),
        "converged": bool(change <= tolerance),
    }
    return fitted, np.sqrt(np.maximum(variance, 0.0)), info


def _expect(
    x: Array,
    patterns: list[tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]],
    mean: Array,
    covariance: Array,
) -> tuple[Array, Array, Array]:
    """Conditional means and variances of missing cells; sum of conditional covariances."""
    fitted, variance = x.copy(), np.zeros_like(x)
    extra = np.zeros_like(covariance)
    for rows, has in patterns:
        if has.all():
            continue
        lacks = ~has
        slopes = covariance[np.ix_(lacks, has)] @ np.linalg.pinv(
            covariance[np.ix_(has, has)], rcond=1e-10, hermitian=True
        )
        left = covariance[np.ix_(lacks, lacks)] - slopes @ covariance[np.ix_(has, lacks)]
        fitted[np.ix_(rows, lacks)] = mean[lacks] + (x[np.ix_(rows, has)] - mean[has]) @ slopes.T
        variance[np.ix_(rows, lacks)] = np.diag(left)
        extra[np.ix_(lacks, lacks)] += len(rows) * left
    return fitted, variance, extra
