"""Composite indices: pure numerics on frames; no file, no clock, no country."""

from valley_analysis.scoring.aggregate import aggregate
from valley_analysis.scoring.agreement import Agreement, rank_agreement, rating_agreements
from valley_analysis.scoring.index import IndexResult, score_editions, score_index
from valley_analysis.scoring.normalise import Goalposts, goalposts, normalise
from valley_analysis.scoring.ranks import rank
from valley_analysis.scoring.spec import IndexSpec, Member
from valley_analysis.scoring.weights import shared_weights

__all__ = [
    "Agreement",
    "Goalposts",
    "IndexResult",
    "IndexSpec",
    "Member",
    "aggregate",
    "goalposts",
    "normalise",
    "rank",
    "rank_agreement",
    "rating_agreements",
    "score_editions",
    "score_index",
    "shared_weights",
]
