"""Maps show every unit once, in the colour of its class, with a legend that adds up."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from valley_analysis.charts import classify, plot_map, plot_tile_map, plot_tile_maps
from valley_analysis.charts.legend import HATCH
from valley_analysis.charts.style import PAPER
from valley_analysis.errors import UnknownRegionError, ValleyError
from valley_analysis.frames import Scope
from valley_analysis.regions import scope
from valley_analysis.scoring import IndexResult


def drawn(ax: Axes) -> dict[str, Patch]:
    patches = [patch for patch in ax.patches if patch.get_gid()]
    found = {str(patch.get_gid()): patch for patch in patches}
    assert len(found) == len(patches), "a unit is drawn twice"
    return found


def colours(ax: Axes) -> dict[str, str]:
    return {unit: to_hex(patch.get_facecolor()) for unit, patch in drawn(ax).items()}


def legend_counts(ax: Axes) -> list[int]:
    legend = ax.get_legend()
    assert legend is not None
    texts = [text.get_text() for text in legend.get_texts()]
    return [int(found.group(1)) for text in texts if (found := re.search(r"\((\d+)\)$", text))]


@pytest.fixture(scope="module")
def gappy(result: IndexResult) -> "pd.Series[float]":
    scores = result.scores["score"].copy()
    scores[["RU-TY", "RU-MOW"]] = np.nan
    return scores


@pytest.fixture(scope="module")
def both(gappy: "pd.Series[float]", units: Scope) -> tuple[Figure, Figure]:
    one = plot_map(gappy, title="Map", scope=units, what="Score")
    return one, plot_tile_map(gappy, title="Tiles", scope=units, what="Score")


def test_every_unit_is_drawn_once(both: tuple[Figure, Figure], units: Scope) -> None:
    for figure in both:
        assert set(drawn(figure.axes[0])) == set(units.units)


def test_map_and_tiles_have_the_same_colours(both: tuple[Figure, Figure]) -> None:
    chart, tiles = both
    assert colours(chart.axes[0]) == colours(tiles.axes[0])


def test_colours_follow_classes(both: tuple[Figure, Figure], gappy: "pd.Series[float]") -> None:
    classes = classify(gappy)
    for unit, colour in colours(both[0].axes[0]).items():
        assert colour == to_hex(classes.colour(unit))


def test_legend_counts_every_unit(both: tuple[Figure, Figure], units: Scope) -> None:
    for figure in both:
        counts = legend_counts(figure.axes[0])
        assert sum(counts) == len(units)
        assert counts[-1] == 2  # without a value


def test_missing_units_are_hatched(both: tuple[Figure, Figure]) -> None:
    for figure in both:
        hatched = {u for u, patch in drawn(figure.axes[0]).items() if patch.get_hatch() == HATCH}
        assert hatched == {"RU-TY", "RU-MOW"}
        assert colours(figure.axes[0])["RU-TY"] == PAPER


def test_insets_enlarge_the_small_regions(both: tuple[Figure, Figure]) -> None:
    _, *insets = both[0].axes
    shown = set().union(*(drawn(ax) for ax in insets))
    small = {"RU-MOW", "RU-SPE", "RU-IN", "RU-SE", "RU-AD", "RU-CE", "RU-KB", "RU-KC"}
    assert small <= shown
    outline = "RU-IN"
    shapes = [drawn(ax)[outline] for ax in both[0].axes if outline in drawn(ax)]
    main, large = (shape.get_window_extent() for shape in shapes)
    assert large.width * large.height > 4 * main.width * main.height
    for ax in insets:
        for unit, patch in drawn(ax).items():
            assert to_hex(patch.get_facecolor()) == colours(both[0].axes[0])[unit]


def test_units_without_an_outline_stand_as_squares(rosstat: IndexResult) -> None:
    units = scope("rosstat")
    figure = plot_map(rosstat.scores["score"], title="Map", scope=units, what="Score")
    assert set(drawn(figure.axes[0])) == set(units.units)
    texts = " ".join(text.get_text() for text in figure.texts)
    assert "Crimea" in texts.replace("\n", " ")
    assert "85 regions" in texts


def test_small_multiples_have_a_legend_each(result: IndexResult, units: Scope) -> None:
    names = {name: name for name in result.spec.dimensions}
    table = result.scores[list(names)]
    figure = plot_tile_maps(table, names, title="Six", scope=units, what="Score")
    assert len(figure.axes) == len(names)
    for ax, name in zip(figure.axes, names, strict=True):
        assert sum(legend_counts(ax)) == len(units)
        known = classify(table[name])
        assert len([u for u, p in drawn(ax).items() if p.get_hatch()]) == known.missing


def test_a_map_needs_known_codes_and_a_value(units: Scope) -> None:
    with pytest.raises(UnknownRegionError, match="RU-TUV"):
        plot_map(pd.Series({"RU-TUV": 1.0}), title="", scope=units, what="")
    with pytest.raises(ValleyError, match="no unit has a value"):
        plot_map(pd.Series({"RU-TUL": np.nan}), title="", scope=units, what="")


@pytest.mark.slow
def test_quantiles_are_those_of_mapclassify(result: IndexResult) -> None:
    import mapclassify

    scores = result.scores["score"]
    theirs = mapclassify.Quantiles(scores.to_numpy(), k=5)
    ours = classify(scores, k=5)
    assert ours.counts == tuple(theirs.counts)
    np.testing.assert_allclose(ours.limits, theirs.bins)


def test_natural_breaks_and_fixed_limits(result: IndexResult) -> None:
    scores = result.scores["score"]
    natural = classify(scores, "fisher_jenks", k=4)
    assert sum(natural.counts) == len(scores)
    assert natural.counts[-1] < 10  # a few are far ahead
    fixed = classify(scores, [30.0, 50.0, 100.0])
    assert fixed.ranges == ((0.0, 30.0), (30.0, 50.0), (50.0, 100.0))
    assert fixed.counts[2] == int((scores > 50).sum())


def test_a_limit_belongs_to_the_class_below() -> None:
    values = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0})
    assert classify(values, [1.0, 2.0, 3.0]).members.tolist() == [0, 1, 2]


def test_equal_values_share_a_class() -> None:
    zeros = pd.Series({f"u{k}": 0.0 for k in range(30)} | {"top": 5.0, "next": 3.0})
    classes = classify(zeros)
    assert len(set(classes.members.loc[[f"u{k}" for k in range(30)]])) == 1
    assert sum(classes.counts) == 32
    assert all(classes.counts)


def test_limits_must_rise_and_cover() -> None:
    values = pd.Series({"a": 1.0, "b": 9.0})
    for wrong in ([5.0, 3.0, 9.0], [2.0, 8.0]):
        with pytest.raises(ValleyError, match="should rise and reach the largest value, 9"):
            classify(values, wrong)
