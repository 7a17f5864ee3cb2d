"""Figures of impact draw what results say, in both languages, on the real panel."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from valley_analysis import impact, regions, sanctions, spatial, studies, valleys
from valley_analysis.charts import (
    exposure_figures,
    impact_bacon,
    impact_changes,
    impact_cohorts,
    impact_curve,
    impact_draws,
    impact_effects,
    impact_event,
    impact_honest,
    impact_inference,
    impact_moran,
    impact_synthetic,
    impact_tables,
    impact_terciles,
    study_text,
)
from valley_analysis.charts.impact_sentences import check_name
from valley_analysis.charts.impact_text import p_text
from valley_analysis.charts.style import house, renderer
from valley_analysis.text import LANGS, MINUS, Lang, small

pytestmark = pytest.mark.slow

MAIN = "imports_far_grp"
QUICK = studies.Settings(permutations=99, replications=99, cutoffs_km=(1000.0,))


@pytest.fixture(scope="module")
def study(latest: pd.DataFrame) -> studies.WaveStudy:
    hosts = valleys.hosts(valleys.load_register(), date(2026, 11, 25))
    data = studies.wave_data(latest, "rd_staff", 2022, MAIN, regions.scope(), hosts=hosts)
    return studies.study_wave(data, QUICK)


@pytest.fixture(scope="module")
def valley(latest: pd.DataFrame) -> studies.ValleyEffect:
    cohorts = valleys.decree_years(valleys.load_register())
    data = studies.valley_data(latest, "rd_staff", cohorts, MAIN, regions.scope())
    return studies.valley_effect(data, permutations=39, replications=10)


@pytest.fixture(scope="module")
def curve(latest: pd.DataFrame) -> impact.CurveResult:
    data = studies.curve_data(latest, "rd_staff", 2022, [MAIN], regions.scope(), hosts=["RU-TUL"])
    plan = impact.CurvePlan("region", "year", 2022, **data.choices, strata="stratum")
    return impact.specification_curve(data.frame, plan, permutations=19)


def foot(fig: Figure) -> str:
    return next(text.get_text() for text in fig.texts if text.get_gid() == "source")


DRAWN: dict[str, Callable[[studies.WaveStudy, Lang], Figure]] = {
    "event": lambda s, lang: impact_event.plot_event_study(
        s.dynamic, lang, about=study_text.about_wave(s.data, lang), honest=s.honest
    ),
    "honest": lambda s, lang: impact_honest.plot_honest(
        s.honest, lang, about=study_text.about_wave(s.data, lang)
    ),
    "inference": lambda s, lang: impact_inference.plot_inference(
        s.inference, lang, about=study_text.about_wave(s.data, lang)
    ),
    "terciles": lambda s, lang: impact_terciles.plot_terciles(
        s.data.frame, lang, **study_text.looks(s.data, lang)[0]
    ),
    "changes": lambda s, lang: impact_changes.plot_changes(
        s.data.frame, lang, **study_text.looks(s.data, lang)[1]
    ),
}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_prints_scope_and_source_and_keeps_within_the_page(
    study: studies.WaveStudy, name: str, lang: Lang
) -> None:
    fig = DRAWN[name](study, lang)
    assert ("83 regions" if lang == "en" else "РФ — 83") in foot(fig)
    with house():
        fig.draw_without_rendering()  # axis labels find their place only then
    width = fig.get_figwidth() * fig.dpi
    ticks = {id(label) for ax in fig.axes for label in ax.get_xticklabels()}  # some lie off-axis
    for text in fig.findobj(plt.Text):
        if text.get_visible() and text.get_text().strip() and id(text) not in ticks:
            box = text.get_window_extent(renderer(fig))
            assert box.x0 > -2, (name, text.get_text())
            assert box.x1 < width + 2, (name, text.get_text())


def test_the_event_study_draws_its_table(study: studies.WaveStudy) -> None:
    about = study_text.about_wave(study.data)
    fig = impact_event.plot_event_study(study.dynamic, about=about)
    drawn = {
        round(float(y), 6)
        for line in fig.axes[0].lines
        if line.get_gid() == "estimates"
        for y in np.atleast_1d(line.get_ydata())
    }
    periods = study.dynamic.table.dropna(subset=["period", "se"])
    assert {round(float(about.effect(value)), 6) for value in periods["estimate"]} <= drawn


def test_an_estimate_without_an_interval_is_hollow() -> None:
    rows = pd.DataFrame(
        {"estimate": [0.1, 0.2], "low": [0.0, np.nan], "high": [0.2, np.nan]}, list("ab")
    )
    about = study_text.about_outcome("rd_staff", regions.scope())
    fig = impact_effects.plot_effects(rows, about=about, title="t", smallest=0.15)
    kinds = [line.get_gid() for line in fig.axes[0].lines if line.get_gid()]
    assert kinds == ["estimates", "hollow"]


@pytest.mark.parametrize("lang", LANGS)
def test_figures_of_valleys(valley: studies.ValleyEffect, lang: Lang) -> None:
    about = study_text.about_outcome("rd_staff", regions.scope(), lang)
    rows = study_text.host_estimates(valley, lang)
    assert len(rows) == 11
    impact_effects.plot_effects(rows, lang, about=about, title="t")
    fig = impact_cohorts.plot_group_time(valley.group_time, lang, about=about)
    hollow = [line for line in fig.axes[0].lines if line.get_gid() == "hollow"]
    assert hollow, "years of decree with fewer than five hosts have no error"
    assert not [line for line in fig.axes[0].lines if line.get_gid() == "estimates"]
    draws = impact_draws.plot_randomisation(valley.randomised, lang, about=about)
    bars = sum(patch.get_height() for patch in draws.axes[0].patches)
    assert bars == 39
    verdict = study_text.valley_verdict(valley, about, lang)
    assert about.told(valley.smallest_seen, lang, sign=False) in verdict
    for check in valley.card.failed:
        assert small(check_name(check, lang)) in verdict, "a verdict names what failed"


def test_a_verdict_tells_the_direction(valley: studies.ValleyEffect) -> None:
    about = study_text.about_outcome("rd_staff", regions.scope())
    result = valley.card.result
    for sign, said in ((1, "hosts rose against"), (-1, "fell behind")):
        ends = sorted((0.01 * sign, 0.2 * sign))
        table = result.table.assign(estimate=0.1 * sign, low=ends[0], high=ends[1], p_value=0.01)
        card = replace(valley.card, result=replace(result, table=table))
        told = study_text.valley_verdict(replace(valley, card=card), about)
        assert said in told
        assert ("Fragile" in told) is bool(card.failed_core)


@pytest.mark.parametrize("lang", LANGS)
def test_bacon_draws_every_comparison_and_the_coefficient(
    valley: studies.ValleyEffect, lang: Lang
) -> None:
    about = study_text.about_outcome("rd_staff", regions.scope(), lang)
    fig = impact_bacon.plot_bacon(valley.bacon, lang, about=about)
    (ax,) = fig.axes
    drawn = np.vstack([kind.get_offsets() for kind in ax.collections])
    pairs = valley.bacon.frames["pairs"]
    assert len(drawn) == len(pairs)
    assert drawn[:, 0].sum() == pytest.approx(100)
    mean = (np.log1p(drawn[:, 1] / 100) * drawn[:, 0]).sum() / 100
    assert mean == pytest.approx(valley.bacon.estimate)


@pytest.mark.parametrize("lang", LANGS)
def test_gaps_draw_the_test_and_name_the_donors(study: studies.WaveStudy, lang: Lang) -> None:
    contrast = studies.high_against_low(study.data, replications=49)
    assert contrast is not None
    about = study_text.about_outcome("rd_staff", regions.scope(), lang)
    fig = impact_synthetic.plot_gaps(contrast, lang, about=about, name="third")
    paths, gaps, donors = fig.axes
    assert paths.lines[0].get_ydata()[5] == pytest.approx(100), "the last year before is the base"
    lines = [line for line in gaps.lines if line.get_gid() == "placebos"]
    assert len(lines) == 49
    (own,) = (line for line in gaps.lines if line.get_gid() == "gap")
    after = np.log1p(np.asarray(own.get_ydata())[6:] / 100)
    assert after.mean() == pytest.approx(contrast.estimate)
    assert sum(bar.get_width() for bar in donors.patches) == pytest.approx(100, abs=0.6)
    assert foot(fig)


def test_the_figure_of_draws_tells_their_number_and_the_probability(
    valley: studies.ValleyEffect,
) -> None:
    about = study_text.about_outcome("rd_staff", regions.scope())
    fig = impact_draws.plot_randomisation(valley.randomised, about=about)
    told = " ".join(text.get_text().replace("\n", " ") for text in fig.texts)
    assert str(len(valley.randomised.frames["draws"])) in told
    assert p_text(valley.randomised.p_value) in told


@pytest.mark.parametrize("lang", LANGS)
def test_the_curve_draws_every_specification_in_order(
    curve: impact.CurveResult, study: studies.WaveStudy, lang: Lang
) -> None:
    about = study_text.about_curve(study.data, "rd_staff", lang)
    fig = impact_curve.plot_specification_curve(curve, lang, about=about)
    assert str(len(curve.table)) in "".join(text.get_text() for text in fig.texts)
    table = impact_tables.curve_table(curve, lang, about).frame
    assert len(table) == len(curve.by_choice())


@pytest.mark.parametrize("lang", LANGS)
def test_the_verdict_follows_the_card(study: studies.WaveStudy, lang: Lang) -> None:
    about = study_text.about_wave(study.data, lang)
    told = impact_tables.verdict(study.card, lang, about)
    negative = {"en": "Not distinguishable", "ru": "не отличима"}[lang]
    assert (negative in told) is not study.effect.distinguishable
    sure = replace(
        study.effect, table=study.effect.table.assign(low=0.01, high=0.05, estimate=0.03)
    )
    card = replace(study.card, result=sure)
    assert negative not in impact_tables.verdict(card, lang, about)
    fell = sure.table.assign(low=-0.05, high=-0.01, estimate=-0.03)
    said = impact_tables.verdict(replace(card, result=replace(sure, table=fell)), lang, about)
    found = said.partition("(")[0]  # up to the interval: a fall is printed without its minus
    assert not re.search(r"(by|на) [−+-]\d", found)
    assert MINUS in said  # the interval keeps its signs
    failed = [check for check in study.card.checks if check.status == "failed"]
    rows = impact_tables.checks_table(study.card, lang, about).frame
    assert len(rows) == len(study.card.checks)
    assert rows.iloc[:, 0].str.startswith("✗").sum() == len(failed)
    if lang == "ru":
        findings = rows.iloc[:, 2]
        assert findings.str.contains("[а-я]").all(), "every finding speaks Russian"


@pytest.mark.parametrize("lang", LANGS)
def test_measures_lead_to_their_sources(lang: Lang) -> None:
    measures = sanctions.measures_frame(lang)
    table = impact_tables.measures_table(measures, lang)
    ((_, addresses),) = table.links.items()
    sourced = measures["sources"].ne("").sum()
    assert sum(bool(address) for address in addresses) == sourced
    force = dict(zip(measures["measure"], table.frame.iloc[:, 2], strict=True))
    day = {"en": "24 Jun 2023", "ru": "24.06.2023"}[lang]
    assert force["eu-2023-p11"] == day
    doubt = {"en": "unverified", "ru": "не проверено"}[lang]
    assert force["eu-2014-sectoral"].endswith(f"2014 ({doubt})")
    assert force["eu-2022-swift"].endswith({"en": "12 Mar 2022", "ru": "12.03.2022"}[lang])
    assert table.frame.iloc[-2:, -1].str.contains(doubt).any(), "package 21 was not read"
    fig = exposure_figures.plot_timeline(measures, [], lang)
    points = sum(len(line.get_xdata()) for line in fig.axes[0].lines)
    assert points == measures["announced"].notna().sum()


@pytest.mark.parametrize("lang", LANGS)
def test_figures_of_exposure(latest: pd.DataFrame, lang: Lang) -> None:
    scope = regions.scope()
    found = {
        wave: sanctions.exposure(latest, sanctions.find_exposure(MAIN, wave), scope)
        for wave in sanctions.waves()
    }
    fig = exposure_figures.plot_two_waves(found[2014], found[2022], ["RU-KLU"], lang)
    assert sum(len(group.get_offsets()) for group in fig.axes[0].collections) == 83
    weights = studies.neighbours(scope)
    values = found[2022].values
    one = spatial.moran(values, weights, permutations=99, seed=1)
    local = spatial.local_moran(values, weights, permutations=99, seed=1)
    drawn = impact_moran.plot_moran(one, local, scope, lang, what="x")
    assert sum(len(group.get_offsets()) for group in drawn.axes[0].collections) == 81


def test_what_replacement_predicts_is_set_beside_what_is_seen(study: studies.WaveStudy) -> None:
    for lang in LANGS:
        table = study_text.substitution_table({(2022, "rd_staff"): study}, lang).frame
        assert len(table) == 3
        assert table.iloc[:, 3].str.contains("2022").all()
