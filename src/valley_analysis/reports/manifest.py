"""What a run was: its parameters, the versions and checksums of all that went in and came out."""

import json
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from valley_analysis import __version__, paths
from valley_analysis.files import write_aside
from valley_analysis.reports.build import sha256

NAME = "manifest.json"


def write_manifest(
    folder: Path,
    *,
    run: str,
    started: str,
    seconds: float,
    parameters: Mapping[str, Any],
    langs: tuple[str, ...],
    notebooks: list[Path],
    inputs: Mapping[str, str],
    made: str = "whole",
    base: Mapping[str, Any] | None = None,
) -> Path:
    """Write the manifest of a run into its folder, after everything else is there.

    Parameters
    ----------
    folder
        The run's; every file in it is listed with its checksum.
    run, started, seconds
        Id, time (UTC, ISO 8601) and duration.
    parameters
        Every value that was used, defaults included.
    langs
        Languages of the pages.
    notebooks
        Their checksums, and those of their translations, go in.
    inputs
        File -> sha256 of the figures as published.
    made
        "whole", "part" (some notebooks alone) or "renewed" (some pages, in a copy of a whole run).
    base
        Manifest of the run whose copy was renewed.
    """
    content = {
        "id": run,
        "made": made,
        "started": started,
        "seconds": round(seconds, 1),
        "parameters": dict(parameters),
        "langs": list(langs),
        "commit": _commit(),
        "python": platform.python_version(),
        "packages": packages(),
        "notebooks": _texts(notebooks),
        "inputs": dict(inputs),
        "outputs": {
            path.relative_to(folder).as_posix(): sha256(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in (NAME, "run.log")
        },
    }
    if base is not None:
        content["renewed"] = sorted({*base.get("renewed", ()), *(path.stem for path in notebooks)})
        content["base"] = {name: base.get(name) for name in ("id", "commit", "base")}
        content["langs"] = list(base.get("langs", ()))
        content["notebooks"] = {**base.get("notebooks", {}), **_texts(notebooks)}
        content["parameters"] = {**base.get("parameters", {}), **parameters}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    return write_aside(folder / NAME, text)


def packages() -> dict[str, str]:
    """Return the versions of this package and of what it asks for directly."""
    found = {"valley_analysis": __version__}
    try:
        wanted = [line for line in requires("valley_analysis") or () if "extra ==" not in line]
    except PackageNotFoundError:
        wanted = []
    for line in wanted:
        name = line.split(";")[0].split("[")[0]
        for mark in "<>=!~ ":
            name = name.split(mark)[0]
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return dict(sorted(found.items()))


def _texts(notebooks: list[Path]) -> dict[str, str]:
    files = [file for path in notebooks for file in (path, *_translations(path))]
    return {f"{file.parent.name}/{file.name}": sha256(file) for file in files}


def _translations(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"*/{path.stem}.yml"))


def _commit() -> str:
    """The commit of the clone, marked if files differ from it; empty outside git."""
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            cwd=paths.root(),
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""
