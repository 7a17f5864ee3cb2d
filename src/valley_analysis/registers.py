"""Reading a register: a YAML data file, checked against a model, all problems at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from valley_analysis.errors import RegisterError

T = TypeVar("T")


MOST_BYTES = 2_000_000
MOST_NODES = 200_000
MOST_TEXT = 5_000
MOST_DEPTH = 50
"""Bounds of a register: bytes, values with every alias written out, signs of one text, levels.

The largest register has a tenth of the bytes and a twentieth of the values.
"""


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file (read by libyaml where it is there).

    Raises
    ------
    RegisterError
        If the file is absent, too large, no UTF-8 or no valid YAML, gives a key twice in one
        mapping or a value that is none (such as the date 2025-02-30), or would grow beyond bounds
        when its aliases are written out; the message names the lines.
    """
    return _read(path)[1]


def _read(path: Path) -> tuple[Any, Any]:
    """The nodes of a file, and what they say."""
    import yaml

    text = _text_of(path)
    loader = _loader()(text)
    try:
        _check_depth(text)
        node = loader.get_single_node()
        grown = list(_out_of_bounds(node))
        if grown:
            raise RegisterError(path.name, grown, "make the file smaller, or write out its aliases")
        content = None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        raise RegisterError(path.name, [str(error)], "mend the YAML at that line") from error
    except RecursionError as error:
        raise RegisterError(path.name, ["nested too deep"], "write it flatter") from error
    finally:
        loader.dispose()
    if loader.twice:
        raise RegisterError(path.name, loader.twice, "keep one of them")
    if loader.wrong:
        raise RegisterError(path.name, loader.wrong, "correct these values")
    return node, content


def _check_depth(text: str) -> None:
    """Refuse levels without end before nodes are made: libyaml would take the process along."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                raise RecursionError
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _text_of(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            problem = f"{size:,} bytes; a register has {MOST_BYTES:,} at most"
            raise RegisterError(path.name, [problem], "split the file, or check that it is one")
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise RegisterError(path.name, ["the file is absent"], "restore it from git") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problem = f"line {line}: byte {error.object[error.start]:#04x} is no UTF-8"
        raise RegisterError(path.name, [problem], "save the file as UTF-8") from error


@cache
def _loader() -> Any:
    """A loader that notes keys given twice and values that are none, with their lines."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """YAML itself lets the last of two equal keys win without a word."""

        def __init__(self, text: str) -> None:
            super().__init__(text)
            self.twice: list[str] = []
            self.wrong: list[str] = []

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            self.twice.extend(_given_twice(node))
            return super().construct_mapping(node, deep)

        def construct_object(self, node: Any, deep: bool = False) -> Any:
            try:
                return super().construct_object(node, deep)
            except (ValueError, OverflowError, TypeError, LookupError, AttributeError) as error:
                line, kind = node.start_mark.line + 1, node.tag.rpartition(":")[2]
                self.wrong.append(f"line {line}: {node.value!r:.80} is no {kind}: {error}")
                return None

    return Loader


def _out_of_bounds(node: Any) -> Iterator[str]:
    """What makes a file larger than a register is, counted without writing its aliases out."""
    sizes: dict[int, int] = {}

    def size(one: Any, depth: int) -> int:
        if depth > MOST_DEPTH:
            raise RecursionError
        known = sizes.get(id(one))
        if known == 0:  # begun and not ended: it holds itself
            raise RecursionError
        if known is None:
            sizes[id(one)] = 0
            sizes[id(one)] = known = 1 + sum(size(part, depth + 1) for part in _parts(one))
        return known

    if node is None:
        return
    count = size(node, 0)
    if count > MOST_NODES:
        yield f"{count:,} values with its aliases written out; {MOST_NODES:,} at most"
    for text in _scalars(node):
        if len(text.value) > MOST_TEXT:
            line, signs = text.start_mark.line + 1, len(text.value)
            yield f"line {line}: a text of {signs:,} signs; {MOST_TEXT:,} at most"


def _parts(node: Any) -> Iterator[Any]:
    if node.id == "sequence":
        yield from node.value
    elif node.id == "mapping":
        for key, value in node.value:
            yield from (key, value)


def _scalars(node: Any) -> Iterator[Any]:
    """Every text once, however often an alias repeats it."""
    seen, pending = {id(node)}, [node]
    while pending:
        one = pending.pop()
        if one.id == "scalar":
            yield one
        for part in _parts(one):
            if id(part) not in seen:
                seen.add(id(part))
                pending.append(part)


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
        As `read_yaml` does.
    """
    node, content = _read(path)
    lines: dict[tuple[str | int, ...], int] = {}
    _collect_lines(node, (), lines)
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
            f"{_found(found)}"
            for found in error.errors()
        ]
    # Outside the handler: one message, without pydantic's own before it.
    raise RegisterError(where, problems, "correct these keys")


def _found(error: Mapping[str, Any]) -> str:
    """What stands there; of an absent key, or a whole block, too much to print."""
    whole = error["type"] == "missing" or isinstance(error["input"], dict)
    return "" if whole else f" (found {error['input']!r:.80})"


def _line(located: Located | None, place: Sequence[str | int]) -> str:
    return f"line {located.line(place)}: " if located else ""
