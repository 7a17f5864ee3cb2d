"""Figures that cannot be, and figures beyond what a series ever did: injected, and named."""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valley_analysis import paths
from valley_analysis.errors import QualityError, RawError, RegisterError
from valley_analysis.panel import build_panel, check_panel, load_series
from valley_analysis.panel.jumps import far_jumps
from valley_analysis.panel.known import load_known, with_reasons
from valley_analysis.panel.possible import impossible
from valley_analysis.panel.quality import require
from valley_analysis.sources.accept import accept


def at(panel: pd.DataFrame, series: str, region: str, period: int) -> pd.Index:
    return panel.index[
        (panel["series"] == series) & (panel["region"] == region) & (panel["period"] == period)
    ]


def injected(panel: pd.DataFrame, *cells: tuple[str, str, int, float]) -> pd.DataFrame:
    """The panel with some figures overwritten, in every vintage and method."""
    broken = panel.copy()
    for series, region, period, value in cells:
        rows = at(panel, series, region, period)
        assert len(rows)
        broken.loc[rows, "value"] = value
    return broken


def new(found: pd.DataFrame) -> set[tuple[str, str, str, int]]:
    """What nobody has looked at, as (rule, series, region, period)."""
    rows = found[found["reason"] == ""]
    return set(rows[["rule", "series", "region", "period"]].itertuples(index=False, name=None))


def test_every_share_lies_between_its_bounds_and_every_part_has_its_whole() -> None:
    register = load_series()
    for name, series in register.items():
        if series.unit.en.startswith("%") and "previous" not in series.unit.en:
            assert (series.least, series.most) == (0, 100), name
    assert {name for name, series in register.items() if series.least < 0} == {
        "net_migration_rate",
        "fdi_balance",
    }
    assert register["researchers"].part_of == "rd_staff"
    assert register["researchers"].whole
    assert not register["students"].whole  # printed in thousands with a decimal
    assert not register["rd_expenditure"].whole


def test_the_real_panel_holds_nothing_impossible_that_was_not_looked_at(panel) -> None:
    assert not new(with_reasons(impossible(panel)))
    assert not new(with_reasons(far_jumps(panel).assign(rule="jump")))


def test_what_a_unit_does_not_allow_is_named_by_rule(panel) -> None:
    broken = injected(
        panel,
        ("researchers", "RU-TUL", 2021, -3692.0),
        ("patents", "RU-TUL", 2021, 100.5),
        ("wage", "RU-TUL", 2021, np.inf),
        ("innovation_activity", "RU-TUL", 2021, 100.1),
        ("urban_share", "RU-TUL", 2021, -0.1),
        ("life_expectancy", "RU-TUL", 2021, 712.0),
        ("rd_staff", "RU-KLU", 2021, 500.0),
        ("organisations", "RU-MOW", 2021, 9e6),
    )
    assert new(with_reasons(impossible(broken))) == {
        ("least", "researchers", "RU-TUL", 2021),
        ("part of", "researchers_degree", "RU-TUL", 2021),
        ("whole number", "patents", "RU-TUL", 2021),
        ("finite", "wage", "RU-TUL", 2021),
        ("most", "innovation_activity", "RU-TUL", 2021),
        ("least", "urban_share", "RU-TUL", 2021),
        ("most", "life_expectancy", "RU-TUL", 2021),
        ("part of", "researchers", "RU-KLU", 2021),
        ("part of", "rd_technicians", "RU-KLU", 2021),
        ("sum of parts", "organisations", "FD-CENTRAL", 2021),
        ("sum of parts", "organisations", "RU", 2021),
    }


def test_ten_times_as_large_is_named_by_every_check_that_can_see_it(panel) -> None:
    checks = check_panel(injected(panel, ("researchers", "RU-TUL", 2021, 36920.0)))
    found = {check.name: check for check in checks if check.state == "failed"}
    assert set(found) == {
        "figures are possible for their unit and their whole",
        "wholes are the sums of their parts",
        "no jump beyond what the series ever did",
    }
    with pytest.raises(QualityError) as caught:
        require(checks)
    message = str(caught.value)
    cell = "researchers RU-TUL 2021, vintage 2025-08: 36,920"
    assert f"{cell}, rule 'part of' allows" in message
    assert f"{cell}, beside" in message
    assert "researchers FD-CENTRAL 2021" in message


@pytest.mark.parametrize("factor", [10.0, 0.1, 0.0])
@pytest.mark.parametrize(
    ("series", "region", "period"),
    [
        ("wage", "RU-TUL", 2022),  # the newest figure has one neighbour
        ("wage", "RU-TUL", 2012),
        ("patents", "RU-MOW", 2020),
        ("rd_expenditure", "RU-NIZ", 2019),
        ("grp_per_person", "RU-KLU", 2020),
        ("internet_users", "RU-KLU", 2020),
    ],
)
def test_a_slipped_decimal_point_is_a_jump(panel, series, region, period, factor) -> None:
    value = panel.loc[at(panel, series, region, period), "value"].iloc[-1]
    own = panel[panel["series"] == series]
    found = far_jumps(injected(own, (series, region, period, value * factor)))
    assert (series, region, period) in set(
        found[["series", "region", "period"]].itertuples(index=False, name=None)
    )


def line(series: str, values: dict[str, list[float]], vintage: str = "2023-12") -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "region": region, "period": 2000 + place, "series": series, "method": "",
                "vintage": vintage, "value": value, "flag": "observed",
            }
            for region, figures in values.items()
            for place, value in enumerate(figures)
        ]
    )  # fmt: skip


def test_a_jump_by_hand() -> None:
    calm = {f"R{n}": [1000.0, 1100.0, 900.0, 1000.0] for n in range(9)}
    found = far_jumps(line("patents", {**calm, "X": [999.0, 9999.0, 999.0, 999.0]}))
    (row,) = found.to_dict("records")
    assert (row["region"], row["period"], row["times"]) == ("X", 2001, pytest.approx(10.0))
    # 1100 between 1000 and 900 is off by log(1101/1001); that is the farthest among the others
    assert row["others"] == pytest.approx(max(1101 / 1001, 1001 / 901))
    rise = far_jumps(line("patents", {**calm, "X": [99.0, 99.0, 9999.0, 9999.0]}))
    assert rise.empty  # a lasting change is no slip of one figure
    wild = {f"R{n}": [1000.0, 9000.0, 900.0, 1000.0] for n in range(9)}
    assert far_jumps(line("patents", {**wild, "X": [999.0, 9999.0, 999.0, 999.0]})).empty


def test_another_vintage_that_prints_five_times_as_much_is_listed() -> None:
    old = line("patents", {"X": [100.0, 101.0, 102.0]})
    later = line("patents", {"X": [1000.0, 1010.0, 1020.0]}, "2025-08")
    found = far_jumps(pd.concat([old, later], ignore_index=True))
    assert found["period"].tolist() == [2000, 2001, 2002]
    assert set(found["vintage"]) == {"2025-08"}


def test_every_known_figure_is_still_listed_by_its_check(panel, latest) -> None:
    """An entry that no check lists any more would hide the next misprint of that cell."""
    from valley_analysis.panel.contradictions import contradictions

    listed = pd.concat(
        [impossible(panel), far_jumps(panel).assign(rule="jump"), contradictions(latest)]
    )
    keys = set(listed[["rule", "series", "region", "period"]].itertuples(index=False, name=None))
    for one in load_known().figures:
        assert (one.rule, one.series, one.region, one.period) in keys, one


def test_a_breach_of_the_unit_cannot_be_excused(panel, tmp_path: Path) -> None:
    path = tmp_path / "known.yml"
    path.write_text(
        "reasons: {a: {en: a, ru: а}}\nfigures:\n"
        "  - {rule: least, series: patents, region: RU-TUL, period: 2021, reason: a}\n", "utf-8"
    )  # fmt: skip
    with pytest.raises(RegisterError, match=r"line 3: .*'jump', 'part of'"):
        load_known(path)


def test_the_register_of_known_figures_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "known.yml"
    entry = "  - {rule: jump, series: SERIES, region: RU-TUL, period: 2021, reason: REASON}\n"
    path.write_text(
        "reasons: {a: {en: a, ru: а}}\nfigures:\n"
        + entry.replace("SERIES", "nothing").replace("REASON", "a")
        + entry.replace("SERIES", "patents").replace("REASON", "b") * 2,
        "utf-8",
    )
    with pytest.raises(RegisterError) as caught:
        load_known(path)
    assert caught.value.problems == (
        "line 3: series 'nothing' is not in series.yml",
        "line 4: reason 'b' is not among the reasons",
        "line 4: the figure stands twice",
        "line 5: reason 'b' is not among the reasons",
        "line 5: the figure stands twice",
    )


@pytest.mark.slow
@pytest.mark.parametrize("text", ["-3692", "36920"])
def test_an_impossible_figure_is_refused_even_when_its_edit_is_accepted(
    tmp_path: Path, text: str
) -> None:
    shutil.copytree(paths.raw() / "rosstat", tmp_path / "rosstat")
    path = tmp_path / "rosstat" / "science-2025" / "researchers.csv"
    before = path.read_text("utf-8")
    row = next(one for one in before.splitlines() if one.startswith("Тульская"))
    path.write_text(before.replace(row, row.replace("3692", text)), "utf-8")
    with pytest.raises(RawError, match=r"science-2025/researchers\.csv, the figures"):
        build_panel(tmp_path)
    accept(path, "a test", date(2026, 1, 2))
    with pytest.raises(QualityError, match="researchers RU-TUL 2021"):
        require(check_panel(build_panel(tmp_path)))
