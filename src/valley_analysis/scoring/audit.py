"""The audit of an index: is it coherent, balanced and not hanging on one indicator?"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from valley_analysis.errors import FrameError
from valley_analysis.escape import paragraph
from valley_analysis.scoring.alpha import cronbach_alpha
from valley_analysis.scoring.components import Components, principal_components
from valley_analysis.scoring.correlations import Correlations, Limits, correlate
from valley_analysis.scoring.describe import Availability, availability, statistics
from valley_analysis.scoring.effective import effective_weights
from valley_analysis.scoring.index import IndexResult
from valley_analysis.scoring.leave_out import LeaveOneOut, leave_one_out

Check = tuple[str, list[str], int, float, bool]  # name, where, of how many, limit, judged


@dataclass(frozen=True)
class AuditRules:
    """Limits that the checks of an audit use.

    Attributes
    ----------
    correlations
        Limits of correlations.
    coverage
        Share of units that an indicator, and of indicators that a unit, should have.
    alpha
        Least Cronbach alpha of a dimension.
    skewness, kurtosis
        The outlier rule.
    balance
        Effective over nominal weight of a dimension may lie between 1 / balance and balance.

    References
    ----------
    Alpha of 0.7: Nunnally, J.C. (1978), Psychometric Theory, quoted in the OECD/JRC Handbook
    (2008), step 4. Outliers: COINr 1.1, `qTreat`. Coverage and balance are our choices.

    Examples
    --------
    >>> AuditRules(alpha=0.6).alpha
    0.6
    """

    correlations: Limits = field(default_factory=Limits)
    coverage: float = 2 / 3
    alpha: float = 0.7
    skewness: float = 2.0
    kurtosis: float = 3.5
    balance: float = 1.5


@dataclass(frozen=True)
class Audit:
    """What an audit of one edition found.

    Attributes
    ----------
    name, period, scope
        Which index.
    availability
        Values by indicator and by unit.
    statistics
        Indicators down; see `statistics`.
    correlations
        Matrices, flags and redundant pairs; see `Correlations`.
    alpha
        Groups down (dimensions, then "dimensions" for the dimensions among themselves):
        indicators, units, alpha, standardised (from correlations), mean_correlation.
    components
        Principal components by group: each dimension, "indicators" (all) and "dimensions".
    weights
        Effective against nominal; see `effective_weights`.
    leave_out
        The index without each indicator; see `LeaveOneOut`.
    checks
        check, state ("passed", "failed" or "informational"), found, of, limit, where (the
        names concerned, comma-separated).
    """

    name: str
    period: int
    scope: str
    availability: Availability
    statistics: pd.DataFrame
    correlations: Correlations
    alpha: pd.DataFrame
    components: dict[str, Components]
    weights: pd.DataFrame
    leave_out: LeaveOneOut
    checks: pd.DataFrame

    @property
    def component_table(self) -> pd.DataFrame:
        """Groups down: variables, first eigenvalue, its share of variance, Kaiser count."""
        rows = {
            group: {
                "variables": len(found.loadings),
                "eigenvalue": float(found.variances["eigenvalue"].max()),
                "share": found.first_share,
                "kaiser": found.kaiser,
            }
            for group, found in self.components.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")

    def _repr_html_(self) -> str:
        head = f"Audit of {self.name} {self.period}, scope {self.scope}"
        return str(paragraph(head) + self.checks.round(3).to_html(index=False))


def audit(
    result: IndexResult,
    rules: AuditRules | None = None,
    *,
    method: str = "pearson",
    correlations: pd.DataFrame | None = None,
) -> Audit:
    """Audit one edition of an index.

    Everything is computed on scaled values with direction applied, but for the statistics.

    Parameters
    ----------
    result
        One edition of an index.
    rules
        Limits of the checks; the customary ones by default.
    method
        Correlations: "pearson" or "spearman".
    correlations
        `pooled_correlations`, for leaving indicators out exactly; see `leave_one_out`.

    Raises
    ------
    SpecError
        If there is no such method of correlation.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, steps 3, 4 and 8; JRC
    statistical audits of the Global Innovation Index.

    Examples
    --------
    >>> from valley_analysis.scoring.examples import small_index
    >>> found = audit(small_index())
    >>> found.checks.loc[found.checks["state"] == "failed", "check"].tolist()
    ['dimension_alpha', 'negative_within', 'misplaced', 'redundant_pairs']
    """
    rules = rules or AuditRules()
    groups = _groups(result)
    found = Audit(
        name=result.spec.name,
        period=result.period,
        scope=result.scope.name,
        availability=availability(result),
        statistics=statistics(result, rules.skewness, rules.kurtosis),
        correlations=correlate(result, method, rules.correlations),
        alpha=_alphas(groups),
        components={name: principal_components(values) for name, values in groups.items()},
        weights=effective_weights(result),
        leave_out=leave_one_out(result, correlations),
        checks=pd.DataFrame(),
    )
    return replace(found, checks=_checks(found, rules))


def _groups(result: IndexResult) -> dict[str, pd.DataFrame]:
    """Frames whose columns belong together."""
    members = result.weights.groupby("dimension", sort=False).groups
    inside = {str(name): result.normalised[list(columns)] for name, columns in members.items()}
    between = result.scores[list(inside)].astype(float)
    return {**inside, "indicators": result.normalised, "dimensions": between}


def _alphas(groups: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = {
        name: {
            "indicators": values.shape[1],
            "units": int(values.notna().any(axis=1).sum()),
            "alpha": _alpha(values),
            **_standardised(values),
        }
        for name, values in groups.items()
        if name != "indicators"
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def _alpha(values: pd.DataFrame) -> float:
    try:
        return cronbach_alpha(values)
    except FrameError:  # one indicator, or a pair without units in common
        return float("nan")


def _standardised(values: pd.DataFrame) -> dict[str, float]:
    """Alpha of standardised values, from the mean correlation r: k r / (1 + (k - 1) r)."""
    table, count = values.corr().to_numpy(), values.shape[1]
    cells = table[~np.eye(count, dtype=bool)]
    cells = cells[np.isfinite(cells)]
    mean = float(cells.mean()) if len(cells) else float("nan")
    whole = 1 + (count - 1) * mean
    alpha = count * mean / whole if whole > 0 else float("nan")
    return {"standardised": alpha, "mean_correlation": mean}


def _checks(found: Audit, rules: AuditRules) -> pd.DataFrame:
    rows = [*_data_checks(found, rules), *_structure_checks(found, rules)]
    rows += _flag_checks(found, rules.correlations)
    return pd.DataFrame([_row(*row) for row in rows])


def _data_checks(found: Audit, rules: AuditRules) -> list[Check]:
    by_indicator, by_unit = found.availability.indicators, found.availability.units
    poor = by_indicator.index[by_indicator["share"] < rules.coverage]
    thin = by_unit.index[by_unit["share"] < rules.coverage]
    left = found.statistics.index[found.statistics["outliers_left"]]
    return [
        ("indicator_coverage", list(poor), len(by_indicator), rules.coverage, True),
        ("unit_coverage", list(thin), len(by_unit), rules.coverage, True),
        ("outliers_left", list(left), len(by_indicator), rules.skewness, True),
    ]


def _structure_checks(found: Audit, rules: AuditRules) -> list[Check]:
    alpha = found.alpha["alpha"].drop("dimensions")
    kaiser = found.component_table.loc[alpha.index, "kaiser"]
    ratio = found.weights.loc["dimension", "ratio"]
    tilted = ratio.index[(ratio > rules.balance) | (ratio < 1 / rules.balance)]
    shift, count = found.leave_out.summary["mean_shift"], len(alpha)
    low, several = alpha.index[~(alpha >= rules.alpha)], kaiser.index[kaiser > 1]
    most = [] if shift.isna().all() else [shift.idxmax()]
    return [
        ("dimension_alpha", list(low), count, rules.alpha, True),
        ("several_components", list(several), count, np.nan, False),
        ("unbalanced_dimensions", list(tilted), count, rules.balance, True),
        ("largest_mean_shift", most, len(shift), np.nan, False),
    ]


def _flag_checks(found: Audit, limits: Limits) -> list[Check]:
    sizes = found.statistics["dimension"].value_counts()
    count, groups = len(found.statistics), len(sizes)
    within = sum(int(n) * (int(n) - 1) // 2 for n in sizes)
    pairs, between = count * (count - 1) // 2, groups * (groups - 1) // 2
    plan = [
        ("negative_within", "within", "negative", within, limits.negative, True),
        ("collinear_within", "within", "collinear", within, limits.collinear, True),
        ("weak_in_dimension", "within", "weak", count, limits.weak, True),
        ("misplaced", "across", "misplaced", count, np.nan, True),
        ("nearer_elsewhere", "across", "nearer_elsewhere", count, np.nan, False),
        ("dimensions_negative", "dimensions", "negative", between, limits.negative, True),
        ("dimensions_collinear", "dimensions", "collinear", between, limits.collinear, True),
        ("dimension_weak", "dimensions", "weak", groups, limits.weak, True),
    ]
    flags = found.correlations.flags
    rows: list[Check] = []
    for check, level, kind, of, limit, judged in plan:
        chosen = flags[(flags["level"] == level) & (flags["kind"] == kind)]
        rows.append((check, _names(chosen, kind in ("negative", "collinear")), of, limit, judged))
    doubles = _names(found.correlations.redundant, True)
    return [*rows, ("redundant_pairs", doubles, pairs, limits.redundant, True)]


def _names(rows: pd.DataFrame, pairs: bool) -> list[str]:
    return [f"{row.one} & {row.other}" if pairs else str(row.one) for row in rows.itertuples()]


def _row(check: str, where: list[str], of: int, limit: float, judged: bool) -> dict[str, object]:
    state = ("failed" if where else "passed") if judged else "informational"
    return {
        "check": check,
        "state": state,
        "found": len(where),
        "of": of,
        "limit": limit,
        "where": ", ".join(where),
    }
