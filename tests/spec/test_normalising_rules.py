"""What each normalisation makes of five units; higher is better on every scale."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.scoring.scale import normalise_frame

nan = np.nan
UNITS = list("abcde")


def column(values) -> pd.DataFrame:
    return pd.DataFrame({"x": np.array(values, dtype=float)}, UNITS[: len(values)])


# Mean 4, standard deviation (n - 1) 2, of 2, 4, 6 and a gap.
@pytest.mark.parametrize(
    ("method", "settings", "values", "up", "down"),
    [
        ("minmax", {}, [2, 4, 6, nan], [0, 50, 100, nan], [100, 50, 0, nan]),
        ("minmax", {"low": 1, "high": 11}, [2, 4, 6, nan], [1, 6, 11, nan], [11, 6, 1, nan]),
        ("zscore", {}, [2, 4, 6, nan], [-1, 0, 1, nan], [1, 0, -1, nan]),
        ("zscore", {"mean": 100, "sd": 10}, [2, 4, 6], [90, 100, 110], [110, 100, 90]),
        ("rank", {}, [7, 3, 7, 9, nan], [2, 1, 2, 4, nan], [2, 4, 2, 1, nan]),
        ("borda", {}, [7, 3, 7, 9, nan], [1, 0, 1, 3, nan], [1, 3, 1, 0, nan]),
        ("percentile", {}, [7, 3, 7, 9, nan], [1/3, 0, 1/3, 1, nan], [1/3, 1, 1/3, 0, nan]),
        ("percentile", {"scale": 100}, [1, 2, 3, 4, 5], [0, 25, 50, 75, 100], [100, 75, 50, 25, 0]),
        ("goalposts", {"posts": {"x": (0, 10)}}, [-5, 0, 4, 10, 12], [0, 0, 40, 100, 100],
         [100, 100, 60, 0, 0]),
        ("ratio", {}, [1, 2, 3, nan], [50, 100, 150, nan], [150, 100, 50, nan]),
        ("ratio", {"national": {"x": 4.0}}, [1, 2, 3], [25, 50, 75], [175, 150, 125]),
        ("ratio", {"scale": 1}, [0, 2, 4], [0, 1, 2], [2, 1, 0]),
    ],
)  # fmt: skip
def test_scales(method, settings, values, up, down):
    for direction, expected in ((1, up), (-1, down)):
        found = normalise_frame(column(values), method, direction, **settings).frame["x"].tolist()
        assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    ("direction", "values", "unit", "expected"),
    [
        (1, [2, 4, 6], "b", [0, 1, 2]),  # 1 - (4 - x) / (4 - 2)
        (1, [2, 4, 6], "c", [0, 0.5, 1]),
        (-1, [2, 4, 6], "b", [2, 1, 0]),  # of -2, -4, -6: 1 - (-4 + x) / (-4 + 6)
    ],
)
def test_distance_to_a_reference_unit(direction, values, unit, expected):
    found = normalise_frame(column(values), "reference", direction, unit=unit)
    assert found.frame["x"].tolist() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("direction", "target", "cap", "expected"),
    [
        (1, 10, False, [0, 0.25, 0.5, 1.25]),  # (x - 2) / (10 - 2)
        (1, 10, True, [0, 0.25, 0.5, 1]),
        (-1, 4, False, [1.25, 1, 0.75, 0]),  # (12 - x) / (12 - 4)
        (-1, 4, True, [1, 1, 0.75, 0]),
    ],
)
def test_distance_to_a_target(direction, target, cap, expected):
    result = normalise_frame(
        column([2, 4, 6, 12]), "target", direction, targets={"x": target}, cap=cap
    )
    assert result.frame["x"].tolist() == pytest.approx(expected, abs=1e-9)
    assert len(result.changes) == int(cap)


@pytest.mark.parametrize(
    ("values", "direction", "expected", "transformed"),
    [
        ([0, 1, 4, 9, 100], 1, [0, 10, 20, 30, 100], True),  # roots 0 1 2 3 10
        ([0, 1, 4, 9, 100], -1, [100, 90, 80, 70, 0], True),
        ([0, 1, 2, 3, 4], 1, [0, 25, 50, 75, 100], False),
        ([-4, -3, -2, -1, 0], 1, [0, 25, 50, 75, 100], False),  # no root is asked for
    ],
)
def test_a_skewed_column_takes_its_square_root_before_min_max(
    values, direction, expected, transformed
):
    result = normalise_frame(column(values), "eis", direction)
    assert result.frame["x"].tolist() == pytest.approx(expected, abs=1e-9)
    assert result.report.loc["x", "transformed"] == transformed
    assert result.report.loc["x", ["worst", "best"]].tolist() == [
        (min if direction > 0 else max)(values),
        (max if direction > 0 else min)(values),
    ]


def test_values_cut_at_a_goalpost_are_logged():
    result = normalise_frame(column([-5, 4, 12]), "goalposts", -1, posts={"x": (0, 10)})
    assert result.changes.values.tolist() == [
        ["a", "x", -5, 0, "below the lower goalpost"],
        ["c", "x", 12, 10, "above the upper goalpost"],
    ]
    assert result.report.loc["x", ["worst", "best"]].tolist() == [10, 0]


def test_a_national_value_of_each_period():
    rows = pd.MultiIndex.from_product([[2020, 2021], ["a", "b"]])
    frame = pd.DataFrame({"x": [1.0, 3.0, 4.0, 8.0]}, rows)
    national = pd.DataFrame({"x": [2.0, 8.0]}, [2020, 2021])
    found = normalise_frame(frame, "ratio", national=national).frame["x"].tolist()
    assert found == [50, 150, 50, 100]
    mean = normalise_frame(frame, "ratio").frame["x"].tolist()  # mean of all four: 4
    assert mean == [25, 75, 100, 200]
    each = normalise_frame(frame, "ratio", pooled=False).frame["x"].tolist()  # means 2 and 6
    assert each == pytest.approx([50, 150, 200 / 3, 400 / 3])
