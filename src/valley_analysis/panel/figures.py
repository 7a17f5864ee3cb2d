"""Tables of data/raw as one long frame: region, period, series, method, vintage, value, flag."""

from pathlib import Path

import numpy as np
import pandas as pd

from valley_analysis.errors import LayoutError, RawError
from valley_analysis.panel.corrections import Correction, apply_corrections
from valley_analysis.panel.series import Series, load_series
from valley_analysis.regions import match_regions, regions
from valley_analysis.sources.cells import DASHES, value_of
from valley_analysis.sources.published import PublishedTable, read_table
from valley_analysis.sources.sidecars import NEXT_STEP


def table_path(raw: Path, name: str) -> Path:
    """Return the CSV of a table that the register of series calls ``release/table``."""
    release, _, table = name.partition("/")
    return raw / "rosstat" / release / f"{table}.csv"


def read_figures(raw: Path, corrections: tuple[Correction, ...] = ()) -> pd.DataFrame:
    """Read every table that the register of series names.

    Parameters
    ----------
    raw
        The folder data/raw.
    corrections
        Published cells to replace; each must find the text that it expects.

    Returns
    -------
    Columns region, period, series, method, vintage, value, flag, source; blank cells of
    the tables give no row.

    Raises
    ------
    MissingInputError
        If a table is not in data/raw.
    RawError
        With everything that is wrong with any table: damaged, not its sidecar's, changed.
    UnknownRegionError
        If a label matches no region.
    CorrectionError
        If a corrected cell has changed.
    """
    register = load_series()
    tables = _read_tables(raw, [name for series in register.values() for name in series.tables])
    frame = pd.concat(
        [
            _long(tables[name], series, name)
            for series in register.values()
            for name in series.tables
        ],
        ignore_index=True,
    )
    frame = _without_years_before(frame)
    frame, corrected = apply_corrections(frame, corrections)
    return _with_values(frame, corrected, register)


def _read_tables(raw: Path, names: list[str]) -> dict[str, PublishedTable]:
    """Read the tables; what is wrong with any of them is said of all at once."""
    tables: dict[str, PublishedTable] = {}
    problems: list[str] = []
    for name in names:
        try:
            tables[name] = read_table(table_path(raw, name))
        except RawError as error:
            problems += [f"{error.where}, {problem}" for problem in error.problems]
    if problems:
        raise RawError("data/raw", problems, NEXT_STEP)
    return tables


def _long(table: PublishedTable, series: Series, name: str) -> pd.DataFrame:
    """One row a printed cell: region, period, method, text, and whether it is confidential."""
    codes = match_regions([row.label for row in table.rows], where=name)
    texts = np.array([row.texts for row in table.rows], dtype=object)
    withheld = {cell for mark in table.confidential for cell in table.marks.get(mark, ())}
    cells = np.array(
        [[f"{column.letter}{row.number}" for column in table.columns] for row in table.rows]
    )
    width = len(table.columns)
    frame = pd.DataFrame(
        {
            "region": np.repeat([codes[row.label] for row in table.rows], width),
            "period": np.tile([column.year for column in table.columns], len(table.rows)),
            "series": series.id,
            "method": np.tile([column.method for column in table.columns], len(table.rows)),
            "vintage": str(table.about["vintage"]),
            "text": texts.ravel(),
            "withheld": np.isin(cells.ravel(), list(withheld)) if withheld else False,
            "source": name,
        }
    )
    return frame[(frame["region"] != "") & (frame["text"] != "")]


def _without_years_before(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop cells of the years before a region was counted: a dash there is no zero."""
    since = {one.code: int(one.since[:4]) for one in regions("rosstat") if one.since}
    return frame[frame["period"] >= frame["region"].map(since).fillna(0)]


def _with_values(
    frame: pd.DataFrame, corrected: "pd.Series[bool]", register: dict[str, Series]
) -> pd.DataFrame:
    value = pd.to_numeric(frame["text"], errors="coerce")
    odd = frame.loc[value.isna(), "text"]
    value = value.fillna(odd.map({text: value_of(text) for text in odd.unique()}).astype(float))
    scale = frame["series"].map({name: series.scale for name, series in register.items()})
    scaled = value.where(scale == 1, (value * scale).round(6))  # 1453.2 thousand is 1453200
    countable = frame["series"].map({name: s.countable for name, s in register.items()})
    dash = frame["text"].isin(DASHES)
    flag = np.select(
        [corrected, value.notna(), dash, frame["withheld"]],
        ["corrected", "observed", "absent", "suppressed"],
        "unavailable",
    )
    unread = frame[value.isna() & ~dash & (frame["text"] != "…")]
    if len(unread):
        problems = [
            f"{row.source}, {row.region} {row.period}: {row.text!r}; expected a number or a dash"
            for row in unread.itertuples()
        ]
        raise LayoutError("data/raw", problems, "run `valley extract` again")
    return frame.assign(value=scaled.mask(dash & countable, 0.0), flag=flag).drop(
        columns=["text", "withheld"]
    )
