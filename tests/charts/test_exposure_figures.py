"""Measures by sender, exposure on a map and before both waves, listings against organisations."""

import re

import pandas as pd
import pytest
from matplotlib.text import Text

from valley_analysis import regions, sanctions
from valley_analysis.charts import exposure_figures, exposure_tables, style
from valley_analysis.charts.labels import place_labels
from valley_analysis.charts.names import unit_names
from valley_analysis.text import LANGS, Lang

MAIN = "imports_far_grp"
HOSTS = (
    *("RU-KDA", "RU-MOW", "RU-PRI", "RU-KLU", "RU-NIZ", "RU-TUL", "RU-KGD", "RU-NGR", "RU-RYA"),
    *("RU-KHM", "RU-SPE"),
)


@pytest.fixture(scope="module")
def found(latest: pd.DataFrame) -> dict[int, sanctions.ExposureResult]:
    scope = regions.scope()
    return {
        wave: sanctions.exposure(latest, sanctions.find_exposure(MAIN, wave), scope)
        for wave in sanctions.waves()
    }


@pytest.mark.parametrize("lang", LANGS)
def test_a_measure_has_the_sign_of_its_sender(lang: Lang) -> None:
    measures, called = sanctions.measures_frame(lang), sanctions.load_labels()["senders"]
    lines = exposure_figures.plot_timeline(measures, [], lang).axes[0].lines
    drawn = dict.fromkeys("os^Dv", 0)
    for line in lines:
        drawn[str(line.get_marker())] += len(line.get_xdata())
    assert sum(drawn.values()) == len(measures)
    for marker, sender in {"o": "EU", "s": "US", "D": "RU"}.items():
        assert drawn[marker] == measures["senders"].eq(called[sender][lang]).sum(), sender


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
def test_every_host_is_named_in_the_scatter_of_both_waves(found, lang: Lang) -> None:
    fig = exposure_figures.plot_two_waves(found[2014], found[2022], HOSTS, lang)
    named = {text.get_text() for text in fig.axes[0].texts}
    assert set(unit_names([*HOSTS, "RU-NEN"], lang)) <= named, "every host, and the least exposed"


@pytest.mark.parametrize("lang", LANGS)
def test_a_class_of_the_map_ends_where_the_country_stands(found, lang: Lang) -> None:
    drawn = exposure_figures.plot_exposure(found[2022], lang)
    legend = [text.get_text() for text in drawn.axes[0].get_legend().get_texts()]
    told = [re.match(r"([\d,.]+) – ([\d,.]+) +\((\d+)\)", line) for line in legend]
    rows = [(float(m[1].replace(",", ".")), int(m[3])) for m in told if m]
    assert len(rows) == len(legend)
    assert 1.0 in [low for low, _ in rows]
    above = found[2022].frame["quotient"].gt(1).sum()
    assert sum(count for low, count in rows if low >= 1) == above == 8


def test_entries_are_set_against_organisations(latest: pd.DataFrame) -> None:
    counts = pd.DataFrame({"entries": [10, 3]}, index=["RU-TUL", "RU-ARK"])
    rated = exposure_tables.per_organisation(counts, latest)
    tula = latest[latest["series"].eq("organisations") & latest["region"].eq("RU-TUL")]
    total = tula.loc[tula["period"].eq(tula["period"].max()), "value"].item()
    assert rated.loc["RU-TUL", "rate"] == pytest.approx(10_000 / total)
    assert list(rated.index) == ["RU-TUL", "RU-ARK-X"], "an oblast without its okrugs"


def test_a_label_that_must_stand_is_led_where_there_is_no_room() -> None:
    fig = style.new_figure(4.0)
    ax = fig.add_axes((0.1, 0.1, 0.8, 0.8))
    ax.set(xlim=(0, 1), ylim=(0, 1))
    crowd = {str(k): (0.4 + 0.012 * (k % 15), 0.4 + 0.025 * (k // 15)) for k in range(135)}
    texts = {key: f"Region {key}" for key in ("67", "52", "82")}
    assert place_labels(ax, crowd, texts) == {}, "no room beside any of them"
    placed = place_labels(ax, crowd, texts, led=list(texts))
    assert set(placed) == set(texts)
    boxes = [Text.get_window_extent(label, style.renderer(fig)) for label in placed.values()]
    assert not any(one.overlaps(other) for k, one in enumerate(boxes) for other in boxes[:k])
    inside = [ax.transData.transform(at) for at in crowd.values()]
    assert not any(box.contains(*at) for box in boxes for at in inside)
