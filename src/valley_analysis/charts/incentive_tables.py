"""Incentives as tables: regimes side by side, cost by year, ends, doubts, and linked sources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from valley_analysis.charts.incentive_text import (
    DAGGER,
    amount,
    end_item,
    item_name,
    marked,
    money,
    parameter_name,
    word,
)
from valley_analysis.charts.tables import Table
from valley_analysis.escape import link, text_html
from valley_analysis.text import NBSP, Lang, day_text, number
from valley_analysis.valleys.fiscal import COLUMNS, BreakEven, FiscalResult, ParticipantProfile
from valley_analysis.valleys.incentives import BASE, Incentives, Use, load_incentives

# The rows of the comparison of regimes.
_ROWS = (
    ("profit_tax", "rate"),
    ("profit_tax", "term_years"),
    ("profit_tax", "revenue_cap"),
    ("profit_tax", "rate_after_cap"),
    ("profit_tax", "profit_cap"),
    ("vat", "exempt"),
    ("vat", "term_years"),
    ("vat", "profit_cap"),
    ("contributions", "rate"),
    ("contributions", "floor_multiple"),
    ("contributions", "rate_over_floor"),
    ("contributions", "rate_above"),
    ("contributions", "limit"),
    ("contributions", "term_years"),
    ("contributions", "profit_cap"),
    ("property", "rate"),
    ("property", "term_years"),
    ("property", "profit_cap"),
    ("land", "rate"),
    ("land", "term_years"),
    ("customs", "refund_share"),
)
_ADDRESS = ("http://", "https://")
_CELL = (
    "text-align: left; vertical-align: top; padding: 2px 6px; white-space: normal; "
    "min-width: 4.5rem; max-width: 18rem; overflow-wrap: anywhere"
)
_BELOW = "display: block; color: #5d6670; font-size: 11px"


@dataclass(frozen=True)
class LinkedTable(Table):
    """A table whose cells lead to their sources, and wrap so that all columns are in sight.

    What follows the first line of a cell stands small below it. A page and a sheet of paper are
    as wide as they are: no column may be pushed out of either.

    Attributes
    ----------
    addresses
        (row, column) -> addresses, printed behind the cell's text as numbered links; a text that
        is itself an address becomes one link.
    group
        A column whose texts stand as lines of their own above the rows that follow; "" for none.
    """

    addresses: Mapping[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)
    group: str = ""

    def _repr_html_(self) -> str:
        above = f"<p><b>{text_html(self.caption)}</b></p>" if self.caption else ""
        names = [str(name) for name in self.frame if name != self.group]
        head = "".join(f'<th scope="col" style="{_CELL}">{text_html(name)}</th>' for name in names)
        body = ""
        for row, line in enumerate(self.frame.to_dict("records")):
            if self.group and line[self.group]:
                body += (
                    f'<tr><th colspan="{len(names)}" scope="rowgroup" style="{_CELL}">'
                    f"<b>{text_html(line[self.group])}</b></th></tr>"
                )
            cells = (self._cell(row, name, line[name]) for name in names)
            body += "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"
        return (
            f'{above}<table class="valley" style="font-size: 12px"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )

    def _cell(self, row: int, name: str, text: str) -> str:
        if text.startswith(_ADDRESS):
            return link(text, text)
        first, *below = (text_html(line) for line in text.split("\n"))
        links = [
            link(address, f"[{place}]")
            for place, address in enumerate(self.addresses.get((row, name), ()), start=1)
        ]
        if not below:
            return " ".join([first, *links])
        told = " ".join(["<br>".join(below), *links])
        return f'{first}<span style="{_BELOW}">{told}</span>'


def regime_table(
    as_of: date,
    lang: Lang = "en",
    regimes: Sequence[str] = (),
    register: Incentives | None = None,
    *,
    subject: str = "istc",
) -> LinkedTable:
    """Return item by item what each regime grants on a day, with article, † and links.

    Parameters
    ----------
    as_of
        The day.
    lang
        "en" or "ru".
    regimes
        Regimes of the register; all of them unless given.
    register
        The register; the project's own unless given.
    subject
        The regime that stands first where all are shown.
    """
    register = register or load_incentives()
    everything = sorted(register.content.regimes, key=lambda regime: regime != subject)
    regimes = regimes or tuple(everything)
    rows: list[dict[str, str]] = []
    links: dict[tuple[int, str], tuple[str, ...]] = {}
    for item, name in _ROWS:
        row = {
            word("col_item", lang): item_name(item, lang),
            word("col_rule", lang): word(f"name_{item}_{name}", lang),
        }
        for regime in regimes:
            column = register.content.regimes[regime].short[lang]
            use = _shown(register, regime, item, name, as_of)
            row[column] = _printed(register, use, regime, item, name, lang)
            if use:
                links[len(rows), column] = _addresses(use, register)
        rows.append(row)
    frame = pd.DataFrame(rows)
    frame.loc[frame.iloc[:, 0].duplicated(), frame.columns[0]] = ""
    caption = word("regimes_caption", lang, day=day_text(as_of, lang))
    return LinkedTable(frame, caption, lang=lang, addresses=links, group=word("col_item", lang))


def _shown(register: Incentives, regime: str, item: str, name: str, day: date) -> Use | None:
    if regime == BASE and (item, name) == ("vat", "exempt"):
        return register.own(BASE, "vat", "rate", day, day)
    return register.own(regime, item, name, day, day)


def _printed(
    register: Incentives, use: Use | None, regime: str, item: str, name: str, lang: Lang
) -> str:
    if use is None:
        inherits = name == "exempt" or (BASE, item, name) in register.parameters
        return word("as_ordinary" if inherits and regime != BASE else "none", lang)
    unit = register.parameters[_key(use)].unit
    value = amount(use.value.value, unit, lang)
    note = f"\n{use.value.note[lang]}" if use.value.note else ""
    return f"{value}{marked(use)}\n{use.value.legal_ref[lang]}{note}"


def _key(use: Use) -> tuple[str, str, str]:
    regime, item, name = use.parameter.split(".")
    return regime, item, name


def _addresses(use: Use, register: Incentives) -> tuple[str, ...]:
    return tuple(register.content.sources[name].address for name in use.value.source)


def forgone_table(found: FiscalResult, lang: Lang = "en") -> Table:
    """Return the tax forgone by year and item, total and present value, † on doubtful items."""
    shown = [name for name in COLUMNS if found.forgone[name].abs().max() > 0.05]
    mark = NBSP + DAGGER if found.doubtful_items else ""
    table = found.table
    rows = [
        {word("col_year", lang): str(year)}
        | {
            item_name(name, lang, found.doubtful_items): money(float(row[name]), lang)
            for name in shown
        }
        | {
            word("col_total", lang) + mark: money(float(row["total"]), lang),
            word("col_present", lang) + mark: money(float(row["present_value"]), lang),
        }
        for year, row in table.iterrows()
    ]
    whole = {word("col_year", lang): word("total_line", lang)} | {
        item_name(name, lang, found.doubtful_items): money(float(table[name].sum()), lang)
        for name in shown
    }
    whole[word("col_total", lang) + mark] = money(float(table["total"].sum()), lang)
    whole[word("col_present", lang) + mark] = money(found.present_value, lang)
    caption = word("forgone_caption", lang, profile=found.profile.name[lang])
    return Table(pd.DataFrame([*rows, whole]), caption, lang=lang)


def ends_table(results: Iterable[FiscalResult], lang: Lang = "en") -> Table:
    """Return for each participant when each benefit starts, ends, and why."""
    rows = []
    for found in results:
        for place, end in enumerate(found.ends):
            unused = end.reason == "not_used"
            rows.append(
                {
                    "profile": "" if place else found.profile.name[lang],
                    "status": "" if place else day_text(found.profile.status, lang),
                    "item": end_item(end, lang, found.doubtful_rules),
                    "starts": "–" if unused else day_text(end.start, lang),
                    "ends": "–" if unused or end.end is None else day_text(end.end, lang),
                    "why": word(f"reason_{end.reason}", lang),
                }
            )
    return _headed(rows, lang, word("ends_caption", lang))


def totals_table(results: Iterable[FiscalResult], lang: Lang = "en") -> Table:
    """Return the present value of each result, by participant and regime."""
    names = load_incentives().content.regimes
    rows = [
        {
            "profile": found.profile.name[lang],
            "regime": names[found.regime].short[lang],
            "present": money(found.present_value, lang)
            + (NBSP + DAGGER if found.doubtful_items else ""),
        }
        for found in results
    ]
    return _headed(rows, lang)


def profiles_table(profiles: Iterable[ParticipantProfile], years: int, lang: Lang = "en") -> Table:
    """Return the paths of illustrative participants: first and last year, mln RUB."""
    rows = []
    for profile in profiles:
        first, last = profile.start, profile.start + years - 1
        pairs = {
            "revenue": [profile.revenue.at(year, first) for year in (first, last)],
            "staff": [profile.headcount.at(year, first) for year in (first, last)],
            "pay": [profile.pay(year) for year in (first, last)],
        }
        rows.append(
            {
                "profile": profile.name[lang],
                "status": day_text(profile.status, lang),
                "year": f"{first} → {last}",
            }
            | {key: " → ".join(number(one, 0, lang) for one in two) for key, two in pairs.items()}
        )
    return _headed(rows, lang, word("profiles_caption", lang))


def assumptions_table(profiles: Iterable[ParticipantProfile], lang: Lang = "en") -> Table:
    """Return every assumption behind the illustrative participants."""
    rows = [
        {"profile": "" if place else profile.name[lang], "assumption": text[lang]}
        for profile in profiles
        for place, text in enumerate(profile.assumptions)
    ]
    return _headed(rows, lang, word("note_illustrative", lang))


def unverified_table(
    results: Iterable[FiscalResult], lang: Lang = "en", register: Incentives | None = None
) -> LinkedTable:
    """Return every value marked † that the results used: how sure, its bounds, its sources."""
    register = register or load_incentives()
    uses = {(use.parameter, use.value.start): use for found in results for use in found.unverified}
    rows: list[dict[str, str]] = []
    links: dict[tuple[int, str], tuple[str, ...]] = {}
    for use in sorted(uses.values(), key=lambda use: (use.parameter, use.value.start)):
        unit, value = register.parameters[_key(use)].unit, use.value
        bounds = "–"
        if value.low is not None and value.high is not None:
            bounds = f"{amount(value.low, unit, lang)} – {amount(value.high, unit, lang)}"
        column = word("col_sources", lang)
        links[len(rows), column] = _addresses(use, register)
        rows.append(
            {
                "regime": register.content.regimes[_key(use)[0]].short[lang],
                "item": parameter_name(use.parameter, lang),
                "since": day_text(value.start, lang),
                "value": amount(value.value, unit, lang),
                "bounds": bounds,
                "confidence": word(f"confidence_{value.confidence}", lang),
                "legal": value.legal_ref[lang] + (f"\n{value.note[lang]}" if value.note else ""),
                "sources": "" if value.source else word("unread", lang),
            }
        )
    return LinkedTable(
        _headed(rows, lang).frame, word("unverified_caption", lang), lang=lang, addresses=links
    )


def sources_table(lang: Lang = "en", register: Incentives | None = None) -> LinkedTable:
    """Return every source of the register: title, what it is cited for, clickable address."""
    register = register or load_incentives()
    rows = []
    for name, source in register.content.sources.items():
        rests = dict.fromkeys(
            f"{register.content.regimes[one.regime].short[lang]}: {parameter_name(one.id, lang)}"
            for one in register.content.parameters
            if any(name in value.source for value in one.values)
        )
        rows.append(
            {
                "source": source.title[lang],
                "supports": "; ".join(rests),
                "address": source.address,
            }
        )
    return LinkedTable(_headed(rows, lang).frame, word("sources_caption", lang), lang=lang)


def even_table(found: BreakEven, lang: Lang = "en") -> Table:
    """Return public money, taxes and balance by year; empty if it is not computable."""
    rows = [
        {"year": str(year)} | {name: money(float(row[name]), lang) for name in found.table}
        for year, row in found.table.iterrows()
    ]
    return _headed(rows, lang)


def notes_text(found: FiscalResult, lang: Lang = "en") -> str:
    """Return Markdown: what the figures mean and leave out."""
    return "\n".join(f"- {note[lang]}" for note in found.notes)


def _headed(rows: Sequence[Mapping[str, str]], lang: Lang, caption: str = "") -> Table:
    frame = pd.DataFrame(list(rows)).rename(columns=lambda key: word(f"col_{key}", lang))
    return Table(frame, caption, lang=lang)
