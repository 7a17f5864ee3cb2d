"""The register of calibration, and that the benchmark itself tells sound from unsound."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from valley_analysis import regions, studies
from valley_analysis.charts import calibration_text
from valley_analysis.charts.impact_sentences import check_text
from valley_analysis.studies.calibration import Calibration
from valley_analysis.text import LANGS, Lang


@pytest.fixture(scope="module")
def benchmark(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("calibration", root / "benchmarks/calibration.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["calibration"] = module
    spec.loader.exec_module(module)
    return module


def calibration(**facts: float) -> Calibration:
    shown = {"size": 0.05, "error": 0.005, "power": 0.8, "bias": 0.0} | facts
    return Calibration(method="m", outcome="y", draws=2000, **shown)


@pytest.mark.parametrize(
    ("facts", "status", "verdict"),
    [
        ({"size": 0.031}, "passed", "is sound"),
        ({"size": 0.071}, "failed", "rejects too often"),
        ({"size": 0.029}, "informational", "rejects too seldom"),
        ({"bias": -0.06}, "failed", "is biased"),
        ({"power": 0.6}, "informational", "finds too little"),
        ({"power": 0.6, "size": 0.2}, "failed", "rejects too often"),
        ({"size": 0.085, "error": 0.0154}, "passed", "is sound"),
        ({"size": 0.095, "error": 0.0154}, "failed", "rejects too often"),
    ],
)
def test_the_gravest_fault_decides(facts: dict[str, float], status: str, verdict: str) -> None:
    found = calibration(**facts)
    assert (found.status, found.verdict) == (status, verdict)
    assert found.check.status == status
    assert verdict in found.check.text


def test_every_method_was_calibrated_with_enough_draws() -> None:
    for one in studies.load_calibration():
        assert one.draws >= 100, one
    known = {one.method for one in studies.load_calibration()}
    methods = {
        *calibration_text.valley_methods().values(),
        *calibration_text.variant_methods(
            ["main", "dynamic", "contrast", "industry", "spillover"]
        ).values(),
        *calibration_text.variant_methods(["error", "lag"]).values(),
        *calibration_text.variant_methods(["main"], poisson=True).values(),
    }
    assert methods <= known
    primary = studies.find_calibration("difference_in_differences, randomisation", "rd_staff")
    assert primary is not None
    assert (primary.status, primary.placebo) == ("passed", "spatial_size")
    assert 0.7 < primary.power < 0.9
    clustered = studies.find_calibration("difference_in_differences, clustered by unit", "rd_staff")
    assert clustered is not None
    assert clustered.status == "failed", "neighbours alike, and related to size: errors too small"


def test_an_outcome_without_a_row_is_told_the_worst_one() -> None:
    method = "difference_in_differences, heteroskedastic"
    rows = [one for one in studies.load_calibration() if one.method == method]
    assert len({one.outcome for one in rows}) >= 3
    for outcome in {one.outcome for one in rows}:
        own = studies.find_calibration(method, outcome)
        assert own is not None
        assert own.size == max(one.size for one in rows if one.outcome == outcome)
    worst = studies.find_calibration(method, "tea")
    assert worst is not None
    assert worst.size == max(one.size for one in rows)
    assert studies.find_calibration("tea leaves") is None
    assert studies.calibration_checks("tea leaves") == ()


def test_a_note_counts_the_sound_rows_and_names_the_others() -> None:
    methods = {
        "plain": "difference_in_differences, heteroskedastic",
        "permuted": "difference_in_differences, randomisation",
        "tea": "tea leaves",
    }
    told = calibration_text.calibration_note(methods, "rd_staff")
    assert "1 of these 3 rows" in told
    assert "plain (" in told
    assert "permuted (" not in told
    assert "Not measured: tea." in told
    assert calibration_text.calibration_note({}, "rd_staff") == ""


def test_what_was_measured_for_linear_models_is_not_said_of_counts() -> None:
    methods = calibration_text.variant_methods(["main", "spillover"], poisson=True)
    told = calibration_text.calibration_note(methods, "technologies_developed")
    assert "1 of these 2 rows" in told
    assert "Not measured: neighbours' exposure" in told


@pytest.mark.parametrize("lang", LANGS)
def test_a_failed_calibration_is_never_told_as_sound(lang: Lang) -> None:
    for one in studies.load_calibration():
        told = check_text(one.check, lang)
        sound = {"en": "is sound", "ru": "исправен"}[lang]
        assert (sound in told) is not bool(one.faults), told


def test_the_page_is_made_from_the_register(benchmark: ModuleType, root: Path) -> None:
    page = benchmark.page(studies.load_calibration())
    assert page == (root / "docs" / "calibration.md").read_text("utf-8")


@pytest.mark.slow
def test_the_benchmark_finds_the_known_fault_and_no_other(
    benchmark: ModuleType, latest: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors that ignore correlation within regions reject far too often; clustered ones do not."""
    data = studies.wave_data(latest, "rd_staff", 2022, "imports_far_grp", regions.scope())
    wanted = ("heteroskedastic", "clustered by unit", "CR2 by unit", "CR3 by unit")
    rows = []
    for trial in benchmark.least_squares(data, 0.15):
        rows.append(benchmark.measure(trial))
        if len(rows) == len(wanted):
            break
    found = {row.method.partition(", ")[2]: row for row in rows}
    assert found["heteroskedastic"].verdict == "rejects too often"
    assert found["clustered by unit"].verdict == "is sound"
    assert abs(found["clustered by unit"].bias) < 0.08
    assert 0.65 < found["clustered by unit"].power < 0.92


def test_placebo_exposures_keep_what_they_should(
    benchmark: ModuleType, latest: pd.DataFrame
) -> None:
    """Spatial ones are as alike among neighbours; with size, as related to it; none is the real."""
    data = studies.wave_data(latest, "rd_staff", 2022, "imports_far_grp", regions.scope())
    units = data.frame.groupby("region")["imports_far_grp"].first()
    near = studies.neighbours(data.exposure.scope).keep(list(units.index)).matrix.toarray()
    size = data.frame.groupby("region")["log_population"].first().to_numpy()

    def moran(x: np.ndarray) -> float:
        apart = x - x.mean()
        return float(len(x) / near.sum() * (apart @ near @ apart) / (apart @ apart))

    real = units.to_numpy()
    means = {}
    for kind in ("permuted", "spatial", "spatial_size"):
        drawn = benchmark.placebo_exposures(data, units.index, kind, 200)
        assert drawn.shape == (200, len(units))
        assert np.corrcoef(np.vstack([real, drawn]))[0, 1:].max() < 0.95
        means[kind] = (
            float(np.mean([moran(one) for one in drawn])),
            float(np.mean([np.corrcoef(one, size)[0, 1] for one in drawn])),
        )
    assert abs(means["spatial"][0] - moran(real)) < 0.06
    assert abs(means["spatial_size"][0] - moran(real)) < 0.1
    assert abs(means["spatial"][1]) < 0.1
    assert abs(means["spatial_size"][1] - np.corrcoef(real, size)[0, 1]) < 0.15
