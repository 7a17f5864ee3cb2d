"""The model whose exposures are permuted: linear in them, also where the outcome is a count."""

from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.exposure_model import ExposureModel

_WORKING, _SPREAD = "working outcome", "working weight"


def null_model(sample: Sample) -> ExposureModel:
    """Return the model of "no effect", ready for permuted exposures.

    Under the hypothesis of no effect a Poisson model is, to first order, least squares of its
    working residual with its expected values as weights, neither of which depends on exposure.

    Parameters
    ----------
    sample
        Rows and columns.

    Examples
    --------
    >>> from valley_analysis.impact.checks_examples import example_panel
    >>> panel, names = example_panel()
    >>> sample = Sample.of(panel, **names)
    >>> round(null_model(sample).fit.estimate - sample.base.estimate, 9)
    0.0
    """
    design, rows = sample.design, sample.rows
    outcome, weights = design.outcome, design.weights
    if sample.family == "poisson":
        mean, left = sample.expected()
        rows = rows.assign(**{_WORKING: left, _SPREAD: sample.weight * mean})
        outcome, weights = _WORKING, _SPREAD
    return ExposureModel.of(
        rows,
        unit=design.unit,
        period=design.period,
        outcome=outcome,
        exposure=str(design.exposure),
        since=sample.since,
        weights=weights,
        controls=design.controls,
    )
