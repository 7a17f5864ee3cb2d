"""Frames at the gate: the same values in any dress give one plain frame, or a named refusal."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError, FrameError
from valley_analysis.gate import (
    as_moment,
    label_problems,
    number_problems,
    plain_column,
    plain_frame,
    share,
    whole,
)

DATES = pd.to_datetime(["2014-01-01", "2015-01-01", "2016-01-01"])
DRESSES = {
    "nullable integers": (pd.array([1, None, 3], "Int64"), [1.0, np.nan, 3.0]),
    "nullable integers without gaps": (pd.array([1, 2, 3], "Int32"), [1, 2, 3]),
    "nullable floats": (pd.array([1.5, None, 3], "Float32"), [1.5, np.nan, 3.0]),
    "pyarrow integers": (pd.array([1, None, 3], "int16[pyarrow]"), [1.0, np.nan, 3.0]),
    "pyarrow floats": (pd.array([1.5, None, 3], "double[pyarrow]"), [1.5, np.nan, 3.0]),
    "half floats": (np.array([1.5, 2, 3], "float16"), [1.5, 2.0, 3.0]),
    "bytes of numbers": (np.array([1, 2, 250], "uint8"), [1, 2, 250]),
    "Python's numbers": (np.array([1, None, 2.5], object), [1.0, np.nan, 2.5]),
    "decimals": (np.array([decimal.Decimal("1.5"), None, 2], object), [1.5, np.nan, 2.0]),
    "a category of numbers": (pd.Categorical([2, 1, None]), [2.0, 1.0, np.nan]),
    "nullable booleans": (pd.array([True, None, False], "boolean"), [1.0, np.nan, 0.0]),
    "Python's text": (np.array(["a", None, "b"], object), ["a", np.nan, "b"]),
    "pyarrow text": (pd.array(["a", None, "b"], "string[pyarrow]"), ["a", np.nan, "b"]),
    "a category of text": (pd.Categorical(["b", None, "a"]), ["b", np.nan, "a"]),
    "Python's dates": (np.array([d.date() for d in DATES], object), list(DATES)),
    "pyarrow dates": (pd.array([d.date() for d in DATES], "date32[pyarrow]"), list(DATES)),
    "a category of dates": (pd.Categorical(DATES), list(DATES)),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_a_column_in_any_dress_becomes_plain(dress: str) -> None:
    given, expected = DRESSES[dress]
    found = plain_column(pd.Series(given, name="x"))
    plain = pd.Series(expected, name="x")
    if found.dtype.kind == "M":
        plain = plain.astype(found.dtype)
    pd.testing.assert_series_equal(found, plain)


def test_an_index_of_its_own_plays_no_part_and_the_callers_frame_stays() -> None:
    frame = pd.DataFrame({"unit": ["b", "a"], "year": [1, 2], "y": [1.0, 2.0]})
    for brought in (
        frame.set_index("unit", drop=False),
        frame.set_index(["unit", "year"], drop=False),
        frame.set_axis(["x", "x"]),
        frame.rename_axis("y"),
    ):
        before = brought.copy()
        pd.testing.assert_frame_equal(plain_frame(brought), frame)
        pd.testing.assert_frame_equal(brought, before)
    assert plain_frame(frame) is frame, "a plain frame is not copied"


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ([1, 2], "a list; expected a DataFrame"),
        (pd.DataFrame({"y": []}), "it has no row"),
        (pd.DataFrame({("y", "mean"): [1.0]}), "columns named at 2 levels"),
        (pd.DataFrame([[1, 2]], columns=["y", "y"]), "column 'y': stands 2 times"),
    ],
)
def test_what_is_no_tidy_frame_is_refused(frame: pd.DataFrame, told: str) -> None:
    with pytest.raises(DesignError, match=told):
        plain_frame(frame)
    with pytest.raises(FrameError, match=told):
        plain_frame(frame, "scores", FrameError)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["1", "n/a"], "column 'y': str; expected numbers, unit 'a' holds '1'"),
        ([None, datetime.date(2014, 1, 1)], "unit 'b' holds Timestamp"),
        ([1 + 2j, 1], "column 'y': complex128; expected numbers"),
        ([1.0, -np.inf], "column 'y', unit 'b': infinite"),
        ([1.0, 1e200], "column 'y', unit 'b': 1e+200 is beyond any unit"),
        ([0.0, 1e-200], "column 'y', unit 'b': 1e-200 is beyond any unit"),
        ([{}, []], "column 'y': object; expected numbers, unit 'a' holds {}"),
    ],
)
def test_what_is_no_number_is_named_with_its_row(values: list[object], told: str) -> None:
    frame = plain_frame(pd.DataFrame({"unit": ["a", "b"], "y": values}))
    (problem,) = number_problems(frame, ["y", "y", "absent"], {"unit": "unit"})
    assert told in problem


@pytest.mark.parametrize("values", [[1.0, np.nan], [0.0, 0.0], [1e12, 1e-12], [True, False]])
def test_numbers_of_any_usual_size_pass(values: list[float]) -> None:
    assert not list(number_problems(pd.DataFrame({"y": values}), ["y"]))


def test_labels_of_two_kinds_are_named() -> None:
    frame = pd.DataFrame({"u": ["a", 1], "v": [1, None], "w": [[1], [2]]})
    assert list(label_problems(frame, ["u", "v", "absent"])) == [
        "column 'u': holds int and str; expected values of one kind"
    ]
    assert "holds list" in next(label_problems(frame, ["w"]))


def test_a_moment_takes_the_kind_of_the_periods_or_does_not_compare() -> None:
    dates = pd.Series(DATES)
    assert as_moment(dates, "2014-03-01") == pd.Timestamp("2014-03-01")
    assert as_moment(dates.dt.to_period("Q"), "2014Q2") == pd.Period("2014Q2")
    assert as_moment(pd.Series([2014, 2015]), 2014.5) == 2014.5
    for periods, moment in (
        (pd.Series([2014]), "2014"),
        (pd.Series(["2014"]), 2014),
        (dates, "some day"),
        (pd.Series([2014]), None),
        (pd.Series([2014]), np.nan),
        (pd.Series([2014]), [2014]),
    ):
        with pytest.raises(TypeError):
            as_moment(periods, moment)


@pytest.mark.parametrize("value", [95, 0, 1, -0.1, np.nan, "0.95", None, True])
def test_a_share_lies_between_zero_and_one(value: float) -> None:
    with pytest.raises(DesignError, match="expected a share between 0 and 1"):
        share(value)


@pytest.mark.parametrize("value", [-1, 1.5, "9", None, np.nan, True])
def test_a_number_of_draws_is_whole(value: int) -> None:
    with pytest.raises(DesignError, match="expected a whole number from 0 on"):
        whole(value, "permutations")
