"""Orders of units for randomisation: within strata, all of them where they are few."""

from itertools import islice, permutations, product
from math import factorial, prod

import numpy as np
from numpy.typing import ArrayLike

from valley_analysis.errors import DesignError
from valley_analysis.impact.inversion import Tails

_TIE = 1e-9


def unit_orders(
    strata: ArrayLike, number: int = 9999, seed: int = 0, *, every: bool = True
) -> tuple[np.ndarray, bool]:
    """Return orders of units that keep every unit in its stratum.

    Parameters
    ----------
    strata
        Label of each of the N units; one label throughout for no strata.
    number
        How many to draw. If there are no more than that, all are returned, the original first.
    seed
        Of the draws.
    every
        Whether to go through all where they are few; if not, they are drawn even then.

    Returns
    -------
    ndarray, bool
        B x N places, `exposure[orders]` being the permuted exposures; whether these are all.

    Raises
    ------
    DesignError
        If no stratum holds two units.

    Examples
    --------
    >>> unit_orders(["oil", "oil", "other"])
    (array([[0, 1, 2],
           [1, 0, 2]]), True)
    """
    codes = np.unique(np.asarray(strata), return_inverse=True)[1].ravel()
    places = [np.flatnonzero(codes == stratum) for stratum in range(codes.max() + 1)]
    if max(map(len, places)) < 2:
        raise DesignError(
            "strata",
            [f"{len(codes)} units in {len(places)} strata; none holds two units"],
            "use wider strata: exposures are exchanged within them",
        )
    if every and prod(factorial(min(len(place), 20)) for place in places) <= number:
        return _all(places, len(codes)), True
    rng = np.random.default_rng(seed)
    orders = np.tile(np.arange(len(codes)), (number, 1))
    for place in places:
        orders[:, place] = rng.permuted(orders[:, place], axis=1)
    return orders, False


def restrict(orders: np.ndarray, kept: ArrayLike) -> np.ndarray:
    """Return orders of some of the units that agree with orders of all.

    A unit whose exposure comes from one that was dropped takes instead what that one would have
    taken, and so on: cycles close over the units that are left. Random orders of all give random
    orders of the rest, and samples that share units share most of their assignments.

    Parameters
    ----------
    orders
        B x N places, of `unit_orders`.
    kept
        K of the N places.

    Returns
    -------
    ndarray
        B x K places among `kept`.

    Examples
    --------
    >>> restrict(np.array([[1, 2, 0]]), [0, 2])
    array([[1, 0]])
    """
    places = np.asarray(kept)
    number = np.full(orders.shape[1], -1)
    number[places] = np.arange(len(places))
    source = orders[:, places]
    while len(rows := np.nonzero(number[source] < 0)[0]):
        lost = number[source] < 0
        source[lost] = orders[rows, source[lost]]
    return number[source]


def _all(places: list[np.ndarray], units: int) -> np.ndarray:
    count = prod(factorial(len(place)) for place in places)
    orders = np.tile(np.arange(units), (count, 1))
    combined = product(*(permutations(place.tolist()) for place in places))
    for row, chosen in enumerate(islice(combined, count)):
        for place, order in zip(places, chosen, strict=True):
            orders[row, place] = order
    return orders


def permutation_p(
    observed: float, drawn: np.ndarray, *, exhaustive: bool = False, tails: Tails = "size"
) -> float:
    """Return the share of permuted statistics at least as far out as the observed one.

    Where the draws are not all there are, the data count as one of them (Phipson and Smyth 2010).

    Parameters
    ----------
    observed
        The statistic of the data.
    drawn
        Those under permutation; equal ones count within a relative 1e-9.
    exhaustive
        Whether these are all permutations, the data among them.
    tails
        "size": as far from zero on either side; "equal": twice the smaller share of the two sides,
        to which a draw that is missing counts on both.

    Examples
    --------
    >>> permutation_p(2.0, np.array([1.0, -2.0, 3.0])), permutation_p(2.0, np.array([1.0, 2.0]),
    ...                                                               exhaustive=True)
    (0.75, 0.5)
    """
    # What does not compare, being missing, counts against the data.
    if tails == "size":
        count = int((~(np.abs(drawn) < abs(observed) * (1 - _TIE))).sum())
    else:
        near = abs(observed) * _TIE if np.isfinite(observed) else 0.0
        above, below = ~(drawn < observed - near), ~(drawn > observed + near)
        own = 0 if exhaustive else 1
        count = min(2 * int(min(above.sum(), below.sum())) + own, len(drawn))
    return count / len(drawn) if exhaustive else (1 + count) / (1 + len(drawn))


def equal_tailed(observed: float, drawn: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the equal-tailed p-value of the data, and of each draw among the others.

    What a joint test over several statistics compares: on this scale no outcome counts for more
    because its permutation law has longer tails, or tails on one side.

    Parameters
    ----------
    observed
        The statistic of the data.
    drawn
        B statistics under permutation.

    Examples
    --------
    >>> observed, drawn = equal_tailed(3.0, np.array([1.0, 2.0, -1.0]))
    >>> observed, drawn.tolist()
    (0.5, [1.0, 1.0, 0.5])
    """
    every = np.append(drawn, observed)
    order = np.sort(every)
    below = np.searchsorted(order, every, side="right")
    above = len(every) - np.searchsorted(order, every, side="left")
    p_values: np.ndarray = np.minimum(2 * np.minimum(above, below) / len(every), 1)
    return float(p_values[-1]), p_values[:-1]


def enough(number: int, level: float, what: str, tails: Tails = "size") -> None:
    """Refuse a number of resamples with which nothing could be significant.

    Raises
    ------
    DesignError
        If 1/(1 + number), or 2/(1 + number) for equal tails, exceeds 1 - level.
    """
    alpha, sides = round(1 - level, 12), 1 if tails == "size" else 2
    if sides / (1 + number) > alpha:
        least = int(np.ceil(sides / alpha - 1 - 1e-9))
        raise DesignError(
            what,
            [f"{number}; with fewer than {least} no p-value can reach {alpha:g}"],
            f"use {least} or more; 9,999 leave an error of 0.2 points in a p-value of 5 %",
        )
