"""Shift-share exposure: regional shares of foreign investment by industry, and shocks to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import Field

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import DesignError, FrameError, RegisterError
from valley_analysis.frames import Scope
from valley_analysis.regions import match_regions, remainders
from valley_analysis.registers import Located, check_register, read_located
from valley_analysis.sanctions.measures import load_measures
from valley_analysis.sanctions.waves import find_wave, waves
from valley_analysis.text import Lang, check_lang, number

REGISTER = Path(__file__).with_name("industries.yml")
COLUMNS = ("label", "year", "measure", "industry", "share_of_region", "share_of_country")
ENOUGH_SHOCKS = 20
COMPLETE = (0.98, 1.02)


class Industry(Entry):
    """A section of the table of investment, and the measures that aimed at it.

    Attributes
    ----------
    measures
        Wave -> ids of measures.yml.
    reason
        Why these, or why none.
    """

    name: Bilingual
    reason: Bilingual
    measures: dict[int, tuple[str, ...]] = Field(default_factory=dict)


@cache
def load_industries(path: Path = REGISTER) -> dict[str, Industry]:
    """Return the industries by letter.

    Raises
    ------
    RegisterError
        With every problem at once, each with its line: a wave or measure that does not exist,
        or a measure that is no sanction of that wave's onset.

    Examples
    --------
    >>> load_industries()["c"].measures[2014]
    ('us-2014-07-29', 'eu-2014-sectoral')
    """
    located = read_located(path)
    register = check_register(located.content, dict[str, Industry], path.name, located)
    problems = [
        problem for key, one in register.items() for problem in _problems(key, one, located)
    ]
    if problems:
        raise RegisterError(path.name, problems, "use ids of measures.yml from the wave's onset")
    return register


def _problems(key: str, industry: Industry, located: Located) -> Iterator[str]:
    for wave, ids in industry.measures.items():
        place = (key, "measures", str(wave))
        if wave not in waves():
            yield located.at(place, f"{key}: no wave {wave}")
            continue
        onset = {measure.id for measure in waves()[wave].measures()}
        for one in ids:
            if one not in load_measures():
                yield located.at(place, f"{key}: no measure {one}")
            elif one not in onset:
                yield located.at(place, f"{key}: {one} is no sanction of the onset of {wave}")


def shocks(wave: int, lang: Lang = "en") -> pd.DataFrame:
    """Return which industries a wave aimed at, and since when.

    A measure is an act, not a quantity: `targeted` is 0 or 1, never a count of acts.

    Parameters
    ----------
    wave
        A year of waves.yml.
    lang
        Language of names and reasons.

    Returns
    -------
    DataFrame
        Indexed by industry; columns `name`, `targeted`, `since` (day in force of the first
        measure, of its announcement where that is not known), `measures` (ids), `reason`.

    Raises
    ------
    PeriodError
        If there is no such wave.

    Examples
    --------
    >>> shocks(2014)["targeted"].sum(), str(shocks(2014).loc["j", "since"].date())
    (np.float64(3.0), '2014-07-16')
    """
    check_lang(lang)
    find_wave(wave)
    rows = {}
    for key, industry in load_industries().items():
        ids = industry.measures.get(wave, ())
        acts = [load_measures()[one] for one in ids]
        days = [act.effective.date for act in acts]
        since = pd.Timestamp(min(days)) if days else pd.NaT
        rows[key] = (industry.name[lang], float(bool(ids)), since, ids, industry.reason[lang])
    columns = ["name", "targeted", "since", "measures", "reason"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("industry")


@dataclass(frozen=True, eq=False)
class ShiftShare:
    """The two halves of a shift-share exposure.

    Attributes
    ----------
    shares
        Region x industry; a row sums to 1. Regions without complete figures are missing.
    shock
        By industry: 1 where the wave aimed at it.
    weights
        By region, summing to 1: how much it counts in the number of shocks (equal by default).
    years
        By region: how many years went in.
    wave, measure, scope
        What it is of.
    notes
        What a reader should know.

    References
    ----------
    Borusyak, Hull and Jaravel (2022), Review of Economic Studies 89(1): effective number of
    shocks as the inverse Herfindahl index of the shocks' average weights.
    """

    shares: pd.DataFrame
    shock: pd.Series
    weights: pd.Series
    years: pd.Series
    wave: int
    measure: str
    scope: Scope
    notes: tuple[Bilingual, ...] = ()

    @property
    def exposure(self) -> pd.Series:
        """By region: the sum over industries of share times shock."""
        return self.shares.mul(self.shock, axis=1).sum(axis=1).rename(f"fdi_industry_{self.wave}")

    @property
    def importance(self) -> pd.Series:
        """By industry: its average weight over regions, the largest first; sums to 1."""
        return self.shares.mul(self.weights, axis=0).sum().sort_values(ascending=False)

    @property
    def effective_shocks(self) -> float:
        """Inverse Herfindahl index of the industries' average weights."""
        return effective_number(self.importance)

    @property
    def exploratory(self) -> bool:
        """Whether there are fewer effective shocks than `ENOUGH_SHOCKS`."""
        return self.effective_shocks < ENOUGH_SHOCKS

    def text(self, lang: Lang = "en") -> str:
        """Return how far the exposure can be trusted, in words."""
        check_lang(lang)
        found = number(self.effective_shocks, 1, lang)
        top = ", ".join(
            f"{load_industries()[key].name[lang]} {number(100 * share, 0, lang)} %"
            for key, share in self.importance.head(3).items()
        )
        if lang == "ru":
            label = "разведочная" if self.exploratory else "достаточно шоков"
            told = (
                f"Эффективное число шоков: {found} (нужно не менее {ENOUGH_SHOCKS}): {label}. "
                f"Наибольший вес: {top}."
            )
        else:
            label = "exploratory" if self.exploratory else "enough shocks"
            told = (
                f"Effective number of shocks: {found} (at least {ENOUGH_SHOCKS} wanted): "
                f"{label}. Largest weights: {top}."
            )
        return " ".join([told, *(note[lang] for note in self.notes)])


def effective_number(weights: pd.Series) -> float:
    """Return the inverse Herfindahl index of weights, whatever they sum to.

    Examples
    --------
    >>> effective_number(pd.Series([1.0, 1.0, 1.0, 1.0]))
    4.0
    >>> effective_number(pd.Series([1.0, 0.0]))
    1.0
    """
    share = weights / weights.sum()
    return float(1 / (share**2).sum())


def shift_share(
    investment: pd.DataFrame,
    wave: int,
    scope: Scope,
    *,
    measure: str = "inflow",
    years: Sequence[int] = tuple(range(2004, 2014)),
    weights: pd.Series | None = None,
) -> ShiftShare:
    """Build regional shares by industry and the shocks of a wave.

    A region's level in a year is its share of the country's investment times the industry's
    share of the region's; a region's shares are its levels summed over the years, so that a
    year counts by how much of the country's investment the region then had. Arkhangelsk and
    Tyumen are taken without their okrugs, by subtraction of levels.

    Parameters
    ----------
    investment
        The table of ICSID shares, tidy: columns label, year, measure, industry ("a" to "o"
        and "total"), share_of_region, share_of_country.
    wave
        A year of waves.yml.
    scope
        Disjoint units.
    measure
        "inflow" (2004-2013) or "stock" (2005-2013).
    years
        Years to use: all before the first wave, so that the shares are predetermined.
    weights
        By region, for the number of shocks; equal by default.

    Raises
    ------
    FrameError
        If a column is missing.
    PeriodError
        If there is no such wave.
    DesignError
        If a year is not before the wave, or nothing of that measure is left.

    Notes
    -----
    Years in which a region's printed industries do not add up to its total (within 2 %) are
    left out; blanks in the others count as zero. Slightly negative stocks, and remainders that
    come out negative, are set to zero and counted in `notes`.
    """
    late = [year for year in years if year >= find_wave(wave).first_treated]
    if late:
        raise DesignError(
            "shift_share", [f"years {late} are not before the wave of {wave}"], "leave them out"
        )
    levels, clipped = _levels(investment, scope, measure, years)
    sums = levels.groupby(level="region", observed=True).sum()
    shares = sums.div(sums.sum(axis=1), axis=0).reindex(list(scope.units))
    present = shares.dropna(how="all")
    if present.empty:
        raise DesignError(
            "shift_share",
            [f"no unit of scope {scope.name} has {measure} in {list(years)}"],
            "choose 'inflow' or 'stock', and years from 2004 to 2013",
        )
    counted = pd.Series(1.0, present.index) if weights is None else weights.reindex(present.index)
    lost, whole = len(scope) - len(present), len(scope)
    note = Bilingual(
        en=f"{lost} of {whole} units have no complete figures; {clipped} negative cells set to 0.",
        ru=f"Без полных данных единиц: {lost} из {whole}; отрицательных ячеек (приняты за 0): "
        f"{clipped}.",
    )
    return ShiftShare(
        shares=present,
        shock=shocks(wave)["targeted"].reindex(present.columns),
        weights=counted / counted.sum(),
        years=levels.groupby(level="region", observed=True).size().reindex(present.index),
        wave=wave,
        measure=measure,
        scope=scope,
        notes=(note,),
    )


def _levels(
    investment: pd.DataFrame, scope: Scope, measure: str, years: Sequence[int]
) -> tuple[pd.DataFrame, int]:
    """Levels in units of the country's total, (region, year) x industry; cells set to zero."""
    missing = [column for column in COLUMNS if column not in investment]
    if missing:
        raise FrameError(
            "investment by industry",
            [f"no column {', '.join(missing)}"],
            "pass what sources.icsid.load_fdi_shares returns",
        )
    rows = investment[(investment["measure"] == measure) & investment["year"].isin(list(years))]
    codes = match_regions(rows["label"].unique(), where="investment by industry")
    rows = rows.assign(region=rows["label"].map(codes))
    keys = ["region", "year"]
    whole = rows[rows["industry"] == "total"].set_index(keys)
    complete = whole[whole["share_of_region"].between(*COMPLETE)]
    parts = rows[rows["industry"] != "total"]
    table = parts.pivot(index=keys, columns="industry", values="share_of_region")
    table = table.reindex(complete.index).fillna(0.0)
    levels = _remainders(table.mul(complete["share_of_country"], axis=0))
    inside = levels[levels.index.get_level_values("region").isin(scope.units)]
    negative = int((inside < 0).to_numpy().sum())
    inside = inside.clip(lower=0)
    return inside[inside.sum(axis=1) > 0], negative


def _remainders(levels: pd.DataFrame) -> pd.DataFrame:
    """Put oblasts without their okrugs in the place of oblasts, where all parts are complete."""
    found = [levels]
    for code, (whole, okrugs) in remainders().items():
        tables = [_of(levels, one) for one in (whole, *okrugs)]
        years = tables[0].index
        for table in tables[1:]:
            years = years.intersection(table.index)
        if len(years):
            left = tables[0].loc[years] - np.sum([t.loc[years] for t in tables[1:]], axis=0)
            found.append(pd.concat({code: left}, names=["region"]))
    return pd.concat(found)


def _of(levels: pd.DataFrame, code: str) -> pd.DataFrame:
    """Year x industry of one region."""
    return levels[levels.index.get_level_values("region") == code].droplevel("region")
