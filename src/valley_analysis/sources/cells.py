"""What one cell of a published table says: a number, or the reason there is none."""

import math
import re
from dataclasses import dataclass

DASHES = frozenset("-–—‐−")
_ONE_MARK = r"(?:\d{1,2}|\*)\)"
_MARK_LIST = rf"{_ONE_MARK}(?:[;,]?\s*{_ONE_MARK})*"
_MARKS = re.compile(rf"\s*({_MARK_LIST})[;,]?\s*$")
_SPACED_MARKS = re.compile(rf"^(.*\S)\s+({_MARK_LIST})[;,]?$")
_RAISED = "¹²³⁴⁵⁶⁷⁸⁹⁰"
_SUPERSCRIPTS = str.maketrans(_RAISED + "⁾", "1234567890)")
# A raised number is a mark if a bracket closes it (in a label "км²" is none), or if it follows
# a figure or an ellipsis, where it can be nothing else.
_RAISED_MARK = re.compile(rf"\s*([{_RAISED}]{{1,2}})\s?[)⁾]|(?<=[\d….–-])([{_RAISED}]{{1,2}})")
_MARKED_NUMBER = re.compile(r"^(-?[\d\s]+(?:[.,]\d+)?)(\d)\)$")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.ASCII)
_TIMES = re.compile(r"^в\s*(\d+(?:[.,]\d+)?)\s*р\.?$")
_MARKED_ELLIPSIS = re.compile(r"^[.…]+\s*(\d)$")
_YEAR = re.compile(r"^((?:19|20)\d\d)(?:/(?:19|20)?\d\d)?(?:\s*г\.?)?\s*((?:\d{1,2}\)[;,]?\s*)*)$")


@dataclass(frozen=True)
class Cell:
    """A published cell: its text without footnote marks, and the marks."""

    text: str
    mark: str = ""


def read_cell(raw: object) -> Cell:
    """Split a cell of a workbook into its text and its footnote marks.

    A number that was typed as text comes out with a decimal point and without grouping.
    In ``17,83)`` the last digit is the mark, since the table prints one decimal. A mark that is
    raised or stands apart keeps its border, however many digits it has.

    Examples
    --------
    >>> read_cell(4099.0).text, read_cell("1\u00a0194,6").text
    ('4099', '1194.6')
    >>> read_cell("… 1)")
    Cell(text='…', mark='1')
    >>> read_cell("17,83)"), read_cell("4099¹²⁾")
    (Cell(text='17.8', mark='3'), Cell(text='4099', mark='12'))
    """
    if isinstance(raw, bool):
        return Cell(str(raw))
    if isinstance(raw, int | float):
        return Cell(_print(float(raw)))
    text = _lowered(" ".join(str(raw).split()))
    apart = _SPACED_MARKS.match(text)
    if apart and _NUMBER.fullmatch(_plain(apart.group(1))):
        return Cell(_print(float(_plain(apart.group(1)))), _marks(apart.group(2)))
    glued = _MARKED_NUMBER.fullmatch(text)
    if glued:
        return Cell(_plain(glued.group(1)), glued.group(2))
    dots = _MARKED_ELLIPSIS.match(text)
    if dots:
        return Cell("…", dots.group(1))
    body, mark = split_marks(text)
    plain = _plain(body)
    if _NUMBER.fullmatch(plain):
        return Cell(_print(float(plain)), mark)
    return Cell(_ellipsis(body), mark)


def split_marks(text: str) -> tuple[str, str]:
    """Split footnote marks off the end of a label or a cell.

    Examples
    --------
    >>> split_marks("Московская область1);2)")
    ('Московская область', '1;2')
    """
    text = _lowered(text)
    found = _MARKS.search(text)
    if not found:
        return text.strip(), ""
    return text[: found.start()].strip(), _marks(found.group(1))


def _lowered(text: str) -> str:
    """Write raised marks on the line, each with a space before it: the border stays."""
    lowered = _RAISED_MARK.sub(lambda found: f" {found.group(1) or found.group(2)})", text)
    return lowered.translate(_SUPERSCRIPTS) if lowered != text or "⁾" in text else text


def _marks(text: str) -> str:
    return ";".join(re.findall(r"\d{1,2}|\*", text))


def read_year(raw: object) -> tuple[int, str] | None:
    """Return the year that a column heading prints and its marks, or None if it prints none.

    A school year counts as the year in which it begins.

    Examples
    --------
    >>> read_year(2022.0), read_year("20224)"), read_year("2016/2017"), read_year("всего")
    ((2022, ''), (2022, '4'), (2016, ''), None)
    """
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return (int(raw), "") if raw == int(raw) and 1990 <= raw <= 2100 else None
    found = _YEAR.match(_lowered(" ".join(str(raw).split())))
    if not found:
        return None
    return int(found.group(1)), _marks(found.group(2))


def value_of(text: str) -> float | None:
    """Return the number that a cell's text stands for, or None if it stands for none.

    "в 2,4 р." (2.4 times) is 240 percent, the unit of the growth tables that print it.

    Examples
    --------
    >>> value_of("4099"), value_of("в 2,4 р."), value_of("…")
    (4099.0, 240.0, None)
    """
    times = _TIMES.match(text)
    if times:
        return round(100 * float(times.group(1).replace(",", ".")), 6)
    return number_of(text)


def number_of(text: str) -> float | None:
    """Return the finite number that a text is, written in plain digits, or None.

    Examples
    --------
    >>> number_of("4099.5"), number_of("inf"), number_of("1e999"), number_of("1_000")
    (4099.5, None, None, None)
    """
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    return value if math.isfinite(value) else None


def is_reason(text: str) -> bool:
    """Tell whether a cell's text is a published reason for having no number."""
    return text == "" or text in DASHES or text == "…"


def _print(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _plain(text: str) -> str:
    joined = re.sub(r"\s", "", text).replace(",", ".")
    return "-" + joined[1:] if joined[:1] in DASHES and len(joined) > 1 else joined


def _ellipsis(text: str) -> str:
    return "…" if text and set(text) <= {".", "…"} else text
