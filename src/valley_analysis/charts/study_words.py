"""Words of the studies: phrases, and what columns, samples and definitions are called."""

from pathlib import Path

from valley_analysis.charts.phrases import Phrasebook
from valley_analysis.regions import frame as region_frame
from valley_analysis.regions import load_registry
from valley_analysis.sanctions import CONTROLS, COVARIATES, exposure_specs
from valley_analysis.text import Lang

word = Phrasebook(Path(__file__).with_name("study_phrases.yml"))
"""Phrases of the studies."""


def names(lang: Lang = "en") -> dict[str, str]:
    """Return what columns, samples and districts are called."""
    columns = ("host", "resource", *CONTROLS, *COVARIATES, "district", "stratum")
    more = (
        "placebo",
        "capitals",
        "y",
        "none",
        "size_income",
        "no_capitals",
        "no_resource",
        "far_east",
        *("log", "relative", "all", "equal", "population"),
    )
    told = {name: word(f"column_{name}", lang) for name in (*columns, *more, "balanced")}
    table = region_frame(_districts())
    return told | dict(zip(table["region"], table[f"name_{lang}"], strict=True))


def exposure_names(wave: int, lang: Lang = "en") -> dict[str, str]:
    """Return what the definitions of exposure to a wave are called."""
    specs = exposure_specs(wave)
    return {str(key): spec.name[lang] if spec.name else key for key, spec in specs.items()}


def _districts() -> list[str]:
    return [code for code, region in load_registry().items() if region.kind == "district"]
