"""Faults of every kind, injected into copies of real tables: refused, with file and row."""

import csv
import io
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from valley_analysis import paths
from valley_analysis.errors import MissingInputError, RawError, ValleyError
from valley_analysis.panel.figures import read_figures
from valley_analysis.sources.accept import accept
from valley_analysis.sources.icsid import load_fdi_shares
from valley_analysis.sources.monthly import load_monthly
from valley_analysis.sources.ofac import load_ofac
from valley_analysis.sources.published import PublishedTable, read_table
from valley_analysis.sources.sidecars import SUM, figures_checksum, read_pair, write_pair

NAME = "science-2025/researchers"
LOADERS = {
    "ofac/sdn-2025-11/entries_by_region": load_ofac,
    "icsid/v121/fdi_industry_shares": load_fdi_shares,
    "rosstat/monthly-806/wage": lambda raw: load_monthly("wage", raw),
}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A copy of one published table with its sidecar."""
    return copy_table(tmp_path)


def copy_table(folder: Path, name: str = f"rosstat/{NAME}") -> Path:
    target = folder / f"{name}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix in (".csv", ".yml"):
        shutil.copy((paths.raw() / f"{name}.csv").with_suffix(suffix), target.with_suffix(suffix))
    return target


def lines_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8"))))


def write_lines(path: Path, lines: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    path.write_text(out.getvalue(), "utf-8")


def set_cell(path: Path, label: str, heading: str, text: str) -> int:
    """Overwrite one figure as an editor would; return its row."""
    lines = lines_of(path)
    row = next(number for number, line in enumerate(lines) if line[0] == label)
    lines[row][lines[0].index(heading)] = text
    write_lines(path, lines)
    return row + 1


def set_sidecar(path: Path, **changes: object) -> None:
    about = yaml.safe_load(path.with_suffix(".yml").read_text("utf-8")) | changes
    path.with_suffix(".yml").write_text(yaml.safe_dump(about, allow_unicode=True), "utf-8")


def value(found: PublishedTable, label: str, heading: str) -> str:
    place = [column.heading for column in found.columns].index(heading)
    return next(row.texts[place] for row in found.rows if row.label == label)


@pytest.mark.parametrize("text", ["-3692", "36920", "3693", "0", "", "…", "-"])
def test_a_figure_that_was_changed_is_refused(table: Path, text: str) -> None:
    assert value(read_table(table), "Тульская область", "2021") == "3692"
    set_cell(table, "Тульская область", "2021", text)
    with pytest.raises(RawError, match=r"science-2025/researchers\.csv: 1 problem\n.*not those"):
        read_table(table)


@pytest.mark.parametrize(
    "text",
    ["inf", "-inf", "nan", "NaN", "1e999", "1_000", "0x10", "3 692", "3692 чел.", "３６９２"],
)
def test_what_is_no_figure_is_named_by_row_and_heading(table: Path, text: str) -> None:
    row = set_cell(table, "Тульская область", "2021", text)
    with pytest.raises(RawError) as caught:
        read_table(table)
    (problem,) = caught.value.problems
    assert problem == f"row {row}, 2021: {text!r}; expected a number, a dash, … or nothing"


def test_cells_are_read_by_their_heading(table: Path) -> None:
    """The first and the last column change places together with their headings."""
    before = read_table(table)
    lines = [[line[0], line[-1], *line[2:-1], line[1]] for line in lines_of(table)]
    write_lines(table, lines)
    assert read_table(table) == before
    assert read_figures_of(table).equals(read_figures_of(copy_table(table.parents[2] / "other")))


def read_figures_of(path: Path) -> object:
    from valley_analysis.panel.figures import _long
    from valley_analysis.panel.series import find_series

    return _long(read_table(path), find_series("researchers"), NAME)


def test_headings_that_change_places_without_their_figures_are_refused(table: Path) -> None:
    lines = lines_of(table)
    lines[0][1], lines[0][-1] = lines[0][-1], lines[0][1]
    write_lines(table, lines)
    with pytest.raises(RawError, match="not those that were extracted"):
        read_table(table)


def test_quoting_ends_of_lines_and_a_mark_of_order_are_no_change(table: Path) -> None:
    before = read_table(table)
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(lines_of(table))
    table.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())
    assert read_table(table) == before


def test_every_problem_of_a_file_is_said_at_once(table: Path) -> None:
    lines = lines_of(table)
    lines[0][3] = "1066"
    lines[4][2], lines[5][2] = "inf", "many"
    write_lines(table, lines)
    with pytest.raises(RawError) as caught:
        read_table(table)
    assert [problem.partition(";")[0] for problem in caught.value.problems] == [
        "row 1: no column '2016', which the sidecar lists",
        "row 1: column '1066' is not in the sidecar",
        "row 5, 2015: 'inf'",
        "row 6, 2015: 'many'",
    ]


DAMAGE = {
    "truncated in a line": lambda b: b[: len(b) // 2],
    "truncated at a line": lambda b: b[: b.rindex(b"\n", 0, len(b) // 2) + 1],
    "empty": lambda b: b"",
    "a blank line": lambda b: b.replace(b"\n", b"\n\n", 1),
    "heading only": lambda b: b[: b.index(b"\n") + 1],
    "a row too short": lambda b: b[: b.rstrip().rindex(b",")] + b"\n",
    "a row too long": lambda b: b.rstrip() + b",7\n",
    "an extra column": lambda b: b.replace(b"\n", b",1\n").replace(b",1\n", b",2099\n", 1),
    "a column less": lambda b: b"\n".join(x.rpartition(b",")[0] for x in b.splitlines()),
    "a heading twice": lambda b: b.partition(b",")[0] + b"," + b,
    "a heading renamed": lambda b: b.replace(b",", b",x", 1),
    "cp1251": lambda b: ("Я" + b.decode().replace("…", "-")).encode("cp1251"),
    "utf-16": lambda b: b.decode().encode("utf-16"),
    "semicolons": lambda b: b.replace(b",", b";"),
    "an open quote": lambda b: b.replace(b"\n", b'\n"', 1),
    "a zero byte": lambda b: b[:900] + b"\0" + b[900:],
    "another binary": lambda b: b"PK\x03\x04" + b[:50],
    "rows exchanged": lambda b: b"\n".join([*b.splitlines()[:3], *reversed(b.splitlines()[3:])]),
    "too long": lambda b: b + b"," * 20_000_000,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("name", [f"rosstat/{NAME}", *LOADERS])
def test_a_damaged_table_is_one_error_with_its_file(tmp_path: Path, name: str, damage) -> None:
    path = copy_table(tmp_path, name)
    path.write_bytes(damage(path.read_bytes()))
    reader = LOADERS.get(name)
    with pytest.raises(RawError, match=rf"^{path.parent.name}/{path.name}: [\s\S]*valley extract"):
        read_table(path) if reader is None else reader(tmp_path)


SIDECARS = {
    "empty": b"",
    "a list": b"- 1\n- 2\n",
    "a word": b"hello",
    "no YAML": b"a: [1\nb: {",
    "cp1251": "title: Наука\n".encode("cp1251"),
    "a key twice": b"table: a\ntable: b\n",
    "a date that is none": b"on: 2025-02-30\n",
    "a tag": b"!!python/object/apply:os.system [ls]\n",
    "too long": b"# " + b"x" * 1_000_000,
}


@pytest.mark.parametrize("content", SIDECARS.values(), ids=SIDECARS)
@pytest.mark.parametrize("name", [f"rosstat/{NAME}", *LOADERS])
def test_a_damaged_sidecar_is_one_error_with_its_file(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = copy_table(tmp_path, name)
    path.with_suffix(".yml").write_bytes(content)
    reader = LOADERS.get(name)
    with pytest.raises(RawError, match=path.with_suffix(".yml").name):
        read_table(path) if reader is None else reader(tmp_path)


@pytest.mark.parametrize(
    ("key", "found", "problem"),
    [
        ("rows", "1-999999999", "rows: String should match"),
        ("rows", "1-9999999", r"sidecar lists 9,999,999 \(rows: 1-9999999\)"),
        ("rows", "8-102", "96 rows of figures; the sidecar lists 95"),
        ("rows", "103-8", "sidecar lists 0"),
        ("rows", "all", "rows: String should match"),
        ("rows", 8, "rows: Input should be a valid string"),
        ("columns", "M 2010", "columns: Input should be a valid tuple"),
        ("columns", [], "columns: Tuple should have at least 1 item"),
        ("columns", ["M 2010", "year 2015"], r"columns\.1: String should match"),
        ("columns", ["M 2010", "N 2010"], "lists column '2010' twice"),
        ("vintage", "2025", "vintage: String should match"),
        ("vintage", "2025-13", "vintage: String should match"),
        ("table", "rd-staff", "the sidecar is that of table 'rd-staff'; expected 'researchers'"),
        ("release", "yearbook-2023", "the sidecar is that of release 'yearbook-2023'"),
        ("marks", {"4": ["M1"]}, "marks.4: Input should be a valid string"),
        ("row_marks", {"a": "1"}, "row_marks.a"),
        ("marks", {"4": "M9"}, "not those that were extracted"),
        ("vintage", "2025-09", "not those that were extracted"),
        (SUM, None, f"has no {SUM}"),
        (SUM, "0" * 64, "expected 000000000000…"),
    ],
)
def test_what_a_sidecar_says_is_checked(table: Path, key: str, found, problem: str) -> None:
    set_sidecar(table, **{key: found})
    with pytest.raises(RawError, match=problem):
        read_table(table)


def test_all_files_of_data_raw_are_told_together(tmp_path: Path) -> None:
    shutil.copytree(paths.raw() / "rosstat", tmp_path / "rosstat")
    set_cell(
        tmp_path / "rosstat" / "science-2025" / "researchers.csv", "Тульская область", "2021", "inf"
    )
    (tmp_path / "rosstat" / "yearbook-2023" / "18.1.yml").write_bytes(b"")
    with pytest.raises(RawError) as caught:
        read_figures(tmp_path)
    assert [problem.partition(",")[0] for problem in caught.value.problems] == [
        "yearbook-2023/18.1.csv",
        "science-2025/researchers.csv",
    ]


def test_a_reviewed_edit_is_accepted_with_its_reason(table: Path) -> None:
    set_cell(table, "Тульская область", "2021", "3693")
    found = accept(table.with_suffix(".yml"), " printed so in the erratum ", date(2026, 1, 2))
    assert value(read_table(table), "Тульская область", "2021") == "3693"
    about = yaml.safe_load(table.with_suffix(".yml").read_text("utf-8"))
    assert about["accepted"] == [{"on": "2026-01-02", "reason": "printed so in the erratum"}]
    assert about[SUM] == found
    again = table.with_suffix(".yml").read_bytes()
    accept(table, "nothing new", date(2026, 1, 3))
    assert table.with_suffix(".yml").read_bytes() == again
    set_cell(table, "Тульская область", "2021", "3692")
    with pytest.raises(RawError):
        read_table(table)


def test_what_is_wrong_is_not_accepted(table: Path, tmp_path: Path) -> None:
    row = set_cell(table, "Тульская область", "2021", "inf")
    before = table.with_suffix(".yml").read_bytes()
    with pytest.raises(RawError, match=f"row {row}, 2021: 'inf'"):
        accept(table, "why not", date(2026, 1, 2))
    with pytest.raises(RawError, match="no reason"):
        accept(table, "  ", date(2026, 1, 2))
    assert table.with_suffix(".yml").read_bytes() == before
    with pytest.raises(MissingInputError):
        accept(tmp_path / "none.csv", "why", date(2026, 1, 2))


@pytest.mark.parametrize(
    ("name", "label", "heading", "text", "problem"),
    [
        ("ofac/sdn-2025-11/entries_by_region", "RU-AD", "entries", "-2", "whole number from 0"),
        ("ofac/sdn-2025-11/entries_by_region", "RU-AD", "entries", "2.5", "whole number from 0"),
        ("icsid/v121/fdi_industry_shares", "Белгородская область", "d", "1.2", "from -0.05 to 1"),
        ("icsid/v121/fdi_industry_shares", "Белгородская область", "d", "inf", "from -0.05 to 1"),
        ("rosstat/monthly-806/wage", "Тульская область", "2009-01", "-1", "a number from 0 to inf"),
        (
            "rosstat/monthly-806/wage",
            "Тульская область",
            "2009-01",
            "nan",
            "a number from 0 to inf",
        ),
    ],
)
def test_an_accepted_edit_must_still_be_possible(
    tmp_path: Path, name: str, label: str, heading: str, text: str, problem: str
) -> None:
    path = copy_table(tmp_path, name)
    row = set_cell(path, label, heading, text)
    accept(path, "a test", date(2026, 1, 2))
    with pytest.raises(
        RawError, match=rf"row {row}, {heading} reads '{text}'; expected .*{problem}"
    ):
        LOADERS[name](tmp_path)


@settings(max_examples=60)
@given(st.binary(max_size=300), st.integers(0, 5000), st.sampled_from([".csv", ".yml"]))
def test_bytes_written_into_a_file_are_refused_or_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, suffix: str
) -> None:
    path = copy_table(tmp_path_factory.mktemp("noise"))
    before = read_table(path)
    target = path.with_suffix(suffix)
    held = target.read_bytes()
    target.write_bytes(held[:at] + noise + held[at + len(noise) :])
    try:
        assert read_table(path) == before
    except ValleyError as error:
        assert str(error).startswith("science-2025/researchers.csv")


@given(st.permutations(["label", "2020", "2021", "2022"]), st.integers(1, 9))
def test_the_checksum_knows_headings_and_no_order(order: list[str], other: int) -> None:
    cells = {"label": "Tula", "2020": "1", "2021": "2", "2022": "3"}
    found = figures_checksum({"unit": "1"}, order, [[cells[name] for name in order]])
    assert found == figures_checksum({"unit": "1"}, list(cells), [list(cells.values())])
    changed = {**cells, "2022": str(other)}
    same = found == figures_checksum({"unit": "1"}, order, [[changed[name] for name in order]])
    assert same == (other == 3)


def test_a_pair_reads_back(tmp_path: Path) -> None:
    path = write_pair(tmp_path / "a" / "b.csv", [["label", "x"], ["Т, у", 1.5]], {"unit": "1"})
    pair = read_pair(path, columns=["x"])
    assert (pair.head, pair.lines) == (("label", "x"), (("Т, у", "1.5"),))
    with pytest.raises(RawError, match="row 1: no column 'y'"):
        read_pair(path, columns=["y"])


def test_every_sidecar_in_git_holds_the_checksum_of_its_figures() -> None:
    tables = sorted(paths.raw().rglob("*.csv"))
    assert len(tables) == 126
    for path in tables:
        assert len(read_pair(path).about[SUM]) == 64
