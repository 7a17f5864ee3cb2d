"""Everything that a browser would load from elsewhere when it opens a page.

The scan errs on the side of finding: what may be loaded by any element, style, script or data
address is named. Links that a reader has to follow do not count.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes

_DEPTH = 8  # pages in pages
_ONE = {
    *("src", "href", "xlink:href", "poster", "data", "background", "action", "formaction"),
    *("manifest", "codebase", "archive", "classid", "lowsrc", "dynsrc", "profile", "code"),
}
_SEVERAL = {"srcset", "imagesrcset"}
# `link` elements of these kinds name another page and load nothing.
_NAMING = {
    *("alternate", "author", "bookmark", "canonical", "external", "help", "license", "me"),
    *("next", "nofollow", "noopener", "noreferrer", "opener", "prev", "privacy-policy", "tag"),
    "terms-of-service",
}
_ANIMATED = {"to", "from", "by", "values"}
_INERT_SCRIPTS = re.compile(r"application/(?:ld\+)?json|text/(?:plain|markdown|x-template)")
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`", re.DOTALL)
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(\r\n|[\n\r\f])|(.))", re.DOTALL)
_CSS_URL = re.compile(r"\burl\(\s*(?:\"([^\"]*)|'([^']*)|([^)'\"]*))", re.IGNORECASE)
_CSS_IMPORT = re.compile(r"@import\s*(?:\"([^\"]*)|'([^']*))", re.IGNORECASE)
_CSS_NAMESPACE = re.compile(r"@namespace[^;]*;?", re.IGNORECASE)
_CSS_STRINGS = re.compile(r"(?:image-set|\bsrc|\bimage|cross-fade)\(", re.IGNORECASE)
_REFRESH = re.compile(r"(?:^|[;,\s])\s*(?:url\s*=\s*)?['\"]?([^'\";,\s]+)", re.IGNORECASE)
_STYLESHEET = re.compile(r"href\s*=\s*[\"']([^\"']+)")
_IGNORED = str.maketrans("\\", "/", "\t\n\r")
_EDGES = "".join(map(chr, range(33)))
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|(?:https?|wss?|ftp|file):", re.IGNORECASE)
_JS_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|(.))")


def external_resources(text: str) -> list[str]:
    """Return the addresses that a browser would load when it opens a page; links do not count.

    Parameters
    ----------
    text
        A page of HTML, or an SVG.

    Examples
    --------
    >>> external_resources('<a href="https://a.org"></a><img src="//b.org/x.png">')
    ['//b.org/x.png']
    >>> external_resources("<style>@import 'https://a.org/x.css'; p {color: red}</style>")
    ['https://a.org/x.css']
    """
    return list(dict.fromkeys(_page(text, 0)))


def _page(text: str, depth: int) -> Iterator[str]:
    finder = _Resources(depth)
    finder.feed(text)
    finder.close()
    yield from finder.found


class _Resources(HTMLParser):
    """Collects what the elements of a page load."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.found: list[str] = []
        self._depth = depth
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name.lower(): value or "" for name, value in attrs}
        self._inside = tag if tag == "style" or _runs(tag, given) else ""
        for name, value in given.items():
            self.found += self._attribute(tag, name, value, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._inside = ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.found += _style(data, self._depth)
        elif self._inside == "script":
            self.found += _script(data, self._depth)

    def handle_pi(self, data: str) -> None:
        if data.startswith("xml-stylesheet"):
            for address in _STYLESHEET.findall(data):
                self.found += _address(address, self._depth)

    def _attribute(self, tag: str, name: str, value: str, given: dict[str, str]) -> Iterator[str]:
        if name in _SEVERAL:
            for part in value.split():
                # A data address holds commas of its own.
                for address in [part] if part.lower().startswith("data:") else part.split(","):
                    yield from _address(address, self._depth)
        elif name in _ONE and not _is_link(tag, given):
            for address in (value, *(value.split() if name == "archive" else ())):
                yield from _address(address, self._depth)
        elif name == "srcdoc":
            yield from _page(value, self._depth + 1) if self._depth < _DEPTH else ()
        elif name in _ANIMATED and "href" in given.get("attributename", "").lower():
            for address in value.split(";"):
                yield from _address(address, self._depth)
        elif tag == "meta" and name == "content" and "http-equiv" in given:
            for address in _REFRESH.findall(value):
                yield from _address(address, self._depth)
        elif name.startswith("on"):
            yield from _script(value, self._depth)
        elif name == "style" or "(" in value:
            yield from _style(value, self._depth)


def _runs(tag: str, given: dict[str, str]) -> bool:
    return tag == "script" and not _INERT_SCRIPTS.search(given.get("type", "").lower())


def _is_link(tag: str, given: dict[str, str]) -> bool:
    """Whether an element names an address for a reader to follow."""
    if tag in ("a", "area"):
        return True
    kinds = set(given.get("rel", "").lower().split())
    return tag == "link" and bool(kinds) and kinds <= _NAMING


def _address(address: str, depth: int) -> Iterator[str]:
    """What an address loads: itself, or what a page, style or script within it loads."""
    plain = address.strip(_EDGES).translate(_IGNORED)
    kind, _, rest = address.strip(_EDGES).partition(":")
    kind = kind.translate(_IGNORED).lower()
    if kind == "data":
        yield from _data(rest, depth)
    elif kind == "javascript":
        yield from _script(rest, depth)
    elif _ELSEWHERE.match(plain):
        yield address.strip()


def _data(rest: str, depth: int) -> Iterator[str]:
    """What the content of a data address loads, if it is a page, a style or a script."""
    about, _, content = rest.partition(",")
    kind, *settings = about.lower().replace(" ", "").split(";")
    if depth >= _DEPTH or not re.search("html|xml|svg|css|script", kind):
        return
    raw = unquote_to_bytes(content)
    if "base64" in settings:
        try:
            raw = base64.b64decode(re.sub(rb"\s", b"", raw) + b"==")
        except binascii.Error:
            return
    text = raw.decode("utf-8", errors="replace")
    read = _style if "css" in kind else _script if "script" in kind else _page
    yield from read(text, depth + 1)


def _style(css: str, depth: int) -> Iterator[str]:
    """What a style loads: url(), @import, and the strings of functions that take addresses."""
    plain = _CSS_ESCAPE.sub(_css_sign, _CSS_COMMENT.sub(" ", css))
    plain = _CSS_NAMESPACE.sub("", plain)
    for pattern in (_CSS_URL, _CSS_IMPORT):
        for found in pattern.findall(plain):
            yield from _address("".join(found), depth)
    if _CSS_STRINGS.search(plain):
        for found in _STRING.findall(plain):
            yield from _address("".join(found), depth)


def _script(code: str, depth: int) -> Iterator[str]:
    """What a script may load: every string in it that is an address elsewhere."""
    for found in _STRING.findall(code):
        text = _JS_ESCAPE.sub(_js_sign, "".join(found))
        if depth < _DEPTH and text != code:
            yield from _address(text, depth + 1)
            if "<" in text:
                yield from _page(text, depth + 1)


def _css_sign(found: re.Match[str]) -> str:
    code, newline, sign = found.groups()
    if newline:
        return ""
    if not code:
        return str(sign)
    number = int(code, 16)
    return chr(number) if 0 < number <= 0x10FFFF else "\ufffd"


def _js_sign(found: re.Match[str]) -> str:
    two, four, more, sign = found.groups()
    if sign is not None:
        return str({"n": "\n", "t": "\t", "r": "\r"}.get(sign, sign))
    number = int(two or four or more, 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"
