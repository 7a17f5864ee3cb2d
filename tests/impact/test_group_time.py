"""Callaway and Sant'Anna's group-time effects: their published example, and small cases by hand."""

import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from valley_analysis.errors import DesignError
from valley_analysis.impact.extras import library
from valley_analysis.impact.group_time import group_time_att
from valley_analysis.impact.results import EffectResult

DESIGN = {"unit": "u", "period": "t", "outcome": "y", "cohort": "since"}
OVERALL = {"dynamic_overall": "overall event", "group_overall": "overall group"}


def minimum_wage(shared: Path, **options: object) -> EffectResult:
    frame = pd.read_csv(shared / "reference/mpdta/data.csv")
    frame["since"] = frame["first_treat"].where(frame["first_treat"] > 0)
    return group_time_att(
        frame, unit="countyreal", period="year", outcome="lemp", cohort="since", **options
    )


def row_of(check: str) -> tuple[str, str]:
    """Row and column of the result that a published number belongs to."""
    column = "se" if check.startswith("se_") or "_se_" in check else "estimate"
    if check in OVERALL:
        return OVERALL[check], column
    place = check.rsplit("_", 1)[1]
    if check.startswith("es_"):
        return f"event {place}", column
    if check.startswith("grp_"):
        return f"group {place}", column
    return ":".join(check.split("_")[1:]), column


def test_every_published_number_of_the_minimum_wage_example(shared: Path) -> None:
    text = (shared / "reference/mpdta/expected.json").read_text("utf-8")
    checks = json.loads(text)["checks"]
    table = minimum_wage(shared).table
    wrong = {
        check["id"]: (table.loc[row_of(check["id"])], check["value"])
        for check in checks
        if abs(table.loc[row_of(check["id"])] - check["value"]) > check["tol"]
    }
    assert len(checks) == 43
    assert not wrong


def test_bands_over_event_times_are_wider_and_reproducible(shared: Path) -> None:
    one, two = minimum_wage(shared), minimum_wage(shared)
    events = one.table[one.table["kind"] == "event"]
    assert (events["band_low"] < events["low"]).all()
    assert (events["band_high"] > events["high"]).all()
    pd.testing.assert_frame_equal(one.table, two.table)
    other = minimum_wage(shared, seed=1).table.loc[events.index, "band_low"]
    assert not other.equals(events["band_low"])


def panel(seed: int = 0, noise: float = 1.0) -> pd.DataFrame:
    """Twenty-four units: six treated from 3, six from 5, the rest never; effect 1, then 2, 3."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(u, t) for u in range(24) for t in range(8)], columns=["u", "t"])
    frame["since"] = frame["u"].map(lambda u: 3.0 if u < 6 else 5.0 if u < 12 else np.nan)
    effect = (1 + frame["t"] - frame["since"]).where(frame["t"] >= frame["since"], 0.0)
    frame["y"] = frame["u"] % 5 + np.cos(frame["t"]) + effect
    return frame.assign(y=frame["y"] + noise * rng.normal(size=len(frame)))


def test_a_cell_is_a_difference_of_mean_changes_with_welchs_variance() -> None:
    frame = panel()
    wide = frame.pivot_table(index="u", columns="t", values="y")
    change = wide[4] - wide[2]
    treated, never = change.loc[:5], change.loc[12:]
    row = group_time_att(frame, **DESIGN).table.loc["3:4"]
    assert row["estimate"] == pytest.approx(treated.mean() - never.mean())
    assert row["se"] == pytest.approx(np.sqrt(treated.var() / 6 + never.var() / 12))
    assert row["high"] - row["estimate"] == pytest.approx(stats.t.ppf(0.975, 5) * row["se"])


@pytest.mark.parametrize("controls", ["never", "not_yet"])
@pytest.mark.parametrize("base", ["varying", "universal"])
def test_recovers_effects_exactly_without_noise(controls: str, base: str) -> None:
    table = group_time_att(panel(noise=0), **DESIGN, controls=controls, base=base).table
    cells = table[table["kind"].isin(["cell", "event"])]
    expected = (1 + cells["event_time"]).where(cells["event_time"] >= 0, 0)
    np.testing.assert_allclose(cells["estimate"], expected, atol=1e-12)
    assert table.loc["group 3", "estimate"] == pytest.approx(3)
    assert table.loc["group 5", "estimate"] == pytest.approx(2)
    assert table.loc["overall group", "estimate"] == pytest.approx(2.5)
    assert table.loc["overall simple", "estimate"] == pytest.approx(21 / 8)
    assert table.loc["calendar 5", "estimate"] == pytest.approx(2)


@pytest.mark.parametrize("controls", ["never", "not_yet"])
def test_equals_diff_diff(controls: str) -> None:
    frame = panel()
    frame = frame[(frame["u"] != 3) | (frame["t"] < 9)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        group = {"never": "never_treated", "not_yet": "not_yet_treated"}[controls]
        reference = (
            library("diff_diff")
            .CallawaySantAnna(control_group=group)
            .fit(frame.fillna({"since": 0}), outcome="y", unit="u", time="t", first_treat="since")
        )
    table = group_time_att(frame, **DESIGN, controls=controls).table
    assert len(reference.group_time_effects) == (table["kind"] == "cell").sum()
    for (cohort, period), cell in reference.group_time_effects.items():
        assert table.loc[f"{cohort:g}:{period:g}", "estimate"] == pytest.approx(cell["effect"])
    assert table.loc["overall simple", "estimate"] == pytest.approx(reference.overall_att)


def test_gaps_leave_the_units_that_have_both_periods() -> None:
    frame = panel()
    holes = frame[
        ~((frame["u"] == 2) & (frame["t"] == 4)) & ~((frame["u"] == 20) & (frame["t"] == 2))
    ]
    wide = holes.pivot_table(index="u", columns="t", values="y")
    change = (wide[4] - wide[2]).dropna()
    row = group_time_att(holes, **DESIGN).table.loc["3:4"]
    assert row["n_treated"] == 5
    assert row["estimate"] == pytest.approx(change.loc[:5].mean() - change.loc[12:].mean())


def test_a_period_missing_for_everyone_moves_the_base_and_not_the_event_time() -> None:
    table = group_time_att(panel(noise=0).query("t != 2"), **DESIGN).table
    assert table.loc["3:4", "event_time"] == 1
    assert table.loc["3:4", "estimate"] == pytest.approx(2)


def test_a_cohort_between_two_observed_periods_counts_from_its_own_year() -> None:
    frame = panel(noise=0).query("t != 3")
    table = group_time_att(frame, **DESIGN).table
    assert table.loc["3:4", "event_time"] == 1
    assert "3:2" in table.index


def test_cells_of_fewer_than_five_treated_units_have_no_error() -> None:
    frame = panel()
    result = group_time_att(frame[~frame["u"].isin([0, 1])], **DESIGN)
    few = result.table[result.table["n_treated"] < 5]
    assert {"3:4", "group 3", "event 3"} <= set(few.index)
    assert few["estimate"].notna().all()
    assert few[["se", "low", "high", "p_value"]].isna().all(axis=None)
    enough = result.table[result.table["n_treated"] >= 5]
    assert enough["se"].gt(0).all()
    assert "7 cells with fewer than 5 treated units have no standard error." in result.notes
    assert not set(few.index) & set(result.covariance.index)


def test_universal_base_compares_every_period_with_the_last_before_treatment() -> None:
    frame = panel()
    table = group_time_att(frame, **DESIGN, base="universal").table
    varying = group_time_att(frame, **DESIGN).table
    assert table.loc["event -1", "estimate"] == 0
    assert np.isnan(table.loc["event -1", "se"])
    steps = varying.loc[["5:2", "5:3", "5:4"], "estimate"].sum()
    assert table.loc["5:1", "estimate"] == pytest.approx(-steps)


def test_anticipation_moves_the_base_back() -> None:
    frame = panel()
    wide = frame.pivot_table(index="u", columns="t", values="y")
    change = wide[4] - wide[1]
    row = group_time_att(frame, **DESIGN, anticipation=1).table.loc["3:4"]
    assert row["estimate"] == pytest.approx(change.loc[:5].mean() - change.loc[12:].mean())


def test_cohorts_after_the_panel_are_controls() -> None:
    frame = panel()
    late = frame.assign(since=frame["since"].where(frame["u"] != 23, 2050.0))
    one, two = group_time_att(frame, **DESIGN).table, group_time_att(late, **DESIGN).table
    pd.testing.assert_frame_equal(one, two)


def test_clusters_add_up_before_they_are_squared() -> None:
    """Every unit twice in its own cluster: the error of the single panel, but for n / (n - 1)."""
    frame = panel()
    copy = frame.assign(u=frame["u"] + 100)
    double = pd.concat([frame, copy]).assign(pair=lambda f: f["u"] % 100)
    one = group_time_att(frame, **DESIGN).table.loc["3:4"]
    two = group_time_att(double, **DESIGN, cluster="pair").table.loc["3:4"]
    naive = group_time_att(double, **DESIGN).table.loc["3:4"]
    assert two["estimate"] == pytest.approx(one["estimate"])
    assert two["se"] == pytest.approx(one["se"], rel=0.06)
    assert naive["se"] < 0.75 * two["se"]


def test_names_and_kinds_of_units_and_periods_do_not_matter() -> None:
    frame = panel()
    moved = frame.assign(
        u="unit " + frame["u"].astype(str),
        t="T" + frame["t"].astype(str),
        since=("T" + frame["since"].map("{:.0f}".format)).where(frame["since"].notna()),
    ).sample(frac=1, random_state=0)
    one, two = group_time_att(frame, **DESIGN).table, group_time_att(moved, **DESIGN).table
    columns = ["estimate", "se", "event_time"]
    np.testing.assert_allclose(one[columns], two[columns])


def test_nobody_left_as_a_control_is_refused_with_the_way_out() -> None:
    frame = panel()
    treated = frame[frame["u"] < 12]
    with pytest.raises(DesignError, match="controls='not_yet' uses later cohorts"):
        group_time_att(treated, **DESIGN)
    table = group_time_att(treated, **DESIGN, controls="not_yet").table
    assert "3:4" in table.index
    assert "3:5" not in table.index


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"controls": "all"}, "controls 'all'; expected never or not_yet"),
        ({"base": "first"}, "base 'first'; expected varying or universal"),
        ({"anticipation": -1}, "anticipation -1; expected zero or more"),
    ],
)
def test_unknown_choices_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(DesignError, match=said):
        group_time_att(panel(), **DESIGN, **options)


@pytest.mark.slow
def test_intervals_cover_with_ten_treated_units() -> None:
    """As few treated units as there are host regions; 85 in all."""
    covered = {name: [] for name in ("overall group", "overall event", "event 0")}
    for seed in range(300):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame([(u, t) for u in range(85) for t in range(6)], columns=["u", "t"])
        frame["since"] = frame["u"].map(lambda u: 3.0 if u < 5 else 4.0 if u < 10 else np.nan)
        frame["y"] = rng.normal(size=len(frame))
        table = group_time_att(frame, **DESIGN, replications=0).table
        for name, hits in covered.items():
            hits.append(table.loc[name, "low"] <= 0 <= table.loc[name, "high"])
    assert all(0.91 <= np.mean(hits) <= 0.985 for hits in covered.values())


def test_the_regional_panel_takes_a_fraction_of_a_second() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame([(u, t) for u in range(85) for t in range(15)], columns=["u", "t"])
    frame["since"] = frame["u"].map(lambda u: 8.0 + u % 3 if u < 20 else np.nan)
    frame["y"] = rng.normal(size=len(frame))
    spent = []
    for _ in range(3):
        start = time.process_time()
        group_time_att(frame, **DESIGN)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.3
