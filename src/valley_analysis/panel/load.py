"""Reading the built panel."""

import datetime as dt
from pathlib import Path

import pandas as pd

from valley_analysis import paths
from valley_analysis.errors import MissingInputError
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
    """
    path = (processed or paths.processed()) / FILE
    if not path.is_file():
        raise MissingInputError(
            f"data/processed/{FILE} is absent. Next step: run `valley build` (a second or two)."
        )
    panel = pd.read_parquet(path)
    if vintage == "all":
        return panel
    if vintage != "latest":
        dt.date.fromisoformat(f"{vintage}-01")
        panel = panel[panel["vintage"].astype(str) <= vintage]
    return latest_vintage(panel)
