"""Extraction: byte for byte from the originals, all problems at once, nothing half-written."""

import filecmp

import pytest

from valley_analysis import paths
from valley_analysis.errors import LayoutError, MissingInputError, OriginalsError, RegisterError
from valley_analysis.sources import extract as module
from valley_analysis.sources.extract import extract
from valley_analysis.sources.published import read_table
from valley_analysis.sources.sheets import open_workbook
from valley_analysis.sources.survey import read_any
from valley_analysis.sources.tables import Release, load_tables


@pytest.mark.shared
def test_the_figures_in_git_are_those_of_the_originals(shared, tmp_path):
    written = extract(shared / "data", tmp_path)
    assert len(written) == sum(len(b.tables) for r in load_tables() for b in r.workbooks)
    for path in written:
        for suffix in (".csv", ".yml"):
            ours = paths.raw() / path.relative_to(tmp_path).with_suffix(suffix)
            assert filecmp.cmp(ours, path.with_suffix(suffix), shallow=False), ours.name


@pytest.mark.shared
@pytest.mark.slow
def test_every_sheet_of_both_releases_reads_or_is_known_not_to(shared):
    failed, count = {}, 0
    for folder in ("rosstat-regions-2023", "rosstat-science-2025"):
        for path in sorted((shared / "data" / folder).glob("*.xls*")):
            book = open_workbook(path)
            for name in book.sheet_names:
                count += 1
                grid = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                try:
                    read_any(grid, name)
                except LayoutError as error:
                    failed[f"{path.stem[:9]}/{name}"] = error.problems[0]
    assert count == 539
    contents = {key for key in failed if "Раздел" in key.split("/")[1] or "Содерж" in key}
    assert set(failed) - contents == {
        "Ответстве/Ответственные",
        "Раздел 3 /3.18.",  # a stray letter in F78
        "Раздел 7 /7.1.1.",  # empty
        "nauka_2/3",  # years run down the page
        "nauka_2/4",
        "nauka_3/1",
    }


def test_a_figure_traces_to_its_cell():
    table = read_table(paths.raw() / "rosstat" / "yearbook-2023" / "18.12.1.csv")
    column = next(c for c in table.columns if c.heading == "2017:oslo4")
    row = next(r for r in table.rows if r.label == "Российская Федерация")
    assert (column.letter, row.number) == ("N", 9)
    assert row.texts[table.columns.index(column)] == "14.605187775341275"


def test_absent_and_ambiguous_workbooks_are_named_together(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "nauka_2.xls").write_bytes(b"x")
    with pytest.raises(OriginalsError) as caught:
        extract(tmp_path, tmp_path / "raw", only="science-2025")
    message = str(caught.value)
    assert "nauka_2.xls is there 2 times: a, b" in message
    assert "nauka_3.xls is absent" in message
    assert not (tmp_path / "raw").exists()


def test_an_unknown_release_is_refused(tmp_path):
    with pytest.raises(MissingInputError, match="yearbook-2023, science-2025"):
        extract(tmp_path, tmp_path, only="yearbook-1999")


def test_a_workbook_that_is_none_says_so(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"not a workbook")
    with pytest.raises(LayoutError, match="not a workbook"):
        open_workbook(path)


@pytest.mark.shared
def test_a_changed_layout_leaves_the_good_figures_in_place(shared, tmp_path, monkeypatch):
    (release,) = (r for r in load_tables() if r.release == "science-2025")
    content = release.model_dump()
    content["workbooks"][0]["tables"][0]["years"] = "2010-2024"
    content["workbooks"][0]["tables"][1]["sheet"] = "17"
    changed = Release.model_validate(content)
    good = tmp_path / changed.folder / "rd-staff.csv"
    good.parent.mkdir(parents=True)
    good.write_text("good")
    monkeypatch.setattr(module, "load_tables", lambda: (changed,))
    with pytest.raises(LayoutError) as caught:
        extract(shared / "data", tmp_path)
    assert len(caught.value.problems) == 2
    assert good.read_text() == "good"


def test_the_register_of_tables_names_wrong_keys(tmp_path):
    path = tmp_path / "tables.yml"
    path.write_text("- {release: r, publisher: p, workbooks: [{file: f, tables: [{id: 1}]}]}")
    with pytest.raises(RegisterError) as caught:
        load_tables(path)
    assert len(caught.value.problems) > 3
