"""Specifications of indices, read from YAML and checked against the catalogue."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from valley_analysis.errors import SpecError, UnknownSpecError
from valley_analysis.indicators.catalogue import load_catalogue
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.scoring import IndexSpec, Member, Node, Structure

FOLDER = Path(__file__).with_name("specs")


class _NodeFile(BaseModel):
    """A group or indicator of a structure, see `Node`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    parent: str = ""
    weight: float = 1.0
    method: str = "arithmetic"
    power: float = 1.0
    threshold: float = 0.5


class _SpecFile(BaseModel):
    """What a specification's YAML may hold; members are given dimension by dimension."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str
    dimensions: dict[str, tuple[str, ...]]
    winsorise: tuple[float, float]
    reference: tuple[int, int]
    shared_above: float
    dimension_threshold: float
    index_threshold: float
    max_lag: int
    suppressed_tolerance: float
    editions: tuple[int, int]
    provisional: tuple[int, ...] = ()
    base: int
    deflator: str
    treatment: str = "quantiles"
    outliers: tuple[float, float, int] = (2.0, 3.5, 5)
    normalisation: str = "minmax"
    pooled: bool = True
    weighting: str = "shared"
    given: dict[str, float] = {}
    aggregation: str | tuple[str, str] = "arithmetic"
    floor: float = 0.0
    imputation: str = "none"
    structure: tuple[_NodeFile, ...] | None = None
    subindices: dict[str, tuple[str, ...]] = {}


def list_specs() -> tuple[str, ...]:
    """Return the names of the specifications that come with the package."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yml")))


def load_spec(name: str) -> IndexSpec:
    """Load a specification: one of the package's by name, or a YAML file by path.

    Raises
    ------
    UnknownSpecError
        If there is none of that name.
    SpecError
        If it names an indicator that the catalogue lacks, puts it in another dimension, or
        scores one without direction; if its settings or its structure contradict themselves.
    RegisterError
        With every key that is unknown, absent or of a wrong type.

    Examples
    --------
    >>> load_spec("regional_innovation").dimensions[0]
    'economic_base'
    """
    path = Path(name) if name.endswith((".yml", ".yaml")) else FOLDER / f"{name}.yml"
    if not path.is_file():
        raise UnknownSpecError(
            f"no specification {name!r}; the package has {', '.join(list_specs())}. "
            "Next step: name one of these, or a YAML file."
        )
    content = check_register(read_yaml(path), _SpecFile, path.name)
    members = _members(content, path.name)
    settings = content.model_dump(exclude={"about", "dimensions", "structure"})
    nodes = content.structure
    tree = None if nodes is None else Structure(tuple(Node(**one.model_dump()) for one in nodes))
    return IndexSpec(members=members, structure=tree, **settings)


def _members(content: _SpecFile, file: str) -> tuple[Member, ...]:
    """Indicators with the directions of the catalogue."""
    catalogue, problems, members = load_catalogue(), [], []
    for dimension, names in content.dimensions.items():
        for indicator in names:
            entry = catalogue.get(indicator)
            if entry is None:
                problems.append(f"{indicator}: not in the catalogue")
            elif entry.direction == 0:
                problems.append(f"{indicator}: has no direction, so it cannot be scored")
            elif entry.dimension != dimension:
                problems.append(f"{indicator}: is of dimension {entry.dimension}, not {dimension}")
            else:
                members.append(Member(indicator, dimension, entry.direction))
    if problems:
        raise SpecError(file, problems, "see indicators/catalogue.yml")
    return tuple(members)
