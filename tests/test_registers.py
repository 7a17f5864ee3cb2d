"""Registers: every problem of a file at once, each with its line."""

import re
from collections.abc import Callable
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


def test_a_date_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "- {date: 2025-02-28}\n- {date: 2025-02-30}\n- {at: 2025-13-01}\n")
    with pytest.raises(RegisterError) as caught:
        read_yaml(path)
    first, second = caught.value.problems
    assert first.startswith("line 2: '2025-02-30' is no timestamp")
    assert second.startswith("line 3: '2025-13-01' is no timestamp")
    assert str(caught.value).startswith("some.yml: 2 problems")


def bomb(levels: int, wide: int = 10) -> str:
    """A few lines whose aliases stand for wide ** levels values."""
    rows = ["a0: &a0 [x, x]"]
    for level in range(1, levels):
        aliases = ", ".join([f"*a{level - 1}"] * wide)
        rows.append(f"a{level}: &a{level} [{aliases}]")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("read", [read_yaml, read_located])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (bomb(12), "values with its aliases written out"),
        ("a: &a {b: *a}\n", "nested too deep"),
        ("a: " + "[" * 200 + "]" * 200 + "\n", "nested too deep"),
        ("a: !!timestamp soon\n", "line 1: 'soon' is no timestamp"),
        ("a: !!bool perhaps\n", "line 1: 'perhaps' is no bool"),
        ("[" * 300_000, "nested too deep"),  # ended the process, without a word
        ("".join(" " * n + "a:\n" for n in range(60)), "nested too deep"),
        ("- " * 60 + "a\n", "nested too deep"),
        ("a: 1\nb: " + "x" * 6000 + "\n", "line 2: a text of 6,000 signs"),
        ("# " + "x" * 2_000_100 + "\n", "bytes; a register has 2,000,000 at most"),
        ("a: !!int twelve\n", "line 1: 'twelve' is no int"),
        ("a: " + "9" * 4999 + "\n", "line 1: '9999"),
        ("a: !!python/object:os.system x\n", "could not determine a constructor"),
    ],
)
def test_a_file_beyond_bounds_is_refused_at_once(
    tmp_path: Path, read: Callable[[Path], object], text: str, said: str
) -> None:
    with pytest.raises(RegisterError, match=re.escape(said)):
        read(write(tmp_path, text))


def test_aliases_within_bounds_are_read(tmp_path: Path) -> None:
    assert len(read_yaml(write(tmp_path, bomb(4)))["a3"]) == 10


def test_bytes_of_another_encoding_name_their_line(tmp_path: Path) -> None:
    path = tmp_path / "some.yml"
    path.write_bytes("a: 1\nb: Тула\n".encode("cp1251"))
    with pytest.raises(RegisterError, match="line 2: byte 0xd2 is no UTF-8"):
        read_yaml(path)
