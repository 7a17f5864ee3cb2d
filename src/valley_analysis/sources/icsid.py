"""Foreign direct investment by industry before 2014, as shares: what a shift-share exposure needs.

The source is the ICSID (HSE) database of Russia's regions. It states no licence, so that no level
of it is kept: only each industry's share of a region's investment, and each region's share of the
country's investment in an industry. Two measures stand side by side and never pool: `inflow`
(received in the year, 2004-2013) and `stock` (accumulated at its end, 2005-2013).

The workbook has no line for Russia. The country is the sum of the regions without the autonomous
okrugs that lie within another region's figure; that sum equals the published total of Russia
(18.4 billion dollars of inflow in 2011, 139.2 of stock), which is also how one knows that the
workbook counts in thousands of dollars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valley_analysis import paths
from valley_analysis.errors import LayoutError
from valley_analysis.sources.cells import is_reason, read_cell, value_of
from valley_analysis.sources.originals import (
    checksum,
    find_originals,
    print_number,
)
from valley_analysis.sources.sheets import letters, open_workbook
from valley_analysis.sources.sidecars import read_pair, require_numbers, write_pair

if TYPE_CHECKING:
    import pandas as pd

WORKBOOK = "ICSID Russia Regions economic database v121.xlsx"
MEASURES = {"inflow": "incl", "stock": "sav"}
INDUSTRIES = {
    "a": "agriculture, hunting and forestry",
    "b": "fishing",
    "c": "mining",
    "d": "manufacturing",
    "e": "electricity, gas and water",
    "f": "construction",
    "g": "trade and repair",
    "h": "hotels and restaurants",
    "i": "transport and communication",
    "j": "finance",
    "k": "property, renting, business services, research",
    "l": "public administration and defence",
    "m": "education",
    "n": "health and social services",
    "o": "other services",
}
"""Sections of the classification of activities of that time (OKVED 1.1)."""

WITHIN = {
    "Ненецкий авт.округ": "Архангельская область",
    "Коми-Пермяцкий авт.округ": "Пермский край",
    "Ханты-Мансийский авт.округ-Югра": "Тюменская область",
    "Ямало-Ненецкий авт.округ": "Тюменская область",
    "Таймырский (Долгано-Ненецкий) авт.округ": "Красноярский край",
    "Эвенкийский авт.окpуг": "Красноярский край",
    "Усть-Ордынский Бурятский авт.округ": "Иркутская область",
    "Агинский Бурятский авт.округ": "Забайкальский край",
    "Корякский авт.округ": "Камчатский край",
}
"""Okrugs whose investment the workbook also counts in another region, by their printed labels."""

UNITS = 89
_TABLE = "icsid/v121/fdi_industry_shares.csv"
_HEAD = ("label", "within", "year", "measure", "share_of", "total", *INDUSTRIES)
_TOLERANCE = 0.02

Values = dict[str, float]


@dataclass(frozen=True)
class Investment:
    """One region, year and measure: investment in all and by industry, thousand dollars."""

    label: str
    year: int
    measure: str
    total: float
    by_industry: Values

    @property
    def covered(self) -> float:
        """What the industries add up to, as a share of the total."""
        return sum(self.by_industry.values()) / self.total

    @property
    def adds_up(self) -> bool:
        """Tell whether the industries add up to no more than the total."""
        return self.covered <= 1 + _TOLERANCE

    @property
    def smallest(self) -> float:
        """The smallest industry as a share of the total; a stock can be negative."""
        return min(self.by_industry.values(), default=0.0) / self.total


def extract_icsid(originals: Path, raw: Path) -> list[Path]:
    """Compute the shares from the workbook and write them below `raw`; no level is written.

    Parameters
    ----------
    originals
        A folder that holds the workbook, at any depth.
    raw
        The folder data/raw.

    Returns
    -------
    The CSV file written; its sidecar names every line that does not add up.

    Raises
    ------
    LayoutError
        With every column that is absent and every cell that is neither empty nor a number.
    MissingInputError
        If the workbook is absent.
    """
    path = find_originals(originals, [WORKBOOK])[WORKBOOK]
    workbook = open_workbook(path)
    grid = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    found = read_investment(grid)
    lines: list[Sequence[object]] = [_HEAD]
    country = _country(found)
    for item in found:
        lines.extend(_shares(item, country[item.year, item.measure]))
    return [write_pair(raw / _TABLE, lines, _about(path, found))]


def load_fdi_shares(raw: Path | None = None) -> "pd.DataFrame":
    """Return the shares as a tidy frame.

    Parameters
    ----------
    raw
        The folder data/raw; the project's by default.

    Returns
    -------
    One row a `label` (as published), `year`, `measure` ("inflow", "stock") and `industry` (a
    letter of `INDUSTRIES`, or "total"), with `share_of_region` and `share_of_country`. Missing
    where nothing was printed. For "total", `share_of_region` is what the printed industries add
    up to: near 1, a missing industry had no investment to speak of; well below 1, it may have;
    above 1.02, the region's shares are left missing. A few stocks are slightly negative.
    `within` names the region in which an okrug is counted too: leave such rows out of any sum.

    Raises
    ------
    MissingInputError
        If the table or its sidecar is absent.

    Examples
    --------
    >>> frame = load_fdi_shares()
    >>> row = frame.query("label == 'Калужская область' and year == 2010 and industry == 'd'")
    >>> row[row.measure == "inflow"].share_of_region.round(3).item()
    0.897
    """
    import pandas as pd

    path = (raw or paths.raw()) / _TABLE
    key = ["label", "within", "year", "measure"]
    pair = read_pair(path, columns=[*key, "share_of", "total", *INDUSTRIES])
    require_numbers(path, pair, ["year"], least=1990, most=2100, whole=True)
    require_numbers(path, pair, ["total"], least=0, blank=True)
    # Disinvestment makes a share slightly negative in twelve lines, which the sidecar names.
    require_numbers(path, pair, list(INDUSTRIES), least=-0.05, most=1.000001, blank=True)
    wide = pd.DataFrame(pair.lines, columns=pair.head)
    figures = ["year", "total", *INDUSTRIES]
    wide[figures] = wide[figures].apply(pd.to_numeric)
    tidy = wide.melt(id_vars=[*key, "share_of"], var_name="industry", value_name="share")
    halves = {
        name: part.drop(columns="share_of").rename(columns={"share": f"share_of_{name}"})
        for name, part in tidy.groupby("share_of")
    }
    return halves["region"].merge(halves["country"], on=[*key, "industry"], validate="1:1")


def read_investment(grid: Sequence[Sequence[Any]]) -> list[Investment]:
    """Read the investment columns of the workbook's sheet.

    Numbers that were typed as text are read; an industry without a number is left out, and so is
    a line without a total.

    Raises
    ------
    LayoutError
        With every absent column, wrong number of regions and cell that is no number.

    Examples
    --------
    >>> head = ["reg_name", "reg_year"]
    >>> head += [f"reg_fdi_{m}_{i}" for m in ("incl", "sav") for i in ("total", *INDUSTRIES)]
    >>> body = [[f"Region {n}", 2010.0, 4.0, "1,5"] + [""] * 30 for n in range(89)]
    >>> read_investment([head, *body])[0]
    Investment(label='Region 0', year=2010, measure='inflow', total=4.0, by_industry={'a': 1.5})
    """
    places = _places([str(cell) for cell in grid[0]] if grid else [])
    labels = {str(line[places["reg_name"]]).strip() for line in grid[1:]}
    problems = []
    if len(labels) != UNITS:
        problems.append(f"{len(labels)} regions in reg_name; expected {UNITS}")
    found = []
    for number, line in enumerate(grid[1:], 2):
        label = str(line[places["reg_name"]]).strip()
        year = _number(line, number, places["reg_year"], problems)
        for measure in MEASURES:
            values = {
                industry: value
                for industry in ("total", *INDUSTRIES)
                if (value := _number(line, number, places[_column(measure, industry)], problems))
                is not None
            }
            total = values.pop("total", None)
            if total and year:
                found.append(Investment(label, int(year), measure, total, values))
            elif values:
                problems.append(f"row {number}, {label}: industries of {measure} without a total")
    if problems:
        raise LayoutError(WORKBOOK, problems, _NEXT_STEP)
    return found


_NEXT_STEP = "compare the workbook with sources/icsid.py"


def _column(measure: str, industry: str) -> str:
    return f"reg_fdi_{MEASURES[measure]}_{industry}"


def _places(head: list[str]) -> dict[str, int]:
    wanted = ["reg_name", "reg_year"]
    wanted += [_column(measure, name) for measure in MEASURES for name in ("total", *INDUSTRIES)]
    absent = [f"no column {name!r} in row 1" for name in wanted if name not in head]
    if absent:
        raise LayoutError(WORKBOOK, absent, _NEXT_STEP)
    return {name: head.index(name) for name in wanted}


def _number(line: Sequence[Any], number: int, place: int, problems: list[str]) -> float | None:
    text = read_cell(line[place]).text
    if is_reason(text):
        return None
    value = value_of(text)
    if value is None:
        problems.append(f"{letters(place)}{number} reads {text!r}; expected a number or nothing")
    return value


def _country(found: list[Investment]) -> dict[tuple[int, str], Values]:
    """Russia by year and measure: regions without the okrugs that lie within another."""
    country: dict[tuple[int, str], Values] = {}
    for item in found:
        if item.label in WITHIN:
            continue
        sums = country.setdefault(
            (item.year, item.measure), dict.fromkeys(("total", *INDUSTRIES), 0)
        )
        sums["total"] += item.total
        for industry, value in item.by_industry.items():
            sums[industry] += value
    return country


def _shares(item: Investment, country: Values) -> list[list[object]]:
    """Two lines: the industries' shares of the region, the region's shares of the country."""
    key = [item.label, WITHIN.get(item.label, ""), item.year, item.measure]
    of_region = {"total": item.covered}
    if item.adds_up:
        of_region |= {name: value / item.total for name, value in item.by_industry.items()}
    parts = {"total": item.total} | item.by_industry
    of_country = {name: value / country[name] for name, value in parts.items() if country[name] > 0}
    return [
        [*key, name, *(_print(shares.get(industry)) for industry in ("total", *INDUSTRIES))]
        for name, shares in (("region", of_region), ("country", of_country))
    ]


def _print(share: float | None) -> str:
    return "" if share is None else print_number(round(share, 6) + 0.0)


_ABOUT = {
    "source": "icsid-1998-2014",
    "release": "v121",
    "title": "Foreign direct investment by industry and region: shares only",
    "unit": "share (1 = all)",
    "publisher": "HSE University, International Center for the Study of Institutions and "
    "Development (ICSID): Russia Regions economic database v121",
    "address": "https://github.com/Ekaterina-Melianova/edreru",
    "commit": "58adfdd",
    "licence": "none stated; only shares computed from it are kept, no level",
    "vintage": "v121",
    "columns": {name: f"reg_fdi_{part}_*" for name, part in MEASURES.items()},
    "industries": INDUSTRIES,
    "done": "industries over the region's total; regions over the country, the country being "
    "the sum of regions without okrugs within another region; rounded to six digits",
    "measures": "inflow received in the year (2004-2013), stock at its end (2005-2013); never "
    "pooled",
    "total": "where share_of is region, what the printed industries add up to",
    "not_taken": "fuel (ca) and other minerals (cb), which are parts of mining (c)",
    "caution": "in 2004 inflow by industry is printed in part; a blank is no figure, not zero",
    "counted_twice": f"{len(WITHIN)} okrugs also stand within another region: see within",
}


def _about(path: Path, found: list[Investment]) -> dict[str, Any]:
    return _ABOUT | {
        "workbook": path.name,
        "sha256": checksum(path),
        "lines": len(found),
        "region_shares_left_blank": [
            f"{item.label} {item.year} {item.measure}: industries add up to "
            f"{_print(item.covered)} of the printed total, which leaves finance (j) out"
            for item in found
            if not item.adds_up
        ],
        "negative_shares": [
            f"{item.label} {item.year} {item.measure}: {print_number(item.smallest, 2)}"
            for item in found
            if item.smallest < 0
        ],
    }
