"""The rules of an index as tables: what goes in on the left, what comes out on the right."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import PeriodError, SpecError, UnknownIndicatorError
from valley_analysis.frames import Scope
from valley_analysis.scoring import IndexSpec, Member, score_editions, score_index

SCOPE = Scope("four", ("A", "B", "C", "D"))
SPEC = IndexSpec(
    "rules",
    (Member("x", "one"), Member("y", "one", -1), Member("z", "two")),
    winsorise=(0.0, 1.0),
    reference=(2020, 2021),
    editions=(2020, 2022),
    index_threshold=1.0,
)
TABLE = """
indicator period  A    B    C    D
x         2020    0    10   20   40
x         2021    0    10   20   40
y         2020    5    4    1    0
y         2021    5    4    1    0
z         2020    1    1    3    2
z         2021    1    1    3    2
"""


def indicators(table: str, **changes: object) -> pd.DataFrame:
    """A frame of indicators from a drawn table; "s" is suppressed, "-" is not printed."""
    rows = []
    head, *lines = (line.split() for line in table.strip().splitlines())
    for name, period, *cells in lines:
        for region, cell in zip(head[2:], cells, strict=True):
            if cell == "-":
                continue
            low, _, high = cell.partition("..")
            hidden = bool(high)
            value = np.nan if hidden else float(cell)
            rows.append(
                {
                    "region": region,
                    "period": int(period),
                    "indicator": name,
                    "value": value,
                    "low": float(low) if hidden else value,
                    "high": float(high) if hidden else value,
                    "flag": "suppressed" if hidden else "observed",
                    "method": "",
                    "inputs": "",
                }
            )
    return pd.DataFrame(rows).assign(**changes)


def score(table: str = TABLE, spec: IndexSpec = SPEC, period: int = 2021):
    return score_index(indicators(table), spec, period, SCOPE)


def test_scores_by_hand():
    """x: 0 25 50 100; y turned: 0 20 80 100; z: 0 0 100 50; x and y correlate at 0.96."""
    result = score(spec=replace(SPEC, shared_above=1.0))
    assert result.scores["one"].tolist() == [0, 22.5, 65, 100]
    assert result.scores["two"].tolist() == [0, 0, 100, 50]
    assert result.scores["score"].tolist() == [0, 11.25, 82.5, 75]
    assert result.scores["rank"].tolist() == [4, 3, 1, 2]


def test_contributions_sum_to_the_score():
    result = score()
    total = result.contributions.sum(axis=1).to_numpy()
    assert total == pytest.approx(result.scores["score"].to_numpy())
    assert result.weights["used"].sum() == pytest.approx(1)


def test_a_value_may_be_as_old_as_the_lag_and_no_older():
    table = TABLE.replace("z         2021    1    1    3    2\n", "")
    result = score(table)
    assert result.lags["lag"].to_dict() == {"x": 0, "y": 0, "z": 1}
    strict = score(table, replace(SPEC, max_lag=0, index_threshold=0.5))
    assert strict.dropped["last_period"].to_dict() == {"z": 2020}
    assert strict.dropped["weight"].to_dict() == {"z": 0.5}
    assert "z" not in strict.weights.index


def test_a_period_that_half_of_the_units_lack_is_not_used():
    table = TABLE.replace(
        "z         2021    1    1    3    2", "z         2021    9    -    -    -"
    )
    result = score(table)
    assert result.lags.loc["z", "period"] == 2020


def test_units_below_the_threshold_are_not_ranked():
    table = TABLE.replace(
        "z         2021    1    1    3    2", "z         2021    1    -    3    2"
    )
    result = score(table)
    assert result.unranked == ("B",)
    assert result.scores["rank"].tolist() == [3, pd.NA, 1, 2]
    assert result.scores.loc["B", "weight_present"] == pytest.approx(0.5)
    half = score(table, replace(SPEC, index_threshold=0.5))
    assert half.unranked == ()
    assert half.scores.loc["B", "score"] == half.scores.loc["B", "one"]


@pytest.mark.parametrize(
    ("cell", "value", "imputed"),
    [("0..1", 0.5, 1), ("0..20", np.nan, 0), ("0..nan", np.nan, 0)],
)
def test_a_suppressed_cell_enters_only_between_close_bounds(cell, value, imputed):
    table = TABLE.replace("x         2021    0 ", f"x         2021    {cell} ")
    result = score(table, replace(SPEC, dimension_threshold=0.3))
    assert len(result.imputed) == imputed
    found = result.values.loc["A", "x"]
    assert np.isnan(found) if np.isnan(value) else found == value
    assert result.flags.loc["A", "x"] == ("imputed" if imputed else "suppressed")
    if imputed:
        assert result.normalised.loc["A", "x"] == pytest.approx(1.25)  # 0.5 of 40


def test_goalposts_are_pooled_so_that_editions_compare():
    table = TABLE.replace(
        "x         2021    0    10   20   40", "x         2021    0    20   40   80"
    )
    both = score_editions(indicators(table), SPEC, (2020, 2021), SCOPE)
    assert both[2020].normalised["x"].tolist() == [0, 12.5, 25, 50]
    assert both[2021].normalised["x"].tolist() == [0, 25, 50, 100]


def test_methods_never_share_goalposts():
    frame = indicators(
        TABLE.replace(
            "x         2021    0    10   20   40", "x         2021    100    110   120   140"
        )
    )
    frame["method"] = np.where((frame["indicator"] == "x") & (frame["period"] == 2021), "new", "")
    both = score_editions(frame, SPEC, (2020, 2021), SCOPE)
    assert both[2020].normalised["x"].tolist() == both[2021].normalised["x"].tolist()
    assert both[2021].lags.loc["x", "method"] == "new"


def test_a_constant_indicator_is_dropped_and_reported():
    table = TABLE.replace("1    1    3    2", "7    7    7    7")
    result = score(table, replace(SPEC, index_threshold=0.5))
    assert result.dropped.index.tolist() == ["z"]


@pytest.mark.parametrize("period", [2019, 2023])
def test_editions_outside_the_specification_are_refused(period):
    with pytest.raises(PeriodError, match="editions 2020-2022"):
        score(period=period)


def test_an_edition_without_any_data_is_refused():
    with pytest.raises(PeriodError, match="no indicator has values"):
        score(spec=replace(SPEC, max_lag=0), period=2022)


def test_an_indicator_that_the_frame_lacks_is_named():
    with pytest.raises(UnknownIndicatorError, match="uses w,"):
        score(spec=replace(SPEC, members=(*SPEC.members, Member("w", "two"))))


def test_a_specification_names_all_its_contradictions():
    with pytest.raises(SpecError) as caught:
        IndexSpec(
            "bad",
            (Member("x", "one"), Member("x", "two", 2)),
            winsorise=(0.9, 0.1),
            dimension_threshold=0.0,
            max_lag=-1,
            deflator="mine",
        )
    assert len(caught.value.problems) == 6


def test_the_order_of_units_does_not_matter():
    turned = Scope("four", ("D", "B", "A", "C"))
    first = score()
    second = score_index(indicators(TABLE), SPEC, 2021, turned)
    columns = ["score", "one", "two"]
    pd.testing.assert_frame_equal(
        first.scores[columns], second.scores.loc[first.scores.index, columns]
    )


def test_a_result_shows_itself():
    assert "rules 2021, scope four, n = 4" in score()._repr_html_()
