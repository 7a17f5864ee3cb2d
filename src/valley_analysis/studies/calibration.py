"""How the methods behave on this very panel when nothing happened: what the benchmark measured."""

from functools import cache
from pathlib import Path

from valley_analysis.bilingual import Entry
from valley_analysis.impact.results import CheckResult, Status
from valley_analysis.registers import check_register, read_located

REGISTER = Path(__file__).with_name("calibration.yml")
SIZE = (0.03, 0.07)
"""Rates of rejection at the five per cent level between which a method passes."""


class Calibration(Entry):
    """One method on the project's panel with exposure permuted over regions.

    Attributes
    ----------
    method
        Key of the estimator and the way of making inference.
    draws
        Permutations.
    size, error
        Share rejected at 5 %, and its Monte Carlo error.
    power, bias
        With an effect of 2.8 standard errors injected: share found, and relative bias.
    """

    method: str
    draws: int
    size: float
    error: float
    power: float | None = None
    bias: float | None = None

    @property
    def status(self) -> Status:
        """Whether the rate of rejection is compatible with `SIZE` at this many draws."""
        low, high = SIZE[0] - 2 * self.error, SIZE[1] + 2 * self.error
        return "passed" if low <= self.size <= high else "failed"


@cache
def load_calibration(path: Path = REGISTER) -> tuple[Calibration, ...]:
    """Return what `benchmarks/calibration.py` measured last; empty if it never ran."""
    if not path.is_file():
        return ()
    located = read_located(path)
    return check_register(located.content, tuple[Calibration, ...], path.name, located)


def calibration_checks(method: str) -> tuple[CheckResult, ...]:
    """Return how a method behaved, as checks for a report card.

    Parameters
    ----------
    method
        Key of the method; unknown ones have no check.
    """
    return tuple(_check(one) for one in load_calibration() if one.method == method)


def _check(one: Calibration) -> CheckResult:
    facts = {"method": one.method, "size": one.size, "draws": one.draws, "error": one.error}
    text = (
        f"with exposure permuted {one.draws:,} times on this panel, {100 * one.size:.1f} % were "
        f"rejected at 5 % (Monte Carlo error {100 * one.error:.1f})"
    )
    return CheckResult("calibration", one.status, text, facts)
