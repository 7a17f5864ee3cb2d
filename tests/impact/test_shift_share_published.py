"""Shift-share regressions as published, with the choices that publications make."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from valley_analysis.errors import DesignError
from valley_analysis.impact.shift_share import shift_share
from valley_analysis.impact.spatial_examples import shifted_regions

CHOICE = {"unit": "region", "outcome": "y"}
CONTROLS = (
    "t2",
    "l_shind_manuf_cbp",
    "l_sh_popedu_c",
    "l_sh_popfborn",
    "l_sh_empl_f",
    "l_sh_routine33",
    "l_task_outsource",
)


@pytest.fixture(scope="module")
def china(shared: Path) -> Any:
    """Regressions of Autor, Dorn and Hanson (2013) as a function of outcome and regressor.

    Sectors are sector-periods; their shocks are not published beside the shares, but the shares
    have full rank, so that the published instrument gives them back (to single precision).
    """
    folder = shared / "reference" / "adh_shiftshare"
    if not folder.exists():
        pytest.skip("no shared/reference/adh_shiftshare: the data of Autor, Dorn and Hanson")
    regions = pd.read_csv(folder / "regions.csv")
    sic = pd.read_csv(folder / "sectors.csv")["sic"].astype(str)
    shares = pd.read_csv(folder / "shares.csv.gz")
    shares.columns = [f"{code}-{place}" for place, code in enumerate(sic)]
    shocks = np.linalg.lstsq(shares.to_numpy(), regions["IV"].to_numpy(), rcond=None)[0]
    divisions = pd.get_dummies(regions["division"], prefix="division", drop_first=True, dtype=float)
    frame = regions.assign(t2=regions["t2"].astype(float)).join(divisions)
    frame["place"] = frame.index

    def regression(outcome: str, endogenous: str | None = None, **more: Any) -> Any:
        return shift_share(
            frame,
            unit="place",
            outcome=outcome,
            endogenous=endogenous,
            shares=shares,
            shocks=pd.Series(shocks, shares.columns),
            controls=[*CONTROLS, *divisions.columns],
            weights="weights",
            clusters=pd.Series(sic.str[:3].to_numpy(), shares.columns),
            cluster="statefip",
            small_sample=None,
            **more,
        )

    return regression


@pytest.mark.slow
def test_the_china_shock_as_published(china, shared):
    """Table 3 of Autor, Dorn and Hanson (2013); table V of Adao, Kolesar and Morales (2019)."""
    path = shared / "reference" / "adh_shiftshare" / "expected.json"
    expected = {one["id"]: one for one in json.loads(path.read_text("utf-8"))["checks"]}
    found = {
        "fs": china("shock", share_sum=False),
        "rf": china("d_sh_empl", share_sum=False),
        "iv": china("d_sh_empl", "shock", share_sum=False),
    }
    kinds = {"homo": "homoskedastic", "ehw": "robust", "clus": "clustered", "akm": "akm"}
    values = {"ivmfg_b": china("d_sh_empl_mfg", "shock", share_sum=False).estimate}
    for name, result in found.items():
        table = result.frames["inference"]
        values[f"{name}_b"] = result.estimate
        values |= {
            f"{name}_{key}": table.loc[row, "se"]
            for key, row in kinds.items()
            if (name, key) != ("iv", "homo")  # the one that is not among the published
        }
        values[f"{name}_akm0_lo"], values[f"{name}_akm0_hi"] = table.loc["akm0", ["low", "high"]]
    assert set(values) == set(expected)
    for name, value in values.items():
        assert value == pytest.approx(expected[name]["value"], abs=expected[name]["tol"]), name


@pytest.mark.slow
def test_the_sum_of_shares_is_a_switch_with_its_reason(china):
    """Controlled for by default; the share of manufacturing among the controls nearly is it."""
    plain, summed, by_period = (china("d_sh_empl", share_sum=kind) for kind in (False, True, "t2"))
    said = ["not controlled for, as asked", "controlled for.", "controlled for times t2"]
    for result, words in zip((plain, summed, by_period), said, strict=True):
        assert any(words in note for note in result.notes)
    estimates = [result.estimate for result in (plain, summed, by_period)]
    assert len({round(value, 4) for value in estimates}) == 3


def test_the_sum_times_period_is_that_of_each_period_apart():
    """Two periods stacked, everything times period, give the weighted mean of two regressions."""
    parts = []
    for period, seed in (("early", 3), ("late", 4)):
        frame, shares, shocks = shifted_regions(60, 8, beta=1.0, seed=seed)
        shares = shares * np.random.default_rng(seed).uniform(0.4, 0.9, (60, 1))
        z = shares.to_numpy() @ shocks.to_numpy()
        design = np.column_stack([np.ones(60), shares.sum(axis=1)])
        left = z - design @ np.linalg.lstsq(design, z, rcond=None)[0]
        parts.append((left @ frame["y"].to_numpy(), left @ left))
        frame = frame.assign(period=period, region=frame["region"].astype(str) + period)
        shares = shares.set_axis([f"{name}{period}" for name in shares], axis=1)
        shares.index = frame["region"]
        parts[-1] += (frame, shares, shocks.set_axis(shares.columns))
    frame = pd.concat([part[2] for part in parts], ignore_index=True)
    shares = pd.concat([part[3] for part in parts]).fillna(0.0)
    shocks = pd.concat([part[4] for part in parts])
    found = shift_share(
        frame, unit="region", outcome="y", shares=shares, shocks=shocks, share_sum="period"
    )
    expected = sum(part[0] for part in parts) / sum(part[1] for part in parts)
    assert found.estimate == pytest.approx(expected)


def test_small_sample_factors_are_named_and_are_those_of_statsmodels():
    frame, shares, shocks = shifted_regions(50, 10, beta=1.0, seed=1)
    frame["state"] = np.arange(50) // 5
    more = {"shares": shares, "shocks": shocks, "cluster": "state", **CHOICE}
    design = sm.add_constant(shares.to_numpy() @ shocks.to_numpy())
    theirs = sm.OLS(frame["y"].to_numpy(), design)
    groups = {"groups": frame["state"].to_numpy()}
    for corrected, robust in ((True, "HC1"), (False, "HC0")):
        found = shift_share(frame, small_sample=corrected, **more)
        se = found.frames["inference"]["se"]
        assert se["robust"] == pytest.approx(theirs.fit(cov_type=robust).bse[1])
        clustered = theirs.fit(cov_type="cluster", cov_kwds={**groups, "use_correction": corrected})
        assert se["clustered"] == pytest.approx(clustered.bse[1])
        assert any(("n/(n - k)" in note) == corrected for note in found.notes[-1:])
    plain = theirs.fit()
    corrected = shift_share(frame, small_sample=True, **more).frames["inference"]["se"]
    assert corrected["homoskedastic"] == pytest.approx(plain.bse[1])


def test_groups_that_cannot_be_used_are_refused_by_name():
    frame, shares, shocks = shifted_regions(50, 10, beta=1.0, seed=1)
    frame["state"] = 1
    more = {"shares": shares, "shocks": shocks, **CHOICE}
    with pytest.raises(DesignError, match=r"'state' .cluster.: one group only"):
        shift_share(frame, cluster="state", **more)
    with pytest.raises(DesignError, match="no column 'year'; found region"):
        shift_share(frame, share_sum="year", **more)
    frame["state"] = [None, *range(49)]
    with pytest.raises(DesignError, match=r"'state' .cluster.: 1 rows have none"):
        shift_share(frame, cluster="state", **more)
