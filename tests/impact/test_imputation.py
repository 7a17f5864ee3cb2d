"""Imputation: exact without noise, equal to the regression it is, honest about its errors."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.extras import library
from valley_analysis.impact.imputation import imputation

DESIGN = {"unit": "u", "period": "t", "outcome": "y", "cohort": "since"}


def panel(seed: int = 0, noise: float = 1.0, effect: float = 2.0) -> pd.DataFrame:
    """Thirty units: six treated from 4, seven from 6, the rest never; effects grow by one."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(u, t) for u in range(30) for t in range(9)], columns=["u", "t"])
    frame["since"] = frame["u"].map(lambda u: 4.0 if u < 6 else 6.0 if u < 13 else np.nan)
    grown = (effect + frame["t"] - frame["since"]).where(frame["t"] >= frame["since"], 0.0)
    frame["y"] = 3 * np.sin(frame["u"]) + frame["t"] ** 1.5 + grown
    return frame.assign(y=frame["y"] + noise * rng.normal(size=len(frame)))


def test_recovers_growing_effects_exactly_without_noise() -> None:
    frame = panel(noise=0.0).sample(frac=0.8, random_state=0)
    table = imputation(frame, **DESIGN).table
    events = table.drop(index="overall")
    np.testing.assert_allclose(events["estimate"], 2 + events["event_time"], atol=1e-8)


def test_is_the_mean_gap_to_a_regression_on_untreated_rows() -> None:
    frame = panel().sample(frac=0.8, random_state=1).reset_index(drop=True)
    treated = (frame["t"] >= frame["since"]).to_numpy()
    effects = pd.get_dummies(frame[["u", "t"]].astype(str)).to_numpy(float)
    fitted = np.linalg.lstsq(effects[~treated], frame["y"][~treated], rcond=None)[0]
    gap = frame["y"] - effects @ fitted
    result = imputation(frame, **DESIGN)
    assert result.estimate == pytest.approx(gap[treated].mean())
    second = treated & (frame["t"] - frame["since"] == 1)
    assert result.table.loc["event 1", "estimate"] == pytest.approx(gap[second].mean())
    assert result.table.loc["event 1", "n_rows"] == second.sum()


def test_errors_are_those_of_the_two_stage_estimator() -> None:
    """pyfixest's did2s, without its missing factor G / (G - 1); its first stage is iterative."""
    frame = panel().assign(treat=lambda f: f["t"] >= f["since"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = library("pyfixest").did2s(
            frame,
            yname="y",
            first_stage="~ 0 | u + t",
            second_stage="~ i(treat, ref=False)",
            treatment="treat",
            cluster="u",
        )
    result = imputation(frame, **DESIGN)
    assert result.estimate == pytest.approx(reference.coef().iloc[0], abs=1e-4)
    assert result.se == pytest.approx(reference.se().iloc[0] * np.sqrt(30 / 29), rel=1e-3)


def test_equals_the_imputation_estimator_of_diff_diff() -> None:
    frame = panel()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = (
            library("diff_diff")
            .ImputationDiD()
            .fit(frame.fillna({"since": 0}), outcome="y", unit="u", time="t", first_treat="since")
        )
    assert imputation(frame, **DESIGN).estimate == pytest.approx(reference.overall_att, rel=1e-6)


@pytest.mark.slow
def test_intervals_cover_with_thirteen_treated_units() -> None:
    truth = panel(noise=0.0)
    gain = (2 + truth["t"] - truth["since"])[truth["t"] >= truth["since"]].mean()
    found = [imputation(panel(seed), **DESIGN).interval for seed in range(300)]
    covered = np.mean([low <= gain <= high for low, high in found])
    assert 0.91 <= covered <= 0.985


def test_fewer_than_five_treated_units_have_no_error() -> None:
    frame = panel()
    table = imputation(frame[~frame["u"].isin([0, 1])], **DESIGN).table
    # Only the four units left of the first cohort reach event times 3 and 4.
    few = table.loc[["event 3", "event 4"]]
    assert few["n_treated"].eq(4).all()
    assert few["estimate"].notna().all()
    assert few[["se", "low", "high", "p_value"]].isna().all(axis=None)
    assert table.loc["overall", "se"] > 0


def test_intervals_are_t_with_treated_clusters_less_one() -> None:
    row = imputation(panel(), **DESIGN).table.loc["event 0"]
    reach = stats.t.ppf(0.975, 12) * row["se"]
    assert row["high"] - row["estimate"] == pytest.approx(reach)


def test_names_levels_and_kinds_of_period_do_not_matter() -> None:
    frame = panel()
    moved = frame.assign(
        y=frame["y"] + 7.0 * frame["u"] - 3.0 * frame["t"],
        u="unit " + frame["u"].astype(str),
        t=pd.to_datetime((2000 + frame["t"]).astype(str)),
        since=pd.to_datetime((2000 + frame["since"]).map("{:.0f}".format), errors="coerce"),
    )
    one, two = imputation(frame, **DESIGN).table, imputation(moved, **DESIGN).table
    pd.testing.assert_frame_equal(one, two, rtol=1e-9)


def test_treated_rows_in_periods_without_untreated_ones_are_left_out_and_counted() -> None:
    frame = panel()
    frame = frame[frame["u"] < 13]
    result = imputation(frame, **DESIGN)
    assert "39 treated rows were left out: no unit is untreated in 6, 7, 8." in result.notes
    assert result.table.index.tolist() == ["event 0", "event 1", "overall"]


def test_nothing_to_impute_from_is_refused() -> None:
    frame = panel()
    with pytest.raises(DesignError, match="every unit is treated in period 4"):
        imputation(frame[frame["u"] < 6], **DESIGN)
