"""Text that somebody typed, where it becomes HTML, Markdown or a cell of a spreadsheet.

Registers, specifications, parameters and labels hold plain text. Each border is crossed once,
here, so that a name is printed as it was typed and never runs, links or formats anything.
"""

import html
import re

_WEB = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#][^\s\\]*)?", re.IGNORECASE)
# What the suite's own sentences may hold: code, bold. All else of Markdown is text.
_SPAN = re.compile(r"`[^`\n]+`|\*\*(?=[^\s*])(.+?)(?<=[^\s*])\*\*(?!\*)")
_ITEM = re.compile(r"\s{0,3}- ")
# An underscore within a word is none; "_" counts as a letter in \w, hence [^\W_].
_SPECIAL = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_+|_+(?![^\W_])")
_OPENING = re.compile(r"[#+=-]|\d+(?=[.)](?:\s|$))")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"}
_LINE = re.compile(r"\r\n|\r|\n")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def text_html(text: str) -> str:
    """Return plain text as HTML, fit for an element and for a quoted attribute.

    Examples
    --------
    >>> text_html('R&D <b onclick="x">')
    'R&amp;D &lt;b onclick=&quot;x&quot;&gt;'
    """
    return html.escape(text, quote=True)


def paragraph(text: str) -> str:
    """Return plain text as a paragraph of HTML.

    Examples
    --------
    >>> paragraph("n < 5")
    '<p>n &lt; 5</p>'
    """
    return f"<p>{text_html(text)}</p>"


def is_web_address(address: str) -> bool:
    """Whether an address may become a link: http or https, a host, no name or password.

    Examples
    --------
    >>> [is_web_address(one) for one in ("https://a.ru/x", "javascript:alert(1)", "//a.ru")]
    [True, False, False]
    """
    return bool(_WEB.fullmatch(address))


def link(address: str, text: str) -> str:
    """Return plain text as a link in HTML; only as text if the address is none of the web.

    Examples
    --------
    >>> link("https://a.ru/?a=1&b=2", "[1]")
    '<a href="https://a.ru/?a=1&amp;b=2">[1]</a>'
    >>> link("javascript:alert(1)", "decree")
    'decree'
    """
    shown = text_html(text)
    return f'<a href="{text_html(address)}">{shown}</a>' if is_web_address(address) else shown


def text_markdown(text: str) -> str:
    """Return plain text as Markdown that prints it as it is, whatever signs it holds.

    Examples
    --------
    >>> text_markdown("2014. <script> *a*")
    '2014\\\\. &lt;script&gt; \\\\*a\\\\*'
    """
    return "\n".join(_escaped_line(line) for line in _LINE.split(text))


def sentences_markdown(text: str) -> str:
    """Return sentences of the suite as Markdown: paragraphs, items, bold and code, no more.

    The suite's phrases use ``**bold**``, `` `code` ``, items that begin with "- ", and blank
    lines between paragraphs. Everything else that Markdown would read as a sign is text: it came
    with a name.

    Examples
    --------
    >>> sentences_markdown("- **Neva Delta**: see [x](javascript:a) at `100`")
    '- **Neva Delta**: see \\\\[x\\\\](javascript:a) at `100`'
    >>> sentences_markdown("2014. <img onerror=a>")
    '2014\\\\. &lt;img onerror=a&gt;'
    """
    return "\n".join(_sentence_line(line) for line in _LINE.split(text))


def cell_csv(text: str) -> str:
    """Return text for a cell of a CSV: an apostrophe keeps a spreadsheet from computing it.

    Examples
    --------
    >>> cell_csv("=1+1"), cell_csv("- none"), cell_csv("Tula")
    ("'=1+1", "'- none", 'Tula')
    """
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(_FORMULA) else text


def cell_xlsx(text: str) -> str:
    """Return text for a cell of a workbook, without the signs that XML cannot hold.

    The cell has to be given the type of a text as well, or "=1+1" is a formula.

    Examples
    --------
    >>> cell_xlsx("a\\x00b")
    'ab'
    """
    return _CONTROL.sub("", text)[:32_767]


def _sentence_line(line: str) -> str:
    item = _ITEM.match(line)
    start = item.group() if item else ""
    return start + _spans(line[len(start) :])


def _spans(text: str) -> str:
    """Leave code and bold, escape what is between and within."""
    parts, end = [], 0
    for found in _SPAN.finditer(text):
        parts.append(_escaped(text[end : found.start()]))
        bold = found.group(1)
        parts.append(found.group() if bold is None else f"**{_spans(bold)}**")
        end = found.end()
    parts.append(_escaped(text[end:]))
    return _opened("".join(parts))


def _escaped_line(line: str) -> str:
    return _opened(_escaped(line))


def _escaped(text: str) -> str:
    backslashed = _SPECIAL.sub(lambda found: "".join(f"\\{sign}" for sign in found.group()), text)
    return "".join(_ENTITIES.get(sign, sign) for sign in backslashed)


def _opened(line: str) -> str:
    """Escape what is a sign only where a line begins; no line is indented into code."""
    line = line.lstrip(" \t")
    found = _OPENING.match(line)
    if not found or line.startswith("\\"):
        return line
    if found.group().isdigit():
        return f"{line[: found.end()]}\\{line[found.end() :]}"
    return f"\\{line}"
