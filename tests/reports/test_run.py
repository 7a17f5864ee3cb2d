"""Notebooks run in real kernels: they succeed, fail, hang and die, and leave nothing behind."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest

from valley_analysis.errors import (
    RegisterError,
    ReportError,
    UnknownNotebookError,
    UnknownParameterError,
    WriteError,
)
from valley_analysis.reports import run as module
from valley_analysis.reports.place import clear_left, workplace
from valley_analysis.reports.run import find_notebook, run_notebook


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    """Whatever a run leaves in the folder of temporary files is seen, and nobody else's."""
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


def texts(path):
    notebook = nbformat.read(path, as_version=4)
    printed = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return [output.get("text") for output in printed]


@pytest.mark.slow
def test_parameters_reach_the_kernel_and_figures_come_out(write, project, monkeypatch, capfd):
    monkeypatch.setenv("MPLBACKEND", "agg")
    path = write(
        "01_small",
        "import os\nprint(period, type(period).__name__, lang)",
        "print(os.environ['VALLEY_ROOT'], os.environ.get('MPLBACKEND'), os.listdir())",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    )
    before, told = path.read_bytes(), []
    out = run_notebook("01", {"period": "2020"}, progress=told.append)
    assert out == project / "reports" / "single" / "01_small-en.ipynb"
    notebook = nbformat.read(out, as_version=4)
    nbformat.validate(notebook)
    printed = [o for cell in notebook.cells for o in cell.get("outputs", ())]
    assert printed[0].text == "2020 int en\n"
    assert printed[1].text.startswith(f"{project.resolve()} module://matplotlib_inline")
    assert printed[1].text.endswith("[]\n"), "the kernel's working folder should be empty"
    assert "image/png" in printed[2].data
    assert notebook.metadata["valley"]["parameters"]["period"] == 2020
    assert "papermill" not in notebook.metadata
    assert path.read_bytes() == before
    assert [line.split(":")[0] for line in told] == ["01_small [en]"] * 2
    assert [entry.name for entry in out.parent.iterdir()] == [out.name]
    assert capfd.readouterr() == ("", ""), "papermill and the kernel should be silent"


@pytest.mark.slow
def test_a_cell_for_tests_alone_is_neither_run_nor_kept(write, project):
    path = write("01_small", "raise ValueError('for nbval')", "print(period)")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[3].metadata["tags"] = ["check-only"]
    nbformat.write(notebook, path)
    out = run_notebook("01")
    assert texts(out) == ["2021\n"]
    assert "for nbval" not in out.read_text("utf-8")
    assert "for nbval" in path.read_text("utf-8")


@pytest.mark.slow
def test_a_failing_cell_is_named_with_its_question(write, tmp_path):
    write("01_small", "print('before')", "shares = {}\nshares['RU-TUL']", "print('after')")
    out = tmp_path / "out.ipynb"
    out.write_text("the last good one", "utf-8")
    with pytest.raises(ReportError) as error:
        run_notebook("01_small", {}, out)
    left = tmp_path / "out.failed.ipynb"
    assert str(error.value).splitlines()[:3] == [
        "01_small.ipynb [en] failed in cell code-1, under 'How many are there?'",
        "  error: KeyError: 'RU-TUL'",
        f"  partly executed: {left}",
    ]
    assert out.read_text("utf-8") == "the last good one"
    assert texts(left)[0] == "before\n"
    assert not list(tmp_path.glob(".*out*"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import os\nos.write(2, b'out of memory')\nos._exit(9)", "the kernel died.*out of memory"),
        ("import time\ntime.sleep(60)", "the cell took longer than 2 seconds"),
        ("raise SystemExit(0)", "SystemExit: 0"),
    ],
)
def test_a_kernel_that_dies_or_hangs_is_told_apart(write, tmp_path, code, told):
    write("01_small", "print(1)", code)
    with pytest.raises(ReportError, match=f"in cell code-1, .*\n.*{told}"):
        run_notebook("01_small", {}, tmp_path / "out.ipynb", cell_timeout=2)
    assert texts(tmp_path / "out.failed.ipynb")[0] == "1\n"


@pytest.mark.slow
def test_words_on_stderr_go_to_the_log_and_never_into_the_notebook(write, tmp_path):
    bar = "import sys\nfor n in (1, 2):\n    sys.stderr.write(f'\\r{n} of 2')\nprint('seen')"
    child = "import os\nos.write(2, b'a library speaks');"
    write("01_small", bar, child)
    told = []
    out = run_notebook("01_small", {}, tmp_path / "out.ipynb", progress=told.append)
    assert texts(out) == ["seen\n"]
    assert "01_small [en]: stderr in cell code-0: 2 of 2" in told
    assert "01_small [en]: stderr of the kernel: a library speaks" in told


@pytest.mark.slow
def test_a_warning_fails_the_run_and_keeps_what_stood(write, tmp_path):
    warn = "import numpy as np\nnp.float64(1e308) * 10"
    write("01_small", "print(1)", warn)
    out = tmp_path / "out.ipynb"
    out.write_text("the last good one", "utf-8")
    with pytest.raises(ReportError) as error:
        run_notebook("01_small", {}, out)
    first, second, *_ = str(error.value).splitlines()
    assert first == "01_small.ipynb [en] failed in cell code-1, under 'How many are there?'"
    assert second.startswith("  error: Python warned of RuntimeWarning: overflow")
    assert out.read_text("utf-8") == "the last good one"


@pytest.mark.slow
def test_a_limit_on_files_is_one_sentence_and_the_last_notebook_stands(write, tmp_path):
    import resource

    write("01_small", "print('x' * 3_000_000)")
    out = tmp_path / "out.ipynb"
    out.write_text("the last good one", "utf-8")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, limits[1]))
    try:
        with pytest.raises(WriteError) as error:
            run_notebook("01_small", {}, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(error.value) == (
        f"{out} could not be written: File too large; {out} is as it was. Next step: raise the "
        "limit on the size of files (`ulimit -f`), then run it again."
    )
    assert [path.name for path in tmp_path.glob("*out*")] == [out.name]
    assert out.read_text("utf-8") == "the last good one"


def test_what_killed_runs_left_is_removed_and_nothing_else(tmp_path):
    folder = Path(tempfile.gettempdir())
    killed = (
        "import os, signal\n"
        "from valley_analysis.reports.place import workplace\n"
        "with workplace() as place:\n"
        "    (place / 'cwd' / 'a').write_text('a')\n"
        "    print(place, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", killed], env=environment, capture_output=True, text=True, check=False
    )
    left = Path(done.stdout.strip())
    assert done.returncode == -9
    assert (left / "cwd" / "a").is_file()
    others = [folder / "valley-without-lock", folder / "valley", folder / "other-x"]
    for other in others:
        other.mkdir()
    (others[2] / "lock").touch()
    (folder / "valley-link").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "lock").touch()
    with workplace() as mine:
        assert not left.exists()
        assert clear_left() == [], "a folder that is worked in should stay"
        assert (mine / "cwd").is_dir()
    assert (tmp_path / "lock").is_file()
    for other in others:
        assert other.is_dir()
        shutil.rmtree(other)
    (folder / "valley-link").unlink()


@pytest.fixture
def no_kernel(monkeypatch):
    """Starting a kernel fails the test."""

    def start(*_, **__):
        raise AssertionError("a kernel was started")

    monkeypatch.setattr(module, "_execute", start)
    monkeypatch.setattr("subprocess.Popen", start)


def test_an_unknown_parameter_is_found_before_a_kernel_starts(write, tmp_path, no_kernel):
    write("01_small", "print(1)")
    with pytest.raises(UnknownParameterError, match="nearest: period"):
        run_notebook("01_small", {"perod": 2021}, tmp_path / "out.ipynb")
    assert not (tmp_path / "out.ipynb").exists()


@pytest.mark.parametrize("fault", ["stale", "missing", "absent"])
def test_a_translation_that_lags_behind_is_found_before_a_kernel_starts(
    write, tmp_path, no_kernel, fault
):
    path = write("01_small", "print(1)")
    russian = path.parent / "ru" / "01_small.yml"
    text = russian.read_text("utf-8")
    if fault == "stale":
        russian.write_text(re.sub("hash: .*", "hash: 0123456789ab", text), "utf-8")
    elif fault == "missing":
        russian.write_text(text[: text.index("title:")], "utf-8")
    else:
        russian.unlink()
    with pytest.raises(RegisterError) as error:
        run_notebook("01_small", {"lang": "ru"}, tmp_path / "out.ipynb")
    assert len(error.value.problems) == {"stale": 3, "missing": 1, "absent": 1}[fault]
    assert "ru/01_small.yml" in str(error.value)


@pytest.mark.slow
def test_russian_text_stands_in_the_executed_notebook(write, tmp_path):
    write("01_small", "print(lang)")
    out = run_notebook("01_small", {"lang": "ru"}, tmp_path / "out.ipynb")
    notebook = nbformat.read(out, as_version=4)
    assert notebook.cells[0].source == "# Тетрадь 01_small\n\nПоказывает, *что* есть."
    assert texts(out) == ["ru\n"]


def test_a_notebook_is_found_by_stem_number_or_path(write, tmp_path):
    path = write("01_small")
    write("02_other")
    assert {find_notebook(name) for name in ("01_small", "01", "01_small.ipynb", path)} == {path}
    with pytest.raises(UnknownNotebookError, match="no notebook '03'; the suite has 01_small, 02"):
        find_notebook("03")
