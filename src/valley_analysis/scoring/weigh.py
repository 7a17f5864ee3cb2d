"""Weights of indicators: equal, given, or taken from the data.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 6; entropy weights
after Shannon (1948), CRITIC after Diakoulaki, Mavrotas and Papayannakis (1995). Weights that
differ from unit to unit are in `benefit`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.errors import FrameError, SpecError
from valley_analysis.escape import paragraph
from valley_analysis.scoring.steps import (
    Array,
    checked_frame,
    choose,
    highest,
    lowest,
    rescaled,
    units_text,
    weight_shares,
)

METHODS = ("equal", "given", "pca", "entropy", "critic", "random")
ZERO = 1e-9


@dataclass(frozen=True)
class Weights:
    """Weights of indicators.

    Attributes
    ----------
    values
        One an indicator, none negative, summing to 1.
    method
        How they were found.
    changes
        Weights that were set to 0: indicator, from (share before), to, why.
    report
        Indicators down: weight, and what the method saw (loading, entropy, contrast, conflict).
    explained
        Share of the variance that the first component explains, for "pca".
    """

    values: "pd.Series[float]"
    method: str
    changes: pd.DataFrame
    report: pd.DataFrame
    explained: float = float("nan")

    def _repr_html_(self) -> str:
        return str(paragraph(f"Weights, {self.method}") + self.report.to_html())


@dataclass(frozen=True)
class _Found:
    """Raw weights (any sum), what the method saw, and the share explained."""

    raw: Array
    seen: dict[str, Array]
    explained: float = float("nan")


def weights(
    frame: pd.DataFrame,
    method: str = "equal",
    *,
    given: "Mapping[str, float] | pd.Series[float] | None" = None,
    seed: int = 0,
) -> Weights:
    """Weigh indicators.

    The frame should have its direction applied already (more is better in every column).

    - "equal": 1/k.
    - "given": as given, divided by their sum.
    - "pca": loadings of the first principal component of the correlation matrix (pairwise),
      its sign such that they sum to more than 0, divided by their sum. An indicator with a
      negative loading works against the others: it gets weight 0, which `changes` reports,
      never a negative weight.
    - "entropy": 1 - e_j, with e_j = -sum p ln p / ln n and p the shares of the column's total;
      needs values of 0 or more.
    - "critic": s_j sum_k (1 - r_jk), s the standard deviation (n - 1) of the column scaled to
      0-1, r the correlation (pairwise). If all correlate perfectly, equal weights.
    - "random": uniform on the simplex, for tests of robustness.

    Parameters
    ----------
    frame
        Units, or (period, unit), down; indicators across; missing values are left out.
    method
        One of `weigh.METHODS`.
    given
        Indicator -> weight, for "given"; any sum above 0.
    seed
        For "random".

    Raises
    ------
    FrameError
        If the data cannot give weights by this method, with every indicator and unit concerned.
    SpecError
        With every weight that is negative, missing, or of an unknown indicator.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [0.0, 1.0, 2.0], "y": [5.0, 1.0, 9.0]})
    >>> weights(frame, "given", given={"x": 1, "y": 3}).values.to_dict()
    {'x': 0.25, 'y': 0.75}
    """
    choose(method, METHODS, "weights")
    table = checked_frame(frame, "weights")
    if method == "given":
        found = _Found(_given(table.columns, given), {})
    elif method == "random":
        found = _Found(np.random.default_rng(seed).dirichlet(np.ones(table.shape[1])), {})
    else:
        found = _METHODS[method](table)
    kept = np.maximum(found.raw, 0.0)
    values = pd.Series(kept / kept.sum(), table.columns, name="weight")
    negative = found.raw < 0
    changes = pd.DataFrame(
        {
            "indicator": table.columns[negative],
            "from": (found.raw / found.raw.sum())[negative],
            "to": 0.0,
            "why": "negative loading: it works against the other indicators",
        }
    )
    report = pd.DataFrame({"weight": values, **found.seen}, index=table.columns)
    return Weights(values, method, changes, report, found.explained)


def _given(columns: pd.Index, given: "Mapping[str, float] | pd.Series[float] | None") -> Array:
    if given is None:
        raise SpecError(
            "weights", ["method 'given' without weights"], "pass given={indicator: weight}"
        )
    return weight_shares(columns, given, "weights")


def _equal(table: pd.DataFrame) -> _Found:
    return _Found(np.ones(table.shape[1]), {})


def _pca(table: pd.DataFrame) -> _Found:
    correlations = _correlations(table)
    values, vectors = np.linalg.eigh(correlations)
    loadings = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
    total = loadings.sum()
    if abs(total) < ZERO:
        signs = ", ".join(f"{name} {at:+.2f}" for name, at in zip(table, loadings, strict=True))
        problem = f"loadings of the first component cancel ({signs})"
        raise FrameError("weights", [problem], "apply directions first, or use another method")
    loadings = loadings * np.sign(total)
    loadings = np.where(np.abs(loadings) < ZERO, 0.0, loadings)
    return _Found(loadings, {"loading": loadings}, float(values[-1] / len(loadings)))


def _entropy(table: pd.DataFrame) -> _Found:
    _check_spread(table)
    negative = table.to_numpy() < 0
    if negative.any():
        problems = [
            f"{name}: negative for {units_text(table.index[negative[:, j]])}"
            for j, name in enumerate(table.columns)
            if negative[:, j].any()
        ]
        raise FrameError("weights", problems, "normalise to 0 and above first")
    scaled, _ = rescaled(table.to_numpy())
    shares = scaled / np.nansum(scaled, axis=0)
    known = shares > 0
    terms = np.where(known, shares * np.log(np.where(known, shares, 1.0)), 0.0)
    count = table.notna().sum(axis=0).to_numpy()
    entropy = -terms.sum(axis=0) / np.log(count)
    return _Found(np.maximum(1 - entropy, 0.0), {"entropy": entropy})


def _critic(table: pd.DataFrame) -> _Found:
    correlations = _correlations(table)
    scaled, _ = rescaled(table.to_numpy())
    unit = (scaled - lowest(scaled)) / (highest(scaled) - lowest(scaled))
    contrast = np.nanstd(unit, axis=0, ddof=1)
    conflict = (1 - correlations).sum(axis=0)
    raw = contrast * conflict
    if raw.max() < ZERO:  # every pair correlates perfectly: nothing tells them apart
        raw = np.ones_like(raw)
    return _Found(raw, {"contrast": contrast, "conflict": conflict})


def _check_spread(table: pd.DataFrame) -> None:
    problems = []
    for name in table.columns:
        known = table[name].dropna()
        if known.empty:
            problems.append(f"{name}: no value")
        elif known.min() == known.max():
            problems.append(f"{name}: constant at {known.min():g} ({units_text(known.index)})")
    if problems:
        raise FrameError("weights", problems, "leave these indicators out")


def _correlations(table: pd.DataFrame) -> Array:
    """Pairwise correlations; every pair must share rows in which both vary."""
    _check_spread(table)
    scaled, _ = rescaled(table.to_numpy())
    low = lowest(scaled)
    unit = (scaled - low) / (highest(scaled) - low)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = pd.DataFrame(unit, columns=table.columns).corr(min_periods=3).to_numpy(copy=True)
    np.fill_diagonal(found, 1.0)
    unknown = [
        f"{table.columns[i]} and {table.columns[j]}: no correlation (fewer than 3 common units, "
        "or one of them constant there)"
        for i, j in np.argwhere(np.isnan(found))
        if i < j
    ]
    if unknown:
        raise FrameError("weights", unknown, "impute, or leave one of each pair out")
    return np.clip(found, -1.0, 1.0)


_METHODS: dict[str, Callable[[pd.DataFrame], _Found]] = {
    "equal": _equal,
    "pca": _pca,
    "entropy": _entropy,
    "critic": _critic,
}
