"""What decree years can show, on the real panel with planted effects."""

from dataclasses import replace

import pandas as pd
import pytest

from valley_analysis import regions, studies, valleys
from valley_analysis.errors import DesignError

MAIN = "imports_far_grp"


@pytest.fixture(scope="module")
def data(latest: pd.DataFrame) -> studies.ValleyData:
    cohorts = valleys.decree_years(valleys.load_register())
    return studies.valley_data(latest, "rd_staff", cohorts, MAIN, regions.scope())


def test_ten_hosts_enter_with_their_decree_years(data: studies.ValleyData) -> None:
    assert len(data.cohorts) == 10
    assert data.cohorts["RU-MOW"] == 2019
    assert not data.left_out
    assert data.frame.groupby("region")["stratum"].nunique().eq(1).all()


@pytest.mark.slow
def test_the_design_finds_a_planted_effect_above_what_it_says_it_can_see(
    data: studies.ValleyData,
) -> None:
    plain = studies.valley_effect(data, permutations=99, replications=30)
    frame = data.frame.copy()
    frame["y"] += 1.6 * plain.smallest_seen * frame["treated"]
    found = studies.valley_effect(replace(data, frame=frame), permutations=99, replications=30)
    shift = found.group_time.estimate - plain.group_time.estimate
    assert shift == pytest.approx(1.6 * plain.smallest_seen, rel=1e-6)
    assert found.randomised.p_value <= 0.05
    assert found.synthetic.estimate - plain.synthetic.estimate == pytest.approx(shift, rel=0.05)
    assert len(found.hosts) == 10
    assert plain.randomised.estimate == pytest.approx(plain.group_time.estimate)


def test_a_count_is_refused(latest: pd.DataFrame) -> None:
    cohorts = valleys.decree_years(valleys.load_register())
    with pytest.raises(DesignError, match="linear"):
        studies.valley_data(latest, "patents", cohorts, MAIN, regions.scope())
