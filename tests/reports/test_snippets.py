"""Every snippet of README and docs runs as it stands."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from valley_analysis import cli

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    (kind, code, f"{path.name}-{number}")
    for path in TEXTS
    for number, (kind, code) in enumerate(_BLOCK.findall(path.read_text("utf-8")), start=1)
]
PYTHON = [pytest.param(code, id=name) for kind, code, name in BLOCKS if kind == "python"]
# A schedule's line: its hours, the change of folder, then commands.
_SCHEDULE = re.compile(r"^[\d*]+ [\d*]+ [\d*]+ [\d*]+ [\d*]+ +")
COMMANDS = [
    pytest.param(part.strip(), id=part.strip())
    for kind, code, _ in BLOCKS
    if kind in ("", "sh", "bash", "shell")
    for line in code.splitlines()
    for part in _SCHEDULE.sub("", line).partition("#")[0].split("&&")
    if part.strip()
]


def test_every_block_is_of_a_kind_that_is_tried():
    assert {kind for kind, *_ in BLOCKS} <= {"python", "text", "", "sh"}
    assert len(PYTHON) >= 3
    assert len(COMMANDS) >= 8


@pytest.mark.slow
@pytest.mark.parametrize("code", PYTHON)
def test_python_runs(code, with_data):
    exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(command, with_data, monkeypatch, tmp_path, capsys):
    """`make` and what needs a network are tried without doing it; all else is done."""
    name, *arguments = shlex.split(command)
    if name == "cd":
        return
    if name == "make":
        done = subprocess.run(
            ["make", "-n", *arguments], cwd=ROOT, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return
    assert name == ".venv/bin/valley", f"no way to try {command!r}"
    kind = arguments[0]
    if kind == "run":
        (with_data / "notebooks").symlink_to(ROOT / "notebooks")
        arguments += ["-p", "replications=50", "--out", str(tmp_path / "out.ipynb")]
    if kind == "extract":
        (with_data / "data" / "processed" / "originals").mkdir()
    asked = []
    monkeypatch.setattr("valley_analysis.sources.fetch.fetch_all", lambda *_, **__: asked)
    monkeypatch.setattr("valley_analysis.sources.extract.extract", lambda *_, **__: asked)
    monkeypatch.setattr(cli, "_extract_others", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["valley", *arguments])
    monkeypatch.chdir(with_data)
    with pytest.raises(SystemExit) as left:
        cli.main()
        raise SystemExit(0)
    assert not left.value.code, capsys.readouterr().err
