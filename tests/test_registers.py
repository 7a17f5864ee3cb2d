"""Registers: every problem of a file at once, each with its line."""

from pathlib import Path

import pytest

from valley_analysis.errors import RegisterError
from valley_analysis.registers import check_register, read_located, read_yaml


def write(folder: Path, text: str) -> Path:
    path = folder / "some.yml"
    path.write_text(text, "utf-8")
    return path


def test_a_key_given_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "a: 1\nb: {x: 1, y: 2, x: 3}\nc: 4\na: 5\n")
    with pytest.raises(RegisterError) as caught:
        read_yaml(path)
    assert caught.value.problems == (
        "line 4: key 'a' stands on line 1 already",
        "line 2: key 'x' stands on line 2 already",
    )


def test_the_same_key_in_two_mappings_is_fine(tmp_path: Path) -> None:
    path = write(tmp_path, "- {x: 1}\n- {x: 2}\n")
    assert read_yaml(path) == [{"x": 1}, {"x": 2}]


def test_problems_name_their_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "a: 1\nb: two\nc: three\n")
    located = read_located(path)
    with pytest.raises(RegisterError) as caught:
        check_register(located.content, dict[str, int], path.name, located)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["line 2", "line 3"]


def test_an_absent_or_broken_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="absent"):
        read_yaml(tmp_path / "none.yml")
    with pytest.raises(RegisterError, match="line 1"):
        read_yaml(write(tmp_path, "a: [1,\nb: 2\n"))
