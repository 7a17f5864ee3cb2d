"""Indicators: what is computed from series, and the specifications of indices over them."""

from valley_analysis.indicators.build import build_indicators, load_indicators
from valley_analysis.indicators.catalogue import Indicator, find_indicator, load_catalogue
from valley_analysis.indicators.compute import compute_indicators, indicator_coverage
from valley_analysis.indicators.new_spec import write_spec
from valley_analysis.indicators.prices import Prices, deflator
from valley_analysis.indicators.spec_files import list_specs, load_spec

__all__ = [
    "Indicator",
    "Prices",
    "build_indicators",
    "compute_indicators",
    "deflator",
    "find_indicator",
    "indicator_coverage",
    "list_specs",
    "load_catalogue",
    "load_indicators",
    "load_spec",
    "write_spec",
]
