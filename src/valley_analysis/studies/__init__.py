"""Applications: figures of the panel, estimators and checks put together, one question a file."""

from valley_analysis.studies.valley_effect import (
    ValleyData,
    ValleyEffect,
    valley_data,
    valley_effect,
)
from valley_analysis.studies.wave import (
    Settings,
    WaveData,
    WaveStudy,
    neighbours,
    study_wave,
    wave_data,
)

__all__ = [
    "Settings",
    "ValleyData",
    "ValleyEffect",
    "WaveData",
    "WaveStudy",
    "neighbours",
    "study_wave",
    "valley_data",
    "valley_effect",
    "wave_data",
]
