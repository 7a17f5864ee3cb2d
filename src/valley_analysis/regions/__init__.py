"""Regions: codes, names, units of an index, labels as published, borders and tiles."""

from valley_analysis.regions.boundaries import ALBERS, area_check, load_boundaries
from valley_analysis.regions.matching import match_regions, normalise_label, not_regions
from valley_analysis.regions.membership import check_disjoint, district_of
from valley_analysis.regions.points import points
from valley_analysis.regions.register import Region, load_registry
from valley_analysis.regions.registry import (
    SCOPES,
    Scope,
    check_codes,
    check_scope,
    frame,
    name,
    region,
    regions,
    units,
)
from valley_analysis.regions.scopes import remainders, scope
from valley_analysis.regions.tiles import check_tiles, tile_layout

__all__ = [
    "ALBERS",
    "SCOPES",
    "Region",
    "Scope",
    "area_check",
    "check_codes",
    "check_disjoint",
    "check_scope",
    "check_tiles",
    "district_of",
    "frame",
    "load_boundaries",
    "load_registry",
    "match_regions",
    "name",
    "normalise_label",
    "not_regions",
    "points",
    "region",
    "regions",
    "remainders",
    "scope",
    "tile_layout",
    "units",
]
