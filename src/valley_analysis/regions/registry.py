"""The regions, the units of an index, and their names."""

import difflib
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

from valley_analysis.errors import UnknownRegionError, ValleyError
from valley_analysis.regions.register import Region, load_registry
from valley_analysis.text import Lang, check_lang

if TYPE_CHECKING:
    import pandas as pd

Scope = Literal["recognised", "rosstat"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_FRAME_COLUMNS = (
    *("kind", "name_en", "name_ru", "short_en", "short_ru", "okato", "oktmo", "iso"),
    *("district", "parent", "area_km2"),
    *("tile_row", "tile_col", "tile_label_en", "tile_label_ru"),
)


def check_scope(scope: str) -> Scope:
    """Return `scope` if there is one of that name.

    Raises
    ------
    ValleyError
        For any other name.
    """
    for known in SCOPES:
        if scope == known:
            return known
    raise ValleyError(
        f"scope is {scope!r}; expected recognised (83 regions, codes RU-...) "
        "or rosstat (85: with Crimea UA-43 and Sevastopol UA-40, as the publisher prints)"
    )


def regions(scope: str = "recognised", period: int | None = None) -> tuple[Region, ...]:
    """Return the regions of a scope, as ISO 3166-2 counts them.

    Arkhangelsk and Tyumen oblasts are among them as wholes, next to their autonomous okrugs:
    right for maps and names, wrong for sums. `units` gives the disjoint units.

    Parameters
    ----------
    scope
        "recognised" (83) or "rosstat" (85).
    period
        A year: units that the publisher prints only from a later year on are left out
        (Crimea and Sevastopol before 2014).

    Returns
    -------
    tuple of Region
        In the publisher's order.

    Examples
    --------
    >>> len(regions()), len(regions("rosstat")), len(regions("rosstat", 2010))
    (83, 85, 83)
    """
    checked = check_scope(scope)
    return tuple(
        region
        for region in load_registry().values()
        if region.kind == "region"
        and (checked == "rosstat" or region.code.startswith("RU-"))
        and (period is None or not region.since or int(region.since[:4]) <= period)
    )


@cache
def units(scope: str = "recognised", period: int | None = None) -> tuple[str, ...]:
    """Return the codes of the disjoint units that an index compares.

    The figures for Arkhangelsk and Tyumen oblasts come from the rows "without autonomous
    okrugs": RU-ARK-X and RU-TYU-X stand in place of RU-ARK and RU-TYU.

    Parameters
    ----------
    scope, period
        As in `regions`.

    Examples
    --------
    >>> codes = units()
    >>> len(codes), "RU-TYU" in codes, "RU-TYU-X" in codes
    (83, False, True)
    """
    remainders = {r.iso: r.code for r in load_registry().values() if r.kind == "remainder"}
    return tuple(remainders.get(r.code, r.code) for r in regions(scope, period))


def region(code: str) -> Region:
    """Return one row of the register.

    Raises
    ------
    UnknownRegionError
        If there is no such code; the message carries the nearest ones.

    Examples
    --------
    >>> region("RU-KHM").parent
    'RU-TYU'
    """
    check_codes([code])
    return load_registry()[code]


def check_codes(codes: Iterable[str], *, where: str = "region codes") -> None:
    """Raise if any code is not in the register.

    Raises
    ------
    UnknownRegionError
        With all unknown codes, each with the nearest known ones.
    """
    known = load_registry()
    unknown = [code for code in dict.fromkeys(codes) if code not in known]
    if unknown:
        raise UnknownRegionError(
            where,
            [f"{code!r} is no code of ours{_nearest(code)}" for code in unknown],
            "use a code of regions/registry.csv, or match_regions to turn labels into codes",
        )


def _nearest(code: object) -> str:
    known = load_registry()
    found = difflib.get_close_matches(str(code).upper(), list(known), n=3, cutoff=0.5)
    if not found:
        return ""
    return "; nearest: " + ", ".join(f"{near} ({known[near].name_en})" for near in found)


def name(code: str, lang: Lang = "en", short: bool = False) -> str:
    """Return a region's name in one language.

    Parameters
    ----------
    code
        Any code of the register.
    lang
        "en" or "ru".
    short
        The form for charts.

    Raises
    ------
    UnknownRegionError
        If there is no such code.

    Examples
    --------
    >>> name("RU-KHM"), name("RU-KHM", "ru", short=True)
    ('Khanty-Mansi Autonomous Okrug – Yugra', 'ХМАО – Югра')
    """
    found = region(code)
    english = check_lang(lang) == "en"
    if short:
        return found.short_en if english else found.short_ru
    return found.name_en if english else found.name_ru


def frame(codes: Iterable[str] | None = None) -> "pd.DataFrame":
    """Return the register as a table to join names from.

    Parameters
    ----------
    codes
        Rows wanted, in their order (for instance ``units()``); all rows if None.

    Returns
    -------
    DataFrame
        One row a code. Columns: region, kind, name_en, name_ru, short_en, short_ru, okato,
        oktmo (text), iso (the code under which the unit is drawn), district (today's),
        parent, area_km2, tile_row, tile_col (nullable integers), tile_label_en, tile_label_ru.

    Raises
    ------
    UnknownRegionError
        If a code is not in the register.

    Examples
    --------
    >>> frame(["RU-TYU-X"])[["region", "iso", "tile_label_en"]].values.tolist()
    [['RU-TYU-X', 'RU-TYU', 'Tyum']]
    """
    import pandas as pd

    known = load_registry()
    wanted = list(known) if codes is None else list(codes)
    check_codes(wanted)
    chosen = [known[code] for code in wanted]
    table = {"region": wanted}
    for column in _FRAME_COLUMNS:
        field = column.removeprefix("tile_") if "label" in column else column
        table[column] = [getattr(one, field) for one in chosen]
    return pd.DataFrame(table).astype(
        {"area_km2": "float64", "tile_row": "Int64", "tile_col": "Int64"}
    )
