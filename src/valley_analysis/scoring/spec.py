"""The specification of an index: what goes in, and how it is put together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

from valley_analysis.errors import SpecError
from valley_analysis.scoring import settings
from valley_analysis.scoring.structure import Structure


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
    treatment, outliers
        What is done to outliers, for each method of an indicator by itself: "quantiles" (cut
        at `winsorise`), or a method of `treat`: "winsorise" (the rule of skewness, kurtosis and
        points that `outliers` gives, else logarithms), "log", "box_cox", "none".
    normalisation
        "minmax" (0-100); "zscore" (50 + 10 z); "rank" (100 place / n, the worst is 1);
        "percentile" (100 (place - 1) / (n - 1)); "eis" (square root of what is skewed above 1
        and never negative, then min-max); "ratio" (100 value / mean of the units, mirrored to
        200 - ratio where less is better).
    pooled
        Whether goalposts, moments and places are taken over the reference periods, so that
        editions compare, or in each period by itself.
    weighting, given
        Weights inside a dimension: "shared" (equal, near-duplicates share one), "equal",
        "flat" (each indicator the same in the whole index), "pca", "entropy", "critic" (from
        values of the reference periods), or "given": the pairs or mapping `given`, of every
        indicator, and of dimensions where these differ.
    aggregation, floor
        Mean of a dimension's indicators and mean of the dimensions; one word stands for both:
        "arithmetic", "geometric", "harmonic"; the second may be "copeland" or
        "mazziotta_pareto". Under a mean that is not arithmetic 0 of 100 enters as `floor`, and
        the mean is scaled back.
    imputation
        A method of `impute`, in the indicator's unit, before all else: "none", "previous" or
        "interpolate" over at most `max_lag` periods, "regression", "em", "group_mean",
        "group_median". Suppressed values are never imputed; nothing crosses a change of method.
    structure
        A tree of any depth in place of the members' dimensions, which then give direction only.
        The methods and thresholds of its groups hold; weights of indicators are those of
        `weighting` inside each group, or the tree's own if that is "given".
    subindices
        Name -> dimensions that are also scored by themselves, see `subindex`: pairs or mapping.

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
    treatment: str = "quantiles"
    outliers: tuple[float, float, int] = (2.0, 3.5, 5)
    normalisation: str = "minmax"
    pooled: bool = True
    weighting: str = "shared"
    given: tuple[tuple[str, float], ...] | Mapping[str, float] = ()
    aggregation: tuple[str, str] | str = ("arithmetic", "arithmetic")
    floor: float = 0.0
    imputation: str = "none"
    structure: Structure | None = None
    subindices: tuple[tuple[str, tuple[str, ...]], ...] | Mapping[str, Iterable[str]] = ()

    def __post_init__(self) -> None:
        if isinstance(self.given, Mapping):
            object.__setattr__(self, "given", tuple(self.given.items()))
        parts = self.subindices.items() if isinstance(self.subindices, Mapping) else self.subindices
        object.__setattr__(self, "subindices", tuple((name, tuple(at)) for name, at in parts))
        pair = self.aggregation
        both = (pair, pair) if isinstance(pair, str) else tuple(pair)
        object.__setattr__(self, "aggregation", both)
        problems = settings.problems(self)
        if problems:
            raise SpecError(f"specification {self.name!r}", problems, "correct these settings")

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """Indicators in order."""
        return tuple(member.indicator for member in self.members)

    @property
    def means(self) -> tuple[str, str]:
        """Mean of a dimension's indicators, and of the dimensions."""
        return cast("tuple[str, str]", self.aggregation)

    @property
    def given_weights(self) -> dict[str, float]:
        """Weights given, by indicator or dimension."""
        return dict(cast("tuple[tuple[str, float], ...]", self.given))

    @cached_property
    def dimension_of(self) -> dict[str, str]:
        """Dimension of each indicator; with a structure the group below the top, or itself."""
        if self.structure is None:
            return {member.indicator: member.dimension for member in self.members}
        tree, found = self.structure, {}
        for member in self.members:
            at = member.indicator
            while tree.by_name[at].parent != tree.top:
                at = tree.by_name[at].parent
            found[member.indicator] = at
        return found

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """Dimensions of each sub-index."""
        return dict(cast("tuple[tuple[str, tuple[str, ...]], ...]", self.subindices))

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions in order of first appearance."""
        return tuple(dict.fromkeys(self.dimension_of.values()))

    def of_dimension(self, dimension: str) -> tuple[str, ...]:
        """Return the indicators of one dimension."""
        return tuple(name for name, at in self.dimension_of.items() if at == dimension)

    def subindex(self, name: str) -> "IndexSpec":
        """Return the specification of one sub-index: some of the dimensions, all else alike.

        Raises
        ------
        SpecError
            If there is none of that name.

        Examples
        --------
        >>> spec = IndexSpec("two", (Member("a", "x"), Member("b", "y")), subindices={"one": ["y"]})
        >>> spec.subindex("one").indicators
        ('b',)
        """
        parts = self.parts
        if name not in parts:
            known = ", ".join(parts) or "none"
            problems = [f"no sub-index {name!r}; found {known}"]
            raise SpecError(f"specification {self.name!r}", problems, "name one of them")
        kept = self.only(one for at in parts[name] for one in self.of_dimension(at))
        return replace(kept, name=f"{self.name}_{name}")

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
        if not wanted:
            raise SpecError(
                f"specification {self.name!r}", ["no members; expected at least one"], "name some"
            )
        gone = tuple(name for name in self.indicators if name not in wanted)
        kept = tuple(m for m in self.members if m.indicator in wanted)
        tree = None if self.structure is None else self.structure.without(gone)
        left = {m.dimension for m in kept} if tree is None else set(tree.by_name)
        given = tuple(p for p in self.given_weights.items() if p[0] in wanted or p[0] in left)
        return replace(self, members=kept, given=given, structure=tree, subindices=())
