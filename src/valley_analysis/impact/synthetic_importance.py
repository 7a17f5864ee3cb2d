"""Predictor weights V of a synthetic control: uniform, given, or searched on chosen periods.

Abadie, Diamond and Hainmueller (2015), "Comparative Politics and the Synthetic Control Method",
American Journal of Political Science 59(2), 495-510, for a training and a validation window.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.synthetic_panel import Floats, SyntheticPanel, told_period
from valley_analysis.impact.synthetic_predictors import Predictors, within

PredictorWeights = Literal["uniform", "searched"] | Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Importance:
    """How predictor weights come about.

    Attributes
    ----------
    given
        Predictor -> weight; None for uniform or searched ones.
    searched
        Whether they are those that give the closest path.
    fitted_on
        Periods in which the search compares paths; None for all before the treatment.
    training
        Units x predictors in the training window, on the scale of the others; see `Matching`.
    """

    given: Mapping[str, float] | None = None
    searched: bool = False
    fitted_on: Any | None = None
    training: pd.DataFrame | None = None

    def shares(self, predictors: pd.Index) -> Floats | None:
        """Return the given weights of these predictors, summing to one, or None."""
        if self.given is None:
            return None
        weights = np.array([float(self.given[name]) for name in predictors])
        total = weights.sum()
        shares: Floats = weights / total if total > 0 else np.full(len(weights), 1 / len(weights))
        return shares

    def window(self, panel: SyntheticPanel) -> Floats | None:
        """Return outcomes in the periods that the search compares; None for all before."""
        if self.fitted_on is None:
            return None
        early = panel.wide.loc[:, panel.before]
        chosen = within(pd.Series(early.columns), self.fitted_on).to_numpy()
        # A placebo date may leave nothing of the window: then all periods before it decide.
        return early.loc[:, chosen].to_numpy(float) if chosen.any() else None


UNIFORM = Importance()


def shared_predictors(
    table: pd.DataFrame | None, training: pd.DataFrame | None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return both windows with the predictors that each has; the first alone if none is shared.

    Parameters
    ----------
    table, training
        Units x predictors, or None.
    """
    if table is None or training is None:
        return table, None
    names = table.columns.intersection(training.columns, sort=False)
    return (table[names], training[names]) if len(names) else (table, None)


def check_importance(
    weights: PredictorWeights,
    predictors: Predictors | None,
    fitted_on: Any | None,
    training: Predictors | None,
    panel: SyntheticPanel,
    period: str,
) -> None:
    """Refuse predictor weights that cannot be used.

    Parameters
    ----------
    weights, predictors, fitted_on, training
        As `synthetic_control` takes them.
    panel
        Outcomes.
    period
        Name of the column, for messages.

    Raises
    ------
    DesignError
        With everything that is wrong.
    """
    problems = [*_problems(weights, predictors, fitted_on, training, panel, period)]
    if problems:
        raise DesignError("predictor weights", problems, "correct the arguments")


def _problems(
    weights: PredictorWeights,
    predictors: Predictors | None,
    fitted_on: Any | None,
    training: Predictors | None,
    panel: SyntheticPanel,
    period: str,
) -> Iterator[str]:
    searched = isinstance(weights, str) and weights == "searched"
    if isinstance(weights, Mapping):
        yield from _given_problems(weights, predictors)
    elif not isinstance(weights, str) or weights not in ("uniform", "searched"):
        yield (
            f"predictor_weights={weights!r}; expected 'uniform', 'searched' or predictor -> weight"
        )
    for name, value in (("fitted_on", fitted_on), ("training", training)):
        if value is not None and not (searched and predictors):
            yield f"{name}: only searched weights of named predictors use it"
    if training is not None and predictors and set(training) != set(predictors):
        odd = sorted(set(training) ^ set(predictors), key=str)
        yield f"training: other names than predictors, {', '.join(map(repr, odd))}"
    if fitted_on is not None:
        periods = pd.Series(panel.wide.columns)
        try:
            chosen = panel.wide.columns[within(periods, fitted_on).to_numpy()]
        except (TypeError, ValueError):
            yield f"fitted_on: {fitted_on!r}; expected {periods.dtype} as column {period!r} has"
            return
        if not len(chosen):
            yield f"fitted_on: no period of {period!r} in {fitted_on!r}"
        elif (chosen >= panel.since).any():
            late = told_period(chosen[chosen >= panel.since][0])
            yield f"fitted_on: period {late} is treated (since {told_period(panel.since)})"


def _given_problems(weights: Mapping[str, float], predictors: Predictors | None) -> Iterator[str]:
    if not predictors:
        yield "predictor_weights: given without predictors; name them"
        return
    yield from (f"predictor_weights: none for {n!r}" for n in predictors if n not in weights)
    yield from (
        f"predictor_weights: {n!r} is no predictor; named are {', '.join(map(repr, predictors))}"
        for n in weights
        if n not in predictors
    )
    numbers = {
        name: float("nan") if np.iscomplexobj(value) else pd.to_numeric(value, errors="coerce")
        for name, value in weights.items()
    }
    bad = [name for name, value in numbers.items() if not (np.isfinite(value) and value >= 0)]
    yield from (
        f"predictor_weights: {n!r} {weights[n]!r}; expected a number not below zero" for n in bad
    )
    if not bad and not sum(numbers.values()) > 0:
        yield "predictor_weights: all zero; expected one above zero"
