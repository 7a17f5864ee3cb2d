"""A part of the report: its pages renewed in a copy of the last whole run, or made apart."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from valley_analysis.reports import shelf
from valley_analysis.reports.plan import Plan, with_values
from valley_analysis.reports.run import suite


def base_of(reports: Path) -> tuple[Path, dict[str, Any]] | None:
    """Return the run behind `latest` and its manifest, if it holds every notebook."""
    folder = reports / shelf.LATEST
    manifest = shelf.read_manifest(folder)
    langs = [str(lang) for lang in manifest.get("langs", ())]
    pages = [folder / lang / f"{path.stem}.html" for path in suite() for lang in langs]
    if not pages or not all(page.is_file() for page in pages):
        return None
    return folder.resolve(), manifest


def fitted(planned: Plan, manifest: Mapping[str, Any], inputs: Mapping[str, str]) -> Plan | str:
    """Return the plan of a part with the values of the whole report, or why it does not fit.

    Parameters
    ----------
    planned
        Of the part.
    manifest
        Of the whole report.
    inputs
        File -> sha256 of the figures as published now.

    Returns
    -------
    The plan, its notebooks given whatever the whole report was given; or a sentence.
    """
    known = dict(manifest.get("parameters", {}))
    if missing := [lang for lang in planned.langs if lang not in manifest.get("langs", ())]:
        return f"the whole report has no pages in {', '.join(missing)}"
    if dict(inputs) != dict(manifest.get("inputs", {})):
        return "the figures as published have changed since the whole report was made"
    for name, value in planned.given.items():
        if name in known and known[name] != value:
            return f"{name} is {value!r}, in the whole report {known[name]!r}"
        if name not in known and name in planned.shared:
            return f"{name} is given to a part of the notebooks that take it"
    return with_values(planned, known)


def copy_of(base: Path, folder: Path) -> None:
    """Copy a run into the folder of a new one; its log and its manifest are its own."""
    ignored = shutil.ignore_patterns("run.log", "manifest.json", "*.failed.ipynb")
    shutil.copytree(base, folder, dirs_exist_ok=True, ignore=ignored)
