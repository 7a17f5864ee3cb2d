"""Tables of the data audit as a reader sees them: names, headings and numbers in one language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from valley_analysis.charts.audit_text import method_name, word
from valley_analysis.charts.names import indicator_name
from valley_analysis.charts.tables import Table
from valley_analysis.regions import name
from valley_analysis.text import Lang, number

_REGIONS = ("region", "min_region", "max_region")
_METHODS = ("method", "old", "new")
_WORDS = {
    **{"flag": "flag_", "flag_old": "flag_", "flag_new": "flag_"},
    **{"rule": "rule_", "state": "state_", "what": "what_"},
}
_ROUND = 1000
_FEW = 10
_DIGITS = 8
_YEARS = ("period", "old_period", "new_period", "last_period")


def show_table(
    table: pd.DataFrame,
    labels: Mapping[str, str],
    columns: Sequence[str],
    *,
    lang: Lang = "en",
    digits: int | Mapping[str, int] | None = None,
) -> Table:
    """Return a frame as a table that a reader sees.

    Parameters
    ----------
    table
        Any frame of the audit.
    labels
        Names of the series.
    columns
        The columns to show, in order. Codes of series, regions, methods, flags and states
        become names; numbers become text. A column named by a year keeps its name.
    lang
        "en" or "ru".
    digits
        Decimals of numbers, for all columns or by column (for the others 1, none
        from a thousand on or where all are whole).

    Raises
    ------
    RegisterError
        If a column has no heading in charts/audit_phrases.yml.

    Examples
    --------
    >>> frame = pd.DataFrame({"series": ["grp"], "region": ["RU-TUL"], "value": [1234.56]})
    >>> show_table(frame, {"grp": "GRP"}, ["series", "region", "value"]).frame.values.tolist()
    [['GRP', 'Tula', '1,235']]
    """
    shown = {
        _heading(column, lang): _printed(table[column], column, labels, lang, digits)
        for column in columns
    }
    return Table(pd.DataFrame(shown, dtype="str"), lang=lang)


def _heading(column: str, lang: Lang) -> str:
    if column.isdigit():  # a year
        return column
    return word("col_flags" if column == "flag" else f"col_{column}", lang)


def _printed(
    values: "pd.Series[Any]",
    column: str,
    labels: Mapping[str, str],
    lang: Lang,
    digits: int | Mapping[str, int] | None,
) -> list[str]:
    decimals = digits.get(column) if isinstance(digits, Mapping) else digits
    if decimals is None and is_numeric_dtype(values) and (values.dropna() % 1 == 0).all():
        decimals = 0
    return [_cell(value, column, labels, lang, decimals) for value in values]


def _cell(
    value: Any, column: str, labels: Mapping[str, str], lang: Lang, digits: int | None
) -> str:
    if pd.isna(value):
        return "–"
    if isinstance(value, str):
        return _named(value, column, labels, lang)
    if column in _YEARS:
        return str(int(value))
    if column == "ratio":
        sign, times = ("×", value) if value >= 1 else ("÷", 1 / value)
        return f"{sign} {number(times, 0 if times >= _FEW else 1, lang)}"
    if isinstance(value, int | np.integer):
        digits = 0
    if digits is None:
        digits = 0 if abs(value) >= _ROUND else 1
    return number(float(value), digits, lang)


def _named(value: str, column: str, labels: Mapping[str, str], lang: Lang) -> str:
    if column == "series":
        return labels.get(value, value)
    if column == "indicator":
        return indicator_name(value, lang)
    if column in _REGIONS:
        return name(value, lang, short=True)
    if column in _METHODS:
        return method_name(value, lang) if value else ""
    return word(_WORDS[column] + value, lang) if column in _WORDS else value


def show_sources(used: pd.DataFrame, *, lang: Lang = "en") -> Table:
    """Return the published files as a table: each source named once and linked, short checksums.

    Parameters
    ----------
    used
        What `panel.provenance.sources_used` returns, files of a source together.
    lang
        "en" or "ru".

    Examples
    --------
    >>> row = {"source": "A", "vintage": "2023-12", "tables": "1.1", "address": "https://a.example"}
    >>> used = pd.DataFrame([row | {"file": name, "sha256": 64 * "0"} for name in ("x", "y")])
    >>> show_sources(used).frame.iloc[:, [0, 4]].values.tolist()
    [['A', '00000000'], ['', '00000000']]
    """
    again = used[["source", "address"]].eq(used[["source", "address"]].shift()).all(axis=1)
    shown = used.assign(source=used["source"].mask(again, ""), sha256=used["sha256"].str[:_DIGITS])
    columns = ["source", "vintage", "file", "tables", "sha256"]
    table = show_table(shown, {}, columns, lang=lang)
    addresses = used["address"].where(used["address"].str.startswith("http") & ~again, "")
    return replace(table, links={word("col_source", lang): addresses.tolist()})


def show_checks(checks: Iterable[Any], *, lang: Lang = "en") -> Table:
    """Return checks as a table: name, state, and how many rows the check lists.

    Parameters
    ----------
    checks
        What `panel.check_panel` returns.
    lang
        "en" or "ru".
    """
    rows = [(_check_name(check.name, lang), check.state, len(check.table)) for check in checks]
    table = pd.DataFrame(rows, columns=["name", "state", "rows"])
    return show_table(table, {}, ["name", "state", "rows"], lang=lang)


def _check_name(name: str, lang: Lang) -> str:
    """Translate a check's name; one that has no phrase yet keeps its own."""
    return word.known(f"check_{name.replace(' ', '_')}", name, lang)
