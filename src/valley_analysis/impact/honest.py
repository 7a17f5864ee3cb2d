"""How large a violation of parallel trends the conclusion survives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.escape import paragraph
from valley_analysis.impact import relative_magnitudes as magnitudes
from valley_analysis.impact.entry import entry
from valley_analysis.impact.panel_fit import degrees_of_freedom
from valley_analysis.impact.pretrend import Path, event_path
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.smoothness import Bends

Kind = Literal["relative_magnitudes", "smoothness"]
Quantiles = Literal["t", "normal"]
_GRIDS = {
    "relative_magnitudes": (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0),
    "smoothness": (0.0, 0.05, 0.1, 0.2, 0.3, 0.5),
}
_INFERENCE = {
    "relative_magnitudes": "conditional least-favourable hybrid test (C-LF), inverted",
    "smoothness": "fixed-length interval around the optimal affine estimator (FLCI)",
}
_MEANING = {
    "relative_magnitudes": "times the largest step between neighbouring periods before",
    "smoothness": "change of the slope of the difference in trends per period",
}

_LARGEST = 1e4


@dataclass(frozen=True)
class HonestResult:
    """Intervals of an effect under bounded violations of parallel trends.

    Attributes
    ----------
    kind
        "relative_magnitudes" or "smoothness".
    outcome, target
        What was explained; which effect is bounded, in words.
    estimate
        The estimate under exactly parallel trends.
    table
        One row a bound: ``m, low, high``.
    breakdown
        Smallest bound at which the interval takes in zero: 0 if it does so under exactly
        parallel trends (relative magnitudes) or straight ones (smoothness); infinite if none
        that was tried does.
    text
        The finding in one English sentence.
    facts
        Its numbers by name.
    inference
        Which intervals.
    level
        Their coverage.
    notes
        What was assumed.
    """

    kind: Kind
    outcome: str
    target: str
    estimate: float
    table: pd.DataFrame
    breakdown: float
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    inference: str = ""
    level: float = 0.95
    notes: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        lines = [self.text, f"{self.target}; {self.inference}", *self.notes]
        told = "".join(paragraph(line) for line in lines)
        return told + self.table.to_html(float_format="{:.4g}".format, index=False)


@entry
def honest_did(
    result: EffectResult,
    *,
    kind: Kind = "relative_magnitudes",
    grid: Sequence[float] | None = None,
    level: float = 0.95,
    target: str | None = None,
    quantiles: Quantiles = "t",
) -> HonestResult:
    """Bound an effect when trends may differ after the event as they did before.

    Parameters
    ----------
    result
        From `event_study`, or from `group_time_att` with ``base="universal"``.
    kind
        "relative_magnitudes": a step of the difference in trends from one period to the next
        after the event is at most m times the largest such step before (Rambachan and Roth
        2023, section 2.4.1). "smoothness": its slope changes by at most m a period (2.4.2).
    grid
        Values of m; by default 0 to 2, or 0 to half a standard error of the target.
    level
        Coverage.
    target
        A row after the event; by default the mean of all of them.
    quantiles
        "t": with few clusters the covariance is scaled so that the normal quantile becomes the t
        quantile of the result, a conservative correction of ours. "normal": none, as published.

    Returns
    -------
    HonestResult
        Relative magnitudes use the C-LF hybrid test, smoothness the FLCI, as the authors
        recommend. ``inference`` says with which quantiles.

    Raises
    ------
    DesignError
        If there is no path, none of it lies before or after the event, or it is unevenly
        spaced, or the grid has a bound below zero.

    Examples
    --------
    >>> from valley_analysis.impact.event_study import event_study
    >>> rng = np.random.default_rng(0)
    >>> panel = pd.DataFrame([(u, t) for u in range(40) for t in range(7)], columns=["u", "t"])
    >>> panel = panel.assign(x=panel.u / 40, y=rng.normal(0, 0.1, 280))
    >>> panel["y"] += (panel.t >= 5) * panel.x
    >>> result = event_study(panel, unit="u", period="t", outcome="y", exposure="x", reference=4)
    >>> bounds = honest_did(result, grid=[0, 1])
    >>> bool(bounds.table.low[0] > 0), bool(bounds.breakdown > 1)
    (True, True)
    """
    path = event_path(result)
    weights, name = _target(path, target)
    _usable(result, path, kind, grid)
    scale, said = _quantiles(result, level, quantiles)
    path = replace(path, covariance=path.covariance * scale)
    deviation = _deviation(path, weights)
    alpha = 1 - level
    bounds = _bounds(path, weights, kind, alpha)
    unit = deviation if kind == "smoothness" else 1.0
    values = [float(m) for m in grid] if grid is not None else [m * unit for m in _GRIDS[kind]]
    rows = [(m, *bounds(m)) for m in values]
    breakdown = _breakdown(_zero(path, weights, kind, alpha, bounds), 0.05 * unit)
    estimate = float(weights @ path.estimate[~path.before])
    return HonestResult(
        kind=kind,
        outcome=result.outcome,
        target=f"{name} of {result.method} on {result.outcome}",
        estimate=estimate,
        table=pd.DataFrame(rows, columns=["m", "low", "high"]),
        breakdown=breakdown,
        text=_text(kind, breakdown),
        facts={"kind": kind, "breakdown": breakdown, "estimate": estimate, "target": name},
        inference=f"{_INFERENCE[kind]}; {said}",
        level=level,
        notes=(f"m: {_MEANING[kind]} the event.",)
        if kind == "relative_magnitudes"
        else (f"m: {_MEANING[kind]}; at m = 0 trends differ by a straight line.",),
    )


def _target(path: Path, target: str | None) -> tuple[np.ndarray, str]:
    after = [term for term, lead in zip(path.terms, path.before, strict=True) if not lead]
    if target is None:
        return np.full(len(after), 1 / max(len(after), 1)), "mean effect after"
    if target not in after:
        raise DesignError(
            "target",
            [f"no row {target!r} after the event; found {', '.join(after)}"],
            "name one of them, or leave it out for their mean",
        )
    return np.array([float(term == target) for term in after]), f"effect in {target}"


def _usable(result: EffectResult, path: Path, kind: Kind, grid: Sequence[float] | None) -> None:
    time = np.sort(np.append(path.time, path.reference))
    problems = []
    if kind not in _GRIDS:
        problems.append(f"kind {kind!r}; expected {' or '.join(_GRIDS)}")
    if path.before.all() or not path.before.any():
        where = "after" if path.before.all() else "before"
        problems.append(f"no estimate {where} the event, beside the reference")
    gaps = np.diff(time)
    if not np.allclose(gaps, gaps[0]):
        ends = ", ".join(f"{end:g}" for end in time[1:][gaps > gaps.min()])
        problems.append(
            f"periods are unevenly spaced: gaps end at event times {ends}; "
            "a step over a gap is no step between neighbours"
        )
    if grid is not None and not (len(grid) and all(0 <= m < np.inf for m in grid)):
        problems.append(f"grid {list(grid)}; expected bounds from zero on, finite ones")
    elif grid is not None and kind == "relative_magnitudes" and max(grid) > _LARGEST:
        problems.append(f"grid up to {max(grid):g}; expected multiples of at most {_LARGEST:g}")
    if problems:
        raise DesignError(f"result of {result.method}", problems, "use evenly spaced periods")


def _quantiles(result: EffectResult, level: float, quantiles: str) -> tuple[float, str]:
    """Return what the covariance is multiplied by, and the quantiles in words."""
    df = degrees_of_freedom(result)
    if quantiles not in ("t", "normal"):
        problems = [f"quantiles={quantiles!r}; expected 't' or 'normal'"]
        raise DesignError("honest bounds", problems, "choose one of them")
    if quantiles == "normal" or np.isinf(df):
        return 1.0, "normal quantiles"
    upper = 0.5 + level / 2
    scale = float((stats.t.ppf(upper, df) / stats.norm.ppf(upper)) ** 2)
    return scale, f"t quantiles with {df:g} degrees of freedom"


def _deviation(path: Path, weights: np.ndarray) -> float:
    after = path.covariance[np.ix_(~path.before, ~path.before)]
    return float(np.sqrt(weights @ after @ weights))


def _bounds(
    path: Path, weights: np.ndarray, kind: Kind, alpha: float
) -> Callable[[float], tuple[float, float]]:
    if kind == "smoothness":
        bends = Bends(path, weights)
        return lambda m: bends.interval(m, alpha)
    found = magnitudes.steps(path, weights)
    return lambda m: magnitudes.HonestTest(found, m, alpha).interval()


def _zero(
    path: Path,
    weights: np.ndarray,
    kind: Kind,
    alpha: float,
    bounds: Callable[[float], tuple[float, float]],
) -> Callable[[float], bool]:
    """Return whether the interval under a bound takes in zero."""
    if kind == "smoothness":

        def takes_in(m: float) -> bool:
            low, high = bounds(m)
            return low <= 0 <= high

        return takes_in
    found = magnitudes.steps(path, weights)
    return lambda m: bool(magnitudes.HonestTest(found, m, alpha).accepts(np.zeros(1))[0])


def _breakdown(takes_in_zero: Callable[[float], bool], first: float) -> float:
    if takes_in_zero(0.0):
        return 0.0
    low, high = 0.0, first
    while not takes_in_zero(high):
        low, high = high, 1.5 * high
        if high > 1e5 * first:
            return float("inf")
    while high - low > 1e-3 * high:
        middle = (low + high) / 2
        if takes_in_zero(middle):
            high = middle
        else:
            low = middle
    return low


def _text(kind: Kind, breakdown: float) -> str:
    if breakdown == 0:
        trend = "parallel" if kind == "relative_magnitudes" else "straight"
        return f"The interval takes in zero already with exactly {trend} trends."
    if np.isinf(breakdown):
        return "The interval leaves out zero under every bound that was tried."
    if kind == "relative_magnitudes":
        return (
            "The interval leaves out zero as long as trends part after the event by at most "
            f"{breakdown:.2f} times the largest step before."
        )
    return (
        "The interval leaves out zero as long as the slope of the difference in trends changes "
        f"by at most {breakdown:.3g} a period."
    )
