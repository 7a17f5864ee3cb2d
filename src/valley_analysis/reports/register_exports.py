"""The registers as files for other programs: steps and claims of valleys, sanctions."""

from datetime import date
from pathlib import Path

import pandas as pd

from valley_analysis import sanctions, valleys
from valley_analysis.reports.exports import write_csv
from valley_analysis.reports.workbook import write_sheets

_STEP = ["valley", "name_en", "name_ru", "step", "number", "state", "first", "last"]
_FACT = ["confidence", "dated_by", "actor", "source"]


def export_registers(folder: Path, as_of: date) -> list[Path]:
    """Write what was known of valleys on a day, and the measures, into a folder.

    Parameters
    ----------
    folder
        Where to; it is made.
    as_of
        Facts published later are left out of the files of valleys.

    Returns
    -------
    registers.xlsx, and its four sheets as valley_steps.csv (one row a valley and step of the
    ladder), valley_claims.csv (every figure with its source), valley_promises.csv (what was
    promised against what was achieved), sanctions_measures.csv.
    """
    folder.mkdir(parents=True, exist_ok=True)
    register = valleys.load_register()
    claims = valleys.claims_frame(register, as_of)
    tables = {
        "valley_steps.csv": _steps(register, as_of),
        "valley_claims.csv": claims,
        "valley_promises.csv": valleys.promised_against_achieved(claims, as_of),
        "sanctions_measures.csv": sanctions.measures_frame("en"),
    }
    dated = {name: _dated(table) for name, table in tables.items()}
    files = [write_csv(table, folder / name) for name, table in dated.items()]
    sheets = {Path(name).stem: table for name, table in dated.items()}
    return [write_sheets(sheets, folder / "registers.xlsx"), *files]


def _steps(register: valleys.Register, as_of: date) -> pd.DataFrame:
    found = valleys.ladder(register, as_of)
    names = {valley.id: valley.name for valley in register.entries}
    table = found.steps.reset_index()
    table["name_en"] = table["valley"].map({key: name.en for key, name in names.items()})
    table["name_ru"] = table["valley"].map({key: name.ru for key, name in names.items()})
    return table[[*_STEP, *_FACT]]


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    """Days without hours."""
    days = {
        column: table[column].dt.strftime("%Y-%m-%d") for column in table.select_dtypes("datetime")
    }
    return table.assign(**days)
