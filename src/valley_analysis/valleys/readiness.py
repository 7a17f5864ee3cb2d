"""Which regions without a valley look most like hosts did in the years before their decree."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from valley_analysis.errors import PeriodError
from valley_analysis.escape import paragraph
from valley_analysis.typed import within

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReadinessResult:
    """Likeness of regions without a valley to hosts before their decree.

    Attributes
    ----------
    neighbours
        How many nearest hosts a distance is the mean of.
    years
        How many years before a decree (and before `period`) a profile is the mean of.
    period
        Last year of the profiles of regions without a valley.
    table
        Regions without a valley down, most alike first: distance (mean to the nearest hosts,
        in standard deviations a dimension), place, nearest (host codes, nearest first).
    check
        Hosts down: decree year, place among all regions without a valley when it is left out,
        of (how many), share (place over of).
    mean_share
        Mean of `check.share`: 0.5 is chance.
    p_value
        Probability that as many hosts drawn at random would stand as high on average.
    profiles
        Hosts before their decree and the others before `period`, x dimensions.
    """

    neighbours: int
    years: int
    period: int
    table: pd.DataFrame
    check: pd.DataFrame
    mean_share: float
    p_value: float
    profiles: pd.DataFrame

    def _repr_html_(self) -> str:
        told = f"leave one host out: mean share {self.mean_share:.2f}, p = {self.p_value:.3f}"
        return str(paragraph(told) + self.table.head(10).round(2).to_html())


def readiness(
    scores: Mapping[int, pd.DataFrame],
    cohorts: "pd.Series[int]",
    *,
    period: int,
    years: int = 3,
    neighbours: int = 3,
    draws: int = 20_000,
    seed: int = 20260101,
) -> ReadinessResult:
    """Compare regions without a valley with hosts before their decree.

    Parameters
    ----------
    scores
        Period -> units x dimensions, on any scale; every dimension is standardised within
        its period, so that only the place among the units of that year counts.
    cohorts
        Year of the decree by host.
    period
        The latest year for regions without a valley.
    years
        Years before a decree whose mean is a profile; where a decree is younger than the scores,
        the last years that have some.
    neighbours
        Nearest hosts over which a distance is averaged.
    draws, seed
        For `p_value`.

    Raises
    ------
    PeriodError
        If scores of a year are absent that a profile needs.
    ValleyError
        If `years`, `neighbours` or `draws` is out of bounds.

    Notes
    -----
    Nearest neighbours, leave-one-out. With a dozen hosts the check can tell a rule that finds hosts
    from one that guesses, and hardly more: a host's place has the uncertainty of as many draws, and
    hosts were chosen by people who may have looked at the same figures.
    """
    within("years", years, 1, 30)
    within("neighbours", neighbours, 1, len(cohorts))
    within("draws", draws, 1, 1_000_000)
    standard = {year: _standardised(frame) for year, frame in scores.items()}
    hosts = [unit for unit in cohorts.index if unit in next(iter(scores.values())).index]
    others = [unit for unit in next(iter(scores.values())).index if unit not in hosts]
    before = pd.DataFrame(
        {host: _profile(standard, host, cohorts[host], years) for host in hosts}
    ).T
    now = pd.DataFrame({unit: _profile(standard, unit, period + 1, years) for unit in others}).T
    distances = _distances(now, before)
    table = _table(distances, neighbours)
    check = _leave_one_out(standard, before, others, cohorts, years, neighbours)
    share = float(check["share"].mean())
    p_value = _chance(check, share, draws, seed)
    profiles = pd.concat([before, now])
    return ReadinessResult(neighbours, years, period, table, check, share, p_value, profiles)


def _standardised(frame: pd.DataFrame) -> pd.DataFrame:
    return (frame - frame.mean()) / frame.std()


def _profile(standard: Mapping[int, pd.DataFrame], unit: str, end: int, years: int) -> pd.Series:
    """Mean of the years before `end`, or of the last that have scores if it lies beyond them."""
    end = min(int(end), max(standard) + 1)
    wanted = range(end - years, end)
    absent = [year for year in wanted if year not in standard]
    if absent:
        raise PeriodError(
            f"profile of {unit} needs {wanted.start}-{wanted.stop - 1}; no scores of "
            f"{', '.join(map(str, absent))}. Next step: give scores of these years."
        )
    return pd.concat([standard[year].loc[unit] for year in wanted], axis=1).mean(axis=1)


def _distances(some: pd.DataFrame, hosts: pd.DataFrame) -> pd.DataFrame:
    """Root mean square difference over dimensions: some x hosts."""
    gaps = some.to_numpy()[:, None, :] - hosts.to_numpy()[None, :, :]
    return pd.DataFrame(np.sqrt((gaps**2).mean(axis=2)), some.index, hosts.index)


def _nearest_mean(distances: pd.DataFrame, neighbours: int) -> pd.Series:
    ordered = np.sort(distances.to_numpy(), axis=1)[:, :neighbours]
    return pd.Series(ordered.mean(axis=1), distances.index)


def _table(distances: pd.DataFrame, neighbours: int) -> pd.DataFrame:
    distance = _nearest_mean(distances, neighbours)
    order = np.argsort(distances.to_numpy(), axis=1)[:, :neighbours]
    nearest = [" ".join(distances.columns[row]) for row in order]
    table = pd.DataFrame({"distance": distance, "nearest": nearest}).sort_values("distance")
    table.insert(1, "place", range(1, len(table) + 1))
    return table.rename_axis("region")


def _leave_one_out(
    standard: Mapping[int, pd.DataFrame],
    before: pd.DataFrame,
    others: list[str],
    cohorts: "pd.Series[int]",
    years: int,
    neighbours: int,
) -> pd.DataFrame:
    """Where each host stands among regions without a valley in its own years."""
    rows = {}
    for host in before.index:
        then = pd.DataFrame(
            {unit: _profile(standard, unit, cohorts[host], years) for unit in [host, *others]}
        ).T
        distance = _nearest_mean(_distances(then, before.drop(index=host)), neighbours)
        place = int((distance < distance[host]).sum()) + 1
        rows[host] = {"decree": int(cohorts[host]), "place": place, "of": len(then)}
    check = pd.DataFrame(rows).T.rename_axis("region")
    return check.assign(share=(check["place"] - 0.5) / check["of"])


def _chance(check: pd.DataFrame, share: float, draws: int, seed: int) -> float:
    """How often as many places drawn at random have so low a mean."""
    rng = np.random.default_rng(seed)
    of = check["of"].to_numpy()
    places = rng.integers(1, of[None, :] + 1, size=(draws, len(of)))
    means = ((places - 0.5) / of).mean(axis=1)
    return float((1 + (means <= share + 1e-12).sum()) / (1 + draws))
