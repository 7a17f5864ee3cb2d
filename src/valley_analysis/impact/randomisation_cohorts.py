"""Randomisation over units and dates for any estimator of a staggered treatment.

Which units are treated, and when, is drawn again and again with the number of treated units and
their dates kept; the estimator is called on each drawn frame. With few treated units this is the
only inference that does not lean on their number being large.

Fisher, R. A. (1935), The Design of Experiments; Athey, S. and Imbens, G. W. (2022), Design-based
analysis in difference-in-differences settings with staggered adoption, Journal of Econometrics
226(1), 62-79, for adoption dates as what is random.
"""

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.entry import entry
from valley_analysis.impact.permutations import enough, permutation_p, unit_orders
from valley_analysis.impact.results import CheckResult, EffectResult

Dates = Literal["within", "across"]
Progress = Callable[[int, int], None]
ASSUMED = (
    "Treatment is taken to have been as likely to fall on any unit{within}, at any of the dates; "
    "the test is exact for the hypothesis of no effect on any unit."
)
FAILED = (
    "{count} of {of} draws could not be estimated; they count as at least as far out as the data."
)


@entry
def permute_cohorts(
    frame: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], float],
    *,
    unit: str,
    cohort: str,
    strata: str | None = None,
    dates: Dates = "within",
    permutations: int = 999,
    seed: int = 0,
    level: float = 0.95,
    progress: Progress | None = None,
) -> EffectResult:
    """Test an estimate by drawing treated units and dates anew.

    Parameters
    ----------
    frame
        Tidy panel with one cohort a unit; it is not changed.
    statistic
        Called with the frame, its cohort column drawn anew; returns an estimate or, better, a
        studentised one. A draw for which it raises DesignError or returns nan counts as
        extreme, and the notes say how many did.
    unit, cohort
        Columns; the cohort is the first treated period, missing where never treated.
    strata
        Column with one value a unit: treatment moves within strata only.
    dates
        "within": a date moves with the treatment, inside its stratum. "across": the dates are
        then also shuffled over all treated units.
    permutations
        How many to draw; all are gone through if there are no more (and dates are "within").
    seed
        Of the draws.
    level
        What the number of permutations has to suffice for.
    progress
        Called with draws done and in all.

    Returns
    -------
    EffectResult
        One row, `effect`: the statistic of the data and its two-sided p-value, with its
        `monte_carlo_error`; no standard error and no interval. `frames["draws"]`: the drawn
        statistics.

    Raises
    ------
    DesignError
        If a unit has two cohorts or strata, none or all are treated in every stratum, the
        data cannot be estimated, or permutations are too few.

    Examples
    --------
    >>> frame = pd.DataFrame({"u": range(5), "y": [0.0, 1, 2, 3, 9], "g": [None] * 4 + [2020]})
    >>> gap = lambda f: f["y"][f["g"].notna()].mean() - f["y"][f["g"].isna()].mean()
    >>> found = permute_cohorts(frame, gap, unit="u", cohort="g")
    >>> round(found.p_value, 3), found.inference.split(";")[0]
    (0.2, 'all 120 orders of units')
    """
    enough(permutations, level, "permutations")
    cohorts, labels = assigned(frame, unit, cohort, strata)
    if dates not in ("within", "across"):
        raise DesignError("dates", [f"{dates!r}"], "choose 'within' or 'across'")
    across = dates == "across"
    orders, exhaustive = unit_orders(labels, permutations, seed, every=not across)
    observed = float(statistic(frame.copy()))
    if not np.isfinite(observed):
        raise DesignError("statistic", [f"{observed} for the data"], "return a finite number")
    drawn = cohorts.to_numpy()[orders]
    if across:
        drawn = shuffled(drawn, cohorts.notna().to_numpy()[orders], seed)
    values = np.array(
        list(_values(frame, statistic, (unit, cohort), cohorts.index, drawn, progress))
    )
    return EffectResult(
        method="permute_cohorts",
        outcome="",
        table=_table(observed, values, exhaustive),
        headline="effect",
        estimand="the given statistic",
        inference=_described(len(values), exhaustive, strata, across),
        notes=tuple(_notes(values, strata)),
        n_obs=len(frame),
        n_units=len(cohorts),
        level=level,
        frames={"draws": pd.DataFrame({"statistic": values})},
    )


def assigned(
    frame: pd.DataFrame, unit: str, cohort: str, strata: str | None
) -> tuple[pd.Series, np.ndarray]:
    """Return the cohort of each unit and the code of its stratum.

    Raises
    ------
    DesignError
        If a column is absent or a unit has several values.
    """
    columns = [unit, cohort, *([strata] if strata else [])]
    missing = [column for column in columns if column not in frame]
    if missing:
        found = ", ".join(map(str, frame.columns))
        raise DesignError(
            "the frame",
            [f"no column {name!r}; found {found}" for name in missing],
            "name the columns of your frame",
        )
    grouped = frame.groupby(unit)
    problems = [
        f"column {column!r}, unit {label!r}: {number} values; expected one a unit"
        for column in columns[1:]
        for label, number in grouped[column].nunique(dropna=False).items()
        if number > 1
    ]
    first = grouped[columns[1:]].head(1).index
    cohorts = frame.loc[first].set_index(unit)[cohort].sort_index()
    treated = cohorts.notna()
    labels = np.zeros(len(cohorts), dtype=int)
    if strata and not problems:
        values = frame.loc[first].set_index(unit)[strata].sort_index()
        problems += [
            f"column {strata!r}, unit {u!r}: no value" for u in values.index[values.isna()][:5]
        ]
        labels = pd.factorize(values, sort=True)[0]
    dates = cohorts.dropna().unique()
    mixed = treated.groupby(labels).nunique().gt(1).any() or len(dates) > 1
    if not problems and (not treated.any() or not mixed):
        problems.append(
            f"column {cohort!r}: {treated.sum()} of {len(treated)} units treated; no draw differs"
        )
    if problems:
        raise DesignError("cohorts", problems, "give one cohort and stratum a unit, some untreated")
    return cohorts, labels


def shuffled(drawn: np.ndarray, treated: np.ndarray, seed: int) -> np.ndarray:
    """Shuffle the dates over the treated units of each draw."""
    rng = np.random.default_rng([seed, 1])
    shuffled = drawn.copy()
    for row, where in zip(shuffled, treated, strict=True):
        row[where] = rng.permutation(row[where])
    return shuffled


def _values(
    frame: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], float],
    names: tuple[str, str],
    units: pd.Index,
    drawn: np.ndarray,
    progress: Progress | None,
) -> Iterator[float]:
    """Yield the statistic of each draw; the same assignment is estimated once."""
    unit, cohort = names
    places = units.get_indexer(frame[unit])
    codes = pd.factorize(drawn.ravel())[0].reshape(drawn.shape)
    known: dict[bytes, float] = {}
    for done, (assigned, code) in enumerate(zip(drawn, codes, strict=True), start=1):
        key = code.tobytes()
        if key not in known:
            column = pd.Series(assigned[places], frame.index, dtype=frame[cohort].dtype)
            try:
                known[key] = float(statistic(frame.assign(**{cohort: column})))
            except DesignError:
                known[key] = float("nan")
        yield known[key]
        if progress is not None:
            progress(done, len(drawn))


def _table(observed: float, values: np.ndarray, exhaustive: bool) -> pd.DataFrame:
    size = np.where(np.isnan(values), np.inf, np.abs(values))
    p_value = permutation_p(observed, size, exhaustive=exhaustive)
    error = 0.0 if exhaustive else float(np.sqrt(p_value * (1 - p_value) / (1 + len(values))))
    row = dict.fromkeys(("se", "low", "high"), float("nan"))
    row = {"estimate": observed, **row, "p_value": p_value, "monte_carlo_error": error}
    return pd.DataFrame([row], index=pd.Index(["effect"], name="term"))


def _described(count: int, exhaustive: bool, strata: str | None, across: bool) -> str:
    kind = f"all {count:,} orders" if exhaustive else f"{count:,} random orders"
    within = f" within {strata!r}" if strata else ""
    dates = "dates shuffled over all treated" if across else "dates move with the treatment"
    return f"{kind} of units{within}; {dates}"


def _notes(values: np.ndarray, strata: str | None) -> Iterator[str]:
    yield ASSUMED.format(within=f" of its {strata!r}" if strata else "")
    failed = int(np.isnan(values).sum())
    if failed:
        yield FAILED.format(count=failed, of=len(values))


@entry
def redrawn_cohorts(
    analytic: EffectResult, randomised: EffectResult, alpha: float = 0.05
) -> CheckResult:
    """Compare the decision by standard errors with the one by drawing cohorts anew.

    Parameters
    ----------
    analytic
        An estimate with a p-value from its standard error.
    randomised
        The same estimate by `permute_cohorts`.
    alpha
        Fails if one of the two p-values is below it and the other is not.

    Returns
    -------
    CheckResult
        ``redrawn_cohorts``.

    Raises
    ------
    DesignError
        If the two are not of one estimate.

    Examples
    --------
    >>> from valley_analysis.impact.results import estimates
    >>> table = estimates(pd.Series({"att": 2.0}), pd.Series({"att": 0.5}))
    >>> one = EffectResult("group_time_att", "y", table, "att", "mean", "clustered")
    >>> row = _table(2.0, np.array([0.1, -0.3, 0.2] * 9), exhaustive=False)
    >>> draws = {"draws": pd.DataFrame({"statistic": [0.1, -0.3, 0.2] * 9})}
    >>> two = EffectResult("permute_cohorts", "y", row, "effect", "", "", frames=draws)
    >>> redrawn_cohorts(one, two).status
    'passed'
    """
    # Relative to the errors of the draws: units of the outcome may be of any size.
    drawn = np.abs(randomised.frames["draws"]["statistic"].to_numpy(float))
    spread = float(drawn[np.isfinite(drawn)].max(initial=0.0))
    if not abs(analytic.estimate - randomised.estimate) <= 1e-6 * max(
        spread, abs(analytic.estimate)
    ):
        found = f"estimates {analytic.estimate:.6g} and {randomised.estimate:.6g}"
        raise DesignError("redrawn cohorts", [found], "permute the statistic that was estimated")
    by_errors, by_draws = analytic.p_value, randomised.p_value
    many = len(randomised.frames["draws"])
    facts = {
        "p_clustered": by_errors,
        "p_randomisation": by_draws,
        "permutations": many,
        "monte_carlo_error": float(randomised.table["monte_carlo_error"].iloc[0]),
        "alpha": alpha,
    }
    agreed = (by_errors < alpha) == (by_draws < alpha)
    text = (
        f"Cohorts drawn anew {many:,} times give as much with p = {by_draws:.3f}, standard errors "
        f"p = {by_errors:.3f}: " + ("the same decision." if agreed else "not the same decision.")
    )
    return CheckResult("redrawn_cohorts", "passed" if agreed else "failed", text, facts)
