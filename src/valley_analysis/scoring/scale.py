"""Normalising a whole frame: min-max, z-scores, ranks, goalposts, distances, ratios.

Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 5. Direction is
applied first, so that more is better in every result.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.escape import paragraph
from valley_analysis.scoring.scale_methods import NEEDS_SPREAD, SCALERS, Scaled, Table
from valley_analysis.scoring.steps import (
    Array,
    blocks,
    checked_frame,
    choose,
    highest,
    log_cells,
    lowest,
    plain_mapping,
    refuse,
    report_frame,
    units_text,
)

METHODS = tuple(SCALERS)


@dataclass(frozen=True)
class Normalised:
    """A frame on one scale, higher being better.

    Attributes
    ----------
    frame
        Like the one that came in.
    changes
        Values cut at a goalpost, target or limit: (period,) unit, indicator, from, to (in the
        indicator's unit), why. Scaling itself is in `report`.
    report
        Indicators, or (period, indicator), down: direction, n, note, and what the method took
        from the data (worst and best, mean and sd, reference, target, transformed).
    """

    frame: pd.DataFrame
    changes: pd.DataFrame
    report: pd.DataFrame

    def _repr_html_(self) -> str:
        head = f"{self.frame.shape[1]} indicators normalised, {len(self.changes)} values cut"
        return str(paragraph(head) + self.report.to_html())


def normalise_frame(
    frame: pd.DataFrame,
    method: str = "minmax",
    direction: int | Mapping[str, int] = 1,
    *,
    pooled: bool = True,
    unusable: str = "error",
    **settings: object,
) -> Normalised:
    """Bring indicators to one scale on which higher is better.

    With x the value times its direction; all extremes, means and ranks over known values:

    - "minmax" (low=0, high=100): low + (high - low) (x - min) / (max - min).
    - "zscore" (mean=0, sd=1): mean + sd (x - average) / s, s with n - 1.
    - "rank": 1 for the worst, ties share the smallest. "borda": rank - 1.
      "percentile" (scale=1): scale (rank - 1) / (n - 1).
    - "goalposts" (posts, low=0, high=100): min-max between fixed posts, values beyond them
      cut; posts are given as printed, whatever the direction.
    - "reference" (unit): 1 - (ref - x) / (ref - min), ref being that unit's value; its label
      is (period, unit) in a pooled panel.
    - "target" (targets, cap=False): 1 - (target - x) / (target - min), at most 1 with `cap`.
    - "ratio" (national=None, scale=100): scale * value / national, or to the average of the
      units; for direction -1 mirrored, 2 scale - ratio. `national` holds a number an
      indicator, or is a frame of periods x indicators.
    - "eis" (skewness=1, low=0, high=100): as the European Innovation Scoreboard does: the
      square root of columns with skewness above the limit, then min-max.

    Parameters
    ----------
    frame
        Units, or (period, unit), down; indicators across, each in its own unit.
    method
        One of `scale.METHODS`.
    direction
        1, or -1 where less is better: for all, or indicator -> direction.
    pooled
        Take extremes, means and ranks of a (period, unit) frame over all periods, which makes
        periods comparable, or (False) in each period by itself.
    unusable
        "error" to refuse columns without a value, or constant where the method needs a spread;
        "missing" to leave such columns missing, with a note in the report.
    settings
        Those of the method, as above.

    Raises
    ------
    FrameError
        With every repeated unit, infinite value and unusable column.
    SpecError
        With every unknown method, setting, direction and indicator.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1.0, 2.0, 5.0], "y": [9.0, 8.0, 7.0]}, ["a", "b", "c"])
    >>> normalise_frame(frame, "minmax", {"x": 1, "y": -1}).frame.values.tolist()
    [[0.0, 0.0], [25.0, 50.0], [100.0, 100.0]]
    """
    choose(method, METHODS, "normalise")
    scaler = SCALERS[method]
    raw = checked_frame(frame, "normalise")
    if isinstance(direction, Mapping | pd.Series):
        direction = plain_mapping(direction, "normalise")  # type: ignore[assignment]
    problems = [*_direction_problems(raw.columns, direction), *_unknown(settings, scaler)]
    if unusable not in ("error", "missing"):
        problems.append(f"unusable={unusable!r}; expected 'error' or 'missing'")
    refuse("normalise", problems, "correct these settings")
    signs = _signs(raw.columns, direction)
    notes = _unusable(raw, pooled, method in NEEDS_SPREAD)
    if notes and unusable == "error":
        bad = [note if when is None else f"{note} in {when}" for (when, _), note in notes.items()]
        raise FrameError("normalise", bad, 'leave these out, or pass unusable="missing"')
    return _scale(raw, signs, blocks(raw.index, pooled), notes, lambda t: scaler(t, **settings))


Notes = dict[tuple[object, int], str]


def _scale(
    raw: pd.DataFrame,
    signs: Array,
    parts: list[tuple[object, npt.NDArray[np.intp]]],
    notes: Notes,
    scaler: Callable[[Table], Scaled],
) -> Normalised:
    values, rows = raw.to_numpy(), []
    new, kept, why = np.full(values.shape, np.nan), values.copy(), np.full(values.shape, "", object)
    for period, at in parts:
        use = np.array(
            [j for j in range(values.shape[1]) if (period, j) not in notes], dtype=np.intp
        )
        table = Table(values[np.ix_(at, use)], signs[use], raw.index[at], raw.columns[use])
        found = scaler(table) if len(use) else Scaled(table.values, {}, table.values)
        cells = np.ix_(at, use)
        new[cells], kept[cells], why[cells] = found.values, found.kept, found.why
        for j, name in enumerate(raw.columns):
            row: dict[str, object] = {"period": period, "indicator": name, "direction": signs[j]}
            row["n"] = int((~np.isnan(values[at, j])).sum())
            for place in np.flatnonzero(use == j):
                row |= {key: each[place] for key, each in found.parameters.items()}
            rows.append(row | {"note": notes.get((period, j), "")})
    names = [key for key in dict.fromkeys(key for row in rows for key in row) if key not in KEYS]
    changed = (kept != values) & ~np.isnan(values)
    return Normalised(
        frame=pd.DataFrame(new, raw.index, raw.columns),
        changes=log_cells(raw, changed, from_=values, to=kept, why=why),
        report=report_frame(rows, names).astype({"direction": int}),
    )


KEYS = ("period", "indicator")


def _direction_problems(columns: pd.Index, direction: int | Mapping[str, int]) -> Iterator[str]:
    if not isinstance(direction, Mapping | pd.Series):
        if direction not in (1, -1):
            yield f"direction {direction!r}; expected 1 or -1"
        return
    lost = [name for name in columns if name not in direction]
    if lost:
        yield f"no direction for {units_text(lost)}"
    for name, sign in direction.items():
        if name not in columns:
            yield f"direction of {name!r}, which is no indicator of the frame"
        elif sign not in (1, -1):
            yield f"{name}: direction {sign:g}; expected 1 or -1"


def _signs(columns: pd.Index, direction: int | Mapping[str, int]) -> Array:
    if isinstance(direction, Mapping | pd.Series):
        return np.array([float(direction[name]) for name in columns])
    return np.full(len(columns), float(direction))


def _unknown(settings: Mapping[str, object], scaler: Callable[..., Scaled]) -> Iterator[str]:
    known = list(inspect.signature(scaler).parameters.values())[1:]
    names = [each.name for each in known]
    for name in settings:
        if name not in names:
            yield f"unknown setting {name!r}; expected {', '.join(names) or 'none'}"
    for each in known:
        if each.default is each.empty and each.name not in settings:
            yield f"setting {each.name!r} is missing"


def _unusable(raw: pd.DataFrame, pooled: bool, spread: bool) -> Notes:
    """Columns that cannot be normalised, by period and number, with why."""
    notes: Notes = {}
    values = raw.to_numpy()
    for period, at in blocks(raw.index, pooled):
        low, high = lowest(values[at]), highest(values[at])
        for j, name in enumerate(raw.columns):
            if np.isnan(low[j]):
                notes[period, j] = f"{name}: no value"
            elif spread and low[j] == high[j]:
                known = raw.index[at][~np.isnan(values[at, j])]
                notes[period, j] = f"{name}: constant at {low[j]:g} ({units_text(known)})"
    return notes
