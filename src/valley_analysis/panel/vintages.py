"""Vintages: the same cell as published at different dates."""

import pandas as pd

_CELL = ["series", "region", "period", "method"]


def latest_vintage(panel: pd.DataFrame) -> pd.DataFrame:
    """Keep, for each cell and method, the row of the latest vintage that prints it."""
    last = panel.sort_values("vintage", kind="stable").drop_duplicates(_CELL, keep="last")
    return last.sort_index()


def compare_vintages(panel: pd.DataFrame) -> pd.DataFrame:
    """List the revisions: cells whose value or flag differs between successive vintages.

    Parameters
    ----------
    panel
        All vintages, as `build_panel` returns them.

    Returns
    -------
    Columns series, region, period, method, vintage_old, value_old, vintage_new, value_new,
    change (new minus old), change_percent; rows only where the two differ by more than the
    rounding of the older one.
    """
    panel = panel.astype(dict.fromkeys([*_CELL, "vintage", "flag"], "str"))
    ordered = panel.sort_values([*_CELL, "vintage"])
    ordered = ordered[ordered.duplicated(_CELL, keep=False)]
    before = ordered.groupby(_CELL)[["vintage", "value", "flag"]].shift()
    pairs = ordered.assign(
        vintage_old=before["vintage"], value_old=before["value"], flag_old=before["flag"]
    ).rename(columns={"vintage": "vintage_new", "value": "value_new", "flag": "flag_new"})
    pairs = pairs[pairs["vintage_old"].notna()]
    change = pairs["value_new"] - pairs["value_old"]
    differs = (change.abs() > _rounding(pairs["value_old"])) | (
        pairs["value_new"].isna() != pairs["value_old"].isna()
    )
    pairs = pairs.assign(change=change, change_percent=100 * change / pairs["value_old"].abs())
    columns = ["vintage_old", "value_old", "flag_old", "vintage_new", "value_new", "flag_new"]
    return pairs.loc[differs, [*_CELL, *columns, "change", "change_percent"]].reset_index(drop=True)


def _rounding(older: "pd.Series[float]") -> "pd.Series[float]":
    """Half of the last decimal, where the older figure is printed with one decimal at most."""
    tenths = older * 10
    rounded = (tenths - tenths.round()).abs() < 1e-6
    return (older.abs() * 1e-9).where(~rounded, 0.05 + 1e-9)
