"""Several verdicts on one page: a row each, and what the designs cannot separate told once."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from valley_analysis.charts.impact_tables import verdict
from valley_analysis.charts.impact_text import About, word
from valley_analysis.charts.tables import Table
from valley_analysis.impact.report_card import ReportCard
from valley_analysis.text import Lang, capital


def verdicts_table(cards: Mapping[str, tuple[ReportCard, About]], lang: Lang = "en") -> Table:
    """Return verdicts one row each: what was found, and what it rests on.

    Parameters
    ----------
    cards
        What each is called -> its report card, and what is told of it.
    lang
        "en" or "ru".

    Returns
    -------
    Table
        The words of `impact_tables.verdict`, without the rivals that a design cannot separate:
        `rivals_table` has them once.
    """
    rows = []
    for name, (card, about) in cards.items():
        told = verdict(replace(card, cannot_separate=()), lang, about)
        found, _, rests = told.removeprefix("**").partition("** ")
        rows.append(
            {
                word("col_outcome", lang): name,
                word("col_found", lang): found,
                word("col_rests", lang): rests,
            }
        )
    return Table(pd.DataFrame(rows), lang=lang)


def rivals_table(cards: Mapping[str, ReportCard], lang: Lang = "en") -> Table:
    """Return what designs cannot separate from an effect, each once: a row for what shares a wave.

    Parameters
    ----------
    cards
        What a wave is called -> a report card of it.
    lang
        "en" or "ru".
    """
    where: dict[str, list[str]] = {}
    for name, card in cards.items():
        for rival in card.cannot_separate:
            where.setdefault(rival, []).append(name)
    grouped: dict[str, list[str]] = {}
    for rival, names in where.items():
        grouped.setdefault("; ".join(names), []).append(rival)
    rows = [
        {word("col_where", lang): names, word("col_rival", lang): capital("; ".join(rivals)) + "."}
        for names, rivals in grouped.items()
    ]
    return Table(pd.DataFrame(rows), word("caption_rivals", lang), lang=lang)
