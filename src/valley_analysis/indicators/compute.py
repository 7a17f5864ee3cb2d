"""Indicators from series: one vector operation a formula, flags and bounds kept."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.errors import UnknownSeriesError
from valley_analysis.frames import INDICATORS
from valley_analysis.indicators.catalogue import Formula, Indicator
from valley_analysis.indicators.prices import DEFAULT, Prices, deflator

_GRAVITY = (
    "observed",
    "provisional",
    "derived",
    "corrected",
    "absent",
    "imputed",
    "suppressed",
    "unavailable",
    "closed",
)


@dataclass(frozen=True)
class _Wide:
    """Series side by side: rows are (region, period), columns series.

    `method` and `vintage` hold positions in `methods` and `vintages`.
    """

    value: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    gravity: pd.DataFrame
    method: pd.DataFrame
    vintage: pd.DataFrame
    methods: pd.Index
    vintages: pd.Index


def compute_indicators(
    panel: pd.DataFrame,
    catalogue: dict[str, Indicator],
    bounds: pd.DataFrame | None = None,
    prices: Prices = DEFAULT,
) -> pd.DataFrame:
    """Compute every indicator of the catalogue.

    Parameters
    ----------
    panel
        One row a cell and method, as `panel.load_panel()` gives it.
    catalogue
        Indicators by id.
    bounds
        What `panel.suppressed_bounds` returns: low and high of suppressed cells.
    prices
        Base year and deflator of money.

    Returns
    -------
    A frame that keeps `frames.INDICATORS`: the value where every input has one, else
    missing with the gravest flag of its inputs; `low` and `high` equal the value, or bound
    it where an input is suppressed; `method` is that of the numerator; `inputs` lists
    ``series@vintage``. Where a period is printed under two methods, the one that goes on
    longer is used.

    Raises
    ------
    UnknownSeriesError
        If a formula names a series that the panel does not have.
    """
    wide = _widen(panel, bounds)
    missing = {
        name: sorted(set(item.formula.series) - set(wide.value.columns))
        for name, item in catalogue.items()
    }
    lacking = [f"{name} needs {', '.join(need)}" for name, need in missing.items() if need]
    if lacking:
        raise UnknownSeriesError(
            f"series that the panel does not have: {'; '.join(lacking)}. "
            "Next step: rebuild the panel, or mend the formulas."
        )
    factor = _factor(wide, prices)
    parts = [_indicator(name, item.formula, wide, factor) for name, item in catalogue.items()]
    frame = pd.concat(parts, ignore_index=True)[list(INDICATORS.columns)]
    return INDICATORS.check(frame, "the indicators")


def indicator_coverage(indicators: pd.DataFrame, units: tuple[str, ...]) -> pd.DataFrame:
    """Count the units with a value: indicators down, periods across."""
    rows = indicators[indicators["region"].isin(list(units)) & indicators["value"].notna()]
    return rows.pivot_table(
        index="indicator",
        columns="period",
        values="value",
        aggfunc="count",
        fill_value=0,
        observed=True,
    )


def _widen(panel: pd.DataFrame, bounds: pd.DataFrame | None) -> _Wide:
    rows = panel.astype(
        dict.fromkeys(["region", "series", "method", "vintage", "flag"], "str")
    ).astype({"period": int})
    rows = one_method(rows).set_index(["region", "period", "series"])
    rows["gravity"] = rows["flag"].map(_GRAVITY.index)
    rows["low"] = rows["high"] = rows["value"]
    if bounds is not None and len(bounds):
        keyed = bounds.set_index(["region", "period", "series"])[["low", "high"]]
        keyed = keyed[keyed.index.isin(rows.index)]
        rows.loc[keyed.index, ["low", "high"]] = keyed
    rows["method"], methods = pd.factorize(rows["method"])
    rows["vintage"], vintages = pd.factorize(rows["vintage"])
    columns = ["value", "low", "high", "gravity", "method", "vintage"]
    wide = rows[columns].unstack("series")
    tables = {column: wide[column] for column in columns}
    return _Wide(**tables, methods=methods, vintages=vintages)


def one_method(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep one method a cell: the one that the publisher went on with for longer."""
    last = rows.groupby(["series", "method"])["period"].transform("max")
    ordered = rows.assign(last=last).sort_values("last", kind="stable")
    kept = ordered.drop_duplicates(["region", "period", "series"], keep="last")
    return kept.drop(columns="last").sort_index()


def _factor(wide: _Wide, prices: Prices) -> "pd.Series[float]":
    if "cpi" not in wide.value:
        return pd.Series(1.0, index=wide.value.index)
    cpi = wide.value["cpi"].unstack("period").dropna(axis=1, how="all")
    return deflator(cpi, prices).unstack().swaplevel().reindex(wide.value.index)


def _indicator(
    name: str, formula: Formula, wide: _Wide, factor: "pd.Series[float]"
) -> pd.DataFrame:
    of, to = list(formula.of), list(formula.to)
    printed = wide.gravity[of + to].notna().all(axis=1)
    gravity = wide.gravity.loc[printed, of + to].max(axis=1)
    scale = pd.Series(formula.per, index=gravity.index)
    if formula.deflate:
        scale = scale * factor[gravity.index]
    if to:
        denominator = wide.value.loc[gravity.index, to].sum(axis=1, skipna=False)
        scale = scale / denominator.where(denominator > 0)
    table = {
        column: getattr(wide, column).loc[gravity.index, of].sum(axis=1, skipna=False) * scale
        for column in ("value", "low", "high")
    }
    frame = pd.DataFrame(table)
    if formula.relative:
        country = frame["value"].xs("RU", level="region")
        frame = frame.div(country.reindex(frame.index.get_level_values("period")).values, axis=0)
    flag = gravity.astype(int).map(dict(enumerate(_GRAVITY)))
    valued = frame["value"].notna()
    flag = flag.where(valued | ~flag.isin(["observed", "provisional", "derived"]), "unavailable")
    frame = frame.assign(
        indicator=name,
        flag=flag,
        method=_described(wide.method.loc[gravity.index, of], wide.methods, _methods),
        inputs=_described(wide.vintage.loc[gravity.index, of + to], wide.vintages, _vintages),
    )
    return frame.reset_index()


def _described(
    codes: pd.DataFrame, names: pd.Index, describe: Callable[[list[tuple[str, str]]], str]
) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """Describe each row of a table of codes; rows that are alike are described once."""
    rows, inverse = np.unique(codes.to_numpy(dtype=int), axis=0, return_inverse=True)
    texts = [
        describe([(s, str(names[code])) for s, code in zip(codes.columns, row, strict=True)])
        for row in rows
    ]
    return np.array(texts, dtype=object)[inverse]


def _methods(named: list[tuple[str, str]]) -> str:
    """Distinct methods of the numerator's series, joined by "+"."""
    return "+".join(dict.fromkeys(method for _, method in named if method))


def _vintages(named: list[tuple[str, str]]) -> str:
    return " ".join(f"{series}@{vintage}" for series, vintage in named)
