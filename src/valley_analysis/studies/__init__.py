"""Applications: figures of the panel, estimators and checks put together, one question a file."""

from valley_analysis.studies.calibration import (
    calibration_checks,
    find_calibration,
    load_calibration,
)
from valley_analysis.studies.monthly import national_break, national_index
from valley_analysis.studies.outcomes import (
    CurveData,
    OutcomeStudies,
    curve_data,
    study_outcomes,
)
from valley_analysis.studies.primary import against_last, baselines_apart, effect, wave_family
from valley_analysis.studies.valley_data import ValleyData, valley_data
from valley_analysis.studies.valley_effect import ValleyEffect, valley_effect, valley_family
from valley_analysis.studies.variants import (
    HOSTS,
    Unfitted,
    across_space,
    by_industry,
    fitted,
    high_against_low,
    neighbours_too,
    variants,
)
from valley_analysis.studies.wave import WaveStudy, by_year, study_wave
from valley_analysis.studies.wave_data import Settings, WaveData, neighbours, wave_data

__all__ = [
    "HOSTS",
    "CurveData",
    "OutcomeStudies",
    "Settings",
    "Unfitted",
    "ValleyData",
    "ValleyEffect",
    "WaveData",
    "WaveStudy",
    "across_space",
    "against_last",
    "baselines_apart",
    "by_industry",
    "by_year",
    "calibration_checks",
    "curve_data",
    "effect",
    "find_calibration",
    "fitted",
    "high_against_low",
    "load_calibration",
    "national_break",
    "national_index",
    "neighbours",
    "neighbours_too",
    "study_outcomes",
    "study_wave",
    "valley_data",
    "valley_effect",
    "valley_family",
    "variants",
    "wave_data",
    "wave_family",
]
