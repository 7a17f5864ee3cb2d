"""Building and reading data/processed/indicators.parquet."""

from pathlib import Path

import pandas as pd

from valley_analysis import paths
from valley_analysis.files import read_frame, write_frame
from valley_analysis.indicators.catalogue import load_catalogue
from valley_analysis.indicators.compute import compute_indicators
from valley_analysis.indicators.prices import DEFAULT, Prices

FILE = "indicators.parquet"
_CATEGORIES = ["region", "indicator", "flag", "method", "inputs"]


def build_indicators(
    panel: pd.DataFrame, bounds: pd.DataFrame, prices: Prices = DEFAULT
) -> pd.DataFrame:
    """Compute the whole catalogue from a panel of one row a cell and method.

    Returns
    -------
    A frame that keeps `frames.INDICATORS`, sorted by its key, texts as categories.
    """
    frame = compute_indicators(panel, load_catalogue(), bounds, prices)
    frame = frame.sort_values(["indicator", "region", "period"], ignore_index=True)
    return frame.astype({"period": "int16", **dict.fromkeys(_CATEGORIES, "category")})


def write_indicators(frame: pd.DataFrame, processed: Path | None = None) -> Path:
    """Write the indicators to data/processed, aside first and then renamed."""
    return write_frame(frame, (processed or paths.processed()) / FILE)


def load_indicators(processed: Path | None = None) -> pd.DataFrame:
    """Load the indicators.

    Returns
    -------
    A frame that keeps `frames.INDICATORS`.

    Raises
    ------
    MissingInputError
        If they have not been built.
    ChecksumError
        If the file was changed or cut since.
    """
    return read_frame((processed or paths.processed()) / FILE)
