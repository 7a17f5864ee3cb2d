"""Randomisation inference for counts: a p-value by permuted scores, an interval by inversion.

Where counts sit in few units, clustered errors of a Poisson model are too small (their score has
few terms that matter) and permutation is what is left. The p-value is exact for "no effect on any
unit" if exposure was as good as assigned by lot within strata.

Fisher, R. A. (1935), The Design of Experiments; Rosenbaum, P. R. (2002), Observational Studies,
2nd ed., section 2.6, for intervals as the effects that a test does not reject.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.entry import entry
from valley_analysis.impact.inversion import Tails
from valley_analysis.impact.null_model import null_model
from valley_analysis.impact.permutations import enough
from valley_analysis.impact.randomisation import permuted
from valley_analysis.impact.sandwich import Inference
from valley_analysis.impact.strata import stratified_sample

_STEP = 0.5  # standard errors
_STEPS, _HALVINGS = 40, 9


@entry
def randomise_counts(
    frame: pd.DataFrame,
    sample: Sample,
    *,
    strata: str | None = None,
    permutations: int = 1999,
    of_interval: int | None = None,
    tails: Tails = "size",
    seed: int = 0,
    level: float = 0.95,
) -> Inference:
    """Judge the effect of a Poisson model by permuting exposure over units.

    Parameters
    ----------
    frame
        The tidy panel that the sample was made of.
    sample
        Of a Poisson model.
    strata
        Column with one value a unit: exposures move within strata only, and each stratum has its
        own path in the model.
    permutations, seed
        Of the exposure over units; the same ones judge every hypothetical effect.
    of_interval
        Permutations behind the ends of the interval, which take sixty tests, if they are to be
        fewer; where the ends and the p-value would disagree about zero, all are used.
    tails
        As in `randomisation_inference`.
    level
        Coverage of the interval.

    Returns
    -------
    Inference
        p-value against no effect. The interval holds the effects b which are not rejected: counts
        divided by exp(b x exposure) from the first treated period on show no effect then. An end
        that was not found within 20 standard errors is infinite. The standard error is CR2.

    Raises
    ------
    DesignError
        If the model is not Poisson, no permutation changes anything, or there are too few.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel(effect=0.5)
    >>> counts = panel.assign(y=np.exp(panel["y"]).round())
    >>> sample = Sample.of(counts, family="poisson", **names)
    >>> said = randomise_counts(counts, sample, permutations=199)
    >>> said.low < sample.base.estimate < said.high
    True
    """
    if sample.family != "poisson":
        raise DesignError(
            "randomise counts", [f"family {sample.family!r}"], "use randomisation_inference"
        )
    enough(permutations, level, "permutations", tails)
    sample = stratified_sample(sample, strata, frame)
    design, alpha = sample.design, round(1 - level, 12)
    counts, x = sample.rows[design.outcome].to_numpy(float), sample.x

    def p_value(effect: float, many: int = permutations) -> float:
        rows = sample.rows.assign(**{design.outcome: counts * np.exp(-effect * x)})
        model = null_model(replace(sample, rows=rows))
        return float(permuted(model, frame, strata, many, seed, tails=tails)[0].p_value())

    said, estimate = sample.judged(level=level), sample.base.estimate
    whole = p_value(0.0)

    def ends(many: int) -> tuple[float, float]:
        test = partial(p_value, many=many)
        low, high = (_end(test, estimate, side * said.se, alpha) for side in (-1, 1))
        return low, high

    low, high = ends(min(of_interval or permutations, permutations))
    if (low <= 0 <= high) != (whole > alpha):
        low, high = ends(permutations)
    within = f" within {strata}" if strata else ""
    note = (
        f"{permutations:,} permutations of exposure{within}, interval by inversion; standard "
        "error CR2"
    )
    return Inference(said.se, low, high, whole, note=note)


def _end(p_value: Callable[[float], float], middle: float, reach: float, alpha: float) -> float:
    """Walk outwards to an effect that is rejected, then halve the step back."""
    inside = middle
    for _ in range(_STEPS):
        outside = inside + _STEP * reach
        if p_value(outside) <= alpha:
            break
        inside = outside
    else:
        return float(np.sign(reach)) * np.inf
    for _ in range(_HALVINGS):
        half = (inside + outside) / 2
        inside, outside = (inside, half) if p_value(half) <= alpha else (half, outside)
    return inside
