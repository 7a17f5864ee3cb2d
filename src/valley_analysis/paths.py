"""Where things lie: the project's root and the folders below it."""

import os
from pathlib import Path

from valley_analysis.errors import ProjectNotFoundError

_MARK = 'name = "valley_analysis"'


def root() -> Path:
    """Return the project's folder.

    VALLEY_ROOT if it is set, else the nearest folder at or above the working one
    whose pyproject.toml names valley_analysis.

    Raises
    ------
    ProjectNotFoundError
        If neither leads to the project.
    """
    named = os.environ.get("VALLEY_ROOT")
    if named:
        if _is_root(Path(named)):
            return Path(named).resolve()
        raise ProjectNotFoundError(
            f"VALLEY_ROOT is {named!r}, but no pyproject.toml there names valley_analysis. "
            "Next step: point it at the clone, or unset it."
        )
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if _is_root(folder):
            return folder
    raise ProjectNotFoundError(
        f"no folder at or above {here} has a pyproject.toml that names valley_analysis. "
        "Next step: change into the clone, or set VALLEY_ROOT to it."
    )


def _is_root(folder: Path) -> bool:
    pyproject = folder / "pyproject.toml"
    return pyproject.is_file() and _MARK in pyproject.read_text("utf-8")


def raw() -> Path:
    """Return the folder of figures as published (in git)."""
    return root() / "data" / "raw"


def processed() -> Path:
    """Return the folder of what is rebuilt from raw (not in git)."""
    return root() / "data" / "processed"


def notebooks() -> Path:
    """Return the folder of the suite's notebooks."""
    return root() / "notebooks"


def reports() -> Path:
    """Return the folder of published reports (not in git)."""
    return root() / "reports"


def cache() -> Path:
    """Return the folder of fetched originals (not in git).

    VALLEY_CACHE if it is set, else ``data/processed/originals``.
    """
    named = os.environ.get("VALLEY_CACHE")
    return Path(named).resolve() if named else processed() / "originals"
