"""The register of published figures that look wrong, were looked at, and stand as printed."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Literal

import pandas as pd

from valley_analysis.bilingual import Bilingual, Entry
from valley_analysis.errors import RegisterError
from valley_analysis.panel.series import load_series
from valley_analysis.registers import check_register, read_located
from valley_analysis.text import Lang, check_lang

REGISTER = Path(__file__).with_name("known.yml")
KEY = ["rule", "series", "region", "period"]


class KnownFigure(Entry):
    """One figure: which check lists it, and the name of the reason why it stands."""

    rule: Literal["jump", "part of", "sum of parts", "kinds", "okrugs", "district"]
    series: str
    region: str
    period: int
    reason: str


class Known(Entry):
    """The reasons in both languages, and the figures, whatever their method and vintage."""

    reasons: dict[str, Bilingual]
    figures: tuple[KnownFigure, ...]


@cache
def load_known(path: Path = REGISTER) -> Known:
    """Return the register.

    Raises
    ------
    RegisterError
        With every wrong key, unknown series or reason, and figure that stands twice.

    Examples
    --------
    >>> load_known().reasons["first"]["en"]
    'the first year in which the region is counted'
    """
    located = read_located(path)
    known = check_register(located.content, Known, path.name, located)
    counts = Counter((one.rule, one.series, one.region, one.period) for one in known.figures)
    problems = [
        located.at(("figures", place), problem)
        for place, one in enumerate(known.figures)
        for wrong, problem in (
            (one.series not in load_series(), f"series {one.series!r} is not in series.yml"),
            (one.reason not in known.reasons, f"reason {one.reason!r} is not among the reasons"),
            (counts[one.rule, one.series, one.region, one.period] > 1, "the figure stands twice"),
        )
        if wrong
    ]
    if problems:
        raise RegisterError(path.name, problems, "correct these entries")
    return known


def with_reasons(
    found: pd.DataFrame, lang: Lang = "en", known: Known | None = None
) -> pd.DataFrame:
    """Add the column reason to what a check found: why a figure stands, empty if nobody said.

    Parameters
    ----------
    found
        Columns rule, series, region, period, and any others.
    lang
        Language of the reasons.
    known
        The register; the project's by default.
    """
    chosen, known = check_lang(lang), known or load_known()
    reasons = {
        (one.rule, one.series, one.region, one.period): known.reasons[one.reason][chosen]
        for one in known.figures
    }
    keys = found[KEY].itertuples(index=False, name=None)
    return found.assign(reason=[reasons.get(key, "") for key in keys])
