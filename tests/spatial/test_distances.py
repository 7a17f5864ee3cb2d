"""Great-circle distances against a quarter of a meridian, another library, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pyproj import Geod

from valley_analysis.errors import DesignError
from valley_analysis.spatial import great_circle_km
from valley_analysis.spatial.distances import EARTH_RADIUS_KM

few = settings(max_examples=30)
lons = arrays.arrays(float, 6, elements=st.floats(-180, 200))
lats = arrays.arrays(float, 6, elements=st.floats(-90, 90))


def test_a_quarter_of_a_meridian_and_antipodes():
    found = great_circle_km([0, 0, 180], [0, 90, 0])
    quarter = np.pi * EARTH_RADIUS_KM / 2
    assert found[0, 1] == pytest.approx(quarter)
    assert found[0, 2] == pytest.approx(2 * quarter)


def test_near_points_keep_their_digits():
    """A cosine formula would give zero or noise at one metre."""
    metre = 1 / (np.radians(1) * EARTH_RADIUS_KM * 1000)
    assert great_circle_km([37, 37], [55, 55 + metre])[0, 1] == pytest.approx(0.001, rel=1e-6)


@given(lons, lats)
@few
def test_the_sphere_is_within_0_6_percent_of_the_ellipsoid(lon, lat):
    found = great_circle_km(lon, lat)
    geod = Geod(ellps="WGS84")
    for i in range(5):
        _, _, metres = geod.inv(lon[i], lat[i], lon[i + 1], lat[i + 1])
        assert found[i, i + 1] == pytest.approx(metres / 1000, rel=0.006, abs=1e-6)


@given(lons, lats)
@few
def test_it_is_a_metric_that_full_turns_do_not_change(lon, lat):
    found = great_circle_km(lon, lat)
    assert np.array_equal(found, found.T)
    assert (np.diag(found) == 0).all()
    assert (found[:, None, :] <= found[:, :, None] + found[None, :, :] + 1e-6).all()
    assert great_circle_km(lon - 360, lat) == pytest.approx(found, abs=1e-3)


def test_all_bad_points_are_named_at_once():
    with pytest.raises(DesignError) as raised:
        great_circle_km([37.6, np.nan, 30], [55.7, 60, 131])
    assert raised.value.problems == (
        "point 1: longitude nan, latitude 60.0",
        "point 2: latitude 131.0 lies beyond a pole; swapped?",
    )
    with pytest.raises(DesignError, match="2 longitudes and 1 latitudes"):
        great_circle_km([1, 2], [1])
