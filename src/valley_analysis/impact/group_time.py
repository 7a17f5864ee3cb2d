"""Effects by cohort and period, and their averages (Callaway and Sant'Anna)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.design import PanelDesign
from valley_analysis.impact.entry import entry
from valley_analysis.impact.group_cells import Base, Cell, Controls, Panel, cells, lay_out
from valley_analysis.impact.panel_fit import left_out
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.units import EXACTLY, is_rounding

FEWEST = 5
HEADLINE = "overall group"


@dataclass(frozen=True)
class _Row:
    """A cell or an average of cells."""

    term: str
    kind: str
    estimate: float
    influence: np.ndarray | None
    treated: np.ndarray
    cohort: Any = None
    period: Any = None
    event_time: float = float("nan")


@entry
def group_time_att(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    cohort: str,
    controls: Controls = "never",
    anticipation: int = 0,
    base: Base = "varying",
    cluster: str | None = None,
    level: float = 0.95,
    replications: int = 999,
    seed: int = 0,
    flag: str | None = None,
) -> EffectResult:
    """Estimate the effect of treatment for every cohort and period, and average.

    Callaway and Sant'Anna (2021), "Difference-in-differences with multiple time periods",
    Journal of Econometrics 225(2), 200-230, without covariates: the mean change of a cohort
    from its base period, less that of its controls.

    Parameters
    ----------
    frame
        One row a unit and period. A cell uses the units seen in both of its periods, so gaps
        and unequal lengths are fine.
    unit, period, outcome
        Columns.
    cohort
        Column of the first treated period; missing where never treated.
    controls
        "never": units never treated within the panel; "not_yet": also those treated later.
    anticipation
        Periods before treatment in which it may already have effects.
    base
        Base period of cells before treatment: "varying", the period before; "universal", the
        last one before treatment, as `pretrend_test` and `honest_did` need it.
    cluster
        Column within which units are dependent; by default each unit is its own.
    level
        Coverage.
    replications, seed
        Of the multiplier bootstrap behind the bands of event times.
    flag
        See `PanelDesign`.

    Returns
    -------
    EffectResult
        Rows ``<cohort>:<period>`` (kind "cell"), ``event e``, ``group g``, ``calendar t`` and
        ``overall simple | event | group | calendar``; columns ``kind, cohort, period,
        event_time, n_treated``, and for event times ``band_low, band_high``, which hold for
        all of them together. Standard errors come from influence functions, each mean with
        the factor n / (n - 1); intervals are t with treated clusters less one. A row over
        fewer than five treated units keeps its estimate and has no standard error.

    Raises
    ------
    DesignError
        See `PanelDesign.prepare`; also without controls or treated units.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> panel = pd.DataFrame([(u, t) for u in range(20) for t in range(4)], columns=["u", "t"])
    >>> panel["since"] = np.where(panel.u < 8, 2.0, np.nan)
    >>> panel["y"] = panel.u + panel.t + 1.0 * (panel.t >= panel.since) + rng.normal(0, 0.01, 80)
    >>> result = group_time_att(panel, unit="u", period="t", outcome="y", cohort="since")
    >>> round(result.estimate, 1)
    1.0
    """
    design = PanelDesign(unit, period, outcome, cohort=cohort, cluster=cluster, flag=flag)
    used = design.prepare(frame)
    panel = lay_out(used, unit, period, outcome, cohort, cluster)
    _comparable(panel, design, controls, base, anticipation)
    found = cells(panel, controls, anticipation, base)
    if not any(panel.periods[one.period] >= panel.groups[one.group] for one in found):
        problem = f"no cohort has a period more than {anticipation} before it, and one after"
        raise DesignError(f"outcome {outcome!r}", [problem], "change anticipation or the rows")
    rows = [_cell_row(panel, cell) for cell in found]
    rows += _averages(panel, found)
    table, influence = _tabulate(panel, rows, level)
    events = [row.term for row in rows if row.kind == "event" and row.term in influence]
    table = table.join(_bands(table, influence[events], panel, level, replications, seed))
    treated = len(np.unique(panel.cluster[~panel.never]))
    kept = [*events, *(row.term for row in rows if row.kind == "overall" and row.term in influence)]
    return EffectResult(
        method="group_time_att",
        outcome=outcome,
        table=table,
        headline=HEADLINE,
        estimand=(
            f"mean effect on {outcome} over treated units, each cohort averaged over its periods"
        ),
        inference=(
            f"influence functions clustered by {cluster or unit}, t with treated clusters less one"
        ),
        notes=_notes(
            panel, rows, controls, anticipation, base, left_out(frame, used), influence.empty
        ),
        n_obs=len(used),
        n_units=len(panel.units),
        n_periods=len(panel.periods),
        level=level,
        covariance=_covariance(influence[kept], panel),
        frames={
            "fit": pd.DataFrame({"value": {"df": treated - 1, "n_clusters": treated}}),
        },
    )


def _comparable(
    panel: Panel, design: PanelDesign, controls: Controls, base: Base, anticipation: int
) -> None:
    problems = []
    if not panel.groups:
        problems.append(f"column {design.cohort!r}: no unit is treated within the panel")
    if controls == "never" and not panel.never.any():
        problems.append(
            f"column {design.cohort!r}: every unit is treated by period {panel.periods[-1]}, so "
            "none is left as a never-treated control; controls='not_yet' uses later cohorts"
        )
    for name, value, known in (
        ("controls", controls, ("never", "not_yet")),
        ("base", base, ("varying", "universal")),
    ):
        if value not in known:
            problems.append(f"{name} {value!r}; expected {' or '.join(known)}")
    if anticipation < 0:
        problems.append(f"anticipation {anticipation}; expected zero or more periods")
    if problems:
        raise DesignError(f"outcome {design.outcome!r}", problems, "change the design")


def _cell_row(panel: Panel, cell: Cell) -> _Row:
    cohort, period = panel.groups[cell.group], panel.periods[cell.period]
    return _Row(
        f"{_told(cohort)}:{_told(period)}",
        "cell",
        cell.estimate,
        cell.influence,
        cell.treated,
        cohort,
        period,
        cell.event_time,
    )


def _told(value: Any) -> str:
    """Name a cohort: 2004.0, which a column with missing values makes of 2004, is 2004."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _averages(panel: Panel, found: list[Cell]) -> list[_Row]:
    after = [cell for cell in found if cell.event_time >= 0]
    events, groups, calendar = [], [], []
    for time in sorted({cell.event_time for cell in found}):
        members = [cell for cell in found if cell.event_time == time]
        row = _weighted(panel, members, f"event {time:g}", "event")
        events.append(_Row(**{**row.__dict__, "event_time": time}))
    for group, cohort in enumerate(panel.groups):
        members = [cell for cell in after if cell.group == group]
        if members:
            row = _mean(members, f"group {_told(cohort)}", "group")
            groups.append((group, _Row(**{**row.__dict__, "cohort": cohort})))
    for place, period in enumerate(panel.periods):
        members = [cell for cell in after if cell.period == place]
        if members:
            row = _weighted(panel, members, f"calendar {_told(period)}", "calendar")
            calendar.append(_Row(**{**row.__dict__, "period": period}))
    group_rows = [row for _, row in groups]
    overall = [
        _weighted(panel, after, "overall simple", "overall"),
        _mean([row for row in events if row.event_time >= 0], "overall event", "overall"),
        _weighted(panel, group_rows, HEADLINE, "overall", [group for group, _ in groups]),
        _mean(calendar, "overall calendar", "overall"),
    ]
    return [*events, *group_rows, *calendar, *overall]


def _mean(members: Sequence[Cell | _Row], term: str, kind: str) -> _Row:
    """Average with equal weights."""
    share = np.full(len(members), 1 / len(members))
    return _combine(members, share, None, term, kind)


def _weighted(
    panel: Panel,
    members: Sequence[Cell | _Row],
    term: str,
    kind: str,
    places: Sequence[int] | None = None,
) -> _Row:
    """Average with the sizes of the cohorts, which are themselves estimated."""
    at = [member.group for member in members if isinstance(member, Cell)]
    indicator = np.array([panel.members(group) for group in (places or at)], dtype=float)
    size = indicator.mean(axis=1)
    total = size.sum()
    # Influence of the shares: derivative of size / total.
    moved = indicator - size[:, None]
    shares = moved / total - np.outer(size, moved.sum(axis=0)) / total**2
    return _combine(members, size / total, shares, term, kind)


def _combine(
    members: Sequence[Cell | _Row],
    share: np.ndarray,
    shares: np.ndarray | None,
    term: str,
    kind: str,
) -> _Row:
    estimate = np.array([member.estimate for member in members])
    treated = np.any([member.treated for member in members], axis=0)
    functions = [member.influence for member in members]
    influence = None
    # A mean of base periods alone is zero by construction and has no influence function.
    if any(function is not None for function in functions):
        filled = [np.zeros(len(treated)) if f is None else f for f in functions]
        influence = share @ np.array(filled)
        if shares is not None:
            influence = influence + estimate @ shares
    return _Row(term, kind, float(share @ estimate), influence, treated)


def _tabulate(panel: Panel, rows: list[_Row], level: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table, and by term the influence of each cluster where a row has an error."""
    n_treated = np.array([row.treated.sum() for row in rows])
    clusters = np.array([len(np.unique(panel.cluster[row.treated])) for row in rows])
    by_cluster = {}
    for row, size, count in zip(rows, n_treated, clusters, strict=True):
        if row.influence is not None and size >= FEWEST and count > 1:
            moved = np.bincount(panel.cluster, row.influence) / len(panel.units)
            if not is_rounding(moved, panel.outcome[np.isfinite(panel.outcome)]):
                by_cluster[row.term] = moved
    influence = pd.DataFrame(by_cluster, index=range(int(panel.cluster.max()) + 1), dtype=float)
    se = np.sqrt((influence**2).sum()).reindex([row.term for row in rows]).to_numpy(float)
    estimate = np.array([row.estimate for row in rows])
    df = np.maximum(clusters - 1, 1)
    spread = stats.t.ppf(0.5 + level / 2, df) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stats.t.sf(np.abs(estimate / se), df)
    table = pd.DataFrame(
        {
            "estimate": estimate,
            "se": se,
            "low": estimate - spread,
            "high": estimate + spread,
            "p_value": p_value,
            "kind": [row.kind for row in rows],
            "cohort": [row.cohort for row in rows],
            "period": [row.period for row in rows],
            "event_time": [row.event_time for row in rows],
            "n_treated": n_treated,
        },
        index=pd.Index([row.term for row in rows], name="term"),
    )
    return table, influence


def _covariance(influence: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    return influence.T @ influence


def _bands(
    table: pd.DataFrame,
    influence: pd.DataFrame,
    panel: Panel,
    level: float,
    replications: int,
    seed: int,
) -> pd.DataFrame:
    """Return bands that hold for all event times at once, by the multiplier bootstrap."""
    influence = influence.loc[:, table.loc[influence.columns, "se"].gt(0).to_numpy()]
    if influence.empty or not replications:
        return pd.DataFrame({"band_low": np.nan, "band_high": np.nan}, index=table.index)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (replications, len(influence)))
    se = table.loc[influence.columns, "se"].to_numpy()
    largest = (np.abs(signs @ influence.to_numpy()) / se).max(axis=1)
    rows = table.loc[influence.columns]
    single = ((rows["high"] - rows["estimate"]) / rows["se"]).to_numpy()
    half = np.maximum(float(np.quantile(largest, level)), single) * se
    return pd.DataFrame(
        {"band_low": rows["estimate"] - half, "band_high": rows["estimate"] + half}
    ).reindex(table.index)


def _notes(
    panel: Panel,
    rows: list[_Row],
    controls: Controls,
    anticipation: int,
    base: Base,
    lost: tuple[str, ...],
    exact: bool,
) -> tuple[str, ...]:
    few = sum(row.kind == "cell" and row.treated.sum() < FEWEST for row in rows)
    notes = [
        "Assumes that without treatment cohorts and their controls would have changed alike, "
        f"and no effect more than {anticipation} periods ahead.",
        f"Controls: {'never' if controls == 'never' else 'not yet'} treated; base period {base}.",
    ]
    if exact:
        notes.append(EXACTLY)
    if few:
        notes.append(f"{few} cells with fewer than {FEWEST} treated units have no standard error.")
    return (*notes, *lost)
