"""The headline of a wave: one model, one primary test, and the same against other baselines.

Rules, with their reasons, stand in ARCHITECTURE.md ("Rules of verdicts").
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.frames import Scope
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.did import difference_in_differences
from valley_analysis.impact.inversion import Tails
from valley_analysis.impact.multiple import romano_wolf
from valley_analysis.impact.null_model import null_model
from valley_analysis.impact.permutations import equal_tailed, permutation_p
from valley_analysis.impact.randomisation import permuted, randomisation_inference
from valley_analysis.impact.randomisation_counts import randomise_counts
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.spatial_draws import alike_draws
from valley_analysis.impact.strata import stratified_sample
from valley_analysis.sanctions import load_outcomes
from valley_analysis.studies.wave_data import Settings, WaveData, neighbours, wave_data

TAILS: Tails = "equal"
"""Of the primary test: verdicts tell a direction, so each side gets its half of the error."""
COUNT_PERMUTATIONS = 499
"""Behind the ends of an interval of counts, each of which takes thirty tests."""
_BESIDE = ("estimate", "low", "high", "p_value")


def effect(
    data: WaveData,
    controls: Sequence[str] = (),
    settings: Settings | None = None,
    *,
    bare: bool = False,
) -> EffectResult:
    """Return the difference in differences, judged by the primary test.

    What controls and strata leave of exposure is permuted within strata, the statistic studentised,
    tails equal; the interval holds the effects that this test does not reject. The standard error
    is the clustered one, for scale.

    Parameters
    ----------
    data
        What `wave_data` returns.
    controls
        Columns with one value a region beside those of the headline, each times period.
    settings
        Permutations and their seed; `Settings()` by default.
    bare
        Without the headline's controls; then strata play no part either, and exposure is permuted
        over all regions.
    """
    settings = settings or Settings()
    own = () if bare else data.controls
    columns = {**data.columns, "controls": (*own, *controls)}
    found = difference_in_differences(data.frame, **columns)
    draws: dict[str, Any] = {**settings.draws, "strata": None if bare else "stratum"}
    within = "" if bare else " within strata"
    if data.found.family == "poisson":
        sample = Sample.of(data.frame, **columns)
        draws |= {"tails": TAILS, "level": found.level, "of_interval": COUNT_PERMUTATIONS}
        said = randomise_counts(data.frame, sample, **draws)
        row = {"se": said.se, "low": said.low, "high": said.high, "p_value": said.p_value}
    else:
        kept = ("unit", "period", "outcome", "exposure", "since", "controls")
        names = {key: columns[key] for key in kept}
        told = randomisation_inference(data.frame, tails=TAILS, **names, **draws)
        row = told.table.loc[told.headline, ["se", "low", "high", "p_value"]].to_dict()
    inference = (
        f"{settings.permutations:,} permutations of exposure{within}, studentised, equal tails, "
        "interval by inversion"
    )
    return found.judged(inference, **row)


def against_last(data: WaveData, settings: Settings | None = None) -> EffectResult:
    """Return the effect against the last year before the wave instead of all years before."""
    year = data.frame["year"]
    kept = year.eq(data.reference) | year.ge(data.found.wave.first_treated)
    return effect(_rows(data, kept), settings=settings)


def baselines_apart(data: WaveData, settings: Settings | None = None) -> EffectResult | None:
    """Return by how much the two baselines differ: the last year before less the mean before.

    A contrast of the course before the wave alone, with its own permutation interval; None where
    fewer than two years lie before. With every region in every year, the effect against the mean
    of the years before, less this, is the effect against the last of them.
    """
    before = data.frame["year"].lt(data.found.wave.first_treated)
    seen = data.frame.loc[before & data.frame["y"].notna(), "year"].nunique()
    if seen < 2:
        return None
    part = _rows(data, before)
    found = effect(
        replace(part, columns={**part.columns, "since": data.reference}), settings=settings
    )
    # Estimated against the years before the last; the mean of all before has the last in it.
    table = found.table.copy()
    table[["estimate", "se", "low", "high"]] *= (seen - 1) / seen
    return replace(found, table=table)


def beside(found: EffectResult) -> tuple[float, float, float, float]:
    """Return what the verdict tells of a further estimate: estimate, low, high, p-value."""
    row = found.table.loc[found.headline]
    return tuple(float(row[name]) for name in _BESIDE)  # type: ignore[return-value]


def _rows(data: WaveData, kept: "pd.Series[bool]") -> WaveData:
    frame = data.frame[kept].reset_index(drop=True)
    return replace(data, found=replace(data.found, frame=frame))


def other_permutations(
    data: WaveData, settings: Settings
) -> dict[str, tuple[float, float, float, float, str]]:
    """Return other p-values of the same estimate by permutation, for the table of inference.

    Returns
    -------
    Key -> (se, low, high, p-value, note), without se and interval: ``randomisation_size`` counts
    what is as far from zero on either side; ``randomisation_coefficient`` does not studentise;
    ``randomisation_all`` permutes over all regions instead of within strata; ``spectral`` draws
    what controls leave of exposure as alike among neighbours as it is; for counts, ``score`` is the
    studentised score against t instead of its permutations.
    """
    frame, many, seed = data.frame, settings.permutations, settings.seed
    sample = stratified_sample(Sample.of(frame, **data.columns), "stratum", frame)
    model = null_model(sample)
    draws, _ = permuted(model, frame, "stratum", many, seed)
    plain, _ = permuted(model, frame, "stratum", many, seed, "coefficient", TAILS)
    over_all, _ = permuted(model, frame, None, many, seed, tails=TAILS)
    alike = alike_draws(model, neighbours(data.exposure.scope), many, seed)
    found = {
        "randomisation_size": (draws.p_value(), "by size"),
        "randomisation_coefficient": (plain.p_value(), "not studentised"),
        "randomisation_all": (over_all.p_value(), "over all regions"),
        "spectral": (alike.p_value(), "exposures as alike among neighbours"),
    }
    if data.found.family == "poisson":
        df = len(model.units) - 1
        found["score"] = (float(2 * stats.t.sf(abs(draws.statistic()), df)), "score against t")
    unknown = (float("nan"),) * 3
    return {name: (*unknown, p, note) for name, (p, note) in found.items()}


def wave_family(
    series: pd.DataFrame,
    wave: int,
    exposure_id: str,
    scope: Scope,
    settings: Settings | None = None,
) -> pd.DataFrame:
    """Test all outcomes of a wave with the same permutations, and adjust for their number.

    The family is fixed by the register: every outcome of outcomes.yml that is no placebo and has
    years after the wave, whatever a page shows. Each statistic is put on the scale of its own
    equal-tailed p-value; then the largest are compared step by step (Romano and Wolf 2005).

    Parameters
    ----------
    series, wave, exposure_id, scope
        As in `wave_data`.
    settings
        Permutations and their seed.

    Returns
    -------
    One row an outcome: ``p_value``, that of `effect`, and ``romano_wolf``.
    """
    settings = settings or Settings()
    observed, drawn = {}, {}
    for outcome, about in load_outcomes().items():
        if about.role == "placebo":
            continue
        try:
            data = wave_data(series, outcome, wave, exposure_id, scope)
            frame = data.frame
            sample = stratified_sample(Sample.of(frame, **data.columns), "stratum", frame)
            draws, _ = permuted(
                null_model(sample), frame, "stratum", settings.permutations, settings.seed
            )
        except DesignError:
            continue
        p_value, p_values = equal_tailed(draws.statistic(), draws.statistics())
        observed[outcome] = (
            permutation_p(draws.statistic(), draws.statistics(), tails=TAILS),
            stats.norm.isf(p_value / 2),
        )
        drawn[outcome] = stats.norm.isf(p_values / 2)
    if not observed:
        return pd.DataFrame(columns=["p_value", "romano_wolf"], dtype=float)
    own, statistic = np.array(list(observed.values())).T
    adjusted = romano_wolf(statistic, np.column_stack(list(drawn.values())))
    table = {"p_value": own, "romano_wolf": np.maximum(adjusted, own)}
    return pd.DataFrame(table, index=pd.Index(list(observed), name="outcome"))
