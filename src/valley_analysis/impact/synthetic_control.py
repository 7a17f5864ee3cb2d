"""Synthetic control: a treated unit beside the weighted donors that moved as it did before.

Abadie, Diamond and Hainmueller (2010), "Synthetic Control Methods for Comparative Case
Studies: Estimating the Effect of California's Tobacco Control Program", Journal of the
American Statistical Association 105(490), 493-505; Abadie (2021), "Using Synthetic Controls",
Journal of Economic Literature 59(2), 391-425.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.entry import entry
from valley_analysis.impact.results import EffectResult
from valley_analysis.impact.synthetic_checks import common_checks, finite
from valley_analysis.impact.synthetic_importance import (
    Importance,
    PredictorWeights,
    check_importance,
    shared_predictors,
)
from valley_analysis.impact.synthetic_panel import (
    SyntheticPanel,
    as_period,
    synthetic_panel,
    told_period,
    told_units,
)
from valley_analysis.impact.synthetic_placebo import Gaps
from valley_analysis.impact.synthetic_predictors import (
    Predictors,
    backdated_table,
    predictor_table,
)
from valley_analysis.impact.synthetic_study import (
    HEADLINE,
    Own,
    Study,
    balance,
    effect_table,
    filters,
    kept,
    own,
    paths,
    placebos,
)


@entry
def synthetic_control(
    frame: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    treated: Any,
    since: Any,
    donors: Iterable[Hashable] | None = None,
    predictors: Predictors | None = None,
    predictor_weights: "PredictorWeights | pd.Series[float]" = "uniform",
    fitted_on: Any | None = None,
    training: Predictors | None = None,
    prefit_filter: float | None = None,
    placebo_date: Any | None = None,
    flag: str | None = None,
    replications: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> EffectResult:
    """Estimate the effect on one or several treated units as gaps to synthetic controls.

    Parameters
    ----------
    frame
        One row a unit and period.
    unit, period, outcome
        Columns. Donors with gaps in the outcome are left out and named in a note.
    treated
        A unit, or several: each has a synthetic control of its own, gaps are averaged.
    since
        First treated period.
    donors
        Units to compare with; by default all others.
    predictors
        Name -> (column, periods), see `predictor_table`; by default the outcome in every period
        before the treatment. Each is divided by its standard deviation across units.
    predictor_weights
        "uniform"; "searched" for those that give the closest path before the treatment; or
        predictor -> weight, as published, for predictors over their standard deviations. For
        the default predictors uniform and searched are the same (Kaul et al. 2022).
    fitted_on
        Periods whose gaps the search makes small, as a list or a slice; by default all before
        the treatment.
    training
        The same predictors in an earlier window. Weights are searched with these, so that with
        `fitted_on` after that window they are validated on periods they have not seen; donors
        are then matched on `predictors` (Abadie, Diamond and Hainmueller 2015).
    prefit_filter
        Placebos with more than this multiple of the own mean squared gap before the treatment
        are left out of p-values and intervals; results without the filter stand beside.
    placebo_date
        An earlier date to pretend treatment at; by default the middle of the periods before.
    flag
        Column that says how a value came about; "imputed" values are refused.
    replications, seed
        Of the placebo draws with several treated units, and of the search.
    level
        Coverage of intervals.

    Returns
    -------
    EffectResult
        ``mean_gap`` and the gap of each treated period. p-values are ranks of the ratio of
        root mean squared gaps after to before among all units; intervals hold the constant
        effects which that test does not reject. There is no standard error. Frames: gaps,
        weights, predictors, predictor_weights, placebos, placebo_gaps, prefit_filters,
        leave_one_out, in_time.

    Raises
    ------
    DesignError
        With everything that is wrong, each with column, unit and period.

    Examples
    --------
    >>> frame = pd.DataFrame({"u": list("abcd") * 4, "t": sorted([1, 2, 3, 4] * 4)})
    >>> frame["y"] = [2, 1, 3, 9, 4, 2, 6, 9, 6, 4, 8, 9, 15, 5, 11, 9]
    >>> found = synthetic_control(frame, unit="u", period="t", outcome="y", treated="a", since=4)
    >>> round(found.estimate, 3), found.frames["weights"]["a"].round(3).tolist()
    (7.0, [0.5, 0.5, 0.0])
    """
    _check_options(prefit_filter, level)
    panel = synthetic_panel(
        frame,
        unit=unit,
        period=period,
        outcome=outcome,
        treated=treated,
        since=since,
        donors=donors,
        flag=flag,
    )
    if isinstance(predictor_weights, pd.Series):
        predictor_weights = predictor_weights.to_dict()
    check_importance(predictor_weights, predictors, fitted_on, training, panel, period)
    table = trained = None
    if training:
        trained, panel = predictor_table(frame, panel, training, unit, period)
    if predictors:
        table, panel = predictor_table(frame, panel, predictors, unit, period)
    matched = _Matched(table, trained, predictor_weights, fitted_on)
    study = matched.on(Study(panel, "units", replications=replications, seed=seed))

    def backdate(date: Any) -> Study:
        known = [
            backdated_table(frame, panel, chosen, unit, period, date) if chosen else None
            for chosen in (predictors, training)
        ]
        return replace(matched, table=known[0], trained=known[1]).on(
            replace(study, panel=panel.backdated(date))
        )

    if training and study.importance.training is None:
        problems = ["no predictor varies between units in both windows"]
        raise DesignError("training", problems, "choose other periods")
    date = asked_date(panel, placebo_date, period)
    said = _estimand(panel, outcome)
    return assemble(
        study, "synthetic_control", outcome, said, backdate, prefit_filter, date, level, table
    )


@dataclass(frozen=True, eq=False)
class _Matched:
    """What donors are matched on, as measured: units x predictors in each window."""

    table: pd.DataFrame | None
    trained: pd.DataFrame | None
    weights: PredictorWeights
    fitted_on: Any | None

    def on(self, study: Study) -> Study:
        """The study matched on it."""
        table, training = shared_predictors(scaled(self.table), scaled(self.trained))
        given = self.weights if isinstance(self.weights, Mapping) else None
        importance = Importance(given, self.weights == "searched", self.fitted_on, training)
        return replace(study, predictors=table, importance=importance)


def scaled(table: pd.DataFrame | None) -> pd.DataFrame | None:
    """Divide predictors by their standard deviation across units; None if none of them varies.

    Examples
    --------
    >>> scaled(pd.DataFrame({"x": [1.0, 3.0], "same": [5.0, 5.0]})).round(3).to_dict("list")
    {'x': [0.707, 2.121]}
    """
    if table is None:
        return None
    spread = table.std()
    moving = spread.index[spread > 1e-12 * table.abs().max()]
    return table[moving] / spread[moving] if len(moving) else None


def assemble(
    study: Study,
    method: str,
    outcome: str,
    estimand: str,
    backdate: Callable[[Any], Study],
    cutoff: float | None,
    date: Any | None,
    level: float,
    raw: pd.DataFrame | None = None,
) -> EffectResult:
    """Run a study, its placebos and checks, and return the result.

    Parameters
    ----------
    study
        What is compared.
    method, outcome, estimand
        Of the result.
    backdate
        Makes the study of an earlier date.
    cutoff
        Pre-fit filter.
    date
        Placebo date; None takes the middle of the periods before.
    level
        Coverage of intervals.
    raw
        Units x predictors as measured, for the table of balance; None shows outcomes.
    """
    found = own(study)
    units, tested = placebos(study)
    left = kept(found.gaps, tested, cutoff)
    table = effect_table(found.gaps, left, study.panel.wide.columns, level)
    filtered = filters(found.gaps, tested, cutoff)
    checks, frames = common_checks(study, found, units, filtered, cutoff, backdate, date, level)
    frames |= {
        "gaps": paths(study, found),
        "weights": found.weights,
        "predictors": balance(study, found, raw),
        "predictor_weights": found.importance,
        "placebos": _ranked(study, found, units),
        "placebo_gaps": _placebo_gaps(study, units),
        "tested_gaps": _placebo_gaps(study, left),
    }
    wide = study.panel.wide
    return EffectResult(
        method=method,
        outcome=outcome,
        table=table,
        headline=HEADLINE,
        estimand=estimand,
        inference=_inference(study, len(left.names), cutoff),
        notes=(*_notes(table, len(left.names), level), *study.panel.notes),
        diagnostics=checks,
        n_obs=wide.size,
        n_units=len(wide),
        n_periods=len(wide.columns),
        level=level,
        frames=frames,
    )


def _ranked(study: Study, found: Own, units: Gaps) -> pd.DataFrame:
    """All units by the ratio of errors, the treated among them."""
    mine = found.gaps.table()
    mine.index = pd.Index([_name(study)], name="unit", tupleize_cols=False)
    table = pd.concat([mine.assign(treated=True), units.table().assign(treated=False)])
    table["rank"] = table["ratio"].rank(ascending=False, method="min").astype(int)
    return table.sort_values("rank", kind="stable")


def _name(study: Study) -> Hashable:
    single = len(study.panel.treated) == 1
    return study.panel.treated[0] if single else f"mean of {len(study.panel.treated)} treated"


def _placebo_gaps(study: Study, units: Gaps) -> pd.DataFrame:
    index = pd.Index(units.names, name="unit", tupleize_cols=False)
    return pd.DataFrame(units.gaps, index=index, columns=study.panel.wide.columns)


def _estimand(panel: SyntheticPanel, outcome: str) -> str:
    which = f"{len(panel.treated)} treated units (mean)" if len(panel.treated) > 1 else "unit"
    return (
        f"effect on {outcome} of {which} {told_units(panel.treated)}, mean over "
        f"{told_period(panel.since)} to {told_period(panel.wide.columns[-1])}: observed less a "
        f"weighted mean of {len(panel.donors)} donors"
    )


def _inference(study: Study, many: int, cutoff: float | None) -> str:
    said = "rank of the ratio of root mean squared gaps after to before"
    if study.kind == "group":
        said += f" among {many} random assignments of the two groups"
    elif len(study.panel.treated) > 1:
        said += f" among {many} means of {len(study.panel.treated)} donors drawn at random"
    else:
        said += f" among {many} placebo units and the treated one"
    if cutoff is not None:
        said += f", those with more than {cutoff:g} times the own squared error before left out"
    return said + "; intervals by inverting that test for a constant effect"


def _notes(table: pd.DataFrame, many: int, level: float) -> list[str]:
    notes = [
        "Assumes that, but for the treatment, the weighted donors would have gone on moving as "
        "the treated did, and that donors were not affected. No standard error is given."
    ]
    if 1 / (1 + many) > 1 - level + 1e-12:
        notes.append(
            f"{many} placebos cannot reject anything at {1 - level:.0%}: there is no interval."
        )
    else:
        low, high = table.loc[HEADLINE, ["low", "high"]]
        if pd.isna(low):
            notes.append("No constant effect agrees with the placebos: there is no interval.")
        elif not (finite(low) and finite(high)):
            notes.append("The placebos do not bound the effect on at least one side.")
    return notes


def asked_date(panel: SyntheticPanel, date: Any | None, period: str) -> Any | None:
    """Return the placebo date that was asked for as one of the panel's periods, or None.

    Parameters
    ----------
    panel
        Outcomes.
    date
        As the caller wrote it.
    period
        Name of the column, for the message.

    Raises
    ------
    DesignError
        If fewer than two periods come before it, or none between it and the treatment.
    """
    if date is None:
        return None
    found, problems = as_period(panel.wide.columns, date, period)
    early = panel.wide.columns[panel.before]
    if not problems and (int((early < found).sum()) < 2 or not (early >= found).any()):
        problems = [
            f"column {period!r}, period {told_period(found)}: a placebo date needs two periods "
            f"before it and one until {told_period(panel.since)}"
        ]
    if problems:
        raise DesignError("placebo date", problems, "choose a date between the first periods")
    return found


def _check_options(cutoff: float | None, level: float) -> None:
    problems = []
    if cutoff is not None and not 0 < cutoff < float("inf"):
        problems.append(f"prefit_filter={cutoff!r}; expected a positive multiple, such as 5")
    if not 0 < level < 1:
        problems.append(f"level={level!r}; expected a share between 0 and 1")
    if problems:
        raise DesignError("synthetic control", problems, "correct the arguments")
