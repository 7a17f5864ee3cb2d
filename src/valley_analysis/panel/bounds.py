"""Bounds on suppressed cells of additive series: a published total minus its published parts."""

import pandas as pd

from valley_analysis import regions

_CELL = ["series", "period", "method"]


def suppressed_bounds(panel: pd.DataFrame, additive: set[str]) -> pd.DataFrame:
    """Bound each suppressed cell from below by 0 and from above by what is left of a total.

    The upper bound is the smallest remainder, total minus published parts, of the country,
    of the region's federal district, and of the oblast that an okrug lies in. Tables print
    districts either as they were or in today's composition; the larger of these two
    remainders is safe under both. A remainder below zero (rounding) counts as zero.

    Parameters
    ----------
    panel
        One row a cell and method (`load_panel()`).
    additive
        Series whose parts sum to the total.

    Returns
    -------
    Columns series, region, period, method, low, high, for the suppressed cells of disjoint
    units whose total is published.
    """
    rows = panel[panel["series"].isin(list(additive))]
    rows = rows.astype(dict.fromkeys([*_CELL, "region", "flag"], "str")).astype({"period": int})
    parts = rows[rows["region"].isin(list(regions.units("rosstat")))]
    hidden = parts[parts["flag"] == "suppressed"]
    if hidden.empty:
        return pd.DataFrame(columns=[*_CELL, "region", "low", "high"])
    parts = parts[parts.set_index(_CELL).index.isin(hidden.set_index(_CELL).index)]
    dated, today = (_districts(parts, dated) for dated in (True, False))
    either = pd.concat([_remainders(rows, parts, hidden, whole) for whole in (dated, today)])
    country = _remainders(rows, parts, hidden, pd.Series("RU", index=parts.index))
    oblast = _remainders(rows, parts, hidden, parts["region"].map(_oblasts()))
    cell = [*_CELL, "region"]
    bounds = pd.concat([country, oblast, either.groupby(cell, as_index=False)["high"].max()])
    high = bounds.groupby(cell, as_index=False)["high"].min()
    return high.assign(low=0.0, high=high["high"].clip(lower=0.0))


def _oblasts() -> dict[str, str]:
    return {one: regions.region(one).parent for one in regions.units("rosstat")}


def _districts(parts: pd.DataFrame, dated: bool) -> "pd.Series[str]":
    keys = list(zip(parts["region"], parts["period"], strict=True))
    found = {(r, p): regions.district_of(r, p if dated else None) for r, p in set(keys)}
    return pd.Series([found[key] for key in keys], index=parts.index)


def _remainders(
    rows: pd.DataFrame, parts: pd.DataFrame, hidden: pd.DataFrame, whole: "pd.Series[str]"
) -> pd.DataFrame:
    """Upper bound of each hidden cell from the total that `whole` names for each part."""
    parts = parts.assign(whole=whole)
    summed = parts.groupby([*_CELL, "whole"], as_index=False)["value"].sum()
    totals = rows[["region", *_CELL, "value"]].rename(columns={"region": "whole", "value": "total"})
    left = summed.merge(totals, on=[*_CELL, "whole"])
    left["high"] = left["total"] - left["value"]
    cells = parts.loc[hidden.index, [*_CELL, "region", "whole"]]
    return cells.merge(left[[*_CELL, "whole", "high"]], on=[*_CELL, "whole"]).dropna(
        subset=["high"]
    )[[*_CELL, "region", "high"]]
