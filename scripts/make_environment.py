"""Writes environment.yml (conda-forge) from pyproject.toml; needs no network.

`python scripts/make_environment.py` rewrites the file; a test compares it with what this gives.
"""

from pathlib import Path

from pyproject2conda.requirements import RequirementsConfig

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("archives", "boundaries", "dev", "impact")
# Where conda-forge calls a package otherwise than the Python index does.
CONDA_NAMES = {"libarchive-c": "python-libarchive-c"}
# Of these no conda package is known: pip installs them.
PIP_ONLY = ("diff-diff", "wildboottest")
HEADER = "# Made from pyproject.toml by scripts/make_environment.py; edit that, not this.\n"
# The package itself comes from this clone.
FOOTER = "  - pip\n  - pip:\n      - -e .\n"
_DEPENDENCY = "  - "


def environment(pyproject: Path) -> str:
    """Return the text of environment.yml for this pyproject.toml."""
    text = RequirementsConfig.from_path(pyproject).to_conda_yaml(
        extras=EXTRAS, name="valley_analysis", channels=["conda-forge"], python_include="infer"
    )
    lines = text.splitlines()
    by_pip = [line for line in lines if line.removeprefix(_DEPENDENCY).startswith(PIP_ONLY)]
    kept = [_renamed(line) for line in lines if line not in by_pip]
    return HEADER + "\n".join(kept) + "\n" + FOOTER + "".join(f"    {line}\n" for line in by_pip)


def _renamed(line: str) -> str:
    for name, conda in CONDA_NAMES.items():
        if line.startswith(f"  - {name}"):
            return line.replace(name, conda, 1)
    return line


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment(ROOT / "pyproject.toml"), "utf-8")
