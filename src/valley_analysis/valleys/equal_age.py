"""Who is ahead of whom at equal age: a partial order that needs no weights."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np
import pandas as pd

from valley_analysis.valleys.ladder import AFTER_DECREE, Ladder

Relation = Literal["ahead", "ahead_if", "level", "mixed", "open", "behind_if", "behind"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)


@dataclass(frozen=True)
class Dominance:
    """Every pair of valleys compared on every step after the decree, at equal age.

    Attributes
    ----------
    as_of
        When.
    relations
        Valleys x valleys, what the row is to the column:

        "ahead"
            On no step later and on one certainly sooner, whatever the unseen steps hide.
        "ahead_if"
            The same if an unseen step is one not reached.
        "level"
            Nothing tells them apart.
        "mixed"
            Each is certainly sooner on some step.
        "open"
            Too little is known.
        "behind", "behind_if"
            The reverse.
    horizons
        Valleys x valleys: the age in months up to which the pair is compared, that of the
        younger one.
    """

    as_of: date
    relations: pd.DataFrame
    horizons: pd.DataFrame

    def edges(self) -> pd.DataFrame:
        """Return the arrows of the diagram: pairs ahead, less those that others imply.

        Returns
        -------
        One row an arrow: ahead, behind, certain.
        """
        certain = self.relations == "ahead"
        either = certain | (self.relations == "ahead_if")
        rows = []
        for one in either.index:
            for other in either.columns[either.loc[one]]:
                between = either.loc[one] & either[other]
                if not between.any():
                    rows.append((one, other, bool(certain.loc[one, other])))
        return pd.DataFrame(rows, columns=["ahead", "behind", "certain"])


def dominance(ladder: Ladder) -> Dominance:
    """Compare valleys on the steps after the decree, at equal age.

    Each step of each valley is the span of months since its decree within which it was reached.
    A step that is implied but not dated lies between the decree and the first step that needs
    it; an unseen one may be any time or never. Spans are cut at the age of the younger valley,
    beyond which nothing is compared.

    Parameters
    ----------
    ladder
        What `ladder` returns.

    Notes
    -----
    A partial order at equal age is all that dates without weights support (cf. Brueggemann
    and Patil, Ranking and Prioritization for Multi-indicator Systems, 2011, ch. 3). "ahead" is
    transitive only among pairs of the same horizon; the diagram draws what was compared.
    """
    spans = _spans(ladder)
    ages = ladder.ages()
    names = ladder.valleys
    relations = pd.DataFrame("level", names, names, dtype=object)
    low, high = (
        pd.DataFrame(np.minimum.outer(ages[end].to_numpy(), ages[end].to_numpy()), names, names)
        for end in ("low", "high")
    )
    for k, one in enumerate(names):
        for other in names[:k]:
            found = _agreed(
                *(
                    _relation(spans[one], spans[other], float(ends.loc[one, other]))
                    for ends in (low, high)
                )
            )
            relations.loc[one, other] = found
            relations.loc[other, one] = _REVERSED[found]
    return Dominance(ladder.as_of, relations, low)


def _agreed(young: Relation, old: Relation) -> Relation:
    """What holds at the least and at the greatest age that a decree's possible days allow."""
    if young == old:
        return young
    for weaker in ("ahead_if", "behind_if"):
        if {young, old} == {weaker, weaker.removesuffix("_if")}:
            return weaker
    return "open"


_REVERSED: dict[Relation, Relation] = {
    "ahead": "behind",
    "behind": "ahead",
    "ahead_if": "behind_if",
    "behind_if": "ahead_if",
    "level": "level",
    "mixed": "mixed",
    "open": "open",
}


def _spans(ladder: Ladder) -> dict[str, pd.DataFrame]:
    """Low and high months to each step, and whether it was seen."""
    return {valley: _spans_of(ladder.steps.loc[valley]) for valley in ladder.valleys}


def _spans_of(steps: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for step in AFTER_DECREE:
        one = steps.loc[step]
        if one["state"] == "dated":
            rows[step] = (max(one["months_low"], 0.0), max(one["months_high"], 0.0), True)
        elif one["state"] == "implied":
            later = steps[(steps["number"] > one["number"]) & (steps["state"] == "dated")]
            rows[step] = (0.0, max(float(later["months_high"].min()), 0.0), True)
        else:
            rows[step] = (0.0, np.inf, False)
    return pd.DataFrame(rows, ["low", "high", "seen"]).T


def _relation(one: pd.DataFrame, other: pd.DataFrame, horizon: float) -> Relation:
    a, b = (table[["low", "high"]].astype(float).clip(upper=horizon) for table in (one, other))
    if_a, if_b = _if_unseen_is_never(one, horizon), _if_unseen_is_never(other, horizon)
    sooner, later = (a["high"] < b["low"]).any(), (b["high"] < a["low"]).any()
    if sooner and later:
        return "mixed"
    if sooner and (a["high"] <= b["low"]).all():
        return "ahead"
    if later and (b["high"] <= a["low"]).all():
        return "behind"
    sooner_if, later_if = (if_a["high"] < if_b["low"]).any(), (if_b["high"] < if_a["low"]).any()
    if sooner_if and (if_a["high"] <= if_b["low"]).all():
        return "ahead_if"
    if later_if and (if_b["high"] <= if_a["low"]).all():
        return "behind_if"
    if sooner_if and later_if:
        return "mixed"
    same = (if_a["low"] == if_b["low"]).all() and (if_a["high"] == if_b["high"]).all()
    return "level" if same else "open"


def _if_unseen_is_never(table: pd.DataFrame, horizon: float) -> pd.DataFrame:
    spans = table[["low", "high"]].astype(float)
    return spans.where(table["seen"].astype(bool), horizon).clip(upper=horizon)
