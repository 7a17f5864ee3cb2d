"""How the methods behave on this very panel when nothing happened: what the benchmark measured."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

from valley_analysis.bilingual import Entry
from valley_analysis.impact.panel_fit import Family
from valley_analysis.impact.results import CheckResult, Status
from valley_analysis.registers import check_register, read_located

REGISTER = Path(__file__).with_name("calibration.yml")
SIZE = (0.03, 0.07)
"""Rates of rejection at the five per cent level between which a method is sound."""
ERROR = 0.005
"""Monte Carlo error of a rate of five per cent in 2,000 draws, for which the limits are meant."""
BIAS = 0.05
"""Largest bias of a sound method, relative to the effect."""
POWER = 0.7
"""Least share in which a sound method finds an effect of 2.8 standard errors: near 0.8."""
WAYS = {
    "heteroskedastic": "heteroskedastic",
    "clustered_unit": "clustered by unit",
    "cr2_unit": "CR2 by unit",
    "cr3_unit": "CR3 by unit",
    "clustered_district": "clustered by district",
    "cr2_district": "CR2 by district",
    "cr3_district": "CR3 by district",
    "wild_unit": "wild bootstrap by unit",
    "wild_district": "wild bootstrap by district",
    "conley_500km": "Conley, 500 km",
    "conley_1000km": "Conley, 1000 km",
    "conley_2000km": "Conley, 2000 km",
    "randomisation": "randomisation",
}
"""Ways of making inference as `compare_inference` and as the calibration call them."""

VARIANTS = {
    "main": "difference_in_differences, randomisation",
    "bare": "difference_in_differences, randomisation",
    "last": "difference_in_differences, randomisation",
    "dynamic": "event_study, mean after",
    "contrast": "synthetic_control, contrast of thirds",
    "industry": "shift_share, akm0",
    "spillover": "spillover, clustered by unit",
    "error": "spatial_error, maximum likelihood",
    "lag": "spatial_lag, maximum likelihood",
}
"""The method behind each of `variants` and `across_space`."""
COUNTS = {
    "main": "difference_in_differences, Poisson randomisation",
    "bare": "difference_in_differences, Poisson randomisation",
    "last": "difference_in_differences, Poisson randomisation",
    "dynamic": "event_study, Poisson mean after",
    "spillover": "spillover, Poisson clustered by unit",
}
"""The same of counts, where it is another one."""
ESTIMATORS = {
    "group_time": "group_time_att, mean over cohorts",
    "imputed": "imputation",
    "synthetic": "synthetic_did, placebo errors",
}
"""The method behind each estimator of the effect of valleys."""
Placebo = Literal["permuted", "spatial", "spatial_size"]
"""What stands in for exposure where nothing is to be found: the exposure permuted; one with its
spatial correlation; one with its spatial correlation and its relation to size and income."""
Fault = Literal["often", "biased", "seldom", "weak"]
_WORDS: dict[Fault, str] = {
    "often": "rejects too often",
    "biased": "is biased",
    "seldom": "rejects too seldom",
    "weak": "finds too little",
}


class Calibration(Entry):
    """One method on the project's panel with an exposure that cannot have an effect.

    Attributes
    ----------
    method
        Key of the estimator and the way of making inference.
    outcome
        Of outcomes.yml.
    placebo
        Which exposure that is.
    draws
        Such exposures.
    size, error
        Share rejected at 5 %, and its Monte Carlo error.
    power, bias
        With an effect of 2.8 standard errors injected: share found, and relative bias.

    Examples
    --------
    >>> facts = {"draws": 2000, "error": 0.005, "power": 0.8, "bias": 0.0}
    >>> Calibration(method="m", outcome="y", size=0.09, **facts).faults
    ('often',)
    """

    method: str
    outcome: str
    placebo: Placebo = "permuted"
    draws: int
    size: float
    error: float
    power: float
    bias: float

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong: rejects too often or too seldom, misses the effect, or finds too few.

        With few draws the limits are wider by what their Monte Carlo error adds (one side at 5 %).
        """
        wider = 1.645 * max(self.error - ERROR, 0)
        found: dict[Fault, bool] = {
            "often": self.size > SIZE[1] + wider,
            "biased": abs(self.bias) > BIAS + wider,
            "seldom": self.size < SIZE[0] - wider,
            "weak": self.power < POWER - wider,
        }
        return tuple(name for name, holds in found.items() if holds)

    @property
    def verdict(self) -> str:
        """The gravest fault in words."""
        return next((_WORDS[fault] for fault in _WORDS if fault in self.faults), "is sound")

    @property
    def status(self) -> Status:
        """Failed if it finds what is not there; informational if it finds too little."""
        if {"often", "biased"} & set(self.faults):
            return "failed"
        return "informational" if self.faults else "passed"

    @property
    def check(self) -> CheckResult:
        """The same as a check of a report card."""
        facts = {**self.model_dump(), "verdict": self.verdict}
        told = {
            "permuted": "exposure permuted",
            "spatial": "placebo exposures as alike among neighbours as the real one",
            "spatial_size": "placebo exposures as alike among neighbours, and as related to size,",
        }
        text = (
            f"with {told[self.placebo]} {self.draws:,} times on this panel ({self.outcome}), "
            f"{100 * self.size:.1f} % were rejected at 5 % (Monte Carlo error "
            f"{100 * self.error:.1f}; expected {100 * SIZE[0]:.0f} to {100 * SIZE[1]:.0f} %); an "
            f"effect of 2.8 standard errors was found in {100 * self.power:.0f} % (expected at "
            f"least {100 * POWER:.0f}) with a bias of {100 * self.bias:.1f} % (expected at most "
            f"{100 * BIAS:.0f}): {self.verdict}"
        )
        return CheckResult("calibration", self.status, text, facts)


_ORDER: tuple[Status, ...] = ("passed", "informational", "failed")


@cache
def load_calibration(path: Path = REGISTER) -> tuple[Calibration, ...]:
    """Return what `benchmarks/calibration.py` measured last; empty if it never ran."""
    if not path.is_file():
        return ()
    located = read_located(path)
    return check_register(located.content, tuple[Calibration, ...], path.name, located)


def find_calibration(method: str, outcome: str = "") -> Calibration | None:
    """Return the worst of what a method did with an outcome; with any, if not measured with it.

    Parameters
    ----------
    method
        Key of the method; None is returned for unknown ones.
    outcome
        Of outcomes.yml.

    Examples
    --------
    >>> found = find_calibration("difference_in_differences, heteroskedastic", "rd_staff")
    >>> found.outcome, found.status
    ('rd_staff', 'failed')
    """
    rows = [one for one in load_calibration() if one.method == method]
    own = [one for one in rows if one.outcome == outcome]
    return max(own or rows, key=_badness, default=None)


def _badness(one: Calibration) -> tuple[int, float]:
    return _ORDER.index(one.status), abs(one.size - sum(SIZE) / 2)


def calibration_checks(method: str, outcome: str = "") -> tuple[CheckResult, ...]:
    """Return how a method behaved, as checks for a report card: one, or none if never measured.

    Parameters
    ----------
    method, outcome
        As in `find_calibration`.
    """
    found = find_calibration(method, outcome)
    return (found.check,) if found else ()


def variant_method(name: str, family: Family = "gaussian") -> str:
    """Return the method behind a variant; nothing for one that has none of its own.

    Examples
    --------
    >>> variant_method("dynamic", "poisson")
    'event_study, Poisson mean after'
    """
    method = VARIANTS.get(name, "")
    return COUNTS.get(name, method) if family == "poisson" else method


def way_method(way: str, family: Family = "gaussian") -> str:
    """Return the method behind a row of `impact.compare_inference`; nothing for other rows.

    Examples
    --------
    >>> way_method("cr2_unit", "poisson")
    'difference_in_differences, Poisson CR2 by unit'
    """
    model = "difference_in_differences, " + ("Poisson " if family == "poisson" else "")
    return f"{model}{WAYS[way]}" if way in WAYS else ""


def sound_ways(ways: Iterable[str], outcome: str, family: Family = "gaussian") -> list[str]:
    """Return which rows of `impact.compare_inference` calibration finds neither too sharp nor off.

    A row that finds too little, or rejects too seldom, is valid: it counts among them.

    Examples
    --------
    >>> sound_ways(["heteroskedastic", "randomisation"], "rd_staff")
    ['randomisation']
    """
    found = {way: find_calibration(way_method(way, family), outcome) for way in ways}
    return [way for way, one in found.items() if one is not None and one.status != "failed"]
