"""Figures of the data audit."""

from valley_analysis.charts.audit_changes import (
    plot_method_breaks,
    plot_reconciliation,
    plot_revisions,
)
from valley_analysis.charts.audit_coverage import plot_coverage, plot_suppression
from valley_analysis.charts.audit_spread import plot_concentration, plot_distributions
from valley_analysis.charts.audit_tables import show_checks, show_sources, show_table
from valley_analysis.charts.audit_text import word

__all__ = [
    "plot_concentration",
    "plot_coverage",
    "plot_distributions",
    "plot_method_breaks",
    "plot_reconciliation",
    "plot_revisions",
    "plot_suppression",
    "show_checks",
    "show_sources",
    "show_table",
    "word",
]
