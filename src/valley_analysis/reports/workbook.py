"""The results as a workbook: one sheet a table, and a sheet of notes."""

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from valley_analysis import regions
from valley_analysis.escape import cell_csv, cell_xlsx
from valley_analysis.files import aside
from valley_analysis.indicators import load_catalogue
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.reports.results import Results, editions_table, ranged_table
from valley_analysis.scoring import IndexSpec

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

COLUMNS = Path(__file__).with_name("columns.yml")
_NAMES = ["region", "name_en", "name_ru"]
_INDICATOR = ["indicator", "indicator_en", "indicator_ru"]
_EPOCH = datetime(2000, 1, 1)
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_WIDTHS = {"name_en": 34, "name_ru": 38, "indicator": 34, "indicator_en": 44, "indicator_ru": 52}
_FORMATS = {
    **dict.fromkeys(["weight_present", "weight", "used"], "0.0%"),
    **dict.fromkeys(["value", "low", "high"], "#,##0.0##"),
    **dict.fromkeys(
        [
            "period",
            "rank",
            "rank_low",
            "rank_high",
            "lag",
            "units",
            "direction",
            "group",
            "last_period",
        ],
        "0",
    ),
}


@cache
def column_notes() -> dict[str, dict[str, str]]:
    """Return what each exported column means: column -> language -> text.

    Raises
    ------
    RegisterError
        If columns.yml is not as it should be.
    """
    return check_register(read_yaml(COLUMNS), dict[str, dict[str, str]], COLUMNS.name)


def tables(results: Results) -> dict[str, pd.DataFrame]:
    """Return the tables of the workbook by the name of their sheet.

    Returns
    -------
    scores, dimensions, contributions (regions x indicators, points), values (one row a
    region and indicator, with flags), lags, weights, dropped, imputed, editions.
    """
    edition = results.edition
    table = ranged_table(results)
    every = editions_table(results.editions)
    names = table[_NAMES]
    contributions = names.merge(edition.contributions.reset_index(), on="region")
    return {
        "scores": table[
            [
                *_NAMES,
                *("period", "score", "rank", "rank_low", "rank_high"),
                *("weight_present", "scope", "provisional"),
            ]
        ],
        "dimensions": table[[*_NAMES, "period", *results.spec.dimensions]],
        "contributions": contributions,
        "values": _values(results, names),
        "lags": _described(edition.lags.rename_axis("indicator").reset_index()),
        "weights": _described(edition.weights.rename_axis("indicator").reset_index(), units=True),
        "dropped": _described(edition.dropped.rename_axis("indicator").reset_index()),
        "imputed": _described(edition.imputed.merge(_all_names(edition.imputed), on="region")),
        "editions": every[[*_NAMES, "period", "score", "rank", "provisional"]],
    }


def _all_names(table: pd.DataFrame) -> pd.DataFrame:
    return regions.frame(dict.fromkeys(table["region"]))[_NAMES]


def _values(results: Results, names: pd.DataFrame) -> pd.DataFrame:
    """One row a region and indicator: value, flag, normalised, contribution."""
    edition = results.edition
    parts = {
        "value": edition.values,
        "flag": edition.flags,
        "normalised": edition.normalised,
        "contribution": edition.contributions,
    }
    columns = {
        column: frame.rename_axis("region")
        .melt(ignore_index=False, var_name="indicator", value_name=column)
        .set_index("indicator", append=True)[column]
        for column, frame in parts.items()
    }
    long = pd.concat(columns, axis=1).reset_index()
    long["period"] = long["indicator"].map(edition.lags["period"])
    long = names.merge(long, on="region")
    return _described(long)[[*_NAMES, *_INDICATOR, "period", *parts]]


def _described(table: pd.DataFrame, units: bool = False) -> pd.DataFrame:
    """Put the names of the indicators beside them."""
    catalogue = load_catalogue()
    found = [catalogue[name] for name in table["indicator"]]
    table = table.assign(
        indicator_en=[one.name.en for one in found], indicator_ru=[one.name.ru for one in found]
    )
    if units:
        table = table.assign(
            unit_en=[one.unit.en for one in found], unit_ru=[one.unit.ru for one in found]
        )
    leading = [column for column in (*_NAMES, *_INDICATOR) if column in table]
    return table[[*leading, *(column for column in table if column not in leading)]]


def notes(results: Results) -> list[tuple[str, str, str]]:
    """Return the rows of the notes sheet: a key, and what it says in English and Russian."""
    edition, spec = results.edition, results.spec
    state = {True: ("provisional", "предварительный"), False: ("final", "окончательный")}
    english, russian = state[edition.provisional]
    rows = [
        ("index", spec.name, spec.name),
        ("edition", f"{edition.period}, {english}", f"{edition.period}, {russian}"),
        ("scope", *(f"{edition.scope.name}, n = {len(edition.scope)}",) * 2),
        *_method(spec),
        (
            "ranges",
            f"5-95 % of {results.uncertainty.plan.replications} replications over the standard "
            f"assumptions, seed {results.uncertainty.plan.seed}",
            f"5–95 % прогонов ({results.uncertainty.plan.replications}) по стандартным "
            f"допущениям, зерно {results.uncertainty.plan.seed}",
        ),
        ("thresholds", *(_thresholds(results),) * 2),
        ("prices", f"money in prices of {spec.base}", f"деньги в ценах {spec.base} г."),
    ]
    for row in results.sources.to_dict("records"):
        place = f"{row['address']}; {row['terms']}; {row['tables']} tables"
        rows.append(
            (
                f"source {row['release']}, vintage {row['vintage']}",
                f"{row['publisher_en']}: {row['title_en']}; {place}",
                f"{row['publisher_ru']}: {row['title_ru']}; {place}",
            )
        )
    return rows


def _thresholds(results: Results) -> str:
    spec = results.spec
    return (
        f"dimension {spec.dimension_threshold:.0%}, index {spec.index_threshold:.0%}, "
        f"suppressed bounds within {spec.suppressed_tolerance:g} points"
    )


def write_workbook(results: Results, path: Path) -> Path:
    """Write the results as a workbook; the same results give the same bytes."""
    found = tables(results)
    columns = dict.fromkeys(column for table in found.values() for column in table)
    return write_sheets(found, path, [*notes(results), ("", "", ""), *_explained(columns)])


def write_sheets(
    found: Mapping[str, pd.DataFrame], path: Path, about: Sequence[tuple[str, str, str]] = ()
) -> Path:
    """Write tables as the sheets of a workbook; the same tables give the same bytes.

    Parameters
    ----------
    found
        Name of a sheet -> its table.
    path
        Where to.
    about
        Rows of a sheet of notes: a key, and what it says in English and Russian.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "valley_analysis"
    book.properties.created = _EPOCH
    if about:
        _write_notes(book, about)
    for name, table in found.items():
        _write_sheet(book.create_sheet(name), table)
    with aside(path) as temporary:
        book.save(temporary)
        _without_clock(temporary)
    return path


def _explained(columns: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return what columns mean, as far as columns.yml says it."""
    said = column_notes()
    return [
        (f"column {name}", said[name]["en"], said[name]["ru"]) for name in columns if name in said
    ]


def _write_notes(book: "Workbook", rows: Sequence[tuple[str, str, str]]) -> None:
    from openpyxl.styles import Alignment

    sheet = book.create_sheet("notes")
    _write_sheet(sheet, pd.DataFrame(list(rows), columns=["key", "English", "Русский"]))
    for letter, width in zip("ABC", (40, 90, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _write_sheet(sheet: "Worksheet", table: pd.DataFrame) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    rows = table.astype(object).where(table.notna(), None).itertuples(index=False)
    for number, row in enumerate([list(map(str, table.columns)), *rows], start=1):
        for place, value in enumerate(row, start=1):
            _put(sheet.cell(number, place), value)
    for place, column in enumerate(table.columns, start=1):
        letter = get_column_letter(place)
        sheet[f"{letter}1"].font = Font(bold=True)
        width = 11 if column == "region" else max(10, min(len(str(column)) + 2, 24))
        sheet.column_dimensions[letter].width = _WIDTHS.get(column, width)
        if pd.api.types.is_float_dtype(table[column]) or column in _FORMATS:
            printed = _FORMATS.get(column, "0.00")
            for cell in sheet[letter][1:]:
                cell.number_format = printed
    named = [column in _NAMES or column in _INDICATOR for column in table.columns]
    frozen = named.index(False) if False in named else 0
    sheet.freeze_panes = f"{get_column_letter(min(frozen, 2) + 1)}2"
    sheet.auto_filter.ref = sheet.dimensions


def _put(cell: "Cell | MergedCell", value: Any) -> None:
    """Write one value; a text is a text, also where a spreadsheet would see a formula in it."""
    if isinstance(value, str):
        cell.value, cell.data_type = cell_xlsx(value), "s"
        cell.quotePrefix = cell_csv(value) != value
    else:
        cell.value = value.item() if hasattr(value, "item") else value


_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def _without_clock(path: Path) -> None:
    """Write the archive anew, with one date in place of those of this moment."""
    stamp = _EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            info = zipfile.ZipInfo(name, _ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            archive.writestr(info, content)


def _method(spec: IndexSpec) -> list[tuple[str, str, str]]:
    """Return the rows that say how values become scores, in the words of the specification."""
    first, last = spec.reference
    low, high = (f"{100 * cut:g}" for cut in spec.winsorise)
    cut_en = f" at the {low}th and {high}th percentile" if spec.treatment == "quantiles" else ""
    cut_ru = f", {low}-й и {high}-й процентили" if spec.treatment == "quantiles" else ""
    shared_en = f", near-duplicates above {spec.shared_above:g} share one"
    shared_ru = f", почти совпадающие выше {spec.shared_above:g} делят один"
    shares = spec.weighting == "shared"
    means = spec.aggregation if isinstance(spec.aggregation, str) else ", ".join(spec.aggregation)
    pooled_en = f"pooled over {first}-{last}" if spec.pooled else "of each period"
    pooled_ru = f"общие за {first}–{last} гг." if spec.pooled else "за каждый период"
    lag = spec.max_lag
    return [
        (
            "treatment",
            f"{spec.treatment}{cut_en}, {pooled_en}",
            f"{spec.treatment}{cut_ru}, {pooled_ru}",
        ),
        ("normalisation", spec.normalisation, spec.normalisation),
        (
            "weights",
            spec.weighting + (shared_en if shares else ""),
            spec.weighting + (shared_ru if shares else ""),
        ),
        ("means", means, means),
        (
            "lag",
            f"values up to {lag} year(s) old are carried",
            f"берутся значения не старше {lag} г.",
        ),
    ]
