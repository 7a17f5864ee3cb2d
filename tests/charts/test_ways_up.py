"""What it would take: told in words where there is nothing to compute."""

from dataclasses import replace

import pytest

from valley_analysis.charts.region_tables import ways_up
from valley_analysis.scoring import score_index
from valley_analysis.scoring.examples import small_indicators, small_scope, small_spec


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_other_means_and_the_first_get_a_sentence_and_no_table(lang, monkeypatch):
    from valley_analysis.charts import region_tables

    monkeypatch.setattr(region_tables, "unit_names", lambda units, _: {u: u for u in units})
    plain = score_index(small_indicators(), small_spec(), 2021, small_scope())
    (first,) = ways_up(plain, "H", lang)
    assert first.startswith("**H**")
    spec = replace(small_spec(), aggregation=("arithmetic", "geometric"), floor=5.0)
    other = score_index(small_indicators(), spec, 2021, small_scope())
    (said,) = ways_up(other, "B", lang)
    assert ("nothing is computed" if lang == "en" else "ничего не посчитано") in said
