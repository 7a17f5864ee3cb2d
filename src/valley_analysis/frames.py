"""Frame contracts: which columns, types and keys a frame that is passed on must have."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from valley_analysis.errors import FrameError

if TYPE_CHECKING:
    import pandas as pd

FLAGS = (
    "observed",
    "absent",
    "suppressed",
    "unavailable",
    "closed",
    "derived",
    "imputed",
    "corrected",
    "provisional",
)


@dataclass(frozen=True)
class Scope:
    """A named set of disjoint units: what is compared with what.

    Attributes
    ----------
    name
        "recognised" or "rosstat", printed on every map and table.
    units
        Codes of the units, in the registry's order.
    """

    name: str
    units: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.units)


@dataclass(frozen=True)
class Contract:
    """Columns that a frame must have, which of them form its key, and which hold numbers."""

    name: str
    key: tuple[str, ...]
    numbers: tuple[str, ...]
    texts: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, key first."""
        return (*self.key, *self.numbers, *self.texts)

    def check(self, frame: "pd.DataFrame", where: str = "") -> "pd.DataFrame":
        """Return the frame if it keeps the contract.

        Raises
        ------
        FrameError
            With every column that is missing or not numeric, every repeated key and every
            unknown flag.
        """
        problems = list(self._problems(frame))
        if problems:
            raise FrameError(where or self.name, problems, f"see frames.{self.name.upper()}")
        return frame

    def _problems(self, frame: "pd.DataFrame") -> Iterable[str]:
        from pandas.api.types import is_numeric_dtype

        missing = [column for column in self.columns if column not in frame]
        if missing:
            yield f"no column {', '.join(missing)}; found {', '.join(map(str, frame.columns))}"
            return
        for column in self.numbers:
            if not is_numeric_dtype(frame[column]):
                yield f"column {column} is {frame[column].dtype}; expected numbers"
        repeated = frame[frame.duplicated(list(self.key), keep=False)]
        for key in repeated[list(self.key)].drop_duplicates().head(5).itertuples(index=False):
            yield f"key {tuple(key)} stands more than once"
        if "flag" in self.texts:
            unknown = sorted(set(frame["flag"].dropna().unique()) - set(FLAGS))
            if unknown:
                yield f"unknown flags {', '.join(unknown)}; expected {', '.join(FLAGS)}"


SERIES = Contract(
    "series",
    key=("region", "period", "series", "method", "vintage"),
    numbers=("value",),
    texts=("flag", "source"),
)
"""What publishers printed: one row a region, period, series, method and vintage."""

INDICATORS = Contract(
    "indicators",
    key=("region", "period", "indicator"),
    numbers=("value", "low", "high"),
    texts=("flag", "method", "inputs"),
)
"""What is computed from series. `low` and `high` bound a suppressed value; `inputs` names
series, methods and vintages that went in."""
