import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valley_analysis.errors import RegisterError, UnknownRegionError
from valley_analysis.regions import load_registry, match_regions, normalise_label, not_regions
from valley_analysis.regions.matching import load_labels, read_labels
from valley_analysis.regions.register import HERE
from valley_analysis.registers import read_yaml

ALIASES = [(row["label"], row["region"]) for row in read_yaml(HERE / "aliases.yml")["aliases"]]
NAMES_RU = [(region.name_ru, region.code) for region in load_registry().values()]
NAMES_EN = [(region.name_en, region.code) for region in load_registry().values()]
CYRILLIC = [(label, code) for label, code in NAMES_RU + ALIASES if "а" <= label[-2].lower() <= "я"]

TWINS = dict(zip("раесхуоКМТНВРАЕСХО", "paecxyoKMTHBPAECXO", strict=True))
MARKS = ("", "1)", "1);2)", " 2)", "²⁾", "*)", "*", "3) ", "1),2)", " ⁴⁾;5)")
SPACES = (" ", "  ", "\u00a0", "\n", " \n ", "\u2009", "\t")
BLANKS = ("", "  ", "\u00a0\u00a0", "\n")
LEADS = (*BLANKS, "в том числе ", "в том числе:\n", "из них: ")


@st.composite
def noisy(
    draw: st.DrawFn,
    labels: list[tuple[str, str]],
    twins: dict[str, str],
    leads: tuple[str, ...],
) -> tuple[str, str]:
    """A published name as another table might print it, and its code."""
    label, code = draw(st.sampled_from(labels))
    label = draw(st.sampled_from([label, label.upper(), label.lower(), label.title()]))
    printed = []
    for letter in label:
        how = draw(st.integers(0, 5))
        if letter == " ":
            printed.append(draw(st.sampled_from(SPACES)))
        elif letter in "-–" and how < 3:
            printed.append(draw(st.sampled_from([" - ", "–", "—", "-", " –", "‑", "- "])))
        elif how == 0:
            printed.append(twins.get(letter, letter))
        elif how == 1 and letter.isalpha():
            printed.append(letter + "\u00ad")
        else:
            printed.append(letter)
    return draw(st.sampled_from(leads)) + "".join(printed) + draw(st.sampled_from(MARKS)), code


@given(noisy(CYRILLIC, TWINS, LEADS))
def test_noise_never_changes_the_region(case: tuple[str, str]) -> None:
    label, code = case
    assert match_regions([label]) == {label: code}


@given(noisy(NAMES_EN, {latin: cyrillic for cyrillic, latin in TWINS.items()}, BLANKS))
def test_noise_never_changes_the_region_of_an_english_name(case: tuple[str, str]) -> None:
    label, code = case
    assert match_regions([label]) == {label: code}


def test_a_lost_or_swapped_letter_never_gives_another_region() -> None:
    known = load_labels().regions
    crossed = set()
    for label, code in CYRILLIC:
        for at in range(len(label)):
            lost = label[:at] + label[at + 1 :]
            swapped = label[:at] + label[at : at + 2][::-1] + label[at + 2 :]
            for broken in (lost, swapped):
                found = known.get(normalise_label(broken), code)
                if found != code:
                    crossed.add((broken, found))
    # Tomsk Oblast without its first letter is Omsk Oblast: two true names, nothing to be done.
    assert crossed == {("омская область", "RU-OMS")}


def test_normalised_labels_are_normal() -> None:
    for key in (*load_labels().regions, *not_regions()):
        assert normalise_label(key) == key


@given(st.text(max_size=30))
def test_arbitrary_text_is_no_region(text: str) -> None:
    key = normalise_label(text)
    if key not in load_labels().regions and key not in not_regions():
        with pytest.raises(UnknownRegionError):
            match_regions([text])


LOOK_ALIKES = {
    "Челябинская область": "RU-CHE",
    "Чеченская Республика": "RU-CE",
    "Чувашская Республика": "RU-CU",
    "Чувашская Республика – Чувашия": "RU-CU",
    "Чукотский автономный округ": "RU-CHU",
    "Республика Алтай": "RU-AL",
    "Алтайский край": "RU-ALT",
    "г. Москва": "RU-MOW",
    "город Москва": "RU-MOW",
    "MOCKBA": "RU-MOW",
    "Московская область": "RU-MOS",
    "г. Санкт - Петербург": "RU-SPE",
    "Ленинградская область3)": "RU-LEN",
    "Тюменская область": "RU-TYU",
    "Тюменская область без авт. округов": "RU-TYU-X",
    "Тюменская область без автономного округа": "RU-TYU-X",
    "Тюменская область без AO": "RU-TYU-X",
    "Архангельская область": "RU-ARK",
    "Архангельская область без автономного\u00a0 округа": "RU-ARK-X",
    "Архангельская область кроме Hенецкого авт.округа": "RU-ARK-X",
    "в том числе Ненецкий\n   автономный округ": "RU-NEN",
    "Ямало-Hенецкий авт.округ": "RU-YAN",
    "Новгородская область": "RU-NGR",
    "Нижегородская область": "RU-NIZ",
    "Республика Коми": "RU-KO",
    "Республика Карелия": "RU-KR",
    "Республика Калмыкия": "RU-KL",
    "Калужская область": "RU-KLU",
    "Курская область": "RU-KRS",
    "Курганская область": "RU-KGN",
    "Республика Мордовия": "RU-MO",
    "Республика Марий Эл": "RU-ME",
    "Волгоградская область": "RU-VGG",
    "Вологодская область": "RU-VLG",
    "Республика Саха(Якутия)": "RU-SA",
    "Сахалинская область": "RU-SAK",
    "Самарская область": "RU-SAM",
    "Саратовская область": "RU-SAR",
    "Омская область": "RU-OMS",
    "Томская область": "RU-TOM",
    "Еврейская авт. область": "RU-YEV",
    "Южный федеральный округ 2": "FD-SOUTHERN",
    "Российская Федерация, млрд руб.": "RU",
    "Кемеровская область- Кузбасс": "RU-KEM",
    "Республика Северная Осетия_Алания": "RU-SE",
}


def test_look_alikes_keep_apart() -> None:
    assert match_regions(LOOK_ALIKES) == LOOK_ALIKES


def test_a_tail_that_names_another_unit_is_never_cut_off() -> None:
    with pytest.raises(UnknownRegionError, match="RU-ARK"):
        match_regions(["Архангельская область, включая Ненецкий округ"])
    assert match_regions(["Архангельская область без АО"]) != match_regions(
        ["Архангельская область"]
    )


def test_a_footnote_is_no_region() -> None:
    with pytest.raises(UnknownRegionError):
        match_regions(["1) Московская область"])


def test_merged_units_never_become_the_region_of_today() -> None:
    labels = ["Коми-Пермяцкий авт.округ", "Эвенкийский авт.окpуг", "Камчатская область"]
    codes = match_regions(labels).values()
    assert list(codes) == ["RU-KOP", "RU-EVE", "RU-KAM-OBL"]
    assert {load_registry()[code].kind for code in codes} == {"historical"}


def test_all_unknown_labels_at_once_with_the_nearest_names() -> None:
    with pytest.raises(UnknownRegionError) as caught:
        match_regions(["Тульская обасть", "г. Москва", "Челябинская", ""], where="table 18.1")
    message = str(caught.value)
    assert message.startswith("table 18.1: 3 problems")
    assert "Тульская область (RU-TUL)" in message
    assert "Челябинская область (RU-CHE)" in message
    assert "aliases.yml" in message


def test_rows_that_are_no_region_resolve_to_nothing_with_a_reason() -> None:
    assert match_regions(["в том числе: "]) == {"в том числе: ": ""}
    assert all(not_regions().values())


def test_a_broken_alias_file_is_refused_with_every_problem() -> None:
    content = {
        "aliases": [
            {"label": "Тульская  область", "region": "RU-TUL"},
            {"label": "Тульская область", "region": "RU-TVE"},
            {"label": "Нечто", "region": "RU-NIX"},
        ],
        "not_regions": [{"label": "Тверская область", "why": "-"}],
    }
    with pytest.raises(RegisterError) as caught:
        read_labels(content)
    assert len(caught.value.problems) == 4


@pytest.mark.shared
def test_every_published_label_resolves(
    rosstat_labels: list[str], monthly_labels: list[str]
) -> None:
    matched = match_regions(rosstat_labels, where="Rosstat")
    assert len(rosstat_labels) > 40_000
    printed = set(match_regions(monthly_labels, where="monthly").values())
    registered = {r.code for r in load_registry().values() if r.kind != "historical"}
    assert set(matched.values()) - {""} == (registered - {"FD-CRIMEAN"}) | {"RU-KAM-OBL"}
    assert printed == registered


@pytest.mark.shared
def test_each_table_prints_a_region_once(monthly_labels: list[str]) -> None:
    distinct = dict.fromkeys(monthly_labels)
    assert len(set(match_regions(distinct).values())) == len(distinct) == 97


@pytest.mark.shared
def test_icsid_units_resolve_one_to_one(icsid_rows: list[list[object]]) -> None:
    matched = match_regions([str(row[3]) for row in icsid_rows], where="ICSID")
    assert len(set(matched.values())) == len(matched) == 89
    merged = {code for code in matched.values() if load_registry()[code].kind == "historical"}
    assert merged == {"RU-KOP", "RU-TAY", "RU-EVE", "RU-UOB", "RU-AGB", "RU-KOR"}


@pytest.mark.shared
def test_published_ratings_resolve(shared: Path) -> None:
    rows = (shared / "ratings-published" / "published_places.csv").read_text("utf-8").splitlines()
    assert all(match_regions([row.split(",")[2] for row in rows[1:]]).values())


@pytest.mark.shared
def test_all_labels_of_all_tables_take_no_time(rosstat_labels: list[str]) -> None:
    match_regions(rosstat_labels[:1])
    normalise_label.cache_clear()
    start = time.process_time()
    match_regions(rosstat_labels)
    assert time.process_time() - start < 0.2
