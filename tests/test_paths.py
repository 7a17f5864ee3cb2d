from pathlib import Path

import pytest

from valley_analysis import paths
from valley_analysis.errors import ProjectNotFoundError


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VALLEY_ROOT", raising=False)
    monkeypatch.delenv("VALLEY_CACHE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def name_project(folder: Path, name: str = "valley_analysis") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(f'[project]\nname = "{name}"\n', "utf-8")


def test_root_is_found_from_this_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VALLEY_ROOT", raising=False)
    monkeypatch.chdir(root / "notebooks")
    assert paths.root() == root


def test_root_is_the_nearest_project_above(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name_project(nowhere)
    name_project(nowhere / "a" / "clone")
    name_project(nowhere / "a" / "clone" / "vendored", "something_else")
    deep = nowhere / "a" / "clone" / "vendored" / "notebooks"
    deep.mkdir()
    monkeypatch.chdir(deep)
    assert paths.root() == nowhere / "a" / "clone"


def test_variable_wins_over_the_working_folder(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_project(nowhere)
    name_project(nowhere / "other")
    monkeypatch.setenv("VALLEY_ROOT", "other")
    assert paths.root() == nowhere / "other"


def test_variable_that_leads_nowhere_is_an_error_even_inside_a_project(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_project(nowhere)
    monkeypatch.setenv("VALLEY_ROOT", "absent")
    with pytest.raises(ProjectNotFoundError, match=r"VALLEY_ROOT is 'absent'.*Next step: point it"):
        paths.root()


def test_no_project_above_says_where_it_looked_and_what_to_do(nowhere: Path) -> None:
    with pytest.raises(ProjectNotFoundError) as caught:
        paths.root()
    assert str(nowhere) in str(caught.value)
    assert "set VALLEY_ROOT" in str(caught.value)


def test_folders_lie_below_the_root(project: Path) -> None:
    found = [paths.raw(), paths.processed(), paths.notebooks(), paths.reports(), paths.cache()]
    expected = ["data/raw", "data/processed", "notebooks", "reports", "data/processed/originals"]
    assert [folder.relative_to(project).as_posix() for folder in found] == expected


def test_cache_can_lie_elsewhere(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALLEY_CACHE", str(nowhere / "originals"))
    assert paths.cache() == nowhere / "originals"
