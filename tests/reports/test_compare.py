"""The net under changes: every cell, line and figure that differs is named, and nothing else."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from valley_analysis import cli
from valley_analysis.charts.record import FOLDER
from valley_analysis.errors import ReportError
from valley_analysis.reports.compare import compare_runs
from valley_analysis.reports.run import run_notebook

PAGE = """<html><head><title>t</title><style>p {{}}</style></head><body>
<h1>How many?</h1><p>There are <b>{count}</b>\n regions.</p>
<details class="code"><pre>x = {count}</pre></details>
<table><tr><th>region</th><th>score</th></tr><tr><td>Tula</td><td>{score}</td></tr></table>
<img alt="{alt}" src="data:image/png;base64,{count}"></body></html>"""


def run_of(folder: Path, score: str = "0.5", count: int = 83, alt: str = "map of scores") -> Path:
    """A published run in the small."""
    (folder / "data").mkdir(parents=True)
    (folder / "en").mkdir()
    (folder / "manifest.json").write_text(f'{{"id": "{folder.name}"}}', "utf-8")
    table = pd.DataFrame({"region": ["RU-TUL", "RU-KLU"], "score": [score, "0.1"]})
    table.to_csv(folder / "data" / "index.csv", index=False)
    with pd.ExcelWriter(folder / "data" / "index.xlsx") as book:
        table.to_excel(book, sheet_name="index", index=False)
        table.to_excel(book, sheet_name="notes", index=False)
    outline = {"type": "Point", "coordinates": [37, 54]}
    feature = {"type": "Feature", "properties": {"score": score}, "geometry": outline}
    features = {"type": "FeatureCollection", "features": [feature]}
    (folder / "data" / "regions.geojson").write_text(json.dumps(features), "utf-8")
    page = PAGE.format(count=count, score=score, alt=alt)
    (folder / "en" / "02_index.html").write_text(page, "utf-8")
    return folder


def test_runs_that_are_alike_do_not_differ(tmp_path):
    assert compare_runs(run_of(tmp_path / "a"), run_of(tmp_path / "b")).empty


def test_every_cell_that_differs_is_named_in_tables_sheets_features_and_pages(tmp_path):
    found = compare_runs(run_of(tmp_path / "a"), run_of(tmp_path / "b", score="0.6"))
    assert [tuple(row) for row in found.to_numpy()] == [
        ("data/index.csv", "line 2, score", "0.5", "0.6"),
        ("data/index.xlsx [index]", "line 2, score", "0.5", "0.6"),
        ("data/index.xlsx [notes]", "line 2, score", "0.5", "0.6"),
        ("data/regions.geojson", "line 2, score", "0.5", "0.6"),
        ("en/02_index.html", "line 4", "Tula | 0.5 |", "Tula | 0.6 |"),
    ]


def test_text_is_compared_as_it_reads_and_code_is_not(tmp_path):
    found = compare_runs(run_of(tmp_path / "a"), run_of(tmp_path / "b", count=82, alt="map"))
    assert found[["old", "new"]].to_numpy().tolist() == [
        ["There are 83 regions.", "There are 82 regions."],
        ["[map of scores]", "[map]"],
    ]


def test_rows_and_files_that_came_or_went_are_told(tmp_path):
    old, new = run_of(tmp_path / "a"), run_of(tmp_path / "b")
    (new / "data" / "index.csv").write_text("region,score\nRU-KLU,0.1\n", "utf-8")
    (old / "en" / "02_index.html").unlink()
    (new / "data" / "index.xlsx").unlink()
    found = compare_runs(old, new).set_index("file")
    assert found.loc["data/index.csv"].tolist() == ["line 2", "RU-TUL | 0.5", ""]
    assert found.loc["en/02_index.html"].tolist() == ["the whole", "", "there"]
    assert found.loc["data/index.xlsx [notes]"].tolist() == ["the whole", "there", ""]


def test_figures_are_compared_where_both_runs_recorded_them(tmp_path):
    old, new = run_of(tmp_path / "a"), run_of(tmp_path / "b")
    (new / "en" / "figures").mkdir()
    (new / "en" / "figures" / "01.csv").write_text("kind,x\nline,1\n", "utf-8")
    assert compare_runs(old, new).empty
    (old / "en" / "figures").mkdir()
    (old / "en" / "figures" / "01.csv").write_text("kind,x\nline,2\n", "utf-8")
    found = compare_runs(old, new).to_numpy().tolist()
    assert found == [["en/figures/01.csv", "line 2, x", "2", "1"]]


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(ReportError, match=r"nowhere is no published run.*Next step"):
        compare_runs(run_of(tmp_path / "a"), tmp_path / "nowhere")


@pytest.mark.parametrize(("score", "status"), [("0.5", 0), ("0.6", 1)])
def test_the_command_prints_and_ends_as_diff_does(tmp_path, monkeypatch, capsys, score, status):
    runs = [str(run_of(tmp_path / "a")), str(run_of(tmp_path / "b", score=score))]
    monkeypatch.setattr(sys, "argv", ["valley", "compare", *runs, "--details", "1"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert (left.value.code or 0) == status
    printed = capsys.readouterr().out
    assert ("    - 0.5\n    + 0.6" in printed) == bool(status)
    assert printed.endswith(f"{5 * status} differences in {5 * status} files\n")


@pytest.mark.slow
def test_a_run_records_the_figures_that_it_shows(write, tmp_path, monkeypatch):
    write(
        "01_small",
        "from valley_analysis.charts.style import house, new_figure\n"
        "with house():\n"
        "    fig = new_figure(3.0)\n"
        "    fig.subplots().plot([1, 2], [3, period])\n"
        "fig",
        "fig",
    )
    run_notebook("01", out=tmp_path / "plain" / "out.ipynb")
    assert not (tmp_path / "plain" / "figures").exists()
    monkeypatch.setenv(FOLDER, "each notebook's own")
    for _ in range(2):  # a second run replaces the records of the first
        run_notebook("01", out=tmp_path / "en" / "out.ipynb")
    records = sorted((tmp_path / "en" / "figures" / "01_small").iterdir())
    assert [path.name for path in records] == ["01.csv", "02.csv"]
    drawn = pd.read_csv(records[0]).query("kind == 'line'")
    assert drawn[["x", "y"]].to_numpy().tolist() == [[1, 3], [2, 2021]]
