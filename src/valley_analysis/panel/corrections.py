"""Corrections of published cells: data rows with a reason and a guard."""

from pathlib import Path

import pandas as pd

from valley_analysis.bilingual import Entry
from valley_analysis.errors import CorrectionError
from valley_analysis.registers import check_register, read_yaml

REGISTER = Path(__file__).with_name("corrections.yml")


class Correction(Entry):
    """One published cell to replace.

    `expect` is the text as published: when the source is mended, the guard fails and the
    correction has to go.
    """

    source: str
    region: str
    period: int
    method: str = ""
    expect: str
    value: str
    reason: str
    reference: str


def load_corrections(path: Path = REGISTER) -> tuple[Correction, ...]:
    """Return the register of corrections."""
    return check_register(read_yaml(path) or [], tuple[Correction, ...], path.name)


def apply_corrections(
    frame: pd.DataFrame, corrections: tuple[Correction, ...]
) -> tuple[pd.DataFrame, "pd.Series[bool]"]:
    """Replace the texts of the cells that the corrections name.

    Parameters
    ----------
    frame
        Columns source, region, period, method, text.
    corrections
        The register.

    Returns
    -------
    The frame with the new texts, and which of its rows were corrected.

    Raises
    ------
    CorrectionError
        With every correction whose cell is absent or reads otherwise than expected.
    """
    corrected = pd.Series(False, index=frame.index)
    texts = frame["text"].copy()
    problems = []
    for item in corrections:
        rows = frame.index[
            (frame["source"] == item.source)
            & (frame["region"] == item.region)
            & (frame["period"] == item.period)
            & (frame["method"] == item.method)
        ]
        found = frame.loc[rows, "text"].tolist()
        if found != [item.expect]:
            cell = f"{item.source} {item.region} {item.period} {item.method}".strip()
            problems.append(f"{cell}: found {found}; expected [{item.expect!r}]")
            continue
        texts.loc[rows] = item.value
        corrected.loc[rows] = True
    if problems:
        raise CorrectionError(
            REGISTER.name, problems, "the source has changed: drop or renew these corrections"
        )
    return frame.assign(text=texts), corrected
