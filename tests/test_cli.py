"""The command: what it prints, where, and its exit codes."""

import errno
import os
import subprocess
import sys

import pytest

from valley_analysis import cli, paths
from valley_analysis.reports import listing, parameters


@pytest.fixture
def valley(monkeypatch, capsys):
    """Call the command as a shell would; return exit code, standard output and error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["valley", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
            raise SystemExit(0)
        printed = capsys.readouterr()
        return left.value.code or 0, printed.out, printed.err

    return call


def test_help_is_quick_and_names_every_command(valley):
    code, out, _ = valley("--help")
    assert code == 0
    commands = ["build", "check", "run", "report", "fetch", "extract", "accept", "list"]
    for name in [*commands, "trace", "revisions"]:
        assert f"  {name} " in out
    heavy = "import sys, valley_analysis.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert not {"pandas", "numpy", "papermill", "matplotlib", "httpx", "rich.table"} & set(
        done.stdout.split()
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("trace", "RU-TUL"),
        ("trace", "RU-TUL", "patents_per_100k", "soon"),
        ("run", "01", "-p", "period"),
        ("run", "01", "-p", "a=1", "-p", "a=2"),
        ("list", "nonsense"),
        ("report", "--keep", "0"),
        ("extract", "--from", "no-such-folder"),
    ],
)
def test_wrong_usage_exits_with_2(valley, arguments):
    code, out, err = valley(*arguments)
    assert (code, out) == (2, "")
    assert "Usage: valley" in err


def test_an_error_of_ours_is_a_message_without_a_traceback(valley, project):
    code, out, err = valley("trace", "RU-TUX", "patents_per_100k", "2021")
    assert (code, out) == (1, "")
    assert err.startswith("valley: ")
    assert "Next step: " in err
    assert "Traceback" not in err


def test_debug_shows_the_traceback(project):
    command = [sys.executable, "-c", "from valley_analysis.cli import main; main()"]
    done = subprocess.run(
        [*command, "--debug", "run", "09"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "UnknownNotebookError" in done.stderr


def test_an_unknown_parameter_is_said_before_anything_is_built(valley, project, monkeypatch):
    folder = paths.notebooks()
    folder.mkdir()
    cell = '{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "period = 1 # a"}'
    (folder / "01_a.ipynb").write_text(f'{{"cells": [{cell}]}}', "utf-8")
    assert parameters.read_parameters(folder / "01_a.ipynb").defaults == {"period": 1}
    for command in (("run", "01"), ("report",)):
        code, _, err = valley(*command, "-p", "perod=2021")
        assert code == 1
        assert "no parameter 'perod'; nearest: period" in err
    assert not paths.processed().exists()


def test_list_names_what_can_be_named(valley):
    code, out, _ = valley("list")
    assert code == 0
    for part in ("specs (", "regional_innovation", "patents_per_100k", "Выдано", "yearbook-2023/"):
        assert part in out
    code, out, _ = valley("list", "specs")
    assert "patents" not in out


def test_what_needs_data_says_how_to_get_them(valley, project):
    for command in ("check", "revisions"):
        code, _, err = valley(command)
        assert code == 1
        assert "run `valley build`" in err


COMMAND = [sys.executable, "-c", "from valley_analysis.cli import main; main()"]


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp1252", "utf-8"])
def test_any_encoding_takes_what_is_printed(encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [*COMMAND, "list", "valleys"], env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Sirius" in done.stdout.decode(encoding)


def test_a_reader_who_leaves_early_is_no_error():
    done = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$@" | head -1', "bash", *COMMAND, "list", "regions"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("regions (85)")
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_one_line(valley, monkeypatch):
    def fail():
        raise OSError(errno.ENOSPC, "No space left on device", "panel.parquet")

    monkeypatch.setitem(listing.LISTS, "scopes", fail)
    code, _, err = valley("list", "scopes")
    assert code == 1
    assert err == (
        "valley: panel.parquet: No space left on device. Next step: mend that, then run it again.\n"
    )


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143)], ids=["INT", "TERM"]
)
def test_an_interrupt_says_in_one_line_what_stands(valley, monkeypatch, error, code):
    def interrupted():
        error.add_note("reports/latest leads to run 1 as before.")
        raise error

    monkeypatch.setitem(listing.LISTS, "scopes", interrupted)
    left, _, err = valley("list", "scopes")
    assert left == code
    assert err.strip() == "valley: interrupted. reports/latest leads to run 1 as before."


@pytest.mark.slow
def test_build_check_trace_and_revisions_work_together(valley, project, root):
    (project / "data").mkdir()
    (project / "data" / "raw").symlink_to(root / "data" / "raw")
    code, out, err = valley("trace", "RU-TUL", "patents_per_100k", "2021")
    assert code == 0
    assert "nothing was built before" in err
    assert "sheet 18.9.3." in out
    code, _, err = valley("build")
    assert "up to date" in err
    code, out, _ = valley("check", "--details", "1")
    assert "RU-MOW -62.8 %: Borders of before July 2012" in out
    assert code == 0
    assert "passed" in out
    assert "failed" not in out
    code, out, _ = valley("trace", "RU-TUL", "patents_per_100k", "2021")
    assert code == 0
    assert "W25 of sheet 18.9.3. in Раздел 18 - Наука и инновации.xlsx" in out
    code, out, _ = valley("revisions", "--series", "technologies_used")
    assert out.startswith("86 revisions")
    code, out, _ = valley("revisions", "--out", str(project / "r.csv"))
    assert (project / "r.csv").is_file()


def test_extract_without_originals_lists_them_all(valley, project):
    code, _, err = valley("extract", "--from", str(project))
    assert code == 1
    assert "is absent" in err
    assert "Раздел 18 - Наука и инновации.xlsx" in err


def test_fetch_takes_a_mirror_and_reports_what_it_lacks(valley, project):
    code, _, err = valley("fetch", "rosstat-science-2025", "--mirror", str(project))
    assert code == 1
    assert "the mirror holds no rosstat-science-2025/" in err


@pytest.mark.shared
@pytest.mark.slow
def test_extract_takes_every_source(valley, project, shared):
    code, out, err = valley("extract", "--from", str(shared / "data"))
    assert (code, err) == (0, "")
    names = [line.split(":")[0] for line in out.splitlines()]
    assert names[-4:] == ["monthly", "ofac", "icsid", "ratings"]
    assert (paths.raw() / "rosstat" / "yearbook-2023" / "18.8.4.csv").is_file()
