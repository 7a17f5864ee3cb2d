"""The register of calibration, and that the benchmark itself tells sound from unsound."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from valley_analysis import regions, studies
from valley_analysis.charts import calibration_text
from valley_analysis.charts.impact_sentences import check_text
from valley_analysis.studies.calibration import (
    DECREES,
    Calibration,
    Placebo,
    sound_ways,
    variant_method,
    wilson,
)
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
    shown = {"size": 0.05, "power": 0.8, "bias": 0.0, "draws": 2000, "injected": 250} | facts
    return Calibration(method="m", outcome="y", placebo="spatial", **shown)


@pytest.mark.parametrize(
    ("facts", "status", "verdict"),
    [
        ({"size": 0.05}, "passed", "is sound"),
        ({"size": 0.058}, "passed", "is sound"),  # 4.9 to 6.9
        ({"size": 0.06}, "undecided", "is undecided"),  # 5.0 to 7.1
        ({"size": 0.08}, "undecided", "is undecided"),  # 6.9 to 9.3
        ({"size": 0.083}, "failed", "rejects too often"),  # 7.2 to 9.6
        ({"size": 0.05, "draws": 200}, "undecided", "is undecided"),  # 2.7 to 9.0: too few draws
        ({"size": 0.02}, "informational", "rejects too seldom"),
        ({"bias": -0.06}, "passed", "is sound"),  # off by 4.4 to 7.6 %
        ({"bias": -0.07}, "failed", "is biased"),
        ({"power": 0.6}, "informational", "finds too little"),
        ({"power": 0.66}, "passed", "is sound"),  # 60 to 72
        ({"power": 0.6, "size": 0.2}, "failed", "rejects too often"),
        ({"power": 0.6, "size": 0.065}, "undecided", "is undecided"),
    ],
)
def test_the_gravest_fault_decides(facts: dict[str, float], status: str, verdict: str) -> None:
    found = calibration(**facts)
    assert (found.status, found.verdict) == (status, verdict)
    assert found.check().status == status
    assert verdict in found.check().text


def test_the_interval_is_that_of_the_books() -> None:
    """Wilson's for 10 of 100: 5.52 to 17.44 % (Newcombe 1998, method 3, by hand)."""
    assert wilson(0.1, 100) == pytest.approx((0.0552, 0.1744), abs=1e-4)


def test_a_card_names_the_outcome_that_was_measured() -> None:
    assert "z was not measured" in calibration().check("z").text
    assert "not measured" not in calibration().check("y").text


def test_every_method_was_calibrated_with_enough_draws() -> None:
    """The primary test has all three placebos; every method of a page has the hardest."""
    rows = studies.load_calibration()
    assert min(one.draws for one in rows) >= 100
    known = {one.method for one in rows}
    methods = {
        *calibration_text.valley_methods().values(),
        *calibration_text.variant_methods(
            ["main", "dynamic", "contrast", "industry", "spillover"]
        ).values(),
        *calibration_text.variant_methods(["error", "lag"]).values(),
        *calibration_text.variant_methods(["main"], poisson=True).values(),
        DECREES,
    }
    assert methods <= known
    deciding = (variant_method("main"), variant_method("main", "poisson"), DECREES)
    for method in deciding:
        mine = [one for one in rows if one.method == method]
        assert {one.placebo for one in mine} == set(get_args(Placebo)), method
        assert min(one.draws for one in mine) >= 1000


def test_neighbours_alike_are_what_permutation_does_not_see() -> None:
    """Seen on this panel: permutation and clustering reject too much, spectral draws do not."""
    rows = [one for one in studies.load_calibration() if one.placebo == "spatial_size"]
    model = "difference_in_differences, "
    sizes = {
        (one.method.removeprefix(model), one.outcome): one.size
        for one in rows
        if one.method.startswith(model)
    }
    for outcome in ("rd_staff", "technologies_used"):
        assert sizes["randomisation", outcome] > 0.07
        assert sizes["clustered by unit", outcome] > sizes["randomisation", outcome]
        assert sizes["spectral randomisation", outcome] < sizes["randomisation", outcome]
    primary = studies.find_calibration(variant_method("main"), "technologies_used")
    assert primary is not None
    assert (primary.status, primary.placebo) == ("failed", "spatial_size")
    assert sound_ways(["randomisation", "spectral"], "technologies_used") == ["spectral"]


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
        "spectral": "difference_in_differences, spectral randomisation",
        "tea": "tea leaves",
    }
    told = calibration_text.calibration_note(methods, "rd_staff")
    assert "1 of these 3 rows" in told
    assert "plain (" in told
    assert "spectral (" not in told
    assert "Not measured: tea." in told
    assert calibration_text.calibration_note({}, "rd_staff") == ""


def test_what_was_measured_for_linear_models_is_not_said_of_counts() -> None:
    methods = calibration_text.variant_methods(["main", "spillover"], poisson=True)
    told = calibration_text.calibration_note(methods, "technologies_developed")
    assert "of these 2 rows" in told
    assert "Not measured: neighbours' exposure" in told


@pytest.mark.parametrize("lang", LANGS)
def test_a_failed_calibration_is_never_told_as_sound(lang: Lang) -> None:
    for one in studies.load_calibration():
        told = check_text(one.check(), lang)
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
    trial = benchmark.least_squares(data, 300, "permuted")
    harsh = benchmark.least_squares(data, 50, "permuted", core=False)
    names = ("clustered by unit", "CR2 by unit")
    rows = []
    for one, kept in ((trial, names), (harsh, ("heteroskedastic",))):
        ways = {name: way for name, way in one.ways.items() if name.endswith(kept)}
        rows += benchmark.measure(replace(one, ways=ways))
    found = {row.method.partition(", ")[2]: row for row in rows}
    assert found["heteroskedastic"].size > 0.1
    for name in names:
        assert found[name].verdict in ("is sound", "is undecided")
        assert abs(found[name].bias) < 0.08
        assert 0.6 < found[name].power < 0.95


def test_placebo_exposures_keep_what_they_should(
    benchmark: ModuleType, latest: pd.DataFrame
) -> None:
    """Spatial ones are as alike among neighbours; with size, as related to it; none is the real.

    With size, only what the controls leave keeps its likeness, and the order costs some of that.
    """
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
    assert 0.1 < means["spatial_size"][0] < means["spatial"][0]
    assert abs(means["permuted"][0]) < 0.1
    assert abs(means["spatial"][1]) < 0.1
    assert abs(means["spatial_size"][1] - np.corrcoef(real, size)[0, 1]) < 0.15
