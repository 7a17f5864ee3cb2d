"""Weights inside a dimension: equal, but near-duplicates share one."""

import pandas as pd

from valley_analysis.scoring.steps import checked_frame, refuse


def shared_weights(correlations: pd.DataFrame, above: float) -> "pd.Series[float]":
    """Weigh indicators equally, those that correlate above a limit sharing one weight.

    Indicators linked by a chain of pairs with a correlation above the limit form a group;
    each group has the same weight, divided equally inside it.

    Parameters
    ----------
    correlations
        Square, of direction-adjusted values; an unknown correlation links nothing.
    above
        The limit; only positive correlations are near-duplicates.

    Returns
    -------
    Weights that sum to 1.

    Raises
    ------
    FrameError, SpecError
        If they are no square table of numbers, or the limit no share.

    Examples
    --------
    >>> names = ["a", "b", "c"]
    >>> table = pd.DataFrame([[1, 0.95, 0.1], [0.95, 1, 0.2], [0.1, 0.2, 1]], names, names)
    >>> shared_weights(table, 0.9).to_dict()
    {'a': 0.25, 'b': 0.25, 'c': 0.5}
    """
    table = checked_frame(correlations, "shared_weights")
    problems = [] if 0 <= above <= 1 else [f"above {above}; expected 0 to 1"]
    if list(table.index) != list(table.columns):
        problems.append(f"{table.shape[0]} rows and {table.shape[1]} columns of other names")
    refuse("shared_weights", problems, "pass square correlations and a limit")
    groups = correlated_groups(table, above)
    sizes = groups.map(groups.value_counts())
    return 1.0 / (sizes * groups.nunique())


def correlated_groups(correlations: pd.DataFrame, above: float) -> "pd.Series[int]":
    """Number the groups of indicators that `shared_weights` puts together."""
    from scipy.sparse.csgraph import connected_components

    linked = (correlations > above).to_numpy()
    _, labels = connected_components(linked, directed=False)
    return pd.Series(labels, index=correlations.index)
