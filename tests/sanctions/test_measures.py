"""The chronology: complete against the leads, dated as precisely as known, refused when wrong."""

import csv
import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.errors import RegisterError
from valley_analysis.sanctions import load_labels, load_measures, measures_frame
from valley_analysis.sanctions.measures import COLUMNS, Moment, moment

# The lead gave one row for four dated Korean lists; each now has its own source.
SPLIT = {"kr-2022-2024": ("kr-2022-03", "kr-2023-04", "kr-2024-02", "kr-2024-09")}
# Days that the lead did not have and a source now gives.
FOUND = {
    "eu-2018-kerch": "2018-07-30",
    "us-2020-meu": "2020-12-23",
    "data-2022-fcs": "2022-04-21",
    "jp-2023-01": "2023-01-27",
    "uk-2024-alabuga": "2024-02-22",
    "eu-2026-p20": "2026-04-23",
}


@pytest.fixture(scope="module")
def leads(shared: Path) -> dict[str, dict[str, str]]:
    with (shared / "facts" / "sanctions.csv").open(encoding="utf-8") as file:
        return {row["event_id"]: row for row in csv.DictReader(file)}


def test_every_lead_is_in_the_register(leads):
    wanted = set(leads) - set(SPLIT) | {key for keys in SPLIT.values() for key in keys}
    assert wanted <= set(load_measures())


def test_dates_are_those_of_the_leads_or_of_a_source_found_since(leads):
    register = load_measures()
    differing = {
        key: str(register[key].announced)
        for key, row in leads.items()
        if key in register and str(register[key].announced) != row["date"]
    }
    assert differing == FOUND


def test_no_source_of_a_lead_was_lost_unless_a_better_one_replaced_it(leads):
    register = load_measures()
    for key, row in leads.items():
        given_there = {one.strip() for one in row["source_url"].split(" | ") if one.strip()}
        if key in register:
            assert given_there <= set(register[key].sources), key


def test_only_what_nothing_supports_is_unverified():
    unverified = {key for key, one in load_measures().items() if one.confidence == "unverified"}
    assert unverified == {"eu-2026-p21"}
    assert all(one.sources for one in load_measures().values() if one.confidence != "unverified")


@pytest.mark.parametrize(
    ("key", "announced", "in_force"),
    [
        ("us-2022-bis", "2022-02-24", "2022-02-24"),
        ("eu-2022-swift", "2022-03-02", "2022-03-02"),
        ("ru-2022-506", "2022-03-29", "2022-05-07"),
        ("us-2021-mipt", "2021-11-24", "2021-11-24"),
        ("us-2022-mipt-sdn", "2022-08-02", "2022-08-02"),
        ("uk-2024-alabuga", "2024-02-22", "2024-02-22"),
        ("us-2024-02-23", "2024-02-23", "2024-02-23"),
        ("eu-2025-p19-zones", "2025-10-23", "2025-10-24"),
        ("us-2024-06-12", "2024-06-12", "2024-09-12"),
        ("us-2024-06-12-bis", "2024-06-12", "2024-09-16"),
        ("data-2022-pubs", "2022-03", "None"),
        ("eu-2014-crimea", "2014-06-23", "2014-06-25"),
        ("eu-2022-p8", "2022-10-06", "2022-10-07"),
        ("eu-2023-p11", "2023-06-23", "2023-06-24"),
        ("eu-2024-p13", "2024-02-23", "2024-02-24"),
        ("eu-2025-p18", "2025-07-18", "2025-07-20"),
        ("eu-2026-p20", "2026-04-23", "2026-04-24"),
        ("eu-2026-p21", "2026-07-23", "None"),
    ],
)
def test_dates_that_are_easily_confused(key, announced, in_force):
    measure = load_measures()[key]
    assert (str(measure.announced), str(measure.in_force)) == (announced, in_force)


def test_act_publication_force_and_ban_are_told_apart():
    swift = load_measures()["eu-2022-swift"]
    days = (swift.adopted, swift.published, swift.in_force, swift.applies, swift.effective)
    assert list(map(str, days)) == [
        "2022-03-01", "2022-03-02", "2022-03-02", "2022-03-12", "2022-03-12"
    ]  # fmt: skip
    crimea = load_measures()["eu-2014-crimea"]
    assert (str(crimea.published), crimea.clause) == ("2014-06-24", "day_after")


def test_every_package_of_the_eu_follows_its_clause_or_is_unverified():
    acts = [one for one in load_measures().values() if one.senders == ("EU",) and one.act]
    assert len([one for one in acts if one.kind == "package"]) >= 20
    for one in acts:
        if one.confidence == "unverified":
            assert one.in_force is None, one.id
            continue
        wait = dt.timedelta(days=one.clause == "day_after")
        assert one.in_force.date == one.published.date + wait, one.id
    usual = {one.id for one in load_measures().values() if one.force_basis == "usual"}
    assert usual == {
        "eu-2014-sectoral", "eu-2018-kerch", "eu-2022-swift", "eu-2024-p14", "eu-2024-p15"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("published: 2022-03-06", "an act of the EU in force without adopted, clause"),
        ("adopted: 2022-03-07\n  published: 2022-03-06", "published 2022-03-06, before its day"),
        ("adopted: 2022-03-09", "in force 2022-03-08, before its day of the act"),
        ("applies: 2022-03-07", "applies 2022-03-07, before its entry into force"),
        ("published: 2022-03-08\n  clause: day_after", "by its clause day_after it is 2022-03-09"),
        ("published: 2022-03-07\n  clause: publication", "publication it is 2022-03-07"),
        ("clause: publication", "needs published and in_force"),
    ],
)
def test_dates_of_an_act_in_a_wrong_order_are_refused(tmp_path, lines, text):
    path = tmp_path / "measures.yml"
    path.write_text(ACT.replace("  REST\n", f"  {lines}\n"), "utf-8")
    with pytest.raises(RegisterError, match=text):
        load_measures(path)


def test_what_is_no_sanction_says_so():
    not_sanctions = {key for key, one in load_measures().items() if not one.is_sanction}
    assert {"ru-2022-506", "exit-2023-08", "data-2022-fcs", "stock-2025-science"} <= not_sanctions
    assert all(key.split("-")[0] in {"ru", "exit", "data", "stock"} for key in not_sanctions)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_table_holds_the_whole_register_in_one_language(lang):
    table = measures_frame(lang)
    assert tuple(table.columns) == COLUMNS
    assert len(table) == len(load_measures())
    assert table["announced"].is_monotonic_increasing
    cyrillic = table["title"].str.contains("[а-яё]", regex=True)
    assert cyrillic.all() if lang == "ru" else not cyrillic.any()
    assert (table["in_force"].isna() == (table["in_force_precision"] == "")).all()


def test_titles_are_told_apart():
    repeated = measures_frame().groupby("title")["measure"].agg(list)
    assert [found for found in repeated if len(found) > 1] == [], "two measures share a title"


def test_every_label_is_used():
    labels, register = load_labels(), load_measures().values()
    assert {key for one in register for key in one.senders} == set(labels["senders"])
    assert {one.kind for one in register} == set(labels["kinds"])
    assert {key for one in register for key in one.targets.sectors} == set(labels["sectors"])
    assert {one.confidence for one in register} == set(labels["confidence"])


ACT = """\
- id: eu-one
  senders: [EU]
  kind: package
  act: "Regulation (EU) 2022/1"
  announced: 2022-03-05
  in_force: 2022-03-08
  REST
  title: {en: "One", ru: "Один"}
  confidence: press
  sources: ["https://example.org/1"]
"""

FAULTY = """\
- id: eu-one
  senders: [EU]
  kind: listing
  announced: 2022-03-05
  in_force: 2022-03-01
  title: {en: "One", ru: "Один"}
  targets: {regions: [RU-TUL, RU-TULA], sectors: [finance, magic]}
  confidence: press
  sources: ["https://example.org/1"]
- id: eu-one
  senders: [XX]
  kind: spell
  announced: 2022-03-04
  title: {en: "Two", ru: "Два"}
  confidence: press
- id: eu-three
  senders: [EU]
  kind: listing
  announced: 2022-03
  in_force: 2022-03-20
  title: {en: "Three", ru: "Три"}
  confidence: unverified
  sources: ["https://example.org/1", "https://example.org/1"]
"""


def test_all_faults_come_at_once_each_with_its_line(tmp_path):
    path = tmp_path / "measures.yml"
    path.write_text(FAULTY, "utf-8")
    with pytest.raises(RegisterError) as caught:
        load_measures(path)
    expected = [
        (5, "in force 2022-03-01, before its announcement"),
        (7, "unknown sectors magic"),
        (7, "'RU-TULA' is no code of ours"),
        (10, "stands on line 1 already"),
        (13, "stands after eu-one"),
        (11, "unknown senders XX"),
        (12, "unknown kinds spell"),
        (15, "no source, yet confidence 'press'"),
        (19, "announced 2022-03, but stands after"),
        (23, "the same source twice"),
    ]
    assert len(caught.value.problems) == len(expected), caught.value
    for line, text in expected:
        assert any(p.startswith(f"line {line}:") and text in p for p in caught.value.problems), text


@pytest.mark.parametrize(
    ("old", "new", "line", "text"),
    [
        ("announced: 2022-03-05", "announced: yesterday", 4, "announced"),
        ("announced: 2022-03-05", "announced: 2022-13", 4, "announced"),
        ('"https://example.org/1"]\n- id: eu-one', '"example"]\n- id: eu-one', 9, "sources"),
        ("  kind: listing\n", "  kind: listing\n  colour: red\n", 4, "colour"),
        ('ru: "Один"', 'rus: "Один"', 6, "title"),
    ],
)
def test_a_key_of_the_wrong_type_names_its_line(tmp_path, old, new, line, text):
    path = tmp_path / "measures.yml"
    path.write_text(FAULTY.replace(old, new, 1), "utf-8")
    with pytest.raises(RegisterError, match=rf"line {line}: 0\.{re.escape(text)}"):
        load_measures(path)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.sampled_from([4, 7, 10]))
def test_a_date_is_printed_as_precisely_as_it_was_written(day, length):
    written = day.isoformat()[:length]
    read = moment(written)
    assert isinstance(read, Moment)
    assert str(read) == written
    assert read.date <= day <= read.last


@pytest.mark.parametrize("written", ["soon", "2022-02-30", 22, None, True, "2022-1"])
def test_what_is_no_date_is_left_for_the_model_to_refuse(written):
    assert moment(written) is written
