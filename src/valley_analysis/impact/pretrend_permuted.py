"""A joint test of movement before the wave by permuting exposure, for small or lopsided panels.

The Wald test of leads leans on a covariance from many clusters. Where counts sit in few units it
rejects several times too often; permuting the exposure over units keeps its level.
"""

from dataclasses import replace
from typing import Unpack

import numpy as np
import pandas as pd

from valley_analysis.impact.checks_model import Columns, Sample, check_alpha
from valley_analysis.impact.entry import entry
from valley_analysis.impact.null_model import null_model
from valley_analysis.impact.permutations import enough, permutation_p
from valley_analysis.impact.randomisation import permuted
from valley_analysis.impact.results import CheckResult
from valley_analysis.impact.strata import stratified_sample


@entry
def permuted_pretrend(
    frame: pd.DataFrame,
    *,
    strata: str | None = None,
    permutations: int = 1999,
    alpha: float = 0.05,
    seed: int = 0,
    **columns: Unpack[Columns],
) -> CheckResult:
    """Test whether more and less exposed units moved apart at any date before the wave.

    On the periods before, an effect is looked for from each date on; the largest studentised one
    is compared with the largest under permuted exposure, the same order for every date. For a
    Poisson model the statistics are scores of the model without effect.

    Parameters
    ----------
    frame
        Tidy panel, one row a unit and period.
    strata
        Column with one value a unit: exposures move within strata only.
    permutations, seed
        Of the exposure over units.
    alpha
        Fails if the p-value is below it.
    columns
        See `Columns`.

    Returns
    -------
    CheckResult
        ``pretrend_joint``; one row a date: the studentised effect from there on, and its own
        p-value. Informational with fewer than two periods before.

    Raises
    ------
    DesignError
        See `Sample.of` and `randomisation_inference`.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> permuted_pretrend(panel, permutations=199, **names).status
    'passed'
    >>> drifting = panel.assign(y=panel["y"] + panel["x"] * panel["year"])
    >>> permuted_pretrend(drifting, permutations=199, **names).status
    'failed'
    """
    enough(permutations, check_alpha(alpha), "permutations")
    whole = stratified_sample(Sample.of(frame, **columns), strata, frame)
    before = whole.keep(~whole.after)
    dates = sorted(before.rows[before.design.period].unique())[1:]
    if not dates:
        text = f"Fewer than two periods before {whole.since}: there is no lead to test."
        return CheckResult("pretrend_joint", "informational", text, {"leads": 0})
    models = [null_model(replace(before, since=date)) for date in dates]
    draws = [permuted(model, frame, strata, permutations, seed)[0] for model in models]
    own = np.array([one.statistic() for one in draws])
    drawn = np.abs([one.statistics() for one in draws]).max(axis=0)
    largest = float(np.abs(own).max())
    many = len(drawn)
    p_value = permutation_p(largest, drawn, exhaustive=draws[0].exhaustive)
    table = pd.DataFrame(
        {"statistic": own, "p_value": [one.p_value() for one in draws]},
        index=pd.Index(dates, name="date"),
    )
    facts = {
        "leads": len(dates),
        "p_value": p_value,
        "date": dates[int(np.abs(own).argmax())],
        "permutations": many,
        "monte_carlo_error": draws[0].monte_carlo_error(p_value),
        "alpha": alpha,
    }
    seen = p_value < alpha
    text = (
        f"Of {len(dates)} dates before {whole.since} the clearest parting of more and less exposed "
        f"units is from {facts['date']}; {many:,} permutations of exposure give one as clear with "
        f"p = {p_value:.3f}: {'they moved apart before' if seen else 'none to be seen'}."
    )
    return CheckResult("pretrend_joint", "failed" if seen else "passed", text, facts, table)
