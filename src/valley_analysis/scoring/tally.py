"""Counts over replications: they add up, so that any number of replications fits in memory."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from valley_analysis.scoring.engine import Floats, Ints, Places, rank_batch

SCORE_BINS = 10_000
MANY = 2_000  # above so many units nothing may grow with their square
CLASSES = 1_000  # of ranks, and of scores, where there are many units
LANES = 8  # bytes of a word: comparisons are summed eight at a time
FULL = 255  # words that may be added before a byte overflows


@dataclass(frozen=True)
class Grouping:
    """Performance groups by rule.

    Attributes
    ----------
    names
        The groups, best first.
    assign
        Scores (replications x units) -> the number of each unit's group, -1 for none;
        picklable, if an executor has processes of its own.
    """

    names: tuple[str, ...]
    assign: Callable[[Floats], npt.NDArray[np.integer]]


@dataclass(frozen=True)
class Wanted:
    """What to count.

    Attributes
    ----------
    limits
        Lowest and highest score of the histogram; None for no histogram.
    pairs
        Whether to compare all pairs.
    grouping
        Groups to count.
    top
        How many places count as the top.
    """

    limits: tuple[float, float] | None
    pairs: bool
    grouping: Grouping | None
    top: int = 10


@dataclass(eq=False)
class Tally:
    """Counts over replications.

    Attributes
    ----------
    ranks
        Units x (classes + 1): how often each class of ranks; column 0 is "no score". A class
        is one rank, see `rank_width`.
    top
        One a unit: how often it is among the first.
    scores
        Units x bins, or None.
    ahead
        Units x units: how often the first has the smaller rank; None if not wanted.
    both
        Units x units: how often both have a score.
    groups
        Units x groups.
    """

    ranks: npt.NDArray[np.int32]
    top: Ints
    scores: npt.NDArray[np.integer] | None
    ahead: Ints | None
    both: Ints | None
    groups: Ints | None

    @classmethod
    def empty(cls, units: int, wanted: Wanted) -> "Tally":
        """Return a tally of no replications."""
        return cls(
            ranks=np.zeros((units, -(-units // rank_width(units)) + 1), np.int32),
            top=np.zeros(units, np.int64),
            scores=np.zeros((units, score_bins(units)), np.int32) if wanted.limits else None,
            ahead=np.zeros((units, units), np.int64) if wanted.pairs else None,
            both=np.zeros((units, units), np.int64) if wanted.pairs else None,
            groups=np.zeros((units, len(wanted.grouping.names)), np.int64)
            if wanted.grouping
            else None,
        )

    def add(self, scores: Floats, wanted: Wanted) -> Places:
        """Count replications; return their ranks."""
        ranks = rank_batch(scores)
        units = np.arange(ranks.shape[1])
        self.top += ((ranks > 0) & (ranks <= wanted.top)).sum(axis=0)
        classes = -(-ranks.astype(np.int64) // rank_width(len(units)))
        bins = (classes + units * self.ranks.shape[1]).ravel()
        if self.ranks.size <= ranks.size:
            counts = np.bincount(bins, minlength=self.ranks.size)
            self.ranks += counts.astype(np.int32).reshape(self.ranks.shape)
        else:  # many units: no second table of that size
            np.add.at(self.ranks.reshape(-1), bins, 1)
        if self.scores is not None and wanted.limits is not None:
            _count_scores(self.scores, scores, wanted.limits)
        if self.ahead is not None and self.both is not None:
            self.ahead += count_ahead(ranks)
            there = (ranks > 0).astype(float)
            self.both += np.rint(there.T @ there).astype(np.int64)
        if self.groups is not None and wanted.grouping is not None:
            found = wanted.grouping.assign(scores)
            for number in range(self.groups.shape[1]):
                self.groups[:, number] += (found == number).sum(axis=0)
        return ranks

    def merge(self, other: "Tally") -> None:
        """Add the counts of other replications."""
        for name in ("ranks", "top", "scores", "ahead", "both", "groups"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine is not None:
                mine += theirs


def rank_width(units: int) -> int:
    """Return how many ranks are counted together: one, or more where units are many.

    Examples
    --------
    >>> rank_width(83), rank_width(20_000)
    (1, 20)
    """
    return 1 if units <= MANY else -(-units // CLASSES)


def score_bins(units: int) -> int:
    """Return into how many classes scores are counted."""
    return SCORE_BINS if units <= MANY else CLASSES


def _count_scores(
    counts: npt.NDArray[np.integer], scores: Floats, limits: tuple[float, float]
) -> None:
    (low, high), many = limits, counts.shape[1]
    known = ~np.isnan(scores)
    bins = (np.where(known, scores, low) - low) * (many / (high - low))
    places = np.clip(bins.astype(np.int64), 0, many - 1)
    places += np.arange(scores.shape[1]) * many
    np.add.at(counts.reshape(-1), places[known], 1)


def count_ahead(ranks: Places) -> Ints:
    """Count in how many replications the first of two units has the smaller rank.

    Parameters
    ----------
    ranks
        Replications x units, 0 where there is no score (then nobody is ahead).

    Examples
    --------
    >>> count_ahead(np.array([[1, 2], [1, 1], [2, 1], [1, 2]])).tolist()
    [[0, 2], [1, 0]]
    """
    many, units = ranks.shape
    words = -(-many // LANES)
    kind = np.uint8 if units < np.iinfo(np.uint8).max else np.uint16
    better = np.full((units, words * LANES), np.iinfo(kind).max, dtype=kind)
    worse = np.zeros_like(better)
    worse[:, :many] = ranks.T
    better[:, :many] = np.where(worse[:, :many] > 0, worse[:, :many], np.iinfo(kind).max)
    starts = np.arange(0, words, FULL)
    counts = np.empty((units, units), np.int64)
    for unit in range(units):
        won = (better[unit] < worse).view(np.uint64)
        lanes = np.add.reduceat(won, starts, axis=1)
        counts[unit] = lanes.view(np.uint8).sum(axis=1, dtype=np.int64)
    return counts


def rank_quantile(counts: npt.NDArray[np.integer], share: float) -> Ints:
    """Return the smallest rank that at least a share of the replications does not exceed.

    This is the inverted distribution function, so that the answer is a rank that occurs;
    0 for a unit that never has a score.

    Parameters
    ----------
    counts
        Units x (1 + ranks), column 0 counting replications without a score.
    share
        0 to 1.

    Examples
    --------
    >>> rank_quantile(np.array([[0, 6, 4], [5, 0, 5]]), 0.5).tolist()
    [1, 2]
    """
    total = counts[:, 1:].sum(axis=1)
    needed = order_of(total, share)
    found = np.zeros(len(counts), dtype=np.int64)
    for start in range(0, len(counts), 256):  # the running counts of all units may be large
        rows = slice(start, start + 256)
        reached = np.cumsum(counts[rows, 1:], axis=1) >= needed[rows, None]
        found[rows] = reached.argmax(axis=1) + 1
    return np.where(total > 0, found, 0)


def order_of(total: Ints, share: float) -> Ints:
    """Return which of the sorted values is the quantile (inverted distribution function)."""
    return np.maximum(np.ceil(share * total - 1e-9), 1).astype(np.int64)


def binned_quantile(
    counts: npt.NDArray[np.integer], share: float, limits: tuple[float, float]
) -> Floats:
    """Return the middle of the bin that holds a quantile; missing for a unit without scores."""
    low, high = limits
    total = counts.sum(axis=1)
    place = np.zeros(len(counts), dtype=np.int64)
    for start in range(0, len(counts), 256):  # the running counts of all units may be large
        rows = slice(start, start + 256)
        reached = np.cumsum(counts[rows], axis=1) >= order_of(total[rows], share)[:, None]
        place[rows] = reached.argmax(axis=1)
    middle = low + (place + 0.5) * (high - low) / counts.shape[1]
    return np.where(total > 0, middle, np.nan)


def kept_quantiles(scores: Floats, shares: tuple[float, ...]) -> list[Floats]:
    """Return quantiles of each unit's scores (inverted distribution function)."""
    columns = np.sort(scores.T, axis=1)  # missing scores come last
    total = (~np.isnan(columns)).sum(axis=1)
    rows = np.arange(len(columns))
    return [columns[rows, np.minimum(order_of(total, s), scores.shape[0]) - 1] for s in shares]
