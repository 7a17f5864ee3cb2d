"""Composite indices: pure numerics on frames; no file, no clock, no country.

The ten steps of the OECD/JRC handbook, by name: the framework is a `Structure` in an `IndexSpec`;
selection is the caller's frame; then `impute`, `audit` (multivariate analysis), `normalise` after
`treat`, `weights` and `aggregate`, `vary` (uncertainty) and `sensitivity`, `profile` and
`effective_weights` (back to the data), `rank_agreement` (links to others), and the result's frames
for presentation.
"""

from valley_analysis.scoring.agreement import Agreement, rank_agreement, rating_agreements
from valley_analysis.scoring.alpha import cronbach_alpha
from valley_analysis.scoring.assumptions import (
    AggregationChoice,
    Alternatives,
    DropIndicator,
    Vintages,
    WeightNoise,
)
from valley_analysis.scoring.audit import Audit, AuditRules, audit
from valley_analysis.scoring.benefit import BenefitOfDoubt, benefit_of_doubt
from valley_analysis.scoring.changes import Change, Inputs, explain_change
from valley_analysis.scoring.combine import Aggregated
from valley_analysis.scoring.combine import aggregate_structure as aggregate
from valley_analysis.scoring.components import principal_components
from valley_analysis.scoring.copeland import copeland
from valley_analysis.scoring.correlations import correlate
from valley_analysis.scoring.effective import effective_weights
from valley_analysis.scoring.framework import (
    framework_agreements,
    framework_ranks,
    framework_scenarios,
    subindex_scores,
)
from valley_analysis.scoring.goalposts import Goalposts, goalposts
from valley_analysis.scoring.groups import (
    AIRR,
    EIS,
    HSE,
    JENKS,
    QUARTILES,
    GroupRule,
    Groups,
    assign,
    group_units,
    membership_shares,
)
from valley_analysis.scoring.improve import Improvement, what_would_it_take
from valley_analysis.scoring.impute import Imputed, impute
from valley_analysis.scoring.index import IndexResult, score_editions, score_index
from valley_analysis.scoring.leave_out import leave_one_out, pooled_correlations
from valley_analysis.scoring.plan import Uncertainty
from valley_analysis.scoring.profile import Profile, profile
from valley_analysis.scoring.ranks import rank
from valley_analysis.scoring.scale import Normalised
from valley_analysis.scoring.scale import normalise_frame as normalise
from valley_analysis.scoring.sensitivity import SensitivityResult, sensitivity
from valley_analysis.scoring.shapley import shapley_decomposition
from valley_analysis.scoring.sobol import SobolIndices, sobol_indices
from valley_analysis.scoring.spec import IndexSpec, Member
from valley_analysis.scoring.structure import Node, Structure
from valley_analysis.scoring.tally import Grouping
from valley_analysis.scoring.treat import Treated, treat
from valley_analysis.scoring.uncertainty import UncertaintyResult, vary
from valley_analysis.scoring.value_errors import ImputationError, MeasurementError, SuppressedRange
from valley_analysis.scoring.weigh import Weights, weights
from valley_analysis.scoring.weights import shared_weights

__all__ = [
    "AIRR",
    "EIS",
    "HSE",
    "JENKS",
    "QUARTILES",
    "Aggregated",
    "AggregationChoice",
    "Agreement",
    "Alternatives",
    "Audit",
    "AuditRules",
    "BenefitOfDoubt",
    "Change",
    "DropIndicator",
    "Goalposts",
    "GroupRule",
    "Grouping",
    "Groups",
    "Improvement",
    "ImputationError",
    "Imputed",
    "IndexResult",
    "IndexSpec",
    "Inputs",
    "MeasurementError",
    "Member",
    "Node",
    "Normalised",
    "Profile",
    "SensitivityResult",
    "SobolIndices",
    "Structure",
    "SuppressedRange",
    "Treated",
    "Uncertainty",
    "UncertaintyResult",
    "Vintages",
    "WeightNoise",
    "Weights",
    "aggregate",
    "assign",
    "audit",
    "benefit_of_doubt",
    "copeland",
    "correlate",
    "cronbach_alpha",
    "effective_weights",
    "explain_change",
    "framework_agreements",
    "framework_ranks",
    "framework_scenarios",
    "goalposts",
    "group_units",
    "impute",
    "leave_one_out",
    "membership_shares",
    "normalise",
    "pooled_correlations",
    "principal_components",
    "profile",
    "rank",
    "rank_agreement",
    "rating_agreements",
    "score_editions",
    "score_index",
    "sensitivity",
    "shapley_decomposition",
    "shared_weights",
    "sobol_indices",
    "subindex_scores",
    "treat",
    "vary",
    "weights",
    "what_would_it_take",
]
