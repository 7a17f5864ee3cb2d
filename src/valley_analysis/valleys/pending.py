"""Regions that wait for a valley: an application was filed, or a draft decree published."""

from collections.abc import Collection, Iterator

import pandas as pd

from valley_analysis.valleys.dates import Dated
from valley_analysis.valleys.entries import Candidate, Stage
from valley_analysis.valleys.ladder import DECREE
from valley_analysis.valleys.register import Register, load_candidates

PENDING: tuple[Stage, ...] = ("application", "draft_decree", "named")
"""Stages past a mere proposal."""


def pending_regions(
    register: Register, candidates: Collection[Candidate] | None = None, *, hosts: bool = False
) -> pd.DataFrame:
    """Return regions past a mere proposal of a valley: they are doubtful as untreated controls.

    Parameters
    ----------
    register
        What `load_register` returns: applications, drafts and decrees of valleys.
    candidates
        Bids; those of candidates.yml unless given.
    hosts
        Whether to list hosts, too, for the time between their application and their decree.

    Returns
    -------
    One row a region and stage, in the order of the registers: region, stage ("application",
    "draft_decree" or "named"), valley (id), first, last (earliest and latest day of it), until
    (day of the decree at the earliest; missing while there is none), source, confidence.

    Examples
    --------
    >>> from valley_analysis.valleys.register import load_register
    >>> found = pending_regions(load_register())
    >>> found.loc[found["region"] == "RU-NVS", "stage"].tolist()
    ['application']
    """
    bids = load_candidates() if candidates is None else candidates
    hosting = {site.region for valley in register.valleys.entries for site in valley.sites}
    rows = [row for bid in bids for row in _bid(bid) if bid.region not in hosting]
    if hosts:
        rows = [*_waiting(register), *rows]
    columns = ["region", "stage", "valley", "first", "last", "until", "source", "confidence"]
    table = pd.DataFrame(rows, columns=columns)
    for column in ("first", "last", "until"):
        table[column] = pd.to_datetime(table[column])
    return table


def _bid(bid: Candidate) -> Iterator[tuple[object, ...]]:
    for fact in bid.facts:
        if fact.stage in PENDING:
            yield _row(bid.region, fact.stage, bid.id, fact.date, None, fact)


def _waiting(register: Register) -> Iterator[tuple[object, ...]]:
    """Hosts before their decree."""
    for valley in register.valleys.entries:
        until = min(one.date.first for one in valley.milestones if one.step == DECREE)
        region = next(site.region for site in valley.sites if site.role == "main")
        for one in valley.milestones:
            stage = "draft_decree" if one.draft else one.step
            if stage in PENDING and one.date.first < until:
                yield _row(region, str(stage), valley.id, one.date, until, one)


def _row(
    region: str, stage: str, valley: str, day: Dated, until: object, fact: object
) -> tuple[object, ...]:
    source, confidence = getattr(fact, "source", None), getattr(fact, "confidence", "")
    return region, stage, valley, day.first, day.last, until, source or "", confidence
