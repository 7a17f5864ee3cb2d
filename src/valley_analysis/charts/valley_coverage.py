"""How many valleys there are said to be, and how many are known: one sentence for every page."""

from datetime import date

from valley_analysis.charts.rating_tables import site_of
from valley_analysis.charts.valley_text import date_text, word
from valley_analysis.text import Lang, day_text
from valley_analysis.valleys import LATEST, Register, coverage, load_register
from valley_analysis.valleys.network import Network, load_network


def coverage_note(
    as_of: date = LATEST,
    lang: Lang = "en",
    *,
    register: Register | None = None,
    network: Network | None = None,
) -> str:
    """Return Markdown: the latest official count of centres, and how many of them are known.

    Parameters
    ----------
    as_of
        Counts of later days are left out; all are known unless given.
    lang
        "en" or "ru".
    register, network
        Those of the package unless given.

    Examples
    --------
    >>> coverage_note(date(2026, 11, 25))[:20]
    '**12 of 13 known.** '
    """
    counts = coverage(register or load_register(), network or load_network(), as_of)
    if not counts:
        return word("coverage_none", lang, day=day_text(as_of, lang))
    latest = counts[-1]
    total, missing = latest.counted, latest.missing
    known = str(latest.high) if latest.low == latest.high else f"{latest.low}–{latest.high}"
    told = word(
        "coverage_known",
        lang,
        known=known,
        counted=f"{total.value:.0f}",
        bound=word(f"coverage_{total.bound}", lang) if total.bound != "exact" else "",
        day=date_text(total.as_of, lang),
        site=site_of(total.source or ""),
    )
    if missing == 0:
        return told
    reason = f"{total.gap[lang]}." if total.gap else word("coverage_unexplained", lang)
    return f"{told} {reason}"
