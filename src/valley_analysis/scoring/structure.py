"""The structure of an index: which child belongs to which group, at what weight, how averaged."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from valley_analysis.errors import SpecError

MEANS = ("arithmetic", "geometric", "harmonic", "power")
METHODS = (*MEANS, "copeland", "mazziotta_pareto")


@dataclass(frozen=True)
class Node:
    """A group or an indicator of an index.

    Attributes
    ----------
    name
        Unique in the structure; a leaf's name is its indicator.
    parent
        The group that it belongs to; empty for the top.
    weight
        Share among its siblings, any non-negative number.
    method
        How a group averages its children (one of `METHODS`); a leaf has none.
    power
        Exponent of the "power" mean.
    threshold
        Share of the children's weight that must be present for the group to have a score.
    """

    name: str
    parent: str = ""
    weight: float = 1.0
    method: str = "arithmetic"
    power: float = 1.0
    threshold: float = 0.5


@dataclass(frozen=True)
class Structure:
    """A tree of groups and indicators, of any depth, levels may be skipped.

    Parameters
    ----------
    nodes
        Every group and indicator; exactly one has no parent.

    Raises
    ------
    SpecError
        With every orphan, cycle, repeated name, second top, negative weight, unknown
        method and group without weight.

    Examples
    --------
    >>> tree = Structure((Node("index"), Node("x", "index", 2.0), Node("g", "index"),
    ...                   Node("y", "g"), Node("z", "g")))
    >>> tree.leaves, tree.depth
    (('x', 'y', 'z'), 2)
    >>> tree.leaf_weights() == {"x": 2 / 3, "y": 1 / 6, "z": 1 / 6}
    True
    """

    nodes: tuple[Node, ...]

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise SpecError("structure", problems, "correct these groups and indicators")

    @classmethod
    def from_groups(
        cls, groups: Mapping[str, tuple[str, ...]], top: str = "index", **settings: float | str
    ) -> "Structure":
        """Build the usual two levels: dimensions below the top, indicators below them.

        Parameters
        ----------
        groups
            Dimension -> its indicators.
        top
            Name of the index.
        settings
            `method` or `threshold` for every group.

        Examples
        --------
        >>> Structure.from_groups({"a": ("x", "y"), "b": ("z",)}).children("a")
        ('x', 'y')
        """
        nodes = [Node(top, **settings)]  # type: ignore[arg-type]
        for group, members in groups.items():
            nodes.append(Node(group, top, **settings))  # type: ignore[arg-type]
            nodes += [Node(member, group) for member in members]
        return cls(tuple(nodes))

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """Nodes by name."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def top(self) -> str:
        """Name of the index itself."""
        return next(node.name for node in self.nodes if not node.parent)

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {node.name: [] for node in self.nodes}
        for node in self.nodes:
            if node.parent:
                found[node.parent].append(node.name)
        return {name: tuple(names) for name, names in found.items()}

    def children(self, name: str) -> tuple[str, ...]:
        """Return the children of a group, in order; none for an indicator."""
        return self._children[name]

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """Indicators, in order."""
        return tuple(node.name for node in self.nodes if not self._children[node.name])

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Groups from the deepest to the top, so that each follows its children."""
        found = [node.name for node in self.nodes if self._children[node.name]]
        return tuple(sorted(found, key=self.depth_of, reverse=True))

    def depth_of(self, name: str) -> int:
        """Return how many levels below the top a node lies."""
        depth = 0
        while self.by_name[name].parent:
            name, depth = self.by_name[name].parent, depth + 1
        return depth

    @property
    def depth(self) -> int:
        """Levels below the top."""
        return max(self.depth_of(name) for name in self.leaves)

    def shares(self, group: str) -> dict[str, float]:
        """Return the weights of a group's children, summing to 1."""
        weights = {name: self.by_name[name].weight for name in self.children(group)}
        total = sum(weights.values())
        return {name: weight / total for name, weight in weights.items()}

    def leaf_weights(self) -> dict[str, float]:
        """Return each indicator's nominal share of the whole index, summing to 1."""
        share = {self.top: 1.0}
        for group in reversed(self.groups):
            for name, part in self.shares(group).items():
                share[name] = share[group] * part
        return {name: share[name] for name in self.leaves}

    def with_weights(self, weights: Mapping[str, float]) -> "Structure":
        """Return the structure with other weights for the nodes named.

        Raises
        ------
        SpecError
            With every name that the structure does not hold.
        """
        unknown = [
            f"weight of {name!r}, which is no node" for name in weights if name not in self.by_name
        ]
        if unknown:
            raise SpecError("structure", unknown, f"name one of {', '.join(self.by_name)}")
        return Structure(
            tuple(replace(n, weight=float(weights.get(n.name, n.weight))) for n in self.nodes)
        )

    def without(self, leaves: tuple[str, ...]) -> "Structure":
        """Return the structure without some indicators, and without groups left empty."""
        nodes = tuple(node for node in self.nodes if node.name not in leaves)
        empty = self._empty(nodes)
        while empty:
            nodes = tuple(node for node in nodes if node.name not in empty)
            empty = self._empty(nodes)
        return Structure(nodes)

    def _empty(self, nodes: tuple[Node, ...]) -> set[str]:
        parents = {node.parent for node in nodes}
        groups = {node.name for node in nodes if self._children[node.name] and node.parent}
        return groups - parents

    def _problems(self) -> Iterator[str]:
        names = [node.name for node in self.nodes]
        for name, count in Counter(names).items():
            if count > 1:
                yield f"{name} stands {count} times; expected once"
        tops = [node.name for node in self.nodes if not node.parent]
        if len(tops) != 1:
            yield f"{len(tops)} nodes without parent ({', '.join(tops)}); expected one"
        parents = {node.name: node.parent for node in self.nodes}
        for node in self.nodes:
            if node.parent and node.parent not in parents:
                yield f"{node.name} is an orphan: its parent {node.parent!r} does not exist"
            elif self._in_cycle(node.name, parents):
                yield f"{node.name} is part of a cycle"
            if not node.weight >= 0 or node.weight == float("inf"):
                yield f"{node.name}: weight {node.weight}; expected a number of 0 or more"
            if node.method not in METHODS:
                yield f"{node.name}: method {node.method!r}; expected one of {', '.join(METHODS)}"
            if not 0 < node.threshold <= 1:
                yield f"{node.name}: threshold {node.threshold}; expected above 0 and up to 1"
        for group in {node.parent for node in self.nodes if node.parent}:
            if not sum(node.weight for node in self.nodes if node.parent == group) > 0:
                yield f"{group}: its children have no weight"

    @staticmethod
    def _in_cycle(name: str, parents: Mapping[str, str]) -> bool:
        seen, at = set(), parents.get(name, "")
        while at and at not in seen:
            if at == name:
                return True
            seen.add(at)
            at = parents.get(at, "")
        return False
