"""Performance groups: leaders to followers, by rule."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valley_analysis.errors import SpecError
from valley_analysis.escape import paragraph
from valley_analysis.scoring._linear import Floats
from valley_analysis.scoring.brought import numbers_of, plain_table
from valley_analysis.scoring.jenks import jenks_borders
from valley_analysis.scoring.ranks import TIE

KINDS = ("mean", "leader", "quantiles", "jenks")


@dataclass(frozen=True)
class GroupRule:
    """How scores are cut into groups; group 1 is the best.

    Attributes
    ----------
    name
        What reports call it.
    kind
        "mean": shares of the units' mean score; "leader": shares of the best score;
        "quantiles": quantiles of the scores (type 7); "jenks": natural breaks.
    cuts
        Borders from the top down: shares, or quantiles. None for "jenks".
    count
        Groups; follows from the cuts, needed for "jenks".
    labels
        Names of the groups, best first; optional.

    Raises
    ------
    SpecError
        With everything that contradicts itself.

    Examples
    --------
    >>> EIS.cuts, EIS.count
    ((1.25, 1.0, 0.7), 4)
    """

    name: str
    kind: str
    cuts: tuple[float, ...] = ()
    count: int = 0
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind != "jenks" and not self.count:
            object.__setattr__(self, "count", len(self.cuts) + 1)
        problems = list(self._problems())
        if problems:
            raise SpecError(f"rule of groups {self.name!r}", problems, "correct these settings")

    @property
    def names(self) -> tuple[str, ...]:
        """Labels of the groups, or their numbers, best first."""
        return self.labels or tuple(str(number + 1) for number in range(self.count))

    def _problems(self) -> list[str]:
        falling = all(one > other for one, other in zip(self.cuts, self.cuts[1:], strict=False))
        checks = {
            f"kind {self.kind!r}; expected one of {', '.join(KINDS)}": self.kind not in KINDS,
            f"count {self.count}; expected 2 or more": self.count < 2,
            f"cuts {self.cuts}; expected falling numbers": not falling,
            f"cuts {self.cuts} with count {self.count}; expected one cut fewer than groups": (
                self.kind != "jenks" and len(self.cuts) != self.count - 1
            ),
            f"cuts {self.cuts}; natural breaks take none": self.kind == "jenks" and bool(self.cuts),
            f"cuts {self.cuts}; expected quantiles between 0 and 1": self.kind == "quantiles"
            and not all(0 < cut < 1 for cut in self.cuts),
            f"labels {self.labels}; expected one a group": bool(self.labels)
            and len(self.labels) != self.count,
        }
        return [text for text, wrong in checks.items() if wrong]


EIS = GroupRule(
    "eis", "mean", (1.25, 1.0, 0.7), labels=("leader", "strong", "moderate", "emerging")
)
"""European Innovation Scoreboard: above 125 %, 100-125 %, 70-100 %, below 70 % of the mean."""

AIRR = GroupRule(
    "airr",
    "mean",
    (1.4, 1.1, 0.9, 0.6),
    labels=("strong", "medium_strong", "medium", "medium_weak", "weak"),
)
"""AIRR i-Region: above 140 %, 110-140 %, 90-110 %, 60-90 %, below 60 % of the mean."""

HSE = GroupRule("hse", "leader", (0.8, 0.6, 0.4))
"""HSE: the leader and all within 20 % of its score, then steps of 20 %."""

QUARTILES = GroupRule("quartiles", "quantiles", (0.75, 0.5, 0.25))
"""Four groups of about as many units each."""

JENKS = GroupRule("jenks", "jenks", count=4)
"""Four groups with the least spread inside."""


@dataclass(frozen=True)
class Groups:
    """Units in groups.

    Attributes
    ----------
    rule
        By which they were cut.
    groups
        Unit -> group, 1 is the best; none for a unit without a score.
    borders
        Groups down: label, least (score at which it begins), most (at which the better one
        begins), units (how many).
    """

    rule: GroupRule
    groups: "pd.Series[int]"
    borders: pd.DataFrame

    def members(self, group: int) -> tuple[str, ...]:
        """Return the units of a group."""
        return tuple(self.groups.index[(self.groups == group).fillna(False)])

    def _repr_html_(self) -> str:
        return str(paragraph(f"Groups by {self.rule.name}") + self.borders.round(2).to_html())


def group_units(scores: "pd.Series[float]", rule: GroupRule) -> Groups:
    """Put units into groups by their scores.

    Parameters
    ----------
    scores
        Higher is better; not rounded. A unit without a score has no group.
    rule
        `EIS`, `AIRR`, `HSE`, `QUARTILES`, `JENKS`, or one of your own.

    References
    ----------
    European Innovation Scoreboard 2023 (shares of the mean); AIRR, Rating of innovative regions
    2018 (shares of the mean, five groups); HSE, Russian Regional Innovation Scoreboard, issue 8
    (steps from the leader).

    Examples
    --------
    >>> scores = pd.Series({"a": 65.0, "b": 50.0, "c": 45.0, "d": 40.0, "e": 50.0})
    >>> group_units(scores, EIS).groups.to_dict()
    {'a': 1, 'b': 2, 'c': 3, 'd': 3, 'e': 2}
    """
    given = numbers_of(scores, "group_units", "scores")
    matrix = given.to_numpy()[None, :]
    edges, codes = borders(matrix, rule)[0], assign(matrix, rule)[0]
    groups = pd.Series(codes + 1, given.index, dtype="Int64").where(codes >= 0)
    numbers = pd.RangeIndex(1, rule.count + 1, name="group")
    table = pd.DataFrame(
        {
            "label": rule.names,
            "least": [*edges, np.nan],
            "most": [np.nan, *edges],
            "units": [int((groups == number).sum()) for number in numbers],
        },
        index=numbers,
    )
    return Groups(rule, groups, table)


def borders(scores: Floats, rule: GroupRule) -> Floats:
    """Return the borders of each row's groups, from the top down.

    Parameters
    ----------
    scores
        Replications x units; missing scores are left out of their row.
    rule
        How to cut.

    Returns
    -------
    Replications x (groups - 1); missing where a row is empty or has too few units.

    Examples
    --------
    >>> borders(np.array([[100.0, 60.0, 50.0, 30.0]]), HSE).tolist()
    [[80.0, 60.0, 40.0]]
    """
    if rule.kind == "jenks":
        return jenks_borders(scores, rule.count)
    found = np.full((len(scores), rule.count - 1), np.nan)
    some = ~np.isnan(scores).all(axis=1)
    rows, cuts = scores[some], np.array(rule.cuts)
    if rule.kind == "quantiles" and len(rows):
        found[some] = np.nanquantile(rows, cuts, axis=1).T
    elif len(rows):
        base = np.nanmean(rows, axis=1) if rule.kind == "mean" else np.nanmax(rows, axis=1)
        found[some] = base[:, None] * cuts
    return found


def assign(scores: Floats, rule: GroupRule) -> NDArray[np.int8]:
    """Put the units of every replication into groups, each by its own borders.

    Parameters
    ----------
    scores
        Replications x units.
    rule
        How to cut.

    Returns
    -------
    Replications x units: place of the group in `rule.names`, 0 is the best; -1 without a
    score. A score on a border, or within 1e-9 of it, belongs to the better group.

    Examples
    --------
    >>> assign(np.array([[100.0, 81.0, 79.0, np.nan]]), HSE).tolist()
    [[0, 0, 1, -1]]
    """
    scores = plain_table(scores, "assign").to_numpy()
    edges = borders(scores, rule)
    codes = np.zeros(scores.shape, dtype=np.int8)
    for edge in edges.T[:, :, None]:
        codes += scores < edge - TIE
    return np.where(np.isnan(scores), np.int8(-1), codes)


def membership_shares(
    scores: Floats, rule: GroupRule, units: pd.Index | None = None
) -> pd.DataFrame:
    """Count in which share of replications each unit is in each group.

    They are shares over the stated assumptions, not probabilities. A row sums to less than 1
    where a unit had no score in some replications.

    Parameters
    ----------
    scores
        Replications x units.
    rule
        How to cut.
    units
        Their codes, in order; those of the columns by default.

    Returns
    -------
    Units down, groups (1 is the best) across.

    Raises
    ------
    FrameError, SpecError
        If the scores are no table of numbers; if units are not as many as its columns.

    Examples
    --------
    >>> membership_shares(np.array([[9.0, 1.0], [9.0, 8.0]]), HSE).to_numpy().tolist()
    [[1.0, 0.0, 0.0, 0.0], [0.5, 0.0, 0.0, 0.5]]
    """
    table = plain_table(scores, "membership_shares")
    names = table.columns if isinstance(scores, pd.DataFrame) else units
    names = units if units is not None else names
    if names is not None and len(names) != table.shape[1]:
        problem = f"{len(names)} units for {table.shape[1]} columns of scores"
        raise SpecError("membership_shares", [problem], "name each column")
    codes = assign(table.to_numpy(), rule)
    shares = np.stack([(codes == place).mean(axis=0) for place in range(rule.count)], axis=1)
    return pd.DataFrame(shares, names, pd.RangeIndex(1, rule.count + 1, name="group"))
