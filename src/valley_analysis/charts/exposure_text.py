"""What is said of exposure: titles, places of hosts, what follows for a comparison."""

from collections.abc import Mapping

import pandas as pd

from valley_analysis.charts.impact_text import compact, p_text
from valley_analysis.charts.names import unit_names
from valley_analysis.charts.study_words import names, word
from valley_analysis.sanctions import (
    ENOUGH_SHOCKS,
    Correlates,
    ExposureResult,
    ShiftShare,
    compare_exposures,
)
from valley_analysis.spatial import MoranResult
from valley_analysis.text import NONE, Lang


def exposure_title(result: ExposureResult, lang: Lang = "en") -> str:
    """Return the name of an exposure with its years."""
    spec = result.spec
    years = f"{min(spec.periods)}–{max(spec.periods)}"
    return word("map_exposure", lang, name=spec.name[lang] if spec.name else spec.id, years=years)


def host_places(places: "pd.Series[int]", first: int, lang: Lang = "en") -> str:
    """Say how many hosts are among the most exposed regions."""
    return word("host_places", lang, n=len(places), top=int((places <= first).sum()), first=first)


def exploratory(found: ShiftShare, lang: Lang = "en") -> str:
    """Say that a shift-share exposure rests on too few industries; empty if it does not."""
    if found.effective_shocks >= ENOUGH_SHOCKS:
        return ""
    n = compact(found.effective_shocks, lang)
    return word("exploratory", lang, n=n, enough=ENOUGH_SHOCKS)


def exposure_verdict(
    own: ExposureResult,
    together: MoranResult,
    waves: Mapping[int, ExposureResult],
    with_what: Correlates,
    shift: ShiftShare,
    lang: Lang = "en",
) -> str:
    """Say what follows for a comparison: clumps, other traits, two waves, few industries.

    Parameters
    ----------
    own
        The exposure of this page.
    together
        Its global Moran.
    waves
        The same definition before each wave.
    with_what
        Its correlates.
    shift
        The shift-share exposure.
    lang
        "en" or "ru".
    """
    pair = compare_exposures({str(wave): one for wave, one in waves.items()}).iloc[0]
    apart = [
        names(lang).get(str(name), str(name))
        for name in with_what.table.index[with_what.table["apart"]]
    ]
    top = own.frame.sort_values("place").index[:3]
    lines = [
        word("exposure_top", lang, names=", ".join(unit_names(top, lang))),
        word(
            "exposure_clumped" if together.p_permutation < 0.05 else "exposure_not_clumped",
            lang,
            p=p_text(together.p_permutation, lang),
        ),
        word("exposure_with", lang, names=", ".join(apart) or NONE[lang]),
        word("exposure_waves", lang, rho=compact(float(pair["spearman"]), lang)),
        word("exposure_industries", lang, n=compact(shift.effective_shocks, lang)),
    ]
    return " ".join(lines)
