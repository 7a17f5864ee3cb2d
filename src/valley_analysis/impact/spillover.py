"""Spillovers: the exposure of neighbours beside one's own, in differences in differences."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import PanelDesign, listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.event_study import SCALE
from valley_analysis.impact.panel_fit import (
    Family,
    fit_design,
    fit_frame,
    interactions,
    left_out,
    tabulate,
)
from valley_analysis.impact.results import CheckResult, EffectResult
from valley_analysis.spatial import SpatialWeights

TOGETHER = "own and neighbours'"
_SHOWN = 5
_ESTIMAND = "change in {0} from {1} on per unit of neighbours' average {2}, own {2} held fixed, {3}"
_INSEPARABLE = 0.95


@entry
def spillover(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    exposure: str,
    weights: SpatialWeights,
    since: Any,
    controls: Sequence[str] | str = (),
    cluster: str | None = None,
    family: Family = "gaussian",
    level: float = 0.95,
    flag: str | None = None,
    parts: Mapping[str, Sequence[str]] | None = None,
) -> EffectResult:
    """Estimate what neighbours' exposure does beside one's own, from `since` on.

    y_it = a_i + b_t + own post_t x_i + spillover post_t (Wx)_i + e_it: a difference in differences
    with two exposures. Effects on neighbours break its usual assumption that units do not act on
    each other; the second exposure says by how much, as far as neighbours' average tells it.

    Parameters
    ----------
    frame
        One row a unit and period.
    unit, period, outcome, exposure
        Columns; the exposure has one value a unit.
    weights
        Spatial weights that know all units (not regression weights). Neighbours' average is taken
        over the neighbours that have an exposure; a unit without any is left out.
    since
        First treated period.
    controls, cluster, family, level, flag, parts
        As in `event_study`.

    Returns
    -------
    EffectResult
        Terms "<exposure> x since", "neighbours' <exposure> x since" (the headline) and
        "own and neighbours'", their sum: exposure one higher everywhere. ``frames["alone"]``: own
        exposure without the neighbours'. Check: do own and neighbours' exposure move together too
        closely to be told apart?

    Raises
    ------
    DesignError
        See `PanelDesign.prepare`; also for units unknown to the weights, no period before or none
        after, and neighbours' exposure that does not vary.

    Notes
    -----
    Delgado, M. and Florax, R. (2015), Difference-in-differences techniques for spatial data,
    Economics Letters 137, eq. 5, for an exposure of any scale.

    Examples
    --------
    >>> from valley_analysis.impact.spatial_examples import ring
    >>> units, weights = ring(12, rho=0.0, beta=1.0, seed=1)
    >>> units["wx"] = weights.lag(units.set_index("unit")["x"]).to_numpy()
    >>> panel = pd.concat([units.assign(year=t) for t in (1, 2)], ignore_index=True)
    >>> panel["y"] = (panel["year"] > 1) * (2 * panel["x"] + 0.5 * panel["wx"]) + panel["y"]
    >>> panel.loc[0, "y"] += 1e-6
    >>> found = spillover(panel, unit="unit", period="year", outcome="y", exposure="x",
    ...                   weights=weights, since=2)
    >>> found.table["estimate"].round(3).tolist()
    [2.0, 0.5, 2.5]
    """
    design = PanelDesign(
        unit,
        period,
        outcome,
        exposure=exposure,
        controls=listed(controls),
        cluster=cluster,
        flag=flag,
        parts=parts or {},
    )
    used, near = _prepare(frame, design, weights, since)
    own, theirs = f"{exposure} x {since}", f"neighbours' {exposure} x {since}"
    after = used[period] >= since
    terms = pd.DataFrame({own: used[exposure], theirs: near}).where(after, 0.0).astype(float)
    further = interactions(used, design.controls, period)
    both, alone = (
        fit_design(used, pd.concat([terms[names], further], axis=1), design, family=family)
        for names in ([own, theirs], [own])
    )
    one, other = {own: 1.0}, {theirs: 1.0}
    table, covariance = tabulate(both, {own: one, theirs: other, TOGETHER: one | other}, level)
    said = (
        f"Spatial weights: {weights.made}.",
        "Errors of different clusters are taken as independent; compare Conley's.",
        *_without_neighbours(frame, used, unit),
        *left_out(frame, used),
        *both.notes,
    )
    return EffectResult(
        method="spillover",
        outcome=outcome,
        table=table.rename_axis("term"),
        headline=theirs,
        estimand=_ESTIMAND.format(outcome, since, exposure, SCALE[family]),
        inference=f"clustered by {cluster or unit}, {both.n_clusters} clusters, t({both.df})",
        notes=said,
        diagnostics=(_apart(used, near, unit, exposure),),
        n_obs=both.n_obs,
        n_units=both.n_units,
        n_periods=both.n_periods,
        level=level,
        covariance=covariance,
        frames={"alone": tabulate(alone, {own: one}, level)[0], **fit_frame(both)},
    )


def _prepare(
    frame: pd.DataFrame, design: PanelDesign, weights: SpatialWeights, since: Any
) -> "tuple[pd.DataFrame, pd.Series[float]]":
    """Return the rows of the panel and the neighbours' exposure of each."""
    strange = _strange(frame, design.unit, weights)
    try:
        used = design.prepare(frame)
    except DesignError as error:
        raise DesignError(error.where, (*error.problems, *strange), error.next_step) from None
    before = used[design.period] < since
    problems = strange
    if before.all() or not before.any():
        found = ", ".join(map(str, sorted(used[design.period].unique())))
        problems.append(
            f"column {design.period!r}: needs periods before and from {since} on; found {found}"
        )
    if problems:
        raise DesignError(f"outcome {design.outcome!r}", problems, "change the design or the rows")
    exposed = frame.dropna(subset=[design.exposure]).groupby(design.unit)[design.exposure].first()
    near = weights.keep(exposed.index).lag(exposed)
    average = used[design.unit].map(near)
    kept = used[average.notna()].reset_index(drop=True)
    average = average[average.notna()].reset_index(drop=True)
    if average.nunique() < 2:
        raise DesignError(
            f"exposure {design.exposure!r}",
            [f"neighbours' average: {average.nunique()} values among units with neighbours"],
            "give weights under which neighbours differ",
        )
    return kept, average.astype(float)


def _strange(frame: pd.DataFrame, unit: str, weights: SpatialWeights) -> list[str]:
    if unit not in frame:
        return []
    names = frame.loc[~frame[unit].isin(weights.units) & frame[unit].notna(), unit].unique()
    problems = [f"unit {name!r}: not in the spatial weights" for name in names[:_SHOWN]]
    if len(names) > _SHOWN:
        problems.append(f"{len(names) - _SHOWN} more units are not in the spatial weights")
    return problems


def _without_neighbours(frame: pd.DataFrame, used: pd.DataFrame, unit: str) -> tuple[str, ...]:
    gone = pd.Index(frame[unit].unique()).difference(used[unit].unique())
    return (f"Units left out: {', '.join(map(str, gone))}.",) if len(gone) else ()


def _apart(used: pd.DataFrame, near: "pd.Series[float]", unit: str, exposure: str) -> CheckResult:
    """Whether own and neighbours' exposure can be told apart."""
    pairs = pd.DataFrame({"own": used[exposure], "near": near}).groupby(used[unit]).first()
    r = float(np.corrcoef(pairs["own"], pairs["near"])[0, 1])
    inflation = 1 / (1 - r**2) if abs(r) < 1 else float("inf")
    failed = abs(r) > _INSEPARABLE
    text = (
        f"own and neighbours' {exposure} correlate {r:.2f} over {len(pairs)} units; this "
        f"multiplies variances by {inflation:.1f}"
        + (": they cannot be told apart." if failed else ".")
    )
    facts = {"correlation": r, "inflation": inflation, "units": len(pairs), "limit": _INSEPARABLE}
    return CheckResult("exposures_apart", "failed" if failed else "passed", text, facts)
