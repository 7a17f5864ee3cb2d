"""What an editor would look for: nothing collides, nothing is cut off, nothing is empty."""

import itertools
import re
from collections.abc import Callable, Iterator

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from valley_analysis import charts
from valley_analysis.charts.phrases import phrase
from valley_analysis.charts.style import house, new_figure, renderer, text_width, wrap
from valley_analysis.panel.published_ranks import published_ranks
from valley_analysis.regions import scope
from valley_analysis.scoring import IndexResult, rating_agreements
from valley_analysis.text import Lang

pytestmark = pytest.mark.slow

Draw = Callable[[Lang, dict[int, IndexResult], IndexResult, list[str]], Figure]


def ranges(result: IndexResult) -> pd.DataFrame:
    return pd.DataFrame({"rank_low": 10, "rank_high": 85}, index=result.scores.index)


def agreement(lang: Lang, editions: dict[int, IndexResult]) -> Figure:
    ranks = pd.DataFrame({period: one.scores["rank"] for period, one in editions.items()})
    found = rating_agreements(ranks, published_ranks())
    return charts.plot_agreement(found, lang, scope=scope())


FIGURES: dict[str, Draw] = {
    "map": lambda lang, editions, rosstat, chosen: charts.plot_map(
        rosstat.scores["score"].drop("RU-TY"),
        title=phrase("title_map", lang, period=2021),
        scope=rosstat.scope,
        what=phrase("Score", lang),
        lang=lang,
        edition=2021,
    ),
    "tiles": lambda lang, editions, rosstat, chosen: charts.plot_tile_map(
        rosstat.scores["score"].drop("RU-TY"),
        title=phrase("title_tiles", lang, period=2021),
        scope=rosstat.scope,
        what=phrase("Score", lang),
        lang=lang,
        edition=2021,
    ),
    "dimensions": lambda lang, editions, rosstat, chosen: charts.plot_tile_maps(
        rosstat.scores[list(rosstat.spec.dimensions)],
        {name: charts.dimension_name(name, lang) for name in rosstat.spec.dimensions},
        title=phrase("title_dimensions", lang, period=2021),
        scope=rosstat.scope,
        what=phrase("Score", lang),
        lang=lang,
    ),
    "ranking": lambda lang, editions, rosstat, chosen: charts.plot_ranking(rosstat, lang),
    "ranking with ranges": lambda lang, editions, rosstat, chosen: charts.plot_ranking(
        rosstat, lang, ranges=ranges(rosstat)
    ),
    "profiles": lambda lang, editions, rosstat, chosen: charts.plot_profiles(
        editions[2021], chosen, lang
    ),
    "editions": lambda lang, editions, rosstat, chosen: charts.plot_editions(
        editions, chosen, lang
    ),
    "paths": lambda lang, editions, rosstat, chosen: charts.plot_dimension_paths(editions, lang),
    "agreement": lambda lang, editions, rosstat, chosen: agreement(lang, editions),
}
LATIN = {"n", "DCW", "GMT"}


def axes_texts(ax: Axes) -> Iterator[Text]:
    yield from ax.texts
    yield from (ax.title, ax._left_title, ax._right_title)
    legend = ax.get_legend()
    if legend is not None:
        yield from (legend.get_title(), *legend.get_texts())
    if not ax.axison:
        return
    for axis, view in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        yield axis.label
        for tick in axis.get_major_ticks():
            if min(view) - 1e-9 <= tick.get_loc() <= max(view) + 1e-9:
                yield from (tick.label1, tick.label2)


def texts(figure: Figure) -> list[Text]:
    renderer(figure)
    figure.draw_without_rendering()
    found = [*figure.texts, *(text for ax in figure.axes for text in axes_texts(ax))]
    found += [text for legend in figure.legends for text in legend.get_texts()]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def extent(text: Text) -> Bbox:
    """The box of a text's letters, without the line that an annotation draws to its point."""
    return Text.get_window_extent(text, renderer(text.get_figure(root=True)))


@pytest.fixture(
    scope="module",
    params=[(n, lang) for n in FIGURES for lang in ("en", "ru")],
    ids=lambda param: "-".join(param),
)
def figure(
    request: pytest.FixtureRequest,
    editions: dict[int, IndexResult],
    rosstat: IndexResult,
    chosen: list[str],
) -> Figure:
    name, lang = request.param
    drawn = FIGURES[name](lang, editions, rosstat, chosen)
    drawn.set_label(lang)
    return drawn


def test_texts_do_not_overlap(figure: Figure) -> None:
    boxes = [(text.get_text(), extent(text)) for text in texts(figure)]
    # One dot of every edge is the air that a font keeps around its letters.
    boxes = [(text, box.padded(-1)) for text, box in boxes]
    clashes = [
        (one, other) for (one, a), (other, b) in itertools.combinations(boxes, 2) if a.overlaps(b)
    ]
    assert not clashes


def test_a_collision_would_be_found(result: IndexResult) -> None:
    figure = charts.plot_ranking(result, top=5)
    label = next(text for text in figure.axes[0].texts if text.get_text() == "3")
    figure.axes[0].text(*label.get_position(), "x", transform=label.get_transform(), fontsize=7.5)
    with pytest.raises(AssertionError):
        test_texts_do_not_overlap(figure)


def test_texts_stay_inside(figure: Figure) -> None:
    width, height = figure.get_size_inches() * figure.dpi
    for text in texts(figure):
        box = extent(text)
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
        assert inside, (text.get_text(), box)


def test_no_axes_are_empty(figure: Figure) -> None:
    for ax in figure.axes:
        assert ax.lines or ax.patches or ax.collections


def test_russian_figures_are_russian(figure: Figure) -> None:
    if figure.get_label() == "en":
        words = re.findall(r"[А-яЁё]+", " ".join(text.get_text() for text in texts(figure)))
    else:
        latin = re.findall(r"[A-Za-z]+", " ".join(text.get_text() for text in texts(figure)))
        words = [word for word in latin if word not in LATIN]
    assert not words


def test_source_scope_and_n_are_printed(figure: Figure) -> None:
    (foot,) = [text for text in figure.texts if text.get_gid() == "source"]
    printed = foot.get_text().replace("\n", " ")
    assert printed.startswith(("Source: ", "Источник: "))
    assert re.search(r"Scope: 8[35] regions|субъектов РФ — 8[35]", printed)


def test_a_figure_shows_itself(result: IndexResult) -> None:
    figure = charts.plot_ranking(result, top=5)
    image, about = figure._repr_png_()  # type: ignore[attr-defined]
    assert image.startswith(b"\x89PNG")
    assert about["width"] == 1000


def test_a_figure_is_drawn_alike_twice(result: IndexResult) -> None:
    one, other = (charts.plot_ranking(result, top=5)._repr_png_()[0] for _ in range(2))  # type: ignore[attr-defined]
    assert one == other


def test_wrapped_lines_fit() -> None:
    with house():
        figure = new_figure(2.0)
        text = "Санкт-Петербург и Ленинградская область " * 5
        lines = wrap(figure, text.strip(), 8, 2.0).split("\n")
        assert all(text_width(figure, line, 8) <= 2.0 for line in lines)
    assert " ".join(lines) == text.strip()
