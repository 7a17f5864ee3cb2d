"""The specification of an index: what goes in, and how it is put together."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from valley_analysis.errors import SpecError


@dataclass(frozen=True)
class Member:
    """An indicator of an index: its dimension, and 1 (more is better) or -1."""

    indicator: str
    dimension: str
    direction: int = 1


@dataclass(frozen=True)
class IndexSpec:
    """How an index is built; frozen, checked at construction, varied with `replace`.

    Attributes
    ----------
    name
        What reports call it.
    members
        The indicators, in order.
    winsorise
        Quantiles of the pooled distribution at which values are cut before scaling; they
        are the goalposts 0 and 100.
    reference
        First and last period whose values are pooled for goalposts and correlations, so
        that scores of different editions compare.
    shared_above
        Indicators of one dimension that correlate above this share one weight.
    dimension_threshold, index_threshold
        Share of a group's weight that must be present for it to have a score.
    max_lag
        How many years older than the edition a value may be.
    suppressed_tolerance
        A suppressed value enters as the middle of its bounds if these are no further
        apart than this many points of 100; else it is missing.
    editions
        First and last edition that may be asked for.
    provisional
        Editions for which part of the sources is not published yet.
    base, deflator
        Prices in which money enters.

    Raises
    ------
    SpecError
        With everything that contradicts itself.

    Examples
    --------
    >>> spec = IndexSpec("two", (Member("a", "x"), Member("b", "y", -1)))
    >>> spec.dimensions
    ('x', 'y')
    """

    name: str
    members: tuple[Member, ...]
    winsorise: tuple[float, float] = (0.025, 0.975)
    reference: tuple[int, int] = (2009, 2022)
    shared_above: float = 0.9
    dimension_threshold: float = 0.5
    index_threshold: float = 0.8
    max_lag: int = 1
    suppressed_tolerance: float = 5.0
    editions: tuple[int, int] = (2010, 2022)
    provisional: tuple[int, ...] = field(default=())
    base: int = 2021
    deflator: str = "national"

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise SpecError(f"specification {self.name!r}", problems, "correct these settings")

    def _problems(self) -> list[str]:
        found = [
            f"indicator {name} is used {count} times; expected once"
            for name, count in Counter(member.indicator for member in self.members).items()
            if count > 1
        ]
        found += [
            f"{member.indicator}: direction {member.direction}; expected 1 or -1"
            for member in self.members
            if member.direction not in (-1, 1)
        ]
        low, high = self.winsorise
        checks = {
            "no members; expected at least one": not self.members,
            f"winsorise {self.winsorise}; expected 0 <= low < high <= 1": not 0 <= low < high <= 1,
            f"reference {self.reference}; expected first <= last": self.reference[0]
            > self.reference[1],
            f"shared_above {self.shared_above}; expected 0 to 1": not 0 <= self.shared_above <= 1,
            f"dimension_threshold {self.dimension_threshold}; expected above 0 and up to 1": not 0
            < self.dimension_threshold
            <= 1,
            f"index_threshold {self.index_threshold}; expected above 0 and up to 1": not 0
            < self.index_threshold
            <= 1,
            f"max_lag {self.max_lag}; expected 0 or more": self.max_lag < 0,
            f"deflator {self.deflator!r}; expected national or regional": self.deflator
            not in ("national", "regional"),
        }
        return found + [text for text, wrong in checks.items() if wrong]

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Indicators in order."""
        return tuple(member.indicator for member in self.members)

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions in order of first appearance."""
        return tuple(dict.fromkeys(member.dimension for member in self.members))

    def of_dimension(self, dimension: str) -> tuple[str, ...]:
        """Return the indicators of one dimension."""
        return tuple(m.indicator for m in self.members if m.dimension == dimension)

    def only(self, indicators: Iterable[str]) -> "IndexSpec":
        """Return the specification restricted to some of its indicators, in its own order.

        Raises
        ------
        SpecError
            If one of them is not a member, or none is named.

        Examples
        --------
        >>> spec = IndexSpec("two", (Member("a", "x"), Member("b", "y", -1)))
        >>> spec.only(["b"]).indicators
        ('b',)
        """
        wanted = set(indicators)
        unknown = sorted(wanted - set(self.indicators))
        if unknown:
            problems = [f"{name} is not a member" for name in unknown]
            raise SpecError(f"specification {self.name!r}", problems, "name its own indicators")
        return replace(self, members=tuple(m for m in self.members if m.indicator in wanted))
