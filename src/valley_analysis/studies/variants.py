"""The same effect estimated otherwise: beside other exposures, as a contrast, with neighbours."""

from valley_analysis.errors import DesignError
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.spillover import spillover
from valley_analysis.impact.synthetic_contrast import contrast
from valley_analysis.studies.wave import WaveData, WaveStudy, neighbours


def variants(study: WaveStudy) -> dict[str, EffectResult]:
    """Return the estimates of one effect that a reader may want side by side.

    Returns
    -------
    Key -> result: "main" (difference in differences), "dynamic" (mean of the event study after the
    wave, against the year before), "with_hosts" (beside host of a valley x period, where hosts are
    known), "with_controls" (beside size and income x period).
    """
    found = {
        "main": study.effect,
        "dynamic": study.dynamic,
        "with_hosts": study.with_hosts,
        "with_controls": study.with_controls,
    }
    return {name: one for name, one in found.items() if one is not None}


def neighbours_too(data: WaveData) -> EffectResult:
    """Return what the exposure of neighbours adds; regions without a land neighbour drop out."""
    return spillover(data.frame, weights=neighbours(data.exposure.scope), **data.columns)


def high_against_low(data: WaveData, replications: int = 499, seed: int = 0) -> EffectResult | None:
    """Return the most exposed third against a weighted mean of the least exposed third.

    A contrast of groups, not an effect of the wave; None for counts, whose zeros no weighting
    of logarithms can take, and where too few regions have every year.
    """
    if data.found.family != "gaussian":
        return None
    kept = {key: data.columns[key] for key in ("unit", "period", "outcome", "exposure", "since")}
    try:
        return contrast(data.frame, **kept, replications=replications, seed=seed)
    except DesignError:
        return None
