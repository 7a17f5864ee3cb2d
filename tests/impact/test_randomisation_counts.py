"""Counts judged by permutation: level, interval, and the law that ties them together."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.checks_model import Sample
from valley_analysis.impact.checks_placebo import randomisation
from valley_analysis.impact.did import difference_in_differences
from valley_analysis.impact.pretrend_permuted import permuted_pretrend
from valley_analysis.impact.randomisation_counts import randomise_counts

NAMES = {"unit": "unit", "period": "year", "outcome": "y", "exposure": "x", "since": 2020}
COUNTS = {**NAMES, "family": "poisson"}


def panel(seed: int, effect: float = 0.0, units: int = 40, spread: float = 1.5) -> pd.DataFrame:
    """Counts that sit in few units, some of which change a lot over the wave for no reason."""
    rng = np.random.default_rng(seed)
    frame = pd.MultiIndex.from_product([range(units), range(2014, 2024)]).to_frame(index=False)
    frame.columns = ["unit", "year"]
    size, x = np.exp(rng.normal(1, spread, units)), rng.permutation(units) / units
    shift = np.exp(rng.normal(0, 0.4, units))
    after = (frame["year"] >= 2020).to_numpy()
    unit = frame["unit"].to_numpy()
    mean = size[unit] * np.where(after, shift[unit] * np.exp(effect * x[unit]), 1.0)
    return frame.assign(x=x[unit], y=rng.poisson(mean).astype(float))


def judged(frame: pd.DataFrame, **more):
    sample = Sample.of(frame, **COUNTS)
    return sample, randomise_counts(frame, sample, **{"permutations": 199, **more})


@pytest.mark.slow
def test_the_interval_holds_what_is_not_rejected() -> None:
    sample, said = judged(panel(1, 1.0))
    assert said.low < sample.base.estimate < said.high
    x = sample.x
    for effect, rejected in ((said.low, False), (said.high, False), (said.high + 0.1, True)):
        rows = sample.rows.assign(y=sample.rows["y"] * np.exp(-effect * x))
        frame = panel(1, 1.0)  # the same units are put in order
        again = randomise_counts(frame, replace(sample, rows=rows), permutations=199)
        assert (again.p_value <= 0.05) is rejected, effect


def test_a_planted_factor_moves_the_interval_by_itself() -> None:
    """Counts times exp(c x) after the wave: both ends move by c."""
    frame = panel(2)
    _, said = judged(frame)
    after = frame["year"] >= 2020
    moved = frame.assign(y=frame["y"] * np.exp(0.7 * frame["x"] * after))
    _, told = judged(moved)
    assert told.low == pytest.approx(said.low + 0.7, abs=1e-3)
    assert told.high == pytest.approx(said.high + 0.7, abs=1e-3)


@pytest.mark.slow
def test_its_level_holds_where_clustered_errors_fail() -> None:
    draws, found = 300, []
    for seed in range(draws):
        frame = panel(seed, spread=2.0)
        facts = randomisation(frame, permutations=99, seed=seed, **COUNTS).facts
        clustered = difference_in_differences(frame, **COUNTS)
        found.append((facts["p_randomisation"], clustered.p_value))
    permuted, clustered = (np.array(found) <= 0.05).mean(axis=0)
    assert abs(permuted - 0.05) < 3 * np.sqrt(0.05 * 0.95 / draws)
    assert clustered > 0.1


def test_other_models_and_too_few_permutations_are_refused() -> None:
    frame = panel(3)
    with pytest.raises(DesignError, match="gaussian"):
        randomise_counts(frame, Sample.of(frame, **NAMES))
    with pytest.raises(DesignError, match="19 or more"):
        judged(frame, permutations=9)


def test_movement_before_the_wave_is_found_at_its_date() -> None:
    frame = panel(4)
    early = frame.assign(y=frame["y"] * np.where(frame["year"] >= 2017, np.exp(3 * frame["x"]), 1))
    check = permuted_pretrend(early, permutations=199, **COUNTS)
    assert check.status == "failed"
    assert check.facts["date"] == 2017
    assert check.table["statistic"].abs().idxmax() == 2017


def test_one_period_before_has_no_lead() -> None:
    frame = panel(5)
    check = permuted_pretrend(frame[frame["year"] >= 2019], permutations=199, **COUNTS)
    assert (check.status, check.facts["leads"]) == ("informational", 0)


@pytest.mark.slow
@pytest.mark.parametrize("names", [NAMES, COUNTS])
def test_the_test_of_leads_keeps_its_level(names: dict) -> None:
    draws = 200
    found = [
        permuted_pretrend(panel(seed, spread=2.0), permutations=99, seed=seed, **names).status
        for seed in range(draws)
    ]
    error = np.sqrt(0.05 * 0.95 / draws)
    assert abs(np.mean([status == "failed" for status in found]) - 0.05) < 3 * error
