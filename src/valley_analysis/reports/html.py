"""Pages of HTML from executed notebooks: one file each, nothing loaded from anywhere."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from valley_analysis.errors import ReportError
from valley_analysis.files import write_aside
from valley_analysis.reports.cells import for_readers, take_stderr
from valley_analysis.reports.parameter_words import parameter_line
from valley_analysis.reports.resources import external_resources
from valley_analysis.reports.words import words

if TYPE_CHECKING:
    from jinja2 import Environment
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).with_name("templates")
_LANGUAGES = (("en", "english"), ("ru", "russian"))
_SHOWN = [
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "text/plain",
]
_NOTEBOOK_LINK = re.compile(r'(href="(?![a-z]+:|//)[^"#]*)\.ipynb(?=["#])')
_ROW = re.compile(r"<tr.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<t[dh][ >].*?</t[dh]>", re.DOTALL)
_LINK = re.compile(r"</?a\b[^>]*>")
_TAG = re.compile(r"<[^>]+>")
_SHORT = 30
_OWN_STYLE = re.compile(r"<style scoped[^>]*>\s*\.dataframe.*?</style>", re.DOTALL)
_NAMELESS = re.compile(r"<h2>")  # nbconvert gives no id to a heading with signs in it
_PLAIN_TABLE = re.compile(r'<table[^>]*class="dataframe[^>]*>.*?</table>', re.DOTALL)
_NUMBER = re.compile(r"^[-+−–]?[\d\s.,\u00a0\u202f]*\d\s?[%*]?$|^(?:nan|NaN|NaT|<NA>|–|—|)$")


@dataclass(frozen=True)
class Page:
    """Where a page stands among the others.

    Attributes
    ----------
    lang
        Of the page.
    siblings
        Language -> address of the same page in it, relative to this one.
    home
        Address of the list of pages; empty if there is none.
    """

    lang: str
    siblings: Mapping[str, str]
    home: str = ""


def render_notebook(executed: Path, out: Path, page: Page) -> Path:
    """Write an executed notebook as one page of HTML.

    Parameters
    ----------
    executed
        What `run_notebook` wrote.
    out
        The page.
    page
        Its language, its siblings and its home.

    Raises
    ------
    ReportError
        If the page would load something over the network; all of it is named.
    """
    import nbformat

    notebook = nbformat.read(executed, as_version=4)
    body = notebook_body(notebook, page.lang)
    values = notebook.metadata.get("valley", {}).get("parameters", {})
    line = parameter_line(dict(values), page.lang)
    return write_page(out, body, page, line=line)


def write_page(out: Path, body: str, page: Page, *, line: str = "", footer: str = "") -> Path:
    """Put a body into the frame that all pages share and write it.

    Raises
    ------
    ReportError
        If the page would load something over the network; all of it is named.
    """
    outline = _Outline()
    outline.feed(body)
    said = words(page.lang)
    text = (
        environment()
        .get_template("page.html.j2")
        .render(
            lang=page.lang,
            title=outline.title or out.stem,
            css=Markup((TEMPLATES / "style.css").read_text("utf-8") + _code_colours()),
            words=said,
            home=page.home,
            line=line,
            siblings=[
                (code, said[name], "" if code == page.lang else page.siblings[code])
                for code, name in _LANGUAGES
                if code in page.siblings
            ],
            contents=outline.headings if page.home and len(outline.headings) > 1 else [],
            body=Markup(body),
            footer=footer,
        )
    )
    loaded = external_resources(text)
    if loaded:
        raise ReportError(
            f"{out.name} would load {len(loaded)} thing(s) over the network: "
            f"{', '.join(loaded[:5])}. Next step: embed them in the output of the cell."
        )
    return write_aside(out, text)


def notebook_body(notebook: "NotebookNode", lang: str) -> str:
    """Return the cells of an executed notebook as HTML: texts, folded code, outputs."""
    take_stderr(notebook)
    notebook.cells = _joined(for_readers(notebook).cells)
    _describe_outputs(notebook, str(words(lang)["figure"]))
    body, _ = _exporter().from_notebook_node(notebook, resources={"words": words(lang)})
    body = _OWN_STYLE.sub("", _NOTEBOOK_LINK.sub(r"\1.html", body))
    body = _PLAIN_TABLE.sub(lambda found: _aligned(found.group()), body)
    numbers = count(1)
    return _NAMELESS.sub(lambda found: f'<h2 id="section-{next(numbers)}">', body)


def environment() -> "Environment":
    """Return the templates of the pages around the notebooks."""
    from jinja2 import Environment, FileSystemLoader, select_autoescape

    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(("html", "html.j2"))
    )
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return made


def markdown(text: str) -> str:
    """Return Markdown as HTML."""
    from nbconvert.filters.markdown import markdown2html

    return str(markdown2html(text))


@cache
def _exporter() -> "HTMLExporter":
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        extra_template_basedirs=[str(TEMPLATES)],
        template_name="valley",
        anchor_link_text="#",
        # None of these is used by our template; emptied so that none can ever be loaded.
        require_js_url="",
        mathjax_url="",
        mermaid_js_url="",
        mermaid_layout_elk_js_url="",
        jquery_url="",
        jupyter_widgets_base_url="",
        widget_renderer_url="",
    )
    exporter.config.NbConvertBase.display_data_priority = _SHOWN
    exporter.register_filter("text_base64", _text_base64)
    return exporter


def _text_base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode("utf-8")).decode("ascii")


@cache
def _code_colours() -> str:
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    return str(HtmlFormatter(style="friendly").get_style_defs(".highlight"))


def _joined(cells: list[Any]) -> list[Any]:
    """Put code cells that show nothing in front of the next one: one fold for all of them."""
    kept: list[Any] = []
    for cell in cells:
        above = kept[-1] if kept else None
        silent = above is not None and above.cell_type == "code" and not above.outputs
        if above is not None and silent and cell.cell_type == "code":
            cell.source = f"{above.source.rstrip()}\n\n{cell.source}"
            kept.pop()
        kept.append(cell)
    return kept


def _describe_outputs(notebook: "NotebookNode", fallback: str) -> None:
    """Give each output the question above it as its description, numbered if there are several."""
    question, count = fallback, 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = [line for line in cell.source.splitlines() if line.startswith("#")]
            texts = [line.lstrip("#").strip() for line in headings]
            if texts:
                question = next((text for text in texts if text.endswith("?")), texts[-1])
                count = 0
        for output in cell.get("outputs", ()):
            if output.output_type in ("display_data", "execute_result"):
                count += 1
                told = f"{question} ({count})" if count > 1 else question
                output.metadata.setdefault("alt", told)


def _aligned(table: str) -> str:
    """Mark the cells of a plain table that hold text, and the headings above them.

    The class "t" aligns a column to the left; "s" keeps short texts on one line.
    """
    table = _without_counter(table)
    body = table.partition("<tbody")[2]
    rows = [_CELL.findall(row) for row in _ROW.findall(body)]
    width = min((len(row) for row in rows), default=0)
    kinds = [_kind(column) for column in zip(*(row[:width] for row in rows), strict=True)]
    return _ROW.sub(lambda found: _marked_row(found.group(), kinds), table)


def _without_counter(table: str) -> str:
    """Leave out the index of a plain table if it only counts the rows from 0."""
    head, mark, body = table.partition("<tbody")
    counted = [f"<th>{number}</th>" for number in range(len(_ROW.findall(body)))]
    firsts = [_CELL.findall(row)[:1] for row in _ROW.findall(body)]
    heads = [_CELL.findall(row)[:1] for row in _ROW.findall(head)]
    if firsts != [[one] for one in counted] or heads != [["<th></th>"]]:
        return table
    return _ROW.sub(lambda found: _CELL.sub("", found.group(), count=1), head + mark + body)


def _kind(column: Iterable[str]) -> str:
    cells = [cell for cell in column if cell.startswith("<td")]
    if all(_is_number(cell) for cell in cells):
        return ""
    return "t" if max(len(_TAG.sub("", cell)) for cell in cells) > _SHORT else "t s"


def _marked_row(row: str, kinds: list[str]) -> str:
    cells = _CELL.findall(row)
    if len(cells) != len(kinds) or "colspan" in row:
        return row
    marked = (
        f'{cell[:3]} class="{kind}"{cell[3:]}' if kind else cell
        for cell, kind in zip(cells, kinds, strict=True)
    )
    return f"{row[: row.index('>') + 1]}{''.join(marked)}</tr>"


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.match(html.unescape(_TAG.sub("", cell)).strip()))


class _Outline(HTMLParser):
    """The first H1's text, and anchor and text of each H2."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.headings: list[tuple[str, str]] = []
        self._open = ""
        self._anchor = ""
        self._text = ""
        self._link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("h1", "h2"):
            self._open, self._anchor, self._text = tag, given.get("id") or "", ""
        self._link = tag == "a" and given.get("class") == "anchor-link"

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            text = " ".join(self._text.split())
            if tag == "h1":
                self.title = self.title or text
            elif self._anchor:
                self.headings.append((self._anchor, text))
            self._open = ""
        self._link = False

    def handle_data(self, data: str) -> None:
        if self._open and not self._link:
            self._text += data


def first_words(notebook: "NotebookNode") -> tuple[str, str]:
    """Return the title of a notebook and the paragraph that says what it is for, as HTML."""
    title, purpose = "", ""
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            break
        for block in re.split(r"\n\s*\n", cell.source):
            text = block.strip()
            if text.startswith("# ") and not title:
                head, _, rest = text.partition("\n")
                title, text = head[2:].strip(), rest.strip()
            if text and not text.startswith(("#", "<!--")) and not purpose:
                purpose = _LINK.sub("", markdown(text))
    return title, purpose
