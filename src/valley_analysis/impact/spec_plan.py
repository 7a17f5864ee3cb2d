"""The choices of a specification curve, and every combination of them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError

FACTORS = ("outcome", "exposure", "sample", "controls", "before", "weights")
_ALL: Mapping[str, None] = {"all": None}


@dataclass(frozen=True)
class CurvePlan:
    """Defensible options for each choice; every combination is one specification.

    Attributes
    ----------
    unit, period, since
        Columns, and the first treated period.
    outcomes, exposures
        Label -> column. Outcomes must be on one scale (logs, or relative to the unit's own mean
        before the wave), or estimates cannot be compared.
    samples
        Label -> column of true and false, or None for every row.
    controls
        Label -> columns measured before the wave.
    before
        Label -> periods before `since` that are kept, or None for all: (2019,) takes 2019 as
        the reference.
    weights
        Label -> column, or None for equal weights.
    strata
        Column within which exposures are permuted.

    Examples
    --------
    >>> plan = CurvePlan("u", "t", 3, {"log": "y"}, {"rank": "x"}, before={"all": None, "t1": (1,)})
    >>> [choice["before"] for choice in plan.choices()]
    ['all', 't1']
    """

    unit: str
    period: str
    since: Any
    outcomes: Mapping[str, str]
    exposures: Mapping[str, str]
    samples: Mapping[str, str | None] = field(default_factory=lambda: _ALL)
    controls: Mapping[str, Sequence[str]] = field(default_factory=lambda: {"none": ()})
    before: Mapping[str, Sequence[Any] | None] = field(default_factory=lambda: _ALL)
    weights: Mapping[str, str | None] = field(default_factory=lambda: {"equal": None})
    strata: str | None = None

    def __post_init__(self) -> None:
        empty = [name for name, options in self._options().items() if not options]
        if empty:
            raise DesignError(
                "specification curve",
                [f"{name}: no option" for name in empty],
                "give each choice at least one option",
            )

    def _options(self) -> dict[str, Mapping[str, Any]]:
        return {
            "outcome": self.outcomes,
            "exposure": self.exposures,
            "sample": self.samples,
            "controls": self.controls,
            "before": self.before,
            "weights": self.weights,
        }

    def choices(self) -> Iterator[dict[str, str]]:
        """Yield every combination of labels, in a fixed order."""
        for labels in product(*self._options().values()):
            yield dict(zip(FACTORS, labels, strict=True))

    def __len__(self) -> int:
        return int(np.prod([len(options) for options in self._options().values()]))

    def columns(self, choice: Mapping[str, str]) -> dict[str, Any]:
        """Return what the labels of one combination stand for."""
        return {name: options[choice[name]] for name, options in self._options().items()}

    def rows(self, frame: pd.DataFrame, choice: Mapping[str, str]) -> pd.DataFrame:
        """Return the rows that one combination uses."""
        chosen = self.columns(choice)
        rows = frame[frame[chosen["sample"]].astype(bool)] if chosen["sample"] else frame
        if chosen["before"] is not None:
            kept = rows[self.period].isin(list(chosen["before"])) | (
                rows[self.period] >= self.since
            )
            rows = rows[kept]
        return rows


def fingerprint(plan: CurvePlan, frame: pd.DataFrame, choice: Mapping[str, str], *more: Any) -> str:
    """Return a mark of everything that one specification depends on: its data and its settings."""
    chosen = plan.columns(choice)
    names = [plan.unit, plan.period, chosen["outcome"], chosen["exposure"], *chosen["controls"]]
    names += [name for name in (chosen["weights"], plan.strata) if name]
    rows = plan.rows(frame, choice)[list(dict.fromkeys(names))]
    told = repr((names, plan.since, chosen["before"], more))
    mark = hashlib.sha256(told.encode())
    mark.update(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes())
    return mark.hexdigest()[:32]
