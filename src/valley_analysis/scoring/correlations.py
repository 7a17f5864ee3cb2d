"""Correlations within and across dimensions, with flags."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from valley_analysis.scoring._linear import Floats, Parts, means, parts_of
from valley_analysis.scoring.index import IndexResult
from valley_analysis.scoring.steps import choose

METHODS = ("pearson", "spearman")
_PAIR = ["level", "kind", "one", "other", "correlation", "limit"]


@dataclass(frozen=True)
class Limits:
    """Where a correlation deserves a flag.

    Attributes
    ----------
    negative
        Below it two indicators of one dimension, or two dimensions, trade off: their average
        hides both.
    weak
        Below it an indicator hardly counts in its dimension, or a dimension in the index.
    collinear
        Above it, within a dimension or between dimensions, the same thing counts twice.
    redundant
        Above it in absolute value, anywhere, one of two indicators could go.

    References
    ----------
    JRC statistical audits of the Global Innovation Index ask for positive correlations inside a
    group, neither weak nor so high that indicators repeat each other; 0.3 and 0.92 are the
    bounds usually quoted for it. COINr 1.1 `get_corr_flags` starts at 0.9.

    Examples
    --------
    >>> Limits().collinear
    0.92
    """

    negative: float = -0.1
    weak: float = 0.3
    collinear: float = 0.92
    redundant: float = 0.9


@dataclass(frozen=True)
class Correlations:
    """Correlations of direction-adjusted, scaled values, over the units that have both.

    Attributes
    ----------
    method
        "pearson" or "spearman".
    indicators
        Square.
    dimensions
        Square, the index (column "score") last.
    own
        Indicators down: dimension, own (with its dimension), rest (with the arithmetic mean of
        its dimension less the indicator itself), index, other (the other dimension it is
        nearest to), with_other.
    flags
        level (within, across, dimensions), kind, one, other, correlation, limit. Kinds:
        negative, collinear; weak (with the own dimension or the index); misplaced (nearer to
        another dimension than to its own); nearer_elsewhere (than to the rest of its own).
    redundant
        one, other, correlation, same (dimension): pairs above `limits.redundant`.
    limits
        What the flags were set by.
    """

    method: str
    indicators: pd.DataFrame
    dimensions: pd.DataFrame
    own: pd.DataFrame
    flags: pd.DataFrame
    redundant: pd.DataFrame
    limits: Limits

    def _repr_html_(self) -> str:
        return str(self.flags.round(2).to_html(index=False))


def correlate(
    result: IndexResult, method: str = "pearson", limits: Limits | None = None
) -> Correlations:
    """Correlate indicators, dimensions and index, and flag what an audit would ask about.

    Parameters
    ----------
    result
        One edition of an index.
    method
        "pearson" or "spearman".
    limits
        Where to flag; the customary ones by default.

    Raises
    ------
    SpecError
        If there is no such method.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 4 (multivariate
    analysis).

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> found = correlate(small_index())
    >>> found.flags.loc[found.flags["kind"] == "negative", ["one", "other"]].values.tolist()
    [['patents', 'exports']]
    """
    choose(method, METHODS, "correlate")
    limits = limits or Limits()
    names, dimensions = list(result.weights.index), list(result.spec.dimensions)
    groups = result.scores[[*dimensions, "score"]]
    rest = pd.DataFrame(_rests(parts_of(result, exact=False)), result.normalised.index, names)
    blocks = {"i": result.normalised, "d": groups, "r": rest}
    table = pd.concat(blocks, axis=1).astype(float).corr(method=method)
    pairs, tops = table.loc["i"]["i"], table.loc["d"]["d"]
    own = _own(table, result.weights["dimension"], dimensions)
    flags = [*_pairs(pairs, own["dimension"], limits), *_members(own, limits)]
    flags += _between(tops, dimensions, limits)
    redundant = _redundant(pairs, own["dimension"], limits.redundant)
    return Correlations(
        method, pairs, tops, own, pd.DataFrame(flags, columns=_PAIR), redundant, limits
    )


def _rests(parts: Parts) -> Floats:
    """Mean of each indicator's dimension without it; missing where it is the only one."""
    known = ~np.isnan(parts.points)
    filled = np.where(known, parts.points, 0.0) * parts.weights
    mine = parts.members.astype(float)
    sums = (known * parts.weights) @ mine.T @ mine - known * parts.weights
    weighted = filled @ mine.T @ mine - filled
    scored = means(parts)[1] @ mine > 0
    enough = scored & (sums > 1e-12 * parts.weights.sum())
    return np.divide(weighted, sums, out=np.full_like(sums, np.nan), where=enough)


def _own(table: pd.DataFrame, dimension: pd.Series, dimensions: list[str]) -> pd.DataFrame:
    """Correlation of each indicator with its dimension, the others and the index."""
    to = table.loc["i"]["d"]
    mine = np.array([to.columns.get_loc(name) for name in dimension])
    rows = np.arange(len(to))
    others = to[dimensions].to_numpy(copy=True)
    values = to.to_numpy()
    found = {"dimension": dimension, "own": values[rows, mine]}
    others[rows, mine] = -np.inf
    others = np.where(np.isnan(others), -np.inf, others)
    best = others.argmax(axis=1)
    some = np.isfinite(others[rows, best])
    return pd.DataFrame(
        found
        | {
            "rest": np.diag(table.loc["i"]["r"].to_numpy()),
            "index": to["score"],
            "other": pd.Series(dimensions).to_numpy(object)[best],
            "with_other": np.where(some, others[rows, best], np.nan),
        },
        index=to.index,
    ).assign(other=lambda t: t["other"].where(some))


def _pairs(pairs: pd.DataFrame, dimension: pd.Series, limits: Limits) -> list[tuple]:
    found: list[tuple] = []
    for one, other in combinations(pairs.columns, 2):
        r, same = float(pairs.loc[one, other]), dimension[one] == dimension[other]
        level = "within" if same else "across"
        if r > limits.collinear:
            found.append((level, "collinear", one, other, r, limits.collinear))
        elif same and r < limits.negative:
            found.append((level, "negative", one, other, r, limits.negative))
    return found


def _members(own: pd.DataFrame, limits: Limits) -> list[tuple]:
    found: list[tuple] = []
    for name, row in own.iterrows():
        if row["own"] < limits.weak:
            found.append(("within", "weak", name, row["dimension"], row["own"], limits.weak))
        if row["with_other"] > row["own"]:
            found.append(("across", "misplaced", name, row["other"], row["with_other"], row["own"]))
        elif row["with_other"] > row["rest"]:
            found.append(
                ("across", "nearer_elsewhere", name, row["other"], row["with_other"], row["rest"])
            )
    return found


def _between(tops: pd.DataFrame, dimensions: list[str], limits: Limits) -> list[tuple]:
    found: list[tuple] = []
    for one, other in combinations(dimensions, 2):
        r = float(tops.loc[one, other])
        if r < limits.negative:
            found.append(("dimensions", "negative", one, other, r, limits.negative))
        if r > limits.collinear:
            found.append(("dimensions", "collinear", one, other, r, limits.collinear))
    for name in dimensions:
        r = float(tops.loc[name, "score"])
        if r < limits.weak:
            found.append(("dimensions", "weak", name, "score", r, limits.weak))
    return found


def _redundant(pairs: pd.DataFrame, dimension: pd.Series, limit: float) -> pd.DataFrame:
    rows = [
        (one, other, float(pairs.loc[one, other]), bool(dimension[one] == dimension[other]))
        for one, other in combinations(pairs.columns, 2)
        if abs(pairs.loc[one, other]) > limit
    ]
    table = pd.DataFrame(rows, columns=["one", "other", "correlation", "same"])
    order = table["correlation"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
