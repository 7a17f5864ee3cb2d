"""Rows that no table prints: remainders without okrugs, and periods that are closed."""

import pandas as pd

from valley_analysis.panel.series import Series
from valley_analysis.regions import remainders

_CLOSED = {"method": "", "value": float("nan"), "flag": "closed"}
_CELL = ["period", "series", "method", "vintage", "source"]


def derive_remainders(frame: pd.DataFrame, register: dict[str, Series]) -> pd.DataFrame:
    """Add the rows "without okrugs" where a table does not print them.

    Additive series are derived by subtraction (flag derived). Where a part is suppressed the
    remainder is suppressed as well; rates and indices are unavailable, since a remainder of
    rates cannot be had from rates.

    Parameters
    ----------
    frame
        Series as published, in long form.
    register
        The register of series.

    Returns
    -------
    The frame with one more row for each missing remainder.
    """
    additive = {name for name, series in register.items() if series.additive}
    parts = [frame]
    for code, (whole, okrugs) in remainders().items():
        parts.append(_remainder(frame, code, whole, okrugs, additive))
    joined = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return joined.drop_duplicates(["region", *_CELL], keep="last", ignore_index=True)


def _remainder(
    frame: pd.DataFrame, code: str, whole: str, okrugs: tuple[str, ...], additive: set[str]
) -> pd.DataFrame:
    chosen = frame[frame["region"].isin([code, whole, *okrugs])]
    values = chosen.pivot(index=_CELL, columns="region", values="value")
    flags = chosen.pivot(index=_CELL, columns="region", values="flag")
    for region in (code, whole, *okrugs):
        if region not in values:
            values[region], flags[region] = float("nan"), None
    summed = values.index.get_level_values("series").isin(list(additive))
    unprinted = flags[code].isna() | (summed & (flags[code] == "unavailable"))
    missing = values[unprinted & flags[whole].notna()]
    flags, summed = flags.loc[missing.index], summed[unprinted & flags[whole].notna()]
    value = (missing[whole] - missing[list(okrugs)].sum(axis=1, skipna=False)).round(6)
    withheld = flags[[whole, *okrugs]].eq("suppressed").any(axis=1)
    flag = pd.Series("unavailable", index=missing.index)
    flag = flag.mask(summed & withheld, "suppressed").mask(summed & value.notna(), "derived")
    return missing.assign(region=code, value=value.where(flag == "derived"), flag=flag)[
        ["region", "value", "flag"]
    ].reset_index()


def add_closed(frame: pd.DataFrame, register: dict[str, Series]) -> pd.DataFrame:
    """Add a row flagged closed for each region and period that a publisher withholds.

    The last period is the last one that the same vintage prints for any series.
    """
    parts = [frame]
    last = frame.groupby("vintage")["period"].max()
    for series in register.values():
        if series.closed is None:
            continue
        rows = frame[frame["series"] == series.id]
        cells = rows[["region", "series", "vintage", "source"]].drop_duplicates()
        periods = range(series.closed, int(last[cells["vintage"]].max()) + 1)
        parts += [cells.assign(period=period, **_CLOSED) for period in periods]
    return pd.concat(parts, ignore_index=True)
