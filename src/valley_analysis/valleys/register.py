"""Loading the register of valleys: every fact checked, every problem reported with its line."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TypeVar

from valley_analysis.errors import RegisterError, UnknownValleyError
from valley_analysis.registers import check_register, read_located
from valley_analysis.valleys.checks import register_problems
from valley_analysis.valleys.entries import Candidate, Kind, Metric, Sector, Valley

T = TypeVar("T")

REGISTER = Path(__file__).with_name("register.yml")
METRICS = Path(__file__).with_name("metrics.yml")
SECTORS = Path(__file__).with_name("sectors.yml")
CANDIDATES = Path(__file__).with_name("candidates.yml")


@dataclass(frozen=True)
class Register:
    """All territories of all kinds, by id.

    Attributes
    ----------
    entries
        In the order of the file.
    """

    entries: tuple[Valley, ...]

    def __getitem__(self, valley: str) -> Valley:
        """Return one entry.

        Raises
        ------
        UnknownValleyError
            If there is none of that id.
        """
        found = {entry.id: entry for entry in self.entries}
        if valley not in found:
            near = get_close_matches(valley, found, 3) or list(found)
            raise UnknownValleyError(
                REGISTER.name, [f"no valley {valley!r}"], f"did you mean {', '.join(near)}?"
            )
        return found[valley]

    def of_kind(self, *kinds: Kind) -> "Register":
        """Return the entries of some kinds only."""
        return Register(tuple(entry for entry in self.entries if entry.kind in kinds))

    @property
    def valleys(self) -> "Register":
        """The innovation valleys proper (ISTC, law 216-FZ), without other regimes."""
        return self.of_kind("istc")

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids, in the order of the file."""
        return tuple(entry.id for entry in self.entries)

    def __len__(self) -> int:
        return len(self.entries)


@cache
def load_register(path: Path = REGISTER) -> Register:
    """Return the register of valleys and of other territories.

    Parameters
    ----------
    path
        Another register of the same form.

    Raises
    ------
    RegisterError
        With every problem of the file at once, each with its line: unknown keys, regions and
        metrics, facts without source, dates out of order on the ladder, claims older than the
        decree without a reason, facts that stand twice.

    Examples
    --------
    >>> load_register()["composite"].sites[0].region
    'RU-TUL'
    """
    located = read_located(path)
    entries = check_register(located.content, tuple[Valley, ...], path.name, located)
    problems = register_problems(
        entries,
        located,
        {metric.id: metric for metric in load_metrics()},
        {sector.id for sector in load_sectors()},
    )
    if problems:
        raise RegisterError(path.name, problems, "correct these entries")
    return Register(entries)


@cache
def load_metrics() -> tuple[Metric, ...]:
    """Return the quantities that claims may give."""
    return _load(METRICS, tuple[Metric, ...])


@cache
def load_sectors() -> tuple[Sector, ...]:
    """Return the fields of work of valleys."""
    return _load(SECTORS, tuple[Sector, ...])


@cache
def load_candidates() -> tuple[Candidate, ...]:
    """Return bids for further valleys, for none of which a decree was seen."""
    return _load(CANDIDATES, tuple[Candidate, ...])


def _load(path: Path, model: type[T]) -> T:
    located = read_located(path)
    return check_register(located.content, model, path.name, located)
