"""The smallest effect that could have been seen, by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.power import minimum_detectable_effect


def test_the_textbook_multiple_is_2_8():
    """1.96 + 0.84; the chance of rejecting on the wrong side is about 1e-6."""
    expected = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert minimum_detectable_effect(1.0) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("df", "power", "level"), [(4, 0.8, 0.95), (9, 0.5, 0.9), (60, 0.9, 0.99)])
def test_that_effect_is_found_that_often(df, power, level):
    rng = np.random.default_rng(0)
    draws = 200_000
    effect = minimum_detectable_effect(2.0, power=power, level=level, df=df)
    estimate = effect + 2.0 * rng.normal(size=draws)
    se = 2.0 * np.sqrt(rng.chisquare(df, draws) / df)
    found = np.mean(np.abs(estimate / se) > stats.t.ppf(0.5 + level / 2, df))
    assert found == pytest.approx(power, abs=4 * np.sqrt(power * (1 - power) / draws))


@pytest.mark.parametrize("df", [1, 2, 5, 40])
def test_scipys_noncentral_t_agrees(df):
    effect = minimum_detectable_effect(1.0, df=df)
    limit = stats.t.ppf(0.975, df)
    wrong_side = stats.nct.sf(limit, df, -effect)  # of the mirror image, where scipy is stable
    assert stats.nct.sf(limit, df, effect) + wrong_side == pytest.approx(0.8, abs=1e-5)


@given(st.floats(0.01, 100), st.floats(0.3, 0.95), st.floats(2, 200))
@settings(max_examples=8, deadline=None)
def test_it_scales_with_the_error_and_falls_with_degrees_of_freedom(se, power, df):
    one = minimum_detectable_effect(se, power=power, df=df)
    assert one == pytest.approx(se * minimum_detectable_effect(1.0, power=power, df=df), rel=1e-6)
    assert one >= minimum_detectable_effect(se, power=power) - 1e-6 * se
    assert one < minimum_detectable_effect(se, power=min(0.99, power + 0.04), df=df)


def test_many_degrees_of_freedom_are_the_normal_distribution():
    assert minimum_detectable_effect(1.0, df=1e6) == pytest.approx(
        minimum_detectable_effect(1.0), abs=1e-5
    )


def test_a_missing_error_gives_no_number():
    assert np.isnan(minimum_detectable_effect(np.nan))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"power": 80}, "power=80"),
        ({"power": 0.04}, "between 0.05 and 1"),
        ({"level": 95}, "level=95"),
        ({"se": -1.0}, "se -1.0"),
        ({"df": 0}, "df 0"),
    ],
)
def test_numbers_outside_their_range_are_refused(options, told):
    with pytest.raises(DesignError, match=told):
        minimum_detectable_effect(**{"se": 1.0, **options})
