"""Interrupted time series as a structural model: the published case, planted shifts, faults."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.time_series import interrupted_time_series


def series(seed: int = 0, n: int = 120, shift: float = 0.0, start: int = 80) -> pd.DataFrame:
    """A random-walk level with noise, monthly; the level moves by `shift` from `start` on."""
    rng = np.random.default_rng(seed)
    level = np.cumsum(rng.normal(0, 0.05, n))
    y = 10 + level + rng.normal(0, 0.3, n) + shift * (np.arange(n) >= start)
    month = pd.date_range("2010-01-01", periods=n, freq="MS")
    return pd.DataFrame({"month": month, "y": y, "x": rng.normal(size=n)})


COLUMNS = {"period": "month", "outcome": "y"}


@pytest.fixture(scope="module")
def belts(shared: Path) -> tuple[pd.DataFrame, dict]:
    folder = shared / "reference" / "seatbelts_its"
    frame = pd.read_csv(folder / "data.csv")
    frame["month"] = pd.to_datetime(frame["month"])
    frame["petrol"] = np.log(frame["PetrolPrice"])
    checks = json.loads((folder / "expected.json").read_text("utf-8"))["checks"]
    return frame, {one["id"]: one for one in checks}


def test_seat_belts_as_published(belts: tuple[pd.DataFrame, dict]) -> None:
    frame, expected = belts
    given = {"period": "month", "outcome": "drivers", "since": "1983-02-01"}
    found = interrupted_time_series(frame, **given, controls="petrol", seasonal=12, log=True)
    one = expected["stoch_law"]
    assert found.estimate == pytest.approx(one["value"], abs=one["tol"])
    percent = 100 * np.expm1(found.estimate)
    one = expected["stoch_law_pct"]
    assert percent == pytest.approx(one["value"], abs=one["tol"])


def test_seat_belts_with_a_fixed_level(belts: tuple[pd.DataFrame, dict]) -> None:
    frame, expected = belts
    given = {"period": "month", "outcome": "drivers", "since": "1983-02-01"}
    found = interrupted_time_series(
        frame, **given, controls="petrol", seasonal=12, log=True, trend="fixed level"
    )
    for name, term in (("det_law", found.headline), ("det_petrol", "petrol")):
        one = expected[name]
        value = found.table.loc[term, "estimate"]
        assert value == pytest.approx(one["value"], abs=one["tol"]), name


def test_a_planted_shift_is_found_and_its_sign_told() -> None:
    found = interrupted_time_series(series(shift=-2.0), **COLUMNS, since="2016-09-01")
    assert found.estimate == pytest.approx(-2.0, abs=0.5)
    assert found.distinguishable


@pytest.mark.slow
def test_intervals_cover_as_they_say() -> None:
    covered = []
    for seed in range(80):
        found = interrupted_time_series(
            series(seed=100 + seed), **COLUMNS, since="2016-09-01", placebo_dates=0
        )
        low, high = found.interval
        covered.append(low <= 0 <= high)
    assert 0.86 <= np.mean(covered) <= 1.0


def test_a_shift_earlier_than_it_is_said_fails_the_placebo_dates() -> None:
    early = series(seed=3, shift=4.0, start=40)
    found = interrupted_time_series(
        early, **COLUMNS, since="2016-09-01", placebo_dates=["2013-05-01"]
    )
    (check,) = (one for one in found.diagnostics if one.name == "placebo_dates")
    assert check.status == "failed"


def test_wild_values_fail_the_check_of_normality() -> None:
    frame = series(seed=4)
    rng = np.random.default_rng(1)
    frame.loc[rng.choice(len(frame), 8, replace=False), "y"] += 9
    found = interrupted_time_series(frame, **COLUMNS, since="2016-09-01")
    failed = {one.name for one in found.diagnostics if one.status == "failed"}
    assert any("normal" in name for name in failed)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"since": "2031-01-01"}, "2031"),
        ({"since": "2010-01-01"}, "2010"),
        ({"controls": "nothing"}, "nothing"),
        ({"outcome": "missing"}, "missing"),
    ],
)
def test_what_cannot_be_estimated_is_named(change: dict, words: str) -> None:
    given = {**COLUMNS, "since": "2016-09-01", **change}
    with pytest.raises(DesignError, match=words):
        interrupted_time_series(series(), **given)


def test_a_series_that_stands_twice_is_named() -> None:
    frame = pd.concat([series(), series().iloc[[5]]])
    with pytest.raises(DesignError, match="2010-06"):
        interrupted_time_series(frame, **COLUMNS, since="2016-09-01")


def test_the_frame_is_untouched_and_the_result_repeats() -> None:
    frame = series(seed=8)
    before = frame.copy()
    one, other = (
        interrupted_time_series(frame, **COLUMNS, since="2016-09-01").estimate for _ in range(2)
    )
    assert one == other
    pd.testing.assert_frame_equal(frame, before)
