"""Cheng and Hoekstra (2013), and what one coefficient has to agree with."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.did import difference_in_differences, two_way
from valley_analysis.impact.event_study import event_study

CASTLE = {"unit": "state", "period": "year", "outcome": "l_homicide"}
COVARIATES = [
    "l_police",
    "unemployrt",
    "poverty",
    "l_income",
    "l_prisoner",
    "l_lagprisoner",
    "blackm_15_24",
    "whitem_15_24",
    "blackm_25_44",
    "whitem_25_44",
    "l_exp_subsidy",
    "l_exp_pubwelfare",
]
COLUMNS = {
    "wls_c1": {"regressors": "cdl", "weights": "popwt"},
    "wls_c2": {"regressors": "cdl", "weights": "popwt", "period_by": "region"},
    "wls_c3": {"regressors": ["cdl", *COVARIATES], "weights": "popwt", "period_by": "region"},
    "ols_c1": {"regressors": "cdl"},
    "twfe_post": {"regressors": "post"},
}


def checks(shared: Path) -> dict[str, dict[str, float]]:
    text = (shared / "reference/castle_doctrine/expected.json").read_text("utf-8")
    return {check["id"]: check for check in json.loads(text)["checks"]}


@pytest.mark.parametrize("column", COLUMNS)
def test_castle_doctrine_homicide_table(shared: Path, column: str) -> None:
    frame = pd.read_csv(shared / "reference/castle_doctrine/data.csv")
    published = checks(shared)
    result = two_way(frame, **CASTLE, **COLUMNS[column])
    expected = published[column]
    assert result.estimate == pytest.approx(expected["value"], abs=expected["tol"])
    if f"{column}_se" in published:
        expected = published[f"{column}_se"]
        assert result.se == pytest.approx(expected["value"], abs=expected["tol"])


def panel(periods: tuple[int, ...] = (1, 2, 3, 4), seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(u, t) for u in range(20) for t in periods], columns=["u", "t"])
    frame["x"] = rng.normal(size=20)[frame["u"]]
    frame["z"] = rng.normal(size=20)[frame["u"]]
    frame["y"] = rng.normal(size=len(frame)) + 2 * frame["x"] * (frame["t"] >= 3)
    return frame


DESIGN = {"unit": "u", "period": "t", "outcome": "y", "exposure": "x"}


def test_two_periods_are_a_regression_of_changes_on_exposure() -> None:
    frame = panel((2, 3))
    wide = frame.pivot_table(index="u", columns="t", values="y")
    exposure = frame.groupby("u")["x"].first()
    slope, _ = np.polyfit(exposure, wide[3] - wide[2], 1)
    assert difference_in_differences(frame, **DESIGN, since=3).estimate == pytest.approx(slope)


def test_balanced_panel_is_mean_after_less_mean_before_of_the_event_study() -> None:
    frame = panel()
    path = event_study(frame, **DESIGN, reference=2).table["estimate"]
    expected = path[["3", "4"]].mean() - path[["1", "2"]].mean()
    assert difference_in_differences(frame, **DESIGN, since=3).estimate == pytest.approx(expected)


def test_is_the_two_way_regression_with_its_product_written_out() -> None:
    frame = panel()
    product = frame.assign(d=frame["x"] * (frame["t"] >= 3))
    one = difference_in_differences(frame, **DESIGN, since=3)
    two = two_way(product, unit="u", period="t", outcome="y", regressors="d")
    assert (one.estimate, one.se) == pytest.approx((two.estimate, two.se))


def test_controls_times_period_take_out_what_they_explain() -> None:
    frame = panel()
    confounded = frame.assign(
        x=frame["x"] + frame["z"], y=frame["y"] + 5 * frame["z"] * (frame["t"] >= 3)
    )
    naive = difference_in_differences(confounded, **DESIGN, since=3)
    controlled = difference_in_differences(confounded, **DESIGN, since=3, controls="z")
    plain = difference_in_differences(frame, **DESIGN, since=3, controls="z")
    assert naive.estimate > 2.8
    assert controlled.estimate == pytest.approx(plain.estimate)


@pytest.mark.parametrize(
    ("regressors", "said"),
    [
        ("missing", "no column 'missing'"),
        ("name", "column 'name': .*; expected numbers"),
        ("y", "column 'y': stands on both sides"),
        ("z", "term 'z': collinear with the effects"),
        (["d", "twice"], "term '(d|twice)': collinear"),
        ("t", "it cannot be among the regressors"),
    ],
)
def test_two_way_refuses_what_it_cannot_estimate(regressors: object, said: str) -> None:
    frame = panel().assign(name="a", d=lambda f: f["x"] * (f["t"] > 2), twice=lambda f: 2 * f["d"])
    with pytest.raises(DesignError, match=said):
        two_way(frame, unit="u", period="t", outcome="y", regressors=regressors)


def test_two_way_refuses_a_common_shock() -> None:
    frame = panel().assign(oil=lambda f: f["t"] ** 2.0)
    with pytest.raises(DesignError, match="term 'oil': the same for every unit of a period"):
        two_way(frame, unit="u", period="t", outcome="y", regressors="oil")
