"""Reading the built panel."""

import re
from pathlib import Path

import pandas as pd

from valley_analysis import paths
from valley_analysis.errors import PeriodError
from valley_analysis.files import read_frame
from valley_analysis.panel.build import FILE
from valley_analysis.panel.vintages import latest_vintage


def load_panel(vintage: str = "latest", processed: Path | None = None) -> pd.DataFrame:
    """Load the panel of series.

    Parameters
    ----------
    vintage
        "latest": one row a cell and method, as last published. "all": every vintage.
        A date such as "2023-12": as published up to then.
    processed
        The folder of the built panel; the project's data/processed by default.

    Returns
    -------
    A frame that keeps `frames.SERIES`; texts are categories, period is int16.

    Raises
    ------
    MissingInputError
        If the panel has not been built.
    ChecksumError
        If the file was changed or cut since.
    PeriodError
        If the vintage is neither of these words nor a month.
    """
    panel = read_frame((processed or paths.processed()) / FILE)
    if vintage == "all":
        return panel
    if vintage != "latest":
        if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", vintage):
            raise PeriodError(
                f"vintage {vintage!r} is none; found {', '.join(sorted(set(panel['vintage'])))}. "
                "Next step: name a year and month such as 2023-12, latest or all."
            )
        panel = panel[panel["vintage"].astype(str) <= vintage]
    return latest_vintage(panel)
