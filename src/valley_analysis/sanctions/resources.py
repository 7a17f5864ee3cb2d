"""Resource regions: the strata within which an exposure may be permuted."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
from pydantic import Field

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import DesignError, FrameError, RegisterError, UnknownRegionError
from valley_analysis.frames import Scope
from valley_analysis.regions import check_codes
from valley_analysis.registers import Located, check_register, read_located
from valley_analysis.sanctions.waves import find_wave, waves

REGISTER = Path(__file__).with_name("resource_regions.yml")


class Stated(Entry):
    """A region placed by hand, with the reason."""

    resource: bool
    reason: Bilingual


class ResourceRule(Entry):
    """What makes a resource region.

    Attributes
    ----------
    threshold
        Share of the numerator in the sum of the denominators from which on a region is one.
    stated
        Wave -> region -> what is stated where the share is not printed.
    """

    threshold: float = Field(gt=0, lt=1)
    numerator: str
    denominators: tuple[str, ...] = Field(min_length=1)
    why: Bilingual
    stated: dict[int, dict[str, Stated]] = Field(default_factory=dict)


@cache
def load_resource_rule(path: Path = REGISTER) -> ResourceRule:
    """Return the rule for resource regions.

    Raises
    ------
    RegisterError
        With every problem at once, each with its line.

    Examples
    --------
    >>> load_resource_rule().numerator
    'shipments_mining'
    """
    located = read_located(path)
    rule = check_register(located.content, ResourceRule, path.name, located)
    problems = list(_problems(rule, located))
    if problems:
        raise RegisterError(path.name, problems, "mend these entries")
    return rule


def _problems(rule: ResourceRule, located: Located) -> Iterator[str]:
    if rule.numerator not in rule.denominators:
        yield located.at(("denominators",), f"{rule.numerator} is not among the denominators")
    for wave, regions in rule.stated.items():
        if wave not in waves():
            yield located.at(("stated", str(wave)), f"no wave {wave}")
        try:
            check_codes(regions, where="stated")
        except UnknownRegionError as error:
            yield from (located.at(("stated", str(wave)), one) for one in error.problems)


@dataclass(frozen=True, eq=False)
class Resources:
    """Which regions are resource regions before a wave.

    Attributes
    ----------
    frame
        One row a unit (index ``region``): ``share`` of mining, mean of the years printed,
        ``n_periods`` of them, ``resource`` (bool), ``basis`` ("computed" or "stated").
    wave, scope, rule
        What it is of.
    """

    frame: pd.DataFrame
    wave: int
    scope: Scope
    rule: ResourceRule

    @property
    def strata(self) -> pd.Series:
        """By region: "resource" or "other"."""
        return self.frame["resource"].map({True: "resource", False: "other"}).rename("stratum")


def resource_regions(series: pd.DataFrame, wave: int, scope: Scope) -> Resources:
    """Say which units are resource regions in the years before a wave.

    Parameters
    ----------
    series
        Tidy series: columns region, period, series, value, and method where series have
        several (shares are taken within a method); one vintage a cell.
    wave
        A year of waves.yml; its main years before are used.
    scope
        Disjoint units.

    Raises
    ------
    FrameError
        If a column is missing.
    PeriodError
        If there is no such wave.
    DesignError
        If a unit has no share in any of the years and the register states nothing for it.

    Examples
    --------
    >>> shipped = {"RU-TUL": (1.0, 8.0, 1.0), "RU-SAK": (8.0, 1.0, 1.0)}
    >>> rows = [(code, 2012, f"shipments_{name}", value) for code, values in shipped.items()
    ...         for name, value in zip(("mining", "manufacturing", "energy"), values)]
    >>> tidy = pd.DataFrame(rows, columns=["region", "period", "series", "value"])
    >>> found = resource_regions(tidy, 2014, Scope("two", ("RU-TUL", "RU-SAK")))
    >>> found.strata.to_dict()
    {'RU-TUL': 'other', 'RU-SAK': 'resource'}
    """
    rule, years = load_resource_rule(), find_wave(wave).pre["main"]
    missing = [one for one in ("region", "period", "series", "value") if one not in series]
    if missing:
        raise FrameError("series", [f"no column {', '.join(missing)}"], "pass a tidy frame")
    rows = series[series["series"].isin(rule.denominators) & series["period"].isin(years)]
    rows = rows.assign(
        region=rows["region"].astype(str),
        series=rows["series"].astype(str),
        method=rows["method"].astype(str) if "method" in rows else "",
    )
    keys = ["region", "period", "method"]
    table = rows.pivot(index=keys, columns="series", values="value")
    table = table.reindex(columns=list(rule.denominators))
    yearly = table[rule.numerator] / table.sum(axis=1, skipna=False)
    by_region = yearly.dropna().groupby(level="region")
    frame = pd.DataFrame({"share": by_region.mean(), "n_periods": by_region.size()})
    frame = frame.reindex(pd.Index(scope.units, name="region"))
    frame["n_periods"] = frame["n_periods"].fillna(0).astype(int)
    return Resources(_placed(frame, rule, wave), wave, scope, rule)


def _placed(frame: pd.DataFrame, rule: ResourceRule, wave: int) -> pd.DataFrame:
    """Add `resource` and `basis`; what is stated stands only where nothing is computed."""
    stated = rule.stated.get(wave, {})
    without = frame.index[frame["share"].isna()]
    lost = [code for code in without if code not in stated]
    if lost:
        raise DesignError(
            f"resource regions, wave {wave}",
            [f"{code}: no year with {', '.join(rule.denominators)}" for code in lost],
            "state it in sanctions/resource_regions.yml with a reason",
        )
    resource = frame["share"] >= rule.threshold
    for code in without:
        resource[code] = stated[code].resource
    basis = frame["share"].isna().map({True: "stated", False: "computed"})
    return frame.assign(resource=resource.astype(bool), basis=basis)
