"""What calibration on this panel says of the rows of a table: which are sound, which are not."""

from collections.abc import Iterable, Mapping

from valley_analysis.charts.impact_inference import way_name
from valley_analysis.charts.impact_text import About
from valley_analysis.charts.study_words import word
from valley_analysis.impact.panel_fit import Family
from valley_analysis.impact.results import EffectResult
from valley_analysis.studies import find_calibration
from valley_analysis.studies.calibration import ESTIMATORS, WAYS, variant_method, way_method
from valley_analysis.text import Lang, number

_FAULTS = {
    "often": "size",
    "biased": "bias",
    "undecided": "size",
    "seldom": "size",
    "weak": "power",
}
"""Fault -> the figure that shows it."""


def calibration_note(methods: Mapping[str, str], outcome: str, lang: Lang = "en") -> str:
    """Say which rows of a table or figure are sound on this panel, and what is wrong with others.

    Parameters
    ----------
    methods
        What a row is called -> its method, as the calibration calls it.
    outcome
        Of outcomes.yml.
    lang
        "en" or "ru".

    Returns
    -------
    Markdown; nothing without rows.
    """
    if not methods:
        return ""
    measured = {name: find_calibration(method, outcome) for name, method in methods.items()}
    apart: dict[str, list[str]] = {key: [] for key in (*_FAULTS, "unknown")}
    for name, one in measured.items():
        if one is None:
            apart["unknown"].append(name)
            continue
        for fault in one.faults:
            shown = number(100 * getattr(one, _FAULTS[fault]), 1, lang)
            apart[fault].append(f"{name} ({shown}\u00a0%)")
    sound = sum(one is not None and not one.faults for one in measured.values())
    said = [word("calibration_sound", lang, sound=sound, of=len(methods))]
    for key, rows in apart.items():
        said += [word(f"calibration_{key}", lang, rows="; ".join(rows))] if rows else []
    return " ".join(said)


def inference_methods(
    result: EffectResult, about: About, lang: Lang = "en", *, poisson: bool = False
) -> dict[str, str]:
    """Return the method of each row of `impact.compare_inference`; of counts, Poisson's."""
    family: Family = "poisson" if poisson else "gaussian"
    return {
        way_name(way, about, lang): way_method(way, family)
        for way in WAYS
        if way in result.table.index
    }


def variant_methods(
    keys: Iterable[str], lang: Lang = "en", *, poisson: bool = False
) -> dict[str, str]:
    """Return the method of each row of `study_text.variants_table`; of counts, Poisson's."""
    family: Family = "poisson" if poisson else "gaussian"
    return {word(f"variant_{key}", lang): variant_method(key, family) for key in keys}


def valley_methods(lang: Lang = "en") -> dict[str, str]:
    """Return the method of each estimator of the effect of valleys that calibration measures."""
    return {word(f"estimator_{key}", lang): method for key, method in ESTIMATORS.items()}
