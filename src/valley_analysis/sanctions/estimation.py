"""From tidy series and exposures to what an estimator takes: one row a region and year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.frames import Scope
from valley_analysis.regions import district_of
from valley_analysis.sanctions.availability import availability
from valley_analysis.sanctions.describe import refuse_post_treatment
from valley_analysis.sanctions.exposure import ExposureResult
from valley_analysis.sanctions.outcomes import Scale, find_outcome
from valley_analysis.sanctions.resources import resource_regions
from valley_analysis.sanctions.waves import Wave

CAPITALS = ("RU-MOW", "RU-SPE")
CONTROLS = ("log_population", "log_grp_person")
COVARIATES = ("urban_share", "unemployment_rate", "log_students_person")
"""Further traits before the wave that no headline has: whether it would move by them is checked."""
_NOT_OBSERVED = ("imputed",)


@dataclass(frozen=True, eq=False)
class EstimationFrame:
    """A panel ready for the estimators of `impact`.

    Attributes
    ----------
    frame
        One row a region and year of the scope, outcome missing where it was not published:
        ``region, year, y`` (on the outcome's scale), ``value`` (as published), ``flag``; one
        column an exposure, named by its id; ``host`` (of a valley), ``resource``, ``stratum``
        ("resource" or "other"), ``district``; controls measured before the wave
        (``log_population``, ``log_grp_person``) and further traits (`COVARIATES`); samples
        ``no_capitals``, ``no_resource``, ``balanced``.
    outcome, scale, family
        Of `outcomes.yml`.
    wave
        The wave.
    method
        Under which the outcome was published; methods never pool.
    parts
        Column -> series that it is computed from, for the rule that outcome and exposure share
        none.
    """

    frame: pd.DataFrame
    outcome: str
    scale: Scale
    family: str
    wave: Wave
    method: str
    parts: Mapping[str, tuple[str, ...]]

    @property
    def years(self) -> tuple[int, int]:
        """First and last year with an outcome."""
        seen = self.frame.loc[self.frame["y"].notna(), "year"]
        return int(seen.min()), int(seen.max())


def estimation_frame(
    series: pd.DataFrame,
    outcome: str,
    wave: Wave,
    exposures: Mapping[str, ExposureResult] | Sequence[ExposureResult],
    scope: Scope,
    *,
    hosts: Sequence[str] = (),
    before: int = 6,
) -> EstimationFrame:
    """Lay outcome, exposures, strata and controls of a wave side by side.

    Parameters
    ----------
    series
        What `panel.load_panel` returns: one vintage a cell and method.
    outcome
        A key of outcomes.yml.
    wave
        One of `waves()`; the years after it end before the next wave.
    exposures
        Results of `exposure`, measured before the wave.
    scope
        Disjoint units.
    hosts
        Regions with a valley.
    before
        Years before the wave that enter, as far as the outcome's method reaches.

    Raises
    ------
    DesignError
        If the outcome has no year after the wave, or an exposure is of another scope, measured
        in a year of the wave or after, or made of what the sanctions themselves made.
    """
    found = find_outcome(outcome)
    results = list(exposures.values() if isinstance(exposures, Mapping) else exposures)
    refuse_post_treatment(name for one in results for name in (one.spec.id, *one.parts))
    _predetermined(results, wave)
    _same_scope(results, scope)
    method = _method(series, found.series, wave, scope)
    years = range(wave.first_treated - before, max(wave.post) + 1)
    grid = pd.MultiIndex.from_product([scope.units, years], names=["region", "year"])
    told = _cells(series, found.series, method).reindex(grid)
    frame = told.assign(y=_scaled(told["value"], found.scale)).reset_index()
    frame["flag"] = frame["flag"].fillna("unavailable")
    frame.loc[frame["flag"].isin(_NOT_OBSERVED), "y"] = np.nan
    units = _units(series, wave, scope, hosts)
    for result in results:
        units[result.spec.id] = result.values.reindex(units.index)
    frame = frame.merge(units, left_on="region", right_index=True, how="left")
    present = frame[frame["y"].notna()]
    frame = frame[frame["year"].between(present["year"].min(), present["year"].max())]
    counted = present.groupby("region")["year"].nunique()
    frame["balanced"] = frame["region"].map(counted == frame["year"].nunique()).fillna(False)
    parts = {"y": (found.series,), **{one.spec.id: one.parts for one in results}}
    return EstimationFrame(
        frame.reset_index(drop=True), outcome, found.scale, found.family, wave, method, parts
    )


def _predetermined(results: Sequence[ExposureResult], wave: Wave) -> None:
    """Refuse exposures measured when the wave could already have moved them."""
    problems = [
        f"exposure {one.spec.id!r}: measured in {', '.join(map(str, late))}, not before "
        f"the wave of {wave.first_treated}"
        for one in results
        if (late := [year for year in one.spec.periods if year >= wave.first_treated])
    ]
    if problems:
        raise DesignError("exposures", problems, "measure an exposure in years before the wave")


def _same_scope(results: Sequence[ExposureResult], scope: Scope) -> None:
    problems = [
        f"exposure {result.spec.id!r}: scope {result.scope.name}; the frame has {scope.name}"
        for result in results
        if result.scope != scope
    ]
    if problems:
        raise DesignError("exposures", problems, "compute them over the same scope")


def _method(series: pd.DataFrame, name: str, wave: Wave, scope: Scope) -> str:
    row = availability(series, [name], {wave.id: wave}, scope).iloc[0]
    if row["label"] == "none":
        raise DesignError(
            f"outcome {name!r}",
            [f"no year from {wave.first_treated} on is published (last {row['last']})"],
            "see sanctions.availability for what reaches beyond this wave",
        )
    return str(row["method"])


def _cells(series: pd.DataFrame, name: str, method: str) -> pd.DataFrame:
    rows = series[series["series"].eq(name) & series["method"].astype(str).eq(method)]
    rows = rows.assign(region=rows["region"].astype(str), flag=rows["flag"].astype(str))
    rows = rows.rename(columns={"period": "year"})
    return rows.set_index(["region", "year"])[["value", "flag"]]


def _scaled(values: "pd.Series[float]", scale: Scale) -> "pd.Series[float]":
    return np.log(values.where(values > 0)) if scale == "log" else values.astype(float)


def _units(series: pd.DataFrame, wave: Wave, scope: Scope, hosts: Sequence[str]) -> pd.DataFrame:
    """One row a region: strata, samples and controls, all fixed before the wave."""
    units = pd.DataFrame(index=pd.Index(scope.units, name="region"))
    units["host"] = units.index.isin(hosts).astype(float)
    found = resource_regions(series, wave.id, scope)
    units["resource"] = found.frame["resource"].reindex(units.index).astype(float)
    units["stratum"] = found.strata.reindex(units.index)
    units["district"] = [district_of(unit, wave.first_treated) for unit in units.index]
    units["no_capitals"] = ~units.index.isin(CAPITALS)
    units["no_resource"] = units["resource"] == 0
    before = [year for year in wave.pre["main"] if year < wave.first_treated]
    units[list(CONTROLS)] = size_income(series, before).reindex(units.index)
    for name in ("urban_share", "unemployment_rate"):
        units[name] = _mean(series, name, before).reindex(units.index)
    students = _mean(series, "students", before).reindex(units.index)
    units["log_students_person"] = np.log(students.where(students > 0)) - units["log_population"]
    return units


def size_income(series: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Return the logarithms of mean population and GRP per person over some years, by region.

    Parameters
    ----------
    series
        What `panel.load_panel` returns.
    years
        Before whatever is studied.

    Returns
    -------
    The columns `CONTROLS`.
    """
    means = {"log_population": "population_mean", "log_grp_person": "grp_per_person"}
    return pd.DataFrame({name: np.log(_mean(series, one, years)) for name, one in means.items()})


def _mean(series: pd.DataFrame, name: str, years: Sequence[int]) -> "pd.Series[float]":
    """Mean over years within the method that covers most of them."""
    rows = series[series["series"].eq(name) & series["period"].isin(years)]
    rows = rows.assign(region=rows["region"].astype(str), method=rows["method"].astype(str))
    best = rows["method"].value_counts().sort_index(ascending=False).idxmax()
    return rows[rows["method"] == best].groupby("region")["value"].mean()
