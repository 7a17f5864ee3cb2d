"""The two ways to install hold the same packages: requirements.lock and environment.yml."""

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import MatchSpec

FIXED = frozenset(
    {"jupyterlab", "pandas", "geopandas", "matplotlib", "seaborn", "statsmodels"}
    | {"papermill", "nbval"}
)
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = {"linux": ("posix", "Linux"), "darwin": ("posix", "Darwin"), "win32": ("nt", "Windows")}
ENTRY = re.compile(r"^[a-z0-9][^\n]*?(?= \\\n)(?: \\\n    --hash=sha256:[0-9a-f]{64})+$", re.M)


@pytest.fixture(scope="module")
def pyproject(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def lock(root: Path) -> str:
    return (root / "requirements.lock").read_text("utf-8")


@pytest.fixture(scope="module")
def pins(lock: str) -> list[Requirement]:
    return [Requirement(entry.split(" \\")[0]) for entry in ENTRY.findall(lock)]


@pytest.fixture(scope="module")
def conda(root: Path) -> list[Any]:
    return yaml.safe_load((root / "environment.yml").read_text("utf-8"))["dependencies"]


def wanted(pyproject: dict[str, Any]) -> list[Requirement]:
    extras = pyproject["project"]["optional-dependencies"].values()
    lists = [pyproject["build-system"]["requires"], pyproject["project"]["dependencies"], *extras]
    return [Requirement(text) for one in lists for text in one]


def test_environment_is_what_the_script_makes_of_pyproject(root: Path) -> None:
    spec = importlib.util.spec_from_file_location(
        "make_environment", root / "scripts" / "make_environment.py"
    )
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    expected = script.environment(root / "pyproject.toml")
    found = (root / "environment.yml").read_text("utf-8")
    assert found == expected, "run: .venv/bin/python scripts/make_environment.py"


def test_every_conda_specification_parses(conda: list[Any]) -> None:
    specs = [entry for entry in conda if isinstance(entry, str)]
    assert len(specs) > len(FIXED)
    for spec in specs:
        assert MatchSpec(spec).name is not None, spec


def test_environment_holds_every_dependency(conda: list[Any], pyproject: dict[str, Any]) -> None:
    (by_pip,) = (entry["pip"] for entry in conda if isinstance(entry, dict))
    listed = [entry for entry in conda if isinstance(entry, str)] + by_pip[1:]
    names = {re.split(r"[<>=!~ ]", entry)[0] for entry in listed}
    renamed = {"libarchive-c": "python-libarchive-c"}
    needed = {canonicalize_name(requirement.name) for requirement in wanted(pyproject)}
    assert {renamed.get(name, name) for name in needed} <= names
    assert {"python", "pip", *FIXED} <= names
    assert by_pip[0] == "-e ."


def test_lock_is_hashed_throughout(lock: str) -> None:
    entries = [line for line in lock.splitlines() if line and not line.startswith(("#", " "))]
    assert len(ENTRY.findall(lock)) == len(entries) > 100


def test_lock_names_no_address_and_no_folder_of_a_machine(lock: str) -> None:
    for word in ("://", "--index", "--extra-index", "--find-links", "--trusted", " @ ", " /"):
        assert word not in lock, word


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_lock_pins_every_dependency_once(
    pyproject: dict[str, Any], pins: list[Requirement], python: str, system: str
) -> None:
    os_name, platform = SYSTEMS[system]
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "os_name": os_name,
        "sys_platform": system,
        "platform_system": platform,
    }
    here: dict[str, str] = {}
    for pin in pins:
        if pin.marker is None or pin.marker.evaluate(environment):
            name = canonicalize_name(pin.name)
            assert name not in here, f"{name} is pinned twice"
            (version,) = pin.specifier
            here[name] = version.version
    for requirement in wanted(pyproject):
        name = canonicalize_name(requirement.name)
        assert name in here, f"{name} is not in the lock; run scripts/lock.sh"
        assert requirement.specifier.contains(here[name], prereleases=True), requirement
    assert here.keys() >= FIXED
