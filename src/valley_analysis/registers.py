"""Reading a register: a YAML data file, checked against a model, all problems at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from valley_analysis.errors import RegisterError

T = TypeVar("T")


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file (read by libyaml where it is there).

    Raises
    ------
    RegisterError
        If the file is absent, is not valid YAML, or gives a key twice in one mapping; the message
        names the lines.
    """
    import yaml

    twice: list[str] = []

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """YAML itself lets the last of two equal keys win without a word."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            twice.extend(_given_twice(node))
            return super().construct_mapping(node, deep)

    try:
        content = yaml.load(path.read_text("utf-8"), Loader=Loader)
    except FileNotFoundError as error:
        raise RegisterError(path.name, ["the file is absent"], "restore it from git") from error
    except yaml.YAMLError as error:
        raise RegisterError(path.name, [str(error)], "mend the YAML at that line") from error
    if twice:
        raise RegisterError(path.name, twice, "keep one of them")
    return content


def _given_twice(node: Any) -> Iterator[str]:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if key.id == "scalar" and key.value in seen:
            yield f"line {line}: key {key.value!r} stands on line {seen[key.value]} already"
        if key.id == "scalar":
            seen.setdefault(key.value, line)


@dataclass(frozen=True)
class Located:
    """The content of a YAML file, and the line on which each of its parts begins.

    Attributes
    ----------
    content
        Lists, dicts, scalars.
    lines
        Place (keys and positions from the top) -> line, from 1.
    where
        Name of the file.
    """

    content: Any
    lines: Mapping[tuple[str | int, ...], int]
    where: str

    def line(self, place: Sequence[str | int]) -> int:
        """Return the line of a place, or of the nearest part that holds it."""
        parts = tuple(place)
        while parts and parts not in self.lines:
            parts = parts[:-1]
        return self.lines.get(parts, 1)

    def at(self, place: Sequence[str | int], problem: str) -> str:
        """Return a problem with its line in front."""
        return f"line {self.line(place)}: {problem}"


def read_located(path: Path) -> Located:
    """Return the content of a YAML file with the lines of its parts.

    Raises
    ------
    RegisterError
        If the file is absent or is not valid YAML; the message names the line.
    """
    import yaml

    content = read_yaml(path)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    lines: dict[tuple[str | int, ...], int] = {}
    _collect_lines(yaml.compose(path.read_text("utf-8"), Loader=loader), (), lines)
    return Located(content, lines, path.name)


def _collect_lines(
    node: Any, place: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]
) -> None:
    if node is None:
        return
    lines[place] = node.start_mark.line + 1
    if node.id == "sequence":
        for number, item in enumerate(node.value):
            _collect_lines(item, (*place, number), lines)
    elif node.id == "mapping":
        for key, value in node.value:
            _collect_lines(value, (*place, key.value), lines)
            lines[(*place, key.value)] = key.start_mark.line + 1


def check_register(content: Any, model: type[T], where: str, located: Located | None = None) -> T:
    """Return `content` as `model`, or raise with every problem that it has.

    Parameters
    ----------
    content
        What YAML or a caller gave: lists, dicts, scalars.
    model
        Any type that pydantic can validate.
    where
        The name to print, usually the file's.
    located
        The file with its lines, where they are known: each problem then names its line.

    Raises
    ------
    RegisterError
        One line for each key that is missing, unknown or of the wrong type.

    Examples
    --------
    >>> check_register([1, 2], list[int], "numbers.yml")
    [1, 2]
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(model).validate_python(content)
    except ValidationError as error:
        problems = [
            f"{_line(located, found['loc'])}"
            f"{'.'.join(str(part) for part in found['loc']) or 'top level'}: {found['msg']}"
            f" (found {found['input']!r:.80})"
            for found in error.errors()
        ]
        raise RegisterError(where, problems, "correct these keys") from error


def _line(located: Located | None, place: Sequence[str | int]) -> str:
    return f"line {located.line(place)}: " if located else ""
