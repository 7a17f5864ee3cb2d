"""Notebooks that are not what was committed, or that do not agree: told before a report is made.

JupyterLab saves into the notebook what somebody tried; a report would publish it.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from valley_analysis import paths
from valley_analysis.errors import ChangedNotebooksError
from valley_analysis.reports.parameters import read_parameters
from valley_analysis.reports.plan import FALLBACK, Plan
from valley_analysis.reports.run import suite


def check_unchanged(planned: Plan, *, allow: bool = False) -> list[str]:
    """Return what differs between notebooks, and from the last commit; refuse it unless allowed.

    Parameters
    ----------
    planned
        What a report is going to do.
    allow
        Whether it may be published all the same.

    Raises
    ------
    ChangedNotebooksError
        With every notebook or translation that git calls changed, and every common parameter
        whose defaults differ, unless a value was given for it.
    """
    found = [*_changed(planned.notebooks), *_differing(planned)]
    if found and not allow:
        raise ChangedNotebooksError(
            "notebooks",
            found,
            "commit them or restore them with git, give the parameter with -p, or publish them "
            "as they are with --allow-changed",
        )
    return found


def _changed(notebooks: tuple[Path, ...]) -> Iterator[str]:
    """One line for each file of these notebooks that differs from the last commit."""
    files = [
        file
        for path in notebooks
        for file in (path, *sorted(path.parent.glob(f"*/{path.stem}.yml")))
    ]
    command = ["git", "status", "--porcelain", "-z", "--untracked-files=all", "--"]
    try:
        told = subprocess.run(
            [*command, *map(str, files)],
            cwd=paths.root(),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return
    for line in told.stdout.split("\0") if told.returncode == 0 else ():
        if line:
            yield f"{line[3:]} differs from the last commit"


def _differing(planned: Plan) -> Iterator[str]:
    """One line for each common parameter on which the notebooks of the suite do not agree."""
    read = [read_parameters(path) for path in dict.fromkeys([*suite(), *planned.notebooks])]
    for name in FALLBACK:
        values = {one.notebook: one.defaults[name] for one in read if name in one.defaults}
        if name in planned.given or len(set(values.values())) <= 1:
            continue
        told = "; ".join(
            f"{value} in {', '.join(sorted(nb for nb, its in values.items() if its == value))}"
            for value in sorted(set(values.values()), key=str)
        )
        yield f"{name} is {told}"
