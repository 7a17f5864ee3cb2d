"""Dates as sources give them: a day, a month, a year, or between two dates."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from valley_analysis.typed import FIRST_YEAR, LAST_YEAR

_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MONTH_DAYS = 30.4375


@dataclass(frozen=True, order=True)
class Dated:
    """A date no more exact than its source.

    Attributes
    ----------
    first, last
        The earliest and the latest day that it can mean.

    Examples
    --------
    >>> Dated.parse("2021-05").last
    datetime.date(2021, 5, 31)
    >>> Dated.parse("2021-05-26/2023-08").precision
    'between'
    """

    first: date
    last: date

    @classmethod
    def parse(cls, text: object) -> "Dated":
        """Return a date from ``2021``, ``2021-05``, ``2021-05-26``, or two of them with ``/``.

        Raises
        ------
        ValueError
            For anything else, and where the second date lies before the first.
        """
        if isinstance(text, Dated):
            return text
        first, _, last = str(text).partition("/")
        ends = cls(_span(first)[0], _span(last or first)[1])
        if ends.last < ends.first:
            raise ValueError(f"{text}: ends before it begins")
        return ends

    @property
    def precision(self) -> str:
        """day, month, year, or between."""
        if self.first == self.last:
            return "day"
        year, month = self.first.year, self.first.month
        if (self.first, self.last) == _span(f"{year}-{month:02}"):
            return "month"
        return "year" if (self.first, self.last) == _span(f"{year}") else "between"

    @property
    def middle(self) -> date:
        """The day half-way, for a place on an axis."""
        return self.first + (self.last - self.first) / 2

    def __str__(self) -> str:
        form = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}.get(self.precision)
        return self.first.strftime(form) if form else f"{self.first}/{self.last}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse)


def _span(text: str) -> tuple[date, date]:
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no date; expected 2021, 2021-05 or 2021-05-26")
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{text!r} is no date of a valley; expected {FIRST_YEAR} to {LAST_YEAR}")
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def months_between(earlier: date, later: date) -> float:
    """Return the time from one day to another in months of 30.44 days.

    Examples
    --------
    >>> round(months_between(date(2021, 1, 1), date(2022, 1, 1)), 1)
    12.0
    """
    return (later - earlier).days / _MONTH_DAYS
