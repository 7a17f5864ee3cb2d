"""The methods of `normalise_frame`, on arrays whose columns are indicators."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.scoring.goalposts import Goalposts
from valley_analysis.scoring.steps import (
    Array,
    checked_frame,
    exponents,
    highest,
    is_panel,
    lowest,
    plain_mapping,
    refuse,
    rescaled,
    units_text,
)
from valley_analysis.scoring.treat import skewness_kurtosis

NEXT = "correct these settings"


@dataclass(frozen=True)
class Table:
    """What is scaled together.

    Attributes
    ----------
    values
        Rows x indicators, as printed.
    signs
        Direction of each indicator, 1 or -1.
    rows, columns
        Labels.
    """

    values: Array
    signs: Array
    rows: pd.Index
    columns: pd.Index

    @property
    def adjusted(self) -> Array:
        """Values times direction."""
        return self.values * self.signs


@dataclass(frozen=True)
class Scaled:
    """A table scaled.

    Attributes
    ----------
    values
        Rows x indicators, scaled.
    parameters
        What was taken from the data, one number an indicator each.
    kept
        Values as they entered the scale, in their unit; they differ where they were cut.
    why
        Why a value was cut.
    """

    values: Array
    parameters: Mapping[str, npt.NDArray[np.generic]]
    kept: Array
    why: object = ""


def _between(x: Array, low: Array, high: Array) -> Array:
    """Shares of the way from one value to another, without overflow."""
    powers = exponents(x, low, high)
    x, low, high = (np.ldexp(each, -powers) for each in (x, low, high))
    share: Array = (x - low) / (high - low)
    return share


def _minmax(table: Table, low: float = 0.0, high: float = 100.0) -> Scaled:
    _check_ends(low, high)
    x = table.adjusted
    worst, best = lowest(x), highest(x)
    found = {"worst": worst * table.signs, "best": best * table.signs}
    return Scaled(low + (high - low) * _between(x, worst, best), found, table.values)


def _zscore(table: Table, mean: float = 0.0, sd: float = 1.0) -> Scaled:
    if not sd > 0:
        refuse("normalise", [f"sd {sd}; expected above 0"], NEXT)
    x, powers = rescaled(table.adjusted)
    average = np.nanmean(x, axis=0)
    spread = np.nanstd(x, axis=0, ddof=1)
    found = {
        "mean": np.ldexp(average, powers) * table.signs,
        "sd": np.ldexp(spread, powers),
    }
    return Scaled(mean + sd * (x - average) / spread, found, table.values)


def _places(table: Table) -> Array:
    """Ranks from 1, the worst; ties share the smallest."""
    from scipy.stats import rankdata

    places: Array = rankdata(table.adjusted, method="min", axis=0, nan_policy="omit")
    return places


def _rank(table: Table) -> Scaled:
    return Scaled(_places(table), {}, table.values)


def _borda(table: Table) -> Scaled:
    return Scaled(_places(table) - 1, {}, table.values)


def _percentile(table: Table, scale: float = 1.0) -> Scaled:
    count = (~np.isnan(table.values)).sum(axis=0)
    return Scaled(scale * (_places(table) - 1) / (count - 1), {}, table.values)


def _goalposts(
    table: Table, posts: Mapping[str, object], low: float = 0.0, high: float = 100.0
) -> Scaled:
    _check_ends(low, high)
    if not isinstance(posts, Mapping | pd.Series):
        refuse("normalise", ["posts: expected indicator -> (lower, upper)"], NEXT)
    ends = {name: _pair(posts[name]) for name in table.columns if name in posts}
    problems = [f"no goalposts for {name}" for name in table.columns if name not in ends]
    for name, (first, last) in ends.items():
        if not (np.isfinite(first) and np.isfinite(last) and first < last):
            problems.append(f"{name}: goalposts {first:g} and {last:g}; expected rising")
    refuse("normalise", problems, NEXT)
    lower = np.array([ends[name][0] for name in table.columns])
    upper = np.array([ends[name][1] for name in table.columns])
    kept = np.clip(table.values, lower, upper)
    worst = np.where(table.signs > 0, lower, upper)
    best = np.where(table.signs > 0, upper, lower)
    share = _between(kept, worst, best)
    why = np.where(table.values < lower, "below the lower goalpost", "above the upper goalpost")
    return Scaled(low + (high - low) * share, {"worst": worst, "best": best}, kept, why)


def _pair(posts: object) -> tuple[float, float]:
    """Lower and upper post, from a pair or from `Goalposts`."""
    if isinstance(posts, Goalposts):
        return posts.low, posts.high
    try:
        first, last = cast("tuple[float, float]", posts)
        return float(first), float(last)
    except (TypeError, ValueError):
        return np.nan, np.nan  # refused by name


def _reference(table: Table, unit: object) -> Scaled:
    if unit not in table.rows or (is_panel(table.rows) and not isinstance(unit, tuple)):
        # In a panel by period the same unit serves in each, so its label has no period.
        found = [label for label in table.rows if isinstance(label, tuple) and label[-1] == unit]
        if len(found) != 1:
            problem = f"unit {unit!r} names {len(found)} rows of {units_text(table.rows[:5])}, ..."
            refuse("normalise", [problem], "name one row; (period, unit) in a pooled panel")
        unit = found[0]
    x = table.adjusted
    anchor = x[table.rows.get_loc(unit)]
    least = lowest(x)
    problems = [
        f"{name}: the reference {units_text([unit])} has no value"
        if np.isnan(at)
        else f"{name}: the reference {units_text([unit])} is itself the worst, at {low:g}"
        for name, at, low in zip(table.columns, anchor, least, strict=True)
        if not at > low
    ]
    if problems:
        raise FrameError("normalise", problems, "name another reference unit")
    found_at = {"worst": least * table.signs, "reference": anchor * table.signs}
    return Scaled(_between(x, least, anchor), found_at, table.values)


def _target(table: Table, targets: Mapping[str, float], cap: bool = False) -> Scaled:
    given = _numbers(table.columns, targets, "target")
    x, aim = table.adjusted, given * table.signs
    least = lowest(x)
    problems = [
        f"{name}: target {given[j]:g} is no better than the worst value"
        for j, name in enumerate(table.columns)
        if not aim[j] > least[j]
    ]
    refuse("normalise", problems, NEXT)
    kept = np.minimum(x, aim) if cap else x
    found = {"worst": least * table.signs, "target": given}
    return Scaled(_between(kept, least, aim), found, kept * table.signs, "beyond the target")


def _ratio(
    table: Table,
    national: "Mapping[str, float] | pd.DataFrame | None" = None,
    scale: float = 100.0,
) -> Scaled:
    if not (np.isfinite(scale) and scale > 0):
        refuse("normalise", [f"scale {scale}; expected above 0"], NEXT)
    x, powers = rescaled(table.values)
    if national is None:
        level = np.broadcast_to(np.nanmean(x, axis=0), x.shape)
    elif isinstance(national, pd.DataFrame):
        level = np.ldexp(_by_period(table, national), -powers)
    else:
        level = np.broadcast_to(
            np.ldexp(_numbers(table.columns, national, "national"), -powers), x.shape
        )
    low = lowest(np.where(np.isnan(x), np.nan, level))
    problems = [
        f"{name}: the level to compare with is {at:g}; expected above 0"
        for name, at in zip(table.columns, np.ldexp(low, powers), strict=True)
        if not at > 0
    ]
    if problems:
        raise FrameError("normalise", problems, "use another method for these indicators")
    ratio = scale * x / level
    values = np.where(table.signs > 0, ratio, 2 * scale - ratio)
    high = highest(level)
    found = {"level": np.ldexp(np.where(low == high, low, np.nan), powers)}
    return Scaled(values, found, table.values)


def _eis(table: Table, skewness: float = 1.0, low: float = 0.0, high: float = 100.0) -> Scaled:
    _check_ends(low, high)
    skewed = skewness_kurtosis(table.values)[0] > skewness
    negative = table.values < 0
    problems = [
        f"{name}: negative for {units_text(table.rows[negative[:, j]])}"
        for j, name in enumerate(table.columns)
        if skewed[j] and negative[:, j].any()
    ]
    if problems:
        raise FrameError("normalise", problems, "a skewed column with these has no square root")
    values = np.where(skewed, np.sqrt(np.where(skewed, table.values, 0.0)), table.values)
    found = _minmax(Table(values, table.signs, table.rows, table.columns), low, high)
    parameters: dict[str, npt.NDArray[np.generic]] = {
        key: np.where(skewed, np.where(skewed, each.astype(float), 0.0) ** 2, each)
        for key, each in found.parameters.items()
    }
    return Scaled(found.values, parameters | {"transformed": skewed}, table.values)


def _by_period(table: Table, national: pd.DataFrame) -> Array:
    """Rows of a frame of periods x indicators, one for each row of the table."""
    national = checked_frame(national, "normalise, national")
    problems = [f"no national value of {name}" for name in table.columns if name not in national]
    if not is_panel(table.rows):
        problems.append("national values by period need rows of (period, unit)")
    else:
        periods = table.rows.get_level_values(0)
        lost = periods[~periods.isin(national.index)].unique()
        problems += [f"no national value for {period}" for period in lost]
    refuse("normalise", problems, NEXT)
    found: Array = national.loc[periods, list(table.columns)].to_numpy(dtype=float)
    return found


def _numbers(columns: pd.Index, given: Mapping[str, float], kind: str) -> Array:
    given = plain_mapping(given, "normalise")
    refuse("normalise", _number_problems(columns, given, kind), NEXT)
    return np.array([float(given[name]) for name in columns])


def _number_problems(columns: pd.Index, given: Mapping[str, float], kind: str) -> Iterator[str]:
    for name in columns:
        if name not in given:
            yield f"no {kind} for {name}"
        elif not np.isfinite(given[name]):
            yield f"{name}: {kind} {given[name]}; expected a number"


def _check_ends(low: float, high: float) -> None:
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        refuse("normalise", [f"scale from {low} to {high}; expected rising"], NEXT)


SCALERS: dict[str, Callable[..., Scaled]] = {
    "minmax": _minmax,
    "zscore": _zscore,
    "rank": _rank,
    "borda": _borda,
    "percentile": _percentile,
    "goalposts": _goalposts,
    "reference": _reference,
    "target": _target,
    "ratio": _ratio,
    "eis": _eis,
}
# Methods by which a constant column tells nothing; the others compare with something given.
NEEDS_SPREAD = ("minmax", "zscore", "rank", "borda", "percentile", "reference", "eis")
