"""What every way of averaging shares: the tree as places in arrays, exponents, their scale."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from valley_analysis.errors import SpecError
from valley_analysis.scoring.structure import METHODS, Structure

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SLACK = 1e-12  # the same as in `aggregate`: a share that equals the threshold passes
COPELAND = float(np.finfo(float).max)  # stand where an exponent does; no mean has these
MAZZIOTTA_PARETO = -COPELAND
EXPONENTS = {
    "arithmetic": 1.0,
    "geometric": 0.0,
    "harmonic": -1.0,
    "copeland": COPELAND,
    "mazziotta_pareto": MAZZIOTTA_PARETO,
}
ROUNDING = 1e-9
STEEP = 8.0  # powers of 100 beyond this are averaged in logarithms


@dataclass(frozen=True)
class Branch:
    """A group with the places of its children in the arrays.

    Attributes
    ----------
    name, position
        The group, and its place among `Structure.groups`.
    leaf_nodes, leaves
        Its indicators: columns of the weights, columns of the values.
    group_nodes, groups
        Its groups: columns of the weights, places among `Structure.groups`.
    threshold
        Share of weight that must be present.
    """

    name: str
    position: int
    leaf_nodes: Ints
    leaves: Ints
    group_nodes: Ints
    groups: Ints
    threshold: float


def branches(structure: Structure) -> tuple[Branch, ...]:
    """Translate a structure into places in arrays, the deepest groups first."""
    node_at = {node.name: place for place, node in enumerate(structure.nodes)}
    leaf_at = {name: place for place, name in enumerate(structure.leaves)}
    group_at = {name: place for place, name in enumerate(structure.groups)}
    found = []
    for name, position in group_at.items():
        leaves = [child for child in structure.children(name) if child in leaf_at]
        groups = [child for child in structure.children(name) if child in group_at]
        found.append(
            Branch(
                name=name,
                position=position,
                leaf_nodes=np.array([node_at[child] for child in leaves], dtype=np.int64),
                leaves=np.array([leaf_at[child] for child in leaves], dtype=np.int64),
                group_nodes=np.array([node_at[child] for child in groups], dtype=np.int64),
                groups=np.array([group_at[child] for child in groups], dtype=np.int64),
                threshold=structure.by_name[name].threshold,
            )
        )
    return tuple(found)


def exponent(method: str, power: float = 1.0) -> float:
    """Return the exponent of the power mean that a method is, or the code that stands for it.

    Raises
    ------
    SpecError
        If there is no such method.

    Examples
    --------
    >>> exponent("geometric"), exponent("power", 0.5), exponent("copeland") == COPELAND
    (0.0, 0.5, True)
    """
    if method not in METHODS:
        problem = f"method {method!r}; expected one of {', '.join(METHODS)}"
        raise SpecError("replications", [problem], "name one of these")
    return EXPONENTS.get(method, power)


def own_exponents(structure: Structure) -> Floats:
    """Return the exponent of each group of a structure, in the order of `Structure.groups`."""
    nodes = [structure.by_name[name] for name in structure.groups]
    return np.array([exponent(node.method, node.power) for node in nodes])


@dataclass(frozen=True)
class Scale:
    """The scale on which a power mean is an arithmetic one.

    Attributes
    ----------
    power
        Exponent of the mean.
    floor
        What 0 of 100 enters as.
    least
        What enters at the least; 0 refuses what the mean cannot take instead. Errors drawn in
        a replication may carry a value where the mean ends.
    """

    power: float
    floor: float
    least: float = 0.0

    def lift(self, values: Floats, group: str) -> Floats:
        """Return the values as they enter the mean.

        Raises
        ------
        SpecError
            If the mean is not defined for them.
        """
        lifted = values if self.floor == 0 else self.floor + values * (1 - self.floor / 100)
        if values.size == 0:
            return lifted
        if self.least:
            return np.maximum(lifted, self.least)
        low = float(lifted.min())
        if low < 0 or (low == 0 and self.power <= 0):
            expected = "above 0, or a floor" if self.power <= 0 else "0 or more"
            problem = f"{group}: value {float(values.min()):g} under a mean of exponent"
            problem = f"{problem} {self.power:g}; expected values {expected}"
            raise SpecError("replications", [problem], "set a floor above 0")
        return lifted

    def forward(self, values: Floats, group: str) -> Floats:
        """Put values on the scale.

        Raises
        ------
        SpecError
            If the mean is not defined for them.
        """
        if self.power == 1.0 or values.size == 0:
            return values
        lifted = self.lift(values, group)
        if self.power == 0.0:
            return np.log(lifted)
        return 1.0 / lifted if self.power == -1.0 else lifted**self.power

    def back(self, mean: Floats) -> Floats:
        """Put a mean back on the scale of the values."""
        if self.power == 1.0:
            return mean
        if self.power == 0.0:
            return self.lower(np.exp(mean))
        return self.lower(1.0 / mean if self.power == -1.0 else mean ** (1.0 / self.power))

    def lower(self, lifted: Floats) -> Floats:
        """Take the floor off a mean."""
        if self.floor == 0:
            return lifted
        # Rounding may leave the mean of zeros a hair below the floor.
        above = lifted - self.floor
        return np.where(np.abs(above) < ROUNDING, np.maximum(above, 0.0), above) / (
            1 - self.floor / 100
        )
