"""Several outcomes of one wave, each studied alike, and the specification curve's data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.frames import Scope
from valley_analysis.sanctions import (
    curve_choices,
    curve_frame,
    estimation_frame,
    exposure,
    find_exposure,
    find_outcome,
    find_wave,
)
from valley_analysis.studies.wave import WaveStudy, study_wave
from valley_analysis.studies.wave_data import Settings, wave_data

FALLBACK = "rd_staff"
"""The outcome of the curve where the chosen one is no logarithm."""


@dataclass(frozen=True, eq=False)
class OutcomeStudies:
    """Studies by outcome, and outcomes that cannot be studied for the wave, with the reason."""

    studies: dict[str, WaveStudy]
    refused: dict[str, str]


def study_outcomes(
    series: pd.DataFrame,
    outcomes: Sequence[str],
    wave: int,
    exposure_id: str,
    scope: Scope,
    hosts: Sequence[str] = (),
    settings: Settings | None = None,
    bounds: pd.DataFrame | None = None,
    family: pd.DataFrame | None = None,
) -> OutcomeStudies:
    """Study several outcomes of one wave alike.

    Parameters
    ----------
    series, wave, exposure_id, scope, hosts, bounds
        As in `wave_data`.
    outcomes
        Keys of outcomes.yml.
    settings, family
        As in `study_wave`.
    """
    found: dict[str, WaveStudy] = {}
    refused: dict[str, str] = {}
    for outcome in outcomes:
        try:
            more: dict[str, Any] = {"hosts": hosts, "bounds": bounds}
            data = wave_data(series, outcome, wave, exposure_id, scope, **more)
            found[outcome] = study_wave(data, settings, family=family)
        except DesignError as error:
            refused[outcome] = "; ".join(error.problems)
    return OutcomeStudies(found, refused)


@dataclass(frozen=True, eq=False)
class CurveData:
    """The frame and the choices of a specification curve, and the outcome they are of."""

    frame: pd.DataFrame
    choices: dict[str, Mapping[str, Any]]
    outcome: str


def curve_data(
    series: pd.DataFrame,
    outcome: str,
    wave: int,
    exposures: Sequence[str],
    scope: Scope,
    *,
    hosts: Sequence[str] = (),
) -> CurveData:
    """Lay out the specification curve of one outcome and wave.

    Parameters
    ----------
    series, wave, scope, hosts
        As in `wave_data`.
    outcome
        A key of outcomes.yml; one that is no logarithm is replaced by `FALLBACK`, since its
        estimates under different scales could not be compared.
    exposures
        Definitions of one exposure.
    """
    chosen = outcome if find_outcome(outcome).scale == "log" else FALLBACK
    results = [exposure(series, find_exposure(name, wave), scope) for name in exposures]
    found = estimation_frame(series, chosen, find_wave(wave), results, scope, hosts=hosts)
    return CurveData(curve_frame(found), curve_choices(found, exposures), chosen)
