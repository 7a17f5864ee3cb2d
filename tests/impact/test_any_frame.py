"""Any frame that a caller brings: what the plain one gives, or a refusal of ours that names it.

Every public estimator and check is called (`any_frame.CALLS`) on one small frame in other dress, in
other units, and with faults drawn by hypothesis. A Python warning is an error here.
"""

import decimal
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.impact.any_frame import CALLS, SINCE, frame_for, numbers

from valley_analysis.errors import DesignError, ValleyError

Change = Callable[[pd.DataFrame], pd.DataFrame]
CHEAP = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
SLOW = ("permute_cohorts", "randomise_counts")


def key(frame: pd.DataFrame) -> str:
    return "unit" if "unit" in frame else "year"


DRESSES: dict[str, Change] = {
    "index named as a column": lambda f: f.set_index(key(f), drop=False),
    "two levels of index": lambda f: f.set_index([key(f), "y"], drop=False),
    "an index that repeats": lambda f: f.set_axis([7] * len(f)),
    "nullable": lambda f: f.convert_dtypes(dtype_backend="numpy_nullable"),
    "pyarrow": lambda f: f.convert_dtypes(dtype_backend="pyarrow"),
    "categories": lambda f: f.astype("category"),
    "objects": lambda f: f.astype(object),
    "decimals": lambda f: f.assign(
        **{
            name: f[name].map(lambda v: decimal.Decimal(repr(float(v))))
            for name in f.select_dtypes("number")
        }
    ),
    "columns that have a name": lambda f: f.rename_axis("unit", axis=1),
    "notes in attrs": lambda f: noted(f),
    "names of our own": lambda f: f.assign(term=1, estimate="a", twfe=0.5, post=2, event_time=0),
}


def noted(frame: pd.DataFrame) -> pd.DataFrame:
    """Pandas compares what attrs hold wherever frames are joined."""
    frame.attrs["source"] = np.arange(3)
    frame["y"].attrs["unit"] = np.arange(3)
    return frame


def value(column: str, found: object) -> Change:
    """Put a value into the second row of a column, if the frame has it."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        if column not in frame:
            return frame
        kept = frame[column].astype(float if isinstance(found, float) else object, errors="ignore")
        kept = kept.copy()
        kept.iloc[1] = found
        return frame.assign(**{column: kept})

    return change


def column(name: str, make: Callable[[pd.DataFrame], object]) -> Change:
    """Replace a column, if the frame has it."""
    return lambda frame: frame.assign(**{name: make(frame)}) if name in frame else frame


def few(count: int) -> Change:
    return lambda f: f[f[key(f)].isin(f[key(f)].unique()[:count])]


def exact(frame: pd.DataFrame) -> pd.Series:
    """An outcome that unit, period and exposure give exactly."""
    place = pd.factorize(frame[key(frame)])[0]
    if "x" not in frame:
        return pd.Series(place * 0.3, frame.index)
    return place * 0.7 + 0.1 * frame["year"] + frame["x"] * (frame["year"] >= SINCE)


def dates(frame: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(frame["year"].astype(str), format="ISO8601", errors="coerce")


FAULTS: dict[str, Change] = {
    "a row twice": lambda f: pd.concat([f, f.iloc[[1]]]),
    "a column twice": lambda f: pd.concat([f, f[["y"]]], axis=1),
    "no row": lambda f: f.iloc[:0],
    "one row": lambda f: f.head(1),
    "one unit": few(1),
    "two units": few(2),
    "four units": few(4),
    "every other row": lambda f: f.iloc[::2],
    "an outcome of 0": column("y", lambda f: 0.0),
    "an outcome of 5": column("y", lambda f: 5.0),
    "an exact outcome": column("y", exact),
    "an exact outcome in roubles": column("y", lambda f: exact(f) * 1e12),
    "no outcome": column("y", lambda f: np.nan),
    "a true or false outcome": column("y", lambda f: f["y"] > f["y"].median()),
    "a signalling nan": value("y", decimal.Decimal("sNaN")),
    "a number without end": value("y", 10**400),
    "units as tuples": column("unit", lambda f: f["unit"].map(lambda u: (u, 1))),
    "units as sets": column("unit", lambda f: f["unit"].map(lambda u: frozenset([u]))),
    "districts as tuples": column("district", lambda f: f["district"].map(lambda d: (d,))),
    "text as a control": column("size", lambda f: "large"),
    "nobody moved before": lambda f: (
        f.assign(y=((f["unit"] == "r1") & (f["year"] >= SINCE)) * 1.0)
        if {"unit", "year"} <= set(f)
        else f
    ),
    "years in halves": column("year", lambda f: f["year"] + 0.5),
    "an outcome below zero": column("y", lambda f: -f["y"]),
    "an outcome of 1e200": column("y", lambda f: f["y"] * 1e200),
    "an outcome of 1e-200": column("y", lambda f: f["y"] * 1e-200),
    "one huge outcome": value("y", 1e90),
    "complex numbers": column("y", lambda f: f["y"] + 1j),
    "spans of time": column("y", lambda f: pd.to_timedelta(f["y"], unit="D")),
    "text in the outcome": value("y", "n/a"),
    "a true or false exposure": column("x", lambda f: f["x"] > 0.5),
    "one exposure": column("x", lambda f: 1.0),
    "half an exposure": column("x", lambda f: f["x"].where(np.arange(len(f)) % 2 == 0)),
    "an exposure that moves": value("x", 0.77),
    "one control": column("size", lambda f: 1.0),
    "weights of zero": column("w", lambda f: 0.0),
    "a weight below zero": value("w", -1.0),
    "a cluster that moves": value("district", "elsewhere"),
    "a cluster of another kind": value("district", 7),
    "units of another kind": value("unit", 7),
    "units as lists": column("unit", lambda f: [[1]] * len(f)),
    "years as text": column("year", lambda f: f["year"].astype(str)),
    "years as dates": column("year", dates),
    "years as Python's dates": column("year", lambda f: dates(f).dt.date),
    "years as spans": column("year", lambda f: pd.PeriodIndex(f["year"].astype(str), freq="Y")),
    "years in two kinds": value("year", "2001"),
    "one year": lambda f: f[f["year"] == f["year"].iloc[0]],
    "no year after": lambda f: f[f["year"] < SINCE],
    "no cohort": column("since", lambda f: np.nan),
    "one cohort": column("since", lambda f: 2003.0),
    "a cohort of zero": column("since", lambda f: f["since"].fillna(0.0)),
    "a cohort without end": column("since", lambda f: f["since"].fillna(np.inf)),
    "a cohort as text": column("since", lambda f: "a"),
    "a latitude of 95": column("lat", lambda f: 95.0),
    **{
        f"{what} in {name}": value(name, found)
        for name in ("y", "x", "w", "size", "lon", "lat", "since", "year")
        for what, found in (("nan", np.nan), ("inf", np.inf))
    },
    **{f"nothing in {name}": value(name, None) for name in ("unit", "district", "flag")},
}


@pytest.mark.parametrize("name", CALLS)
def test_a_frame_in_other_dress_gives_the_same_numbers(name: str) -> None:
    call = CALLS[name]
    plain = frame_for(call)
    expected = numbers(call(plain))
    dresses = list(DRESSES)[:: 4 if name in SLOW else 1]
    for dress in dresses:
        found = numbers(call(DRESSES[dress](plain.copy())))
        pd.testing.assert_frame_equal(found, expected, rtol=1e-9, obj=dress)


@pytest.mark.parametrize("name", [name for name in CALLS if name not in SLOW])
@CHEAP
@given(faults=st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, max_size=2, unique=True))
def test_a_faulty_frame_is_estimated_or_refused_by_us(name: str, faults: list[str]) -> None:
    call = CALLS[name]
    frame = frame_for(call)
    for fault in faults:
        try:
            frame = FAULTS[fault](frame)
        except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
            continue  # the two faults do not go together
    try:
        table = numbers(call(frame))
    except ValleyError as error:
        assert "Next step" in str(error) and len(str(error)) > 40
        return
    p_values = table.filter(regex="^p_").to_numpy()
    assert not ((p_values < 0) | (p_values > 1)).any()


@pytest.mark.parametrize("constant", [0.0, 5.0, 1e12])
@pytest.mark.parametrize("name", [name for name in CALLS if name not in (*SLOW, "balance")])
def test_a_constant_outcome_is_never_significant(name: str, constant: float) -> None:
    call = CALLS[name]
    frame = frame_for(call).assign(y=constant)
    if name in ("joint_randomisation", "multiple_outcomes", "placebo_outcome"):
        frame = frame.assign(size2=constant)
    try:
        table = numbers(call(frame))
    except DesignError:
        return
    p_values = table.filter(regex="^p_").to_numpy()
    assert (np.isnan(p_values) | (p_values > 0.4)).all(), table


UNITS = [(name, unit) for name in "yxw" for unit in (1e-12, 1e3, 1e12)]


@pytest.mark.parametrize("name", [name for name in CALLS if name not in SLOW])
def test_estimates_follow_the_unit_and_p_values_do_not_depend_on_it(name: str) -> None:
    """Least squares is equivariant: roubles or trillions of them, the same digits."""
    call = CALLS[name]
    plain = frame_for(call)
    expected = numbers(call(plain))
    for column_, unit in UNITS:
        if column_ not in plain:
            continue
        bounds = ["low", "high"] if column_ == "y" and "low" in plain else []
        columns = [column_, *bounds]
        found = numbers(call(plain.assign(**{c: plain[c] * unit for c in columns})))
        p_values = found.filter(regex="^p_")
        pd.testing.assert_frame_equal(
            p_values, expected.filter(regex="^p_"), rtol=2e-5, obj=column_
        )
        if name in SCALED and column_ in "yx":
            factor = unit if column_ == "y" else 1 / unit
            for part in ("estimate", "se", "low", "high"):
                np.testing.assert_allclose(
                    found[part] / factor, expected[part], rtol=1e-6, err_msg=f"{column_} {unit}"
                )


SCALED = {
    "event_study",
    "difference_in_differences",
    "wild_cluster_bootstrap",
    "randomisation_inference",
    "compare_inference",
    "conley",
    "spillover",
}


@pytest.mark.parametrize("level", [95, 1.0, "95"])
@pytest.mark.parametrize("name", CALLS)
def test_a_level_is_a_share_everywhere(name: str, level: object) -> None:
    call = CALLS[name]
    if name in ("cross_section", "synthetic_panel", "influential_cells"):
        pytest.skip("has no level")
    setting = "alpha" if "alpha" in call.settings else "level"
    with pytest.raises(DesignError, match="expected a share between 0 and 1"):
        call(frame_for(call), **{setting: level})


ODD: list[object] = [
    *("odd", "2004", 5, 0, -1, 2.5, np.nan, np.inf, True, None, [], ["y"], [1], (), {}, {"a": 1}),
    *({"y": ["x"]}, np.array([1, 2]), pd.Series([1]), object(), b"x", 10**30, "unit", ["y", "y"]),
    *("x", "district", 1e-300, 1 + 1j, pd.DataFrame({"a": [1]}), pd.Timestamp("2004-01-01")),
]


@pytest.mark.parametrize("name", [name for name in CALLS if name not in SLOW])
@CHEAP
@given(data=st.data())
def test_a_setting_of_another_kind_is_taken_or_refused_by_us(
    name: str, data: st.DataObject
) -> None:
    call = CALLS[name]
    free = call.settings - {"frame", "columns", "permutations", "replications", "more"}
    if not free:
        pytest.skip("made of several calls, see test_odd_parts")
    setting = data.draw(st.sampled_from(sorted(free)))
    try:
        call(frame_for(call), **{setting: data.draw(st.sampled_from(ODD))})
    except ValleyError as error:
        assert "Next step" in str(error)


@pytest.mark.parametrize("name", ["wild_cluster_bootstrap", "randomisation_inference"])
def test_more_draws_than_can_be_held_are_refused_before_they_are_made(name: str) -> None:
    call = CALLS[name]
    setting = "permutations" if "permutations" in call.settings else "replications"
    with pytest.raises(DesignError, match="expected at most 10,000,000"):
        call(frame_for(call), **{setting: 10**12})


def test_years_with_a_point_are_years() -> None:
    """A gap in a file makes 2003 to 2003.0: the reference row had an error of 0 and an interval."""
    call = CALLS["event_study"]
    found = call(frame_for(call).astype({"year": float})).table
    pd.testing.assert_frame_equal(found, call(frame_for(call)).table)
    halves = frame_for(call).assign(year=lambda f: f["year"] / 2)
    table = call(halves, reference=1001, since=1002).table
    assert table.loc["1001.0", ["se", "low", "high"]].isna().all()


@pytest.mark.parametrize("units", [["r0", "r9"], ["r1", "r2"]])
def test_two_units_have_no_error_to_estimate_from(units: list[str]) -> None:
    from valley_analysis.impact import compare_inference, event_study

    frame = frame_for(CALLS["event_study"])
    frame = frame[frame["unit"].isin(units)]
    names = {"unit": "unit", "period": "year", "outcome": "y", "exposure": "x"}
    found = event_study(frame, **names, reference=SINCE - 1)
    assert found.table["p_value"].isna().all()
    assert any("to the last digits" in note for note in found.notes)
    said = compare_inference(frame, **names, since=SINCE, permutations=39, replications=39).table
    assert said.loc["randomisation", "p_value"] == 1
    assert not (said["p_value"] < 0.4).any()


def test_a_cluster_that_moves_within_a_unit_is_named_with_its_period() -> None:
    """Two federal districts changed in 2018: errors of such a unit are not independent."""
    frame = frame_for(CALLS["imputation"])
    frame.loc[frame["unit"].eq("r3") & (frame["year"] >= 2004), "district"] = "far east"
    told = "column 'district' .cluster., unit 'r3': changes in period 2004"
    for name in ("imputation", "group_time_att", "difference_in_differences", "event_study"):
        with pytest.raises(DesignError, match=told):
            CALLS[name](frame, cluster="district")
