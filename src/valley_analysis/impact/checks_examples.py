"""A simulated panel with a known effect, for the examples and tests of the checks."""

import numpy as np
import pandas as pd

from valley_analysis.impact.checks_model import Columns


def example_panel(
    effect: float = 1.0, *, units: int = 40, periods: int = 10, noise: float = 0.3, seed: int = 1
) -> tuple[pd.DataFrame, Columns]:
    """Return a simulated panel on which every check should pass, and its columns.

    Parameters
    ----------
    effect
        True effect of the exposure, which runs evenly from 0 to 1, from two thirds of the
        periods on.
    units, periods
        How many.
    noise
        Standard deviation of independent normal errors.
    seed
        Of all draws.

    Returns
    -------
    DataFrame, Columns
        Columns ``unit, year, x, y``, and ``size``, drawn for each unit without regard to x.

    Examples
    --------
    >>> panel, names = example_panel(units=3, periods=3)
    >>> panel.columns.tolist(), names["since"]
    (['unit', 'year', 'x', 'size', 'y'], 2)
    """
    rng = np.random.default_rng(seed)
    exposure = rng.permutation(np.linspace(0, 1, units))
    unit = np.repeat(np.arange(units), periods)
    year = np.tile(np.arange(periods), units)
    since = 2 * periods // 3
    panel = pd.DataFrame({"unit": unit, "year": year, "x": exposure[unit]})
    panel["size"] = rng.normal(size=units)[unit]
    level = rng.normal(size=units)[unit] + rng.normal(size=periods)[year]
    gained = effect * panel["x"] * (year >= since)
    panel["y"] = level + gained + rng.normal(0, noise, len(panel))
    names: Columns = {
        "unit": "unit",
        "period": "year",
        "outcome": "y",
        "exposure": "x",
        "since": since,
    }
    return panel, names
