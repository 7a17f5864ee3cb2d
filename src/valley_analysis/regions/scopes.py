"""Scopes as frames want them, and the remainders that a scope's units contain."""

from functools import cache

from valley_analysis.frames import Scope
from valley_analysis.regions.register import load_registry
from valley_analysis.regions.registry import check_scope, units


def scope(name: str = "recognised") -> Scope:
    """Return a named set of disjoint units.

    Parameters
    ----------
    name
        "recognised" (83 units) or "rosstat" (85: with Crimea and Sevastopol).

    Raises
    ------
    ValleyError
        For any other name.

    Examples
    --------
    >>> len(scope()), len(scope("rosstat"))
    (83, 85)
    """
    return Scope(check_scope(name), units(name))


@cache
def remainders() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return, for each remainder "without okrugs", its oblast and the okrugs left out.

    Examples
    --------
    >>> remainders()["RU-TYU-X"]
    ('RU-TYU', ('RU-KHM', 'RU-YAN'))
    """
    register = load_registry().values()
    return {
        one.code: (
            one.parent,
            tuple(r.code for r in register if r.kind == "region" and r.parent == one.parent),
        )
        for one in register
        if one.kind == "remainder"
    }
