"""Tables of claims: all of them, those that contradict each other, promised against achieved."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from valley_analysis.charts.tables import Table
from valley_analysis.charts.valley_promises import VERDICTS, latest_promises
from valley_analysis.charts.valley_tables import Cell, Row, linked, source_cell
from valley_analysis.charts.valley_text import (
    achieved_figure,
    date_text,
    figure_text,
    metric_name,
    told_figure,
    valley_names,
    word,
)
from valley_analysis.text import Lang, number
from valley_analysis.valleys import Register, choose, conflicts, months_between
from valley_analysis.valleys.claims import RECENT, Rule


def nature_word(nature: str, lang: Lang = "en") -> str:
    """Return what the nature of a claim is called.

    Examples
    --------
    >>> nature_word("actual"), nature_word("promise", "ru")
    ('actual', 'обещание')
    """
    return word("fact" if nature == "actual" else f"nature_{nature}", lang)


def claims_table(register: Register, claims: pd.DataFrame, as_of: date, lang: Lang = "en") -> Table:
    """Return every claim: its figure leads to the page that gives it.

    Parameters
    ----------
    register
        For the names.
    claims
        What `claims_frame` returns, or some of its rows.
    as_of
        The day for which ages of claims are given, in months.
    lang
        "en" or "ru".
    """
    names = valley_names(register, lang)
    rows: list[Row] = [
        {
            "valley": names[row["valley"]],
            "quantity": metric_name(row["metric"], lang),
            "value": (_figure(row, lang), row["source"]),
            "as_of": date_text(row["as_of"], lang),
            "age": number(months_between(row["last"].date(), as_of), 0, lang),
            "nature": nature_word(row["nature"], lang),
            "due": date_text(row["due"], lang),
            "scope": row[f"scope_{lang}"],
            "by": row[f"by_{lang}"],
            "confidence": word(f"confidence_{row['confidence']}", lang),
            "source": source_cell(row["source"], lang),
        }
        for row in claims.to_dict("records")
    ]
    return linked(rows, lang, word("caption_claims", lang, n=len(rows)))


def _figure(row: Mapping[Any, Any], lang: Lang) -> str:
    return told_figure(row, lang)


def conflicts_table(
    register: Register, claims: pd.DataFrame, lang: Lang = "en", *, rule: Rule = "latest"
) -> Table:
    """Return figures that contradict each other, the one that is shown, and why that one.

    Parameters
    ----------
    register
        For the names.
    claims
        What `claims_frame` returns.
    lang
        "en" or "ru".
    rule
        By which an actual figure is chosen, see `choose`; of plans and promises the last holds.
    """
    names = valley_names(register, lang)
    found = conflicts(claims)
    rows: list[Row] = []
    for _, pairs in found.groupby(["valley", "metric", "nature", "part"], sort=False):
        first = pairs.iloc[0].to_dict()
        text, why = _shown(claims, first, rule, lang)
        head: Row = {
            "valley": names[first["valley"]],
            "quantity": metric_name(first["metric"], lang),
            "nature": nature_word(first["nature"], lang),
        }
        for place, row in enumerate(pairs.to_dict("records")):
            rows.append(
                {
                    **(head if place == 0 else dict.fromkeys(head, "")),
                    "earlier": _side(row, "earlier", lang),
                    "later": _side(row, "later", lang),
                    "days": number(row["days"], 0, lang),
                    "shown": text if place == 0 else "",
                    "why": why if place == 0 else "",
                }
            )
    return linked(rows, lang, word("caption_conflicts", lang, n=len(rows)))


def _side(row: Mapping[Any, Any], side: str, lang: Lang) -> Cell:
    figure = figure_text(row[f"{side}_value"], row[f"{side}_bound"], lang)
    scope = row[f"{side}_scope_{lang}"]
    text = f"{figure} ({date_text(row[f'{side}_as_of'], lang)})" + (f"; {scope}" if scope else "")
    return text, row[f"{side}_source"]


def _shown(
    claims: pd.DataFrame, row: Mapping[Any, Any], rule: Rule, lang: Lang
) -> tuple[Cell, str]:
    """The one figure that stands for a quantity, and the rule that picked it."""
    if row["nature"] != "actual":
        return _last_said(claims, row, lang), word("rule_last_promise", lang)
    chosen = choose(claims, row["valley"], row["metric"], part=row["part"], rule=rule)
    assert chosen is not None
    text = figure_text(chosen.value, chosen.row["bound"], lang)
    why = word(f"rule_{rule}", lang, days=RECENT)
    return (text, chosen.row["source"]), why


def _last_said(claims: pd.DataFrame, row: Mapping[Any, Any], lang: Lang) -> Cell:
    """The plan or promise said last; both ends where two were said on one day."""
    keys = ["valley", "metric", "nature", "part"]
    told = claims[(claims[keys] == [row[key] for key in keys]).all(axis=1)]
    told = told.sort_values(["last", "first"])
    ends = told.iloc[-1]
    same_day = told["last"].eq(ends["last"]) & told["first"].eq(ends["first"])
    last = told[same_day].sort_values("value", kind="stable")
    texts = [figure_text(one["value"], one["bound"], lang) for _, one in last.iterrows()]
    return "–".join(dict.fromkeys([texts[0], texts[-1]])), str(last.iloc[-1]["source"])


def promises_table(register: Register, promises: pd.DataFrame, lang: Lang = "en") -> Table:
    """Return every plan and promise beside what was reported of it, with a verdict.

    Parameters
    ----------
    register
        For the names.
    promises
        What `promised_against_achieved` returns.
    lang
        "en" or "ru".
    """
    names = valley_names(register, lang)
    order = {verdict: place for place, verdict in enumerate(VERDICTS)}
    sorted_in = promises.assign(place=promises["verdict"].map(order)).sort_values(
        "place", kind="stable"
    )
    rows: list[Row] = [
        {
            "valley": names[row["valley"]],
            "quantity": metric_name(row["metric"], lang),
            "scope": row[f"scope_{lang}"],
            "nature": nature_word(row["nature"], lang),
            "promised": (_figure(row, lang), row["source"]),
            "said": date_text(row["as_of"], lang),
            "due": date_text(row["due"], lang),
            "achieved": (achieved_figure(row, lang), row["achieved_source"]),
            "achieved_as_of": date_text(row["achieved_as_of"], lang),
            "share": _percent(row["share"], lang),
            "verdict": word(f"verdict_{row['verdict']}", lang),
        }
        for row in sorted_in.to_dict("records")
    ]
    repeated = len(promises) - len(latest_promises(promises))
    return linked(rows, lang, word("caption_promises", lang, n=len(rows), repeated=repeated))


def _percent(share: float, lang: Lang) -> str:
    return "–" if share != share else f"{number(100 * share, 0, lang)} %"
