"""Correlates against scipy and by hand; comparisons; what may not enter an estimate."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from valley_analysis.errors import DesignError, FrameError, RegisterError
from valley_analysis.frames import Scope
from valley_analysis.sanctions import (
    compare_exposures,
    correlates,
    load_resource_rule,
    places,
    refuse_post_treatment,
    resource_regions,
)
from valley_analysis.sanctions.resources import REGISTER

few = settings(max_examples=20, deadline=None)
PAIR = Scope("two", ("RU-TUL", "RU-KLU"))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=5, max_size=30))
@few
def test_the_correlation_is_scipys(pairs):
    data = pd.DataFrame(pairs, columns=["x", "y"], dtype=float)
    found = correlates(data["x"], data[["y"]], replications=20).table.loc["y"]
    if data.nunique().min() < 2:
        assert np.isnan(found["spearman"])
    else:
        assert found["spearman"] == pytest.approx(stats.spearmanr(data["x"], data["y"]).statistic)
        assert -1 - 1e-9 <= found["low"] <= found["high"] <= 1 + 1e-9


def simulated(rho: float, count: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    cover = [[1, rho], [rho, 1]]
    return pd.DataFrame(
        generator.multivariate_normal([0, 0], cover, size=count), columns=["x", "y"]
    )


@pytest.mark.slow
def test_intervals_cover_the_true_correlation_about_as_often_as_they_say():
    """Truth of a bivariate normal: 6/pi asin(rho/2)."""
    truth = 6 / np.pi * np.arcsin(0.5 / 2)
    inside = 0
    for seed in range(200):
        data = simulated(0.5, 83, seed)
        row = correlates(data["x"], data[["y"]], seed=seed, replications=399).table.loc["y"]
        inside += row["low"] <= truth <= row["high"]
    assert 0.89 <= inside / 200 <= 0.99


def test_a_seed_gives_the_same_intervals_and_candidates_do_not_disturb_each_other():
    data = simulated(0.5, 60, 3).assign(flag=lambda d: d["y"] > 0)
    one = correlates(data["x"], data[["y"]], seed=7, replications=199).table
    again = correlates(data["x"], data[["y", "flag"]], seed=7, replications=199).table
    pd.testing.assert_series_equal(one.loc["y"], again.loc["y"])
    other = correlates(data["x"], data[["y"]], seed=8, replications=199).table
    assert other.loc["y", "low"] != one.loc["y", "low"]


def test_the_strongest_stands_first_and_gaps_are_counted():
    x = pd.Series(np.arange(30.0))
    noise = np.random.default_rng(1).normal(size=30)
    frame = pd.DataFrame({"weak": noise, "strong": -x, "constant": 1.0})
    frame.loc[0, "strong"] = np.nan
    table = correlates(x, frame, replications=99).table
    assert list(table.index) == ["strong", "weak", "constant"]
    assert table.loc["strong", "n"] == 29
    assert table.loc["strong", "spearman"] == pytest.approx(-1)
    assert table["apart"].tolist()[0]
    assert not table.loc["constant", "apart"]


def test_wrong_candidates_are_named():
    x = pd.Series([1.0, 2.0], index=["RU-TUL", "RU-KLU"])
    with pytest.raises(FrameError, match=r"column 'name'.*expected numbers"):
        correlates(x, pd.DataFrame({"name": ["a", "b"]}, index=x.index))
    with pytest.raises(FrameError, match="no region has both"):
        correlates(x, pd.DataFrame({"value": [1.0]}, index=["RU-MOW"]))


def test_an_exposure_compared_with_itself_does_not_move(real):
    main = real[2022, "imports_far_grp"]
    row = compare_exposures({"one": main, "other": main}).iloc[0]
    assert (row["spearman"], row["pearson"], row["largest_move"]) == (
        pytest.approx(1),
        pytest.approx(1),
        0,
    )


def test_variants_are_compared_over_the_regions_that_both_rank(real):
    table = compare_exposures(
        {k: real[2022, k] for k in ("imports_far_grp", "imports_far_grp_no_far_east")}
    )
    assert table.loc[0, "n"] == 72
    assert table.loc[0, "spearman"] == pytest.approx(1)


def test_places_of_a_region_outside_the_scope(real):
    with pytest.raises(DesignError, match="RU-TYU is no unit of scope recognised"):
        places(real[2022, "imports_far_grp"], ["RU-TYU", "RU-TUL"])


def test_counts_of_listings_enter_nothing():
    with pytest.raises(DesignError) as caught:
        refuse_post_treatment(["imports_far_grp", "ofac_entries", "OFAC_2023"])
    assert len(caught.value.problems) == 2


def shipped(**values: tuple[float, float, float]) -> pd.DataFrame:
    names = ("shipments_mining", "shipments_manufacturing", "shipments_energy")
    rows = [
        (code.replace("_", "-"), 2012, name, value)
        for code, figures in values.items()
        for name, value in zip(names, figures, strict=True)
    ]
    return pd.DataFrame(rows, columns=["region", "period", "series", "value"])


def test_a_third_of_shipments_makes_a_resource_region():
    found = resource_regions(shipped(RU_TUL=(33, 66, 1), RU_KLU=(34, 65, 1)), 2014, PAIR)
    assert found.frame["share"].tolist() == pytest.approx([0.33, 0.34])
    assert found.strata.to_dict() == {"RU-TUL": "other", "RU-KLU": "resource"}


def test_shares_of_two_methods_are_not_mixed_within_a_year():
    old = shipped(RU_TUL=(50, 40, 10), RU_KLU=(0, 1, 1)).assign(method="okved1")
    new = shipped(RU_TUL=(10, 80, 10)).assign(method="okved2")
    found = resource_regions(pd.concat([old, new]), 2014, PAIR).frame
    assert found.loc["RU-TUL", "share"] == pytest.approx((0.5 + 0.1) / 2)


def test_a_region_without_a_share_must_be_stated():
    with pytest.raises(DesignError, match="RU-KLU: no year with shipments_mining"):
        resource_regions(shipped(RU_TUL=(1, 1, 1)), 2014, PAIR)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("RU-KL:", "RU-KLM:", "'RU-KLM' is no code of ours"),
        ("  2022:", "  2021:", "no wave 2021"),
        ("threshold: 0.3333", "threshold: 33", "threshold"),
        ("[shipments_mining, ", "[", "shipments_mining is not among the denominators"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(tmp_path, old, new, text):
    content = REGISTER.read_text("utf-8")
    path = tmp_path / "resource_regions.yml"
    path.write_text(content.replace(old, new, 1), "utf-8")
    with pytest.raises(RegisterError, match=rf"line \d+: .*{text}"):
        load_resource_rule(path)
