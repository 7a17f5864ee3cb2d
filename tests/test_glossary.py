"""The glossary: both languages for each term, and the flags that the frames allow."""

import re

from valley_analysis import paths
from valley_analysis.frames import FLAGS


def rows(section: str) -> list[list[str]]:
    text = (paths.root() / "GLOSSARY.md").read_text("utf-8").split("## Flags")
    lines = text[0 if section == "terms" else 1].splitlines()
    table = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in table[2:]]


def test_every_term_has_both_languages_and_a_meaning():
    terms = rows("terms")
    assert len(terms) > 25
    for english, russian, meaning in terms:
        assert re.search("[a-z]", english)
        assert re.search("[а-я]", russian), english
        assert meaning, english
        assert english.count(",") == russian.count(","), f"{english}: one Russian word each"


def test_the_flags_are_those_that_frames_allow():
    assert tuple(row[0] for row in rows("flags")) == FLAGS
