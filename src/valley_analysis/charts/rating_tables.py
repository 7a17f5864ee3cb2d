"""Tables of regions rated on their valleys, of readiness and of the brief."""

from collections.abc import Collection
from urllib.parse import urlsplit

import pandas as pd

from valley_analysis.charts.names import unit_names
from valley_analysis.charts.rating_axes import places_texts, sides_text
from valley_analysis.charts.rating_readiness import check_verdict
from valley_analysis.charts.rating_text import word
from valley_analysis.charts.tables import Table
from valley_analysis.charts.valley_text import (
    date_text,
    decree_label,
    figure_text,
    metric_heading,
    months_text,
    span_text,
    step_name,
    valley_names,
)
from valley_analysis.charts.valley_text import word as valley_word
from valley_analysis.scoring import UncertaintyResult
from valley_analysis.text import Lang, day_text, number, span
from valley_analysis.valleys import (
    Dated,
    Ladder,
    Moved,
    ProgressResult,
    RatingResult,
    ReadinessResult,
    load_candidates,
    load_register,
)
from valley_analysis.valleys.ladder import DECREE

STUCK = 24
"""Months without a step after which the brief counts a valley as waiting."""


def headline(
    rating: RatingResult, progress: ProgressResult, context: UncertaintyResult, lang: Lang = "en"
) -> str:
    """Return what the rating says in two sentences, all numbers from the results."""
    hosts = rating.hosts
    told = word(
        "headline_rating",
        lang,
        hosts=len(hosts),
        above=int((hosts["ground"] == "strong").sum()),
        below=int((hosts["ground"] == "weak").sum()),
        open=int((hosts["ground"] == "open").sum()),
        n=len(context.scope),
        share=number(100 * progress.spec.threshold, 0, lang),
        known=int(rating.known.sum()),
        pairs=_told_apart(hosts),
        all_pairs=len(hosts) * (len(hosts) - 1) // 2,
    )
    return f"{told} {word('no_blend', lang)}"


def _told_apart(hosts: pd.DataFrame) -> int:
    low, high = hosts["blend_low"].to_numpy(), hosts["blend_high"].to_numpy()
    return int((low[:, None] > high[None, :]).sum())


def rating_table(
    rating: RatingResult, progress: ProgressResult, context: UncertaintyResult, lang: Lang = "en"
) -> Table:
    """Return the official-style table of host regions."""
    hosts = rating.hosts
    short = valley_names(load_register(), lang)
    sides = zip(hosts["ground"], hosts["reach"], strict=True)
    frame = {
        word("Region", lang): unit_names(hosts.index, lang).tolist(),
        word("Valleys", lang): [
            ", ".join(short[v] for v in ids.split()) for ids in hosts["valleys"]
        ],
        word("Context", lang): [number(value, 1, lang) for value in hosts["context"]],
        word("ContextRank", lang, n=len(context.scope)): [
            f"{row.context_rank} ({span(row.context_low, row.context_high, 0, lang)})"
            for row in hosts.itertuples()
        ],
        word("Progress", lang): _spans(hosts, "progress", lang),
        word("Evidence", lang): [number(100 * value, 0, lang) for value in hosts["evidence"]],
        word("Quadrant", lang): [sides_text(*one, lang) for one in sides],
        word("Blend", lang): _spans(hosts, "blend", lang),
        word("BlendPlaces", lang): places_texts(hosts, lang),
    }
    return Table(pd.DataFrame(frame), lang=lang)


def _spans(hosts: pd.DataFrame, name: str, lang: Lang) -> list[str]:
    ends = zip(hosts[f"{name}_low"], hosts[f"{name}_high"], strict=True)
    return [span(low, high, 0, lang) for low, high in ends]


def readiness_table(
    found: ReadinessResult, candidates: Collection[str], lang: Lang = "en", top: int = 20
) -> Table:
    """Return the regions most like hosts before their decree."""
    table = found.table.head(top)
    frame = {
        word("Place", lang): [str(place) for place in table["place"]],
        word("Region", lang): unit_names(table.index, lang).tolist(),
        word("Distance", lang): [number(value, 2, lang) for value in table["distance"]],
        word("nearest", lang): [
            ", ".join(unit_names(row.split(), lang)) for row in table["nearest"]
        ],
        word("Bid", lang): [
            word("candidate" if unit in candidates else "no_candidate", lang)
            for unit in table.index
        ],
    }
    return Table(pd.DataFrame(frame), check_verdict(found, lang), lang=lang)


def decrees_table(ladder: Ladder, links: pd.DataFrame, lang: Lang = "en") -> Table:
    """Return the decree behind each host region, leading to its source."""
    names = valley_names(load_register(), lang)
    decrees = ladder.steps.xs(DECREE, level="step").loc[list(dict.fromkeys(links["valley"]))]
    regions = links.groupby("valley")["region"].agg(list)
    frame = {
        word("Valley", lang): [names[valley] for valley in decrees.index],
        word("Region", lang): [
            ", ".join(unit_names(regions[valley], lang)) for valley in decrees.index
        ],
        word("Decree", lang): [span_text(row, lang) for _, row in decrees.iterrows()],
        **_sources(decrees["source"], lang),
    }
    return Table(pd.DataFrame(frame), links=_links(decrees["source"], lang), lang=lang)


def pending_table(pending: pd.DataFrame, lang: Lang = "en") -> Table:
    """Return the regions that wait for a valley, as `pending_regions` gives them, with sources."""
    bids = {candidate.id: candidate.name[lang] for candidate in load_candidates()}
    names = {**valley_names(load_register(), lang), **bids}
    frame = {
        word("Region", lang): unit_names(pending["region"], lang).tolist(),
        word("Stage", lang): [word(f"stage_{stage}", lang) for stage in pending["stage"]],
        word("Date", lang): [span_text(row, lang) for _, row in pending.iterrows()],
        word("WaitsFor", lang): [names[valley] for valley in pending["valley"]],
        word("Confidence", lang): [
            valley_word(f"confidence_{one}", lang) for one in pending["confidence"]
        ],
        **_sources(pending["source"], lang),
    }
    return Table(
        pd.DataFrame(frame), word("caption_pending", lang), _links(pending["source"], lang)
    )


def check_table(found: ReadinessResult, lang: Lang = "en") -> Table:
    """Return where each host stands when it is left out."""
    check = found.check.sort_values("place")
    frame = {
        word("Region", lang): unit_names(check.index, lang).tolist(),
        word("Decree", lang): [
            decree_label(str(region), int(year)) for region, year in check["decree"].items()
        ],
        word("Place", lang): [str(int(place)) for place in check["place"]],
        word("Of", lang): [str(int(n)) for n in check["of"]],
        word("Share", lang): [number(100 * share, 0, lang) for share in check["share"]],
    }
    return Table(pd.DataFrame(frame), lang=lang)


def brief(found: Moved, lang: Lang = "en") -> str:
    """Return what moved in one sentence, all numbers from the result."""
    two_sources = found.figures["contradiction"]
    return word(
        "brief_opening",
        lang,
        before=day_text(found.before.as_of, lang),
        now=day_text(found.now.as_of, lang),
        steps=len(found.steps),
        valleys=found.steps["valley"].nunique(),
        events=len(found.events),
        figures=int((~two_sources).sum()),
        at_odds=int(two_sources.sum()),
        waiting=int((found.stuck["months_low"] >= STUCK).sum()),
        possible=int((found.stuck["months_high"] >= STUCK).sum()),
        n=len(found.stuck),
    )


def steps_moved_table(found: Moved, lang: Lang = "en") -> Table:
    """Return the steps newly seen, each leading to its source."""
    names = valley_names(load_register(), lang)
    frame = {
        word("Valley", lang): [names[v] for v in found.steps["valley"]],
        word("Step", lang): [step_name(step, lang) for step in found.steps["step"]],
        word("Date", lang): [span_text(row, lang) for _, row in found.steps.iterrows()],
        **_sources(found.steps["source"], lang),
    }
    return Table(pd.DataFrame(frame), links=_links(found.steps["source"], lang), lang=lang)


def events_table(found: Moved, lang: Lang = "en") -> Table:
    """Return events beside the ladder, each leading to its source."""
    names = valley_names(load_register(), lang)
    frame = {
        word("Valley", lang): [names[v] for v in found.events["valley"]],
        word("Date", lang): [date_text(day, lang) for day in found.events["date"]],
        word("Event", lang): found.events[f"title_{lang}"].tolist(),
        **_sources(found.events["source"], lang),
    }
    return Table(pd.DataFrame(frame), links=_links(found.events["source"], lang), lang=lang)


def figures_table(found: Moved, lang: Lang = "en") -> Table:
    """Return figures that changed, each leading to its source, and whether sources differ."""
    names = valley_names(load_register(), lang)
    rows = found.figures
    frame = {
        word("Valley", lang): [names[v] for v in rows["valley"]],
        word("Figure", lang): [metric_heading(m, lang) for m in rows["metric"]],
        word("Before", lang): _figures(rows, "before", lang),
        word("Now", lang): _figures(rows, "now", lang),
        word("WhatItIs", lang): [
            word("two_sources" if one else "changed", lang) for one in rows["contradiction"]
        ],
        **_sources(rows["source"], lang),
    }
    return Table(pd.DataFrame(frame), links=_links(rows["source"], lang), lang=lang)


def _figures(rows: pd.DataFrame, when: str, lang: Lang) -> list[str]:
    pairs = zip(rows[when], rows[f"{when}_bound"], strict=True)
    return [figure_text(value, bound, lang) for value, bound in pairs]


def by_waiting(found: Moved) -> pd.DataFrame:
    """Return `Moved.stuck`, who has certainly waited longest first."""
    keys = ["months_low", "months_high"]
    return found.stuck.sort_values(keys, ascending=False, kind="stable")


def stuck_table(found: Moved, lang: Lang = "en") -> Table:
    """Return how far each valley is, since when, and which step is next."""
    names = valley_names(load_register(), lang)
    rows = by_waiting(found)
    frame = {
        word("Valley", lang): [names[v] for v in rows.index],
        word("Furthest", lang): [step_name(step, lang) for step in rows["step"]],
        word("LastMove", lang): [
            date_text(Dated(row.moved_first.date(), row.moved_last.date()), lang)
            for row in rows.itertuples()
        ],
        word("MonthsSince", lang): [
            months_text(row.months_low, row.months_high) for row in rows.itertuples()
        ],
        word("NextStep", lang): [
            step_name(step, lang) if step else word("all_steps", lang) for step in rows["next_step"]
        ],
    }
    return Table(pd.DataFrame(frame), lang=lang)


def _sources(addresses: pd.Series, lang: Lang) -> dict[str, list[str]]:
    texts = [site_of(address) if address else word("no_source", lang) for address in addresses]
    return {word("Source", lang): texts}


def _links(addresses: pd.Series, lang: Lang) -> dict[str, list[str]]:
    return {word("Source", lang): [str(address) for address in addresses]}


def ladder_sources_table(ladder: Ladder, lang: Lang = "en") -> Table:
    """Return every dated step with the address that dates it."""
    names = valley_names(load_register(), lang)
    rows = ladder.steps[ladder.steps["source"] != ""].reset_index()
    frame = {
        word("Valley", lang): [names[valley] for valley in rows["valley"]],
        word("Step", lang): [step_name(step, lang) for step in rows["step"]],
        word("Date", lang): [span_text(row, lang) for _, row in rows.iterrows()],
        word("Source", lang): [site_of(address) for address in rows["source"]],
    }
    return Table(pd.DataFrame(frame), links=_links(rows["source"], lang), lang=lang)


def site_of(address: str) -> str:
    """Return the host of an address, to print as the text of a link.

    Examples
    --------
    >>> site_of("https://www.rbc.ru/society/1")
    'rbc.ru'
    """
    return (urlsplit(address).hostname or address).removeprefix("www.")
