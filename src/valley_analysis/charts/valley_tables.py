"""Tables of valleys in which every fact is one click from its source: register and ladder."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import pandas as pd

from valley_analysis.charts.names import unit_names
from valley_analysis.charts.tables import Table
from valley_analysis.charts.valley_ladder import by_progress
from valley_analysis.charts.valley_text import (
    date_text,
    law_name,
    quantity_text,
    region_names,
    span_text,
    step_name,
    valley_names,
    word,
)
from valley_analysis.text import Lang, number
from valley_analysis.valleys import STEPS, Ladder, Register
from valley_analysis.valleys.entries import Candidate, Fact, Valley
from valley_analysis.valleys.network import Network

_LONGEST = 80  # characters of an address that are printed
Cell = tuple[str, str]
"""A text, and the address that it leads to (empty for none)."""

Row = dict[str, Cell | str]
"""Cells by the key of their heading, a phrase `col_...` without the prefix."""


def linked(rows: Sequence[Row], lang: Lang, caption: str = "") -> Table:
    """Return rows keyed by phrases as a table whose cells lead to their sources.

    Parameters
    ----------
    rows
        Texts, or texts and addresses, by heading.
    lang
        "en" or "ru".
    caption
        Above the table.

    Examples
    --------
    >>> linked([{"valley": ("A", "https://example.org")}], "en").links
    {'Valley': ('https://example.org',)}
    """
    keys = list(rows[0]) if rows else []
    cells = {key: [_pair(row[key]) for row in rows] for key in keys}
    heads = {key: word(f"col_{key}", lang) for key in keys}
    frame = pd.DataFrame({heads[key]: [text for text, _ in cells[key]] for key in keys})
    links = {
        heads[key]: tuple(address for _, address in cells[key])
        for key in keys
        if any(address for _, address in cells[key])
    }
    return Table(frame, caption, links, lang)


def _pair(cell: Cell | str) -> Cell:
    return (cell, "") if isinstance(cell, str) else cell


def source_cell(address: str, lang: Lang) -> Cell:
    """Return the name of a source, that of its site, leading to the page.

    Examples
    --------
    >>> source_cell("https://www.tass.ru/nauka/1", "en"), source_cell("", "en")
    (('tass.ru', 'https://www.tass.ru/nauka/1'), ('unverified', ''))
    """
    if not address:
        return word("confidence_unverified", lang), ""
    return urlsplit(address).netloc.removeprefix("www."), address


def _fact(one: Fact | None, lang: Lang) -> Cell:
    """A named fact with its source, marked where it is doubtful."""
    if one is None:
        return "–", ""
    text = str(one[lang])  # type: ignore[index]
    if one.confidence in ("inferred", "unverified"):
        text += f" ({word(f'confidence_{one.confidence}', lang)})"
    return text, one.source or ""


def valleys_table(register: Register, found: Ladder, lang: Lang = "en") -> Table:
    """Return the valleys: where, by which decree, who initiated and manages them, what for."""
    rows: list[Row] = []
    for valley in found.valleys:
        entry = register[valley]
        decree = found.steps.loc[(valley, "decree")]
        act = f"{span_text(decree, lang)}{', № ' + decree['act'] if decree['act'] else ''}"
        home = next(site for site in entry.sites if site.role == "main")
        rows.append(
            {
                "valley": entry.name[lang],
                "region": (region_names(entry, lang, _regions(register, lang)), home.source or ""),
                "decree": (act, decree["source"]),
                "initiator": _fact(entry.initiator, lang),
                "manager": _fact(entry.manager or entry.fund, lang),
                "specialisation": _fact(entry.specialisation, lang),
            }
        )
    return linked(rows, lang, word("caption_valleys", lang, n=len(rows)))


def _regions(register: Register, lang: Lang) -> dict[str, str]:
    codes = {site.region for entry in register.entries for site in entry.sites}
    return unit_names(sorted(codes), lang).to_dict()


def ladder_table(register: Register, found: Ladder, lang: Lang = "en") -> Table:
    """Return valleys x steps: the date of each, which leads to its source."""
    names = valley_names(register, lang)
    rows: list[Row] = []
    for valley in by_progress(found):
        steps = found.steps.loc[valley]
        row: Row = {"valley": names[valley]}
        for step in STEPS:
            row[f"step_{step}"] = _step_cell(steps.loc[step], lang)
        rows.append(row)
    return linked(rows, lang, word("caption_ladder", lang))


def _step_cell(row: pd.Series, lang: Lang) -> Cell:
    if row["state"] in ("unseen", "implied"):
        return word(f"cell_{row['state']}", lang), ""
    doubt = {"inferred": " *", "unverified": " **"}.get(row["confidence"], "")
    return span_text(row, lang) + doubt, row["source"]


def steps_table(found: Ladder, valley: str, lang: Lang = "en") -> Table:
    """Return the ladder of one valley step by step: date, whose act, how sure, source."""
    rows: list[Row] = []
    for step in STEPS:
        row = found.steps.loc[(valley, step)]
        told = bool(row["n_facts"])
        rows.append(
            {
                "step": f"{row['number']}. {step_name(step, lang)}",
                "date": (span_text(row, lang), row["source"]),
                "state": word(f"state_{row['state']}", lang),
                "actor": word(f"actor_{row['actor']}", lang) if told else "–",
                "confidence": word(f"confidence_{row['confidence']}", lang) if told else "–",
                "dated_by": word(f"dated_by_{row['dated_by']}", lang) if told else "–",
                "source": source_cell(row["source"], lang) if told else "–",
            }
        )
    return linked(rows, lang)


def events_table(entry: Valley, found: Ladder, lang: Lang = "en") -> Table:
    """Return what happened to a valley up to the date of a ladder, step or not, latest first."""
    known = [one for one in entry.milestones if one.date.first <= found.as_of]
    rows: list[Row] = [
        {
            "date": (date_text(one.date, lang), one.source or ""),
            "event": one.title[lang] if one.title else step_name(one.step or "", lang),
            "actor": word(f"actor_{one.actor}", lang),
            "confidence": word(f"confidence_{one.confidence}", lang),
            "note": one.note[lang] if one.note else "",
        }
        for one in sorted(known, key=lambda one: one.date, reverse=True)
    ]
    return linked(rows, lang)


def status_table(entry: Valley, found: Ladder, lang: Lang = "en") -> Table:
    """Return what was said of a valley as a whole, latest first."""
    known = [one for one in entry.status if one.date.first <= found.as_of]
    rows: list[Row] = [
        {"date": date_text(one.date, lang), "status": _fact(one, lang)}
        for one in sorted(known, key=lambda one: one.date, reverse=True)
    ]
    return linked(rows, lang)


def regimes_table(register: Register, lang: Lang = "en") -> Table:
    """Return the territories under other regimes, which are never counted as valleys."""
    rows: list[Row] = []
    for entry in register.entries:
        if entry.kind == "istc":
            continue
        home = entry.sites[0]
        rows.append(
            {
                "territory": entry.name[lang],
                "kind": word(f"kind_{entry.kind}", lang),
                "law": law_name(entry.law, lang),
                "region": (region_names(entry, lang, _regions(register, lang)), home.source or ""),
                "since": date_text(home.since, lang),
                "specialisation": _fact(entry.specialisation, lang),
            }
        )
    return linked(rows, lang, word("caption_regimes", lang))


def candidates_table(candidates: Iterable[Candidate], lang: Lang = "en") -> Table:
    """Return bids for further valleys, none of which has a decree that was seen."""
    found = list(candidates)
    regions = unit_names(sorted({one.region for one in found}), lang).to_dict()
    rows: list[Row] = [
        {
            "candidate": one.name[lang],
            "region": regions[one.region],
            "date": date_text(fact.date, lang),
            "fact": _fact(fact, lang),
            "note": fact.note[lang] if fact.note else "",
        }
        for one in found
        for fact in one.facts
    ]
    return linked(rows, lang, word("caption_candidates", lang))


def law_table(network: Network, lang: Lang = "en") -> Table:
    """Return how the law of valleys changed."""
    rows: list[Row] = [
        {
            "date": (date_text(one.date, lang), one.source or ""),
            "event": one.title[lang] if one.title else "",
            "act": law_name(one.act, lang),
            "confidence": word(f"confidence_{one.confidence}", lang),
            "note": one.note[lang] if one.note else "",
        }
        for one in sorted(network.milestones, key=lambda one: one.date)
    ]
    return linked(rows, lang, word("caption_law", lang))


def totals_table(network: Network, lang: Lang = "en") -> Table:
    """Return the counts over all valleys that somebody gave."""
    rows: list[Row] = [
        {
            "quantity": one.name[lang],
            "value": (
                quantity_text(one.value, one.unit[lang], one.bound, lang),
                one.source or "",
            ),
            "as_of": date_text(one.as_of, lang),
            "nature": word("fact" if one.nature == "actual" else f"nature_{one.nature}", lang),
            "confidence": word(f"confidence_{one.confidence}", lang),
            "note": " ".join(
                text[lang].rstrip(".") + "." for text in (one.note, one.gap) if text is not None
            ),
        }
        for one in network.totals
    ]
    return linked(rows, lang, word("caption_totals", lang))


def sources_table(register: Register, lang: Lang = "en") -> Table:
    """Return every address that the register of valleys names: how many facts rest on it."""
    told = [
        {"valley": entry.short[lang], "address": fact.source, "facts": 1}
        for entry in register.entries
        for fact in facts_of(entry)
        if fact.source
    ]
    counted = pd.DataFrame(told).groupby(["valley", "address"], sort=False)["facts"].sum()
    printed: list[Row] = [
        {"valley": valley, "facts": number(n, 0, lang), "address": (_short(address), address)}
        for (valley, address), n in counted.items()
    ]
    return linked(printed, lang, word("caption_sources", lang, n=counted.index.nunique()))


def _short(address: str) -> str:
    """An address without its scheme, cut where it gets long."""
    text = address.split("://", 1)[1].removeprefix("www.")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def facts_of(entry: Valley) -> list[Fact]:
    """Return every fact of an entry."""
    named = [
        one for one in (entry.initiator, entry.fund, entry.manager, entry.specialisation) if one
    ]
    lists = (entry.sites, entry.status, entry.milestones, entry.claims, entry.partners)
    return [*named, *(fact for part in lists for fact in part)]
