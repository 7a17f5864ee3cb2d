"""The real exposures, computed once."""

import pandas as pd
import pytest

from valley_analysis.frames import Scope
from valley_analysis.regions import scope
from valley_analysis.sanctions import ExposureResult, exposure, exposure_specs


@pytest.fixture(scope="session")
def recognised() -> Scope:
    return scope()


@pytest.fixture(scope="session")
def real(latest: pd.DataFrame, recognised: Scope) -> dict[tuple[int, str], ExposureResult]:
    """Every standing exposure, by wave and id."""
    return {
        (wave, key): exposure(latest, spec, recognised)
        for wave in (2014, 2022)
        for key, spec in exposure_specs(wave).items()
    }
