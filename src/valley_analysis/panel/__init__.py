"""From figures as published to tidy series: labels, units, corrections, vintages, checks."""

from valley_analysis.panel.bounds import suppressed_bounds
from valley_analysis.panel.build import build_panel, write_panel
from valley_analysis.panel.load import load_panel
from valley_analysis.panel.quality import check_panel
from valley_analysis.panel.series import load_series
from valley_analysis.panel.vintages import compare_vintages, latest_vintage

__all__ = [
    "build_panel",
    "check_panel",
    "compare_vintages",
    "latest_vintage",
    "load_panel",
    "load_series",
    "suppressed_bounds",
    "write_panel",
]
