"""Treating outliers: the skewness and kurtosis rule, winsorising, logarithms, quantiles.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), steps 3 to 5; the rule
itself is the one of the JRC audits of the Global Innovation Index (after Groeneveld and
Meeden 1984) and of COINr.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.escape import paragraph
from valley_analysis.scoring.steps import (
    Array,
    blocks,
    checked_frame,
    choose,
    highest,
    log_changes,
    lowest,
    refuse,
    report_frame,
    rescaled,
)

METHODS = ("winsorise", "quantiles", "log", "box_cox", "none")
FALLBACKS = ("log", "box_cox", "none")
EQUAL = 1e-12  # a moment this close to its limit is at the limit, which does not pass
ENOUGH = 4  # below this kurtosis is not defined
REPORT = (
    "skewness",
    "kurtosis",
    "passes",
    "treatment",
    "moved",
    "parameter",
    "skewness_after",
    "kurtosis_after",
    "passes_after",
    "note",
)


@dataclass(frozen=True)
class Treated:
    """A frame with its outliers treated.

    Attributes
    ----------
    frame
        Like the one that came in; a column in log form has another unit.
    changes
        Every value changed: (period,) unit, indicator, from, to, why.
    report
        Indicators down: skewness, kurtosis, passes (before), treatment, moved (points),
        parameter (lambda of Box-Cox), skewness_after, kurtosis_after, passes_after, note.
    """

    frame: pd.DataFrame
    changes: pd.DataFrame
    report: pd.DataFrame

    def _repr_html_(self) -> str:
        count = int((self.report["treatment"] != "none").sum())
        head = f"{count} of {len(self.report)} columns treated, {len(self.changes)} values changed"
        return str(paragraph(head) + self.report.to_html())


@dataclass(frozen=True)
class _Rule:
    """When a column passes, and what is done to one that does not."""

    method: str
    skewness: float
    kurtosis: float
    winmax: int
    fallback: str
    quantiles: tuple[float, float]
    only_failing: bool

    def passes(self, column: Array) -> bool:
        skew, kurt = skewness_kurtosis(column[:, None])
        # One far value among four has a skewness of exactly 2, however it rounds.
        return bool(abs(skew[0]) < self.skewness - EQUAL or kurt[0] < self.kurtosis - EQUAL)

    def problems(self) -> Iterator[str]:
        if not self.skewness > 0:
            yield f"skewness {self.skewness}; expected above 0"
        if np.isnan(self.kurtosis):
            yield "kurtosis is not a number"
        if not (np.isfinite(self.winmax) and self.winmax == int(self.winmax) and self.winmax >= 0):
            yield f"winmax {self.winmax}; expected a whole number of 0 or more"
        if self.fallback not in FALLBACKS:
            yield f"fallback {self.fallback!r}; expected one of {', '.join(FALLBACKS)}"
        low, high = self.quantiles
        if not 0 <= low < high <= 1:
            yield f"quantiles {low} and {high}; expected rising, from 0 to 1"


def treat(
    frame: pd.DataFrame,
    method: str = "winsorise",
    skewness: float = 2.0,
    kurtosis: float = 3.5,
    winmax: int = 5,
    *,
    fallback: str = "log",
    quantiles: tuple[float, float] = (0.05, 0.95),
    only_failing: bool = False,
    pooled: bool = True,
) -> Treated:
    """Treat the outliers of each indicator.

    A column passes if |skewness| < 2 or excess kurtosis < 3.5 (type 2, see
    `skewness_kurtosis`). Fewer than four values, or one value only, cannot be judged: the
    column is left as it is and the report says so.

    - "winsorise": while a column fails and fewer than `winmax` points have been moved, all
      points tied at the extreme on the skewed side take the next value (ties can carry the
      count beyond `winmax`). If it still fails, the *original* column takes the form of
      `fallback`. A column that would collapse to one value is left and reported.
    - "log": ln(x - min + 0.01 (max - min)).
    - "box_cox": (y^l - 1) / l of y = (x - min) / (max - min) + 0.01, l of largest likelihood
      in [-5, 5] (Box and Cox 1964).
    - "quantiles": cut at two quantiles (type 7, numpy's default).
    - "none".

    Parameters
    ----------
    frame
        Units, or (period, unit), down; indicators across, each in its own unit.
    method
        One of `treat.METHODS`. All but "winsorise" touch every column.
    skewness, kurtosis
        Limits of the rule.
    winmax
        Points that may be moved.
    fallback
        "log", "box_cox" or "none", for a column that still fails.
    quantiles
        Lower and upper cut.
    only_failing
        Leave columns that pass alone in every method.
    pooled
        Judge a (period, unit) frame over all periods, or (False) each period by itself.

    Raises
    ------
    FrameError
        With every repeated unit, infinite value and column that is not numeric.
    SpecError
        With every setting that is out of range.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [*range(1, 13), 30.0, 100.0]}).astype(float)
    >>> treated = treat(frame)
    >>> treated.changes[["unit", "from", "to"]].to_numpy().tolist()
    [[13.0, 100.0, 30.0]]
    >>> treated.report.loc["x", "treatment"]
    'winsorised'
    """
    choose(method, METHODS, "treat")
    rule = _Rule(method, skewness, kurtosis, winmax, fallback, quantiles, only_failing)
    refuse("treat", rule.problems(), "correct these settings")
    before = checked_frame(frame, "treat")
    old = before.to_numpy()
    new, why, rows = old.copy(), np.full(old.shape, "", dtype=object), []
    for period, at in blocks(before.index, pooled):
        for j, name in enumerate(before.columns):
            values, row = _treat_column(old[at, j], rule)
            new[at, j], why[at, j] = values, row["treatment"]
            rows.append({"period": period, "indicator": name, **row})
    report = report_frame(rows, REPORT).astype({"passes": "boolean", "passes_after": "boolean"})
    return Treated(
        pd.DataFrame(new, before.index, before.columns), log_changes(before, new, why), report
    )


def skewness_kurtosis(values: Array) -> tuple[Array, Array]:
    """Return skewness and excess kurtosis of columns, type 2 (as in SAS and Excel).

    With g1 = m3 / m2^1.5 and g2 = m4 / m2^2 - 3: G1 = g1 sqrt(n (n-1)) / (n-2) and
    G2 = (n-1) ((n+1) g2 + 6) / ((n-2) (n-3)). Source: Joanes and Gill (1998). Missing values
    are left out; the result is missing for a constant column and for n < 3 or n < 4.

    Examples
    --------
    >>> skew, kurt = skewness_kurtosis(np.array([[1.0], [2.0], [3.0], [10.0]]))
    >>> skew.round(6).tolist(), kurt.round(6).tolist()
    ([1.763633], [3.228])
    """
    n = (~np.isnan(values)).sum(axis=0).astype(float)
    scaled, _ = rescaled(values)
    low = lowest(scaled)
    spread = highest(scaled) - low
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = (scaled - low) / np.where(spread > 0, spread, np.nan)
        centred = unit - np.nansum(unit, axis=0) / n
        m2, m3, m4 = (np.nansum(centred**power, axis=0) / n for power in (2, 3, 4))
        skew = m3 / m2**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
        kurt = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / m2**2 - 3) + 6)
    differ = spread > 0
    return np.where(differ & (n > 2), skew, np.nan), np.where(differ & (n > 3), kurt, np.nan)


def log_form(column: Array) -> Array:
    """Return ln(x - min + 0.01 (max - min)), computed so that no scale overflows.

    Examples
    --------
    >>> log_form(np.array([0.0, 99.0, 100.0])).round(6).tolist()
    [0.0, 4.60517, 4.615121]
    """
    share, spread = _unit_range(column)
    form: Array = spread + np.log(share + 0.01)
    return form


def box_cox(column: Array) -> tuple[Array, float]:
    """Return the Box-Cox form of (x - min) / (max - min) + 0.01, and its lambda.

    Examples
    --------
    >>> form, power = box_cox(np.exp(np.linspace(0, 3, 30)))
    >>> -0.2 < power < 0.3
    True
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import boxcox

    positive = _unit_range(column)[0] + 0.01
    known = positive[~np.isnan(positive)]
    logs = np.log(known).sum()

    def unlikely(power: float) -> float:
        variance = float(np.var(boxcox(known, power)))
        return len(known) / 2 * np.log(variance) - (power - 1) * logs

    power = float(minimize_scalar(unlikely, bounds=(-5, 5), method="bounded").x)
    return boxcox(positive, power), power


def _unit_range(column: Array) -> tuple[Array, float]:
    """A column as shares of its range, and the logarithm of the range."""
    scaled, powers = rescaled(column[:, None])
    low, high = lowest(scaled), highest(scaled)
    spread = high - low
    return ((scaled - low) / spread)[:, 0], float(np.log(spread[0]) + powers[0] * np.log(2))


def _treat_column(column: Array, rule: _Rule) -> tuple[Array, dict[str, object]]:
    skew, kurt = (float(each[0]) for each in skewness_kurtosis(column[:, None]))
    row: dict[str, object] = {"skewness": skew, "kurtosis": kurt, "parameter": np.nan, "note": ""}
    note = _unjudged(column)
    new, treatment = column, "none"
    if note:
        row |= {"passes": pd.NA, "passes_after": pd.NA}
    else:
        passes = row["passes"] = rule.passes(column)
        if rule.method != "none" and not (
            passes and (rule.only_failing or rule.method == "winsorise")
        ):
            new, treatment, note, row["parameter"] = _METHODS[rule.method](column, rule)
        row["passes_after"] = rule.passes(new)
    after = (float(each[0]) for each in skewness_kurtosis(new[:, None]))
    row["skewness_after"], row["kurtosis_after"] = after
    moved = int(((new != column) & ~np.isnan(column)).sum())
    return new, row | {"treatment": treatment, "moved": moved, "note": note}


def _unjudged(column: Array) -> str:
    """Why a column cannot be judged; empty if it can."""
    known = column[~np.isnan(column)]
    if not len(known):
        return "no value"
    if known.min() == known.max():
        return "constant"
    return "" if len(known) >= ENOUGH else f"fewer than {ENOUGH} values"


_Outcome = tuple[Array, str, str, float]  # values, treatment, note, parameter
COLLAPSE = "left: would collapse to one value"


def _winsorise(column: Array, rule: _Rule) -> _Outcome:
    moved = column.copy()
    known = ~np.isnan(column)
    while not rule.passes(moved) and (moved[known] != column[known]).sum() < rule.winmax:
        top = skewness_kurtosis(moved[:, None])[0][0] >= 0
        extreme = moved[known].max() if top else moved[known].min()
        rest = moved[known & (moved != extreme)]
        moved[moved == extreme] = rest.max() if top else rest.min()
        if rest.min() == rest.max():
            return column, "none", COLLAPSE, np.nan
    if rule.passes(moved):
        return moved, "winsorised", "", np.nan
    if rule.fallback == "none":
        return moved, "winsorised", "still fails", np.nan
    new, treatment, _, parameter = _METHODS[rule.fallback](column, rule)
    return new, treatment, "" if rule.passes(new) else "still fails", parameter


def _log(column: Array, rule: _Rule) -> _Outcome:
    return log_form(column), "log", "", np.nan


def _box_cox(column: Array, rule: _Rule) -> _Outcome:
    form, power = box_cox(column)
    return form, "box_cox", "", power


def _cut(column: Array, rule: _Rule) -> _Outcome:
    scaled, powers = rescaled(column[:, None])
    cuts = np.ldexp(np.nanquantile(scaled[:, 0], rule.quantiles), powers[0])
    if cuts[0] == cuts[1]:
        return column, "none", COLLAPSE, np.nan
    return np.clip(column, *cuts), "quantiles", "", np.nan


_METHODS: dict[str, Callable[[Array, _Rule], _Outcome]] = {
    "winsorise": _winsorise,
    "quantiles": _cut,
    "log": _log,
    "box_cox": _box_cox,
}
