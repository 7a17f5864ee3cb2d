"""One outcome and one wave: the estimate, its dynamics, its inference and every check."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from valley_analysis import regions
from valley_analysis.frames import Scope
from valley_analysis.impact import (
    checks_data,
    checks_design,
    checks_influence,
    checks_outcomes,
    checks_placebo,
)
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.did import difference_in_differences
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.honest import HonestResult, honest_did
from valley_analysis.impact.inference import compare_inference
from valley_analysis.impact.pretrend import pretrend_test
from valley_analysis.impact.pretrend_permuted import permuted_pretrend
from valley_analysis.impact.randomisation_counts import randomise_counts
from valley_analysis.impact.report_card import ReportCard, report_card
from valley_analysis.impact.results import CheckResult, EffectResult
from valley_analysis.sanctions import (
    CONTROLS,
    EstimationFrame,
    ExposureResult,
    estimation_frame,
    exposure,
    find_exposure,
    find_wave,
)
from valley_analysis.sanctions.estimation import CAPITALS
from valley_analysis.spatial import SpatialWeights, contiguity
from valley_analysis.studies.calibration import calibration_checks, variant_method
from valley_analysis.text import Lang

PLACEBO = "graduates"
COUNT_PERMUTATIONS = 1999
"""Most permutations behind an interval of counts, which takes thirty tests."""


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
        """Keywords of everything that permutes exposure."""
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
        Keywords that every estimator and check of `impact` takes.
    left_out
        Units with an outcome whose exposure before the wave is not known.
    """

    found: EstimationFrame
    exposure: ExposureResult
    columns: dict[str, Any] = field(repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """One row a region and year."""
        return self.found.frame

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
    columns = {
        "unit": "region",
        "period": "year",
        "outcome": "y",
        "exposure": exposure_id,
        "since": about.first_treated,
        "family": found.family,
        "flag": "flag",
        "parts": dict(found.parts),
    }
    exposed = frame["region"].map(result.values.notna()).fillna(False).astype(bool)
    left_out = tuple(sorted(frame.loc[~exposed & frame["y"].notna(), "region"].unique()))
    kept = frame[exposed].reset_index(drop=True)
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


@dataclass(frozen=True, eq=False)
class WaveStudy:
    """One outcome and one wave, estimated and checked.

    Attributes
    ----------
    data, settings
        What it was made from, and how.
    effect
        Difference in differences on the whole period.
    dynamic
        Event study by year.
    honest
        Bounds under violations of parallel trends as large as those before.
    inference
        The estimate under every way of making inference.
    card
        Checks and verdict.
    """

    data: WaveData
    settings: Settings
    effect: EffectResult
    dynamic: EffectResult
    honest: HonestResult
    inference: EffectResult
    card: ReportCard


def study_wave(
    data: WaveData,
    settings: Settings | None = None,
    *,
    lang: Lang = "en",
) -> WaveStudy:
    """Estimate one outcome and one wave, and put the estimate to every check.

    Parameters
    ----------
    data
        What `wave_data` returns.
    settings
        How much computing; `Settings()` by default.
    lang
        Of the phrases that say what cannot be separated.
    """
    settings = settings or Settings()
    main = effect(data, settings=settings)
    dynamic = by_year(data)
    pretrend = _pretrend(data, dynamic, settings)
    calibrated = {
        name: calibration_checks(variant_method(name, data.columns["family"]), data.found.outcome)
        for name in ("main", "dynamic")
    }
    card = report_card(
        main,
        (*_checks(data, pretrend, settings), *calibrated["main"]),
        iqr=data.iqr,
        cannot_separate=[text[lang] for text in data.found.wave.concurrent],
    )
    return WaveStudy(
        data,
        settings,
        main,
        dynamic.with_diagnostics(pretrend, *calibrated["dynamic"]),
        honest_did(dynamic, kind="relative_magnitudes"),
        _inference(data, settings, main),
        card,
    )


def by_year(data: WaveData, controls: Sequence[str] = ()) -> EffectResult:
    """Return the event study, year by year against the one before the wave.

    Parameters
    ----------
    data
        What `wave_data` returns.
    controls
        Columns with one value a region, each times period.
    """
    columns = {key: value for key, value in data.columns.items() if key != "since"}
    columns["controls"] = controls
    return event_study(data.frame, reference=data.reference, **columns)


def _pretrend(data: WaveData, dynamic: EffectResult, settings: Settings) -> CheckResult:
    """Test leads jointly; for counts, whose clustered errors are too small here, by permutation."""
    if data.found.family == "gaussian":
        return pretrend_test(dynamic)
    return permuted_pretrend(data.frame, alpha=settings.alpha, **settings.draws, **data.columns)


def _checks(data: WaveData, pretrend: CheckResult, settings: Settings) -> list[CheckResult]:
    frame, columns, alpha = data.frame, data.columns, settings.alpha
    draws = settings.draws
    covariates = [name for name in ("resource", "host", *CONTROLS) if frame[name].std() > 0]
    found = [
        pretrend,
        checks_placebo.placebo_date(frame, alpha=alpha, seed=settings.seed, **columns),
        checks_placebo.anticipation(frame, alpha=alpha, **columns),
        checks_placebo.randomisation(frame, alpha=alpha, **draws, **columns),
        checks_influence.leave_one_unit_out(frame, alpha=alpha, **columns),
        checks_influence.leave_one_cluster_out(frame, by="district", alpha=alpha, **columns),
        checks_influence.leave_groups_out(
            frame, groups={"capitals": CAPITALS}, alpha=alpha, **columns
        ),
        checks_data.attrition(frame, alpha=alpha, **draws, **columns),
        checks_design.balance(frame, covariates=covariates, **columns),
        checks_design.dose_response(frame, alpha=alpha, **columns),
        checks_design.residual_moran(
            frame, spatial=neighbours(data.exposure.scope), alpha=alpha, **columns
        ),
        checks_outcomes.minimum_detectable(frame, **columns),
    ]
    if "low" in frame and frame["low"].notna().any():
        check = checks_data.suppression_bounds
        found.append(check(frame, low="low", high="high", alpha=alpha, **columns))
    if "placebo" in frame:
        own = {**columns, "parts": None, "family": "gaussian"}
        found.insert(2, checks_placebo.placebo_outcome(frame, placebo="placebo", **own))
    return found


def _inference(data: WaveData, settings: Settings, main: EffectResult) -> EffectResult:
    """Every way side by side; of counts, the permutations behind the effect are not drawn again."""
    permutations, extra = settings.permutations, {}
    if data.found.family == "poisson":
        said = (main.se, *main.interval, main.p_value, main.inference)
        permutations, extra = 0, {"randomisation": said}
    kept = {key: data.columns[key] for key in ("unit", "period", "outcome", "exposure", "since")}
    return compare_inference(
        data.frame,
        **kept,
        clusters={"district": "district"},
        strata="stratum",
        lon="lon",
        lat="lat",
        cutoffs_km=settings.cutoffs_km,
        permutations=permutations,
        extra=extra,
        replications=settings.replications,
        family=data.columns["family"],
        seed=settings.seed,
    )


def effect(
    data: WaveData, controls: Sequence[str] = (), settings: Settings | None = None
) -> EffectResult:
    """Return the difference in differences alone, without checks.

    A Poisson model is judged by permuting exposure within strata: with clustered errors it rejects
    far too often on this panel (docs/calibration.md), whose counts sit in few regions.

    Parameters
    ----------
    data
        What `wave_data` returns.
    controls
        Columns with one value a region, each times period.
    settings
        Permutations and their seed; `Settings()` by default.
    """
    columns = {**data.columns, "controls": controls}
    found = difference_in_differences(data.frame, **columns)
    if data.found.family == "gaussian":
        return found
    settings = settings or Settings()
    said = randomise_counts(
        data.frame,
        Sample.of(data.frame, **columns),
        strata="stratum",
        permutations=min(settings.permutations, COUNT_PERMUTATIONS),
        seed=settings.seed,
        level=found.level,
    )
    return found.judged(said.note, se=said.se, low=said.low, high=said.high, p_value=said.p_value)
