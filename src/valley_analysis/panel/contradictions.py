"""Published figures that contradict each other: a whole that is not the sum of its parts."""

import pandas as pd

from valley_analysis import regions
from valley_analysis.panel.plain import plain
from valley_analysis.panel.series import load_series

# A published whole and its published kinds.
KINDS = {
    "rd_expenditure": ("rd_current", "rd_capital"),
    "rd_current": ("rd_basic", "rd_applied", "rd_development"),
    "researchers_degree": ("researchers_doctors", "researchers_candidates"),
}
LEAST = 0.1
_CELL = ["series", "region", "period", "method"]


def contradictions(panel: pd.DataFrame) -> pd.DataFrame:
    """List the published figures that do not add up, by more than rounding can explain.

    A gap counts from one unit of the table and `LEAST` per cent of the whole on. Three rules,
    each only where every part is printed: a whole is the sum of its kinds (`KINDS`), an oblast
    that of its okrugs and the rest, a district that of its regions (in the composition of the
    year or in today's, whichever is nearer).

    Parameters
    ----------
    panel
        One row a cell and method.

    Returns
    -------
    Columns rule ("kinds", "okrugs", "district"), series, region, period, method, whole,
    parts (their sum), gap (whole minus parts), gap_percent; largest gap_percent first.
    """
    rows = plain(panel)
    rows = rows.assign(slack=rounding(rows))
    additive = [name for name, series in load_series().items() if series.additive]
    sums = rows[rows["series"].isin(additive)]
    found = pd.concat([_kinds(rows), _okrugs(sums), _districts(sums)], ignore_index=True)
    found = found.assign(gap_percent=100 * found["gap"] / found["whole"].abs())
    beyond = found["gap"].abs() > found.pop("slack") + unit(found)
    found = found[beyond & (found["gap_percent"].abs() > LEAST)]
    return found.sort_values("gap_percent", key=abs, ascending=False, ignore_index=True)


def unit(rows: pd.DataFrame) -> "pd.Series[float]":
    """Return one unit of the table that prints each figure, in the panel's unit."""
    scales = {name: series.scale for name, series in load_series().items()}
    return rows["series"].map(scales).astype(float)


def rounding(rows: pd.DataFrame) -> "pd.Series[float]":
    """Half of the last decimal that a table prints: 0.05 of its unit, 0.5 where all are whole."""
    scale = unit(rows)
    inside = (rows["value"].fillna(0) / scale).round(1)
    tenths = (inside % 1 > 0).groupby([rows["series"], rows["period"]]).transform("any")
    return scale * tenths.map({True: 0.05, False: 0.5})


def _kinds(rows: pd.DataFrame) -> pd.DataFrame:
    compared = [
        _compare("kinds", rows, rows[rows["series"].isin(kinds)].assign(series=whole), len(kinds))
        for whole, kinds in KINDS.items()
    ]
    return pd.concat(compared)


def _okrugs(rows: pd.DataFrame) -> pd.DataFrame:
    printed = rows[rows["flag"] != "derived"]
    compared = []
    for rest, (whole, okrugs) in regions.remainders().items():
        parts = printed[printed["region"].isin([rest, *okrugs])].assign(region=whole)
        compared.append(_compare("okrugs", rows, parts, 1 + len(okrugs)))
    return pd.concat(compared)


def _districts(rows: pd.DataFrame) -> pd.DataFrame:
    units = rows[rows["region"].isin(list(regions.units("rosstat")))]
    pairs = units[["region", "period"]].drop_duplicates()
    compared = []
    for dated in (True, False):
        home = [regions.district_of(r, p if dated else None) for r, p in pairs.to_numpy()]
        placed = units.merge(pairs.assign(home=home), on=["region", "period"])
        compared.append(_compare("district", rows, placed.assign(region=placed["home"])))
    found = pd.concat(compared, ignore_index=True)
    nearer = found["gap"].abs().groupby([found[key] for key in _CELL]).idxmin()
    return found.loc[nearer]


def _compare(
    rule: str, rows: pd.DataFrame, parts: pd.DataFrame, expected: int | None = None
) -> pd.DataFrame:
    """Sum parts that are labelled as their whole, where all of them (`expected`) are printed."""
    summed = parts.groupby(_CELL, as_index=False).agg(
        parts=("value", "sum"),
        printed=("value", "count"),
        of=("value", "size"),
        slack=("slack", "sum"),
    )
    full = (summed["printed"] == summed["of"]) & (summed["of"] == (expected or summed["of"]))
    wholes = rows.dropna(subset=["value"])[[*_CELL, "value"]].rename(columns={"value": "whole"})
    found = summed[full].drop(columns=["printed", "of"]).merge(wholes, on=_CELL)
    found = found.assign(rule=rule, gap=(found["whole"] - found["parts"]).round(6))
    return found[["rule", *_CELL, "whole", "parts", "gap", "slack"]]
