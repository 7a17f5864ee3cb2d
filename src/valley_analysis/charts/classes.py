"""Classes of values: limits, members and colours, the same for every kind of map."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from valley_analysis.charts.style import PAPER, palette
from valley_analysis.errors import ValleyError
from valley_analysis.frames import Scope
from valley_analysis.regions import check_codes
from valley_analysis.text import Lang, number

Scheme = Literal["quantiles", "fisher_jenks"]


@dataclass(frozen=True)
class Classes:
    """Values sorted into classes.

    Attributes
    ----------
    scheme
        "quantiles", "fisher_jenks" or "fixed".
    limits
        Upper limit of each class, itself included; the last is the maximum.
    members
        Class of each unit, from 0; missing where the value is.
    ranges
        Smallest and largest value of each class (its limits, for fixed classes).
    counts
        Units in each class.
    colours
        One for each class, light to dark.
    """

    scheme: str
    limits: tuple[float, ...]
    members: "pd.Series[int]"
    ranges: tuple[tuple[float, float], ...]
    counts: tuple[int, ...]
    colours: tuple[str, ...]

    @property
    def missing(self) -> int:
        """How many units have no value."""
        return int(self.members.isna().sum())

    def colour(self, unit: str) -> str:
        """Return the colour of a unit; paper where it has no value."""
        member = self.members[unit]
        return PAPER if pd.isna(member) else self.colours[int(member)]

    def alike(self, digits: int, lang: Lang) -> bool:
        """Whether a bound prints like the neighbouring class's, because it is rounded."""
        ends = [[number(end, digits, lang) for end in pair] for pair in self.ranges]
        return self.scheme != "fixed" and any(one[1] == other[0] for one, other in pairwise(ends))

    def labels(self, digits: int, lang: Lang) -> list[str]:
        """Return what a legend says of each class: its range and its count."""
        return [
            f"{number(low, digits, lang)} – {number(high, digits, lang)}  ({count})"
            for (low, high), count in zip(self.ranges, self.counts, strict=True)
        ]


def on_scope(values: "pd.Series[float]", scope: Scope) -> "pd.Series[float]":
    """Return values for exactly the units of a scope, missing where there is none.

    Raises
    ------
    UnknownRegionError
        If a code is not in the register.
    """
    check_codes(map(str, values.index), where="values of a map")
    return values.reindex(list(scope.units)).astype(float)


def classify(
    values: "pd.Series[float]", scheme: Scheme | Sequence[float] = "quantiles", k: int = 5
) -> Classes:
    """Sort values into classes.

    Parameters
    ----------
    values
        By unit code; missing values stay outside all classes.
    scheme
        "quantiles" (about equal numbers), "fisher_jenks" (natural breaks), or the upper
        limits of fixed classes.
    k
        Classes wanted (3 to 7); fewer if there are fewer different values.

    Raises
    ------
    ValleyError
        If there is no value at all, the scheme is unknown, or limits do not rise or leave
        values out.

    Examples
    --------
    >>> classify(pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": float("nan")}), k=3).counts
    (1, 1, 1)
    """
    known = values.dropna().astype(float)
    if known.empty:
        raise ValleyError("no unit has a value to classify. Next step: check scope and period.")
    name = scheme if isinstance(scheme, str) else "fixed"
    limits = _limits(known.to_numpy(), scheme, min(k, known.nunique()))
    codes = np.searchsorted(np.array(limits), known.to_numpy() - 1e-12, side="left")
    members = pd.Series(codes, index=known.index).reindex(values.index).astype("Int64")
    counts = tuple(int((codes == code).sum()) for code in range(len(limits)))
    ranges = _ranges(known, codes, limits, name == "fixed")
    return Classes(name, limits, members, ranges, counts, palette(len(limits)))


def _limits(known: np.ndarray, scheme: Scheme | Sequence[float], k: int) -> tuple[float, ...]:
    if not isinstance(scheme, str):
        limits = tuple(float(limit) for limit in scheme)
        if list(limits) != sorted(set(limits)) or limits[-1] < known.max() - 1e-9:
            raise ValleyError(
                f"class limits {limits} should rise and reach the largest value, {known.max():g}"
            )
        return limits
    if scheme == "quantiles":
        found = np.quantile(known, np.arange(1, k + 1) / k)
    elif scheme == "fisher_jenks":
        found = _natural_breaks(known, k)
    else:
        raise ValleyError(f"scheme is {scheme!r}; expected quantiles, fisher_jenks or limits")
    return tuple(float(limit) for limit in np.unique(found))


def _natural_breaks(known: np.ndarray, k: int) -> np.ndarray:
    import warnings

    import mapclassify  # takes seconds to import, so only where it is needed

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Numba not installed")
        return np.asarray(mapclassify.FisherJenks(known, k=k).bins, dtype=float)


def _ranges(
    known: "pd.Series[float]", codes: np.ndarray, limits: tuple[float, ...], fixed: bool
) -> tuple[tuple[float, float], ...]:
    if fixed:
        lows = (min(0.0, float(known.min())), *limits[:-1])
        return tuple(zip(lows, limits, strict=True))
    groups = [known[codes == code] for code in range(len(limits))]
    return tuple((float(group.min()), float(group.max())) for group in groups)
