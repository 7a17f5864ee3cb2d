"""Exposure on worlds small enough to work out by hand, and the laws it obeys."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis.errors import DesignError, DoubleCountError, FrameError, RegisterError
from valley_analysis.frames import Scope
from valley_analysis.sanctions import (
    ExposureSpec,
    exposure,
    exposure_specs,
    find_exposure,
    flag_summary,
    load_exposures,
    percentile,
)
from valley_analysis.sanctions.exposure_spec import CATALOGUE

THREE = Scope("three", ("RU-TUL", "RU-KLU", "RU-RYA"))


def tidy(cells: Mapping[tuple[str, int], tuple[float, ...]]) -> pd.DataFrame:
    """(series, period) -> one value a unit."""
    rows = [
        (code, period, series, float(value))
        for (series, period), values in cells.items()
        for code, value in zip(THREE.units, values, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["region", "period", "series", "value"])
    return frame.assign(flag="observed", method="", source="hand")


SPEC = ExposureSpec("m_y", ("m",), "y", (2020, 2021), form="level", before=2022)
# 2020: shares of m .5 .3 .2 over shares of y .25 .5 .25; 2021: .2 .2 .6 over .4 .4 .2
WORLD = tidy(
    {
        ("m", 2020): (50, 30, 20),
        ("y", 2020): (25, 50, 25),
        ("m", 2021): (2, 2, 6),
        ("y", 2021): (4, 4, 2),
    }
)
few = settings(max_examples=25, deadline=None)
positive = st.floats(0.01, 1000)


def test_the_mean_of_yearly_quotients_by_hand():
    found = exposure(WORLD, SPEC, THREE)
    assert found.values.to_dict() == pytest.approx(
        {"RU-TUL": (2 + 0.5) / 2, "RU-KLU": (0.6 + 0.5) / 2, "RU-RYA": (0.8 + 3) / 2}
    )
    assert found.frame["place"].to_dict() == {"RU-TUL": 2, "RU-KLU": 3, "RU-RYA": 1}
    assert found.frame["percentile"].tolist() == [0.5, 0.0, 1.0]
    assert found.values.name == "m_y"


def test_forms_are_of_one_quotient():
    level = exposure(WORLD, SPEC, THREE).values
    assert exposure(WORLD, replace(SPEC, form="log"), THREE).values.to_dict() == pytest.approx(
        np.log(level).to_dict()
    )
    ranked = exposure(WORLD, replace(SPEC, form="rank"), THREE).values
    assert ranked.to_dict() == percentile(level).to_dict()


def test_numerators_add_up():
    both = pd.concat([WORLD, tidy({("n", 2020): (0, 20, 30), ("n", 2021): (4, 4, 0)})])
    found = exposure(both, replace(SPEC, numerator=("m", "n"), periods=(2021,)), THREE)
    assert found.values.tolist() == pytest.approx([(6 / 18) / 0.4, (6 / 18) / 0.4, (6 / 18) / 0.2])
    assert found.parts == ("m", "n", "y")


@given(st.lists(positive, min_size=4, max_size=4))
@few
def test_no_currency_or_price_level_of_any_year_matters(factors):
    keys = [("m", 2020), ("y", 2020), ("m", 2021), ("y", 2021)]
    scale = pd.Series(factors, index=pd.MultiIndex.from_tuples(keys))
    at = pd.MultiIndex.from_frame(WORLD[["series", "period"]])
    scaled = WORLD.assign(value=WORLD["value"].to_numpy() * scale.loc[at].to_numpy())
    assert exposure(scaled, SPEC, THREE).values.to_dict() == pytest.approx(
        exposure(WORLD, SPEC, THREE).values.to_dict()
    )


@given(st.tuples(positive, positive, positive), st.tuples(positive, positive, positive))
@few
def test_weighted_by_the_denominator_the_quotient_of_a_year_averages_one(above, below):
    world = tidy({("m", 2020): above, ("y", 2020): below})
    found = exposure(world, replace(SPEC, periods=(2020,)), THREE).values
    assert np.average(found, weights=below) == pytest.approx(1)


@given(st.permutations(range(len(WORLD))))
@few
def test_the_order_of_rows_does_not_matter_and_the_frame_is_left_alone(order):
    shuffled = WORLD.iloc[list(order)].reset_index(drop=True)
    before = shuffled.copy()
    found = exposure(shuffled, SPEC, THREE)
    pd.testing.assert_frame_equal(found.frame, exposure(WORLD, SPEC, THREE).frame)
    pd.testing.assert_frame_equal(shuffled, before)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=20))
@few
def test_percentile_ranks_run_from_0_to_1_and_keep_the_order(values):
    found = percentile(pd.Series(values))
    assert found.between(0, 1).all()
    assert found.mean() == pytest.approx(0.5)
    assert found.rank().tolist() == pd.Series(values).rank().tolist()


def test_a_dropped_region_leaves_the_ranks_and_stays_in_the_totals():
    found = exposure(WORLD, replace(SPEC, drop=("RU-RYA",), form="rank"), THREE)
    assert found.values.to_dict() == {"RU-TUL": 1.0, "RU-KLU": 0.0}
    assert found.frame.loc["RU-RYA", "dropped"]
    assert pd.isna(found.frame.loc["RU-RYA", "place"])
    assert found.totals["numerator"].tolist() == [100, 10]
    assert "Left out of the ranking: Ryazan" in found.definition()


def test_a_year_without_a_value_is_left_out_of_both_totals():
    world = WORLD.copy()
    gap = (world["region"] == "RU-RYA") & (world["series"] == "m") & (world["period"] == 2020)
    world.loc[gap, ["value", "flag"]] = [np.nan, "suppressed"]
    found = exposure(world, SPEC, THREE)
    assert found.totals.loc[2020, ["numerator", "denominator"]].tolist() == [80, 75]
    assert found.frame.loc["RU-RYA", "n_periods"] == 1
    assert found.frame["share_suppressed"].tolist() == [0, 0, 0.25]
    assert found.flags.loc["RU-RYA", "suppressed"] == 1
    assert found.values["RU-RYA"] == pytest.approx(3)


def test_a_region_with_less_than_half_of_the_years_has_no_exposure():
    world = pd.concat([WORLD, tidy({("m", 2019): (1, 1, 1), ("y", 2019): (1, 1, 1)})])
    gap = (world["region"] == "RU-RYA") & (world["series"] == "m") & (world["period"] < 2021)
    found = exposure(world[~gap], replace(SPEC, periods=(2019, 2020, 2021)), THREE)
    assert list(found.values.index) == ["RU-TUL", "RU-KLU"]
    assert found.flags.loc["RU-RYA", "missing"] == 2
    assert "Not computable for Ryazan" in found.definition()
    assert "Рязанская" in found.definition("ru")


def test_methods_never_pool_and_the_year_lost_is_told():
    other = WORLD.assign(
        method=np.where((WORLD["series"] == "m") & (WORLD["period"] == 2020), "old", "new")
    )
    found = exposure(other, SPEC, THREE)
    assert found.values.tolist() == pytest.approx([0.5, 0.5, 3])
    assert found.frame["n_periods"].tolist() == [1, 1, 1]
    assert "m: 2020 left out, published under another method than new." in found.definition()


def test_two_methods_of_one_year_are_no_repeated_cell():
    old = WORLD[WORLD["period"] == 2020].assign(method="old", value=1.0)
    twice = pd.concat([WORLD.assign(method="new"), old])
    found = exposure(twice, SPEC, THREE)
    assert found.values.to_dict() == exposure(WORLD, SPEC, THREE).values.to_dict()


def test_two_vintages_of_a_cell_are_refused():
    with pytest.raises(FrameError, match="m, RU-TUL, 2020: 24 rows share a cell"):
        exposure(pd.concat([WORLD, WORLD]), SPEC, THREE)


def test_an_oblast_and_its_okrug_are_never_summed():
    with pytest.raises(DoubleCountError, match="RU-KHM"):
        exposure(WORLD, SPEC, Scope("wrong", ("RU-TYU", "RU-KHM")))


def test_a_series_that_is_not_there_is_named():
    with pytest.raises(DesignError, match=r"series 'y': no unit of scope three .* 2020–2021"):
        exposure(WORLD[WORLD["series"] == "m"], SPEC, THREE)
    with pytest.raises(FrameError, match="no column flag"):
        exposure(WORLD.drop(columns="flag"), SPEC, THREE)


def test_a_logarithm_of_zero_is_missing_and_told():
    world = tidy({("m", 2021): (0, 1, 1), ("y", 2021): (1, 1, 1)})
    found = exposure(world, replace(SPEC, periods=(2021,), form="log"), THREE)
    assert list(found.values.index) == ["RU-KLU", "RU-RYA"]
    assert "No logarithm of zero: Tula" in found.definition()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"numerator": ("imports_far", "exports_far")}, "are summed; they are different exposures"),
        ({"numerator": ("exports_cis", "imports_cis")}, "are summed; they are different exposures"),
        ({"numerator": ("ofac_entries",)}, "ofac_entries: listings are post-treatment"),
        ({"denominator": "OFAC_entities_2023"}, "listings are post-treatment"),
        ({"numerator": ("y",)}, "y is the numerator too"),
        ({"numerator": ("m", "m")}, "a series twice"),
        ({"numerator": ()}, "no series"),
        ({"periods": ()}, "at least one year"),
        ({"periods": (2020, 2020)}, "each once"),
        ({"periods": (2021, 2022)}, r"\[2022\] are not before 2022; an exposure is predetermined"),
        ({"form": "ranks"}, "expected one of rank, level, log"),
        ({"drop": ("RU-MSK",)}, "'RU-MSK' is no code of ours"),
    ],
)
def test_a_specification_against_the_design_is_refused(change, text):
    with pytest.raises(DesignError, match=text):
        replace(SPEC, **change)


def test_all_faults_of_a_specification_come_at_once():
    with pytest.raises(DesignError) as caught:
        ExposureSpec("x", ("imports_far", "exports_far", "ofac"), "grp", (2023,), before=2022)
    assert len(caught.value.problems) == 3


def test_imports_of_two_origins_may_be_summed():
    assert ExposureSpec("all_imports", ("imports_far", "imports_cis"), "grp", (2021,)).parts == (
        *("imports_far", "imports_cis", "grp"),
    )


def test_the_catalogue_covers_what_the_design_asks_for():
    wanted = {
        *("imports_far_grp", "imports_far_grp_short", "imports_far_grp_no_moscow"),
        *("imports_far_grp_no_far_east", "imports_far_grp_level", "imports_far_grp_log"),
        *("exports_far_grp", "fdi_in_grp", "imports_cis_grp"),
    }
    assert wanted <= set(exposure_specs(2022))
    assert wanted - {"imports_far_grp_short"} <= set(exposure_specs(2014))
    assert find_exposure("imports_far_grp_short", 2022).periods == (2017, 2018, 2019)
    assert all(spec.caveat and spec.name for spec in exposure_specs(2022).values())


def test_the_far_east_is_dropped_with_buryatia_and_without_the_urals():
    dropped = find_exposure("imports_far_grp_no_far_east", 2014).drop
    assert len(dropped) == 11
    assert {"RU-BU", "RU-ZAB", "RU-PRI"} <= set(dropped)
    assert "RU-SVE" not in dropped


def test_what_the_data_do_not_allow_says_why():
    with pytest.raises(DesignError, match="not available: The panel's tables print shipments by"):
        find_exposure("machinery_structure", 2022)
    with pytest.raises(DesignError, match="nearest: imports_far_grp"):
        find_exposure("import_far_grp", 2022)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("numerator: [fdi_in]", "numerator: [fdi]", "fdi has no name under names"),
        ("pre: short", "pre: long", "'long' is a definition of no wave"),
        ("drop: [RU-MOW]", "drop: [RU-MOV]", "'RU-MOV' is no code of ours"),
        ("form: level", "form: levels", "form"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_its_line(tmp_path, old, new, text):
    content = CATALOGUE.read_text("utf-8")
    line = content[: content.index(old)].count("\n") + 1
    path = tmp_path / "exposures.yml"
    path.write_text(content.replace(old, new, 1), "utf-8")
    with pytest.raises(RegisterError, match=rf"line {line}: .*{text}"):
        load_exposures(path)


def test_the_definition_is_told_in_both_languages():
    rows = tidy({("imports_far", 2021): (1, 2, 3), ("grp", 2021): (1, 1, 1)})
    found = exposure(rows, replace(find_exposure("imports_far_grp", 2022), periods=(2021,)), THREE)
    assert "share of national imports from the far abroad over its share of national GRP" in (
        found.definition()
    )
    assert "over the 3 units that are compared" in found.definition()
    assert "China" in found.definition()
    assert "импорта из дальнего зарубежья" in found.definition("ru")
    assert "Китай" in found.definition("ru")
    assert "China" in found._repr_html_()
    assert flag_summary(found, "ru") == "observed 100,0 %"
