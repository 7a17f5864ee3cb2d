"""The structure of an index with its weights: from members and dimensions, or as given."""

from dataclasses import replace

import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.scoring.spec import IndexSpec
from valley_analysis.scoring.structure import Node, Structure
from valley_analysis.scoring.weigh import weights as weigh
from valley_analysis.scoring.weights import correlated_groups, shared_weights

FROM_DATA = ("pca", "entropy", "critic")
COMMON = 30  # rows that two indicators must share for a correlation to count


def weigh_indicators(
    scaled: pd.DataFrame, spec: IndexSpec
) -> tuple["pd.Series[float]", "pd.Series[int]"]:
    """Weigh the indicators of each group as a specification says.

    Parameters
    ----------
    scaled
        Normalised values of the reference periods: (period, unit) x indicators.
    spec
        Names the weighting.

    Returns
    -------
    Weights that sum to 1 among the indicators of a group, and numbers of near-duplicates.

    Raises
    ------
    FrameError
        If the values cannot give weights by that method, with the group.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_spec
    >>> values = pd.DataFrame(columns=list(small_spec().indicators), dtype=float)
    >>> weigh_indicators(values, small_spec())[0].loc[["income", "jobless"]].tolist()
    [0.5, 0.5]
    """
    weights, groups = [], []
    for group, names in siblings(spec).items():
        table = scaled[list(names)].corr(min_periods=COMMON)
        weights.append(_weights(scaled[list(names)], table, group, spec))
        groups.append(correlated_groups(table, spec.shared_above))
    return pd.concat(weights), pd.concat(groups)


def siblings(spec: IndexSpec) -> dict[str, tuple[str, ...]]:
    """Return the indicators of each group that has any."""
    if spec.structure is None:
        return {name: spec.of_dimension(name) for name in spec.dimensions}
    found: dict[str, tuple[str, ...]] = {}
    for name in spec.structure.leaves:
        parent = spec.structure.by_name[name].parent
        found[parent] = (*found.get(parent, ()), name)
    return found


def _weights(
    values: pd.DataFrame, table: pd.DataFrame, group: str, spec: IndexSpec
) -> "pd.Series[float]":
    names = list(values.columns)
    equal = pd.Series(1.0 / len(names), names)
    if spec.weighting == "shared":
        return shared_weights(table, spec.shared_above)
    if spec.weighting == "given":
        given = pd.Series(_given(names, spec), dtype=float)
        return given / given.sum() if given.sum() > 0 else given
    usable = values.loc[:, values.max() > values.min()]
    if spec.weighting not in FROM_DATA or usable.empty:
        return equal
    try:
        return weigh(usable, spec.weighting).values.reindex(names, fill_value=0.0)
    except FrameError as error:
        error.add_note(f"while weighing {group} by {spec.weighting!r}")
        raise


def _given(names: list[str], spec: IndexSpec) -> dict[str, float]:
    nodes = spec.structure.by_name if spec.structure is not None else {}
    own = {name: node.weight for name, node in nodes.items()} | spec.given_weights
    return {name: own[name] for name in names}


def structure_of(spec: IndexSpec, weights: "pd.Series[float]") -> Structure:
    """Write a specification as a tree: the index, its dimensions or groups, their indicators.

    Parameters
    ----------
    spec
        The specification.
    weights
        Of the indicators inside their group, see `weigh_indicators`.

    Raises
    ------
    SpecError
        If a dimension has the name of an indicator, or a group is left without weight.
    """
    if spec.structure is not None:
        return _weighed(spec.structure, spec, weights)
    inside, between = spec.means
    top = "index" if "index" not in {*spec.dimensions, *spec.indicators} else f"index {spec.name}"
    nodes = [Node(top, method=between, threshold=spec.index_threshold)]
    for name in spec.dimensions:
        names = spec.of_dimension(name)
        share = float(len(names)) if spec.weighting == "flat" else 1.0
        share = spec.given_weights.get(name, share)
        nodes.append(Node(name, top, share, method=inside, threshold=spec.dimension_threshold))
        nodes += [Node(child, name, float(weights[child])) for child in names]
    return Structure(tuple(nodes))


def _weighed(tree: Structure, spec: IndexSpec, weights: "pd.Series[float]") -> Structure:
    """Weights of indicators among themselves; together they keep their share of the group."""
    found = {name: at for name, at in spec.given_weights.items() if name in tree.groups}
    for names in siblings(spec).values():
        if spec.weighting == "given":
            found |= _given(list(names), spec)
        else:
            found |= {name: float(weights[name]) * len(names) for name in names}
    return tree.with_weights(found)


def arithmetic(tree: Structure) -> Structure:
    """Return the tree with the arithmetic mean everywhere.

    Examples
    --------
    >>> tree = Structure.from_groups({"a": ("x",)}, method="geometric")
    >>> {node.method for node in arithmetic(tree).nodes}
    {'arithmetic'}
    """
    return Structure(tuple(replace(node, method="arithmetic") for node in tree.nodes))


def present(tree: Structure, names: set[str]) -> Structure:
    """Return the tree in which indicators that an edition lacks have no weight.

    A group left without any indicator keeps them: it is missing for every unit, and counts
    against the threshold of its parent.

    Examples
    --------
    >>> tree = Structure.from_groups({"a": ("x", "y"), "b": ("z",)})
    >>> [node.weight for node in present(tree, {"x"}).nodes]
    [1.0, 1.0, 1.0, 0.0, 1.0, 1.0]
    """
    gone: dict[str, float] = {}
    for group in tree.groups:
        children = tree.children(group)
        left = [name for name in children if name in names or tree.children(name)]
        if sum(tree.by_name[name].weight for name in left) > 0:
            gone |= {name: 0.0 for name in children if name not in left}
    return tree.with_weights(gone)
