"""The line at the head of a page speaks the reader's language, whatever the notebook."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from valley_analysis import paths
from valley_analysis.reports.parameter_words import parameter_line
from valley_analysis.text import LANGS

NOTEBOOKS = sorted(paths.notebooks().glob("[0-9]*.ipynb"))
LATIN = {"R", "D", "AIRR"}


def defaults(path: Path) -> dict[str, Any]:
    (cell,) = (
        cell
        for cell in nbformat.read(path, as_version=4).cells
        if "parameters" in cell.metadata.get("tags", ())
    )
    found: dict[str, Any] = {}
    exec(cell.source, {}, found)
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_parameter_of_a_page_is_said_in_words(path: Path) -> None:
    values = defaults(path)
    english, russian = (parameter_line(values, lang) for lang in LANGS)
    assert not set(re.findall(r"[A-Za-z]+", russian)) - LATIN, russian
    for line in (english, russian):
        assert "_" not in line
        assert "RU-" not in line
        assert not re.search(r"\d{4}-\d\d", line)
        assert ": ·" not in line
        assert not line.endswith(":")


def test_what_has_no_value_or_no_name_is_left_out() -> None:
    line = parameter_line(
        {"public_money": "", "tax_take": 0.0, "cached": True, "period": 2021}, "en"
    )
    assert line == "edition 2021"


def test_words_of_a_user_are_printed_as_they_are() -> None:
    line = parameter_line({"spec": "/a/b/my_index.yml", "chosen": "XX-1", "wave": 1999}, "ru")
    assert "my_index" in line
    assert "XX-1" in line
    assert "1999" in line
