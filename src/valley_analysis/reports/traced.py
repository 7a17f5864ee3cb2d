"""What a trace holds, and how it reads: from the value of an indicator to published cells."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from valley_analysis.escape import text_html
from valley_analysis.regions import name
from valley_analysis.text import number

Lines = list[tuple[str, str]]
TOLERANCE = 1e-9


@dataclass(frozen=True)
class PublishedCell:
    """One cell of a publisher's workbook.

    Attributes
    ----------
    workbook, sheet, cell
        Where it stands: file, sheet, and a cell such as F12.
    label, heading
        Of its row and of its column, as published.
    text
        What the cell says, as published, footnote marks apart.
    marks
        Its footnote marks.
    table, title, unit, publisher, address, vintage, sha256
        What the sidecar says of the table.
    """

    workbook: str
    sheet: str
    cell: str
    label: str
    heading: str
    text: str
    marks: tuple[str, ...]
    table: str
    title: str
    unit: str
    publisher: str
    address: str
    vintage: str
    sha256: str


@dataclass(frozen=True)
class SeriesTrace:
    """One value of a series, and where it comes from.

    Attributes
    ----------
    role
        "numerator", "denominator", "country", "price index" or "part".
    series, name_en, name_ru, unit
        Of the register.
    region, period, method, vintage
        Which value.
    value, flag
        As the panel has it.
    scale
        Published unit times this is the series' unit.
    cell
        Where it is published; none if it is derived from `parts` or not printed.
    parts
        For a remainder: the whole, then the okrugs that are subtracted.
    recomputed
        The value from the cells alone.
    correction
        Why the published text is not used, and what is used instead; usually empty.
    low, high
        Bounds of a suppressed value; nan if there are none.
    vintages
        (vintage, value, flag) of every vintage that prints this cell.
    """

    role: str
    series: str
    name_en: str
    name_ru: str
    unit: str
    region: str
    period: int
    method: str
    vintage: str
    value: float
    flag: str
    scale: float
    cell: PublishedCell | None
    parts: tuple["SeriesTrace", ...]
    recomputed: float
    correction: str
    low: float
    high: float
    vintages: tuple[tuple[str, float, str], ...]


@dataclass(frozen=True)
class Trace:
    """The value of an indicator, and every published cell that went into it.

    Attributes
    ----------
    indicator, name_en, name_ru, unit, formula
        Of the catalogue.
    region, period, value, flag, method, low, high
        As the built table of indicators has it.
    inputs
        The values that the formula uses.
    factor
        What money is multiplied with to be in prices of `base`; 1.0 without deflation.
    base
        That year; 0 without deflation.
    prices
        The price indices that the factor is chained from.
    recomputed
        The value from the cells alone; nan where it is missing.
    """

    indicator: str
    name_en: str
    name_ru: str
    unit: str
    formula: str
    region: str
    period: int
    value: float
    flag: str
    method: str
    low: float
    high: float
    inputs: tuple[SeriesTrace, ...]
    factor: float
    base: int
    prices: tuple[SeriesTrace, ...]
    recomputed: float

    @property
    def agrees(self) -> bool:
        """Whether the cells give the value that the table has, to 1e-9 of it."""
        if math.isnan(self.value) or math.isnan(self.recomputed):
            return math.isnan(self.value) and math.isnan(self.recomputed)
        return abs(self.value - self.recomputed) <= TOLERANCE * max(1.0, abs(self.value))

    @property
    def cells(self) -> tuple[PublishedCell, ...]:
        """Every published cell, each once, in the order of use."""
        found = (one.cell for one in _flat((*self.inputs, *self.prices)))
        return tuple(dict.fromkeys(cell for cell in found if cell is not None))

    def sections(self) -> Iterator[tuple[str, Lines]]:
        """Yield title and lines (key, text) of each part of the trace."""
        yield f"{self.indicator}: {self.name_en} ({self.name_ru})", _head(self)
        for one in _flat(self.inputs):
            yield _title(one), _series_lines(one)
        if self.base:
            yield f"prices of {self.base}: consumer price index, Russia", _price_lines(self)

    def __str__(self) -> str:
        """Print the trace as text."""
        parts = []
        for title, lines in self.sections():
            width = max((len(key) for key, _ in lines), default=0)
            printed = [f"  {key.ljust(width)}  {text}" for key, text in lines]
            parts.append("\n".join([title, *printed]))
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        parts = []
        for title, lines in self.sections():
            rows = "".join(
                f'<tr><th style="text-align:left;font-weight:400;white-space:nowrap">'
                f'{text_html(key)}</th><td style="text-align:left">{text_html(text)}</td></tr>'
                for key, text in lines
            )
            parts.append(f"<p><strong>{text_html(title)}</strong></p><table>{rows}</table>")
        return "".join(parts)


def _flat(traces: tuple[SeriesTrace, ...]) -> Iterator[SeriesTrace]:
    for one in traces:
        yield one
        yield from _flat(one.parts)


def show(value: float) -> str:
    """Print a value with all its digits, as few as it needs.

    Examples
    --------
    >>> show(1234567.5), show(0.1), show(float("nan")), show(12.0)
    ('1,234,567.5', '0.1', '–', '12')
    """
    if math.isnan(value):
        return number(value)
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:,.12g}"


def _head(trace: Trace) -> Lines:
    lines = [
        ("region", f"{trace.region} {name(trace.region)} ({name(trace.region, 'ru')})"),
        ("period", str(trace.period)),
        ("value", f"{show(trace.value)} {trace.unit}"),
        ("flag", trace.flag),
        ("formula", trace.formula),
    ]
    if trace.method:
        lines.append(("method", trace.method))
    if math.isnan(trace.value) and not math.isnan(trace.high):
        lines.append(("bounds", f"{show(trace.low)} to {show(trace.high)}"))
    if math.isnan(trace.value) and math.isnan(trace.recomputed):
        lines.append(("check", "no value, and the cells below give none"))
    else:
        verdict = "agrees" if trace.agrees else "DOES NOT AGREE: run `valley build`"
        lines.append(("check", f"{show(trace.recomputed)} from the cells below: {verdict}"))
    return lines


def _title(one: SeriesTrace) -> str:
    return f"{one.role}: {one.series}, {one.name_en} ({one.name_ru}), {one.region} {one.period}"


def _series_lines(one: SeriesTrace) -> Lines:
    lines = [("value", f"{show(one.value)} {one.unit}, {one.flag}")]
    if one.parts:
        told = " - ".join(f"{part.region} {show(part.value)}" for part in one.parts)
        lines.append(("derived", f"{told}; the parts follow"))
    if not math.isnan(one.high) and math.isnan(one.value):
        lines.append(("bounds", f"{show(one.low)} to {show(one.high)}: a total less its parts"))
    if one.correction:
        lines.append(("corrected", one.correction))
    if one.cell is not None:
        lines += _cell_lines(one.cell, one.scale)
    elif not one.parts:
        lines.append(("cell", "none: the publisher does not print it"))
    if one.method:
        lines.append(("method", one.method))
    printed = [f"{vintage}: {show(value)} ({flag})" for vintage, value, flag in one.vintages]
    lines.append(("vintages", "; ".join(printed)))
    return lines


def _cell_lines(cell: PublishedCell, scale: float) -> Lines:
    marks = f", footnote {', '.join(cell.marks)}" if cell.marks else ""
    scaled = f", times {show(scale)}" if scale != 1 else ""
    return [
        ("cell", f"{cell.cell} of sheet {cell.sheet} in {cell.workbook}"),
        ("says", f"{cell.text!r}{marks} ({cell.unit}{scaled})"),
        ("stands", f"row {cell.label!r}, column {cell.heading}"),
        ("table", f"{cell.table}, {cell.title}"),
        ("source", f"{cell.publisher}, {cell.vintage}, {cell.address}"),
        ("sha256", cell.sha256),
    ]


def _price_lines(trace: Trace) -> Lines:
    lines = [("factor", show(trace.factor))]
    for one in trace.prices:
        where = f", {one.cell.cell} of sheet {one.cell.sheet}" if one.cell else ""
        lines.append((str(one.period), f"{show(one.value)} % of the December before{where}"))
    files = dict.fromkeys(
        f"{one.cell.workbook}, {one.cell.table}, vintage {one.cell.vintage}"
        for one in trace.prices
        if one.cell
    )
    return lines + [("file", file) for file in files]
