from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

from valley_analysis import valleys
from valley_analysis.valleys.register import Register

Make = Callable[..., Register]


def test_what_moved_between_two_dates(make: Make, write: SimpleNamespace) -> None:
    event = "title: {en: expo, ru: выставка}, date: 2023-05, actor: region, source: https://e.org"
    register = make(
        write.entry(
            "one",
            milestones=write.step("fund", "2020-05-01")
            + "\n"
            + write.step("land", "2023-03-01")
            + f"\n{event}",
            claims=write.claim("participants", 5, "2021")
            + "\n"
            + write.claim("participants", 9, "2023-06-01"),
        )
    )
    found = valleys.moved(register, date(2022, 12, 31), date(2024, 1, 1))
    assert found.steps[["valley", "step"]].to_numpy().tolist() == [["one", "land"]]
    assert found.events["title_ru"].tolist() == ["выставка"]
    assert found.figures[["before", "now"]].to_numpy().tolist() == [[5, 9]]
    assert found.dated.loc["one", "participants"] == "2023-06-01"
    assert found.stuck.loc["one", "next_step"] == "first_participant"
    assert found.unknown.loc["one"].notna().to_dict() == {
        "participants": True,
        "revenue": False,
        "federal_money": False,
        "regional_money": False,
        "jobs": False,
    }


def test_nothing_moves_in_no_time() -> None:
    day = date(2026, 11, 25)
    found = valleys.moved(valleys.load_register(), day, day)
    assert found.steps.empty
    assert found.events.empty
    assert found.figures.empty


def test_cooperation_says_where_large_companies_are_missing() -> None:
    found = valleys.cooperation(valleys.load_register())
    assert len(found) == len(valleys.load_register().valleys)
    assert found.loc["quantum", "committed"] >= 2  # two residents are named
    assert found.loc["sirius", "gap"] == "none named"
    links = valleys.partners_frame(valleys.load_register())
    assert links.loc[links["partner_en"] == "Rostec", "valley"].nunique() >= 3
