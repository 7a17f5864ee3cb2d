"""Rebuilding data/processed from data/raw, when and only when something has changed.

What went in is remembered by checksum in data/processed/build.json; times of files are not
looked at. The tables are replaced only after every check has passed.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from valley_analysis import paths
from valley_analysis.files import write_aside

Progress = Callable[[str], None]
STATE = "build.json"
_CODE = ("panel", "indicators", "regions", "sources", "frames.py", "registers.py")
_LIBRARIES = ("numpy", "pandas", "pyarrow", "pydantic", "PyYAML")
_BUILT = ("panel.parquet", "indicators.parquet")
_TABLES = (*_BUILT, *(f"{name}.sha256" for name in _BUILT))


@dataclass(frozen=True)
class Built:
    """What `build_data` found or made.

    Attributes
    ----------
    rebuilt
        Whether anything was computed.
    reason
        Why, or that nothing has changed.
    inputs
        File -> sha256: the published figures, relative to the project.
    """

    rebuilt: bool
    reason: str
    inputs: dict[str, str]


def sha256(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def build_data(*, force: bool = False, progress: Progress = lambda text: None) -> Built:
    """Build the panel and the indicators unless they are those of the present inputs.

    Parameters
    ----------
    force
        Build in any case.
    progress
        Called with a line of text as it goes.

    Raises
    ------
    QualityError
        If a check on the new panel fails; the last good tables stand.
    MissingInputError, UnknownRegionError, CorrectionError, FrameError
        If the figures as published cannot be read.
    """
    root, processed = paths.root(), paths.processed()
    inputs = _checksums(sorted(paths.raw().rglob("*.*")), root)
    stamp = {"inputs": inputs, "code": _code(), "libraries": _libraries()}
    reason = "asked for" if force else _stale(stamp, processed)
    if not reason:
        progress("data: up to date")
        return Built(False, "nothing has changed", inputs)
    progress(f"data: building, {reason}")
    _build(processed, progress)
    stamp["outputs"] = _checksums([processed / name for name in _TABLES], processed)
    write_aside(processed / STATE, json.dumps(stamp, indent=1, sort_keys=True) + "\n")
    return Built(True, reason, inputs)


def _build(processed: Path, progress: Progress) -> None:
    from valley_analysis import indicators, panel
    from valley_analysis.indicators.build import write_indicators
    from valley_analysis.panel.quality import require

    frame = panel.build_panel()
    progress(f"data: panel of {len(frame):,} figures")
    checks = panel.check_panel(frame)
    for check in checks:
        progress(f"check: {check.state}: {check.name}: {check.found}")
    require(checks)
    latest = panel.latest_vintage(frame)
    additive = {name for name, series in panel.load_series().items() if series.additive}
    values = indicators.build_indicators(latest, panel.suppressed_bounds(latest, additive))
    processed.mkdir(parents=True, exist_ok=True)
    # A crash between the two leaves a state that no longer fits, so both are built again.
    (processed / STATE).unlink(missing_ok=True)
    panel.write_panel(frame, processed)
    write_indicators(values, processed)
    progress(f"data: {values['indicator'].nunique()} indicators, {len(values):,} values")


def _stale(stamp: dict[str, dict[str, str]], processed: Path) -> str:
    """Say what is not as it was when the tables were built; empty if all is."""
    try:
        known = json.loads((processed / STATE).read_text("utf-8"))
        outputs = dict(known["outputs"])
    except FileNotFoundError:
        return "nothing was built before"
    except (ValueError, KeyError, TypeError):
        return f"{STATE} is unreadable"
    for name in _TABLES:
        path = processed / name
        if not path.is_file() or sha256(path) != outputs.get(name):
            return f"{name} is absent or not what was built"
    for part, now in stamp.items():
        before = known.get(part, {})
        changed = sorted(name for name in {*now, *before} if now.get(name) != before.get(name))
        if changed:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            return f"{changed[0]}{more} changed"
    return ""


def _checksums(files: Iterable[Path], base: Path) -> dict[str, str]:
    return {
        path.relative_to(base).as_posix(): sha256(path)
        for path in files
        if path.is_file() and not path.name.startswith(".")
    }


def _code() -> dict[str, str]:
    package = Path(__file__).resolve().parents[1]
    files = [
        file
        for name in _CODE
        for file in ([package / name] if name.endswith(".py") else (package / name).rglob("*.*"))
        if file.suffix in (".py", ".yml", ".csv")
    ]
    return _checksums(sorted(files), package)


def _libraries() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found
