"""What every notebook of the suite keeps to, so that all of them read and run alike.

A notebook is read as the JSON that git stores: the check needs no kernel and takes milliseconds.
"""

import ast
import hashlib
import io
import json
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from valley_analysis.errors import RegisterError
from valley_analysis.registers import read_yaml
from valley_analysis.reports.cells import CHECK_ONLY

MAX_LINES = 15
MARKER = "NBVAL_CHECK_OUTPUT"

_FENCE = re.compile(r"^(```|~~~).*?^\1[^\S\n]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^ {0,3}(#{1,6})[^\S\n]+(.*?)[\s#]*$", re.MULTILINE)
_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
)
_NUMBERED = (
    r"notebooks?|laws?|decrees?|articles?|sections?|chapters?|tables?|packages?|ISO|Nos?\.|№|"
    r"тетрад\w+|закон\w*|указ\w*|стать\w+|раздел\w*|глав\w+|таблиц\w*|пакет\w*"
)
# What may hold digits in prose: quoted code, values put in at rendering, addresses, formulas,
# headings, list and footnote marks, dates and years, and the numbers of documents.
_NOT_FIGURES = tuple(
    re.compile(pattern, re.MULTILINE | re.DOTALL | re.IGNORECASE)
    for pattern in (
        _FENCE.pattern,
        r"(`+).+?\1",
        r"<!--.*?-->",
        r"\{[^{}]*\}",
        r"(?<=\])\([^)]*\)",
        r"https?://\S+",
        r"\$[^$]+\$",
        r"^ {0,3}#{1,6}[^\S\n].*?$",
        r"^\s*\d+[.)]\s",
        r"\[\^\w+\]",
        r"\b(?:19|20)\d\d-\d\d-\d\d\b",
        rf"\b\d{{1,2}}(?:[-–]\d{{1,2}})?\s(?:{_MONTHS})\b",
        r"\b(?:19|20)\d\d(?:[-–/](?:19|20)?\d\d)?\b",
        rf"(?<!\w)(?:{_NUMBERED})\s*\d[\w.-]*(?:(?:,| and| и)\s\d[\w.-]*)*",
    )
)
_UNITS = r"%|pp|p\.p|k|m|mn|mln|bn|trn|x|×|тыс|млн|млрд|трлн|п\.п"
_FIGURE = re.compile(rf"[^\w]*\d[\d.,:/–−-]*(?:{_UNITS})?[^\w]*")


@dataclass(frozen=True)
class _Cell:
    number: int
    id: str
    kind: str
    source: str
    tags: frozenset[str]
    outputs: tuple[dict[str, Any], ...]
    execution_count: int | None = None

    @property
    def name(self) -> str:
        return f"cell {self.number} ({self.id or 'no id'})"

    @property
    def is_figure(self) -> bool:
        return "figure" in self.tags

    @property
    def headings(self) -> list[tuple[int, str]]:
        """Level and text of each heading of a Markdown cell."""
        return [(len(hashes), text) for hashes, text in _HEADING.findall(_unfenced(self.source))]

    @cached_property
    def tree(self) -> ast.Module | None:
        """The cell's code; line magics are left out; none if it is not Python."""
        try:
            return ast.parse(re.sub(r"^%(?!%).*$", "", self.source, flags=re.MULTILINE))
        except SyntaxError:
            return None

    def nodes(self) -> Iterator[ast.AST]:
        if self.tree is not None:
            yield from ast.walk(self.tree)


def source_hash(source: str) -> str:
    """Return the mark of an English text that its translation remembers.

    Examples
    --------
    >>> source_hash("# Title")
    '79aeaf7ba450'
    """
    return hashlib.sha256(source.encode("utf-8")).hexdigest()[:12]


def prose_figures(markdown: str) -> list[str]:
    """Return the figures typed into prose, which should be rendered from a value instead.

    Years, dates, numbers of documents, headings, addresses, formulas and names such as UA-43
    pass; so does code: a constant of the method stands in backticks.

    Examples
    --------
    >>> prose_figures("Since 2014 law 216-FZ lets `score` run over `0-100` in UA-43.")
    []
    >>> prose_figures("Moscow has 45 % of imports, Kaluga 3.5x as much.")
    ['45', '3.5x']
    """
    text = markdown
    for pattern in _NOT_FIGURES:
        text = pattern.sub(" ", text)
    return [word.strip(".,;:()*_") for word in text.split() if _FIGURE.fullmatch(word)]


def check_notebook(path: Path, translation: Path | None = None) -> list[str]:
    """Return what a notebook breaks of the contract: one line a problem, none if it keeps it.

    Parameters
    ----------
    path
        The notebook, as git stores it.
    translation
        Its Russian text; ``ru/<name>.yml`` beside the notebook unless given.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        cells = [_read(number, raw) for number, raw in enumerate(content["cells"], start=1)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return [f"not a notebook of format 4: {error!r}"]
    if not cells:
        return ["the notebook has no cells"]
    rules = (_opening, _parameters, _imports, _code, _figures, _prose, _sources, _outputs, _checks)
    problems = [*_metadata(content, cells)]
    for rule in rules:
        problems += rule(cells)
    return problems + check_translation(path, translation)


def check_translation(path: Path, translation: Path | None = None) -> list[str]:
    """Return what is missing, stale, left over or built otherwise in a notebook's Russian text.

    Parameters
    ----------
    path
        The notebook.
    translation
        Cell id -> ``hash`` (see `source_hash`) and ``text``; ``ru/<name>.yml`` unless given.
    """
    translation = translation or path.parent / "ru" / f"{path.stem}.yml"
    if not translation.is_file():
        return [f"no Russian text: {translation.parent.name}/{translation.name} is absent"]
    try:
        known = read_yaml(translation) or {}
    except RegisterError as error:
        return [f"{translation.name}: {problem}" for problem in error.problems]
    if not isinstance(known, dict):
        return [f"{translation.name}: expected cell ids with a hash and a text each"]
    content = json.loads(path.read_text("utf-8"))["cells"]
    cells = {
        cell.id: cell
        for cell in (_read(number, raw) for number, raw in enumerate(content, start=1))
        if cell.kind == "markdown"
    }
    problems = [
        f"Russian text of {name!r}: no such Markdown cell" for name in known if name not in cells
    ]
    for cell in cells.values():
        problems += _translated(cell, known.get(cell.id))
    return problems


def _translated(cell: _Cell, entry: Any) -> Iterator[str]:
    where = f"Russian text of {cell.name}"
    if not isinstance(entry, dict) or not str(entry.get("text") or "").strip():
        yield f"{where}: missing"
        return
    expected = source_hash(cell.source)
    if str(entry.get("hash")) != expected:
        yield f"{where}: stale, the English has changed (hash {expected})"
    text = str(entry["text"])
    levels = [len(hashes) for hashes, _ in _HEADING.findall(_unfenced(text))]
    if levels != [level for level, _ in cell.headings]:
        yield f"{where}: its headings are not those of the English"
    for figure in prose_figures(text):
        yield f"{where}: the figure {figure!r} is typed into prose; render it from its value"


def _read(number: int, raw: dict[str, Any]) -> _Cell:
    source = raw["source"]
    return _Cell(
        number=number,
        id=str(raw.get("id") or ""),
        kind=raw["cell_type"],
        source=source if isinstance(source, str) else "".join(source),
        tags=frozenset(raw.get("metadata", {}).get("tags", ())),
        outputs=tuple(raw.get("outputs", ())),
        execution_count=raw.get("execution_count"),
    )


def _unfenced(markdown: str) -> str:
    return _FENCE.sub("", markdown)


def _code_cells(cells: list[_Cell]) -> list[_Cell]:
    return [cell for cell in cells if cell.kind == "code"]


def _metadata(content: dict[str, Any], cells: list[_Cell]) -> Iterator[str]:
    kernel = content.get("metadata", {}).get("kernelspec", {}).get("name")
    if kernel != "python3":
        yield f"the kernelspec is {kernel!r}; expected 'python3'"
    ids = [cell.id for cell in cells]
    for cell in cells:
        if not cell.id:
            yield f"{cell.name}: has no id; save it as format 4.5"
        elif ids.count(cell.id) > 1:
            yield f"{cell.name}: shares its id with another cell"


def _opening(cells: list[_Cell]) -> Iterator[str]:
    titles = [
        (cell, text)
        for cell in cells
        if cell.kind == "markdown"
        for level, text in cell.headings
        if level == 1
    ]
    if [cell.number for cell, _ in titles] != [1]:
        yield f"expected exactly one H1, in the first cell; found {len(titles)}: " + ", ".join(
            f"{text!r} in {cell.name}" for cell, text in titles
        )
    first_code = next((cell.number for cell in cells if cell.kind == "code"), len(cells) + 1)
    prose = " ".join(_HEADING.sub("", cell.source) for cell in cells[: first_code - 1])
    if len(prose.split()) < 8:
        yield "no paragraph says what the notebook is for before its first code cell"


def _parameters(cells: list[_Cell]) -> Iterator[str]:
    tagged = [cell for cell in cells if "parameters" in cell.tags]
    if len(tagged) != 1 or tagged[0].kind != "code":
        yield f"expected exactly one code cell tagged 'parameters'; found {len(tagged)}"
        return
    (cell,) = tagged
    if cell.tree is None:
        return
    comments = _comments(cell.source)
    for node in cell.tree.body:
        where = f"{cell.name}: line {node.lineno}"
        name = _scalar_name(node)
        above = comments.get(node.lineno - 1) == "alone"
        if name is None:
            yield f"{where}: a parameters cell only sets names to scalars"
        elif not above and not {node.lineno, node.end_lineno} & comments.keys():
            yield f"{where}: the parameter {name} has no comment beside or above it"


def _scalar_name(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
    elif isinstance(node, ast.AnnAssign):
        target = node.target
    else:
        return None
    value = node.value
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        value = value.operand
    scalar = isinstance(value, ast.Constant) and isinstance(value.value, bool | int | float | str)
    return target.id if scalar and isinstance(target, ast.Name) else None


def _comments(source: str) -> dict[int, str]:
    """Return the lines that hold a comment: "alone", or "beside" code."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: "alone" if token.line.lstrip().startswith("#") else "beside"
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _imports(cells: list[_Cell]) -> Iterator[str]:
    importing = [
        cell
        for cell in cells
        if cell.kind == "code"
        and any(isinstance(node, ast.Import | ast.ImportFrom) for node in cell.nodes())
    ]
    if not importing:
        yield "no cell imports anything; expected one import cell"
    for cell, node in ((one, node) for one in importing for node in one.nodes()):
        if isinstance(node, ast.ImportFrom) and node.module == "IPython.display":
            for name in sorted({alias.name for alias in node.names} - {"display"}):
                yield (
                    f"{cell.name}: IPython's {name} passes on what a name holds; "
                    "import Markdown of valley_analysis.charts.prose"
                )
    for cell in importing[1:]:
        yield f"{cell.name}: imports belong in one cell, {importing[0].name}"


def _code(cells: list[_Cell]) -> Iterator[str]:
    for cell in _code_cells(cells):
        if cell.tree is None:
            yield f"{cell.name}: is not plain Python"
        lines = sum(bool(line.strip()) for line in cell.source.splitlines())
        if lines > MAX_LINES:
            yield f"{cell.name}: has {lines} lines; move the work into the package ({MAX_LINES})"
        for node in cell.nodes():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield f"{cell.name}: defines {node.name}; it belongs in the package"
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                yield f"{cell.name}: names a lambda; it belongs in the package"


def _figures(cells: list[_Cell]) -> Iterator[str]:
    """A figure's question is a heading above it, its own; how to read it stands right below."""
    question = False
    for cell, below in zip(cells, [*cells[1:], None], strict=True):
        if cell.kind == "markdown":
            question = any(text.endswith("?") for _, text in cell.headings)
            continue
        if not cell.is_figure:
            if any(_plots(node) for node in cell.nodes()):
                yield f"{cell.name}: draws, but is not tagged 'figure'"
            continue
        if not question:
            yield f"{cell.name}: no heading above the figure asks its question"
        question = False
        if below is None or below.kind != "markdown" or "how to read" not in below.source.lower():
            yield f"{cell.name}: the cell below the figure does not say how to read it"


def _plots(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name.startswith("plot")


def _prose(cells: list[_Cell]) -> Iterator[str]:
    for cell in cells:
        if cell.kind == "markdown":
            for figure in prose_figures(cell.source):
                yield (
                    f"{cell.name}: the figure {figure!r} is typed into prose; "
                    "render it from its value"
                )


def _sources(cells: list[_Cell]) -> Iterator[str]:
    last = cells[-1]
    if last.kind != "code" or "sources" not in last.tags:
        yield f"{last.name}: the last cell should be code tagged 'sources'"


def _outputs(cells: list[_Cell]) -> Iterator[str]:
    for cell in _code_cells(cells):
        lines = [line.strip() for line in cell.source.splitlines()]
        marks = {line.lstrip("# ") for line in lines if line.startswith("#")}
        if "NBVAL_SKIP" in marks or "nbval-skip" in cell.tags:
            yield f"{cell.name}: is skipped by the notebook tests"
        if MARKER not in marks:
            if cell.outputs:
                yield f"{cell.name}: stores an output, but is not marked # {MARKER}"
        elif not any(_has_text(output) for output in cell.outputs):
            yield f"{cell.name}: is marked # {MARKER}, but stores no text to compare with"
        elif cell.execution_count is None:
            yield f"{cell.name}: keeps its output without execution_count; nbval refuses that"


def _checks(cells: list[_Cell]) -> Iterator[str]:
    """A cell for tests alone is left out of what is published: nothing may rest on it."""
    for cell in cells:
        if CHECK_ONLY not in cell.tags:
            continue
        if cell.kind != "code" or MARKER not in cell.source:
            yield f"{cell.name}: is tagged {CHECK_ONLY!r}, but is no code cell marked # {MARKER}"
        if others := sorted(cell.tags & {"figure", "parameters", "sources"}):
            yield f"{cell.name}: is tagged {CHECK_ONLY!r}, and {others[0]!r} as well"
        later = [one for one in cells[cell.number :] if CHECK_ONLY not in one.tags]
        used = {name for one in later for name in _names(one, ast.Load)}
        for name in sorted(used & _names(cell, ast.Store)):
            yield f"{cell.name}: is left out of pages, and sets {name}, which a later cell uses"


def _names(cell: _Cell, context: type[ast.expr_context]) -> set[str]:
    return {
        node.id
        for node in cell.nodes()
        if isinstance(node, ast.Name) and isinstance(node.ctx, context)
    }


def _has_text(output: dict[str, Any]) -> bool:
    """Whether nbval compares anything: it passes over images."""
    data = output.get("data", {})
    image = any(kind.startswith("image/") for kind in data)
    return bool(output.get("text")) or ("text/plain" in data and not image)
