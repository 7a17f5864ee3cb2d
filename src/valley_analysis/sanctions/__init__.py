"""Sanctions: the chronology of measures, waves, and how exposed each region was before them."""

from valley_analysis.sanctions.availability import availability, availability_label
from valley_analysis.sanctions.curve import curve_choices, curve_frame
from valley_analysis.sanctions.describe import (
    Correlates,
    compare_exposures,
    correlates,
    places,
    refuse_post_treatment,
)
from valley_analysis.sanctions.estimation import (
    CONTROLS,
    COVARIATES,
    EstimationFrame,
    estimation_frame,
    size_income,
)
from valley_analysis.sanctions.exposure import (
    ExposureResult,
    exposure,
    flag_summary,
    percentile,
)
from valley_analysis.sanctions.exposure_spec import (
    Catalogue,
    ExposureSpec,
    exposure_specs,
    find_exposure,
    load_exposures,
)
from valley_analysis.sanctions.industry import (
    ENOUGH_SHOCKS,
    Industry,
    ShiftShare,
    effective_number,
    load_industries,
    shift_share,
    shocks,
)
from valley_analysis.sanctions.measures import (
    Measure,
    Moment,
    Targets,
    load_labels,
    load_measures,
    measures_frame,
)
from valley_analysis.sanctions.outcomes import Outcome, find_outcome, load_outcomes
from valley_analysis.sanctions.resources import (
    ResourceRule,
    Resources,
    load_resource_rule,
    resource_regions,
)
from valley_analysis.sanctions.waves import Wave, find_wave, waves

__all__ = [
    "CONTROLS",
    "COVARIATES",
    "ENOUGH_SHOCKS",
    "Catalogue",
    "Correlates",
    "EstimationFrame",
    "ExposureResult",
    "ExposureSpec",
    "Industry",
    "Measure",
    "Moment",
    "Outcome",
    "ResourceRule",
    "Resources",
    "ShiftShare",
    "Targets",
    "Wave",
    "availability",
    "availability_label",
    "compare_exposures",
    "correlates",
    "curve_choices",
    "curve_frame",
    "effective_number",
    "estimation_frame",
    "exposure",
    "exposure_specs",
    "find_exposure",
    "find_outcome",
    "find_wave",
    "flag_summary",
    "load_exposures",
    "load_industries",
    "load_labels",
    "load_measures",
    "load_outcomes",
    "load_resource_rule",
    "measures_frame",
    "percentile",
    "places",
    "refuse_post_treatment",
    "resource_regions",
    "shift_share",
    "shocks",
    "size_income",
    "waves",
]
