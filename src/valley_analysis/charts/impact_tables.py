"""Tables and verdicts of impact: made from results, so that prose cannot contradict numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from valley_analysis.charts.impact_inference import error_texts, way_name
from valley_analysis.charts.impact_sentences import check_name, check_text, labels_text
from valley_analysis.charts.impact_text import (
    About,
    about_of,
    compact,
    interval_text,
    p_cell,
    p_text,
    status_text,
    word,
)
from valley_analysis.charts.rating_tables import site_of
from valley_analysis.charts.tables import Table
from valley_analysis.impact.report_card import ReportCard
from valley_analysis.impact.results import CheckResult, EffectResult
from valley_analysis.impact.spec_curve import CurveResult
from valley_analysis.sanctions import availability_label, find_outcome, find_wave, load_outcomes
from valley_analysis.text import NONE, Lang, capital, number, short_day, short_month, small


def results_table(results: Mapping[str, tuple[EffectResult, About]], lang: Lang = "en") -> Table:
    """Return the headlines of several results, one row each.

    Parameters
    ----------
    results
        What each is called -> the result, and what is told of it.
    lang
        "en" or "ru".
    """
    rows = {name: _headline(result, about, lang) for name, (result, about) in results.items()}
    frame = pd.DataFrame(rows).T
    frame.insert(0, word("col_term", lang), list(rows))
    return Table(frame.reset_index(drop=True), lang=lang)


def _headline(result: EffectResult, about: About, lang: Lang) -> dict[str, str]:
    row = result.table.loc[result.headline]
    return _numbers(row, result.level, about, lang)


def _numbers(row: pd.Series, level: float, about: About, lang: Lang) -> dict[str, str]:
    return {
        word("col_estimate", lang): about.told(row["estimate"], lang),
        word("col_interval", lang, level=number(100 * level, 0, lang)): _span(row, about, lang),
        word("col_p", lang): p_cell(row["p_value"], lang),
    }


def _span(row: pd.Series, about: About, lang: Lang) -> str:
    if pd.isna(row["low"]) and pd.isna(row["high"]):
        return NONE[lang]
    ends = (compact(float(about.effect(row[end])), lang) for end in ("low", "high"))
    return " … ".join(ends)


def inference_table(result: EffectResult, lang: Lang = "en", about: About | None = None) -> Table:
    """Return one estimate under every way of making inference.

    Parameters
    ----------
    result
        What `impact.compare_inference` returns.
    lang
        "en" or "ru".
    about
        What is told of it.
    """
    told = about_of(result, about)
    errors = error_texts(result.table, told, lang)
    rows = [
        {
            word("col_way", lang): way_name(str(term), told, lang),
            word("column_se", lang, unit=told.unit_text(lang)): error,
            **_numbers(row, result.level, told, lang),
        }
        for (term, row), error in zip(result.table.iterrows(), errors, strict=True)
    ]
    return Table(pd.DataFrame(rows), lang=lang)


def checks_table(
    checks: ReportCard | Sequence[CheckResult], lang: Lang = "en", about: About | None = None
) -> Table:
    """Return every check with its status and finding, the failed ones first.

    Parameters
    ----------
    checks
        A report card, or checks.
    lang
        "en" or "ru".
    about
        What is told of the estimate.
    """
    card = checks if isinstance(checks, ReportCard) else None
    found = card.checks if card else tuple(checks)  # type: ignore[arg-type]
    order = ("failed", "undecided", "passed", "informational")
    rows = [
        {
            word("col_status", lang): status_text(check.status, lang),
            word("col_check", lang): check_name(check.name, lang),
            word("col_finding", lang): check_text(check, lang, about),
        }
        | (
            {word("col_core", lang): word("core_yes", lang) if check.name in card.core else ""}
            if card
            else {}
        )
        for check in sorted(found, key=lambda one: order.index(one.status))
    ]
    return Table(pd.DataFrame(rows), lang=lang)


def verdict(card: ReportCard, lang: Lang = "en", about: About | None = None) -> str:
    """Return the verdict on an estimate as Markdown: direction, size, interval, failed checks.

    Parameters
    ----------
    card
        What `impact.report_card` returns.
    lang
        "en" or "ru".
    about
        What is told of it; its `iqr` should be the card's scale.
    """
    told = about_of(card.result, about)
    facts = card.facts
    kind = "" if facts["by_exposure"] else "treated_"
    values = {
        "outcome": capital(told.outcome),
        "size": told.told(card.result.estimate, lang)
        if card.direction == "none"
        else told.magnitude(card.result.estimate, lang),
        "per": told.per(lang),
        "interval": interval_text(*card.result.interval, card.result.level, told, lang),
        "p": p_text(card.result.p_value, lang),
    }
    lines = [word(f"verdict_{kind}{card.direction}", lang, **values), _meaning(card, lang)]
    if card.conclusion == "not distinguishable":
        least = card.smallest_seen / card.scale
        size = " ".join(filter(None, (told.told(least, lang, sign=False), told.per(lang))))
        lines.append(word("verdict_smallest", lang, size=size))
    lines += beside_text(card, told, lang)
    lines.append(checks_tally(card, lang))
    if card.cannot_separate:
        lines.append(word("verdict_separate", lang, what="; ".join(card.cannot_separate)))
    # A shortened name may end a sentence: "обл." has its full stop already.
    return (f"**{lines[0]}** " + " ".join(lines[1:])).replace("..", ".")


def beside_text(card: ReportCard, about: About, lang: Lang = "en") -> list[str]:
    """Return what stands beside the headline: other p-values, estimates, and who carries half."""
    facts, said = card.facts, []
    of_whom = "" if facts["by_exposure"] else "treated_"
    if "size" in facts:
        key = "oversized" if facts["oversized"] else "unsettled"
        size = number(100 * facts["size"], 1, lang)
        said.append(word(f"verdict_{of_whom}{key}", lang, size=size))
    if "sound" in facts and not facts["sound"]:
        said.append(word("verdict_no_sound", lang))
    elif "sound" in facts:
        way = way_name(str(facts["sound"]), about, lang)
        said.append(word("verdict_sound", lang, p=p_text(facts["p_sound"], lang), way=small(way)))
    if "p_family" in facts:
        p = p_text(facts["p_family"], lang)
        said.append(word(f"verdict_{of_whom}family", lang, p=p, n=facts["family"]))
    for key in ("bare", "against_last", "against_mean", "contrast"):
        if key in facts:
            estimate, low, high, p_value = facts[key]
            values = {
                "size": about.told(estimate, lang),
                "interval": interval_text(low, high, card.result.level, about, lang),
                "p": p_text(p_value, lang),
            }
            kind = of_whom if key in ("bare", "contrast") else ""
            said.append(word(f"verdict_{kind}{key}", lang, **values))
    if card.carried_by:
        names = labels_text(list(card.carried_by), about, lang)
        said.append(word("verdict_carried", lang, names=names))
    return said


def checks_tally(card: ReportCard, lang: Lang = "en") -> str:
    """Return how many checks passed and failed, and the names of those that failed."""
    named = {"failed": card.failed, "undecided": card.undecided}
    said = [
        word(f"verdict_{key}", lang, names=_listed(names, lang))
        for key, names in named.items()
        if names
    ]
    return " ".join([word("verdict_tally", lang, **card.counts), *said])


def fragile(card: ReportCard, lang: Lang = "en") -> str:
    """Return that an estimate is fragile, and by which core checks."""
    return word("verdict_fragile", lang, failed=_listed(card.failed_core, lang))


def _meaning(card: ReportCard, lang: Lang) -> str:
    if card.conclusion == "not distinguishable":
        return word("verdict_indistinct", lang)
    if card.conclusion == "fragile":
        return fragile(card, lang)
    return word(f"verdict_{card.conclusion}", lang, untested=_listed(card.untested, lang))


def _listed(names: Sequence[str], lang: Lang) -> str:
    return ", ".join(small(check_name(name, lang)) for name in names)


def cards_table(cards: Mapping[str, tuple[ReportCard, About]], lang: Lang = "en") -> Table:
    """Return several verdicts side by side: estimate, conclusion, failed checks.

    Parameters
    ----------
    cards
        What each is called -> its report card, and what is told of it.
    lang
        "en" or "ru".
    """
    others = [
        key for key in _BESIDE if any(key in card.beside for card, _ in cards.values())
    ]  # an outcome outside the family has no p over all outcomes: a dash beside those that have
    rows = [
        {
            word("col_outcome", lang): name,
            **_headline(card.result, about, lang),
            **{word(f"col_{key}", lang): _other_p(card, key, lang) for key in others},
            word("col_smallest", lang): about.told(
                card.smallest_seen / card.scale, lang, sign=False
            ),
            word("col_status", lang): word.known(
                f"conclusion_{card.conclusion.replace(' ', '_')}", card.conclusion, lang
            ),
            word("col_failed", lang): _listed(card.failed, lang) or NONE[lang],
            word("col_undecided", lang): _listed(card.undecided, lang) or NONE[lang],
        }
        for name, (card, about) in cards.items()
    ]
    return Table(pd.DataFrame(rows), lang=lang)


_BESIDE = ("p_sound", "p_family")


def _other_p(card: ReportCard, key: str, lang: Lang) -> str:
    return p_cell(card.beside[key], lang) if key in card.beside else "–"


def availability_table(found: pd.DataFrame, lang: Lang = "en") -> Table:
    """Return which outcomes can be looked at for which wave.

    Parameters
    ----------
    found
        What `sanctions.availability` returns, for series of outcomes.yml.
    lang
        "en" or "ru".
    """
    series = {one.series: one for one in load_outcomes().values()}
    rows = [
        {
            word("col_outcome", lang): _series_name(row.outcome, series, lang),
            word("col_wave", lang): find_wave(row.wave).label[lang],
            word("col_available", lang): availability_label(row.label, row.post_years, lang),
            word("col_years", lang): f"{row.first}–{row.last}",
            word("col_before", lang): str(row.pre_years),
            word("col_after", lang): str(row.post_years),
            word("col_part", lang): ", ".join(map(str, row.part_treated)) or NONE[lang],
            word("col_units", lang): " / ".join(
                "–" if pd.isna(n) else str(n) for n in (row.units_pre, row.units_post)
            ),
        }
        for row in found.itertuples()
    ]
    return Table(pd.DataFrame(rows), word("caption_availability", lang), lang=lang)


def _series_name(name: str, series: Mapping[str, Any], lang: Lang) -> str:
    return series[name].name[lang] if name in series else word.known(f"series_{name}", name, lang)


def measures_table(found: pd.DataFrame, lang: Lang = "en") -> Table:
    """Return measures with sender, dates, targets and source.

    Announcement, publication and entry into force stand apart; a day in force whose clause was
    not seen is marked as unverified, and so is a measure whose pages were not.

    Parameters
    ----------
    found
        What `sanctions.measures_frame` returns, or some of its rows.
    lang
        "en" or "ru".
    """
    first = [str(sources).split("; ")[0] for sources in found["sources"]]
    frame = {
        word("col_date", lang): [
            _moment(day, precision, lang)
            for day, precision in zip(found["announced"], found["announced_precision"], strict=True)
        ],
        word("col_published", lang): [_moment(day, "day", lang) for day in found["published"]],
        word("col_force", lang): [_in_force(row, lang) for row in found.itertuples()],
        word("col_sender", lang): found["senders"].tolist(),
        word("col_kind", lang): found["kind_name"].tolist(),
        word("col_measure", lang): found["title"].tolist(),
        word("col_sectors", lang): [text or "–" for text in found["sectors"]],
        word("col_confidence", lang): [
            _source(address, confidence, lang)
            for address, confidence in zip(first, found["confidence"], strict=True)
        ],
    }
    caption = word("caption_measures", lang, n=len(found))
    return Table(pd.DataFrame(frame), caption, {word("col_confidence", lang): first}, lang)


def _in_force(row: Any, lang: Lang) -> str:
    """Day in force; from when the ban itself holds; "unverified" where the clause was not seen."""
    told = _moment(row.in_force, row.in_force_precision, lang)
    if row.force_basis == "usual":
        told = f"{told} ({word('unverified', lang)})"
    if not pd.isna(row.applies):
        told += "; " + word("applies_from", lang, day=_moment(row.applies, "day", lang))
    return told


def _source(address: str, confidence: str, lang: Lang) -> str:
    told = site_of(address) if address else word("no_source", lang)
    return f"{told} ({word('unverified', lang)})" if confidence == "unverified" else told


def _moment(day: Any, precision: str, lang: Lang) -> str:
    if pd.isna(day):
        return "–"
    printed = {"day": short_day, "month": short_month}.get(precision)
    return printed(day, lang) if printed else str(day.year)


def curve_table(curve: CurveResult, lang: Lang = "en", about: About | None = None) -> Table:
    """Return the median estimate under each option of each choice.

    Parameters
    ----------
    curve
        What `impact.specification_curve` returns.
    lang
        "en" or "ru".
    about
        What is told of it.
    """
    told = about or About("")
    rows = [
        {
            word("col_choice", lang): word.known(f"factor_{row.factor}", row.factor, lang),
            word("col_option", lang): labels_text(row.option, told, lang),
            word("col_n", lang): str(row.n),
            word("col_median", lang): told.told(row.median, lang, per_iqr=True),
            word("col_negative", lang): number(100 * row.negative, 0, lang),
            word("col_significant", lang): number(100 * row.significant, 0, lang),
        }
        for row in curve.by_choice().itertuples()
    ]
    return Table(pd.DataFrame(rows), lang=lang)


def outcome_name(outcome: str, lang: Lang = "en") -> str:
    """Return what an outcome is called.

    Examples
    --------
    >>> outcome_name("rd_staff")
    'R&D staff'
    """
    return find_outcome(outcome).name[lang]
