"""A small index with made-up figures, for examples in documentation and first tries."""

import numpy as np
import pandas as pd

from valley_analysis.frames import Scope
from valley_analysis.scoring.index import IndexResult, score_index
from valley_analysis.scoring.spec import IndexSpec, Member

_TABLE = {
    "income": (20.0, 26.0, 31.0, 44.0, 52.0, 60.0, 71.0, 90.0),
    "jobless": (9.0, 8.0, 8.5, 6.0, 6.5, 4.0, 5.0, 3.0),
    "students": (110.0, 90.0, 200.0, 150.0, 260.0, 180.0, 300.0, 330.0),
    "patents": (2.0, 1.0, 5.0, 4.0, 11.0, 6.0, 9.0, 25.0),
    "exports": (14.0, 3.0, 8.0, 12.0, 2.0, 9.0, 16.0, 7.0),
}
_MEMBERS = (
    Member("income", "economy"),
    Member("jobless", "economy", -1),
    Member("students", "knowledge"),
    Member("patents", "knowledge"),
    Member("exports", "knowledge"),
)


def small_scope() -> Scope:
    """Return the eight units A to H.

    Examples
    --------
    >>> len(small_scope())
    8
    """
    return Scope("small", tuple("ABCDEFGH"))


def small_spec() -> IndexSpec:
    """Return a specification of two dimensions and five indicators.

    Examples
    --------
    >>> small_spec().of_dimension("economy")
    ('income', 'jobless')
    """
    return IndexSpec(
        "small", _MEMBERS, winsorise=(0.0, 1.0), reference=(2020, 2021), editions=(2020, 2021)
    )


def small_indicators() -> pd.DataFrame:
    """Return the figures of 2020 and 2021 as a frame that keeps `frames.INDICATORS`.

    Examples
    --------
    >>> len(small_indicators())  # 8 units, 5 indicators, 2 periods
    80
    """
    later = {"B": 1.2, "E": 0.9}
    rows = [
        (unit, period, name, value * (later.get(unit, 1.0) if period == 2021 else 1.0))
        for name, values in _TABLE.items()
        for unit, value in zip(small_scope().units, values, strict=True)
        for period in (2020, 2021)
    ]
    frame = pd.DataFrame(rows, columns=["region", "period", "indicator", "value"])
    return frame.assign(
        low=frame["value"], high=frame["value"], flag="observed", method="", inputs=""
    )


def small_index(period: int = 2021) -> IndexResult:
    """Score the small index.

    Examples
    --------
    >>> small_index().scores["rank"].to_dict()["H"]
    1
    """
    return score_index(small_indicators(), small_spec(), period, small_scope())


def random_indicators(
    units: int, indicators: int, periods: tuple[int, ...] = (2021,), seed: int = 0
) -> tuple[pd.DataFrame, IndexSpec, Scope]:
    """Draw correlated figures of any size, with their specification and scope.

    Parameters
    ----------
    units, indicators
        How many; five indicators make a dimension.
    periods
        Periods to draw.
    seed
        Of the random generator.

    Examples
    --------
    >>> frame, spec, scope = random_indicators(10, 12)
    >>> len(frame), len(spec.dimensions), len(scope)
    (120, 3, 10)
    """
    draw = np.random.default_rng(seed)
    names = [f"i{number}" for number in range(indicators)]
    scope = Scope("random", tuple(f"u{number}" for number in range(units)))
    common = draw.normal(size=(len(periods), units, 1))
    values = np.exp(0.5 * (common + draw.normal(size=(len(periods), units, indicators))))
    index = pd.MultiIndex.from_product(
        [periods, scope.units, names], names=["period", "region", "indicator"]
    )
    frame = pd.DataFrame({"value": values.ravel()}, index).reset_index()
    frame = frame.assign(
        low=frame["value"], high=frame["value"], flag="observed", method="", inputs=""
    )
    spec = IndexSpec(
        "random",
        tuple(Member(name, f"d{number // 5}") for number, name in enumerate(names)),
        reference=(min(periods), max(periods)),
        editions=(min(periods), max(periods)),
    )
    return frame, spec, scope
