"""The parameters of a notebook, read from its source: names, defaults, types, comments.

No kernel is needed to find a mistake: everything that is wrong with what a caller gives is
found, and said at once, before one is started.
"""

import ast
import io
import json
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from valley_analysis.errors import ReportError, UnknownParameterError
from valley_analysis.reports.allowed import not_allowed

Value = bool | int | float | str
_TYPES: dict[str, type] = {"bool": bool, "int": int, "float": float, "str": str}
_BOOLS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


@dataclass(frozen=True)
class Parameter:
    """One name of a parameters cell.

    Attributes
    ----------
    type
        "bool", "int", "float" or "str": of its annotation, else of its default.
    comment
        What the cell says about it, beside or above the line.
    """

    name: str
    default: Value
    type: str
    comment: str = ""

    def parse(self, text: str) -> Value:
        """Return the value that a text stands for.

        Raises
        ------
        ValueError
            If the text is none of the parameter's type.

        Examples
        --------
        >>> Parameter("period", 2022, "int").parse("2021")
        2021
        """
        if self.type == "str":
            return text
        if self.type == "bool":
            if text.lower() not in _BOOLS:
                raise ValueError(text)
            return _BOOLS[text.lower()]
        found: Value = _TYPES[self.type](text)
        return found

    def read(self, given: object) -> Value:
        """Return `given` as a value of the parameter's type; a text is parsed.

        Raises
        ------
        ValueError
            If it is of another type.
        """
        if isinstance(given, str):
            return self.parse(given)
        if self.type == "float" and type(given) is int:
            return float(given)
        if type(given) is not _TYPES[self.type]:
            raise ValueError(given)
        return given  # type: ignore[return-value]


@dataclass(frozen=True)
class Declared:
    """What a notebook's parameters cell declares, in its order."""

    notebook: str
    parameters: dict[str, Parameter]

    @property
    def defaults(self) -> dict[str, Value]:
        """Name -> default."""
        return {name: found.default for name, found in self.parameters.items()}

    def parse(self, name: str, text: str) -> Value:
        """Return the value that a text stands for under a parameter's type.

        Raises
        ------
        UnknownParameterError
            If there is no such parameter, or the text is none of its type.
        """
        return self.check({name: text})[name]

    def check(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Return the given values, typed, if the notebook can take every one of them.

        Parameters
        ----------
        given
            Name -> a value, or its text.

        Raises
        ------
        UnknownParameterError
            With every unknown name (and the nearest ones), every value of a wrong type and
            every value that is not allowed, and all that the notebook declares.
        """
        values, problems = read_values(self.parameters, given)
        problems += not_allowed({**self.defaults, **values}, self.parameters)
        if problems:
            raise UnknownParameterError(self.notebook, problems, f"it takes {self.describe()}")
        return values

    def describe(self) -> str:
        """Return the parameters on one line.

        Examples
        --------
        >>> Declared("a", {"period": Parameter("period", 2022, "int")}).describe()
        'period (int, default 2022)'
        """
        return (
            ", ".join(
                f"{found.name} ({found.type}, default {found.default!r})"
                for found in self.parameters.values()
            )
            or "no parameters"
        )


def read_values(
    declared: Mapping[str, Parameter], given: Mapping[str, object]
) -> tuple[dict[str, Value], list[str]]:
    """Return the values that could be read, and one line for each that could not."""
    values: dict[str, Value] = {}
    problems = []
    for name, value in given.items():
        if name not in declared:
            near = ", ".join(get_close_matches(name, declared, n=3)) or "none"
            problems.append(f"no parameter {name!r}; nearest: {near}")
            continue
        try:
            values[name] = declared[name].read(value)
        except (ValueError, OverflowError):
            problems.append(f"{name} is {value!r}; expected a value of type {declared[name].type}")
    return values, problems


def read_parameters(path: Path) -> Declared:
    """Read what a notebook's parameters cell declares.

    Raises
    ------
    ReportError
        If the file is no notebook, or the cell does anything but set names to scalars.
    """
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        sources = [
            "".join(cell["source"])
            for cell in cells
            if "parameters" in cell.get("metadata", {}).get("tags", ())
        ]
        found = [one for source in sources for one in _declared(source)]
    except (OSError, ValueError, KeyError, TypeError, SyntaxError) as error:
        raise ReportError(
            f"{path.name}: its parameters cannot be read: {error}. "
            "Next step: see the notebook contract (`make check`)."
        ) from error
    return Declared(path.stem, {one.name: one for one in found})


def _declared(source: str) -> Iterator[Parameter]:
    comments = _comments(source)
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign):
            target: ast.expr = node.target
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        else:
            raise ValueError(f"line {node.lineno} does not set one name to a scalar")
        if not isinstance(target, ast.Name) or node.value is None:
            raise ValueError(f"line {node.lineno} does not set one name to a scalar")
        default: Any = ast.literal_eval(node.value)
        kind = _kind(node, default)
        comment = comments.get(node.end_lineno or 0) or comments.get(node.lineno - 1, "")
        yield Parameter(target.id, default, kind, comment)


def _kind(node: ast.stmt, default: object) -> str:
    named = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else ""
    kind = named if named in _TYPES else type(default).__name__
    if kind not in _TYPES:
        raise ValueError(f"line {node.lineno}: a parameter is bool, int, float or str, not {kind}")
    return kind


def _comments(source: str) -> dict[int, str]:
    """Line -> the comment on it, without its mark."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }
