"""What a person may type: addresses, and numbers within bounds.

A register or a parameter is refused at once, with what was found and what was expected, instead of
failing deep in a computation or filling the memory.
"""

from collections.abc import Iterable
from itertools import islice
from numbers import Real
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from valley_analysis.errors import PeriodError, ValleyError

MOST = 1e12
FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_YEARS = LAST_YEAR - FIRST_YEAR + 1
_LONGEST = 2_000


def check_address(text: str) -> str:
    """Return an address that a reader may follow: http or https, one host, no stray signs.

    Raises
    ------
    ValueError
        For anything else, such as ``javascript:`` or an address that ends a quotation.

    Examples
    --------
    >>> check_address("https://tass.ru/ekonomika/26166015")
    'https://tass.ru/ekonomika/26166015'
    """
    expected = "expected one address that begins with http:// or https://"
    if not text.startswith(("http://", "https://")):
        raise ValueError(expected)
    if len(text) > _LONGEST:
        raise ValueError(f"{expected}, of {_LONGEST:,} signs at most")
    stray = sorted({one for one in text if not one.isprintable() or one in ' "<>\\`'})
    if stray:
        raise ValueError(f"{expected}, without {' '.join(map(repr, stray))}")
    host = urlsplit(text).hostname
    if not host or "." not in host:
        raise ValueError(f"{expected} and names a host")
    return text


Address = Annotated[str, AfterValidator(check_address)]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-MOST, le=MOST)]
Amount = Annotated[float, Field(allow_inf_nan=False, ge=0, le=MOST)]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


def within(name: str, value: float, low: float, high: float) -> float:
    """Return a number that lies between bounds.

    Parameters
    ----------
    name
        Of the parameter, for the message.
    value, low, high
        The number and its bounds, which are allowed themselves.

    Raises
    ------
    ValleyError
        If it does not, or is no number.

    Examples
    --------
    >>> within("years", 3, 1, 30)
    3
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ValleyError(f"{name} is {value!r}; expected a number from {low:g} to {high:g}")
    if not low <= value <= high:
        raise ValleyError(f"{name} is {value!r}; expected {low:g} to {high:g}")
    return value


def calendar_years(years: Iterable[int]) -> list[int]:
    """Return calendar years in order, each once.

    Raises
    ------
    PeriodError
        If one is none, or if there are more than a register can know.

    Examples
    --------
    >>> calendar_years([2024, 2022, 2024])
    [2022, 2024]
    """
    found = list(islice(years, MOST_YEARS + 1))
    wrong = [one for one in found if not _is_year(one)]
    if wrong or len(found) > MOST_YEARS:
        told = f"{wrong[0]!r} among the years" if wrong else f"more than {MOST_YEARS} years"
        raise PeriodError(f"{told}; expected years from {FIRST_YEAR} to {LAST_YEAR}")
    return sorted({int(one) for one in found})


def _is_year(value: object) -> bool:
    try:
        return FIRST_YEAR <= float(value) <= LAST_YEAR and int(value) == value  # type: ignore[call-overload, arg-type]
    except (TypeError, ValueError, OverflowError):
        return False
