from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest

from valley_analysis import valleys
from valley_analysis.errors import ValleyError
from valley_analysis.valleys.register import Register

Make = Callable[..., Register]
TODAY = date(2026, 11, 25)


@pytest.fixture
def register(make: Make, write: SimpleNamespace) -> Register:
    site = "name: {{en: {0}, ru: {0}}}, region: {1}, role: branch, since: {2}, weight: {3}, {4}"
    source = "source: https://e.org"
    branches = "\n".join(
        [
            site.format("b", "RU-IRK", "2025-09", 0.5, source),
            site.format("c", "RU-KK", "2021", 0.5, f"until: 2023-01-01, {source}"),
        ]
    )
    return make(write.entry("one", sites=branches), write.entry("two", decree="2022-05-01"))


@pytest.mark.parametrize(
    ("day", "rule", "expected"),
    [
        (TODAY, "host", {"RU-TUL": 1.0}),
        (TODAY, "all_sites", {"RU-TUL": 1.0, "RU-IRK": 1.0}),
        (TODAY, "weighted", {"RU-TUL": 2 / 3, "RU-IRK": 1 / 3}),
        (date(2022, 1, 1), "weighted", {"RU-TUL": 2 / 3, "RU-KK": 1 / 3}),
        (date(2024, 1, 1), "all_sites", {"RU-TUL": 1.0}),
    ],
)
def test_links_are_dated_and_follow_the_rule(
    register: Register, day: date, rule: str, expected: dict[str, float]
) -> None:
    found = valleys.links(register, day, rule)
    own = found[found["valley"] == "one"].set_index("region")["weight"]
    assert own.to_dict() == pytest.approx(expected)


def test_a_region_with_two_valleys_has_the_first_decree_and_an_unknown_rule_raises(
    register: Register,
) -> None:
    assert valleys.decree_years(register).to_dict() == {"RU-TUL": 2020}
    with pytest.raises(ValleyError, match="expected one of host"):
        valleys.links(register, TODAY, "nearest")


def test_regimes_overlap_in_the_matrix(register: Register) -> None:
    found = valleys.regime_years(register, range(2019, 2027)).set_index(["region", "year"])
    assert ("RU-TUL", 2019) not in found.index
    assert found.loc[("RU-TUL", 2021), "territories"] == 1
    assert found.loc[("RU-TUL", 2023), "names"] == "one two"


def test_the_real_hosts() -> None:
    register = valleys.load_register()
    found = set(valleys.hosts(register, TODAY))
    expected = {"MOW", "KDA", "PRI", "TUL", "KLU", "NIZ", "KGD", "RYA", "NGR", "KHM"}
    assert found >= {f"RU-{code}" for code in expected}
    spread = valleys.links(register.valleys, TODAY, "weighted")
    assert spread.groupby("valley")["weight"].sum().to_numpy() == pytest.approx(1.0)
    siberia = spread.loc[spread["valley"] == "mendeleev", "region"]
    assert {"RU-MOW", "RU-KYA", "RU-IRK", "RU-KK", "RU-TY"} == set(siberia)
    years = valleys.decree_years(register)
    assert years["RU-MOW"] == 2019
    assert years["RU-KHM"] == 2023


def test_a_decree_between_two_years_has_one_cohort_and_both_are_told(
    make: Make, write: SimpleNamespace
) -> None:
    register = make(write.entry("one", "2021-05-26/2023-08"), write.entry("two", region="RU-KLU"))
    assert valleys.decree_spans(register).loc["RU-TUL"].tolist() == [2021, 2023]
    assert valleys.decree_years(register).to_dict() == {"RU-TUL": 2021, "RU-KLU": 2020}
    years = valleys.regime_years(register, range(2020, 2025)).set_index(["region", "year"])
    sure = years.loc["RU-TUL", "sure"]
    assert sure.to_dict() == {2021: False, 2022: False, 2023: True, 2024: True}
