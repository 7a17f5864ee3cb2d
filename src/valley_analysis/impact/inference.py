"""One estimate, every way of saying how sure it is, in one table.

If the ways agree, the choice between them does not matter; where they do not, the table shows
which assumption carries the result.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.conley import CUTOFFS_KM, Kernel, conley_inference, unit_distances
from valley_analysis.impact.design import listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.event_study import SCALE
from valley_analysis.impact.exposure_model import ExposureModel, unit_values
from valley_analysis.impact.inversion import invert
from valley_analysis.impact.panel_fit import Family
from valley_analysis.impact.permutations import enough
from valley_analysis.impact.randomisation import SPLIT, permuted
from valley_analysis.impact.randomisation_counts import randomise_counts
from valley_analysis.impact.results import CheckResult, EffectResult
from valley_analysis.impact.sandwich import (
    Fit,
    Inference,
    bias_reduced,
    clustered,
    effective_clusters,
    heteroskedastic,
    jackknife,
)
from valley_analysis.impact.strata import stratified, stratified_sample
from valley_analysis.impact.wild_bootstrap import grouped, wild_draws, wild_inference
from valley_analysis.impact.within import Groups

FEW = 20  # effective clusters below which errors clustered with t(G - 1) are not to be trusted
UNIT = "unit"
HEADLINE = "cr2_unit"
# Rows that are shown as benchmarks and take no part in whether methods agree.
_BENCHMARKS = ("heteroskedastic",)
_EXTRA = ("se", "low", "high", "p_value")


@entry
def compare_inference(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    since: object,
    weights: str | None = None,
    controls: Sequence[str] | str = (),
    clusters: Mapping[str, str] | None = None,
    strata: str | None = None,
    lon: str | None = None,
    lat: str | None = None,
    cutoffs_km: Sequence[float] = CUTOFFS_KM,
    kernel: Kernel = "bartlett",
    permutations: int = 9999,
    replications: int = 9999,
    extra: Mapping[str, tuple[Any, ...]] | None = None,
    family: Family = "gaussian",
    seed: int = 0,
    level: float = 0.95,
) -> EffectResult:
    """Lay ways of making inference side by side for one exposure effect.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period; gaps are allowed; it is not changed.
    unit, period, outcome, exposure, since, weights, controls
        As in `ExposureModel.of`.
    clusters
        Name -> column with one value a unit, such as {"district": "district"}, beside the unit.
    strata
        Column within which randomisation permutes the exposure; each stratum has its own path in
        the model of all rows.
    lon, lat
        Columns in degrees; without them there are no Conley rows.
    cutoffs_km, kernel
        See `conley`.
    permutations, replications
        Of randomisation and of each wild bootstrap; 0 leaves their rows out.
    extra
        Further rows made elsewhere, such as shift-share errors: name -> (se, low, high,
        p_value) or with a note as fifth.
    family
        "gaussian", or "poisson" for counts: there is no wild bootstrap then, and randomisation
        is that of `randomise_counts`.
    seed, level
        Of all draws; coverage of all intervals.

    Returns
    -------
    EffectResult
        Rows `heteroskedastic`; `clustered_*`, `cr2_*`, `cr3_*` and `wild_*` for "unit" and each
        name of `clusters`; `conley_*km`; `randomisation`; the extra ones. Columns `df` and
        `note` say how each was made. Headline: `cr2_unit`. Diagnostics: `few_clusters`,
        `inference_agreement`.

    Raises
    ------
    DesignError
        As `ExposureModel.of`, `conley`, `randomisation_inference`; before anything is drawn.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame([(u, t) for u in range(30) for t in range(6)], columns=["u", "t"])
    >>> frame["x"] = frame["u"] % 7
    >>> frame["y"] = 0.2 * frame["x"] * (frame["t"] >= 3) + rng.normal(size=180)
    >>> names = dict(unit="u", period="t", outcome="y", exposure="x", since=3)
    >>> found = compare_inference(frame, **names, permutations=199, replications=199)
    >>> found.table.index.tolist()  # doctest: +NORMALIZE_WHITESPACE
    ['heteroskedastic', 'clustered_unit', 'cr2_unit', 'cr3_unit', 'wild_unit', 'randomisation']
    """
    for number, what in ((permutations, "permutations"), (replications, "replications")):
        if number:
            enough(number, level, what)
    names: dict[str, Any] = {"unit": unit, "period": period, "outcome": outcome}
    names |= {"exposure": exposure, "since": since, "weights": weights, "controls": controls}
    randomise = {"strata": strata, "permutations": permutations, "seed": seed, "level": level}
    ground = _ground(frame, names, family, randomise)
    groups = {UNIT: ground.fit.within.units} | {
        name: grouped(ground.fit.within.units, unit_values(frame, unit, ground.units, column))
        for name, column in (clusters or {}).items()
    }
    added = _extra(extra or {})
    rows = {"heteroskedastic": heteroskedastic(ground.fit, level)}
    for name, group in groups.items():
        wild = replications if family == "gaussian" else 0
        rows |= _clustered(ground.fit, name, group, wild, seed, level)
    if lon and lat:
        distances = unit_distances(frame, unit, ground.units, lon, lat)
        rows |= _conley(ground.fit, distances, cutoffs_km, kernel, level)
    if permutations:
        rows["randomisation"] = ground.randomised()
    rows |= added
    return EffectResult(
        method="compare_inference",
        outcome=outcome,
        table=_table(ground.fit.estimate, rows),
        headline=HEADLINE,
        estimand=ground.estimand,
        inference="side by side; the headline is CR2 by unit with Satterthwaite degrees of freedom",
        diagnostics=(few_clusters(ground.fit, groups), agreement(rows, level)),
        n_obs=len(ground.fit.x),
        n_units=len(ground.units),
        n_periods=ground.fit.within.periods.count,
        level=level,
    )


@dataclass(frozen=True, eq=False)
class _Ground:
    """What is judged: one fit, its units in order, and how exposure is permuted over them."""

    fit: Fit
    units: pd.Index
    estimand: str
    randomised: Callable[[], Inference]


def _ground(
    frame: pd.DataFrame, names: dict[str, Any], family: Family, randomise: dict[str, Any]
) -> _Ground:
    strata = randomise["strata"]
    if family == "gaussian":
        told, beside = stratified(frame, names["unit"], strata, listed(names["controls"]))
        model = ExposureModel.of(told, **{**names, "controls": beside})
        draw = partial(_randomised, model, frame, **randomise)
        return _Ground(model.fit, model.units, model.estimand, draw)
    sample = stratified_sample(Sample.of(frame, family=family, **names), strata, frame)
    estimand = (
        f"change in {names['outcome']} from {names['since']} on per unit of {names['exposure']}, "
        f"relative to the periods before, {SCALE[family]}"
    )
    draw = partial(randomise_counts, frame, sample, **randomise)
    return _Ground(sample.base, sample.exposure.index, estimand, draw)


def few_clusters(fit: Fit, groups: Mapping[str, Groups], limit: float = FEW) -> CheckResult:
    """Check whether each clustering has enough clusters of even weight.

    Parameters
    ----------
    fit
        The regression.
    groups
        Name -> clusters of its rows.
    limit
        Least effective number of clusters, see `effective_clusters`.
    """
    table = pd.DataFrame(
        {
            name: {"clusters": group.count, "effective": effective_clusters(fit, group)}
            for name, group in groups.items()
        }
    ).T.astype({"clusters": int})
    few = table.index[table["effective"] < limit].tolist()
    told = "; ".join(
        f"{name}: {row.clusters} clusters, {row.effective:.1f} effective"
        for name, row in zip(table.index, table.itertuples(), strict=True)
    )
    advice = (
        f"too few by {', '.join(few)} (below {limit:g}): read CR2, CR3, the wild bootstrap and "
        "randomisation there, not t(G - 1)"
        if few
        else f"at least {limit:g} effective everywhere"
    )
    facts = {"limit": limit, "few": tuple(few), **table["effective"].to_dict()}
    return CheckResult(
        "few_clusters", "failed" if few else "passed", f"{told}; {advice}", facts, table
    )


def agreement(rows: Mapping[str, Inference], level: float = 0.95) -> CheckResult:
    """Check whether all ways come to the same decision at the level.

    The heteroskedastic row is a benchmark and does not count; rows without a p-value cannot.
    """
    alpha = round(1 - level, 12)
    judged = {
        name: row.p_value
        for name, row in rows.items()
        if name not in _BENCHMARKS and np.isfinite(row.p_value)
    }
    values = pd.Series(judged, name="p_value", dtype=float)
    found = values.index[values <= alpha].tolist()
    facts = {"rejecting": len(found), "of": len(values), "alpha": alpha}
    if len(values):
        facts |= {"lowest": float(values.min()), "highest": float(values.max())}
    spread = f"p-values run from {values.min():.3f} to {values.max():.3f}" if len(values) else ""
    text = f"{len(found)} of {len(values)} ways reject at {alpha:g}; {spread}"
    agreed = len(found) in (0, len(values))
    table = values.rename_axis("term").to_frame()
    return CheckResult("inference_agreement", "passed" if agreed else "failed", text, facts, table)


def _clustered(
    fit: Fit, name: str, group: Groups, replications: int, seed: int, level: float
) -> dict[str, Inference]:
    rows = {
        f"clustered_{name}": clustered(fit, group, level),
        f"cr2_{name}": bias_reduced(fit, group, level),
        f"cr3_{name}": jackknife(fit, group, level),
    }
    if replications:
        draws = wild_draws(fit, group, replications, seed)
        rows[f"wild_{name}"] = wild_inference(fit, group, draws, level)
    return rows


def _conley(
    fit: Fit, distances: np.ndarray, cutoffs: Sequence[float], kernel: Kernel, level: float
) -> dict[str, Inference]:
    return {
        f"conley_{cutoff:g}km": conley_inference(fit, distances, cutoff, kernel, None, level)
        for cutoff in cutoffs
    }


def _randomised(
    model: ExposureModel,
    frame: pd.DataFrame,
    strata: str | None,
    permutations: int,
    seed: int,
    level: float,
) -> Inference:
    draws, _ = permuted(model, frame, strata, permutations, seed)
    region, p_value = invert(draws, level), draws.p_value()
    note = f"{len(draws):,} permutations" + (f" within {strata!r}" if strata else "")
    note += f"; Monte Carlo error of p {draws.monte_carlo_error(p_value):.4f}"
    note += "" if region.connected else f"; {SPLIT}"
    return Inference(float("nan"), region.low, region.high, p_value, note=note)


def _extra(extra: Mapping[str, tuple[Any, ...]]) -> dict[str, Inference]:
    wrong = [
        f"row {name!r}: {values!r}; expected {', '.join(_EXTRA)} and perhaps a note"
        for name, values in extra.items()
        if not isinstance(values, tuple | list) or len(values) not in (4, 5)
    ]
    if wrong:
        raise DesignError("extra", wrong, "give (se, low, high, p_value) or (..., note)")
    found = {}
    for name, values in extra.items():
        se, low, high, p_value = (float(value) for value in values[:4])
        found[name] = Inference(se, low, high, p_value, note=" ".join(map(str, values[4:])))
    return found


def _table(estimate: float, rows: Mapping[str, Inference]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "estimate": estimate,
                "se": row.se,
                "low": row.low,
                "high": row.high,
                "p_value": row.p_value,
                "df": row.df,
                "note": row.note,
            }
            for row in rows.values()
        ],
        index=pd.Index(list(rows), name="term"),
    )
