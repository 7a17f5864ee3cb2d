"""Ranges over assumptions: what must hold whatever is varied."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import PeriodError, SpecError
from valley_analysis.frames import Scope
from valley_analysis.scoring import IndexSpec, Member, score_index, tally, uncertainty
from valley_analysis.scoring.assumptions import (
    AggregationChoice,
    Alternatives,
    DropIndicator,
    Vintages,
    WeightNoise,
)
from valley_analysis.scoring.groups import QUARTILES, assign
from valley_analysis.scoring.plan import Uncertainty
from valley_analysis.scoring.tally import Grouping
from valley_analysis.scoring.uncertainty import vary
from valley_analysis.scoring.value_errors import (
    ImputationError,
    MeasurementError,
    SuppressedRange,
)

pytestmark = pytest.mark.slow

UNITS = tuple(f"u{number:02}" for number in range(12))
SCOPE = Scope("dozen", UNITS)
NAMES = ("a", "b", "c", "d", "e")
SPEC = IndexSpec(
    "small",
    tuple(Member(name, "one" if name in "abc" else "two") for name in NAMES),
    winsorise=(0.0, 1.0),
    reference=(2019, 2021),
    editions=(2020, 2021),
    dimension_threshold=0.2,
    index_threshold=0.5,
)
QUARTERS = Grouping(QUARTILES.names, partial(assign, rule=QUARTILES))
EVERYTHING = (
    Alternatives("treatment", ({}, {"winsorise": (0.1, 0.9)})),
    Alternatives("weights of duplicates", ({}, {"shared_above": 0.3})),
    AggregationChoice(("arithmetic", "geometric", 0.5), per_level=True),
    WeightNoise(concentration=30, level=1, name="weights of dimensions"),
    WeightNoise("uniform", share=0.25, level=2, name="weights of indicators"),
    DropIndicator(0.5),
    SuppressedRange(),
    MeasurementError({"a": 2.0, "d": 1.0}),
)


def indicators(seed: int = 0) -> pd.DataFrame:
    """Three periods; c is noisier; u01 has a gap, u02 a suppressed value between close bounds."""
    rng = np.random.default_rng(seed)
    keys = pd.MultiIndex.from_product([UNITS, (2019, 2020, 2021), NAMES])
    frame = keys.to_frame(index=False, name=["region", "period", "indicator"])
    base = rng.normal(50, 15, len(UNITS)).repeat(15)
    spread = np.where(frame["indicator"] == "c", 60, 15)
    frame["value"] = base + rng.normal(0, spread)
    frame["low"] = frame["high"] = frame["value"]
    frame["flag"], frame["method"], frame["inputs"] = "observed", "", ""
    gap = (frame["region"] == "u01") & (frame["indicator"] == "b")
    frame.loc[gap, ["value", "low", "high"]] = np.nan
    hidden = (frame["region"] == "u02") & (frame["indicator"] == "e") & (frame["period"] == 2021)
    frame.loc[hidden, ["low", "high"]] += [-0.5, 1.5]
    frame.loc[hidden, ["value", "flag"]] = [np.nan, "suppressed"]
    return frame


FRAME = indicators()


def plan(*assumptions, replications: int = 300, **settings) -> Uncertainty:
    return Uncertainty(assumptions or EVERYTHING, replications, **settings)


def run(chosen: Uncertainty, scope: Scope = SCOPE, **settings):
    return vary(FRAME, SPEC, 2021, scope, chosen, **settings)


@pytest.fixture(scope="module")
def everything():
    return run(plan(), grouping=QUARTERS)


def same(one, other) -> None:
    """Bit for bit."""
    pd.testing.assert_frame_equal(one.ranges, other.ranges, check_exact=True)
    pd.testing.assert_frame_equal(one.ahead, other.ahead, check_exact=True)
    pd.testing.assert_frame_equal(one.rank_counts, other.rank_counts)
    pd.testing.assert_frame_equal(one.ledger, other.ledger, check_exact=True)
    if one.scores is not None:
        pd.testing.assert_frame_equal(one.scores, other.scores, check_exact=True)


def test_the_nominal_result_is_the_index(everything):
    plain = score_index(FRAME, SPEC, 2021, SCOPE).scores
    assert everything.ranges["score"].to_numpy() == pytest.approx(plain["score"], abs=1e-9)
    assert everything.ranges["rank"].tolist() == plain["rank"].tolist()


def test_alternatives_give_what_the_plain_path_gives():
    options = ({"winsorise": (0.1, 0.9)}, {"winsorise": (0.2, 0.8), "max_lag": 0})
    result = run(plan(Alternatives("treatment", options), replications=40))
    plain = [
        score_index(FRAME, replace(SPEC, **option), 2021, SCOPE).scores["score"].to_numpy()
        for option in options
    ]
    for row in result.scores.to_numpy():
        assert min(np.abs(row - scores).max() for scores in plain) < 1e-9
    assert 10 < sum(np.abs(result.scores.to_numpy() - plain[0]).max(axis=1) < 1e-9) < 30


def test_a_dropped_indicator_is_left_out_as_in_the_plain_path():
    result = run(plan(DropIndicator(1.0), replications=60))
    plain = []
    for name in NAMES:
        members = tuple(member for member in SPEC.members if member.indicator != name)
        spec = replace(SPEC, members=members)
        plain.append(score_index(FRAME, spec, 2021, SCOPE).scores["score"].to_numpy())
    nearest = [np.abs(np.array(plain) - row).max(axis=1) for row in result.scores.to_numpy()]
    assert np.nanmax([distances.min() for distances in nearest]) < 1e-9
    assert {int(distances.argmin()) for distances in nearest} == set(range(len(NAMES)))


def test_vintages_are_indices_of_their_own():
    revised = indicators(seed=1)
    result = run(plan(Vintages({"first": FRAME, "revised": revised}), replications=30))
    other = score_index(revised, SPEC, 2021, SCOPE).scores["score"].to_numpy()
    kinds = [np.abs(row - other).max() < 1e-9 for row in result.scores.to_numpy()]
    assert 0 < sum(kinds) < 30


def test_ranges_are_quantiles_of_what_was_kept(everything):
    ranks, scores = everything.ranks.to_numpy(), everything.scores.to_numpy()
    table = everything.ranges
    for column, share in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
        expected = np.quantile(ranks, share, axis=0, method="inverted_cdf")
        assert table[f"rank_{column}"].tolist() == expected.tolist()
        expected = np.quantile(scores, share, axis=0, method="inverted_cdf")
        assert table[f"score_{column}"].tolist() == expected.tolist()
    assert table["top"].to_numpy() == pytest.approx((ranks <= 10).mean(axis=0))
    assert (table["scored"] == 1).all()


def test_pairs_are_counted_from_ranks_and_sum_to_one(everything):
    ranks, ahead = everything.ranks.to_numpy(), everything.ahead.to_numpy()
    wins = (ranks[:, :, None] < ranks[:, None, :]).mean(axis=0)
    ties = (ranks[:, :, None] == ranks[:, None, :]).mean(axis=0)
    assert ahead == pytest.approx(wins + ties / 2)
    assert (ahead + ahead.T == 1).all()


def test_units_that_are_not_distinguishable_name_each_other(everything):
    found = everything.not_distinguishable()
    assert list(found) == list(UNITS)
    assert all(unit in found[other] for unit, others in found.items() for other in others)
    ahead = everything.ahead
    for unit, others in found.items():
        assert all(0.05 < ahead.loc[unit, other] < 0.95 for other in others)
    assert sum(map(len, everything.not_distinguishable(0.6).values())) < sum(
        map(len, found.values())
    )


def test_group_shares_sum_to_one(everything):
    assert everything.groups.sum(axis=1).to_numpy() == pytest.approx(1)
    assert list(everything.groups) == list(QUARTILES.names)
    best = everything.ranges["rank"].astype(int).idxmin()
    assert everything.groups.loc[best].idxmax() == QUARTILES.names[0]


def test_the_same_seed_gives_the_same_and_another_does_not(everything):
    same(everything, run(plan(), grouping=QUARTERS))
    assert not run(plan(seed=1)).scores.equals(everything.scores)


def test_the_first_replications_do_not_depend_on_how_many_follow(monkeypatch):
    monkeypatch.setattr(uncertainty, "chunk_size", lambda units: 50)
    short, long = run(plan(replications=100)), run(plan(replications=230))
    pd.testing.assert_frame_equal(short.scores, long.scores.head(100), check_exact=True)


def test_a_process_pool_gives_the_same_bits(monkeypatch):
    monkeypatch.setattr(uncertainty, "chunk_size", lambda units: 20)
    chosen = plan(replications=190)
    seen = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        elsewhere = run(
            chosen, grouping=QUARTERS, executor=pool, progress=lambda *at: seen.append(at)
        )
    same(elsewhere, run(chosen, grouping=QUARTERS))
    assert seen == [(80, 190), (160, 190), (190, 190)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_gives_the_same_bits(monkeypatch):
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    monkeypatch.setattr(uncertainty, "chunk_size", lambda units: 20)
    chosen = plan(replications=190)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        elsewhere = run(chosen, executor=client.get_executor())
    same(elsewhere, run(chosen))


def test_counts_alone_tell_the_same(monkeypatch, everything):
    """The path for a million replications: nothing is kept but counts."""
    monkeypatch.setattr(uncertainty, "chunk_size", lambda units: 4096)
    counted = run(plan(keep=0), grouping=QUARTERS)
    assert counted.scores is None
    assert counted.ranks is None
    pd.testing.assert_frame_equal(counted.rank_counts, everything.rank_counts)
    pd.testing.assert_frame_equal(counted.ahead, everything.ahead, check_exact=True)
    pd.testing.assert_frame_equal(counted.groups, everything.groups)
    scores = ["score_median", "score_low", "score_high"]
    rest = everything.ranges.drop(columns=scores)
    pd.testing.assert_frame_equal(counted.ranges[list(rest)], rest)
    difference = (counted.ranges[scores] - everything.ranges[scores]).abs()
    assert difference.to_numpy().max() <= 0.5 * 100 / tally.SCORE_BINS + 1e-9


def test_the_order_of_units_does_not_matter(everything):
    turned = run(plan(), Scope("dozen", UNITS[::-1]), grouping=QUARTERS)
    assert list(turned.ranges.index) == list(UNITS[::-1])
    pd.testing.assert_frame_equal(
        turned.ranges.loc[list(UNITS)], everything.ranges, check_exact=True
    )
    pd.testing.assert_frame_equal(
        turned.ahead.loc[list(UNITS), list(UNITS)], everything.ahead, check_exact=True
    )


def test_the_ledger_names_what_changed_nothing():
    idle = Alternatives("idle", ({}, {"max_lag": 0}))
    result = run(plan(*EVERYTHING, idle, ImputationError(3.0), replications=20))
    assert result.without_effect == ("idle", "imputation error")
    assert "Without any effect: idle, imputation error" in result._repr_html_()
    effects = result.ledger.drop(index=list(result.without_effect))
    assert (effects["scores_differ"] > 0.3).all()
    assert (effects["max_score_change"] > 0).all()


def test_suppressed_values_move_their_own_unit_alone():
    result = run(plan(SuppressedRange(), replications=200))
    spread = result.ranges["score_high"] - result.ranges["score_low"]
    assert spread.index[spread > 0].tolist() == ["u02"]
    assert result.scores["u02"].mean() == pytest.approx(result.ranges.loc["u02", "score"], abs=0.1)


def test_units_without_a_score_are_counted_apart():
    spec = replace(SPEC, dimension_threshold=0.9, index_threshold=0.4)
    strict = Alternatives("threshold", ({}, {"index_threshold": 0.9}))
    result = vary(FRAME, spec, 2021, SCOPE, plan(strict, replications=100))
    assert 0.3 < result.ranges.loc["u01", "scored"] < 0.7
    assert (result.ranges["scored"].drop("u01") == 1).all()
    assert result.rank_counts.loc["u01"].sum() < 100
    ahead = result.ahead.to_numpy()
    assert (ahead + ahead.T == 1).all()
    assert result.ledger.loc["threshold", "took_effect"]


def test_errors_say_which_variation_they_come_from():
    with pytest.raises(SpecError, match="no setting 'windsor'"):
        run(plan(Alternatives("typo", ({"windsor": 1},))))
    with pytest.raises(SpecError) as caught:
        run(plan(Alternatives("bad", ({"winsorise": (0.9, 0.1)},))))
    assert "winsorise" in caught.value.__notes__[0]
    with pytest.raises(PeriodError):
        vary(FRAME, SPEC, 2030, SCOPE, plan())


def test_pairs_may_be_left_out():
    result = run(plan(replications=10), pairs=False)
    assert result.ahead is None
    with pytest.raises(SpecError, match="pairs"):
        result.not_distinguishable()


def test_a_result_speaks_of_ranges_over_assumptions(everything):
    text = everything._repr_html_()
    assert "small 2021, scope dozen, n = 12: 300 replications over treatment" in text
    assert "ranges hold 5-95 % of them" in text
    assert not any(word in text for word in ("confidence", "probab"))
