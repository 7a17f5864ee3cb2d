"""Every outcome and wave can be studied and told, under every exposure, scope and language."""

import re
from itertools import product

import pandas as pd
import pytest

from valley_analysis import regions, studies
from valley_analysis.charts import impact_tables, study_text
from valley_analysis.errors import DesignError
from valley_analysis.sanctions import exposure_specs, load_outcomes, waves
from valley_analysis.sources.icsid import load_fdi_shares
from valley_analysis.text import LANGS, Lang

pytestmark = pytest.mark.slow

FEW = studies.Settings(permutations=39, replications=39, cutoffs_km=(1000.0,))
SCOPES = ("recognised", "rosstat")
REFUSED: dict[tuple[str, int], str] = {}
"""Outcome and wave -> why there is no study of them: none is refused today."""


def cases() -> list[tuple[str, int, str, str, Lang]]:
    """Outcome x wave once each; exposure, scope and language take turns, so that all pairs meet."""
    turns = list(product(SCOPES, LANGS))
    found = []
    for place, (outcome, wave) in enumerate(product(load_outcomes(), waves())):
        known = [str(one) for one in exposure_specs(wave)]
        exposure = known[(place // 2) % len(known)]
        found.append((outcome, int(wave), exposure, *turns[(place + place // 4) % 4]))
    return found


def test_all_pairs_of_the_other_choices_are_met() -> None:
    met = {(scope, lang) for *_, scope, lang in cases()}
    assert met == set(product(SCOPES, LANGS))
    assert {outcome for outcome, *_ in cases()} == set(load_outcomes())


@pytest.mark.parametrize(("outcome", "wave", "exposure", "scope", "lang"), cases())
def test_a_study_is_made_and_told(
    latest: pd.DataFrame, outcome: str, wave: int, exposure: str, scope: str, lang: Lang
) -> None:
    units = regions.scope(scope)
    data = studies.wave_data(latest, outcome, wave, exposure, units, hosts=["RU-TUL", "RU-KDA"])
    if (outcome, wave) in REFUSED:
        with pytest.raises(DesignError, match=REFUSED[outcome, wave]):
            studies.study_wave(data, FEW, lang=lang)
        return
    study = studies.study_wave(data, FEW, lang=lang)
    about, plain = (
        study_text.about_wave(data, lang),
        study_text.about_outcome(outcome, units, lang),
    )
    # Each model once: beside hosts where they were known, plain before.
    versions = studies.variants(study, load_fdi_shares(), hosts=wave == 2022)
    assert versions
    if wave == 2014:
        assert not studies.variants(study, load_fdi_shares(), hosts=True)
    told = [
        impact_tables.verdict(study.card, lang, about),
        study.card.text,
        study_text.variants_table(versions, about, plain, lang).frame.to_string(),
        study_text.variants_table(studies.across_space(data), about, plain, lang).frame.to_string(),
        impact_tables.checks_table(study.card, lang, about).frame.to_string(),
        impact_tables.inference_table(study.inference, lang, about).frame.to_string(),
    ]
    for text in told:
        assert not re.search(r"\d{1,3}([,\u00a0 ]\d{3}){2,}", text), text  # no millions of per cent
        assert not re.search(r"[−-]100[.,]0 ?\u00a0?%", text), text
        assert "nan" not in text.lower().replace("finance", ""), text
    least = study.card.smallest_seen / study.card.scale
    check = study.card.check("minimum_detectable")
    assert check.facts["per_unit"] * data.iqr == pytest.approx(least * data.iqr)
    assert {check.name for check in study.card.checks} >= {"spillovers", "residual_moran"}
    margins = [check for check in study.card.checks if "margin" in check.facts]
    assert len({check.facts["margin"] for check in margins}) == 1
