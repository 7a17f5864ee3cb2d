"""Shapley values: a difference split among its causes, whatever their order."""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

import pandas as pd

from valley_analysis.scoring.brought import numbers_of
from valley_analysis.scoring.steps import refuse

Coalition = frozenset[str]
MOST = 16  # components: each one more doubles the sets


def shapley_decomposition(
    value_of: Callable[[Coalition], "pd.Series[float]"], components: Sequence[str]
) -> pd.DataFrame:
    """Split a change among components, averaging over all orders of switching them.

    The part of a component is its mean effect over all orders in which the components could
    be switched from old to new. Parts sum to the whole; a component that changes nothing has
    part 0; two that change the same have the same part.

    Parameters
    ----------
    value_of
        Values of all units when the named components are new and the others old. It is called
        once for each of the 2^k sets.
    components
        Their names.

    Returns
    -------
    Units down: one column a component, and "total", which is the value of all less the value
    of none. A unit that has no value in some set has no parts.

    Raises
    ------
    FrameError, SpecError
        If values are no numbers by unit, or components are not named once each.

    References
    ----------
    Shapley, L.S. (1953), A value for n-person games, in Contributions to the Theory of Games
    II, 307-317. Shorrocks, A.F. (2013), Decomposition procedures for distributional analysis,
    Journal of Economic Inequality 11, 99-126.

    Examples
    --------
    >>> area = lambda new: pd.Series([(3 if "a" in new else 2) * (7 if "b" in new else 5)])
    >>> shapley_decomposition(area, ["a", "b"]).iloc[0].to_dict()
    {'a': 6.0, 'b': 5.0, 'total': 11.0}
    """
    count = len(components)
    problems = [] if len(set(components)) == count else ["a component stands twice"]
    problems += ["a component is called 'total'"] if "total" in components else []
    problems += [f"{count} components; expected at most {MOST}"] if count > MOST else []
    refuse("shapley_decomposition", problems, "name each component once")
    values = {
        frozenset(chosen): _numbers(value_of(frozenset(chosen)))
        for size in range(count + 1)
        for chosen in combinations(components, size)
    }
    base = values[frozenset()]
    parts = pd.DataFrame(0.0, base.index, [*components, "total"])
    for chosen, value in values.items():
        for name in components:
            if name not in chosen:
                order = factorial(len(chosen)) * factorial(count - len(chosen) - 1)
                step = values[chosen | {name}] - value
                parts[name] += step * (order / factorial(count))
    whole = values[frozenset(components)] - base
    known = pd.concat(list(values.values()), axis=1).notna().all(axis=1)
    return parts.assign(total=whole).where(known)


def _numbers(values: "pd.Series[float]") -> "pd.Series[float]":
    return numbers_of(values, "shapley_decomposition")
