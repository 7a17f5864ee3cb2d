"""Words of the robustness charts and tables, in both languages."""

from collections.abc import Sequence
from pathlib import Path

from valley_analysis.charts.phrases import Phrasebook
from valley_analysis.charts.style import source_text
from valley_analysis.regions import scope as units_of
from valley_analysis.scoring import IndexResult, SensitivityResult, UncertaintyResult
from valley_analysis.scoring.audit import Audit
from valley_analysis.text import Lang, number

word = Phrasebook(Path(__file__).with_name("robustness_phrases.yml"))
"""Phrases of the robustness charts."""


def assumption_name(name: str, lang: Lang = "en") -> str:
    """Return what an assumption is called; its own name if the standard set does not have it.

    Examples
    --------
    >>> assumption_name("treatment")
    'Cut of extreme values'
    """
    return word.known(f"assume_{name}", name.replace("_", " "), lang)


def alternative_name(name: str, lang: Lang = "en") -> str:
    """Return what an alternative of `scoring.standard.alternative_ranks` is called.

    Examples
    --------
    >>> alternative_name("treatment 0.01"), alternative_name("dimension_mean geometric")
    ('Cut at 1 %', 'Geometric mean of dimensions')
    """
    kind, _, option = name.partition(" ")
    if kind == "treatment" and option:
        return word("alt_treatment", lang, cut=number(100 * float(option), 0, lang))
    return word.known(f"alt_{name.replace(' ', '_')}", name.replace("_", " "), lang)


def replications_note(found: UncertaintyResult, lang: Lang) -> str:
    """Return the sentence that says over what ranges and shares are taken."""
    return word(
        "over",
        lang,
        replications=number(found.plan.replications, 0, lang),
        assumptions=len(found.plan.names),
        seed=found.plan.seed,
    )


def foot(
    found: IndexResult | UncertaintyResult | SensitivityResult | Audit,
    lang: Lang,
    notes: Sequence[str] = (),
    n: int | None = None,
) -> str:
    """Return the source line of a robustness figure: scope, n, edition, replications, seed."""
    printed = list(notes)
    if isinstance(found, UncertaintyResult):
        printed.insert(0, replications_note(found, lang))
    if isinstance(found, SensitivityResult):
        rows = number(found.indices.n, 0, lang)
        printed.insert(0, word("sobol_rows", lang, n=rows, seed=found.plan.seed))
    units = units_of(found.scope) if isinstance(found.scope, str) else found.scope
    return source_text(lang, scope=units, n=n, edition=found.period, notes=printed)
