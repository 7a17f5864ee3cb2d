"""Specifications of indices, read from YAML and checked against the catalogue."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from valley_analysis.errors import SpecError, UnknownSpecError
from valley_analysis.indicators.catalogue import load_catalogue
from valley_analysis.registers import check_register, read_yaml
from valley_analysis.scoring import IndexSpec, Member

FOLDER = Path(__file__).with_name("specs")


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
        scores one without direction.

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
        raise SpecError(path.name, problems, "see indicators/catalogue.yml")
    settings = content.model_dump(exclude={"about", "dimensions"})
    return IndexSpec(members=tuple(members), **settings)
