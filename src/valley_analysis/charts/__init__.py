"""Figures and tables: results and frames in, what a reader sees out; the only floor that draws."""

from valley_analysis.charts.agreement import plot_agreement
from valley_analysis.charts.audit import (
    plot_concentration,
    plot_coverage,
    plot_distributions,
    plot_method_breaks,
    plot_reconciliation,
    plot_revisions,
    plot_suppression,
)
from valley_analysis.charts.audit_index import plot_correlations, plot_leave_out, plot_weights
from valley_analysis.charts.classes import Classes, classify
from valley_analysis.charts.dominance import plot_dominance
from valley_analysis.charts.editions import (
    common_indicators,
    method_breaks,
    plot_dimension_paths,
    plot_editions,
)
from valley_analysis.charts.flow import plot_rank_flow
from valley_analysis.charts.framework import plot_framework, plot_subindices
from valley_analysis.charts.maps import plot_map
from valley_analysis.charts.names import dimension_name, indicator_name, unit_names
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.profiles import plot_profiles
from valley_analysis.charts.ranges import plot_group_shares, plot_rank_ranges
from valley_analysis.charts.ranking import (
    dimension_contributions,
    incomplete_units,
    plot_ranking,
)
from valley_analysis.charts.sensitivities import plot_sensitivity
from valley_analysis.charts.style import house
from valley_analysis.charts.tables import Table
from valley_analysis.charts.tiles import plot_tile_map, plot_tile_maps

__all__ = [
    "Classes",
    "Table",
    "classify",
    "common_indicators",
    "dimension_contributions",
    "dimension_name",
    "house",
    "incomplete_units",
    "indicator_name",
    "method_breaks",
    "phrase",
    "plot_agreement",
    "plot_concentration",
    "plot_correlations",
    "plot_coverage",
    "plot_dimension_paths",
    "plot_distributions",
    "plot_dominance",
    "plot_editions",
    "plot_framework",
    "plot_group_shares",
    "plot_leave_out",
    "plot_map",
    "plot_method_breaks",
    "plot_profiles",
    "plot_rank_flow",
    "plot_rank_ranges",
    "plot_ranking",
    "plot_reconciliation",
    "plot_revisions",
    "plot_sensitivity",
    "plot_subindices",
    "plot_suppression",
    "plot_tile_map",
    "plot_tile_maps",
    "plot_weights",
    "unit_names",
]
