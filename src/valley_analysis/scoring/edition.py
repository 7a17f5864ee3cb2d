"""What enters one edition: for each indicator the latest period that is not too old."""

from dataclasses import dataclass

import pandas as pd

from valley_analysis.errors import PeriodError
from valley_analysis.scoring.pool import Pool


@dataclass(frozen=True)
class Edition:
    """Units x indicators of one edition, and where they come from.

    Attributes
    ----------
    values, flags
        As they went in, suppressed values replaced where their bounds allow it.
    normalised
        0-100 with direction applied.
    lags
        Indicators down: period, lag, units, method.
    dropped
        Indicators down: last_period that has enough units, weight lost (share of the index).
    imputed
        Columns region, indicator, low, high, value, points (width of the bounds, scaled).
    """

    values: pd.DataFrame
    flags: pd.DataFrame
    normalised: pd.DataFrame
    lags: pd.DataFrame
    dropped: pd.DataFrame
    imputed: pd.DataFrame


def pick_edition(pool: Pool, period: int) -> Edition:
    """Collect the values of an edition.

    Raises
    ------
    PeriodError
        If the edition lies outside the specification's, or no indicator reaches it.
    """
    first, last = pool.spec.editions
    if not first <= period <= last:
        raise PeriodError(
            f"specification {pool.spec.name!r} has editions {first}-{last}; found {period}. "
            "Next step: choose one of these."
        )
    lags, dropped = _periods(pool, period)
    if lags.empty:
        raise PeriodError(
            f"no indicator has values for half of the units in {period} or "
            f"{pool.spec.max_lag} year(s) before. Next step: choose another edition."
        )
    values, flags = _at(pool.tables["value"], lags, pool), _at(pool.tables["flag"], lags, pool)
    scaled = {column: _at(table, lags, pool) for column, table in pool.scaled.items()}
    imputed = _bounded(pool, lags, values, flags, scaled)
    for row in imputed.itertuples():
        values.loc[row.region, row.indicator] = row.value
        flags.loc[row.region, row.indicator] = "imputed"
        middle = (scaled["low"] + scaled["high"]).loc[row.region, row.indicator] / 2
        scaled["value"].loc[row.region, row.indicator] = middle
    return Edition(values, flags, scaled["value"], lags, dropped, imputed)


def _periods(pool: Pool, period: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    published = pool.tables["value"].mask(pool.tables["filled"])
    counts = published.groupby(level="period").count()
    counts = counts[counts.index <= period]
    enough = counts >= len(pool.scope) / 2
    recent = [at for at in counts.index if period - at <= pool.spec.max_lag]
    methods = {at: pool.tables["method"].loc[at] for at in recent}
    shares = pool.structure.leaf_weights()
    lags, dropped = [], []
    for name in pool.spec.indicators:
        periods = counts.index[enough[name]]
        newest = int(periods.max()) if len(periods) else None
        if (
            newest is None
            or period - newest > pool.spec.max_lag
            or not _scalable(pool, methods[newest][name], newest)
        ):
            row = {"indicator": name, "last_period": newest, "weight": shares[name]}
            dropped.append(row)
            continue
        method = methods[newest][name].mode()
        lags.append(
            {
                "indicator": name,
                "period": newest,
                "lag": period - newest,
                "units": int(counts.loc[newest, name]),
                "method": str(method.iloc[0]) if len(method) else "",
            }
        )
    columns = ["indicator", "last_period", "weight"]
    gone = pd.DataFrame(dropped, columns=columns).astype({"last_period": "Int64"})
    return (
        pd.DataFrame(lags, columns=["indicator", "period", "lag", "units", "method"]).set_index(
            "indicator"
        ),
        gone.set_index("indicator"),
    )


def _scalable(pool: Pool, methods: "pd.Series[str]", period: int) -> bool:
    kinds = methods.dropna().unique()
    return any(pool.scaling(str(methods.name), str(kind), period) for kind in kinds)


def _at(table: pd.DataFrame, lags: pd.DataFrame, pool: Pool) -> pd.DataFrame:
    """Cut each indicator's period out of a (period, unit) table."""
    periods = lags.groupby("period").groups
    parts = [table.loc[period, list(names)] for period, names in periods.items()]
    joined = pd.concat(parts, axis=1)[list(lags.index)]
    return joined.reindex(list(pool.scope.units)).rename_axis("region")


def _bounded(
    pool: Pool,
    lags: pd.DataFrame,
    values: pd.DataFrame,
    flags: pd.DataFrame,
    scaled: dict[str, pd.DataFrame],
) -> pd.DataFrame:
    """Suppressed values whose bounds are close enough to take their middle."""
    low, high = _at(pool.tables["low"], lags, pool), _at(pool.tables["high"], lags, pool)
    width = (scaled["high"] - scaled["low"]).abs()
    chosen = (
        (flags == "suppressed")
        & values.isna()
        & (width <= pool.spec.suppressed_tolerance)
        & (high - low).notna()
    )
    rows = [
        {
            "region": region,
            "indicator": name,
            "low": low.loc[region, name],
            "high": high.loc[region, name],
            "value": (low.loc[region, name] + high.loc[region, name]) / 2,
            "points": width.loc[region, name],
        }
        for region, name in zip(*_true_cells(chosen), strict=True)
    ]
    return pd.DataFrame(rows, columns=["region", "indicator", "low", "high", "value", "points"])


def _true_cells(mask: pd.DataFrame) -> tuple[pd.Index, pd.Index]:
    rows, columns = mask.to_numpy().nonzero()
    return mask.index[rows], mask.columns[columns]
