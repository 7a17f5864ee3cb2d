"""Tax regimes as dated parameters: who may pay how little, since when, on whose word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import RegisterError
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.typed import MOST, Address, Amount, within

INCENTIVES = Path(__file__).with_name("incentives.yml")
ITEMS = ("profit_tax", "vat", "contributions", "property", "land", "customs")
BASE = "ordinary"
NEXT_STEP = "correct these lines"

Confidence = Literal["seen", "press", "inferred", "unverified"]
Item = Literal["profit_tax", "vat", "contributions", "property", "land", "customs"]
Unit = Literal[
    "percent",
    "years",
    "yes_no",
    "minimum_wages",
    "rub_month",
    "rub_year",
    "mln_rub",
    "mln_rub_year",
]

# What an item may be asked for, and in which unit; each regime gives some of it.
NAMES: dict[tuple[str, str], str] = {
    ("profit_tax", "rate"): "percent",
    ("profit_tax", "loss_limit"): "percent",
    ("profit_tax", "revenue_cap"): "mln_rub_year",
    ("profit_tax", "rate_after_cap"): "percent",
    ("vat", "rate"): "percent",
    ("vat", "exempt"): "yes_no",
    ("contributions", "rate"): "percent",
    ("contributions", "rate_middle"): "percent",
    ("contributions", "rate_above"): "percent",
    ("contributions", "rate_over_floor"): "percent",
    ("contributions", "limit"): "rub_year",
    ("contributions", "limit_social"): "rub_year",
    ("contributions", "minimum_wage"): "rub_month",
    ("contributions", "floor_multiple"): "minimum_wages",
    ("property", "rate"): "percent",
    ("land", "rate"): "percent",
    ("customs", "refund_share"): "percent",
    **{(item, "term_years"): "years" for item in ITEMS},
    **{(item, "profit_cap"): "mln_rub" for item in ITEMS},
}
# Without these of the ordinary regime nothing can be computed.
_NEEDED = (
    ("profit_tax", "rate"),
    ("profit_tax", "loss_limit"),
    ("vat", "rate"),
    ("contributions", "rate"),
    ("contributions", "rate_above"),
    ("contributions", "limit"),
    ("property", "rate"),
    ("land", "rate"),
)


class Source(Entry):
    """Where a value was read."""

    title: Bilingual
    address: Address


class Regime(Entry):
    """A tax regime; `starts` is the first month that its status covers."""

    name: Bilingual
    short: Bilingual
    law: Bilingual
    starts: Literal["same_month", "next_month"]


class DatedValue(Entry):
    """One value, from a day to a day, with the article that sets it and where it was read.

    `known_from` is the day on which the rule became law, if that was before it came into force.
    """

    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")
    known_from: date | None = None
    value: Amount
    low: Amount | None = None
    high: Amount | None = None
    legal_ref: Bilingual
    source: tuple[str, ...]
    confidence: Confidence
    note: Bilingual | None = None

    @property
    def known(self) -> date:
        """The day from which the rule was law."""
        return self.known_from or self.start

    @property
    def doubtful(self) -> bool:
        """Whether no source that was read states the value for this very regime."""
        return self.confidence in {"inferred", "unverified"}


class Parameter(Entry):
    """One parameter of one item of one regime, over time."""

    regime: str
    item: Item
    name: str
    unit: Unit
    values: tuple[DatedValue, ...] = Field(min_length=1)

    @property
    def id(self) -> str:
        """`regime.item.name`."""
        return f"{self.regime}.{self.item}.{self.name}"

    def on(self, day: date, as_of: date) -> DatedValue | None:
        """Return the value for a day, by what was law on `as_of`; none where the rule has ended.

        A rule is taken to last as long as nothing else was law: on a day before VAT of 22 % was
        enacted, 20 % hold for all years to come.
        """
        known = [one for one in self.values if one.start <= day and one.known <= as_of]
        if not known:
            return None
        last = known[-1]
        ended = last is self.values[-1] and last.end is not None and last.end < day
        return None if ended else last


class Content(Entry):
    """The register file."""

    regimes: dict[str, Regime]
    sources: dict[str, Source]
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Use:
    """A dated value that a computation used.

    Attributes
    ----------
    parameter
        Its id, `regime.item.name`.
    value
        The register's row.
    """

    parameter: str
    value: DatedValue


@dataclass(frozen=True)
class Incentives:
    """The register of tax regimes.

    Attributes
    ----------
    content
        Regimes, sources and parameters as the file holds them.

    Examples
    --------
    >>> found = load_incentives()
    >>> today = date(2026, 11, 25)
    >>> found.find("ordinary", "vat", "rate", date(2026, 1, 1), today).value.value
    22.0
    >>> found.find("ordinary", "vat", "rate", date(2026, 1, 1), date(2025, 6, 1)).value.value
    20.0
    >>> found.find("it", "vat", "rate", today, today).parameter
    'ordinary.vat.rate'
    """

    content: Content

    @cached_property
    def parameters(self) -> dict[tuple[str, str, str], Parameter]:
        """Parameters by regime, item and name."""
        return {(one.regime, one.item, one.name): one for one in self.content.parameters}

    def check_regime(self, regime: str) -> str:
        """Return `regime` if the register holds it.

        Raises
        ------
        RegisterError
            For any other; the message lists those that there are.
        """
        if regime not in self.content.regimes:
            known = ", ".join(self.content.regimes)
            raise RegisterError(INCENTIVES.name, [f"no regime {regime!r}"], f"use one of {known}")
        return regime

    def find(self, regime: str, item: str, name: str, day: date, as_of: date) -> Use | None:
        """Return what holds for a regime on a day; the ordinary regime where it has no own rule.

        Parameters
        ----------
        regime, item, name
            As in the register.
        day
            The day that is taxed.
        as_of
            The day whose state of the law is applied.

        Returns
        -------
        The row and the parameter that it belongs to; None if there is no such rule.
        """
        for holder in dict.fromkeys((regime, BASE)):
            parameter = self.parameters.get((holder, item, name))
            found = parameter.on(day, as_of) if parameter else None
            if parameter and found:
                return Use(parameter.id, found)
        return None

    def own(self, regime: str, item: str, name: str, day: date, as_of: date) -> Use | None:
        """Return the regime's own rule on a day, without the ordinary one behind it."""
        parameter = self.parameters.get((regime, item, name))
        found = parameter.on(day, as_of) if parameter else None
        return Use(parameter.id, found) if parameter and found else None

    def with_value(self, parameter: str, value: float, day: date | None = None) -> "Incentives":
        """Return a register in which a parameter has another value.

        Parameters
        ----------
        parameter
            `regime.item.name`.
        value
            What its rows are set to.
        day
            Only the row that covers this day; all rows unless given.

        Raises
        ------
        RegisterError
            If there is no such parameter.
        """
        within(parameter, value, 0, MOST)
        if parameter not in {one.id for one in self.content.parameters}:
            raise RegisterError(INCENTIVES.name, [f"no parameter {parameter!r}"], "see its ids")
        changed = tuple(
            one.model_copy(update={"values": tuple(_set(row, value, day) for row in one.values)})
            if one.id == parameter
            else one
            for one in self.content.parameters
        )
        return Incentives(self.content.model_copy(update={"parameters": changed}))


def _set(row: DatedValue, value: float, day: date | None) -> DatedValue:
    covered = day is None or (row.start <= day and (row.end is None or day <= row.end))
    return row.model_copy(update={"value": value}) if covered else row


def load_incentives(path: Path = INCENTIVES) -> Incentives:
    """Return the register of tax regimes, checked.

    Raises
    ------
    RegisterError
        With all problems at once, each with its line: keys and types, gaps and overlaps of
        dates, unknown regimes, sources, parameters or units, a value outside its bounds, a
        missing source that is not said to be unverified.
    """
    return _load(path)


@cache
def _load(path: Path) -> Incentives:
    raw, lines = read_yaml(path), Lines(path)
    try:
        content = check_register(raw, Content, path.name)
    except RegisterError as error:
        raise RegisterError(
            path.name, [lines.named(problem) for problem in error.problems], NEXT_STEP
        ) from error
    problems = list(_problems(content, lines))
    if problems:
        raise RegisterError(path.name, problems, NEXT_STEP)
    return Incentives(content)


class Lines:
    """Where in a YAML file a key stands.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._root: Any = yaml.compose(path.read_text("utf-8"), Loader=loader)

    def of(self, *keys: str | int) -> int:
        """Return the line of the deepest of `keys` that the file has, counted from one."""
        node, line = self._root, 1
        for key in keys:
            if isinstance(node.value, str):
                break
            pairs = (
                enumerate(node.value)
                if node.id == "sequence"
                else ((one.value, two) for one, two in node.value)
            )
            found = {str(name): child for name, child in pairs}
            if str(key) not in found:
                break
            node = found[str(key)]
            line = node.start_mark.line + 1
        return line

    def named(self, problem: str) -> str:
        """Put the line before a problem that begins with a path such as ``parameters.3.item``."""
        path = re.match(r"[\w.\-]+(?=:)", problem)
        return f"line {self.of(*path.group().split('.')) if path else 1}: {problem}"


def _problems(content: Content, lines: Lines) -> Iterator[str]:
    """What breaks the register's own rules, each with its line."""
    seen: set[str] = set()
    for place, one in enumerate(content.parameters):
        where = f"line {lines.of('parameters', place)}: {one.id}"
        if one.regime not in content.regimes:
            yield f"{where}: unknown regime; expected one of {', '.join(content.regimes)}"
        unit = NAMES.get((one.item, one.name))
        if unit is None:
            names = ", ".join(name for item, name in NAMES if item == one.item)
            yield f"{where}: {one.item} has no parameter {one.name!r}; expected one of {names}"
        elif unit != one.unit:
            yield f"{where}: the unit is {one.unit!r}; expected {unit!r}"
        if one.id in seen:
            yield f"{where}: stands twice"
        seen.add(one.id)
        yield from _dates(one, place, lines)
        for row, value in enumerate(one.values):
            at = f"line {lines.of('parameters', place, 'values', row)}: {one.id}"
            yield from (f"{at}: {fault}" for fault in _faults(value, one.unit, content))
    for item, name in _NEEDED:
        if f"{BASE}.{item}.{name}" not in seen:
            yield f"line {lines.of('parameters')}: {BASE}.{item}.{name} is missing"
    used = {name for one in content.parameters for row in one.values for name in row.source}
    for name in content.sources:
        if name not in used:
            yield f"line {lines.of('sources', name)}: the source {name!r} is used nowhere"


def _dates(one: Parameter, place: int, lines: Lines) -> Iterator[str]:
    """Rows follow each other without gap or overlap; only the last may be open."""
    for row, value in enumerate(one.values):
        at = f"line {lines.of('parameters', place, 'values', row)}: {one.id}"
        if value.end is not None and value.end < value.start:
            yield f"{at}: ends on {value.end}, before it starts on {value.start}"
        if row == 0:
            continue
        before = one.values[row - 1]
        expected = None if before.end is None else before.end + timedelta(days=1)
        if expected is None or value.start < expected:
            yield f"{at}: overlap, starts on {value.start} while the row above still holds"
        elif value.start > expected:
            yield f"{at}: gap, starts on {value.start} but the row above ends on {before.end}"


def _faults(value: DatedValue, unit: Unit, content: Content) -> Iterator[str]:
    if not value.source and value.confidence != "unverified":
        yield f'has no source; give one or say "unverified" (found {value.confidence!r})'
    for name in value.source:
        if name not in content.sources:
            yield f"unknown source {name!r}"
    low = value.value if value.low is None else value.low
    high = value.value if value.high is None else value.high
    if not low <= value.value <= high:
        yield f"the value {value.value} is outside {low} to {high}"
    if unit == "percent" and high > 100:
        yield f"{high:g} %; expected 0 to 100"
    if value.known > value.start:
        yield f"known_from {value.known} is after its start {value.start}"
