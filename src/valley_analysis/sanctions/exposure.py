"""Exposure of regions to a wave: unit-free, fixed before it, from the tidy series."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.bilingual import Bilingual
from valley_analysis.errors import DesignError, FrameError
from valley_analysis.escape import paragraph
from valley_analysis.frames import FLAGS, Scope
from valley_analysis.regions import check_disjoint, name
from valley_analysis.sanctions.exposure_spec import ExposureSpec, load_exposures
from valley_analysis.text import Lang, check_lang, number

COLUMNS = ("region", "period", "series", "value", "flag")


@dataclass(frozen=True, eq=False)
class ExposureResult:
    """An exposure by region, with how it came about.

    Attributes
    ----------
    spec, scope
        What was computed, over which units.
    frame
        One row a unit (index ``region``, the scope's order): ``value`` in the form of the
        specification; ``quotient`` (1 = national mean); ``percentile`` (0 to 1, higher is more
        exposed) and ``place`` (1 = the most exposed, ties share the smaller) among the units
        that are not dropped; ``n_periods`` that went in; ``share_suppressed`` and
        ``share_imputed`` of the cells wanted; ``dropped``.
    flags
        Unit x flag: how many of the cells wanted (series x period) carry it; "missing" counts
        cells without a row.
    totals
        Period x (numerator, denominator): the national totals used, each beside what the
        publisher prints for the country (``_printed``) where the frame has it.
    notes
        What a reader should know of this frame.
    """

    spec: ExposureSpec
    scope: Scope
    frame: pd.DataFrame
    flags: pd.DataFrame
    totals: pd.DataFrame
    notes: tuple[Bilingual, ...] = ()

    @property
    def values(self) -> pd.Series:
        """The exposure by region, named after the specification; missing ones left out."""
        return self.frame["value"].dropna().rename(self.spec.id)

    @property
    def parts(self) -> tuple[str, ...]:
        """Every series that went in: the outcome must share none (`PanelDesign.parts`)."""
        return self.spec.parts

    def definition(self, lang: Lang = "en") -> str:
        """Return what the exposure is, in words, with scope, years and caveat."""
        check_lang(lang)
        spec, texts = self.spec, load_exposures()
        kept = int(self.frame["value"].notna().sum())
        told = texts.texts["definition"][lang].format(
            numerator=_joined(spec.numerator, lang),
            denominator=_joined((spec.denominator,), lang),
            periods=_years(spec.periods),
            form=texts.forms[spec.form][lang].format(n=kept),
            scope=len(self.scope),
        )
        dropped = [code for code in spec.drop if code in self.scope.units]
        sentences = [told]
        if dropped:
            listed = ", ".join(name(code, lang, short=True) for code in dropped)
            sentences.append(texts.texts["without"][lang].format(regions=listed))
        sentences += [text[lang] for text in (spec.caveat, *self.notes) if text]
        return " ".join(sentences)

    def _repr_html_(self) -> str:
        told = self.definition()
        ranked = self.frame.sort_values("quotient", ascending=False)
        return paragraph(told) + ranked.to_html(float_format="{:.3g}".format)


def exposure(series: pd.DataFrame, spec: ExposureSpec, scope: Scope) -> ExposureResult:
    """Compute an exposure from tidy series.

    For each year the quotient is (x_r / sum x) / (y_r / sum y) over the units of the scope that
    have both numerator x and denominator y; the exposure is its mean over the years of the
    specification (at least half of them). Currency, prices and exchange rate cancel.

    Parameters
    ----------
    series
        Columns region, period, series, value, flag, and method where series have several; one
        vintage a cell. A series whose method changes within the years enters with the method
        that covers most of them (the later one on a tie): methods never pool.
    spec
        What to compute.
    scope
        Disjoint units. Arkhangelsk and Tyumen enter without their autonomous okrugs, in
        numerator, denominator and totals alike.

    Raises
    ------
    FrameError
        If columns are missing or a cell stands twice.
    DoubleCountError
        If the scope's units overlap, such as an oblast and its okrug.
    DesignError
        If a series has no value in any of the years, naming it.

    Examples
    --------
    >>> rows = [("RU-TUL", 2021, "m", 30.0), ("RU-KLU", 2021, "m", 10.0),
    ...         ("RU-TUL", 2021, "y", 50.0), ("RU-KLU", 2021, "y", 50.0)]
    >>> tidy = pd.DataFrame(rows, columns=["region", "period", "series", "value"])
    >>> spec = ExposureSpec("m_y", ("m",), "y", (2021,), form="level")
    >>> result = exposure(tidy.assign(flag="observed"), spec, Scope("two", ("RU-TUL", "RU-KLU")))
    >>> result.values.to_dict()
    {'RU-TUL': 1.5, 'RU-KLU': 0.5}
    """
    check_disjoint(scope.units)
    wanted, notes = _wanted(series, spec)
    cells = {part: _cells(wanted, part, spec, scope) for part in spec.parts}
    above = sum((cells[part] for part in spec.numerator[1:]), start=cells[spec.numerator[0]])
    below = cells[spec.denominator]
    both = above.notna() & below.notna()
    above, below = above.where(both), below.where(both)
    totals = pd.DataFrame({"numerator": above.sum(), "denominator": below.sum()})
    with np.errstate(divide="ignore", invalid="ignore"):
        yearly = (above / totals["numerator"]) / (below / totals["denominator"])
    enough = yearly.notna().sum(axis=1) * 2 >= len(spec.periods)
    frame = _frame(yearly.mean(axis=1).where(enough), spec, scope)
    frame["n_periods"] = yearly.notna().sum(axis=1)
    flags = _flags(wanted, spec, scope)
    for flag in ("suppressed", "imputed"):
        frame[f"share_{flag}"] = flags[flag] / flags.sum(axis=1)
    frame["dropped"] = frame.index.isin(spec.drop)
    notes += _remarks(frame, spec)
    return ExposureResult(spec, scope, frame, flags, _printed(totals, wanted, spec), tuple(notes))


def _wanted(series: pd.DataFrame, spec: ExposureSpec) -> tuple[pd.DataFrame, list[Bilingual]]:
    """Rows of the parts and years, one method a series; a note where another was left out."""
    missing = [column for column in COLUMNS if column not in series]
    if missing:
        found = ", ".join(map(str, series.columns))
        raise FrameError(
            "series", [f"no column {', '.join(missing)}; found {found}"], "pass a tidy frame"
        )
    rows = series[series["series"].isin(spec.parts) & series["period"].isin(spec.periods)]
    rows = rows.assign(**{column: rows[column].astype(str) for column in ("region", "series")})
    notes: list[Bilingual] = []
    if "method" in rows:
        kept = []
        for part, of_part in rows.groupby("series", sort=False):
            one, note = _one_method(of_part, str(part))
            kept.append(one)
            notes += note
        rows = pd.concat(kept) if kept else rows
    repeated = rows[rows.duplicated(["region", "period", "series"], keep=False)]
    if not repeated.empty:
        region, year, part = repeated.iloc[0][["region", "period", "series"]]
        raise FrameError(
            "series",
            [f"{part}, {region}, {year}: {len(repeated)} rows share a cell"],
            "pass one vintage a cell (load_panel() gives the latest)",
        )
    return rows, notes


def _one_method(rows: pd.DataFrame, part: str) -> tuple[pd.DataFrame, list[Bilingual]]:
    """Rows of the method that covers most of the years; the later one on a tie."""
    present = rows.dropna(subset=["value"])
    if present.empty:
        return rows, []
    years = present.groupby(present["method"].astype(str))["period"].agg(["nunique", "max"])
    best = years.sort_values(["nunique", "max"]).index[-1]
    chosen = rows[rows["method"].astype(str) == best]
    lost = sorted(set(present["period"]) - set(chosen["period"]))
    if not lost:
        return chosen, []
    listed = _years(lost)
    return chosen, [
        Bilingual(
            en=f"{part}: {listed} left out, published under another method than {best}.",
            ru=f"{part}: {listed} не использованы (иная методика, чем {best}).",
        )
    ]


def _cells(rows: pd.DataFrame, part: str, spec: ExposureSpec, scope: Scope) -> pd.DataFrame:
    """Unit x period."""
    of_part = rows[rows["series"] == part]
    table = of_part.pivot(index="region", columns="period", values="value")
    table = table.reindex(index=list(scope.units), columns=list(spec.periods)).astype(float)
    empty = [year for year in spec.periods if table[year].isna().all()]
    if len(empty) == len(spec.periods):
        raise DesignError(
            f"exposure {spec.id!r}",
            [f"series {part!r}: no unit of scope {scope.name} has a value in {_years(empty)}"],
            "choose years in which the series is published",
        )
    return table


def _frame(quotient: pd.Series, spec: ExposureSpec, scope: Scope) -> pd.DataFrame:
    """The quotient, its ranks among the units that are not dropped, and the form asked for."""
    frame = pd.DataFrame({"quotient": quotient}, index=pd.Index(scope.units, name="region"))
    kept = quotient.where(~quotient.index.isin(spec.drop))
    frame["percentile"] = percentile(kept)
    frame["place"] = kept.rank(ascending=False, method="min").astype("Int64")
    with np.errstate(divide="ignore"):
        logs = np.log(kept).replace(-np.inf, np.nan)
    value = {"rank": frame["percentile"], "level": kept, "log": logs}[spec.form]
    frame.insert(0, "value", value)
    return frame


def percentile(values: pd.Series) -> pd.Series:
    """Return percentile ranks, (rank - 1) / (n - 1); ties share the mean, missing stays missing.

    Examples
    --------
    >>> percentile(pd.Series([10.0, 30.0, 20.0, float("nan")])).tolist()
    [0.0, 1.0, 0.5, nan]
    """
    count = values.notna().sum()
    return (values.rank() - 1) / (count - 1) if count > 1 else values * np.nan


def _flags(rows: pd.DataFrame, spec: ExposureSpec, scope: Scope) -> pd.DataFrame:
    """Unit x flag, over the cells wanted."""
    counted = pd.crosstab(rows["region"], rows["flag"].astype(str))
    table = counted.reindex(index=list(scope.units), columns=list(FLAGS), fill_value=0)
    table = table.rename_axis(index="region", columns=None)
    table["missing"] = len(spec.parts) * len(spec.periods) - table.sum(axis=1)
    return table


def _printed(totals: pd.DataFrame, rows: pd.DataFrame, spec: ExposureSpec) -> pd.DataFrame:
    """The totals beside the country's printed row."""
    country = rows[rows["region"] == "RU"].pivot(index="period", columns="series", values="value")
    country = country.reindex(columns=list(spec.parts))
    return totals.assign(
        numerator_printed=country[list(spec.numerator)].sum(axis=1, skipna=False),
        denominator_printed=country[spec.denominator],
    )


def _remarks(frame: pd.DataFrame, spec: ExposureSpec) -> list[Bilingual]:
    """Notes on units without a value."""
    found = []
    without = frame.index[frame["quotient"].isna()]
    if len(without):
        found.append(
            Bilingual(
                en=f"Not computable for {_names(without, 'en')}.",
                ru=f"Не рассчитано для: {_names(without, 'ru')}.",
            )
        )
    zero = frame.index[(frame["quotient"] == 0) & ~frame["dropped"]]
    if spec.form == "log" and len(zero):
        found.append(
            Bilingual(
                en=f"No logarithm of zero: {_names(zero, 'en')}.",
                ru=f"Логарифм нуля не определён: {_names(zero, 'ru')}.",
            )
        )
    return found


def _names(codes: Iterable[str], lang: Lang) -> str:
    return ", ".join(name(code, lang, short=True) for code in codes)


def _joined(series: Iterable[str], lang: Lang) -> str:
    known = load_exposures().names
    return " + ".join(known[one][lang] if one in known else one for one in series)


def _years(years: Iterable[int]) -> str:
    """2017–2021, or a list where years are missing between."""
    ordered = sorted(int(year) for year in years)
    if len(ordered) > 1 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{ordered[0]}–{ordered[-1]}"
    return ", ".join(map(str, ordered))


def flag_summary(result: ExposureResult, lang: Lang = "en") -> str:
    """Return in one line which flags the cells carry, most frequent first.

    Examples
    --------
    >>> spec = ExposureSpec("m_y", ("m",), "y", (2021,))
    >>> flags = pd.DataFrame({"observed": [3], "derived": [1]}, index=["RU-TUL"])
    >>> empty = pd.DataFrame()
    >>> flag_summary(ExposureResult(spec, Scope("one", ("RU-TUL",)), empty, flags, empty))
    'observed 75.0 %, derived 25.0 %'
    """
    counted = Counter({str(key): int(count) for key, count in result.flags.sum().items() if count})
    whole = sum(counted.values())
    return ", ".join(
        f"{flag} {number(100 * count / whole, 1, lang)} %" for flag, count in counted.most_common()
    )
