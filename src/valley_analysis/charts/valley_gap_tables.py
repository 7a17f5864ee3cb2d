"""Tables of who takes part, what nobody has said, what scores rest on, and how fields fit."""

from datetime import date

import pandas as pd

from valley_analysis.charts.names import indicator_name, unit_names
from valley_analysis.charts.tables import Table
from valley_analysis.charts.valley_progress import by_score
from valley_analysis.charts.valley_tables import Row, linked
from valley_analysis.charts.valley_text import (
    date_text,
    listed,
    metric_name,
    months_text,
    step_name,
    valley_names,
    word,
)
from valley_analysis.text import Lang, number
from valley_analysis.valleys import (
    PILLARS,
    Ladder,
    ProgressResult,
    Register,
    cooperation,
    known_figures,
    load_sectors,
    partners_frame,
    stuck,
)


def partners_table(register: Register, lang: Lang = "en") -> Table:
    """Return every organisation named with a valley, and in which role."""
    names = valley_names(register, lang)
    rows: list[Row] = [
        {
            "valley": names[row["valley"]],
            "partner": (row[f"partner_{lang}"], row["source"]),
            "kind": word(f"partner_{row['kind']}", lang),
            "role": word(f"role_{row['role']}", lang),
            "binds": word("does_bind" if row["committed"] else "does_not_bind", lang),
            "since": date_text(row["since"], lang),
            "confidence": word(f"confidence_{row['confidence']}", lang),
        }
        for row in partners_frame(register).to_dict("records")
    ]
    return linked(rows, lang, word("caption_partners", lang))


def gaps_table(register: Register, found: Ladder, lang: Lang = "en", *, only: str = "") -> Table:
    """Return what nobody has said of each valley: figures, steps, companies.

    Parameters
    ----------
    register
        What `load_register` returns.
    found
        The ladder; figures are those known on its date.
    lang
        "en" or "ru".
    only
        Id of the only valley to show; all of them unless given.
    """
    names = valley_names(register, lang)
    known = known_figures(register.valleys, found.as_of)
    states, waiting, companies = found.states(), stuck(found), cooperation(register.valleys)
    rows: list[Row] = []
    for valley in [only] if only else found.valleys:
        missing = [metric_name(name, lang) for name in known if not known.loc[valley, name]]
        unseen = [step_name(s, lang) for s in states if states.loc[valley, s] == "unseen"]
        gap = str(companies.loc[valley, "gap"])
        months = waiting.loc[valley, ["months_low", "months_high"]]
        rows.append(
            {
                "valley": names[valley],
                "no_figures": listed(missing, lang),
                "no_steps": listed(unseen, lang),
                "next_step": step_name(str(waiting.loc[valley, "next_step"]), lang),
                "quiet": months_text(*months),
                "companies": word(f"gap_{gap.replace(' ', '_')}", lang) if gap else "–",
            }
        )
    return linked(rows, lang, word("caption_gaps", lang))


def evidence_table(register: Register, result: ProgressResult, lang: Lang = "en") -> Table:
    """Return the bounds of each pillar and the share of it that rests on evidence."""
    names = valley_names(register, lang)
    rows: list[Row] = []
    for valley in by_score(result):
        row: Row = {"valley": names[valley]}
        scores = result.scores.loc[valley]
        row["score"] = _bounds(scores["low"], scores["high"], lang)
        for pillar in PILLARS:
            bounds = _bounds(result.low.loc[valley, pillar], result.high.loc[valley, pillar], lang)
            share = number(100 * float(result.evidence.loc[valley, pillar]), 0, lang)
            row[f"pillar_{pillar}"] = f"{bounds}; {share} %"
        row["evidence"] = f"{number(100 * scores['evidence'], 0, lang)} %"
        row["places"] = _places(scores, lang)
        rows.append(row)
    return linked(rows, lang, word("caption_evidence", lang))


def _bounds(low: float, high: float, lang: Lang) -> str:
    return f"{number(low, 0, lang)}–{number(high, 0, lang)}"


def _places(scores: pd.Series, lang: Lang) -> str:
    if not scores["ranked"]:
        return word("unranked", lang)
    best, worst = int(scores["rank_best"]), int(scores["rank_worst"])
    return str(best) if best == worst else f"{best}–{worst}"


def fit_table(register: Register, fit: pd.DataFrame, lang: Lang = "en") -> Table:
    """Return where each valley's region stands on the indicators of the valley's fields.

    Parameters
    ----------
    register
        For the names.
    fit
        What `specialisation_fit` returns.
    lang
        "en" or "ru".
    """
    names = valley_names(register, lang)
    regions = unit_names(sorted(fit["region"].unique()), lang).to_dict()
    sectors = {sector.id: sector.name[lang] for sector in load_sectors()}
    rows: list[Row] = []
    for (valley, region, sector), group in fit.groupby(["valley", "region", "sector"], sort=False):
        each = [
            f"{indicator_name(row.indicator, lang)} {number(row.percentile, 0, lang)}"
            for row in group.itertuples()
        ]
        rows.append(
            {
                "valley": names[valley],
                "region": regions[region],
                "field": sectors[sector],
                "fit": number(float(group["percentile"].mean()), 0, lang),
                "indicators": "; ".join(each),
            }
        )
    return linked(rows, lang, word("caption_fit", lang))


def links_table(register: Register, links: pd.DataFrame, as_of: date, lang: Lang = "en") -> Table:
    """Return which valley counts for which region on a day, as `links` gives it."""
    names = valley_names(register, lang)
    regions = unit_names(sorted(links["region"].unique()), lang).to_dict()
    rows: list[Row] = [
        {
            "valley": names[row.valley],
            "region": regions[row.region],
            "site": word(f"site_{row.role}", lang),
            "weight": number(float(row.weight), 2, lang),
        }
        for row in links.itertuples()
    ]
    return linked(rows, lang, word("caption_links", lang, day=date_text(str(as_of), lang)))
