"""One outcome and one wave: the estimate, its dynamics, its inference and every check."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.honest import HonestResult, honest_did
from valley_analysis.impact.inference import compare_inference
from valley_analysis.impact.report_card import ReportCard, report_card
from valley_analysis.impact.results import EffectResult
from valley_analysis.studies import primary, wave_checks
from valley_analysis.studies.calibration import calibration_checks, variant_method
from valley_analysis.studies.wave_data import Settings, WaveData
from valley_analysis.text import Lang


@dataclass(frozen=True, eq=False)
class WaveStudy:
    """One outcome and one wave, estimated and checked.

    Attributes
    ----------
    data, settings
        What it was made from, and how.
    effect
        Difference in differences on the whole period, beside size, income and strata x year, judged
        by the primary test.
    bare
        The same without controls.
    last, contrast
        The effect against the last year before the wave, and the difference of the two baselines
        (None with fewer than two years before, or where it cannot be made).
    dynamic
        Event study by year.
    honest
        Bounds under violations of parallel trends as large as those before.
    inference
        The estimate under every way of making inference, other permutations among them.
    card
        Checks and verdict.
    """

    data: WaveData
    settings: Settings
    effect: EffectResult
    bare: EffectResult
    last: EffectResult | None
    contrast: EffectResult | None
    dynamic: EffectResult
    honest: HonestResult
    inference: EffectResult
    card: ReportCard


def study_wave(
    data: WaveData,
    settings: Settings | None = None,
    *,
    family: pd.DataFrame | None = None,
    lang: Lang = "en",
) -> WaveStudy:
    """Estimate one outcome and one wave, and put the estimate to every check.

    Parameters
    ----------
    data
        What `wave_data` returns.
    settings
        How much computing; `Settings()` by default.
    family
        What `wave_family` returns for the wave and exposure; without it the verdict is not
        adjusted for the other outcomes.
    lang
        Of the phrases that say what cannot be separated.
    """
    settings = settings or Settings()
    wave_checks.refuse_empty(data)
    main = primary.effect(data, settings=settings)
    bare = primary.effect(data, settings=settings, bare=True)
    last, contrast = _baselines(data, settings)
    dynamic = by_year(data)
    before = wave_checks.pretrend(data, dynamic, settings)
    inference = _inference(data, settings, main)
    outcome = data.found.outcome
    calibrated = {
        name: calibration_checks(variant_method(name, data.columns["family"]), outcome)
        for name in ("main", "dynamic")
    }
    way, p_sound = wave_checks.largest_sound(data, inference)
    told: dict[str, Any] = {"bare": primary.beside(bare)}
    told |= {"p_sound": p_sound, "sound": way}
    told |= {"against_last": primary.beside(last)} if last else {}
    told |= {"contrast": primary.beside(contrast)} if contrast else {}
    if family is not None and outcome in family.index:
        adjusted = float(family.loc[outcome, "romano_wolf"])
        told |= {"p_family": adjusted, "family": len(family)}
    card = report_card(
        main,
        (
            before,
            *wave_checks.wave_checks(data, settings),
            *wave_checks.sound_agreement(data, inference),
            *calibrated["main"],
        ),
        iqr=data.iqr,
        cannot_separate=[text[lang] for text in data.found.wave.concurrent],
        beside=told,
    )
    return WaveStudy(
        data,
        settings,
        main,
        bare,
        last,
        contrast,
        dynamic.with_diagnostics(before, *calibrated["dynamic"]),
        honest_did(dynamic, kind="relative_magnitudes"),
        inference,
        card,
    )


def _baselines(
    data: WaveData, settings: Settings
) -> tuple[EffectResult | None, EffectResult | None]:
    """Return the effect against the last year before, and the difference of the baselines."""
    try:
        contrast = primary.baselines_apart(data, settings)
        # With one year before, the last is the mean.
        return (primary.against_last(data, settings) if contrast else None), contrast
    except DesignError:
        return None, None


def by_year(data: WaveData, controls: Sequence[str] = ()) -> EffectResult:
    """Return the event study, year by year against the one before the wave.

    Parameters
    ----------
    data
        What `wave_data` returns.
    controls
        Columns with one value a region beside the headline's, each times period.
    """
    columns = {key: value for key, value in data.columns.items() if key != "since"}
    columns["controls"] = (*data.controls, *controls)
    return event_study(data.frame, reference=data.reference, **columns)


def _inference(data: WaveData, settings: Settings, main: EffectResult) -> EffectResult:
    """Every way side by side; the permutations behind the headline are not drawn again."""
    said = (main.se, *main.interval, main.p_value, main.inference)
    kept = ("unit", "period", "outcome", "exposure", "since", "controls", "family")
    return compare_inference(
        data.frame,
        **{key: data.columns[key] for key in kept},
        clusters={"district": "district"},
        strata="stratum",
        lon="lon",
        lat="lat",
        cutoffs_km=settings.cutoffs_km,
        permutations=0,
        extra={"randomisation": said, **primary.other_permutations(data, settings)},
        replications=settings.replications,
        seed=settings.seed,
    )
