"""The built indicators, once a session."""

import pandas as pd
import pytest

from valley_analysis.indicators import build_indicators
from valley_analysis.panel import build_panel, latest_vintage, load_series, suppressed_bounds


@pytest.fixture(scope="session")
def latest() -> pd.DataFrame:
    return latest_vintage(build_panel())


@pytest.fixture(scope="session")
def indicators(latest: pd.DataFrame) -> pd.DataFrame:
    additive = {name for name, series in load_series().items() if series.additive}
    return build_indicators(latest, suppressed_bounds(latest, additive))
