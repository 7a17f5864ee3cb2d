"""Spatial dependence as a check: of a column, and of what a regression leaves."""

import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.cross_section import cross_section
from valley_analysis.impact.entry import entry
from valley_analysis.impact.results import CheckResult, Status
from valley_analysis.spatial import SpatialWeights, residual_moran
from valley_analysis.spatial import moran as moran_of


@entry
def moran(
    frame: pd.DataFrame,
    *,
    unit: str,
    value: str,
    weights: SpatialWeights,
    permutations: int = 9999,
    seed: int,
    alpha: float = 0.05,
) -> CheckResult:
    """Report Moran's I of a column: are neighbours alike?

    Parameters
    ----------
    frame
        One row a unit; units without a value are left out.
    unit, value
        Columns.
    weights
        Spatial weights that know all units; islands are left out and counted in the text.
    permutations, seed
        Draws of the reference distribution, and their seed.
    alpha
        Level at which the text speaks of dependence.

    Returns
    -------
    CheckResult
        Informational: spatial dependence of a variable is a fact, not a fault. ``table`` has z and
        p_value (two-sided) under normality, randomisation and permutation.

    Raises
    ------
    DesignError
        With everything that is wrong with the columns or units.

    Examples
    --------
    >>> from valley_analysis.impact.spatial_examples import ring
    >>> frame, weights = ring(60, rho=0.8, beta=0.0, seed=1)
    >>> check = moran(frame, unit="unit", value="y", weights=weights, permutations=999, seed=1)
    >>> check.status, round(check.facts["p_value"], 3)
    ('informational', 0.002)
    """
    used = cross_section(frame, unit=unit, outcome=value, known=weights.units)
    found = moran_of(used[value], weights, permutations=permutations, seed=seed)
    p_value = found.p_permutation if permutations else found.p_randomisation
    side = "alike" if found.statistic > found.expected else "unlike"
    said = f"neighbours are {side}" if p_value < alpha else "no dependence between neighbours found"
    drawn = f"{permutations} permutations" if permutations else "randomisation moments"
    islands = f"; {len(found.islands)} without neighbours left out" if found.islands else ""
    text = (
        f"{value}: {said}; Moran's I {found.statistic:.3f}, expected {found.expected:.3f}, "
        f"p = {p_value:.4f} two-sided ({drawn}, n = {found.n}{islands})."
    )
    facts = {
        "value": value,
        "statistic": found.statistic,
        "expected": found.expected,
        "p_value": p_value,
        "n": found.n,
        "permutations": permutations,
        "seed": seed,
        "islands": found.islands,
        "weights": found.made,
    }
    return CheckResult("moran", "informational", text, facts, found.table)


@entry
def residual_check(
    residuals: "pd.Series[float]",
    regressors: pd.DataFrame,
    weights: SpatialWeights,
    *,
    alpha: float = 0.05,
) -> CheckResult:
    """Check least-squares residuals of a cross-section for spatial dependence.

    Parameters
    ----------
    residuals
        By unit, all units with neighbours.
    regressors
        By unit, without the constant, which is added.
    weights
        Spatial weights that know all units.
    alpha
        Level of the test; below it the check fails.

    Raises
    ------
    DesignError
        If units repeat, lack regressors or neighbours, or are unknown to the weights; or alpha
        is no probability.

    Notes
    -----
    Cliff, A. and Ord, K. (1981), Spatial Processes, ch. 8; for residuals of a panel test one period
    or the unit means at a time.

    Examples
    --------
    >>> import numpy as np
    >>> from valley_analysis.impact.spatial_examples import ring
    >>> frame, weights = ring(60, rho=0.8, beta=0.0, seed=1)
    >>> y, x = frame.set_index("unit")["y"], frame.set_index("unit")[["x"]]
    >>> design = np.column_stack([np.ones(60), x])
    >>> residuals = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    >>> residual_check(residuals, x, weights).status
    'failed'
    """
    if not 0 < alpha < 1:
        raise DesignError("alpha", [f"{alpha}"], "take a level between 0 and 1, such as 0.05")
    found = residual_moran(residuals, regressors, weights)
    status: Status = "failed" if found.p_value < alpha else "passed"
    text = (
        f"residuals: Moran's I {found.statistic:.3f}, expected {found.expected:.3f}, "
        f"z = {found.z:.2f}, p = {found.p_value:.3f} (two-sided, n = {found.n})."
    )
    facts = {
        "statistic": found.statistic,
        "expected": found.expected,
        "z": found.z,
        "p_value": found.p_value,
        "n": found.n,
        "alpha": alpha,
    }
    return CheckResult("residual_moran", status, text, facts)
