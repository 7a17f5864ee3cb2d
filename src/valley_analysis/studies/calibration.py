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
"""Rates of rejection at the five per cent level between which a method should be."""
BIAS = 0.05
"""Largest bias of a good method, relative to the effect."""
POWER = 0.7
"""Least share in which a good method finds an effect of `INJECTED` standard errors: near 0.8."""
INJECTED = 2.8
_NORMAL = 1.96
"""Half the width of every interval here, in standard errors."""
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
    "spectral": "spectral randomisation",
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
_OF_DECREES = ("group_time_att", "imputation", "synthetic_did")
DECREES = "group_time_att, randomisation"
"""The test that decides on valleys."""
Placebo = Literal["permuted", "spatial", "spatial_size"]
"""What stands in for exposure where nothing is to be found: the exposure permuted; one with its
spatial correlation; one with its spatial correlation and its relation to size and income."""
SOUND: tuple[Status, ...] = ("passed", "informational")
Fault = Literal["often", "biased", "undecided", "seldom", "weak"]
_WORDS: dict[Fault, str] = {
    "often": "rejects too often",
    "biased": "is biased",
    "undecided": "is undecided",
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
    draws, injected
        Such exposures, and with how many of them an effect was added too.
    size
        Share rejected at 5 %.
    power, bias
        With an effect of 2.8 standard errors added: share found, and relative bias.

    Examples
    --------
    >>> measured = {"draws": 1000, "injected": 250, "size": 0.09, "power": 0.8, "bias": 0.0}
    >>> Calibration(method="m", outcome="y", placebo="permuted", **measured).faults
    ('often',)
    """

    method: str
    outcome: str
    placebo: Placebo
    draws: int
    injected: int
    size: float
    power: float
    bias: float

    @property
    def interval(self) -> tuple[float, float]:
        """Of the rate of rejection, 95 %."""
        return wilson(self.size, self.draws)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong, each by the whole of its 95 % interval; gravest first.

        Wholly above 7 % it rejects too often, wholly below it does not, else that is undecided.
        """
        low, high = self.interval
        # The estimate's own noise is one; the effect `INJECTED`.
        reach = _NORMAL / (INJECTED * self.draws**0.5)
        found: dict[Fault, bool] = {
            "often": low > SIZE[1],
            "biased": abs(self.bias) - reach > BIAS,
            "undecided": low <= SIZE[1] <= high,
            "seldom": high < SIZE[0],
            "weak": wilson(self.power, self.injected)[1] < POWER,
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
        if "undecided" in self.faults:
            return "undecided"
        return "informational" if self.faults else "passed"

    def check(self, asked: str = "") -> CheckResult:
        """Return the same as a check of a report card.

        Parameters
        ----------
        asked
            Outcome of the card; where another one was measured, that is said.
        """
        low, high = self.interval
        facts = self.model_dump() | {"verdict": self.verdict, "low": low, "high": high}
        facts |= {"often": "often" in self.faults, "unsettled": "undecided" in self.faults}
        what = "decrees" if self.method.startswith(_OF_DECREES) else "exposures"
        facts["placebo"] = f"{self.placebo}_{what}"
        elsewhere = bool(asked) and asked != self.outcome
        facts["where"] = "measured elsewhere" if elsewhere else "measured here"
        told = {
            "permuted": f"{what} permuted",
            "spatial": f"placebo {what} as alike among neighbours as the real ones",
            "spatial_size": f"placebo {what} alike among neighbours and as related to size as real",
        }
        where = self.outcome + (f"; {asked} was not measured" if elsewhere else "")
        text = (
            f"with {told[self.placebo]} {self.draws:,} times on this panel ({where}), "
            f"{100 * self.size:.1f} % were rejected at 5 % (95 % interval {100 * low:.1f} to "
            f"{100 * high:.1f}; expected below {100 * SIZE[1]:.0f} %); an effect of "
            f"{INJECTED} standard errors was found in {100 * self.power:.0f} % (expected at "
            f"least {100 * POWER:.0f}) with a bias of {100 * self.bias:.1f} % (expected at most "
            f"{100 * BIAS:.0f}): {self.verdict}"
        )
        return CheckResult("calibration", self.status, text, facts)


def wilson(share: float, number: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of a number of trials (Wilson 1927).

    Examples
    --------
    >>> [round(end, 3) for end in wilson(0.05, 1000)]
    [0.038, 0.065]
    """
    square = _NORMAL**2 / number
    middle = (share + square / 2) / (1 + square)
    half = (square * (share * (1 - share) + square / 4)) ** 0.5 / (1 + square)
    return middle - half, middle + half


_ORDER: tuple[Status, ...] = ("passed", "informational", "undecided", "failed")


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
    return (found.check(outcome),) if found else ()


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


def sound_ways(
    ways: Iterable[str],
    outcome: str,
    family: Family = "gaussian",
    statuses: tuple[Status, ...] = SOUND,
) -> list[str]:
    """Return which rows of `impact.compare_inference` calibration finds neither too sharp nor off.

    A row that finds too little, or rejects too seldom, is valid: it counts among them. One that is
    undecided is not known to be.

    Examples
    --------
    >>> "heteroskedastic" in sound_ways(["heteroskedastic", "clustered_unit"], "rd_staff")
    False
    """
    found = {way: find_calibration(way_method(way, family), outcome) for way in ways}
    return [way for way, one in found.items() if one is not None and one.status in statuses]
