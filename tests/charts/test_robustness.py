"""Robustness figures and tables hold what they claim, in both languages."""

import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from valley_analysis import charts, scoring
from valley_analysis.charts import region_tables, robustness_tables
from valley_analysis.charts.dominance import outline
from valley_analysis.charts.robustness_text import alternative_name, word
from valley_analysis.errors import ValleyError
from valley_analysis.indicators import load_spec
from valley_analysis.scoring import standard
from valley_analysis.text import LANGS, Lang

pytestmark = pytest.mark.slow

UNITS = ("RU-TUL", "RU-CHU")
# Words that promise more than a range over stated assumptions does.
FORBIDDEN = re.compile(r"confiden|probab|likel|вероятн|довери|уверенност", re.IGNORECASE)


@pytest.fixture(scope="module")
def layout() -> ModuleType:
    """The editor's eye of test_layout.py."""
    path = Path(__file__).with_name("test_layout.py")
    spec = importlib.util.spec_from_file_location("layout_checks", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Robust:
    """Everything that is drawn."""

    found: scoring.UncertaintyResult
    drivers: scoring.SensitivityResult
    audit: scoring.Audit
    ranks: pd.DataFrame
    result: scoring.IndexResult


@pytest.fixture(scope="module")
def robust(indicators: pd.DataFrame, result: scoring.IndexResult) -> Robust:
    spec, units = result.spec, result.scope
    plan = scoring.Uncertainty(standard.standard_assumptions(spec), 400, 7)
    grouping = standard.grouping_by(scoring.EIS)
    others = {name: load_spec(name) for name in ("eis_like", "gii_like", "airr_like")}
    return Robust(
        scoring.vary(indicators, spec, 2021, units, plan, grouping=grouping),
        scoring.sensitivity(indicators, spec, 2021, units, plan, n=16, bootstrap=50),
        scoring.audit(result),
        standard.alternative_ranks(indicators, spec, 2021, units, others),
        result,
    )


def rectangles(drawn: Figure) -> list[Rectangle]:
    return [bar for ax in drawn.axes for bar in ax.patches if isinstance(bar, Rectangle)]


def flow(one: Robust, lang: Lang) -> Figure:
    labels = {name: alternative_name(name, lang) for name in one.ranks}
    leaders = one.ranks["nominal"].sort_values().index[:5].tolist()
    return charts.plot_rank_flow(
        one.ranks, labels, [*leaders, *UNITS], lang, scope=one.found.scope, period=2021
    )


FIGURES: dict[str, Callable[[Robust, Lang], Figure]] = {
    "ranges": lambda one, lang: charts.plot_rank_ranges(one.found, lang, highlight=UNITS),
    "dominance": lambda one, lang: charts.plot_dominance(one.found, lang),
    "groups": lambda one, lang: charts.plot_group_shares(one.found, lang),
    "sobol": lambda one, lang: charts.plot_sensitivity(one.drivers, lang, units=UNITS),
    "sobol alone": lambda one, lang: charts.plot_sensitivity(one.drivers, lang),
    "flow": flow,
    "correlations": lambda one, lang: charts.plot_correlations(one.audit, lang),
    "weights": lambda one, lang: charts.plot_weights(one.audit, lang),
    "leave out": lambda one, lang: charts.plot_leave_out(one.audit, lang),
}


@pytest.fixture(
    scope="module",
    params=[(name, lang) for name in FIGURES for lang in LANGS],
    ids=lambda param: "-".join(param),
)
def figure(request: pytest.FixtureRequest, robust: Robust) -> Figure:
    name, lang = request.param
    drawn = FIGURES[name](robust, lang)
    drawn.set_label(lang)
    return drawn


def test_texts_neither_overlap_nor_leave_the_figure(layout: ModuleType, figure: Figure) -> None:
    layout.test_texts_do_not_overlap(figure)
    layout.test_texts_stay_inside(figure)
    layout.test_no_axes_are_empty(figure)


def test_languages_are_not_mixed(layout: ModuleType, figure: Figure) -> None:
    printed = " ".join(text.get_text() for text in layout.texts(figure))
    other = r"[А-яЁё]+" if figure.get_label() == "en" else r"[A-Za-z]+"
    assert not re.findall(other, printed)
    assert not FORBIDDEN.search(printed)


def test_source_scope_and_seed_are_printed(layout: ModuleType, figure: Figure) -> None:
    layout.test_source_scope_and_n_are_printed(figure)


def test_ranges_say_over_what(robust: Robust) -> None:
    (foot,) = [t for t in charts.plot_rank_ranges(robust.found).texts if t.get_gid() == "source"]
    printed = foot.get_text().replace("\n", " ")
    assert "9 stated assumptions varied at once: 400 replications, seed 7." in printed


def test_every_region_has_a_row(robust: Robust) -> None:
    for drawn in (charts.plot_rank_ranges(robust.found), charts.plot_group_shares(robust.found)):
        names = [label.get_text() for ax in drawn.axes for label in ax.get_yticklabels()]
        assert len(names) == len(set(names)) == 83


def test_a_bar_spans_its_range(robust: Robust) -> None:
    drawn = charts.plot_rank_ranges(robust.found)
    table = robust.found.ranges.sort_values(["rank", "rank_median"], kind="stable")
    bars = rectangles(drawn)
    assert [round(bar.get_x() + 0.4) for bar in bars] == table["rank_low"].tolist()
    assert [round(b.get_x() + b.get_width() - 0.4) for b in bars] == table["rank_high"].tolist()


def test_group_bars_fill_the_row(robust: Robust) -> None:
    drawn = charts.plot_group_shares(robust.found)
    width = sum(bar.get_width() for bar in rectangles(drawn))
    assert width == pytest.approx(100 * robust.found.groups.to_numpy().sum())


def test_dominance_counts_the_pairs_it_outlines(robust: Robust) -> None:
    close = sum(map(len, robust.found.not_distinguishable().values())) // 2
    drawn = charts.plot_dominance(robust.found)
    about = " ".join(text.get_text() for text in drawn.texts).replace("\n", " ")
    assert f"Of 3,403 pairs, {close} are not distinguishable" in about
    assert [c for c in drawn.axes[0].collections if c.get_gid() == "close"]


def test_outline_surrounds_a_block() -> None:
    cells = np.zeros((5, 5), dtype=bool)
    cells[1:3, 1:4] = True
    assert len(outline(cells)) == 2 * (2 + 3)


def test_near_duplicates_are_marked(robust: Robust) -> None:
    drawn = charts.plot_correlations(robust.audit)
    (dots,) = [line for line in drawn.axes[0].lines if line.get_gid() == "o"]
    assert np.size(dots.get_xdata()) == 2 * len(robust.audit.correlations.redundant)


def test_flow_draws_every_region_once(robust: Robust) -> None:
    lines = [line for line in flow(robust, "en").axes[0].lines if np.size(line.get_xdata()) > 2]
    assert len(lines) == 83
    assert all(np.size(line.get_xdata()) == robust.ranks.shape[1] for line in lines)


def test_unknown_unit_in_a_flow_is_told(robust: Robust) -> None:
    labels = dict.fromkeys(robust.ranks, "x")
    with pytest.raises(ValleyError, match="RU-XXX not among the ranked units"):
        charts.plot_rank_flow(
            robust.ranks, labels, ["RU-XXX"], scope=robust.found.scope, period=2021
        )


def test_what_was_not_counted_is_not_drawn(robust: Robust) -> None:
    bare = replace(robust.found, ahead=None, groups=robust.found.groups.iloc[:, :0])
    with pytest.raises(ValueError, match="pairs were not compared"):
        charts.plot_dominance(bare)
    with pytest.raises(ValueError, match="groups were not counted"):
        charts.plot_group_shares(bare)


def test_every_standard_assumption_takes_effect_and_has_words(robust: Robust) -> None:
    assert not robust.found.without_effect
    for name in robust.found.plan.names:
        for kind in ("assume", "why", "try"):
            assert f"{kind}_{name}" in word
    for lang in LANGS:
        table = robustness_tables.assumptions_table(robust.found, lang).frame
        assert len(table) == 9
        assert not table.isin(["–"]).any().any()
        assert not table.apply(lambda column: column.str.contains("[{}]")).any().any()


def test_every_specification_can_be_varied(indicators: pd.DataFrame, robust: Robust) -> None:
    for name in ("eis_like", "gii_like", "airr_like"):
        spec = load_spec(name)
        plan = scoring.Uncertainty(standard.standard_assumptions(spec), 20, 1)
        found = scoring.vary(indicators, spec, 2021, robust.found.scope, plan, pairs=False)
        assert not found.without_effect, name


def test_nominal_ranks_of_alternatives_are_the_index(robust: Robust) -> None:
    assert robust.ranks["nominal"].equals(robust.result.scores["rank"].astype("Int64"))
    assert robust.ranks.shape[1] == 10
    names = [alternative_name(str(name)) for name in robust.ranks]
    assert len(set(names)) == 10


def test_evaluator_without_change_is_the_plan_itself(
    indicators: pd.DataFrame, robust: Robust
) -> None:
    plan = scoring.Uncertainty(robust.found.plan.assumptions, 50, 3)
    ranks = standard.evaluator(indicators, robust.result, plan)
    same, better = ranks("RU-TUL", {}), ranks("RU-TUL", {"rd_expenditure_per_researcher": 9e3})
    assert (better <= same + 1).all()
    assert better.mean() < same.mean()
    assert (ranks("RU-TUL", {}) == same).all()


@pytest.mark.parametrize("lang", LANGS)
def test_tables_are_in_one_language(indicators: pd.DataFrame, robust: Robust, lang: Lang) -> None:
    found, result = robust.found, robust.result
    old, new = (scoring.Inputs(indicators, result.spec, p, result.scope) for p in (2020, 2021))
    step = scoring.what_would_it_take(result, "RU-TUL", 3, cost="sum")
    about = scoring.profile(result, "RU-TUL", "economic_base")
    made = [
        robustness_tables.ledger_table(found, lang),
        robustness_tables.assumptions_table(found, lang),
        robustness_tables.ranges_table(found, lang),
        robustness_tables.close_table(found, UNITS, lang),
        robustness_tables.sensitivity_table(robust.drivers, lang),
        robustness_tables.checks_table(robust.audit, lang),
        robustness_tables.coherence_table(robust.audit, lang),
        robustness_tables.availability_table(robust.audit, lang),
        robustness_tables.redundancy_table(robust.audit, lang),
        region_tables.changes_table(scoring.explain_change(old, new), UNITS, lang),
        region_tables.improvement_table(step, lang),
        region_tables.alone_table(step, lang, most=50),
        region_tables.peers_table(about, lang),
        region_tables.standing_table(about, lang),
    ]
    texts = [str(table) for table in made]
    texts += [
        robustness_tables.summary(found, robust.drivers, lang),
        robustness_tables.leaders_note(found, lang),
        robustness_tables.judgement(robust.audit, lang),
        region_tables.improvement_note(step, lang),
    ]
    assert all(len(table.frame) for table in made)
    other = r"[А-яЁё]+" if lang == "en" else r"[A-Za-z]+"
    for text in texts:
        assert not re.findall(other, text)
        assert not FORBIDDEN.search(text)
    steps = robustness_tables.steps_table(lang).frame
    assert len(steps) == 10
    assert not re.findall(other, " ".join(steps.iloc[:, :2].to_numpy().ravel()))


def test_steps_name_code_that_exists() -> None:
    codes = " ".join(robustness_tables.steps_table().frame.iloc[:, 2])
    for name in re.findall(r"scoring\.(\w+)", codes):
        assert hasattr(scoring, name), name


def test_dimension_moves_sum_to_the_move(
    editions: dict[int, scoring.IndexResult], result: scoring.IndexResult
) -> None:
    table = region_tables.dimension_moves_table(editions[2020], result, ["RU-TUL"]).frame
    moved = result.scores.loc["RU-TUL", "score"] - editions[2020].scores.loc["RU-TUL", "score"]
    printed = table.iloc[0, -1].replace("−", "-")
    assert float(printed) == pytest.approx(moved, abs=0.051)
