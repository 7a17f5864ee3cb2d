"""Tracing a value of an indicator back to the published cells that it was computed from."""

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from valley_analysis import indicators as indicators_
from valley_analysis import panel as panel_
from valley_analysis import paths, regions
from valley_analysis.errors import MissingInputError, PeriodError
from valley_analysis.indicators.compute import one_method
from valley_analysis.indicators.prices import DEFAULT
from valley_analysis.panel.corrections import load_corrections
from valley_analysis.panel.figures import table_path
from valley_analysis.reports.traced import PublishedCell, SeriesTrace, Trace
from valley_analysis.sources.cells import DASHES, value_of
from valley_analysis.sources.published import PublishedTable, read_table

__all__ = ["PublishedCell", "SeriesTrace", "Trace", "Tracer", "trace"]

_NAN = float("nan")
_TEXTS = ["region", "series", "method", "vintage", "flag", "source"]


def trace(region: str, indicator: str, period: int) -> Trace:
    """Trace one value of an indicator; for many of them keep a `Tracer`.

    Parameters
    ----------
    region
        Code of the register, for example RU-TUL.
    indicator
        Id of the catalogue.
    period
        The year that the value describes.

    Raises
    ------
    UnknownRegionError, UnknownIndicatorError
        With the nearest ones.
    PeriodError
        If there is nothing for that year; the message says for which years there is.
    MissingInputError
        If the data are not built.

    Examples
    --------
    >>> trace("RU-TUL", "patents_per_100k", 2021).agrees  # doctest: +SKIP
    True
    """
    return Tracer().trace(region, indicator, period)


@dataclass(frozen=True)
class _Key:
    series: str
    region: str
    period: int


class Tracer:
    """The built tables, read once, and the published tables behind them.

    Parameters
    ----------
    processed, raw
        Folders of the built tables and of the published figures; the project's by default.

    Raises
    ------
    MissingInputError
        If the data are not built.
    """

    def __init__(self, processed: Path | None = None, raw: Path | None = None) -> None:
        self.raw = raw or paths.raw()
        self._indicators = indicators_.load_indicators(processed)
        self._every = panel_.load_panel("all", processed)
        self._register = panel_.load_series()
        self._series = cache(self._read_series)
        self._table = cache(self._read_table)
        self._bounds = cache(self._read_bounds)

    def trace(self, region: str, indicator: str, period: int) -> Trace:
        """Trace one value; see `trace`.

        Raises
        ------
        UnknownRegionError, UnknownIndicatorError, PeriodError
            As in `trace`.
        """
        regions.check_codes([region], where="valley trace")
        item = indicators_.find_indicator(indicator)
        row = self._row(region, indicator, period)
        formula = item.formula
        inputs = [
            self._trace_series(_Key(series, region, period), role)
            for role, names in (("numerator", formula.of), ("denominator", formula.to))
            for series in names
        ]
        if formula.relative:
            inputs += [
                self._trace_series(_Key(series, "RU", period), "country")
                for series in formula.series
            ]
        prices = self._prices(period) if formula.deflate else ()
        factor = _factor(prices, period) if formula.deflate else 1.0
        return Trace(
            indicator=indicator,
            name_en=item.name.en,
            name_ru=item.name.ru,
            unit=item.unit.en,
            formula=str(formula),
            region=region,
            period=period,
            value=float(row["value"]),
            flag=str(row["flag"]),
            method=str(row["method"]),
            low=float(row["low"]),
            high=float(row["high"]),
            inputs=tuple(inputs),
            factor=factor,
            base=DEFAULT.base if formula.deflate else 0,
            prices=prices,
            recomputed=_recompute(inputs, formula.per * factor, len(formula.of), len(formula.to)),
        )

    def _row(self, region: str, indicator: str, period: int) -> "pd.Series[float]":
        rows = self._indicators
        rows = rows[(rows["indicator"] == indicator) & (rows["region"] == region)]
        found = rows[rows["period"] == period]
        if found.empty:
            known = sorted(int(year) for year in rows["period"].unique())
            years = f"{known[0]}-{known[-1]}" if known else "no year"
            raise PeriodError(
                f"{indicator} of {region} has no row for {period}; there are rows for {years}. "
                "Next step: choose one of these."
            )
        return found.iloc[0]

    def _read_series(self, series: str) -> pd.DataFrame:
        """Every vintage of one series, texts as texts."""
        rows = self._every[self._every["series"] == series]
        return rows.astype(dict.fromkeys(_TEXTS, "str")).astype({"period": int})

    def _read_table(self, source: str) -> tuple[PublishedTable, dict[str, str]]:
        table = read_table(table_path(self.raw, source))
        return table, regions.match_regions([row.label for row in table.rows], where=source)

    def _read_bounds(self, series: str) -> pd.DataFrame:
        additive = {series} if self._register[series].additive else set()
        latest = panel_.latest_vintage(self._series(series))
        return panel_.suppressed_bounds(latest, additive)

    def _trace_series(self, key: _Key, role: str) -> SeriesTrace:
        """Trace the value that the indicators used: last vintage, the method that goes on."""
        rows = one_method(panel_.latest_vintage(self._series(key.series)))
        found = rows[(rows["region"] == key.region) & (rows["period"] == key.period)]
        if found.empty:
            raise MissingInputError(
                f"the panel has no {key.series} of {key.region} in {key.period}, though the "
                "indicators name it. Next step: run `valley build`."
            )
        return self._trace_row(found.iloc[0], role)

    def _trace_row(self, row: "pd.Series[float]", role: str) -> SeriesTrace:
        item = self._register[str(row["series"])]
        cell = self._cell(row)
        correction, text = self._corrected(row, cell.text if cell else "")
        parts = self._parts(row) if cell is None or self._is_derived(row) else ()
        value = _sum_of_parts(parts) if parts else _value(text, item.scale, item.countable)
        low, high = self._bounds_of(row)
        return SeriesTrace(
            role=role,
            series=item.id,
            name_en=item.name.en,
            name_ru=item.name.ru,
            unit=item.unit.en,
            region=str(row["region"]),
            period=int(row["period"]),
            method=str(row["method"]),
            vintage=str(row["vintage"]),
            value=float(row["value"]),
            flag=str(row["flag"]),
            scale=item.scale,
            cell=cell,
            parts=parts,
            recomputed=value,
            correction=correction,
            low=low,
            high=high,
            vintages=self._vintages(row),
        )

    def _is_derived(self, row: "pd.Series[float]") -> bool:
        return str(row["flag"]) == "derived"

    def _cell(self, row: "pd.Series[float]") -> PublishedCell | None:
        """Find the published cell; none if the table does not print it, or leaves it blank."""
        table, codes = self._table(str(row["source"]))
        for number, column in enumerate(table.columns):
            if (column.year, column.method) != (int(row["period"]), str(row["method"])):
                continue
            for line in table.rows:
                if codes[line.label] == str(row["region"]) and line.texts[number] != "":
                    place, about = f"{column.letter}{line.number}", table.about
                    return PublishedCell(
                        workbook=str(about["workbook"]),
                        sheet=str(about["sheet"]),
                        cell=place,
                        label=line.label,
                        heading=column.heading,
                        text=line.texts[number],
                        marks=tuple(m for m, cells in table.marks.items() if place in cells),
                        table=str(row["source"]),
                        title=str(about["title"]),
                        unit=str(about["unit"]),
                        publisher=str(about["publisher"]),
                        address=str(about["address"]),
                        vintage=str(about["vintage"]),
                        sha256=str(about["sha256"]),
                    )
        return None

    def _corrected(self, row: "pd.Series[float]", text: str) -> tuple[str, str]:
        """Return why another text than the published one counts, and the text that counts."""
        for item in load_corrections():
            if (item.source, item.region, item.period, item.method) == (
                str(row["source"]),
                str(row["region"]),
                int(row["period"]),
                str(row["method"]),
            ):
                return f"{item.value!r} in place of {text!r}: {item.reason}", item.value
        return "", text

    def _parts(self, row: "pd.Series[float]") -> tuple[SeriesTrace, ...]:
        """Trace the whole and the okrugs of a remainder that is not printed."""
        whole, okrugs = regions.remainders().get(str(row["region"]), ("", ()))
        if not whole or not self._register[str(row["series"])].additive:
            return ()
        same = self._series(str(row["series"]))
        for column in ("period", "method", "vintage", "source"):
            same = same[same[column] == row[column]]
        return tuple(
            self._trace_row(found.iloc[0], "part")
            for code in (whole, *okrugs)
            for found in [same[same["region"] == code]]
            if len(found)
        )

    def _bounds_of(self, row: "pd.Series[float]") -> tuple[float, float]:
        if str(row["flag"]) != "suppressed":
            return _NAN, _NAN
        found = self._bounds(str(row["series"]))
        for column in ("region", "period", "method"):
            found = found[found[column] == row[column]]
        return (
            (float(found["low"].iloc[0]), float(found["high"].iloc[0]))
            if len(found)
            else (_NAN, _NAN)
        )

    def _vintages(self, row: "pd.Series[float]") -> tuple[tuple[str, float, str], ...]:
        rows = self._series(str(row["series"]))
        for column in ("region", "period", "method"):
            rows = rows[rows[column] == row[column]]
        rows = rows.sort_values("vintage")
        return tuple(
            (str(one.vintage), float(one.value), str(one.flag)) for one in rows.itertuples()
        )

    def _prices(self, period: int) -> tuple[SeriesTrace, ...]:
        """Trace the price indices between a period and the base year, both included."""
        if period == DEFAULT.base:
            return ()
        first, last = sorted((period, DEFAULT.base))
        return tuple(
            self._trace_series(_Key("cpi", "RU", year), "price index")
            for year in range(first, last + 1)
        )


def _value(text: str, scale: float, countable: bool) -> float:
    """Return what a published text stands for in the series' unit."""
    if text in DASHES and countable:
        return 0.0
    found = value_of(text)
    if found is None:
        return _NAN
    return found if scale == 1 else round(found * scale, 6)


def _sum_of_parts(parts: tuple[SeriesTrace, ...]) -> float:
    whole, *okrugs = (part.recomputed for part in parts)
    return round(whole - sum(okrugs), 6)


def _factor(prices: tuple[SeriesTrace, ...], period: int) -> float:
    """Chain the mean levels of two years: half of the price change at either end, all between."""
    if not prices:
        return 1.0
    rates = [math.log(one.recomputed / 100) for one in prices]
    change = rates[0] / 2 + sum(rates[1:-1]) + rates[-1] / 2
    return math.exp(change if period < DEFAULT.base else -change)


def _recompute(inputs: list[SeriesTrace], factor: float, of: int, to: int) -> float:
    """Return the formula's value from the values that the cells give."""
    values = [one.recomputed for one in inputs]

    def ratio(some: list[float]) -> float:
        below = sum(some[of:]) if to else 1.0
        return sum(some[:of]) / below if below > 0 else _NAN

    own = ratio(values[: of + to])
    country = ratio(values[of + to :]) if len(values) > of + to else 1.0
    return factor * own / country if country == country and country else _NAN
