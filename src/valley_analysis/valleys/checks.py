"""What must hold between the facts of a valley, beyond the form of each."""

from collections.abc import Collection, Hashable, Iterator, Mapping
from itertools import pairwise
from typing import get_args

from valley_analysis.regions import load_registry
from valley_analysis.registers import Located
from valley_analysis.valleys.entries import Claim, Metric, Milestone, Step, Valley

STEPS: tuple[Step, ...] = get_args(Step)
"""The ladder, lowest step first."""


def register_problems(
    entries: tuple[Valley, ...],
    located: Located,
    metrics: Mapping[str, Metric],
    sectors: Collection[str],
) -> list[str]:
    """Return everything that is wrong, one line each, in the order of the file.

    Parameters
    ----------
    entries
        Of one register.
    located
        The file that they were read from.
    metrics
        Quantities by key.
    sectors
        Known keys.
    """
    regions = set(load_registry())
    problems = [*_repeated_ids(entries, located)]
    for number, entry in enumerate(entries):
        problems += _unknown(entry, number, located, regions, metrics, sectors)
        problems += _out_of_order(entry, number, located)
        problems += _before_creation(entry, number, located)
        problems += _twice(entry, number, located)
        problems += _sites(entry, number, located)
    return problems


def _repeated_ids(entries: tuple[Valley, ...], located: Located) -> Iterator[str]:
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        if entry.id in seen:
            yield located.at((number, "id"), f"{entry.id}: the id stands twice")
        seen.add(entry.id)


def _unknown(
    entry: Valley,
    number: int,
    located: Located,
    regions: Collection[str],
    metrics: Mapping[str, Metric],
    sectors: Collection[str],
) -> Iterator[str]:
    for k, site in enumerate(entry.sites):
        if site.region not in regions:
            place = (number, "sites", k, "region")
            yield located.at(place, f"{entry.id}: unknown region {site.region!r}")
    for k, claim in enumerate(entry.claims):
        if claim.metric not in metrics:
            place = (number, "claims", k, "metric")
            yield located.at(place, f"{entry.id}: unknown metric {claim.metric!r}; see metrics.yml")
        elif not metrics[claim.metric].low <= claim.value <= metrics[claim.metric].high:
            low, high = metrics[claim.metric].low, metrics[claim.metric].high
            problem = f"{entry.id}: {claim.metric} is {claim.value:g}; expected {low:g} to {high:g}"
            yield located.at((number, "claims", k, "value"), problem)
    for k, sector in enumerate(entry.sectors):
        if sector not in sectors:
            problem = f"{entry.id}: unknown sector {sector!r}; see sectors.yml"
            yield located.at((number, "sectors", k), problem)


def _out_of_order(entry: Valley, number: int, located: Located) -> Iterator[str]:
    """A step that certainly lies before an earlier step of the ladder."""
    dated = [(k, one) for k, one in enumerate(entry.milestones) if one.step]
    for k, one in dated:
        if one.out_of_order:
            continue
        for _, other in dated:
            if _below(other, one) and one.date.last < other.date.first and not other.out_of_order:
                place = (number, "milestones", k, "date")
                yield located.at(
                    place,
                    f"{entry.id}: {one.step} of {one.date} lies before {other.step} of "
                    f"{other.date}; correct a date, or say why under out_of_order",
                )
                break


def _below(one: Milestone, other: Milestone) -> bool:
    assert one.step and other.step
    return STEPS.index(one.step) < STEPS.index(other.step)


def _before_creation(entry: Valley, number: int, located: Located) -> Iterator[str]:
    decrees = [one.date.first for one in entry.milestones if one.step == "decree"]
    if not decrees:
        return
    for k, claim in enumerate(entry.claims):
        if claim.as_of.last < min(decrees) and not claim.before_creation:
            place = (number, "claims", k, "as_of")
            yield located.at(
                place,
                f"{entry.id}: {claim.metric} of {claim.as_of} is older than the decree of "
                f"{min(decrees)}; say why under before_creation",
            )


def _twice(entry: Valley, number: int, located: Located) -> Iterator[str]:
    for part in ("milestones", "claims", "partners", "sites"):
        seen: dict[Hashable, int] = {}
        for k, fact in enumerate(getattr(entry, part)):
            key = _identity(fact)
            if key in seen:
                here, there = (number, part, k), (number, part, seen[key])
                yield located.at(
                    here, f"{entry.id}: the same as line {located.line(there)} ({part})"
                )
            seen.setdefault(key, k)


def _identity(fact: object) -> Hashable:
    """What makes two facts one: the same thing, date and source."""
    if isinstance(fact, Milestone):
        return fact.step, fact.title and fact.title.en, fact.date, fact.source, fact.act
    if isinstance(fact, Claim):
        return fact.metric, fact.value, fact.as_of, fact.nature, fact.part, fact.source
    name = getattr(fact, "name", None)
    region, role = getattr(fact, "region", ""), getattr(fact, "role", "")
    return name and name.en, region, role, getattr(fact, "source", None)


def _sites(entry: Valley, number: int, located: Located) -> Iterator[str]:
    mains = [site for site in entry.sites if site.role == "main"]
    if entry.kind == "istc" and not mains:
        yield located.at((number, "sites"), f"{entry.id}: no main site")
    for earlier, later in pairwise(mains):
        if earlier.until is None or earlier.until.first > later.since.last:
            yield located.at((number, "sites"), f"{entry.id}: two main sites at one time")
    for k, site in enumerate(entry.sites):
        if site.until and site.until.last < site.since.first:
            yield located.at((number, "sites", k), f"{entry.id}: a site ends before it begins")
    if entry.kind == "istc" and not any(one.step == "decree" for one in entry.milestones):
        yield located.at((number, "id"), f"{entry.id}: no decree; a bid stands in candidates.yml")
