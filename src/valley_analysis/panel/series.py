"""The register of series: what each published table is called once it is tidy."""

import math
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import RegisterError, UnknownSeriesError
from valley_analysis.registers import check_register, read_yaml

REGISTER = Path(__file__).with_name("series.yml")


class Series(Entry):
    """A published quantity.

    Attributes
    ----------
    tables
        ``release/table`` of every published table that holds it.
    scale
        Published unit times this is the unit given here.
    additive
        Parts sum to the total, so a remainder may be derived by subtraction.
    countable
        A dash in the table means zero.
    closed
        First period that the publisher withholds altogether.
    awaited
        First period that was not yet computed when the release was printed.
    least, most
        What the unit allows: nothing lies below or above.
    part_of
        A series that this one is a part of: in no region and period is it larger.
    """

    id: str
    name: Bilingual
    unit: Bilingual
    tables: tuple[str, ...]
    scale: float = 1.0
    additive: bool = False
    countable: bool = False
    closed: int | None = None
    awaited: int | None = None
    least: float = 0.0
    most: float = math.inf
    part_of: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it is a count that is printed to the last one."""
        return self.scale == 1 and self.unit.en in ("people", "units")


@cache
def load_series(path: Path = REGISTER) -> dict[str, Series]:
    """Return the register of series by id.

    Raises
    ------
    RegisterError
        With every wrong key, and every table that two series claim.
    """
    content = read_yaml(path)
    entries = [{"id": key, **value} for key, value in content.items()]
    register = check_register(entries, tuple[Series, ...], path.name)
    owners: dict[str, str] = {}
    problems = []
    for series in register:
        for table in series.tables:
            if table in owners:
                problems.append(f"{series.id}: table {table} belongs to {owners[table]} already")
            owners[table] = series.id
        if series.part_of is not None and series.part_of not in content:
            problems.append(f"{series.id}: part_of {series.part_of!r} is no series")
        if not series.least < series.most:
            problems.append(f"{series.id}: least {series.least:g} is not below {series.most:g}")
    if problems:
        raise RegisterError(path.name, problems, "correct these entries")
    return {series.id: series for series in register}


def find_series(name: str) -> Series:
    """Return one series.

    Raises
    ------
    UnknownSeriesError
        With the nearest ids.

    Examples
    --------
    >>> find_series("population_mean").scale
    1000.0
    """
    register = load_series()
    if name in register:
        return register[name]
    near = ", ".join(get_close_matches(name, register, n=3)) or "none"
    raise UnknownSeriesError(
        f"no series {name!r} in panel/series.yml; nearest: {near}. "
        "Next step: use one of its keys, or add an entry there."
    )


def is_share(series: str) -> bool:
    """Tell whether a series is measured in per cent, so that its changes are percentage points.

    Examples
    --------
    >>> is_share("unemployment_rate"), is_share("grp_volume_index"), is_share("wage")
    (True, True, False)
    """
    return find_series(series).unit.en.startswith("%")
