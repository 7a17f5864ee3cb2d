"""The built panel, once a session."""

import pandas as pd
import pytest

from valley_analysis.panel import build_panel, latest_vintage


@pytest.fixture(scope="session")
def panel() -> pd.DataFrame:
    return build_panel()


@pytest.fixture(scope="session")
def latest(panel: pd.DataFrame) -> pd.DataFrame:
    return latest_vintage(panel)
