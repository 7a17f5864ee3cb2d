"""The register of calibration, and that the benchmark itself tells sound from unsound."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from valley_analysis import regions, studies
from valley_analysis.studies.calibration import Calibration


@pytest.fixture(scope="module")
def benchmark(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("calibration", root / "benchmarks/calibration.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["calibration"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("size", "draws", "status"),
    [
        (0.05, 2000, "passed"),
        (0.17, 300, "failed"),
        (0.005, 2000, "failed"),
        (0.075, 300, "passed"),
    ],
)
def test_a_method_passes_if_its_rate_is_compatible_with_the_limits(
    size: float, draws: int, status: str
) -> None:
    error = float(np.sqrt(0.05 * 0.95 / draws))
    assert Calibration(method="m", draws=draws, size=size, error=error).status == status


def test_every_method_of_the_report_cards_was_calibrated() -> None:
    known = {one.method: one for one in studies.load_calibration()}
    for method in (
        "difference_in_differences, clustered by unit",
        "difference_in_differences, Poisson",
        "difference_in_differences, randomisation",
        "event_study, mean after",
        "group_time_att, mean over cohorts",
        "synthetic_did, placebo errors",
        "shift_share, akm0",
    ):
        assert known[method].draws >= 100, method
    clustered = known["difference_in_differences, clustered by unit"]
    assert clustered.status == "passed"
    assert clustered.power is not None
    assert 0.7 < clustered.power < 0.9
    (check,) = studies.calibration_checks("difference_in_differences, clustered by unit")
    assert check.facts["size"] == clustered.size
    assert studies.calibration_checks("tea leaves") == ()


@pytest.mark.slow
def test_the_benchmark_finds_the_known_fault_and_no_other(
    benchmark: ModuleType, latest: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors that ignore correlation within regions reject far too often; clustered ones do not."""
    data = studies.wave_data(latest, "rd_staff", 2022, "imports_far_grp", regions.scope())
    wanted = ("heteroskedastic", "clustered by unit", "CR2 by unit", "CR3 by unit")
    rows = []
    for row in benchmark.least_squares(data, 0.15):
        rows.append(row)
        if len(rows) == len(wanted):
            break
    found = {row.method.partition(", ")[2]: row for row in rows}
    assert found["heteroskedastic"].verdict == "fails"
    assert found["clustered by unit"].verdict == "sound"
    assert abs(found["clustered by unit"].bias) < 0.08
    assert 0.65 < found["clustered by unit"].power < 0.92
