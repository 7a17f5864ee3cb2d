"""Suppressed cells lie between zero and what is left of a published total."""

import pandas as pd
import pytest

from valley_analysis.panel import load_series, suppressed_bounds


def additive():
    return {name for name, series in load_series().items() if series.additive}


def frame(cells: dict[str, float | None], series: str = "patents", period: int = 2020):
    return pd.DataFrame(
        [
            {
                "region": region,
                "period": period,
                "series": series,
                "method": "",
                "value": float("nan") if value is None else value,
                "flag": "suppressed" if value is None else "observed",
            }
            for region, value in cells.items()
        ]
    )


def test_the_country_and_the_district_bound_a_cell():
    cells = {
        "RU": 100,
        "FD-FAREAST": 30,
        "RU-CHU": None,
        "RU-YEV": None,
        "RU-PRI": 25,
        "RU-TUL": 60,
    }
    found = suppressed_bounds(frame(cells), {"patents"}).set_index("region")
    assert found["low"].tolist() == [0, 0]
    assert found["high"].to_dict() == {"RU-CHU": 5.0, "RU-YEV": 5.0}  # 30-25 < 100-85


def test_an_oblast_bounds_its_okrug():
    cells = {"RU": 100, "FD-NORTHWEST": 50, "RU-ARK": 9, "RU-ARK-X": 6, "RU-NEN": None}
    found = suppressed_bounds(frame(cells), {"patents"}).set_index("region")
    assert found.loc["RU-NEN", "high"] == 3.0


def test_rounding_of_a_total_does_not_give_a_negative_bound():
    cells = {"RU": 10, "RU-CHU": None, "RU-PRI": 10.4}
    assert suppressed_bounds(frame(cells), {"patents"})["high"].tolist() == [0.0]


def test_nothing_suppressed_nothing_bounded():
    assert suppressed_bounds(frame({"RU": 10, "RU-CHU": 10}), {"patents"}).empty


def test_every_later_disclosure_lies_within_its_bounds(panel):
    """Cells that one vintage suppresses and another prints: the truth is known for these."""
    keys = ["series", "region", "period", "method"]
    text = panel.astype({key: "str" for key in [*keys, "vintage", "flag"] if key != "period"})
    inside = checked = 0
    for _vintage, rows in text.groupby("vintage"):
        bounds = suppressed_bounds(rows, additive()).set_index(keys)
        others = text[(text["vintage"] != _vintage) & text["value"].notna()].set_index(keys)
        joined = bounds.join(others["value"], how="inner")
        checked += len(joined)
        inside += int(((joined["value"] >= 0) & (joined["value"] <= joined["high"])).sum())
    assert checked >= 10
    assert inside / checked > 0.95


@pytest.mark.parametrize("series", ["rd_expenditure", "technologies_used"])
def test_bounds_are_never_below_zero_or_above_the_total(latest, series):
    bounds = suppressed_bounds(latest, {series})
    totals = latest[(latest["series"] == series) & (latest["region"] == "RU")]
    totals = totals.set_index("period")["value"]
    assert (bounds["high"] >= 0).all()
    assert (bounds["high"].to_numpy() <= totals.loc[bounds["period"]].to_numpy()).all()
