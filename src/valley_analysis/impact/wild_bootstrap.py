"""Wild cluster bootstrap-t with the null hypothesis imposed, for few or uneven clusters.

Signs are drawn a cluster; by Frisch, Waugh and Lovell every resample is a product of them with
two small matrices (clusters x clusters), so 9,999 resamples cost milliseconds, and so does each
hypothesis on the way to an interval.

Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2008), Bootstrap-based improvements for inference
with clustered errors, Review of Economics and Statistics 90(3), 414-427; Roodman, D. et al. (2019),
Fast and wild: bootstrap inference in Stata using boottest, Stata Journal 19(1), 4-60.
"""

from collections.abc import Sequence
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.entry import entry
from valley_analysis.impact.exposure_model import ExposureModel, unit_values
from valley_analysis.impact.inversion import Draws, invert, quadratics
from valley_analysis.impact.permutations import enough
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.sandwich import Fit, Inference, clustered, plain_error
from valley_analysis.impact.within import Groups

Multiplier = Literal["rademacher", "webb"]
ENUMERATED = 12  # up to so many clusters all sign patterns are gone through
_WEBB = np.sqrt([0.5, 1.0, 1.5])


@entry
def wild_cluster_bootstrap(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    since: object,
    cluster: str | None = None,
    weights: str | None = None,
    controls: Sequence[str] | str = (),
    multiplier: Multiplier = "rademacher",
    replications: int = 9999,
    seed: int = 0,
    level: float = 0.95,
) -> EffectResult:
    """Test an exposure effect by the wild cluster bootstrap.

    Parameters
    ----------
    frame, unit, period, outcome, exposure, since, weights, controls
        As in `ExposureModel.of`.
    cluster
        Column with one value a unit, such as the district; the unit itself by default.
    multiplier
        "rademacher": -1 or 1; all patterns are gone through up to 12 clusters. "webb": six
        values, which give more different p-values with very few clusters.
    replications
        How many to draw.
    seed
        Of the signs.
    level
        Coverage of the interval, found by inverting the test with the same signs.

    Returns
    -------
    EffectResult
        One row, the exposure, its headline; `se` is the clustered one, for scale;
        `monte_carlo_error` is that of the p-value.

    Raises
    ------
    DesignError
        As `ExposureModel.of`; or if replications are too few for the level.

    Notes
    -----
    Webb, M. D. (2023), Reworking wild bootstrap-based inference for clustered errors, Canadian
    Journal of Economics 56(3), 839-858. Interval by inversion: Roodman et al. (2019), section 3.5.
    """
    model = ExposureModel.of(
        frame,
        unit=unit,
        period=period,
        outcome=outcome,
        exposure=exposure,
        since=since,
        weights=weights,
        controls=controls,
    )
    clusters = clusters_of(model, frame, cluster)
    draws = wild_draws(model.fit, clusters, replications, seed, multiplier)
    if not draws.exhaustive:
        enough(replications, level, "replications")
    found = wild_inference(model.fit, clusters, draws, level)
    row = {"estimate": model.fit.estimate, "se": found.se, "low": found.low, "high": found.high}
    row["p_value"] = found.p_value
    row["monte_carlo_error"] = draws.monte_carlo_error(found.p_value)
    return EffectResult(
        method="wild_cluster_bootstrap",
        outcome=outcome,
        table=pd.DataFrame([row], index=pd.Index([exposure], name="term")),
        headline=exposure,
        estimand=model.estimand,
        inference=f"wild cluster bootstrap-t by {cluster or unit!r}, {multiplier}: {found.note}",
        n_obs=len(model.rows),
        n_units=len(model.units),
        n_periods=model.within.periods.count,
        level=level,
        frames={"draws": pd.DataFrame({"statistic": draws.statistics()})},
    )


def clusters_of(model: ExposureModel, frame: pd.DataFrame, cluster: str | None) -> Groups:
    """Return the clusters of a model's rows: a column with one value a unit, or the units.

    Raises
    ------
    DesignError
        If there is one cluster only.
    """
    if cluster is None or cluster == model.names.unit:
        return model.within.units
    values = unit_values(frame, model.names.unit, model.units, cluster)
    return grouped(model.within.units, values)


def grouped(units: Groups, values: pd.Series) -> Groups:
    """Return the clusters of rows from a value of each unit, in the order of the units.

    Raises
    ------
    DesignError
        If there is one cluster only.
    """
    groups = Groups.of(pd.factorize(values)[0][units.codes])
    if groups.count < 2:
        raise DesignError(
            "clusters", [f"column {values.name!r}: one cluster only"], "cluster by something finer"
        )
    return groups


def wild_inference(fit: Fit, clusters: Groups, draws: Draws, level: float = 0.95) -> Inference:
    """Return p-value and interval of resamples; the error is the clustered one, for scale."""
    region = invert(draws, level)
    kind = f"all {len(draws):,} sign patterns" if draws.exhaustive else f"{len(draws):,} draws"
    note = f"G = {clusters.count}; {kind}"
    if draws.exhaustive and 2 / len(draws) > round(1 - level, 12):
        note += f"; no p-value below {2 / len(draws):g} is possible"
    if not region.connected:
        note += "; the values not rejected are not connected, the interval spans them all"
    se = clustered(fit, clusters, level).se
    return Inference(se, region.low, region.high, draws.p_value(), note=note)


def wild_draws(
    fit: Fit,
    clusters: Groups,
    replications: int = 9999,
    seed: int = 0,
    multiplier: Multiplier = "rademacher",
) -> Draws:
    """Return resamples of a coefficient under every hypothesis.

    Parameters
    ----------
    fit
        The regression.
    clusters
        Groups of its rows.
    replications, seed, multiplier
        See `wild_cluster_bootstrap`.

    Raises
    ------
    DesignError
        If the multiplier is unknown.
    """
    signs, exhaustive = _signs(clusters.count, replications, seed, multiplier)
    weighted = fit.within.weights * fit.x
    own = clusters.sum(weighted * fit.x)
    # Restricted residuals under b + delta are e - delta x: both parts take the same way.
    by_e, by_x = (_moved(fit, clusters, part) for part in (fit.residuals, fit.x))
    level = signs @ clusters.sum(fit.scores) / fit.spread
    slope = signs @ own / fit.spread
    fixed = signs @ by_e.T - level[:, None] * own
    moving = signs @ by_x.T - slope[:, None] * own
    c, d, e = quadratics(fixed, moving) / fit.spread**2
    se, floor = plain_error(fit, clusters)
    return Draws(fit.estimate, se, level, slope, c, d, e, exhaustive, floor=floor)


def _moved(fit: Fit, clusters: Groups, values: np.ndarray) -> np.ndarray:
    """Score of each cluster (down) when one cluster (across) alone keeps its residuals."""
    apart = values[:, None] * (clusters.codes[:, None] == np.arange(clusters.count))
    left = fit.within.residuals(apart)
    return clusters.sum((fit.within.weights * fit.x)[:, None] * left)


def _signs(
    clusters: int, replications: int, seed: int, multiplier: Multiplier
) -> tuple[np.ndarray, bool]:
    rng = np.random.default_rng(seed)
    if multiplier == "webb":
        values = np.concatenate([-_WEBB, _WEBB])
        return rng.choice(values, (replications, clusters)), False
    if multiplier != "rademacher":
        raise DesignError("multiplier", [f"{multiplier!r}"], "choose 'rademacher' or 'webb'")
    if clusters <= ENUMERATED:
        return np.array(list(product((1.0, -1.0), repeat=clusters))), True
    return rng.choice([-1.0, 1.0], (replications, clusters)), False
