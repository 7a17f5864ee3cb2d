"""What a study of one outcome and one wave is made from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from valley_analysis import regions
from valley_analysis.frames import Scope
from valley_analysis.sanctions import (
    CONTROLS,
    EstimationFrame,
    ExposureResult,
    estimation_frame,
    exposure,
    find_exposure,
    find_outcome,
    find_wave,
    refuse_post_treatment,
)
from valley_analysis.sanctions.curve import FIRST_HOSTS
from valley_analysis.spatial import SpatialWeights, contiguity

PLACEBO = "graduates"
CONDITIONS = (*CONTROLS, "resource")
"""Of every headline, each times year: size and income before the wave, and the strata within which
exposure is permuted. Nothing measured after the wave, nor chosen after it, such as hosts."""


@dataclass(frozen=True)
class Settings:
    """How much computing a study takes.

    Attributes
    ----------
    permutations
        Of exposure over regions, within strata.
    replications
        Of the wild cluster bootstrap.
    seed
        Of everything random.
    cutoffs_km
        Distances of Conley's errors.
    alpha
        At which checks decide.
    """

    permutations: int = 4999
    replications: int = 1999
    seed: int = 20260101
    cutoffs_km: tuple[float, ...] = (500.0, 1000.0, 2000.0)
    alpha: float = 0.05

    @property
    def draws(self) -> dict[str, Any]:
        """Keywords of everything that permutes exposure within strata."""
        return {"strata": "stratum", "permutations": self.permutations, "seed": self.seed}


@dataclass(frozen=True, eq=False)
class WaveData:
    """What a study is made from.

    Attributes
    ----------
    found
        The estimation frame; with the placebo outcome as a further column where it differs.
    exposure
        The exposure.
    columns
        Keywords that every estimator and check of `impact` takes, the headline's controls among
        them.
    left_out
        Units with an outcome whose exposure or controls before the wave are not known.
    """

    found: EstimationFrame
    exposure: ExposureResult
    columns: dict[str, Any] = field(repr=False)
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a model with what the sanctions themselves made, such as counts of listings."""
        controls, parts = self.columns.get("controls", ()), self.columns.get("parts") or {}
        named = [self.columns.get(role) for role in ("exposure", "weights")]
        named += [controls] if isinstance(controls, str) else list(controls)
        refuse_post_treatment(
            part for name in filter(None, named) for part in (name, *parts.get(name, ()))
        )

    @property
    def frame(self) -> pd.DataFrame:
        """One row a region and year."""
        return self.found.frame

    @property
    def controls(self) -> tuple[str, ...]:
        """Controls of the headline, each times year: size, income, and the strata."""
        return tuple(self.columns["controls"])

    @property
    def margin(self) -> float:
        """Largest bias that a check lets pass, per unit of exposure."""
        return find_outcome(self.found.outcome).margin / self.iqr

    @property
    def hosts_known(self) -> bool:
        """Whether hosts of valleys had been chosen, or could have been, when the wave began."""
        return self.found.wave.first_treated > FIRST_HOSTS and bool(self.frame["host"].any())

    @property
    def iqr(self) -> float:
        """Interquartile range of the exposure over regions."""
        return float(np.subtract(*np.quantile(self.exposure.values, [0.75, 0.25])))

    @property
    def reference(self) -> int:
        """The last year before the wave."""
        return self.found.wave.first_treated - 1


def wave_data(
    series: pd.DataFrame,
    outcome: str,
    wave: int,
    exposure_id: str,
    scope: Scope,
    *,
    hosts: Sequence[str] = (),
    bounds: pd.DataFrame | None = None,
) -> WaveData:
    """Lay out what a study of one outcome and one wave needs.

    Parameters
    ----------
    series
        What `panel.load_panel` returns.
    outcome, exposure_id
        Keys of outcomes.yml and exposures.yml.
    wave
        2014 or 2022.
    scope
        Disjoint units.
    hosts
        Regions with a valley: a control in one of the models.
    bounds
        Bounds of withheld values (`panel.suppressed_bounds`): series, period, region, low, high.
        They serve a check of counts; a bound of zero has no logarithm.
    """
    about = find_wave(wave)
    result = exposure(series, find_exposure(exposure_id, wave), scope)
    found = estimation_frame(series, outcome, about, [result], scope, hosts=hosts)
    frame = found.frame
    if outcome != PLACEBO:
        beside = estimation_frame(series, PLACEBO, about, [result], scope).frame
        placebo = beside.set_index(["region", "year"])["y"].rename("placebo")
        frame = frame.merge(placebo, left_on=["region", "year"], right_index=True, how="left")
    frame = frame.join(regions.points(scope), on="region")
    if bounds is not None and found.scale == "count":
        frame = _bounded(frame, bounds, found.parts["y"][0])
    exposed = frame[[exposure_id, *CONDITIONS]].notna().all(axis=1)
    left_out = tuple(sorted(frame.loc[~exposed & frame["y"].notna(), "region"].unique()))
    kept = frame[exposed].reset_index(drop=True)
    columns = {
        "unit": "region",
        "period": "year",
        "outcome": "y",
        "exposure": exposure_id,
        "since": about.first_treated,
        "family": found.family,
        "flag": "flag",
        "parts": dict(found.parts),
        "controls": tuple(name for name in CONDITIONS if kept[name].std() > 0),
    }
    return WaveData(replace(found, frame=kept), result, columns, left_out)


def _bounded(frame: pd.DataFrame, bounds: pd.DataFrame, series: str) -> pd.DataFrame:
    own = bounds[bounds["series"].eq(series)].rename(columns={"period": "year"})
    own = own.groupby(["region", "year"])[["low", "high"]].first()
    return frame.join(own, on=["region", "year"])


def neighbours(scope: Scope) -> SpatialWeights:
    """Return who touches whom; regions without a land neighbour have none.

    Kaliningrad and Sakhalin have none: they drop out of spatial statistics rather than being
    tied to a region across the sea. So do units that the boundary source has no outline of.
    """
    borders = regions.load_boundaries("lonlat").set_index("unit").geometry
    drawn = contiguity(borders.reindex(list(scope.units)).dropna(), tolerance=0.02)
    absent = [unit for unit in scope.units if unit not in drawn.units]
    if not absent:
        return drawn
    whole = sparse.block_diag([drawn.matrix, sparse.csr_array((len(absent), len(absent)))])
    return SpatialWeights.of([*drawn.units, *absent], whole, drawn.made)
