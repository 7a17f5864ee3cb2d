"""Imputing the indicators of an index: nothing suppressed, nothing across a change of method."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from valley_analysis.scoring.impute import OVER_TIME, impute
from valley_analysis.scoring.spec import IndexSpec

Tables = dict[str, pd.DataFrame]


def fill_tables(tables: Tables, spec: IndexSpec) -> Tables:
    """Impute missing values as a specification says.

    A cell can be imputed in a period in which other units have a value of the indicator; it
    takes the method that most of them have, and only values of that method are used. Imputing
    from other indicators uses the rows of periods with the same methods in the dimension.

    Parameters
    ----------
    tables
        See `Pool`: "value", "low", "high", "flag", "method".
    spec
        Names the method of imputation.

    Returns
    -------
    The tables, and "filled": which cells were imputed here.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_indicators, small_scope, small_spec
    >>> from valley_analysis.scoring.pool import lay_out
    >>> tables = lay_out(small_indicators(), small_spec(), small_scope())
    >>> int(fill_tables(tables, small_spec())["filled"].to_numpy().sum())
    0
    """
    before = tables["value"]
    filled = pd.DataFrame(False, before.index, before.columns)
    if spec.imputation == "none":
        return tables | {"filled": filled}
    after, methods = before.copy(), _prevailing(tables["method"].where(before.notna()))
    suppressed = tables["flag"].isin(["suppressed"])
    for names, periods in _parts(methods, spec):
        rows = before.index.get_level_values("period").isin(periods)
        expected = methods.loc[before.index.get_level_values("period")[rows], names].to_numpy()
        same = (tables["method"].loc[rows, names] == expected).to_numpy()
        part = before.loc[rows, names].where(same)
        open_ = before.loc[rows, names].isna().to_numpy() & pd.notna(expected)
        open_ &= ~suppressed.loc[rows, names].to_numpy()
        keep = pd.DataFrame(~open_, part.index, part.columns)
        limit = max(spec.max_lag, 1)
        found = impute(part, spec.imputation, keep_missing=keep, limit=limit).frame
        new = open_ & found.notna().to_numpy()
        after.loc[rows, names] = before.loc[rows, names].mask(new, found)
        filled.loc[rows, names] = new
    return _with(tables, after, filled, methods)


def _prevailing(methods: pd.DataFrame) -> pd.DataFrame:
    """Method that most units have, by period and indicator; missing where none has a value."""

    def most(column: "pd.Series[str]") -> object:
        found = column.mode()
        return found.iloc[0] if len(found) else np.nan

    return methods.groupby(level="period").agg(most).astype(object)


def _parts(methods: pd.DataFrame, spec: IndexSpec) -> Iterator[tuple[list[str], list[int]]]:
    """Indicators that are imputed together, and periods with the same methods of them."""
    if spec.imputation in OVER_TIME:
        groups = [[name] for name in spec.indicators]
    else:
        groups = [list(spec.of_dimension(name)) for name in spec.dimensions]
    for names in groups:
        kinds = methods[names].apply(lambda column: pd.factorize(column)[0])
        for _, same in kinds.groupby(names):
            there = methods.loc[same.index, names].notna().any(axis=0)
            if there.any():
                yield list(there.index[there]), [int(period) for period in same.index]


def _with(
    tables: Tables, after: pd.DataFrame, filled: pd.DataFrame, methods: pd.DataFrame
) -> Tables:
    periods = after.index.get_level_values("period")
    expected = pd.DataFrame(
        methods.loc[periods, list(after.columns)].to_numpy(), after.index, after.columns
    )
    return {
        "value": after,
        "low": tables["low"].mask(filled, after),
        "high": tables["high"].mask(filled, after),
        "flag": tables["flag"].mask(filled, "imputed"),
        "method": tables["method"].mask(filled, expected),
        "filled": filled,
    }
