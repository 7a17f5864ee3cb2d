"""What calibration on this panel says of the rows of a table: which are sound, which are not."""

from collections.abc import Iterable, Mapping

from valley_analysis.charts.impact_inference import way_name
from valley_analysis.charts.impact_text import About
from valley_analysis.charts.study_words import word
from valley_analysis.impact.panel_fit import Family
from valley_analysis.impact.results import EffectResult
from valley_analysis.studies import find_calibration
from valley_analysis.studies.calibration import ESTIMATORS, variant_method
from valley_analysis.text import Lang, number

_OF_WAY = {
    "heteroskedastic": "heteroskedastic",
    "clustered_unit": "clustered by unit",
    "cr2_unit": "CR2 by unit",
    "cr3_unit": "CR3 by unit",
    "clustered_district": "clustered by district",
    "cr2_district": "CR2 by district",
    "cr3_district": "CR3 by district",
    "wild_unit": "wild bootstrap by unit",
    "wild_district": "wild bootstrap by district",
    "conley_500km": "Conley, 500 km",
    "conley_1000km": "Conley, 1000 km",
    "conley_2000km": "Conley, 2000 km",
    "randomisation": "randomisation",
}
"""Ways of making inference as `compare_inference` and as the calibration call them."""


_FAULTS = {"often": "size", "biased": "bias", "seldom": "size", "weak": "power"}
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
    model = "difference_in_differences, " + ("Poisson " if poisson else "")
    return {
        way_name(way, about, lang): f"{model}{name}"
        for way, name in _OF_WAY.items()
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
