"""Every notebook keeps the contract, and a notebook that breaks one rule is told which."""

import copy
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from valley_analysis.reports.contract import (
    check_notebook,
    check_translation,
    prose_figures,
    source_hash,
)

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_the_contract(notebook: Path) -> None:
    problems = check_notebook(notebook)
    assert not problems, "\n".join([notebook.name, *problems])


def test_no_translation_without_its_notebook() -> None:
    names = {notebook.stem for notebook in NOTEBOOKS}
    folders = {notebook.parent / "ru" for notebook in NOTEBOOKS}
    assert {file.stem for folder in folders for file in folder.glob("*.yml")} <= names


# Each list holds the one before it nine times: a few lines grow to ten million values.
CHAIN = [(b, ", ".join([f"*{a}"] * 9)) for a, b in pairwise("abcdefgh")]


def markdown(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def code(name: str, source: str, *tags: str, output: str = "") -> dict[str, Any]:
    stream = {"output_type": "stream", "name": "stdout", "text": output}
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"tags": list(tags)},
        "source": source.splitlines(keepends=True),
        "execution_count": 3 if output else None,
        "outputs": [stream] if output else [],
    }


CELLS = [
    markdown("title", "# A rating\n\nRanks the regions and says how sure each of the ranks is.\n"),
    code("set", "# the year\nedition = 2022\nshift = -0.5  # in points\n", "parameters"),
    code("import", "%config InlineBackend.rc = {}\nfrom valley_analysis import charts\n"),
    markdown("ask", "## Who leads in 2022?\n\nScores run over `0-100`, by law 216-FZ of 2017."),
    code("work", "# NBVAL_CHECK_OUTPUT\nprint(shift)\n", output="-0.5\n"),
    code("draw", "charts.plot_ranks(edition)\n", "figure"),
    markdown("read", "**How to read it.** One dot is one region; the line is its range."),
    code("from", "print(edition)\n", "sources"),
]
TRANSLATION = {
    "title": "# Рейтинг\n\nУпорядочивает регионы и показывает, насколько надёжно место.",
    "ask": "## Кто впереди в 2022 году?\n\nБаллы лежат в `0-100`; закон № 216-ФЗ.",
    "read": "**Как читать.** Точка — регион, линия — размах мест.",
}
Notebook = dict[str, Any]
Check = Callable[[Notebook, dict[str, Any] | None], list[str]]


@pytest.fixture
def notebook() -> Notebook:
    return {
        "cells": copy.deepcopy(CELLS),
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


@pytest.fixture
def russian() -> dict[str, Any]:
    english = {cell["id"]: cell["source"] for cell in CELLS}
    return {
        name: {"hash": source_hash(english[name]), "text": text}
        for name, text in TRANSLATION.items()
    }


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def run(notebook: Notebook, russian: dict[str, Any] | None) -> list[str]:
        path = tmp_path / "09_rating.ipynb"
        path.write_text(json.dumps(notebook), "utf-8")
        if russian is not None:
            (tmp_path / "ru").mkdir()
            (tmp_path / "ru" / "09_rating.yml").write_text(yaml.safe_dump(russian), "utf-8")
        return check_notebook(path)

    return run


def test_a_good_notebook_passes(check: Check, notebook: Notebook, russian: dict[str, Any]) -> None:
    assert check(notebook, russian) == []


@pytest.mark.parametrize(
    ("cell", "key", "value", "problem"),
    [
        # a change of one key of one cell -> the start of the only problem that is found
        ("set", "id", "", "cell 2 (no id): has no id"),
        ("import", "source", "", "no cell imports anything"),
        ("work", "source", "# NBVAL_CHECK_OUTPUT\nimport os", "cell 5 (work): imports belong in"),
        ("import", "source", "from IPython.display import HTML", "cell 3 (import): IPython's HTML"),
        ("from", "source", "import os", "cell 8 (from): imports belong in one cell, cell 3"),
        ("set", "source", "edition = 2022\n", "cell 2 (set): line 1: the parameter edition has"),
        ("set", "source", "a = 1  # a\nb = 2\n", "cell 2 (set): line 2: the parameter b has no"),
        ("set", "source", "a = [1]  # a\n", "cell 2 (set): line 1: a parameters cell only sets"),
        ("set", "source", "print()  # a\n", "cell 2 (set): line 1: a parameters cell only sets"),
        ("set", "source", "a = b = 1  # a\n", "cell 2 (set): line 1: a parameters cell only"),
        ("set", "metadata", {}, "expected exactly one code cell tagged 'parameters'; found 0"),
        ("from", "source", "def f():\n    pass\n", "cell 8 (from): defines f; it belongs"),
        ("from", "source", "class F:\n    pass\n", "cell 8 (from): defines F; it belongs"),
        ("from", "source", "f = lambda: 1\n", "cell 8 (from): names a lambda"),
        ("from", "source", "!ls\n", "cell 8 (from): is not plain Python"),
        ("from", "source", "%%bash\nls\n", "cell 8 (from): is not plain Python"),
        ("from", "source", "print()\n" * 16, "cell 8 (from): has 16 lines"),
        ("from", "source", "# NBVAL_SKIP\nprint()\n", "cell 8 (from): is skipped"),
        ("from", "source", "df.plot.bar()\ncharts.plot_map(df)", "cell 8 (from): draws, but is"),
        ("from", "metadata", {}, "cell 8 (from): the last cell should be code tagged 'sources'"),
        ("work", "outputs", [], "cell 5 (work): is marked # NBVAL_CHECK_OUTPUT, but stores no"),
        ("work", "execution_count", None, "cell 5 (work): keeps its output without"),
        ("work", "source", "print(1)\n", "cell 5 (work): stores an output, but is not marked"),
    ],
)
def test_a_fault_in_code_is_caught(
    check: Check,
    notebook: Notebook,
    russian: dict[str, Any],
    cell: str,
    key: str,
    value: Any,
    problem: str,
) -> None:
    (changed,) = (one for one in notebook["cells"] if one["id"] == cell)
    changed[key] = value
    found = check(notebook, russian)
    assert len(found) == 1, found
    assert found[0].startswith(problem)


def test_a_cell_for_tests_alone_passes(
    check: Check, notebook: Notebook, russian: dict[str, Any]
) -> None:
    notebook["cells"][4]["metadata"]["tags"] = ["check-only"]
    assert check(notebook, russian) == []


@pytest.mark.parametrize(
    ("cell", "key", "value", "problem"),
    [
        ("import", "metadata", {"tags": ["check-only"]}, "is tagged 'check-only', but is no code"),
        ("ask", "metadata", {"tags": ["check-only"]}, "is tagged 'check-only', but is no code"),
        ("work", "metadata", {"tags": ["check-only", "figure"]}, "and 'figure' as well"),
        ("work", "source", "# NBVAL_CHECK_OUTPUT\nedition = 1", "sets edition, which a later"),
    ],
)
def test_nothing_may_rest_on_a_cell_for_tests_alone(
    check: Check,
    notebook: Notebook,
    russian: dict[str, Any],
    cell: str,
    key: str,
    value: Any,
    problem: str,
) -> None:
    notebook["cells"][4]["metadata"]["tags"] = ["check-only"]
    (changed,) = (one for one in notebook["cells"] if one["id"] == cell)
    changed[key] = value
    assert any(problem in line for line in check(notebook, russian))


@pytest.mark.parametrize(
    ("cell", "english", "problem"),
    [
        ("title", "# A rating\n", "no paragraph says what the notebook is for"),
        ("title", "## A rating\n\nRanks {count} regions, says how sure each rank is.", "expected"),
        ("ask", "# Who leads?\n", "expected exactly one H1, in the first cell; found 2"),
        ("ask", "## Leaders\n", "cell 6 (draw): no heading above the figure asks"),
        ("ask", "Who leads?\n", "cell 6 (draw): no heading above the figure asks"),
        ("read", "One dot is one region.", "cell 6 (draw): the cell below the figure does not"),
        ("read", "How to read it: 83 dots.", "cell 7 (read): the figure '83' is typed into"),
    ],
)
def test_a_fault_in_text_is_caught(
    check: Check,
    notebook: Notebook,
    russian: dict[str, Any],
    cell: str,
    english: str,
    problem: str,
) -> None:
    (changed,) = (one for one in notebook["cells"] if one["id"] == cell)
    changed["source"] = english
    levels = [line.split()[0] for line in english.splitlines() if line.startswith("#")]
    text = "\n\n".join(f"{level} Заголовок" for level in levels) or "Текст"
    russian[cell] = {"hash": source_hash(english), "text": text}
    found = check(notebook, russian)
    assert len(found) == 1, found
    assert found[0].startswith(problem)


def test_one_question_does_not_serve_two_figures(
    check: Check, notebook: Notebook, russian: dict[str, Any]
) -> None:
    notebook["cells"].insert(6, code("again", "charts.plot_ranks(shift)\n", "figure"))
    found = check(notebook, russian)
    assert [line.split(":")[0] for line in found] == ["cell 6 (draw)", "cell 7 (again)"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda content: content["cells"].clear(), "the notebook has no cells"),
        (lambda content: content.pop("cells"), "not a notebook of format 4"),
        (lambda content: content["metadata"].clear(), "the kernelspec is None; expected"),
        (lambda content: content["cells"][4].update(id="set"), "cell 2 (set): shares its id"),
    ],
)
def test_a_fault_of_the_whole_is_caught(
    check: Check,
    notebook: Notebook,
    russian: dict[str, Any],
    change: Callable[[Notebook], object],
    problem: str,
) -> None:
    change(notebook)
    assert check(notebook, russian)[0].startswith(problem)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 300_000, "nested too deep"),
        ("a: &a [1, 1, 1]\n" + "".join(f"{c}: &{c} [{p}]\n" for c, p in CHAIN), "written out"),
        ("read: {hash: 1}\nread: {hash: 2}\n", "stands on line 1 already"),
        ("read: " + "9" * 10_000, "a text of 10,000 signs"),
        ("read: {date: 2025-02-30}\n", "is no timestamp"),
    ],
)
def test_a_russian_text_without_bounds_is_told(
    tmp_path: Path, notebook: Notebook, text: str, told: str
) -> None:
    path, translation = tmp_path / "09_rating.ipynb", tmp_path / "09_rating.yml"
    path.write_text(json.dumps(notebook), "utf-8")
    translation.write_text(text, "utf-8")
    assert told in " ".join(check_translation(path, translation))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"read": None}, "Russian text of cell 7 (read): missing"),
        ({"read": {"hash": "x", "text": " "}}, "Russian text of cell 7 (read): missing"),
        ({"read": {"hash": "x", "text": "Точка."}}, "Russian text of cell 7 (read): stale"),
        ({"work": {"hash": "x", "text": "Код."}}, "Russian text of 'work': no such Markdown cell"),
        ({"ask": {"text": "Кто?"}}, "Russian text of cell 4 (ask): its headings are not"),
        ({"read": {"text": "Всего 83 точки."}}, "Russian text of cell 7 (read): the figure '83'"),
    ],
)
def test_a_fault_in_the_russian_text_is_caught(
    check: Check,
    notebook: Notebook,
    russian: dict[str, Any],
    change: dict[str, Any],
    problem: str,
) -> None:
    for name, entry in change.items():
        russian[name] = entry and {**russian.get(name, {}), **entry}
    found = check(notebook, russian)
    assert len(found) == 1, found
    assert found[0].startswith(problem)


def test_a_notebook_without_russian_text_is_told(check: Check, notebook: Notebook) -> None:
    assert check(notebook, None) == ["no Russian text: ru/09_rating.yml is absent"]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Since 2014, in 2010-2024 and 2021/22, on 24 February 2022 or 2022-02-24.", []),
        ("Laws 216-FZ and 244-FZ, decree No. 1868, notebook 02, ISO 3166-2, package 20.", []),
        ("Закон № 216-ФЗ, указ 208, 24 февраля 2022 года, в 2010–2024 годах.", []),
        ("UA-43, COVID-19, Oslo 3rd, H2020, R2 and `0.05` of {count}, $p < 0.05$.", []),
        ("[table](https://example.org/2022/15/x.html), see https://example.org/12", []),
        ("# The 10 best\n\n1. first\n2. second[^3]\n\n```\nx = 5\n```\n", []),
        ("Moscow has 45% of it, 12,345 people, 3.5x, ≈7 pp and -0.13.", 5),
        ("Всего 83 региона, 4 %, 12 млн.", 3),
        ("**85** regions (99).", 2),
    ],
)
def test_figures_in_prose_are_told_from_dates_and_names(text: str, figures: list | int) -> None:
    found = prose_figures(text)
    assert (found if isinstance(figures, list) else len(found)) == figures, found
