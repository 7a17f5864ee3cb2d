"""Estimators, inference and checks on any tidy frame; nothing here knows a country or a file."""

from valley_analysis.impact.bacon import bacon_decomposition
from valley_analysis.impact.conley import conley
from valley_analysis.impact.design import PanelDesign
from valley_analysis.impact.did import difference_in_differences, two_way
from valley_analysis.impact.event_study import event_study
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.honest import HonestResult, honest_did
from valley_analysis.impact.imputation import imputation
from valley_analysis.impact.inference import compare_inference
from valley_analysis.impact.multiple import benjamini_hochberg, holm, romano_wolf
from valley_analysis.impact.power import minimum_detectable_effect
from valley_analysis.impact.pretrend import pretrend_test
from valley_analysis.impact.pretrend_permuted import permuted_pretrend
from valley_analysis.impact.randomisation import randomisation_inference
from valley_analysis.impact.randomisation_cohorts import permute_cohorts, redrawn_cohorts
from valley_analysis.impact.repeated import repeated_cross_sections
from valley_analysis.impact.report_card import ReportCard, report_card
from valley_analysis.impact.results import CheckResult, EffectResult
from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.spatial_checks import moran
from valley_analysis.impact.spatial_models import lm_diagnostics, spatial_error, spatial_lag
from valley_analysis.impact.spec_curve import CurveResult, specification_curve
from valley_analysis.impact.spec_plan import CurvePlan
from valley_analysis.impact.spillover import spillover
from valley_analysis.impact.synthetic_contrast import contrast
from valley_analysis.impact.synthetic_control import synthetic_control
from valley_analysis.impact.synthetic_did import synthetic_did
from valley_analysis.impact.time_series import interrupted_time_series
from valley_analysis.impact.wild_bootstrap import wild_cluster_bootstrap

__all__ = [
    "CheckResult",
    "CurvePlan",
    "CurveResult",
    "EffectResult",
    "HonestResult",
    "PanelDesign",
    "ReportCard",
    "bacon_decomposition",
    "benjamini_hochberg",
    "compare_inference",
    "conley",
    "contrast",
    "difference_in_differences",
    "event_study",
    "group_time_att",
    "holm",
    "honest_did",
    "imputation",
    "interrupted_time_series",
    "lm_diagnostics",
    "minimum_detectable_effect",
    "moran",
    "permute_cohorts",
    "permuted_pretrend",
    "pretrend_test",
    "randomisation_inference",
    "redrawn_cohorts",
    "repeated_cross_sections",
    "report_card",
    "romano_wolf",
    "shift_share",
    "spatial_error",
    "spatial_lag",
    "specification_curve",
    "spillover",
    "synthetic_control",
    "synthetic_did",
    "two_way",
    "wild_cluster_bootstrap",
]
