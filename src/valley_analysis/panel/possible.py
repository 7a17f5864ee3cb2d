"""Which figures cannot be: by their unit, by the whole that they are a part of, by their sum."""

import numpy as np
import pandas as pd

from valley_analysis import regions
from valley_analysis.panel.contradictions import rounding, unit
from valley_analysis.panel.plain import plain
from valley_analysis.panel.series import load_series

COLUMNS = ("rule", "series", "region", "period", "method", "vintage", "value", "limit")
RULES = ("finite", "least", "most", "whole number", "part of", "sum of parts")
_CELL = ["series", "region", "period", "method", "vintage"]
# Regions that a table leaves out (abroad, not distributed) only make a sum smaller; published
# sums exceed their total by 5 % at most.
_EXCESS = 0.1


def impossible(panel: pd.DataFrame) -> pd.DataFrame:
    """List the figures that cannot be, in any vintage.

    A figure is finite and lies within what its unit allows; a count is a whole number; a part is
    not larger than its whole in the same region and period; printed parts together do not
    exceed a printed total (by more than rounding in a district, by more than 10 % in the
    country, whose total some tables print less what they correct).

    Parameters
    ----------
    panel
        All vintages (`build_panel`).

    Returns
    -------
    Columns rule (one of `RULES`), series, region, period, method, vintage, value, limit (what
    the value may not pass: a bound, the whole, the total); one row a breach.
    """
    rows = plain(panel)
    printed = rows.dropna(subset=["value"])
    found = [_units(printed), _parts(printed), _sums(rows)]
    return pd.concat(found, ignore_index=True)[list(COLUMNS)]


def _units(rows: pd.DataFrame) -> pd.DataFrame:
    register = load_series()
    least = rows["series"].map({name: one.least for name, one in register.items()})
    most = rows["series"].map({name: one.most for name, one in register.items()})
    whole = rows["series"].map({name: one.whole for name, one in register.items()})
    value = rows["value"]
    finite = np.isfinite(value)
    breaches = {
        "finite": (~finite, np.inf),
        "least": (finite & (value < least), least),
        "most": (finite & (value > most), most),
        "whole number": (finite & whole & (value % 1 != 0), value.round()),
    }
    found = [rows.assign(rule=rule, limit=limit)[bad] for rule, (bad, limit) in breaches.items()]
    return pd.concat(found)


def _parts(rows: pd.DataFrame) -> pd.DataFrame:
    """Parts beyond the largest figure of their whole, whatever its method and vintage."""
    wholes = {name: one.part_of for name, one in load_series().items() if one.part_of}
    parts = rows[rows["series"].isin(list(wholes))]
    largest = rows.groupby(["series", "region", "period"], as_index=False)["value"].max()
    largest = largest.rename(columns={"series": "of", "value": "limit"})
    parts = parts.assign(of=parts["series"].map(wholes)).merge(
        largest, on=["of", "region", "period"], how="inner"
    )
    slack = unit(parts) + 1e-9 * parts["limit"]
    return parts[parts["value"] > parts["limit"] + slack].assign(rule="part of")


def _sums(panel: pd.DataFrame) -> pd.DataFrame:
    """Totals that are smaller than the printed figures of their regions together."""
    register = load_series()
    names = [name for name, one in register.items() if one.additive and one.least >= 0]
    rows = panel[panel["series"].isin(names)]
    rows = rows.assign(slack=rounding(rows))
    parts = rows[rows["region"].isin(list(regions.units("rosstat"))) & rows["value"].notna()]
    pairs = parts[["region", "period"]].drop_duplicates()
    homes = []
    for dated in (True, False):
        found = [regions.district_of(r, p if dated else None) for r, p in pairs.to_numpy()]
        placed = parts.merge(pairs.assign(home=found), on=["region", "period"])
        homes.append(_excess(rows, placed, placed["home"], 0.001))
    country = _excess(rows, parts, pd.Series("RU", index=parts.index), _EXCESS)
    # Tables print districts as they were or as they are: a breach is one under both.
    either = homes[0].merge(homes[1][_CELL], on=_CELL)
    return pd.concat([either, country])


def _excess(
    rows: pd.DataFrame, parts: pd.DataFrame, home: "pd.Series[str]", share: float
) -> pd.DataFrame:
    summed = parts.assign(region=home).groupby(_CELL, as_index=False)
    summed = summed.agg(limit=("value", "sum"), slack=("slack", "sum"))
    found = rows[[*_CELL, "value"]].dropna().merge(summed, on=_CELL)
    beyond = found["limit"] > found["value"] * (1 + share) + found["slack"] + unit(found)
    return found[beyond].assign(rule="sum of parts")
