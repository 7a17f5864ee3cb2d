"""Which region a valley counts for, when: links are many-to-many, dated, and follow a rule."""

from datetime import date
from typing import Literal, get_args

import pandas as pd

from valley_analysis.errors import ValleyError
from valley_analysis.typed import calendar_years
from valley_analysis.valleys.entries import Site, Valley
from valley_analysis.valleys.register import Register

Attribution = Literal["host", "all_sites", "weighted"]
ATTRIBUTIONS: tuple[Attribution, ...] = get_args(Attribution)
LATEST = date(9999, 12, 31)
"""A day after every fact: all that the register holds."""


def links(register: Register, as_of: date, rule: Attribution = "host") -> pd.DataFrame:
    """Return which valley counts for which region on a day.

    Parameters
    ----------
    register
        Valleys, or any territories.
    as_of
        Sites that begin later or have ended are left out.
    rule
        "host": the region of the main site. "all_sites": every region with a site, fully.
        "weighted": every region with a site, by the weights of the register made to sum to one.

    Returns
    -------
    One row a link: valley, kind, region, role, weight (0 to 1).

    Raises
    ------
    ValleyError
        For an unknown rule.

    Examples
    --------
    >>> from valley_analysis.valleys.register import load_register
    >>> found = links(load_register().valleys, date(2026, 11, 25))
    >>> found.loc[found["region"] == "RU-MOW", "valley"].tolist()
    ['msu', 'mendeleev']
    """
    if rule not in ATTRIBUTIONS:
        raise ValleyError(f"attribution is {rule!r}; expected one of {', '.join(ATTRIBUTIONS)}")
    rows = [row for valley in register.entries for row in _links_of(valley, as_of, rule)]
    return pd.DataFrame(rows, columns=["valley", "kind", "region", "role", "weight"])


def _links_of(
    valley: Valley, as_of: date, rule: Attribution
) -> list[tuple[str, str, str, str, float]]:
    sites = [site for site in valley.sites if _stands(site, as_of)]
    if rule == "host":
        sites = [site for site in sites if site.role == "main"] or sites[:1]
    total = sum(site.weight for site in sites)
    weights: dict[str, float] = {}
    roles: dict[str, str] = {}
    for site in sites:
        share = site.weight / total if rule == "weighted" else 1.0
        known = weights.get(site.region, 0.0)
        weights[site.region] = known + share if rule == "weighted" else 1.0
        roles.setdefault(site.region, site.role)
    return [(valley.id, valley.kind, region, roles[region], w) for region, w in weights.items()]


def _stands(site: Site, as_of: date) -> bool:
    return site.since.first <= as_of and (site.until is None or site.until.first > as_of)


def hosts(register: Register, as_of: date, rule: Attribution = "host") -> tuple[str, ...]:
    """Return the regions that an innovation valley counts for, in the order of the register."""
    return tuple(dict.fromkeys(links(register.valleys, as_of, rule)["region"]))


def decree_years(register: Register, rule: Attribution = "host") -> pd.Series:
    """Return the year of the first decree of each host region: the cohort of an estimator.

    The decree's surest date counts; where it is only known to lie between two years, the earlier:
    the years before it are then certainly years before the decree.
    """
    return decree_spans(register, rule)["first"].rename("year")


def regime_years(register: Register, years: range, rule: Attribution = "all_sites") -> pd.DataFrame:
    """Return the region x regime x year matrix: regimes overlap, so one dummy would mislead.

    Returns
    -------
    One row a region, kind of territory and year in which at least one stood at the year's end:
    region, kind, year, territories (how many), names (their ids), branch_only (no main site), sure
    (whether one stood for certain: a decree between two days leaves the years between open).
    """
    parts = [
        links(register, date(year, 12, 31), rule).assign(
            year=year, sure=lambda table, year=year: table["valley"].map(_sure(register, year))
        )
        for year in calendar_years(years)
    ]
    found = pd.concat(parts, ignore_index=True)
    grouped = found.groupby(["region", "kind", "year"], sort=True)
    return grouped.agg(
        territories=("valley", "size"),
        names=("valley", " ".join),
        branch_only=("role", lambda roles: bool((roles != "main").all())),
        sure=("sure", "any"),
    ).reset_index()


def _sure(register: Register, year: int) -> dict[str, bool]:
    """Whether a territory stood for certain at the end of a year."""
    end = date(year, 12, 31)
    return {
        entry.id: any(
            site.since.last <= end and (site.until is None or site.until.last > end)
            for site in entry.sites
        )
        for entry in register.entries
    }


def decree_spans(register: Register, rule: Attribution = "host") -> pd.DataFrame:
    """Return the first and the last year in which each host's first decree can lie.

    The first is the cohort of `decree_years`; tables print both where they differ.

    Examples
    --------
    >>> from valley_analysis.valleys.register import load_register
    >>> decree_spans(load_register()).loc["RU-NGR"].tolist()
    [2021, 2023]
    """
    from valley_analysis.valleys.ladder import DECREE, ladder

    steps = ladder(register, LATEST).steps.xs(DECREE, level="step")
    found = links(register.valleys, LATEST, rule)
    ends = {end: found["valley"].map(steps[end].dt.year) for end in ("first", "last")}
    return found.assign(**ends).groupby("region", sort=False)[["first", "last"]].min().astype(int)
