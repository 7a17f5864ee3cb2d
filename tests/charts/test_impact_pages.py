"""What a page on a wave tells twice is one number, and a figure claims no more than it shows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis import impact, regions, sanctions, studies
from valley_analysis.charts import (
    impact_changes,
    impact_cohorts,
    impact_effects,
    impact_event,
    impact_inference,
    impact_tables,
    impact_terciles,
    impact_verdicts,
    study_text,
)
from valley_analysis.charts.impact_sentences import check_text
from valley_analysis.charts.impact_text import About
from valley_analysis.errors import DesignError
from valley_analysis.text import LANGS, Lang

pytestmark = pytest.mark.slow

MAIN = "imports_far_grp"
QUICK = studies.Settings(permutations=49, replications=49, cutoffs_km=(1000.0,))
COLUMNS = {"unit": "u", "period": "t", "outcome": "y", "exposure": "x"}


@pytest.fixture(scope="module")
def data(latest: pd.DataFrame) -> studies.WaveData:
    return studies.wave_data(latest, "rd_staff", 2022, MAIN, regions.scope())


@pytest.fixture(scope="module")
def study(data: studies.WaveData) -> studies.WaveStudy:
    return studies.study_wave(data, QUICK)


def test_the_most_exposed_third_has_one_path_in_both_pictures(data: studies.WaveData) -> None:
    looks = study_text.looks(data)[0]
    asked = {key: looks[key] for key in ("unit", "period", "outcome", "exposure", "reference")}
    paths = impact_terciles.tercile_paths(data.frame, **asked, change=looks["change"])
    high = paths[paths["tercile"] == "high"].set_index("period")["value"]
    kept = {key: data.columns[key] for key in ("unit", "period", "outcome", "exposure", "since")}
    found = impact.contrast(data.frame, **kept, replications=9)
    gaps = found.frames["gaps"]["observed"]
    contrast = 100 * np.exp(gaps - gaps[looks["reference"]])
    pd.testing.assert_series_equal(high, contrast, check_names=False, rtol=1e-9)
    assert high[2016] == pytest.approx(116.4, abs=0.05), "as the figure prints it"


def few(n: int, every: int) -> pd.DataFrame:
    """Units of which only the first `every` of each third have all periods."""
    rows = [(u, t, 10.0 + u + t, float(u)) for u in range(3 * n) for t in (1, 2, 3)]
    frame = pd.DataFrame(rows, columns=list("utyx"))
    return frame[(frame["u"] % n < every) | (frame["t"] < 3)]


@pytest.mark.parametrize("lang", LANGS)
def test_fewer_than_ten_units_have_no_mean(lang: Lang) -> None:
    about = About("y", "x", since=3)
    fig = impact_terciles.plot_terciles(
        few(12, 4), lang, **COLUMNS, reference=2, since=3, about=about
    )
    drawn = [line.get_gid() or "" for line in fig.axes[0].lines]
    assert not [gid for gid in drawn if gid.startswith("tercile")]
    assert len([gid for gid in drawn if gid.startswith("unit of")]) == 12
    legend = [text.get_text() for text in fig.legends[0].get_texts()]
    assert all({"en": "4 of 12", "ru": "4 из 12"}[lang] in line for line in legend)
    whole = impact_terciles.plot_terciles(
        few(12, 11), lang, **COLUMNS, reference=2, since=3, about=about
    )
    assert len([line for line in whole.axes[0].lines if line.get_gid() == "tercile high"]) == 1


def test_a_third_without_any_whole_unit_is_not_drawn_and_the_others_are() -> None:
    frame = few(12, 11)
    frame = frame[~((frame["u"] >= 24) & (frame["t"] == 2))]
    paths = impact_terciles.tercile_paths(frame, **COLUMNS, reference=1)
    assert set(paths["tercile"]) == {"low", "middle"}
    with pytest.raises(DesignError, match="no unit has a value in every period"):
        impact_terciles.tercile_paths(
            frame[(frame["u"] + frame["t"]) % 3 > 0], **COLUMNS, reference=1
        )


@pytest.mark.parametrize("lang", LANGS)
def test_a_standard_error_is_one_number_with_its_unit(study: studies.WaveStudy, lang: Lang) -> None:
    about, found = study_text.about_wave(study.data, lang), study.inference
    table = impact_tables.inference_table(found, lang, about).frame
    column = next(name for name in table if name.startswith(("Std.", "Станд.")))
    assert column.endswith("%")
    fig = impact_inference.plot_inference(found, lang, about=about)
    printed = {text.get_text() for text in fig.axes[0].texts}
    assert {column, *table[column]} <= printed
    bands = [patch for patch in fig.axes[0].patches if patch.get_gid() == "primary"]
    bold = [tick for tick in fig.axes[0].get_yticklabels() if tick.get_fontweight() == "bold"]
    assert len(bands) == len(bold) == 1, "the test that decides stands out"
    assert not table.map(lambda cell: cell == "– … –").any(axis=None)


@pytest.mark.parametrize("lang", LANGS)
def test_the_event_figure_asks_and_says_which_trend_it_would_have_seen(
    study: studies.WaveStudy, lang: Lang
) -> None:
    about = study_text.about_wave(study.data, lang)
    fig = impact_event.plot_event_study(study.dynamic, lang, about=about, honest=study.honest)
    title = next(text.get_text() for text in fig.texts if "?" in text.get_text())
    assert "2022" in title
    check = impact_event._pretrend_check(study.dynamic)
    assert check is not None
    head = " ".join(text.get_text() for text in fig.axes[0].texts)
    assert about.told(check.facts["slope_80"], lang, sign=False) in head
    assert "M = 1" in " ".join(text.get_text() for text in fig.legends[0].get_texts())


def test_quantiles_of_terciles_are_those_of_the_contrast() -> None:
    for n in (81, 82, 83):
        x = pd.Series(np.arange(n, dtype=float))
        third = impact_terciles.exposure_terciles(x).value_counts()
        assert third["high"] == (x >= x.quantile(2 / 3)).sum()
        assert third["low"] == (x <= x.quantile(1 / 3)).sum()
    assert sanctions.find_exposure(MAIN, 2022).form == "rank"


@pytest.mark.parametrize("lang", LANGS)
def test_rivals_of_several_verdicts_are_told_once(study: studies.WaveStudy, lang: Lang) -> None:
    about = study_text.about_wave(study.data, lang)
    own = replace(study.card, cannot_separate=("war", "oil"))
    other = replace(study.card, cannot_separate=("food", "oil"))
    cards = {"a": (own, about), "b": (other, about)}
    told = impact_verdicts.verdicts_table(cards, lang).frame
    assert list(told.iloc[:, 0]) == ["a", "b"]
    assert not told.map(lambda cell: "oil" in cell or "**" in cell).any(axis=None)
    assert told.iloc[0, 1] in impact_tables.verdict(own, lang, about)
    rivals = impact_verdicts.rivals_table({"2014": own, "2022": other}, lang).frame
    assert dict(rivals.itertuples(index=False)) == {
        "2014": "War.", "2014; 2022": "Oil.", "2022": "Food."
    }  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_an_outcome_outside_the_family_has_a_dash_beside_those_within(
    study: studies.WaveStudy, lang: Lang
) -> None:
    about = study_text.about_wave(study.data, lang)
    inside = replace(study.card, beside={"p_sound": 0.25, "p_family": 0.5})
    outside = replace(study.card, beside={"p_sound": 0.125})
    shown = impact_tables.cards_table({"in": (inside, about), "out": (outside, about)}, lang)
    family = impact_tables.word("col_p_family", lang)
    sound = impact_tables.word("col_p_sound", lang)
    assert shown.frame[family].tolist() == ["0.500" if lang == "en" else "0,500", "–"]
    assert shown.frame[sound].tolist()[1] == ("0.125" if lang == "en" else "0,125")
    assert "–" in shown._repr_html_()
    alone = impact_tables.cards_table({"out": (outside, about)}, lang).frame
    assert family not in alone


@pytest.mark.parametrize("lang", LANGS)
def test_each_year_of_decree_has_its_own_sign_and_says_how_many_hosts(lang: Lang) -> None:
    hosts = {"a": 2, "b": 2, "c": 3, "d": 3, "e": 3, "f": 4, "g": 5}
    rows = [
        (unit, year, hosts.get(unit, 0), 0.1 * year + (year >= hosts.get(unit, 99)))
        for unit in "abcdefghijklmnop"
        for year in range(7)
    ]
    frame = pd.DataFrame(rows, columns=["unit", "year", "cohort", "y"])
    frame["y"] += np.random.default_rng(1).normal(0, 0.01, len(frame))
    frame["cohort"] = frame["cohort"].where(frame["cohort"].gt(0))
    found = impact.group_time_att(frame, unit="unit", period="year", outcome="y", cohort="cohort")
    fig = impact_cohorts.plot_group_time(found, lang, about=About("y"))
    legend = fig.legends[0]
    texts = [text.get_text() for text in legend.get_texts()]
    one = {"en": "4 (1 host)", "ru": "4 (1 регион)"}[lang]
    assert texts[:3] == [{"en": "2 (2 hosts)", "ru": "2 (2 региона)"}[lang],
                         {"en": "3 (3 hosts)", "ru": "3 (3 региона)"}[lang], one]  # fmt: skip
    signs = [(line.get_markeredgecolor(), line.get_marker()) for line in legend.get_lines()[:4]]
    assert len({colour for colour, _ in signs}) == len({shape for _, shape in signs}) == 4
    assert fig.axes[0].get_legend() is None, "outside the lines"


def test_effects_of_a_column_have_one_number_of_decimals() -> None:
    rows = pd.DataFrame({"estimate": [0.1132, 0.00354], "low": np.nan, "high": np.nan}, list("ab"))
    fig = impact_effects.plot_effects(rows, about=About("y", percent=True), title="t")
    assert [text.get_text() for text in fig.axes[0].texts] == ["+12.0", "+0.4"]


def test_counts_change_by_ratios_so_that_a_region_with_two_does_not_stretch_the_axis() -> None:
    rows = [(u, t, (u + 1) * (t + 1) * (u != 4 or t < 1), u) for u in range(6) for t in (0, 1)]
    frame = pd.DataFrame(rows, columns=list("utyx"))
    found = impact_changes.unit_changes(frame, before=[0], after=[1], kind="ratio", **COLUMNS)
    assert found["change"].tolist() == pytest.approx([np.log(2)] * 5)
    assert 4 not in found.index, "it counted none after"


@pytest.mark.parametrize("lang", LANGS)
def test_an_undecided_trend_is_not_told_as_one_that_was_seen(
    study: studies.WaveStudy, lang: Lang
) -> None:
    said = {}
    for status in ("passed", "failed", "undecided"):
        checks = tuple(
            replace(check, status=status) if check.name == "pretrend_joint" else check
            for check in study.card.checks
        )
        other = replace(study, card=replace(study.card, checks=checks))
        table = study_text.substitution_table({(2022, "rd_staff"): other}, lang).frame
        said[status] = table.iloc[2, 3]
    assert len(set(said.values())) == 3
    assert said["undecided"].endswith({"en": "cannot be told", "ru": "не решить"}[lang])


def test_a_shortened_name_ends_its_sentence_with_one_full_stop(study: studies.WaveStudy) -> None:
    told = [check_text(check, "ru", study_text.about_wave(study.data, "ru"))
            for check in study.card.checks]  # fmt: skip
    assert not [text for text in told if ".." in text]
