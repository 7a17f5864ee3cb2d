"""What a wave may have changed: the register of outcomes."""

from functools import cache
from pathlib import Path
from typing import Literal

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import UnknownSeriesError
from valley_analysis.registers import check_register, read_located

REGISTER = Path(__file__).with_name("outcomes.yml")
Scale = Literal["log", "count", "share"]


class Outcome(Entry):
    """One outcome.

    Attributes
    ----------
    series
        A series of the panel.
    scale
        "log" (values above zero), "count" (for a Poisson model) or "share" (percent).
    of_interest
        Smallest effect that anybody would act on, per interquartile range of exposure: of
        logarithms for "log" and "count", in points for "share".
    role
        "main", "substitution" (domestic technology in place of imported) or "placebo".
    caveat
        What to mind.
    """

    name: Bilingual
    series: str
    scale: Scale
    of_interest: float
    role: Literal["main", "substitution", "placebo"] = "main"
    caveat: Bilingual | None = None

    @property
    def margin(self) -> float:
        """Largest bias that a check lets pass: half of the smallest effect of interest.

        With it, an effect of that size keeps its sign and at least half of its size.
        """
        return self.of_interest / 2

    @property
    def family(self) -> Literal["gaussian", "poisson"]:
        """The model that suits the scale."""
        return "poisson" if self.scale == "count" else "gaussian"


@cache
def load_outcomes() -> dict[str, Outcome]:
    """Return the register of outcomes, by id.

    Examples
    --------
    >>> load_outcomes()["technologies_developed"].family
    'poisson'
    """
    located = read_located(REGISTER)
    return check_register(located.content, dict[str, Outcome], REGISTER.name, located)


def find_outcome(name: str) -> Outcome:
    """Return one outcome.

    Raises
    ------
    UnknownSeriesError
        If there is none of that id; the message lists them.
    """
    known = load_outcomes()
    if name not in known:
        raise UnknownSeriesError(
            f"no outcome {name!r} in {REGISTER.name}; there are {', '.join(known)}. "
            "Next step: choose one, or add it there."
        )
    return known[name]
