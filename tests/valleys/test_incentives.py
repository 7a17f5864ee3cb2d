"""The register of tax regimes: dated values with references, and what a bad file is told."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from valley_analysis.errors import RegisterError
from valley_analysis.valleys.incentives import INCENTIVES, Incentives, Lines, load_incentives

TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def register() -> Incentives:
    return load_incentives()


def value(register: Incentives, name: str, day: date, as_of: date = TODAY) -> float:
    found = register.find(*name.split("."), day, as_of)
    assert found
    return found.value.value


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [
        ("ordinary.profit_tax.rate", date(2024, 12, 31), 20),
        ("ordinary.profit_tax.rate", date(2025, 1, 1), 25),
        ("ordinary.vat.rate", date(2025, 12, 31), 20),
        ("ordinary.vat.rate", date(2026, 1, 1), 22),
        ("istc.contributions.rate", date(2022, 12, 1), 14),
        ("istc.contributions.rate_over_floor", date(2023, 1, 1), 15),
        ("istc.contributions.floor_multiple", date(2024, 12, 1), 1),
        ("istc.contributions.floor_multiple", date(2025, 1, 1), 1.5),
        ("sez_technology.contributions.rate", date(2019, 6, 1), 28),
        ("sez_technology.contributions.rate", date(2020, 6, 1), 30),
        ("it.profit_tax.rate", date(2020, 6, 1), 20),
        ("it.profit_tax.rate", date(2030, 12, 31), 5),
        ("it.profit_tax.rate", date(2031, 1, 1), 25),
    ],
)
def test_a_value_holds_between_its_dates(
    register: Incentives, name: str, day: date, expected: float
) -> None:
    assert value(register, name, day) == expected


def test_law_is_what_was_known_on_the_day(register: Incentives) -> None:
    """25 % was law from July 2024, 22 % of VAT from 28 November 2025; before, nobody knew."""
    next_year = date(2027, 1, 1)
    assert value(register, "ordinary.vat.rate", next_year, date(2025, 11, 27)) == 20
    assert value(register, "ordinary.vat.rate", next_year, date(2025, 11, 28)) == 22
    assert value(register, "ordinary.profit_tax.rate", date(2025, 6, 1), date(2024, 7, 11)) == 20
    assert value(register, "ordinary.profit_tax.rate", date(2025, 6, 1), date(2024, 7, 12)) == 25


def test_only_what_was_read_counts_as_seen(register: Incentives) -> None:
    """Both caps were read in the wording for Skolkovo: seen there, inferred for valleys."""
    for cap in ("profit_tax.revenue_cap", "profit_tax.profit_cap", "vat.profit_cap"):
        for regime, doubtful in (("istc", True), ("skolkovo", False)):
            found = register.find(regime, *cap.split("."), TODAY, TODAY)
            assert found
            assert found.value.doubtful is doubtful, (regime, cap)


def test_nobody_invents_a_source(register: Incentives) -> None:
    for parameter in register.content.parameters:
        for row in parameter.values:
            assert bool(row.source) or row.confidence == "unverified", parameter.id


def test_the_register_agrees_with_the_leads(register: Incentives, shared: Path) -> None:
    """The dated leads, gathered apart from this register."""
    with (shared / "facts" / "incentives.csv").open(encoding="utf-8") as file:
        leads = list(csv.DictReader(file))
    names = {
        ("ordinary regime: profit tax", "2019"): "ordinary.profit_tax.rate",
        ("ordinary regime: profit tax", "2025"): "ordinary.profit_tax.rate",
        ("ordinary regime: VAT", "2019"): "ordinary.vat.rate",
        ("ordinary regime: VAT", "2026"): "ordinary.vat.rate",
        ("insurance contributions 2019-2022", "2019"): "istc.contributions.rate",
        ("insurance contributions 2023-2024", "2023"): "istc.contributions.rate_over_floor",
        ("insurance contributions 2026", "2026"): "istc.contributions.rate_over_floor",
        ("IT companies: contributions", "2026"): "it.contributions.rate",
        ("IT companies: profit tax", "2025"): "it.profit_tax.rate",
        ("SEZ: contributions, technology zones", "2019"): "sez_technology.contributions.rate",
    }
    found = 0
    for lead in leads:
        name = names.get((lead["item"], lead["year_from"]))
        if name:
            assert value(register, name, date(int(lead["year_from"]), 1, 1)) == float(lead["value"])
            found += 1
    assert found == len(names)


def spoil(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = INCENTIVES.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path = tmp_path / "incentives.yml"
    path.write_text(text, "utf-8")
    return path


def line_of(path: Path, fragment: str) -> int:
    lines = path.read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if fragment in line)


VAT_20 = "{from: 2019-01-01, to: 2025-12-31, value: 20"
VAT_22 = "{from: 2026-01-01, known_from: 2025-11-28, value: 22"

RULES: dict[str, tuple[str, str, Callable[[str], bool]]] = {
    "gap": (VAT_22, VAT_22.replace("2026-01-01", "2026-02-01"), lambda m: "gap" in m),
    "overlap": (VAT_20, VAT_20.replace("2025-12-31", "2026-05-31"), lambda m: "overlap" in m),
    "open above": (VAT_20, VAT_20.replace("to: 2025-12-31, ", ""), lambda m: "overlap" in m),
    "backwards": (VAT_20, VAT_20.replace("2025", "2018"), lambda m: "before it starts" in m),
    "known late": (VAT_22, VAT_22.replace("2025-11-28", "2026-11-28"), lambda m: "known" in m),
    "unknown regime": ("{regime: it, item: profit_tax", "{regime: its, item: profit_tax",
                       lambda m: "unknown regime" in m and "skolkovo" in m),
    "unknown name": ("item: vat, name: exempt", "item: vat, name: exemt",
                     lambda m: "has no parameter 'exemt'" in m and "exempt" in m),
    "wrong unit": ("item: vat, name: rate, unit: percent", "item: vat, name: rate, unit: years",
                   lambda m: "expected 'percent'" in m),
    "no source": ("source: [vat_2026], confidence: seen", "source: [], confidence: seen",
                  lambda m: "unverified" in m),
    "unknown source": ("source: [vat_2026]", "source: [vat_2062]", lambda m: "'vat_2062'" in m),
    "outside bounds": ("value: 2.2, low: 1.1", "value: 0.2, low: 1.1", lambda m: "outside" in m),
    "wrong key": ("item: vat, name: rate, unit", "itm: vat, name: rate, unit",
                  lambda m: "itm" in m),
    "wrong word": ("[vat_2026], confidence: seen", "[vat_2026], confidence: certain",
                   lambda m: "certain" in m),
    "no address": ("address: https://lexviator.ru/tax2026", "address: lexviator",
                   lambda m: "lexviator" in m),
    "twice": ("item: contributions, name: limit_social", "item: contributions, name: limit",
              lambda m: "twice" in m),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_a_bad_register_fails_with_file_line_and_reason(rule: str, tmp_path: Path) -> None:
    old, new, told = RULES[rule]
    path = spoil(tmp_path, (old, new))
    with pytest.raises(RegisterError) as caught:
        load_incentives(path)
    assert caught.value.where == "incentives.yml"
    lines = [problem for problem in caught.value.problems if told(problem)]
    assert lines, caught.value.problems
    assert all(problem.startswith("line ") for problem in caught.value.problems)
    if rule != "twice":
        numbers = {int(problem.split()[1].rstrip(":")) for problem in lines}
        assert min(abs(number - line_of(path, new)) for number in numbers) <= 1


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    path = spoil(
        tmp_path,
        (VAT_22, VAT_22.replace("2026-01-01", "2026-02-01")),
        ("{regime: it, item: profit_tax", "{regime: its, item: profit_tax"),
        ("source: [wage_2023], confidence: seen", "source: [], confidence: press"),
    )
    with pytest.raises(RegisterError) as caught:
        load_incentives(path)
    said = "\n".join(caught.value.problems)
    assert all(word in said for word in ("gap", "unknown regime", "has no source"))
    assert "wage_2023" in said  # a source that nothing uses any more


def test_a_missing_parameter_is_told(tmp_path: Path) -> None:
    text = INCENTIVES.read_text("utf-8")
    start = text.index("  - {regime: ordinary, item: land")
    path = tmp_path / "incentives.yml"
    path.write_text(text[:start] + text[text.index("\n", text.index("]}", start)) :], "utf-8")
    with pytest.raises(RegisterError, match=r"ordinary\.land\.rate is missing"):
        load_incentives(path)


def test_lines_point_at_the_deepest_key_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("a:\n  - b: 1\n  - b: 2\n    c: {d: 3}\n", "utf-8")
    lines = Lines(path)
    assert [lines.of("a"), lines.of("a", 1), lines.of("a", 1, "c", "e"), lines.of("z")] == [
        2, 3, 4, 1,
    ]  # fmt: skip


def test_another_value_changes_only_that_row(register: Incentives) -> None:
    changed = register.with_value("ordinary.vat.rate", 18, date(2026, 6, 1))
    assert value(changed, "ordinary.vat.rate", date(2026, 6, 1)) == 18
    assert value(changed, "ordinary.vat.rate", date(2025, 6, 1)) == 20
    assert value(register, "ordinary.vat.rate", date(2026, 6, 1)) == 22
    with pytest.raises(RegisterError, match="no parameter"):
        register.with_value("ordinary.vat.rat", 18)


def test_an_unknown_regime_is_told(register: Incentives) -> None:
    with pytest.raises(RegisterError, match="use one of ordinary, istc"):
        register.check_regime("tor")
