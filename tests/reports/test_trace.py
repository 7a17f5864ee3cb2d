"""Every value of every indicator is what its published cells give."""

import math
import random

import pytest

from valley_analysis.errors import (
    MissingInputError,
    PeriodError,
    UnknownIndicatorError,
    UnknownRegionError,
)
from valley_analysis.indicators import load_catalogue, load_indicators
from valley_analysis.reports.trace import Tracer, trace

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tracer(built):
    return Tracer(built / "data" / "processed", built / "data" / "raw")


def test_a_value_traces_to_its_two_cells(tracer):
    found = tracer.trace("RU-TUL", "patents_per_100k", 2021)
    assert found.agrees
    assert [(one.cell, one.sheet, one.text) for one in found.cells] == [
        ("W25", "18.9.3.", "98"),
        ("W24", "1.2.", "1502.2"),
    ]
    assert found.value == pytest.approx(98 / 1502200 * 100000)
    text = str(found)
    for part in ("Tula Oblast", "patents / population_mean", "W25 of sheet 18.9.3.", "2023-12"):
        assert part in text
    assert "agrees" in text
    html = found._repr_html_()
    assert html.count("<table>") == 3
    assert "&#x27;98&#x27;" in html


@pytest.mark.slow
@pytest.mark.parametrize("indicator", sorted(load_catalogue()))
def test_random_values_of_each_indicator_agree_with_their_cells(tracer, built, indicator):
    rows = load_indicators(built / "data" / "processed")
    rows = rows[(rows["indicator"] == indicator) & ~rows["region"].astype(str).str.startswith("FD")]
    draw = random.Random(indicator)
    rows = rows[["region", "period", "value", "flag"]].astype({"region": str, "flag": str})
    every = list(rows.itertuples(index=False))
    chosen = draw.sample(every, min(12, len(every)))
    for flag in sorted(set(rows["flag"])):
        of_flag = list(rows[rows["flag"] == flag].itertuples(index=False))
        chosen += draw.sample(of_flag, min(3, len(of_flag)))
    for row in chosen:
        found = tracer.trace(row.region, indicator, int(row.period))
        assert found.agrees, str(found)
        assert found.flag == row.flag
        assert math.isnan(found.value) == math.isnan(row.value)
        assert found.cells or found.flag in ("closed", "unavailable")
        assert str(found)


def test_a_remainder_shows_its_parts_and_money_its_prices(tracer):
    found = tracer.trace("RU-TYU-X", "grp_per_person", 2008)
    assert found.agrees
    (numerator, _) = found.inputs
    assert numerator.cell is None
    assert [part.region for part in numerator.parts] == ["RU-TYU", "RU-KHM", "RU-YAN"]
    assert [one.period for one in found.prices] == list(range(2008, 2022))
    assert found.factor > 2
    assert "RU-TYU 3,121,401.3 - RU-KHM" in str(found)


def test_a_suppressed_value_shows_its_bounds_and_its_dots(tracer):
    found = tracer.trace("RU-AL", "innovative_goods_per_employed", 2020)
    assert math.isnan(found.value)
    assert found.agrees
    assert found.inputs[0].cell.text == "…"
    assert found.inputs[0].high > 0
    assert "the cells below give none" in str(found)


def test_all_vintages_of_a_cell_are_shown(tracer):
    found = tracer.trace("RU-AL", "innovative_goods_per_employed", 2020)
    assert [vintage for vintage, _, _ in found.inputs[0].vintages] == ["2023-12", "2025-08"]


def test_a_table_that_was_changed_afterwards_does_not_agree(tracer, monkeypatch):
    rows = tracer._indicators.copy()
    rows["value"] = rows["value"] * (1 + 1e-8)
    monkeypatch.setattr(tracer, "_indicators", rows)
    found = tracer.trace("RU-TUL", "patents_per_100k", 2021)
    assert not found.agrees
    assert "DOES NOT AGREE" in str(found)


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        (("RU-TUX", "patents_per_100k", 2021), UnknownRegionError, "nearest: RU-T"),
        (("RU-TUL", "patents_per_10k", 2021), UnknownIndicatorError, "nearest: patents_per_100k"),
        (("RU-TUL", "patents_per_100k", 1990), PeriodError, "there are rows for 2000-2022"),
    ],
)
def test_what_cannot_be_traced_is_named_with_the_nearest(tracer, asked, error, told):
    with pytest.raises(error, match=told):
        tracer.trace(*asked)


def test_without_built_data_the_next_step_is_named(project):
    with pytest.raises(MissingInputError, match="valley build"):
        trace("RU-TUL", "patents_per_100k", 2021)
