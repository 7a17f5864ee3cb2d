"""Statistics of the audit: by hand on small vectors, and looked up in the published tables."""

import numpy as np
import pandas as pd
import pytest

from valley_analysis import regions
from valley_analysis.errors import PeriodError, UnknownSeriesError
from valley_analysis.panel.contradictions import contradictions
from valley_analysis.panel.describe import (
    STATES,
    THEMES,
    continuity,
    coverage_table,
    describe_series,
    gini,
    method_breaks,
    panel_contents,
    series_labels,
    series_units,
    theme,
    total_gaps,
)
from valley_analysis.panel.notes import awaited_series, exceptions, wider_from, with_units
from valley_analysis.panel.series import load_series

UNITS = regions.units()


def rows(values, series="wage", period=2020, method="", flag="observed"):
    return [
        {
            "region": region, "period": period, "series": series, "method": method,
            "vintage": "2023-12", "value": value, "flag": flag, "source": "x",
        }
        for region, value in values.items()
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5, 5, 5], 0.0),
        ([0, 0, 0, 1], 1.0),
        # mean absolute difference of 1, 2, 3 is 4/3 over ordered pairs; over twice the mean: 1/3
        ([1, 2, 3], 1 / 3),
        ([3, 1, 2, np.nan], 1 / 3),
        # differences 2, 6, 4: mean 4; twice the mean of the values: 22/3
        ([1, 3, 7], 6 / 11),
    ],
)
def test_gini_by_hand(values, expected):
    assert gini(values) == pytest.approx(expected)


@pytest.mark.parametrize("values", [[], [4], [-1, 2, 3], [0, 0]])
def test_gini_is_missing_where_it_means_nothing(values):
    assert np.isnan(gini(values))


def test_gini_knows_no_unit():
    values = np.random.default_rng(1).gamma(1, size=50)
    assert gini(values * 1000) == pytest.approx(gini(values))
    assert gini([*values, 0.0]) > gini(values)


def test_statistics_by_hand():
    panel = pd.DataFrame(
        rows({"RU-TUL": 2.0, "RU-KLU": 4.0, "RU-MOW": 9.0, "RU": 20.0}, "students")
    )
    (found,) = describe_series(panel, "students", 2020, UNITS).to_dict("records")
    assert (found["n"], found["mean"], found["median"]) == (3, 5.0, 4.0)
    assert found["sd"] == pytest.approx(np.sqrt(13))
    assert found["cv"] == pytest.approx(100 * np.sqrt(13) / 5)
    assert (found["min_region"], found["max_region"]) == ("RU-TUL", "RU-MOW")
    assert (found["moscow_share"], found["top5_share"]) == (45.0, 75.0)
    assert found["observed"] == 3


def test_shares_only_of_what_adds_up():
    signed = pd.DataFrame(rows({"RU-TUL": -2.0, "RU-MOW": 9.0, "RU": 7.0}, "fdi_balance"))
    (found,) = describe_series(signed, "fdi_balance", 2020, UNITS).to_dict("records")
    assert np.isnan([found["gini"], found["cv"], found["moscow_share"]]).all()
    rate = pd.DataFrame(rows({"RU-TUL": 2.0, "RU-MOW": 9.0, "RU": 7.0}))
    (found,) = describe_series(rate, "wage", 2020, UNITS).to_dict("records")
    assert np.isnan(found["top5_share"])
    assert found["gini"] > 0


def test_statistics_as_published(latest):
    """Looked up in tables 18.5 and 3.4 of the yearbook."""
    found = describe_series(latest, ["rd_expenditure", "wage"], 2022, UNITS).set_index("series")
    research, wage = found.loc["rd_expenditure"], found.loc["wage"]
    assert (research["n"], research["suppressed"]) == (81, 2)
    assert (research["min"], research["min_region"]) == (38.3656, "RU-NEN")
    assert research["max_region"] == "RU-MOW"
    assert research["moscow_share"] == pytest.approx(100 * 515912.8697 / 1435914.2562)
    assert (wage["min"], wage["min_region"]) == (32800.8, "RU-IN")
    assert (wage["max"], wage["max_region"]) == (140601.5, "RU-CHU")


def test_both_methods_of_a_year_are_described(latest):
    found = describe_series(latest, "innovation_activity", 2017, UNITS).set_index("method")
    assert set(found.index) == {"oslo3", "oslo4"}
    assert found.loc["oslo4", "mean"] > found.loc["oslo3", "mean"]


def test_what_is_unknown_is_told(latest):
    with pytest.raises(UnknownSeriesError, match="nearest"):
        describe_series(latest, "wages", 2020, UNITS)
    with pytest.raises(PeriodError, match="2000-2024"):
        describe_series(latest, "wage", 1999, UNITS)


def test_coverage_counts_every_unit_once(latest):
    found = coverage_table(latest, UNITS)
    assert len(found) == 85 * 25
    assert (found[list(STATES)].sum(axis=1) == len(UNITS)).all()
    assert found["share"].between(0, 1).all()


def test_coverage_as_published(latest):
    """Jewish AO and Chukotka print "…" in table 18.5 from 2013 on; GRP ends in 2021."""
    found = coverage_table(latest, UNITS).set_index(["series", "period"])
    assert found.loc[("rd_expenditure", 2012), "suppressed"] == 0
    assert found.loc[("rd_expenditure", 2013), ["suppressed", "filled"]].tolist() == [2, 81]
    assert found.loc[("grp", 2021), "flag"] == "observed"
    assert found.loc[("grp", 2022), "flag"] == "not_printed"
    assert found.loc[("fdi_in", 2022), "flag"] == "closed"
    assert found.loc[("grp", 2023), "flag"] == "not_printed"
    assert found.loc[("innovation_activity", 2017), "share"] == 1


def test_coverage_knows_regions_that_came_later(latest):
    found = coverage_table(latest, regions.units("rosstat")).set_index(["series", "period"])
    assert found.loc[("population_end", 2010), "not_printed"] == 2
    assert found.loc[("population_end", 2020), "not_printed"] == 0


def test_breaks_as_published(latest):
    """Table 18.12.1 prints 2017 twice: 8.5 % by the third edition, 14.6 % by the fourth."""
    found = method_breaks(latest).set_index(["series", "old"])
    oslo = found.loc[("innovation_activity", "oslo3")]
    assert (oslo["new"], oslo["overlap"], oslo["old_period"]) == ("oslo4", "2017", 2017)
    assert oslo["old_value"] == 8.5
    assert oslo["new_value"] == pytest.approx(14.605187775341275)
    assert found.loc[("industrial_production_index", "okved1"), "overlap"] == "2015, 2016"
    labour = found.loc[("labour_force", "ages15-72")]
    assert (labour["overlap"], labour["old_period"], labour["new_period"]) == ("", 2016, 2017)
    poverty = found.loc["poverty_rate"]
    assert poverty["new"].tolist() == ["minimum2013", "boundary2021"]


def test_a_reshuffle_is_seen():
    order = {unit: float(place) for place, unit in enumerate(UNITS)}
    turned = {unit: len(UNITS) - place for unit, place in order.items()}
    values = [order, order, turned, turned]
    panel = pd.DataFrame([r for k, v in enumerate(values) for r in rows(v, period=2000 + k)])
    found = continuity(panel, UNITS).set_index("period")
    assert found["rank_correlation"].tolist() == pytest.approx([1, -1, 1])
    assert found["usual"].tolist() == pytest.approx([1, 1, 1])


def test_ranks_share_ties():
    old = rows({"RU-TUL": 1.0, "RU-KLU": 1.0, "RU-MOW": 3.0}, period=2000)
    new = rows({"RU-TUL": 2.0, "RU-KLU": 3.0, "RU-MOW": 4.0}, period=2001)
    table = pd.DataFrame([*old, *new])
    (found,) = continuity(table, UNITS).to_dict("records")
    # ranks 1.5, 1.5, 3 against 1, 2, 3: covariance 1.5, variances 1.5 and 2
    assert found["rank_correlation"] == pytest.approx(1.5 / np.sqrt(3))
    assert found["median_change"] == pytest.approx(200)


def test_contents(panel):
    found = panel_contents(panel, UNITS).set_index("what")["count"]
    assert found["series"] == "85"
    assert (found["periods"], found["vintages"]) == ("2000–2024", "2023-12, 2025-08")


def test_every_series_has_a_theme_a_name_and_a_unit():
    assert {theme(name) for name in load_series()} == set(THEMES)
    assert list(series_labels("ru")) == list(series_labels())
    assert set(series_units("ru")) == set(load_series())


def test_gaps_are_percents(latest):
    gaps = total_gaps(latest).set_index(["series", "period"])
    research = gaps.loc[("rd_expenditure", 2022)]
    assert research["gap_percent"] == pytest.approx(100 * 194.5137 / 1435914.2562)
    assert research["suppressed"] == 2


def sums(**values):
    return pd.DataFrame(
        [r for name, value in values.items() for r in rows({"RU-TUL": value}, name)]
    )


def test_kinds_that_do_not_add_up_are_listed():
    good = sums(rd_current=60.0, rd_capital=40.1, rd_expenditure=100.1)
    assert contradictions(good).empty
    bad = sums(rd_current=60.0, rd_capital=20.1, rd_expenditure=100.1)
    (found,) = contradictions(bad).to_dict("records")
    assert (found["rule"], found["series"], found["gap"]) == ("kinds", "rd_expenditure", 20.0)
    assert found["gap_percent"] == pytest.approx(100 * 20 / 100.1)


def test_rounding_is_no_contradiction():
    assert contradictions(sums(rd_current=60.0, rd_capital=40.0, rd_expenditure=101.0)).empty


@pytest.mark.parametrize("flag", ["observed", "derived"])
def test_an_oblast_is_compared_with_printed_parts_alone(flag):
    parts = rows({"RU-KHM": 50.0, "RU-YAN": 30.0, "RU-TYU": 200.0}, "patents")
    rest = rows({"RU-TYU-X": 20.0}, "patents", flag=flag)
    found = contradictions(pd.DataFrame([*parts, *rest]))
    assert len(found) == (flag == "observed")


def test_a_planted_slip_is_found(latest):
    panel = latest.copy()
    row = panel.index[
        (panel["series"] == "patents") & (panel["region"] == "RU-TUL") & (panel["period"] == 2021)
    ]
    panel.loc[row, "value"] *= 10
    before, after = contradictions(latest), contradictions(panel)
    assert len(after) == len(before) + 1
    new = after[(after["series"] == "patents") & (after["period"] == 2021)]
    assert new[["rule", "region"]].to_numpy().tolist() == [["district", "FD-CENTRAL"]]


def test_changes_of_shares_are_points_and_others_per_cent(latest):
    """Unemployment went from 5.5 to 5.2 %: 0.3 points, not 5.5 per cent."""
    told = with_units(method_breaks(latest)).set_index(["series", "new"])["change_told"]
    assert told["unemployment_rate", "ages15plus"] == "−0.3 pp"
    assert told["innovation_activity", "oslo4"] == "+6.1 pp"
    assert told["innovation_expenditure", "product-process"].endswith(" %")
    units = with_units(describe_series(latest, None, 2021, UNITS), "ru")["unit"]
    assert units.notna().all()
    assert units.ne("").all()


def test_grp_is_awaited_and_trade_is_closed(latest):
    """No footnote closes GRP of 2022; footnotes of tables 10.4 and 21 close theirs."""
    register = load_series()
    assert {name for name, one in register.items() if one.awaited} == {
        "grp",
        "grp_per_person",
        "grp_volume_index",
    }
    assert {name for name, one in register.items() if one.closed} == {
        *("fdi_balance", "fdi_in", "fdi_out", "exports_far", "imports_far"),
        *("exports_cis", "imports_cis"),
    }
    assert set(awaited_series("ru").values()) == {2022}


def test_the_country_is_wider_from_2014(latest):
    found = wider_from(latest)
    assert found["population_end"] == 2014
    assert "urban_share" not in found


def test_only_exceptions_are_listed():
    table = pd.DataFrame(
        [[83, 83, 83], [83, 81, 81], [0, 83, 0]], index=["a", "b", "c"], columns=[2019, 2020, 2021]
    )
    found = exceptions(table, 83)
    assert found["indicator"].tolist() == ["b", "c"]
    assert found["missing"].tolist() == ["2020–2021: 81", "2019: 0; 2021: 0"]
    assert found["least"].tolist() == [81, 0]
