"""Does the register hold every valley? Official counts of centres against entries known then."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from valley_analysis.errors import RegisterError
from valley_analysis.valleys.ladder import DECREE
from valley_analysis.valleys.network import NETWORK, Network, Total, load_network
from valley_analysis.valleys.register import Register, load_register

_NONE_LESS = {"exact": True, "about": True, "more_than": True, "less_than": False}
_NONE_MORE = {"exact": True, "about": True, "more_than": False, "less_than": True}


@dataclass(frozen=True)
class Coverage:
    """One official count of decreed centres beside the entries of the register on its date.

    Attributes
    ----------
    counted
        The count: value, date, source and, where a reason is known, why the two differ.
    low, high
        Valleys whose decree is dated within the count's date at the latest, and at the earliest:
        a decree known only to lie between two days may or may not have been counted.
    """

    counted: Total
    low: int
    high: int

    @property
    def missing(self) -> int:
        """How many centres the register lacks (negative: has too many); 0 where none."""
        value, bound = int(self.counted.value), self.counted.bound
        if _NONE_LESS[bound] and self.high < value:
            return value - self.high
        if _NONE_MORE[bound] and self.low > value:
            return value - self.low
        return 0

    @property
    def explained(self) -> bool:
        """Whether nothing is missing or the register says why."""
        return self.missing == 0 or self.counted.gap is not None


def coverage(register: Register, network: Network, as_of: date) -> tuple[Coverage, ...]:
    """Return every official count of decreed centres up to a day beside what the register knew.

    Counts of centres "at work", planned or applied for are not compared: they count something else.

    Parameters
    ----------
    register
        What `load_register` returns.
    network
        What `load_network` returns.
    as_of
        Counts of later days are left out.

    Returns
    -------
    Oldest first; empty where nobody had counted yet.

    Examples
    --------
    >>> from valley_analysis.valleys.network import load_network
    >>> from valley_analysis.valleys.register import load_register
    >>> latest = coverage(load_register(), load_network(), date(2026, 11, 25))[-1]
    >>> int(latest.counted.value), latest.high, latest.missing, latest.explained
    (13, 12, 1, True)
    """
    counts = sorted(
        (one for one in network.totals if one.counts == "decreed" and one.as_of.first <= as_of),
        key=lambda one: one.as_of,
    )
    return tuple(
        Coverage(one, _decreed(register, one.as_of.first), _decreed(register, one.as_of.last, True))
        for one in counts
    )


def _decreed(register: Register, day: date, perhaps: bool = False) -> int:
    """Valleys decreed by a day: for certain, or perhaps."""
    earliest = [
        min(one.date.first if perhaps else one.date.last for one in valley.milestones
            if one.step == DECREE)
        for valley in register.valleys.entries
    ]  # fmt: skip
    return sum(first <= day for first in earliest)


def coverage_problems(register: Register, network: Network) -> Iterator[str]:
    """Yield every official count that differs from the register without a reason.

    Examples
    --------
    >>> from valley_analysis.valleys.network import load_network
    >>> from valley_analysis.valleys.register import load_register
    >>> list(coverage_problems(load_register(), load_network()))
    []
    """
    for one in coverage(register, network, date.max):
        if not one.explained:
            yield (
                f"{one.counted.id} of {one.counted.as_of}: {one.counted.value:.0f} centres counted "
                f"({one.counted.source}), {one.high} known by then; add the missing entry to "
                "register.yml, or say under gap why the two differ"
            )
        elif one.counted.gap is not None and one.missing == 0:
            yield f"{one.counted.id} of {one.counted.as_of}: gap is given, but nothing is missing"


def require_coverage(register: Register | None = None, network: Network | None = None) -> None:
    """Raise if an official count of centres differs from the register without a reason.

    Nothing that is published calls this: pages print the gap instead.

    Parameters
    ----------
    register, network
        Those of the package unless given.

    Raises
    ------
    RegisterError
        With every such count.
    """
    problems = list(coverage_problems(register or load_register(), network or load_network()))
    if problems:
        raise RegisterError(NETWORK.name, problems, "enter the missing centre, or the reason")
