"""Spatial errors against a double loop, another implementation, and their limits."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import DesignError
from valley_analysis.impact.conley import conley, conley_inference, unit_distances
from valley_analysis.impact.exposure_model import ExposureModel
from valley_analysis.impact.sandwich import Fit, clustered
from valley_analysis.impact.within import Within
from valley_analysis.spatial.distances import great_circle_km

few = settings(max_examples=15, deadline=None)
NAMES = {"unit": "unit", "period": "year", "outcome": "y", "exposure": "x", "since": 2004}
POINTS = {"lon": "lon", "lat": "lat"}


def panel(units: int = 15, periods: int = 7, seed: int = 0) -> pd.DataFrame:
    """Unbalanced, weighted, with exposures and errors that are alike where units are near."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [(f"u{u:02}", 2000 + t) for u in range(units) for t in range(periods)],
        columns=["unit", "year"],
    )
    place = frame["unit"].str[1:].astype(int).to_numpy()
    lon, lat = rng.uniform(30, 60, units), rng.uniform(50, 60, units)
    frame["lon"], frame["lat"] = lon[place], lat[place]
    smooth = np.exp(-great_circle_km(lon, lat) / 400)
    frame["x"] = (smooth @ rng.normal(size=units))[place]
    frame["y"] = (smooth @ rng.normal(size=(units, periods))).ravel()
    frame["weight"] = rng.uniform(0.5, 2, len(frame))
    return frame[rng.random(len(frame)) > 0.1].reset_index(drop=True)


def weight_of(distance: float, cutoff: float, kernel: str) -> float:
    if kernel == "uniform":
        return float(distance <= cutoff)
    return max(0.0, 1 - distance / cutoff)


@pytest.mark.parametrize("kernel", ["bartlett", "uniform"])
@pytest.mark.parametrize("weights", [None, "weight"])
def test_every_pair_of_rows_enters_with_its_kernel_weight(kernel, weights):
    frame = panel()
    result = conley(frame, **NAMES, **POINTS, cutoff_km=(300, 700), kernel=kernel, weights=weights)
    fit = ExposureModel.of(frame, **NAMES, weights=weights).fit
    distance = great_circle_km(frame["lon"], frame["lat"])
    for cutoff in (300, 700):
        total = 0.0
        for i in range(len(frame)):
            for j in range(len(frame)):
                near = weight_of(distance[i, j], cutoff, kernel)
                total += near * fit.scores[i] * fit.scores[j]
        variance = total / fit.spread**2 * fit.correction(fit.within.units)
        found = result.table.loc[f"{cutoff} km", "se"]
        assert found == pytest.approx(np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("lags", [0, 1, 3, 99])
def test_with_lags_near_rows_of_a_period_and_near_periods_of_a_unit_enter(lags):
    frame = panel()
    result = conley(frame, **NAMES, **POINTS, cutoff_km=600, time_lags=lags)
    fit = ExposureModel.of(frame, **NAMES).fit
    distance = great_circle_km(frame["lon"], frame["lat"])
    year, unit = frame["year"].to_numpy(), frame["unit"].to_numpy()
    total = 0.0
    for i in range(len(frame)):
        for j in range(len(frame)):
            lag = abs(year[i] - year[j])
            if lag == 0:
                near = weight_of(distance[i, j], 600, "bartlett")
            else:
                near = max(0.0, 1 - lag / (lags + 1)) * (unit[i] == unit[j])
            total += near * fit.scores[i] * fit.scores[j]
    variance = total / fit.spread**2 * fit.correction(fit.within.units)
    assert result.table["se"].iloc[0] == pytest.approx(np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("kernel", ["bartlett", "uniform"])
@pytest.mark.parametrize("lags", [None, 2])
def test_another_implementation_agrees(kernel, lags):
    """diff-diff, which is held to R's conleyreg; its earth is a few metres larger than ours."""
    theirs = pytest.importorskip("diff_diff.conley")
    frame = panel(seed=4)
    fit = ExposureModel.of(frame, **NAMES).fit
    panel_arguments = {
        "time": frame["year"].to_numpy(),
        "unit": frame["unit"].to_numpy(),
        "lag_cutoff": lags,
    }
    covariance = theirs._compute_conley_vcov(
        fit.x[:, None],
        fit.residuals,
        frame[["lat", "lon"]].to_numpy(),
        500.0,
        "haversine",
        kernel,
        np.array([[fit.spread]]),
        **(panel_arguments if lags is not None else {}),
    )
    ours = conley(frame, **NAMES, **POINTS, cutoff_km=500, kernel=kernel, time_lags=lags)
    corrected = covariance[0, 0] * fit.correction(fit.within.units)
    assert ours.table["se"].iloc[0] == pytest.approx(np.sqrt(corrected), rel=1e-5)


@given(st.integers(0, 10_000))
@few
def test_a_cutoff_near_zero_leaves_errors_clustered_by_unit(seed):
    frame = panel(seed=seed)
    table = conley(frame, **NAMES, **POINTS, cutoff_km=(0, 1e-6)).table
    model = ExposureModel.of(frame, **NAMES)
    by_unit = clustered(model.fit, model.within.units)
    for row in table.itertuples():
        found = (row.se, row.low, row.high, row.p_value)
        assert found == pytest.approx((by_unit.se, by_unit.low, by_unit.high, by_unit.p_value))


@given(st.integers(0, 10_000), st.floats(-180, 180))
@few
def test_turning_the_globe_and_adding_effects_change_nothing(seed, turn):
    frame = panel(seed=seed)
    moved = frame.assign(
        lon=frame["lon"] + turn, y=frame["y"] + frame["year"] ** 2 + frame["lat"]
    ).sample(frac=1, random_state=seed)
    one, other = (conley(f, **NAMES, **POINTS, cutoff_km=(200, 800)).table for f in (frame, moved))
    assert other["se"].tolist() == pytest.approx(one["se"].tolist(), rel=1e-6, nan_ok=True)


def test_if_all_units_are_near_all_others_nothing_is_left_and_the_note_says_so():
    """The scores sum to zero: a uniform kernel over all pairs has no variance to report."""
    row = conley(panel(), **NAMES, **POINTS, cutoff_km=20_000, kernel="uniform").table.iloc[0]
    assert row[["se", "low", "high", "p_value"]].isna().all()
    assert "no positive variance" in row["note"]
    assert row["neighbours"] == 14


def test_a_negative_variance_is_missing_and_not_zero():
    """Scores 1, -2, 1 on a chain: 6 on the diagonal less 2 x (2 + 2) between neighbours is -2."""
    within = Within.of(["a", "a", "b", "b", "c", "c"], [1, 2, 1, 2, 1, 2])
    x = np.array([1.0, -1, 1, -1, 1, -1])
    fit = Fit(within, x, x * np.repeat([0.5, -1, 0.5], 2))
    assert within.units.sum(fit.scores).tolist() == [1, -2, 1]
    chain = np.array([[0.0, 90, 180], [90, 0, 90], [180, 90, 0]])
    found = conley_inference(fit, chain, 100, "uniform")
    assert np.isnan([found.se, found.low, found.high, found.p_value]).all()
    assert "no positive variance" in found.note
    # With a taper of 1 - 90/120 between neighbours: 6 - 2 x (2 + 2)/4 = 4.
    tapered = conley_inference(fit, chain, 120, "bartlett")
    assert tapered.se == pytest.approx(np.sqrt(4 / 36 * fit.correction(within.units)))


def test_kernels_that_are_not_semidefinite_are_named():
    """Three points on a line, the middle one near both: the uniform kernel's least root is < 0."""
    fit = ExposureModel.of(panel(units=3), **NAMES).fit
    chain = np.array([[0.0, 90, 180], [90, 0, 90], [180, 90, 0]])
    assert "not positive semidefinite" in conley_inference(fit, chain, 100, "uniform").note
    assert "semidefinite" not in conley_inference(fit, chain, 100, "bartlett").note


def test_twins_next_door_widen_the_error_by_the_root_of_two():
    """Each unit doubled 1 km away: half of the scores are copies, and a cutoff of 10 km sees it."""
    frame = panel(units=20)
    twin = frame.assign(unit=frame["unit"] + " twin", lat=frame["lat"] + 0.009)
    both = pd.concat([frame, twin], ignore_index=True)
    table = conley(both, **NAMES, **POINTS, cutoff_km=(0, 10), kernel="uniform").table
    assert table["se"].iloc[1] / table["se"].iloc[0] == pytest.approx(np.sqrt(2))


def test_a_regressor_that_varies_over_time_gives_the_same_as_the_exposure_it_is_made_of():
    frame = panel()
    frame["product"] = frame["x"] * (frame["year"] >= 2004)
    of_exposure = conley(frame, **NAMES, **POINTS)
    names = {key: NAMES[key] for key in ("unit", "period", "outcome")}
    of_regressor = conley(
        frame.sample(frac=1, random_state=1), **names, **POINTS, regressor="product"
    )
    pd.testing.assert_frame_equal(of_exposure.table, of_regressor.table)


def test_distances_follow_the_order_of_units():
    frame = panel(units=4).sort_values("unit", ascending=False)
    units = pd.Index(sorted(frame["unit"].unique()))
    first = frame.groupby("unit")[["lon", "lat"]].first()
    assert unit_distances(frame, "unit", units, "lon", "lat") == pytest.approx(
        great_circle_km(first["lon"], first["lat"])
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cutoff_km": (-1, 100)}, "cutoff -1.0 km"),
        ({"kernel": "gauss"}, "kernel 'gauss'"),
        ({"time_lags": -1}, "time_lags -1"),
        ({"lon": "nowhere"}, "no column 'nowhere'"),
        ({"lat": "year"}, "expected one a unit"),
        ({"regressor": "x"}, "give exposure and since, or a regressor alone"),
        ({"exposure": None}, "give exposure and since, or a regressor alone"),
        ({"exposure": None, "regressor": "nowhere"}, "no column 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(changes, told):
    with pytest.raises(DesignError, match=told):
        conley(panel(), **{**NAMES, **POINTS, **changes})
