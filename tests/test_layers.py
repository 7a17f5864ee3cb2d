"""Holds the package to the two tables of ARCHITECTURE.md: who may import whom."""

import ast
import graphlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = "valley_analysis"
BY_NAME = ("import_module", "__import__")
ROW = re.compile(r"^\|([^|\n]*)\|([^|\n]*)\|$", re.MULTILINE)
FOUNDATION = re.compile(r'^"foundation" stands for ([\w, ]+)\.$', re.MULTILINE)


@dataclass(frozen=True)
class Floors:
    """`allowed`: floor -> floors it may import. `only`: library -> floors that may import it."""

    allowed: dict[str, frozenset[str]]
    only: dict[str, frozenset[str]]


def read_floors(architecture: str) -> Floors:
    foundation = FOUNDATION.search(architecture)
    assert foundation, 'ARCHITECTURE.md: no line says what "foundation" stands for'
    tables: dict[str, dict[str, frozenset[str]]] = {"module": {}, "library": {}}
    current: dict[str, frozenset[str]] | None = None
    for left, right in ROW.findall(architecture):
        if left.strip() in tables:
            current = tables[left.strip()]
        elif current is not None and set(left.strip()) != {"-"}:
            words = right.replace("foundation", foundation.group(1)).split(",")
            cell = frozenset(word.strip() for word in words if word.strip())
            current.update(dict.fromkeys((name.strip() for name in left.split(",")), cell))
    assert all(tables.values()), "ARCHITECTURE.md: the two tables of imports were not found"
    return Floors(tables["module"], tables["library"])


def floor_of(file: Path, package: Path) -> str:
    return file.relative_to(package).parts[0].removesuffix(".py")


def imported(tree: ast.AST, module: list[str]) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, wherever in the file it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module[: len(module) - node.level] if node.level else []
            parts = [*base, *([node.module] if node.module else [])]
            yield from ((node.lineno, ".".join([*parts, alias.name])) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(BY_NAME):
            yield from (
                (node.lineno, str(given.value))
                for given in node.args[:1]
                if isinstance(given, ast.Constant)
            )


def violations(package: Path, floors: Floors) -> list[str]:
    found = []
    for file in sorted(package.rglob("*.py")):
        floor = floor_of(file, package)
        inside = [PACKAGE, *file.relative_to(package).with_suffix("").parts]
        tree = ast.parse(file.read_text("utf-8"), str(file))
        for line, name in imported(tree, inside):
            broken = _broken_row(floor, name.split("."), floors)
            if broken:
                where = f"{file.relative_to(package.parent)}:{line}"
                found.append(f"{where} imports {name}; ARCHITECTURE.md: {broken}")
    return found


def _broken_row(floor: str, name: list[str], floors: Floors) -> str:
    if name[0] != PACKAGE:
        only = floors.only.get(name[0])
        if only is None or floor in only:
            return ""
        return f"| {name[0]} | only in {', '.join(sorted(only))} |"
    target = name[1] if len(name) > 1 else "*"
    if target == floor or target.startswith("__"):
        return ""
    allowed = floors.allowed.get(floor, frozenset())
    if target in allowed:
        return ""
    return f"| {floor} | {', '.join(sorted(allowed)) or 'nothing of ours'} |"


@pytest.fixture(scope="module")
def floors(root: Path) -> Floors:
    return read_floors((root / "ARCHITECTURE.md").read_text("utf-8"))


def test_every_import_is_in_the_tables(root: Path, floors: Floors) -> None:
    found = violations(root / "src" / PACKAGE, floors)
    assert not found, "\n".join(found)


def test_every_module_and_folder_has_a_row(root: Path, floors: Floors) -> None:
    package = root / "src" / PACKAGE
    present = {floor_of(file, package) for file in package.rglob("*.py")} - {"__init__"}
    assert present <= floors.allowed.keys(), "add a row to ARCHITECTURE.md for these"


def test_rows_name_each_other_and_make_floors(floors: Floors) -> None:
    named = {name for row in [*floors.allowed.values(), *floors.only.values()] for name in row}
    assert named <= floors.allowed.keys(), "named in a row, but without a row of their own"
    tuple(graphlib.TopologicalSorter(floors.allowed).static_order())  # raises on a circle


def test_analysis_never_imports_the_pipeline(floors: Floors) -> None:
    for floor in ("scoring", "spatial", "valleys", "sanctions", "impact", "studies"):
        assert not floors.allowed[floor] & {"sources", "panel"}, floor


@pytest.mark.parametrize(
    ("file", "code", "line", "row"),
    [
        ("scoring/a.py", "import os\nimport valley_analysis.panel.build", 2, "| scoring |"),
        ("scoring/a.py", "from valley_analysis import panel", 1, "| scoring |"),
        ("scoring/a.py", "from valley_analysis.panel.build import x", 1, "| scoring |"),
        ("scoring/a.py", "from ..panel import x", 1, "| scoring |"),
        ("scoring/deep/a.py", "from ...panel import x", 1, "| scoring |"),
        ("scoring/__init__.py", "from ..panel import x", 1, "| scoring |"),
        ("scoring/a.py", "def f():\n    from valley_analysis import panel", 2, "| scoring |"),
        ("scoring/a.py", "if TYPE_CHECKING:\n    import valley_analysis.cli", 2, "| scoring |"),
        ("scoring/a.py", "import_module('valley_analysis.panel')", 1, "| scoring |"),
        ("scoring/a.py", "import valley_analysis", 1, "| scoring |"),
        ("errors.py", "from valley_analysis.paths import root", 1, "nothing of ours"),
        ("newcomer.py", "from valley_analysis import text", 1, "| newcomer |"),
        ("panel/a.py", "import matplotlib.pyplot as plt", 1, "| matplotlib | only in charts |"),
        ("cli.py", "def f():\n    from dask import delayed", 2, "| dask | only in reports |"),
    ],
)
def test_a_forbidden_import_is_caught(
    tmp_path: Path, floors: Floors, file: str, code: str, line: int, row: str
) -> None:
    path = tmp_path / PACKAGE / file
    path.parent.mkdir(parents=True)
    path.write_text(code, "utf-8")
    (found,) = violations(tmp_path / PACKAGE, floors)
    assert found.startswith(f"{PACKAGE}/{file}:{line} imports ")
    assert row in found


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("panel/a.py", "from valley_analysis import regions, sources, text"),
        ("panel/a.py", "from . import b\nfrom .b import c\nfrom ..regions import d"),
        ("charts/a.py", "import matplotlib.pyplot as plt\nimport numpy as np"),
        ("cli.py", "from valley_analysis import __version__, reports\nimport typer"),
    ],
)
def test_an_allowed_import_passes(tmp_path: Path, floors: Floors, file: str, code: str) -> None:
    path = tmp_path / PACKAGE / file
    path.parent.mkdir(parents=True)
    path.write_text(code, "utf-8")
    assert violations(tmp_path / PACKAGE, floors) == []
