"""Every check of a wave's headline, by one margin; ARCHITECTURE.md says why."""

from typing import Any

from valley_analysis.errors import DesignError
from valley_analysis.impact import (
    checks_course,
    checks_data,
    checks_design,
    checks_influence,
    checks_outcomes,
    checks_placebo,
)
from valley_analysis.impact.inference import agreement
from valley_analysis.impact.margin import by_margin
from valley_analysis.impact.pretrend import pretrend_test
from valley_analysis.impact.pretrend_permuted import permuted_pretrend
from valley_analysis.impact.results import CheckResult, EffectResult
from valley_analysis.impact.sandwich import Inference
from valley_analysis.sanctions import COVARIATES
from valley_analysis.sanctions.estimation import CAPITALS
from valley_analysis.studies.calibration import SOUND, sound_ways
from valley_analysis.studies.primary import TAILS
from valley_analysis.studies.wave_data import Settings, WaveData, neighbours


def pretrend(data: WaveData, dynamic: EffectResult, settings: Settings) -> CheckResult:
    """Test leads jointly, and decide by what the linear trend before would be of the effect.

    For counts the joint test is by permutation: their clustered errors are too small here.
    """
    frame, columns = data.frame, data.columns
    if data.found.family == "gaussian":
        found = pretrend_test(dynamic)
    else:
        found = permuted_pretrend(frame, alpha=settings.alpha, **settings.draws, **columns)
    if found.status == "informational":
        return found
    return by_margin(found, checks_course.trend_before(frame, **columns), data.margin)


def wave_checks(data: WaveData, settings: Settings) -> list[CheckResult]:
    """Put the headline to every check but those of the years before and of inference."""
    frame, alpha, seed = data.frame, settings.alpha, settings.seed
    columns: dict[str, Any] = {**data.columns, "alpha": alpha, "margin": data.margin}
    draws, spatial = settings.draws, neighbours(data.exposure.scope)
    near = {**data.columns, "spatial": spatial}
    found = [
        checks_placebo.placebo_date(frame, seed=seed, **columns),
        checks_placebo.anticipation(frame, **columns),
        checks_placebo.randomisation(frame, tails=TAILS, alpha=alpha, **draws, **data.columns),
        checks_influence.leave_one_unit_out(frame, **columns),
        checks_influence.leave_one_cluster_out(frame, by="district", **columns),
        checks_data.attrition(frame, **draws, **columns),
        checks_design.dose_response(frame, **columns),
        checks_design.residual_moran(frame, alpha=alpha, **near),
        checks_course.neighbours_beside(frame, margin=data.margin, **near),
        checks_outcomes.minimum_detectable(frame, iqr=data.iqr, alpha=alpha, **data.columns),
    ]
    # An exposure without Moscow has one capital left, or none.
    capitals = [name for name in CAPITALS if name in set(frame["region"])]
    if capitals:
        groups = {"capitals": capitals}
        found.insert(5, checks_influence.leave_groups_out(frame, groups=groups, **columns))
    traits = covariates(data)
    if traits:
        found.append(checks_design.balance(frame, covariates=traits, **columns))
    if "low" in frame and frame["low"].notna().any():
        check = checks_data.suppression_bounds
        found.append(check(frame, low="low", high="high", **columns))
    if "placebo" in frame:
        own = {**columns, "parts": None, "family": "gaussian"}
        scale = _scale(data) if data.found.scale == "share" else 1.0
        found.insert(
            1, checks_placebo.placebo_outcome(frame, placebo="placebo", scale=scale, **own)
        )
    return found


def covariates(data: WaveData) -> list[str]:
    """Return the traits before the wave that the headline does not have and that vary."""
    names = [*COVARIATES, *(["host"] if data.hosts_known else [])]
    units = data.frame.groupby("region")[names].first()
    return [name for name in names if units[name].nunique() > 1]


def _scale(data: WaveData) -> float:
    """Return the outcome's spread over the placebo's, region and year taken out of each."""
    spread = {}
    for name in ("y", "placebo"):
        cells = data.frame.pivot_table(index="region", columns="year", values=name)
        left = cells.sub(cells.mean(axis=1), axis=0) - cells.mean() + cells.stack().mean()
        spread[name] = float(left.stack().std())
    return spread["y"] / spread["placebo"]


def largest_sound(data: WaveData, inference: EffectResult) -> tuple[str, float]:
    """Return the sound way of inference with the largest p-value, and that p-value."""
    ways = sound_ways(inference.table.index, data.found.outcome, data.columns["family"])
    p_values = inference.table.loc[ways, "p_value"].dropna()
    if p_values.empty:
        return "", float("nan")
    return str(p_values.idxmax()), float(p_values.max())


def sound_agreement(data: WaveData, inference: EffectResult) -> tuple[CheckResult, ...]:
    """Ask whether the test that decides agrees with every way that calibration does not refute."""
    outcome, family = data.found.outcome, data.columns["family"]
    ways = sound_ways(inference.table.index, outcome, family, ("undecided", *SOUND))
    kept = [way for way in inference.table.index if way in {"randomisation", *ways}]
    table = inference.table.loc[kept]
    rows = {
        str(way): Inference(row["se"], row["low"], row["high"], row["p_value"])
        for way, row in table.iterrows()
    }
    if len(rows) < 2:  # one way agrees with itself
        return ()
    return (agreement(rows, inference.level),)


def refuse_empty(data: WaveData) -> None:
    """Refuse a study without a region that has outcome, exposure and controls.

    Raises
    ------
    DesignError
        If there is none.
    """
    if data.frame["y"].notna().any():
        return
    raise DesignError(
        f"outcome {data.found.outcome!r}",
        ["no region has outcome, exposure and controls together"],
        "choose another exposure or scope",
    )
