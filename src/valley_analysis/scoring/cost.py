"""What a run will cost, known before it starts."""

import logging
import os
from dataclasses import dataclass

from valley_analysis.errors import SpecError
from valley_analysis.scoring.ledger import probes_for
from valley_analysis.scoring.tally import MANY, rank_width, score_bins

RATE = 2.5e7  # values scored and ranked a second, on one core of an ordinary computer
ASSUMPTIONS = 9  # each is also tried alone
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cost:
    """Of an uncertainty analysis.

    Attributes
    ----------
    units, replications, indicators
        How many.
    pairs
        Whether all pairs are compared.
    """

    units: int
    replications: int
    indicators: int
    pairs: bool

    @property
    def gigabytes(self) -> float:
        """Memory for counts: a row of classes a unit, and a table of pairs if wanted."""
        row = 4 * (self.units / rank_width(self.units) + score_bins(self.units))
        square = 3 * 8 * self.units**2 if self.pairs else 0
        return (self.units * row + square) / 1e9

    @property
    def seconds(self) -> float:
        """Time on one core: values are scored once each, pairs compared eight at a time."""
        count = self.replications + ASSUMPTIONS * probes_for(self.units)
        scored = count * self.units * (self.indicators + 10) / RATE
        return scored + (self.replications * self.units**2 / 4e9 if self.pairs else 0)

    def __str__(self) -> str:
        """Say it in words.

        Examples
        --------
        >>> print(Cost(20_000, 1_000, 20, pairs=True))
        1,000 replications of 20,000 units with all pairs: about 9.8 GB of memory, 2 minutes
        """
        minutes = max(round(self.seconds / 60), 1)
        return (
            f"{self.replications:,} replications of {self.units:,} units"
            f"{' with all pairs' if self.pairs else ''}: about {self.gigabytes:.1f} GB of memory, "
            f"{minutes} minute{'' if minutes == 1 else 's'}"
        )


def tell(cost: Cost) -> None:
    """Log what many units will cost, or refuse what this computer cannot hold.

    Raises
    ------
    SpecError
        If the counts need more than the memory that there is.
    """
    if cost.units <= MANY:
        return
    there = _memory()
    if cost.gigabytes > there:
        problem = f"{cost}; this computer has {there:.1f} GB"
        step = "pass pairs=False" if cost.pairs else "compare fewer units"
        raise SpecError("vary", [problem], step)
    LOG.warning("vary: %s", cost)


def _memory() -> float:
    """Gigabytes of memory, as far as the system tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):  # not told on every system
        return float("inf")
