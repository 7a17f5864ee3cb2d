"""How many entries of the United States' SDN list have an address in each region.

Only counts are kept, never the list itself. The count is of November 2025, years after the
measures began, and has no dates of designation: it describes where listed firms and people are,
and is neither an exposure nor an outcome that an estimate may use.

An address is placed by the first three digits of its postcode (postcodes.csv), else by the name of
its city or region (cities.csv). Spellings that fit several regions are left out of the table on
purpose, and an address whose parts name two regions is not placed. An entry with addresses in
several regions counts once in each of them.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valley_analysis import paths
from valley_analysis.errors import LayoutError, RegisterError
from valley_analysis.sources.originals import (
    checksum,
    find_originals,
    read_records,
)
from valley_analysis.sources.sidecars import read_pair, require_numbers, write_pair

if TYPE_CHECKING:
    import pandas as pd

POSTCODES = Path(__file__).with_name("postcodes.csv")
CITIES = Path(__file__).with_name("cities.csv")
ADDRESSES = "addresses_russia_2025-11.csv"
TYPES = "types_programmes_2023-01.csv"
COLUMNS = (
    "region",
    "entries",
    "entities_2023",
    "individuals_2023",
    "other_2023",
    "not_on_list_2023",
)
_PLACE = "City/State/Province/Postal Code"
_TABLE = "ofac/sdn-2025-11/entries_by_region.csv"
_EMPTY = "-0-"
_END = "\x1a"
_POSTCODE = re.compile(r"(?<!\d)(\d{3}) ?\d{3}(?!\d)")
_REGION = re.compile(r"^(RU-[A-Z]{2,3}|UA-4[03])$")
_KINDS = {_EMPTY: "entities_2023", "individual": "individuals_2023"}


@dataclass(frozen=True)
class Address:
    """One address: its entry, and the regions that its postcode and its city's name give.

    `by_postcode` is empty without a known postcode; `by_name` holds each region that a part of
    the name stands for.
    """

    entry: str
    city: str
    prefix: str
    by_postcode: str
    by_name: frozenset[str]

    @property
    def region(self) -> str:
        """Region of the address, or an empty text if it cannot be placed."""
        if self.by_postcode:
            return self.by_postcode
        return next(iter(self.by_name)) if len(self.by_name) == 1 else ""

    @property
    def contradicts(self) -> bool:
        """Tell whether the postcode and the name give different regions."""
        return bool(self.by_postcode and self.by_name) and self.by_postcode not in self.by_name


@dataclass(frozen=True)
class OfacCounts:
    """Counts of entries by region, and what could not be placed.

    Attributes
    ----------
    frame
        One row a region: `region`, `entries`, and of these `entities_2023`, `individuals_2023`
        and `other_2023` (on the list of January 2023) and `not_on_list_2023`. Descriptive only.
    total
        Entries with a Russian address.
    share_unplaced
        Share of them of which no address could be placed.
    """

    frame: "pd.DataFrame"
    total: int
    share_unplaced: float


@cache
def load_postcodes(path: Path = POSTCODES) -> dict[str, str]:
    """Return the region of each three-digit prefix of a postcode.

    Raises
    ------
    RegisterError
        With every prefix that is malformed, repeated or without a region.

    Examples
    --------
    >>> load_postcodes()["300"], load_postcodes()["629"]
    ('RU-TUL', 'RU-YAN')
    """
    return _mapping(path, "prefix", re.compile(r"^\d{3}$"))


@cache
def load_cities(path: Path = CITIES) -> dict[str, str]:
    """Return the region of each spelling of a city or region, in the form of `plain_name`.

    Raises
    ------
    RegisterError
        With every spelling that is not in that form, repeated or without a region.

    Examples
    --------
    >>> load_cities()["st petersburg"]
    'RU-SPE'
    """
    return _mapping(path, "spelling", re.compile(r"^[a-z()/]+(,? [a-z()/]+)*$"))


def plain_name(text: str) -> str:
    """Bring a spelling to lower case without digits, dots, hyphens and apostrophes.

    Examples
    --------
    >>> plain_name("St. Petersburg 191144"), plain_name("Rostov-on-Don, Rostov  Region")
    ('st petersburg', 'rostov on don, rostov region')
    """
    parts = (
        " ".join(re.split(r"[\s.\-–'’]+", re.sub(r"\d+", "", part).casefold())).strip()
        for part in text.split(",")
    )
    return ", ".join(part for part in parts if part)


def place(entry: str, text: str) -> Address:
    """Read one address as published.

    Examples
    --------
    >>> place("1", "Tula 300041").region, place("1", "Kazan, Republic of Tatarstan").region
    ('RU-TUL', 'RU-TA')
    >>> place("1", "Kaluga 300041").contradicts, place("1", "Rostov").region
    (True, '')
    """
    found = _POSTCODE.search(text)
    prefix = found.group(1) if found else ""
    city = "" if text == _EMPTY else plain_name(text)
    cities = load_cities()
    names = [city] if city in cities else city.split(", ")
    regions = frozenset(cities[name] for name in names if name in cities)
    return Address(entry, city, prefix, load_postcodes().get(prefix, ""), regions)


def extract_ofac(originals: Path, raw: Path) -> list[Path]:
    """Count the entries by region and write the counts below `raw`.

    Parameters
    ----------
    originals
        A folder that holds the two reduced lists, at any depth.
    raw
        The folder data/raw.

    Returns
    -------
    The CSV file written; its sidecar says what could not be placed and what contradicts.

    Raises
    ------
    LayoutError
        With every line without a number of an entry or with another country.
    MissingInputError
        If one of the lists is absent.
    """
    found = find_originals(originals, (ADDRESSES, TYPES))
    problems: list[str] = []
    addresses = [
        place(line["ent_num"], line[_PLACE])
        for number, line in read_records(found[ADDRESSES], ("ent_num", _PLACE, "Country"))
        if _is_address(number, line, problems)
    ]
    kinds = {
        line["ent_num"]: _KINDS.get(line["Type"], "other_2023")
        for number, line in read_records(found[TYPES], ("ent_num", "Type"))
        if line["ent_num"] != _END and _is_entry(TYPES, number, line, problems)
    }
    if problems:
        raise LayoutError("sdn-2025-11", problems, "compare the lists with sources/ofac.py")
    about = _about(found, addresses)
    lines = [COLUMNS, *_counts(addresses, kinds)]
    return [write_pair(raw / _TABLE, lines, about)]


def load_ofac(raw: Path | None = None) -> OfacCounts:
    """Return the counts by region. They describe; see the module on what they may not be used for.

    Parameters
    ----------
    raw
        The folder data/raw; the project's by default.

    Raises
    ------
    MissingInputError
        If the table or its sidecar is absent.
    RawError
        If they are damaged or changed, or a count is negative.

    Examples
    --------
    >>> counts = load_ofac()
    >>> len(counts.frame), counts.total
    (83, 5187)
    """
    import pandas as pd

    path = (raw or paths.raw()) / _TABLE
    pair = read_pair(path, columns=COLUMNS)
    counts = list(COLUMNS[1:])
    require_numbers(path, pair, counts, least=0, whole=True)
    frame = pd.DataFrame(pair.lines, columns=pair.head)[list(COLUMNS)]
    frame[counts] = frame[counts].apply(pd.to_numeric)
    entries = pair.about["entries"]
    return OfacCounts(frame, entries["total"], entries["share_unplaced"])


def _mapping(path: Path, key: str, form: re.Pattern[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    problems = []
    for number, line in read_records(path, (key, "region")):
        name, region = line[key], line["region"]
        if not form.match(name):
            problems.append(f"row {number}, {key} reads {name!r}")
        if name in mapping:
            problems.append(f"row {number}: {key} {name!r} stands twice")
        if not _REGION.match(region):
            problems.append(f"row {number}, region reads {region!r}; expected RU-XX or RU-XXX")
        mapping[name] = region
    if problems:
        raise RegisterError(path.name, problems, "correct these rows")
    return mapping


def _is_entry(file: str, number: int, line: dict[str, str], problems: list[str]) -> bool:
    good = line["ent_num"].isdigit()
    if not good:
        problems.append(f"{file}: row {number}, ent_num reads {line['ent_num']!r}")
    return good


def _is_address(number: int, line: dict[str, str], problems: list[str]) -> bool:
    good = line["Country"] == "Russia"
    if not good:
        problems.append(f"{ADDRESSES}: row {number}, Country reads {line['Country']!r}")
    return _is_entry(ADDRESSES, number, line, problems) and good


def _counts(addresses: list[Address], kinds: dict[str, str]) -> list[list[object]]:
    """One line a region, in the order of the codes; regions without an entry count 0.

    The list files addresses in Crimea and Sevastopol under another country, so that these two are
    not counted at all: they have a line only if an address came with a Crimean postcode.
    """
    inside: defaultdict[str, set[str]] = defaultdict(set)
    for region in load_postcodes().values():
        if region.startswith("RU-"):
            inside[region] = set()
    for address in addresses:
        if address.region:
            inside[address.region].add(address.entry)
    lines: list[list[object]] = []
    for region, entries in sorted(inside.items()):
        by_kind = Counter(kinds.get(entry, "not_on_list_2023") for entry in entries)
        lines.append([region, len(entries), *(by_kind[column] for column in COLUMNS[2:])])
    return lines


def _about(found: dict[str, Path], addresses: list[Address]) -> dict[str, Any]:
    return {
        "source": "ofac-sdn-extracts",
        "release": "sdn-2025-11",
        "title": "Entries of the SDN list with a Russian address, by region of the address",
        "unit": "entries",
        "publisher": "US Department of the Treasury, Office of Foreign Assets Control",
        "address": "https://sanctionslist.ofac.treas.gov/Home/SdnList",
        "licence": "public domain (work of the United States government)",
        "vintage": "2025-11",
        "vintage_of_types": "2023-01",
        "sha256": {name: checksum(path) for name, path in found.items()},
        "done": "each address placed by its postcode's first three digits, else by its city's or "
        "region's name; entries counted once in every region in which they have an address",
        "caution": "counted after treatment and without dates of designation: descriptive only, "
        "neither an exposure nor an outcome",
        "types": "known only for entries that stood on the list of January 2023; "
        "other means vessels and aircraft",
        "left_out": "Crimea and Sevastopol: the list files them under another country than Russia, "
        "and only Russian addresses were counted",
        "addresses": _address_summary(addresses),
        "entries": _entry_summary(addresses),
        "contradictions": _contradictions(addresses),
    }


def _address_summary(addresses: list[Address]) -> dict[str, int]:
    by_name = [a for a in addresses if a.region and not a.by_postcode]
    return {
        "total": len(addresses),
        "placed_by_postcode": sum(bool(a.by_postcode) for a in addresses),
        "placed_by_name": len(by_name),
        "unplaced_without_city": sum(not a.region and not a.city for a in addresses),
        "unplaced_with_city": sum(not a.region and bool(a.city) for a in addresses),
        "of_these_naming_two_regions": sum(not a.region and len(a.by_name) > 1 for a in addresses),
        "unknown_postcode": sum(bool(a.prefix) and not a.by_postcode for a in addresses),
    }


def _entry_summary(addresses: list[Address]) -> dict[str, float]:
    regions: dict[str, set[str]] = defaultdict(set)
    for address in addresses:
        regions[address.entry] |= {address.region} - {""}
    unplaced = sum(not found for found in regions.values())
    return {
        "total": len(regions),
        "unplaced": unplaced,
        "share_unplaced": round(unplaced / len(regions), 6) if regions else 0.0,
        "in_several_regions": sum(len(found) > 1 for found in regions.values()),
    }


def _contradictions(addresses: list[Address]) -> dict[str, Any]:
    """Addresses whose postcode and name disagree; they are counted where the postcode says."""
    both = sum(bool(a.by_postcode and a.by_name) for a in addresses)
    cases = Counter(
        f"{a.city} {a.prefix}: {'/'.join(sorted(a.by_name))} by name, {a.by_postcode} by postcode"
        for a in addresses
        if a.contradicts
    )
    return {"addresses": sum(cases.values()), "of": both, "cases": dict(sorted(cases.items()))}
