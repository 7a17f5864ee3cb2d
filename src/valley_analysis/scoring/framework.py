"""The framework of an index as scenarios: dimensions left out or halved, other specifications.

A framework is a decision, not a draw: no probability says how often a dimension should be absent.
So these stand beside the ranges of `vary` and do not enter them.

References
----------
OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 1 (framework) and step 7.
"""

from collections.abc import Callable, Mapping

import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.scoring.agreement import rating_agreements
from valley_analysis.scoring.brought import numbers_of
from valley_analysis.scoring.combine import aggregate_structure
from valley_analysis.scoring.index import IndexResult, score_index
from valley_analysis.scoring.ranks import rank
from valley_analysis.scoring.spec import IndexSpec

LEFT_OUT, HALVED = 0.0, 0.5
KINDS = ("index", "subindex", "alone", "without")


def reweighted(result: IndexResult, weights: Mapping[str, float]) -> "pd.Series[float]":
    """Return the scores of an edition with the weights of some dimensions multiplied.

    Goalposts and weights inside dimensions stay; a unit needs the same share of the new weight.

    Parameters
    ----------
    result
        One edition of an index.
    weights
        Dimension -> factor.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> found = small_index()
    >>> bool((reweighted(found, {}) - found.scores["score"]).abs().max() < 1e-9)
    True
    """
    tree, floor = result.structure, result.spec.floor
    changed = {name: tree.by_name[name].weight * factor for name, factor in weights.items()}
    points = result.normalised.reindex(columns=list(tree.leaves))
    found = aggregate_structure(
        points, tree.with_weights(changed), shift=100.0 * floor / (100.0 - floor)
    )
    return found.index


def subindex_scores(result: IndexResult) -> pd.DataFrame:
    """Return the scores of an edition's sub-indices: units x sub-indices, 0-100.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> subindex_scores(small_index()).shape[1]
    0
    """
    spec = result.spec
    scores = {
        name: reweighted(result, {one: LEFT_OUT for one in spec.dimensions if one not in kept})
        for name, kept in spec.parts.items()
    }
    return pd.DataFrame(scores, index=result.scores.index)


def framework_ranks(
    indicators: pd.DataFrame,
    result: IndexResult,
    others: Mapping[str, IndexSpec] | None = None,
) -> pd.DataFrame:
    """Rank units under other frameworks, one at a time.

    Parameters
    ----------
    indicators
        The frame that the result was scored from.
    result
        One edition of an index: the nominal framework.
    others
        Further specifications by name; one without the edition is left out.

    Returns
    -------
    Units x (kind, name): ("nominal", ""), ("without", dimension), ("halved", dimension),
    ("other", name of a specification). With one dimension only the first and the last kind.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index, small_indicators
    >>> framework_ranks(small_indicators(), small_index()).columns[:3].tolist()
    [('nominal', ''), ('without', 'economy'), ('without', 'knowledge')]
    """
    ranks = {("nominal", ""): result.scores["rank"]}
    dimensions = result.spec.dimensions if len(result.spec.dimensions) > 1 else ()
    for kind, factor in (("without", LEFT_OUT), ("halved", HALVED)):
        for name in dimensions:
            ranks[kind, name] = rank(reweighted(result, {name: factor}))
    for name, spec in (others or {}).items():
        if spec.editions[0] <= result.period <= spec.editions[1]:
            other = score_index(indicators, spec, result.period, result.scope)
            ranks["other", name] = other.scores["rank"]
    return pd.DataFrame(ranks).rename_axis(columns=["kind", "name"])


def framework_scenarios(ranks: pd.DataFrame, ranges: pd.DataFrame) -> pd.DataFrame:
    """Return how far each framework moves ranks, and how many leave their range.

    Parameters
    ----------
    ranks
        What `framework_ranks` returns.
    ranges
        ``rank_low, rank_high`` by unit, as in `UncertaintyResult.ranges`.

    Returns
    -------
    One row a scenario, indexed like the columns of `ranks` but the nominal one: ``spearman``
    (with the nominal ranks), ``mean_shift``, ``max_shift`` (places), ``unit`` (that moves most),
    its ``rank`` and ``shift`` (positive where it falls), ``outside`` (units whose rank is outside
    the range), ``n`` (units ranked by both).

    Raises
    ------
    FrameError
        If the frames are not such, or hold no numbers.
    """
    table, ends = _scenario_frames(ranks, ranges)
    nominal = table.pop(("nominal", ""))
    low, high = (ends[name].reindex(nominal.index) for name in _ENDS)
    rows = {}
    for key, other in table.items():
        moved = (other - nominal).dropna()
        farthest = moved.abs().idxmax() if len(moved) else None
        rows[key] = {
            "spearman": _spearman(other, nominal),
            "mean_shift": moved.abs().mean(),
            "max_shift": moved.abs().max(),
            "unit": farthest,
            "rank": nominal[farthest] if farthest is not None else float("nan"),
            "shift": moved[farthest] if farthest is not None else float("nan"),
            "outside": int(((other < low) | (other > high)).sum()),
            "n": len(moved),
        }
    index = pd.MultiIndex.from_tuples(rows, names=["kind", "name"])
    return pd.DataFrame(list(rows.values()), index)


def _spearman(other: "pd.Series[float]", nominal: "pd.Series[float]") -> float:
    both = pd.DataFrame({"other": other, "nominal": nominal}).dropna().rank()
    if (both.nunique() < 2).any():
        return float("nan")
    return float(both["other"].corr(both["nominal"]))


def _scenario_frames(
    ranks: pd.DataFrame, ranges: pd.DataFrame
) -> "tuple[dict[tuple[str, str], pd.Series[float]], dict[str, pd.Series[float]]]":
    where, problems = "framework_scenarios", []
    keys = [key for key in ranks.columns if isinstance(key, tuple) and len(key) == 2]
    if ("nominal", "") not in keys or len(keys) < len(ranks.columns):
        problems.append("ranks: columns are no pairs (kind, name) with ('nominal', '')")
    elif len(keys) < 2 or len(set(keys)) < len(keys):
        problems.append(f"ranks: {len(keys)} columns; expected the nominal and others, each once")
    problems += [f"ranges: no column {name!r}" for name in _ENDS if name not in ranges]
    if problems:
        raise FrameError(where, problems, "pass what framework_ranks and vary return")
    table = {key: numbers_of(ranks[key], where, f"ranks {key}") for key in keys}
    return table, {name: numbers_of(ranges[name], where, name) for name in _ENDS}


_ENDS = ("rank_low", "rank_high")


def framework_agreements(
    editions: Mapping[int, IndexResult], places: pd.DataFrame, minimum: int = 20
) -> pd.DataFrame:
    """Return how the index, its parts, and the index without a part agree with other ratings.

    It says what other ratings share with this framework. It is no target: a dimension that they
    lack is not wrong for that.

    Parameters
    ----------
    editions
        Period -> edition, of one specification.
    places
        Published places: rating, year, region, rank; see `rating_agreements`.
    minimum
        Regions in common for a list to be compared.

    Returns
    -------
    One row a list and part: ``rating, year, edition, n, kind`` (of `KINDS`), ``part`` (name of
    sub-index or dimension), ``spearman, low, high`` (interval at 95 %).
    """
    rows = []
    for kind, part, scores in _parts(next(iter(editions.values())).spec):
        ranks = pd.DataFrame({year: rank(scores(one)) for year, one in editions.items()})
        for (rating, year, edition), found in rating_agreements(ranks, places, minimum).items():
            told = {"rating": rating, "year": year, "edition": edition, "n": found.n}
            told |= {"kind": kind, "part": part, "spearman": found.spearman}
            rows.append(told | {"low": found.low, "high": found.high})
    columns = ["rating", "year", "edition", "n", "kind", "part", "spearman", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _parts(
    spec: IndexSpec,
) -> list[tuple[str, str, Callable[[IndexResult], "pd.Series[float]"]]]:
    """Kind, name and scores of the index, its sub-indices, its dimensions, and it without each."""

    def only(kept: tuple[str, ...]) -> Callable[[IndexResult], "pd.Series[float]"]:
        gone = {name: LEFT_OUT for name in spec.dimensions if name not in kept}
        return lambda result: reweighted(result, gone)

    parts = [("index", "", only(spec.dimensions))]
    parts += [("subindex", name, only(kept)) for name, kept in spec.parts.items()]
    if len(spec.dimensions) > 1:
        parts += [("alone", name, only((name,))) for name in spec.dimensions]
        parts += [
            ("without", name, only(tuple(one for one in spec.dimensions if one != name)))
            for name in spec.dimensions
        ]
    return parts
