"""Placebo tests of synthetic controls: who else, untreated, would show as large a gap?

Abadie, Diamond and Hainmueller (2010) for placebos by unit and the ratio of errors; Cavallo,
Galiani, Noy and Pantano (2013), "Catastrophic Natural Disasters and Economic Growth", Review
of Economics and Statistics 95(5), for several treated units; Firpo and Possebom (2018),
"Synthetic Control Method: Inference, Sensitivity Analysis and Confidence Sets", Journal of
Causal Inference 6(2), for intervals by inversion.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.impact.synthetic_matching import Matching
from valley_analysis.impact.synthetic_panel import Flags, Floats, Places

# A fit closer than this share of the outcome's spread counts as this close: the ratio to an
# error of zero would only rank rounding.
PERFECT = 1e-3


@dataclass(frozen=True, eq=False)
class Gaps:
    """Observed less synthetic outcomes of one or more (pseudo-)treated units or groups.

    Attributes
    ----------
    names
        One a row.
    gaps
        Rows x periods.
    loading
        By how much a row's gap moves if every treated outcome moves by one: 1 for the treated
        unit itself, minus its weight where it is a donor of a placebo.
    before
        Which periods come before the treatment.
    floor
        Smallest pre-treatment error that a ratio is taken to.
    """

    names: tuple[Hashable, ...]
    gaps: Floats
    loading: Floats
    before: Flags
    floor: float

    @property
    def pre(self) -> Floats:
        """Root mean squared gap before the treatment."""
        return rms(self.gaps[:, self.before])

    @property
    def post(self) -> Floats:
        """Root mean squared gap since the treatment."""
        return rms(self.gaps[:, ~self.before])

    @property
    def mean(self) -> Floats:
        """Mean gap since the treatment."""
        found: Floats = self.gaps[:, ~self.before].mean(axis=1)
        return found

    @property
    def ratio(self) -> Floats:
        """Post over pre root mean squared gap."""
        return self.post / np.maximum(self.pre, self.floor)

    def only(self, kept: Flags) -> "Gaps":
        """Return some of the rows."""
        names = tuple(name for name, keep in zip(self.names, kept, strict=True) if keep)
        return Gaps(names, self.gaps[kept], self.loading[kept], self.before, self.floor)

    def table(self) -> pd.DataFrame:
        """Return one row a name: errors, ratio and mean gap."""
        return pd.DataFrame(
            {
                "pre_rmspe": self.pre,
                "post_rmspe": self.post,
                "ratio": self.ratio,
                "mean_gap": self.mean,
            },
            index=pd.Index(self.names, name="unit", tupleize_cols=False),
        )


def rms(gaps: Floats) -> Floats:
    """Return root mean squares along the last axis.

    Examples
    --------
    >>> float(rms(np.array([[3.0, 4.0, 0.0, 0.0]]))[0])
    2.5
    """
    found: Floats = np.sqrt((gaps**2).mean(axis=-1))
    return found


def rank_p(own: float, placebos: Floats) -> tuple[int, float]:
    """Return the rank of a statistic among placebos, 1 for the largest, and its p-value.

    Ties count against the treated unit; the p-value is rank over number, itself included.

    Examples
    --------
    >>> rank_p(3.0, np.array([1.0, 3.0, 2.0]))
    (2, 0.5)
    """
    rank = 1 + int((~(placebos < own)).sum())  # what is missing counts against the unit
    return rank, rank / (1 + len(placebos))


def by_unit(
    matching: Matching,
    values: Floats,
    before: Flags,
    floor: float,
    treated: Places,
    donors: Places,
    names: Sequence[Hashable],
) -> Gaps:
    """Give every donor a synthetic control of its own.

    With one treated unit it joins the others' donors, so that all units are handled alike and
    ranks are exact under exchangeability; several treated units stay out.

    Parameters
    ----------
    matching
        What donors are matched on.
    values
        Units x periods.
    before
        Which periods come before the treatment.
    floor
        Smallest pre-treatment error that a ratio is taken to.
    treated, donors
        Rows of `values`.
    names
        Of the donors.

    Examples
    --------
    >>> values = np.array([[1.0, 1, 5], [0, 0, 0], [2, 2, 2], [1, 1, 1]])
    >>> before = np.array([True, True, False])
    >>> one, others = np.array([0]), np.array([1, 2, 3])
    >>> found = by_unit(Matching(values[:, :2]), values, before, 1e-3, one, others, "bcd")
    >>> found.gaps[2].round(3).tolist(), found.loading[2].round(3)
    ([0.0, 0.0, -1.333], np.float64(-0.333))
    """
    pool = np.concatenate([treated, donors]) if len(treated) == 1 else donors
    gaps = np.empty((len(donors), values.shape[1]))
    loading = np.zeros(len(donors))
    for row, place in enumerate(donors):
        rest = pool[pool != place]
        weights, _ = matching.weights(np.array([place]), rest)
        gaps[row] = values[place] - weights @ values[rest]
        loading[row] = -weights[np.isin(rest, treated)].sum()
    return Gaps(tuple(names), gaps, loading, before, floor)


def by_draws(placebos: Gaps, many: int, replications: int, seed: int) -> Gaps:
    """Average the gaps of as many donors as there are treated units, drawn at random.

    Parameters
    ----------
    placebos
        By unit.
    many
        Number of treated units.
    replications
        Number of draws.
    seed
        Of the draws.

    Examples
    --------
    >>> before = np.array([True, False])
    >>> gaps = Gaps(("a", "b"), np.array([[0.0, 1], [0, 3]]), np.zeros(2), before, 1.0)
    >>> by_draws(gaps, 2, 1, 0).gaps.tolist()
    [[0.0, 2.0]]
    """
    rng = np.random.default_rng(seed)
    total = len(placebos.names)
    drawn = np.argsort(rng.random((replications, total)), axis=1)[:, : min(many, total)]
    gaps = placebos.gaps[drawn].mean(axis=1)
    names = tuple(range(1, replications + 1))
    return Gaps(names, gaps, np.zeros(replications), placebos.before, placebos.floor)


def by_labels(
    matching: Matching,
    values: Floats,
    before: Flags,
    floor: float,
    treated: Places,
    donors: Places,
    replications: int,
    seed: int,
) -> Gaps:
    """Assign the labels "treated" and "donor" anew at random; the treated mean is one unit.

    Parameters
    ----------
    matching, values, before, floor, treated, donors
        As in `by_unit`.
    replications
        Number of assignments.
    seed
        Of the assignments.

    Examples
    --------
    >>> values = np.array([[1.0, 1, 5], [0, 0, 0], [2, 2, 2], [1, 1, 1]])
    >>> before = np.array([True, True, False])
    >>> pair, rest = np.array([0, 3]), np.array([1, 2])
    >>> by_labels(Matching(values[:, :2]), values, before, 1e-3, pair, rest, 5, 0).gaps.shape
    (5, 3)
    """
    rng = np.random.default_rng(seed)
    pool = np.concatenate([treated, donors])
    is_treated = np.isin(pool, treated)
    gaps = np.empty((replications, values.shape[1]))
    loading = np.empty(replications)
    for row in range(replications):
        order = rng.permutation(len(pool))
        high, low = order[: len(treated)], order[len(treated) :]
        weights, _ = matching.weights(pool[high], pool[low])
        gaps[row] = values[pool[high]].mean(axis=0) - weights @ values[pool[low]]
        loading[row] = is_treated[high].mean() - weights @ is_treated[low]
    names = tuple(range(1, replications + 1))
    return Gaps(names, gaps, loading, before, floor)


def invert(own: Gaps, placebos: Gaps, level: float) -> tuple[float, float]:
    """Return the range of constant effects that the placebo test of the ratio does not reject.

    For an effect ``tau`` it is taken off every treated outcome; each squared ratio is then a
    parabola in ``tau``, so that the set is found exactly from where parabolas cross
    (Firpo and Possebom 2018, section 4.2). Missing if there are too few placebos to reject
    anything, or if every constant effect is rejected; infinite where the set has no end.

    Parameters
    ----------
    own
        One row, the treated.
    placebos
        The others.
    level
        Coverage.

    Examples
    --------
    >>> before = np.array([True, True, False])
    >>> own = Gaps(("x",), np.array([[0.1, -0.1, 5.0]]), np.ones(1), before, 1e-3)
    >>> noise = np.array([[0.1, -0.1, size] for size in np.linspace(-1, 1, 39)])
    >>> placebos = Gaps(tuple(range(39)), noise, np.zeros(39), before, 1e-3)
    >>> np.round(invert(own, placebos, 0.95), 3).tolist()
    [4.0, 6.0]
    """
    if 1 / (1 + len(placebos.names)) > 1 - level + 1e-12:
        return float("nan"), float("nan")
    first, others = _parabolas(own)[0], _parabolas(placebos)
    crossings = _roots(others - first)
    if not len(crossings):
        return float("nan"), float("nan")
    width = max(float(np.ptp(crossings)), abs(crossings[0]), 1.0)
    outside = np.array([crossings[0] - width, crossings[-1] + width])
    inner = (crossings[1:] + crossings[:-1]) / 2
    left = np.concatenate([[outside[0]], inner])
    right = np.concatenate([inner, [outside[1]]])
    accepted_left = _p_at(left, first, others) > 1 - level + 1e-12
    accepted_right = _p_at(right, first, others) > 1 - level + 1e-12
    touched = accepted_left | accepted_right
    if not touched.any():
        return float("nan"), float("nan")
    low, high = crossings[touched][[0, -1]]
    return (
        -float("inf") if accepted_left[0] else float(low),
        float("inf") if accepted_right[-1] else float(high),
    )


def _parabolas(gaps: Gaps) -> Floats:
    """Coefficients of 1, tau and tau squared of each squared ratio."""
    after = gaps.gaps[:, ~gaps.before]
    error = np.maximum(gaps.pre, gaps.floor) ** 2
    mean = after.mean(axis=1)
    parts = ((after**2).mean(axis=1), -2 * gaps.loading * mean, gaps.loading**2)
    return np.column_stack(parts) / error[:, None]


def _roots(parabolas: Floats) -> Floats:
    """Sorted real roots of all parabolas, by the formula that does not cancel."""
    constant, linear, square = parabolas.T
    inside = linear**2 - 4 * square * constant
    real = inside >= 0
    constant, linear, square = constant[real], linear[real], square[real]
    half = -(linear + np.where(linear < 0, -1, 1) * np.sqrt(inside[real])) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        roots = np.concatenate([half / square, constant / half])
    found: Floats = np.sort(roots[np.isfinite(roots)])
    return found


def _p_at(effects: Floats, own: Floats, others: Floats) -> Floats:
    powers = np.vander(effects, 3, increasing=True)
    larger = (powers @ others.T >= (powers @ own)[:, None]).sum(axis=1)
    found: Floats = (1 + larger) / (1 + len(others))
    return found
