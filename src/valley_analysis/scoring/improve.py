"""What would it take: the smallest change in a unit's indicators that gains it some places.

This is arithmetic of the index, not advice: it says which figures would have to be published
for the rank to change while everybody else stands still, not what would bring them about.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valley_analysis.errors import ValleyError
from valley_analysis.escape import paragraph
from valley_analysis.scoring._linear import Floats, unit_shares
from valley_analysis.scoring.brought import nearest
from valley_analysis.scoring.index import IndexResult

Evaluator = Callable[[str, Mapping[str, float]], NDArray[np.float64]]
"""Ranks of a unit in every replication when its indicators have the values given; the same
replications at every call."""

_SLACK = 1e-9


@dataclass(frozen=True)
class Improvement:
    """What it would take a unit to gain places; arithmetic of the index, not causal advice.

    Attributes
    ----------
    unit, places
        What was asked for.
    rank, score
        Where the unit stands.
    target_rank, target_score
        What it needs.
    passed
        The unit that stands there now.
    effort
        What effort is measured in: "sd" or "points".
    alone
        Indicators down, cheapest first: dimension, share (weight in the unit's score), value,
        flag (where the value is imputed its change is a guess too), points, cap (best points that
        count as feasible), target_points, target_value, change (in the indicator's unit), effort,
        state. Targets are those of changing this indicator alone. States: feasible;
        beyond_goalpost, beyond_best (no single change suffices); missing (the unit has no
        value), other_scale (its value was scaled by another method's goalposts), not_asked.
    together
        Indicators that the least-effort combination changes: value, flag, target_value, change,
        points, target_points, gain (in the score), effort. Empty if no combination suffices.
    reachable
        The highest score that the named indicators allow together.
    robust
        Share of replications in which the unit gains the places: "together", then indicators;
        empty without an evaluator.
    """

    unit: str
    places: int
    rank: int
    score: float
    target_rank: int
    target_score: float
    passed: str
    effort: str
    alone: pd.DataFrame
    together: pd.DataFrame
    reachable: float
    robust: "pd.Series[float]"

    @property
    def feasible(self) -> bool:
        """Whether some combination suffices."""
        return len(self.together) > 0

    def _repr_html_(self) -> str:
        head = (
            f"{self.unit} from rank {self.rank} to {self.target_rank}: "
            f"{self.target_score - self.score:.2f} points (arithmetic of the index, not advice)"
        )
        return str(paragraph(head) + self.together.round(2).to_html())


def what_would_it_take(
    result: IndexResult,
    unit: str,
    places: int = 1,
    *,
    indicators: Sequence[str] | None = None,
    peers: Sequence[str] | None = None,
    effort: str = "sd",
    cost: str = "squares",
    margin: float = 1e-6,
    evaluate: Evaluator | None = None,
    evaluate_alone: bool = False,
) -> Improvement:
    """Find the smallest feasible change that gains a unit some places.

    All other units, the goalposts and the weights stay. Exact for weighted arithmetic means. A
    value that lies below the worse goalpost first has to climb to it without any gain; such an
    indicator is reported alone but left out of combinations.

    Parameters
    ----------
    result
        One edition of an index.
    unit
        Its code.
    places
        How many to gain, 1 or more.
    indicators
        Those that may change; all by default.
    peers
        Units whose best value caps a change; all units by default. The better goalpost caps
        it in any case.
    effort
        Measured in standard deviations of the indicator over units ("sd"), or in normalised
        points ("points").
    cost
        What the combination keeps small: the sum of "squares" of efforts (spreads the change)
        or their plain "sum" (takes as few indicators as possible).
    margin
        Points by which the unit must pass the one ahead.
    evaluate
        See `Evaluator`.
    evaluate_alone
        Whether to evaluate each feasible indicator alone, too.

    Raises
    ------
    ValleyError
        If the unit has no rank or cannot gain so many places, a name is unknown, or the index
        is no weighted arithmetic mean.

    Notes
    -----
    "sum" is a continuous knapsack, filled in order of gain per effort; "squares" is water
    filling: the efforts of unlimited indicators are proportional to their gain per effort.
    Both are exact.

    References
    ----------
    Dantzig, G.B. (1957), Discrete-variable extremum problems, Operations Research 5(2),
    266-288. Boyd, S. and Vandenberghe, L. (2004), Convex Optimization, section 5.5.3.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> plan = what_would_it_take(small_index(), "B", 1, cost="sum")
    >>> plan.passed, plan.feasible, plan.together.index.tolist()
    ('A', True, ['jobless'])
    """
    _check(result, unit, indicators, peers, effort, cost)
    rank, target, passed = _target(result, unit, places)
    score = float(result.scores.loc[unit, "score"])
    gap = target + margin - score
    table = _room(result, unit, indicators, peers, effort)
    alone = _alone(table, gap)
    usable = table[(table["state"] == "") & ~(table["raw"] < -_SLACK) & (table["room"] > 0)]
    together = _together(usable, _least(usable, gap, cost))
    return Improvement(
        unit=unit,
        places=places,
        rank=rank,
        score=score,
        target_rank=rank - places,
        target_score=score + gap,
        passed=passed,
        effort=effort,
        alone=alone,
        together=together,
        reachable=score + float((usable["share"] * usable["room"]).sum()),
        robust=_evaluate(evaluate, unit, places, together, alone if evaluate_alone else alone[:0]),
    )


def _check(
    result: IndexResult,
    unit: str,
    indicators: Sequence[str] | None,
    peers: Sequence[str] | None,
    effort: str,
    cost: str,
) -> None:
    unknown = [name for name in indicators or () if name not in result.weights.index]
    known = list(result.scores.index)
    strangers = [] if peers is None else [peer for peer in peers if peer not in known]
    lost, foreign = nearest([unit], known), nearest(unknown, list(result.weights.index))
    wrong = {
        f"unit {lost} is not in scope {result.scope.name!r}": unit not in result.scores.index,
        f"peers {nearest(strangers, known)} are not in the scope": bool(strangers),
        f"{foreign} not among this edition's indicators": bool(unknown),
        f"effort is {effort!r}; expected sd or points": effort not in ("sd", "points"),
        f"cost is {cost!r}; expected squares or sum": cost not in ("squares", "sum"),
    }
    for text, found in wrong.items():
        if found:
            raise ValleyError(f"{text}. Next step: correct this argument.")


def _target(result: IndexResult, unit: str, places: int) -> tuple[int, float, str]:
    """Rank of the unit, and score and name of whom it has to pass."""
    rank = result.scores.loc[unit, "rank"]
    if pd.isna(rank):
        raise ValleyError(f"{unit} has no rank. Next step: choose a unit that has one.")
    if not 1 <= places < int(rank):
        raise ValleyError(
            f"{unit} stands at rank {rank} and cannot gain {places} places. "
            f"Next step: ask for 1 to {int(rank) - 1}."
        )
    others = result.scores["score"].drop(unit).dropna()
    others = others.sort_values(ascending=False, kind="stable")
    place = int(rank) - places - 1
    return int(rank), float(others.iloc[place]), str(others.index[place])


def _room(
    result: IndexResult,
    unit: str,
    indicators: Sequence[str] | None,
    peers: Sequence[str] | None,
    effort: str,
) -> pd.DataFrame:
    """What each indicator could add, and at what effort a point."""
    chosen = result.normalised.loc[list(peers)] if peers else result.normalised
    table = pd.DataFrame(
        {
            "dimension": result.weights["dimension"],
            "direction": result.weights["direction"],
            "share": unit_shares(result).loc[unit],
            "value": result.values.loc[unit].astype(float),
            "flag": result.flags.loc[unit],
            "points": result.normalised.loc[unit],
            "cap": chosen.max().clip(upper=100.0),
        }
    )
    table = table.join(_scale(result, table))
    table["room"] = (table["cap"] - table["points"]).clip(lower=0.0)
    spread = result.values.std() if effort == "sd" else table["unit"].abs()
    table["price"] = table["unit"].abs() / spread  # effort of one point
    same = (table["raw"].clip(0.0, 100.0) - table["points"]).abs() < 1e-6
    table["state"] = np.where(same & np.isfinite(table["price"]), "", "other_scale")
    table.loc[table["points"].isna(), "state"] = "missing"
    if indicators is not None:
        table.loc[~table.index.isin(list(indicators)), "state"] = "not_asked"
    return table


def _scale(result: IndexResult, table: pd.DataFrame) -> pd.DataFrame:
    """Value at 0 points, change in value a point, and points before they are cut to 0-100."""
    names, up = result.weights.index, table["direction"] > 0
    posts = [result.goalposts.get((name, result.lags.loc[name, "method"])) for name in names]
    low = pd.Series([post.low if post else np.nan for post in posts], names)
    high = pd.Series([post.high if post else np.nan for post in posts], names)
    zero, unit = low.where(up, high), (high - low) / 100 * table["direction"]
    return pd.DataFrame({"zero": zero, "unit": unit, "raw": (table["value"] - zero) / unit})


def _alone(table: pd.DataFrame, gap: float) -> pd.DataFrame:
    """Change of each indicator that would do without the others."""
    with np.errstate(divide="ignore"):
        target = table["points"] + gap / table["share"].where(table["share"] > 0, 0.0)
    target = target.where(table["state"] == "")
    value = table["zero"] + target * table["unit"]
    change = value - table["value"]
    state = pd.Series("feasible", table.index)
    state[target > table["cap"] + _SLACK] = "beyond_best"
    state[target > 100 + _SLACK] = "beyond_goalpost"
    state = state.where(table["state"] == "", table["state"])
    found = table[["dimension", "share", "value", "flag", "points", "cap"]].assign(
        target_points=target,
        target_value=value,
        change=change,
        effort=change.abs() / table["unit"].abs() * table["price"],
        state=state,
    )
    finite = found["target_points"].abs() != np.inf
    numbers = ["target_points", "target_value", "change", "effort"]
    found[numbers] = found[numbers].where(finite)
    order = found.assign(last=found["state"] != "feasible").sort_values(["last", "effort"])
    return found.loc[order.index]


def _least(usable: pd.DataFrame, gap: float, cost: str) -> Floats:
    """Points to add to each usable indicator; none if all together do not suffice."""
    gain, room, price = (usable[c].to_numpy(dtype=float) for c in ("share", "room", "price"))
    if not (gain * room).sum() >= gap:
        return np.full(len(gain), np.nan)
    with np.errstate(divide="ignore"):
        if cost == "sum":
            order = np.argsort(-gain / price, kind="stable")
            before = np.concatenate([[0.0], (gain * room)[order].cumsum()[:-1]])
            steps = np.empty_like(room)
            steps[order] = np.clip((gap - before) / gain[order], 0.0, room[order])
            return steps
        full = room * price**2 / gain  # water level at which an indicator is full
    order = np.argsort(full, kind="stable")
    slope = (gain / price) ** 2
    filled = np.concatenate([[0.0], (gain * room)[order].cumsum()])
    rest = np.append(slope[order][::-1].cumsum()[::-1], 0.0)
    levels = np.concatenate([full[order], [np.inf]])
    for place in range(len(gain)):
        level = (gap - filled[place]) / rest[place]
        if level <= levels[place]:
            return np.minimum(room, level * gain / price**2)
    return room


def _together(usable: pd.DataFrame, steps: Floats) -> pd.DataFrame:
    target = usable["points"] + steps
    table = pd.DataFrame(
        {
            "value": usable["value"],
            "flag": usable["flag"],
            "target_value": usable["value"] + steps * usable["unit"],
            "change": steps * usable["unit"],
            "points": usable["points"],
            "target_points": target,
            "gain": steps * usable["share"],
            "effort": steps * usable["price"],
        }
    )
    return table[table["gain"] > 0].sort_values("gain", ascending=False, kind="stable")


def _evaluate(
    evaluate: Evaluator | None,
    unit: str,
    places: int,
    together: pd.DataFrame,
    alone: pd.DataFrame,
) -> "pd.Series[float]":
    if evaluate is None:
        return pd.Series(dtype=float)
    before = evaluate(unit, {})
    plans = {"together": together["target_value"].to_dict()} if len(together) else {}
    for name, row in alone[alone["state"] == "feasible"].iterrows():
        plans[str(name)] = {str(name): float(row["target_value"])}
    shares = {
        name: float((before - evaluate(unit, plan) >= places).mean())
        for name, plan in plans.items()
    }
    return pd.Series(shares, dtype=float)
