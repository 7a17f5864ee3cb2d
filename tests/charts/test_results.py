"""Charts and tables of an index contain what the result says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis import charts
from valley_analysis.charts import tables
from valley_analysis.charts.editions import spread_labels
from valley_analysis.errors import ValleyError
from valley_analysis.panel.provenance import sources_used
from valley_analysis.scoring import IndexResult

pytestmark = pytest.mark.slow


def labels(ax) -> list[str]:
    return [text.get_text() for text in ax.get_yticklabels()]


def test_contributions_add_up_to_the_score(result: IndexResult) -> None:
    points = charts.dimension_contributions(result)
    np.testing.assert_allclose(points.sum(axis=1), result.scores["score"], atol=1e-9)


def test_ranking_shows_every_region_once_in_order(result: IndexResult) -> None:
    figure = charts.plot_ranking(result)
    names = charts.unit_names(result.scores.sort_values(["rank", "score"]).index)
    shown = [name.removesuffix(" °") for ax in figure.axes for name in labels(ax)]
    assert shown == names.tolist()
    scores = [
        float(text.get_text())
        for ax in figure.axes
        for text in ax.texts
        if text.get_fontweight() == "bold"
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == len(result.scope)


def test_bars_are_as_long_as_the_scores(result: IndexResult) -> None:
    (ax,) = charts.plot_ranking(result, top=10).axes
    ends = [max(bar.get_x() + bar.get_width() for bar in row) for row in _rows(ax.patches)]
    best = result.scores["score"].sort_values(ascending=False).head(10)
    np.testing.assert_allclose(ends, best)


def _rows(bars):
    by_row: dict[float, list] = {}
    for bar in bars:
        by_row.setdefault(round(bar.get_y(), 6), []).append(bar)
    return [by_row[y] for y in sorted(by_row)]


def test_incomplete_regions_are_marked_and_counted(result: IndexResult) -> None:
    figure = charts.plot_ranking(result)
    marked = [name for ax in figure.axes for name in labels(ax) if name.endswith("°")]
    assert len(marked) == len(charts.incomplete_units(result)) > 0
    foot = " ".join(text.get_text() for text in figure.texts)
    assert f"(regions: {len(marked)})" in foot.replace("\n", " ")


def test_an_early_edition_marks_only_what_its_own_indicators_lack(
    editions: dict[int, IndexResult],
) -> None:
    early = editions[2010]
    assert len(early.dropped)
    assert len(charts.incomplete_units(early)) < len(early.scope)


def test_unranked_regions_are_named_below(gapped: IndexResult) -> None:
    figure = charts.plot_ranking(gapped)
    foot = " ".join(text.get_text() for text in figure.texts).replace("\n", " ")
    assert "Without a score: Tuva, Chukotka." in foot
    assert "81 with a value" in foot
    assert "Without a score: Tuva, Chukotka." in tables.headline(gapped)
    assert tables.scores_table(gapped).frame["Rank"].tolist()[-2:] == ["–", "–"]


def test_ties_share_their_rank(result: IndexResult) -> None:
    scores = result.scores.assign(rank=pd.Series(3, index=result.scores.index, dtype="Int64"))
    figure = charts.plot_ranking(replace(result, scores=scores), top=4)
    ranks = [text.get_text() for text in figure.axes[0].texts if text.get_position()[0] < 0]
    assert ranks == ["3"] * 4


def test_ranges_are_printed(result: IndexResult) -> None:
    ranges = pd.DataFrame({"rank_low": 2, "rank_high": 9}, index=result.scores.index)
    (ax,) = charts.plot_ranking(result, top=3, ranges=ranges).axes
    assert [text.get_text() for text in ax.texts].count("2–9") == 3


def test_profiles_put_a_dot_at_every_score(result: IndexResult) -> None:
    figure = charts.plot_profiles(result, ["RU-MOW", "RU-CHU"])
    for ax, unit in zip(figure.axes, ["RU-MOW", "RU-CHU"], strict=True):
        dots = {line.get_gid(): float(line.get_xdata()[0]) for line in ax.lines if line.get_gid()}
        known = result.scores.loc[unit, list(result.spec.dimensions)].dropna().astype(float)
        assert dots == pytest.approx(known.to_dict())
    assert "no data" in [text.get_text() for text in figure.axes[1].texts]


def test_editions_draw_every_rank(editions: dict[int, IndexResult]) -> None:
    (ax,) = charts.plot_editions(editions, ["RU-TUL", "RU-MOW"]).axes
    for unit in ("RU-TUL", "RU-MOW"):
        drawn = {
            int(line.get_xdata()[0]): int(line.get_ydata()[0])
            for line in ax.lines
            if line.get_gid() == unit
        }
        assert drawn == {year: int(one.scores.loc[unit, "rank"]) for year, one in editions.items()}


def test_provisional_editions_are_dashed_and_hollow(editions: dict[int, IndexResult]) -> None:
    figure = charts.plot_editions(editions, ["RU-TUL"])
    (ax,) = figure.axes
    marks = {int(line.get_xdata()[0]): line for line in ax.lines if line.get_gid() == "RU-TUL"}
    hollow = {year for year, line in marks.items() if line.get_markerfacecolor() == "#ffffff"}
    assert hollow == set(editions[2021].spec.provisional)
    assert "2022: provisional" in " ".join(text.get_text() for text in figure.texts)


def test_method_breaks_name_the_oslo_manuals(editions: dict[int, IndexResult]) -> None:
    breaks = charts.method_breaks(editions)
    oslo = breaks[(breaks["old"] == "oslo3") & (breaks["new"] == "oslo4")]
    assert set(oslo["edition"]) == {2017}
    assert set(breaks["edition"]) >= {2017, 2019}
    (ax,) = charts.plot_editions(editions, ["RU-TUL"]).axes
    lines = {line.get_xdata()[0] for line in ax.lines if list(line.get_ydata()) == [0, 1]}
    assert lines == {year - 0.5 for year in breaks["edition"]}


def test_common_indicators_are_in_every_edition(editions: dict[int, IndexResult]) -> None:
    same = charts.common_indicators(editions)
    assert all(set(same) <= set(one.lags.index) for one in editions.values())
    assert 0 < len(same) < len(editions[2021].spec.indicators)


@pytest.mark.parametrize("units", [[], ["RU-TYU"], ["RU-TUL", "UA-43"]])
def test_units_outside_the_scope_are_told(
    units: list[str], result: IndexResult, editions: dict[int, IndexResult]
) -> None:
    for draw in (charts.plot_profiles, charts.plot_editions):
        with pytest.raises(ValleyError, match=r"not (in|among those of) scope 'recognised'"):
            draw(result if draw is charts.plot_profiles else editions, units)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=15), st.floats(0.1, 10))
def test_spread_labels_keep_distance_order_and_middle(wanted: list[float], gap: float) -> None:
    placed = spread_labels(wanted, gap)
    order = np.argsort(np.array(wanted), kind="stable")
    ordered = np.array(placed)[order]
    assert (np.diff(ordered) >= gap - 1e-6).all()
    assert np.mean(placed) == pytest.approx(np.mean(wanted), abs=1e-6)


def test_headline_says_what_the_result_holds(editions: dict[int, IndexResult]) -> None:
    for period, one in editions.items():
        text = tables.headline(one)
        assert f"**Edition {period}** compares **{len(one.scope)}** regions" in text
        assert f"**{len(one.lags)}** indicators" in text
        assert f"carried forward from an earlier year: {(one.lags['lag'] > 0).sum()} (" in text
        assert f"not yet printed: {len(one.dropped)} (" in text
        assert f"middle of their bounds: {len(one.imputed)} (" in text
        assert ("**Provisional**" in text) == (period == 2022)


def test_indicator_table_accounts_for_all_the_weight(result: IndexResult) -> None:
    frame = tables.indicator_table(result, series_names={"grp": "Product"}).frame
    assert len(frame) == len(result.lags)
    assert frame["Weight, %"].astype(float).sum() == pytest.approx(100, abs=1.5)
    assert frame["Formula"].iloc[0] == "Product (constant prices) / employed × 1,000"
    assert frame["What it can mislead about"].str.len().min() > 5


def test_groups_share_a_weight(result: IndexResult) -> None:
    sizes = result.weights.groupby(["dimension", "group"]).size()
    assert len(tables.groups_table(result).frame) == int((sizes > 1).sum())


def test_empty_tables_say_so(result: IndexResult) -> None:
    nothing = replace(result, dropped=result.dropped.iloc[:0])
    table = tables.dropped_table(nothing, "ru")
    assert str(table) == "Не вошли\nнет"
    assert table._repr_html_() == "<p><b>Не вошли</b></p><p>нет</p>"


def test_tables_escape_and_align() -> None:
    page = tables.Table(pd.DataFrame({"a": ["<b>"], "b": ["1,5"]}))._repr_html_()
    assert "&lt;b&gt;" in page
    assert page.count("text-align: right") == 2
    assert str(tables.Table(pd.DataFrame({"a": ["x", "y"]})).head(1)).split() == ["a", "x"]


def test_sources_table_shortens_checksums() -> None:
    used = sources_used(["grp", "wage", "rd_staff"], also=["boundaries/regions"])
    frame = tables.sources_table(used).frame
    assert set(frame["SHA-256, first 16"].str.len()) == {16}
    assert (frame["Source"] == "").sum() == used.duplicated("source").sum() > 0


def test_editions_draw_the_range_of_each_rank(editions):
    units = ["RU-TUL", "RU-TA"]
    span = pd.DataFrame({"rank_low": [3, 1], "rank_high": [30, 7]}, index=units)
    figure = charts.plot_editions(editions, units, ranges={2021: span})
    bars = [line for line in figure.axes[0].lines if str(line.get_gid()).startswith("range")]
    assert [list(bar.get_ydata()) for bar in bars] == [[3, 30], [1, 7]]
    assert figure.axes[0].get_ylim()[0] > 30


def test_profiles_print_the_range_behind_the_rank(result: IndexResult) -> None:
    span = pd.DataFrame({"rank_low": [15], "rank_high": [23]}, index=["RU-TUL"])
    (ax,) = charts.plot_profiles(result, ["RU-TUL"], ranges=span).axes
    place = int(result.scores.loc["RU-TUL", "rank"])
    assert any(f"rank {place} (15–23)" in text.get_text() for text in ax.texts)
