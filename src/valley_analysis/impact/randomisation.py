"""Randomisation inference: what the estimate would be had exposures fallen on other units.

Fisher, R. A. (1935), The Design of Experiments; Young, A. (2019), Channeling Fisher, Quarterly
Journal of Economics 134(2), 557-598, for its use beside clustered errors; DiCiccio, C. J. and
Romano, J. P. (2017), Robust permutation tests for correlation and regression coefficients,
Journal of the American Statistical Association 112(519), 1211-1220, for studentising; Freedman, D.
and Lane, D. (1983), A nonstochastic interpretation of reported significance levels, Journal of
Business and Economic Statistics 1(4), 292-298, for permuting what controls leave.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.exposure_model import ExposureModel, unit_values
from valley_analysis.impact.inversion import Draws, Region, Tails, invert
from valley_analysis.impact.multiple import benjamini_hochberg, holm, romano_wolf
from valley_analysis.impact.permutations import enough, restrict, unit_orders
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.sandwich import clustered
from valley_analysis.impact.strata import stratified

Statistic = Literal["t", "coefficient"]
ASSUMED = (
    "Exposures are taken as exchangeable between units{within}; under that the test is exact for "
    "the hypothesis of no effect on any unit, and the interval is for an effect proportional to "
    "the exposure."
)
CONTROLLED = (
    "What the controls and strata leave of exposure is permuted; with controls the test holds "
    "approximately, and only studentised."
)
SPLIT = "The values not rejected are not connected; the interval spans them all."
SINGLE = "{count} units are alone in their stratum and keep their exposure."


@entry
def randomisation_inference(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    since: object,
    strata: str | None = None,
    weights: str | None = None,
    controls: Sequence[str] | str = (),
    permutations: int = 9999,
    statistic: Statistic = "t",
    tails: Tails = "size",
    seed: int = 0,
    level: float = 0.95,
) -> EffectResult:
    """Test an exposure effect by permuting the exposure over units.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period; gaps are allowed; it is not changed.
    unit, period, outcome, exposure
        Columns; the exposure has one value a unit.
    since
        First period after.
    strata
        Column with one value a unit: exposures move within strata only, and each stratum has its
        own path in the model.
    weights, controls
        As in `ExposureModel.of`; they stay with their unit, and what they explain of exposure does.
    permutations
        How many to draw; all are gone through if there are no more.
    statistic
        "t", studentised by the error clustered by unit, or "coefficient", which assumes that
        outcomes are equally noisy wherever an exposure falls.
    tails
        "size" or "equal", see `Draws`: the latter where a direction will be told.
    seed
        Of the permutations.
    level
        Coverage of the interval, found by inverting the test with the same permutations.

    Returns
    -------
    EffectResult
        One row, the outcome's headline: `se` is the clustered one, for scale;
        `monte_carlo_error` is the standard error of the p-value from drawing permutations;
        `permutations` their number. `frames["draws"]`: the statistics under no effect.

    Raises
    ------
    DesignError
        As `ExposureModel.of`; or if permutations are too few for the level, or cannot change
        the exposure.

    Examples
    --------
    >>> rows = [(u, t, u * (t > 1) + u % 2) for u in range(5) for t in range(4)]
    >>> frame = pd.DataFrame(rows, columns=["unit", "year", "y"]).assign(x=lambda f: f["unit"] ** 2)
    >>> names = dict(unit="unit", period="year", outcome="y", exposure="x", since=2)
    >>> found = randomisation_inference(frame, **names)
    >>> round(found.p_value * 120), found.inference.split(",")[0]
    (2, 'all 120 permutations of the exposure over units')
    """
    enough(permutations, level, "permutations", tails)
    told, beside = stratified(frame, unit, strata, listed(controls))
    model = ExposureModel.of(
        told,
        unit=unit,
        period=period,
        outcome=outcome,
        exposure=exposure,
        since=since,
        weights=weights,
        controls=beside,
    )
    draws, alone = permuted(model, frame, strata, permutations, seed, statistic, tails)
    region = invert(draws, level)
    row = {
        "estimate": model.fit.estimate,
        "se": clustered(model.fit, model.within.units).se,
        "low": region.low,
        "high": region.high,
        "p_value": draws.p_value(),
    }
    row["monte_carlo_error"] = draws.monte_carlo_error(row["p_value"])
    row["permutations"] = len(draws)
    return EffectResult(
        method="randomisation_inference",
        outcome=outcome,
        table=pd.DataFrame([row], index=pd.Index([exposure], name="term")),
        headline=exposure,
        estimand=model.estimand,
        inference=described(draws, strata, statistic),
        notes=notes(model, strata, alone, region),
        n_obs=len(model.rows),
        n_units=len(model.units),
        n_periods=model.within.periods.count,
        level=level,
        frames={"draws": pd.DataFrame({"statistic": draws.statistics()})},
    )


def permuted(
    model: ExposureModel,
    frame: pd.DataFrame,
    strata: str | None,
    permutations: int,
    seed: int,
    statistic: Statistic = "t",
    tails: Tails = "size",
) -> tuple[Draws, int]:
    """Return the permuted statistics of a model, and how many units are alone in a stratum.

    All units of the frame with an exposure are put in order, and the model's are taken from that:
    models of other outcomes or samples of the same frame meet the same permutations.

    Raises
    ------
    DesignError
        If no permutation changes the exposures, or the statistic is unknown.
    """
    if statistic not in ("t", "coefficient"):
        raise DesignError(
            "statistic", [f"{statistic!r}"], "choose 't' (studentised) or 'coefficient'"
        )
    labels = _strata(model, frame, strata)
    orders, exhaustive = unit_orders(labels, permutations, seed)
    places = labels.index.get_indexer(model.units)
    left = model.unexplained
    exposures = left[restrict(orders, places)]
    if np.allclose(exposures, left, atol=1e-9 * float(np.abs(model.exposure).max()), rtol=0):
        raise DesignError(
            f"strata {strata!r}",
            [f"column {model.names.exposure!r} is the same for every unit of a stratum"],
            "use wider strata",
        )
    draws = replace(model.draws(exposures, exhaustive), tails=tails)
    if statistic == "coefficient":
        one, none = np.ones(len(draws)), np.zeros(len(draws))
        draws = replace(draws, se=1.0, c=one, d=none, e=none)
    alone = np.unique(labels.iloc[places], return_counts=True)[1]
    return draws, int((alone == 1).sum())


@entry
def joint_randomisation(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcomes: Sequence[str],
    exposure: str,
    since: object,
    strata: str | None = None,
    weights: str | None = None,
    controls: Sequence[str] | str = (),
    permutations: int = 9999,
    seed: int = 0,
    level: float = 0.95,
) -> EffectResult:
    """Test several outcomes with the same permutations, and adjust for their number.

    Each outcome uses the units that have it; a permutation moves the exposures of all units,
    so the statistics keep the dependence between outcomes.

    Parameters
    ----------
    outcomes
        Columns.
    frame, unit, period, exposure, since, strata, weights, controls, permutations, seed, level
        As for `randomisation_inference`, studentised.

    Returns
    -------
    EffectResult
        One row an outcome; `p_value` and the interval are for that outcome alone; `romano_wolf`
        and `holm` hold the probability of any false rejection, `benjamini_hochberg` the share
        of false ones, at their level. No headline. `frames["draws"]`: draws x outcomes.

    Raises
    ------
    DesignError
        If no outcome is named; see also `randomisation_inference`.
    """
    enough(permutations, level, "permutations")
    columns: dict[str, Any] = {"unit": unit, "period": period, "exposure": exposure, "since": since}
    if not list(outcomes):
        raise DesignError("outcomes", ["none is named"], "name one column or several")
    told, columns["controls"] = stratified(frame, unit, strata, listed(controls))
    models = {
        name: ExposureModel.of(told, outcome=name, weights=weights, **columns) for name in outcomes
    }
    drawn = {
        name: permuted(model, frame, strata, permutations, seed)[0]
        for name, model in models.items()
    }
    rows = {
        name: _outcome_row(models[name], draws, invert(draws, level))
        for name, draws in drawn.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("term")
    statistics = np.column_stack([draws.statistics() for draws in drawn.values()])
    observed = np.array([draws.statistic() for draws in drawn.values()])
    exhaustive = next(iter(drawn.values())).exhaustive
    table["romano_wolf"] = romano_wolf(observed, statistics, exhaustive=exhaustive)
    table["holm"] = holm(table["p_value"].to_numpy())
    table["benjamini_hochberg"] = benjamini_hochberg(table["p_value"].to_numpy())
    first = models[outcomes[0]]
    return EffectResult(
        method="joint_randomisation",
        outcome=", ".join(outcomes),
        table=table,
        headline="",
        estimand=first.estimand.replace(repr(outcomes[0]), "each outcome"),
        inference=described(next(iter(drawn.values())), strata, "t"),
        notes=(ASSUMED.format(within=_within(strata)),),
        n_obs=max(len(model.rows) for model in models.values()),
        n_units=max(len(model.units) for model in models.values()),
        n_periods=max(model.within.periods.count for model in models.values()),
        level=level,
        frames={"draws": pd.DataFrame(statistics, columns=list(outcomes))},
    )


def described(draws: Draws, strata: str | None, statistic: Statistic) -> str:
    """Say how many permutations of which kind a p-value rests on."""
    kind = f"all {len(draws):,}" if draws.exhaustive else f"{len(draws):,} random"
    test = "studentised by errors clustered by unit" if statistic == "t" else "of the coefficient"
    return f"{kind} permutations of the exposure over units{_within(strata)}, {test}"


def notes(model: ExposureModel, strata: str | None, alone: int, region: Region) -> tuple[str, ...]:
    """Say what the inference assumes and where it is weak."""
    found = [ASSUMED.format(within=_within(strata))]
    if model.names.controls:
        found.append(CONTROLLED)
    if alone and strata:
        found.append(SINGLE.format(count=alone))
    if not region.connected:
        found.append(SPLIT)
    return tuple(found)


def _within(strata: str | None) -> str:
    return f" within {strata!r}" if strata else ""


def _strata(model: ExposureModel, frame: pd.DataFrame, strata: str | None) -> "pd.Series[int]":
    """Return the code of the stratum of every unit that has an exposure, and a stratum."""
    unit = model.names.unit
    known = frame.dropna(subset=[str(model.names.exposure), *([strata] if strata else [])])
    units = pd.Index(known[unit].unique()).union(model.units).sort_values()
    if strata is None:
        return pd.Series(0, units)
    codes = pd.factorize(unit_values(frame, unit, units, strata), sort=True)[0]
    return pd.Series(codes, units)


def _outcome_row(model: ExposureModel, draws: Draws, region: Region) -> dict[str, float]:
    return {
        "estimate": draws.estimate,
        "se": clustered(model.fit, model.within.units).se,
        "low": region.low,
        "high": region.high,
        "p_value": draws.p_value(),
        "n_obs": len(model.rows),
    }
