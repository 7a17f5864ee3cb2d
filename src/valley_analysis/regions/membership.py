"""What belongs to what: districts over time, and units that would be counted twice."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from valley_analysis.errors import DoubleCountError, PeriodError, RegisterError
from valley_analysis.regions.register import HERE, Region, load_registry
from valley_analysis.regions.registry import check_codes, region
from valley_analysis.registers import read_yaml


@dataclass(frozen=True, slots=True)
class Move:
    """One region's move from one federal district to another ("" for none) on a day."""

    region: str
    origin: str
    target: str
    date: dt.date
    act: str


@cache
def load_moves() -> tuple[Move, ...]:
    """Return the dated moves between federal districts, oldest first.

    Raises
    ------
    RegisterError
        If a move does not fit the register: unknown codes, or a chain that does not end
        in today's district.

    Examples
    --------
    >>> [f"{move.region} {move.date}" for move in load_moves()][-1]
    'RU-ZAB 2018-11-03'
    """
    content = read_yaml(HERE / "districts.yml")
    moves = sorted(_read_moves(content["moves"]), key=lambda move: move.date)
    found = list(_move_problems(moves, load_registry()))
    if found:
        raise RegisterError("districts.yml", found, "mend the moves or the district's column")
    return tuple(moves)


def _read_moves(rows: list[dict[str, Any]]) -> Iterator[Move]:
    for row in rows:
        for code in row["regions"]:
            yield Move(code, row["from"] or "", row["to"], row["date"], row["act"])


def _move_problems(moves: list[Move], known: Mapping[str, Region]) -> Iterator[str]:
    last: dict[str, str] = {}
    for move in moves:
        if move.region not in known or known[move.region].kind != "region":
            yield f"{move.region} is no region of the register"
            continue
        for district in filter(None, (move.origin, move.target)):
            if district not in known or known[district].kind != "district":
                yield f"{move.region}: {district} is no district of the register"
        if move.region in last and last[move.region] != move.origin:
            yield f"{move.region}: leaves {move.origin}, but was in {last[move.region]}"
        last[move.region] = move.target
    for code, district in last.items():
        if code in known and known[code].district != district:
            yield f"{code}: moved to {district}, but registry.csv has {known[code].district}"


@cache
def _created() -> dt.date:
    created: dt.date = read_yaml(HERE / "districts.yml")["created"]
    return created


@cache
def district_of(code: str, period: int | None = None) -> str:
    """Return the federal district of a region: today's, or the one on 31 December of a year.

    Publishers often recompute whole series in the composition of the edition's day, so a
    district's printed figure need not be the sum over the districts of each year.

    Parameters
    ----------
    code
        A region, remainder or historical unit.
    period
        A year, or None for today.

    Returns
    -------
    str
        Code of the district; "" for the country and for districts themselves.

    Raises
    ------
    UnknownRegionError
        If there is no such code.
    PeriodError
        For a year in which the region was in no district.

    Examples
    --------
    >>> district_of("RU-BU", 2017), district_of("RU-BU", 2018)
    ('FD-SIBERIAN', 'FD-FAREAST')
    """
    district = region(code).district
    if period is None or not district:
        return district
    day = dt.date(period, 12, 31)
    whole = region(code).parent or code
    for move in reversed(load_moves()):
        if move.region in (code, whole) and move.date > day:
            district = move.origin
    if not district or day < _created():
        joined = [m.date for m in load_moves() if m.region == code and not m.origin]
        since = max([_created(), *joined])
        raise PeriodError(
            f"{code} was in no federal district at the end of {period}. "
            f"Next step: ask for {since.year} or later, or for today's district (period=None)."
        )
    return district


@cache
def _containers(code: str, period: int | None) -> frozenset[str]:
    """Return all codes whose figures contain this one's: parents, districts, the country."""
    found = region(code)
    above = {"RU"} - {code}
    if found.parent:
        above |= {found.parent, *_containers(found.parent, period)}
    if found.kind in ("country", "district"):
        return frozenset(above)
    if period is not None:
        try:
            return frozenset(above | {district_of(code, period)})
        except PeriodError:
            return frozenset(above)
    whole = found.parent or code
    ever = {move.origin for move in load_moves() if move.region in (code, whole)}
    ever |= {move.target for move in load_moves() if move.region in (code, whole)}
    return frozenset(above | (ever - {""}) | {found.district})


def check_disjoint(codes: Iterable[str], period: int | None = None) -> None:
    """Raise if a sum over these codes would count any territory twice.

    Parameters
    ----------
    codes
        Codes of the register. Repeats are looked at once, so the region column of a tidy
        frame can be passed as it is.
    period
        A year, if all figures describe it: districts then have their composition of that
        year. Without one a district overlaps with every region that was ever in it.

    Raises
    ------
    DoubleCountError
        Naming every pair: an okrug and its oblast, an oblast and its remainder, a region
        and its district, anything and the country.
    UnknownRegionError
        If a code is not in the register.

    Examples
    --------
    >>> check_disjoint(["RU-ARK-X", "RU-NEN"])
    >>> check_disjoint(["RU-ARK", "RU-NEN"])
    Traceback (most recent call last):
    ...
    valley_analysis.errors.DoubleCountError: a sum over these codes counts territory twice:
      - RU-NEN (Nenets Autonomous Okrug) lies in RU-ARK (Arkhangelsk Oblast)
    Next step: leave out one of each pair; units() lists disjoint units
    """
    wanted = dict.fromkeys(codes)
    check_codes(wanted)
    known = load_registry()
    pairs = [
        f"  - {part} ({known[part].name_en}) lies in {whole} ({known[whole].name_en})"
        for part in wanted
        for whole in wanted
        if whole in _containers(part, period)
    ]
    if pairs:
        raise DoubleCountError(
            "\n".join(
                [
                    "a sum over these codes counts territory twice:",
                    *pairs,
                    "Next step: leave out one of each pair; units() lists disjoint units",
                ]
            )
        )
