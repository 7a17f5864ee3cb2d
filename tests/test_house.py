"""Habits that a reviewer would otherwise have to watch for."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import valley_analysis

MAX_FILE = 450
MAX_FUNCTION = 60
# Written in pieces, or this file would be its own first finding.
MACHINE = re.compile(r"(?<![\w.~/-])/(?:root|home|work|tmp|Users|opt|private)/[\w.-]")
REGISTRY = re.compile(
    r"file:/+(?:root|home|work|tmp|Users|opt)/|\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|conda\.anaconda\.org"
    r"|deb\.debian\.org|archive\.ubuntu\.com)\b"
)
TARGET = re.compile(r"^([a-z][a-z-]*):[^=\n]*?(?:## (.*))?$", re.MULTILINE)
MAKE = re.compile(r"(?:^\s*|run: |\$ )make((?: [A-Z_]+=\S+)*)(?: ([a-z][a-z-]*))?\b", re.MULTILINE)
CODE = re.compile(r"```.*?\n(.*?)```|`([^`\n]+)`", re.DOTALL)


def git_files(root: Path, *options: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard", *options],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git clone, so there is no list of the project's files")
    return [root / name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def findings(pattern: re.Pattern[str], text: str) -> list[tuple[int, str]]:
    return [
        (number, line.strip()[:100])
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["machine path", "registry address"])
def test_no_file_knows_a_machine_or_a_registry(root: Path, pattern: re.Pattern[str]) -> None:
    found = []
    for file in git_files(root, "--cached"):  # tracked, or would be on `git add .`
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in findings(pattern, text):
            found.append(f"{file.relative_to(root)}:{number}: {line}")
    assert not found, "\n".join(found)


def test_the_two_patterns_find_what_they_should() -> None:
    for folder in ("root", "home", "work", "tmp", "Users"):
        assert findings(MACHINE, f'data = "/{folder}/someone/data"')
    for harmless in ("https://example.org/home/page", "src/work/x", "and/or", "~/work/clone"):
        assert not findings(MACHINE, harmless), harmless
    for address in ("https://" + "pypi" + ".org/simple", "file:" + "///" + "opt/wheels"):
        assert findings(REGISTRY, address), address
    assert not findings(REGISTRY, "https://rosstat.gov.ru/folder/210")


def test_no_source_is_ignored_by_git(root: Path) -> None:
    folders = ("src", "tests", "scripts", "benchmarks", "notebooks", "data/raw")
    ignored = git_files(root, "--ignored", "--", *folders)
    made = re.compile(r"__pycache__|\.egg-info|\.ipynb_checkpoints|\.\w+_cache|\.hypothesis|\.pyc$")
    lost = [str(file.relative_to(root)) for file in ignored if not made.search(str(file))]
    assert not lost, f"a rule of .gitignore keeps these out of the repository: {lost}"


def test_files_stay_short(root: Path) -> None:
    lines = {
        str(file.relative_to(root)): len(file.read_text("utf-8").splitlines())
        for file in (root / "src").rglob("*.py")
    }
    assert not {name: count for name, count in lines.items() if count >= MAX_FILE}


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Length of a function without its docstring."""
    start, end = node.lineno, node.end_lineno or node.lineno
    first = node.body[0]
    documented = ast.get_docstring(node, clean=False) is not None
    spoken = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return end - start + 1 - spoken


def test_functions_stay_short(root: Path) -> None:
    found = []
    for file in (root / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = body_lines(node)
                if length > MAX_FUNCTION:
                    found.append(f"{file.relative_to(root)}:{node.lineno} {node.name}: {length}")
    assert not found, "\n".join(found)


def test_length_of_a_function_leaves_out_its_docstring() -> None:
    (node,) = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n').body
    assert isinstance(node, ast.FunctionDef)
    assert body_lines(node) == 2


def targets(root: Path) -> dict[str, str]:
    return dict(TARGET.findall((root / "Makefile").read_text("utf-8")))


def test_every_make_target_says_what_it_does(root: Path) -> None:
    makefile = (root / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    assert {name for name, text in targets(root).items() if text} == set(phony.group(1).split())


def make_commands(text: str, *, markdown: bool) -> set[str]:
    """Targets that a text tells to make; in Markdown only code counts."""
    if markdown:
        text = "\n".join(block or span for block, span in CODE.findall(text))
    return {target for _, target in MAKE.findall(text) if target}


@pytest.mark.parametrize(
    "name", ["README.md", ".ci/run", ".github/workflows/ci.yml", ".github/workflows/refresh.yml"]
)
def test_commands_that_are_named_exist(root: Path, name: str) -> None:
    text = (root / name).read_text("utf-8")
    named = make_commands(text, markdown=name.endswith(".md"))
    assert named <= targets(root).keys()
    if name != "README.md":
        assert {"check", "test"} <= named


def test_every_action_is_pinned_by_commit(root: Path) -> None:
    used = [
        line.partition("uses:")[2].strip()
        for path in sorted((root / ".github" / "workflows").glob("*.yml"))
        for line in path.read_text("utf-8").splitlines()
        if "uses:" in line
    ]
    assert used
    pinned = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+")
    assert [one for one in used if not pinned.fullmatch(one)] == []


def test_commands_are_read_from_code_alone() -> None:
    text = (
        "make haste\n```\nmake PYTHON=python3.12 report\n$ make lab  # opens\n```\nor `make test`"
    )
    assert make_commands(text, markdown=True) == {"report", "lab", "test"}


def test_one_version_and_one_licence_everywhere(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    citation = yaml.safe_load((root / "CITATION.cff").read_text("utf-8"))
    assert project["version"] == citation["version"] == valley_analysis.__version__
    assert project["license"] == citation["license"] == "BSD-3-Clause"
