"""Run the notebooks and store the outputs of the cells that nbval compares, and no others.

    .venv/bin/python scripts/store_outputs.py [notebooks/02_regional_index.ipynb ...]

Needed after a change of the figures or of the catalogue; read the diff before committing it.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from valley_analysis import paths
from valley_analysis.reports.contract import MARKER


def store(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    executed = nbformat.from_dict(notebook)
    NotebookClient(executed, resources={"metadata": {"path": str(path.parent)}}).execute()
    for cell, done in zip(notebook.cells, executed.cells, strict=True):
        if cell.cell_type != "code":
            continue
        kept = MARKER in cell.source
        cell.outputs = done.outputs if kept else []
        cell.execution_count = done.execution_count if kept else None
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, path)


def main() -> None:
    chosen = [Path(name) for name in sys.argv[1:]]
    for path in chosen or sorted(paths.notebooks().glob("[0-9]*.ipynb")):
        store(path)
        print(path.name)


if __name__ == "__main__":
    main()
