"""What the register of valleys says: every lead carried over, conflicts kept, nothing mixed up."""

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import BaseModel

from valley_analysis import valleys
from valley_analysis.bilingual import Bilingual
from valley_analysis.indicators import load_catalogue
from valley_analysis.valleys.dates import Dated
from valley_analysis.valleys.entries import Claim, Fact, Milestone, Named, Partner, Valley
from valley_analysis.valleys.network import load_network
from valley_analysis.valleys.register import load_candidates, load_register, load_sectors

EDITION = date(2026, 11, 25)
CYRILLIC = re.compile("[А-Яа-яЁё]")
HOSTS = {
    "msu": "RU-MOW",
    "sirius": "RU-KDA",
    "mendeleev": "RU-MOW",
    "russky": "RU-PRI",
    "composite": "RU-TUL",
    "pamt": "RU-KLU",
    "quantum": "RU-NIZ",
    "humantech": "RU-KGD",
    "aero": "RU-RYA",
    "valdai": "RU-NGR",
    "unity": "RU-KHM",
    "neva_delta": "RU-SPE",
}


def models(thing: object) -> Iterator[BaseModel]:
    """Every model inside, whatever holds it."""
    if isinstance(thing, BaseModel):
        yield thing
        for name in type(thing).model_fields:
            yield from models(getattr(thing, name))
    elif isinstance(thing, tuple):
        for one in thing:
            yield from models(one)


def everything() -> tuple[object, ...]:
    return (load_register().entries, load_network(), load_candidates(), load_sectors())


def facts() -> list[Fact]:
    return [one for one in models(everything()) if isinstance(one, Fact)]


def leads(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "facts" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def overlap(one: Dated, other: Dated) -> bool:
    return one.first <= other.last and other.first <= one.last


def claims(valley: str, metric: str, *, nature: str | None = None, part: str = "") -> list[Claim]:
    return [
        one
        for one in load_register()[valley].claims
        if one.metric == metric and one.part == part and nature in (None, one.nature)
    ]


def values(valley: str, metric: str) -> set[float]:
    return {one.value for one in claims(valley, metric)}


# Which valleys exist


def test_twelve_valleys_in_eleven_regions() -> None:
    found = {
        entry.id: next(site.region for site in entry.sites if site.role == "main")
        for entry in load_register().valleys.entries
    }
    assert found.items() >= HOSTS.items()  # more valleys may follow
    assert len(set(found.values())) == 11


def test_other_regimes_are_never_valleys() -> None:
    others = [entry for entry in load_register().entries if entry.kind != "istc"]
    assert {entry.kind for entry in others} == {"skolkovo", "sez_technology", "state_company"}
    assert not {entry.id for entry in others} & set(HOSTS)
    assert all(entry.law == "216-FZ" for entry in load_register().valleys.entries)
    assert all(entry.law != "216-FZ" for entry in others)


def test_the_seven_technology_zones_are_those_of_the_ministry() -> None:
    zones = load_register().of_kind("sez_technology").entries
    regions = sorted(zone.sites[0].region for zone in zones)
    assert regions == ["RU-MOS", "RU-MOS", "RU-MOW", "RU-SAR", "RU-SPE", "RU-TA", "RU-TOM"]
    counted = {total.id: total.value for total in load_network().totals}
    assert counted["technology_zones"] == len(zones)


def test_the_valley_in_tula_is_not_mendeleevs() -> None:
    assert all(site.region == "RU-TUL" for site in load_register()["composite"].sites)
    assert all(site.region != "RU-TUL" for site in load_register()["mendeleev"].sites)


def test_candidates_have_no_decree_and_stay_apart() -> None:
    regions = {candidate.region for candidate in load_candidates()}
    assert {"RU-NVS", "RU-SVE", "RU-TAM", "RU-LEN"} <= regions
    assert not {candidate.id for candidate in load_candidates()} & set(load_register().ids)


def test_petersburg_is_a_host_since_2024() -> None:
    register = load_register()
    assert valleys.decree_years(register)["RU-SPE"] == 2024
    assert "RU-SPE" in valleys.hosts(register, EDITION)
    assert "RU-SPE" not in valleys.hosts(register, date(2024, 9, 30))
    assert "RU-SPE" not in set(valleys.pending_regions(register)["region"])


# Where they are


def test_mendeleev_works_in_siberia_since_september_2025() -> None:
    sites = load_register()["mendeleev"].sites
    branches = {site.region: str(site.since) for site in sites if site.role == "branch"}
    assert branches == dict.fromkeys(["RU-KYA", "RU-IRK", "RU-KK", "RU-TY"], "2025-09")
    assert sum(site.weight for site in sites) == pytest.approx(1)


def test_valdai_stands_in_veliky_novgorod() -> None:
    site = load_register()["valdai"].sites[0]
    assert (site.lat, site.lon) == pytest.approx((58.52, 31.27), abs=0.1)
    assert "Veliky Novgorod" in site.name.en


def test_composite_moved_to_the_city() -> None:
    zone, city = load_register()["composite"].sites
    assert zone.until is not None
    assert zone.until == city.since


# Every lead carried over


def test_every_address_of_the_leads_is_in_the_register(shared: Path) -> None:
    known = {fact.source for fact in facts()}
    names = (
        "valleys",
        "valley_milestones",
        "valley_claims",
        "valley_partners",
        "valley_candidates",
        "network_totals",
        "other_regimes",
    )
    cells = [
        row.get(column) or ""
        for name in names
        for row in leads(shared, name)
        for column in ("source_url", "source_urls")
    ]
    addresses = {one for cell in cells for one in cell.split(" | ") if one.startswith("http")}
    assert len(addresses) > 100
    assert not addresses - known


def test_every_claim_of_the_leads_is_in_the_register(shared: Path) -> None:
    lost = [
        row
        for row in leads(shared, "valley_claims")
        if not any(
            claim.value == float(row["value"])
            and overlap(claim.as_of, Dated.parse(row["asof_date"]))
            for claim in load_register()[row["valley_id"]].claims
        )
    ]
    assert not lost


def test_every_milestone_of_the_leads_is_in_the_register(shared: Path) -> None:
    def known(row: dict[str, str]) -> bool:
        where = row["valley_id"]
        holder = load_network() if where == "network" else load_register()[where]
        return any(
            overlap(one.date, Dated.parse(row["date"]))
            and one.source == (row["source_url"] or None)
            and (row["confidence"] != "unverified" or one.confidence == "unverified")
            for one in holder.milestones
        )

    lost = [row for row in leads(shared, "valley_milestones") if not known(row)]
    assert not lost


def test_every_partner_of_the_leads_is_in_the_register(shared: Path) -> None:
    lost = [
        row
        for row in leads(shared, "valley_partners")
        if not any(
            one.name.en == row["partner_en"] and one.source == (row["source_url"] or None)
            for one in load_register()[row["valley_id"]].partners
        )
    ]
    assert not lost


def test_counts_that_follow_from_the_register_are_not_written_down(shared: Path) -> None:
    written = {(total.value, total.source) for total in load_network().totals}
    rows = leads(shared, "network_totals")
    assert {
        (float(row["value"]), row["source_url"]) for row in rows if row["source_url"]
    } <= written
    assert all(total.source for total in load_network().totals)


# Conflicts stay visible


def test_russky_has_sixteen_residents_and_then_thirteen() -> None:
    days = {str(one.as_of): one.value for one in claims("russky", "participants", nature="actual")}
    assert set(days.values()) == {16, 13}
    assert days["2025-11-20"] == 16
    assert days["2025-12-07"] == 13
    assert max(days) == "2025-12-07"


@pytest.mark.parametrize(
    ("valley", "metric", "told"),
    [
        ("russky", "territory", {245, 276}),
        ("aero", "jobs", {2800, 2500}),
        ("unity", "project_cost", {50_000, 52_000, 90_000}),
        ("unity", "territory", {74, 65, 75}),
        ("msu", "territory", {17.5, 17.6}),
    ],
)
def test_conflicting_figures_all_stay(valley: str, metric: str, told: set[float]) -> None:
    assert told <= values(valley, metric)


@pytest.mark.parametrize("valley", ["msu", "sirius", "russky", "valdai"])
def test_the_unverified_act_stays_beside_the_sourced_report(valley: str) -> None:
    decrees = [one for one in load_register()[valley].milestones if one.step == "decree"]
    assert {one.confidence == "unverified" for one in decrees} == {True, False}


# Natures are not mixed


def test_interested_companies_are_no_participants() -> None:
    for valley in ("composite", "quantum", "aero", "valdai"):
        interested = values(valley, "intentions")
        assert interested, valley
        assert not interested & values(valley, "participants"), valley


@pytest.mark.parametrize("valley", ["mendeleev", "pamt", "humantech", "valdai", "unity"])
def test_valleys_without_a_count_of_participants_say_nothing(valley: str) -> None:
    assert not claims(valley, "participants", nature="actual")


def test_the_clusters_of_moscow_are_parts_of_one_valley() -> None:
    whole = claims("msu", "participants", nature="actual")
    assert [(one.value, str(one.as_of)) for one in whole] == [
        (30, "2022-06-08"),
        (300, "2025-09-01"),
    ]
    lomonosov = claims("msu", "participants", nature="actual", part="lomonosov")
    assert [one.value for one in lomonosov] == [25, 66, 75, 78]


def test_siberian_money_is_not_moscows() -> None:
    entry = load_register()["mendeleev"]
    assert {one.part for one in entry.claims} == {"angara_yenisei"}


def test_an_actual_figure_describes_the_past() -> None:
    ahead = [
        one
        for one in models(load_register().entries)
        if isinstance(one, Claim) and one.as_of.first > EDITION
    ]
    assert not ahead


def test_inferred_facts_say_what_is_read_in() -> None:
    silent = [
        (type(one).__name__, one.source)
        for one in facts()
        if one.confidence == "inferred" and one.note is None and not getattr(one, "scope", None)
    ]
    assert not silent


def test_steps_proved_only_by_figures_say_so() -> None:
    first = {
        entry.id: [one for one in entry.milestones if one.step == "first_participant"]
        for entry in load_register().valleys.entries
    }
    counted = {
        entry.id
        for entry in load_register().valleys.entries
        if any(one.metric == "participants" and one.nature == "actual" for one in entry.claims)
    }
    assert {valley for valley, found in first.items() if found} == counted
    for valley in counted - {"aero"}:
        (step,) = first[valley]
        assert step.confidence == "inferred"
        assert step.date.precision == "between"


# Both languages, addresses, names


def test_every_text_stands_in_both_languages() -> None:
    for one in models(everything()):
        if isinstance(one, Bilingual | Named):
            assert CYRILLIC.search(one.ru) or not re.search("[A-Za-z]{2}", one.ru), one.ru
            assert not CYRILLIC.search(one.en), one.en
            assert one.en == one.en.strip(), one.en
            assert one.ru == one.ru.strip(), one.ru


def test_every_source_is_one_address() -> None:
    for fact in facts():
        if fact.source is None:
            assert fact.confidence == "unverified"
            continue
        parts = urlsplit(fact.source)
        assert "." in parts.netloc, fact.source
        assert fact.source.isascii(), fact.source
        assert not re.search(r"[\s|]", fact.source), fact.source


def test_an_organisation_has_one_name_everywhere() -> None:
    names: dict[str, set[tuple[str, str]]] = {}
    for one in models(load_register().entries):
        if isinstance(one, Partner):
            names.setdefault(one.name.en, set()).add((one.name.ru, one.kind))
    assert not {name for name, told in names.items() if len(told) > 1}
    russian = [ru for told in names.values() for ru, _ in told]
    assert len(russian) == len(set(russian))


@pytest.mark.parametrize(
    ("partner", "linked"),
    [
        ("Rostec", {"msu", "mendeleev", "valdai"}),
        ("Rosatom", {"mendeleev", "russky", "pamt"}),
        ("Rosneft", {"msu", "russky", "unity"}),
        ("Roscosmos", {"composite", "aero"}),
        ("Kurchatov Institute", {"composite", "pamt"}),
        ("Lomonosov Moscow State University", {"msu", "composite"}),
    ],
)
def test_corporations_link_valleys(partner: str, linked: set[str]) -> None:
    found = {
        entry.id
        for entry in load_register().entries
        if any(one.name.en == partner for one in entry.partners)
    }
    assert found == linked


def test_every_valley_names_its_initiator_among_its_partners() -> None:
    for entry in load_register().valleys.entries:
        assert entry.initiator is not None, entry.id
        names = [one.name.en for one in entry.partners if one.role == "initiator"]
        assert any(name in entry.initiator.en for name in names), entry.id


def test_fields_of_work_name_indicators_that_exist() -> None:
    known = set(load_catalogue())
    assert len(load_sectors()) >= 12
    for sector in load_sectors():
        assert sector.indicators, sector.id
        assert set(sector.indicators) <= known, sector.id
    assert all(entry.sectors for entry in load_register().entries)
    used = {sector for entry in load_register().entries for sector in entry.sectors}
    assert used == {sector.id for sector in load_sectors()}


def test_the_law_is_in_force_before_any_decree() -> None:
    law = next(one for one in load_network().milestones if one.act == "216-FZ")
    for entry in load_register().valleys.entries:
        for one in decrees(entry):
            assert one.date.first > law.date.last, entry.id


def decrees(entry: Valley) -> list[Milestone]:
    return [one for one in entry.milestones if one.step == "decree"]
