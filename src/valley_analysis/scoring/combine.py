"""Aggregating indicators up a tree of any depth, each group by its own method.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 6; Mazziotta and
Pareto (2016), On a generalized non-compensatory composite index, Social Indicators Research
127; Copeland scores as in `copeland`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.escape import paragraph
from valley_analysis.scoring import means
from valley_analysis.scoring.copeland import copeland_scores
from valley_analysis.scoring.ranks import TIE
from valley_analysis.scoring.steps import (
    Array,
    blocks,
    checked_frame,
    plain_mapping,
    refuse,
    units_text,
)
from valley_analysis.scoring.structure import Node, Structure

GAPS = ("group", "missing", "present", "scored")


@dataclass(frozen=True)
class Aggregated:
    """Scores of every group of an index.

    Attributes
    ----------
    scores
        Units x groups, the index first.
    leaf_weights
        Units x indicators: share of the unit's index that hangs on each, after weights were
        renormalised over what the unit has (rows sum to 1); missing below a group whose method
        is not linear, and for a unit without a score.
    contributions
        Units x indicators: `leaf_weights` times value; sums to the index where it is linear.
    gaps
        Every group of a unit with children missing: (period,) unit, group, missing, present
        (share of weight), scored (False: below the group's threshold).
    """

    scores: pd.DataFrame
    leaf_weights: pd.DataFrame
    contributions: pd.DataFrame
    gaps: pd.DataFrame

    @property
    def index(self) -> "pd.Series[float]":
        """Score of the whole."""
        return self.scores.iloc[:, 0]

    def _repr_html_(self) -> str:
        lost = int(self.index.isna().sum())
        head = f"{self.scores.columns[0]}: {len(self.scores)} units, {lost} without a score"
        top = self.scores.sort_values(self.scores.columns[0], ascending=False).head(10)
        return str(paragraph(head) + top.round(1).to_html())


@dataclass(frozen=True)
class _Options:
    shift: float
    penalty: int
    ddof: int
    rescale: bool
    parts: list[npt.NDArray[np.intp]]


def aggregate_structure(
    frame: pd.DataFrame,
    structure: Structure,
    *,
    weights: "Mapping[str, float] | pd.Series[float] | None" = None,
    shift: float = 0.0,
    penalty: int = -1,
    ddof: int = 0,
    pooled: bool = False,
    rescale: bool = False,
) -> Aggregated:
    """Evaluate an index from its indicators up.

    With w the shares of a group's children, renormalised over those that the unit has (a unit
    with less than `node.threshold` of the weight has no score in that group):

    - "arithmetic": sum w x.
    - "geometric": exp(sum w ln x), refused where x <= 0.
    - "harmonic": 1 / sum (w / x), refused where x <= 0.
    - "power": (sum w x^p)^(1/p) with p = `node.power`; refused where x < 0, or x <= 0 if
      p <= 0, unless p is 1 or infinite.
    - "copeland": pairwise comparison of units on the group's children, see `copeland`.
    - "mazziotta_pareto": M + penalty S^2 / M, M and S^2 the weighted mean and variance of the
      unit's own children; refused where M < 0.

    A child of weight 0 plays no part, nor do its gaps.

    Parameters
    ----------
    frame
        Normalised values: units, or (period, unit), down; at least the indicators of the
        structure across, more being better.
    structure
        The tree, with the method of each group.
    weights
        Node -> weight, in place of those of the structure.
    shift
        Added to the values before a geometric, harmonic or power mean and taken off its result.
    penalty
        -1 where imbalance should lower the score, 1 where it should raise it.
    ddof
        0 for the variance with n, as in the paper; 1 for n - 1.
    pooled
        Copeland compares (period, unit) rows over all periods instead of within each.
    rescale
        Copeland scores from 0 to 100 instead of wins minus losses.

    Raises
    ------
    FrameError
        With every indicator that the frame lacks and value that a method refuses, by group,
        indicator and unit.
    SpecError
        With every setting that is out of range.

    Examples
    --------
    >>> tree = Structure.from_groups({"one": ("x", "y"), "two": ("z",)})
    >>> frame = pd.DataFrame({"x": [0.0, 50.0], "y": [100.0, np.nan], "z": [30.0, 70.0]})
    >>> result = aggregate_structure(frame, tree)
    >>> result.scores.values.tolist()
    [[40.0, 50.0, 30.0], [60.0, 50.0, 70.0]]
    >>> result.gaps.values.tolist()
    [[1, 'one', 'y', 0.5, True]]
    """
    if weights is not None:
        structure = structure.with_weights(plain_mapping(weights, "aggregate"))
    _check_settings(structure, shift, penalty, ddof)
    table = checked_frame(frame, "aggregate")
    lost = [name for name in structure.leaves if name not in table.columns]
    if lost:
        raise FrameError(
            "aggregate", [f"no indicator {name}" for name in lost], "add them to the frame"
        )
    parts = [at for _, at in blocks(table.index, pooled)]
    tree = _Tree(table, structure, _Options(shift, penalty, ddof, rescale, parts))
    for group in structure.groups:
        tree.score(group)
    if tree.problems:
        raise FrameError("aggregate", tree.problems, "shift these values, or use another method")
    return tree.result()


def _check_settings(structure: Structure, shift: float, penalty: int, ddof: int) -> None:
    problems = []
    if not structure.groups:
        problems.append("the structure holds no group")
    if not np.isfinite(shift):
        problems.append(f"shift {shift}; expected a number")
    if penalty not in (1, -1):
        problems.append(f"penalty {penalty}; expected 1 or -1")
    if ddof not in (0, 1):
        problems.append(f"ddof {ddof}; expected 0 or 1")
    problems += [
        f"{node.name}: power is not a number" for node in structure.nodes if np.isnan(node.power)
    ]
    refuse("aggregate", problems, "correct these settings")


class _Tree:
    """Scores found so far, from the deepest group up."""

    def __init__(self, table: pd.DataFrame, structure: Structure, options: _Options) -> None:
        self.table, self.structure, self.options = table, structure, options
        leaves = list(structure.leaves)
        self.values = {name: table[name].to_numpy() for name in leaves}
        self.shares = {}
        for j, name in enumerate(leaves):
            self.shares[name] = np.zeros((len(table), len(leaves)))
            self.shares[name][:, j] = 1.0
        self.problems: list[str] = []
        self.gaps: list[pd.DataFrame] = []

    def score(self, group: str) -> None:
        node, children = self.structure.by_name[group], self.structure.children(group)
        values = np.column_stack([self.values[name] for name in children])
        nominal = np.array([self.structure.by_name[name].weight for name in children])
        used, present = means.used_weights(values, nominal, node.threshold)
        self._note_gaps(group, values, nominal, used, present)
        if self._refuse(node, children, values, used):
            self.values[group] = np.full(len(values), np.nan)
        elif node.method == "copeland":
            self.values[group] = self._copeland(children, values, nominal, used)
        else:
            self.values[group] = self._mean(node, values, used)
        linear = node.method == "arithmetic" or (node.method == "power" and node.power == 1)
        self.shares[group] = self._leaf_shares(children, used, linear)

    def _mean(self, node: Node, values: Array, used: Array) -> Array:
        shift = self.options.shift
        match node.method:
            case "geometric":
                return means.geometric(values + shift, used) - shift
            case "harmonic":
                return means.harmonic(values + shift, used) - shift
            case "power" if node.power != 1:
                return means.power_mean(values + shift, used, node.power) - shift
            case "mazziotta_pareto":
                return means.mazziotta_pareto(values, used, self.options.penalty, self.options.ddof)
        return means.arithmetic(values, used)

    def _copeland(
        self, children: tuple[str, ...], values: Array, nominal: Array, used: Array
    ) -> Array:
        # Scores of groups were computed and tie as scores do; indicators tie only when equal.
        ties = np.array([TIE if self.structure.children(name) else 0.0 for name in children])
        field = np.where(np.isnan(used), np.nan, values)
        scores = np.full(len(values), np.nan)
        for at in self.options.parts:
            shares = nominal / nominal.sum()
            scores[at] = copeland_scores(field[at], shares, ties, self.options.rescale)
        return scores

    def _refuse(self, node: Node, children: tuple[str, ...], values: Array, used: Array) -> bool:
        found = []
        if node.method == "mazziotta_pareto":
            below = np.flatnonzero(means.arithmetic(values, used) < 0)
            if len(below):
                found.append(f"mean below 0 for {units_text(self.table.index[below])}")
        else:
            shifted = values + self.options.shift
            bad = means.refused(shifted, used, node.method, node.power)
            for j, name in enumerate(children):
                at = np.flatnonzero(bad[:, j])
                if len(at):
                    kind = "below 0" if (shifted[at, j] < 0).all() else "0 or less"
                    found.append(f"{name} is {kind} for {units_text(self.table.index[at])}")
        self.problems += [f"{node.name} ({node.method}): {problem}" for problem in found]
        return bool(found)

    def _leaf_shares(self, children: tuple[str, ...], used: Array, linear: bool) -> Array:
        total = np.zeros_like(self.shares[children[0]])
        for j, name in enumerate(children):
            own = self.shares[name]
            part = used[:, [j]] * own if linear else np.where(own == 0, 0.0, np.nan)
            total += np.where(used[:, [j]] == 0, 0.0, part)
        return total

    def _note_gaps(
        self, group: str, values: Array, nominal: Array, used: Array, present: Array
    ) -> None:
        rows = np.flatnonzero(present < 1 - 1e-12)
        absent = np.isnan(values[rows]) & (nominal > 0)
        names = np.array(self.structure.children(group), dtype=object)
        index = self.table.index[rows]
        keys = (
            {"period": index.get_level_values(0), "unit": index.get_level_values(1)}
            if isinstance(index, pd.MultiIndex)
            else {"unit": index}
        )
        columns = {
            "group": group,
            "missing": [", ".join(map(str, names[each])) for each in absent],
            "present": present[rows],
            "scored": ~np.isnan(used[rows]).any(axis=1),
        }
        self.gaps.append(pd.DataFrame({**keys, **columns}, index=pd.RangeIndex(len(rows))))

    def result(self) -> Aggregated:
        index, leaves = self.table.index, list(self.structure.leaves)
        top = self.structure.top
        order = dict.fromkeys([top, *(node.name for node in self.structure.nodes)])
        scores = {name: self.values[name] for name in order if self.structure.children(name)}
        shares = np.where(np.isnan(self.values[top])[:, None], np.nan, self.shares[top])
        values = self.table[leaves].to_numpy()
        parts = np.where(shares == 0, 0.0, shares * values)
        return Aggregated(
            pd.DataFrame(scores, index),
            pd.DataFrame(shares, index, leaves),
            pd.DataFrame(parts, index, leaves),
            pd.concat(self.gaps, ignore_index=True),
        )
