"""Docstrings that are true: examples run, documented parameters exist, raised errors are named."""

import ast
import doctest
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
FILES = sorted((SOURCE / "valley_analysis").rglob("*.py"))
SECTIONS = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "Notes", "References")
ORDER = (*SECTIONS, "Examples")
HEADER = re.compile(r"^([A-Z][A-Za-z ]+)\n(-+)$", re.MULTILINE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(file: Path) -> str:
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_examples_in_docstrings_run(file: Path) -> None:
    module = importlib.import_module(name_of(file))
    results = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0


def public(tree: ast.Module) -> Iterator[Function]:
    """Functions and methods that callers see."""
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) and node.name[0] != "_" else [node]
        for function in inner:
            if isinstance(function, Function) and not function.name.startswith("_"):
                yield function


def sections(docstring: str) -> dict[str, str]:
    """Heading of each section -> its text."""
    pieces = HEADER.split(docstring)[1:]  # title, line, text, title, line, text ...
    return dict(zip(pieces[::3], pieces[2::3], strict=True))


def entries(section: str) -> set[str]:
    """Names that a section lists: the lines that are not indented."""
    lines = [line for line in section.splitlines() if line and not line.startswith(" ")]
    return {name.strip(" *`") for line in lines for name in line.split(":")[0].split(",")}


def raised(function: Function) -> set[str]:
    """Errors that the function itself raises by name; those that mean "cannot happen" apart."""
    calls = (node.exc for node in ast.walk(function) if isinstance(node, ast.Raise))
    names = (call.func for call in calls if isinstance(call, ast.Call))
    found = {name.id for name in names if isinstance(name, ast.Name)}
    return {name for name in found if name.endswith("Error")} - {"AssertionError"}


def faults(function: Function) -> Iterator[str]:
    docstring = inspect.cleandoc(ast.get_docstring(function) or "")
    if not docstring:
        yield "has no docstring"
        return
    if not docstring.split("\n\n")[0].rstrip().endswith((".", "?", ":", "``")):
        yield "its summary does not end with a full stop"
    for title, line in HEADER.findall(docstring):
        if len(title) != len(line):
            yield f"the line under {title} is not as long as it"
    present = sections(docstring)
    known = [title for title in present if title in ORDER]
    if unknown := present.keys() - set(ORDER):
        yield f"has unknown sections: {', '.join(sorted(unknown))}"
    if known != sorted(known, key=ORDER.index):
        yield f"its sections should come in the order {', '.join(sorted(known, key=ORDER.index))}"
    arguments = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    if extra := entries(present.get("Parameters", "")) - arguments:
        yield f"documents parameters that it does not have: {', '.join(sorted(extra))}"
    if silent := {name for name in raised(function) if name not in docstring}:
        yield f"raises without saying so: {', '.join(sorted(silent))}"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_docstrings_say_what_the_code_does(file: Path) -> None:
    if file.name.startswith("_") and file.name != "__init__.py":
        pytest.skip("a private module")
    found = [
        f"{file.relative_to(SOURCE)}:{function.lineno} {function.name} {fault}"
        for function in public(ast.parse(file.read_text("utf-8")))
        for fault in faults(function)
    ]
    assert not found, "\n".join(found)


GOOD = '''
def f(a, *, b):
    """Return the sum.

    Parameters
    ----------
    a, b
        The parts.

    Raises
    ------
    PeriodError
        Never at night.
    """
    raise PeriodError("x")
'''


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("", "", None),
        ("sum.", "sum", "full stop"),
        ("a, b\n", "a, c\n", "does not have: c"),
        ("----------\n", "---\n", "not as long"),
        ("Raises\n    ------", "Throws\n    ------", "unknown sections: Throws"),
        ('PeriodError("x")', 'SpecError("x")', "without saying so: SpecError"),
        ("def f(", "async def f(", None),
    ],
)
def test_a_faulty_docstring_is_caught(old: str, new: str, fault: str | None) -> None:
    (function,) = public(ast.parse(GOOD.replace(old, new, 1)))
    found = list(faults(function))
    assert [fault in line for line in found] == [True] if fault else not found, found
