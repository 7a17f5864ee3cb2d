"""How outliers are treated, by example: what goes in, what comes out, what the report says."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.scoring.treat import treat

FLAT = list(range(1, 13))
ZEROS = [0] * 19
MANY = [2**power for power in range(60)]  # more far points than may be moved


def run(values, **settings):
    units = [f"u{number}" for number in range(len(values))]
    result = treat(pd.DataFrame({"x": np.array(values, dtype=float)}, units), **settings)
    return result, result.frame["x"].tolist(), result.report.loc["x"]


@pytest.mark.parametrize(
    ("case", "values", "settings", "expected", "treatment", "moved"),
    [
        ("even values pass", FLAT, {}, FLAT, "none", 0),
        ("one far point takes the next value", [*FLAT, 99], {}, [*FLAT, 12], "winsorised", 1),
        ("on the lower side too", [-99, *FLAT], {}, [1, *FLAT], "winsorised", 1),
        ("tied points move together", [*FLAT * 2, 99, 99], {}, [*FLAT * 2, 12, 12],
         "winsorised", 2),
        ("one value at a time", [*FLAT, 30, 100], {}, [*FLAT, 30, 30], "winsorised", 1),
        ("gaps stay gaps", [*FLAT, np.nan, 99], {}, [*FLAT, np.nan, 12], "winsorised", 1),
        ("no fallback: what was moved stays", MANY, {"fallback": "none", "winmax": 1},
         [*MANY[:-1], MANY[-2]], "winsorised", 1),
        ("a limit of 4 lets it pass", [*FLAT, 99], {"skewness": 4}, [*FLAT, 99], "none", 0),
        ("none touches nothing", [*FLAT, 99], {"method": "none"}, [*FLAT, 99], "none", 0),
    ],
    ids=lambda each: each if isinstance(each, str) and " " in each else "",
)  # fmt: skip
def test_winsorising(case, values, settings, expected, treatment, moved):
    result, found, report = run(values, **settings)
    assert found == pytest.approx([float(each) for each in expected], nan_ok=True)
    assert (report["treatment"], report["moved"]) == (treatment, moved)
    assert len(result.changes) == moved


def test_a_moment_at_its_limit_does_not_pass():
    """One far value among four has skewness 2 and kurtosis 4 exactly."""
    _, _, report = run([0, 0, 0, 50000], winmax=0)
    assert report["skewness"] == pytest.approx(2, abs=1e-12)
    assert report["treatment"] == "log"


def test_ties_may_carry_the_count_beyond_the_limit():
    """Two tied points move in one step although only one may be moved."""
    _, found, report = run([*FLAT * 2, 99, 99], winmax=1)
    assert found[-2:] == [12, 12]
    assert report["moved"] == 2


@pytest.mark.parametrize("winmax", [0, 5])
def test_a_column_that_still_fails_takes_the_log_of_its_original_values(winmax):
    result, found, report = run(MANY, winmax=winmax)
    low, high = 1, 2**59
    assert found == pytest.approx([np.log(x - low + 0.01 * (high - low)) for x in MANY], abs=1e-9)
    assert report["treatment"] == "log"
    assert set(result.changes["why"]) == {"log"}
    assert len(result.changes) == len(MANY)


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([*ZEROS, 1], "left: would collapse to one value"),
        ([*ZEROS, 1, 1], "left: would collapse to one value"),
        ([3, 3, 3, 3, 3], "constant"),
        ([1, 2, 900, np.nan], "fewer than 4 values"),
        ([np.nan] * 5, "no value"),
    ],
)
def test_what_cannot_be_treated_is_left_and_reported(values, note):
    result, found, report = run(values)
    assert found == pytest.approx([float(each) for each in values], nan_ok=True)
    assert (report["treatment"], report["note"], len(result.changes)) == ("none", note, 0)


def test_the_log_names_unit_indicator_old_and_new_value_and_reason():
    result, _, _ = run([*FLAT, 99])
    assert result.changes.to_dict("records") == [
        {"unit": "u12", "indicator": "x", "from": 99.0, "to": 12.0, "why": "winsorised"}
    ]


def test_the_report_judges_before_and_after():
    _, _, report = run([*FLAT, 99])
    assert not report["passes"]
    assert report["passes_after"]
    assert report["skewness"] > 2 > report["skewness_after"]


def test_quantiles_that_coincide_leave_the_column():
    _, found, report = run([*ZEROS, 1], method="quantiles", quantiles=(0.05, 0.9))
    assert found == [*map(float, ZEROS), 1.0]
    assert report["note"] == "left: would collapse to one value"
