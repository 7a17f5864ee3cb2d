"""The words and tables of the page on one valley."""

from datetime import date

from valley_analysis.charts.incentive_text import end_item
from valley_analysis.charts.incentive_text import word as incentive_word
from valley_analysis.charts.names import unit_names
from valley_analysis.charts.tables import Table
from valley_analysis.charts.valley_coverage import coverage_note
from valley_analysis.charts.valley_tables import Row, facts_of, linked
from valley_analysis.charts.valley_text import (
    DOUBTFUL,
    date_text,
    figure_text,
    months_text,
    region_names,
    step_name,
    word,
)
from valley_analysis.text import Lang, day_text, number
from valley_analysis.valleys import (
    STEPS,
    Ladder,
    ProgressResult,
    Register,
    choose,
    claims_frame,
    months_between,
    stuck,
)
from valley_analysis.valleys.claims import Rule
from valley_analysis.valleys.entries import Fact, Valley
from valley_analysis.valleys.fiscal import INDEXATION, Rules, load_profiles
from valley_analysis.valleys.incentives import ITEMS, Incentives, load_incentives


def dossier_headline(
    register: Register,
    found: Ladder,
    result: ProgressResult,
    valley: str,
    lang: Lang = "en",
    *,
    rule: Rule = "latest",
) -> str:
    """Return Markdown: what a valley is, how far, its participants, and what that rests on.

    Parameters
    ----------
    register
        What `load_register` returns.
    found, result
        Ladder and progress of all valleys on one date.
    valley
        Id.
    lang
        "en" or "ru".
    rule
        Which of several recent figures is named, see `choose`.

    Raises
    ------
    UnknownValleyError
        If there is no valley of that id.
    """
    entry = register[valley]
    regions = unit_names(sorted({site.region for site in entry.sites}), lang).to_dict()
    opening = word(
        "doss_head",
        lang,
        name=entry.name[lang],
        region=region_names(entry, lang, regions),
        summary=entry.summary[lang],
    )
    lines = [
        _stage(found, valley, lang),
        _participants(register, found.as_of, valley, lang, rule),
        _score(result, valley, lang),
        _evidence(entry, found.as_of, lang),
    ]
    return "\n\n".join([opening, *lines, coverage_note(found.as_of, lang)])


def _stage(found: Ladder, valley: str, lang: Lang) -> str:
    row = stuck(found).loc[valley]
    return word(
        "doss_stage",
        lang,
        step=step_name(row["step"], lang),
        number=int(row["number"]),
        n=len(STEPS),
        reached=int(row["reached"]),
        months=months_text(row["months_low"], row["months_high"]),
        next=step_name(row["next_step"], lang),
    )


def _participants(register: Register, as_of: date, valley: str, lang: Lang, rule: Rule) -> str:
    chosen = choose(claims_frame(register, as_of), valley, "participants", rule=rule)
    if chosen is None:
        return word("doss_no_participants", lang)
    ends = {name: figure_text(getattr(chosen, name), lang=lang) for name in ("low", "high")}
    return word(
        "doss_participants",
        lang,
        value=figure_text(chosen.value, chosen.row["bound"], lang),
        day=date_text(chosen.row["as_of"], lang),
        age=number(months_between(chosen.row["last"].date(), as_of), 0, lang),
        range=word("doss_range", lang, **ends) if chosen.conflict else "",
    )


def _score(result: ProgressResult, valley: str, lang: Lang) -> str:
    row = result.scores.loc[valley]
    told = {name: number(float(row[name]), 0, lang) for name in ("low", "high")}
    told["evidence"] = number(100 * float(row["evidence"]), 0, lang)
    if not row["ranked"]:
        return word("doss_unranked", lang, **told)
    places = {"best": int(row["rank_best"]), "worst": int(row["rank_worst"])}
    return word("doss_ranked", lang, **told, **places)


def _evidence(entry: Valley, as_of: date, lang: Lang) -> str:
    facts = facts_of(entry)
    dated = [
        *(one.date for one in entry.milestones if one.confidence != "unverified"),
        *(one.date for one in entry.status),
        *(one.as_of for one in entry.claims),
    ]
    latest = max((day for day in dated if day.first <= as_of), key=lambda day: day.last)
    return word(
        "doss_evidence",
        lang,
        facts=len(facts),
        latest=date_text(latest, lang),
        doubtful=sum(one.confidence in DOUBTFUL for one in facts),
    )


def about_table(register: Register, valley: str, lang: Lang = "en") -> Table:
    """Return who initiated and runs a valley, where it is and what for, each with its source."""
    entry = register[valley]
    regions = unit_names(sorted({site.region for site in entry.sites}), lang).to_dict()
    told: list[tuple[str, str, Fact]] = [
        (f"about_{key}", one[lang], one)
        for key in ("initiator", "fund", "manager", "specialisation")
        if (one := getattr(entry, key))
    ]
    told += [
        (
            "site_main" if site.role == "main" else "site_branch",
            f"{site.name[lang]} ({regions[site.region]}), {date_text(site.since, lang)}",
            site,
        )
        for site in entry.sites
    ]
    rows: list[Row] = [
        {
            "about": word(key, lang),
            "told": (text, fact.source or ""),
            "confidence": word(f"confidence_{fact.confidence}", lang),
            "note": fact.note[lang] if fact.note else "",
        }
        for key, text, fact in told
    ]
    return linked(rows, lang)


def benefits_table(as_of: date, lang: Lang = "en", register: Incentives | None = None) -> Table:
    """Return from when to when each benefit covers a company that gets its status on a day.

    Parameters
    ----------
    as_of
        The day of the status, and of the law that is applied.
    lang
        "en" or "ru".
    register
        Register of tax regimes; the project's own unless given.
    """
    register = register or load_incentives()
    firm = next(iter(load_profiles().values()))
    newcomer = firm.model_copy(update={"status": as_of, "uses_vat_exemption": True})
    rules = Rules(register, "istc", as_of, newcomer, INDEXATION)
    rows: list[Row] = [
        {
            "benefit": end_item(end, lang, doubtful_items(register, as_of)),
            "from": day_text(end.start, lang),
            "until": day_text(end.end, lang) if end.end else "–",
            "reason": incentive_word(f"reason_{end.reason}", lang),
        }
        for end in rules.ends()
    ]
    return linked(rows, lang, word("caption_benefits", lang, day=day_text(as_of, lang)))


def doubtful_items(register: Incentives, as_of: date, regime: str = "istc") -> set[str]:
    """Return the items of a regime with a rate, term or cap that no source states for it."""
    return {
        item
        for (holder, item, name) in register.parameters
        if holder == regime
        and item in ITEMS
        and (use := register.own(regime, item, name, as_of, as_of))
        and use.value.doubtful
    }
