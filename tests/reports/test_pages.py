"""All pages of one report, read as a reader does: one number for one quantity, no slip of style."""

import html
import re
from pathlib import Path

import pytest
import yaml

from valley_analysis.reports.publish import publish

pytestmark = pytest.mark.slow

TABLE = Path(__file__).resolve().parents[1] / "spec" / "told_more_than_once.yml"
QUANTITIES = yaml.safe_load(TABLE.read_text("utf-8"))
LANGS = ("en", "ru")
# Fewer draws: what is looked for here does not hang on their number.
FEW = {"replications": 200, "permutations": 99, "curve_permutations": 10}
SWITCH = "EnglishРусский"
"""The link from one language to the other, the same on all pages."""
# Files are named as their publisher names them.
_FILE = re.compile(r"[^\n]+\.xlsx?")
_CYRILLIC = re.compile(r"[А-Яа-яЁё]+")
# Addresses and names of files and columns aside, four words in a row are English.
_ADDRESS = re.compile(r"\S*[./_=-]\S*")
_ENGLISH = re.compile(r"\b[a-z]{2,}(?:,? [a-z]{2,}){3,}\b")
_HIDDEN = re.compile(
    r"<style.*?</style>|<details class=\"code\">.*?</details>|<figure>.*?</figure>", re.DOTALL
)
_BLOCK_END = re.compile(r"</(?:p|li|tr|h\d|td|th|div|pre|a)>|<br>")
_TAG = re.compile(r"<[^>]+>")
SLIPS = {
    "a fall by less than nothing": r"(?:fell|rose) by [-−–]|(?:упал|снизил|вырос)\w* на [-−–]",
    "a hyphen for a minus": r"(?<![\w.,)/:=«»\"'–-])-\d",
    "a plural of one": (
        r"(?<![\d.,\u00a0\u202f])1 (?:buildings|companies|figures|regions|valleys|steps|months"
        r"|years|hosts|pairs|indicators|promises|зданий|компаний|цифр|регионов|долин|шагов|лет)\b"
    ),
    "a word of the machine": r"/(?:home|tmp|root)/|\.venv|Traceback|\b\w*Warning\b",
    "two full stops": r"(?<!\.)\.\.(?!\.)|\s,|,,",
    "an unfilled phrase": r"\{\w*\}|\bnan\b|^None$|<NA>",
}


def read(path: Path) -> str:
    """The text of a page, one block a line, without code and pictures."""
    text = _BLOCK_END.sub("\n", _HIDDEN.sub("", path.read_text("utf-8")))
    lines = (" ".join(html.unescape(_TAG.sub("", line)).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


@pytest.fixture(scope="module")
def pages(root, built, tmp_path_factory):
    """Text of every page by language and stem, of one report of the whole suite."""
    project = tmp_path_factory.mktemp("pages")
    for name in ("notebooks", "pyproject.toml"):
        (project / name).symlink_to(root / name)
    (project / "data").symlink_to(built / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VALLEY_ROOT", str(project))
        folder = publish(FEW, allow_changed=True)
    found = {(p.parent.name, p.stem): read(p) for p in folder.glob("*/*.html")}
    return found | {
        ("en", "index"): read(folder / "index.html"),
        ("ru", "index"): read(folder / "index.ru.html"),
    }


def test_every_page_is_there(pages, root):
    stems = {path.stem for path in (root / "notebooks").glob("*.ipynb")} | {"index"}
    assert pages.keys() == {(lang, stem) for lang in LANGS for stem in stems}
    assert min(map(len, pages.values())) > 500


@pytest.mark.parametrize(
    ("quantity", "lang"), [(name, lang) for name, told in QUANTITIES.items() for lang in told]
)
def test_one_quantity_has_one_number(pages, quantity, lang):
    told = {
        (one["page"], match)
        for one in QUANTITIES[quantity][lang]
        for match in re.findall(one["find"], pages[lang, one["page"]]) or [None]
    }
    missing = [page for page, match in told if match is None]
    assert not missing, f"{quantity} is told no more on {missing}: mend its row"
    assert len({match for _, match in told}) == 1, sorted(told)


@pytest.mark.parametrize("slip", SLIPS)
def test_no_page_slips(pages, slip):
    found = [
        f"{lang}/{stem}: {line[max(0, match.start() - 60) : match.end() + 60]}"
        for (lang, stem), text in sorted(pages.items())
        for line in text.splitlines()
        for match in re.finditer(SLIPS[slip], line)
    ]
    assert not found, "\n".join(found)


def in_russian(line: str) -> bool:
    """Whether a line of an English page holds Russian that belongs to no file's name."""
    return line != SWITCH and not _FILE.fullmatch(line) and bool(_CYRILLIC.search(line))


def in_english(line: str) -> bool:
    """Whether a line of a Russian page holds a run of English words."""
    return bool(_ENGLISH.search(_ADDRESS.sub("", line)))


@pytest.mark.parametrize(("lang", "foreign"), [("en", in_russian), ("ru", in_english)])
def test_no_page_slips_into_the_other_language(pages, lang, foreign):
    found = [
        f"{lang}/{stem}: {line[:160]}"
        for (of, stem), text in sorted(pages.items())
        for line in text.splitlines()
        if of == lang and foreign(line)
    ]
    assert not found, "\n".join(found)


def test_languages_are_told_apart():
    assert in_russian("Rank of Тульская обл.")
    assert not in_russian("Раздел 1 - Население.xlsx")
    assert in_english("Балл: the smallest effect that would be seen")
    assert not in_english("rd-staff, rd-technicians, researchers; data/raw, valley_steps.csv, lang")


@pytest.mark.parametrize(
    ("slip", "bad", "good"),
    [
        ("a fall by less than nothing", "fell by −26.7 %", "fell by 26.7 %"),
        ("a hyphen for a minus", "a gap of -0.42", "RU-TUL, 2022-03-01, 5-95 %, −0.42, M-16"),
        ("a plural of one", "1 buildings", "1 building, 21 buildings, 0.1 years"),
        ("a word of the machine", "TqdmWarning: x", "warnings of a trend"),
        ("two full stops", "Тамбовская обл.. В одном", "Тамбовская обл. В одном, и ..."),
        ("an unfilled phrase", "None", "None stands for an average"),
    ],
)
def test_slips_are_told_from_what_is_right(slip, bad, good):
    assert re.search(SLIPS[slip], bad)
    assert not re.search(SLIPS[slip], good)
