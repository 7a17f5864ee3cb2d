"""The event study is a dummy regression, and obeys the laws of one."""

import time

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from valley_analysis.impact.event_study import event_study

DESIGN = {"unit": "u", "period": "t", "outcome": "y", "exposure": "x", "reference": 2014}


def panel(units: int = 14, seed: int = 0) -> pd.DataFrame:
    """Unbalanced, with a period missing for everyone (2013), weights and a control."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [(u, t) for u in range(units) for t in (2011, 2012, 2014, 2015, 2016)], columns=["u", "t"]
    )
    frame["x"] = rng.normal(size=units)[frame["u"]]
    frame["z"] = rng.normal(size=units)[frame["u"]]
    frame["w"] = rng.uniform(0.5, 3, len(frame))
    frame["y"] = rng.normal(size=len(frame)) + frame["u"] + frame["x"] * (frame["t"] >= 2015)
    return frame[rng.random(len(frame)) > 0.15].reset_index(drop=True)


def dummies(frame: pd.DataFrame, controls: tuple[str, ...] = ()) -> pd.DataFrame:
    """The regressors written out: exposure x period first, then controls, then effects."""
    years = sorted(frame["t"].unique())
    own = {f"x{year}": frame["x"] * (frame["t"] == year) for year in years if year != 2014}
    more = {f"{c}{year}": frame[c] * (frame["t"] == year) for c in controls for year in years[1:]}
    units = {f"u{unit}": frame["u"] == unit for unit in frame["u"].unique()}
    periods = {f"t{year}": frame["t"] == year for year in years[1:]}
    return pd.DataFrame({**own, **more, **units, **periods}).astype(float)


@pytest.mark.parametrize(("weights", "controls"), [(None, ()), ("w", ()), ("w", ("z",))])
def test_equals_least_squares_on_dummies(weights: str | None, controls: tuple[str, ...]) -> None:
    frame = panel()
    design = dummies(frame, controls)
    root = np.sqrt(frame[weights]) if weights else pd.Series(1.0, frame.index)
    scaled = design.mul(root, axis=0).to_numpy()
    beta, *_ = np.linalg.lstsq(scaled, (frame["y"] * root).to_numpy(), rcond=None)

    result = event_study(frame, **DESIGN, weights=weights, controls=controls)

    expected = dict(zip(design.columns, beta, strict=True))
    for year in (2011, 2012, 2015, 2016):
        assert result.table.loc[str(year), "estimate"] == pytest.approx(
            expected[f"x{year}"], abs=1e-8
        )


@pytest.mark.parametrize("weights", [None, "w"])
def test_clustered_errors_equal_the_formula(weights: str | None) -> None:
    frame = panel()
    design = dummies(frame).to_numpy()
    w = frame[weights].to_numpy() if weights else np.ones(len(frame))
    bread = np.linalg.inv(design.T @ (design * w[:, None]))
    residual = frame["y"].to_numpy() - design @ (bread @ design.T @ (w * frame["y"].to_numpy()))
    scores = np.array(
        [
            design[rows].T @ (w[rows] * residual[rows])
            for rows in frame.groupby("u").indices.values()
        ]
    )
    groups, n = len(scores), len(frame)
    # Effects of units are nested in the clusters and not counted: 4 terms, 5 periods.
    factor = groups / (groups - 1) * (n - 1) / (n - 9)
    covariance = factor * bread @ scores.T @ scores @ bread

    result = event_study(frame, **DESIGN, weights=weights)

    estimated = result.covariance.loc[["2011", "2012", "2015", "2016"]].iloc[:, :4]
    np.testing.assert_allclose(estimated, covariance[:4, :4], rtol=1e-8)
    row = result.table.loc["2015"]
    reach = stats.t.ppf(0.975, groups - 1) * np.sqrt(covariance[2, 2])
    assert row["high"] - row["estimate"] == pytest.approx(reach, rel=1e-8)


def test_post_is_the_mean_after_with_its_own_error() -> None:
    result = event_study(panel(), **DESIGN)
    after = result.table.loc[["2015", "2016"], "estimate"]
    v = result.covariance
    variance = (v.loc["2015", "2015"] + v.loc["2016", "2016"] + 2 * v.loc["2015", "2016"]) / 4
    assert result.estimate == pytest.approx(after.mean())
    assert result.se == pytest.approx(np.sqrt(variance))


def test_terms_carry_period_and_event_time_and_the_reference_is_zero() -> None:
    table = event_study(panel(), **DESIGN).table
    assert table["event_time"].dropna().tolist() == [-4, -3, -1, 0, 1]
    assert table["period"].dropna().tolist() == [2011, 2012, 2014, 2015, 2016]
    assert table.loc["2014", "estimate"] == 0
    assert table.loc["2014", ["se", "low", "high", "p_value"]].isna().all()


def test_an_earlier_reference_keeps_leads_before_the_event() -> None:
    result = event_study(panel(), **{**DESIGN, "reference": 2012}, since=2015)
    assert result.table.loc["2014", "event_time"] == -1
    late = result.table.loc[["2015", "2016"], "estimate"].mean()
    usual = event_study(panel(), **DESIGN)
    assert result.estimate == pytest.approx(late)
    assert result.estimate == pytest.approx(usual.estimate - usual.table.loc["2012", "estimate"])


@pytest.mark.parametrize("kind", ["string", "date", "period", "float"])
def test_periods_may_be_of_any_kind(kind: str) -> None:
    frame = panel()
    change = {
        "string": lambda years: years.astype(str),
        "date": lambda years: pd.to_datetime(years.astype(str) + "-12-31"),
        "period": lambda years: pd.PeriodIndex(years.astype(str), freq="Y").to_series(years.index),
        "float": lambda years: years.astype(float),
    }[kind]
    moved = frame.assign(t=change(frame["t"]))
    reference = moved.loc[frame["t"] == 2014, "t"].iloc[0]
    one = event_study(frame, **DESIGN)
    two = event_study(moved, **{**DESIGN, "reference": reference})
    np.testing.assert_allclose(
        one.table[["estimate", "se", "low"]], two.table[["estimate", "se", "low"]], rtol=1e-9
    )


def test_names_of_units_and_columns_do_not_matter() -> None:
    frame = panel()
    names = {unit: f"область {17 * unit % 14}" for unit in range(14)}
    renamed = frame.assign(u=frame["u"].map(names)).sample(frac=1, random_state=1)
    renamed = renamed.rename(columns={"y": "log of y ~ 1", "u": "субъект", "x": "x | t"})
    one = event_study(frame, **DESIGN)
    two = event_study(
        renamed,
        unit="субъект",
        period="t",
        outcome="log of y ~ 1",
        exposure="x | t",
        reference=2014,
    )
    columns = ["estimate", "se"]
    np.testing.assert_allclose(one.table[columns], two.table[columns], rtol=1e-9)


@settings(max_examples=15)
@given(
    shift=st.lists(st.floats(-1e3, 1e3), min_size=14, max_size=14),
    common=st.floats(-1e3, 1e3),
    scale=st.floats(0.01, 100),
)
def test_levels_drop_out_and_the_unit_of_exposure_scales(
    shift: list[float], common: float, scale: float
) -> None:
    frame = panel()
    moved = frame.assign(
        y=frame["y"] + np.array(shift)[frame["u"]] + common * (frame["t"] == 2015),
        x=frame["x"] * scale,
    )
    one, two = event_study(frame, **DESIGN), event_study(moved, **DESIGN)
    np.testing.assert_allclose(
        one.table["estimate"], two.table["estimate"] * scale, rtol=1e-7, atol=1e-9
    )
    np.testing.assert_allclose(one.table["p_value"], two.table["p_value"], rtol=1e-6)


def counts(seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = panel(seed=seed)
    rate = np.exp(0.5 + 0.3 * frame["x"] * (frame["t"] >= 2015) + frame["u"] / 14)
    return frame.assign(y=rng.poisson(rate))


def test_poisson_equals_maximum_likelihood_on_dummies() -> None:
    frame = counts()
    model = sm.GLM(frame["y"], dummies(frame), family=sm.families.Poisson()).fit(tol=1e-12)
    result = event_study(frame, **DESIGN, family="poisson")
    for year in (2011, 2012, 2015, 2016):
        assert result.table.loc[str(year), "estimate"] == pytest.approx(
            model.params[f"x{year}"], abs=1e-6
        )


def test_poisson_does_not_depend_on_the_unit_of_the_outcome() -> None:
    frame = counts().astype({"y": float})
    one = event_study(frame, **DESIGN, family="poisson")
    two = event_study(frame.assign(y=1000 * frame["y"]), **DESIGN, family="poisson")
    columns = ["estimate", "se"]
    np.testing.assert_allclose(one.table[columns], two.table[columns], rtol=1e-5, atol=1e-8)


def test_poisson_says_which_units_are_always_zero_and_leaves_them_out() -> None:
    frame = counts()
    silent = frame.assign(y=frame["y"].where(frame["u"] != 5, 0))
    result = event_study(silent, **DESIGN, family="poisson")
    assert any("always zero" in note and note.endswith(": 5") for note in result.notes)
    without = event_study(frame[frame["u"] != 5], **DESIGN, family="poisson")
    assert result.estimate == pytest.approx(without.estimate)
    assert result.n_units == 13


def test_rows_that_lack_a_value_or_say_nothing_are_counted() -> None:
    frame = panel()
    frame.loc[[0, 4], "y"] = np.nan
    alone = pd.concat(
        [frame, pd.DataFrame({"u": [99], "t": [2015], "x": [1.0], "y": [3.0]})], ignore_index=True
    )
    result = event_study(alone, **DESIGN)
    assert f"2 of {len(alone)} rows lack a value and were left out" in result.notes
    assert "1 rows alone in their unit or period were left out" in result.notes
    assert result.estimate == pytest.approx(event_study(frame, **DESIGN).estimate)


def test_rows_of_weight_zero_are_left_out() -> None:
    frame = panel()
    zero = frame.assign(w=frame["w"].where(frame["u"] != 3, 0.0))
    result = event_study(zero, **DESIGN, weights="w")
    without = event_study(frame[frame["u"] != 3], **DESIGN, weights="w")
    assert result.estimate == pytest.approx(without.estimate)
    assert result.se == pytest.approx(without.se)


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_a_warm_fit_of_the_regional_panel_takes_under_a_tenth_of_a_second(family: str) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame([(u, t) for u in range(85) for t in range(2009, 2024)], columns=["u", "t"])
    frame["x"] = rng.normal(size=85)[frame["u"]]
    frame["y"] = rng.poisson(20, len(frame)).astype(float)
    spent = []
    for _ in range(4):
        start = time.process_time()
        event_study(frame, **{**DESIGN, "reference": 2021}, family=family)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.1
