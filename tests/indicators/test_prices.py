"""Deflators: chained, one in the base year, and gaps stay gaps."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.errors import PeriodError
from valley_analysis.indicators import Prices, deflator

YEARS = list(range(2015, 2022))


def test_the_mean_level_lies_between_two_decembers():
    # 10 % and 20 % a year: mean 2020 = sqrt(1 * 1.1), mean 2021 = sqrt(1.1 * 1.32)
    cpi = pd.DataFrame({2020: [110.0], 2021: [120.0]}, index=["RU"])
    found = deflator(cpi, Prices(base=2021))
    assert found.loc["RU", 2020] == pytest.approx(np.sqrt(1.1 * 1.32) / np.sqrt(1.1))
    assert found.loc["RU", 2021] == 1.0


@given(st.lists(st.floats(90, 130), min_size=7, max_size=7), st.sampled_from(YEARS))
def test_one_region_chained_alone_equals_the_national_chain(rates, base):
    cpi = pd.DataFrame([rates], index=["RU"], columns=YEARS)
    national = deflator(cpi, Prices(base=base))
    regional = deflator(cpi, Prices(base=base, deflator="regional"))
    assert regional.loc["RU", YEARS].to_numpy() == pytest.approx(
        national.loc["RU", YEARS].to_numpy()
    )


@given(st.lists(st.floats(90, 130), min_size=7, max_size=7), st.sampled_from(YEARS))
def test_changing_the_base_year_rescales_every_year_alike(rates, base):
    cpi = pd.DataFrame([rates], index=["RU"], columns=YEARS)
    one, other = deflator(cpi, Prices(base=2021)), deflator(cpi, Prices(base=base))
    ratio = (other / one).loc["RU"]
    assert ratio.max() / ratio.min() == pytest.approx(1.0)


def test_a_gap_breaks_a_regional_chain_on_its_far_side_only():
    rates = [[110.0] * 7, [110.0, 110.0, np.nan, 110.0, 110.0, 110.0, 110.0]]
    cpi = pd.DataFrame(rates, index=["RU", "UA-43"], columns=YEARS)
    found = deflator(cpi, Prices(base=2021, deflator="regional")).loc["UA-43"]
    assert found.loc[2018:].notna().all()
    assert found.loc[:2016].isna().all()


def test_a_base_year_without_index_is_an_error():
    cpi = pd.DataFrame({2020: [110.0]}, index=["RU"])
    with pytest.raises(PeriodError, match="base year 2031"):
        deflator(cpi, Prices(base=2031))
