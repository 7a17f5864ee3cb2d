"""What a two-way coefficient under staggered adoption is made of."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.gate import plain
from valley_analysis.impact.design import PanelDesign
from valley_analysis.impact.did import two_way
from valley_analysis.impact.entry import entry
from valley_analysis.impact.group_cells import Panel, lay_out
from valley_analysis.impact.results import CheckResult, EffectResult, Status

NEVER = "treated against never treated"
EARLY = "earlier against not yet treated"
LATE = "later against already treated"


@entry
def bacon_decomposition(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    cohort: str,
    cluster: str | None = None,
    level: float = 0.95,
    flag: str | None = None,
) -> EffectResult:
    """Decompose the two-way coefficient into its two-by-two comparisons.

    Goodman-Bacon (2021), "Difference-in-differences with variation in treatment timing",
    Journal of Econometrics 225(2), 254-277, theorem 1, for a balanced panel without weights.

    Parameters
    ----------
    frame
        One row a unit and period, none missing.
    unit, period, outcome, cluster, level, flag
        As in `event_study`.
    cohort
        Column of the first treated period; missing where never treated.

    Returns
    -------
    EffectResult
        The row ``twfe``, the coefficient of treated from the cohort on. ``frames["pairs"]``
        has one row a comparison (``type, treated, control, estimate, weight``) and
        ``frames["types"]`` the weight and mean estimate of each type. The diagnostic
        ``forbidden_comparisons`` gives the weight of comparisons whose controls were already
        treated; it is informational if there are none, and fails if they change the sign.

    Raises
    ------
    DesignError
        See `PanelDesign.prepare`; also if the panel has gaps, which are named.

    Examples
    --------
    >>> rows = [(u, t, {0: 2.0, 1: 3.0}.get(u)) for u in range(3) for t in (1, 2, 3)]
    >>> panel = pd.DataFrame(rows, columns=["u", "t", "since"])
    >>> panel["y"] = 1.0 * (panel.t >= panel.since) + panel.u + panel.t + [0, .1, 0] * 3
    >>> result = bacon_decomposition(panel, unit="u", period="t", outcome="y", cohort="since")
    >>> bool(np.isclose((result.frames["pairs"].estimate * result.frames["pairs"].weight).sum(),
    ...                 result.estimate))
    True
    """
    design = PanelDesign(unit, period, outcome, cohort=cohort, cluster=cluster, flag=flag)
    used = design.prepare(frame)
    panel = lay_out(used, unit, period, outcome, cohort, cluster)
    _balanced(panel, design)
    treated = pd.DataFrame({"twfe": (used[period] >= used[cohort]).astype(float)})
    columns = list(dict.fromkeys([unit, period, outcome, *([cluster] if cluster else [])]))
    fit = two_way(
        used[columns].assign(**treated),
        unit=unit,
        period=period,
        outcome=outcome,
        regressors="twfe",
        cluster=cluster,
        level=level,
    )
    pairs = pd.DataFrame(
        list(_pairs(panel)), columns=["type", "treated", "control", "estimate", "weight"]
    )
    pairs["weight"] /= pairs["weight"].sum()
    types = _types(pairs)
    return EffectResult(
        method="bacon_decomposition",
        outcome=outcome,
        table=fit.table,
        headline="twfe",
        estimand=f"two-way coefficient on {outcome}: a weighted mean of two-by-two comparisons",
        inference=fit.inference,
        notes=(
            "Comparisons with units already treated are biased when effects change in time; "
            "their weight says how far to trust the coefficient.",
        ),
        diagnostics=(_forbidden(types, fit.estimate),),
        n_obs=fit.n_obs,
        n_units=fit.n_units,
        n_periods=fit.n_periods,
        level=level,
        covariance=fit.covariance,
        frames={**fit.frames, "pairs": pairs, "types": types},
    )


def _balanced(panel: Panel, design: PanelDesign) -> None:
    gaps = np.argwhere(np.isnan(panel.outcome))
    problems = [
        f"column {design.outcome!r}, unit {plain(panel.units[row])!r}, "
        f"period {panel.periods[column]}: no value; the decomposition needs a balanced panel"
        for row, column in gaps[:5]
    ]
    if len(gaps) > 5:
        problems.append(f"and {len(gaps) - 5} more gaps")
    if not panel.groups:
        problems.append(f"column {design.cohort!r}: no unit is treated within the panel")
    elif len(panel.groups) == 1 and not panel.never.any():
        problems.append(f"column {design.cohort!r}: one cohort and no untreated unit")
    if problems:
        raise DesignError(f"outcome {design.outcome!r}", problems, "keep complete units or periods")


def _pairs(panel: Panel) -> Iterator[tuple[str, object, object, float, float]]:
    """Yield every comparison with its weight before scaling (theorem 1, equations 10a-10c)."""
    exposed = panel.elapsed >= 0
    share = exposed.mean(axis=1)
    everywhere = np.ones(len(panel.periods), dtype=bool)
    n = len(panel.units)
    never = panel.never
    for group, cohort in enumerate(panel.groups):
        members, after = panel.members(group), exposed[group]
        own = members.sum() / n
        if never.any():
            weight = own * (never.sum() / n) * share[group] * (1 - share[group])
            estimate = _two_by_two(panel.outcome, members, never, after, everywhere)
            yield NEVER, cohort, "never", estimate, weight
        for other in range(group + 1, len(panel.groups)):
            later, rest = panel.members(other), panel.groups[other]
            both = own * later.sum() / n
            early, late = share[group], share[other]
            estimate = _two_by_two(panel.outcome, members, later, after, ~exposed[other])
            yield EARLY, cohort, rest, estimate, both * (early - late) * (1 - early)
            estimate = _two_by_two(panel.outcome, later, members, exposed[other], after)
            yield LATE, rest, cohort, estimate, both * late * (early - late)


def _two_by_two(
    outcome: np.ndarray,
    treated: np.ndarray,
    control: np.ndarray,
    after: np.ndarray,
    window: np.ndarray,
) -> float:
    gap = outcome[treated].mean(axis=0) - outcome[control].mean(axis=0)
    return float(gap[after & window].mean() - gap[~after & window].mean())


def _types(pairs: pd.DataFrame) -> pd.DataFrame:
    weighted = pairs.assign(product=pairs["estimate"] * pairs["weight"])
    types = weighted.groupby("type", sort=False)[["weight", "product"]].sum()
    types["estimate"] = types["product"] / types["weight"]
    return types[["estimate", "weight"]]


def _forbidden(types: pd.DataFrame, estimate: float) -> CheckResult:
    weight = float(types["weight"].get(LATE, 0.0))
    clean = types.drop(index=LATE, errors="ignore")
    without = float((clean["estimate"] * clean["weight"]).sum() / clean["weight"].sum())
    turned = weight > 0 and np.sign(without) != np.sign(estimate)
    text = (
        f"{weight:.1%} of the weight compares with units already treated; the others alone "
        f"average {without:.4g}, all together {estimate:.4g}."
    )
    facts = {"weight": weight, "without": without, "estimate": estimate}
    status: Status = "failed" if turned else "passed" if weight > 0 else "informational"
    return CheckResult("forbidden_comparisons", status, text, facts, types)
