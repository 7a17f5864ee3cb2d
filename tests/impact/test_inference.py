"""All ways side by side: each row is what its own function says, and they are calibrated."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis.errors import DesignError
from valley_analysis.impact.conley import conley
from valley_analysis.impact.exposure_model import ExposureModel
from valley_analysis.impact.inference import agreement, compare_inference, few_clusters
from valley_analysis.impact.inversion import invert
from valley_analysis.impact.randomisation import randomisation_inference
from valley_analysis.impact.sandwich import (
    Inference,
    bias_reduced,
    clustered,
    heteroskedastic,
    jackknife,
)
from valley_analysis.impact.wild_bootstrap import (
    wild_cluster_bootstrap,
    wild_draws,
)

NAMES = {"unit": "unit", "period": "year", "outcome": "y", "exposure": "x", "since": 2018}
POINTS = {"lon": "lon", "lat": "lat"}
VALUES = ["se", "low", "high", "p_value"]
COUNTS = {"permutations": 199, "replications": 199, "seed": 2}


def panel(units: int = 40, periods: int = 9, effect: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Errors with an autoregression of 0.6, unequal variances, eight districts."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [(f"u{u:02}", 2013 + t) for u in range(units) for t in range(periods)],
        columns=["unit", "year"],
    )
    place = frame["unit"].str[1:].astype(int).to_numpy()
    errors = rng.normal(size=(units, periods)) * rng.uniform(0.5, 2, (units, 1))
    for t in range(1, periods):
        errors[:, t] += 0.6 * errors[:, t - 1]
    frame["x"] = rng.uniform(size=units)[place]
    frame["district"] = place % 8
    frame["oil"] = place % 3 == 0
    frame["lon"], frame["lat"] = (
        rng.uniform(30, 90, units)[place],
        rng.uniform(45, 65, units)[place],
    )
    frame["y"] = errors.ravel() + effect * frame["x"] * (frame["year"] >= 2018)
    return frame


def compared(frame: pd.DataFrame, **options):
    return compare_inference(
        frame,
        **NAMES,
        **COUNTS,
        clusters={"district": "district"},
        strata="oil",
        **POINTS,
        **options,
    )


def test_the_rows_come_in_order_and_share_one_estimate():
    table = compared(panel(), cutoffs_km=(250, 1000), extra={"akm": (1, -1, 3, 0.4)}).table
    assert table.index.tolist() == [
        "heteroskedastic",
        *(f"{kind}_unit" for kind in ("clustered", "cr2", "cr3", "wild")),
        *(f"{kind}_district" for kind in ("clustered", "cr2", "cr3", "wild")),
        "conley_250km",
        "conley_1000km",
        "randomisation",
        "akm",
    ]
    assert (table["estimate"] == table["estimate"].iloc[0]).all()
    assert table.loc["akm", VALUES].tolist() == [1, -1, 3, 0.4]


def test_each_row_is_what_its_own_function_says():
    frame = panel(effect=1.0)
    table = compared(frame).table
    strata = {"controls": "own"}  # strata of the permutation have their own path in every row
    frame["own"] = frame["oil"].astype(float)
    model = ExposureModel.of(frame, **NAMES, **strata)
    alone = {
        "wild_district": wild_cluster_bootstrap(
            frame, **NAMES, **strata, cluster="district", replications=199, seed=2
        ).table.iloc[0],
        "wild_unit": wild_cluster_bootstrap(
            frame, **NAMES, **strata, replications=199, seed=2
        ).table.iloc[0],
        "conley_500km": conley(frame, **NAMES, **strata, **POINTS).table.loc["500 km"],
    }
    for name, row in alone.items():
        assert table.loc[name, VALUES].tolist() == pytest.approx(row[VALUES].tolist()), name
    drawn = randomisation_inference(frame, **NAMES, strata="oil", permutations=199, seed=2)
    columns = ["low", "high", "p_value"]
    assert table.loc["randomisation", columns].tolist() == pytest.approx(
        drawn.table.loc["x", columns].tolist()
    )
    assert table.loc["cr3_unit", "se"] == jackknife(model.fit, model.within.units).se
    assert np.isnan(table.loc["randomisation", "se"])


def test_intervals_agree_with_p_values_in_every_row():
    for seed in range(4):
        table = compared(panel(effect=1.0, seed=seed)).table
        inside = (table["low"] <= 0) & (table["high"] >= 0)
        assert (inside == (table["p_value"] > 0.05)).all()


def test_eight_districts_are_few_and_eighty_units_are_not():
    check = compared(panel(80)).diagnostics[0]
    assert (check.name, check.status) == ("few_clusters", "failed")
    assert check.facts["few"] == ("district",)
    assert check.table["clusters"].to_dict() == {"unit": 80, "district": 8}
    model = ExposureModel.of(panel(80), **NAMES)
    assert few_clusters(model.fit, {"unit": model.within.units}).status == "passed"


def test_one_unit_with_all_the_exposure_is_few_clusters():
    frame = panel()
    frame["x"] = np.where(frame["unit"] == "u00", 50, frame["x"])
    model = ExposureModel.of(frame, **NAMES)
    check = few_clusters(model.fit, {"unit": model.within.units})
    assert check.status == "failed"
    assert check.facts["unit"] < 2


@pytest.mark.parametrize(
    ("p_values", "status"),
    [((0.01, 0.02), "passed"), ((0.2, 0.6), "passed"), ((0.04, 0.06), "failed")],
)
def test_ways_agree_if_all_or_none_reject(p_values, status):
    rows = {f"way{n}": Inference(1, 0, 1, p) for n, p in enumerate(p_values)}
    rows["heteroskedastic"] = Inference(1, 0, 1, 0.03)
    rows["none"] = Inference(1, 0, 1, np.nan)
    check = agreement(rows)
    assert check.status == status
    assert check.facts["of"] == 2


def test_units_by_any_name_and_rows_in_any_order_give_the_same_table():
    frame = panel()
    one = compared(frame).table
    changed = frame.assign(unit=frame["unit"].map("region {}".format)).sample(
        frac=1, random_state=1
    )
    pd.testing.assert_frame_equal(compared(changed).table, one)


def test_the_frame_stays_as_it_was_and_dates_and_gaps_are_fine():
    frame = panel()
    frame["year"] = pd.to_datetime(frame["year"].astype(str))
    frame = frame.drop(index=[3, 50, 51, 200])
    before = frame.copy()
    options = {**NAMES, "since": pd.Timestamp("2018")}
    result = compare_inference(frame, **options, **COUNTS, controls="lat", weights="lon")
    pd.testing.assert_frame_equal(frame, before)
    assert result.table["p_value"].notna().all()
    assert result.n_obs == len(frame)


def test_rows_can_be_left_out():
    result = compare_inference(panel(), **NAMES, permutations=0, replications=0)
    assert result.table.index.tolist() == [
        "heteroskedastic",
        "clustered_unit",
        "cr2_unit",
        "cr3_unit",
    ]
    assert result.headline in result.table.index


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"extra": {"akm": (1, 2)}}, "row 'akm': .1, 2."),
        ({"permutations": 5}, "permutations"),
        ({"replications": 5}, "replications"),
        ({"clusters": {"region": "nowhere"}}, "no column 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(options, told):
    with pytest.raises(DesignError, match=told):
        compare_inference(panel(), **NAMES, **options)


@pytest.mark.slow
def test_permuted_exposures_are_rejected_about_as_often_as_they_should_be():
    """83 units, 13 years: within 3.5 Monte Carlo errors of 5 %, and HC1 is known to fail."""
    draws = 600
    frame = panel(83, 13, seed=5)
    model = ExposureModel.of(frame, **NAMES)
    rng = np.random.default_rng(0)
    units = model.within.units
    found: dict[str, list[float]] = {}
    for number in range(draws):
        fit = model.fit_for(rng.permutation(model.exposure))
        for name, p_value in {
            "hc1": heteroskedastic(fit).p_value,
            "clustered": clustered(fit, units).p_value,
            "cr2": bias_reduced(fit, units).p_value,
            "cr3": jackknife(fit, units).p_value,
            "wild": wild_draws(fit, units, 199, number).p_value(),
        }.items():
            found.setdefault(name, []).append(p_value)
    error = np.sqrt(0.05 * 0.95 / draws)
    rates = {name: np.mean(np.array(p_values) <= 0.05) for name, p_values in found.items()}
    for name in ("clustered", "cr2", "cr3", "wild"):
        assert rates[name] == pytest.approx(0.05, abs=3.5 * error), name
    assert rates["hc1"] > 0.08


@pytest.mark.slow
def test_intervals_of_randomisation_hold_an_injected_effect_as_often_as_they_say():
    frame = panel(40, 9, seed=6)
    model = ExposureModel.of(frame, **NAMES)
    rng = np.random.default_rng(1)
    after = (model.rows["year"] >= 2018).to_numpy(float)
    held = []
    for _ in range(300):
        order = rng.permutation(model.exposure)
        y = model.rows["y"].to_numpy() + 2 * order[model.within.units.codes] * after
        drawn = model.with_outcome(y).with_exposure(order)
        draws = drawn.draws(rng.permuted(np.tile(order, (199, 1)), axis=1))
        region = invert(draws, 0.9)
        held.append(region.low <= 2 <= region.high)
    assert np.mean(held) == pytest.approx(0.9, abs=3.5 * np.sqrt(0.09 / 300))
