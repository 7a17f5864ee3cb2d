"""Words of the charts of regions rated on their valleys, and of the brief."""

from pathlib import Path

from valley_analysis.charts.phrases import Phrasebook

word = Phrasebook(Path(__file__).with_name("rating_phrases.yml"))
"""Phrases of the charts of regions rated on their valleys."""
