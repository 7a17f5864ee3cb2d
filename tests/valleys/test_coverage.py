"""The register proves its coverage: official counts of decreed centres against entries known."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from valley_analysis.valleys import (
    coverage,
    coverage_problems,
    load_register,
    pending_regions,
)
from valley_analysis.valleys.network import Network, load_network
from valley_analysis.valleys.register import Register, load_candidates

TODAY = date(2026, 11, 25)
TOTAL = """
  - {{id: centres_{n}, value: {value}, bound: {bound}, as_of: {as_of}, nature: actual, {more}
     name: {{en: centres, ru: центры}}, unit: {{en: centres, ru: центров}},
     source: "https://example.org/{n}"}}"""


@pytest.fixture
def counted(tmp_path: Path) -> Callable[..., Network]:
    """Write counts of centres as a file of the network."""

    def load(*counts: tuple[int, str, str]) -> Network:
        rows = "".join(
            TOTAL.format(n=n, value=value, bound=bound, as_of=as_of, more="counts: decreed,")
            for n, (value, bound, as_of) in enumerate(counts)
        )
        path = tmp_path / f"network{len(list(tmp_path.iterdir()))}.yml"
        path.write_text("milestones: []\ntotals:" + rows, "utf-8")
        return load_network(path)

    return load


@pytest.fixture
def three(make: Callable[..., Register], write: SimpleNamespace) -> Register:
    """Two valleys decreed for certain by 2021, and one some day in 2021 or 2022."""
    days = ("2019-03-28", "2020-06-01", "2021-05-01/2022-05-01")
    return make(*(write.entry(f"v{k}", day) for k, day in enumerate(days)))


def test_thirteen_centres_said_twelve_known_and_why() -> None:
    (found,) = coverage(load_register(), load_network(), TODAY)
    assert (found.counted.value, str(found.counted.as_of)) == (13, "2026-01-16")
    assert (found.low, found.high, found.missing) == (12, 12, 1)
    assert found.explained
    assert found.counted.gap is not None
    assert "Michurin" in found.counted.gap.en
    assert not list(coverage_problems(load_register(), load_network()))


def test_counts_of_later_days_and_of_other_things_are_not_compared() -> None:
    assert coverage(load_register(), load_network(), date(2026, 1, 15)) == ()
    others = {one.id for one in load_network().totals if one.counts is None}
    assert {"centres_planned", "centres_working", "applications"} <= others


@pytest.mark.parametrize(
    ("value", "bound", "as_of", "missing"),
    [
        (1, "exact", "2019-12-31", 0),
        (2, "exact", "2019-12-31", 1),
        (2, "exact", "2021-12-31", 0),  # the third may not have been decreed yet
        (3, "exact", "2021-12-31", 0),  # or it may
        (4, "exact", "2021-12-31", 1),
        (2, "exact", "2023", -1),
        (2, "more_than", "2023", 0),
        (4, "less_than", "2023", 0),
        (2, "less_than", "2023", -1),
        (2, "exact", "2020", 0),  # within a year in which one was decreed
    ],
)
def test_what_is_missing(
    counted: Callable[..., Network],
    three: Register,
    value: int,
    bound: str,
    as_of: str,
    missing: int,
) -> None:
    network = counted((value, bound, as_of))
    (found,) = coverage(three, network, TODAY)
    assert found.missing == missing
    problems = list(coverage_problems(three, network))
    assert bool(problems) is (missing != 0)
    if missing > 0:
        assert f"centres_0 of {as_of}" in problems[0]
        assert "https://example.org/0" in problems[0]


def test_a_lost_valley_is_noticed() -> None:
    whole = load_register()
    less = Register(tuple(one for one in whole.entries if one.id != "russky"))
    (found,) = coverage(less, load_network(), TODAY)
    assert found.missing == 2


# Regions that wait


def test_controls_with_an_application_or_a_draft_are_flagged() -> None:
    found = pending_regions(load_register())
    assert set(found["region"]) == {"RU-NVS", "RU-SVE", "RU-TAM", "RU-LEN"}
    assert set(found["stage"]) <= {"application", "draft_decree", "named"}
    assert found["until"].isna().all()
    assert found["source"].str.startswith("http").all()


def test_before_its_decree_petersburg_would_have_been_flagged() -> None:
    table = pending_regions(load_register(), hosts=True).set_index("region")
    drafted = table.loc["RU-SPE"]
    assert (drafted["stage"], str(drafted["first"].date())) == ("draft_decree", "2024-03-18")
    assert str(drafted["until"].date()) == "2024-10-02"


def test_a_proposal_alone_flags_nobody() -> None:
    proposed = [
        one for one in load_candidates() if {fact.stage for fact in one.facts} == {"proposal"}
    ]
    assert {one.id for one in proposed} >= {"technopolis_polytech", "energotechnohub"}
    assert pending_regions(Register(()), proposed).empty
