"""From counts over replications to the frames of a result, in the order of the scope."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.scoring.engine import Floats, Ints, Places, rank_batch
from valley_analysis.scoring.tally import (
    Tally,
    Wanted,
    binned_quantile,
    kept_quantiles,
    rank_quantile,
    rank_width,
)


@dataclass(frozen=True, eq=False)
class Summary:
    """Counts, and how their units are to be ordered and named.

    Attributes
    ----------
    units
        Names, in the order of the scope.
    order
        Place of each of them in the arrays.
    nominal
        Scores under the nominal specification.
    tally
        The counts.
    scores, ranks
        Of every replication, or None.
    wanted
        What was counted.
    """

    units: Sequence[str]
    order: Sequence[int]
    nominal: Floats
    tally: Tally
    scores: Floats | None
    ranks: Places | None
    wanted: Wanted

    @property
    def index(self) -> pd.Index:
        """Units down."""
        return pd.Index(self.units, name="region")

    def ranges(self, between: tuple[float, float]) -> pd.DataFrame:
        """Nominal results with their ranges."""
        low, high = between
        counts = self.tally.ranks
        scored = counts[:, 1:].sum(axis=1)
        places = rank_batch(self.nominal[None])[0]
        middle, lowest, highest = self._score_quantiles((0.5, low, high))
        table = {
            "score": self.nominal,
            "rank": places,
            "score_median": middle,
            "score_low": lowest,
            "score_high": highest,
            "rank_median": self._rank(0.5, 0.5),
            "rank_low": self._rank(low, 0.0),
            "rank_high": self._rank(high, 1.0),
            "top": _share(self.tally.top, scored),
            "scored": scored / counts.sum(axis=1),
        }
        frame = pd.DataFrame({name: column[self.order] for name, column in table.items()})
        for name in ("rank", "rank_median", "rank_low", "rank_high"):
            frame[name] = frame[name].astype("Int64").mask(frame[name] == 0)
        return frame.set_axis(self.index)

    def _rank(self, share: float, inside: float) -> Ints:
        """Rank at a quantile; of a class of ranks its first, middle or last."""
        width = rank_width(len(self.units))
        if width > 1 and self.ranks is not None:
            known = np.where(self.ranks > 0, self.ranks.astype(float), np.nan)
            return np.nan_to_num(kept_quantiles(known, (share,))[0]).astype(np.int64)
        found = rank_quantile(self.tally.ranks, share)
        first = (found - 1) * width + 1
        ranks = np.minimum(first + int(inside * (width - 1)), len(self.units))
        return np.where(found > 0, ranks, 0)

    def _score_quantiles(self, shares: tuple[float, ...]) -> list[Floats]:
        if self.scores is not None:
            return kept_quantiles(self.scores, shares)
        if self.tally.scores is None or self.wanted.limits is None:
            raise ValueError("neither scores nor their histogram were kept")
        limits = self.wanted.limits
        return [binned_quantile(self.tally.scores, share, limits) for share in shares]

    def groups(self) -> pd.DataFrame:
        """Shares of replications in each performance group."""
        if self.tally.groups is None or self.wanted.grouping is None:
            return pd.DataFrame(index=self.index)
        scored = self.tally.ranks[:, 1:].sum(axis=1)
        shares = _share(self.tally.groups, scored[:, None])[self.order]
        return pd.DataFrame(shares, self.index, list(self.wanted.grouping.names))

    def ahead(self) -> pd.DataFrame | None:
        """Share in which the row is ahead of the column, ties half."""
        if self.tally.ahead is None or self.tally.both is None:
            return None
        won, lost, both = self.tally.ahead, self.tally.ahead.T, self.tally.both
        # From counts of wins minus losses, so that the two shares of a pair sum to exactly 1.
        shares = 0.5 + _share(won - lost, 2 * both)
        return pd.DataFrame(shares[np.ix_(self.order, self.order)], self.index, self.index)

    def rank_counts(self) -> pd.DataFrame:
        """Units x ranks, or first ranks of classes: number of replications."""
        places = pd.RangeIndex(1, len(self.units) + 1, rank_width(len(self.units)), name="rank")
        return pd.DataFrame(self.tally.ranks[self.order, 1:], self.index, places)

    def kept(self, values: Floats | Places | None) -> pd.DataFrame | None:
        """Replications x units."""
        if values is None:
            return None
        rows = pd.RangeIndex(len(values), name="replication")
        return pd.DataFrame(values[:, self.order], rows, self.index)


def _share(part: np.ndarray, whole: np.ndarray) -> Floats:
    """Divide; missing where there is nothing to divide by."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)
