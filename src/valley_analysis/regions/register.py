"""Read the register of regions and hold it to its rules."""

import csv
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from valley_analysis.errors import RegisterError

HERE = Path(__file__).parent
Kind = Literal["country", "district", "region", "remainder", "historical"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NEXT_STEP = "mend the row; the comment at the top of the file explains the columns"


@dataclass(frozen=True, slots=True)
class Region:
    """One row of the register: a country, district, region, remainder or historical unit.

    Parameters
    ----------
    code
        ISO 3166-2 (``RU-TUL``); ``RU-ARK-X`` and ``RU-TYU-X`` for an oblast without its
        autonomous okrugs, ``FD-...`` for a district, ``RU`` for the country; a withdrawn
        ISO code (``RU-KOP``) or one of ours (``RU-PER-OBL``) for a historical unit.
    kind
        What the unit is; only regions and remainders are units of an index.
    iso
        Code under which the unit is drawn, "" where it is not.
    name_en, name_ru, short_en, short_ru
        Full names and those for charts.
    label_en, label_ru
        At most five letters for a tile, "" for historical units.
    okato, oktmo
        Eight digits as text, "" where unknown.
    district
        Today's federal district; see `district_of` for other periods.
    parent
        Unit whose figures contain this one's.
    area_km2
        Official area, square kilometres; None where unknown.
    tile_row, tile_col
        Place on the tile grid, from the north-west corner; None where there is no tile.
    since, until
        First day, and the day after the last one, as a unit of its own (ISO date or "").
    """

    code: str
    kind: Kind
    iso: str
    name_en: str
    name_ru: str
    short_en: str
    short_ru: str
    label_en: str
    label_ru: str
    okato: str
    oktmo: str
    district: str
    parent: str
    area_km2: float | None
    tile_row: int | None
    tile_col: int | None
    since: str
    until: str


COLUMNS = tuple("area_1000km2" if f.name == "area_km2" else f.name for f in fields(Region))


@cache
def load_registry() -> Mapping[str, Region]:
    """Return the register of regions, code -> `Region`, in the publisher's order.

    Raises
    ------
    RegisterError
        With all broken rules at once.

    Examples
    --------
    >>> load_registry()["RU-TUL"].name_en
    'Tula Oblast'
    """
    return read_registry(HERE / "registry.csv")


def read_registry(path: Path) -> Mapping[str, Region]:
    """Read and check one register file; `load_registry` does so for ours.

    Raises
    ------
    RegisterError
        With every problem of the file.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    found = list(problems_of(rows))
    if found:
        raise RegisterError(path.name, found, _NEXT_STEP)
    return MappingProxyType({row["code"]: _region(row) for row in rows})


def _region(row: Mapping[str, str]) -> Region:
    values: dict[str, Any] = dict(row)
    area = values.pop("area_1000km2")
    values["area_km2"] = round(float(area) * 1000) * 1.0 if area else None
    for place in ("tile_row", "tile_col"):
        values[place] = int(values[place]) if values[place] else None
    return Region(**values)


def problems_of(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Yield every rule of the register that the rows break."""
    rows = list(rows)
    if not rows:
        yield "no rows"
        return
    if tuple(rows[0]) != COLUMNS:
        yield f"columns are {', '.join(rows[0])}; expected {', '.join(COLUMNS)}"
        return
    yield from _repeats(rows)
    codes = {row["code"]: row["kind"] for row in rows}
    for row in rows:
        for problem in (*_field_problems(row), *_link_problems(row, codes)):
            yield f"{row['code']}: {problem}"
    yield from _tile_collisions(rows)


def _repeats(rows: list[Mapping[str, str]]) -> Iterator[str]:
    for column in ("code", "name_en", "name_ru", "short_en", "short_ru", "okato", "oktmo"):
        counts = Counter(row[column] for row in rows if row[column])
        yield from (f"{column} {value!r} stands {n} times" for value, n in counts.items() if n > 1)
    drawn = [row for row in rows if row["kind"] == "region"]
    for column in ("label_en", "label_ru"):
        counts = Counter(row[column] for row in drawn)
        yield from (f"{column} {value!r} stands {n} times" for value, n in counts.items() if n > 1)


def _field_problems(row: Mapping[str, str]) -> Iterator[str]:
    if row["kind"] not in get_args(Kind):
        yield f"kind is {row['kind']!r}; expected one of {', '.join(get_args(Kind))}"
    for column in ("name_en", "name_ru", "short_en", "short_ru"):
        if not row[column]:
            yield f"{column} is blank"
    for column in ("okato", "oktmo"):
        if row[column] and not re.fullmatch(r"\d{8}", row[column]):
            yield f"{column} is {row[column]!r}; expected eight digits"
    for column in ("since", "until"):
        if row[column] and not _is_date(row[column]):
            yield f"{column} is {row[column]!r}; expected a date, year-month-day"
    for column in ("label_en", "label_ru"):
        if len(row[column]) > 5 and row["kind"] != "district":
            yield f"{column} {row[column]!r} is longer than five letters"
    if row["kind"] in ("region", "remainder"):
        yield from _unit_problems(row)


def _unit_problems(row: Mapping[str, str]) -> Iterator[str]:
    for column in ("iso", "label_en", "label_ru", "district"):
        if not row[column]:
            yield f"{column} is blank"
    if row["kind"] == "region" and row["iso"] != row["code"]:
        yield f"iso is {row['iso']!r}; expected the code itself"
    if not re.fullmatch(r"\d+\.\d", row["area_1000km2"]) or float(row["area_1000km2"]) <= 0:
        yield f"area_1000km2 is {row['area_1000km2']!r}; expected a number with one decimal"
    for column in ("tile_row", "tile_col"):
        if not row[column].isdigit():
            yield f"{column} is {row[column]!r}; expected a whole number from 0"


def _link_problems(row: Mapping[str, str], kinds: Mapping[str, str]) -> Iterator[str]:
    if row["district"] and kinds.get(row["district"]) != "district":
        yield f"district {row['district']!r} is not in the register"
    if row["parent"] and row["parent"] not in kinds:
        yield f"parent {row['parent']!r} is not in the register"
    if row["kind"] in ("remainder", "historical") and not row["parent"]:
        yield "parent is blank"
    if row["kind"] == "historical" and not row["until"]:
        yield "until is blank: the day of the merger"


def _tile_collisions(rows: list[Mapping[str, str]]) -> Iterator[str]:
    taken: dict[tuple[str, str], str] = {}
    for row in rows:
        if row["kind"] != "region":
            continue
        place = (row["tile_row"], row["tile_col"])
        if place in taken:
            yield f"{row['code']}: its tile {place} is taken by {taken[place]}"
        taken.setdefault(place, row["code"])


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
