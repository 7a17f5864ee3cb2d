"""Checks at build: what must hold of the panel, and what a reader should know of it."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from valley_analysis import regions
from valley_analysis.errors import QualityError
from valley_analysis.panel.contradictions import contradictions
from valley_analysis.panel.jumps import far_jumps
from valley_analysis.panel.known import with_reasons
from valley_analysis.panel.plain import plain
from valley_analysis.panel.possible import impossible
from valley_analysis.panel.series import load_series
from valley_analysis.panel.vintages import compare_vintages, latest_vintage

EXACT = ("population_end", "organisations", "technologies_used")
_CELL = ["series", "period", "method"]
NAMED = 40


@dataclass(frozen=True)
class Check:
    """One check as a value.

    Attributes
    ----------
    name
        What is checked.
    state
        "passed", "failed" or "informational".
    found
        One line: what was found.
    table
        The cells that the line speaks of.
    """

    name: str
    state: str
    found: str
    table: pd.DataFrame


def check_panel(panel: pd.DataFrame) -> tuple[Check, ...]:
    """Run every check on a built panel of all vintages.

    Parameters
    ----------
    panel
        What `build_panel` returns.

    Returns
    -------
    The checks; none of them changes the panel.
    """
    panel = plain(panel)
    latest = latest_vintage(panel)
    sums = reconcile(latest)
    return (
        _possible(panel),
        _adds_up(latest),
        _far(panel),
        _exact_totals(sums),
        _suppressed_gap(sums),
        _remainders(latest),
        _coverage(latest),
        _revisions(panel),
    )


def require(checks: tuple[Check, ...]) -> None:
    """Raise if a check failed.

    Raises
    ------
    QualityError
        With the finding of every failed check.
    """
    failed = [f"{check.name}: {check.found}" for check in checks if check.state == "failed"]
    if failed:
        raise QualityError(
            "the panel",
            failed,
            "the last good panel stands; mend the figures in data/raw, correct a misprint in "
            "panel/corrections.yml, or enter a figure that stands in panel/known.yml",
        )


def reconcile(latest: pd.DataFrame) -> pd.DataFrame:
    """Compare the sum of disjoint units with the published national total.

    Parameters
    ----------
    latest
        One row a cell and method.

    Returns
    -------
    Columns series, period, method, total, published (sum of the units of scope rosstat),
    gap (total minus published), units (with a figure), suppressed; additive series only.
    """
    rows = latest[latest["series"].isin(_additive())]
    units = rows[rows["region"].isin(list(regions.units("rosstat")))]
    summed = units.groupby(_CELL, as_index=False).agg(
        published=("value", "sum"),
        units=("value", "count"),
        suppressed=("flag", lambda flag: int((flag == "suppressed").sum())),
    )
    totals = rows.loc[rows["region"] == "RU", [*_CELL, "value"]].rename(columns={"value": "total"})
    merged = totals.merge(summed, on=_CELL).dropna(subset=["total"])
    return merged.assign(gap=(merged["total"] - merged["published"]).round(6))


def jumps(latest: pd.DataFrame, series: str, times: float = 4.0, since: int = 2011) -> pd.DataFrame:
    """List the cells that are more than `times` the year before, or less than its inverse.

    Parameters
    ----------
    latest
        One row a cell and method.
    series
        The series to look at.
    times
        Ratio beyond which a change counts as a jump.
    since
        First period to compare with the one before.

    Returns
    -------
    Columns region, period, method, before, value, ratio.
    """
    rows = latest[(latest["series"] == series) & (latest["value"] > 0)]
    rows = rows[~rows["region"].str.startswith("FD-") & (rows["region"] != "RU")]
    rows = rows.sort_values(["region", "method", "period"])
    by = rows.groupby(["region", "method"])
    rows = rows.assign(before=by["value"].shift(), gap=rows["period"] - by["period"].shift())
    rows = rows[(rows["gap"] == 1) & (rows["period"] >= since)]
    rows = rows.assign(ratio=rows["value"] / rows["before"])
    far = (rows["ratio"] > times) | (rows["ratio"] < 1 / times)
    return rows.loc[far, ["region", "period", "method", "before", "value", "ratio"]]


def _additive() -> list[str]:
    return [name for name, series in load_series().items() if series.additive]


def _possible(panel: pd.DataFrame) -> Check:
    """Nothing excuses a figure beyond its unit; two that contradict each other may be known."""
    table = with_reasons(impossible(panel))
    by_unit = ~table["rule"].isin(["part of", "sum of parts"])
    table = table.assign(reason=table["reason"].mask(by_unit, ""))
    return _known("figures are possible for their unit and their whole", table)


def _adds_up(latest: pd.DataFrame) -> Check:
    table = with_reasons(contradictions(latest)).assign(value=lambda found: found["whole"])
    return _known("wholes are the sums of their parts", table.assign(limit=table["parts"]))


def _far(panel: pd.DataFrame) -> Check:
    table = with_reasons(far_jumps(panel).assign(rule="jump"))
    return _known("no jump beyond what the series ever did", table)


def _known(name: str, table: pd.DataFrame) -> Check:
    """A check that fails on every figure that nobody has looked at; each is named."""
    new = table[table["reason"] == ""]
    named = "".join(f"\n    {_named(row)}" for row in new.head(NAMED).to_dict("records"))
    more = f"\n    and {len(new) - NAMED} more" if len(new) > NAMED else ""
    found = f"{len(table) - len(new)} stand for a reason in known.yml, {len(new)} are new"
    return Check(name, "failed" if len(new) else "passed", f"{found}{named}{more}", table)


def _named(row: dict[Any, Any]) -> str:
    cell = f"{row['series']} {row['region']} {row['period']} {row['method']}".rstrip()
    vintage = f", vintage {row['vintage']}" if row.get("vintage") else ""
    if row["rule"] == "jump":
        why = f"beside {row['before']:,.10g} and {row['after']:,.10g}"
    else:
        why = f"rule {row['rule']!r} allows {row['limit']:,.10g}"
    return f"{cell}{vintage}: {row['value']:,.10g}, {why}".replace("nan", "nothing")


def _exact_totals(sums: pd.DataFrame) -> Check:
    """Units must sum to the total where nothing is suppressed and Crimea is in both."""
    recent = sums[sums["series"].isin(EXACT) & (sums["period"] >= 2015)]
    off = recent[recent["gap"].abs() > _tolerance(recent)]
    return Check(
        "parts sum to published totals",
        "failed" if len(off) else "passed",
        f"{len(recent) - len(off)} of {len(recent)} totals of {', '.join(EXACT)} agree since 2015",
        off,
    )


def _tolerance(sums: pd.DataFrame) -> "pd.Series[float]":
    """Printed to 0.1 thousand people, 85 rounded parts differ from the total by 4.3 at most."""
    return sums["series"].map({"population_end": 85 * 50.0}).fillna(0.0)


def _suppressed_gap(sums: pd.DataFrame) -> Check:
    spending = sums[(sums["series"] == "rd_expenditure") & (sums["period"] >= 2015)]
    wrong = spending[(spending["suppressed"] == 0) != (spending["gap"].abs() < 85 * 0.05)]
    state = "failed" if len(wrong) or spending["gap"].min() < -85 * 0.05 else "passed"
    newest = spending.sort_values("period").tail(1)
    found = "; ".join(
        f"{row.period}: {row.gap:,.1f} mln RUB in {row.suppressed} suppressed cells"
        for row in newest.itertuples()
    )
    return Check("the gap in R&D expenditure is the suppressed cells", state, found, spending)


def _remainders(latest: pd.DataFrame) -> Check:
    """Printed rows "without okrugs" must equal the oblast less its okrugs, but for rounding."""
    tables = []
    for code, (whole, okrugs) in regions.remainders().items():
        rows = latest[latest["region"].isin([code, whole, *okrugs]) & (latest["flag"] != "derived")]
        rows = rows[rows["series"].isin(_additive())]
        wide = rows.pivot(index=_CELL, columns="region", values="value").dropna()
        expected = wide[whole] - wide[list(okrugs)].sum(axis=1)
        off = (wide[code] - expected).abs() > 0.02 * wide[whole].abs() + 1.5
        tables.append(wide[off].assign(expected=expected[off], remainder=code).reset_index())
    off = pd.concat(tables, ignore_index=True)
    found = f"{len(off)} remainders differ from the oblast less its okrugs"
    return Check(
        "remainders agree with their oblast", "failed" if len(off) else "passed", found, off
    )


def _coverage(latest: pd.DataFrame) -> Check:
    units = latest[latest["region"].isin(list(regions.units("rosstat")))]
    table = (
        units.assign(filled=units["value"].notna())
        .groupby(["series", "period"], as_index=False)["filled"]
        .sum()
    )
    full = (table["filled"] >= 80).mean()
    return Check(
        "coverage", "informational", f"{full:.0%} of series-years have 80 units or more", table
    )


def _revisions(panel: pd.DataFrame) -> Check:
    table = compare_vintages(panel)
    by = table["series"].value_counts()
    found = f"{len(table)} cells revised: " + ", ".join(f"{n} of {s}" for s, n in by.items())
    return Check("revisions between vintages", "informational", found, table)
