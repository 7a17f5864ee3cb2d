"""Tiny notebooks in projects of their own, real data where needed, and no kernel left behind."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from valley_analysis import paths
from valley_analysis.reports.contract import source_hash
from valley_analysis.reports.results import Results, compute_results

PARAMETERS = (
    "period = 2021  # edition\n"
    'scope = "recognised"  # units to compare\n'
    'lang = "en"  # language of texts and figures\n'
    'spec = "regional_innovation"  # how the index is built'
)
Write = Callable[..., Path]


def children() -> set[int]:
    """Process ids of our living children."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z":
            found.add(int(folder.name))
    return found


@pytest.fixture(autouse=True)
def no_orphans() -> Iterator[None]:
    """Whatever a test does, no process that it started outlives it."""
    if not Path("/proc/self/stat").exists():
        yield
        return
    before = children()
    yield
    for _ in range(30):
        if not children() - before:
            return
        time.sleep(0.1)
    assert not children() - before, "a kernel outlives the test"


@pytest.fixture
def write(project: Path) -> Write:
    """Write a notebook into the project's suite, with its Russian text; return its path."""

    def writer(
        name: str = "01_small",
        *codes: str,
        parameters: str = PARAMETERS,
        question: str = "How many are there?",
        russian: bool = True,
    ) -> Path:
        cells: list[NotebookNode] = [
            new_markdown_cell(f"# The notebook {name}\n\nIt shows *what* is there.", id="title"),
            new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}),
            new_markdown_cell(f"## {question}", id="question"),
        ]
        cells += [new_code_cell(code, id=f"code-{n}") for n, code in enumerate(codes)]
        cells.append(new_markdown_cell("**How to read it.** As a number.", id="reading"))
        kernel = {"name": "python3", "display_name": "Python 3"}
        path = paths.notebooks() / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
        texts = {
            "title": f"# Тетрадь {name}\n\nПоказывает, *что* есть.",
            "question": "## Сколько их?",
            "reading": "**Как читать.** Как число.",
        }
        known = {
            cell.id: {"hash": source_hash(cell.source), "text": texts[cell.id]}
            for cell in cells
            if cell.cell_type == "markdown"
        }
        if russian:
            (path.parent / "ru").mkdir(exist_ok=True)
            (path.parent / "ru" / f"{name}.yml").write_text(
                yaml.safe_dump(known, allow_unicode=True), "utf-8"
            )
        return path

    return writer


@pytest.fixture(scope="session")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Panel and indicators built from the figures in git, once for all tests."""
    from valley_analysis.reports.build import build_data

    folder = tmp_path_factory.mktemp("built")
    (folder / "pyproject.toml").write_text('[project]\nname = "valley_analysis"\n', "utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "raw").symlink_to(root / "data" / "raw")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VALLEY_ROOT", str(folder))
        build_data()
    return folder


@pytest.fixture(scope="session")
def results(built: Path) -> Results:
    """The edition of 2022 for 85 units, and all others."""
    folder = built / "data"
    return compute_results(2022, "rosstat", "regional_innovation", folder / "processed")


@pytest.fixture
def with_data(project: Path, built: Path) -> Path:
    """The project, with the figures in git and what is built from them."""
    (project / "data" / "processed").mkdir(parents=True)
    (project / "data" / "raw").symlink_to((built / "data" / "raw").resolve())
    for path in (built / "data" / "processed").iterdir():
        if path.is_file():  # whatever else was cached there is made again
            (project / "data" / "processed" / path.name).write_bytes(path.read_bytes())
    return project
