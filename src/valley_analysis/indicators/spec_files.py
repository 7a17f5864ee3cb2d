"""Specifications of indices, read from YAML and checked against the catalogue."""

from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from valley_analysis.errors import RegisterError, SpecError, UnknownSpecError
from valley_analysis.files import is_file
from valley_analysis.indicators.catalogue import DIMENSIONS, load_catalogue
from valley_analysis.registers import check_register, read_located
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


_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(IndexSpec)}


class _SpecFile(BaseModel):
    """What a specification's YAML may hold; members are given dimension by dimension.

    Every key but the first two has the default of `IndexSpec`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    dimensions: dict[str, tuple[str, ...]]
    about: str = ""
    winsorise: tuple[float, float] = _DEFAULTS["winsorise"]
    reference: tuple[int, int] = _DEFAULTS["reference"]
    shared_above: float = _DEFAULTS["shared_above"]
    dimension_threshold: float = _DEFAULTS["dimension_threshold"]
    index_threshold: float = _DEFAULTS["index_threshold"]
    max_lag: int = _DEFAULTS["max_lag"]
    suppressed_tolerance: float = _DEFAULTS["suppressed_tolerance"]
    editions: tuple[int, int] = _DEFAULTS["editions"]
    provisional: tuple[int, ...] = ()
    base: int = _DEFAULTS["base"]
    deflator: str = _DEFAULTS["deflator"]
    treatment: str = _DEFAULTS["treatment"]
    outliers: tuple[float, float, int] = _DEFAULTS["outliers"]
    normalisation: str = _DEFAULTS["normalisation"]
    pooled: bool = _DEFAULTS["pooled"]
    weighting: str = _DEFAULTS["weighting"]
    given: dict[str, float] = {}
    aggregation: str | tuple[str, str] = "arithmetic"
    floor: float = _DEFAULTS["floor"]
    imputation: str = _DEFAULTS["imputation"]
    structure: tuple[_NodeFile, ...] | None = None
    subindices: dict[str, tuple[str, ...]] = {}


def list_specs() -> tuple[str, ...]:
    """Return the names of the specifications that come with the package."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yml")))


def load_spec(name: str) -> IndexSpec:
    """Load a specification: one of the package's by name, or a YAML file by path.

    A file needs `name` and `dimensions` (dimension -> indicators); a dimension may have a name of
    your own. `valley new-spec` writes one to begin with.

    Raises
    ------
    UnknownSpecError
        If there is none of that name.
    SpecError
        If it names an indicator that the catalogue lacks, puts it in another of the catalogue's
        dimensions, or scores one without direction; if its settings or its structure contradict
        themselves.
    RegisterError
        With every key that is unknown, absent or of a wrong type.

    Examples
    --------
    >>> load_spec("regional_innovation").dimensions[0]
    'economic_base'
    """
    named = str(name)
    path = Path(named) if named.endswith((".yml", ".yaml")) else FOLDER / f"{named}.yml"
    if not is_file(path):
        raise UnknownSpecError(
            f"no specification {name!r:.80}; the package has {', '.join(list_specs())}. "
            "Next step: name one of these, or a YAML file."
        )
    read = read_located(path)
    if not isinstance(read.content, dict):
        kind = "nothing" if read.content is None else type(read.content).__name__
        problems = [f"holds {kind}; expected keys"]
        raise RegisterError(path.name, problems, "begin with `valley new-spec NAME`")
    content = check_register(read.content, _SpecFile, path.name, read)
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
                near = ", ".join(get_close_matches(indicator, catalogue, n=3)) or "none"
                problems.append(f"{indicator}: not in the catalogue; nearest: {near}")
            elif entry.direction == 0:
                problems.append(f"{indicator}: has no direction, so it cannot be scored")
            elif dimension in DIMENSIONS and entry.dimension != dimension:
                problems.append(
                    f"{indicator}: is of dimension {entry.dimension}, not {dimension}; "
                    "call the dimension otherwise to put it there"
                )
            else:
                members.append(Member(indicator, dimension, entry.direction))
    if problems:
        raise SpecError(file, problems, "see indicators/catalogue.yml")
    return tuple(members)
