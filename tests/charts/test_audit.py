"""The audit's figures say what their frames say, in both languages, and nothing collides."""

import itertools
import re
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from valley_analysis.charts import audit
from valley_analysis.charts.audit_coverage import LOOKS
from valley_analysis.charts.audit_spread import bend
from valley_analysis.charts.audit_text import larger_unit, method_name, word
from valley_analysis.errors import RegisterError
from valley_analysis.panel import check_panel, compare_vintages
from valley_analysis.panel import describe as d
from valley_analysis.regions import scope
from valley_analysis.text import LANGS, Lang

pytestmark = pytest.mark.slow

LATIN = {"n", "SHA"}


@pytest.fixture(scope="module")
def coverage(latest: pd.DataFrame) -> pd.DataFrame:
    return d.coverage_table(latest, scope().units)


@pytest.fixture(scope="module")
def revisions(panel: pd.DataFrame) -> pd.DataFrame:
    found = compare_vintages(panel)
    return found[found["region"].isin(scope().units)]


@pytest.fixture(scope="module")
def national(latest: pd.DataFrame) -> pd.DataFrame:
    rows = d.plain(latest[latest["region"] == "RU"])
    return rows[rows["series"].isin(d.method_breaks(latest)["series"])]


@pytest.fixture(scope="module")
def draw(
    latest: pd.DataFrame,
    coverage: pd.DataFrame,
    revisions: pd.DataFrame,
    national: pd.DataFrame,
    result,
) -> dict[str, Callable[[Lang], Figure]]:
    units = scope()
    themes = {name: d.theme(name) for name in d.series_labels()}
    breaks = d.method_breaks(latest)
    statistics = d.describe_series(latest, None, 2021, units.units)
    gaps = d.total_gaps(latest)
    values = result.values
    return {
        "coverage": lambda lang: audit.plot_coverage(
            coverage, breaks, d.series_labels(lang), themes, scope=units, lang=lang
        ),
        "suppression": lambda lang: audit.plot_suppression(
            coverage, d.series_labels(lang), scope=units, lang=lang
        ),
        "concentration": lambda lang: audit.plot_concentration(
            statistics, d.series_labels(lang), scope=units, period=2021, lang=lang
        ),
        "distributions": lambda lang: audit.plot_distributions(
            values, scope=units, period=2021, lang=lang
        ),
        "reconciliation": lambda lang: audit.plot_reconciliation(
            gaps, d.series_labels(lang), lang=lang
        ),
        "revisions": lambda lang: audit.plot_revisions(revisions, d.series_labels(lang), lang=lang),
        "breaks": lambda lang: audit.plot_method_breaks(
            national, d.series_labels(lang), d.series_units(lang), lang=lang
        ),
    }


NAMES = (
    *("coverage", "suppression", "concentration", "distributions"),
    *("reconciliation", "revisions", "breaks"),
)


@pytest.fixture(
    scope="module",
    params=list(itertools.product(NAMES, LANGS)),
    ids=lambda param: "-".join(param),
)
def figure(request: pytest.FixtureRequest, draw: dict[str, Callable[[Lang], Figure]]) -> Figure:
    name, lang = request.param
    drawn = draw[name](lang)
    drawn.set_label(lang)
    drawn.draw_without_rendering()
    return drawn


def axes_texts(ax: Axes) -> Iterator[Text]:
    yield from ax.texts
    yield from (ax.title, ax._left_title, ax._right_title)
    legend = ax.get_legend()
    if legend is not None:
        yield from legend.get_texts()
    for axis, view in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        yield axis.label
        for tick in axis.get_major_ticks():
            if min(view) <= tick.get_loc() <= max(view):
                yield from (tick.label1, tick.label2)


def texts(figure: Figure) -> list[Text]:
    found = [*figure.texts, *(text for ax in figure.axes for text in axes_texts(ax))]
    found += [text for legend in figure.legends for text in legend.get_texts()]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def boxes(figure: Figure):
    printer = figure.canvas.get_renderer()
    return [(text.get_text(), Text.get_window_extent(text, printer)) for text in texts(figure)]


def test_texts_do_not_overlap(figure: Figure) -> None:
    found = [(text, box.padded(-1.5)) for text, box in boxes(figure)]
    pairs = itertools.combinations(found, 2)
    assert not [(one, other) for (one, a), (other, b) in pairs if a.overlaps(b)]


def test_texts_stay_inside(figure: Figure) -> None:
    width, height = figure.get_size_inches() * figure.dpi
    outside = [
        text
        for text, box in boxes(figure)
        if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height
    ]
    assert not outside


def test_the_language_is_kept(figure: Figure) -> None:
    printed = " ".join(text.get_text() for text in texts(figure))
    pattern = r"[А-яЁё]+" if figure.get_label() == "en" else r"[A-Za-z]+"
    assert not set(re.findall(pattern, printed)) - LATIN


def test_a_figure_is_drawn_alike_twice(draw: dict[str, Callable[[Lang], Figure]]) -> None:
    one, other = (draw["distributions"]("en")._repr_png_()[0] for _ in range(2))  # type: ignore[attr-defined]
    assert one == other


def test_states_are_told_apart_without_colour() -> None:
    """Relative luminance of any two states without a pattern differs, or one has a pattern."""
    shades = {}
    for state, (colour, hatch) in LOOKS.items():
        red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
        shades[state] = (0.2126 * red + 0.7152 * green + 0.0722 * blue, hatch)
    common = ("observed", "derived", "suppressed", "unavailable", "closed", "not_printed")
    for one, other in itertools.combinations(common, 2):
        (a, pattern), (b, second) = shades[one], shades[other]
        assert abs(a - b) > 15 or pattern != second, (one, other)


def test_every_cell_of_the_coverage_is_full(draw, coverage: pd.DataFrame) -> None:
    (ax,) = draw["coverage"]("en").axes
    stacks = [c for c in ax.collections if isinstance(c, PolyCollection)]
    area = sum(
        np.ptp(path.vertices[:, 0]) * np.ptp(path.vertices[:, 1])
        for stack in stacks
        for path in stack.get_paths()
    )
    printed = (coverage["not_printed"] < coverage["units"]).sum()
    full = (coverage["not_printed"] == 0).sum()
    assert 0.92 * 0.9 * full <= area + 1e-6 <= 0.92 * 0.9 * printed + 2e-6


def test_every_change_of_method_has_its_tick(draw, latest: pd.DataFrame) -> None:
    (ax,) = draw["coverage"]("en").axes
    (ticks,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert len(ticks.get_segments()) == len(d.method_breaks(latest))


def test_suppressed_counts_are_printed(draw, coverage: pd.DataFrame) -> None:
    (ax,) = draw["suppression"]("en").axes
    assert sum(int(text.get_text()) for text in ax.texts) == coverage["suppressed"].sum()


def test_lines_of_two_methods_are_never_joined(draw, national: pd.DataFrame) -> None:
    figure = draw["breaks"]("en")
    lines = [line for ax in figure.axes for line in ax.lines]
    assert len(lines) == len(national[["series", "method"]].drop_duplicates())
    drawn = sum(np.isfinite(np.asarray(line.get_ydata(), dtype=float)).sum() for line in lines)
    assert drawn == national["value"].notna().sum()


def test_a_year_that_is_not_printed_leaves_a_gap(draw) -> None:
    figure = draw["breaks"]("en")
    names = [ax._left_title.get_text() for ax in figure.axes]
    small = figure.axes[names.index("Employees of small firms")]
    later = np.asarray(small.lines[1].get_ydata(), dtype=float)
    assert np.isnan(later[2020 - 2016])


def test_revised_cells_are_all_drawn(draw, revisions: pd.DataFrame) -> None:
    upper, lower = draw["revisions"]("en").axes
    marks = sum(len(line.get_xdata()) for line in upper.lines if line.get_marker() != "None")
    assert marks == revisions["change_percent"].count()
    changed = sum(abs(bar.get_height()) for bar in lower.patches)
    hidden = [revisions[flag] == "suppressed" for flag in ("flag_old", "flag_new")]
    assert changed == (hidden[0] != hidden[1]).sum()


def test_no_revision_is_no_error(revisions: pd.DataFrame) -> None:
    values = revisions[revisions["change_percent"].notna()]
    for part in (values, revisions[revisions["change_percent"].isna()]):
        assert audit.plot_revisions(part, d.series_labels()).axes


def test_the_bent_scale_keeps_the_order() -> None:
    distances = np.linspace(-40, 40, 801)
    assert (np.diff(bend(distances)) > 0).all()
    assert bend(np.array([4.0, -8.0])).tolist() == [3.0, -4.0]


def test_a_constant_indicator_is_left_out() -> None:
    units = scope()
    values = pd.DataFrame(
        {"wage_in_baskets": np.arange(83.0), "life_expectancy": 1.0}, index=list(units.units)
    )
    (ax,) = audit.plot_distributions(values, scope=units, period=2021).axes
    assert len(ax.get_yticks()) == 1


# Tables and words
def test_tables_are_words_and_numbers() -> None:
    frame = pd.DataFrame(
        {
            "series": ["wage"],
            "region": ["RU-TUL"],
            "method": ["oslo4"],
            "flag": ["closed"],
            "period": [2021],
            "value": [-1234.5],
            "gap": [np.nan],
            "cells": [3],
        }
    )
    labels = d.series_labels("ru")
    shown = audit.show_table(frame, labels, list(frame), lang="ru", digits={"value": 1}).frame
    (row,) = shown.to_numpy().tolist()
    assert row == [
        *(labels["wage"], "Тульская обл.", "Руководство Осло, 4-е изд."),
        *(word("flag_closed", "ru"), "2021", "−1\u00a0234,5", "–", "3"),
    ]
    assert list(shown)[4] == "Период"


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1.0, 2.5], ["1.0", "2.5"]), ([1.0, 2.0], ["1", "2"]), ([0.5, 1234.4], ["0.5", "1,234"])],
)
def test_decimals_follow_the_column(values: list[float], expected: list[str]) -> None:
    shown = audit.show_table(pd.DataFrame({"value": values}), {}, ["value"]).frame
    assert shown["Value"].tolist() == expected


def test_a_ratio_is_times_or_parts() -> None:
    shown = audit.show_table(pd.DataFrame({"ratio": [4.25, 1234.6, 0.25, 0.001]}), {}, ["ratio"])
    assert shown.frame.iloc[:, 0].tolist() == ["× 4.2", "× 1,235", "÷ 4.0", "÷ 1,000"]


def test_names_fit_at_both_ends() -> None:
    units = scope()
    spread = np.linspace(-1, 1, 83)
    spread[[3, 4, 80]] = -60, -59, 40
    values = pd.DataFrame({"wage_in_baskets": spread}, index=list(units.units))
    figure = audit.plot_distributions(values, scope=units, period=2021, lang="ru")
    figure.draw_without_rendering()
    (ax,) = figure.axes
    printer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    frame = ax.get_window_extent(printer)
    assert ax.texts
    for text in ax.texts:
        box = text.get_window_extent(printer)
        assert frame.x0 <= box.x0 + 1 and box.x1 <= frame.x1 + 1


def test_a_column_without_a_heading_is_told() -> None:
    with pytest.raises(RegisterError, match="col_odd"):
        audit.show_table(pd.DataFrame({"odd": [1]}), {}, ["odd"])


def test_checks_have_names_in_both_languages(panel: pd.DataFrame) -> None:
    checks = check_panel(panel)
    english, russian = (audit.show_checks(checks, lang=lang).frame for lang in LANGS)
    assert len(english) == len(russian) == len(checks)
    assert not re.findall(r"[A-Za-z]", "".join(russian.iloc[:, 0]))


def test_every_method_of_the_panel_has_a_name(latest: pd.DataFrame) -> None:
    for method in set(latest["method"].astype("str")) - {""}:
        assert method_name(method, "ru") != method, method


def test_long_numbers_get_a_larger_unit() -> None:
    assert larger_unit("млрд руб.", 5e4) == (1e3, "трлн руб.")
    assert larger_unit("RUB a month", 2e5) == (1.0, "RUB a month")
