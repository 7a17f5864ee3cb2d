"""Repeated cross-sections: the same numbers as other code, known truth, what is refused."""

import re

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
import statsmodels.api as sm

from valley_analysis.errors import DesignError
from valley_analysis.impact import difference_in_differences, repeated_cross_sections
from valley_analysis.impact.panel_fit import quiet

NAMES = {"group": "region", "period": "year", "outcome": "y", "exposure": "x", "since": 3}


def people(seed: int = 0, effect: float = 1.5, groups: int = 24) -> pd.DataFrame:
    """Persons seen once; group sizes differ, and group 0 has nobody in year 1."""
    rng = np.random.default_rng(seed)
    size = rng.integers(3, 15, (groups, 5))
    size[0, 1] = 0
    region, year = (np.repeat(index.ravel(), size.ravel()) for index in np.indices(size.shape))
    x = rng.uniform(size=groups)
    shared = rng.normal(0, 0.3, (groups, 5))
    frame = pd.DataFrame({"region": region, "year": year, "x": x[region]})
    frame["age"] = rng.normal(40, 10, len(frame))
    frame["w"] = rng.uniform(0.5, 2, len(frame))
    frame["y"] = (
        region / 5
        + year**2 / 10
        + effect * frame["x"] * (year >= 3)
        + 0.05 * frame["age"]
        + shared[region, year]
        + rng.normal(size=len(frame))
    )
    return frame.sample(frac=1, random_state=seed, ignore_index=True)


def test_estimate_and_error_are_those_of_pyfixest():
    """To what its own default tolerance of 1e-6 allows."""
    frame = people().assign(d=lambda f: f["x"] * (f["year"] >= 3))
    for weights in (None, "w"):
        found = repeated_cross_sections(frame, covariates="age", weights=weights, **NAMES)
        with quiet():
            fit = pf.feols(
                "y ~ d + age | region + year", frame, vcov={"CRV1": "region"}, weights=weights
            )
        assert found.estimate == pytest.approx(fit.coef()["d"], rel=1e-7)
        assert found.se == pytest.approx(fit.se()["d"], rel=1e-7)
        assert found.table.loc["age", "estimate"] == pytest.approx(fit.coef()["age"], rel=1e-7)


def test_estimate_is_that_of_least_squares_with_dummies():
    frame = people(2).assign(d=lambda f: f["x"] * (f["year"] >= 3))
    dummies = pd.get_dummies(frame[["region", "year"]].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([frame[["d"]], dummies], axis=1))
    assert repeated_cross_sections(frame, **NAMES).estimate == pytest.approx(
        sm.OLS(frame["y"], design).fit().params["d"]
    )


def test_means_of_cells_weighted_by_their_number_give_the_same_estimate():
    frame = people(3)
    cells = frame.groupby(["region", "year"], as_index=False).agg(
        y=("y", "mean"), x=("x", "first"), n=("y", "size")
    )
    panel = difference_in_differences(
        cells, unit="region", period="year", outcome="y", exposure="x", since=3, weights="n"
    )
    assert repeated_cross_sections(frame, **NAMES).estimate == pytest.approx(panel.estimate)


@pytest.mark.slow
def test_intervals_cover_a_known_effect():
    """200 draws with shocks of groups and years: errors by person would cover far too seldom."""
    covered = 0
    for seed in range(200):
        low, high = repeated_cross_sections(people(seed, effect=1.5), **NAMES).interval
        covered += low <= 1.5 <= high
    assert 0.90 <= covered / 200 <= 0.99


def test_a_panel_refuses_repeated_units_and_names_the_way():
    with pytest.raises(DesignError, match="see repeated_cross_sections"):
        difference_in_differences(
            people(), unit="region", period="year", outcome="y", exposure="x", since=3
        )


@pytest.mark.parametrize(
    ("change", "more", "said"),
    [
        ({}, {"exposure": "z"}, "no column 'z'; found region, year"),
        ({"x": lambda f: f["age"]}, {}, "column 'x', region 0: "),
        ({"x": 1.0}, {}, "column 'x': the same for every region"),
        ({"y": "text"}, {}, "column 'y': str; expected numbers"),
        ({"y": np.inf}, {}, "column 'y', row 0: infinite"),
        ({"y": np.nan}, {}, "column 'y': no row has a value"),
        ({"w": -1.0}, {"weights": "w"}, "column 'w': a weight below zero"),
        ({}, {"since": 9}, "needs periods before and from 9 on; found 0, 1, 2, 3, 4"),
        ({}, {"since": "2014"}, "since '2014' does not compare"),
        ({"c": 1}, {"cluster": "c"}, "column 'c': one cluster only"),
        ({"c": lambda f: f["year"] % 2}, {"cluster": "c"}, "column 'c', region 0: 2 values"),
        ({}, {"covariates": "x"}, "stands twice in the model"),
    ],
)
def test_what_is_refused_is_named(change, more, said):
    frame = people().assign(**change)
    with pytest.raises(DesignError, match=re.escape(said)):
        repeated_cross_sections(frame, **{**NAMES, **more})
