"""Building the panel of series from data/raw."""

from pathlib import Path

import pandas as pd

from valley_analysis import paths
from valley_analysis.files import write_frame
from valley_analysis.frames import SERIES
from valley_analysis.panel.corrections import load_corrections
from valley_analysis.panel.derive import add_closed, derive_remainders
from valley_analysis.panel.figures import read_figures
from valley_analysis.panel.series import load_series

FILE = "panel.parquet"
_KEY = ["series", "region", "period", "method", "vintage"]
_CATEGORIES = ["region", "series", "method", "vintage", "flag", "source"]


def build_panel(raw: Path | None = None) -> pd.DataFrame:
    """Build the panel: every vintage and method of every series that the register names.

    Parameters
    ----------
    raw
        The folder of figures as published; the project's data/raw by default.

    Returns
    -------
    A frame that keeps `frames.SERIES`, sorted by its key, texts as categories.

    Raises
    ------
    MissingInputError, UnknownRegionError, CorrectionError, FrameError
        If a table is absent, a label unknown, a correction stale, a key repeated.
    """
    register = load_series()
    frame = read_figures(raw or paths.raw(), load_corrections())
    frame = add_closed(derive_remainders(frame, register), register)
    frame = frame.sort_values(_KEY, ignore_index=True)[list(SERIES.columns)]
    SERIES.check(frame, "the panel")
    return frame.astype({"period": "int16", **dict.fromkeys(_CATEGORIES, "category")})


def write_panel(frame: pd.DataFrame, processed: Path | None = None) -> Path:
    """Write the panel to data/processed, aside first and then renamed."""
    return write_frame(frame, (processed or paths.processed()) / FILE)
