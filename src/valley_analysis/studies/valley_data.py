"""A panel of regions with the years of decrees: what the effect of valleys is estimated from."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.frames import Scope
from valley_analysis.impact.cohorts_randomised import CohortPanel
from valley_analysis.impact.strata import stratified
from valley_analysis.sanctions import (
    CONTROLS,
    exposure,
    find_exposure,
    find_outcome,
    resource_regions,
    size_income,
)
from valley_analysis.sanctions.outcomes import Outcome

WAVE = 2022
BEFORE = 6
YEARS = 3
"""Before the first decree, over which size and income are averaged."""
TERCILES = 3
PANEL: dict[str, Any] = {"unit": "region", "period": "year", "outcome": "y"}
BESIDE = (*CONTROLS, "exposure")
"""Controls of every headline, each times year, beside the strata within which decrees are drawn."""
NAMES = PANEL | {"cohort": "cohort"}
"""Columns, as estimators call them; those of cohorts take one more."""


@dataclass(frozen=True, eq=False)
class ValleyData:
    """A panel of regions with the year of their first decree.

    Attributes
    ----------
    frame
        One row a region and year: ``region, year, y`` (on the outcome's scale), ``cohort``
        (missing without a valley), ``treated`` (1 from the decree on), ``exposure`` to the wave of
        2022, ``stratum`` (its tercile), ``resource``, and size and income in the years before the
        first decree (``log_population, log_grp_person``).
    outcome_id, outcome
        Key and entry of outcomes.yml.
    left_out
        Hosts without a year before their decree, or from it on, or without an outcome.
    pending
        Regions among the controls that wait for a valley of their own (`pending_regions`).
    """

    frame: pd.DataFrame
    outcome_id: str
    outcome: Outcome
    left_out: tuple[str, ...]
    pending: tuple[str, ...] = ()

    @property
    def settled(self) -> pd.DataFrame:
        """The frame without controls that wait for a valley: the standing variant of it."""
        return self.frame[~self.frame["region"].isin(self.pending)]

    @property
    def cohorts(self) -> "pd.Series[int]":
        """Year of the decree by host that enters."""
        rows = self.frame.dropna(subset=["cohort"]).groupby("region")["cohort"].first()
        return rows.astype(int).sort_values(kind="stable")

    @property
    def years(self) -> tuple[int, int]:
        """First and last year."""
        return int(self.frame["year"].min()), int(self.frame["year"].max())


def valley_data(
    series: pd.DataFrame,
    outcome: str,
    cohorts: "pd.Series[int]",
    exposure_id: str,
    scope: Scope,
    *,
    method: str | None = None,
    pending: Collection[str] = (),
) -> ValleyData:
    """Lay out outcome, decree years and exposure.

    Parameters
    ----------
    series
        What `panel.load_panel` returns.
    outcome
        A key of outcomes.yml on the scale "log" or "share".
    cohorts
        Year of the first decree by host region (`valleys.decree_years`).
    exposure_id
        A key of exposures.yml: regions are compared within terciles of it.
    scope
        Disjoint units.
    method
        Under which the outcome was published, since nothing is spliced; by default the one under
        which most hosts have a year before their decree.
    pending
        Regions without a valley that have applied for one (`valleys.pending_regions`): named in
        `ValleyData.pending` where they are controls, and left out in a variant.

    Raises
    ------
    DesignError
        For a count, or if fewer than two hosts have years on both sides of their decree.
    """
    about = find_outcome(outcome)
    if about.scale == "count":
        raise DesignError(
            f"outcome {outcome!r}",
            ["a count: the estimators of cohorts are linear"],
            "choose an outcome on a logarithmic scale or in per cent",
        )
    rows = series[series["series"].eq(about.series)]
    rows = rows.assign(region=rows["region"].astype(str), method=rows["method"].astype(str))
    chosen = _method(rows, cohorts) if method is None else method
    rows = rows[rows["method"].eq(chosen)]
    first = int(cohorts.min()) - BEFORE
    rows = rows[rows["region"].isin(scope.units) & rows["period"].ge(first)]
    values = (
        rows["value"].where(rows["value"] > 0).map(np.log)
        if about.scale == "log"
        else rows["value"]
    )
    frame = pd.DataFrame(
        {"region": rows["region"], "year": rows["period"].astype(int), "y": values.astype(float)}
    ).dropna()
    starts = frame.groupby("region")["year"].min()
    ends = frame.groupby("region")["year"].max()
    usable = [
        host
        for host in cohorts.index
        if host in starts and starts[host] < cohorts[host] <= ends[host]
    ]
    if len(usable) < 2:
        problem = f"{len(usable)} with a year before their decree and one from it on"
        raise DesignError("hosts", [problem], "choose another outcome")
    frame["cohort"] = frame["region"].map(cohorts[usable]).astype(float)
    frame["treated"] = (frame["year"] >= frame["cohort"]).astype(float)
    left_out = tuple(host for host in cohorts.index if host not in usable)
    frame = frame[~frame["region"].isin(left_out)]
    found = exposure(series, find_exposure(exposure_id, WAVE), scope)
    units = found.values.reindex(frame["region"].unique()).dropna()
    frame = frame[frame["region"].isin(units.index)].assign(
        exposure=lambda f: f["region"].map(units)
    )
    terciles = pd.qcut(units, TERCILES, labels=["low", "middle", "high"]).astype(str)
    resource = resource_regions(series, WAVE, scope).frame["resource"]
    frame = frame.assign(
        stratum=frame["region"].map(terciles), resource=frame["region"].map(resource)
    )
    sizes = size_income(series, range(int(cohorts.min()) - YEARS, int(cohorts.min())))
    frame = frame.join(sizes[list(CONTROLS)], on="region").dropna(subset=list(CONTROLS))
    waiting = sorted(set(pending) & set(frame.loc[frame["cohort"].isna(), "region"]))
    return ValleyData(frame.reset_index(drop=True), outcome, about, left_out, tuple(waiting))


def _method(rows: pd.DataFrame, cohorts: "pd.Series[int]") -> str:
    known = rows.dropna(subset=["value"])
    starts = known.groupby(["method", "region"])["period"].min().unstack("region")
    usable = starts.reindex(columns=cohorts.index).lt(cohorts).sum(axis=1)
    latest = known.groupby("method")["period"].max()
    table = pd.DataFrame({"usable": usable, "latest": latest})
    return str(table.sort_values(["usable", "latest"]).index[-1])


def complete(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the regions that have every year."""
    counted = frame.groupby("region")["year"].nunique()
    return frame[frame["region"].map(counted) == frame["year"].nunique()]


def with_controls(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the frame with columns of controls x year, and their names; the first year is zero.

    Size, income, exposure to the wave of 2022 and its terciles, within which decrees are drawn.
    """
    told, names = stratified(frame, "region", "stratum", BESIDE)
    years = sorted(frame["year"].unique())[1:]
    scaled = (told[list(names)] - told[list(names)].mean()) / told[list(names)].std()
    added = {
        f"{name} x {year}": scaled[name].where(frame["year"] == year, 0.0)
        for name in names
        for year in years
    }
    return pd.concat([frame, pd.DataFrame(added)], axis=1), list(added)


def net_of_controls(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the outcome less what controls go along with, year by year.

    Slopes are those of regions without a valley, or not yet with one, so that no effect of a valley
    can be in them. Their own error is not carried on here; the draws of `randomise_cohorts`, which
    estimate them anew each time, have it.
    """
    told, names = stratified(frame, "region", "stratum", BESIDE)
    ordered = told.sort_values(["region", "year"], ignore_index=True)
    panel = CohortPanel.of(ordered, **PANEL, controls=names)
    first = ordered.groupby("region")["cohort"].first().reindex(panel.units).to_numpy(float)
    return ordered[list(frame)].assign(y=panel.net(first, panel.y[:, None])[:, 0])
