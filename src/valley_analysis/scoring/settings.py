"""What a specification may say: names of methods, and everything that contradicts itself."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from valley_analysis.scoring.impute import METHODS as IMPUTATIONS
from valley_analysis.scoring.impute import OVER_TIME
from valley_analysis.scoring.treat import METHODS as TREATMENTS

if TYPE_CHECKING:
    from valley_analysis.scoring.spec import IndexSpec

NORMALISATIONS = ("minmax", "zscore", "rank", "percentile", "eis", "ratio")
WEIGHTINGS = ("shared", "equal", "flat", "pca", "entropy", "critic", "given")
MEANS = ("arithmetic", "geometric", "harmonic")
AT_THE_TOP = (*MEANS, "copeland", "mazziotta_pareto")
TAKEN = (
    *("score", "rank", "weight_present", "rank_low", "rank_high", "region", "name_en", "name_ru"),
    *("period", "scope", "provisional", "indicators", "dimensions"),
)
"""Columns of results and exports, which no dimension or indicator may be called."""
CHOICES = {
    "treatment": TREATMENTS,
    "normalisation": NORMALISATIONS,
    "weighting": WEIGHTINGS,
    "imputation": IMPUTATIONS,
    "deflator": ("national", "regional"),
}


def problems(spec: "IndexSpec") -> list[str]:
    """Return everything that contradicts itself in a specification."""
    checks = (_members, _choices, _numbers, _given, _structure, _subindices)
    return [problem for check in checks for problem in check(spec)]


def _members(spec: "IndexSpec") -> Iterator[str]:
    if not spec.members:
        yield "no members; expected at least one"
    for name, count in Counter(member.indicator for member in spec.members).items():
        if count > 1:
            yield f"indicator {name} is used {count} times; expected once"
    yield from _names(spec)
    for member in spec.members:
        if member.direction not in (-1, 1):
            yield f"{member.indicator}: direction {member.direction}; expected 1 or -1"


def _names(spec: "IndexSpec") -> Iterator[str]:
    """Names become columns beside others, and nodes of one tree."""
    indicators = {member.indicator for member in spec.members}
    for name in dict.fromkeys((*spec.dimensions, *indicators)) if _readable(spec) else ():
        kind = "indicator" if name in indicators else "dimension"
        if not isinstance(name, str) or not name.strip():
            yield f"{kind} {name!r}; expected a name"
        elif name in TAKEN:
            yield f"{kind} {name!r} is a column of the results; expected another name"
    if spec.structure is None:
        for name in sorted({member.dimension for member in spec.members} & indicators):
            yield f"dimension {name!r} has the name of an indicator; expected another name"


def _readable(spec: "IndexSpec") -> bool:
    tree = spec.structure
    return tree is None or {member.indicator for member in spec.members} <= set(tree.leaves)


def _choices(spec: "IndexSpec") -> Iterator[str]:
    for setting, known in CHOICES.items():
        value = getattr(spec, setting)
        if value not in known:
            yield f"{setting} {value!r}; expected one of {', '.join(known)}"
    if len(spec.means) != 2:
        yield f"aggregation {spec.aggregation}; expected the mean of a dimension, and of the index"
        return
    for method, known in zip(spec.means, (MEANS, AT_THE_TOP), strict=True):
        if method not in known:
            level = "a dimension" if known is MEANS else "the index"
            yield f"aggregation of {level} {method!r}; expected one of {', '.join(known)}"
    if spec.imputation in OVER_TIME and spec.max_lag < 1:
        yield f"imputation {spec.imputation!r} with max_lag {spec.max_lag}; expected 1 or more"


def _numbers(spec: "IndexSpec") -> list[str]:
    low, high = spec.winsorise
    skewness, kurtosis, points = spec.outliers
    shares = ("dimension_threshold", "index_threshold")
    checks = {
        f"winsorise {spec.winsorise}; expected 0 <= low < high <= 1": 0 <= low < high <= 1,
        f"reference {spec.reference}; expected first <= last": spec.reference[0]
        <= spec.reference[1],
        f"shared_above {spec.shared_above}; expected 0 to 1": 0 <= spec.shared_above <= 1,
        f"editions {spec.editions}; expected first <= last": spec.editions[0] <= spec.editions[1],
        f"suppressed_tolerance {spec.suppressed_tolerance}; expected 0 or more": (
            spec.suppressed_tolerance >= 0
        ),
        f"max_lag {spec.max_lag}; expected 0 or more": spec.max_lag >= 0,
        f"outliers {spec.outliers}; expected skewness above 0, a kurtosis, points of 0 or more": (
            skewness > 0 and kurtosis == kurtosis and points >= 0 and points == int(points)
        ),
        f"floor {spec.floor}; expected 0 to below 100": 0 <= spec.floor < 100,
    }
    for name in shares:
        share = getattr(spec, name)
        checks[f"{name} {share}; expected above 0 and up to 1"] = 0 < share <= 1
    return [text for text, right in checks.items() if not right]


def _given(spec: "IndexSpec") -> Iterator[str]:
    weights = spec.given_weights
    if weights and spec.weighting != "given":
        yield f"given weights under weighting {spec.weighting!r}; expected weighting 'given'"
    names = [member.indicator for member in spec.members]
    groups = {member.dimension for member in spec.members}
    if spec.structure is not None:
        groups = {node.name for node in spec.structure.nodes} - set(names)
    elif spec.weighting == "given":
        lost = [name for name in names if name not in weights]
        if lost:
            yield f"no weight given for {', '.join(lost)}"
    for name, weight in weights.items():
        if name not in names and name not in groups:
            yield f"weight given for {name!r}, which is neither member nor group"
        if not 0 <= weight < float("inf"):
            yield f"{name}: weight {weight}; expected a number of 0 or more"


def _structure(spec: "IndexSpec") -> Iterator[str]:
    tree = spec.structure
    if tree is None:
        return
    names = {member.indicator for member in spec.members}
    for name in sorted(names - set(tree.leaves)):
        yield f"{name} is a member, but no indicator of the structure"
    for name in sorted(set(tree.leaves) - names):
        yield f"{name} is an indicator of the structure, but no member"
    if spec.means != ("arithmetic", "arithmetic"):
        yield f"aggregation {spec.aggregation} beside a structure; expected methods of its groups"
    weighed = [name for name in tree.leaves if tree.by_name[name].weight != 1.0]
    if weighed and spec.weighting != "given":
        yield f"weights of {', '.join(weighed)} in the structure; expected weighting 'given'"
    if spec.weighting == "flat":
        yield "weighting 'flat' beside a structure; expected a structure without groups instead"


def _subindices(spec: "IndexSpec") -> Iterator[str]:
    parts = spec.parts
    if len(parts) < len(spec.subindices):
        yield "a sub-index stands twice; expected once"
    taken = Counter(name for dimensions in parts.values() for name in dimensions)
    for name, dimensions in parts.items():
        if not dimensions:
            yield f"sub-index {name}: no dimensions"
        for lost in [one for one in dimensions if one not in spec.dimensions]:
            yield f"sub-index {name}: {lost!r} is no dimension; found {', '.join(spec.dimensions)}"
    for name, count in taken.items():
        if count > 1:
            yield f"dimension {name} stands in {count} sub-indices; expected one at most"
