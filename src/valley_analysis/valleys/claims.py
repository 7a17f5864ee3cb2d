"""Figures that somebody gave: which one is shown and why, which contradict each other, and what
was promised against what was achieved."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

import numpy as np
import pandas as pd

from valley_analysis.errors import ValleyError
from valley_analysis.valleys.dates import Dated, months_between
from valley_analysis.valleys.entries import Claim, Nature, Valley
from valley_analysis.valleys.register import Register

Rule = Literal["latest", "lowest_recent", "highest_recent"]
RULES: tuple[Rule, ...] = get_args(Rule)
RECENT = 183
"""Days before the latest claim within which another one contradicts it."""

_COLUMNS = (
    "valley",
    "metric",
    "value",
    "bound",
    "as_of",
    "first",
    "last",
    "nature",
    "due",
    "part",
    "confidence",
    "source",
    "scope_en",
    "scope_ru",
    "by_en",
    "by_ru",
)


def claims_frame(register: Register, as_of: date) -> pd.DataFrame:
    """Return every claim that describes a date up to `as_of`.

    Returns
    -------
    One row a claim, in the order of the register: valley, metric, value (in the metric's unit),
    bound, as_of (as printed), first, last (days), nature, due, part, confidence, source, and
    scope and author in both languages.
    """
    rows = [
        _row(valley, claim)
        for valley in register.entries
        for claim in valley.claims
        if claim.as_of.first <= as_of
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _row(valley: Valley, claim: Claim) -> tuple[object, ...]:
    scope, by = claim.scope, claim.by
    return (
        valley.id,
        claim.metric,
        claim.value,
        claim.bound,
        str(claim.as_of),
        pd.Timestamp(claim.as_of.first),
        pd.Timestamp(claim.as_of.last),
        claim.nature,
        str(claim.due) if claim.due else "",
        claim.part,
        claim.confidence,
        claim.source or "",
        scope.en if scope else "",
        scope.ru if scope else "",
        by.en if by else "",
        by.ru if by else "",
    )


@dataclass(frozen=True)
class Chosen:
    """The figure shown for a valley and a metric, and what else was said.

    Attributes
    ----------
    value, low, high
        Shown, and the least and greatest of the recent claims.
    row
        The claim it comes from, a row of `claims_frame`.
    rule
        By which it was chosen.
    others
        Recent claims that say something else.
    """

    value: float
    low: float
    high: float
    row: pd.Series
    rule: Rule
    others: pd.DataFrame

    @property
    def conflict(self) -> bool:
        """Whether recent claims differ."""
        return self.low != self.high


def choose(
    claims: pd.DataFrame,
    valley: str,
    metric: str,
    *,
    nature: Nature = "actual",
    part: str = "",
    rule: Rule = "latest",
    recent: int = RECENT,
) -> Chosen | None:
    """Return the figure to show for a valley and a metric.

    Parameters
    ----------
    claims
        What `claims_frame` returns.
    valley, metric, nature, part
        Which figure; the empty part is the valley as a whole.
    rule
        Among the claims of the last `recent` days before the latest one: "latest",
        "lowest_recent" or "highest_recent".
    recent
        Days.

    Returns
    -------
    The figure, or None where nobody gave one.

    Raises
    ------
    ValleyError
        For an unknown rule.

    Examples
    --------
    >>> from valley_analysis.valleys.register import load_register
    >>> told = claims_frame(load_register(), date(2026, 11, 25))
    >>> chosen = choose(told, "russky", "participants")
    >>> chosen.value, chosen.low, chosen.high
    (13.0, 13.0, 16.0)
    """
    if rule not in RULES:
        raise ValleyError(f"rule is {rule!r}; expected one of {', '.join(RULES)}")
    found = claims[
        claims["valley"].eq(valley)
        & claims["metric"].eq(metric)
        & claims["nature"].eq(nature)
        & claims["part"].eq(part)
    ].sort_values(["last", "first"], kind="stable")
    if found.empty:
        return None
    newest = found.iloc[-1]["last"]
    near = found[found["last"] >= newest - timedelta(days=recent)]
    place = {
        "latest": -1,
        "lowest_recent": int(np.argmin(near["value"])),
        "highest_recent": int(np.argmax(near["value"])),
    }[rule]
    row = near.iloc[place]
    others = near[near["value"] != row["value"]]
    low, high = float(near["value"].min()), float(near["value"].max())
    return Chosen(float(row["value"]), low, high, row, rule, others)


def conflicts(claims: pd.DataFrame, recent: int = RECENT) -> pd.DataFrame:
    """Return pairs of claims about one thing that cannot both hold, or hardly.

    Actual figures within `recent` days of each other, and plans and promises for the same due
    date. Parts of a valley are compared with themselves; pairs that one number satisfies, given
    "about" and "more than", are none.

    Returns
    -------
    One row a pair: valley, metric, nature, part, earlier and later value, bound, date, source and
    scope, days between them, and kind: "contradiction", or "revision" where a plan or promise
    of more than `recent` days before was changed.
    """
    keys = ["valley", "metric", "nature", "part"]
    rows = []
    for key, group in claims.sort_values("last", kind="stable").groupby(keys, sort=False):
        told = group.to_dict("records")
        for k, later in enumerate(told):
            for earlier in told[:k]:
                days = (later["last"] - earlier["last"]).days
                if contradict(earlier, later, recent):
                    rows.append(
                        {**dict(zip(keys, key, strict=True)), **_pair(earlier, later, days, recent)}
                    )
    columns = [*keys, *_pair({}, {}, 0, recent)]
    return pd.DataFrame(rows, columns=columns)


def contradict(earlier: dict, later: dict, recent: int = RECENT) -> bool:
    """Return whether two claims about one thing cannot both hold, or hardly; see `conflicts`.

    Parameters
    ----------
    earlier, later
        Rows of `claims_frame` as mappings, of one valley, metric, nature and part.
    recent
        Days between actual figures within which they contradict each other.
    """
    if _compatible(earlier, later):
        return False
    days = (later["last"] - earlier["last"]).days
    return days <= recent if later["nature"] == "actual" else earlier["due"] == later["due"]


def _compatible(one: dict, other: dict) -> bool:
    """Whether one number can satisfy both figures with their bounds; "about" allows a twentieth."""
    low, high = zip(_reach(one), _reach(other), strict=True)
    return max(low) <= min(high)


def _reach(claim: dict) -> tuple[float, float]:
    value = claim["value"]
    slack = 0.05 * abs(value)
    return {
        "exact": (value, value),
        "about": (value - slack, value + slack),
        "more_than": (value, np.inf),
        "less_than": (-np.inf, value),
    }[claim["bound"]]


def _pair(earlier: dict, later: dict, days: int, recent: int) -> dict[str, object]:
    row: dict[str, object] = {}
    for name, claim in (("earlier", earlier), ("later", later)):
        for field in ("value", "bound", "as_of", "source", "scope_en", "scope_ru"):
            row[f"{name}_{field}"] = claim.get(field)
    row["days"] = days
    row["kind"] = "contradiction" if days <= recent else "revision"
    return row


def promised_against_achieved(
    claims: pd.DataFrame, as_of: date, rule: Rule = "latest"
) -> pd.DataFrame:
    """Return every plan and promise beside the latest actual figure of the same thing.

    What was due is held against the latest figure of a date up to then: a number reached years
    later did not keep the promise. One that falls short of it before the due date says nothing
    of that date: "missed" takes a figure of the due date or later that is short as well.

    Returns
    -------
    One row a plan or promise, in the order of the register: the columns of `claims_frame`, and
    achieved, achieved_low, achieved_high, achieved_as_of, achieved_source (missing where nobody
    reported), share (achieved over promised), verdict: "kept", "missed" (due, not reached),
    "untold" (due, short before and no figure of that date or the first later one is not short),
    "reached_early", "open" (not due), "no_date" (no due date was given), "unknown" (due or
    undated, and nobody reported).
    """
    promised = claims[claims["nature"] != "actual"].reset_index(drop=True)
    achieved = [_achieved(claims, row, rule) for row in promised.to_dict("records")]
    table = promised.assign(
        achieved=[one.value if one else np.nan for one in achieved],
        achieved_low=[one.low if one else np.nan for one in achieved],
        achieved_high=[one.high if one else np.nan for one in achieved],
        achieved_as_of=[one.row["as_of"] if one else "" for one in achieved],
        achieved_source=[one.row["source"] if one else "" for one in achieved],
    )
    table["share"] = table["achieved"] / table["value"]
    table["verdict"] = [_verdict(row, claims, as_of) for row in table.to_dict("records")]
    return table


def _achieved(claims: pd.DataFrame, promise: dict, rule: Rule) -> Chosen | None:
    told = claims
    if promise["due"]:
        told = claims[claims["first"] <= pd.Timestamp(Dated.parse(promise["due"]).last)]
    return choose(told, promise["valley"], promise["metric"], part=promise["part"], rule=rule)


def _verdict(row: dict, claims: pd.DataFrame, as_of: date) -> str:
    due = Dated.parse(row["due"]).last if row["due"] else None
    if np.isnan(row["achieved"]):
        return "open" if due and due > as_of else "unknown"
    if row["achieved"] >= row["value"]:
        return "reached_early" if due and due > as_of else "kept"
    if due is None:
        return "no_date"
    if due > as_of:
        return "open"
    return "missed" if _short_after(row, claims, due) else "untold"


def _short_after(promise: dict, claims: pd.DataFrame, due: date) -> bool:
    """Whether the first actual figure of the due date or later is short of the promise."""
    same = claims["nature"].eq("actual") & claims["last"].ge(pd.Timestamp(due))
    for key in ("valley", "metric", "part"):
        same &= claims[key].eq(promise[key])
    later = claims[same].sort_values("last", kind="stable")
    return not later.empty and _reach(later.iloc[0].to_dict())[1] < promise["value"]


def evidence_age(row: pd.Series, as_of: date) -> float:
    """Return how many months old a claim is on a day."""
    return months_between(row["last"].date(), as_of)
