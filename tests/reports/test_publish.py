"""Publishing: a good run replaces the last one at once; a bad one changes nothing."""

import hashlib
import json
import os
import re
import subprocess
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from valley_analysis.errors import (
    ChangedNotebooksError,
    QualityError,
    RegisterError,
    ReportError,
    UnknownNotebookError,
    UnknownParameterError,
    WriteError,
)
from valley_analysis.reports import build, shelf
from valley_analysis.reports import publish as module
from valley_analysis.reports.build import build_data
from valley_analysis.reports.exports import write_csv
from valley_analysis.reports.plan import plan
from valley_analysis.reports.publish import publish
from valley_analysis.reports.resources import external_resources
from valley_analysis.reports.results import index_table

pytestmark = pytest.mark.slow


def latest(project):
    return str((project / "reports" / "latest").readlink())


@pytest.fixture
def quick(monkeypatch, results):
    """Notebooks are copied instead of executed; results are at hand, and one file is written."""
    import nbformat

    def copy(job, out, *, progress, cell_timeout):
        notebook = nbformat.read(job.path, as_version=4)
        notebook.metadata["valley"] = {"parameters": job.values}
        nbformat.write(notebook, out)
        return out

    def export(results, folder):
        return [write_csv(index_table(results.edition), folder / "regional_index.csv")]

    monkeypatch.setattr(module, "execute", copy)
    monkeypatch.setattr(module, "compute_results", lambda *_, **__: results)
    monkeypatch.setattr(module, "export_results", export)


@pytest.mark.slow
def test_a_report_in_both_languages(write, with_data):
    write("01_small", "print(lang, period)")
    write("02_other", "from valley_analysis import indicators", "len(indicators.load_indicators())")
    told = []
    folder = publish({"period": "2022"}, progress=told.append)
    assert latest(with_data) == f"runs/{folder.name}"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {
        *(f"{lang}/{stem}{end}" for lang in ("en", "ru") for stem in ("01_small", "02_other")
          for end in (".html", ".ipynb")),
        *(f"data/regional_index{end}" for end in (".csv", "_editions.csv", ".xlsx")),
        *(f"data/valley_{name}.csv" for name in ("steps", "claims", "promises")),
        *("data/sanctions_measures.csv", "data/registers.xlsx"),
        *("data/regions.geojson", "index.html", "index.ru.html", "manifest.json", "run.log"),
    }  # fmt: skip
    for path in folder.rglob("*.html"):
        text = path.read_text("utf-8")
        assert external_resources(text) == []
        for href in re.findall(r'<a [^>]*href="([^"#]+)', text):
            assert "://" in href or (path.parent / href).exists(), f"{path.name}: {href}"
    index = (folder / "index.ru.html").read_text("utf-8")
    assert "Тетрадь 01_small" in index
    assert "Показывает, <em>что</em> есть." in index
    assert "выпуск 2022 · предварительный" in index
    assert "ru 2022" in (folder / "ru" / "01_small.html").read_text("utf-8")
    table = pd.read_csv(folder / "data" / "regional_index.csv")
    assert table["period"].eq(2022).all()
    first = table.head(10)
    printed = re.findall(r"<tr><td>(\d+)</td><td>(\d+)(?:–(\d+))?</td>", index)
    ranges = [(int(rank), int(low), int(high or low)) for rank, low, high in printed]
    wanted = first[["rank", "rank_low", "rank_high"]].astype(int).itertuples(index=False, name=None)
    assert ranges == list(wanted)
    assert any(line.startswith("02_other [ru]: done in") for line in told)
    assert "02_other [ru]: done in" in (folder / "run.log").read_text("utf-8")


def test_the_manifest_says_what_went_in_and_came_out(write, with_data, quick):
    write("01_small")
    folder = publish({"scope": "rosstat"})
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["id"] == folder.name
    assert manifest["parameters"] == {
        "period": 2021,
        "scope": "rosstat",
        "spec": "regional_innovation",
        "as_of": "2026-11-25",
    }
    assert {"pandas", "papermill", "valley_analysis"} <= manifest["packages"].keys()
    assert manifest["inputs"].keys() >= {"data/raw/rosstat/yearbook-2023/18.8.4.csv"}
    assert manifest["notebooks"].keys() == {"notebooks/01_small.ipynb", "ru/01_small.yml"}
    for name, checksum in manifest["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert manifest["outputs"].keys() == found - {"manifest.json", "run.log"}


def test_one_language_alone_has_the_index(write, with_data, quick):
    write("01_small")
    folder = publish(langs=["ru"])
    assert not (folder / "en").exists()
    assert not (folder / "index.ru.html").exists()
    assert '<html lang="ru">' in (folder / "index.html").read_text("utf-8")


@pytest.mark.slow
def test_a_failing_notebook_leaves_the_last_report(write, with_data):
    write("01_small", "1")
    publish(langs=["en"])
    before = latest(with_data)
    write("02_bad", "raise ValueError('no such figure')")
    with pytest.raises(ReportError, match=r"02_bad\.ipynb .* failed in cell code-0") as error:
        publish(langs=["en"])
    assert latest(with_data) == before
    (failed,) = (with_data / "reports" / "runs").glob("*.failed")
    assert str(failed) in "".join(error.value.__notes__)
    (left,) = re.findall(r"partly executed: (.*)", str(error.value))
    assert Path(left).is_file(), "the message should name a file that is there"
    log = (failed / "run.log").read_text("utf-8")
    assert "01_small [en]: done" in log
    assert "no such figure" in log
    assert (failed / "en" / "02_bad.failed.ipynb").is_file()


FAULTS = [
    "export_results",
    "export_registers",
    "render_notebook",
    "write_contents",
    "write_manifest",
    "compute_results",
]


@pytest.mark.parametrize("place", FAULTS)
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_crash_anywhere_leaves_the_last_report(
    write, with_data, quick, monkeypatch, place, error
):
    write("01_small")
    publish(langs=["en"])
    before = latest(with_data)

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(module, place, fail)
    with pytest.raises((WriteError, KeyboardInterrupt)) as raised:
        publish(langs=["en"])
    note = raised.value.__notes__[-1]
    assert f"leads to run {before.removeprefix('runs/')} as before; what there is of this" in note
    assert Path(note.rpartition(" lies in ")[2].rstrip(".")).is_dir()
    assert latest(with_data) == before
    assert (with_data / "reports" / "latest" / "index.html").is_file()
    assert len(list((with_data / "reports" / "runs").glob("*.failed"))) == 1
    assert not list((with_data / "reports" / "runs").glob(".*"))


def test_a_crash_before_the_swap_leaves_the_last_report(write, with_data, quick, monkeypatch):
    write("01_small")
    publish(langs=["en"])
    before = latest(with_data)

    def fail(*_, **__):
        raise OSError("no links here")

    monkeypatch.setattr("pathlib.Path.symlink_to", fail)
    with pytest.raises(WriteError, match=r"no links here; .* as before\. Next step"):
        publish(langs=["en"])
    assert latest(with_data) == before


def test_what_a_killed_run_left_behind_is_kept_as_failed(write, with_data, quick):
    write("01_small")
    left = with_data / "reports" / "runs" / ".20250101T000000Z-abcdef.partial"
    left.mkdir(parents=True)
    (left / "run.log").write_text("killed", "utf-8")
    publish(langs=["en"])
    failed = with_data / "reports" / "runs" / "20250101T000000Z-abcdef.failed"
    assert (failed / "run.log").read_text("utf-8") == "killed"


def test_a_second_run_at_the_same_time_is_refused(write, with_data, quick):
    write("01_small")
    with (
        shelf.only_one(with_data / "reports"),
        pytest.raises(ReportError, match=f"a report is being made by process {os.getpid()}"),
    ):
        publish(langs=["en"])
    publish(langs=["en"])


def test_old_runs_are_removed_but_never_the_latest_or_strangers(write, with_data, quick):
    write("01_small")
    runs = with_data / "reports" / "runs"
    for number in range(4):
        (runs / f"2025010{number}T000000Z-abcdef").mkdir(parents=True)
        (runs / f"2025010{number}T000000Z-abcdef.failed").mkdir()
    (runs / "my notes").mkdir()
    folder = publish(langs=["en"], keep=3)
    assert {path.name for path in runs.iterdir()} == {
        "my notes",
        folder.name,
        *(f"2025010{number}T000000Z-abcdef" for number in (2, 3)),
        *(f"2025010{number}T000000Z-abcdef.failed" for number in (1, 2, 3)),
    }
    assert shelf.prune(with_data / "reports", 0)
    assert folder.is_dir()


def test_failed_runs_do_not_pile_up(write, with_data, quick, monkeypatch):
    write("01_small")
    publish(langs=["en"])
    before = latest(with_data)

    def fail(*_, **__):
        raise ReportError("no such figure")

    monkeypatch.setattr(module, "export_results", fail)
    for _ in range(4):
        with pytest.raises(ReportError):
            publish(langs=["en"], keep=2)
    assert len(list((with_data / "reports" / "runs").glob("*.failed"))) == 2
    assert latest(with_data) == before


@pytest.fixture
def whole(write, with_data, quick):
    """A whole report of two notebooks in both languages."""
    write("01_small")
    write("02_other", parameters="period = 2021  # a\nown = 1  # b")
    return publish()


def stamped(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_part_renews_its_pages_in_a_copy_of_the_whole(write, with_data, whole):
    before = stamped(whole)
    write("02_other", "print('new')", parameters="period = 2021  # a\nown = 1  # b")
    folder = publish({"own": 2}, notebooks=["02"])
    assert latest(with_data) == f"runs/{folder.name}"
    assert stamped(whole) == before
    after = stamped(folder)
    assert after.keys() == before.keys()
    changed = {name for name in after if after[name] != before[name]}
    pages = {f"{lang}/02_other.{end}" for lang in ("en", "ru") for end in ("html", "ipynb")}
    assert changed - {"run.log"} == {*pages, "manifest.json"}
    manifest = json.loads(after["manifest.json"])
    assert (manifest["made"], manifest["renewed"]) == ("renewed", ["02_other"])
    assert manifest["base"]["id"] == whole.name
    assert manifest["langs"] == ["en", "ru"]
    assert manifest["parameters"]["own"] == 2
    for name, checksum in manifest["outputs"].items():
        assert hashlib.sha256(after[name]).hexdigest() == checksum
    assert 'href="../ru/02_other.html"' in after["en/02_other.html"].decode()
    assert 'href="../index.ru.html"' in after["ru/02_other.html"].decode()


def test_one_language_may_be_renewed_alone(write, with_data, whole):
    write("02_other", "print('new')", parameters="period = 2021  # a\nown = 1  # b")
    folder = publish(langs=["ru"], notebooks=["02"])
    before, after = stamped(whole), stamped(folder)
    assert after["en/02_other.html"] == before["en/02_other.html"]
    page = after["ru/02_other.html"].decode()
    assert 'href="../index.ru.html"' in page
    assert 'href="../en/02_other.html"' in page


def test_a_part_is_given_what_the_whole_was_given(write, with_data, quick):
    import nbformat

    write("01_small")
    write("02_other", parameters="period = 2021  # a\nown = 1  # b")
    publish({"period": 2019, "own": 5})
    folder = publish(notebooks=["02"])
    made = nbformat.read(folder / "en" / "02_other.ipynb", as_version=4)
    values = made.metadata["valley"]["parameters"]
    assert (values["period"], values["own"]) == (2019, 5)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"period": 2019}, "period is 2019, in the whole report 2021"),
        ({"scope": "recognised", "seed": 3}, "seed is given to a part"),
    ],
)
def test_a_part_that_does_not_fit_is_made_apart(write, with_data, quick, given, told):
    parameters = "period = 2021  # a\nscope = 'recognised'  # b\nseed = 1  # c"
    write("01_small", parameters=parameters)
    write("02_other", parameters=parameters)
    publish()
    before, said = latest(with_data), []
    folder = publish(given, notebooks=["02"], progress=said.append)
    assert latest(with_data) == before
    assert (folder / "index.html").is_file()
    assert not list(folder.glob("*/01_small.html"))
    assert any(told in line for line in said), said


def test_parts_never_remove_the_whole(write, with_data, whole):
    for _ in range(4):
        publish(notebooks=["01"], keep=2)
    assert (whole / "en" / "02_other.html").is_file()
    latest_run = with_data / "reports" / "latest"
    assert (latest_run / "en" / "02_other.html").is_file()
    assert len(list((with_data / "reports" / "runs").iterdir())) == 3


def test_exports_take_the_replications_of_the_pages(write, with_data, quick, monkeypatch, results):
    parameters = "period = 2021  # a\nspec = 'regional_innovation'  # b\n"
    parameters += "replications = 9000  # c\nseed = 7  # d"
    write("02_index", parameters=parameters)
    asked = []

    def compute(*_, **settings):
        asked.append(settings)
        return results

    monkeypatch.setattr(module, "compute_results", compute)
    publish(langs=["en"])
    publish({"replications": 2000, "seed": 5}, langs=["en"])
    told = [(one["replications"], one["seed"]) for one in asked]
    assert told == [(9000, 7), (2000, 5)]


def test_the_first_page_says_how_many_replications_there_were(write, with_data, quick, results):
    write("01_small")
    page = (publish(langs=["en"]) / "index.html").read_text("utf-8")
    assert results.uncertainty.plan.replications == 10_000
    assert "10,000" in page


def test_a_folder_that_cannot_be_written_is_one_sentence(write, with_data, quick):
    write("01_small")
    (with_data / "reports").write_text("a file", "utf-8")
    with pytest.raises(WriteError) as error:
        publish(langs=["en"])
    assert str(error.value).count("\n") == 0
    assert "could not be written: File exists; no report was published before." in str(error.value)


def git(folder, *arguments):
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(
        ["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, timeout=30
    )


def test_notebooks_that_are_not_committed_are_refused(write, with_data, quick):
    path = write("01_small")
    git(with_data, "init", "-q")
    git(with_data, "add", "notebooks", "pyproject.toml")
    git(with_data, "commit", "-q", "-m", "all")
    publish(langs=["en"])
    before = latest(with_data)
    path.write_text(path.read_text("utf-8").replace("2021", "2020"), "utf-8")
    with pytest.raises(ChangedNotebooksError, match=r"notebooks/01_small.ipynb differs from"):
        publish(langs=["en"])
    assert latest(with_data) == before
    told = []
    publish(langs=["en"], allow_changed=True, progress=told.append)
    assert told[0] == "notebooks: notebooks/01_small.ipynb differs from the last commit"
    assert latest(with_data) != before


def test_notebooks_that_do_not_agree_are_refused(write, with_data, quick):
    write("01_small", parameters="period = 2021  # a")
    write("02_other", parameters="period = 2019  # a")
    said = r"period is 2019 in 02_other; 2021 in 01_small"
    for chosen in (None, ["01"]):
        with pytest.raises(ChangedNotebooksError, match=said):
            publish(langs=["en"], notebooks=chosen)
    assert not (with_data / "reports").exists()
    publish({"period": 2020}, langs=["en"])


def test_two_runs_in_one_second_have_different_names(tmp_path):
    first, _ = shelf.new_folder(tmp_path, "20250101T000000Z-abcdef")
    shelf.publish_folder(tmp_path, first, tmp_path / "runs" / f".{first}.partial")
    second, _ = shelf.new_folder(tmp_path, "20250101T000000Z-abcdef")
    assert (first, second) == ("20250101T000000Z-abcdef", "20250101T000000Z-abcdef-2")


def test_a_latest_that_is_no_link_is_not_touched(write, with_data, quick):
    write("01_small")
    (with_data / "reports" / "latest").mkdir(parents=True)
    (with_data / "reports" / "latest" / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(ReportError, match="is not a link"):
        publish(langs=["en"])
    assert (with_data / "reports" / "latest" / "mine.txt").is_file()


@pytest.mark.slow
def test_an_interrupt_stops_the_kernels_at_once(write, with_data, monkeypatch):
    write("01_small", "import time\ntime.sleep(120)")

    def interrupt(*_, **__):
        time.sleep(2)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "compute_results", interrupt)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        publish()
    assert time.monotonic() - began < 30
    assert not [one for one in threading.enumerate() if one.name.startswith("notebook")]


def test_parameters_are_checked_for_the_report_as_a_whole(write, with_data):
    write("01_small")
    write("02_other", parameters="period = 2020  # a\nseed = 1  # b")
    planned = plan({"period": "2019", "seed": "7"})
    assert planned.values == {
        "period": 2019,
        "scope": "recognised",
        "spec": "regional_innovation",
        "as_of": "2026-11-25",
        "seed": 7,
    }
    assert [(job.name, job.lang, job.given) for job in planned.jobs][2:] == [
        ("02_other", "en", {"period": 2019, "seed": 7}),
        ("02_other", "ru", {"period": 2019, "seed": 7}),
    ]
    with pytest.raises(UnknownParameterError) as error:
        publish({"perod": "2019", "scope": "all", "seed": "x"})
    assert len(error.value.problems) == 3
    with pytest.raises(UnknownParameterError, match="--lang"):
        publish({"lang": "ru"})
    assert not (with_data / "reports").exists()


def test_nothing_begins_with_a_stale_translation_or_without_notebooks(write, with_data):
    with pytest.raises(UnknownNotebookError, match="no notebook in notebooks"):
        publish()
    path = write("01_small")
    (path.parent / "ru" / "01_small.yml").unlink()
    with pytest.raises(RegisterError, match="no Russian text"):
        publish()
    assert not (with_data / "reports").exists()


@pytest.mark.slow
def test_data_are_built_when_and_only_when_something_changed(with_data, monkeypatch):
    # The package itself may be under somebody's hands while the tests run.
    code = {"panel/build.py": "1"}
    monkeypatch.setattr(build, "_code", lambda: code)
    processed = with_data / "data" / "processed"
    build_data()
    assert build_data().rebuilt is False
    for path in processed.iterdir():
        os.utime(path, (1, 1))
    assert build_data().rebuilt is False, "times of files are not looked at"
    (processed / "indicators.parquet").write_bytes(b"")
    assert build_data().reason == "indicators.parquet is absent or not what was built"
    state = json.loads((processed / "build.json").read_text("utf-8"))
    state["inputs"]["data/raw/rosstat/yearbook-2023/18.8.4.csv"] = "0"
    (processed / "build.json").write_text(json.dumps(state), "utf-8")
    assert build_data().reason == "data/raw/rosstat/yearbook-2023/18.8.4.csv changed"
    monkeypatch.setattr(build, "_code", lambda: {"panel/build.py": "2"})
    assert build_data().reason == "panel/build.py changed"
    assert build_data().rebuilt is False


@pytest.mark.slow
def test_a_panel_that_fails_its_checks_replaces_nothing(write, with_data, monkeypatch):
    from valley_analysis import panel

    write("01_small")
    processed = with_data / "data" / "processed"
    before = {path.name: path.read_bytes() for path in processed.iterdir()}
    build_panel = panel.build_panel

    def wrong():
        frame = build_panel()
        chosen = (frame["series"] == "organisations") & (frame["region"] == "RU-TUL")
        return frame.assign(value=frame["value"].mask(chosen, frame["value"] + 1000))

    monkeypatch.setattr(panel, "build_panel", wrong)
    with pytest.raises(QualityError, match="parts sum to published totals"):
        build_data(force=True)
    assert {path.name: path.read_bytes() for path in processed.iterdir()} == before
