"""Least squares and Poisson with unit and period effects: the one place that calls pyfixest."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from valley_analysis.errors import DesignError
from valley_analysis.gate import plain
from valley_analysis.impact.design import PanelDesign
from valley_analysis.impact.extras import library
from valley_analysis.impact.results import EffectResult, estimates
from valley_analysis.impact.units import EXACT, EXACTLY, is_rounding, resized, size

Family = Literal["gaussian", "poisson"]
_FIT = "fit"
_COUNT = 2.0**12  # size of counts that are fitted: changes of their deviance are relative then


@dataclass(frozen=True)
class Fit:
    """Coefficients of one regression with two-way effects.

    Attributes
    ----------
    estimate, covariance
        By term; the covariance is clustered, with the small-sample factors
        G / (G - 1) * (N - 1) / (N - K), effects nested in clusters not counted in K.
    df
        Clusters less one, for t.
    n_obs, n_units, n_periods, n_clusters
        What went in.
    notes
        What was left out, in words.
    """

    estimate: pd.Series
    covariance: pd.DataFrame
    df: int
    n_obs: int
    n_units: int
    n_periods: int
    n_clusters: int
    notes: tuple[str, ...] = ()

    def linear(self, weights: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
        """Return linear combinations (rows of `weights`) and their covariance."""
        combined = weights[self.estimate.index]
        return combined @ self.estimate, combined @ self.covariance @ combined.T

    def facts(self) -> pd.DataFrame:
        """Return what tests need beside the covariance, as a one-column frame."""
        values = {"df": self.df, "n_clusters": self.n_clusters}
        return pd.DataFrame({"value": values}).rename_axis("fact")


def degrees_of_freedom(result: EffectResult) -> float:
    """Return the degrees of freedom that a result was made with; infinite if it says none."""
    facts = result.frames.get(_FIT)
    return float("inf") if facts is None else float(facts.loc["df", "value"])


def codes(values: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Return integer codes in sorted order, and what each stands for.

    Examples
    --------
    >>> codes(pd.Series(["b", "a", "b"]))[0].tolist()
    [1, 0, 1]
    """
    numbers, kept = pd.factorize(values, sort=True)
    return numbers, pd.Index(kept)


def between(period: pd.Index, start: Any) -> np.ndarray:
    """Return signed event time of sorted periods: years apart, or places apart if not numbers.

    Examples
    --------
    >>> between(pd.Index([2013, 2014, 2016]), 2014), between(pd.Index(["a", "b"]), "b")
    (array([-1.,  0.,  2.]), array([-1.,  0.]))
    """
    if is_numeric_dtype(period.dtype):
        return np.asarray(period, dtype=float) - float(start)
    return np.arange(len(period), dtype=float) - float(period.get_loc(start))


def fit_two_way(
    used: pd.DataFrame,
    terms: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    weights: str | None = None,
    cluster: str | None = None,
    family: Family = "gaussian",
    period_by: str | None = None,
) -> Fit:
    """Regress the outcome on `terms` with effects of unit and period.

    Parameters
    ----------
    used
        Rows of a panel that a `PanelDesign` has passed.
    terms
        Regressors, one column a term, on the index of `used`.
    unit, period, outcome, weights, cluster
        Columns of `used`; without `cluster`, errors are clustered by unit.
    family
        "gaussian": weighted least squares. "poisson": quasi maximum likelihood with a log
        link, for outcomes from zero on, consistent whatever their distribution (Wooldridge
        1999, Journal of Econometrics 90).
    period_by
        Column within whose values the period effects are separate, such as a district.

    Raises
    ------
    DesignError
        If the outcome does not suit the family, or if a term is determined by the effects
        and the other terms.
    """
    if family not in get_args(Family):
        problem = f"family {family!r}; expected {' or '.join(map(repr, get_args(Family)))}"
        raise DesignError("family", [problem], "choose one of them")
    kept, notes = _informative(used, unit, period, outcome, weights, family)
    numbers = _coded(kept, terms.loc[kept.index], unit, period, cluster or unit, period_by)
    numbers["y"] = kept[outcome].to_numpy(float)
    if weights:
        numbers["w"] = kept[weights].to_numpy(float)
    _same_within_periods(numbers, terms, kept[period])
    order = [f"x{place}" for place in range(len(terms.columns))]
    scaled, sizes = _scaled(numbers, order, family)
    try:
        model = _fitted(scaled, len(terms.columns), family, weights is not None)
    except ValueError as error:
        if "collinear" not in str(error):
            raise
        raise _collinear(list(terms.columns)) from error
    lost = [str(name) for name in model._collin_vars if str(name).startswith("x")]
    if lost:
        raise _collinear([terms.columns[int(name[1:])] for name in lost])
    separated = int(getattr(model, "n_separation_na", 0) or 0)
    if separated:
        notes = (*notes, f"{separated} further separated rows were left out of the Poisson fit")
    n_clusters = int(numbers["c"].nunique())
    names = list(map(str, terms.columns))
    # coef() would divide by standard errors once more, which a perfect fit does not have.
    estimate = pd.Series(model._beta_hat, model._coefnames)
    found = pd.DataFrame(model._vcov, model._coefnames, model._coefnames)
    back = (sizes.get("y", 1.0) / sizes[order]).to_numpy()
    covariance = found.loc[order, order].to_numpy() * np.outer(back, back)
    if _exact(model, numbers["y"].to_numpy(), numbers["c"].to_numpy(), sizes, family):
        covariance, notes = np.full_like(covariance, np.nan), (*notes, EXACTLY)
    return Fit(
        estimate=pd.Series(estimate[order].to_numpy() * back, names),
        covariance=pd.DataFrame(covariance, names, names),
        df=n_clusters - 1,
        n_obs=len(numbers) - separated,
        n_units=int(numbers["u"].nunique()),
        n_periods=int(kept[period].nunique()),
        n_clusters=n_clusters,
        notes=notes,
    )


def fit_design(
    used: pd.DataFrame,
    terms: pd.DataFrame,
    design: PanelDesign,
    *,
    family: Family = "gaussian",
    period_by: str | None = None,
) -> Fit:
    """Call `fit_two_way` with the columns that a design names.

    Raises
    ------
    DesignError
        See `fit_two_way`.
    """
    return fit_two_way(
        used,
        terms,
        unit=design.unit,
        period=design.period,
        outcome=design.outcome,
        weights=design.weights,
        cluster=design.cluster,
        family=family,
        period_by=period_by,
    )


def _informative(
    used: pd.DataFrame,
    unit: str,
    period: str,
    outcome: str,
    weights: str | None,
    family: Family,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out rows that fit themselves: weightless, alone in unit or period, all zero."""
    kept, notes = used, []
    if weights and kept[weights].eq(0).any():
        notes.append(f"{kept[weights].eq(0).sum()} rows of weight zero were left out")
        kept = kept[kept[weights].gt(0)]
    if family == "poisson":
        kept = _countable(kept, unit, period, outcome, notes)
    before = len(kept)
    while True:
        alone = ~(kept.duplicated(unit, keep=False) & kept.duplicated(period, keep=False))
        if not alone.any():
            break
        kept = kept[~alone]
    if len(kept) < before:
        notes.append(f"{before - len(kept)} rows alone in their unit or period were left out")
    if kept.empty:
        raise DesignError(
            f"outcome {outcome!r}",
            [f"columns {unit!r}, {period!r}: no unit has two periods with other units in them"],
            "add periods or units",
        )
    return kept, tuple(notes)


def _countable(
    kept: pd.DataFrame, unit: str, period: str, outcome: str, notes: list[str]
) -> pd.DataFrame:
    if kept[outcome].lt(0).any():
        row = kept[kept[outcome].lt(0)].iloc[0]
        raise DesignError(
            f"outcome {outcome!r}",
            [
                f"column {outcome!r}, unit {plain(row[unit])!r}, period {row[period]}: "
                f"{row[outcome]:g} is below zero; family 'poisson' takes zero and more"
            ],
            "use family='gaussian', or the level before differencing",
        )
    for column in (unit, period):
        largest = kept.groupby(column)[outcome].transform("max")
        if largest.eq(0).any():
            zero = sorted(map(str, kept.loc[largest.eq(0), column].unique()))
            notes.append(
                f"{len(zero)} values of {column!r} whose outcome is always zero say nothing about "
                f"ratios and were left out: {', '.join(zero)}"
            )
            kept = kept[largest.gt(0)]
    return kept


def _coded(
    kept: pd.DataFrame,
    terms: pd.DataFrame,
    unit: str,
    period: str,
    cluster: str,
    period_by: str | None,
) -> pd.DataFrame:
    """Columns under names of our own, so that any name and type of the caller's works."""
    values = terms.to_numpy(float)
    numbers = pd.DataFrame(values, columns=[f"x{place}" for place in range(values.shape[1])])
    numbers["u"] = codes(kept[unit])[0]
    numbers["t"] = codes(kept[period])[0]
    if period_by:
        group = codes(kept[period_by])[0]
        numbers["t"] += group * (numbers["t"].max() + 1)
    numbers["c"] = codes(kept[cluster])[0]
    return numbers


def _same_within_periods(numbers: pd.DataFrame, terms: pd.DataFrame, period: pd.Series) -> None:
    """Refuse a term that is the same for all units of every period, before anything is fitted."""
    by_period = numbers.groupby("t")
    problems = []
    for place, name in enumerate(terms.columns):
        column = by_period[f"x{place}"]
        if is_rounding(column.max() - column.min(), numbers[f"x{place}"]):
            problems.append(
                f"term {name!r}: the same for every unit of a period, so the effects of "
                f"{period.name!r} determine it"
            )
    if problems:
        raise DesignError("the regressors", problems, "drop the term or the period")


def _scaled(
    numbers: pd.DataFrame, terms: list[str], family: Family
) -> tuple[pd.DataFrame, pd.Series]:
    """Bring columns to size one for a library whose tolerances are absolute.

    What effects absorb is taken out of them first. A Poisson outcome has no effects of its own to
    absorb a mean; its estimates do not depend on its unit.
    """
    linear = family == "gaussian"
    found, sizes = resized(numbers, [*terms, *(["y"] if linear else [])], ["u", "t"])
    if not linear:
        found["y"] = numbers["y"] / size(numbers["y"].to_numpy()) * _COUNT
    if "w" in numbers:
        found["w"] = numbers["w"] / size(numbers["w"].to_numpy())
    return found, sizes


def _exact(
    model: Any, outcome: np.ndarray, clusters: np.ndarray, sizes: pd.Series, family: Family
) -> bool:
    """Whether nothing but rounding is left of the outcome."""
    if family == "poisson":
        left, whole = np.ravel(model._u_hat_response), np.ravel(model._Y)
        return bool(np.abs(left).max(initial=0.0) <= EXACT * np.abs(whole).max(initial=0.0))
    left, whole = np.ravel(model._u_hat), np.ravel(model._Y)
    explained = np.linalg.norm(left) <= EXACT * np.linalg.norm(whole)
    if explained or is_rounding(left * sizes["y"], outcome):
        return True
    # With two units the scores of each sum to zero, and what is left of the sums is rounding.
    scores = pd.DataFrame(np.asarray(model._scores))
    sums, terms = (part.groupby(clusters).sum() for part in (scores, scores.abs()))
    return is_rounding(sums.to_numpy(), terms.to_numpy())


def _fitted(numbers: pd.DataFrame, n_terms: int, family: Family, weighted: bool) -> Any:
    pyfixest = library("pyfixest")
    formula = "y ~ " + " + ".join(f"x{place}" for place in range(n_terms)) + " | u + t"
    options: dict[str, Any] = {"vcov": {"CRV1": "c"}, "weights": "w" if weighted else None}
    # The default tolerance of 1e-6 is visible in the sixth digit of a standard error.
    options["demeaner"] = library("pyfixest.demeaners").MapDemeaner(fixef_tol=1e-10)
    with quiet():
        if family == "poisson":
            options["separation_check"] = ["fe", "ir"]
            return pyfixest.fepois(formula, numbers, iwls_maxiter=100, **options)
        return pyfixest.feols(formula, numbers, **options)


def _collinear(names: Sequence[object]) -> DesignError:
    return DesignError(
        "the regressors",
        [f"term {str(name)!r}: collinear with the effects and the other terms" for name in names],
        "drop the term, or the units and periods that leave it nothing to vary with",
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what pyfixest 0.60 says under pandas 3.1, and what is reported in notes instead."""
    # A perfect fit has no error to divide by; its table says so with a missing p-value.
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        for message in (
            "The inplace keyword",
            "The 'lsuffix' and 'rsuffix' keywords",
            r".*observations removed because of separation",
            r".*singleton fixed effect",
            r"\s*\d+ variables? dropped due to multicollinearity",
        ):
            warnings.filterwarnings("ignore", message=message)
        yield


def tabulate(
    fit: Fit,
    combinations: Mapping[str, Mapping[str, float]],
    level: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table and the covariance of linear combinations of a fit's terms."""
    weights = pd.DataFrame(combinations).T.reindex(columns=fit.estimate.index).fillna(0.0)
    value, covariance = fit.linear(weights)
    variance = np.diag(covariance)
    se = pd.Series(np.sqrt(np.where(variance >= 0, variance, np.nan)), value.index)
    return estimates(value, se, level, fit.df), covariance


def interactions(used: pd.DataFrame, columns: Sequence[str], period: str) -> pd.DataFrame:
    """Return each column times each period but the first, for controls.

    Examples
    --------
    >>> frame = pd.DataFrame({"t": [1, 2], "x": [3.0, 3.0]})
    >>> interactions(frame, ["x"], "t").to_dict("list")
    {'x x 2': [0.0, 3.0]}
    """
    codes, moments = pd.factorize(used[period], sort=True)
    values = used[list(columns)].to_numpy(float)
    own = codes[:, None] == np.arange(1, len(moments))
    made = np.where(own[:, None, :], values[:, :, None], 0.0).reshape(len(used), -1)
    names = [f"{column} x {moment}" for column in columns for moment in moments[1:]]
    return pd.DataFrame(made, index=used.index, columns=names)


def left_out(frame: pd.DataFrame, used: pd.DataFrame) -> tuple[str, ...]:
    """Say how many rows had no outcome, exposure, weight or control."""
    lost = len(frame) - len(used)
    return (f"{lost} of {len(frame)} rows lack a value and were left out",) if lost else ()


def fit_frame(fit: Fit) -> dict[str, pd.DataFrame]:
    """Return the frames that let later tests know how an estimate was made."""
    return {_FIT: fit.facts()}
