"""Speed of the data path: extraction, panel, indicators, loading, import.

Each line stands beside what a user would do otherwise, measured in the same run. Processor
seconds, since machines are shared; every measurement runs in a process of its own.

    .venv/bin/python benchmarks/data.py [folder of the originals]
"""

import subprocess
import sys
from pathlib import Path

from valley_analysis import paths

_TIMED = """
import resource, time
{setup}
best = float("inf")
for _ in range({repeat}):
    start = time.process_time()
    {run}
    best = min(best, time.process_time() - start)
print(best, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measure(run: str, setup: str = "", repeat: int = 3) -> tuple[float, float]:
    """Return the best processor seconds of a statement, and the process's peak in MB."""
    code = _TIMED.format(setup=setup, run=run, repeat=repeat)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=paths.root()
    )
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)


def imports(module: str) -> tuple[float, float]:
    """Return processor seconds of an import in a fresh interpreter, less an empty one's."""
    whole = measure("pass", f"start0 = time.process_time(); import {module}", 1)
    code = f"import time; s = time.process_time(); import {module}; print(time.process_time() - s)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout), whole[1]


def rows(originals: Path | None) -> list[tuple[str, tuple[float, float], str, tuple[float, float]]]:
    """Return (what, ours, alternative, theirs)."""
    panel = "from valley_analysis import panel, indicators"
    additive = "{n for n, s in panel.load_series().items() if s.additive}"
    build = (
        "p = panel.latest_vintage(panel.build_panel()); "
        f"indicators.build_indicators(p, panel.suppressed_bounds(p, {additive}))"
    )
    table = "text = panel.load_panel().to_csv(index=False).encode()"
    found = [
        ("panel and indicators from data/raw", measure(build, panel), "", (0.0, 0.0)),
        (
            "load_panel(), warm",
            measure("panel.load_panel()", f"{panel}; panel.load_panel()", 5),
            "the same rows from CSV",
            measure(
                "pd.read_csv(io.BytesIO(text))",
                f"import io, pandas as pd; {panel}; {table}",
            ),
        ),
        ("import valley_analysis", imports("valley_analysis"), "import pandas", imports("pandas")),
    ]
    if originals:
        section = next(originals.rglob("Раздел 18*.xlsx"))
        found.insert(
            0,
            (
                "extract 99 tables of 19 workbooks",
                measure(
                    f"extract(Path({str(originals)!r}), Path(tempfile.mkdtemp()))",
                    "import tempfile; from pathlib import Path\n"
                    "from valley_analysis.sources.extract import extract",
                ),
                "pandas and openpyxl on section 18 alone",
                measure(
                    f"pd.read_excel({str(section)!r}, sheet_name=None, header=None)",
                    "import pandas as pd",
                    1,
                ),
            ),
        )
    return found


def main() -> None:
    """Print the table."""
    originals = Path(sys.argv[1]) if len(sys.argv) > 1 else paths.root().parent / "shared" / "data"
    print(f"{'what':40} {'CPU s':>8} {'MB':>6}   {'instead':42} {'CPU s':>8} {'MB':>6}")
    for what, ours, instead, theirs in rows(originals if originals.is_dir() else None):
        line = f"{what:40} {ours[0]:8.3f} {ours[1]:6.0f}"
        print(line + (f"   {instead:42} {theirs[0]:8.3f} {theirs[1]:6.0f}" if instead else ""))


if __name__ == "__main__":
    main()
