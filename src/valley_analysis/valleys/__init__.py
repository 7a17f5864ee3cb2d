"""Innovation valleys: the register, how far each has come, and regions rated on theirs."""

from valley_analysis.valleys.attribution import (
    ATTRIBUTIONS,
    LATEST,
    Attribution,
    decree_spans,
    decree_years,
    hosts,
    links,
    regime_years,
)
from valley_analysis.valleys.checks import STEPS
from valley_analysis.valleys.claims import (
    Chosen,
    choose,
    claims_frame,
    conflicts,
    promised_against_achieved,
)
from valley_analysis.valleys.coverage import Coverage, coverage, coverage_problems, require_coverage
from valley_analysis.valleys.dates import Dated, months_between
from valley_analysis.valleys.equal_age import Dominance, dominance
from valley_analysis.valleys.fit import specialisation_fit
from valley_analysis.valleys.ladder import AFTER_DECREE, Ladder, ladder
from valley_analysis.valleys.moved import Moved, known_figures, moved, stuck
from valley_analysis.valleys.partners import cooperation, partners_frame
from valley_analysis.valleys.pending import pending_regions
from valley_analysis.valleys.progress import ProgressResult, progress
from valley_analysis.valleys.progress_spec import PILLARS, ProgressSpec
from valley_analysis.valleys.rating import RatingResult, rate_regions
from valley_analysis.valleys.readiness import ReadinessResult, readiness
from valley_analysis.valleys.register import (
    Register,
    load_candidates,
    load_metrics,
    load_register,
    load_sectors,
)

__all__ = [
    "AFTER_DECREE",
    "ATTRIBUTIONS",
    "LATEST",
    "PILLARS",
    "STEPS",
    "Attribution",
    "Chosen",
    "Coverage",
    "Dated",
    "Dominance",
    "Ladder",
    "Moved",
    "ProgressResult",
    "ProgressSpec",
    "RatingResult",
    "ReadinessResult",
    "Register",
    "choose",
    "claims_frame",
    "conflicts",
    "cooperation",
    "coverage",
    "coverage_problems",
    "decree_spans",
    "decree_years",
    "dominance",
    "hosts",
    "known_figures",
    "ladder",
    "links",
    "load_candidates",
    "load_metrics",
    "load_register",
    "load_sectors",
    "months_between",
    "moved",
    "partners_frame",
    "pending_regions",
    "progress",
    "promised_against_achieved",
    "rate_regions",
    "readiness",
    "regime_years",
    "require_coverage",
    "specialisation_fit",
    "stuck",
]
