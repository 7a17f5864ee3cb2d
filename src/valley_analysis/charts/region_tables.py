"""One region or a few: what changed, what it would take, strengths and weaknesses."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from valley_analysis.charts.names import dimension_name, indicator_name, unit_names
from valley_analysis.charts.ranking import dimension_contributions
from valley_analysis.charts.robustness_tables import headed
from valley_analysis.charts.robustness_text import word
from valley_analysis.charts.tables import Table
from valley_analysis.indicators import find_indicator
from valley_analysis.scoring import (
    Change,
    Improvement,
    IndexResult,
    Profile,
    what_would_it_take,
)
from valley_analysis.scoring.changes import COMPONENTS
from valley_analysis.text import Lang, number, signed


def changes_table(
    found: Change, units: Sequence[str], lang: Lang = "en", vintage: str = ""
) -> Table:
    """Return how ranks of some units moved between two results, split into causes.

    `vintage` names the data of the earlier result, where it is not today's.
    """
    rows = []
    for unit in (unit for unit in units if unit in found.ranks.index):
        ranks, scores = found.ranks.loc[unit], found.scores.loc[unit]
        rows.append(
            {
                "region": unit_names([unit], lang)[unit],
                "move": f"{ranks['old']:.0f} → {ranks['new']:.0f}",
                "points": signed(scores["total"], 1, lang),
                **{f"cause_{name}": signed(ranks[name], 1, lang) for name in COMPONENTS},
            }
        )
    made = headed(rows, lang)
    if not vintage:
        return made
    heads = {word("col_points", lang): word("col_points_vintage", lang, vintage=vintage)}
    return Table(made.frame.rename(columns=heads), lang=lang)


def dimension_moves_table(
    old: IndexResult, new: IndexResult, units: Sequence[str], lang: Lang = "en"
) -> Table:
    """Return by how many points of the score each dimension moved; a row sums to the move."""
    before, after = dimension_contributions(old), dimension_contributions(new)
    rows = []
    for unit in (unit for unit in units if unit in before.index and unit in after.index):
        moved = after.loc[unit] - before.loc[unit]
        row = {word("col_region", lang): unit_names([unit], lang)[unit]}
        for name in new.spec.dimensions:
            row[dimension_name(name, lang)] = signed(moved[name], 1, lang)
        rows.append({**row, word("col_points_today", lang): signed(moved.sum(), 1, lang)})
    return Table(pd.DataFrame(rows), lang=lang)


def ways_up(
    result: IndexResult, unit: str, lang: Lang = "en", *, places: int = 5, **ask: Any
) -> Iterator[str | Table]:
    """Yield what it would take a unit to gain places, or the sentence that says why it is not told.

    Parameters
    ----------
    result, unit
        One edition of an index, and the code of a unit.
    lang
        "en" or "ru".
    places
        How many to gain; fewer where fewer are ahead.
    ask
        As for `what_would_it_take`.
    """
    rank, name = result.scores.loc[unit, "rank"], unit_names([unit], lang)[unit]
    if pd.isna(rank) or rank == 1:
        yield word("say_unranked" if pd.isna(rank) else "say_first", lang, name=name)
        return
    if not result.exact:
        yield word("say_no_sum", lang)
        return
    wanted = min(places, int(rank) - 1)
    steps = what_would_it_take(result, unit, wanted, **ask)
    yield improvement_note(steps, lang)
    yield improvement_table(steps, lang)
    yield alone_table(what_would_it_take(result, unit, wanted), lang)


def improvement_note(found: Improvement, lang: Lang = "en") -> str:
    """Return Markdown: from which rank to which, and how often over the assumptions."""
    if not found.feasible:
        return word("say_infeasible", lang, target=found.target_rank)
    return word(
        "say_improvement",
        lang,
        name=unit_names([found.unit], lang)[found.unit],
        rank=found.rank,
        target=found.target_rank,
        points=number(found.target_score - found.score, 2, lang),
        passed=unit_names([found.passed], lang)[found.passed],
        share=number(100 * found.robust.get("together", float("nan")), 0, lang),
    )


def improvement_table(found: Improvement, lang: Lang = "en") -> Table:
    """Return the changes of the least-effort combination, flags beside the values."""
    rows = [
        {
            "indicator": _with_unit(str(name), lang),
            "now": _figure(row["value"], lang),
            "flag": word.known(f"flag_{row['flag']}", str(row["flag"]), lang),
            "needed": _figure(row["target_value"], lang),
            "gain": number(row["gain"], 2, lang),
            "effort": number(row["effort"], 2, lang),
        }
        for name, row in found.together.iterrows()
    ]
    return headed(rows, lang)


def alone_table(found: Improvement, lang: Lang = "en", most: int = 8) -> Table:
    """Return what single indicators would have to be, cheapest first."""
    rows = [
        {
            "indicator": _with_unit(str(name), lang),
            "now": _figure(row["value"], lang),
            "flag": word.known(f"flag_{row['flag']}", str(row["flag"]), lang),
            "needed": _figure(row["target_value"], lang),
            "effort": number(row["effort"], 2, lang),
            "feasible": word(f"alone_{row['state']}", lang),
        }
        for name, row in found.alone.head(most).iterrows()
    ]
    return headed(rows, lang)


def peers_table(found: Profile, lang: Lang = "en") -> Table:
    """Return the peers: the units nearest in one dimension."""
    names = unit_names(found.peers.index, lang)
    rows = [
        {
            "region": names[str(unit)],
            "distance": number(row["distance"], 2, lang),
            "score": number(row["score"], 1, lang),
            "rank": "–" if pd.isna(row["rank"]) else str(int(row["rank"])),
        }
        for unit, row in found.peers.iterrows()
    ]
    return headed(rows, lang)


def standing_table(found: Profile, lang: Lang = "en", *, best: bool = True) -> Table:
    """Return the strengths, or the weaknesses, of a unit against all units and its peers."""
    table = found.strengths if best else found.weaknesses
    rows = [
        {
            "indicator": _with_unit(str(name), lang),
            "dimension": dimension_name(str(row["dimension"]), lang),
            "rank_of": f"{row['rank']} / {row['of']}",
            "now": _figure(row["value"], lang),
            "peers": _figure(row["peers_median"], lang),
            "points_gap": signed(row["contribution_gap"], 2, lang),
        }
        for name, row in table.iterrows()
    ]
    made = headed(rows, lang)
    return Table(made.frame, word("strengths" if best else "weaknesses", lang), lang=lang)


def _with_unit(name: str, lang: Lang) -> str:
    return f"{indicator_name(name, lang)}, {find_indicator(name).unit[lang]}"


def _figure(value: float, lang: Lang) -> str:
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return number(value, digits, lang)
