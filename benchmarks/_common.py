"""Measuring in a fresh process: CPU seconds (wall time lies on shared cores) and peak memory."""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
Cases = dict[str, Callable[[], dict[str, float]]]


@dataclass
class Clock:
    """CPU seconds of this process and its finished children."""

    seconds: float = 0.0
    _start: float = field(default=0.0, repr=False)


def cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@contextmanager
def clock() -> Iterator[Clock]:
    """Measure what happens inside."""
    found = Clock()
    start = cpu()
    yield found
    found.seconds = cpu() - start


def peak_mb() -> float:
    """Largest memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def measure(script: str, case: str) -> dict[str, float]:
    """Run one case of a script in a process of its own, on one core."""
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    command = [sys.executable, script, "--case", case]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{Path(script).name} --case {case} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def main(script: str, cases: Cases, report: Callable[[dict[str, dict[str, float]]], None]) -> None:
    """Run all cases and report, or the one that `measure` asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=cases)
    chosen = parser.parse_args().case
    if chosen:
        print(json.dumps(cases[chosen]()))
    else:
        report({case: measure(script, case) for case in cases})


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print a Markdown table, ready for the README."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    rule = tuple("-" * width for width in widths)
    for row in [head, rule, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(f"| {' | '.join(cells)} |")
