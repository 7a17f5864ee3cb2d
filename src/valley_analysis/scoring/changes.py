"""What changed: a move in score or rank split among new period, revision, method and scope."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import pandas as pd

from valley_analysis.escape import paragraph
from valley_analysis.frames import INDICATORS, Scope
from valley_analysis.scoring.brought import indicator_rows
from valley_analysis.scoring.index import IndexResult, score_index
from valley_analysis.scoring.shapley import Coalition, shapley_decomposition
from valley_analysis.scoring.spec import IndexSpec

_KEY = list(INDICATORS.key)
COMPONENTS = ("period", "revision", "method", "scope")
Scorer = Callable[[pd.DataFrame, IndexSpec, int, Scope], IndexResult]


@dataclass(frozen=True, eq=False)
class Inputs:
    """Everything that one edition of an index was made from.

    Attributes
    ----------
    indicators
        A frame that keeps `frames.INDICATORS`, of one vintage.
    spec, period, scope
        The method, the edition, the units.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_indicators, small_scope, small_spec
    >>> Inputs(small_indicators(), small_spec(), 2021, small_scope()).label
    'small 2021, scope small'
    """

    indicators: pd.DataFrame = field(repr=False)
    spec: IndexSpec = field(repr=False)
    period: int
    scope: Scope = field(repr=False)

    @property
    def label(self) -> str:
        """Name of the specification, edition and scope."""
        return f"{self.spec.name} {self.period}, scope {self.scope.name}"


@dataclass(frozen=True, eq=False)
class Change:
    """What moved between two results, and why.

    Attributes
    ----------
    old, new
        The two ends.
    differing
        Which components differ at all; the others have parts of 0.
    scores
        Units of both scopes down: old, new, period, revision, method, scope, total; the four
        parts sum to total = new - old.
    ranks
        The same for ranks, each within its own scope: a negative part is a climb.
    apart
        Units that cannot be compared: why (entered, left: in one scope only; unranked: without
        a score at an end or on the way), old_score, new_score, old_rank, new_rank.
    """

    old: Inputs
    new: Inputs
    differing: tuple[str, ...]
    scores: pd.DataFrame
    ranks: pd.DataFrame
    apart: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """Components and total down: mean and largest absolute part, in points and in places."""
        columns = [*COMPONENTS, "total"]
        points, places = self.scores[columns].abs(), self.ranks[columns].abs()
        return pd.DataFrame(
            {
                "mean_points": points.mean(),
                "max_points": points.max(),
                "mean_places": places.mean(),
                "max_places": places.max(),
            }
        )

    def _repr_html_(self) -> str:
        order = self.ranks["total"].abs().sort_values(ascending=False, kind="stable").index
        head = f"From {self.old.label} to {self.new.label}: the ten largest moves in rank"
        return str(paragraph(head) + self.ranks.loc[order].head(10).round(2).to_html())


def explain_change(old: Inputs, new: Inputs, score: Scorer = score_index) -> Change:
    """Split the move of every unit between two results into its causes.

    Each component switches one ingredient from old to new; parts are Shapley values, so that
    they sum to the whole and no order of switching is preferred.

    - period: the edition, and with a later edition the figures of periods after the old one
      that the old vintage does not hold.
    - revision: all other differences between the vintages: changed, late and withdrawn figures.
    - method: the specification. Where the old vintage lacks a new indicator altogether, that
      indicator's figures come with the method.
    - scope: the units. Figures of units that the old vintage lacks altogether come with them.

    Goalposts and shared weights are taken from all figures, so a new period or revision also
    works through them; that is part of its component.

    Parameters
    ----------
    old, new
        The two ends.
    score
        How an edition is scored; called at most 16 times, 2 for each component that differs.

    Raises
    ------
    PeriodError
        If an end lies outside its own specification's editions.

    References
    ----------
    Shorrocks, A.F. (2013), Decomposition procedures for distributional analysis: a unified
    framework based on the Shapley value, Journal of Economic Inequality 11, 99-126. The causes:
    Global Innovation Index 2023, appendix, on what year-on-year moves mix.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_indicators, small_scope, small_spec
    >>> ends = [Inputs(small_indicators(), small_spec(), year, small_scope())
    ...         for year in (2020, 2021)]
    >>> change = explain_change(*ends)
    >>> change.differing, change.scores.loc["B", ["period", "total"]].round(2).tolist()
    (('period',), [-2.11, -2.11])
    """
    frames = _frames(old, new)
    differing = _differing(old, new, frames)

    @cache
    def result(switched: Coalition) -> pd.DataFrame:
        period = new.period if "period" in switched else old.period
        spec = new.spec if "method" in switched else old.spec
        scope = new.scope if "scope" in switched else old.scope
        if 0 < len(switched) < len(differing):  # on the way any edition may be asked for
            first, last = spec.editions
            spec = replace(spec, editions=(min(first, period), max(last, period)))
        frame = frames["revision" in switched, "period" in switched]
        return score(frame, spec, period, scope).scores[["score", "rank"]]

    both = [unit for unit in old.scope.units if unit in set(new.scope.units)]
    parts = {}
    for column in ("score", "rank"):
        found = shapley_decomposition(lambda s: result(s)[column].reindex(both), differing)  # noqa: B023
        parts[column] = _complete(found, column, result(frozenset()), result(frozenset(differing)))
    ends = {"old": result(frozenset()), "new": result(frozenset(differing))}
    return Change(old, new, differing, *_split(parts), _apart(ends, parts["rank"]))


def _frames(old: Inputs, new: Inputs) -> Mapping[tuple[bool, bool], pd.DataFrame]:
    """The figures by (revision, period) switched."""
    before = _relevant(old, new)
    if old.indicators is new.indicators:
        return dict.fromkeys([(r, p) for r in (False, True) for p in (False, True)], before)
    before, after = before.set_index(_KEY), _relevant(new, old).set_index(_KEY)
    brought, kept = _foreign(after, before, old), _foreign(before, after, new)
    late = _late(before.index, after.index, old, new).difference(brought.index)
    frames = {
        (False, False): pd.concat([before, brought]),
        (False, True): pd.concat([before, brought, after.loc[late]]),
        (True, False): pd.concat([after.drop(late), kept]),
        (True, True): pd.concat([after, kept]),
    }
    return {key: frame.reset_index() for key, frame in frames.items()}


def _relevant(one: Inputs, other: Inputs) -> pd.DataFrame:
    """Figures that either end can use."""
    names = tuple(dict.fromkeys((*one.spec.indicators, *other.spec.indicators)))
    units = tuple(dict.fromkeys((*one.scope.units, *other.scope.units)))
    return indicator_rows(one.indicators, names, Scope("both", units), one.label)


def _late(before: pd.Index, after: pd.Index, old: Inputs, new: Inputs) -> pd.Index:
    """Keys of figures that a later edition brings with it."""
    unknown = after.difference(before)
    if new.period <= old.period:
        return unknown[:0]
    return unknown[unknown.get_level_values("period") > old.period]


def _foreign(rows: pd.DataFrame, held: pd.DataFrame, host: Inputs) -> pd.DataFrame:
    """Rows of indicators and units that the host end neither uses nor holds at all."""
    found = pd.Series(False, rows.index)
    for level, used in (("indicator", host.spec.indicators), ("region", host.scope.units)):
        known = {*used, *held.index.get_level_values(level).unique()}
        found |= ~rows.index.get_level_values(level).isin(list(known))
    return rows[found]


def _differing(
    old: Inputs, new: Inputs, frames: Mapping[tuple[bool, bool], pd.DataFrame]
) -> tuple[str, ...]:
    unrevised, revised = frames[False, True], frames[True, True]
    same = unrevised is revised or _figures(unrevised).equals(_figures(revised))
    differs = {
        "period": old.period != new.period,
        "revision": not same,
        "method": old.spec != new.spec,
        "scope": set(old.scope.units) != set(new.scope.units),
    }
    return tuple(name for name in COMPONENTS if differs[name])


def _figures(rows: pd.DataFrame) -> pd.DataFrame:
    """What a score depends on, in one order; which vintages went in does not matter."""
    return rows.set_index(_KEY).sort_index()[["value", "low", "high", "flag", "method"]]


def _complete(
    parts: pd.DataFrame, column: str, old: pd.DataFrame, new: pd.DataFrame
) -> pd.DataFrame:
    """Both ends and all four components, those that do not differ as zeros."""
    ends = {name: end[column].reindex(parts.index) for name, end in (("old", old), ("new", new))}
    zeros = parts["total"] * 0.0 + 0.0  # no minus zero
    rest = {name: parts.get(name, zeros) for name in (*COMPONENTS, "total")}
    return pd.DataFrame(ends | rest)


def _split(parts: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    known = parts["rank"]["total"].notna() & parts["score"]["total"].notna()
    return parts["score"][known], parts["rank"][known].astype({"old": int, "new": int})


def _apart(ends: Mapping[str, pd.DataFrame], ranks: pd.DataFrame) -> pd.DataFrame:
    old, new = ends["old"], ends["new"]
    unranked = list(ranks.index[ranks["total"].isna()])
    why = dict.fromkeys([u for u in new.index if u not in old.index], "entered")
    why |= dict.fromkeys([u for u in old.index if u not in new.index], "left")
    why |= dict.fromkeys(unranked, "unranked")
    table = pd.DataFrame({"why": pd.Series(why, dtype="str")}).rename_axis(old.index.name)
    for name, end in ends.items():
        for column in ("score", "rank"):
            table[f"{name}_{column}"] = end[column].reindex(table.index)
    return table[["why", "old_score", "new_score", "old_rank", "new_rank"]]
