"""Run every outcome and wave, exposure, scope and language through notebooks 08, 09 and 10.

    .venv/bin/python scripts/grid.py                     # all outcomes, pairwise over the rest
    .venv/bin/python scripts/grid.py --only 08 --wave 2014 --draws 199

Each outcome x wave runs once for notebook 08, each outcome once for 10, each exposure once for 09;
exposure, scope and language change from run to run, so that every pair of them meets. A page that
ends with an error is named with its last line; the exit status says whether there was one.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, product
from pathlib import Path

from valley_analysis.sanctions import exposure_specs, load_outcomes, waves
from valley_analysis.text import LANGS

SCOPES = ("recognised", "rosstat")
DRAWS = 199
Run = tuple[str, dict[str, str]]


def runs() -> Iterator[Run]:
    """Yield every run: notebook and parameters.

    Examples
    --------
    >>> next(runs())[0]
    '08_sanctions_impact'
    """
    turns = cycle(product(SCOPES, LANGS))
    for place, (outcome, wave) in enumerate(product(load_outcomes(), waves())):
        known = [str(one) for one in exposure_specs(wave)]
        scope, lang = next(turns)
        asked = {"outcome": outcome, "wave": str(wave), "exposure": known[place % len(known)]}
        yield "08_sanctions_impact", asked | {"scope": scope, "lang": lang}
    for exposure in exposure_specs(2022):
        if exposure in exposure_specs(2014):
            scope, lang = next(turns)
            yield (
                "09_import_substitution",
                {"exposure": str(exposure), "scope": scope, "lang": lang},
            )
    for outcome, about in load_outcomes().items():
        if about.scale != "count":
            scope, lang = next(turns)
            yield "10_valley_effect", {"outcome": outcome, "scope": scope, "lang": lang}


def fewer(notebook: str, draws: int) -> dict[str, str]:
    """Return the parameters that make a run shorter."""
    found = {"permutations": str(draws)}
    if notebook != "10_valley_effect":
        found["replications"] = str(draws)
    if notebook == "08_sanctions_impact":
        found["curve_permutations"] = "39"
    return found


def run(notebook: str, asked: dict[str, str], draws: int, folder: Path) -> str:
    """Run one notebook aside; return the last line of what it said if it failed, else nothing."""
    told = {**asked, **fewer(notebook, draws)}
    words = [word for name, value in told.items() for word in ("-p", f"{name}={value}")]
    command = [str(Path(sys.executable).with_name("valley")), "run", notebook, *words]
    done = subprocess.run(
        [*command, "--out", str(folder / "page.ipynb")], capture_output=True, text=True, check=False
    )
    if not done.returncode:
        return ""
    said = (done.stderr or done.stdout).strip().splitlines()
    return said[-1] if said else f"status {done.returncode}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="notebooks that begin with this")
    parser.add_argument("--wave", default="", help="this wave only")
    parser.add_argument("--draws", type=int, default=DRAWS, help="permutations of each run")
    asked = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for notebook, told in runs():
            if notebook.startswith(asked.only) and told.get("wave", asked.wave).startswith(
                asked.wave
            ):
                started = time.monotonic()
                error = run(notebook, told, asked.draws, Path(folder))
                named = " ".join(told.values())
                print(
                    f"{notebook:24} {named:60} {time.monotonic() - started:5.0f} s", error or "ok"
                )
                sys.stdout.flush()
                failed += [error] if error else []
    sys.exit(f"{len(failed)} runs failed" if failed else 0)


if __name__ == "__main__":
    main()
