"""What went into a result: the published workbooks, their vintages and checksums."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from valley_analysis import paths
from valley_analysis.errors import MissingInputError
from valley_analysis.panel.figures import table_path
from valley_analysis.panel.series import find_series
from valley_analysis.registers import read_yaml
from valley_analysis.sources.register import load_register
from valley_analysis.text import Lang, check_lang

COLUMNS = ("source", "vintage", "file", "tables", "series", "sha256", "address")


def sources_used(
    inputs: "pd.DataFrame | pd.Series[str] | Iterable[str]",
    lang: Lang = "en",
    *,
    also: Iterable[str] = (),
    raw: Path | None = None,
) -> pd.DataFrame:
    """List the published files that values were computed from.

    Parameters
    ----------
    inputs
        Indicators (a frame with the column inputs), that column, or texts like it:
        ``series@vintage`` separated by spaces; without a vintage every one counts.
    lang
        "en" or "ru": the language of the sources' titles.
    also
        Sidecars below data/raw that went in beside the series, without their ending:
        ``boundaries/regions``.
    raw
        The folder data/raw; the project's by default.

    Returns
    -------
    One row a published file: source, vintage, file, tables (numbers, or names), series (how
    many), sha256 of the file as its sidecar records it, address.

    Raises
    ------
    MissingInputError
        If a sidecar is absent.
    UnknownSeriesError
        If a series is not in the register.

    Examples
    --------
    >>> used = sources_used(["grp@2023-12 population_mean@2023-12"])
    >>> used["vintage"].unique().tolist(), int(used["series"].sum())
    (['2023-12'], 2)
    """
    folder = raw or paths.raw()
    texts = inputs["inputs"] if isinstance(inputs, pd.DataFrame) else inputs
    words = {
        word for text in pd.unique(pd.Series(list(texts), dtype="str")) for word in text.split()
    }
    rows = [
        _row(about, series, check_lang(lang))
        for series, vintage in sorted(_pair(word) for word in words)
        for table in find_series(series).tables
        for about in [_sidecar(folder, table)]
        if vintage in ("", str(about["vintage"]))
    ]
    rows += [row for name in also for row in _extra(folder, name, lang)]
    return _by_file(pd.DataFrame(rows, columns=list(COLUMNS)))


def _pair(word: str) -> tuple[str, str]:
    series, _, vintage = word.partition("@")
    return series, vintage


def _sidecar(raw: Path, table: str) -> dict[str, Any]:
    path = table_path(raw, table).with_suffix(".yml")
    return _read(path) | {"release": path.parent.name}


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise MissingInputError(
            f"{path.name} is not in data/raw. Next step: restore it from git, or run "
            "`valley extract`."
        )
    return dict(read_yaml(path))


def _row(about: dict[str, Any], series: str, lang: Lang) -> dict[str, Any]:
    return {
        "source": _title(about["release"], about["release"], lang),
        "vintage": str(about["vintage"]),
        "file": about["workbook"],
        "tables": str(about["table"]),
        "series": series,
        "sha256": about["sha256"],
        "address": about["address"],
    }


_RELEASES = {"boundaries": "dcw-2.1.1", "ratings": "ratings-2025"}


def _extra(raw: Path, name: str, lang: Lang) -> list[dict[str, Any]]:
    """One row a file that a table beside the series was made from."""
    about = _read(raw / f"{name}.yml")
    folder = name.partition("/")[0]
    release = _RELEASES.get(folder, str(about.get("source", about.get("release", folder))))
    file = str(about.get("file", f"{(raw / name).name}.csv"))
    sums = about["sha256"] if isinstance(about["sha256"], dict) else {file: about["sha256"]}
    return [
        {
            "source": _title(release, str(about.get("title", name)), lang),
            "vintage": str(about.get("vintage", "–")),
            "file": one,
            "tables": "–",
            "series": "",
            "sha256": checksum,
            "address": about.get("source_url") or about.get("address") or _page(release),
        }
        for one, checksum in sums.items()
    ]


def _page(release: str) -> str:
    """Where a source that has no address of its own is described."""
    pages = {source.release: source.page for source in reversed(load_register())}
    return pages.get(release, "–")


@cache
def _titles() -> dict[str, dict[str, str]]:
    """Titles by release, and by id of the source."""
    return {
        key: {"en": source.title.en, "ru": source.title.ru}
        for source in reversed(load_register())
        for key in (source.release, source.id)
    }


def _title(release: str, otherwise: str, lang: Lang) -> str:
    return _titles().get(release, {}).get(lang, otherwise)


def _by_file(rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["source", "vintage", "file", "sha256", "address"]
    grouped = rows.groupby(keys, sort=False, as_index=False).agg(
        tables=("tables", lambda column: ", ".join(dict.fromkeys(column))),
        series=("series", lambda column: len(set(column) - {""})),
    )
    grouped["last"] = grouped["series"] == 0
    grouped["order"] = grouped["file"].map(_natural)
    grouped = grouped.sort_values(["last", "source", "order"], ignore_index=True)
    return grouped[list(COLUMNS)]


def _natural(name: str) -> str:
    """A key that sorts "Раздел 2" before "Раздел 10"."""
    return re.sub(r"\d+", lambda found: found.group().zfill(4), name)
