"""Shift-share regressions: regions exposed by their sector shares to shocks of sectors."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
from scipy.linalg import qr

from valley_analysis.errors import DesignError
from valley_analysis.impact.cross_section import cross_section, left_out
from valley_analysis.impact.design import listed
from valley_analysis.impact.entry import entry
from valley_analysis.impact.results import COLUMNS, CheckResult, EffectResult
from valley_analysis.impact.shift_share_errors import Bounds, ShiftShareFit, effective_number
from valley_analysis.impact.shift_share_parts import NEXT, plain_parts, share_problems
from valley_analysis.impact.shift_share_sums import ShareSums, share_sums

FEWEST_SHOCKS = 20
WEAK = 10.0
_CLOSE = 1e-9
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class _Prepared:
    fit: ShiftShareFit
    sectors: pd.Index
    units: pd.Index
    notes: tuple[str, ...]


@entry
def shift_share(
    frame: pd.DataFrame,
    *,
    unit: str,
    outcome: str,
    shares: pd.DataFrame,
    shocks: "Mapping[str, float] | pd.Series[float]",
    endogenous: str | None = None,
    controls: Sequence[str] | str = (),
    weights: str | None = None,
    clusters: "Mapping[str, object] | pd.Series[str] | None" = None,
    share_sum: bool | str = True,
    cluster: str | None = None,
    small_sample: bool | None = True,
    level: float = 0.95,
) -> EffectResult:
    """Regress an outcome on the shift-share variable, or instrument a regressor by it.

    The variable is z_i = sum_k share_ik shock_k. Standard errors are those of Adao, Kolesar and
    Morales (AKM); ``frames["inference"]`` sets them beside AKM0, the shock-level regression and
    those that ignore shares: homoskedastic, heteroskedasticity-robust, clustered by units.

    Parameters
    ----------
    frame
        One row a unit. For a panel, one row a unit and period, with names that tell both, and
        shares whose sectors are sector-periods.
    unit, outcome
        Columns.
    shares
        Units x sectors, none negative, each row summing to at most one.
    shocks
        By sector, all sectors of the shares.
    endogenous
        Column that z instruments; without it the outcome is regressed on z.
    controls
        Columns; a constant is added.
    weights
        Column of regression weights.
    clusters
        Sector -> group of sectors whose shocks may be correlated; independent if not given.
    share_sum
        Whether the sum of shares is controlled for where it differs between units: otherwise
        being exposed at all would pass for the shocks (Borusyak et al. 2022, section 3.2). For a
        panel the column of periods: shocks differ by period in the mean, so the sum enters times
        period (same, section 4.1). False leaves it out, as publications before 2022 did.
    cluster
        Column of groups of units, for one row more of ``frames["inference"]``.
    small_sample
        Of homoskedastic, robust and clustered errors: n/(n - k), and G/(G - 1) (n - 1)/(n - k) for
        clusters, or none; None for both as published by Adao, Kolesar and Morales (2019), whose
        package ShiftShareSE corrects least squares and not instrumental variables.
    level
        Coverage of intervals.

    Returns
    -------
    EffectResult
        Headline "shift_share", or the endogenous column with terms "first_stage" and
        "reduced_form" after it. ``frames``: "inference"; "sectors" (shock, average exposure,
        Rotemberg weight, own estimate, estimate without the sector's shock), largest weight first;
        "shock_level" (outcome, regressor, shock, weight). Checks: effective number of shocks (fails
        below 20: exploratory), concentration of weights, first stage.

    Raises
    ------
    DesignError
        With everything that is wrong with columns, units, shares and shocks; sectors whose shares
        others determine; a shift-share variable that the controls explain.

    Notes
    -----
    See `valley_analysis.impact.shift_share_errors` for the papers.

    Examples
    --------
    >>> from valley_analysis.impact.spatial_examples import shifted_regions
    >>> frame, shares, shocks = shifted_regions(200, 40, beta=1.0, seed=1)
    >>> fit = shift_share(frame, unit="region", outcome="y", shares=shares, shocks=shocks)
    >>> fit.frames["inference"].loc["akm", "se"] > fit.frames["inference"].loc["robust", "se"]
    np.True_
    """
    names = (*listed(controls), *((endogenous,) if endogenous else ()))
    shares, shocks, clusters = plain_parts(shares, shocks, clusters)
    periods = share_sum if isinstance(share_sum, str) else None
    groups = _groups(frame, unit, {"share_sum": periods, "cluster": cluster})
    used = cross_section(
        frame,
        unit=unit,
        outcome=outcome,
        regressors=names,
        weights=weights,
        known=shares.index,
        known_as="the shares",
    )
    problems = list(share_problems(shares, shocks, clusters))
    if problems:
        raise DesignError("shares and shocks", problems, NEXT)
    sums = share_sums(shares.reindex(used.index), share_sum, groups.get("share_sum"))
    ready = _prepare(
        used, outcome, endogenous, listed(controls), weights, shares, shocks, clusters, sums
    )
    ready = replace(ready, notes=(*left_out(frame, used), *ready.notes))
    corrected = endogenous is None if small_sample is None else small_sample
    codes = pd.factorize(groups["cluster"].reindex(used.index))[0] if cluster else None
    return _result(ready, outcome, endogenous, level, _Ordinary(corrected, cluster, codes))


@dataclass(frozen=True, eq=False)
class _Ordinary:
    """Errors that ignore shares: their small-sample factor, and groups of units."""

    corrected: bool
    cluster: str | None = None
    codes: np.ndarray | None = None

    @property
    def told(self) -> str:
        """The factor in words."""
        if not self.corrected:
            return "no small-sample factor"
        return "n/(n - k)" + (", clusters G/(G - 1) (n - 1)/(n - k)" if self.cluster else "")


def _groups(frame: pd.DataFrame, unit: str, wanted: Mapping[str, str | None]) -> pd.DataFrame:
    """Return the columns of groups by unit, named by the argument that asks for them."""
    asked = {name: column for name, column in wanted.items() if column}
    problems = [
        f"{name}: no column {column!r}" for name, column in asked.items() if column not in frame
    ]
    if not problems:
        problems = [
            f"column {column!r} ({name}): {frame[column].isna().sum()} rows have none"
            for name, column in asked.items()
            if frame[column].isna().any()
        ]
        problems += [
            f"column {column!r} ({name}): one group only; expected two or more"
            for name, column in asked.items()
            if len(frame[column].unique()) == 1
        ]
    if problems:
        raise DesignError("the frame", problems, "give every unit a group")
    if not asked or unit not in frame:
        return pd.DataFrame()
    found = pd.DataFrame({name: frame[column].to_numpy() for name, column in asked.items()})
    return found.set_index(pd.Index(frame[unit]))


def _prepare(
    used: pd.DataFrame,
    outcome: str,
    endogenous: str | None,
    controls: tuple[str, ...],
    weights: str | None,
    shares: pd.DataFrame,
    shocks: "pd.Series[float]",
    clusters: "Mapping[str, object] | pd.Series[str] | None",
    sums: ShareSums,
) -> _Prepared:
    present = shares.reindex(used.index).astype(float)
    empty = present.columns[(present == 0).all()]
    present = present.drop(columns=empty)
    notes = [f"Sectors without any share, left out: {', '.join(map(str, empty))}."] * bool(
        len(empty)
    )
    design = np.column_stack([np.ones(len(used)), used[list(controls)].to_numpy()])
    design = sums.beside(design)
    notes += sums.notes
    _check_rank(present, design)
    moved = shocks.reindex(present.columns).to_numpy(float)
    z = present.to_numpy() @ moved
    group = pd.Series(clusters if clusters is not None else {c: c for c in present.columns})
    fit = ShiftShareFit(
        y=used[outcome].to_numpy(),
        x=used[endogenous].to_numpy() if endogenous else z,
        z=z,
        controls=design,
        shares=present.to_numpy(),
        shocks=moved,
        weights=used[weights].to_numpy() if weights else np.ones(len(used)),
        clusters=pd.factorize(group.reindex(present.columns))[0],
    )
    _check_identified(fit, endogenous)
    return _Prepared(fit, present.columns, used.index, tuple(notes))


def _check_rank(shares: pd.DataFrame, design: np.ndarray) -> None:
    table, problems = shares.to_numpy(), []
    if shares.shape[0] < shares.shape[1]:
        problems.append(
            f"{shares.shape[0]} units for {shares.shape[1]} sectors; expected more units"
        )
    elif not shares.empty:
        triangle, order = qr(table / np.linalg.norm(table, axis=0), mode="r", pivoting=True)
        lost = np.abs(np.diag(triangle)) < _CLOSE
        problems += [
            f"sector {shares.columns[k]!r}: other sectors' shares determine its own"
            for k in order[: len(lost)][lost]
        ]
    if shares.shape[1] < 2:
        problems.append(f"{shares.shape[1]} sectors with shares; expected two or more")
    rank = int(np.linalg.matrix_rank(design / np.linalg.norm(design, axis=0)))
    if rank < design.shape[1]:
        problems.append("the controls determine the sum of shares; leave one of them out")
    if problems:
        raise DesignError("shares", problems, "merge or drop sectors until each adds something")


def _check_identified(fit: ShiftShareFit, endogenous: str | None) -> None:
    left = replace(fit, x=fit.z).strength
    scale = float((fit.weights * fit.z**2).sum())
    problem = ""
    if left <= _CLOSE**2 * scale or left == 0:
        problem = "the shift-share variable: the controls explain all of it"
    elif abs(fit.strength) <= _CLOSE * np.sqrt(left * float((fit.weights * fit.x**2).sum())):
        problem = f"column {endogenous!r}: unrelated to the shift-share variable"
    if problem:
        raise DesignError("shift-share", [problem], "use shocks that differ, or fewer controls")


def _result(
    ready: _Prepared, outcome: str, endogenous: str | None, level: float, ordinary: _Ordinary
) -> EffectResult:
    fit = ready.fit
    term = endogenous or "shift_share"
    rows = {term: _row(fit.estimate, fit.akm(level))}
    checks = [_shock_check(ready), _weight_check(ready)]
    if endogenous:
        first = replace(fit, y=fit.x, x=fit.z)
        reduced = replace(fit, x=fit.z)
        rows["first_stage"] = _row(first.estimate, first.akm(level))
        rows["reduced_form"] = _row(reduced.estimate, reduced.akm(level))
        checks.append(_first_stage(first, level))
    what = f"{endogenous}, instrumented by" if endogenous else "one unit more of"
    table = pd.DataFrame.from_dict(rows, orient="index")[[*COLUMNS]].astype(float)
    groups = len(np.unique(fit.clusters))
    return EffectResult(
        method="shift_share",
        outcome=outcome,
        table=table.rename_axis("term"),
        headline=term,
        estimand=f"effect on {outcome} of {what} exposure to the shocks (shares times shocks)",
        inference=f"Adao, Kolesar and Morales (2019), normal; {groups} clusters of sectors",
        notes=(
            *ready.notes,
            "Assumes shocks as good as random across sectors given the controls.",
            f"Homoskedastic, robust and clustered errors: {ordinary.told}.",
        ),
        diagnostics=tuple(checks),
        n_obs=len(fit.y),
        n_units=len(fit.y),
        level=level,
        frames={
            "inference": _inference(fit, level, ordinary),
            "sectors": _sectors(ready),
            "shock_level": _shock_level(ready),
        },
    )


def _row(estimate: float, bounds: Bounds) -> dict[str, object]:
    return {"estimate": estimate, **asdict(bounds)}


def _inference(fit: ShiftShareFit, level: float, ordinary: _Ordinary) -> pd.DataFrame:
    """The same estimate with each kind of standard error."""
    corrected, codes = ordinary.corrected, ordinary.codes
    clustered = {} if codes is None else {"clustered": fit.clustered(codes, level, corrected)}
    kinds = {
        "homoskedastic": fit.homoskedastic(level, corrected),
        "robust": fit.robust(level, corrected),
        **clustered,
        "shock_level": fit.shock_errors(level),
        "akm": fit.akm(level),
        "akm0": fit.akm0(level),
    }
    rows = {name: _row(fit.estimate, bounds) for name, bounds in kinds.items()}
    table = pd.DataFrame.from_dict(rows, orient="index")[[*COLUMNS, "shape"]]
    return table.rename_axis("inference")


def _sectors(ready: _Prepared) -> pd.DataFrame:
    fit = ready.fit
    weight, alone = fit.sector_parts()
    part = np.where(np.isnan(alone), 0.0, weight * alone)
    rest = 1 - weight
    without = np.divide(
        fit.estimate - part, rest, out=np.full_like(rest, np.nan), where=np.abs(rest) > _CLOSE
    )
    table = pd.DataFrame(
        {
            "shock": fit.shocks,
            "exposure": fit.exposure,
            "weight": weight,
            "estimate": alone,
            "without": without,
        },
        ready.sectors.rename("sector"),
    )
    order = table["weight"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order]


def _shock_level(ready: _Prepared) -> pd.DataFrame:
    _, outcome, regressor = ready.fit.shock_level()
    columns = {
        "outcome": outcome,
        "regressor": regressor,
        "shock": ready.fit.shocks,
        "weight": ready.fit.exposure,
    }
    return pd.DataFrame(columns, ready.sectors.rename("sector"))


def _shock_check(ready: _Prepared) -> CheckResult:
    fit = ready.fit
    sectors = effective_number(fit.exposure)
    groups = effective_number(np.bincount(fit.clusters, fit.exposure))
    largest = int(np.argmax(fit.exposure))
    facts = {
        "effective_shocks": groups,
        "effective_sectors": sectors,
        "sectors": len(fit.shocks),
        "clusters": int(fit.clusters.max()) + 1,
        "largest_sector": ready.sectors[largest],
        "largest_exposure": float(fit.exposure[largest]),
        "needed": FEWEST_SHOCKS,
    }
    few = groups < FEWEST_SHOCKS
    text = (
        f"{groups:.1f} effective shocks from {facts['sectors']} sectors in {facts['clusters']} "
        f"clusters; the largest, {facts['largest_sector']}, has {fit.exposure[largest]:.0%} of "
        f"exposure. " + ("Below 20: exploratory, prefer AKM0." if few else "20 or more.")
    )
    return CheckResult("effective_shocks", "failed" if few else "passed", text, facts)


def _weight_check(ready: _Prepared) -> CheckResult:
    top = _sectors(ready)
    share = top["weight"].abs() / top["weight"].abs().sum()
    negative = float(-top["weight"].clip(upper=0).sum())
    names = [str(name) for name in top.index[:_SHOWN]]
    facts = {
        "top": names,
        "top_share": float(share.iloc[:_SHOWN].sum()),
        "negative": negative,
        "least_without": float(top["without"].min()),
        "most_without": float(top["without"].max()),
    }
    text = (
        f"{facts['top_share']:.0%} of the weight lies on {', '.join(names)}; negative weights "
        f"sum to {negative:.2f}; without one sector's shock the estimate runs from "
        f"{facts['least_without']:.3g} to {facts['most_without']:.3g}."
    )
    return CheckResult("sector_weights", "informational", text, facts, top.head(_SHOWN))


def _first_stage(first: ShiftShareFit, level: float) -> CheckResult:
    strength = (first.estimate / first.akm(level).se) ** 2
    weak = strength < WEAK
    text = f"first-stage F {strength:.1f} with AKM errors: " + (
        f"below {WEAK:g}, weak; read the AKM0 interval." if weak else f"{WEAK:g} or more."
    )
    facts = {"f": strength, "needed": WEAK}
    return CheckResult("first_stage", "failed" if weak else "passed", text, facts)
