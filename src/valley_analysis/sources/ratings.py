"""Published places of other ratings: what news pages printed, never the publishers' full tables.

They serve to compare a rating with others, with the number of regions stated; weights must never
be tuned to them. Where outlets contradict each other every line is kept and flagged.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valley_analysis import paths
from valley_analysis.bilingual import Entry
from valley_analysis.errors import LayoutError, RawError
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.sources.cells import number_of
from valley_analysis.sources.originals import (
    checksum,
    find_originals,
    print_number,
    read_records,
)
from valley_analysis.sources.sidecars import read_pair, write_pair

if TYPE_CHECKING:
    import pandas as pd

REGISTER = Path(__file__).with_name("ratings.yml")
COLLECTED = "published_places.csv"
COLUMNS = (
    "rating",
    "year",
    "issue",
    "label",
    "score",
    "rank",
    "address",
    "note",
    "conflict",
)
_FOUND = ("rating", "year", "region_ru", "score", "rank", "source")
_TABLE = "ratings/published/places.csv"
_SOURCE = re.compile(r"^(https?://\S+)(?: \((.+?)\))?(?: \| (https?://\S+))?$")
_UNITS = 89


class YearWords(Entry):
    """What a printed year or issue means: the year that the data describe, if known."""

    found: str
    year: int | None = None
    issue: str = ""
    note: str = ""


class NoteWords(Entry):
    """A collected note in our own words, and whether outlets contradict each other."""

    found: str
    note: str
    conflict: bool = False


class RatingWords(Entry):
    """The ratings that are known, and how their years and notes read."""

    ratings: dict[str, str]
    years: tuple[YearWords, ...]
    notes: tuple[NoteWords, ...]


@dataclass(frozen=True)
class Place:
    """One published place: a rating's region, its score and rank where printed, and where.

    `year` is the year that the data describe, None where no outlet says.
    """

    rating: str
    year: int | None
    issue: str
    label: str
    score: float | None
    rank: int | None
    address: str
    note: str = ""
    conflict: bool = False

    @property
    def edition(self) -> tuple[str, str]:
        """What a place is compared within: the rating and its issue or year."""
        return self.rating, f"issue {self.issue}" if self.issue else str(self.year)


@cache
def load_words(path: Path = REGISTER) -> RatingWords:
    """Return how years and notes of the collected places read in our words.

    Raises
    ------
    RegisterError
        With every key that is missing, unknown or of the wrong type.

    Examples
    --------
    >>> load_words().ratings["AIRR i-Region"]
    'AIRR, rating of innovative regions'
    """
    return check_register(read_yaml(path), RatingWords, path.name)


def extract_ratings(originals: Path, raw: Path) -> list[Path]:
    """Bring the collected places to our own form and write them below `raw`.

    Parameters
    ----------
    originals
        A folder that holds the collected places, at any depth.
    raw
        The folder data/raw.

    Returns
    -------
    The CSV file written.

    Raises
    ------
    LayoutError
        With every unknown rating, year and note, and every wrong score, rank and address.
    MissingInputError
        If the collection is absent.
    """
    path = find_originals(originals, [COLLECTED])[COLLECTED]
    problems: list[str] = []
    places = [_read(line, number, problems) for number, line in read_records(path, _FOUND)]
    if problems:
        raise LayoutError(COLLECTED, problems, "compare the collection with sources/ratings.yml")
    flagged = flag_conflicts(places)
    lines: list[Sequence[object]] = [COLUMNS, *(_line(place) for place in flagged)]
    return [write_pair(raw / _TABLE, lines, _about(path, flagged))]


def load_published_places(raw: Path | None = None) -> "pd.DataFrame":
    """Return the published places as a frame.

    Parameters
    ----------
    raw
        The folder data/raw; the project's by default.

    Returns
    -------
    One row a place: `rating`, `year` (missing where unknown), `issue`, `label` as published,
    `score`, `rank` (each missing where not printed), `address`, `note`, `conflict`.

    Raises
    ------
    RawError
        If the table is damaged or changed; with every rank below 1, place without an address,
        and repeated place that is not flagged.
    MissingInputError
        If the table or its sidecar is absent.

    Examples
    --------
    >>> frame = load_published_places()
    >>> ria = frame[(frame.rating == "RIA Rating S&T") & (frame.year == 2023)]
    >>> len(ria), int(ria[ria.label == "Тульская область"]["rank"].item())
    (49, 8)
    """
    import pandas as pd

    path = (raw or paths.raw()) / _TABLE
    pair = read_pair(path, columns=COLUMNS)
    problems: list[str] = []
    places = [
        _stored(dict(zip(pair.head, line, strict=True)), number, problems)
        for number, line in enumerate(pair.lines, 2)
    ]
    problems += check_places(places)
    if problems:
        raise RawError(path.name, problems, "restore the table from git")
    frame = pd.DataFrame(places, columns=list(COLUMNS))
    return frame.astype({"year": "Int64", "rank": "Int64", "score": float, "conflict": bool})


def check_places(places: Iterable[Place]) -> list[str]:
    """Return what is wrong with places taken together: one line a repeated, unflagged place.

    Examples
    --------
    >>> place = Place("R", 2020, "", "Tula", None, 1, "https://a.example")
    >>> check_places([place, place])
    ['R 2020: Tula stands 2 times without a conflict flag']
    """
    unflagged = Counter((*place.edition, place.label) for place in places if not place.conflict)
    return [
        f"{rating} {edition}: {label} stands {count} times without a conflict flag"
        for (rating, edition, label), count in unflagged.items()
        if count > 1
    ]


def flag_conflicts(places: Sequence[Place]) -> list[Place]:
    """Flag regions that stand twice in an edition, and places that two regions are given.

    Examples
    --------
    >>> first = Place("R", 2020, "", "Tula", None, 1, "https://a.example")
    >>> [p.conflict for p in flag_conflicts([first, replace(first, label="Tver")])]
    [True, True]
    """
    regions = Counter((*place.edition, place.label) for place in places)
    ranks = Counter((*place.edition, place.rank or 0) for place in places)
    flagged = []
    for place in places:
        notes = [place.note] if place.note else []
        twice = regions[*place.edition, place.label] > 1
        shared = bool(place.rank) and ranks[*place.edition, place.rank or 0] > 1
        if twice:
            notes.append("stands more than once in this edition")
        if shared and not place.conflict:
            notes.append("another region is given the same place")
        conflict = place.conflict or twice or shared
        flagged.append(replace(place, note="; ".join(notes), conflict=conflict))
    return flagged


def _read(line: dict[str, str], number: int, problems: list[str]) -> Place:
    """One collected line as a place; what cannot be read is added to the problems."""
    words = load_words()
    rating, label = line["rating"], line["region_ru"].strip()
    if rating not in words.ratings:
        problems.append(f"row {number}, rating reads {rating!r}; known: {', '.join(words.ratings)}")
    if not label:
        problems.append(f"row {number}, region_ru is empty")
    year = _year(line["year"], number, problems)
    address, more, note = _source(line["source"], number, problems)
    rank, score = _figures(line, number, problems)
    notes = [text for text in (year.note, note.note, more) if text]
    return Place(
        rating, year.year, year.issue, label, score, rank, address, "; ".join(notes), note.conflict
    )


def _year(text: str, number: int, problems: list[str]) -> YearWords:
    if re.fullmatch(r"20\d\d", text):
        return YearWords(found=text, year=int(text))
    for words in load_words().years:
        if words.found == text:
            return words
    problems.append(f"row {number}, year reads {text!r}; not among the years of ratings.yml")
    return YearWords(found=text)


def _source(text: str, number: int, problems: list[str]) -> tuple[str, str, NoteWords]:
    """The address, a word on a second address, and the note in our words."""
    silent = NoteWords(found="", note="")
    found = _SOURCE.match(text)
    if not found:
        problems.append(f"row {number}, source reads {text!r}; expected an address and a note")
        return "", "", silent
    address, note, second = found.groups()
    more = f"also {second}" if second else ""
    for words in (silent, *load_words().notes):
        if words.found == (note or ""):
            return address, more, words
    problems.append(f"row {number}, note reads {note!r}; not among the notes of ratings.yml")
    return address, more, silent


def _figures(
    line: dict[str, str], number: int, problems: list[str]
) -> tuple[int | None, float | None]:
    """Rank and score of a line; a rank is a whole number from 1 to the number of regions."""
    values: dict[str, float | None] = {}
    for name in ("rank", "score"):
        values[name] = number_of(line[name])
        if line[name] and values[name] is None:
            problems.append(f"row {number}, {name} reads {line[name]!r}; expected a number")
    rank = values["rank"]
    if rank is not None and not (rank == int(rank) and 1 <= rank <= _UNITS):
        problems.append(f"row {number}, rank reads {line['rank']!r}; expected 1 to {_UNITS}")
        rank = None
    return (None if rank is None else int(rank)), values["score"]


def _stored(line: dict[str, str], number: int, problems: list[str]) -> Place:
    """A line of our own table as a place."""
    rank, score = _figures(line, number, problems)
    if not line["address"].startswith("http"):
        problems.append(f"row {number}, address reads {line['address']!r}; expected an address")
    if line["year"] and not line["year"].isdigit():
        problems.append(f"row {number}, year reads {line['year']!r}; expected a year or nothing")
        line = line | {"year": ""}
    if line["conflict"] not in ("true", "false"):
        problems.append(
            f"row {number}, conflict reads {line['conflict']!r}; expected true or false"
        )
    return Place(
        line["rating"],
        int(line["year"]) if line["year"] else None,
        line["issue"],
        line["label"],
        score,
        rank,
        line["address"],
        line["note"],
        line["conflict"] == "true",
    )


def _line(place: Place) -> list[object]:
    return [
        place.rating,
        "" if place.year is None else place.year,
        place.issue,
        place.label,
        "" if place.score is None else print_number(place.score),
        "" if place.rank is None else place.rank,
        place.address,
        place.note,
        str(place.conflict).lower(),
    ]


def _about(path: Path, places: Sequence[Place]) -> dict[str, Any]:
    return {
        "source": "ratings-published",
        "release": "published",
        "title": "Places of Russian regions in published ratings, as news pages print them",
        "unit": "rank (1 = best); score in the rating's own unit",
        "publisher": "several; each line has its address",
        "ratings": load_words().ratings,
        "vintage": "2025",
        "sha256": checksum(path),
        "done": "years and notes restated in our own words; regions that stand twice and places "
        "given to two regions flagged",
        "caution": "partial, from news pages; for rank agreement with the number of regions "
        "stated, never for tuning weights",
        "places": len(places),
        "with_rank": sum(place.rank is not None for place in places),
        "conflicts": sum(place.conflict for place in places),
    }
