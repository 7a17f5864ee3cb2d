"""What all tests share: where the published originals lie, and settings that keep runs alike."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from valley_analysis import paths

if TYPE_CHECKING:
    import pandas as pd

settings.register_profile("valley", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "valley")


def pytest_configure() -> None:
    # One thread a process: sums come out in one order, and two test processes share two cores
    # well. Numpy reads these when it is first imported.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")

    import matplotlib as mpl

    # Not the environment variable MPLBACKEND: the notebooks' kernels would inherit it, and
    # their figures would silently go missing.
    mpl.use("agg")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder, wherever pytest was started."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared(root: Path) -> Path:
    """The folder of published originals beside the clone; its tests are skipped without it."""
    folder = root.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the published originals (../shared) are not beside this clone")
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project of its own, which `paths` finds instead of this one."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "valley_analysis"\n', "utf-8")
    monkeypatch.setenv("VALLEY_ROOT", str(tmp_path))
    monkeypatch.delenv("VALLEY_CACHE", raising=False)
    assert paths.root() == tmp_path.resolve()
    return tmp_path


@pytest.fixture(scope="session")
def panel() -> "pd.DataFrame":
    """The panel of all vintages, built once a process; tests that change it copy it."""
    from valley_analysis.panel import build_panel

    return build_panel()


@pytest.fixture(scope="session")
def latest(panel: "pd.DataFrame") -> "pd.DataFrame":
    """One row a cell and method."""
    from valley_analysis.panel import latest_vintage

    return latest_vintage(panel)


@pytest.fixture(scope="session")
def indicators(latest: "pd.DataFrame") -> "pd.DataFrame":
    """The catalogue computed from the panel, with bounds on suppressed values."""
    from valley_analysis.indicators import build_indicators
    from valley_analysis.panel import load_series, suppressed_bounds

    additive = {name for name, series in load_series().items() if series.additive}
    return build_indicators(latest, suppressed_bounds(latest, additive))
