"""What stands beside a frame: shares, shocks, predictors and their weights, grids, results."""

import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.impact.any_frame import CALLS, SINCE, UNITS, cross, numbers, panel

from valley_analysis.errors import DesignError
from valley_analysis.impact import (
    honest_did,
    pretrend_test,
    report_card,
    shift_share,
    synthetic_control,
)

RNG = np.random.default_rng(2)
NAMES = [f"r{number}" for number in range(UNITS)]
SHARES = pd.DataFrame(RNG.dirichlet(np.ones(4), UNITS) * 0.9, NAMES, list("abcd"))
SHOCKS = pd.Series(RNG.normal(size=4), list("abcd"))


def shifted(shares: Any = SHARES, shocks: Any = SHOCKS, **more: Any) -> pd.DataFrame:
    return numbers(
        shift_share(cross(), unit="unit", outcome="y", shares=shares, shocks=shocks, **more)
    )


def as_decimal(number: float) -> decimal.Decimal:
    return decimal.Decimal(repr(float(number)))


@pytest.mark.parametrize(
    "shares",
    [
        SHARES.astype(object),
        SHARES.convert_dtypes(dtype_backend="pyarrow"),
        SHARES.map(as_decimal),
        SHARES.set_axis(pd.CategoricalIndex(NAMES)),
        SHARES.sample(frac=1, random_state=1)[list("dcba")],
        pd.concat([SHARES, SHARES.head(1).set_axis(["another"])]),
    ],
)
def test_shares_in_any_dress_give_the_same(shares: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(shifted(shares), shifted(), rtol=1e-9)


@pytest.mark.parametrize("shocks", [SHOCKS.to_dict(), SHOCKS[::-1], SHOCKS.map(as_decimal)])
def test_shocks_in_any_dress_give_the_same(shocks: Any) -> None:
    pd.testing.assert_frame_equal(shifted(shocks=shocks), shifted(), rtol=1e-9)


def changed(value: object) -> pd.DataFrame:
    found = SHARES.astype(object)
    found.iloc[0, 0] = value
    return found


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"shares": SHARES.to_numpy()}, "shares=a ndarray; expected a DataFrame"),
        ({"shares": None}, "shares=None; expected a DataFrame"),
        ({"shares": changed("much")}, "sector 'a': a share is missing or no number"),
        ({"shares": changed(decimal.Decimal("sNaN"))}, "a share is missing"),
        ({"shares": SHARES + 0j}, "a share is missing or no number"),
        ({"shares": SHARES.set_axis([object() for _ in NAMES])}, "units of the shares.*holds obj"),
        ({"shares": SHARES.set_axis([None, *NAMES[1:]])}, "one without a name"),
        ({"shocks": [1, 2, 3, 4]}, "shocks: a list; expected one value a sector"),
        ({"shocks": SHOCKS + 1j}, "complex128; expected numbers"),
        ({"shocks": SHOCKS * 1e200}, "beyond any unit"),
        ({"clusters": "district"}, "clusters: a str; expected one value a sector"),
        ({"clusters": {key: [1] for key in "abcd"}}, "clusters.*holds list"),
        ({"clusters": pd.Series(list("xxyyz"), list("abcda"))}, "'a': stands more than once"),
        ({"cluster": ["district"]}, "cluster=.'district'.; expected text or None"),
        ({"small_sample": "hc1"}, "small_sample='hc1'; expected True or False or None"),
    ],
)
def test_shares_shocks_and_clusters_of_another_kind_are_named(
    parts: dict[str, Any], told: str
) -> None:
    with pytest.raises(DesignError, match=told):
        shifted(**parts)


EARLY = {"a": ("y", [2000, 2001]), "b": ("size", [2000])}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"predictors": "a"}, "predictors='a'; expected a mapping"),
        ({"predictors": {"a": "y"}}, "'y'; expected .column, periods."),
        ({"predictors": {"a": (["y"], [2000])}}, "columns are named by text"),
        ({"predictors": {"a": ("y", slice("2000", "2001"))}}, "expected int64 as the frame's"),
        ({"predictor_weights": np.ones(2)}, "expected 'uniform', 'searched' or predictor"),
        ({"predictor_weights": {"a": 1j, "b": 1}}, "'a' 1j; expected a number not below zero"),
        (
            {"predictor_weights": "searched", "fitted_on": slice("2001", "2002")},
            "fitted_on: slice.*expected int64",
        ),
        ({"predictor_weights": "searched", "training": {1: ("y", [2000])}}, "other names"),
        ({"prefit_filter": np.inf}, "expected a positive multiple"),
        ({"prefit_filter": "2"}, "prefit_filter='2'; expected a number or None"),
        ({"donors": [["r1"]]}, "a donor, but without an outcome"),
    ],
)
def test_predictors_and_their_weights_of_another_kind_are_named(
    more: dict[str, Any], told: str
) -> None:
    names = {"unit": "unit", "period": "year", "outcome": "y", "treated": "r0", "since": SINCE}
    with pytest.raises(DesignError, match=told):
        synthetic_control(panel(), **{**names, "predictors": EARLY, **more})


@pytest.mark.parametrize("kind", ["relative_magnitudes", "smoothness"])
@pytest.mark.parametrize("grid", [[np.nan], [np.inf], ["a"], [None], 0.5, "01", [[0, 1]], [1j]])
def test_a_grid_is_of_finite_bounds(kind: Any, grid: Any) -> None:
    with pytest.raises(DesignError, match="grid"):
        honest_did(CALLS["event_study"](panel()), kind=kind, grid=grid)


def test_multiples_beyond_any_sense_are_refused_instead_of_searched() -> None:
    with pytest.raises(DesignError, match="multiples of at most 10000"):
        honest_did(CALLS["event_study"](panel()), grid=[1e12])


@pytest.mark.parametrize("result", [None, 5, "event_study", panel()])
def test_what_is_no_result_is_refused(result: Any) -> None:
    for take in (honest_did, pretrend_test, report_card):
        with pytest.raises(DesignError, match="expected an EffectResult"):
            take(result)
