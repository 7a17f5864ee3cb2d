"""Standard errors of synthetic difference-in-differences: placebo, jackknife, bootstrap.

Algorithms 2-4 of Arkhangelsky et al. (2021); several cohorts as in Clarke, Pailanir, Athey and
Imbens (2024), "On synthetic difference-in-differences and related estimation methods in
Stata", Stata Journal 24(4), 557-598.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from valley_analysis.impact.synthetic_did_weights import Block, Fit, fit_block, weighted_did
from valley_analysis.impact.synthetic_panel import Floats, Places


@dataclass(frozen=True, eq=False)
class Cohorts:
    """All cohorts of a panel beside the units that are never treated.

    Attributes
    ----------
    values
        Units x periods.
    treated
        Rows of each cohort.
    starts
        Number of periods before the treatment of each.
    controls
        Rows of the never treated.
    """

    values: Floats
    treated: tuple[Places, ...]
    starts: tuple[int, ...]
    controls: Places

    def block(self, which: int) -> Block:
        """Outcomes of one cohort and of the controls."""
        treated = self.values[self.treated[which]]
        return Block(treated, self.values[self.controls], self.starts[which])

    @property
    def penalties(self) -> list[float]:
        """Zeta of each cohort."""
        return [self.block(which).penalty for which in range(len(self.starts))]

    @property
    def cells(self) -> Floats:
        """Treated cells of each cohort: its weight in the overall effect."""
        length = self.values.shape[1]
        pairs = zip(self.treated, self.starts, strict=True)
        return np.array([len(rows) * (length - start) for rows, start in pairs], dtype=float)

    def with_rows(self, treated: Sequence[Places], controls: Places) -> "Cohorts":
        """The same periods with other rows; a cohort left empty is dropped."""
        full = [which for which, rows in enumerate(treated) if len(rows)]
        return Cohorts(
            self.values,
            tuple(treated[which] for which in full),
            tuple(self.starts[which] for which in full),
            controls,
        )


def fit_cohorts(cohorts: Cohorts, penalties: Sequence[float] | None = None) -> list[Fit]:
    """Fit every cohort."""
    chosen = cohorts.penalties if penalties is None else penalties
    return [fit_block(cohorts.block(which), zeta) for which, zeta in enumerate(chosen)]


def summary(cohorts: Cohorts, fits: Sequence[Fit]) -> Floats:
    """Return the overall effect, then the effect by periods since the treatment (0, 1, ...).

    Cohorts are weighted by treated cells, and within an event time by treated units.
    """
    sizes = np.array([len(rows) for rows in cohorts.treated], dtype=float)
    longest = max(len(fit.path) - fit.start for fit in fits)
    events = np.full((len(fits), longest), np.nan)
    for row, fit in zip(events, fits, strict=True):
        row[: len(fit.path) - fit.start] = fit.path[fit.start :]
    known = ~np.isnan(events)
    weights = known * sizes[:, None]
    by_event = np.where(known, events, 0.0) * weights
    overall = np.average([fit.effect for fit in fits], weights=cohorts.cells)
    found: Floats = np.concatenate([[overall], by_event.sum(axis=0) / weights.sum(axis=0)])
    return found


def placebo_draws(cohorts: Cohorts, replications: int, seed: int) -> Floats:
    """Return summaries with controls in the place of the treated: draws x (1 + event times).

    All choices are taken if there are no more of them than `replications`.
    """
    penalties = cohorts.penalties
    return np.array(
        [
            summary(one, fit_cohorts(one, penalties))
            for one in _reassigned(cohorts, replications, seed)
        ]
    )


def _reassigned(cohorts: Cohorts, replications: int, seed: int) -> Iterator[Cohorts]:
    sizes = [len(rows) for rows in cohorts.treated]
    controls, total = cohorts.controls, sum(sizes)
    if len(sizes) == 1 and comb(len(controls), total) <= replications:
        for chosen in combinations(range(len(controls)), total):
            picked = np.array(chosen)
            yield cohorts.with_rows([controls[picked]], np.delete(controls, picked))
        return
    rng = np.random.default_rng(seed)
    ends = np.cumsum(sizes)[:-1]
    for _ in range(replications):
        order = rng.permutation(controls)
        yield cohorts.with_rows(np.split(order[:total], ends), order[total:])


def bootstrap_draws(cohorts: Cohorts, replications: int, seed: int) -> Floats:
    """Return summaries of panels whose units are drawn with replacement.

    Draws without a treated or with fewer than two control units are drawn again; a cohort of
    which nobody was drawn is left out of that draw. Event times that a draw lacks are missing.
    """
    penalties = np.array(cohorts.penalties)
    length = 1 + max(cohorts.values.shape[1] - start for start in cohorts.starts)
    rng = np.random.default_rng(seed)
    rows = np.concatenate([*cohorts.treated, cohorts.controls])
    draws = np.full((replications, length), np.nan)
    done = 0
    while done < replications:
        drawn = rng.choice(rows, len(rows))
        treated = [drawn[np.isin(drawn, one)] for one in cohorts.treated]
        controls = drawn[np.isin(drawn, cohorts.controls)]
        present = np.array([len(one) > 0 for one in treated])
        if not present.any() or len(np.unique(controls)) < 2:
            continue
        one = cohorts.with_rows(treated, controls)
        found = summary(one, fit_cohorts(one, penalties[present].tolist()))
        draws[done, : len(found)] = found
        done += 1
    return draws


def jackknife_draws(cohorts: Cohorts, fits: Sequence[Fit]) -> Floats:
    """Return summaries without each unit in turn, weights kept and rescaled: units x values."""
    found = []
    for which, rows in enumerate(cohorts.treated):
        for place in range(len(rows)):
            less = [*cohorts.treated]
            less[which] = np.delete(rows, place)
            found.append(_reweighted(cohorts.with_rows(less, cohorts.controls), fits))
    for place in range(len(cohorts.controls)):
        rest = cohorts.with_rows(cohorts.treated, np.delete(cohorts.controls, place))
        found.append(_reweighted(rest, fits, place))
    return np.array(found)


def _reweighted(cohorts: Cohorts, fits: Sequence[Fit], dropped: int | None = None) -> Floats:
    again = []
    for which, fit in enumerate(fits):
        units = fit.units if dropped is None else np.delete(fit.units, dropped)
        total = units.sum()
        units = units / total if total > 0 else np.full(len(units), 1 / len(units))
        again.append(weighted_did(cohorts.block(which), units, fit.periods))
    return summary(cohorts, again)


def spread(draws: Floats, kind: str) -> Floats:
    """Return standard errors from draws: of each column.

    Examples
    --------
    >>> spread(np.array([[1.0], [3.0]]), "placebo").tolist()
    [1.0]
    """
    many = (~np.isnan(draws)).sum(axis=0)
    centred = draws - np.nanmean(draws, axis=0)
    squares = np.nansum(centred**2, axis=0)
    scale = (many - 1) / many if kind == "jackknife" else 1 / many
    found: Floats = np.sqrt(scale * squares)
    return found
