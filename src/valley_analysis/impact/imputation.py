"""Effects as observed outcomes less imputed untreated ones."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import PanelDesign
from valley_analysis.impact.entry import entry
from valley_analysis.impact.group_time import FEWEST
from valley_analysis.impact.panel_fit import codes, left_out
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.units import EXACTLY, is_rounding

HEADLINE = "overall"


@entry
def imputation(
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
    """Estimate effects against outcomes imputed from untreated unit-periods.

    Effects of unit and period are fitted on untreated rows (never treated, and before
    treatment); a treated row's effect is its outcome less the sum of its two effects
    (Borusyak, Jaravel and Spiess 2024, "Revisiting event-study designs", Review of Economic
    Studies 91(6), 3253-3285). Standard errors allow for both stages (Gardner 2022,
    "Two-stage differences in differences", arXiv 2207.05943, section 3.3).

    Parameters
    ----------
    frame
        One row a unit and period; gaps and unequal lengths are fine.
    unit, period, outcome, level, flag
        As in `event_study`.
    cohort
        Column of the first treated period; missing where never treated.
    cluster
        Column; errors are clustered by unit by default.

    Returns
    -------
    EffectResult
        Rows ``event e`` for event times from zero on, with ``event_time``, ``n_treated`` and
        ``n_rows``, and ``overall``, the mean over treated rows. Intervals are t with treated
        clusters less one; rows over fewer than five treated units have no standard error.
        There are no leads: the period before treatment is part of what is imputed from.

    Raises
    ------
    DesignError
        See `PanelDesign.prepare`; also if no treated row can be imputed.

    Examples
    --------
    >>> rows = [(u, t, 2.0 if u < 6 else None) for u in range(12) for t in range(4)]
    >>> panel = pd.DataFrame(rows, columns=["u", "t", "since"])
    >>> panel["y"] = 3.0 * (panel.t >= panel.since) + panel.u - panel.t + 0.01 * (panel.index % 3)
    >>> round(imputation(panel, unit="u", period="t", outcome="y", cohort="since").estimate, 1)
    3.0
    """
    design = PanelDesign(unit, period, outcome, cohort=cohort, cluster=cluster, flag=flag)
    used = design.prepare(frame)
    lost = left_out(frame, used)
    treated = (used[period] >= used[cohort]).to_numpy()
    kept, notes = _imputable(used, treated, design)
    used, treated = used[kept].reset_index(drop=True), treated[kept]
    effects = _effects(used[unit], used[period])
    terms, names, times = _terms(used, treated, period, cohort)
    fit = _two_stage(
        effects, terms, used[outcome].to_numpy(float), treated, codes(used[cluster or unit])[0]
    )
    exact = is_rounding(np.sqrt(np.diag(fit.covariance)), used[outcome].to_numpy(float))
    if exact:
        fit = replace(fit, covariance=np.full_like(fit.covariance, np.nan))
        notes = (*notes, EXACTLY)
    table = _table(used, terms, names, times, fit, unit, cluster or unit, level)
    return EffectResult(
        method="imputation",
        outcome=outcome,
        table=table,
        headline=HEADLINE,
        estimand=f"mean effect on {outcome} over treated unit-periods",
        inference=(
            f"two-stage, clustered by {cluster or unit} ({fit.n_clusters}), "
            "t with treated clusters less one"
        ),
        notes=(
            "Assumes outcomes without treatment are a sum of unit and period effects, and no "
            "effect before treatment.",
            *lost,
            *notes,
        ),
        n_obs=len(used),
        n_units=int(used[unit].nunique()),
        n_periods=int(used[period].nunique()),
        level=level,
        covariance=pd.DataFrame(fit.covariance, names, names),
    )


def _imputable(
    used: pd.DataFrame, treated: np.ndarray, design: PanelDesign
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return which rows can be imputed from: treated ones need an untreated row in their period."""
    if not treated.any():
        raise DesignError(
            f"outcome {design.outcome!r}",
            [f"column {design.cohort!r}: no unit is treated within the panel"],
            "check the cohorts",
        )
    open_periods = used.loc[~treated, design.period].unique()
    kept = ~treated | used[design.period].isin(open_periods).to_numpy()
    if not (treated & kept).any():
        raise DesignError(
            f"outcome {design.outcome!r}",
            [
                f"column {design.period!r}: every unit is treated in period {moment}"
                for moment in sorted(used.loc[~kept, design.period].unique())
            ],
            "add units that are never treated, or treated later",
        )
    if kept.all():
        return kept, ()
    closed = sorted(map(str, used.loc[~kept, design.period].unique()))
    return kept, (
        f"{(~kept).sum()} treated rows were left out: no unit is untreated in {', '.join(closed)}.",
    )


def _effects(unit: pd.Series, period: pd.Series) -> np.ndarray:
    """Dummies of units, and of periods but the first."""
    rows = np.arange(len(unit))
    units, unit_names = codes(unit)
    periods, period_names = codes(period)
    made = np.zeros((len(unit), len(unit_names) + len(period_names)))
    made[rows, units] = 1.0
    made[rows, len(unit_names) + periods] = 1.0
    return np.delete(made, len(unit_names), axis=1)


def _terms(
    used: pd.DataFrame, treated: np.ndarray, period: str, cohort: str
) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Indicator columns of event times over treated rows, and one of all treated rows."""
    moments = pd.Index(sorted(used[period].unique()))
    if is_numeric_dtype(used[period].dtype):
        elapsed = (used[period] - used[cohort]).to_numpy(float)
    else:
        first = moments.searchsorted(used[cohort].where(treated, moments[0]).to_numpy())
        elapsed = moments.get_indexer(used[period]) - first.astype(float)
    times = np.unique(elapsed[treated])
    columns = [treated & (elapsed == time) for time in times]
    names = [f"event {time:g}" for time in times]
    return np.column_stack([*columns, treated]).astype(float), [*names, HEADLINE], times


@dataclass(frozen=True)
class _TwoStage:
    estimate: np.ndarray
    covariance: np.ndarray
    n_clusters: int


def _two_stage(
    effects: np.ndarray,
    terms: np.ndarray,
    outcome: np.ndarray,
    treated: np.ndarray,
    cluster: np.ndarray,
) -> _TwoStage:
    """Return means of outcome less imputed outcome, with Gardner's covariance.

    Each column of `terms` is its own second stage (a mean over its rows), so that overlapping
    ones, such as one event time and all of them, go together.
    """
    clean = np.where(treated[:, None], 0.0, effects)
    inverse = np.linalg.pinv(clean.T @ clean, hermitian=True)
    fitted = inverse @ (clean.T @ outcome)
    residual = outcome - effects @ fitted
    size = terms.sum(axis=0)
    estimate = terms.T @ residual / size
    second = terms * (residual[:, None] - estimate) / size
    first = clean * residual[:, None]
    n_clusters = int(cluster.max()) + 1
    scores = _by_cluster(second, cluster, n_clusters)
    scores -= _by_cluster(first, cluster, n_clusters) @ inverse @ (effects.T @ terms) / size
    factor = n_clusters / (n_clusters - 1)
    return _TwoStage(estimate, factor * scores.T @ scores, n_clusters)


def _by_cluster(values: np.ndarray, cluster: np.ndarray, n_clusters: int) -> np.ndarray:
    summed = np.zeros((n_clusters, values.shape[1]))
    np.add.at(summed, cluster, values)
    return summed


def _table(
    used: pd.DataFrame,
    terms: np.ndarray,
    names: list[str],
    times: np.ndarray,
    fit: _TwoStage,
    unit: str,
    cluster: str,
    level: float,
) -> pd.DataFrame:
    def distinct(column: str) -> np.ndarray:
        return np.array([used.loc[rows > 0, column].nunique() for rows in terms.T])

    n_treated, clusters = distinct(unit), distinct(cluster)
    enough = (n_treated >= FEWEST) & (clusters > 1)
    se = np.where(enough, np.sqrt(np.diag(fit.covariance)), np.nan)
    df = np.maximum(clusters - 1, 1)
    spread = stats.t.ppf(0.5 + level / 2, df) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value: Any = 2 * stats.t.sf(np.abs(fit.estimate / se), df)
    return pd.DataFrame(
        {
            "estimate": fit.estimate,
            "se": se,
            "low": fit.estimate - spread,
            "high": fit.estimate + spread,
            "p_value": p_value,
            "event_time": [*times, np.nan],
            "n_treated": n_treated,
            "n_rows": terms.sum(axis=0).astype(int),
        },
        index=pd.Index(names, name="term"),
    )
