"""Strata within which exposure is permuted, as part of the model.

Exposures that move within strata only keep, in every draw, what the strata's means have in
common with the outcome. Unless each stratum has its own path in the model, all draws are shifted
by that, and the data's statistic is not one of them under "no effect".
"""

from dataclasses import replace

import pandas as pd
from pandas.api.types import is_numeric_dtype

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.design import collinear, listed
from valley_analysis.impact.exposure_model import unit_values


def stratified(
    frame: pd.DataFrame, unit: str, strata: str | None, controls: tuple[str, ...] | str = ()
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the frame with a column a stratum but the first, and the controls with them.

    Parameters
    ----------
    frame
        Tidy panel; it is not changed.
    unit
        Column.
    strata
        Column with one value a unit; nothing is added without it.
    controls
        Columns that are controls already.

    Raises
    ------
    DesignError
        If the column is absent, missing for a unit or changes within one.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": [1, 2, 3], "kind": ["oil", "oil", "other"]})
    >>> stratified(frame, "unit", "kind")[1]
    ('kind: other',)
    """
    known = listed(controls)
    if strata is None:
        return frame, known
    units = pd.Index(frame[unit].dropna().unique())
    own = unit_values(frame, unit, units, strata)
    codes, found = pd.factorize(own)  # labels may be anything that hashes, tuples too
    labels = sorted(enumerate(found), key=lambda label: str(label[1]))
    if own.value_counts().max() < 2:
        raise DesignError(
            "strata",
            [f"{len(units)} units in {len(labels)} strata; none holds two units"],
            "use wider strata: exposures are exchanged within them",
        )
    dummies = {
        f"{strata}: {label}": pd.Series(codes == code, own.index, dtype=float)
        for code, label in labels[1:]
    }
    numbers = [name for name in known if name in frame and is_numeric_dtype(frame[name])]
    fixed = frame.groupby(unit)[numbers].first()  # of others the design says that they are none
    table = fixed.reindex(units).assign(**dummies).dropna()
    # A stratum that the controls determine, such as their own dummy, has its path already.
    determined = {said.split("'")[1] for said in collinear(table)} if len(table) else set()
    added = {name: frame[unit].map(one) for name, one in dummies.items() if name not in determined}
    return frame.assign(**added), (*known, *(name for name in added if name not in known))


def stratified_sample(sample: Sample, strata: str | None, frame: pd.DataFrame) -> Sample:
    """Return the sample of a check whose model gives each stratum its own path.

    Parameters
    ----------
    sample
        Rows and columns.
    strata
        As in `stratified`.
    frame
        Where the strata of its units stand.
    """
    if strata is None:
        return sample
    unit = sample.design.unit
    values = unit_values(frame, unit, sample.exposure.index, strata)
    rows = sample.rows.assign(**{strata: sample.rows[unit].map(values)})
    told, controls = stratified(rows, unit, strata, sample.design.controls)
    return replace(sample, rows=told, design=replace(sample.design, controls=controls))
