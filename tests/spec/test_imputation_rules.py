"""How gaps are filled, by example: a row is a unit's values from year to year."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.scoring.impute import impute

nan = np.nan


def years(values: list[float], first: int = 2015) -> pd.DataFrame:
    rows = [(first + number, "a") for number in range(len(values))]
    return pd.DataFrame({"x": np.array(values, dtype=float)}, pd.MultiIndex.from_tuples(rows))


@pytest.mark.parametrize(
    ("method", "limit", "before", "after"),
    [
        ("previous", 1, [1, nan, nan, 4], [1, 1, nan, 4]),
        ("previous", 2, [1, nan, nan, 4], [1, 1, 1, 4]),
        ("previous", None, [1, nan, nan, nan], [1, 1, 1, 1]),
        ("previous", None, [nan, 2, nan, 4], [nan, 2, 2, 4]),
        ("interpolate", 1, [1, nan, 5], [1, 3, 5]),
        ("interpolate", 1, [1, nan, nan, 4], [1, nan, nan, 4]),
        ("interpolate", 2, [1, nan, nan, 4], [1, 2, 3, 4]),
        ("interpolate", None, [1, nan, nan, nan, 9], [1, 3, 5, 7, 9]),
        ("interpolate", None, [nan, 2, nan, 4, nan], [nan, 2, 3, 4, nan]),
        ("none", 1, [1, nan, 5], [1, nan, 5]),
    ],
)
def test_over_time(method, limit, before, after):
    found = impute(years(before), method, limit=limit).frame["x"].tolist()
    assert found == pytest.approx(after, nan_ok=True)


def test_a_year_without_rows_counts_as_a_gap():
    frame = years([1, nan, nan, 4]).drop(index=(2016, "a"))
    assert impute(frame, "previous").frame["x"].tolist() == pytest.approx([1, nan, 4], nan_ok=True)
    assert impute(frame, "interpolate", limit=2).frame["x"].tolist() == [1, 3, 4]


def test_units_never_borrow_from_each_other_over_time():
    rows = pd.MultiIndex.from_product([[2020, 2021], ["a", "b"]])
    frame = pd.DataFrame({"x": [1.0, nan, nan, 8.0]}, rows)
    assert impute(frame, "previous").frame["x"].tolist() == pytest.approx(
        [1, nan, 1, 8], nan_ok=True
    )


@pytest.mark.parametrize(
    ("method", "value", "error"),
    [("group_mean", 4.0, np.sqrt(12) * np.sqrt(4 / 3)), ("group_median", 2.0, nan)],
)
def test_of_the_group_in_the_same_year(method, value, error):
    """The group's others have 2, 2 and 8: mean 4, standard deviation root of 12."""
    rows = pd.MultiIndex.from_product([[2020, 2021], list("abcde")])
    frame = pd.DataFrame({"x": [nan, 2, 2, 8, 100, 5, 5, 5, 5, 5]}, rows)
    groups = {"a": "north", "b": "north", "c": "north", "d": "north", "e": "south"}
    imputed = impute(frame, method, groups=groups)
    (change,) = imputed.changes.to_dict("records")
    assert (change["period"], change["unit"], change["indicator"]) == (2020, "a", "x")
    assert change["to"] == value
    assert change["error"] == pytest.approx(error, nan_ok=True)
    assert change["why"] == f"{method.removeprefix('group_')} of north in 2020 (n = 3)"


def test_a_suppressed_cell_is_never_imputed_but_its_neighbours_are():
    frame = years([1, nan, nan, 4])
    mask = pd.DataFrame(False, frame.index, frame.columns)
    mask.loc[(2016, "a"), "x"] = True
    imputed = impute(frame, "interpolate", limit=2, keep_missing=mask)
    assert imputed.frame["x"].tolist() == pytest.approx([1, nan, 3, 4], nan_ok=True)
    assert imputed.left[["period", "why"]].values.tolist() == [[2016, "not to be imputed"]]
    assert imputed.report.loc["x"].to_dict() == {"missing": 2, "imputed": 1, "kept": 1, "left": 0}


@pytest.mark.parametrize(
    ("method", "before", "reasons"),
    [
        ("previous", [nan, 2, nan, nan], ["no earlier value", "last value older than 1"]),
        ("interpolate", [1, nan, nan, 4, nan],
         ["gap of more than 1", "gap of more than 1", "not between two values"]),
        ("group_mean", [nan], ["no value in its group"]),
        ("regression", [nan, 1, 2], ["no other indicator of its dimension is known"]),
        ("em", [nan, 1, 2], ["its indicator has 3 values or fewer"]),
        ("none", [nan, 1], ["no imputation asked for"]),
    ],
)  # fmt: skip
def test_what_is_left_says_why(method, before, reasons):
    assert impute(years(before), method).left["why"].tolist() == reasons


@pytest.mark.parametrize(
    ("method", "limit", "why"),
    [("previous", 1, "value of 2015"), ("interpolate", 1, "between 2015 and 2017")],
)
def test_what_is_filled_says_how(method, limit, why):
    imputed = impute(years([1, nan, 5]), method, limit=limit)
    assert imputed.changes["why"].tolist() == [why]


def test_the_forecast_of_a_line_by_hand():
    """y = 1 + x at four points with residuals of +-1: s^2 = 4 / 3 on five complete units."""
    frame = pd.DataFrame(
        {"x": [-2.0, -1.0, 0.0, 1.0, 2.0, 0.0], "y": [-1.0, 1.0, 0.0, 1.0, 4.0, nan]},
        list("abcdef"),
    )
    # Slope: sum xy / sum xx = (2 - 1 + 1 + 8) / 10 = 1; mean of y = 1; residuals 0 1 -1 -1 1.
    imputed = impute(frame, "regression")
    (change,) = imputed.changes.to_dict("records")
    assert change["to"] == pytest.approx(1.0, abs=1e-12)
    assert change["error"] == pytest.approx(np.sqrt(4 / 3 * (1 + 1 / 5)), abs=1e-12)
