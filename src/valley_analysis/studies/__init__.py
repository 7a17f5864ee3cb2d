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
    adjusted,
    curve_data,
    study_outcomes,
)
from valley_analysis.studies.valley_data import ValleyData, valley_data
from valley_analysis.studies.valley_effect import ValleyEffect, valley_effect
from valley_analysis.studies.variants import (
    HOSTS,
    across_space,
    by_industry,
    high_against_low,
    neighbours_too,
    variants,
)
from valley_analysis.studies.wave import (
    Settings,
    WaveData,
    WaveStudy,
    by_year,
    effect,
    neighbours,
    study_wave,
    wave_data,
)

__all__ = [
    "HOSTS",
    "CurveData",
    "OutcomeStudies",
    "Settings",
    "ValleyData",
    "ValleyEffect",
    "WaveData",
    "WaveStudy",
    "across_space",
    "adjusted",
    "by_industry",
    "by_year",
    "calibration_checks",
    "curve_data",
    "effect",
    "find_calibration",
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
    "variants",
    "wave_data",
]
