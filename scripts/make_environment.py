"""Writes environment.yml (conda-forge) from pyproject.toml; needs no network.

`python scripts/make_environment.py` rewrites the file; a test compares it with what this gives.
"""

from pathlib import Path

from pyproject2conda.requirements import RequirementsConfig

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("archives", "boundaries", "dev")
# Where conda-forge calls a package otherwise than the Python index does.
CONDA_NAMES = {"libarchive-c": "python-libarchive-c"}
HEADER = "# Made from pyproject.toml by scripts/make_environment.py; edit that, not this.\n"
# The package itself comes from this clone.
FOOTER = "  - pip\n  - pip:\n      - -e .\n"


def environment(pyproject: Path) -> str:
    """Return the text of environment.yml for this pyproject.toml."""
    text = RequirementsConfig.from_path(pyproject).to_conda_yaml(
        extras=EXTRAS, name="valley_analysis", channels=["conda-forge"], python_include="infer"
    )
    return HEADER + "\n".join(map(_renamed, text.splitlines())) + "\n" + FOOTER


def _renamed(line: str) -> str:
    for name, conda in CONDA_NAMES.items():
        if line.startswith(f"  - {name}"):
            return line.replace(name, conda, 1)
    return line


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment(ROOT / "pyproject.toml"), "utf-8")
