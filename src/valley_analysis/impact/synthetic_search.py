"""Predictor weights of a synthetic control, searched for the closest path before treatment.

Abadie and Gardeazabal (2003), "The Economic Costs of Conflict", American Economic Review
93(1), 113-132, appendix B, for the outer problem; Becker and Kloessner (2018), "Fast and
reliable computation of generalized synthetic controls", Econometrics and Statistics 5, 1-19,
for why a local search is not enough; Storn and Price (1997), "Differential Evolution",
Journal of Global Optimization 11, 341-359, for the search.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.optimize import minimize

from valley_analysis.impact.synthetic_panel import Floats
from valley_analysis.impact.synthetic_weights import nearest_in_hull

# No predictor weighs less than this against the heaviest: every predictor has a say.
_FLOOR = 1e-6
_LOWEST = float(np.log(_FLOOR))
# Among weights that fit the predictors equally well the outcomes before treatment decide;
# far below the floor, so that they decide nothing else.
_TIE = 1e-10
_SCREENED, _POPULATION, _GENERATIONS, _POLISH = 150, 28, 70, 300
Loss = Callable[[Floats], float]


def searched_weights(
    predictors: Floats, outcomes: Floats, seed: int = 0, *, by_outcomes: bool = True
) -> tuple[Floats, Floats]:
    """Return donor weights and the predictor weights that give the closest pre-treatment path.

    Predictor weights V are chosen so that the donor weights W*(V) minimise the mean squared
    gap of outcomes before the treatment. That surface has many local minima and flat parts:
    uniform V, each predictor nearly alone and seeded draws are screened, the best evolve by
    differential evolution in logarithms, and the winner is refined by the Nelder-Mead method.

    Parameters
    ----------
    predictors
        Predictors x donors, donors less target, on comparable scales.
    outcomes
        Pre-treatment periods x donors, donors less target.
    seed
        Of the search.
    by_outcomes
        Whether outcomes decide among donor weights that fit the predictors equally well. Not
        where V is validated: there donors must follow from predictors alone.

    Returns
    -------
    tuple
        Weights of donors and of predictors; each sums to one.

    Examples
    --------
    >>> outcomes = np.array([[-2.0, 2.0], [-1.0, 1.0]])
    >>> weights, importance = searched_weights(np.array([[-1.0, 1.0], [-1.0, 3.0]]), outcomes)
    >>> weights.round(2).tolist(), importance.round(2).tolist()
    ([0.5, 0.5], [1.0, 0.0])
    """
    scale = float(np.sqrt((outcomes**2).mean())) or 1.0
    tie = np.sqrt(_TIE / len(outcomes)) * outcomes / scale
    squared = outcomes / (scale * np.sqrt(len(outcomes)))

    def weights(logs: Floats) -> Floats:
        rows = np.sqrt(_shares(logs))[:, None] * predictors
        return nearest_in_hull(np.concatenate([rows, tie]) if by_outcomes else rows)

    def loss(logs: Floats) -> float:
        gap = squared @ weights(logs)
        return float(gap @ gap)

    best = _search(loss, len(predictors), seed) if len(predictors) > 1 else np.zeros(1)
    return weights(best), _shares(best)


def _search(loss: Loss, many: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    screened = _screen(many, seed)
    losses = np.array([loss(one) for one in screened])
    order = np.argsort(losses, kind="stable")[:_POPULATION]
    people, losses = screened[order].copy(), losses[order]
    for _ in range(_GENERATIONS):
        for place, trial in enumerate(_trials(people, losses, rng)):
            found = loss(trial)
            if found <= losses[place]:
                people[place], losses[place] = trial, found
    best = people[losses.argmin()]
    around = np.vstack([best, best - np.eye(many)])
    options = {"maxfev": _POLISH, "xatol": 1e-3, "fatol": 1e-12, "initial_simplex": around}
    refined = minimize(loss, best, method="Nelder-Mead", options=options)
    return np.asarray(refined.x, dtype=float) if refined.fun < losses.min() else best


def _trials(people: Floats, losses: Floats, rng: np.random.Generator) -> Floats:
    """One trial for each: towards one of the best fifth, plus a difference of two others."""
    count, many = people.shape
    leaders = np.argsort(losses, kind="stable")[: max(2, count // 5)]
    towards = people[rng.choice(leaders, count)]
    one, other = people[rng.integers(count, size=(2, count))]
    step = rng.uniform(0.4, 1.0, (count, 1))
    moved = people + step * (towards - people) + step * (one - other)
    crossed = rng.random((count, many)) < 0.8
    crossed[np.arange(count), rng.integers(many, size=count)] = True
    trial = np.where(crossed, moved, people)
    bounded: Floats = np.clip(trial - trial.max(axis=1, keepdims=True), _LOWEST, 0.0)
    return bounded


def _shares(logs: Floats) -> Floats:
    raised = np.maximum(np.exp(logs - logs.max()), _FLOOR)
    shares: Floats = raised / raised.sum()
    return shares


@lru_cache(maxsize=8)
def _screen(many: int, seed: int) -> Floats:
    """Logarithms of uniform weights, of each predictor nearly alone, and of draws."""
    rng = np.random.default_rng(seed)
    corners = np.full((many, many), np.log(1e-3))
    np.fill_diagonal(corners, 0.0)
    # Concentration 0.4: most draws give one or two predictors the word, as optima do.
    drawn = np.log(np.maximum(rng.dirichlet(np.full(many, 0.4), _SCREENED), _FLOOR))
    drawn = np.maximum(drawn - drawn.max(axis=1, keepdims=True), _LOWEST)
    return np.concatenate([np.zeros((1, many)), corners, drawn])
