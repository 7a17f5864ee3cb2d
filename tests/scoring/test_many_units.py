"""Thousands of units: nothing grows with their square unless asked for, and the cost is told."""

import logging

import pytest

from valley_analysis.errors import SpecError
from valley_analysis.scoring import MeasurementError, Uncertainty, WeightNoise, cost, ledger, vary
from valley_analysis.scoring.examples import random_indicators
from valley_analysis.scoring.tally import MANY, rank_width

pytestmark = pytest.mark.slow

FRAME, SPEC, SCOPE = random_indicators(MANY + 100, 3)


@pytest.fixture(autouse=True)
def _few_probes(monkeypatch):
    monkeypatch.setattr(ledger, "PROBES", 16)


def run(keep: int = 100, **options):
    plan = Uncertainty((WeightNoise(), MeasurementError(1.0)), 60, 1, keep=keep)
    return vary(FRAME, SPEC, 2021, SCOPE, plan, **options)


def test_classes_of_ranks_hold_the_exact_ranges(caplog):
    exact, counted = run(), run(keep=0)
    assert exact.ahead is None
    assert counted.ranks is None
    assert "60 replications of 2,100 units: about 0.0 GB of memory, 1 minute" in caplog.text
    width = rank_width(len(SCOPE))
    assert counted.rank_counts.shape == (len(SCOPE), -(-len(SCOPE) // width))
    assert (counted.rank_counts.sum(axis=1) == 60).all()
    for end, outward in (("rank_low", -1), ("rank_high", 1)):
        apart = (counted.ranges[end] - exact.ranges[end]) * outward
        assert ((apart >= 0) & (apart < width)).all()
    assert (counted.ranges["top"] == exact.ranges["top"]).all()
    known = exact.ranks.to_numpy()
    assert exact.ranges["top"].to_numpy() == pytest.approx((known <= 10).mean(axis=0))


def test_pairs_come_on_request_and_what_does_not_fit_is_refused(monkeypatch, caplog):
    caplog.set_level(logging.WARNING)
    monkeypatch.setattr(cost, "_memory", lambda: 0.1)
    with pytest.raises(SpecError, match=r"0\.1 GB of memory.*this computer has 0\.1 GB") as caught:
        run(pairs=True)
    assert "pass pairs=False" in str(caught.value)
    assert not caplog.text  # nothing was begun
