"""Levels and places for the nodes of a diagram of arrows (Sugiyama, Tagawa and Toda, 1981)."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[str, str]
_SWEEPS = 12


@dataclass(frozen=True)
class Layers:
    """Where nodes stand.

    Attributes
    ----------
    places
        Node -> place from left (0) to right (1), and level from the top; bends of long arrows
        are nodes too.
    bends
        Arrow -> the bends that it passes.
    depth
        How many levels there are.
    """

    places: Mapping[Hashable, tuple[float, int]]
    bends: Mapping[Edge, tuple[Hashable, ...]]
    depth: int


def layered(edges: Sequence[Edge]) -> Layers:
    """Return places for the nodes of a diagram such that arrows point down and cross little.

    Parameters
    ----------
    edges
        From the upper to the lower node; an arrow that closes a circle points up.

    Examples
    --------
    >>> found = layered([("a", "b"), ("b", "c"), ("a", "c")])
    >>> found.depth, found.places["c"][1], len(found.bends[("a", "c")])
    (3, 2, 1)
    """
    level = _levels(edges)
    depth = max(level.values(), default=-1) + 1
    rows: list[list[Hashable]] = [[n for n in level if level[n] == k] for k in range(depth)]
    bends: dict[Edge, tuple[Hashable, ...]] = {}
    links: list[tuple[Hashable, Hashable]] = []
    for edge in edges:
        passed = tuple((*edge, k) for k in range(level[edge[0]] + 1, level[edge[1]]))
        bends[edge] = passed
        for bend in passed:
            rows[bend[2]].append(bend)
        chain: list[Hashable] = [edge[0], *passed, edge[1]]
        links += list(pairwise(chain))
    _untangle(rows, links)
    widest = max((len(row) for row in rows), default=1)
    places = {node: spot for k, row in enumerate(rows) for node, spot in _row(row, k, widest)}
    return Layers(places, bends, depth)


def _levels(edges: Sequence[Edge]) -> dict[str, int]:
    """The longest way down to each node; an arrow that would close a circle does not count."""
    level = dict.fromkeys((node for edge in edges for node in edge), 0)
    below: dict[str, set[str]] = {node: set() for node in level}
    kept = []
    for upper, lower in edges:
        if upper not in _reached(lower, below):
            below[upper].add(lower)
            kept.append((upper, lower))
    for _ in level:
        for upper, lower in kept:
            level[lower] = max(level[lower], level[upper] + 1)
    return level


def _reached(start: str, below: Mapping[str, set[str]]) -> set[str]:
    found, pending = {start}, [start]
    while pending:
        new = below[pending.pop()] - found
        found |= new
        pending += new
    return found


def _untangle(rows: list[list[Hashable]], links: Sequence[tuple[Hashable, Hashable]]) -> None:
    """Order each level by the mean place of what its nodes are joined to, down and up in turn."""
    best, fewest = [list(row) for row in rows], _crossings(rows, links)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for k in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            fixed = rows[k - 1] if down else rows[k + 1]
            place = {node: i / max(len(fixed) - 1, 1) for i, node in enumerate(fixed)}
            own = {node: i / max(len(rows[k]) - 1, 1) for i, node in enumerate(rows[k])}
            mean = {}
            for node in rows[k]:
                near = [a if b == node else b for a, b in links if node in (a, b)]
                found = [place[other] for other in near if other in place]
                mean[node] = sum(found) / len(found) if found else own[node]
            rows[k].sort(key=lambda node: mean[node])
        crossed = _crossings(rows, links)
        if crossed < fewest:
            best, fewest = [list(row) for row in rows], crossed
    rows[:] = best


def _crossings(rows: list[list[Hashable]], links: Sequence[tuple[Hashable, Hashable]]) -> int:
    place = {node: (k, i) for k, row in enumerate(rows) for i, node in enumerate(row)}
    count = 0
    for n, (a, b) in enumerate(links):
        for c, d in links[:n]:
            if place[a][0] == place[c][0]:
                count += (place[a][1] - place[c][1]) * (place[b][1] - place[d][1]) < 0
    return count


def _row(row: list[Hashable], level: int, widest: int) -> list[tuple[Hashable, tuple[float, int]]]:
    """Even places; a short level is centred and uses less than the whole width."""
    if len(row) == 1:
        return [(row[0], (0.5, level))]
    used = min(1.0, 0.35 + 0.65 * (len(row) - 1) / max(widest - 1, 1))
    start = (1 - used) / 2
    return [(node, (start + used * i / (len(row) - 1), level)) for i, node in enumerate(row)]
