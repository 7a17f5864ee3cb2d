"""Local Moran: which units are alike with, or unlike, their neighbours, beyond chance.

Source: Anselin (1995), Local indicators of spatial association, Geographical Analysis 27(2),
eq. 12 for the statistic and section 3 for conditional permutation.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse, stats

from valley_analysis.errors import DesignError
from valley_analysis.escape import paragraph
from valley_analysis.gate import whole
from valley_analysis.spatial.moran import deviations_of, permuted_rows
from valley_analysis.spatial.weights import SpatialWeights

Adjust = Literal["fdr", "bonferroni", "none"]
QUADRANTS = ("high-high", "low-high", "low-low", "high-low")
NOT_SIGNIFICANT = "not significant"
NO_NEIGHBOURS = "no neighbours"


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """Local Moran statistics of each unit, with p-values adjusted for testing every unit.

    Attributes
    ----------
    table
        By unit: value (standard deviations from the mean), lag (its neighbours' average, on the
        same scale), local (I_i, whose mean is the global I), quadrant (own value, then
        neighbours': "high-low" is a high unit among low ones), p_value (two-sided, conditional
        permutation), p_adjusted. Islands have "no neighbours" and missing numbers.
    statistic
        Global I, the mean of the local ones.
    adjust
        "fdr" (Benjamini and Hochberg), "bonferroni" or "none".
    permutations, seed
        Draws, and their seed.
    """

    table: pd.DataFrame
    statistic: float
    adjust: Adjust
    permutations: int
    seed: int

    def clusters(self, alpha: float = 0.05) -> "pd.Series[str]":
        """Return the quadrant of each unit whose adjusted p-value is at most alpha.

        Parameters
        ----------
        alpha
            Level of the test.

        Returns
        -------
        Series
            By unit: a quadrant, "not significant" or "no neighbours".
        """
        found = self.table["quadrant"]
        shown = (self.table["p_adjusted"] <= alpha) | (found == NO_NEIGHBOURS)
        return found.where(shown, NOT_SIGNIFICANT).rename("cluster")

    def _repr_html_(self) -> str:
        told = (
            f"Local Moran, global I = {self.statistic:.3f}; {self.permutations} conditional "
            f"permutations, seed {self.seed}; p-values two-sided, adjusted: {self.adjust}"
        )
        return paragraph(told) + self.table.to_html(float_format="{:.3f}".format)


def local_moran(
    values: "pd.Series[float]",
    weights: SpatialWeights,
    *,
    permutations: int = 9999,
    seed: int,
    adjust: Adjust = "fdr",
) -> LocalMoran:
    """Return the local Moran statistic of each unit.

    I_i = z_i sum_j w_ij z_j with z standardised by the standard deviation with divisor n (esda
    divides by n - 1, so its values are (n - 1)/n of these). The reference distribution holds a
    unit's own value fixed and draws its neighbours' from all others without replacement.

    Parameters
    ----------
    values
        By unit.
    weights
        Spatial weights that know all these units.
    permutations
        Draws a unit; with m units tested, an adjusted p-value below alpha needs about
        2 m / alpha of them in the worst case.
    seed
        Of the draws.
    adjust
        For testing every unit: "fdr" (false discovery rate, the default), "bonferroni", "none".

    Raises
    ------
    DesignError
        As `moran`; also without any permutation or for another adjustment.

    Examples
    --------
    >>> from valley_analysis.spatial.neighbours import from_pairs
    >>> chain = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    >>> pairs = pd.DataFrame(chain + [pair[::-1] for pair in chain], columns=["focal", "neighbor"])
    >>> values = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0})
    >>> found = local_moran(values, from_pairs(pairs), permutations=99, seed=1)
    >>> found.table["local"].round(9).tolist()
    [1.0, 0.5, 0.0, 0.5, 1.0]
    """
    whole(seed, "seed")
    problems = (
        []
        if whole(permutations, "permutations") >= 1
        else [f"{permutations} permutations; expected one or more"]
    )
    if adjust not in ("fdr", "bonferroni", "none"):
        problems.append(f"adjust {adjust!r}; expected fdr, bonferroni or none")
    if problems:
        raise DesignError("local_moran", problems, "change the argument")
    deviations, matrix, islands = deviations_of(values, weights)
    z = deviations / np.sqrt(np.mean(deviations**2))
    rows = sparse.csr_array(matrix)
    lag = rows @ z
    table = pd.DataFrame({"value": z, "lag": lag, "local": z * lag})
    table["quadrant"] = np.select(
        [(z > 0) & (lag > 0), (z <= 0) & (lag > 0), (z <= 0) & (lag <= 0)],
        QUADRANTS[:3],
        QUADRANTS[3],
    )
    table["p_value"] = _conditional(z, rows, lag, permutations, seed)
    table["p_adjusted"] = _adjusted(table["p_value"].to_numpy(), adjust)
    table.index = values.index[~values.index.isin(islands)]
    every = _with_islands(table, values.index, islands)
    return LocalMoran(every, float(np.mean(z * lag)), adjust, permutations, seed)


def _conditional(
    z: np.ndarray, rows: sparse.csr_array, lag: np.ndarray, permutations: int, seed: int
) -> np.ndarray:
    """Two-sided p-value of each unit: twice the smaller tail of its conditional draws."""
    above, below = np.zeros(len(z), dtype=int), np.zeros(len(z), dtype=int)
    others = np.arange(len(z) - 1)
    # One draw of places serves all units: unit i reads it past its own place, so that its
    # neighbours are drawn from everybody else.
    for drawn in permuted_rows(others, permutations, seed):
        drawn = np.ascontiguousarray(drawn.T)
        for i in range(len(z)):
            share = rows.data[rows.indptr[i] : rows.indptr[i + 1]]
            rest = np.delete(z, i)
            lags = share @ rest[drawn[: len(share)]]
            slack = 1e-12 * max(1.0, abs(lag[i]))
            above[i] += int((lags >= lag[i] - slack).sum())
            below[i] += int((lags <= lag[i] + slack).sum())
    return np.minimum(1.0, 2 * (1 + np.minimum(above, below)) / (1 + permutations))


def _adjusted(p_values: np.ndarray, adjust: Adjust) -> np.ndarray:
    if adjust == "bonferroni":
        return np.minimum(1.0, p_values * len(p_values))
    return stats.false_discovery_control(p_values) if adjust == "fdr" else p_values


def _with_islands(
    table: pd.DataFrame, units: pd.Index, islands: tuple[Hashable, ...]
) -> pd.DataFrame:
    whole = table.reindex(units)
    whole.loc[list(islands), "quadrant"] = NO_NEIGHBOURS
    return whole.rename_axis("unit")
